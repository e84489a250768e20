/* The E-step: expected answers at the nodes; and from them gradient and M-step. */
#include "scale/fit_internal.h"

#include "num/clones.h"
#include "num/linear.h"
#include "num/pool.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

enum { COST_PATTERN = 4 }; /* what a pattern costs beside one item of a mask */

/* Patterns are cut into pieces of about equal cost; their number follows from the sizes alone. */
bool sums_prepare(struct calibration *c) {
    const struct patterns *patterns = &c->patterns;
    c->partial_size = c->n_groups * (c->n_table + 1) * c->grid.padded + c->width + 1;
    size_t widest = c->partial_size > c->n_free * c->n_free ? c->partial_size
                                                            : c->n_free * c->n_free;
    size_t most = 128 * MIB / (widest * sizeof(double));
    size_t pieces = most < 1 ? 1 : most > PIECES_MAX ? PIECES_MAX : most;
    size_t total = COST_PATTERN * patterns->n + patterns->item_first[patterns->n_masks], mask = 0;
    for (size_t i = 1; i < pieces; i++) {
        size_t until = total / pieces * i;
        while (COST_PATTERN * patterns->first[mask + 1] + patterns->item_first[mask + 1] < until)
            mask++;
        size_t before = COST_PATTERN * patterns->first[mask] + patterns->item_first[mask];
        size_t at = patterns->first[mask] + (until > before ? (until - before) / COST_PATTERN : 0);
        c->piece_first[i] = at < patterns->first[mask + 1] ? at : patterns->first[mask + 1];
    }
    c->piece_first[0] = 0;
    c->piece_first[pieces] = patterns->n;
    c->n_pieces = pieces;
    c->partial = arena_array(c->arena, pieces * c->partial_size, sizeof(double));
    return c->partial != NULL;
}

/* ---- the E-step ---- */

/* Where the sums of a piece stand. */
struct piece_sums {
    double *expected, *mass, *tilt, *loglik;
};

static struct piece_sums sums_of(const struct calibration *c, size_t piece) {
    struct piece_sums out = { .expected = c->partial + piece * c->partial_size };
    out.mass = out.expected + c->n_groups * c->n_table * c->grid.padded;
    out.tilt = out.mass + c->n_groups * c->grid.padded;
    out.loglik = out.tilt + c->width;
    return out;
}

/* Σ w log x, one logarithm for many x of the same weight. */
struct log_sum {
    double sum, weight, product;
};
static void add_log(struct log_sum *logs, double weight, double x) {
    if (weight != logs->weight || logs->product > 1e100) {
        logs->sum += logs->weight * num_log(logs->product);
        logs->weight = weight;
        logs->product = 1;
    }
    logs->product *= x;
}

static void add_run(const struct calibration *c, const struct run *run, struct mask_base *mask,
                    struct piece_sums *sums) {
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, group = (size_t)patterns->group[run->mask];
    double posterior[NODES_MAX + NODE_LANES], sum[NODES_MAX + NODE_LANES];
    struct log_sum logs = { .product = 1 };
    struct span all = { 0, 0 };
    mask_open(c, run->mask, mask);
    memset(sum, 0, padded * sizeof *sum);
    for (size_t p = run->from, n; p < run->to; p += n * c->stride) {
        struct lot lot;
        n = lot_open(c, mask, run, p, &lot);
        for (size_t k = 0; k < n; k++) {
            size_t pattern = p + k * c->stride;
            struct posterior_sums own;
            struct span span = lot_posterior(mask, &lot, k, posterior, &own);
            double w = patterns->weight[pattern] * c->inflate, share = w / own.total;
            if (c->said) c->said[pattern / c->stride] = w * (own.log_taken + num_log(own.total));
            *sums->loglik += w * own.log_taken;
            add_log(&logs, w, own.total);
            nodes_add_scaled((size_t)(span.to - span.from), share, posterior + span.from,
                             sum + span.from);
            all = span_join(all, span);
            if (patterns->code)
                codes_add_scaled(c->width, share * own.moment,
                                 patterns->code + pattern * c->n_items, sums->tilt);
        }
    }
    *sums->loglik += logs.sum + logs.weight * num_log(logs.product);
    size_t n = (size_t)(all.to - all.from), rows = 0;
    double *row[ITEMS_MAX];
    for (size_t at = patterns->item_first[run->mask]; at < patterns->item_first[run->mask + 1];
         at++) {
        size_t category = c->by_category ? patterns->category[at] : 0;
        row[rows++] =
            table_row(c, sums->expected, group, c->table_at[patterns->item[at]] + category) +
            all.from;
    }
    nodes_add_to(n, sum + all.from, rows, row);
    nodes_add(n, sum + all.from, sums->mass + group * padded + all.from);
}

static void sums_piece(void *context, size_t piece) {
    const struct calibration *c = context;
    struct piece_sums sums = sums_of(c, piece);
    struct mask_base mask = { .peak = 0 };
    struct run run = { 0 };
    memset(sums.expected, 0, c->partial_size * sizeof(double));
    while (next_run(c, piece, &run)) add_run(c, &run, &mask, &sums);
}

/* Σ_h c_h N_h, which the tilted likelihood leaves out. */
static double sufficient_part(const struct calibration *c, const double *x) {
    double sum = 0;
    for (size_t i = 0; !c->by_category && i < c->n_items; i++)
        for (size_t h = 0; h < (size_t)c->steps[i]; h++)
            sum += x[c->at[i] + c->slopes + h] * c->at_least[i * STEPS_MAX + h];
    return sum;
}

void sums_make(struct calibration *c, const double *x) {
    tables_fill(c, x);
    pool_run(c->pool, c->n_pieces, sums_piece, c);
    size_t rows = c->n_groups * c->n_table * c->grid.padded, mass = c->n_groups * c->grid.padded;
    memset(c->expected, 0, rows * sizeof(double));
    memset(c->mass, 0, mass * sizeof(double));
    memset(c->tilt, 0, c->width * sizeof(double));
    c->loglik = -sufficient_part(c, x);
    c->log_prior = log_prior(c, x);
    for (size_t i = 0; i < c->n_pieces; i++) {
        struct piece_sums sums = sums_of(c, i);
        nodes_add(rows, sums.expected, c->expected);
        nodes_add(mass, sums.mass, c->mass);
        nodes_add(c->width, sums.tilt, c->tilt);
        c->loglik += *sums.loglik;
    }
}

/* ---- gradient ---- */

static void item_gradient(const struct calibration *c, const double *x, size_t item, double *out) {
    size_t padded = c->grid.padded, size = item_size(c, item);
    for (size_t h = 0; h < size; h++) out[h] = 0;
    if (!c->by_category) { /* what the answers give */
        if (c->slopes) out[0] = c->tilt[item];
        for (size_t h = 0; h < (size_t)c->steps[item]; h++)
            out[c->slopes + h] = -c->at_least[item * STEPS_MAX + h];
    }
    if (c->slopes && c->prior[item]) out[0] += prior_gradient(c, x[c->at[item]]);
    for (size_t g = 0; g < c->n_groups; g++) {
        for (size_t k = 0; k < table_size(c, item); k++) {
            const double *expected = table_row(c, c->expected, g, c->table_at[item] + k);
            for (size_t h = 0; h < size; h++)
                out[h] +=
                    lane_dot(padded, expected, slope_row(c, g, c->slope_at[item] + k * size + h));
        }
    }
}

void sums_gradient(const struct calibration *c, const double *x, double *gradient) {
    for (size_t i = 0; i < c->n_items; i++) item_gradient(c, x, i, gradient + c->at[i]);
    for (size_t g = 0; g < c->n_groups; g++) {
        const double *mass = c->mass + g * c->grid.padded, *z = c->grid.z;
        double n = lane_sum(c->grid.padded, mass), first = lane_dot(c->grid.padded, mass, z);
        double second = lane_dot3(c->grid.padded, mass, z, z);
        size_t at = c->group_at + 2 * g;
        gradient[at] = first * num_exp(-0.5 * x[at + 1]); /* Σ (θ − μ)/σ² */
        gradient[at + 1] = 0.5 * (second - n);            /* Σ ((θ − μ)²/σ² − 1)/2 */
    }
}

/* ---- M-step ---- */

/* Scoring steps on one item's expected log likelihood; its tables are left at the new place. */
static void item_maximise(struct calibration *c, size_t item, double *x) {
    enum { STEPS = 3 };
    size_t size = item_size(c, item), padded = c->grid.padded;
    double gradient[ITEM_PARAMETERS_MAX], fisher[ITEM_PARAMETERS_MAX * ITEM_PARAMETERS_MAX];
    double n[NODES_MAX + NODE_LANES];
    if (c->free[c->at[item] + size - 1] < 0) return; /* anchored */
    for (int step = 0; step < STEPS; step++) {
        item_gradient(c, x, item, gradient);
        memset(fisher, 0, sizeof fisher);
        for (size_t g = 0; g < c->n_groups; g++) {
            memset(n, 0, padded * sizeof *n);
            for (size_t k = 0; k < table_size(c, item); k++)
                nodes_add(padded, table_row(c, c->expected, g, c->table_at[item] + k), n);
            item_fisher(c, g, item, n, fisher);
        }
        if (c->slopes && c->prior[item]) /* of log a, which is never negative */
            fisher[0] += prior_precision(c) / (x[c->at[item]] * x[c->at[item]]);
        if (!cholesky(size, fisher, 1e-12, NULL)) return;
        cholesky_solve(size, fisher, gradient);
        double largest = 0;
        for (size_t h = 0; h < size; h++) largest = fmax(largest, fabs(gradient[h]));
        double shorten = largest > 1 ? 1 / largest : 1;
        for (size_t h = 0; h < size; h++) x[c->at[item] + h] += shorten * gradient[h];
        if (largest < 1e-3) return;
        if (step < STEPS - 1) item_tables_fill(c, x, item);
    }
}

void sums_maximise(struct calibration *c, const double *x, double *next) {
    memcpy(next, x, c->n_all * sizeof *next);
    for (size_t i = 0; i < c->n_items; i++) item_maximise(c, i, next);
    for (size_t g = 0; g < c->n_groups; g++) {
        const double *mass = c->mass + g * c->grid.padded, *z = c->grid.z;
        size_t at = c->group_at + 2 * g;
        double n = lane_sum(c->grid.padded, mass), sd = num_exp(0.5 * x[at + 1]);
        double first = lane_dot(c->grid.padded, mass, z) / n;
        double second = lane_dot3(c->grid.padded, mass, z, z) / n;
        double shift_z = c->free[at] >= 0 ? first : 0;
        if (c->free[at] >= 0) next[at] = x[at] + sd * first;
        if (c->free[at + 1] >= 0) /* E (z − shift)² σ² */
            next[at + 1] = x[at + 1] + num_log(second - 2 * shift_z * first + shift_z * shift_z);
    }
}

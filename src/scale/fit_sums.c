/* The E-step: expected answers at the nodes; and from them gradient and M-step. */
#include "scale/fit_internal.h"

#include "num/clones.h"
#include "num/linear.h"
#include "num/pool.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* Masks are cut into pieces of about equal cost; their number follows from the sizes alone. */
bool sums_prepare(struct calibration *c) {
    const struct patterns *patterns = &c->patterns;
    c->partial_size = c->n_groups * (c->n_table + 1) * c->grid.padded + 1;
    size_t most = 128 * MIB / (c->partial_size * sizeof(double));
    size_t pieces = most < 1 ? 1 : most > PIECES_MAX ? PIECES_MAX : most;
    size_t total = 4 * patterns->n + patterns->item_first[patterns->n_masks], mask = 0;
    for (size_t i = 0; i < pieces; i++) {
        c->piece_first[i] = mask;
        size_t until = total / pieces * (i + 1);
        while (mask < patterns->n_masks &&
               4 * patterns->first[mask] + patterns->item_first[mask] < until)
            mask++;
    }
    c->piece_first[pieces] = patterns->n_masks;
    c->n_pieces = pieces;
    c->partial = arena_array(c->arena, pieces * c->partial_size, sizeof(double));
    return c->partial != NULL;
}

/* Room that was made once serves every grid and sample that needs no more. */
bool posterior_reserve(struct calibration *c) {
    size_t masks = (c->patterns.n_masks + c->stride - 1) / c->stride, need = masks * c->grid.padded;
    if (need > c->posterior_room) {
        c->posterior = arena_array(c->arena, need, sizeof *c->posterior);
        c->posterior_room = c->posterior ? need : 0;
    }
    if (masks > c->span_room) {
        c->span = arena_array(c->arena, masks, sizeof *c->span);
        c->span_room = c->span ? masks : 0;
    }
    return c->posterior_room >= need && c->span_room >= masks;
}

/* ---- one mask ---- */

#define POSTERIOR_REACH 35.0 /* e^−35 of the largest is lost in rounding */

VECTOR_CLONES static void add_four(size_t n, const double *const row[4], double *out) {
    for (size_t q = 0; q < n; q++) out[q] += (row[0][q] + row[1][q]) + (row[2][q] + row[3][q]);
}

VECTOR_CLONES static void tilt(size_t n, double score, const double *theta, const double *base,
                               double *out) {
    for (size_t q = 0; q < n; q++) out[q] = base[q] + score * theta[q];
}

VECTOR_CLONES static void shift(size_t n, double by, double *out) {
    for (size_t q = 0; q < n; q++) out[q] -= by;
}

void mask_base(const struct calibration *c, size_t mask, double *base) {
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, group = (size_t)patterns->group[mask];
    size_t at = patterns->item_first[mask], end = patterns->item_first[mask + 1];
    memcpy(base, c->grid.log_weight, padded * sizeof *base);
    const double *row[4];
    for (size_t n = 0; at < end; at++) {
        row[n++] =
            table_row(c, c->table, group, c->table_at[patterns->item[at]] + patterns->category[at]);
        if (n == 4)
            add_four(padded, row, base);
        else if (at + 1 == end)
            for (size_t k = 0; k < n; k++) nodes_add(padded, row[k], base);
        n %= 4;
    }
}

static struct span find_span(size_t padded, const double *a, double least) {
    size_t from = 0, to = padded;
    while (from + 1 < padded && a[from] < least) from++;
    while (to > from + 1 && a[to - 1] < least) to--;
    return (struct span){ (uint16_t)(from / NODE_LANES * NODE_LANES),
                          (uint16_t)((to + NODE_LANES - 1) / NODE_LANES * NODE_LANES) };
}

double pattern_posterior(const struct calibration *c, size_t mask, size_t pattern,
                         const double *base, double *out, double *log_taken, struct span *span) {
    size_t padded = c->grid.padded;
    const double *theta = c->grid.theta + (size_t)c->patterns.group[mask] * padded;
    if (c->slopes)
        memcpy(out, base, padded * sizeof *out);
    else
        tilt(padded, c->patterns.score[pattern], theta, base, out);
    double largest = *log_taken = lane_largest(padded, out);
    *span = find_span(padded, out, largest - POSTERIOR_REACH);
    memset(out, 0, span->from * sizeof *out);
    memset(out + span->to, 0, (padded - span->to) * sizeof *out);
    double *inside = out + span->from;
    size_t n = (size_t)(span->to - span->from);
    shift(n, largest, inside);
    num_exp_array(n, inside, inside);
    return lane_sum(n, inside);
}

struct sums_work {
    struct calibration *c;
    bool keep_posterior;
};

static struct span join(struct span a, struct span b) {
    if (a.to == 0) return b;
    return (struct span){ a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to };
}

/* The first mask from mask on that is looked at. */
static size_t first_of(const struct calibration *c, size_t mask) {
    return (mask + c->stride - 1) / c->stride * c->stride;
}

/* Adds one mask to the sums of its piece; sum becomes Σ w posterior. */
static struct span add_mask(const struct calibration *c, size_t mask, double *expected,
                            double *mass, double *loglik, double *sum) {
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, group = (size_t)patterns->group[mask];
    double base[NODES_MAX + NODE_LANES], posterior[NODES_MAX + NODE_LANES];
    struct span all = { 0, 0 };
    mask_base(c, mask, base);
    memset(sum, 0, padded * sizeof *sum);
    for (size_t p = patterns->first[mask]; p < patterns->first[mask + 1]; p++) {
        struct span span;
        double w = patterns->weight[p] * c->inflate;
        double taken, total = pattern_posterior(c, mask, p, base, posterior, &taken, &span);
        *loglik += w * (taken + num_log(total));
        nodes_add_scaled((size_t)(span.to - span.from), w / total, posterior + span.from,
                         sum + span.from);
        all = join(all, span);
    }
    size_t n = (size_t)(all.to - all.from);
    double *row[ITEMS_MAX];
    size_t rows = 0;
    for (size_t at = patterns->item_first[mask]; at < patterns->item_first[mask + 1]; at++)
        row[rows++] = table_row(c, expected, group,
                                c->table_at[patterns->item[at]] + patterns->category[at]) +
                      all.from;
    nodes_add_to(n, sum + all.from, rows, row);
    nodes_add(n, sum + all.from, mass + group * padded + all.from);
    return all;
}

static void sums_piece(void *context, size_t piece) {
    const struct sums_work *work = context;
    struct calibration *c = work->c;
    size_t padded = c->grid.padded;
    double *expected = c->partial + piece * c->partial_size, sum[NODES_MAX + NODE_LANES];
    double *mass = expected + c->n_groups * c->n_table * padded;
    double *loglik = mass + c->n_groups * padded;
    memset(expected, 0, c->partial_size * sizeof(double));
    for (size_t mask = first_of(c, c->piece_first[piece]); mask < c->piece_first[piece + 1];
         mask += c->stride) {
        struct span span = add_mask(c, mask, expected, mass, loglik, sum);
        if (!work->keep_posterior) continue;
        memcpy(c->posterior + mask / c->stride * padded, sum, padded * sizeof *sum);
        c->span[mask / c->stride] = span;
    }
}

/* Σ_h c_h N_h, which the tilted likelihood of rasch and pcm leaves out. */
static double sufficient_part(const struct calibration *c, const double *x) {
    double sum = 0;
    for (size_t i = 0; !c->slopes && i < c->n_items; i++)
        for (int h = 0; h < c->steps[i]; h++)
            sum += x[c->at[i] + (size_t)h] * c->patterns.at_least[i * STEPS_MAX + (size_t)h];
    return sum;
}

void sums_make(struct calibration *c, const double *x, bool keep_posterior) {
    tables_fill(c, x);
    struct sums_work work = { c, keep_posterior };
    pool_run(c->pool, c->n_pieces, sums_piece, &work);
    size_t rows = c->n_groups * c->n_table * c->grid.padded, mass = c->n_groups * c->grid.padded;
    memset(c->expected, 0, rows * sizeof(double));
    memset(c->mass, 0, mass * sizeof(double));
    c->loglik = -sufficient_part(c, x);
    for (size_t i = 0; i < c->n_pieces; i++) {
        const double *partial = c->partial + i * c->partial_size;
        nodes_add(rows, partial, c->expected);
        nodes_add(mass, partial + rows, c->mass);
        c->loglik += partial[rows + mass];
    }
}

/* ---- gradient ---- */

static void item_gradient(const struct calibration *c, size_t item, double *out) {
    size_t padded = c->grid.padded, size = item_size(c, item);
    for (size_t h = 0; h < size; h++)
        out[h] = c->slopes ? 0 : -c->patterns.at_least[item * STEPS_MAX + h];
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
    for (size_t i = 0; i < c->n_items; i++) item_gradient(c, i, gradient + c->at[i]);
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
        item_gradient(c, item, gradient);
        memset(fisher, 0, sizeof fisher);
        for (size_t g = 0; g < c->n_groups; g++) {
            memset(n, 0, padded * sizeof *n);
            for (size_t k = 0; k < table_size(c, item); k++)
                nodes_add(padded, table_row(c, c->expected, g, c->table_at[item] + k), n);
            item_fisher(c, g, item, n, fisher);
        }
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

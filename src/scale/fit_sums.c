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

/* ---- one mask ---- */

VECTOR_CLONES static void add_row(size_t padded, const double *row, double *out) {
    for (size_t q = 0; q < padded; q++) out[q] += row[q];
}

VECTOR_CLONES static void add_scaled(size_t padded, double factor, const double *row, double *out) {
    for (size_t q = 0; q < padded; q++) out[q] += factor * row[q];
}

VECTOR_CLONES static void tilt(size_t padded, double score, const double *theta, const double *base,
                               double *out) {
    for (size_t q = 0; q < padded; q++) out[q] = base[q] + score * theta[q];
}

VECTOR_CLONES static void shift(size_t padded, double by, double *out) {
    for (size_t q = 0; q < padded; q++) out[q] -= by;
}

static double largest_of(size_t n, const double *a) {
    double largest = a[0];
    for (size_t q = 1; q < n; q++)
        if (a[q] > largest) largest = a[q];
    return largest;
}

/* log prior + log P of a mask's items at the nodes of its group. */
void mask_base(const struct calibration *c, size_t mask, double *base) {
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, group = (size_t)patterns->group[mask];
    memcpy(base, c->grid.log_weight, padded * sizeof *base);
    for (size_t at = patterns->item_first[mask]; at < patterns->item_first[mask + 1]; at++)
        add_row(padded, table_row(c, c->table, group, c->table_at[patterns->item[at]] +
                                                          patterns->category[at]), base);
}

/* The posterior of a pattern at the nodes, not yet divided by its sum, which is returned with the
 * logarithm of what was taken out. */
double pattern_posterior(const struct calibration *c, size_t mask, size_t pattern,
                         const double *base, double *out, double *log_taken) {
    size_t padded = c->grid.padded;
    const double *theta = c->grid.theta + (size_t)c->patterns.group[mask] * padded;
    tilt(padded, c->patterns.score[pattern], theta, base, out);
    *log_taken = largest_of(padded, out);
    shift(padded, *log_taken, out);
    num_exp_array(padded, out, out);
    return lane_sum(padded, out);
}

struct sums_work {
    struct calibration *c;
    bool keep_posterior;
};

static void sums_piece(void *context, size_t piece) {
    const struct sums_work *work = context;
    struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded;
    double *expected = c->partial + piece * c->partial_size;
    double *mass = expected + c->n_groups * c->n_table * padded;
    double *loglik = mass + c->n_groups * padded;
    memset(expected, 0, c->partial_size * sizeof(double));
    double base[NODES_MAX + NODE_LANES], posterior[NODES_MAX + NODE_LANES], sum[NODES_MAX + NODE_LANES];
    for (size_t mask = c->piece_first[piece]; mask < c->piece_first[piece + 1]; mask++) {
        size_t group = (size_t)patterns->group[mask];
        mask_base(c, mask, base);
        memset(sum, 0, padded * sizeof *sum);
        for (size_t p = patterns->first[mask]; p < patterns->first[mask + 1]; p++) {
            double taken, total = pattern_posterior(c, mask, p, base, posterior, &taken);
            *loglik += patterns->weight[p] * (taken + num_log(total));
            add_scaled(padded, patterns->weight[p] / total, posterior, sum);
        }
        for (size_t at = patterns->item_first[mask]; at < patterns->item_first[mask + 1]; at++)
            add_row(padded, sum, table_row(c, expected, group, c->table_at[patterns->item[at]] +
                                                                   patterns->category[at]));
        add_row(padded, sum, mass + group * padded);
        if (work->keep_posterior) memcpy(c->posterior + mask * padded, sum, padded * sizeof *sum);
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
        add_row(rows, partial, c->expected);
        add_row(mass, partial + rows, c->mass);
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
                out[h] += lane_dot(padded, expected,
                                   slope_row(c, g, c->slope_at[item] + k * size + h));
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
                add_row(padded, table_row(c, c->expected, g, c->table_at[item] + k), n);
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

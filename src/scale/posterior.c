#include "scale/posterior.h"

#include "base/arena.h"
#include "base/limits.h"
#include "num/clones.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/likelihood.h"

#include <math.h>
#include <string.h>

typedef double lanes __attribute__((vector_size(POSTERIOR_LANES * sizeof(double))));

/* Log densities this far below the largest count as none. */
#define DEPTH 40.0
/* A category without width has no probability: this stands for its logarithm. */
#define LOG_LEAST (-1e6)

/* ---- tables ---- */

static void choose_nodes(struct posterior_tables *t) {
    const struct scale_model *model = t->model;
    double low = HUGE_VAL, high = -HUGE_VAL, least = HUGE_VAL;
    for (size_t g = 0; g < model->n_groups; g++) {
        double variance = fmax(model->variance[g], VARIANCE_LEAST), sd = sqrt(variance);
        low = fmin(low, model->mean[g] - 8 * sd);
        high = fmax(high, model->mean[g] + 8 * sd);
        least = fmin(least, variance);
    }
    struct peaks peaks = information_peaks(model, low, high);
    /* The second bound is for a few steep items: a logistic curve of slope a has poles π/a from the
     * real line, which the rule feels as exp(−2π²/ah). */
    double step = fmin(0.6 / sqrt(1 / least + peaks.test), 0.86 / fmax(peaks.slope, 1e-3));
    t->step = fmax(step, (high - low) / (POSTERIOR_NODES_MAX - POSTERIOR_BLOCK));
    t->first = low;
    size_t intervals = (size_t)((high - low) / t->step) + 1;
    t->nodes = (intervals / POSTERIOR_BLOCK + 1) * POSTERIOR_BLOCK;
}

static void fill_item(void *context, size_t item) {
    struct posterior_tables *t = context;
    const struct item_parameters *own = &t->model->items[item];
    double log_p[CATEGORIES_MAX], *rows = t->log_p + t->item_at[item] * t->nodes;
    for (size_t node = 0; node < t->nodes; node++) {
        model_log_probabilities(t->model->model, own, t->first + t->step * (double)node, log_p);
        for (int k = 0; k <= own->steps; k++)
            rows[(size_t)k * t->nodes + node] = fmax(log_p[k], LOG_LEAST);
    }
}

bool posterior_tables_make(const struct scale_model *model, struct pool *pool, struct arena *arena,
                           struct posterior_tables *out) {
    struct posterior_tables *t = out;
    *t = (struct posterior_tables){ .model = model };
    choose_nodes(t);
    t->item_at = arena_array(arena, model->n_items, sizeof *t->item_at);
    if (!t->item_at) return false;
    size_t rows = 0;
    for (size_t i = 0; i < model->n_items; i++) {
        t->item_at[i] = rows;
        rows += (size_t)model->items[i].steps + 1;
    }
    t->log_p = arena_array(arena, rows, t->nodes * sizeof *t->log_p);
    t->log_prior = arena_array(arena, model->n_groups, t->nodes * sizeof *t->log_prior);
    if (!t->log_p || !t->log_prior) return false;
    for (size_t g = 0; g < model->n_groups; g++) {
        double variance = fmax(model->variance[g], VARIANCE_LEAST);
        for (size_t node = 0; node < t->nodes; node++) {
            double d = t->first + t->step * (double)node - model->mean[g];
            t->log_prior[g * t->nodes + node] = -0.5 * d * d / variance;
        }
    }
    pool_run(pool, model->n_items, fill_item, t);
    return true;
}

/* ---- one person ---- */

/* Sums the rows, eight nodes at a time, onto sum; largest gets the largest of each block. */
VECTOR_CLONES
static void add_rows(size_t n_rows, const double *const *rows, size_t n, double *sum,
                     double *largest) {
    for (size_t at = 0; at < n; at += POSTERIOR_BLOCK) {
        lanes a, b, more;
        memcpy(&a, sum + at, sizeof a);
        memcpy(&b, sum + at + POSTERIOR_LANES, sizeof b);
        for (size_t r = 0; r < n_rows; r++) {
            memcpy(&more, rows[r] + at, sizeof more);
            a += more;
            memcpy(&more, rows[r] + at + POSTERIOR_LANES, sizeof more);
            b += more;
        }
        memcpy(sum + at, &a, sizeof a);
        memcpy(sum + at + POSTERIOR_LANES, &b, sizeof b);
        double most[POSTERIOR_LANES];
        for (size_t k = 0; k < POSTERIOR_LANES; k++) most[k] = a[k] > b[k] ? a[k] : b[k];
        double left = most[0] > most[1] ? most[0] : most[1];
        double right = most[2] > most[3] ? most[2] : most[3];
        *largest++ = left > right ? left : right;
    }
}

static double all_lanes(const lanes *v) { return ((*v)[0] + (*v)[1]) + ((*v)[2] + (*v)[3]); }

/* Σp, Σpd and Σpd², d counted in nodes from the middle, so that little is lost when the variance is
 * taken from them. */
VECTOR_CLONES
static void add_up(size_t n, const double *density, double sum[3]) {
    double low = -(double)(n / 2);
    lanes d = { low, low + 1, low + 2, low + 3 }, total = { 0 }, first = { 0 }, second = { 0 }, p;
    for (size_t k = 0; k < n; k += POSTERIOR_LANES) {
        memcpy(&p, density + k, sizeof p);
        total += p;
        p *= d;
        first += p;
        second += p * d;
        d += POSTERIOR_LANES;
    }
    sum[0] = all_lanes(&total);
    sum[1] = all_lanes(&first);
    sum[2] = all_lanes(&second);
}

void posterior_make(const struct posterior_tables *t, const int8_t *codes, size_t group,
                    struct posterior *out) {
    const double *rows[ITEMS_MAX];
    double largest[POSTERIOR_NODES_MAX / POSTERIOR_BLOCK];
    size_t n_rows = 0, blocks = t->nodes / POSTERIOR_BLOCK;
    for (size_t i = 0; i < t->model->n_items; i++)
        if (codes[i] != CODE_MISSING)
            rows[n_rows++] = t->log_p + (t->item_at[i] + (size_t)codes[i]) * t->nodes;
    memcpy(out->log_density, t->log_prior + group * t->nodes, t->nodes * sizeof(double));
    add_rows(n_rows, rows, t->nodes, out->log_density, largest);
    double most = largest[0];
    for (size_t b = 1; b < blocks; b++) most = largest[b] > most ? largest[b] : most;
    size_t from = 0, to = blocks;
    while (from + 1 < to && largest[from] < most - DEPTH) from++;
    while (to - 1 > from && largest[to - 1] < most - DEPTH) to--;
    out->from = from * POSTERIOR_BLOCK;
    out->to = to * POSTERIOR_BLOCK;
    size_t n = out->to - out->from;
    double *log_density = out->log_density + out->from, *density = out->density + out->from;
    for (size_t k = 0; k < n; k++) log_density[k] -= most;
    num_exp_array(n, log_density, density);
    add_up(n, density, out->sum);
}

void posterior_moments(const struct posterior_tables *t, const struct posterior *p, double *mean,
                       double *sd) {
    double m = p->sum[1] / p->sum[0], square = p->sum[2] / p->sum[0];
    double middle = (double)((p->from + p->to) / 2);
    *mean = t->first + t->step * (middle + m);
    *sd = t->step * sqrt(fmax(square - m * m, 0));
}

/* ---- draws ---- */

/* Mass of e^{a + (b − a)u}, 0 ≤ u ≤ 1, from both ends and both ends' logarithms. */
static double interval_mass(double p, double q, double d) {
    return fabs(d) < 1e-4 ? 0.5 * (p + q) * (1 - d * d / 12) : (q - p) / d;
}

void posterior_draws(const struct posterior_tables *t, const struct posterior *p, uint64_t seed,
                     uint64_t stream, size_t n, double *out, size_t stride) {
    double cumulative[POSTERIOR_NODES_MAX];
    size_t from = p->from, intervals = p->to - from - 1;
    double sum = 0;
    for (size_t k = 0; k < intervals; k++) {
        double d = p->log_density[from + k + 1] - p->log_density[from + k];
        sum += interval_mass(p->density[from + k], p->density[from + k + 1], d);
        cumulative[k] = sum;
    }
    for (size_t draw = 0; draw < n; draw++) {
        double left = random_uniform(seed, stream, draw) * sum;
        size_t k = 0, many = intervals;
        while (many > 1) { /* the first with cumulative > left */
            size_t half = many / 2;
            k += cumulative[k + half - 1] > left ? 0 : half;
            many -= half;
        }
        double below = k > 0 ? cumulative[k - 1] : 0,
               share = (left - below) / (cumulative[k] - below);
        double d = p->log_density[from + k + 1] - p->log_density[from + k];
        if (fabs(d) > 1e-6) {
            double ratio = num_exp(d);
            share = num_log(1 + share * (ratio - 1)) / d;
        }
        share = share > 0 ? share < 1 ? share : 1 : 0;
        out[draw * stride] = t->first + t->step * ((double)(from + k) + share);
    }
}

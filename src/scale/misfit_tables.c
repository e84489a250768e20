/* The nodes, what the model says at each of them, and the posterior of a person. */
#include "scale/misfit_internal.h"

#include "num/clones.h"
#include "num/pool.h"
#include "num/special.h"
#include "scale/likelihood.h"

#include <math.h>
#include <string.h>

#define REACH 6.0     /* SDs of the latent distribution to each side */
#define P_LEAST 1e-14 /* so that a product of many answers' probabilities does not vanish */
enum { PRODUCT_MOST = 20 };

/* ---- the nodes ---- */

#define STEP 0.85 /* of the SD of the narrowest posterior */

/* With a posterior of SD s, nodes h apart give its moments to exp(−2π²s²/h²), 10⁻¹²; RMSD, whose
 * curves are quotients, to about 10⁻⁵. The narrowest has all items where they inform most, and the
 * least latent variance for prior. */
static void place_nodes(const struct scale_model *model, struct misfit_tables *t) {
    double low = HUGE_VAL, high = -HUGE_VAL, least = HUGE_VAL;
    for (size_t g = 0; g < model->n_groups; g++) {
        double variance = fmax(model->variance[g], VARIANCE_LEAST), sd = sqrt(variance);
        low = fmin(low, model->mean[g] - REACH * sd);
        high = fmax(high, model->mean[g] + REACH * sd);
        least = fmin(least, variance);
    }
    double step = STEP / sqrt(1 / least + information_peaks(model, low, high).test);
    step = fmax(step, (high - low) / (NODES_LIMIT - 2));
    t->first = low;
    t->step = step;
    t->n_nodes = (size_t)((high - low) / step) + 2;
    t->padded = padded_to(NODES_WIDTH, t->n_nodes);
    t->lz_step = (high - low) / (LZ_PLACES - 1);
}

static bool make_room(const struct scale_model *model, struct arena *arena,
                      struct misfit_tables *t) {
    size_t items = model->n_items;
    t->row_at = arena_array(arena, items, sizeof *t->row_at);
    if (!t->row_at) return false;
    for (size_t i = 0; i < items; i++) {
        t->row_at[i] = t->n_rows;
        t->n_rows += (size_t)model->items[i].steps + 1;
    }
    t->width = padded_to(WIDTH, items);
    t->lz_row = t->n_rows + items;
    t->theta = arena_array(arena, t->padded, sizeof(double));
    t->prior = arena_array(arena, model->n_groups, t->padded * sizeof(double));
    t->p = arena_array(arena, t->n_rows, t->padded * sizeof(double));
    t->square = arena_array(arena, t->n_rows, t->padded * sizeof(double));
    t->excess = arena_array(arena, t->n_rows, t->padded * sizeof(double));
    t->variance = arena_array(arena, items, t->padded * sizeof(double));
    t->expected = arena_array(arena, t->width, t->padded * sizeof(double));
    t->lz = arena_array(arena, LZ_PLACES, t->lz_row * sizeof *t->lz);
    return t->theta && t->prior && t->p && t->square && t->excess && t->variance && t->expected &&
           t->lz;
}

static void fill_priors(const struct scale_model *model, struct misfit_tables *t) {
    for (size_t q = 0; q < t->padded; q++) t->theta[q] = t->first + t->step * (double)q;
    for (size_t g = 0; g < model->n_groups; g++) {
        double *prior = t->prior + g * t->padded, total = 0;
        double variance = fmax(model->variance[g], VARIANCE_LEAST);
        for (size_t q = 0; q < t->n_nodes; q++) {
            double d = t->theta[q] - model->mean[g];
            total += prior[q] = num_exp(-0.5 * d * d / variance);
        }
        for (size_t q = 0; q < t->n_nodes; q++) prior[q] /= total;
    }
}

/* ---- items at the nodes ---- */

struct filling {
    const struct scale_model *model;
    struct misfit_tables *tables;
};

static void fill_item_node(const struct scale_model *model, size_t item, size_t q,
                           struct misfit_tables *t) {
    const struct item_parameters *own = &model->items[item];
    double p[CATEGORIES_MAX], mean = 0, variance = 0;
    model_log_probabilities(model->model, own, t->theta[q], p);
    for (int k = 0; k <= own->steps; k++) mean += k * (p[k] = num_exp(p[k]));
    for (int k = 0; k <= own->steps; k++) variance += p[k] * (k - mean) * (k - mean);
    t->expected[q * t->width + item] = mean;
    t->variance[item * t->padded + q] = variance;
    for (size_t k = 0; k <= (size_t)own->steps; k++) {
        size_t at = (t->row_at[item] + k) * t->padded + q;
        double square = ((double)k - mean) * ((double)k - mean);
        t->p[at] = fmax(p[k], P_LEAST);
        t->square[at] = variance > 0 ? square / variance : 0; /* so far out that nobody is there */
        t->excess[at] = square - variance;
    }
}

static void fill_item(void *context, size_t item) {
    const struct filling *f = context;
    struct misfit_tables *t = f->tables;
    for (size_t q = 0; q < t->padded; q++) {
        if (q < t->n_nodes) {
            fill_item_node(f->model, item, q, t);
            continue;
        }
        for (size_t k = 0; k <= (size_t)f->model->items[item].steps; k++)
            t->p[(t->row_at[item] + k) * t->padded + q] = 1;
    }
}

/* What an answer adds to l₀ − E l₀ and to Var l₀ (docs/methods/fit.md, lz). */
static void fill_lz_place(void *context, size_t place) {
    const struct filling *f = context;
    struct misfit_tables *t = f->tables;
    float *out = t->lz + place * t->lz_row;
    double log_p[CATEGORIES_MAX];
    for (size_t i = 0; i < f->model->n_items; i++) {
        const struct item_parameters *own = &f->model->items[i];
        double mean = 0, variance = 0;
        model_log_probabilities(f->model->model, own, t->first + t->lz_step * (double)place, log_p);
        for (int k = 0; k <= own->steps; k++) mean += num_exp(log_p[k]) * fmax(log_p[k], -700);
        for (int k = 0; k <= own->steps; k++) {
            double d = fmax(log_p[k], -700) - mean;
            variance += num_exp(log_p[k]) * d * d;
            out[t->row_at[i] + (size_t)k] = (float)d;
        }
        out[t->n_rows + i] = (float)variance;
    }
}

bool misfit_tables_make(const struct scale_model *model, struct pool *pool, struct arena *arena,
                        struct misfit_tables *out) {
    *out = (struct misfit_tables){ 0 };
    place_nodes(model, out);
    if (!make_room(model, arena, out)) return false;
    fill_priors(model, out);
    struct filling filling = { model, out };
    pool_run(pool, model->n_items, fill_item, &filling);
    pool_run(pool, LZ_PLACES, fill_lz_place, &filling);
    return true;
}

VECTOR_CLONES static void blend(size_t n, float right, const float *restrict low,
                                const float *restrict high, float *restrict out) {
    for (size_t k = 0; k < n; k++) out[k] = low[k] + right * (high[k] - low[k]);
}

void misfit_lz_terms(const struct misfit_tables *t, double theta, float *out) {
    double position = fmin(fmax((theta - t->first) / t->lz_step, 0), LZ_PLACES - 1);
    size_t place = (size_t)fmin(position, LZ_PLACES - 2);
    const float *low = t->lz + place * t->lz_row;
    blend(t->lz_row, (float)(position - (double)place), low, low + t->lz_row, out);
}

/* ---- a posterior ---- */

size_t misfit_rows(const struct misfit_tables *tables, size_t n_items, const int8_t *codes,
                   uint32_t *row, uint16_t *item) {
    size_t n = 0;
    for (size_t i = 0; i < n_items; i++) {
        row[n] = (uint32_t)(tables->row_at[i] + (size_t)codes[i]); /* kept where it is an answer */
        item[n] = (uint16_t)i;
        n += codes[i] != CODE_MISSING;
    }
    return n;
}

/* Multiplies p by the rows, a lot of nodes at a time. */
VECTOR_CLONES static void multiply(size_t n, size_t n_rows, const uint32_t *row, const double *rows,
                                   double *p) {
    for (size_t q = 0; q < n; q += NODES_WIDTH) {
        four_doubles a, b, c, d, own;
        memcpy(&a, p + q, sizeof a);
        memcpy(&b, p + q + 4, sizeof b);
        memcpy(&c, p + q + 8, sizeof c);
        memcpy(&d, p + q + 12, sizeof d);
        for (size_t k = 0; k < n_rows; k++) {
            const double *at = rows + row[k] * n + q;
            memcpy(&own, at, sizeof own);
            a *= own;
            memcpy(&own, at + 4, sizeof own);
            b *= own;
            memcpy(&own, at + 8, sizeof own);
            c *= own;
            memcpy(&own, at + 12, sizeof own);
            d *= own;
        }
        memcpy(p + q, &a, sizeof a);
        memcpy(p + q + 4, &b, sizeof b);
        memcpy(p + q + 8, &c, sizeof c);
        memcpy(p + q + 12, &d, sizeof d);
    }
}

VECTOR_CLONES static void normalise(size_t n, double *p) {
    four_doubles lane = { 0 }, own;
    for (size_t q = 0; q < n; q += 4) {
        memcpy(&own, p + q, sizeof own);
        lane += own;
    }
    double factor = 1 / ((lane[0] + lane[1]) + (lane[2] + lane[3]));
    for (size_t q = 0; q < n; q++) p[q] *= factor;
}

/* Products, not sums of logarithms: they need no exponential. Of 20 factors from P_LEAST up none
 * vanishes; then the sum is made 1. */
void misfit_posterior(const struct misfit_tables *tables, size_t answers, const uint32_t *row,
                      size_t group, double *out) {
    size_t padded = tables->padded;
    memcpy(out, tables->prior + group * padded, padded * sizeof *out);
    for (size_t k = 0; k < answers; k += PRODUCT_MOST) {
        size_t n = answers - k < PRODUCT_MOST ? answers - k : PRODUCT_MOST;
        multiply(padded, n, row + k, tables->p, out);
        normalise(padded, out);
    }
}

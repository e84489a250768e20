#include "stat/polychoric.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/bivariate.h"
#include "num/eigen.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "stat/dimension.h"
#include "stat/factor.h"

#include <math.h>
#include <string.h>

enum { CATEGORIES = POLYCHORIC_CATEGORIES_MAX };
#define CORRELATION_MOST 0.999

/* ---- categories and thresholds ---- */

/* Answers of complete persons, an item after the other. */
struct columns {
    size_t n, k;
    uint8_t *category; /* [item * n + person] */
};

static bool complete(const int8_t *row, size_t k) {
    for (size_t i = 0; i < k; i++)
        if (row[i] < 0) return false;
    return true;
}

static bool columns_make(const int8_t *codes, size_t n_persons, size_t k, struct arena *arena,
                         struct columns *out, struct error *error) {
    *out = (struct columns){ .k = k };
    for (size_t p = 0; p < n_persons; p++) out->n += complete(codes + p * k, k);
    if (out->n < 3) return error_set(error, "stat.few_persons", ARG_INT("persons", out->n));
    out->category = arena_array(arena, k, out->n);
    if (!out->category) return error_plain(error, "stat.memory");
    for (size_t p = 0, at = 0; p < n_persons; p++) {
        if (!complete(codes + p * k, k)) continue;
        for (size_t i = 0; i < k; i++) out->category[i * out->n + at] = (uint8_t)codes[p * k + i];
        at++;
    }
    return true;
}

/* Renumbers one item's codes to categories and cuts the normal distribution at its margin. */
static bool item_make(struct columns *columns, size_t item, struct polychoric_item *out,
                      struct error *error) {
    size_t count[INT8_MAX + 1] = { 0 }, n = columns->n, categories = 0, below = 0;
    uint8_t number[INT8_MAX + 1] = { 0 }, *category = columns->category + item * n;
    int last = 0;
    for (size_t p = 0; p < n; p++) count[category[p]]++;
    for (int code = 0; code <= INT8_MAX; code++) {
        if (count[code] == 0) continue;
        if (categories == CATEGORIES)
            return error_set(error, "stat.categories", ARG_INT("item", item),
                             ARG_INT("most", CATEGORIES));
        if (categories > 0) {
            out->threshold[categories - 1] = normal_quantile((double)below / (double)n);
            out->rise[categories - 1] = code - last;
        }
        below += count[code];
        last = code;
        number[code] = (uint8_t)categories++;
    }
    if (categories < 2) return error_set(error, "stat.constant_item", ARG_INT("item", item));
    out->n_thresholds = categories - 1;
    for (size_t p = 0; p < n; p++) category[p] = number[category[p]];
    return true;
}

/* ---- one pair ---- */

struct pair {
    const struct polychoric_item *a, *b;
    double margin_a[CATEGORIES + 1], margin_b[CATEGORIES + 1]; /* Φ at the thresholds, then 1 */
    double count[CATEGORIES * CATEGORIES];
};

static void margins(const struct polychoric_item *item, double *out) {
    for (size_t t = 0; t < item->n_thresholds; t++) out[t] = normal_cdf(item->threshold[t]);
    out[item->n_thresholds] = 1;
}

static void pair_make(const struct columns *columns, const struct polychoric_item *items, size_t i,
                      size_t j, struct pair *out) {
    const uint8_t *a = columns->category + i * columns->n, *b = columns->category + j * columns->n;
    size_t table[CATEGORIES * CATEGORIES] = { 0 };
    for (size_t p = 0; p < columns->n; p++) table[a[p] * CATEGORIES + b[p]]++;
    for (size_t c = 0; c < CATEGORIES * CATEGORIES; c++) out->count[c] = (double)table[c];
    out->a = &items[i];
    out->b = &items[j];
    margins(out->a, out->margin_a);
    margins(out->b, out->margin_b);
}

/* Slope of the log-likelihood at r, and its expected information. A cell's probability and its
 * derivative are differences of Φ₂ and of its density at the cell's corners. Where an answer that
 * was given could not occur (to rounding), r lies too far out: the slope is infinite towards 0. */
static double likelihood_slope(const struct pair *pair, double n, double r, double *information) {
    double above_p[CATEGORIES + 1] = { 0 }, above_d[CATEGORIES + 1] = { 0 }, slope = 0;
    *information = 0;
    for (size_t i = 0; i <= pair->a->n_thresholds; i++) {
        double left_p = 0, left_d = 0;
        bool last_i = i == pair->a->n_thresholds;
        for (size_t j = 0; j <= pair->b->n_thresholds; j++) {
            bool last_j = j == pair->b->n_thresholds;
            double p = last_i ? pair->margin_b[j]
                       : last_j
                           ? pair->margin_a[i]
                           : bivariate_normal_cdf(pair->a->threshold[i], pair->b->threshold[j], r);
            double d = last_i || last_j ? 0
                                        : bivariate_normal_density(pair->a->threshold[i],
                                                                   pair->b->threshold[j], r);
            /* p and d reach from the corner; less what is above and, of that row, to the left. */
            double cell_p = fmax(p - above_p[j] - left_p, 1e-14), cell_d = d - above_d[j] - left_d;
            double count = pair->count[i * CATEGORIES + j];
            if (count > 0 && cell_p < 1e-13) return r > 0 ? -HUGE_VAL : HUGE_VAL;
            slope += count * cell_d / cell_p;
            *information += n * cell_d * cell_d / cell_p;
            left_p = p - above_p[j];
            left_d = d - above_d[j];
            above_p[j] = p;
            above_d[j] = d;
        }
    }
    return slope;
}

/* Scoring steps within a bracket that always holds the root of the slope. */
static double pair_correlation(const struct pair *pair, double n, bool *held) {
    double low = -CORRELATION_MOST, high = CORRELATION_MOST, r = 0, information;
    *held = true;
    if (likelihood_slope(pair, n, high, &information) >= 0) return high;
    if (likelihood_slope(pair, n, low, &information) <= 0) return low;
    *held = false;
    for (int step = 0; step < 100 && high - low > 1e-15; step++) {
        double slope = likelihood_slope(pair, n, r, &information);
        if (slope > 0)
            low = r;
        else
            high = r;
        double next = isfinite(slope) ? r + slope / information : r;
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        bool done = fabs(next - r) < 1e-13;
        r = next;
        if (done) break;
    }
    return r;
}

/* All pairs into correlation, and the eigenvalues into values; returns how many were held. */
static size_t correlate(const struct columns *columns, const struct polychoric_item *items,
                        double *correlation, double *values, double *room) {
    struct pair pair;
    size_t k = columns->k, n_held = 0;
    for (size_t i = 0; i < k; i++) {
        correlation[i * k + i] = 1;
        for (size_t j = 0; j < i; j++) {
            bool held;
            pair_make(columns, items, i, j, &pair);
            correlation[i * k + j] = correlation[j * k + i] =
                pair_correlation(&pair, (double)columns->n, &held);
            n_held += held;
        }
    }
    memcpy(room, correlation, k * k * sizeof *room);
    eigen_symmetric(k, room, values, NULL);
    return n_held;
}

bool polychoric_correlations(const int8_t *codes, size_t n_persons, size_t n_items,
                             struct arena *arena, struct polychoric *out, struct error *error) {
    struct columns columns;
    size_t k = n_items;
    *out = (struct polychoric){ .k = k,
                                .item = arena_array(arena, k, sizeof *out->item),
                                .correlation = arena_array(arena, k, k * sizeof(double)) };
    double *room = arena_array(arena, k + 1, k * sizeof *room);
    if (!out->item || !out->correlation || !room) return error_plain(error, "stat.memory");
    if (k < 2) return error_plain(error, "stat.few_items");
    if (!columns_make(codes, n_persons, k, arena, &columns, error)) return false;
    out->n = columns.n;
    out->category = columns.category;
    for (size_t i = 0; i < k; i++)
        if (!item_make(&columns, i, &out->item[i], error)) return false;
    double *values = room + k * k;
    out->held = correlate(&columns, out->item, out->correlation, values, room);
    out->least_eigenvalue = values[k - 1];
    return true;
}

/* ---- parallel analysis ---- */

struct shuffling {
    const struct polychoric *polychoric;
    size_t replicates;
    uint64_t seed;
    double *drawn;
    bool *failed; /* one a replicate */
};

/* Every item but the first in an order of its own (Fisher and Yates). */
static void shuffle(const struct shuffling *s, size_t replicate, uint8_t *category) {
    size_t n = s->polychoric->n, k = s->polychoric->k;
    memcpy(category, s->polychoric->category, n * k);
    for (size_t i = 1; i < k; i++)
        for (size_t at = n; at-- > 1;) {
            size_t other = random_bits(s->seed, replicate * k + i, at) % (at + 1);
            uint8_t answer = category[i * n + at];
            category[i * n + at] = category[i * n + other];
            category[i * n + other] = answer;
        }
}

static void run_shuffle(void *context, size_t replicate) {
    struct shuffling *s = context;
    size_t n = s->polychoric->n, k = s->polychoric->k;
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    uint8_t *category = arena ? arena_array(arena, n, k) : NULL;
    double *room = arena ? arena_array(arena, 2 * k + 1, k * sizeof *room) : NULL;
    s->failed[replicate] = !category || !room;
    if (!s->failed[replicate]) {
        double *values = room + 2 * k * k;
        shuffle(s, replicate, category);
        correlate(&(struct columns){ n, k, category }, s->polychoric->item, room, values,
                  room + k * k);
        for (size_t i = 0; i < k; i++) s->drawn[i * s->replicates + replicate] = values[i];
    }
    arena_destroy(arena);
}

bool polychoric_parallel(const struct polychoric *polychoric, size_t replicates, uint64_t seed,
                         struct pool *pool, struct arena *arena, struct parallel *out,
                         struct error *error) {
    size_t k = polychoric->k;
    struct shuffling s = { .polychoric = polychoric,
                           .replicates = replicates,
                           .seed = seed,
                           .failed = arena_array(arena, replicates, sizeof *s.failed) };
    double *room = arena_array(arena, k, k * sizeof *room);
    if (!s.failed || !room || !parallel_room(k, replicates, arena, out, &s.drawn, error))
        return error_plain(error, "stat.memory");
    if (polychoric->n <= k)
        return error_set(error, "stat.few_for_parallel", ARG_INT("persons", polychoric->n),
                         ARG_INT("items", k));
    memcpy(room, polychoric->correlation, k * k * sizeof *room);
    eigen_symmetric(k, room, out->eigenvalue, NULL);
    pool_run(pool, replicates, run_shuffle, &s);
    for (size_t r = 0; r < replicates; r++)
        if (s.failed[r]) return error_plain(error, "stat.memory");
    parallel_compare(out, s.drawn, replicates);
    return true;
}

/* ---- Green and Yang's reliability ---- */

/* The covariance of two items' codes when the variables behind them correlate r. */
static double code_covariance(const struct polychoric_item *a, const struct polychoric_item *b,
                              double r) {
    double sum = 0;
    for (size_t s = 0; s < a->n_thresholds; s++)
        for (size_t t = 0; t < b->n_thresholds; t++)
            sum += a->rise[s] * b->rise[t] *
                   (bivariate_normal_cdf(a->threshold[s], b->threshold[t], r) -
                    normal_cdf(a->threshold[s]) * normal_cdf(b->threshold[t]));
    return sum;
}

bool polychoric_omega(const struct polychoric *polychoric, struct arena *arena,
                      struct polychoric_omega *out, struct error *error) {
    struct one_factor factor;
    size_t k = polychoric->k;
    *out = (struct polychoric_omega){ .omega = NAN };
    if (k < 3) return true;
    if (!one_factor_minres(k, polychoric->correlation, arena, &factor, error)) return false;
    double common = 0, total = 0;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) {
            double times = i == j ? 1 : 2;
            const struct polychoric_item *a = &polychoric->item[i], *b = &polychoric->item[j];
            common += times * code_covariance(a, b, factor.loading[i] * factor.loading[j]);
            total += times * code_covariance(a, b, polychoric->correlation[i * k + j]);
        }
    out->omega = total > 0 ? common / total : NAN;
    out->loading = factor.loading;
    out->heywood = factor.bound;
    return true;
}

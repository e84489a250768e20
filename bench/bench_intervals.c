/* bench_intervals.c - what the intervals of gradients, SDs, percentiles, shares and the ICC cover.
 *
 *     build/bench/bench_intervals [REPLICATIONS [THREADS]]
 *
 * Prints the tables of docs/methods/gradient.md and estimates.md. Points: 30 a unit of a pupil's
 * background beside the school's mean, 60 a unit of that mean, schools 20, pupils 85. Background:
 * SD .5 between schools, .87 within. What a statistic tends to with schools of the cell's sizes,
 * its truth here, is found in TRUTH_SCHOOLS schools; of the ICC it is known.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "stat/distribution.h"
#include "stat/gradient.h"
#include "stat/multilevel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRUTH_SCHOOLS = 60000, SIZE_MOST = 60, PIECE = 50, PERCENTILES = 3 };

struct cell {
    const char *name;
    int schools, pupils;
    bool unequal; /* sizes from 4 to SIZE_MOST, skewed, about pupils */
    bool skewed;  /* pupils' deviations are exponential */
    bool coarse;  /* background in six values */
    bool lot;     /* quarters by lot */
};
static const struct cell cells[] = {
    { "12 schools of 20", 12, 20, false, false, false, false },
    { "40 schools of 20", 40, 20, false, false, false, false },
    { "40, sizes from 4 to 60", 40, 20, true, false, false, false },
    { "40, unequal, skewed results", 40, 20, true, true, false, false },
    { "40, unequal, background in six values", 40, 20, true, false, true, false },
    { "the same, quarters by lot", 40, 20, true, false, true, true },
    { "40 schools of 8", 40, 8, false, false, false, false },
    { "150 schools of 20", 150, 20, false, false, false, false },
};

static const enum gradient_statistic of_gradient[] = {
    GRADIENT_SLOPE,        GRADIENT_R2,
    GRADIENT_QUARTER_1,    GRADIENT_GAP,
    GRADIENT_SLOPE_WITHIN, GRADIENT_SLOPE_BETWEEN,
    GRADIENT_CONTEXTUAL,   GRADIENT_OUTCOME_BETWEEN,
    GRADIENT_RESILIENT,
};
static const enum gradient_statistic with_cuts[3] = { GRADIENT_QUARTER_1, GRADIENT_GAP,
                                                      GRADIENT_RESILIENT };
enum {
    FROM_GRADIENT = sizeof of_gradient / sizeof *of_gradient,
    LINEARISED = FROM_GRADIENT,
    SD = LINEARISED + 3,
    JACKKNIFED,
    WOODRUFF = JACKKNIFED + PERCENTILES,
    ICC = WOODRUFF + PERCENTILES,
    STATISTICS
};
static const char *const names[STATISTICS] = {
    "slope",      "R²",
    "quarter 1",  "gap",
    "within",     "between",
    "contextual", "outcome between",
    "resilient",  "quarter 1 lin.",
    "gap lin.",   "resilient lin.",
    "SD",         "P10",
    "P50",        "P90",
    "P10 lin.",   "P50 lin.",
    "P90 lin.",   "ICC",
};

struct found {
    double value, se, low, high;
};

struct rows {
    uint64_t seed, stream, counter;
    size_t n, schools;
    double *y, *x, *one;
    int *school;
};

static double normal(struct rows *r) { return random_normal(r->seed, r->stream, r->counter++); }
static double uniform(struct rows *r) { return random_uniform(r->seed, r->stream, r->counter++); }

static void draw_rows(const struct cell *cell, struct rows *r) {
    r->n = 0;
    for (size_t s = 0; s < r->schools; s++) {
        double intake = 0.5 * normal(r), school = 500 + 60 * intake + 20 * normal(r);
        double usual = cell->pupils * num_exp(0.6 * normal(r) - 0.18);
        int size = cell->unequal ? (int)fmin(fmax(usual, 4), SIZE_MOST) : cell->pupils;
        for (int p = 0; p < size; p++) {
            size_t i = r->n++;
            double own = 0.87 * normal(r);
            double rest = cell->skewed ? -num_log(uniform(r)) - 1 : normal(r);
            r->school[i] = (int)s;
            r->one[i] = 1;
            r->x[i] = cell->coarse ? fmin(fmax(floor(intake + own + 0.5), -2), 3) : intake + own;
            r->y[i] = school + 30 * own + 85 * rest;
        }
    }
}

static struct found as_found(const struct estimate *e, enum estimate_scale scale) {
    struct found out = { .value = e->value, .se = e->se };
    estimate_interval(*e, scale, 0.95, &out.low, &out.high);
    return out;
}

static bool percentiles(const struct rows *r, enum sampling_error how, struct arena *arena,
                        struct found *sd, struct found *out) {
    static const double percentages[PERCENTILES] = { 10, 50, 90 };
    struct sample sample = {
        .n = r->n, .draws = 1, .values = r->y, .cluster = r->school, .n_clusters = r->schools
    };
    struct distribution d;
    struct error error;
    if (!distribution_fit(&sample, how, PERCENTILES, percentages, arena, &d, &error)) return false;
    if (sd) *sd = as_found(&d.sd, SCALE_PLAIN);
    for (int k = 0; k < PERCENTILES; k++)
        out[k] = (struct found){ d.percentile[k].value, d.percentile[k].se, d.percentile_low[k],
                                 d.percentile_high[k] };
    return true;
}

static bool estimate(const struct cell *cell, const struct rows *r, bool icc, struct arena *arena,
                     struct found *out) {
    struct gradient_input input = { .n = r->n,
                                    .draws = 1,
                                    .y = r->y,
                                    .background = r->x,
                                    .cluster = r->school,
                                    .n_clusters = r->schools,
                                    .by_lot = cell->lot,
                                    .seed = r->stream };
    struct gradient gradient;
    struct error error;
    if (!gradient_fit(&input, arena, &gradient, &error)) return false;
    for (size_t k = 0; k < FROM_GRADIENT; k++)
        out[k] = as_found(&gradient.statistic[of_gradient[k]], gradient_scale(of_gradient[k]));
    for (size_t k = 0; k < 3; k++)
        out[LINEARISED + k] =
            as_found(&gradient.linearised[with_cuts[k]], gradient_scale(with_cuts[k]));
    if (!percentiles(r, SAMPLING_JACKKNIFE, arena, &out[SD], &out[JACKKNIFED]) ||
        !percentiles(r, SAMPLING_LINEARISED, arena, NULL, &out[WOODRUFF]))
        return false;
    if (!icc) return true;
    struct multilevel_input model = { .n = r->n,
                                      .draws = 1,
                                      .y = r->y,
                                      .n_columns = 1,
                                      .x = r->one,
                                      .group = r->school,
                                      .n_groups = r->schools };
    struct multilevel fit;
    if (!multilevel_fit(&model, arena, &fit, &error)) return false;
    out[ICC] = (struct found){ fit.icc, fit.icc_se, fit.icc_low, fit.icc_high };
    return true;
}

/* ---- replications ---- */

struct bench {
    const struct cell *cell;
    size_t replications;
    uint64_t seed;
    double truth[STATISTICS];
    struct found (*found)[STATISTICS];
    bool failed;
};

static bool rows_make(struct rows *r, size_t schools) {
    size_t n = schools * SIZE_MOST;
    *r = (struct rows){ .schools = schools,
                        .y = malloc(n * sizeof(double)),
                        .x = malloc(n * sizeof(double)),
                        .one = malloc(n * sizeof(double)),
                        .school = malloc(n * sizeof(int)) };
    return r->y && r->x && r->one && r->school;
}

static void rows_free(struct rows *r) {
    free(r->y);
    free(r->x);
    free(r->one);
    free(r->school);
}

static bool once(const struct bench *bench, struct rows *r, uint64_t stream, bool icc,
                 struct found *out) {
    struct arena *arena = arena_create(4 * GIB);
    r->seed = bench->seed;
    r->stream = stream;
    r->counter = 0;
    draw_rows(bench->cell, r);
    bool ok = arena && estimate(bench->cell, r, icc, arena, out);
    arena_destroy(arena);
    return ok;
}

static void replicate(void *context, size_t piece) {
    struct bench *bench = context;
    struct rows r;
    size_t from, to;
    bool ok = rows_make(&r, (size_t)bench->cell->schools);
    pool_piece(bench->replications, PIECE, piece, &from, &to);
    for (size_t i = from; ok && i < to; i++) ok = once(bench, &r, i, true, bench->found[i]);
    if (!ok) bench->failed = true;
    rows_free(&r);
}

/* The large sample's values; the ICC from the variances: (60² · .25 + 20²)/(… + 30² · .87² + 85²).
 */
static void find_truth(struct bench *bench) {
    struct found large[STATISTICS];
    struct rows r;
    if (!rows_make(&r, TRUTH_SCHOOLS) || !once(bench, &r, UINT64_MAX, false, large))
        bench->failed = true;
    for (int k = 0; k < ICC && !bench->failed; k++) bench->truth[k] = large[k].value;
    double between = 60 * 60 * 0.25 + 20 * 20, within = 30 * 30 * 0.87 * 0.87 + 85 * 85;
    bench->truth[ICC] = between / (between + within);
    rows_free(&r);
}

/* Coverage in percent, mean SE and bias in SDs of the estimate. */
struct summary {
    double covered, error, bias;
};

static void sum_up(const struct bench *bench, struct summary *out) {
    double n = (double)bench->replications;
    for (int k = 0; k < STATISTICS; k++) {
        double covered = 0, mean = 0, square = 0, se = 0;
        for (size_t i = 0; i < bench->replications; i++) {
            const struct found *f = &bench->found[i][k];
            double deviation = f->value - bench->truth[k];
            covered += (f->low <= bench->truth[k] && bench->truth[k] <= f->high) / n;
            mean += deviation / n;
            square += deviation * deviation / n;
            se += isfinite(f->se) ? f->se * f->se / n : 0;
        }
        double sd = sqrt(square - mean * mean);
        out[k] = (struct summary){ 100 * covered, sqrt(se) / sd, mean / sd };
    }
}

static void say_header(const char *what) {
    printf("\n| %s |", what);
    for (int k = 0; k < STATISTICS; k++) printf(" %s |", names[k]);
    printf("\n|---|");
    for (int k = 0; k < STATISTICS; k++) printf("--:|");
    putchar('\n');
}

int main(int argc, char **argv) {
    long long replications = 4000, threads = 1;
    if ((argc > 1 && !text_to_int(argv[1], 1, 1000000, &replications)) ||
        (argc > 2 && !text_to_int(argv[2], 1, 64, &threads)))
        return 2;
    struct pool *pool = pool_create((int)threads);
    struct bench bench = { .replications = (size_t)replications,
                           .found = calloc((size_t)replications, sizeof *bench.found) };
    if (!pool || !bench.found) return 1;
    enum { CELLS = sizeof cells / sizeof *cells };
    static struct summary summary[CELLS][STATISTICS];
    for (size_t c = 0; c < CELLS && !bench.failed; c++) {
        bench.cell = &cells[c];
        bench.seed = 9000 + c;
        find_truth(&bench);
        pool_run(pool, pool_pieces(bench.replications, PIECE), replicate, &bench);
        sum_up(&bench, summary[c]);
    }
    for (int table = 0; table < 3; table++) {
        say_header(table == 0   ? "coverage of 95 % intervals, %"
                   : table == 1 ? "mean SE/SD"
                                : "bias/SD");
        for (size_t c = 0; c < CELLS; c++) {
            printf("| %s |", cells[c].name);
            for (int k = 0; k < STATISTICS; k++) {
                const struct summary *own = &summary[c][k];
                if (table == 0)
                    printf(" %.1f |", own->covered);
                else
                    printf(" %.2f |", table == 1 ? own->error : own->bias);
            }
            putchar('\n');
        }
    }
    pool_destroy(pool);
    free(bench.found);
    return bench.failed;
}

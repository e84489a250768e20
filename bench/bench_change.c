/* bench_change.c - what the intervals of a change cover, by simulation with known truth.
 *
 *     build/bench/bench_change [REPLICATIONS [THREADS]]
 *
 * Prints the tables of docs/methods/change.md. Points with SD 100: school 20 (lasting), school by
 * wave 12, pupil (lasting) 70, pupil by wave 67; so a school's share of the variance is .05 and a
 * pupil's two results correlate by about .5. The wave's true change is drawn anew in each
 * replication, and with it the link's error.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "stat/change.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 20000, SCHOOLS_MAX = 400, GRADES = 5, DRAWS_MAX = 5, PIECE = 50 };

static const double SLOPE_CHANGE = 5;

enum what { MEAN, SAME_GRADES, SAME_PERSONS, SLOPE };
struct cell {
    const char *name;
    enum what what;
    int only[2], both; /* schools in one wave, in both */
    int pupils;        /* a school and wave, on average */
    bool unequal;      /* sizes from a quarter to twice that, skewed */
    int strata;        /* 0: none */
    double link_se;
    double stay, move; /* shares of the first wave's pupils that are in the second; of those, in
                          another school */
    bool skewed;       /* pupils' deviations are exponential */
    int draws;         /* plausible values; 0: the values themselves */
};

static const struct cell cells[] = {
    { "40 schools in both waves", MEAN, { 0, 0 }, 40, 16, false, 0, 0, 0, 0, false, 0 },
    { "the same, sizes from 4 to 32", MEAN, { 0, 0 }, 40, 16, true, 0, 0, 0, 0, false, 0 },
    { "the same, skewed results", MEAN, { 0, 0 }, 40, 16, true, 0, 0, 0, 0, true, 0 },
    { "12 schools, unequal", MEAN, { 0, 0 }, 12, 16, true, 0, 0, 0, 0, false, 0 },
    { "6 schools, unequal", MEAN, { 0, 0 }, 6, 16, true, 0, 0, 0, 0, false, 0 },
    { "half of the schools new", MEAN, { 20, 20 }, 20, 16, true, 0, 0, 0, 0, false, 0 },
    { "independent samples of 40", MEAN, { 40, 40 }, 0, 16, true, 0, 0, 0, 0, false, 0 },
    { "independent, 8 and 60", MEAN, { 8, 60 }, 0, 16, true, 0, 0, 0, 0, false, 0 },
    { "13 strata of 5, unequal", MEAN, { 0, 0 }, 65, 16, true, 13, 0, 0, 0, false, 0 },
    { "60 strata of 2", MEAN, { 0, 0 }, 120, 8, true, 60, 0, 0, 0, false, 0 },
    { "40 schools, link error 3", MEAN, { 0, 0 }, 40, 16, true, 0, 3, 0, 0, false, 0 },
    { "12 schools, link error 8", MEAN, { 0, 0 }, 12, 16, true, 0, 8, 0, 0, false, 0 },
    { "half the pupils stay", MEAN, { 0, 0 }, 40, 16, true, 0, 3, .5, 0, false, 0 },
    { "the same, a quarter of them moved", MEAN, { 0, 0 }, 40, 16, true, 0, 3, .5, .25, false, 0 },
    { "independent, five plausible values", MEAN, { 40, 40 }, 0, 16, true, 0, 3, 0, 0, false, 5 },
    { "same pupils: half stay", SAME_PERSONS, { 0, 0 }, 40, 16, true, 0, 3, .5, 0, false, 0 },
    { "same pupils: a quarter moved",
      SAME_PERSONS,
      { 0, 0 },
      40,
      16,
      true,
      0,
      3,
      .5,
      .25,
      false,
      0 },
    { "same grades, mix shifts", SAME_GRADES, { 0, 0 }, 40, 16, true, 0, 3, 0, 0, false, 0 },
    { "same grades, 12 schools", SAME_GRADES, { 0, 0 }, 12, 16, true, 0, 0, 0, 0, false, 0 },
    { "slope on background", SLOPE, { 0, 0 }, 40, 16, true, 0, 3, 0, 0, false, 0 },
    { "slope, 12 schools", SLOPE, { 0, 0 }, 12, 16, true, 0, 0, 0, 0, false, 0 },
};
enum { CELLS = sizeof cells / sizeof *cells };

/* One replication's rows, and a source of random numbers that is its own. */
struct rows {
    uint64_t seed, stream, counter;
    size_t n;
    double values[DRAWS_MAX * ROWS], background[ROWS];
    double truth[ROWS], measured[ROWS]; /* without plausible values truth is the value */
    int wave[ROWS], school[ROWS], grade[ROWS], person[ROWS], stratum[SCHOOLS_MAX];
};

static double normal(struct rows *r) { return random_normal(r->seed, r->stream, r->counter++); }
static double uniform(struct rows *r) { return random_uniform(r->seed, r->stream, r->counter++); }

/* Standard, or exponential less its mean. */
static double deviation(struct rows *r, bool skewed) {
    return skewed ? -num_log(uniform(r)) - 1 : normal(r);
}

static int school_size(const struct cell *cell, struct rows *r) {
    if (!cell->unequal) return cell->pupils;
    double size = cell->pupils * num_exp(0.5 * normal(r) - 0.125);
    return (int)fmin(fmax(size, cell->pupils / 4.0), 2.0 * cell->pupils);
}

/* Two of the first wave's grades out of three are low, of the second's one. */
static int draw_grade(struct rows *r, int wave) {
    double u = uniform(r);
    int grade = (int)(u * GRADES);
    return wave == 0 && uniform(r) < 0.4 ? grade / 2 : grade;
}

static void add_row(const struct cell *cell, struct rows *r, int wave, int school, int person,
                    double lasting, const double *effect) {
    size_t i = r->n++;
    r->wave[i] = wave;
    r->school[i] = school;
    r->person[i] = person;
    r->grade[i] = cell->what == SAME_GRADES ? draw_grade(r, wave) : 0;
    r->background[i] = cell->what == SLOPE ? normal(r) : 0;
    r->truth[i] = effect[wave] + lasting + 15 * r->grade[i] +
                  (30 + (wave ? SLOPE_CHANGE : 0)) * r->background[i] +
                  67 * deviation(r, cell->skewed);
}

/* Schools, then pupils; those who stay are put into the second wave of their school or of another.
 * Returns the true change: strata are not sampled, so what changed in them is part of it. */
static double draw_rows(const struct cell *cell, struct rows *r, double shift) {
    static const double stratum_sd = 15;
    int schools = cell->only[0] + cell->only[1] + cell->both, persons = 0;
    double effect[SCHOOLS_MAX][2], stratum[SCHOOLS_MAX][2];
    double truth = shift;
    r->n = 0;
    for (int h = 0; h < SCHOOLS_MAX && h < cell->strata; h++)
        for (int w = 0; w < 2; w++)
            truth += (w ? 1 : -1) * (stratum[h][w] = stratum_sd * normal(r)) / cell->strata;
    for (int s = 0; s < schools; s++) {
        double lasting = 20 * normal(r);
        r->stratum[s] = cell->strata ? s % cell->strata : 0;
        for (int w = 0; w < 2; w++) {
            effect[s][w] = 500 + lasting + 12 * normal(r) + (w ? shift : 0);
            if (cell->strata) effect[s][w] += stratum[r->stratum[s]][w];
        }
    }
    for (int s = 0; s < schools; s++) {
        bool in[2] = { s < cell->only[0] || s >= cell->only[0] + cell->only[1],
                       s >= cell->only[0] };
        int size = school_size(cell, r);
        for (int p = 0; in[0] && p < size; p++) {
            double lasting = 70 * deviation(r, cell->skewed);
            add_row(cell, r, 0, s, persons, lasting, effect[s]);
            if (uniform(r) < cell->stay) {
                int to = uniform(r) < cell->move ? (s + 1 + p) % schools : s;
                add_row(cell, r, 1, to, persons, lasting, effect[to]);
            }
            persons++;
        }
        int fresh = in[0] ? (int)(size * (1 - cell->stay)) : size;
        for (int p = 0; in[1] && p < fresh; p++)
            add_row(cell, r, 1, s, persons++, 70 * deviation(r, cell->skewed), effect[s]);
    }
    return truth;
}

/* Plausible values as the model of independent waves gives them, its variances known: the wave's
 * mean, the schools' effects given it, the pupils' values given both (reliability .8). */
static void draw_plausible(const struct cell *cell, struct rows *r) {
    const double tau2 = 20 * 20 + 12 * 12, sigma2 = 70 * 70 + 67 * 67, noise2 = sigma2 / 4;
    const double shrink = sigma2 / (sigma2 + noise2);
    int schools = cell->only[0] + cell->only[1];
    double count[SCHOOLS_MAX] = { 0 }, sum[SCHOOLS_MAX] = { 0 }, mean[SCHOOLS_MAX] = { 0 };
    for (size_t i = 0; i < r->n; i++) {
        r->measured[i] = r->truth[i] + sqrt(noise2) * normal(r);
        count[r->school[i]]++;
        sum[r->school[i]] += r->measured[i];
    }
    for (int d = 0; d < cell->draws; d++) {
        for (int from = 0, to; from < schools; from = to) {
            double precision = 0, weighted = 0;
            to = from + (from ? cell->only[1] : cell->only[0]);
            for (int s = from; s < to; s++) {
                double p = 1 / (tau2 + (sigma2 + noise2) / count[s]);
                precision += p;
                weighted += p * sum[s] / count[s];
            }
            double mu = weighted / precision + normal(r) / sqrt(precision);
            for (int s = from; s < to; s++) {
                double within = (sigma2 + noise2) / count[s], k = tau2 / (tau2 + within);
                mean[s] = mu + k * (sum[s] / count[s] - mu) + sqrt(k * within) * normal(r);
            }
        }
        for (size_t i = 0; i < r->n; i++)
            r->values[(size_t)d * r->n + i] = mean[r->school[i]] +
                                              shrink * (r->measured[i] - mean[r->school[i]]) +
                                              sqrt(shrink * noise2) * normal(r);
    }
}

static void draw_values(const struct cell *cell, struct rows *r) {
    if (cell->draws)
        draw_plausible(cell, r);
    else
        memcpy(r->values, r->truth, r->n * sizeof *r->values);
}

/* ---- replications ---- */

struct outcome {
    double error, se, df; /* of the estimate, from the truth */
    bool covered;
};
struct bench {
    size_t cell, replications;
    struct outcome *outcomes;
    bool failed;
};

static bool estimate(const struct cell *cell, struct rows *r, struct arena *arena,
                     struct change *out) {
    struct error error;
    struct change_input input = { .n = r->n,
                                  .draws = cell->draws ? (size_t)cell->draws : 1,
                                  .values = r->values,
                                  .wave = r->wave,
                                  .cluster = r->school,
                                  .n_clusters =
                                      (size_t)(cell->only[0] + cell->only[1] + cell->both),
                                  .stratum = cell->strata ? r->stratum : NULL,
                                  .person = r->person,
                                  .n_persons = ROWS,
                                  .link_se = cell->link_se };
    switch (cell->what) {
    case SAME_GRADES: return change_same_grades(&input, r->grade, GRADES, arena, out, &error);
    case SAME_PERSONS: return change_same_persons(&input, arena, out, &error);
    case SLOPE: return change_slope(&input, r->background, arena, out, &error);
    default: return change_mean(&input, arena, out, &error);
    }
}

static void replicate(void *context, size_t piece) {
    struct bench *bench = context;
    const struct cell *cell = &cells[bench->cell];
    struct rows *r = malloc(sizeof *r);
    size_t from, to;
    pool_piece(bench->replications, PIECE, piece, &from, &to);
    for (size_t i = from; r && i < to; i++) {
        struct arena *arena = arena_create(64 * MIB);
        struct change change;
        r->seed = 20261125 + bench->cell;
        r->stream = i;
        r->counter = 0;
        double shift = 8 * normal(r), link = cell->link_se * normal(r);
        double truth = draw_rows(cell, r, shift + link) - link;
        draw_values(cell, r);
        if (cell->what == SLOPE) truth = SLOPE_CHANGE;
        if (!arena || !estimate(cell, r, arena, &change)) bench->failed = true;
        double error = change.change.value - truth;
        bench->outcomes[i] =
            (struct outcome){ error, change.change.se, change.change.df,
                              fabs(error) <= estimate_half_width(change.change, .95) };
        arena_destroy(arena);
    }
    if (!r) bench->failed = true;
    free(r);
}

static void say_cell(const struct bench *bench) {
    double n = (double)bench->replications, mean = 0, square = 0, se = 0, df = 0, covered = 0;
    for (size_t i = 0; i < bench->replications; i++) {
        const struct outcome *o = &bench->outcomes[i];
        mean += o->error / n;
        square += o->error * o->error / n;
        se += o->se * o->se / n;
        df += fmin(o->df, 1e6) / n;
        covered += o->covered / n;
    }
    double sd = sqrt(square - mean * mean);
    printf("| %s | %.2f | %.2f | %.3f | %.0f | %.1f | %.1f |\n", cells[bench->cell].name, mean, sd,
           sqrt(se) / sd, df, 100 * covered, 100 * (1 - covered));
    fflush(stdout);
}

int main(int argc, char **argv) {
    long long replications = 4000, threads = 1;
    if ((argc > 1 && !text_to_int(argv[1], 1, 1000000, &replications)) ||
        (argc > 2 && !text_to_int(argv[2], 1, 64, &threads)))
        return 2;
    struct pool *pool = pool_create((int)threads);
    struct bench bench = { .replications = (size_t)replications,
                           .outcomes = calloc((size_t)replications, sizeof *bench.outcomes) };
    if (!pool || !bench.outcomes) return 1;
    puts("| Cell | bias | SD | SE/SD | df | coverage, % | false alarms, % "
         "|\n|---|--:|--:|--:|--:|--:|--:|");
    for (bench.cell = 0; bench.cell < CELLS && !bench.failed; bench.cell++) {
        pool_run(pool, pool_pieces(bench.replications, PIECE), replicate, &bench);
        say_cell(&bench);
    }
    pool_destroy(pool);
    free(bench.outcomes);
    return bench.failed;
}

/* study_means.c - what the intervals of `stat means`, `stat regression` and `stat multilevel`
 * cover, with plausible values and without.
 *
 *     build-bench/bench/study_means [REPLICATIONS [THREADS [CELL]]]
 *
 *     θ = .15 z − .25 girl + school + class + pupil
 *
 * with z of a school standard normal, and school, class and pupil of variances that sum to 1. Six
 * items, drawn anew each time and taken as known; ten plausible values from latent_draw() with
 * girl, z, classes and schools. Results are in points, 100 θ. The functions are those behind the
 * commands. Tables: docs/methods/simulation.md.
 */
#include "simulation.h"

#include "base/arena.h"
#include "base/error.h"
#include "scale/latent.h"
#include "stat/mean.h"
#include "stat/multilevel.h"
#include "stat/regression.h"

#include <math.h>

enum { ITEMS = 6, STEPS = 3, DRAWS = 10, COLUMNS = 3, GIRL = 1, Z = 2 };
static const double GIRLS_EFFECT = -25, Z_EFFECT = 15;

static const struct cell {
    size_t schools, classes, pupils;
    double icc, missing, middle;
    enum shape shape;
    bool unequal, observed; /* observed: θ itself is analysed, one draw */
} designs[] = {
    { .schools = 30, .classes = 2, .pupils = 12, .icc = .10, .observed = true },
    { .schools = 30,
      .classes = 2,
      .pupils = 12,
      .icc = .10,
      .observed = true,
      .unequal = true,
      .shape = SHAPE_SKEWED },
    { .schools = 6, .classes = 2, .pupils = 20, .icc = .10, .observed = true },
    { .schools = 30, .classes = 2, .pupils = 12, .icc = .10 },
    { .schools = 30, .classes = 2, .pupils = 12, .icc = .10, .unequal = true },
    { .schools = 30, .classes = 2, .pupils = 12, .icc = .15 },
    { .schools = 30, .classes = 2, .pupils = 8, .icc = .05 },
    { .schools = 12, .classes = 2, .pupils = 20, .icc = .10 },
    { .schools = 6, .classes = 2, .pupils = 20, .icc = .10 },
    { .schools = 30, .classes = 2, .pupils = 12, .icc = .10, .missing = .2 },
    { .schools = 30, .classes = 2, .pupils = 12, .icc = .10, .shape = SHAPE_SKEWED },
    { .schools = 30, .classes = 2, .pupils = 12, .icc = .10, .middle = -2 },
};
static const char *const cells[] = {
    "θ itself: 30 schools of 2 classes of 12",
    "θ itself, skewed, schools of 8 to 40",
    "θ itself, 6 schools of 2 classes of 20",
    "plausible values: 30 schools of 2 classes of 12",
    "schools of 8 to 40",
    "shares of schools and classes .15 in all",
    "shares .05, classes of 8",
    "12 schools of 2 classes of 20",
    "6 schools of 2 classes of 20",
    "20 % of the answers missing",
    "skewed ability (skewness 1)",
    "ceiling: two thirds of answers at the top",
};
enum { CELLS = sizeof cells / sizeof *cells };

enum {
    MEAN,
    MEAN_JK2,
    MEAN_GIRLS,
    GAP_LINEARISED,
    GAP_CR2,
    GAP_REML,
    Z_LINEARISED,
    Z_CR2,
    Z_REML,
    EFFECT,
    QUANTITIES
};
static const char *const quantities[QUANTITIES] = {
    [MEAN] = "mean, jackknife over schools",
    [MEAN_JK2] = "mean, paired jackknife (JK2)",
    [MEAN_GIRLS] = "girls' mean, jackknife",
    [GAP_LINEARISED] = "girls less boys, linearised",
    [GAP_CR2] = "girls less boys, CR2",
    [GAP_REML] = "girls less boys, REML",
    [Z_LINEARISED] = "slope on schools' z, linearised",
    [Z_CR2] = "slope on schools' z, CR2",
    [Z_REML] = "slope on schools' z, REML",
    [EFFECT] = "a school's effect, REML (average over schools)",
};

/* One replication's pupils. effect is what the model of one level calls a school's: its own and
 * the mean of its classes'. */
struct data {
    size_t n;
    double *theta, *x, *y,
        *effect; /* x[pupil * COLUMNS + column]; y: points by draw; effect: of a school */
    int *school, *class;
    size_t draws;
};

static bool draw_pupils(const struct cell *cell, struct source *source, struct arena *arena,
                        struct data *d) {
    size_t most = cell->schools * cell->classes * cell->pupils * 2, number = 0;
    *d = (struct data){ .theta = arena_array(arena, most, sizeof(double)),
                        .x = arena_array(arena, most, COLUMNS * sizeof(double)),
                        .y = arena_array(arena, most, DRAWS * sizeof(double)),
                        .effect = arena_array(arena, cell->schools, sizeof(double)),
                        .school = arena_array(arena, most, sizeof(int)),
                        .class = arena_array(arena, most, sizeof(int)) };
    if (!d->theta || !d->x || !d->y || !d->effect || !d->school || !d->class) return false;
    for (size_t s = 0; s < cell->schools; s++) {
        double z = draw_normal(source), school = sqrt(cell->icc / 2) * draw_normal(source);
        double size = cell->unequal ? .35 + 1.3 * draw_uniform(source) : 1;
        d->effect[s] = 100 * school;
        for (size_t c = 0; c < cell->classes; c++, number++) {
            double class = sqrt(cell->icc / 2) * draw_normal(source);
            d->effect[s] += 100 * class / (double)cell->classes;
            size_t n = (size_t)lround(size * (double)cell->pupils);
            for (size_t i = 0; i < n; i++, d->n++) {
                double girl = draw_uniform(source) < .5;
                double own = sqrt(1 - cell->icc) * draw_shape(source, cell->shape);
                d->x[d->n * COLUMNS] = 1;
                d->x[d->n * COLUMNS + GIRL] = girl;
                d->x[d->n * COLUMNS + Z] = z;
                d->school[d->n] = (int)s;
                d->class[d->n] = (int)number;
                d->theta[d->n] = (Z_EFFECT * z + GIRLS_EFFECT * girl) / 100 + school + class + own;
            }
        }
    }
    return true;
}

static void draw_answers(const struct cell *cell, struct source *source, const struct data *d,
                         struct item_parameters *items, int8_t *codes) {
    for (int i = 0; i < ITEMS; i++) {
        double middle = cell->middle + .5 * draw_normal(source);
        items[i] = (struct item_parameters){ .steps = STEPS, .slope = 1 };
        for (int h = 0; h < STEPS; h++)
            items[i].location[h] = middle + 1.1 * (h - 1) + .2 * draw_normal(source);
    }
    for (size_t p = 0; p < d->n; p++)
        for (int i = 0; i < ITEMS; i++) {
            bool missing = draw_uniform(source) < cell->missing;
            int8_t answer = draw_answer(source, MODEL_PCM, &items[i], d->theta[p]);
            codes[p * ITEMS + (size_t)i] = missing ? CODE_MISSING : answer;
        }
    /* Everybody answers something. */
    for (size_t p = 0; p < d->n; p++)
        if (codes[p * ITEMS] == CODE_MISSING)
            codes[p * ITEMS] = draw_answer(source, MODEL_PCM, &items[0], d->theta[p]);
}

static bool draw_values(const struct cell *cell, struct source *source, struct arena *arena,
                        struct data *d) {
    struct item_parameters items[ITEMS];
    double mean = 0, variance = 1;
    struct scale_model model = { MODEL_PCM, ITEMS, items, 1, &mean, &variance };
    d->draws = cell->observed ? 1 : DRAWS;
    for (size_t p = 0; p < d->n; p++) d->y[p] = 100 * d->theta[p];
    if (cell->observed) return true;
    int8_t *codes = arena_array(arena, d->n, ITEMS);
    if (!codes) return false;
    draw_answers(cell, source, d, items, codes);
    struct responses responses = {
        .n_persons = d->n, .n_items = ITEMS, .codes = codes, .n_groups = 1
    };
    struct latent_input input = { .responses = &responses,
                                  .model = &model,
                                  .n_columns = COLUMNS,
                                  .x = d->x,
                                  .n_classes = cell->schools * cell->classes,
                                  .n_schools = cell->schools,
                                  .class_of = d->class,
                                  .school_of = d->school,
                                  .draws = DRAWS,
                                  .seed = (uint64_t)(draw_uniform(source) * 9e15) };
    struct latent_result latent;
    struct error error;
    if (!latent_draw(&input, NULL, arena, &latent, &error)) return false;
    for (size_t i = 0; i < d->n * DRAWS; i++) d->y[i] = 100 * latent.pv[i];
    return true;
}

/* The mean of everybody, and of girls; the population's share of girls is a half, z's mean 0. */
static bool count_means(const struct cell *cell, const struct data *d, struct arena *arena,
                        struct quantity *out) {
    struct sample sample = { .n = d->n,
                             .draws = d->draws,
                             .values = d->y,
                             .cluster = d->school,
                             .n_clusters = cell->schools };
    struct moments all, pairs, girls;
    struct error error;
    double *y = arena_array(arena, d->n * d->draws, sizeof *y);
    if (!y || !mean_jackknife(&sample, arena, &all, &error) ||
        !mean_jk2(&sample, arena, &pairs, &error))
        return false;
    for (size_t i = 0; i < d->n * d->draws; i++)
        y[i] = d->x[i % d->n * COLUMNS + GIRL] > 0 ? d->y[i] : NAN;
    sample.values = y;
    if (!mean_jackknife(&sample, arena, &girls, &error)) return false;
    quantity_add(&out[MEAN], all.mean, GIRLS_EFFECT / 2);
    quantity_add(&out[MEAN_JK2], pairs.mean, GIRLS_EFFECT / 2);
    quantity_add(&out[MEAN_GIRLS], girls.mean, GIRLS_EFFECT);
    return true;
}

static bool count_slopes(const struct cell *cell, const struct data *d, struct arena *arena,
                         struct quantity *out) {
    struct regression_input input = { .n = d->n,
                                      .draws = d->draws,
                                      .y = d->y,
                                      .n_columns = COLUMNS,
                                      .x = d->x,
                                      .cluster = d->school,
                                      .n_clusters = cell->schools,
                                      .errors = REGRESSION_LINEARISED };
    struct multilevel_input nested = {
        d->n, d->draws, d->y, COLUMNS, d->x, d->school, cell->schools
    };
    struct regression linearised, cr2;
    struct multilevel reml;
    struct error error;
    if (!regression_fit(&input, arena, &linearised, &error)) return false;
    input.errors = REGRESSION_CR2;
    if (!regression_fit(&input, arena, &cr2, &error) ||
        !multilevel_fit(&nested, arena, &reml, &error))
        return false;
    quantity_add(&out[GAP_LINEARISED], linearised.coefficient[GIRL], GIRLS_EFFECT);
    quantity_add(&out[GAP_CR2], cr2.coefficient[GIRL], GIRLS_EFFECT);
    quantity_add(&out[GAP_REML], reml.fixed[GIRL], GIRLS_EFFECT);
    quantity_add(&out[Z_LINEARISED], linearised.coefficient[Z], Z_EFFECT);
    quantity_add(&out[Z_CR2], cr2.coefficient[Z], Z_EFFECT);
    quantity_add(&out[Z_REML], reml.fixed[Z], Z_EFFECT);
    for (size_t s = 0; s < cell->schools; s++)
        quantity_add(&out[EFFECT], (struct estimate){ reml.effect[s], reml.effect_se[s], HUGE_VAL },
                     d->effect[s]);
    return true;
}

static bool replicate(size_t number, struct source *source, struct arena *arena,
                      struct quantity *out) {
    const struct cell *cell = &designs[number];
    struct data d;
    return draw_pupils(cell, source, arena, &d) && draw_values(cell, source, arena, &d) &&
           count_means(cell, &d, arena, out) && count_slopes(cell, &d, arena, out);
}

int main(int argc, char **argv) {
    const struct study study = { .unit = "points",
                                 .quantities = quantities,
                                 .n_quantities = QUANTITIES,
                                 .cells = cells,
                                 .n_cells = CELLS,
                                 .decimals = 1,
                                 .replicate = replicate };
    return study_main(&study, argc, argv);
}

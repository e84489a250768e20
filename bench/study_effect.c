/* study_effect.c - what the intervals of a difference-in-differences and of an expected regression
 * to the mean cover.
 *
 *     build-bench/bench/study_effect [REPLICATIONS [THREADS [CELL]]]
 *
 * Points with SD 100: school 20 (lasting), school by wave 12, pupil 97; 16 pupils a school and wave
 * on average. All change by 7, the treated by no more. Tables: docs/methods/change.md.
 */
#include "simulation.h"

#include "base/error.h"
#include "num/special.h"
#include "stat/did.h"
#include "stat/rtm.h"

#include <math.h>

enum { ROWS = 20000, SCHOOLS_MAX = 250, GRADES = 5 };

enum measure { EFFECT, REGRESSION, MEASURES };
static const char *const measures[MEASURES] = {
    [EFFECT] = "difference-in-differences",
    [REGRESSION] = "expected regression",
};

struct design {
    const char *name;
    int treated, schools;
    bool equal;       /* else sizes from a quarter to twice sixteen, skewed, another in each wave */
    enum shape shape; /* of pupils' deviations */
    bool grades;      /* of unequal means, in the model */
    double varies;    /* SD of the effect between treated schools, whose mean is 0 */
    bool lowest;      /* the treated are those with the lowest results in the first wave */
    bool warning;     /* and their effect is estimated all the same */
};

static const struct design designs[] = {
    { .name = "20 of 40 schools", .treated = 20, .schools = 40, .equal = true },
    { .name = "8 of 40", .treated = 8, .schools = 40, .equal = true },
    { .name = "8 of 40, sizes from 4 to 32", .treated = 8, .schools = 40 },
    { .name = "8 of 40, skewed results", .treated = 8, .schools = 40, .shape = SHAPE_SKEWED },
    { .name = "8 of 40, grades in the model", .treated = 8, .schools = 40, .grades = true },
    { .name = "8 of 40, effect varies (SD 12)", .treated = 8, .schools = 40, .varies = 12 },
    { .name = "4 of 40, equal", .treated = 4, .schools = 40, .equal = true },
    { .name = "4 of 40", .treated = 4, .schools = 40 },
    { .name = "4 of 12", .treated = 4, .schools = 12 },
    { .name = "3 of 60, equal", .treated = 3, .schools = 60, .equal = true },
    { .name = "3 of 60", .treated = 3, .schools = 60 },
    { .name = "40 of 240", .treated = 40, .schools = 240 },
    { .name = "the 8 lowest of 40, equal",
      .treated = 8,
      .schools = 40,
      .equal = true,
      .lowest = true,
      .warning = true },
    { .name = "the 8 lowest of 40", .treated = 8, .schools = 40, .lowest = true },
    { .name = "the 8 lowest of 40, skewed results",
      .treated = 8,
      .schools = 40,
      .shape = SHAPE_SKEWED,
      .lowest = true },
    { .name = "the 4 lowest of 13", .treated = 4, .schools = 13, .lowest = true },
    { .name = "the 40 lowest of 240", .treated = 40, .schools = 240, .lowest = true },
    { .name = "the lowest of 40, equal",
      .treated = 1,
      .schools = 40,
      .equal = true,
      .lowest = true },
    { .name = "the lowest of 40", .treated = 1, .schools = 40, .lowest = true },
};
enum { CELLS = sizeof designs / sizeof *designs };

struct rows {
    size_t n;
    double values[ROWS], mean[SCHOOLS_MAX]; /* of a school in the first wave */
    int wave[ROWS], school[ROWS], grade[ROWS], treated[SCHOOLS_MAX], size[SCHOOLS_MAX];
};

/* The schools with the lowest means of the first wave become the treated. */
static void choose_lowest(const struct design *d, struct rows *r) {
    for (int s = 0; s < d->schools; s++) {
        int below = 0;
        for (int k = 0; k < d->schools; k++) below += r->mean[k] < r->mean[s];
        r->treated[s] = below < d->treated;
    }
}

/* One school's pupils in one wave. */
static void draw_pupils(const struct design *d, struct rows *r, int wave, int school, int size,
                        double level, struct source *random) {
    double sum = 0;
    for (int p = 0; p < size; p++) {
        size_t i = r->n++;
        r->wave[i] = wave;
        r->school[i] = school;
        r->grade[i] = d->grades ? (int)(GRADES * draw_uniform(random)) : 0;
        r->values[i] = level + 15 * r->grade[i] + 97 * draw_shape(random, d->shape);
        sum += r->values[i];
    }
    if (wave) return;
    r->size[school] = size;
    r->mean[school] = sum / size;
}

static void draw_rows(const struct design *d, struct rows *r, struct source *random) {
    r->n = 0;
    for (int s = 0; s < d->schools; s++) {
        double lasting = 500 + 20 * draw_normal(random), usual = 16;
        r->treated[s] = s < d->treated;
        if (!d->equal) usual = fmin(fmax(16 * num_exp(0.5 * draw_normal(random) - 0.125), 4), 32);
        for (int w = 0; w < 2; w++) {
            double level = lasting + 12 * draw_normal(random) + 7 * w;
            double size = d->equal ? usual : fmax(3, usual * (0.8 + 0.4 * draw_uniform(random)));
            if (w && r->treated[s]) level += d->varies * draw_normal(random);
            draw_pupils(d, r, w, s, (int)size, level, random);
        }
    }
    if (d->lowest) choose_lowest(d, r);
}

/* What the chosen move by, given their first result, beside the change of all: pupils of 97² under
 * schools of 20² + 12². */
static double true_regression(const struct design *d, const struct rows *r) {
    double weight = 0, sum = 0;
    for (int s = 0; s < d->schools; s++) {
        if (!r->treated[s]) continue;
        double rho = 400 / (544 + 97.0 * 97 / r->size[s]);
        weight += r->size[s];
        sum += r->size[s] * (rho - 1) * (r->mean[s] - 500);
    }
    return sum / weight;
}

static bool replicate(size_t cell, struct source *random, struct arena *arena,
                      struct quantity *out) {
    static _Thread_local struct rows r;
    const struct design *d = &designs[cell];
    struct error error;
    struct did did;
    struct rtm rtm;
    draw_rows(d, &r, random);
    struct change_input input = { .n = r.n,
                                  .draws = 1,
                                  .values = r.values,
                                  .wave = r.wave,
                                  .cluster = r.school,
                                  .n_clusters = (size_t)d->schools };
    if (!d->lowest || d->warning) {
        if (!did_estimate(&input, r.treated, d->grades ? r.grade : NULL, GRADES, arena, &did,
                          &error))
            return false;
        quantity_add(&out[EFFECT], did.effect, 0);
    }
    if (d->lowest) {
        if (!rtm_expected(&input, r.treated, arena, &rtm, &error)) return false;
        quantity_add(&out[REGRESSION], rtm.expected, true_regression(d, &r));
    }
    return true;
}

int main(int argc, char **argv) {
    static const char *names[CELLS];
    for (size_t c = 0; c < CELLS; c++) names[c] = designs[c].name;
    const struct study study = { .unit = "points",
                                 .quantities = measures,
                                 .n_quantities = MEASURES,
                                 .cells = names,
                                 .n_cells = CELLS,
                                 .decimals = 2,
                                 .replicate = replicate };
    return study_main(&study, argc, argv);
}

/* study_change.c - what the intervals of a change between waves cover.
 *
 *     build-bench/bench/study_change [REPLICATIONS [THREADS [CELL]]]
 *
 * Points with SD 100: school 20 (lasting), school by wave 12, pupil 70 (lasting) and 67 by wave; 16
 * pupils a school and wave on average. The change and the link's error are drawn anew in each
 * replication. Tables: docs/methods/change.md.
 */
#include "simulation.h"

#include "base/error.h"
#include "num/special.h"
#include "stat/change.h"

#include <math.h>
#include <string.h>

enum { ROWS = 20000, SCHOOLS_MAX = 400, GRADES = 5, DRAWS_MAX = 5 };
/* True change of the slope; what the shift of the grades, 15 points each, gives to the mean. */
static const double SLOPE_CHANGE = 5, GRADES_CHANGE = 15 * 0.48;

enum measure { MEAN, SAME_GRADES, SAME_PERSONS, SLOPE, MEASURES };
static const char *const measures[MEASURES] = {
    [MEAN] = "change of the mean",
    [SAME_GRADES] = "same grades",
    [SAME_PERSONS] = "same pupils",
    [SLOPE] = "slope",
};

struct design {
    const char *name;
    int schools, first, second; /* in both waves, in the first alone, in the second alone */
    int pupils;                 /* a school and wave, on average; 0: 16 */
    bool equal;                 /* else sizes from a quarter to twice that, skewed */
    int strata;                 /* 0: none */
    double link_se;
    double stay, move; /* shares of the first wave's pupils that are in the second, and of those,
                        * in another school */
    enum shape shape;  /* of pupils' deviations */
    int draws;         /* plausible values; 0: the values themselves */
    bool grades, background;
};

static const struct design designs[] = {
    { .name = "40 schools in both waves", .schools = 40, .equal = true },
    { .name = "40, sizes from 4 to 32", .schools = 40 },
    { .name = "40, skewed results", .schools = 40, .shape = SHAPE_SKEWED },
    { .name = "12", .schools = 12, .grades = true, .background = true },
    { .name = "6", .schools = 6 },
    { .name = "20 in both, 20 in each wave alone", .schools = 20, .first = 20, .second = 20 },
    { .name = "independent samples of 40", .first = 40, .second = 40 },
    { .name = "independent samples of 8 and 60", .first = 8, .second = 60 },
    { .name = "13 strata of 5", .schools = 65, .strata = 13 },
    { .name = "60 strata of 2, 8 pupils each", .schools = 120, .strata = 60, .pupils = 8 },
    { .name = "40, link error 3, the mix of grades shifts",
      .schools = 40,
      .link_se = 3,
      .grades = true,
      .background = true },
    { .name = "12, link error 8", .schools = 12, .link_se = 8 },
    { .name = "40, half the pupils stay", .schools = 40, .stay = .5 },
    { .name = "40, half stay, a quarter of them moved", .schools = 40, .stay = .5, .move = .25 },
    { .name = "independent, five plausible values", .first = 40, .second = 40, .draws = 5 },
};
enum { CELLS = sizeof designs / sizeof *designs };

/* One replication's rows. */
struct rows {
    struct source *random;
    size_t n;
    double values[DRAWS_MAX * ROWS], background[ROWS];
    double truth[ROWS], measured[ROWS]; /* without plausible values truth is the value */
    int wave[ROWS], school[ROWS], grade[ROWS], person[ROWS], stratum[SCHOOLS_MAX];
};

static int school_size(const struct design *d, struct rows *r) {
    double pupils = d->pupils ? d->pupils : 16;
    if (d->equal) return (int)pupils;
    double size = pupils * num_exp(0.5 * draw_normal(r->random) - 0.125);
    return (int)fmin(fmax(size, pupils / 4), 2 * pupils);
}

/* Two of the first wave's pupils in five are moved to the lower grades. */
static int draw_grade(struct rows *r, int wave) {
    int grade = (int)(draw_uniform(r->random) * GRADES);
    return wave == 0 && draw_uniform(r->random) < 0.4 ? grade / 2 : grade;
}

static void add_row(const struct design *d, struct rows *r, int wave, int school, int person,
                    double lasting, const double *effect) {
    size_t i = r->n++;
    r->wave[i] = wave;
    r->school[i] = school;
    r->person[i] = person;
    r->grade[i] = d->grades ? draw_grade(r, wave) : 0;
    r->background[i] = d->background ? draw_normal(r->random) : 0;
    r->truth[i] = effect[wave] + lasting + 15 * r->grade[i] +
                  (30 + (wave ? SLOPE_CHANGE : 0)) * r->background[i] +
                  67 * draw_shape(r->random, d->shape);
}

/* Effects of schools by wave. Returns the true change: strata are not sampled, so what changed in
 * them is part of it. */
static double draw_schools(const struct design *d, struct rows *r, int schools, double shift,
                           double effect[][2]) {
    double stratum[SCHOOLS_MAX][2] = { { 0 } }, truth = shift;
    for (int h = 0; h < d->strata; h++)
        for (int w = 0; w < 2; w++) {
            stratum[h][w] = 15 * draw_normal(r->random);
            truth += (w ? 1 : -1) * stratum[h][w] / d->strata;
        }
    for (int s = 0; s < schools; s++) {
        double lasting = 20 * draw_normal(r->random);
        r->stratum[s] = d->strata ? s % d->strata : 0;
        for (int w = 0; w < 2; w++)
            effect[s][w] = 500 + lasting + 12 * draw_normal(r->random) + (w ? shift : 0) +
                           stratum[r->stratum[s]][w];
    }
    return truth;
}

/* Pupils; those who stay are put into the second wave of their school or of another. */
static double draw_rows(const struct design *d, struct rows *r, double shift) {
    int schools = d->first + d->second + d->schools, persons = 0;
    double effect[SCHOOLS_MAX][2], truth = draw_schools(d, r, schools, shift, effect);
    r->n = 0;
    for (int s = 0; s < schools; s++) {
        bool in[2] = { s < d->first || s >= d->first + d->second, s >= d->first };
        int size = school_size(d, r), fresh = in[0] ? (int)(size * (1 - d->stay)) : size;
        for (int p = 0; in[0] && p < size; p++, persons++) {
            double lasting = 70 * draw_shape(r->random, d->shape);
            add_row(d, r, 0, s, persons, lasting, effect[s]);
            if (draw_uniform(r->random) >= d->stay) continue;
            int to = draw_uniform(r->random) < d->move ? (s + 1 + p) % schools : s;
            add_row(d, r, 1, to, persons, lasting, effect[to]);
        }
        for (int p = 0; in[1] && p < fresh; p++)
            add_row(d, r, 1, s, persons++, 70 * draw_shape(r->random, d->shape), effect[s]);
    }
    return truth;
}

/* Plausible values as the model of independent waves gives them, its variances known: the wave's
 * mean, the schools' effects given it, the pupils' values given both (reliability .8). */
static void draw_plausible(const struct design *d, struct rows *r) {
    const double tau2 = 20 * 20 + 12 * 12, sigma2 = 70 * 70 + 67 * 67, noise2 = sigma2 / 4;
    const double shrink = sigma2 / (sigma2 + noise2);
    int schools = d->first + d->second;
    double count[SCHOOLS_MAX] = { 0 }, sum[SCHOOLS_MAX] = { 0 }, mean[SCHOOLS_MAX] = { 0 };
    for (size_t i = 0; i < r->n; i++) {
        r->measured[i] = r->truth[i] + sqrt(noise2) * draw_normal(r->random);
        count[r->school[i]]++;
        sum[r->school[i]] += r->measured[i];
    }
    for (int draw = 0; draw < d->draws; draw++) {
        for (int from = 0, to; from < schools; from = to) {
            double precision = 0, weighted = 0;
            to = from + (from ? d->second : d->first);
            for (int s = from; s < to; s++) {
                double p = 1 / (tau2 + (sigma2 + noise2) / count[s]);
                precision += p;
                weighted += p * sum[s] / count[s];
            }
            double mu = weighted / precision + draw_normal(r->random) / sqrt(precision);
            for (int s = from; s < to; s++) {
                double within = (sigma2 + noise2) / count[s], k = tau2 / (tau2 + within);
                mean[s] = mu + k * (sum[s] / count[s] - mu) +
                          sqrt(k * within) * draw_normal(r->random);
            }
        }
        for (size_t i = 0; i < r->n; i++)
            r->values[(size_t)draw * r->n + i] = mean[r->school[i]] +
                                                 shrink * (r->measured[i] - mean[r->school[i]]) +
                                                 sqrt(shrink * noise2) * draw_normal(r->random);
    }
}

static bool replicate(size_t cell, struct source *random, struct arena *arena,
                      struct quantity *out) {
    static _Thread_local struct rows r;
    const struct design *d = &designs[cell];
    struct error error;
    struct change change;
    r.random = random;
    double shift = 8 * draw_normal(random), link = d->link_se * draw_normal(random);
    double truth = draw_rows(d, &r, shift + link) - link;
    if (d->draws)
        draw_plausible(d, &r);
    else
        memcpy(r.values, r.truth, r.n * sizeof *r.values);
    struct change_input input = { .n = r.n,
                                  .draws = d->draws ? (size_t)d->draws : 1,
                                  .values = r.values,
                                  .wave = r.wave,
                                  .cluster = r.school,
                                  .n_clusters = (size_t)(d->first + d->second + d->schools),
                                  .stratum = d->strata ? r.stratum : NULL,
                                  .person = r.person,
                                  .n_persons = ROWS,
                                  .link_se = d->link_se };
    if (!change_mean(&input, arena, &change, &error)) return false;
    quantity_add(&out[MEAN], change.change, truth + (d->grades ? GRADES_CHANGE : 0));
    if (d->grades) {
        if (!change_same_grades(&input, r.grade, GRADES, arena, &change, &error)) return false;
        quantity_add(&out[SAME_GRADES], change.change, truth);
    }
    if (d->stay > 0) {
        if (!change_same_persons(&input, arena, &change, &error)) return false;
        quantity_add(&out[SAME_PERSONS], change.change, truth);
    }
    if (d->background) {
        if (!change_slope(&input, r.background, arena, &change, &error)) return false;
        quantity_add(&out[SLOPE], change.change, SLOPE_CHANGE);
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

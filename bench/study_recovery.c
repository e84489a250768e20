/* study_recovery.c - whether plausible values give back what the answers were made from.
 *
 *     build-bench/bench/study_recovery [REPLICATIONS [THREADS [CELL]]]
 *
 * Programmes of known variance shares, gender gap and grade slope are simulated, answered on an
 * ordinary scale and on one where two of three answers are the highest, and scored as publish does:
 * ten plausible values that know gender, grade, class and school. Prints a Markdown table of what
 * the values give, combined by Rubin's rules, and how often the 95 % intervals hold the truth.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/latent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS = 6, STEPS = 3, COLUMNS = 3, DRAWS = 10, GRADES = 3, SCHOOLS_MAX = 200 };

/* θ = GAP girl + SLOPE (grade − 1) + school + class + e, the last three of total variance 1. */
static const double GAP = 0.3, SLOPE = 0.15;

static const struct cell {
    const char *scale;
    double easy;                   /* how far the steps are shifted down */
    size_t schools, classes, size; /* classes a school, pupils a class */
    double school, class;          /* shares of the variance */
    size_t share;                  /* replications of REPLICATIONS: one of so many */
} cells[] = {
    { "ordinary", 0, 25, 2, 20, 0.05, 0.05, 1 },  { "ordinary", 0, 25, 2, 20, 0.10, 0.15, 1 },
    { "ordinary", 0, 25, 5, 8, 0.05, 0.05, 1 },   { "ordinary", 0, 25, 5, 8, 0.10, 0.15, 1 },
    { "ceiling", 2.1, 25, 2, 20, 0.05, 0.05, 1 }, { "ceiling", 2.1, 25, 2, 20, 0.10, 0.15, 1 },
    { "ceiling", 2.1, 25, 5, 8, 0.05, 0.05, 1 },  { "ceiling", 2.1, 25, 5, 8, 0.10, 0.15, 1 },
    { "ordinary", 0, 100, 3, 20, 0.05, 0.10, 8 }, { "ceiling", 2.1, 100, 3, 20, 0.05, 0.10, 8 },
};
enum { CELLS = sizeof cells / sizeof *cells };

/* What is asked of a replication. */
enum quantity { SD, GIRLS, GRADE, ICC_SCHOOL, ICC_CLASS, SCHOOL_SPREAD, CLASS_SPREAD, QUANTITIES };
static const char *const names[QUANTITIES] = {
    "SD of the pupils", "gap of girls and boys",  "slope over grades",     "share of schools",
    "share of classes", "SD of the school means", "SD of the class means",
};

struct outcome {
    double truth[QUANTITIES], estimate[QUANTITIES], covered[QUANTITIES];
    double school_means, class_means, shown_classes; /* shares of intervals that cover */
    double top;                                      /* share of answers in the top category */
};

/* ---- one programme ---- */

struct programme {
    const struct cell *cell;
    size_t n, n_classes;
    struct item_parameters items[ITEMS];
    double mean, variance;
    struct scale_model model;
    struct responses responses;
    int8_t *codes;
    double *x, *theta, *expected; /* expected: x′β + school + class */
    int *class_of, *school_of, *girl;
};

static double total_variance(void) {
    return 1 + GAP * GAP / 4 + SLOPE * SLOPE * (GRADES * GRADES - 1) / 12.0;
}

static int8_t answer(const struct item_parameters *item, double theta, double u) {
    double log_p[CATEGORIES_MAX];
    model_log_probabilities(MODEL_PCM, item, theta, log_p);
    for (int k = 0; k < item->steps; k++) {
        u -= num_exp(log_p[k]);
        if (u < 0) return (int8_t)k;
    }
    return (int8_t)item->steps;
}

static void make_scale(struct programme *p) {
    for (int i = 0; i < ITEMS; i++) {
        p->items[i] = (struct item_parameters){ .steps = STEPS, .slope = 1 };
        for (int h = 0; h < STEPS; h++)
            p->items[i].location[h] = 1.1 * (h - 1) + 0.3 * (i - 2.5) - p->cell->easy;
    }
    p->mean = GAP / 2 + SLOPE * (GRADES - 1) / 2.0;
    p->variance = total_variance();
    p->model = (struct scale_model){ MODEL_PCM, ITEMS, p->items, 1, &p->mean, &p->variance };
}

static void make_person(struct programme *p, size_t i, uint64_t seed) {
    const struct cell *cell = p->cell;
    size_t class = i / cell->size, school = class / cell->classes;
    double *x = p->x + i * COLUMNS;
    p->class_of[i] = (int)class;
    p->school_of[i] = (int)school;
    p->girl[i] = random_uniform(seed, i, 0) < 0.5;
    x[0] = 1;
    x[1] = p->girl[i];
    /* Grades are mixed over the classes of a school, and over schools. */
    x[2] = (double)((class + school) % GRADES);
    p->expected[i] = GAP * x[1] + SLOPE * x[2] +
                     sqrt(cell->school) * random_normal(seed, 1000000 + school, 1) +
                     sqrt(cell->class) * random_normal(seed, 2000000 + class, 2);
    p->theta[i] = p->expected[i] + sqrt(1 - cell->school - cell->class) * random_normal(seed, i, 3);
    for (size_t k = 0; k < ITEMS; k++)
        p->codes[i * ITEMS + k] =
            random_uniform(seed, i, 10 + k) < 0.05
                ? (int8_t)CODE_MISSING
                : answer(&p->items[k], p->theta[i], random_uniform(seed, i, 100 + k));
}

static bool make_programme(struct programme *p, const struct cell *cell, uint64_t seed,
                           struct arena *arena) {
    *p = (struct programme){ .cell = cell, .n_classes = cell->schools * cell->classes };
    p->n = p->n_classes * cell->size;
    make_scale(p);
    p->codes = arena_array(arena, p->n, ITEMS);
    p->x = arena_array(arena, p->n, COLUMNS * sizeof(double));
    p->theta = arena_array(arena, p->n, sizeof(double));
    p->expected = arena_array(arena, p->n, sizeof(double));
    p->class_of = arena_array(arena, p->n, sizeof(int));
    p->school_of = arena_array(arena, p->n, sizeof(int));
    p->girl = arena_array(arena, p->n, sizeof(int));
    if (!p->codes || !p->x || !p->theta || !p->expected || !p->class_of || !p->school_of ||
        !p->girl)
        return false;
    for (size_t i = 0; i < p->n; i++) make_person(p, i, seed);
    p->responses =
        (struct responses){ .n_persons = p->n, .n_items = ITEMS, .codes = p->codes, .n_groups = 1 };
    return true;
}

/* ---- statistics of one set of values ---- */

/* What SD, gap and slope need of one school: sums over its pupils. */
struct sums {
    double n, y, yy, girls, girls_y, g, gg, gy;
};

static void add(struct sums *s, const struct sums *more, double sign) {
    double *to = (double *)s;
    const double *from = (const double *)more;
    for (size_t k = 0; k < sizeof *s / sizeof(double); k++) to[k] += sign * from[k];
}

static void statistics(const struct sums *s, double out[3]) {
    out[SD] = sqrt((s->yy - s->y * s->y / s->n) / (s->n - 1));
    out[GIRLS] = s->girls_y / s->girls - (s->y - s->girls_y) / (s->n - s->girls);
    out[GRADE] = (s->gy - s->g * s->y / s->n) / (s->gg - s->g * s->g / s->n);
}

/* Estimates, and their sampling variances by leaving out one school at a time. */
static void jackknife(const struct programme *p, const double *y, double estimate[3],
                      double variance[3]) {
    struct sums school[SCHOOLS_MAX], total = { 0 };
    memset(school, 0, sizeof school);
    for (size_t i = 0; i < p->n; i++) {
        double girl = p->girl[i], grade = p->x[i * COLUMNS + 2];
        struct sums own = { 1,           y[i],  y[i] * y[i],   girl,
                            girl * y[i], grade, grade * grade, grade * y[i] };
        add(&school[p->school_of[i]], &own, 1);
        add(&total, &own, 1);
    }
    statistics(&total, estimate);
    size_t schools = p->cell->schools;
    for (int k = 0; k < 3; k++) variance[k] = 0;
    for (size_t s = 0; s < schools; s++) {
        struct sums rest = total;
        double without[3];
        add(&rest, &school[s], -1);
        statistics(&rest, without);
        for (int k = 0; k < 3; k++)
            variance[k] += (without[k] - estimate[k]) * (without[k] - estimate[k]) *
                           (double)(schools - 1) / (double)schools;
    }
}

/* Means of clusters of equal size into mean; returns their SD. */
static double cluster_means(const struct programme *p, const double *y, const int *of, size_t n,
                            double *mean) {
    double sum = 0, squares = 0;
    for (size_t c = 0; c < n; c++) mean[c] = 0;
    for (size_t i = 0; i < p->n; i++) mean[of[i]] += y[i] * (double)n / (double)p->n;
    for (size_t c = 0; c < n; c++) sum += mean[c];
    for (size_t c = 0; c < n; c++)
        squares += (mean[c] - sum / (double)n) * (mean[c] - sum / (double)n);
    return sqrt(squares / (double)(n - 1));
}

/* ---- Rubin's rules ---- */

/* Whether estimate ± t √(within + (1 + 1/M) between) holds the truth; df of Barnard and Rubin
 * (1999, doi:10.1093/biomet/86.4.948), complete_df those of the within variance. */
static bool covers(const double *draw, double within, double complete_df, double truth,
                   double *estimate) {
    double mean = 0, between = 0;
    for (int d = 0; d < DRAWS; d++) mean += draw[d] / DRAWS;
    for (int d = 0; d < DRAWS; d++) between += (draw[d] - mean) * (draw[d] - mean) / (DRAWS - 1);
    double missing = (1 + 1.0 / DRAWS) * between, total = within + missing;
    double share = total > 0 ? missing / total : 0, df = complete_df;
    if (share > 0) {
        df = (DRAWS - 1) / (share * share);
        if (within > 0) {
            double seen = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share);
            df = 1 / (1 / df + 1 / seen);
        }
    }
    if (estimate) *estimate = mean;
    return fabs(mean - truth) <= student_quantile(0.975, df) * sqrt(total);
}

/* ---- one replication ---- */

/* Means of clusters, and the share of their intervals that hold the mean of the true values. */
static bool look_at_clusters(const struct programme *p, const struct latent_result *result,
                             const int *of, size_t n, struct arena *arena, enum quantity spread,
                             struct outcome *out, double *covered) {
    double *truth = arena_array(arena, n, sizeof *truth), draw[DRAWS], sd[DRAWS];
    double *mean = arena_array(arena, n, DRAWS * sizeof *mean);
    if (!truth || !mean) return false;
    out->truth[spread] = cluster_means(p, p->theta, of, n, truth);
    for (size_t d = 0; d < DRAWS; d++)
        sd[d] = cluster_means(p, result->pv + d * p->n, of, n, mean + d * n);
    out->covered[spread] = covers(sd, 0, 0, out->truth[spread], &out->estimate[spread]);
    *covered = 0;
    for (size_t c = 0; c < n; c++) {
        for (size_t d = 0; d < DRAWS; d++) draw[d] = mean[d * n + c];
        *covered += covers(draw, 0, 0, truth[c], NULL) / (double)n;
    }
    return true;
}

static void look_at_pupils(const struct programme *p, const struct latent_result *result,
                           struct outcome *out) {
    double draw[3][DRAWS], within[3] = { 0 }, estimate[3], variance[3];
    for (size_t d = 0; d < DRAWS; d++) {
        jackknife(p, result->pv + d * p->n, estimate, variance);
        for (int k = 0; k < 3; k++) {
            draw[k][d] = estimate[k];
            within[k] += variance[k] / DRAWS;
        }
    }
    out->truth[SD] = sqrt(total_variance());
    out->truth[GIRLS] = GAP;
    out->truth[GRADE] = SLOPE;
    for (int k = 0; k < 3; k++)
        out->covered[k] = covers(draw[k], within[k], (double)p->cell->schools - 1, out->truth[k],
                                 &out->estimate[k]);
}

/* Intervals on the scale of the root, where a posterior that leans on 0 is less skewed. They are
 * shown to nobody. */
static void look_at_shares(const struct programme *p, const struct latent_result *result,
                           struct outcome *out) {
    double school[DRAWS], class[DRAWS], mean;
    for (size_t d = 0; d < DRAWS; d++) {
        double total = result->tau2_school_draw[d] + result->tau2_class_draw[d] +
                       result->sigma2_draw[d];
        school[d] = sqrt(result->tau2_school_draw[d] / total);
        class[d] = sqrt(result->tau2_class_draw[d] / total);
        out->estimate[ICC_SCHOOL] += school[d] * school[d] / DRAWS;
        out->estimate[ICC_CLASS] += class[d] * class[d] / DRAWS;
    }
    out->truth[ICC_SCHOOL] = p->cell->school;
    out->truth[ICC_CLASS] = p->cell->class;
    out->covered[ICC_SCHOOL] = covers(school, 0, 0, sqrt(p->cell->school), &mean);
    out->covered[ICC_CLASS] = covers(class, 0, 0, sqrt(p->cell->class), &mean);
}

/* The interval that a class is shown with: of the expected θ of its pupils. */
static bool look_at_shown(const struct programme *p, const struct latent_result *result,
                          struct arena *arena, struct outcome *out) {
    double *truth = arena_array(arena, p->n_classes, sizeof *truth);
    if (!truth) return false;
    cluster_means(p, p->expected, p->class_of, p->n_classes, truth);
    for (size_t c = 0; c < p->n_classes; c++)
        out->shown_classes += (fabs(result->class_mean[c] - truth[c]) <=
                               normal_quantile(0.975) * result->class_sd[c]) /
                              (double)p->n_classes;
    return true;
}

static bool replicate(const struct cell *cell, uint64_t seed, struct outcome *out) {
    struct arena *arena = arena_create(GIB);
    struct programme p;
    struct latent_result result;
    struct error error;
    *out = (struct outcome){ 0 };
    bool ok = arena && make_programme(&p, cell, seed, arena);
    if (ok) {
        struct latent_input input = {
            .responses = &p.responses,
            .model = &p.model,
            .n_columns = COLUMNS,
            .x = p.x,
            .n_classes = p.n_classes,
            .n_schools = cell->schools,
            .class_of = p.class_of,
            .school_of = p.school_of,
            .variance_of = p.girl,
            .n_variances = 2,
            .draws = DRAWS,
            .seed = seed + 7,
        };
        ok = latent_draw(&input, NULL, arena, &result, &error);
    }
    if (ok) {
        look_at_pupils(&p, &result, out);
        look_at_shares(&p, &result, out);
        ok = look_at_clusters(&p, &result, p.school_of, cell->schools, arena, SCHOOL_SPREAD, out,
                              &out->school_means) &&
             look_at_clusters(&p, &result, p.class_of, p.n_classes, arena, CLASS_SPREAD, out,
                              &out->class_means) &&
             look_at_shown(&p, &result, arena, out);
        for (size_t i = 0; i < p.n * ITEMS; i++)
            out->top += (p.codes[i] == STEPS) / (0.95 * (double)(p.n * ITEMS));
    }
    arena_destroy(arena);
    return ok;
}

/* ---- the table ---- */

struct run {
    const struct cell *cell;
    size_t number;
    struct outcome *outcome;
};

static void run_piece(void *context, size_t piece) {
    struct run *run = context;
    if (!replicate(run->cell, 1000000000u * (run->number + 1) + 1000 * piece, &run->outcome[piece]))
        run->outcome[piece].top = NAN;
}

static void print_row(const char *cell, const char *what, double truth, double estimate,
                      double covered) {
    printf("| %s | %s | ", cell, what);
    if (isnan(truth))
        printf("| | | ");
    else
        printf("%.3f | %.3f | %+.1f %% | ", truth, estimate, 100 * (estimate / truth - 1));
    printf("%.1f %% |\n", 100 * covered);
}

static void print_cell(const struct cell *cell, const struct outcome *outcome, size_t n) {
    struct outcome mean = { 0 };
    double *to = (double *)&mean;
    char name[128];
    for (size_t r = 0; r < n; r++)
        for (size_t k = 0; k < sizeof mean / sizeof(double); k++)
            to[k] += ((const double *)&outcome[r])[k] / (double)n;
    snprintf(name, sizeof name, "%s (%.0f %% at the top), %zu × %zu × %zu, n = %zu", cell->scale,
             100 * mean.top, cell->schools, cell->classes, cell->size, n);
    for (int q = 0; q < QUANTITIES; q++) {
        print_row(name, names[q], mean.truth[q], mean.estimate[q], mean.covered[q]);
        name[0] = '\0';
    }
    print_row("", "school means", NAN, 0, mean.school_means);
    print_row("", "class means", NAN, 0, mean.class_means);
    print_row("", "class as shown", NAN, 0, mean.shown_classes);
    fflush(stdout);
}

static size_t argument(int argc, char **argv, int at, long long otherwise) {
    long long value = otherwise;
    if (argc > at && !text_to_int(argv[at], 0, 1000000, &value)) value = otherwise;
    return (size_t)value;
}

int main(int argc, char **argv) {
    size_t replications = argument(argc, argv, 1, 4000), only = argument(argc, argv, 3, 0);
    struct pool *pool = pool_create((int)argument(argc, argv, 2, 1));
    if (!pool) return 1;
    puts("| schools × classes × pupils | what | truth | mean | bias | 95 % covers |\n"
         "|---|---|---|---|---|---|");
    for (size_t c = 0; c < CELLS; c++) {
        size_t n = replications / cells[c].share;
        if ((only && c + 1 != only) || n == 0) continue;
        struct arena *arena = arena_create(GIB);
        struct run run = { &cells[c], c, arena_array(arena, n, sizeof *run.outcome) };
        if (!run.outcome) return 1;
        pool_run(pool, n, run_piece, &run);
        print_cell(&cells[c], run.outcome, n);
        arena_destroy(arena);
    }
    pool_destroy(pool);
    return 0;
}

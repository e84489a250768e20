#include "scale/latent_effects.h"

#include "base/arena.h"
#include "num/linear.h"
#include "num/random.h"

#include <math.h>

/* Streams of random numbers beside the persons', which are below 2³². */
enum use { USE_BETA = 1, USE_SCHOOL, USE_CLASS, USE_TAU_CLASS, USE_TAU_SCHOOL, USE_SIGMA };
static uint64_t stream(enum use use, uint64_t iteration) {
    return (uint64_t)use << 56 | 1ull << 48 | iteration;
}

static bool level_make(struct level *level, size_t n, struct arena *arena) {
    level->n = n;
    level->effect = arena_array(arena, n, sizeof *level->effect);
    level->count = arena_array(arena, n, sizeof *level->count);
    level->residual = arena_array(arena, n, sizeof *level->residual);
    return level->effect && level->count && level->residual;
}

bool effects_make(struct effects *e, size_t p, size_t n_classes, size_t n_schools,
                  struct arena *arena) {
    e->p = p;
    e->n_classes = n_classes;
    e->n_schools = n_schools;
    e->x_sum = arena_array(arena, e->n_cells, p * sizeof(double));
    e->xx = arena_array(arena, p, p * sizeof(double));
    e->xt = arena_array(arena, p, sizeof(double));
    e->beta = arena_array(arena, p, sizeof(double));
    e->a = arena_array(arena, p, p * sizeof(double));
    e->b = arena_array(arena, p, sizeof(double));
    e->g = arena_array(arena, p, sizeof(double));
    e->class = arena_array(arena, n_classes, sizeof *e->class);
    e->school = arena_array(arena, n_schools, sizeof *e->school);
    if (!e->x_sum || !e->xx || !e->xt || !e->beta || !e->a || !e->b || !e->g || !e->class ||
        !e->school || !level_make(&e->class_level, e->n_cells, arena) ||
        !level_make(&e->school_level, n_schools, arena))
        return false;
    for (size_t j = 0; j < e->n_cells; j++) {
        const struct cell *cell = &e->cells[j];
        if (cell->class >= 0) {
            e->class[cell->class].n += cell->n;
            e->class_level.count[j] = cell->n;
        }
        if (cell->school >= 0) {
            e->school[cell->school].n += cell->n;
            e->school_level.count[cell->school] += cell->n;
        }
    }
    return true;
}

void effects_start(struct effects *e, const struct scale_model *model, double sigma2_least) {
    double mean = 0, variance = 0;
    for (size_t g = 0; g < model->n_groups; g++) {
        mean += model->mean[g] / (double)model->n_groups;
        variance += model->variance[g] / (double)model->n_groups;
    }
    variance = fmax(variance, sigma2_least);
    e->sigma2 = variance;
    e->sigma2_least = sigma2_least;
    e->prior_sd = sqrt(variance);
    for (size_t j = 0; j < e->n_cells; j++) e->cells[j].effect = mean;
    e->class_level.tau2 = e->n_classes ? 0.05 * variance : 0;
    e->school_level.tau2 = e->n_schools ? 0.05 * variance : 0;
    e->class_level.factor = e->school_level.factor = 0.5 * e->prior_sd;
}

/* ---- β, schools, classes ---- */

static void weigh_cells(struct effects *e) {
    for (size_t j = 0; j < e->n_cells; j++) {
        struct cell *cell = &e->cells[j];
        double tau2 = cell->class >= 0 ? e->class_level.tau2 : 0;
        cell->weight = 1 / (tau2 + e->sigma2 / cell->n);
        cell->shrink = tau2 * cell->weight;
    }
}

/* a −= factor x x′ (lower triangle). */
static void take_product(size_t p, double *a, const double *x, double factor) {
    for (size_t c = 0; c < p; c++) {
        double scaled = factor * x[c];
        for (size_t d = 0; d <= c; d++) a[c * p + d] -= scaled * x[d];
    }
}

/* Cells of one school stand together: the end of those that begin at from. */
static size_t school_end(const struct effects *e, size_t from) {
    size_t to = from + 1;
    while (to < e->n_cells && e->cells[to].school == e->cells[from].school) to++;
    return to;
}

/* X′V⁻¹X and X′V⁻¹θ. V is σ²I + τ²_class within a class + τ²_school within a school; by the Woodbury
 * identity a class takes (shrink/(n σ²)) Σx Σx′ from X′X/σ², and a school f g g′ with g = Σ w x̄. */
static void normal_equations(struct effects *e) {
    size_t p = e->p;
    for (size_t i = 0; i < p * p; i++) e->a[i] = e->xx[i] / e->sigma2;
    for (size_t c = 0; c < p; c++) e->b[c] = e->xt[c] / e->sigma2;
    for (size_t from = 0, to; from < e->n_cells; from = to) {
        to = school_end(e, from);
        double weight = 0, sum = 0;
        for (size_t c = 0; c < p; c++) e->g[c] = 0;
        for (size_t j = from; j < to; j++) {
            const struct cell *cell = &e->cells[j];
            const double *x = e->x_sum + j * p;
            double factor = cell->shrink / (cell->n * e->sigma2), w = cell->weight / cell->n;
            if (cell->shrink > 0) take_product(p, e->a, x, factor);
            for (size_t c = 0; c < p; c++) {
                e->b[c] -= factor * cell->sum * x[c];
                e->g[c] += w * x[c];
            }
            weight += cell->weight;
            sum += w * cell->sum;
        }
        if (e->cells[from].school < 0) continue;
        double f = e->school_level.tau2 / (1 + e->school_level.tau2 * weight);
        take_product(p, e->a, e->g, f);
        for (size_t c = 0; c < p; c++) e->b[c] -= f * sum * e->g[c];
    }
}

static bool draw_beta(struct effects *e, uint64_t seed, uint64_t iteration, size_t *column) {
    normal_equations(e);
    if (!cholesky(e->p, e->a, 1e-14, column)) return false;
    cholesky_solve(e->p, e->a, e->b);
    for (size_t c = 0; c < e->p; c++) e->g[c] = random_normal(seed, stream(USE_BETA, iteration), c);
    cholesky_solve_upper(e->p, e->a, e->g);
    for (size_t c = 0; c < e->p; c++) e->beta[c] = e->b[c] + e->g[c];
    for (size_t j = 0; j < e->n_cells; j++) {
        double fixed = 0;
        for (size_t c = 0; c < e->p; c++) fixed += e->x_sum[j * e->p + c] * e->beta[c];
        e->cells[j].fixed = fixed / e->cells[j].n;
    }
    return true;
}

static void draw_schools(struct effects *e, uint64_t seed, uint64_t iteration) {
    for (size_t from = 0, to; from < e->n_cells; from = to) {
        to = school_end(e, from);
        int school = e->cells[from].school;
        if (school < 0) continue;
        double weight = 0, sum = 0;
        for (size_t j = from; j < to; j++) {
            const struct cell *cell = &e->cells[j];
            weight += cell->weight;
            sum += cell->weight * (cell->sum / cell->n - cell->fixed);
        }
        double variance = e->school_level.tau2 / (1 + e->school_level.tau2 * weight);
        e->school_level.effect[school] =
            variance * sum + sqrt(variance) * random_normal(seed, stream(USE_SCHOOL, iteration),
                                                            (uint64_t)school);
    }
}

static double school_effect(const struct effects *e, const struct cell *cell) {
    return cell->school < 0 ? 0 : e->school_level.effect[cell->school];
}

static void see_cluster(struct cluster *cluster, double n, double mean, double variance) {
    double share = n / cluster->n;
    cluster->mean += share * mean;
    cluster->variance += share * share * variance;
}

/* Draws the classes; their means and variances given the rest go to the clusters. */
static void draw_classes(struct effects *e, uint64_t seed, uint64_t iteration) {
    for (size_t c = 0; c < e->n_classes; c++) e->class[c].mean = e->class[c].variance = 0;
    for (size_t c = 0; c < e->n_schools; c++) e->school[c].mean = e->school[c].variance = 0;
    for (size_t j = 0; j < e->n_cells; j++) {
        struct cell *cell = &e->cells[j];
        double mean = cell->fixed + school_effect(e, cell), variance = 0;
        if (cell->class >= 0) {
            double expected = cell->shrink * (cell->sum / cell->n - mean);
            variance = e->class_level.tau2 * (1 - cell->shrink);
            e->class_level.effect[j] =
                expected + sqrt(variance) * random_normal(seed, stream(USE_CLASS, iteration), j);
            mean += expected;
            see_cluster(&e->class[cell->class], cell->n, mean, variance);
        }
        if (cell->school >= 0) see_cluster(&e->school[cell->school], cell->n, mean, variance);
    }
}

/* ---- variances ---- */

/* With effect = factor × raw, factor ~ N(0, A²) and raw ~ N(0, v), v ~ inverse gamma(½, ½), τ = |factor| √v
 * has a half-Cauchy prior of scale A, half the latent SD; v and the factor have conjugate conditionals. */
static void draw_level(struct level *level, double sigma2, double scale, uint64_t seed,
                       uint64_t stream) {
    double units = 0, raw_squares = 0, information = 0, sum = 0;
    for (size_t i = 0; i < level->n; i++) {
        if (level->count[i] <= 0) continue;
        double raw = level->effect[i] / level->factor;
        units++;
        raw_squares += raw * raw;
        information += level->count[i] * raw * raw;
        sum += raw * level->residual[i];
    }
    if (units <= 0) return;
    double raw_variance = (0.5 + 0.5 * raw_squares) / random_gamma(seed, stream, 0.5 + 0.5 * units);
    double precision = 1 / (scale * scale) + information / sigma2;
    double factor = sum / sigma2 / precision +
                    random_normal(seed, stream | 1ull << 47, 0) / sqrt(precision);
    /* At 0 exactly the raw effects would be lost. */
    if (fabs(factor) < 1e-6 * scale) factor = 1e-6 * scale;
    for (size_t i = 0; i < level->n; i++) level->effect[i] *= factor / level->factor;
    level->factor = factor;
    level->tau2 = factor * factor * raw_variance;
}

static void draw_variances(struct effects *e, uint64_t seed, uint64_t iteration) {
    struct level *classes = &e->class_level, *schools = &e->school_level;
    double scale = 0.5 * e->prior_sd;
    for (size_t j = 0; j < e->n_cells; j++) {
        const struct cell *cell = &e->cells[j];
        classes->residual[j] = cell->sum - cell->n * (cell->fixed + school_effect(e, cell));
    }
    if (e->n_classes)
        draw_level(classes, e->sigma2, scale, seed, stream(USE_TAU_CLASS, iteration));
    for (size_t s = 0; s < schools->n; s++) schools->residual[s] = 0;
    for (size_t j = 0; j < e->n_cells; j++) {
        const struct cell *cell = &e->cells[j];
        if (cell->school < 0) continue;
        schools->residual[cell->school] += cell->sum - cell->n * (cell->fixed + classes->effect[j]);
    }
    if (e->n_schools)
        draw_level(schools, e->sigma2, scale, seed, stream(USE_TAU_SCHOOL, iteration));
}

/* The residuals' sum of squares by its parts. */
static void draw_sigma2(struct effects *e, uint64_t seed, uint64_t iteration) {
    size_t p = e->p;
    double squares = e->tt, n = 0;
    for (size_t c = 0; c < p; c++) {
        double row = 0.5 * e->xx[c * p + c] * e->beta[c];
        for (size_t d = 0; d < c; d++) row += e->xx[c * p + d] * e->beta[d];
        squares += 2 * e->beta[c] * (row - e->xt[c]);
    }
    for (size_t j = 0; j < e->n_cells; j++) {
        struct cell *cell = &e->cells[j];
        cell->effect = school_effect(e, cell) + e->class_level.effect[j];
        squares += cell->effect *
                   (cell->n * cell->effect - 2 * (cell->sum - cell->n * cell->fixed));
        n += cell->n;
    }
    /* Prior: as much as one observation at the latent variance. */
    double scale = 0.5 * (fmax(squares, 0) + e->prior_sd * e->prior_sd);
    e->sigma2 = scale / random_gamma(seed, stream(USE_SIGMA, iteration), 0.5 * (n + 1));
    e->sigma2 = fmax(e->sigma2, e->sigma2_least);
}

bool effects_draw(struct effects *e, uint64_t seed, uint64_t iteration, size_t *column) {
    weigh_cells(e);
    if (!draw_beta(e, seed, iteration, column)) return false;
    draw_schools(e, seed, iteration);
    draw_classes(e, seed, iteration);
    draw_variances(e, seed, iteration);
    draw_sigma2(e, seed, iteration);
    return true;
}

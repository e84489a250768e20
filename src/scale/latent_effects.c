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
    level->precision = arena_array(arena, n, sizeof *level->precision);
    level->residual = arena_array(arena, n, sizeof *level->residual);
    return level->effect && level->precision && level->residual;
}

bool effects_make(struct effects *e, size_t p, size_t n_classes, size_t n_schools,
                  struct arena *arena) {
    size_t groups = e->n_variances;
    e->p = p;
    e->n_classes = n_classes;
    e->n_schools = n_schools;
    e->x_sum = arena_array(arena, e->n_parts, p * sizeof(double));
    e->x_weighted = arena_array(arena, e->n_cells, p * sizeof(double));
    e->xx = arena_array(arena, groups * p, p * sizeof(double));
    e->xt = arena_array(arena, groups, p * sizeof(double));
    e->tt = arena_array(arena, groups, sizeof(double));
    e->squares = arena_array(arena, groups, sizeof(double));
    e->sigma2 = arena_array(arena, groups, sizeof(double));
    e->count = arena_array(arena, groups, sizeof(double));
    e->beta = arena_array(arena, p, sizeof(double));
    e->a = arena_array(arena, p, p * sizeof(double));
    e->b = arena_array(arena, p, sizeof(double));
    e->g = arena_array(arena, p, sizeof(double));
    e->class = arena_array(arena, n_classes, sizeof *e->class);
    e->school = arena_array(arena, n_schools, sizeof *e->school);
    if (!e->x_sum || !e->x_weighted || !e->xx || !e->xt || !e->tt || !e->squares || !e->sigma2 ||
        !e->count || !e->beta || !e->a || !e->b || !e->g || !e->class || !e->school ||
        !level_make(&e->class_level, e->n_cells, arena) ||
        !level_make(&e->school_level, n_schools, arena))
        return false;
    for (size_t k = 0; k < e->n_parts; k++) e->count[e->parts[k].variance] += e->parts[k].n;
    for (size_t j = 0; j < e->n_cells; j++) {
        const struct cell *cell = &e->cells[j];
        if (cell->class >= 0) e->class[cell->class].n += cell->n;
        if (cell->school >= 0) e->school[cell->school].n += cell->n;
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
    for (size_t g = 0; g < e->n_variances; g++) e->sigma2[g] = variance;
    e->sigma2_least = sigma2_least;
    e->prior_sd = sqrt(variance);
    for (size_t j = 0; j < e->n_cells; j++) e->cells[j].effect = mean;
    e->class_level.tau2 = e->n_classes ? 0.05 * variance : 0;
    e->school_level.tau2 = e->n_schools ? 0.05 * variance : 0;
    e->class_level.factor = e->school_level.factor = 0.5 * e->prior_sd;
}

/* ---- β, schools, classes ---- */

/* What weighs by 1/σ²: precision and Σx/σ² of the cells. */
static void weigh_cells(struct effects *e) {
    for (size_t j = 0; j < e->n_cells; j++) {
        struct cell *cell = &e->cells[j];
        double *weighted = e->x_weighted + j * e->p;
        cell->precision = 0;
        for (size_t c = 0; c < e->p; c++) weighted[c] = 0;
        for (size_t k = cell->first_part; k < cell->first_part + cell->parts; k++) {
            double weight = 1 / e->sigma2[e->parts[k].variance];
            cell->precision += weight * e->parts[k].n;
            for (size_t c = 0; c < e->p; c++) weighted[c] += weight * e->x_sum[k * e->p + c];
        }
        cell->shrink = cell->class >= 0 ? 1 / (1 + e->class_level.tau2 * cell->precision) : 1;
    }
}

/* Σθ/σ² of a cell. */
static double weighted_sum(const struct effects *e, const struct cell *cell) {
    double sum = 0;
    for (size_t k = cell->first_part; k < cell->first_part + cell->parts; k++)
        sum += e->parts[k].sum / e->sigma2[e->parts[k].variance];
    return sum;
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

/* X′V⁻¹X and X′V⁻¹θ. V is σ² (of the variance group) on the diagonal, + τ²_class within a class, +
 * τ²_school within a school. By the Woodbury identity, with P = Σ 1/σ² of a cell and s = 1/(1 +
 * τ²_class P), a class takes τ²_class s times the product of its sums weighted by 1/σ² from that of
 * the diagonal alone, and a school f g g′ with g = Σ s Σx/σ² and f = τ²_school/(1 + τ²_school Σ s
 * P). */
static void normal_equations(struct effects *e) {
    size_t p = e->p;
    for (size_t i = 0; i < p * p; i++) e->a[i] = 0;
    for (size_t c = 0; c < p; c++) e->b[c] = 0;
    for (size_t g = 0; g < e->n_variances; g++) {
        for (size_t i = 0; i < p * p; i++) e->a[i] += e->xx[g * p * p + i] / e->sigma2[g];
        for (size_t c = 0; c < p; c++) e->b[c] += e->xt[g * p + c] / e->sigma2[g];
    }
    for (size_t from = 0, to; from < e->n_cells; from = to) {
        to = school_end(e, from);
        double precision = 0, sum = 0;
        for (size_t c = 0; c < p; c++) e->g[c] = 0;
        for (size_t j = from; j < to; j++) {
            const struct cell *cell = &e->cells[j];
            const double *x = e->x_weighted + j * p;
            double own = weighted_sum(e, cell);
            if (cell->class >= 0) {
                double factor = e->class_level.tau2 * cell->shrink;
                take_product(p, e->a, x, factor);
                for (size_t c = 0; c < p; c++) e->b[c] -= factor * own * x[c];
            }
            for (size_t c = 0; c < p; c++) e->g[c] += cell->shrink * x[c];
            precision += cell->shrink * cell->precision;
            sum += cell->shrink * own;
        }
        if (e->cells[from].school < 0) continue;
        double f = e->school_level.tau2 / (1 + e->school_level.tau2 * precision);
        take_product(p, e->a, e->g, f);
        for (size_t c = 0; c < p; c++) e->b[c] -= f * sum * e->g[c];
    }
}

/* What follows from β: the cells' mean x′β and weighted residuals. */
static void fit_cells(struct effects *e) {
    size_t p = e->p;
    for (size_t j = 0; j < e->n_cells; j++) {
        struct cell *cell = &e->cells[j];
        cell->fixed = 0;
        cell->residual = weighted_sum(e, cell);
        for (size_t c = 0; c < p; c++) cell->residual -= e->x_weighted[j * p + c] * e->beta[c];
        for (size_t k = cell->first_part; k < cell->first_part + cell->parts; k++)
            for (size_t c = 0; c < p; c++)
                cell->fixed += e->x_sum[k * p + c] * e->beta[c] / cell->n;
    }
}

static bool draw_beta(struct effects *e, uint64_t seed, uint64_t iteration, size_t *column) {
    normal_equations(e);
    if (!cholesky(e->p, e->a, 1e-14, column)) return false;
    cholesky_solve(e->p, e->a, e->b);
    for (size_t c = 0; c < e->p; c++) e->g[c] = random_normal(seed, stream(USE_BETA, iteration), c);
    cholesky_solve_upper(e->p, e->a, e->g);
    for (size_t c = 0; c < e->p; c++) e->beta[c] = e->b[c] + e->g[c];
    fit_cells(e);
    return true;
}

static void draw_schools(struct effects *e, uint64_t seed, uint64_t iteration) {
    for (size_t from = 0, to; from < e->n_cells; from = to) {
        to = school_end(e, from);
        int school = e->cells[from].school;
        if (school < 0) continue;
        double precision = 0, sum = 0;
        for (size_t j = from; j < to; j++) {
            precision += e->cells[j].shrink * e->cells[j].precision;
            sum += e->cells[j].shrink * e->cells[j].residual;
        }
        double variance = e->school_level.tau2 / (1 + e->school_level.tau2 * precision);
        e->school_level.effect[school] =
            variance * sum +
            sqrt(variance) * random_normal(seed, stream(USE_SCHOOL, iteration), (uint64_t)school);
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
        double school = school_effect(e, cell), mean = cell->fixed + school, variance = 0;
        if (cell->class >= 0) {
            variance = e->class_level.tau2 * cell->shrink;
            double expected = variance * (cell->residual - cell->precision * school);
            e->class_level.effect[j] =
                expected + sqrt(variance) * random_normal(seed, stream(USE_CLASS, iteration), j);
            mean += expected;
            see_cluster(&e->class[cell->class], cell -> n, mean, variance);
        }
        if (cell->school >= 0) see_cluster(&e->school[cell->school], cell->n, mean, variance);
    }
}

/* ---- variances ---- */

/* The prior of a level's variance: P(τ² > t) = (1 + t/4A²)^−2, A a quarter of the latent SD. Its
 * density is highest and level at 0, as the intervals of shrunken means need it (Morris 1983,
 * doi:10.1080/01621459.1983.10477920; flat on τ, as half-Cauchy is, they were too narrow), and its
 * tail is short enough for two or three schools.
 *
 * τ² = factor² v with |factor| of a Rayleigh distribution of scale A, effect = factor × raw, raw ~
 * N(0, v) and v ~ inverse gamma(2, 2). v has a conjugate conditional. That of the factor is a
 * normal times |factor|: the normal's draw is taken with probability |new|/|old|. */
enum { RAW_SHAPE = 2 };
static const double SCALE = 0.25;

static void draw_level(struct level *level, double scale, uint64_t seed, uint64_t stream) {
    double units = 0, raw_squares = 0, information = 0, sum = 0;
    for (size_t i = 0; i < level->n; i++) {
        if (level->precision[i] <= 0) continue;
        double raw = level->effect[i] / level->factor;
        units++;
        raw_squares += raw * raw;
        information += level->precision[i] * raw * raw;
        sum += raw * level->residual[i];
    }
    if (units <= 0) return;
    double raw_variance = (RAW_SHAPE + 0.5 * raw_squares) /
                          random_gamma(seed, stream, RAW_SHAPE + 0.5 * units);
    double precision = 1 / (scale * scale) + information;
    uint64_t factor_stream = stream | 1ull << 47;
    double factor = sum / precision + random_normal(seed, factor_stream, 0) / sqrt(precision);
    if (random_uniform(seed, factor_stream, 1) * fabs(level->factor) > fabs(factor))
        factor = level->factor;
    /* At 0 exactly the raw effects would be lost. */
    if (fabs(factor) < 1e-6 * scale) factor = 1e-6 * scale;
    for (size_t i = 0; i < level->n; i++) level->effect[i] *= factor / level->factor;
    level->factor = factor;
    level->tau2 = factor * factor * raw_variance;
}

static void draw_variances(struct effects *e, uint64_t seed, uint64_t iteration) {
    struct level *classes = &e->class_level, *schools = &e->school_level;
    double scale = SCALE * e->prior_sd;
    for (size_t j = 0; j < e->n_cells; j++) {
        const struct cell *cell = &e->cells[j];
        classes->precision[j] = cell->class >= 0 ? cell->precision : 0;
        classes->residual[j] = cell->residual - cell->precision * school_effect(e, cell);
    }
    if (e->n_classes) draw_level(classes, scale, seed, stream(USE_TAU_CLASS, iteration));
    for (size_t s = 0; s < schools->n; s++) schools->precision[s] = schools->residual[s] = 0;
    for (size_t j = 0; j < e->n_cells; j++) {
        const struct cell *cell = &e->cells[j];
        if (cell->school < 0) continue;
        schools->precision[cell->school] += cell->precision;
        schools->residual[cell->school] += cell->residual - cell->precision * classes->effect[j];
    }
    if (e->n_schools) draw_level(schools, scale, seed, stream(USE_TAU_SCHOOL, iteration));
}

/* The residuals' sum of squares in each variance group, by its parts: with effects taken off, then
 * the parts' cross products. */
static void residual_squares(struct effects *e) {
    size_t p = e->p;
    for (size_t g = 0; g < e->n_variances; g++) {
        const double *xx = e->xx + g * p * p, *xt = e->xt + g * p;
        e->squares[g] = e->tt[g];
        for (size_t c = 0; c < p; c++) {
            double row = 0.5 * xx[c * p + c] * e->beta[c];
            for (size_t d = 0; d < c; d++) row += xx[c * p + d] * e->beta[d];
            e->squares[g] += 2 * e->beta[c] * (row - xt[c]);
        }
    }
    for (size_t k = 0; k < e->n_parts; k++) {
        const struct part *part = &e->parts[k];
        double effect = e->cells[part->cell].effect, residual = part->sum;
        for (size_t c = 0; c < p; c++) residual -= e->x_sum[k * p + c] * e->beta[c];
        e->squares[part->variance] += effect * (part->n * effect - 2 * residual);
    }
}

/* Prior: as much as one observation at the latent variance. */
static void draw_sigma2(struct effects *e, uint64_t seed, uint64_t iteration) {
    for (size_t j = 0; j < e->n_cells; j++)
        e->cells[j].effect = school_effect(e, &e->cells[j]) + e->class_level.effect[j];
    residual_squares(e);
    for (size_t g = 0; g < e->n_variances; g++) {
        double scale = 0.5 * (fmax(e->squares[g], 0) + e->prior_sd * e->prior_sd);
        double gamma = random_gamma(seed, stream(USE_SIGMA, iteration) | (uint64_t)g << 32,
                                    0.5 * (e->count[g] + 1));
        e->sigma2[g] = fmax(scale / gamma, e->sigma2_least);
    }
}

double effects_sigma2(const struct effects *e) {
    double sum = 0, n = 0;
    for (size_t g = 0; g < e->n_variances; g++) {
        sum += e->count[g] * e->sigma2[g];
        n += e->count[g];
    }
    return sum / n;
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

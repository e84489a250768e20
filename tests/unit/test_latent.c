#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/linear.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/latent.h"
#include "scale/latent_effects.h"
#include "scale/likelihood.h"
#include "scale/score.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.6f is not within %g of %.6f", value, tolerance, expected);
}

/* ---- a simulated wave with known truth ---- */

enum { SCHOOLS = 50, CLASSES = 250, CLASS_SIZE = 20, PERSONS = CLASSES * CLASS_SIZE, ITEMS = 5 };
static const double GAP = 0.4, TAU2_CLASS = 0.10, TAU2_SCHOOL = 0.06, SIGMA2 = 0.8;

struct wave {
    struct item_parameters items[ITEMS];
    double mean, variance;
    struct scale_model model;
    struct responses responses;
    struct latent_input input;
    int8_t codes[PERSONS * ITEMS];
    double x[PERSONS * 2], theta[PERSONS], class_truth[CLASSES];
    int class_of[PERSONS], school_of[PERSONS];
};

static int8_t answer(const struct item_parameters *item, double theta, double u) {
    double log_p[CATEGORIES_MAX];
    model_log_probabilities(MODEL_PCM, item, theta, log_p);
    for (int k = 0; k < item->steps; k++)
        if ((u -= exp(log_p[k])) < 0) return (int8_t)k;
    return (int8_t)item->steps;
}

/* easy shifts the steps down: at 2.5 two of five answer everything in the top category. Persons come in an order
 * that has nothing to do with their classes, 5 % of the answers are missing. */
static struct wave *make_wave(struct arena *arena, uint64_t seed, double easy) {
    struct wave *w = arena_alloc(arena, sizeof *w);
    assert_non_null(w);
    for (int i = 0; i < ITEMS; i++) {
        w->items[i] = (struct item_parameters){ .steps = 3, .slope = 1 };
        for (int h = 0; h < 3; h++) w->items[i].location[h] = -easy + 1.2 * (h - 1) + 0.3 * (i - 2);
    }
    w->variance = 1;
    w->model = (struct scale_model){ MODEL_PCM, ITEMS, w->items, 1, &w->mean, &w->variance };
    for (size_t p = 0; p < PERSONS; p++) {
        size_t class = p * 7 % CLASSES, school = class % SCHOOLS;
        double female = random_uniform(seed, p, 0) < 0.5;
        double fixed = 0.2 + GAP * female +
                       sqrt(TAU2_CLASS) * random_normal(seed, 1000000 + class, 0) +
                       sqrt(TAU2_SCHOOL) * random_normal(seed, 2000000 + school, 0);
        w->class_of[p] = (int)class;
        w->school_of[p] = (int)school;
        w->x[2 * p] = 1;
        w->x[2 * p + 1] = female;
        w->theta[p] = fixed + sqrt(SIGMA2) * random_normal(seed, p, 1);
        w->class_truth[class] += fixed / CLASS_SIZE;
        for (size_t i = 0; i < ITEMS; i++)
            w->codes[p * ITEMS + i] =
                random_uniform(seed, p, 10 + i) < 0.05
                    ? CODE_MISSING
                    : answer(&w->items[i], w->theta[p], random_uniform(seed, p, 20 + i));
    }
    w->responses = (struct responses){ .n_persons = PERSONS, .n_items = ITEMS, .codes = w->codes,
                                       .n_groups = 1 };
    w->input = (struct latent_input){ .responses = &w->responses, .model = &w->model,
                                      .n_columns = 2, .x = w->x, .n_classes = CLASSES,
                                      .n_schools = SCHOOLS, .class_of = w->class_of,
                                      .school_of = w->school_of, .seed = seed };
    return w;
}

static double gap_of(const struct wave *w, const double *pv, int draws) {
    double gap = 0;
    for (int d = 0; d < draws; d++) {
        double sum[2] = { 0 }, n[2] = { 0 };
        for (size_t p = 0; p < PERSONS; p++) {
            double value = pv[(size_t)d * PERSONS + p];
            if (isnan(value)) continue;
            int female = w->x[2 * p + 1] > 0;
            sum[female] += value;
            n[female]++;
        }
        gap += (sum[1] / n[1] - sum[0] / n[0]) / draws;
    }
    return gap;
}

/* Averages over replications. */
struct found {
    double beta, gap, tau2_class, tau2_school, sigma2, unconditioned, covered, bias, regression;
};

static struct found replicate(double easy, int replications) {
    struct found f = { 0 };
    struct pool *pool = pool_create(2);
    for (int r = 0; r < replications; r++) {
        struct arena *arena = arena_create(GIB);
        struct wave *w = make_wave(arena, 100 + (uint64_t)r, easy);
        struct latent_result result;
        struct error error;
        assert_true(latent_draw(&w->input, pool, arena, &result, &error));
        f.beta += result.beta[1] / replications;
        f.gap += gap_of(w, result.pv, result.draws) / replications;
        f.tau2_class += result.tau2_class / replications;
        f.tau2_school += result.tau2_school / replications;
        f.sigma2 += result.sigma2 / replications;
        double *pv = arena_array(arena, PERSONS, 10 * sizeof *pv);
        assert_true(scale_plausible(&w->responses, &w->model, 10, 1, pool, arena, pv, &error));
        f.unconditioned += gap_of(w, pv, 10) / replications;
        double product = 0, square = 0;
        for (size_t c = 0; c < CLASSES; c++) {
            double d = w->class_truth[c] - result.class_mean[c], m = result.class_mean[c] - 0.4;
            f.bias -= d / CLASSES / replications;
            f.covered += (fabs(d) < 1.96 * result.class_sd[c]) / (double)CLASSES / replications;
            product += m * (w->class_truth[c] - 0.4);
            square += m * m;
        }
        f.regression += product / square / replications;
        arena_destroy(arena);
    }
    pool_destroy(pool);
    return f;
}

/* Each tolerance is about four Monte Carlo errors of the average over ten waves; the simulation's own
 * draws of effects are in it. */
static void check_recovery(double easy) {
    struct found f = replicate(easy, 10);
    print_message("# easy %.1f: beta %.3f gap %.3f tau2 %.4f %.4f sigma2 %.3f unconditioned %.3f "
                  "covered %.3f bias %.4f regression %.3f\n", easy, f.beta, f.gap, f.tau2_class,
                  f.tau2_school, f.sigma2, f.unconditioned, f.covered, f.bias, f.regression);
    assert_near(f.beta, GAP, 0.04);
    assert_near(f.gap, GAP, 0.04);
    assert_near(f.tau2_class, TAU2_CLASS, 0.02);
    assert_near(f.tau2_school, TAU2_SCHOOL, 0.025);
    assert_near(f.sigma2, SIGMA2, 0.06);
    assert_near(f.covered, 0.95, 0.02);
    assert_near(f.bias, 0, 0.02);
    assert_near(f.regression, 1, 0.05); /* shrunken means predict without slope */
    /* Without conditioning the gap shrinks by about the reliability. */
    assert_true(f.unconditioned < 0.85 * GAP);
}

static void test_recovers_the_truth(void **state) {
    (void)state;
    check_recovery(0);
}

static void test_recovers_the_truth_under_a_ceiling(void **state) {
    (void)state;
    check_recovery(2.5);
}

/* Girls spread less than boys, under the ceiling: with a variance each the gap is found, with a common
 * one it is not. */
static void test_groups_with_a_variance_each(void **state) {
    (void)state;
    enum { REPLICATIONS = 10 };
    double apart = 0, common = 0, sigma2[2] = { 0 };
    struct pool *pool = pool_create(2);
    for (int r = 0; r < REPLICATIONS; r++) {
        struct arena *arena = arena_create(GIB);
        struct wave *w = make_wave(arena, 300 + (uint64_t)r, 2.5);
        int *female = arena_array(arena, PERSONS, sizeof *female);
        for (size_t p = 0; p < PERSONS; p++) {
            female[p] = w->x[2 * p + 1] > 0;
            /* The residual of girls is halved, of boys doubled: variances .2 and 3.2. */
            double fixed = w->theta[p] - sqrt(SIGMA2) * random_normal(300 + (uint64_t)r, p, 1);
            double theta = fixed + (w->theta[p] - fixed) * (female[p] ? 0.5 : 2);
            for (size_t i = 0; i < ITEMS; i++)
                w->codes[p * ITEMS + i] =
                    answer(&w->items[i], theta, random_uniform(300 + (uint64_t)r, p, 20 + i));
        }
        struct latent_result result;
        struct error error;
        assert_true(latent_draw(&w->input, pool, arena, &result, &error));
        assert_null(result.sigma2_group);
        common += result.beta[1] / REPLICATIONS;
        w->input.variance_of = female;
        w->input.n_variances = 2;
        assert_true(latent_draw(&w->input, pool, arena, &result, &error));
        apart += result.beta[1] / REPLICATIONS;
        for (int g = 0; g < 2; g++) sigma2[g] += result.sigma2_group[g] / REPLICATIONS;
        assert_near(result.sigma2, 0.5 * (result.sigma2_group[0] + result.sigma2_group[1]), 0.1);
        arena_destroy(arena);
    }
    pool_destroy(pool);
    print_message("# gap %.3f, with a common variance %.3f; variances %.3f %.3f\n", apart, common, sigma2[0],
                  sigma2[1]);
    assert_near(apart, GAP, 0.05);
    assert_true(fabs(common - GAP) > 0.1);
    assert_near(sigma2[0], 3.2, 0.25);
    assert_near(sigma2[1], 0.2, 0.06);
}

static void test_variance_groups(void **state) {
    (void)state;
    enum { N = 12 };
    static const int8_t codes[N] = { 0, 1, 0, 1, 0, 1, -1, 0, 1, 0, 1, -1 };
    static const int grade[N] = { 4, 4, 4, 5, 5, 5, 5, 4, 4, 4, -1, 4 };
    static const int gender[N] = { 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1 };
    static const int *const factors[] = { grade, gender };
    static const int expected[N] = { 0, 0, 0, 1, 1, 1, -1, 2, 2, 2, -1, 2 };
    struct arena *arena = arena_create(MIB);
    struct responses r = { .n_persons = N, .n_items = 1, .codes = codes, .n_groups = 1 };
    const int *of;
    size_t n;
    assert_true(latent_variance_groups(&r, factors, 2, 3, arena, &of, &n));
    assert_int_equal(n, 3);
    for (int i = 0; i < N; i++) assert_int_equal(of[i], expected[i]);
    assert_true(latent_variance_groups(&r, factors, 2, 4, arena, &of, &n)); /* nobody has four */
    assert_true(of == NULL && n == 0);
    assert_true(latent_variance_groups(&r, NULL, 0, 1, arena, &of, &n));
    assert_true(of == NULL && n == 0);
    arena_destroy(arena);
}

/* ---- the draw itself ---- */

/* Draws follow the posterior's distribution function, which is integrated here by brute force: the
 * largest distance stays under Kolmogorov's 0.1 % point. */
static void test_draws_follow_the_posterior(void **state) {
    (void)state;
    enum { N = 40000, FINE = 20000 };
    static double cdf[FINE + 1], drawn[N];
    static const struct { double mean, sd; int8_t codes[ITEMS]; } table[] = {
        { 0, 1, { 1, 2, 0, 3, 1 } }, { 0.3, 0.4, { 3, 3, 3, 3, 3 } },
        { 2.5, 0.5, { 0, 0, 0, 0, 0 } }, { -1, 2, { 0, CODE_MISSING, CODE_MISSING, 3, 2 } },
    };
    struct arena *arena = arena_create(GIB);
    struct wave *w = make_wave(arena, 1, 0);
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        struct responses one = { .n_persons = 1, .n_items = ITEMS, .codes = table[t].codes,
                                 .n_groups = 1 };
        struct answer_patterns patterns;
        assert_true(answer_patterns_make(&one, MODEL_PCM, arena, &patterns));
        struct theta_grid grid = grid_for(&w->model);
        struct likelihood *own = likelihoods_make(&one, &w->model, &patterns, &grid, NULL, arena);
        struct kernel kernel;
        kernel_make(&grid, table[t].sd, &kernel);
        double low = -8, high = 8, total = 0;
        for (int k = 0; k <= FINE; k++) {
            double theta = low + (high - low) * k / FINE, log_p[CATEGORIES_MAX];
            double sum = -0.5 * pow((theta - table[t].mean) / table[t].sd, 2);
            for (int i = 0; i < ITEMS; i++) {
                if (table[t].codes[i] == CODE_MISSING) continue;
                model_log_probabilities(MODEL_PCM, &w->items[i], theta, log_p);
                sum += log_p[table[t].codes[i]];
            }
            cdf[k] = total += exp(sum);
        }
        size_t bins[101] = { 0 };
        for (uint64_t i = 0; i < N; i++) {
            uint64_t bits = random_bits(9, t, i);
            const struct likelihood *likelihood = own;
            const struct kernel *bell = &kernel;
            draw_on_grid(&grid, 1, &bell, &likelihood, &table[t].mean, &bits, OFFSETS, &drawn[i]);
            drawn[i] += draw_jitter(&grid, bits);
            double place = (drawn[i] - low) / (high - low) * FINE;
            assert_true(place > 0 && place < FINE);
            bins[(size_t)(cdf[(size_t)place] / total * 100)]++;
        }
        double sum = 0, largest = 0;
        for (int b = 0; b < 100; b++) {
            sum += (double)bins[b] / N;
            largest = fmax(largest, fabs(sum - (b + 1) / 100.0));
        }
        if (largest > 1.95 / sqrt(N)) fail_msg("case %zu: distance %.4f", t, largest);
    }
    arena_destroy(arena);
}

/* ---- β and the effects, against dense matrices ---- */

enum { FEW = 14 };
static const int few_school[FEW] = { -1, -1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1 };
static const int few_class[FEW] = { -1, 5, -1, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4 };
static const size_t few_variance[FEW] = { 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1 };
static const double few_tau2_class = 0.3, few_tau2_school = 0.2, few_sigma2[] = { 0.7, 1.6 };

static double covariance(int i, int j) {
    double v = i == j ? few_sigma2[few_variance[i]] : 0;
    if (few_school[i] >= 0 && few_school[i] == few_school[j]) v += few_tau2_school;
    if (few_class[i] >= 0 && few_class[i] == few_class[j]) v += few_tau2_class;
    return v;
}

/* Parts and cells from the persons, as latent.c makes them. */
static void few_effects(struct effects *e, struct cell *cells, struct part *parts, const double *x,
                        const double *theta, struct arena *arena) {
    size_t part_of[FEW];
    *e = (struct effects){ .cells = cells, .parts = parts, .n_variances = 2 };
    for (int i = 0; i < FEW; i++) {
        bool new_cell = i == 0 || few_school[i] != few_school[i - 1] || few_class[i] != few_class[i - 1];
        if (new_cell)
            cells[e->n_cells++] = (struct cell){ .school = few_school[i], .class = few_class[i],
                                                 .first_part = e->n_parts };
        if (new_cell || few_variance[i] != few_variance[i - 1]) {
            parts[e->n_parts++] = (struct part){ .cell = e->n_cells - 1, .variance = few_variance[i] };
            cells[e->n_cells - 1].parts++;
        }
        part_of[i] = e->n_parts - 1;
        cells[e->n_cells - 1].n++;
        parts[part_of[i]].n++;
        parts[part_of[i]].sum += theta[i];
    }
    assert_true(effects_make(e, 2, 6, 2, arena));
    double mean = 0, variance = 1;
    struct scale_model model = { .n_groups = 1, .mean = &mean, .variance = &variance };
    effects_start(e, &model, 1e-6);
    for (int i = 0; i < FEW; i++) {
        size_t g = few_variance[i];
        for (size_t c = 0; c < 2; c++) {
            e->x_sum[part_of[i] * 2 + c] += x[2 * i + (int)c];
            e->xt[g * 2 + c] += x[2 * i + (int)c] * theta[i];
            for (size_t d = 0; d <= c; d++)
                e->xx[g * 4 + c * 2 + d] += x[2 * i + (int)c] * x[2 * i + (int)d];
        }
        e->tt[g] += theta[i] * theta[i];
    }
}

static void set_variances(struct effects *e) {
    for (size_t g = 0; g < 2; g++) e->sigma2[g] = few_sigma2[g];
    e->class_level.tau2 = few_tau2_class;
    e->school_level.tau2 = few_tau2_school;
}

static void test_normal_equations_are_the_dense_ones(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct effects e;
    struct cell cells[FEW];
    struct part parts[FEW];
    double x[FEW * 2], theta[FEW], v[FEW * FEW], inverse[FEW * FEW], a[4] = { 0 }, b[2] = { 0 };
    size_t column;
    for (int i = 0; i < FEW; i++) {
        x[2 * i] = 1;
        x[2 * i + 1] = random_normal(1, (uint64_t)i, 0) + few_school[i];
        theta[i] = random_normal(1, (uint64_t)i, 1);
        for (int j = 0; j < FEW; j++) v[i * FEW + j] = covariance(i, j);
    }
    few_effects(&e, cells, parts, x, theta, arena);
    set_variances(&e);
    assert_true(effects_draw(&e, 1, 1, &column));
    assert_true(cholesky(FEW, v, 1e-12, NULL));
    cholesky_inverse(FEW, v, inverse);
    for (int i = 0; i < FEW; i++)
        for (int j = 0; j < FEW; j++)
            for (int c = 0; c < 2; c++) {
                b[c] += x[2 * i + c] * inverse[i * FEW + j] * theta[j];
                for (int d = 0; d < 2; d++)
                    a[2 * c + d] += x[2 * i + c] * inverse[i * FEW + j] * x[2 * j + d];
            }
    /* e.a holds the factor of X′V⁻¹X, e.b the generalised least squares estimate. */
    assert_near(e.a[0] * e.a[0], a[0], 1e-10);
    assert_near(e.a[2] * e.a[0], a[2], 1e-10);
    assert_near(e.a[2] * e.a[2] + e.a[3] * e.a[3], a[3], 1e-10);
    double determinant = a[0] * a[3] - a[1] * a[2];
    assert_near(e.b[0], (a[3] * b[0] - a[1] * b[1]) / determinant, 1e-10);
    assert_near(e.b[1], (a[0] * b[1] - a[2] * b[0]) / determinant, 1e-10);
    arena_destroy(arena);
}

/* Over many steps with the same θ and variances: β, and a school's and a class's expected θ, have the
 * mean and SD of their joint normal, E(Xβ + Zu | θ) from dense matrices. */
static void test_effects_have_their_posterior(void **state) {
    (void)state;
    enum { STEPS = 20000 };
    struct arena *arena = arena_create(MIB);
    struct effects e;
    struct cell cells[FEW];
    struct part parts[FEW];
    double x[FEW * 2], theta[FEW], sum[3] = { 0 }, squares[3] = { 0 }, inner[3] = { 0 };
    size_t column;
    for (int i = 0; i < FEW; i++) {
        x[2 * i] = 1;
        x[2 * i + 1] = i % 3;
        theta[i] = 2 * random_normal(2, (uint64_t)i, 1);
    }
    few_effects(&e, cells, parts, x, theta, arena);
    set_variances(&e);
    for (uint64_t step = 0; step < STEPS; step++) {
        assert_true(effects_draw(&e, 3, step, &column));
        double now[3] = { e.beta[1], e.class[3].mean, e.school[0].mean };
        double known[3] = { 0, e.class[3].variance, e.school[0].variance };
        for (int k = 0; k < 3; k++) {
            sum[k] += now[k] / STEPS;
            squares[k] += now[k] * now[k] / STEPS;
            inner[k] += known[k] / STEPS;
        }
        set_variances(&e);
    }
    /* With a wide normal prior on β everything is one normal: cov of θ and of the three targets. */
    enum { TARGETS = 3 };
    const double wide = 1e6;
    double v[FEW * FEW], target[TARGETS][FEW], own[TARGETS];
    for (int i = 0; i < FEW; i++)
        for (int j = 0; j < FEW; j++)
            v[i * FEW + j] = covariance(i, j) + wide * (1 + x[2 * i + 1] * x[2 * j + 1]);
    for (int k = 0; k < TARGETS; k++) {
        own[k] = k == 0 ? wide : 0;
        for (int j = 0; j < FEW; j++) {
            target[k][j] = k == 0 ? wide * x[2 * j + 1] : 0;
            for (int i = 0; i < FEW; i++) {
                bool in = k == 1 ? few_class[i] == 3 : k == 2 ? few_school[i] == 0 : false;
                double n = k == 1 ? 3 : 6;
                if (in) target[k][j] += (v[i * FEW + j] - (i == j ? few_sigma2[few_variance[i]] : 0)) / n;
            }
        }
        for (int j = 0; j < FEW; j++) {
            bool in = k == 1 ? few_class[j] == 3 : k == 2 ? few_school[j] == 0 : false;
            if (in) own[k] += target[k][j] / (k == 1 ? 3 : 6);
        }
    }
    assert_true(cholesky(FEW, v, 1e-14, NULL));
    for (int k = 0; k < TARGETS; k++) {
        double solved[FEW], mean = 0, variance = own[k];
        memcpy(solved, target[k], sizeof solved);
        cholesky_solve(FEW, v, solved);
        for (int j = 0; j < FEW; j++) {
            mean += solved[j] * theta[j];
            variance -= solved[j] * target[k][j];
        }
        double found = squares[k] - sum[k] * sum[k] + inner[k];
        assert_near(sum[k], mean, 4 * sqrt(variance / STEPS));
        assert_near(sqrt(found), sqrt(variance), 0.02 * sqrt(variance));
    }
    arena_destroy(arena);
}

/* Five classes of three with the same θ throughout: τ² and σ² have their posterior, here by sums over a grid
 * of both. With mean squares MSB between and MSW within, p(θ | τ², σ²) ∝ σ^−10 exp(−5 MSW/σ²) v^−2
 * exp(−2 MSB/v), v = σ² + 3τ²; prior (1 + 4τ²)^−3 and, for σ², inverse gamma(½, ½). */
static void test_variances_have_their_posterior(void **state) {
    (void)state;
    enum { GROUPS = 5, SIZE = 3, STEPS = 200000, NODES = 400 };
    static const double mean[GROUPS] = { -.5, -.2, .1, .2, .4 }, spread = .8;
    struct arena *arena = arena_create(MIB);
    struct cell cells[GROUPS];
    struct part parts[GROUPS];
    struct effects e = { .parts = parts, .cells = cells, .n_parts = GROUPS, .n_cells = GROUPS,
                         .n_variances = 1 };
    double zero = 0, one = 1, between = 0, within = GROUPS * 2 * spread * spread, all = 0;
    struct scale_model model = { .n_groups = 1, .mean = &zero, .variance = &one };
    for (int g = 0; g < GROUPS; g++) {
        cells[g] = (struct cell){ .school = -1, .class = g, .first_part = (size_t)g, .parts = 1, .n = SIZE };
        parts[g] = (struct part){ (size_t)g, 0, SIZE, SIZE * mean[g] };
        all += mean[g] / GROUPS;
    }
    assert_true(effects_make(&e, 1, GROUPS, 0, arena));
    effects_start(&e, &model, 1e-4);
    e.xx[0] = GROUPS * SIZE;
    e.xt[0] = GROUPS * SIZE * all;
    e.tt[0] = within;
    for (int g = 0; g < GROUPS; g++) {
        e.x_sum[g] = SIZE;
        e.tt[0] += SIZE * mean[g] * mean[g];
        between += SIZE * (mean[g] - all) * (mean[g] - all);
    }
    double share = 0, variance = 0;
    size_t column;
    for (uint64_t step = 0; step < STEPS; step++) {
        assert_true(effects_draw(&e, 9, step, &column));
        share += e.class_level.tau2 / (e.class_level.tau2 + .1) / STEPS;
        variance += e.sigma2[0] / STEPS;
    }
    double sum = 0, of_share = 0, of_variance = 0;
    for (int i = 0; i < NODES; i++)
        for (int j = 0; j < NODES; j++) {
            double t = (i + .5) / NODES, s = (j + .5) / NODES; /* τ²/(.1 + τ²), σ²/(1 + σ²) */
            double tau2 = .1 * t / (1 - t), sigma2 = s / (1 - s), v = sigma2 + SIZE * tau2;
            double log_p = -GROUPS * log(sigma2) - within / 2 / sigma2 - 2 * log(v) - between / 2 / v -
                           3 * log(1 + 4 * tau2) - 1.5 * log(sigma2) - .5 / sigma2 -
                           2 * log(1 - t) - 2 * log(1 - s);
            sum += exp(log_p);
            of_share += exp(log_p) * t;
            of_variance += exp(log_p) * sigma2;
        }
    assert_near(share, of_share / sum, 0.005);
    assert_near(variance, of_variance / sum, 0.01);
    arena_destroy(arena);
}

/* ---- bits, shapes and bad input ---- */

static void test_same_bits_at_any_number_of_threads(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    struct wave *w = make_wave(arena, 3, 0);
    struct latent_result result[3];
    struct error error;
    w->input.burn_in = 5;
    w->input.thin = 1;
    for (int threads = 0; threads < 3; threads++) {
        struct pool *pool = threads ? pool_create(threads) : NULL;
        assert_true(latent_draw(&w->input, pool, arena, &result[threads], &error));
        pool_destroy(pool);
    }
    for (int threads = 1; threads < 3; threads++) {
        assert_memory_equal(result[0].pv, result[threads].pv, 10 * PERSONS * sizeof(double));
        assert_memory_equal(result[0].class_sd, result[threads].class_sd, CLASSES * sizeof(double));
        assert_memory_equal(result[0].beta, result[threads].beta, 2 * sizeof(double));
    }
    arena_destroy(arena);
}

static void test_without_clusters_and_with_one(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    struct wave *w = make_wave(arena, 4, 0);
    struct latent_result none, one;
    struct error error;
    w->input.n_classes = w->input.n_schools = 0;
    assert_true(latent_draw(&w->input, NULL, arena, &none, &error));
    assert_true(none.tau2_class == 0 && none.tau2_school == 0);
    assert_near(none.sigma2, SIGMA2 + TAU2_CLASS + TAU2_SCHOOL, 0.12);
    for (size_t p = 0; p < PERSONS; p++) w->class_of[p] = 0;
    w->input.n_classes = 1;
    assert_true(latent_draw(&w->input, NULL, arena, &one, &error));
    assert_true(isfinite(one.class_mean[0]) && isfinite(one.tau2_class));
    assert_near(one.class_mean[0], none.beta[0] + none.beta[1] / 2, 0.05);
    assert_true(one.class_sd[0] > 0 && one.class_sd[0] < 0.06);
    arena_destroy(arena);
}

static void test_persons_without_answers_take_no_part(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    struct wave *w = make_wave(arena, 5, 0);
    struct latent_result result;
    struct error error;
    for (size_t p = 0; p < PERSONS; p++) /* class 0 and every eleventh */
        if (w->class_of[p] == 0 || p % 11 == 0) {
            memset(w->codes + p * ITEMS, CODE_MISSING, ITEMS);
            w->x[2 * p + 1] = 1e6; /* would ruin the slope */
        }
    assert_true(latent_draw(&w->input, NULL, arena, &result, &error));
    assert_near(result.beta[1], GAP, 0.12);
    for (size_t i = 0; i < 10 * PERSONS; i++) {
        size_t p = i % PERSONS;
        assert_int_equal(!!isnan(result.pv[i]), w->class_of[p] == 0 || p % 11 == 0);
    }
    assert_true(isnan(result.class_mean[0]) && isnan(result.class_sd[0]));
    assert_true(isfinite(result.class_mean[1]) && isfinite(result.school_mean[0]));
    memset(w->codes, CODE_MISSING, sizeof w->codes);
    assert_false(latent_draw(&w->input, NULL, arena, &result, &error));
    assert_true(error_is(&error, "latent.no_answers"));
    arena_destroy(arena);
}

static void test_names_the_collinear_column(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    struct wave *w = make_wave(arena, 6, 0);
    static double x[PERSONS * 4];
    struct latent_result result;
    struct error error;
    w->input.x = x;
    w->input.n_columns = 4;
    for (int zeros = 0; zeros < 2; zeros++) {
        for (size_t p = 0; p < PERSONS; p++) {
            double *row = x + 4 * p;
            row[0] = 1;
            row[1] = 2015 + (double)(p % 3); /* far from 0: still a column of its own */
            row[2] = zeros ? 0 : 3 * row[1] - 7;
            row[3] = w->x[2 * p + 1];
        }
        assert_false(latent_draw(&w->input, NULL, arena, &result, &error));
        assert_true(error_is(&error, "latent.collinear"));
        assert_string_equal(error_value(&error, "column"), "2");
    }
    arena_destroy(arena);
}

static void test_everybody_at_the_ceiling_stays_finite(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    struct wave *w = make_wave(arena, 7, 0);
    struct latent_result result;
    struct error error;
    for (size_t i = 0; i < PERSONS * ITEMS; i++) w->codes[i] = 3;
    assert_true(latent_draw(&w->input, NULL, arena, &result, &error));
    for (size_t i = 0; i < 10 * PERSONS; i++) assert_true(isfinite(result.pv[i]));
    for (size_t c = 0; c < CLASSES; c++)
        assert_true(isfinite(result.class_mean[c]) && isfinite(result.class_sd[c]));
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_follow_the_posterior),
        cmocka_unit_test(test_normal_equations_are_the_dense_ones),
        cmocka_unit_test(test_effects_have_their_posterior),
        cmocka_unit_test(test_variances_have_their_posterior),
        cmocka_unit_test(test_recovers_the_truth),
        cmocka_unit_test(test_recovers_the_truth_under_a_ceiling),
        cmocka_unit_test(test_groups_with_a_variance_each),
        cmocka_unit_test(test_variance_groups),
        cmocka_unit_test(test_same_bits_at_any_number_of_threads),
        cmocka_unit_test(test_without_clusters_and_with_one),
        cmocka_unit_test(test_persons_without_answers_take_no_part),
        cmocka_unit_test(test_names_the_collinear_column),
        cmocka_unit_test(test_everybody_at_the_ceiling_stays_finite),
    };
    return cmocka_run_group_tests_name("scale.latent", tests, NULL, NULL);
}

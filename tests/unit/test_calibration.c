/* Calibration: against sums over a few patterns that can be done by other means, the derivatives
 * against differences, known truth, and bad input. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/linear.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/fit.h"
#include "scale/fit_internal.h"

#include <math.h>

enum { N_MODELS = 5 };

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(2 * GIB);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* Answers drawn from a model with known truth: groups differ by shift[g], SD sd[g]; a tenth
 * missing. */
struct truth {
    enum irt_model model;
    size_t n_persons, n_items, n_groups;
    double shift[3], sd[3];
};

static struct item_parameters true_item(const struct truth *truth, size_t i) {
    bool binary = truth->model == MODEL_RASCH || truth->model == MODEL_2PL;
    struct item_parameters item = { .steps = binary ? 1 : 2 + (int)(i % 2), .slope = 1 };
    if (model_has_slopes(truth->model)) item.slope = 0.8 + 0.25 * (double)(i % 5);
    double middle = -1.2 + 2.4 * (double)i / (double)truth->n_items;
    for (int h = 0; h < item.steps; h++)
        item.location[h] = middle + 0.9 * (h - 0.5 * (item.steps - 1));
    return item;
}

static struct responses simulate(const struct truth *truth, uint64_t seed) {
    struct responses out = { .n_persons = truth->n_persons,
                             .n_items = truth->n_items,
                             .n_groups = truth->n_groups };
    int8_t *codes = arena_array(arena, truth->n_persons, truth->n_items);
    int *groups = arena_array(arena, truth->n_persons, sizeof *groups);
    for (size_t p = 0; p < truth->n_persons; p++) {
        groups[p] = (int)(p % truth->n_groups);
        double theta = truth->shift[groups[p]] + truth->sd[groups[p]] * random_normal(seed, p, 0);
        for (size_t i = 0; i < truth->n_items; i++) {
            struct item_parameters item = true_item(truth, i);
            double p_log[CATEGORIES_MAX], u = random_uniform(seed, p, 1 + 2 * i), sum = 0;
            int k = 0;
            model_log_probabilities(truth->model, &item, theta, p_log);
            for (; k < item.steps; k++) {
                sum += num_exp(p_log[k]);
                if (u < sum) break;
            }
            bool missing = random_uniform(seed, p, 2 + 2 * i) < 0.1;
            codes[p * truth->n_items + i] = (int8_t)(missing ? CODE_MISSING : k);
        }
    }
    out.codes = codes;
    out.groups = groups;
    return out;
}

static struct fit_result fit(const struct responses *responses, const struct fit_options *options) {
    struct fit_result result;
    struct error error = { 0 };
    if (!scale_fit(responses, options, NULL, arena, &result, &error))
        fail_msg("%s %s", error.id, error.n_args ? error.values[0] : "");
    return result;
}

static struct fit_options with_model(enum irt_model model) {
    struct fit_options options = fit_defaults();
    options.model = model;
    return options;
}

/* ---- the optimum, by other means ---- */

/* The deviance of a result by a plain sum over persons on a fine Simpson grid, from the definitions
 * in model.h alone. */
static double plain_deviance(const struct responses *r, const struct scale_model *model) {
    enum { INTERVALS = 600 };
    double total = 0;
    for (size_t p = 0; p < r->n_persons; p++) {
        size_t g = r->groups ? (size_t)r->groups[p] : 0;
        double sd = sqrt(model->variance[g]), likelihood = 0;
        for (int q = 0; q <= INTERVALS; q++) {
            double z = -9 + 18.0 * q / INTERVALS, log_l = 0, out[CATEGORIES_MAX];
            for (size_t i = 0; i < r->n_items; i++) {
                int8_t code = r->codes[p * r->n_items + i];
                if (code == CODE_MISSING) continue;
                model_log_probabilities(model->model, &model->items[i], model->mean[g] + sd * z,
                                        out);
                log_l += out[code];
            }
            double simpson = q == 0 || q == INTERVALS ? 1 : q % 2 ? 4 : 2;
            likelihood += simpson / 3 * 18 / INTERVALS * exp(log_l - z * z / 2) /
                          sqrt(2 * acos(-1));
        }
        total += -2 * log(likelihood);
    }
    return total;
}

/* The reported deviance is that of the reported parameters, and a step away in any of them is
 * worse. */
static void test_optimum(void **state) {
    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        struct truth truth = { (enum irt_model)m, 240, 4, 2, { 0, 0.6 }, { 1, 1.3 } };
        struct responses r = simulate(&truth, 5);
        struct fit_options options = with_model(truth.model);
        struct fit_result result = fit(&r, &options);
        assert_true(result.converged);
        double deviance = plain_deviance(&r, &result.model);
        assert_true(fabs(deviance - result.deviance) < 0.001);
        double *places[] = { &result.model.items[1].location[0], &result.model.items[3].slope,
                             &result.model.mean[1], &result.model.variance[1] };
        for (size_t k = 0; k < 4; k++) {
            if (k == 1 && !model_has_slopes(truth.model)) continue;
            for (int side = -1; side <= 1; side += 2) {
                double before = *places[k];
                *places[k] += 0.02 * side;
                assert_true(plain_deviance(&r, &result.model) > deviance);
                *places[k] = before;
            }
        }
    }
}

/* ---- derivatives against differences ---- */

static void prepare(struct calibration *c, const struct responses *r, enum irt_model model,
                    struct fit_result *out, double *x) {
    struct fit_options options = with_model(model);
    struct error error = { 0 };
    *c = (struct calibration){ .model = model,
                               .slopes = model_has_slopes(model),
                               .n_items = r->n_items,
                               .n_groups = r->n_groups,
                               .arena = arena };
    assert_true(calibration_make(c, r, &options, out, arena, &error));
    assert_true(grid_make(c, 81, 7));
    calibration_start(c, &options, x);
    for (size_t k = 0; k < c->n_all; k++) /* somewhere else than the optimum */
        if (c->free[k] >= 0) x[k] += 0.2 * sin((double)k);
}

/* Gradient = slope of the log likelihood; information = minus the slope of the gradient. */
static void expect_derivatives_of(const struct responses *responses, enum irt_model least) {
    for (int m = (int)least; m < N_MODELS; m++) {
        if (least == MODEL_PCM && m == MODEL_2PL) continue; /* of two categories only */
        struct responses r = *responses;
        struct calibration c;
        struct fit_result out;
        double x[64], gradient[64], up[64], down[64];
        const double step = 1e-5;
        prepare(&c, &r, (enum irt_model)m, &out, x);
        double *information = arena_array(arena, c.n_free * c.n_free, sizeof(double));
        sums_make(&c, x);
        sums_gradient(&c, x, gradient);
        assert_true(information_make(&c, x, information));
        for (size_t k = 0; k < c.n_all; k++) {
            if (c.free[k] < 0) continue;
            double before = x[k];
            x[k] = before + step;
            sums_make(&c, x);
            sums_gradient(&c, x, up);
            double slope = c.loglik;
            x[k] = before - step;
            sums_make(&c, x);
            sums_gradient(&c, x, down);
            slope = (slope - c.loglik) / (2 * step);
            x[k] = before;
            if (!(fabs(slope - gradient[k]) < 1e-4))
                fail_msg("model %d place %zu: gradient %g, difference %g", m, k, gradient[k],
                         slope);
            for (size_t j = 0; j < c.n_all; j++) {
                if (c.free[j] < 0) continue;
                double found = information[(size_t)c.free[k] * c.n_free + (size_t)c.free[j]];
                double difference = (down[j] - up[j]) / (2 * step);
                if (!(fabs(found - difference) < 1e-4))
                    fail_msg("model %d places %zu %zu: %g, difference %g", m, k, j, found,
                             difference);
            }
        }
    }
}

static void test_derivatives(void **state) {
    (void)state;
    struct truth truth = { MODEL_RASCH, 150, 4, 2, { 0, 0.5 }, { 1, 1.2 } };
    struct responses r = simulate(&truth, 9);
    expect_derivatives_of(&r, MODEL_RASCH);
    truth.model = MODEL_GPCM;
    r = simulate(&truth, 9);
    expect_derivatives_of(&r, MODEL_PCM);
}

/* Booklets: each person is asked few of the items, so that pairs are summed where both were
 * answered, and the score of a pattern has few places. */
static void test_derivatives_of_booklets(void **state) {
    (void)state;
    enum { N = 150, I = 12 };
    for (size_t asked = 2; asked <= 4; asked += 2) {
        struct truth truth = { MODEL_GPCM, N, I, 2, { 0, 0.5 }, { 1, 1.2 } };
        struct responses r = simulate(&truth, 9);
        int8_t *codes = arena_array(arena, N, I);
        for (size_t at = 0; at < (size_t)N * I; at++)
            codes[at] = (at % I + at / I) % I < asked ? r.codes[at] : CODE_MISSING;
        r.codes = codes;
        expect_derivatives_of(&r, MODEL_PCM);
    }
}

/* So many items that their pairs are summed in bands: a few rows of the information. */
static void test_derivatives_of_many_items(void **state) {
    (void)state;
    enum { N = 80, I = 130 };
    struct truth truth = { MODEL_2PL, N, I, 1, { 0 }, { 1 } };
    struct responses r = simulate(&truth, 17);
    struct calibration c;
    struct fit_result out;
    double x[2 * I + 2], up[2 * I + 2], down[2 * I + 2];
    const double step = 1e-5;
    prepare(&c, &r, MODEL_2PL, &out, x);
    double *information = arena_array(arena, c.n_free * c.n_free, sizeof(double));
    sums_make(&c, x);
    assert_true(information_make(&c, x, information));
    for (size_t k = 0; k < 2 * I; k += I - 3) { /* slopes and intercepts, first and last band */
        double before = x[k];
        x[k] = before + step;
        sums_make(&c, x);
        sums_gradient(&c, x, up);
        x[k] = before - step;
        sums_make(&c, x);
        sums_gradient(&c, x, down);
        x[k] = before;
        for (size_t j = 0; j < 2 * I; j++) {
            double found = information[(size_t)c.free[k] * c.n_free + (size_t)c.free[j]];
            double difference = (down[j] - up[j]) / (2 * step);
            if (!(fabs(found - difference) < 1e-4))
                fail_msg("places %zu %zu: %g, difference %g", k, j, found, difference);
        }
    }
}

/* ---- truth ---- */

static void test_truth(void **state) {
    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        struct truth truth = { (enum irt_model)m, 6000, 8, 3, { 0, 0.5, -0.8 }, { 1, 1.4, 0.7 } };
        struct responses r = simulate(&truth, 21);
        struct fit_options options = with_model(truth.model);
        struct fit_result result = fit(&r, &options);
        assert_true(result.converged);
        for (size_t g = 0; g < 3; g++) {
            double sd2 = truth.sd[g] * truth.sd[g];
            assert_true(fabs(result.model.mean[g] - truth.shift[g]) <= 4 * result.mean_se[g]);
            assert_true(fabs(result.model.variance[g] - sd2) <= 4 * result.variance_se[g]);
            assert_int_equal(result.group_n[g], 2000);
        }
        assert_true(result.mean_se[0] == 0);
        assert_int_equal(result.variance_se[0] == 0, model_has_slopes(truth.model));
        for (size_t i = 0; i < truth.n_items; i++) {
            struct item_parameters expected = true_item(&truth, i), found = result.model.items[i];
            assert_int_equal(found.steps, expected.steps);
            if (model_has_slopes(truth.model))
                assert_true(fabs(found.slope - expected.slope) < 4 * found.slope_se);
            for (int h = 0; h < found.steps; h++)
                assert_true(fabs(found.location[h] - expected.location[h]) <
                            4 * found.location_se[h]);
        }
    }
}

/* A long scale and a wide distribution: posteriors that the first grid is too coarse for. For so
 * long a scale the variance's error is nearly that of a sample of θ, σ² √(2/n). */
static void test_wide_distribution(void **state) {
    (void)state;
    struct truth truth = { MODEL_PCM, 300, 60, 1, { 0 }, { 4 } };
    struct responses r = simulate(&truth, 13);
    struct fit_options options = fit_defaults();
    struct fit_result result = fit(&r, &options);
    assert_true(result.converged && result.nodes > 41);
    assert_true(fabs(plain_deviance(&r, &result.model) - result.deviance) < 0.001);
    double expected = result.model.variance[0] * sqrt(2.0 / 300);
    if (!(result.variance_se[0] > expected && result.variance_se[0] < 1.5 * expected))
        fail_msg("%g, expected about %g", result.variance_se[0], expected);
    options.nodes = 21;
    result = fit(&r, &options);
    assert_true(fabs(plain_deviance(&r, &result.model) - result.deviance) > 1);
}

/* So wide that the first grid's nodes lie outside most posteriors, and EM and Newton disagree on
 * it. */
static void test_very_wide_distribution(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct truth truth = { seed % 2 ? MODEL_PCM : MODEL_RASCH, 400, 12, 1, { 0 }, { 7 } };
        struct responses r = simulate(&truth, seed);
        struct fit_options options = with_model(truth.model);
        struct fit_result result = fit(&r, &options);
        assert_true(result.converged);
        assert_true(fabs(plain_deviance(&r, &result.model) - result.deviance) < 0.01);
    }
}

/* Anchors at a fit's own values give its groups back, and standard errors 0 for what is fixed. */
static void test_anchors(void **state) {
    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        struct truth truth = { (enum irt_model)m, 1000, 6, 1, { 0 }, { 1 } };
        struct responses r = simulate(&truth, 3);
        struct fit_options options = with_model(truth.model);
        struct fit_result free_fit = fit(&r, &options);
        struct item_parameters *anchors = arena_array(arena, 6, sizeof *anchors);
        for (size_t i = 0; i < 6; i += 2) anchors[i] = free_fit.model.items[i];
        for (size_t i = 0; i < 6; i += 2) /* the whole scale moved by 1 */
            for (int h = 0; h < anchors[i].steps; h++) anchors[i].location[h] += 1;
        options.anchors = anchors;
        struct fit_result anchored = fit(&r, &options);
        assert_true(anchored.converged);
        assert_true(fabs(anchored.deviance - free_fit.deviance) < 0.001);
        assert_true(fabs(anchored.model.mean[0] - 1) < 1e-3);
        assert_true(fabs(anchored.model.variance[0] - free_fit.model.variance[0]) < 1e-3);
        assert_true(anchored.mean_se[0] > 0 && anchored.variance_se[0] > 0);
        for (size_t i = 0; i < 6; i++) {
            const struct item_parameters *item = &anchored.model.items[i];
            assert_true(fabs(item->location[0] - free_fit.model.items[i].location[0] - 1) < 2e-3);
            assert_int_equal(item->location_se[0] == 0, i % 2 == 0);
            assert_true(i % 2 || item->location[0] == anchors[i].location[0]);
        }
    }
}

/* A person with weight 2 counts as two; the scale of the weights does not matter; weight 0 is
 * nobody. */
static void test_weights(void **state) {
    (void)state;
    struct truth truth = { MODEL_PCM, 400, 5, 1, { 0 }, { 1 } };
    struct responses r = simulate(&truth, 8), twice = r;
    double *weights = arena_array(arena, 400, sizeof *weights);
    int8_t *codes = arena_array(arena, 800, 5);
    twice.n_persons = 0;
    twice.groups = NULL;
    for (size_t p = 0; p < 400; p++) {
        weights[p] = 3.5 * (double)(p % 3);
        for (size_t k = 0; k < p % 3; k++)
            memcpy(codes + 5 * twice.n_persons++, r.codes + 5 * p, 5);
    }
    r.weights = weights;
    twice.codes = codes;
    struct fit_options options = fit_defaults();
    struct fit_result a = fit(&r, &options), b = fit(&twice, &options);
    for (size_t i = 0; i < 5; i++)
        for (int h = 0; h < a.model.items[i].steps; h++)
            assert_true(fabs(a.model.items[i].location[h] - b.model.items[i].location[h]) < 1e-6);
    assert_true(fabs(a.model.variance[0] - b.model.variance[0]) < 1e-6);
    assert_true(fabs(a.reliability_wle - b.reliability_wle) < 1e-6);
    assert_true(a.persons < 300 &&
                fabs(a.deviance / (double)a.persons - b.deviance / (double)b.persons) < 1e-6);
}

static void test_threads(void **state) {
    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        struct truth truth = { (enum irt_model)m, 2000, 7, 2, { 0, 0.3 }, { 1, 1.2 } };
        struct responses r = simulate(&truth, 4);
        struct fit_options options = with_model(truth.model);
        struct fit_result one = fit(&r, &options), many;
        for (int threads = 2; threads <= 3; threads++) {
            struct pool *pool = pool_create(threads);
            assert_true(scale_fit(&r, &options, pool, arena, &many, NULL));
            pool_destroy(pool);
            assert_memory_equal(one.model.items, many.model.items, 7 * sizeof *one.model.items);
            assert_memory_equal(one.mean_se, many.mean_se, 2 * sizeof(double));
            assert_true(one.deviance == many.deviance &&
                        one.reliability_wle == many.reliability_wle);
        }
    }
}

/* ---- categories ---- */

static void test_empty_categories_collapse_downward(void **state) {
    (void)state;
    enum { N = 300, I = 3 };
    int8_t *codes = arena_array(arena, N, I);
    static const int8_t used[] = { 1, 3, 4 }; /* of 0 … 5: 0, 2 and 5 are empty in item 1 */
    for (size_t p = 0; p < N; p++) {
        double theta = random_normal(1, p, 0);
        for (size_t i = 0; i < I; i++) {
            int k = (int)floor(1.5 + theta + 0.8 * random_normal(1, p, 1 + i));
            k = k < 0 ? 0 : k > 2 ? 2 : k;
            codes[p * I + i] = i == 1 ? used[k] : (int8_t)k;
        }
    }
    struct responses r = { .n_persons = N, .n_items = I, .codes = codes, .n_groups = 1 };
    struct fit_options options = fit_defaults();
    static const int8_t highest[I] = { 2, 5, 3 };
    options.highest = highest;
    struct fit_result result = fit(&r, &options);
    assert_false(result.collapsed[0]);
    assert_true(result.collapsed[1] && result.collapsed[2]);
    static const int8_t expected[] = { 0, 0, 0, 1, 2, 2 };
    assert_memory_equal(result.recode + CATEGORIES_MAX, expected, sizeof expected);
    for (size_t i = 0; i < I; i++) assert_int_equal(result.model.items[i].steps, 2);
    assert_true(result.converged);
}

/* Weights so large that their sum would overflow: only their ratios matter. */
static void test_large_weights(void **state) {
    (void)state;
    struct truth truth = { MODEL_PCM, 200, 4, 1, { 0 }, { 1 } };
    struct responses r = simulate(&truth, 8);
    double *weights = arena_array(arena, 200, sizeof *weights);
    struct fit_options options = fit_defaults();
    struct fit_result a = fit(&r, &options);
    for (size_t p = 0; p < 200; p++) weights[p] = 1e308;
    r.weights = weights;
    struct fit_result b = fit(&r, &options);
    assert_true(a.deviance == b.deviance && a.model.variance[0] == b.model.variance[0]);
}

/* ---- bad input: a clear error or a defined result, never NaN, never for ever ---- */

static void expect_error(const struct responses *r, const struct fit_options *options,
                         const char *id, const char *argument, const char *value) {
    struct fit_result result;
    struct error error = { 0 };
    assert_false(scale_fit(r, options, NULL, arena, &result, &error));
    assert_string_equal(error.id, id);
    if (argument) assert_string_equal(error_value(&error, argument), value);
}

static void test_bad_input(void **state) {
    (void)state;
    struct fit_options options = fit_defaults();
    int8_t codes[] = { 0, 1, 1, 1, 0, -1, 0, 0, -1, 1, 1, -1 }; /* 4 × 3 */
    struct responses r = { .n_persons = 4, .n_items = 3, .codes = codes, .n_groups = 1 };
    expect_error(&r, &options, "scale.one_category", "item", "2");
    codes[2] = -1;
    expect_error(&r, &options, "scale.unanswered", "item", "2");
    codes[2] = 16;
    expect_error(&r, &options, "scale.category", "category", "16");
    codes[2] = -2;
    expect_error(&r, &options, "scale.category", "category", "-2");
    codes[2] = 2;
    codes[5] = 0;
    codes[8] = 1;
    options.model = MODEL_RASCH;
    expect_error(&r, &options, "scale.not_binary", "categories", "3");
    options.model = MODEL_PCM;
    double weights[] = { 1, NAN, 1, 1 };
    r.weights = weights;
    expect_error(&r, &options, "scale.weight", "person", "2");
    weights[1] = -1;
    expect_error(&r, &options, "scale.weight", "person", "2");
    weights[1] = 1e308;
    expect_error(&r, &options, "scale.weight_apart", "person", "2");
    weights[1] = 1e-300;
    expect_error(&r, &options, "scale.weight_apart", "person", "2");
    r.weights = NULL;
    int groups[] = { 0, 2, 0, 2 };
    r.groups = groups;
    r.n_groups = 3;
    expect_error(&r, &options, "scale.empty_group", "group", "1");
    r.groups = NULL;
    r.n_groups = 1;
    struct item_parameters anchors[3] = { 0 };
    options.anchors = anchors;
    expect_error(&r, &options, "scale.anchor_none", NULL, NULL);
    anchors[2].steps = 1;
    expect_error(&r, &options, "scale.anchor_categories", "item", "2");
    anchors[2].location[0] = NAN;
    expect_error(&r, &options, "scale.anchor_wrong", "item", "2");
    options.anchors = NULL;
    r.n_persons = 1;
    expect_error(&r, &options, "scale.one_category", NULL, NULL);
    r.n_persons = 0;
    expect_error(&r, &options, "scale.no_answers", NULL, NULL);
    r.n_persons = 4;
    r.n_items = 1;
    expect_error(&r, &options, "scale.few_items", "least", "2");
}

static void expect_finite(const struct fit_result *result) {
    assert_true(isfinite(result->deviance) && isfinite(result->reliability_eap) &&
                isfinite(result->reliability_wle));
    for (size_t i = 0; i < result->model.n_items; i++) {
        const struct item_parameters *item = &result->model.items[i];
        assert_true(isfinite(item->slope) && isfinite(item->slope_se));
        for (int h = 0; h < item->steps; h++)
            assert_true(isfinite(item->location[h]) && isfinite(item->location_se[h]));
    }
    for (size_t g = 0; g < result->model.n_groups; g++)
        assert_true(isfinite(result->model.variance[g]) && isfinite(result->variance_se[g]) &&
                    isfinite(result->model.mean[g]) && isfinite(result->mean_se[g]));
}

/* Answers that are extreme in shape: a result without NaN, or an error that says what is wrong. */
static void test_strange_answers(void **state) {
    (void)state;
    enum { N = 60, I = 4, SHAPES = 5 };
    int8_t codes[N * I];
    for (int m = 0; m < N_MODELS; m++) {
        for (int shape = 0; shape < SHAPES; shape++) {
            for (int p = 0; p < N; p++) {
                for (int i = 0; i < I; i++) {
                    int same = p % 2, steps = p % (I + 1) > i, opposed = (p + i) % 2;
                    int rare = p == i, apart = i / 2 == p % 2 ? p / 2 % 2 : -1;
                    int all[SHAPES] = { same, steps, opposed, rare, apart };
                    codes[p * I + i] = (int8_t)all[shape];
                }
            }
            struct responses r = { .n_persons = N, .n_items = I, .codes = codes, .n_groups = 1 };
            struct fit_options options = with_model((enum irt_model)m);
            struct fit_result result;
            struct error error = { 0 };
            if (scale_fit(&r, &options, NULL, arena, &result, &error))
                expect_finite(&result);
            else if (!error_is(&error, "scale.not_identified") &&
                     !error_is(&error, "scale.group_not_identified"))
                fail_msg("model %d shape %d: %s", m, shape, error.id);
        }
    }
}

/* A group of one who gave the highest answer to all: any higher mean fits better, so none is given.
 * One who did not has a mean. */
static void test_group_at_ceiling(void **state) {
    (void)state;
    struct truth truth = {
        .n_persons = 300, .n_items = 5, .n_groups = 1, .shift = { 0 }, .sd = { 1 }
    };
    for (int m = 0; m < N_MODELS; m++) {
        truth.model = (enum irt_model)m;
        struct responses r = simulate(&truth, 11);
        int8_t *codes = (int8_t *)r.codes;
        int *groups = (int *)r.groups;
        struct fit_options options = with_model(truth.model);
        struct fit_result result;
        struct error error = { 0 };
        r.n_groups = 2;
        groups[299] = 1;
        for (size_t i = 0; i < truth.n_items; i++)
            codes[299 * truth.n_items + i] = (int8_t)true_item(&truth, i).steps;
        assert_false(scale_fit(&r, &options, NULL, arena, &result, &error));
        assert_true(error_is(&error, "scale.group_not_identified"));
        assert_string_equal(error_value(&error, "group"), "1");
        codes[299 * truth.n_items] = 0;
        error = (struct error){ 0 };
        assert_true(scale_fit(&r, &options, NULL, arena, &result, &error));
        assert_true(result.converged);
        expect_finite(&result);
    }
}

/* Items that hang together less than chance: the variance goes to its least and is held there. */
static void test_no_common_trait(void **state) {
    (void)state;
    enum { N = 400, I = 4 };
    int8_t codes[N * I];
    for (int p = 0; p < N; p++)
        for (int i = 0; i < I; i++) codes[p * I + i] = (int8_t)((p >> (i / 2)) % 2 ^ i % 2);
    struct responses r = { .n_persons = N, .n_items = I, .codes = codes, .n_groups = 1 };
    struct fit_options options = with_model(MODEL_RASCH);
    struct fit_result result = fit(&r, &options);
    assert_true(result.converged);
    assert_true(result.model.variance[0] == FIT_VARIANCE_MIN);
    assert_true(result.variance_se[0] == 0);
    expect_finite(&result);
}

/* An item that repeats another: no finite slope is best for the two, and they alone get a prior.
 * The mode is one: the derivative of log likelihood and log prior (−m (log a)²/2, m = 1 for 50
 * persons a piece) is 0 there, by differences of a plain sum. */
static void test_priors(void **state) {
    (void)state;
    enum { N = 500, I = 6 };
    for (int m = MODEL_2PL; m < N_MODELS; m++) {
        struct truth truth = { MODEL_RASCH, N, I, 1, { 0 }, { 1 } };
        struct responses r = simulate(&truth, 31);
        int8_t *codes = arena_array(arena, N, I);
        memcpy(codes, r.codes, (size_t)N * I);
        for (size_t p = 0; p < N; p++) codes[p * I + 4] = codes[p * I + 1];
        r.codes = codes;
        struct fit_options options = with_model((enum irt_model)m);
        struct fit_result result = fit(&r, &options);
        assert_true(result.converged);
        expect_finite(&result);
        for (size_t i = 0; i < I; i++) assert_int_equal(result.prior[i], i == 1 || i == 4);
        assert_true(fabs(plain_deviance(&r, &result.model) - result.deviance) < 0.01);
        struct item_parameters *item = &result.model.items[1], kept = *item;
        assert_true(kept.slope > 2 && kept.slope < 30);
        double objective[2];
        const double step = 1e-3;
        for (int side = 0; side < 2; side++) { /* along a, at a given c = a b */
            item->slope = kept.slope * (1 + (side ? step : -step));
            item->location[0] = kept.location[0] * kept.slope / item->slope;
            double log_slope = log(item->slope);
            objective[side] = -0.5 * plain_deviance(&r, &result.model) -
                              N / 50.0 * 0.5 * log_slope * log_slope;
        }
        if (!(fabs(objective[1] - objective[0]) / (2 * step) < 0.02))
            fail_msg("model %d: slope %g, derivative %g", m, kept.slope,
                     (objective[1] - objective[0]) / (2 * step));
    }
}

static void test_few_iterations_have_not_converged(void **state) {
    (void)state;
    struct truth truth = { MODEL_PCM, 300, 5, 1, { 0 }, { 1 } };
    struct responses r = simulate(&truth, 2);
    struct fit_options options = fit_defaults();
    options.max_iterations = 1;
    struct fit_result result = fit(&r, &options);
    assert_false(result.converged);
    expect_finite(&result);
}

static void test_fixed_nodes(void **state) {
    (void)state;
    struct truth truth = { MODEL_PCM, 300, 5, 1, { 0 }, { 1 } };
    struct responses r = simulate(&truth, 2);
    struct fit_options options = fit_defaults();
    struct fit_result automatic = fit(&r, &options);
    options.nodes = 60;
    struct fit_result fixed = fit(&r, &options);
    assert_int_equal(fixed.nodes, 60);
    assert_true(fixed.converged && fabs(fixed.deviance - automatic.deviance) < 0.001);
}

/* Begun at the optimum it stays there, and the matrix has the standard errors on its diagonal. */
static void test_start_and_covariance(void **state) {
    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        struct truth truth = { (enum irt_model)m, 800, 5, 2, { 0, 0.5 }, { 1, 1.2 } };
        struct responses r = simulate(&truth, 33);
        struct fit_options options = with_model(truth.model);
        struct fit_result first = fit(&r, &options);
        options.start = &first.model;
        options.covariance = options.brief = true;
        struct fit_result again = fit(&r, &options);
        assert_true(again.converged && again.iterations < first.iterations);
        assert_true(fabs(again.deviance - first.deviance) < 1e-3);
        assert_true(isnan(again.reliability_eap));
        size_t n = again.n_covariance, slopes = model_has_slopes(truth.model);
        for (size_t i = 0; i < truth.n_items; i++) {
            const struct item_parameters *item = &again.model.items[i];
            for (size_t h = 0; h < (size_t)item->steps; h++) {
                size_t at = again.item_at[i] + slopes + h;
                assert_true(fabs(sqrt(again.covariance[at * n + at]) - item->location_se[h]) <
                            1e-9);
                assert_true(fabs(item->location_se[h] - first.model.items[i].location_se[h]) <
                            1e-4);
            }
        }
        assert_true(fabs(sqrt(again.covariance[n * n - 1]) - again.variance_se[1]) < 1e-9);
    }
}

static void test_points(void **state) {
    (void)state;
    assert_true(points_from_theta(0.3, 0.3, 2) == 500);
    assert_true(points_from_theta(2.3, 0.3, 2) == 600);
    assert_true(points_from_theta(-0.7, 0.3, 2) == 450);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_optimum),
        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_derivatives_of_booklets),
        cmocka_unit_test(test_derivatives_of_many_items),
        cmocka_unit_test(test_truth),
        cmocka_unit_test(test_wide_distribution),
        cmocka_unit_test(test_very_wide_distribution),
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_large_weights),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_empty_categories_collapse_downward),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_strange_answers),
        cmocka_unit_test(test_group_at_ceiling),
        cmocka_unit_test(test_no_common_trait),
        cmocka_unit_test(test_priors),
        cmocka_unit_test(test_few_iterations_have_not_converged),
        cmocka_unit_test(test_fixed_nodes),
        cmocka_unit_test(test_start_and_covariance),
        cmocka_unit_test(test_points),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}

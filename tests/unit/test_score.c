#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/pool.h"
#include "num/random.h"
#include "scale/likelihood.h"
#include "scale/score.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g is not within %g of %.9g", value, tolerance, expected);
}

static double mean = 0, variance = 1;

static struct person_score score_one(enum irt_model model, struct item_parameters *items,
                                     size_t n_items, const int8_t *codes) {
    struct arena *arena = arena_create(GIB);
    struct scale_model m = { model, n_items, items, 1, &mean, &variance };
    struct responses r = { .n_persons = 1, .n_items = n_items, .codes = codes, .n_groups = 1 };
    struct person_score score;
    struct error error;
    assert_true(scale_score(&r, &m, NULL, arena, &score, &error));
    arena_destroy(arena);
    return score;
}

/* n equal items with r right: the weighted likelihood p^r q^(n−r) √(n p q) has its maximum where
 * p = (r + ½)/(n + 1), so θ = b + log((r + ½)/(n − r + ½))/a, at zero and perfect scores too. */
static void test_wle_of_equal_items_is_known(void **state) {
    (void)state;
    static const struct { enum irt_model model; double slope, b; int n, right; } table[] = {
        { MODEL_RASCH, 1, 0, 1, 0 },     { MODEL_RASCH, 1, 0, 1, 1 },
        { MODEL_RASCH, 1, 0.7, 10, 0 },  { MODEL_RASCH, 1, 0.7, 10, 3 },
        { MODEL_RASCH, 1, -4, 10, 10 },  { MODEL_PCM, 1, 2, 40, 40 },
        { MODEL_2PL, 2.5, 1, 8, 8 },     { MODEL_GPCM, 0.3, 1, 8, 5 },
        { MODEL_GRM, 1.7, -0.5, 8, 0 },  { MODEL_GRM, 0.4, 6, 12, 7 },
        { MODEL_RASCH, 1, 25, 100, 1 },
    };
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        struct item_parameters items[100];
        int8_t codes[100];
        double a = table[t].slope, n = table[t].n, r = table[t].right;
        for (int i = 0; i < table[t].n; i++) {
            items[i] = (struct item_parameters){ .steps = 1, .slope = a, .location = { table[t].b } };
            codes[i] = i < table[t].right;
        }
        struct person_score s = score_one(table[t].model, items, (size_t)n, codes);
        double p = (r + 0.5) / (n + 1);
        assert_near(s.wle, table[t].b + log((r + 0.5) / (n - r + 0.5)) / a, 1e-7);
        assert_near(s.wle_se, 1 / (a * sqrt(n * p * (1 - p))), 1e-6);
        assert_true(s.raw == r && s.n_items == table[t].n);
    }
}

/* The estimating equation and the posterior from model_log_probabilities() alone: derivatives by
 * differences, integrals by brute force. */
static double equation(enum irt_model model, const struct item_parameters *items, size_t n,
                       const int8_t *codes, double theta) {
    enum { LOW, MID, HIGH };
    const double h = 1e-4;
    double score = 0, information = 0, j = 0;
    for (size_t i = 0; i < n; i++) {
        double p[3][CATEGORIES_MAX];
        if (codes[i] == CODE_MISSING) continue;
        for (int k = LOW; k <= HIGH; k++)
            model_log_probabilities(model, &items[i], theta + (k - MID) * h, p[k]);
        for (int k = 0; k <= items[i].steps; k++) {
            double low = exp(p[LOW][k]), mid = exp(p[MID][k]), high = exp(p[HIGH][k]);
            double first = (high - low) / (2 * h), second = (high - 2 * mid + low) / (h * h);
            information += first * first / mid;
            j += first * second / mid;
            if (k == codes[i]) score += first / mid;
        }
    }
    return score + j / (2 * information);
}

static void brute_posterior(enum irt_model model, const struct item_parameters *items, size_t n,
                            const int8_t *codes, double *eap, double *sd) {
    double total = 0, first = 0, second = 0;
    for (int k = -9000; k <= 9000; k++) {
        double theta = k * 0.001, log_p[CATEGORIES_MAX], sum = -0.5 * theta * theta;
        for (size_t i = 0; i < n; i++) {
            if (codes[i] == CODE_MISSING) continue;
            model_log_probabilities(model, &items[i], theta, log_p);
            sum += log_p[codes[i]];
        }
        total += exp(sum);
        first += exp(sum) * theta;
        second += exp(sum) * theta * theta;
    }
    *eap = first / total;
    *sd = sqrt(second / total - *eap * *eap);
}

static void test_scores_by_brute_force(void **state) {
    (void)state;
    struct item_parameters items[] = {
        { .steps = 3, .slope = 1.3, .location = { -1.5, -0.2, 0.9 } },
        { .steps = 2, .slope = 0.6, .location = { -0.4, 1.1 } },
        { .steps = 1, .slope = 2.2, .location = { 0.3 } },
        { .steps = 4, .slope = 1, .location = { -2, -1, 0.5, 2.5 } },
    };
    static const int8_t table[][4] = {
        { 0, 0, 0, 0 }, { 3, 2, 1, 4 }, { 1, 2, 0, 3 }, { 2, -1, 1, -1 }, { -1, 1, -1, -1 },
    };
    static const enum irt_model models[] = { MODEL_PCM, MODEL_GPCM, MODEL_GRM };
    for (size_t m = 0; m < 3; m++) {
        for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
            struct person_score s = score_one(models[m], items, 4, table[t]);
            double eap, sd;
            brute_posterior(models[m], items, 4, table[t], &eap, &sd);
            assert_near(s.eap, eap, 1e-5);
            assert_near(s.eap_sd, sd, 1e-5);
            assert_near(equation(models[m], items, 4, table[t], s.wle), 0, 1e-5);
        }
    }
}

/* Tests of 20 items of which many are missing, and short ones: the estimate is the root of the equation made
 * from probabilities alone, to less than 1e-6 (what the differences leave of it). */
static void test_wle_of_many_patterns(void **state) {
    (void)state;
    static const enum irt_model models[] = { MODEL_PCM, MODEL_GPCM, MODEL_GRM };
    static const size_t lengths[] = { 20, 5, 2, 1 };
    for (uint64_t seed = 0; seed < 240; seed++) {
        struct item_parameters items[20];
        int8_t codes[20];
        size_t n = lengths[seed % 4];
        enum irt_model model = models[seed / 4 % 3];
        for (uint64_t i = 0; i < n; i++) {
            items[i] = (struct item_parameters){ .steps = 1 + (int)(random_bits(seed, i, 0) % 4) };
            items[i].slope = 0.4 + 2 * random_uniform(seed, i, 1);
            for (int h = 0; h < items[i].steps; h++)
                items[i].location[h] = 2 * random_normal(seed, i, 2) + 1.1 * h;
            unsigned most = (unsigned)items[i].steps + 1, kind = (unsigned)(seed / 12 % 4);
            codes[i] = kind == 0 ? 0 : (int8_t)(kind == 1 ? most - 1 : random_bits(seed, i, 3) % most);
            if (i > 0 && random_uniform(seed, i, 4) < 0.2) codes[i] = CODE_MISSING;
        }
        struct person_score s = score_one(model, items, n, codes);
        double left = equation(model, items, n, codes, s.wle) * s.wle_se * s.wle_se;
        if (!(fabs(left) < 1e-6))
            fail_msg("seed %d: %.3g of a logit from the root %.6f", (int)seed, left, s.wle);
    }
}

/* Nothing here is a reasonable test; every score must still be finite, and found in finite time. */
static void test_scores_always_end(void **state) {
    (void)state;
    static const enum irt_model models[] = { MODEL_PCM, MODEL_GPCM, MODEL_GRM };
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct item_parameters items[6];
        int8_t codes[6];
        for (uint64_t i = 0; i < 6; i++) {
            items[i] = (struct item_parameters){ .steps = 1 + (int)(random_bits(seed, i, 0) % 15) };
            items[i].slope = exp(3 * random_normal(seed, i, 1)) + 0.01;
            items[i].slope = fmin(items[i].slope, 20);
            for (int h = 0; h < items[i].steps; h++) /* a GRM's steps must rise */
                items[i].location[h] = h + 20 * random_normal(seed, i, 2);
            unsigned kind = (unsigned)(random_bits(seed, 7, 0) % 3);
            codes[i] = (int8_t)(kind == 0 ? 0 : kind == 1 ? items[i].steps
                              : (int)(random_bits(seed, i, 3) % (unsigned)(items[i].steps + 1)));
        }
        struct person_score s = score_one(models[seed % 3], items, 6, codes);
        if (!isfinite(s.wle) || !isfinite(s.wle_se) || !isfinite(s.eap) || !isfinite(s.eap_sd))
            fail_msg("seed %d: wle %g se %g eap %g sd %g", (int)seed, s.wle, s.wle_se, s.eap, s.eap_sd);
    }
}

static void test_persons_without_answers(void **state) {
    (void)state;
    struct item_parameters item = { .steps = 1, .slope = 1, .location = { 0 } };
    static const int8_t none[] = { CODE_MISSING };
    struct person_score s = score_one(MODEL_RASCH, &item, 1, none);
    assert_int_equal(s.n_items, 0);
    assert_true(isnan(s.wle) && isnan(s.eap) && isnan(s.raw));
}

static void test_reliability(void **state) {
    (void)state;
    static const struct person_score s[] = {
        { 3, 0, -1, 0.5, -0.8, 0.4 }, { 3, 0, 1, 0.5, 0.8, 0.2 },
        { 0, NAN, NAN, NAN, NAN, NAN }, { 3, 0, 2, 0.7, 1.2, 0.4 },
    };
    static const double w[] = { 1, 2, 5, 1 };
    double eap, wle;
    scale_reliability(s, w, 4, &eap, &wle);
    /* EAP: mean .5, variance (1.69 + 2·.09 + .49)/4 = .59, error (.16 + 2·.04 + .16)/4 = .1. WLE: mean
     * .75, variance (3.0625 + 2·.0625 + 1.5625)/4 = 1.1875, error (.25 + .5 + .49)/4 = .31. */
    assert_near(eap, .59 / .69, 1e-12);
    assert_near(wle, 1 - .31 / 1.1875, 1e-12);
    scale_reliability(s + 2, NULL, 1, &eap, &wle);
    assert_true(eap == 0 && wle == 0);
}

/* Two groups, two patterns and a person without answers: draws have the posterior's mean and SD. */
static void test_plausible_values(void **state) {
    (void)state;
    enum { PERSONS = 30000 };
    static int8_t codes[PERSONS * 2];
    static int groups[PERSONS];
    static double pv[PERSONS * 2];
    struct item_parameters items[] = { { .steps = 2, .slope = 1, .location = { -1, 0.5 } },
                                       { .steps = 1, .slope = 1, .location = { 0.2 } } };
    double means[] = { 0, 1.5 }, variances[] = { 1, 0.3 };
    struct scale_model model = { MODEL_PCM, 2, items, 2, means, variances };
    for (size_t i = 0; i < PERSONS; i++) {
        groups[i] = i % 2;
        codes[2 * i] = i % 3 == 0 ? CODE_MISSING : 2;
        codes[2 * i + 1] = i % 3 == 0 ? CODE_MISSING : i % 3 == 1;
    }
    struct responses r = { .n_persons = PERSONS, .n_items = 2, .codes = codes, .groups = groups,
                           .n_groups = 2 };
    struct arena *arena = arena_create(GIB);
    struct pool *pool = pool_create(2);
    struct error error;
    struct person_score *scores = arena_array(arena, PERSONS, sizeof *scores);
    assert_true(scale_score(&r, &model, pool, arena, scores, &error));
    assert_true(scale_plausible(&r, &model, 2, 7, pool, arena, pv, &error));
    for (size_t kind = 0; kind < 6; kind++) {
        double n = 0, sum = 0, squares = 0;
        for (size_t i = kind; i < PERSONS; i += 6) {
            for (size_t d = 0; d < 2; d++) {
                if (i % 3 == 0) assert_true(isnan(pv[d * PERSONS + i]));
                sum += pv[d * PERSONS + i];
                squares += pv[d * PERSONS + i] * pv[d * PERSONS + i];
                n++;
            }
        }
        if (kind % 3 == 0) continue;
        double sd = sqrt(squares / n - sum / n * sum / n);
        assert_near(sum / n, scores[kind].eap, 4 * scores[kind].eap_sd / sqrt(n));
        assert_near(sd, scores[kind].eap_sd, 4 * scores[kind].eap_sd / sqrt(2 * n));
    }
    pool_destroy(pool);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wle_of_equal_items_is_known),
        cmocka_unit_test(test_scores_by_brute_force),
        cmocka_unit_test(test_wle_of_many_patterns),
        cmocka_unit_test(test_scores_always_end),
        cmocka_unit_test(test_persons_without_answers),
        cmocka_unit_test(test_reliability),
        cmocka_unit_test(test_plausible_values),
    };
    return cmocka_run_group_tests_name("scale.score", tests, NULL, NULL);
}

#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/random.h"
#include "stat/multilevel.h"
#include "stat/reliability.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not within %g of %.10g", value, tolerance, expected);
}

enum { GROUPS = 12, SIZE = 7, ROWS = GROUPS * SIZE };

/* Balanced one-way data, group 3 of 13 without rows. tau 0: rows alternate, so that groups differ less than
 * chance. */
static void balanced(double tau, double *y, double *x, int *group) {
    for (int i = 0; i < ROWS; i++) {
        int g = i % GROUPS;
        group[i] = g < 3 ? g : g + 1;
        x[i] = 1;
        y[i] = tau > 0 ? 50 + tau * random_normal(1, (uint64_t)g, 0) + random_normal(2, (uint64_t)i, 0)
                       : 50 + (i / GROUPS - 3);
    }
}

/* With equal groups REML is the analysis of variance: σ² = MS within, τ² = (MS between − MS within)/n. */
static void test_balanced_groups_are_the_analysis_of_variance(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double y[ROWS], x[ROWS], mean[GROUPS + 1] = { 0 }, all = 0, between = 0, within = 0;
    int group[ROWS];
    balanced(0.8, y, x, group);
    for (int i = 0; i < ROWS; i++) {
        mean[group[i]] += y[i] / SIZE;
        all += y[i] / ROWS;
    }
    for (int i = 0; i < ROWS; i++) within += pow(y[i] - mean[group[i]], 2) / (ROWS - GROUPS);
    for (int g = 0; g <= GROUPS; g++)
        if (g != 3) between += SIZE * pow(mean[g] - all, 2) / (GROUPS - 1);
    struct multilevel_input input = { .n = ROWS, .draws = 1, .y = y, .n_columns = 1, .x = x,
                                      .group = group, .n_groups = GROUPS + 1 };
    struct multilevel m;
    struct error error;
    assert_true(multilevel_fit(&input, arena, &m, &error));
    double tau2 = (between - within) / SIZE, shrink = SIZE * tau2 / (within + SIZE * tau2);
    assert_near(m.sigma2, within, 1e-6);
    assert_near(m.tau2, tau2, 1e-6);
    assert_near(m.icc, tau2 / (tau2 + within), 1e-6);
    assert_near(m.fixed[0].value, all, 1e-9);
    assert_near(m.fixed[0].se, sqrt(between / ROWS), 1e-6);
    assert_true(m.fixed[0].df == GROUPS - 1);
    assert_int_equal(m.groups, GROUPS);
    assert_near(m.effect[5], shrink * (mean[5] - all), 1e-6);
    /* The error of τ² in a balanced design: V = 2 (τ² + σ²/n)²/groups. */
    double of_tau2 = 2 * (1 - shrink) * (1 - shrink) * 2 * (between / SIZE) / GROUPS;
    assert_near(m.effect_se[5], sqrt(tau2 * (1 - shrink) + shrink * shrink * between / ROWS + of_tau2), 1e-6);
    assert_true(isnan(m.effect[3]) && isnan(m.effect_se[3]));
    arena_destroy(arena);
}

static void test_no_variance_between_groups(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double y[ROWS], x[ROWS];
    int group[ROWS];
    balanced(0, y, x, group);
    struct multilevel_input input = { .n = ROWS, .draws = 1, .y = y, .n_columns = 1, .x = x,
                                      .group = group, .n_groups = GROUPS + 1 };
    struct multilevel m;
    struct error error;
    assert_true(multilevel_fit(&input, arena, &m, &error));
    assert_true(isnan(m.icc_se) && m.icc_low == 0 && m.icc_high > 0 && m.icc_high < 0.3);
    assert_true(m.tau2 == 0 && m.icc == 0 && m.effect[0] == 0);
    /* 4 (σ²/n)/groups: that τ² was found at 0 does not make it 0. */
    assert_near(m.effect_se[0], sqrt(4 * m.sigma2 / SIZE / GROUPS), 1e-9);
    assert_near(m.sigma2, 4 * ROWS / (ROWS - 1.0), 1e-9); /* values −3 … 3 have variance 4 */
    arena_destroy(arena);
}

/* Two draws that differ by a constant: only the intercept gets a variance between draws. */
static void test_draws_are_combined(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double y[2 * ROWS], x[2 * ROWS], one[ROWS];
    int group[ROWS];
    balanced(0.8, y, one, group);
    for (int i = 0; i < ROWS; i++) {
        y[ROWS + i] = y[i] + 2;
        x[2 * i] = 1;
        x[2 * i + 1] = i % 5;
    }
    struct multilevel_input input = { .n = ROWS, .draws = 1, .y = y, .n_columns = 2, .x = x,
                                      .group = group, .n_groups = GROUPS + 1 };
    struct multilevel single, both;
    struct error error;
    assert_true(multilevel_fit(&input, arena, &single, &error));
    input.draws = 2;
    assert_true(multilevel_fit(&input, arena, &both, &error));
    assert_near(both.fixed[0].value, single.fixed[0].value + 1, 1e-9);
    assert_near(both.fixed[0].se, sqrt(pow(single.fixed[0].se, 2) + 1.5 * 2), 1e-6);
    assert_near(both.fixed[1].value, single.fixed[1].value, 1e-9);
    assert_near(both.fixed[1].se, single.fixed[1].se, 1e-6);
    assert_near(both.tau2, single.tau2, 1e-6);
    arena_destroy(arena);
}

/* 12 groups of 7: a constant and a column of groups leave 10 between; a column that varies within has
 * 84 − 12 − 1. */
static void test_columns_have_their_degrees_of_freedom(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double y[ROWS], x[3 * ROWS], one[ROWS];
    int group[ROWS];
    balanced(0.8, y, one, group);
    for (int i = 0; i < ROWS; i++) {
        x[3 * i] = 1;
        x[3 * i + 1] = group[i] % 3; /* of groups */
        x[3 * i + 2] = i / GROUPS % 2; /* of rows */
    }
    struct multilevel_input input = { .n = ROWS, .draws = 1, .y = y, .n_columns = 3, .x = x,
                                      .group = group, .n_groups = GROUPS + 1 };
    struct multilevel m;
    struct error error;
    assert_true(multilevel_fit(&input, arena, &m, &error));
    assert_true(m.fixed[0].df == GROUPS - 2 && m.fixed[1].df == GROUPS - 2);
    assert_true(m.fixed[2].df == ROWS - GROUPS - 1);
    arena_destroy(arena);
}

static void test_models_that_cannot_be(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double y[ROWS], one[ROWS], x[3 * ROWS];
    int group[ROWS], same[ROWS] = { 0 };
    balanced(0.8, y, one, group);
    for (int i = 0; i < ROWS; i++) {
        x[3 * i] = 1;
        x[3 * i + 1] = i % 4;
        x[3 * i + 2] = 1 - 2 * (i % 4);
    }
    struct multilevel_input good = { .n = ROWS, .draws = 1, .y = y, .n_columns = 3, .x = x,
                                     .group = group, .n_groups = GROUPS + 1 };
    struct multilevel_input input = good;
    struct multilevel m;
    struct error error;
    assert_false(multilevel_fit(&input, arena, &m, &error));
    assert_true(error_is(&error, "stat.collinear"));
    assert_string_equal(error_value(&error, "column"), "2");
    input.n = 3;
    assert_false(multilevel_fit(&input, arena, &m, &error));
    assert_true(error_is(&error, "stat.too_few_rows"));
    input = good;
    input.group = same;
    assert_false(multilevel_fit(&input, arena, &m, &error));
    assert_true(error_is(&error, "stat.one_group"));
    input = good;
    input.x = one;
    input.n_columns = 1;
    input.y = one; /* the constant explains itself */
    assert_false(multilevel_fit(&input, arena, &m, &error));
    assert_true(error_is(&error, "stat.exact_fit"));
    arena_destroy(arena);
}

/* ---- reliability ---- */

static void test_reliability_by_hand(void **state) {
    (void)state;
    /* Complete rows (0,1) (1,1) (2,2) (3,4): variances 5/3 and 2, covariance 5/3; total 7. */
    static const int8_t codes[] = { 0, 1, 1, 1, 2, 2, -1, 3, 3, 4 };
    struct arena *arena = arena_create(MIB);
    struct reliability r;
    struct error error;
    assert_true(reliability_classical(codes, 5, 2, arena, &r, &error));
    assert_int_equal(r.n, 4);
    assert_near(r.alpha.value, 2 * (1 - (11.0 / 3) / 7), 1e-12);
    assert_near(r.lambda2, (10.0 / 3 + sqrt(2 * 2 * 25.0 / 9)) / 7, 1e-12);
    assert_near(r.item_rest[0], (5.0 / 3) / sqrt(10.0 / 3), 1e-12);
    assert_true(isnan(r.omega.value)); /* two items do not identify a factor */
    arena_destroy(arena);
}

static void test_reliability_that_cannot_be(void **state) {
    (void)state;
    static const int8_t same[] = { 0, 1, 1, 1, 2, 1 }, few[] = { 0, 1, -1, 1, 2, 1 };
    struct arena *arena = arena_create(MIB);
    struct reliability r;
    struct error error;
    assert_false(reliability_classical(same, 3, 2, arena, &r, &error));
    assert_true(error_is(&error, "stat.constant_item"));
    assert_string_equal(error_value(&error, "item"), "1");
    assert_false(reliability_classical(few, 3, 2, arena, &r, &error));
    assert_true(error_is(&error, "stat.few_persons"));
    assert_false(reliability_classical(few, 6, 1, arena, &r, &error));
    assert_true(error_is(&error, "stat.few_items"));
    arena_destroy(arena);
}

/* Two identical items and a third that has little to do with them: an error variance goes to 0. */
static void test_a_factor_that_runs_away_is_told(void **state) {
    (void)state;
    int8_t codes[3 * 60];
    for (int i = 0; i < 60; i++) {
        codes[3 * i] = codes[3 * i + 1] = (int8_t)(i % 4);
        codes[3 * i + 2] = (int8_t)((i % 4 + i / 20) % 4);
    }
    struct arena *arena = arena_create(MIB);
    struct reliability r;
    struct error error;
    assert_true(reliability_classical(codes, 60, 3, arena, &r, &error));
    assert_true(r.heywood && isfinite(r.omega.value) && r.omega.value > 0 && r.omega.value < 1);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balanced_groups_are_the_analysis_of_variance),
        cmocka_unit_test(test_no_variance_between_groups),
        cmocka_unit_test(test_draws_are_combined),
        cmocka_unit_test(test_columns_have_their_degrees_of_freedom),
        cmocka_unit_test(test_models_that_cannot_be),
        cmocka_unit_test(test_reliability_by_hand),
        cmocka_unit_test(test_reliability_that_cannot_be),
        cmocka_unit_test(test_a_factor_that_runs_away_is_told),
    };
    return cmocka_run_group_tests_name("stat.models", tests, NULL, NULL);
}

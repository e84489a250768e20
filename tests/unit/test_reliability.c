/* One factor, polychoric correlations and parallel analysis where the answer is known beforehand. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/pool.h"
#include "num/random.h"
#include "stat/dimension.h"
#include "stat/polychoric.h"
#include "stat/reliability.h"

#include <math.h>

enum { K = 6 };

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not within %g of %.12g", value, tolerance, expected);
}

static void covariance_of(size_t k, const double *loading, const double *error, double *c) {
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            c[i * k + j] = loading[i] * loading[j] + (i == j ? error[i] : 0);
}

/* A covariance matrix that a factor made gives the factor back, with a perfect fit. */
static void test_a_factor_is_found_again(void **state) {
    (void)state;
    static const double loading[K] = { 2, 0.3, -0.4, 1.1, 0.05, 9 };
    static const double error[K] = { 1, 2, 0.7, 0.2, 1, 30 };
    struct arena *arena = arena_create(MIB);
    struct one_factor factor;
    struct factor_fit fit;
    struct error e;
    double c[K * K], r[K * K];
    covariance_of(K, loading, error, c);
    assert_true(one_factor_ml(K, c, arena, &factor, &e));
    for (size_t i = 0; i < K; i++) {
        assert_near(factor.loading[i], loading[i], 1e-8 * (1 + fabs(loading[i])));
        assert_near(factor.error[i], error[i], 1e-7 * error[i]);
    }
    assert_false(factor.bound);
    assert_true(one_factor_fit(&factor, c, 1000, arena, &fit, &e));
    assert_near(fit.chi2, 0, 1e-9);
    assert_true(fit.df == 9 && fit.cfi == 1 && fit.rmsea == 0 && fit.rmsea_low == 0);
    assert_near(fit.p, 1, 1e-9);
    assert_near(fit.srmr, 0, 1e-9);
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++) r[i * K + j] = c[i * K + j] / sqrt(c[i * K + i] * c[j * K + j]);
    assert_true(one_factor_minres(K, r, arena, &factor, &e));
    for (size_t i = 0; i < K; i++)
        assert_near(factor.loading[i], loading[i] / sqrt(c[i * K + i]), 1e-8);
    arena_destroy(arena);
}

/* Three items: λ₁² = c₁₂c₁₃/c₂₃, and where that is above the item's variance it stands at its bound. */
static void test_three_items_and_a_heywood_case(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct one_factor factor;
    struct factor_fit fit;
    struct error e;
    double c[9] = { 1, 0.5, 0.4, 0.5, 1, 0.3, 0.4, 0.3, 1 };
    assert_true(one_factor_ml(3, c, arena, &factor, &e));
    assert_near(factor.loading[0], sqrt(0.5 * 0.4 / 0.3), 1e-9);
    assert_true(one_factor_fit(&factor, c, 100, arena, &fit, &e));
    assert_true(fit.df == 0 && isnan(fit.p) && isnan(fit.cfi) && isnan(fit.rmsea));
    c[5] = c[7] = 0.1; /* λ₁² would be 2 */
    assert_true(one_factor_ml(3, c, arena, &factor, &e));
    assert_true(factor.bound);
    assert_near(factor.error[0], ONE_FACTOR_LEAST, 1e-12);
    assert_true(one_factor_minres(3, c, arena, &factor, &e));
    assert_true(factor.bound);
    assert_near(factor.loading[0], sqrt(1 - ONE_FACTOR_LEAST), 1e-12);
    arena_destroy(arena);
}

/* Weak factors have several minima. factanal(covmat = R, factors = 1, start = …), the best of 30 starts (its
 * lower bound is ours): objective and uniquenesses. */
static void test_the_lowest_of_several_minima(void **state) {
    (void)state;
    static const double r[16] = { 1,      -0.335, -0.248, 0.138, -0.335, 1,     -0.286, 0.073,
                                  -0.248, -0.286, 1,      -0.175, 0.138, 0.073, -0.175, 1 };
    static const double error[4] = { 0.887613005862, 0.005, 0.918134446226, 0.994654055877 };
    static const double three[9] = { 1, 0.114, -0.009, 0.114, 1, 0.016, -0.009, 0.016, 1 };
    struct arena *arena = arena_create(MIB);
    struct one_factor factor;
    struct factor_fit fit;
    struct error e;
    assert_true(one_factor_ml(4, r, arena, &factor, &e));
    assert_true(factor.bound && one_factor_fit(&factor, r, 1, arena, &fit, &e));
    assert_near(fit.chi2, 0.198464659482, 1e-9);
    for (size_t i = 0; i < 4; i++) assert_near(factor.error[i], error[i], 1e-5);
    assert_true(one_factor_ml(3, three, arena, &factor, &e));
    assert_true(one_factor_fit(&factor, three, 1, arena, &fit, &e));
    assert_true(fit.chi2 <= 0.000118940197662 + 1e-12);
    arena_destroy(arena);
}

/* All items uncorrelated, all alike, and a singular matrix: something finite, or not identified. */
static void test_factors_that_are_not_there(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct one_factor factor;
    struct factor_fit fit;
    struct error e;
    double c[K * K];
    for (int kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < K; i++)
            for (size_t j = 0; j < K; j++)
                c[i * K + j] = i == j || kind == 1 || (kind == 2 && i < 2 && j < 2) ? 2 : 0.3 * kind;
        assert_true(one_factor_ml(K, c, arena, &factor, &e));
        for (size_t i = 0; i < K; i++)
            assert_true(isfinite(factor.loading[i]) && factor.error[i] > 0);
        assert_true(one_factor_fit(&factor, c, 100, arena, &fit, &e));
        assert_true(isfinite(fit.srmr) && isnan(fit.chi2) == (kind > 0));
        assert_true(one_factor_minres(K, c, arena, &factor, &e) || error_is(&e, "stat.factor"));
    }
    arena_destroy(arena);
}

/* Omega from one answer pattern a row: identical items have reliability 1 to the bound. */
static void test_identical_items(void **state) {
    (void)state;
    int8_t codes[3 * 40];
    for (int i = 0; i < 120; i++) codes[i] = (int8_t)(i / 3 % 4);
    struct arena *arena = arena_create(MIB);
    struct reliability r;
    struct polychoric p;
    struct polychoric_omega g;
    struct error e;
    double low, high;
    assert_true(reliability_classical(codes, 40, 3, arena, &r, &e));
    assert_near(r.alpha.value, 1, 1e-12);
    assert_near(r.lambda2, 1, 1e-12);
    assert_true(r.heywood && r.omega.value > 0.99 && r.omega.value <= 1 && isnan(r.fit.chi2));
    reliability_interval(r.alpha, 0.95, &low, &high);
    assert_true(isfinite(low) && isfinite(high) && low <= r.alpha.value && high >= r.alpha.value);
    assert_true(polychoric_correlations(codes, 40, 3, arena, &p, &e));
    assert_int_equal(p.held, 3);
    assert_near(p.correlation[1], 0.999, 1e-12);
    assert_true(polychoric_omega(&p, arena, &g, &e));
    assert_true(g.heywood && g.omega > 0.95 && g.omega <= 1);
    arena_destroy(arena);
}

/* Error and degrees of freedom of alpha by hand: (0,0) (1,0) (1,2) (2,2) (6,6). With divisor 5, variances 22/5
 * and 24/5, covariance 22/5, T = 18; alpha 2(1 − 46/90). */
static void test_degrees_of_freedom(void **state) {
    (void)state;
    static const int8_t codes[] = { 0, 0, 1, 0, 1, 2, 2, 2, 6, 6 };
    struct arena *arena = arena_create(MIB);
    struct reliability r;
    struct error e;
    double squares = 0, fourth = 0;
    for (int i = 0; i < 5; i++) {
        double x = codes[2 * i] - 2, y = codes[2 * i + 1] - 2;
        double influence = 2 * (9.2 * (x + y) * (x + y) / 18 - x * x - y * y) / 18;
        squares += influence * influence;
        fourth += pow(influence, 4);
    }
    assert_true(reliability_classical(codes, 5, 2, arena, &r, &e));
    assert_near(r.alpha.value, 2 * (1 - 46.0 / 90), 1e-12);
    assert_near(r.alpha.se, sqrt(squares) / 5, 1e-12);
    assert_near(r.alpha.df, 10 / (5 * fourth / (squares * squares) - 1), 1e-9);
    arena_destroy(arena);
}

/* Two by two with both thresholds at 0: P₁₁ = ¼ + asin(r)/2π. */
static void test_tetrachoric_in_closed_form(void **state) {
    (void)state;
    static const int cells[][2] = { { 30, 20 }, { 49, 1 }, { 5, 45 }, { 25, 25 }, { 0, 50 } };
    for (size_t t = 0; t < sizeof cells / sizeof *cells; t++) {
        int8_t codes[2 * 100];
        int same = cells[t][0];
        for (int i = 0; i < 100; i++) {
            codes[2 * i] = (int8_t)(i / 50);
            codes[2 * i + 1] = (int8_t)(i % 50 < same ? i / 50 : 1 - i / 50);
        }
        struct arena *arena = arena_create(MIB);
        struct polychoric p;
        struct error e;
        assert_true(polychoric_correlations(codes, 100, 2, arena, &p, &e));
        double r = sin(2 * acos(-1) * (same / 100.0 - 0.25));
        assert_near(p.correlation[1], same == 0 ? -0.999 : r, 1e-11);
        assert_int_equal(p.held, same == 0);
        assert_near(p.item[0].threshold[0], 0, 1e-15);
        arena_destroy(arena);
    }
}

/* Codes with a gap are the same categories, further apart: the covariances that Green and Yang's formula
 * is made of are then those of the codes. In the limit of many persons both sums are known. */
static void test_green_yang_of_known_items(void **state) {
    (void)state;
    enum { PERSONS = 200000 };
    static const double loading[3] = { 0.9, 0.6, 0.7 };
    static int8_t codes[3 * PERSONS], other[3 * PERSONS];
    double sum = 0, sum_other = 0, square = 0, product = 0;
    for (size_t p = 0; p < PERSONS; p++) {
        double theta = random_normal(3, p, 0), score = 0, score_other = 0;
        for (size_t i = 0; i < 3; i++)
            for (size_t form = 0; form < 2; form++) {
                double y = loading[i] * theta +
                           sqrt(1 - loading[i] * loading[i]) * random_normal(3, p, 1 + 2 * i + form);
                int code = y < -0.8 ? 0 : y < 0.5 ? 1 : 3; /* 2 is not in use */
                (form ? other : codes)[3 * p + i] = (int8_t)code;
                *(form ? &score_other : &score) += code;
            }
        sum += score;
        sum_other += score_other;
        square += score * score;
        product += score * score_other;
    }
    /* Reliability is the correlation of two parallel forms. */
    double parallel = (product - sum * sum_other / PERSONS) / (square - sum * sum / PERSONS);
    struct arena *arena = arena_create(16 * MIB);
    struct polychoric p;
    struct polychoric_omega g;
    struct error e;
    assert_true(polychoric_correlations(codes, PERSONS, 3, arena, &p, &e));
    assert_near(p.correlation[1], 0.54, 0.008);
    assert_true(p.item[0].rise[0] == 1 && p.item[0].rise[1] == 2);
    assert_true(polychoric_omega(&p, arena, &g, &e));
    assert_near(g.omega, parallel, 0.006);
    arena_destroy(arena);
}

static void test_polychoric_that_cannot_be(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct polychoric p;
    struct error e;
    int8_t many[2 * 60], same[] = { 0, 1, 1, 1, 2, 1 };
    for (int i = 0; i < 60; i++) {
        many[2 * i] = (int8_t)(i % 3);
        many[2 * i + 1] = (int8_t)i;
    }
    assert_false(polychoric_correlations(many, 60, 2, arena, &p, &e));
    assert_true(error_is(&e, "stat.categories"));
    assert_string_equal(error_value(&e, "item"), "1");
    assert_false(polychoric_correlations(same, 3, 2, arena, &p, &e));
    assert_true(error_is(&e, "stat.constant_item"));
    assert_false(polychoric_correlations(same, 2, 2, arena, &p, &e));
    assert_true(error_is(&e, "stat.few_persons"));
    assert_false(polychoric_correlations(same, 6, 1, arena, &p, &e));
    assert_true(error_is(&e, "stat.few_items"));
    arena_destroy(arena);
}

/* set.seed(1); v <- replicate(40000, eigen(cor(matrix(rnorm(392*4), 392)))$values); rowMeans(v);
 * apply(v, 1, quantile, .95): normal data in R, Wishart matrices here. */
static void test_parallel_analysis(void **state) {
    (void)state;
    static const double mean[4] = { 1.11323, 1.03084, 0.96644, 0.88949 }, high[4] = { 1.18009, 1.07298, 1.00017, 0.94210 };
    struct arena *arena = arena_create(64 * MIB);
    struct parallel p, again;
    struct error e;
    double r[16];
    for (size_t i = 0; i < 16; i++) r[i] = i % 5 == 0 ? 1 : (i == 1 || i == 4) ? 0.8 : (i == 11 || i == 14) ? 0.7 : 0.1;
    assert_true(parallel_analysis(392, 4, r, 10000, 1, arena, &p, &e));
    for (size_t i = 0; i < 4; i++) {
        assert_near(p.mean[i], mean[i], 0.001);
        assert_near(p.high[i], high[i], 0.002);
    }
    assert_int_equal(p.suggested, 2);
    assert_true(parallel_analysis(392, 4, r, 10000, 1, arena, &again, &e));
    assert_memory_equal(again.high, p.high, 4 * sizeof *p.high);
    assert_false(parallel_analysis(4, 4, r, 10, 1, arena, &p, &e));
    assert_true(error_is(&e, "stat.few_for_parallel"));
    assert_true(parallel_analysis(5, 4, r, 1, 1, arena, &p, &e) && isfinite(p.high[0]));
    arena_destroy(arena);
}

/* Independent items: shuffled, they are what they were; 1 to 3 threads, one result. A random polychoric
 * eigenvalue is larger than a random Pearson one, because the correlations vary more. */
static void test_parallel_analysis_of_ordered_items(void **state) {
    (void)state;
    enum { PERSONS = 300, ITEMS = 5 };
    static int8_t codes[PERSONS * ITEMS];
    for (size_t i = 0; i < PERSONS * ITEMS; i++)
        codes[i] = (int8_t)(random_bits(5, i, 0) % 3 == 0 ? 0 : random_bits(5, i, 1) % 3);
    struct arena *arena = arena_create(16 * MIB);
    struct polychoric p;
    struct parallel first, again, normal;
    struct error e;
    assert_true(polychoric_correlations(codes, PERSONS, ITEMS, arena, &p, &e));
    assert_true(polychoric_parallel(&p, 200, 1, NULL, arena, &first, &e));
    assert_true(parallel_analysis(PERSONS, ITEMS, p.correlation, 200, 1, arena, &normal, &e));
    assert_memory_equal(first.eigenvalue, normal.eigenvalue, ITEMS * sizeof *first.eigenvalue);
    assert_int_equal(first.suggested, 0);
    assert_true(first.mean[0] > normal.mean[0] && first.mean[ITEMS - 1] < normal.mean[ITEMS - 1]);
    for (int threads = 1; threads <= 3; threads++) {
        struct pool *pool = pool_create(threads);
        assert_true(polychoric_parallel(&p, 200, 1, pool, arena, &again, &e));
        assert_memory_equal(again.high, first.high, ITEMS * sizeof *first.high);
        pool_destroy(pool);
    }
    p.n = ITEMS;
    assert_false(polychoric_parallel(&p, 10, 1, NULL, arena, &again, &e));
    assert_true(error_is(&e, "stat.few_for_parallel"));
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_factor_is_found_again),
        cmocka_unit_test(test_three_items_and_a_heywood_case),
        cmocka_unit_test(test_the_lowest_of_several_minima),
        cmocka_unit_test(test_factors_that_are_not_there),
        cmocka_unit_test(test_identical_items),
        cmocka_unit_test(test_degrees_of_freedom),
        cmocka_unit_test(test_tetrachoric_in_closed_form),
        cmocka_unit_test(test_green_yang_of_known_items),
        cmocka_unit_test(test_polychoric_that_cannot_be),
        cmocka_unit_test(test_parallel_analysis),
        cmocka_unit_test(test_parallel_analysis_of_ordered_items),
    };
    return cmocka_run_group_tests_name("stat.reliability", tests, NULL, NULL);
}

/* Least squares in clusters against R: clubSandwich 0.5 (CR2) and survey (linearised), and closed
 * forms. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "stat/regression.h"
#include "stat/strata.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.14g is not within %g of %.14g", value, tolerance, expected);
}

static void assert_estimate(struct estimate e, double value, double se, double df) {
    assert_near(e.value, value, 1e-10);
    assert_near(e.se, se, 1e-10);
    assert_near(e.df, df, 1e-8);
}

/* The same numbers in R:
 *
 *     n <- c(3,5,4,6,2,7); g <- rep(1:6, n); i <- seq_along(g); h <- c(1,1,2,2,3,3)[g]
 *     x <- ((i*7) %% 11) + g/2; t <- as.numeric(g <= 2); y <- 10 + 2*x + 3*t + ((i*5) %% 13) - g
 *     w <- 1 + (i*3) %% 5 */
enum { CLUSTERS = 6, ROWS = 27 };
static struct data {
    double y[2 * ROWS], x[3 * ROWS], w[ROWS];
    int cluster[ROWS], stratum[CLUSTERS];
} data;

static int make_data(void **state) {
    (void)state;
    static const int size[CLUSTERS] = { 3, 5, 4, 6, 2, 7 };
    for (int g = 0, i = 0; g < CLUSTERS; g++) {
        data.stratum[g] = g / 2;
        for (int k = 0; k < size[g]; k++, i++) {
            double x = (i + 1) * 7 % 11 + (g + 1) / 2.0, t = g < 2;
            data.x[3 * i] = 1;
            data.x[3 * i + 1] = x;
            data.x[3 * i + 2] = t;
            data.y[i] = 10 + 2 * x + 3 * t + (i + 1) * 5 % 13 - (g + 1);
            data.w[i] = 1 + (i + 1) * 3 % 5;
            data.cluster[i] = g;
        }
    }
    return 0;
}

static const double x_and_t[] = { 0, 1, 1 };

static struct regression_input input_of(enum regression_errors errors) {
    return (struct regression_input){ .n = ROWS,
                                      .draws = 1,
                                      .y = data.y,
                                      .n_columns = 3,
                                      .x = data.x,
                                      .cluster = data.cluster,
                                      .n_clusters = CLUSTERS,
                                      .errors = errors,
                                      .n_contrasts = 1,
                                      .contrasts = x_and_t };
}

static struct regression fit(const struct regression_input *input, struct arena *arena) {
    struct regression r;
    struct error error = { 0 };
    if (!regression_fit(input, arena, &r, &error)) fail_msg("%s", error.id);
    return r;
}

/* m <- lm(y ~ x + t); v <- vcovCR(m, cluster = g, type = "CR2"); coef_test(m, v, "Satterthwaite");
 * linear_contrast(m, v, matrix(c(0, 1, 1), 1)) */
static void test_cr2(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct regression_input input = input_of(REGRESSION_CR2);
    struct regression r = fit(&input, arena);
    assert_estimate(r.coefficient[0], 10.1290209945593, 2.01397241828836, 4.2174931102388);
    assert_estimate(r.coefficient[1], 2.1478316626142, 0.18392898833727, 4.3923325740192);
    assert_estimate(r.coefficient[2], 6.5812705930154, 1.39286606952362, 1.9538163222519);
    assert_estimate(r.contrast[0], 8.7291022556296, 1.4584267090101, 2.1177445346534);
    assert_near(r.r2, 0.755902221081693, 1e-12);
    assert_int_equal(r.clusters, CLUSTERS);
    arena_destroy(arena);
}

/* mw <- lm(y ~ x + t, weights = w); the contrast is t's coefficient of lm(y ~ I(x - t) + t) */
static void test_cr2_with_weights(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct regression_input input = input_of(REGRESSION_CR2);
    input.weights = data.w;
    struct regression r = fit(&input, arena);
    assert_estimate(r.coefficient[0], 8.7601788803306, 1.46568958142562, 3.9953105490841);
    assert_estimate(r.coefficient[1], 2.2498429437843, 0.16966657076137, 4.0649695001163);
    assert_estimate(r.coefficient[2], 5.6687658645100, 1.16655013606722, 1.8861288942380);
    assert_estimate(r.contrast[0], 7.9186088082943, 1.15073962293924, 1.9459993964585);
    assert_near(r.r2, 0.777401253782463, 1e-12);
    arena_destroy(arena);
}

/* lm(y ~ factor(g) + x - 1): every block of I − H is singular; x alone has an error, since each
 * dummy hangs on its cluster. */
static void test_cr2_with_a_dummy_for_each_cluster(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double x[ROWS * (CLUSTERS + 1)] = { 0 };
    for (int i = 0; i < ROWS; i++) {
        x[i * (CLUSTERS + 1) + data.cluster[i]] = 1;
        x[i * (CLUSTERS + 1) + CLUSTERS] = data.x[3 * i + 1];
    }
    struct regression_input input = input_of(REGRESSION_CR2);
    input.x = x;
    input.n_columns = CLUSTERS + 1;
    input.n_contrasts = 0;
    struct regression r = fit(&input, arena);
    assert_estimate(r.coefficient[CLUSTERS], 2.2097116872879, 0.1868756122179, 4.3335785309573);
    assert_near(r.coefficient[0].value, 16.1637329077701, 1e-10);
    arena_destroy(arena);
}

/* A treatment of one cluster: nothing tells how treated clusters differ. */
static void test_one_treated_cluster_has_no_error(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double x[2 * ROWS];
    for (int i = 0; i < ROWS; i++) {
        x[2 * i] = 1;
        x[2 * i + 1] = data.cluster[i] == 2;
    }
    struct regression_input input = input_of(REGRESSION_CR2);
    input.x = x;
    input.n_columns = 2;
    input.n_contrasts = 0;
    struct regression r = fit(&input, arena);
    assert_true(isfinite(r.coefficient[1].value) && isnan(r.coefficient[1].se));
    assert_true(isnan(r.coefficient[1].df) && r.coefficient[0].se > 0);
    arena_destroy(arena);
}

/* d <- svydesign(ids = ~g, strata = ~h, weights = ~w); s <- svyglm(y ~ x, d); vcov(s); degf(d);
 * svyglm(y ~ x + t, d) and svycontrast(s, c(0, 1, 1)) */
static void test_linearised(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct regression_input input = input_of(REGRESSION_LINEARISED);
    input.weights = data.w;
    input.stratum = data.stratum;
    struct regression r = fit(&input, arena);
    assert_estimate(r.coefficient[0], 8.76017888033062, 1.453653931503998, 3);
    assert_estimate(r.coefficient[1], 2.24984294378429, 0.170822889523087, 3);
    assert_estimate(r.coefficient[2], 5.66876586451002, 0.799129942797192, 3);
    assert_near(r.contrast[0].se, 0.81807, 5e-6);
    assert_int_equal(r.strata, 3);
    double x[2 * ROWS];
    for (int i = 0; i < ROWS; i++) memcpy(x + 2 * i, data.x + 3 * i, 2 * sizeof *x);
    input.x = x;
    input.n_columns = 2;
    input.n_contrasts = 0;
    r = fit(&input, arena);
    assert_estimate(r.coefficient[0], 10.73934545454547, 0.8589669263385605, 3);
    assert_estimate(r.coefficient[1], 2.22661818181818, 0.0869245251125269, 3);
    input.weights = NULL; /* svydesign(ids = ~g, weights = ~1) */
    input.stratum = NULL;
    r = fit(&input, arena);
    assert_estimate(r.coefficient[0], 13.17521040550880, 2.923221083505558, 5);
    assert_estimate(r.coefficient[1], 1.99081866870696, 0.219405475719196, 5);
    arena_destroy(arena);
}

/* The unit of weights, and the order of rows, are nobody's business. */
static void test_scale_and_order(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double y[ROWS], x[3 * ROWS], w[ROWS];
    int cluster[ROWS];
    for (int i = 0; i < ROWS; i++) {
        int from = i * 10 % ROWS; /* 10 and 27 have no common divisor */
        y[i] = data.y[from];
        memcpy(x + 3 * i, data.x + 3 * from, 3 * sizeof *x);
        w[i] = data.w[from] * 1e300;
        cluster[i] = 2 * data.cluster[from] + 1; /* every other cluster without rows */
    }
    struct regression_input input = input_of(REGRESSION_CR2);
    input.weights = data.w;
    struct regression expected = fit(&input, arena);
    input.y = y;
    input.x = x;
    input.weights = w;
    input.cluster = cluster;
    input.n_clusters = 2 * CLUSTERS;
    struct regression r = fit(&input, arena);
    for (int c = 0; c < 3; c++)
        assert_estimate(r.coefficient[c], expected.coefficient[c].value, expected.coefficient[c].se,
                        expected.coefficient[c].df);
    assert_int_equal(r.clusters, CLUSTERS);
    arena_destroy(arena);
}

/* Two draws: Rubin's rules with every draw's variance. */
static void test_draws(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct regression_input input = input_of(REGRESSION_CR2);
    double values[2], variances[2], r2 = 0;
    struct regression r;
    for (int i = 0; i < ROWS; i++) data.y[ROWS + i] = data.y[i] + (i * i) % 5;
    for (int d = 0; d < 2; d++) {
        input.y = data.y + d * ROWS;
        r = fit(&input, arena);
        values[d] = r.contrast[0].value;
        variances[d] = r.contrast[0].se * r.contrast[0].se;
        r2 += r.r2 / 2;
    }
    struct estimate expected = rubin_combine(2, values, variances, r.contrast[0].df);
    input.y = data.y;
    input.draws = 2;
    r = fit(&input, arena);
    assert_estimate(r.contrast[0], expected.value, expected.se, expected.df);
    assert_near(r.r2, r2, 1e-14);
    arena_destroy(arena);
}

/* One row a cluster and a constant alone: CR2 is the usual error of a mean with n − 1 degrees. */
static void test_a_mean(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    double one[ROWS], mean = 0, squares = 0;
    int own[ROWS];
    for (int i = 0; i < ROWS; i++) {
        one[i] = 1;
        own[i] = i;
        mean += data.y[i] / ROWS;
    }
    for (int i = 0; i < ROWS; i++) squares += pow(data.y[i] - mean, 2);
    for (int k = 0; k < 2; k++) {
        struct regression_input input = { .n = ROWS,
                                          .draws = 1,
                                          .y = data.y,
                                          .n_columns = 1,
                                          .x = one,
                                          .cluster = own,
                                          .n_clusters = ROWS,
                                          .errors = k ? REGRESSION_CR2 : REGRESSION_LINEARISED };
        struct regression r = fit(&input, arena);
        assert_estimate(r.coefficient[0], mean, sqrt(squares / (ROWS - 1) / ROWS), ROWS - 1);
    }
    arena_destroy(arena);
}

static void test_what_cannot_be(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct regression r;
    struct error error;
    struct regression_input good = input_of(REGRESSION_CR2), input = good;
    double x[3 * ROWS], same[ROWS];
    int one[ROWS] = { 0 };
    for (int i = 0; i < ROWS; i++) {
        memcpy(x + 3 * i, data.x + 3 * i, 3 * sizeof *x);
        x[3 * i + 2] = 4 - 3e6 * x[3 * i + 1];
        same[i] = 0.1;
    }
    input.x = x;
    assert_false(regression_fit(&input, arena, &r, &error));
    assert_true(error_is(&error, "stat.collinear"));
    assert_string_equal(error_value(&error, "column"), "2");
    input = good;
    input.cluster = one;
    assert_false(regression_fit(&input, arena, &r, &error));
    assert_true(error_is(&error, "stat.one_cluster"));
    input.n_clusters = 0;
    assert_false(regression_fit(&input, arena, &r, &error));
    assert_true(error_is(&error, "stat.cluster"));
    input.n = 3;
    assert_false(regression_fit(&input, arena, &r, &error));
    assert_true(error_is(&error, "stat.too_few_rows"));
    input.n = 0;
    assert_false(regression_fit(&input, arena, &r, &error));
    assert_true(error_is(&error, "stat.empty"));
    input = good;
    input.y = same;
    r = fit(&input, arena);
    assert_true(isnan(r.r2) && fabs(r.coefficient[1].value) < 1e-12);
    arena_destroy(arena);
}

/* Strata 0 {1}, 1 {0, 3}, 2 {4}: the first is joined to the second, the last to the one before. */
static void test_lonely_strata(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    const size_t rows[] = { 5, 1, 0, 2, 7 };
    const int stratum[] = { 1, 0, 1, 1, 2 };
    struct strata s;
    assert_true(strata_make(5, rows, stratum, arena, &s));
    assert_int_equal(s.n_clusters, 4);
    assert_int_equal(s.n_strata, 1);
    assert_int_equal(s.cluster[0], 1);
    assert_int_equal(s.cluster[3], 4);
    const double v[] = { 1, 2, 3, 6 };
    assert_near(strata_variance(&s, v), 14 * 4.0 / 3, 1e-12);
    assert_near(strata_jackknife(&s, v), 14 * 3.0 / 4, 1e-12);
    assert_true(strata_make(2, rows, NULL, arena, &s));
    assert_int_equal(s.n_strata, 1);
    assert_true(strata_make(1, rows, NULL, arena, &s));
    assert_int_equal(s.n_strata, 0);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cr2),
        cmocka_unit_test(test_cr2_with_weights),
        cmocka_unit_test(test_cr2_with_a_dummy_for_each_cluster),
        cmocka_unit_test(test_one_treated_cluster_has_no_error),
        cmocka_unit_test(test_linearised),
        cmocka_unit_test(test_scale_and_order),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_a_mean),
        cmocka_unit_test(test_what_cannot_be),
        cmocka_unit_test(test_lonely_strata),
    };
    return cmocka_run_group_tests_name("stat.regression", tests, make_data, NULL);
}

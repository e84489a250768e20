/* SDs and percentiles against R's survey, and replicates made one by one. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "stat/distribution.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.14g is not within %g of %.14g", value, tolerance, expected);
}

/* The same numbers in R:
 *
 *     n <- c(3,5,4,6,2,7); g <- rep(1:6, n); i <- seq_along(g); h <- c(1,1,2,2,3,3)[g]
 *     x <- ((i*7) %% 11) + g/2; y <- 10 + 2*x + 3*(g <= 2) + ((i*5) %% 13) - g
 *     w <- 1 + (i*3) %% 5 */
enum { CLUSTERS = 6, ROWS = 27 };
static struct data {
    double y[2 * ROWS], w[ROWS];
    int cluster[ROWS], stratum[CLUSTERS];
} data;

static int make_data(void **state) {
    (void)state;
    static const int size[CLUSTERS] = { 3, 5, 4, 6, 2, 7 };
    for (int g = 0, i = 0; g < CLUSTERS; g++) {
        data.stratum[g] = g / 2;
        for (int k = 0; k < size[g]; k++, i++) {
            double x = (i + 1) * 7 % 11 + (g + 1) / 2.0;
            data.y[i] = 10 + 2 * x + 3 * (g < 2) + (i + 1) * 5 % 13 - (g + 1);
            data.y[ROWS + i] = data.y[i] + i * i % 7 - 3;
            data.w[i] = 1 + (i + 1) * 3 % 5;
            data.cluster[i] = g;
        }
    }
    return 0;
}

static struct sample whole(void) {
    return (struct sample){ .n = ROWS,
                            .draws = 1,
                            .values = data.y,
                            .weights = data.w,
                            .cluster = data.cluster,
                            .n_clusters = CLUSTERS,
                            .stratum = data.stratum };
}

static const double percentages[] = { 10, 50, 75 };

static struct distribution fit(const struct sample *sample, enum sampling_error how,
                               struct arena *arena) {
    struct distribution d;
    struct error error = { 0 };
    if (!distribution_fit(sample, how, 3, percentages, arena, &d, &error)) fail_msg("%s", error.id);
    return d;
}

/* d <- svydesign(ids = ~g, strata = ~h, weights = ~w); r <- as.svrepdesign(d, type = "JKn");
 * withReplicates(r, f, return.replicates = TRUE), f the variance (divisor Σw − Σw²/Σw) and the
 * quantile of qrule "hf2", squares about each stratum's mean of replicates. */
static void test_jackknife(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct sample sample = whole();
    struct distribution d = fit(&sample, SAMPLING_JACKKNIFE, arena);
    assert_near(d.sd.value, sqrt(72.4021704436642), 1e-12);
    assert_near(d.sd.se, 4.90059730525581 / (2 * sqrt(72.4021704436642)), 1e-12);
    assert_true(d.sd.df == 3);
    static const double expected[3][2] = { { 16, 1.5 }, { 32, 2.59807621135332 }, { 35, 2.25 } };
    for (int j = 0; j < 3; j++) {
        assert_near(d.percentile[j].value, expected[j][0], 1e-12);
        assert_near(d.percentile[j].se, expected[j][1], 1e-12);
    }
    arena_destroy(arena);
}

/* svyvar(~y, d): 71.8062678062678, SE 4.47775634521874, with the divisor of n/(n − 1) instead. */
static void test_linearised(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct sample sample = whole();
    struct distribution d = fit(&sample, SAMPLING_LINEARISED, arena);
    double variance = d.sd.value * d.sd.value;
    assert_near(2 * d.sd.value * d.sd.se / variance, 4.47775634521874 / 71.8062678062678, 1e-12);
    assert_true(d.percentile[1].value == 32 && d.percentile[1].se > 0);
    arena_destroy(arena);
}

/* A weighted quantile from the definition. */
static double quantile(const double *y, const double *w, double share) {
    double total = 0, best = HUGE_VAL, next = HUGE_VAL;
    for (int i = 0; i < ROWS; i++) total += w[i];
    for (int i = 0; i < ROWS; i++) {
        double up_to = 0;
        for (int k = 0; k < ROWS; k++) up_to += y[k] <= y[i] ? w[k] : 0;
        if (w[i] > 0 && up_to >= share * total - 1e-9) best = fmin(best, y[i]);
        if (w[i] > 0 && up_to > share * total + 1e-9) next = fmin(next, y[i]);
    }
    return 0.5 * (best + next);
}

static double variance(const double *y, const double *w) {
    double total = 0, sum = 0, squares = 0, around = 0;
    for (int i = 0; i < ROWS; i++) {
        total += w[i];
        sum += w[i] * y[i];
        squares += w[i] * w[i];
    }
    for (int i = 0; i < ROWS; i++) around += w[i] * pow(y[i] - sum / total, 2);
    return around / (total - squares / total);
}

/* Two draws, zones of which the last has its second half alone: every replicate from its weights.
 */
static void test_pairs(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct sample sample = whole();
    static const int half[CLUSTERS] = { 0, 1, 2, 3, 5, 7 };
    int cluster[ROWS];
    for (int i = 0; i < ROWS; i++) cluster[i] = half[data.cluster[i]];
    sample.draws = 2;
    sample.cluster = cluster;
    sample.n_clusters = 10;
    sample.stratum = NULL;
    struct distribution d = fit(&sample, SAMPLING_JK2, arena);
    double value[2][2], error[2][2] = { { 0 } };
    for (int draw = 0; draw < 2; draw++) {
        const double *y = data.y + draw * ROWS;
        value[0][draw] = variance(y, data.w);
        value[1][draw] = quantile(y, data.w, 0.5);
        for (int zone = 0; zone < 4; zone++) {
            double w[ROWS];
            for (int i = 0; i < ROWS; i++)
                w[i] = data.w[i] * (cluster[i] == 2 * zone       ? 0
                                    : cluster[i] == 2 * zone + 1 ? 2
                                                                 : 1);
            error[0][draw] += pow(variance(y, w) - value[0][draw], 2);
            error[1][draw] += pow(quantile(y, w, 0.5) - value[1][draw], 2);
        }
    }
    struct estimate v = rubin_combine(2, value[0], error[0], 4);
    struct estimate median = rubin_combine(2, value[1], error[1], 4);
    assert_near(d.sd.value, sqrt(v.value), 1e-12);
    assert_near(d.sd.se, v.se / (2 * sqrt(v.value)), 1e-12);
    assert_near(d.percentile[1].value, median.value, 1e-12);
    assert_near(d.percentile[1].se, median.se, 1e-12);
    assert_near(d.percentile[1].df, median.df, 1e-9);
    arena_destroy(arena);
}

static void test_edges(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    static const double same[4] = { 7, 7, 7, 7 }, four[4] = { 4, 1, 3, 2 };
    static const int one[4] = { 2, 2, 2, 2 }, own[4] = { 0, 1, 2, 3 };
    struct sample sample = { .n = 4, .draws = 1, .values = four, .cluster = one, .n_clusters = 3 };
    struct distribution d;
    struct error error;
    for (enum sampling_error how = SAMPLING_JACKKNIFE; how <= SAMPLING_LINEARISED; how++) {
        d = fit(&sample, how, arena); /* one cluster: values without errors */
        assert_near(d.sd.value, sqrt(5 / 3.0), 1e-12);
        assert_true(isnan(d.sd.se) && isnan(d.percentile[1].se) && isnan(d.percentile[1].df));
        assert_near(d.percentile[1].value, 2.5, 0);
    }
    sample.cluster = own;
    sample.n_clusters = 4;
    sample.values = same;
    d = fit(&sample, SAMPLING_JACKKNIFE, arena);
    assert_true(d.sd.value == 0 && d.sd.se == 0 && d.percentile[0].se == 0);
    sample.n = 2; /* a replicate of one row has no variance */
    sample.values = four;
    d = fit(&sample, SAMPLING_JACKKNIFE, arena);
    assert_true(d.sd.value > 2 && isnan(d.sd.se) && d.percentile[1].se > 0);
    sample.n = 1;
    d = fit(&sample, SAMPLING_JACKKNIFE, arena);
    assert_true(d.sd.value == 0 && isnan(d.sd.se) && d.percentile[2].value == 4);
    sample.n = 0;
    assert_false(distribution_fit(&sample, SAMPLING_JACKKNIFE, 0, NULL, arena, &d, &error));
    assert_true(error_is(&error, "stat.empty"));
    sample.n = 4;
    sample.n_clusters = 3;
    assert_false(distribution_fit(&sample, SAMPLING_JK2, 0, NULL, arena, &d, &error));
    assert_true(error_is(&error, "stat.cluster"));
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jackknife),
        cmocka_unit_test(test_linearised),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests_name("stat.distribution", tests, make_data, NULL);
}

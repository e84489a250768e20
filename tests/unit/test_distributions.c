/* Bivariate normal, chi-square and eigenvalues. Expected values: mpmath 1.2.1 at 40 digits (the bivariate
 * normal by quadrature of φ(x) Φ((k − rx)/√(1 − r²)); the noncentral chi-square by its Poisson mixture). */
#include "check.h"

#include "num/bivariate.h"
#include "num/chi_square.h"
#include "num/eigen.h"
#include "num/random.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void near(double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.17g, expected %.17g (within %g)", found, expected, tolerance);
}

static void test_bivariate_normal(void **state) {
    (void)state;
    static const double table[][4] = {
        { 0.3, -0.5, 0.2, 0.2172132490514932 },
        { -1.2, 0.7, -0.6, 0.041014421748693168 },
        { 1.5, 1.4, 0.9, 0.90094175391555397 },
        { 0.1, 0.2, 0.93, 0.49826493054666723 },
        { -2, -2.1, 0.99, 0.016894757689676702 },
        { 1, -0.8, -0.95, 0.066675592259781557 },
        { -0.4, 0.4, -0.9999, 0.0020777563153685823 },
        { 2.5, -3, 0.5, 0.0013498966050711058 },
        { -4, -4, 0.8, 5.0679775567975188e-6 },
        { 0.5, 0.5001, 0.999999, 0.69128094110405094 },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        const double *t = table[i];
        near(bivariate_normal_cdf(t[0], t[1], t[2]), t[3], 1e-14);
        near(bivariate_normal_cdf(t[1], t[0], t[2]), t[3], 1e-14);
    }
}

/* Closed forms: ¼ + asin(r)/2π at 0, the ends r = ±1 and 0, and infinite limits. */
static void test_bivariate_normal_at_its_borders(void **state) {
    (void)state;
    for (int i = -200; i <= 200; i++) {
        double r = i / 200.0;
        near(bivariate_normal_cdf(0, 0, r), 0.25 + asin(r) / (2 * acos(-1)), 1e-15);
    }
    near(bivariate_normal_cdf(0.4, -1.1, 1), normal_cdf(-1.1), 1e-16);
    near(bivariate_normal_cdf(0.4, 1.1, -1), normal_cdf(0.4) - normal_cdf(-1.1), 1e-15);
    assert_true(bivariate_normal_cdf(0.4, -1.1, -1) == 0);
    near(bivariate_normal_cdf(0.4, -1.1, 0), normal_cdf(0.4) * normal_cdf(-1.1), 1e-16);
    assert_true(bivariate_normal_cdf(-HUGE_VAL, 3, 0.5) == 0);
    assert_true(bivariate_normal_cdf(HUGE_VAL, 0.7, 0.5) == normal_cdf(0.7));
    assert_true(bivariate_normal_cdf(HUGE_VAL, HUGE_VAL, -0.97) == 1);
    assert_true(bivariate_normal_cdf(40, -40, 0.95) == 0);
    assert_true(isnan(bivariate_normal_cdf(0, 0, 1.5)));
    /* The density is the derivative by r, across the seam of the two formulas too. */
    static const double at[] = { -0.97, -0.925, -0.4, 0.3, 0.925, 0.99 };
    for (size_t i = 0; i < COUNT(at); i++) {
        double h = 0.8, k = -0.3, step = 1e-5;
        double slope = (bivariate_normal_cdf(h, k, at[i] + step) -
                        bivariate_normal_cdf(h, k, at[i] - step)) / (2 * step);
        near(bivariate_normal_density(h, k, at[i]), slope, 1e-7);
    }
}

static void test_chi_square(void **state) {
    (void)state;
    static const double gamma[][4] = {
        { 0.5, 0.1, 0.34527915398142298, 0.65472084601857702 },
        { 2.5, 7, 0.98439058389973309, 0.015609416100266915 },
        { 7, 3.2, 0.04461910095530104, 0.95538089904469896 },
        { 10, 10, 0.54207028552814779, 0.45792971447185221 },
        { 126, 150, 0.9795691828056791, 0.020430817194320899 },
        { 1000, 950, 0.055054686230738034, 0.94494531376926197 },
        { 50, 20, 1.2458926079719379e-8, 0.99999998754107392 },
    };
    for (size_t i = 0; i < COUNT(gamma); i++) {
        const double *g = gamma[i];
        near(incomplete_gamma(g[0], g[1]), g[2], 1e-11 * g[2]);
        near(incomplete_gamma_upper(g[0], g[1]), g[3], 1e-11 * g[3]);
        near(chi_square_cdf(2 * g[1], 2 * g[0]), g[2], 1e-11 * g[2]);
        near(chi_square_upper(2 * g[1], 2 * g[0]), g[3], 1e-11 * g[3]);
    }
    static const double noncentral[][4] = {
        { 20, 3, 8, 0.913349160891731 },           { 700, 14, 500, 0.999935891406093 },
        { 5, 2, 0.1, 0.90759219240135 },           { 1546.887, 252, 1200, 0.902192608692672 },
        { 0.5, 4, 30, 2.39487608239952e-8 },       { 3, 1, 2, 0.62386894927821 },
    };
    for (size_t i = 0; i < COUNT(noncentral); i++) {
        const double *c = noncentral[i];
        near(chi_square_noncentral_cdf(c[0], c[1], c[2]), c[3], 1e-11);
        near(chi_square_noncentrality(c[0], c[1], c[3]), c[2], 1e-5 * c[2] + 1e-9);
    }
    assert_true(chi_square_noncentrality(3, 10, 0.05) == 0);
    assert_true(chi_square_cdf(0, 3) == 0 && chi_square_upper(0, 3) == 1);
    assert_true(chi_square_noncentral_cdf(0, 3, 1) == 0);
}

enum { N = 40 };

/* The second differences' matrix has the eigenvalues 2 − 2 cos(jπ/(n + 1)). */
static void test_eigenvalues_in_closed_form(void **state) {
    (void)state;
    static double a[N * N], values[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) a[i * N + j] = i == j ? 2 : i - j == 1 || j - i == 1 ? -1 : 0;
    assert_true(eigen_symmetric(N, a, values, NULL));
    for (int j = 0; j < N; j++)
        near(values[j], 2 - 2 * cos((N - j) * acos(-1) / (N + 1)), 1e-13);
}

static void check_decomposition(size_t n, const double *a) {
    static double copy[N * N], vectors[N * N];
    double values[N], alone[N];
    memcpy(copy, a, n * n * sizeof *a);
    assert_true(eigen_symmetric(n, copy, values, vectors));
    for (size_t i = 0; i < n; i++) {
        if (i) assert_true(values[i] <= values[i - 1]);
        for (size_t j = 0; j < n; j++) {
            double product = 0, turned = 0;
            for (size_t m = 0; m < n; m++) {
                product += vectors[i * n + m] * vectors[j * n + m];
                turned += a[j * n + m] * vectors[i * n + m];
            }
            near(product, i == j, 1e-13);
            near(turned, values[i] * vectors[i * n + j], 1e-13 * (1 + fabs(values[0])));
        }
    }
    memcpy(copy, a, n * n * sizeof *a);
    assert_true(eigen_symmetric(n, copy, alone, NULL));
    assert_memory_equal(alone, values, n * sizeof *values);
}

static void test_eigenvectors(void **state) {
    (void)state;
    static double a[N * N];
    for (size_t n = 1; n <= N; n += n < 5 ? 1 : 7)
        for (int kind = 0; kind < 4; kind++) { /* random, the unit matrix, all ones, zero */
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j <= i; j++)
                    a[i * n + j] = a[j * n + i] = kind == 0   ? random_normal(1, i, j)
                                                  : kind == 1 ? i == j
                                                              : kind == 2;
            check_decomposition(n, a);
        }
    double bad[4] = { 1, 0, NAN, 1 }, values[2];
    assert_false(eigen_symmetric(2, bad, values, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bivariate_normal),
        cmocka_unit_test(test_bivariate_normal_at_its_borders),
        cmocka_unit_test(test_chi_square),
        cmocka_unit_test(test_eigenvalues_in_closed_form),
        cmocka_unit_test(test_eigenvectors),
    };
    return cmocka_run_group_tests_name("num.distributions", tests, NULL, NULL);
}

/* Expected values: mpmath 1.2.1 at 60 digits, at the double given (exp, log, log1p, erfc, loggamma,
 * betainc; quantiles by findroot on them). Philox: the known answers of its authors' Random123. */
#include "check.h"

#include "num/linear.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Within a relative error, and within a tiny absolute one where subnormals have few digits. */
static void near(double found, double expected, double relative) {
    if (fabs(found - expected) <= relative * fabs(expected) + 1e-322) return;
    fail_msg("found %.17g, expected %.17g (relative %g)", found, expected,
             (found - expected) / expected);
}

static void test_exp(void **state) {
    (void)state;
    static const double table[][2] = {
        { -744.0, 1e-323 },
        { -708.5, 2.006132305331306e-308 },
        { -100.3, 2.7559000653565687e-44 },
        { -20.0, 2.061153622438558e-09 },
        { -1.0, 0.36787944117144233 },
        { -0.34657359027997264, 0.7071067811865476 },
        { -1e-09, 0.999999999 },
        { 0.0, 1.0 },
        { 1e-300, 1.0 },
        { 0.1, 1.1051709180756477 },
        { 0.5, 1.6487212707001282 },
        { 1.0, 2.718281828459045 },
        { 3.7, 40.4473043600674 },
        { 50.25, 6.657293676747253e+21 },
        { 700.1, 1.120899771073261e+304 },
        { 709.78, 1.7928227943945155e+308 },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        double several;
        num_exp_array(1, &table[i][0], &several);
        near(num_exp(table[i][0]), table[i][1], 3e-16);
        assert_true(several == num_exp(table[i][0]));
    }
    assert_true(num_exp(-746) == 0);
    assert_true(num_exp(-HUGE_VAL) == 0);
    assert_true(num_exp(710) == HUGE_VAL);
    assert_true(num_exp(HUGE_VAL) == HUGE_VAL);
    assert_true(isnan(num_exp(NAN)));
}

/* Against the C library's, all over the range: two independent roads to one number. */
static void test_exp_and_log_sweep(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) {
        double x = -708 + 1416 * random_uniform(1, 0, (uint64_t)i);
        near(num_exp(x), exp(x), 3e-16);
        double y = exp(x * 0.1 * random_uniform(2, 0, (uint64_t)i));
        near(num_log(y), log(y), 3e-16);
    }
}

static void test_log(void **state) {
    (void)state;
    static const double table[][2] = {
        { 5e-324, -744.4400719213812 },       { 2.3e-310, -712.968469705219 },
        { 1e-100, -230.25850929940458 },      { 0.1, -2.3025850929940455 },
        { 0.70710678, -0.3465735919580042 },  { 0.9999999, -1.0000000494736474e-07 },
        { 1.0000001, 9.999999505838704e-08 }, { 1.4142135, 0.3465735461755332 },
        { 1.4142136, 0.346573616886212 },     { 2.0, 0.6931471805599453 },
        { 10.0, 2.302585092994046 },          { 12345.678, 9.421061321291832 },
        { 1e+300, 690.7755278982137 },
    };
    for (size_t i = 0; i < COUNT(table); i++) near(num_log(table[i][0]), table[i][1], 3e-16);
    assert_true(num_log(1) == 0);
    assert_true(num_log(0) == -HUGE_VAL);
    assert_true(num_log(HUGE_VAL) == HUGE_VAL);
    assert_true(isnan(num_log(-1)));
    assert_true(isnan(num_log(NAN)));
}

static void test_log1p_exp(void **state) {
    (void)state;
    static const double table[][2] = {
        { -800.0, 0.0 },
        { -50.0, 1.9287498479639178e-22 },
        { -5.0, 0.006715348489118068 },
        { -0.5, 0.4740769841801067 },
        { 0.0, 0.6931471805599453 },
        { 0.5, 0.9740769841801067 },
        { 5.0, 5.006715348489118 },
        { 50.0, 50.0 },
        { 800.0, 800.0 },
    };
    for (size_t i = 0; i < COUNT(table); i++) near(num_log1p_exp(table[i][0]), table[i][1], 1e-15);
}

static void test_normal_cdf(void **state) {
    (void)state;
    static const double table[][2] = {
        { -38.0, 2.88542835e-316 },
        { -20.5, 1.0764673258790961e-93 },
        { -10.0, 7.619853024160525e-24 },
        { -8.9, 2.7923343749396464e-19 },
        { -8.8, 6.840807685935546e-19 },
        { -6.0, 9.86587645037698e-10 },
        { -3.3, 0.0004834241423837775 },
        { -1.96, 0.024997895148220435 },
        { -1.0, 0.15865525393145705 },
        { -0.71, 0.23885206808998674 },
        { -0.69, 0.24509709367430949 },
        { -0.1, 0.460172162722971 },
        { 0.0, 0.5 },
        { 0.5, 0.6914624612740131 },
        { 1.2345, 0.8914916766373299 },
        { 1.959963984540054, 0.975 },
        { 4.0, 0.9999683287581669 },
        { 7.0, 0.9999999999987201 },
    };
    for (size_t i = 0; i < COUNT(table); i++) near(normal_cdf(table[i][0]), table[i][1], 2e-15);
    assert_true(normal_cdf(-HUGE_VAL) == 0);
    assert_true(normal_cdf(HUGE_VAL) == 1);
}

static void test_normal_quantile(void **state) {
    (void)state;
    static const double table[][2] = {
        { 1e-300, -37.0470962993612 },      { 1e-50, -14.933337534788489 },
        { 1e-12, -7.034483825301132 },      { 1e-05, -4.264890793922825 },
        { 0.001, -3.0902323061678136 },     { 0.025, -1.9599639845400543 },
        { 0.07, -1.4757910281791706 },      { 0.0749999, -1.4395321773759007 },
        { 0.0750001, -1.4395307645017297 }, { 0.2, -0.8416212335729142 },
        { 0.45, -0.12566134685507402 },     { 0.51, 0.025068908258711057 },
        { 0.9, 1.2815515655446006 },        { 0.975, 1.9599639845400538 },
        { 0.999999, 4.753424308817087 },
    };
    for (size_t i = 0; i < COUNT(table); i++)
        near(normal_quantile(table[i][0]), table[i][1], 1e-13);
    assert_true(normal_quantile(0.5) == 0);
    assert_true(isnan(normal_quantile(1.5)));
}

static void test_log_gamma(void **state) {
    (void)state;
    static const double table[][2] = {
        { 1e-10, 23.025850929882736 },       { 0.001, 6.907178885383853 },
        { 0.5, 0.5723649429247001 },         { 1.0, 0.0 },
        { 1.5, -0.12078223763524522 },       { 2.0, 0.0 },
        { 2.5, 0.2846828704729192 },         { 7.25, 7.0521854507385395 },
        { 15.99, 27.87186447594001 },        { 16.01, 27.926684741120564 },
        { 100.0, 359.1342053695754 },        { 12345.6, 103959.18506616846 },
        { 100000000.0, 1742068066.1038346 },
    };
    for (size_t i = 0; i < COUNT(table); i++)
        assert_true(fabs(log_gamma(table[i][0]) - table[i][1]) <=
                    4e-15 * fmax(10, fabs(table[i][1])));
}

static void test_incomplete_beta(void **state) {
    (void)state;
    static const double table[][4] = {
        { 0.5, 0.5, 0.3, 0.36901011956554536 },
        { 2.0, 3.0, 0.4, 0.5248 },
        { 10.0, 0.5, 0.9, 0.15164090963470997 },
        { 0.5, 50.0, 0.001, 0.24763098003462322 },
        { 200.0, 300.0, 0.41, 0.6776281647721789 },
        { 1.0, 1.0, 0.25, 0.25 },
        { 5000.0, 0.5, 0.9998, 0.15728882758981752 },
        { 0.001, 2.0, 0.5, 0.9998067465369478 },
        { 30.0, 30.0, 0.95, 1.0 },
    };
    for (size_t i = 0; i < COUNT(table); i++)
        near(incomplete_beta(table[i][0], table[i][1], table[i][2]), table[i][3], 1e-11);
    assert_true(incomplete_beta(2, 3, 0) == 0);
    assert_true(incomplete_beta(2, 3, 1) == 1);
}

static void test_student(void **state) {
    (void)state;
    {
        static const double table[][3] = {
            { -12.706204736432095, 1.0, 0.02499999999949565 },
            { -2.0, 2.0, 0.09175170953613698 },
            { -2.5, 3.7, 0.03591101145591338 },
            { 0.0, 5.0, 0.5 },
            { 1.0, 10.0, 0.8295534338489701 },
            { -0.001, 4.0, 0.499625000078125 },
            { -40.0, 30.0, 6.863022597203201e-28 },
            { -3.0, 1000.0, 0.0013833545221190963 },
            { 2.2, 10000000.0, 0.9860965410920609 },
            { -1000000.0, 1.5, 3.770852432013216e-10 },
        };
        for (size_t i = 0; i < COUNT(table); i++)
            near(student_cdf(table[i][0], table[i][1]), table[i][2], 1e-11);
    }
    {
        static const double table[][3] = {
            { 0.975, 1.0, 12.706204736174694 },       { 0.975, 2.0, 4.302652729749462 },
            { 0.975, 4.5, 2.658912347204403 },        { 0.95, 13.0, 1.7709333959868725 },
            { 0.025, 60.0, -2.0002978220142604 },     { 0.6, 3.0, 0.27667066233268983 },
            { 0.999, 7.0, 4.785289628638333 },        { 1e-06, 2.0, -707.1057205259339 },
            { 0.975, 1000000.0, 1.9599663568141066 },
        };
        for (size_t i = 0; i < COUNT(table); i++)
            near(student_quantile(table[i][0], table[i][1]), table[i][2], 1e-11);
    }
    assert_true(student_cdf(1.5, HUGE_VAL) == normal_cdf(1.5));
    assert_true(student_quantile(0.975, HUGE_VAL) == normal_quantile(0.975));
}

static void test_philox_known_answers(void **state) {
    (void)state;
    assert_true(random_bits(0, 0, 0) == 0xe169c58d6627e8d5u);
    assert_true(random_bits(UINT64_MAX, UINT64_MAX, UINT64_MAX) == 0x41c83b0e408f276du);
    assert_true(random_bits(0x299f31d0a4093822u, 0x0370734413198a2eu, 0x85a308d3243f6a88u) ==
                0x94fdccebd16cfe09u);
}

static void test_random_bits_by_the_array(void **state) {
    (void)state;
    enum { N = 70 };
    uint32_t stream[N];
    uint64_t bits[N];
    for (uint32_t i = 0; i < N; i++) stream[i] = i * 2654435761u;
    random_bits_array(0x123456789abcdefu, N, stream, 1ull << 40 | 7, bits);
    for (size_t i = 0; i < N; i++)
        assert_true(bits[i] == random_bits(0x123456789abcdefu, stream[i], 1ull << 40 | 7));
}

static void test_random_moments(void **state) {
    (void)state;
    enum { N = 200000 };
    double sum = 0, square = 0, fourth = 0;
    for (uint64_t i = 0; i < N; i++) {
        double z = random_normal(7, 3, i);
        sum += z;
        square += z * z;
        fourth += z * z * z * z;
    }
    assert_true(fabs(sum / N) < 4 / sqrt(N));
    assert_true(fabs(square / N - 1) < 4 * sqrt(2.0 / N));
    assert_true(fabs(fourth / N - 3) < 4 * sqrt(96.0 / N));
    static const double shapes[] = { 0.3, 1, 2.5, 40 };
    for (size_t s = 0; s < COUNT(shapes); s++) {
        double shape = shapes[s];
        sum = square = 0;
        for (uint64_t i = 0; i < N; i++) {
            double g = random_gamma(11, i, shape);
            assert_true(g > 0);
            sum += g;
            square += (g - shape) * (g - shape);
        }
        assert_true(fabs(sum / N - shape) < 4 * sqrt(shape / N));
        /* The fourth central moment of a gamma is 3a² + 6a. */
        assert_true(fabs(square / N - shape) < 4 * sqrt((2 * shape * shape + 6 * shape) / N));
    }
}

static void test_cholesky(void **state) {
    (void)state;
    enum { N = 40 };
    static double a[N * N], l[N * N], inverse[N * N], x[N], b[N];
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            a[i * N + j] = 1.0 / (double)(i > j ? i - j + 1 : j - i + 1) + (i == j ? 1 : 0);
    memcpy(l, a, sizeof l);
    assert_true(cholesky(N, l, 1e-12, NULL));
    for (size_t i = 0; i < N; i++) {
        b[i] = 0;
        for (size_t j = 0; j < N; j++) b[i] += a[i * N + j] * sin((double)j);
    }
    memcpy(x, b, sizeof x);
    cholesky_solve(N, l, x);
    for (size_t i = 0; i < N; i++) assert_true(fabs(x[i] - sin((double)i)) < 1e-13);
    cholesky_inverse(N, l, inverse);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < N; k++) sum += a[i * N + k] * inverse[k * N + j];
            assert_true(fabs(sum - (i == j)) < 1e-12);
        }
    }
    /* L′ x = b alone. */
    double small[4] = { 2, 0, 3, 5 }, right[2] = { 13, 10 };
    cholesky_solve_upper(2, small, right);
    assert_true(right[0] == 3.5 && right[1] == 2);
}

static void test_cholesky_names_the_bad_row(void **state) {
    (void)state;
    double a[9] = { 1, 0, 0, 2, 4, 0, 0, 0, 1 };
    size_t at = 9;
    assert_false(cholesky(3, a, 1e-12, &at));
    assert_int_equal(at, 1);
    double b[4] = { 1, 0, NAN, 1 };
    assert_false(cholesky(2, b, 1e-12, &at));
    assert_int_equal(at, 1);
}

enum { POOL_N = 100003, POOL_SIZE = 1000 };
struct sums {
    double partial[POOL_N / POOL_SIZE + 1];
};
static void sum_piece(void *context, size_t piece) {
    struct sums *sums = context;
    size_t from, to;
    pool_piece(POOL_N, POOL_SIZE, piece, &from, &to);
    for (size_t i = from; i < to; i++) sums->partial[piece] += num_exp(-(double)i / POOL_N);
}

static void test_pool_gives_the_same_bits(void **state) {
    (void)state;
    double first = 0;
    for (int threads = 1; threads <= 4; threads++) {
        struct pool *pool = pool_create(threads);
        assert_non_null(pool);
        assert_int_equal(pool_threads(pool), threads);
        for (int again = 0; again < 50; again++) {
            struct sums sums = { { 0 } };
            size_t pieces = pool_pieces(POOL_N, POOL_SIZE);
            assert_int_equal(pieces, 101);
            pool_run(pool, pieces, sum_piece, &sums);
            double total = 0;
            for (size_t i = 0; i < pieces; i++) total += sums.partial[i];
            if (first == 0) first = total;
            assert_true(total == first);
        }
        pool_destroy(pool);
    }
    assert_true(fabs(first / POOL_N - (1 - exp(-1))) < 1e-4);
    pool_run(NULL, 0, sum_piece, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_exp_and_log_sweep),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_log1p_exp),
        cmocka_unit_test(test_normal_cdf),
        cmocka_unit_test(test_normal_quantile),
        cmocka_unit_test(test_log_gamma),
        cmocka_unit_test(test_incomplete_beta),
        cmocka_unit_test(test_student),
        cmocka_unit_test(test_philox_known_answers),
        cmocka_unit_test(test_random_bits_by_the_array),
        cmocka_unit_test(test_random_moments),
        cmocka_unit_test(test_cholesky),
        cmocka_unit_test(test_cholesky_names_the_bad_row),
        cmocka_unit_test(test_pool_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

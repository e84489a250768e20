/* Products of matrices: against a plain loop, to the bit, at sizes that do not fill the tiles. */
#include "check.h"

#include "num/product.h"
#include "num/random.h"

#include <string.h>

enum { MOST = 40, DEPTH = 7 };

static void fill(double *a, size_t n, uint64_t seed) {
    for (size_t i = 0; i < n; i++) a[i] = random_normal(seed, i, 0);
}

static void test_product(void **state) {
    (void)state;
    static double a[MOST * MOST], b[MOST * MOST], c[MOST * MOST], expected[MOST * MOST];
    for (size_t m = 1; m <= 11; m++) {
        for (size_t n = PRODUCT_LANES; n <= 3 * PRODUCT_LANES; n += PRODUCT_LANES) {
            for (int turned = 0; turned < 2; turned++) {
                struct product_left left = { a, turned ? 1 : MOST, turned ? MOST : 1 };
                fill(a, sizeof a / sizeof *a, m);
                fill(b, sizeof b / sizeof *b, n);
                fill(c, sizeof c / sizeof *c, 3);
                memcpy(expected, c, sizeof c);
                product_add(m, n, DEPTH, left, b, MOST, c, MOST);
                for (size_t i = 0; i < m; i++)
                    for (size_t j = 0; j < n; j++)
                        for (size_t k = 0; k < DEPTH; k++)
                            expected[i * MOST + j] += a[i * left.row + k * left.column] *
                                                      b[k * MOST + j];
                assert_memory_equal(c, expected, sizeof c);
            }
        }
    }
}

static void test_square(void **state) {
    (void)state;
    static double r[MOST * MOST], c[MOST * MOST], expected[MOST * MOST];
    for (size_t n = PRODUCT_LANES; n <= MOST; n += PRODUCT_LANES) {
        fill(r, sizeof r / sizeof *r, n);
        fill(c, sizeof c / sizeof *c, 3);
        memcpy(expected, c, sizeof c);
        product_add_square(n, DEPTH, r, MOST, c);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j <= i; j++) {
                for (size_t k = 0; k < DEPTH; k++)
                    expected[i * n + j] += r[k * MOST + i] * r[k * MOST + j];
                assert_true(c[i * n + j] == expected[i * n + j]);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_product),
                                        cmocka_unit_test(test_square) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

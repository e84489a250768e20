#include "num/product.h"

/* A tile of TILE rows and PRODUCT_LANES columns of c stays in registers while k runs: with AVX-512
 * in four of them, with AVX2 in eight. Wider vectors change no element's arithmetic. */
enum { TILE = 4 };
typedef double lanes __attribute__((vector_size(PRODUCT_LANES * sizeof(double)),
                                    aligned(sizeof(double)), may_alias));

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE void tile_four(size_t depth, struct product_left a, const double *b, size_t b_row, double *c,
                      size_t c_row) {
    lanes *c0 = (lanes *)c, *c1 = (lanes *)(c + c_row), *c2 = (lanes *)(c + 2 * c_row);
    lanes *c3 = (lanes *)(c + 3 * c_row);
    lanes s0 = *c0, s1 = *c1, s2 = *c2, s3 = *c3;
    const double *at = a.at;
    for (size_t k = 0; k < depth; k++, at += a.column, b += b_row) {
        lanes right = *(const lanes *)b;
        s0 += at[0] * right;
        s1 += at[a.row] * right;
        s2 += at[2 * a.row] * right;
        s3 += at[3 * a.row] * right;
    }
    *c0 = s0;
    *c1 = s1;
    *c2 = s2;
    *c3 = s3;
}

INLINE void tile_one(size_t depth, struct product_left a, const double *b, size_t b_row,
                     double *c) {
    lanes sum = *(lanes *)c;
    const double *at = a.at;
    for (size_t k = 0; k < depth; k++, at += a.column, b += b_row)
        sum += at[0] * *(const lanes *)b;
    *(lanes *)c = sum;
}

CLONES void product_add(size_t m, size_t n, size_t depth, struct product_left a, const double *b,
                        size_t b_row, double *c, size_t c_row) {
    for (size_t j = 0; j < n; j += PRODUCT_LANES) { /* a strip of b stays near */
        struct product_left rows = a;
        size_t i = 0;
        for (; i + TILE <= m; i += TILE, rows.at += TILE * a.row)
            tile_four(depth, rows, b + j, b_row, c + i * c_row + j, c_row);
        for (; i < m; i++, rows.at += a.row)
            tile_one(depth, rows, b + j, b_row, c + i * c_row + j);
    }
}

CLONES void product_add_square(size_t n, size_t depth, const double *r, size_t r_row, double *c) {
    for (size_t i = 0; i < n; i += TILE) {
        struct product_left own = { r + i, 1, r_row };
        for (size_t j = 0; j < i + TILE; j += PRODUCT_LANES)
            tile_four(depth, own, r + j, r_row, c + i * n + j, n);
    }
}

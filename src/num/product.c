#include "num/product.h"

#include "num/clones.h"

/* A tile of TILE rows and PRODUCT_LANES columns of c stays in registers while k runs: eight of them
 * with AVX2. (Vectors of eight would suit AVX-512, but are taken apart badly where it is not
 * there.)
 */
enum { TILE = 4, LANES = 4 };
typedef double lanes
    __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));
#define INLINE static inline __attribute__((always_inline))

INLINE void tile_four(size_t depth, struct product_left a, const double *b, size_t b_row, double *c,
                      size_t c_row) {
    lanes *c0 = (lanes *)c, *c1 = (lanes *)(c + c_row), *c2 = (lanes *)(c + 2 * c_row);
    lanes *c3 = (lanes *)(c + 3 * c_row);
    lanes s00 = c0[0], s01 = c0[1], s10 = c1[0], s11 = c1[1];
    lanes s20 = c2[0], s21 = c2[1], s30 = c3[0], s31 = c3[1];
    const double *at = a.at;
    for (size_t k = 0; k < depth; k++, at += a.column, b += b_row) {
        const lanes *right = (const lanes *)b;
        lanes b0 = right[0], b1 = right[1];
        s00 += at[0] * b0;
        s01 += at[0] * b1;
        s10 += at[a.row] * b0;
        s11 += at[a.row] * b1;
        s20 += at[2 * a.row] * b0;
        s21 += at[2 * a.row] * b1;
        s30 += at[3 * a.row] * b0;
        s31 += at[3 * a.row] * b1;
    }
    c0[0] = s00;
    c0[1] = s01;
    c1[0] = s10;
    c1[1] = s11;
    c2[0] = s20;
    c2[1] = s21;
    c3[0] = s30;
    c3[1] = s31;
}

INLINE void tile_one(size_t depth, struct product_left a, const double *b, size_t b_row,
                     double *c) {
    lanes *own = (lanes *)c, s0 = own[0], s1 = own[1];
    const double *at = a.at;
    for (size_t k = 0; k < depth; k++, at += a.column, b += b_row) {
        const lanes *right = (const lanes *)b;
        s0 += at[0] * right[0];
        s1 += at[0] * right[1];
    }
    own[0] = s0;
    own[1] = s1;
}

VECTOR_CLONES void product_add(size_t m, size_t n, size_t depth, struct product_left a,
                               const double *b, size_t b_row, double *c, size_t c_row) {
    for (size_t j = 0; j < n; j += PRODUCT_LANES) { /* a strip of b stays near */
        struct product_left rows = a;
        size_t i = 0;
        for (; i + TILE <= m; i += TILE, rows.at += TILE * a.row)
            tile_four(depth, rows, b + j, b_row, c + i * c_row + j, c_row);
        for (; i < m; i++, rows.at += a.row) tile_one(depth, rows, b + j, b_row, c + i * c_row + j);
    }
}

VECTOR_CLONES void product_add_square(size_t n, size_t depth, const double *r, size_t r_row,
                                      double *c) {
    for (size_t i = 0; i < n; i += TILE) {
        struct product_left own = { r + i, 1, r_row };
        for (size_t j = 0; j < i + TILE; j += PRODUCT_LANES)
            tile_four(depth, own, r + j, r_row, c + i * n + j, n);
    }
}

/* product.h - products of dense matrices that are added to a third, as fast as the processor can.
 *
 * Layer: num. Pure. Row-major; a row of b and of c is n numbers, n a multiple of PRODUCT_LANES.
 * Every element of c takes its terms one after another in the order of k, so that the bits depend
 * neither on the tiling nor on the processor.
 */
#ifndef LAERKE_NUM_PRODUCT_H
#define LAERKE_NUM_PRODUCT_H

#include <stddef.h>

enum { PRODUCT_LANES = 8 };

/* A matrix read as element(i, k) = at[i * row + k * column]: a transpose is a swap of the two. */
struct product_left {
    const double *at;
    size_t row, column;
};

/* c(i, j) += Σ_k a(i, k) b(k, j) for i < m, j < n, k < depth; rows of b are b_row apart, of c
 * c_row. */
void product_add(size_t m, size_t n, size_t depth, struct product_left a, const double *b,
                 size_t b_row, double *c, size_t c_row);

/* c(i, j) += Σ_k r(k, i) r(k, j) for j ≤ i < n (n a multiple of PRODUCT_LANES); above the diagonal
 * c holds nothing of use. Rows of r are r_row apart, of c n. */
void product_add_square(size_t n, size_t depth, const double *r, size_t r_row, double *c);

#endif

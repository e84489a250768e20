/* eigen.h - eigenvalues and eigenvectors of small symmetric matrices (n up to a few hundred).
 *
 * Layer: num. Pure. Householder's tridiagonal form and the QL iteration with implicit shifts
 * (Golub and Van Loan 2013, Matrix Computations, 4th ed., §8.3). Values are within a few rounding
 * errors of the largest one.
 *
 *     double a[4] = { 2, 1, 1, 2 }, values[2], vectors[4];
 *     eigen_symmetric(2, a, values, vectors);     // values 3 and 1
 */
#ifndef LAERKE_NUM_EIGEN_H
#define LAERKE_NUM_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

/* a (n × n, row-major, only the lower triangle is read) is overwritten. values: n, largest first.
 * vectors: row i is the unit eigenvector of values[i], its largest component positive; NULL when
 * they are not wanted. False when a is not finite. */
bool eigen_symmetric(size_t n, double *a, double *values, double *vectors);

#endif

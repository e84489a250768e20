/* linear.h - small dense symmetric systems (n up to a few hundred).
 *
 * Layer: num. Pure. Matrices are n × n, row-major, full storage; only the lower triangle is read.
 */
#ifndef LAERKE_NUM_LINEAR_H
#define LAERKE_NUM_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

/* Cholesky A = L L' in place (lower triangle). False when a pivot is not above tolerance times the
 * largest diagonal element; *at (may be NULL) is then its row. */
bool cholesky(size_t n, double *a, double tolerance, size_t *at);

/* Solves L L' x = b in place, and L' x = b in place, with L from cholesky(). */
void cholesky_solve(size_t n, const double *l, double *b);
void cholesky_solve_upper(size_t n, const double *l, double *b);

/* The inverse of A from its factor: out (n × n, full). out must not overlap l. */
void cholesky_inverse(size_t n, const double *l, double *out);

#endif

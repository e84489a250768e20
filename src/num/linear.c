#include "num/linear.h"

#include <math.h>

bool cholesky(size_t n, double *a, double tolerance, size_t *at) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(a[i * n + i]));
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * n;
        for (size_t j = 0; j < i; j++) {
            const double *other = a + j * n;
            double sum = row[j];
            for (size_t k = 0; k < j; k++) sum -= row[k] * other[k];
            row[j] = sum / other[j];
        }
        double pivot = row[i];
        for (size_t k = 0; k < i; k++) pivot -= row[k] * row[k];
        if (!(pivot > tolerance * largest) || !isfinite(pivot)) { /* NaN fails too */
            if (at) *at = i;
            return false;
        }
        row[i] = sqrt(pivot);
    }
    return true;
}

void cholesky_solve_upper(size_t n, const double *l, double *b) {
    for (size_t i = n; i-- > 0;) {
        b[i] /= l[i * n + i];
        for (size_t k = 0; k < i; k++) b[k] -= l[i * n + k] * b[i];
    }
}

void cholesky_solve(size_t n, const double *l, double *b) {
    for (size_t i = 0; i < n; i++) {
        double sum = b[i];
        for (size_t k = 0; k < i; k++) sum -= l[i * n + k] * b[k];
        b[i] = sum / l[i * n + i];
    }
    cholesky_solve_upper(n, l, b);
}

void cholesky_inverse(size_t n, const double *l, double *out) {
    /* Row i of out holds column i of L⁻¹ from place i on; A⁻¹ = (L⁻¹)′ L⁻¹ is then made of rows. */
    for (size_t i = 0; i < n; i++) {
        double *row = out + i * n;
        row[i] = 1 / l[i * n + i];
        for (size_t k = i + 1; k < n; k++) {
            double sum = 0;
            for (size_t h = i; h < k; h++) sum -= l[k * n + h] * row[h];
            row[k] = sum / l[k * n + k];
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i; j < n; j++) {
            double sum = 0;
            for (size_t k = j; k < n; k++) sum += out[i * n + k] * out[j * n + k];
            out[i * n + j] = sum; /* place j of row i is not read again */
        }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) out[i * n + j] = out[j * n + i];
}

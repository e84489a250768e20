#include "num/eigen.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The reflection I − β v v′ that brings column k below the diagonal to one number, applied from
 * both sides to what is left. v stays in the column; β stands in beta, the number in off. p is
 * room. */
static void reflect(size_t n, double *a, size_t k, double *beta, double *off, double *p) {
    double norm = 0, tail = 0;
    for (size_t i = k + 2; i < n; i++) tail += a[i * n + k] * a[i * n + k];
    double head = a[(k + 1) * n + k];
    norm = sqrt(head * head + tail);
    *beta = 0;
    *off = head;
    if (tail == 0) return;
    *off = head > 0 ? -norm : norm;
    a[(k + 1) * n + k] = head - *off;
    *beta = 2 / (a[(k + 1) * n + k] * a[(k + 1) * n + k] + tail);
    double product = 0;
    for (size_t i = k + 1; i < n; i++) {
        double sum = 0;
        for (size_t j = k + 1; j <= i; j++) sum += a[i * n + j] * a[j * n + k];
        for (size_t j = i + 1; j < n; j++) sum += a[j * n + i] * a[j * n + k];
        p[i] = *beta * sum;
        product += p[i] * a[i * n + k];
    }
    for (size_t i = k + 1; i < n; i++) p[i] -= 0.5 * *beta * product * a[i * n + k];
    for (size_t i = k + 1; i < n; i++)
        for (size_t j = k + 1; j <= i; j++)
            a[i * n + j] -= a[i * n + k] * p[j] + p[i] * a[j * n + k];
}

/* The product of the reflections, rows as columns of Q, so that QL turns rows. */
static void multiply_out(size_t n, const double *a, const double *beta, double *q) {
    memset(q, 0, n * n * sizeof *q);
    for (size_t i = 0; i < n; i++) q[i * n + i] = 1;
    for (size_t k = n < 2 ? 0 : n - 2; k-- > 0;)
        for (size_t row = k + 1; row < n; row++) {
            double sum = 0;
            for (size_t i = k + 1; i < n; i++) sum += q[row * n + i] * a[i * n + k];
            sum *= beta[k];
            for (size_t i = k + 1; i < n; i++) q[row * n + i] -= sum * a[i * n + k];
        }
}

static void turn(size_t n, double *one, double *other, double c, double s) {
    for (size_t j = 0; j < n; j++) {
        double x = one[j], y = other[j];
        one[j] = c * x - s * y;
        other[j] = s * x + c * y;
    }
}

/* One implicit QL step on the block from …to of the tridiagonal d, e. */
static void ql_step(size_t n, double *d, double *e, size_t from, size_t to, double *vectors) {
    double g = (d[from + 1] - d[from]) / (2 * e[from]), r = sqrt(g * g + 1);
    double s = 1, c = 1, p = 0;
    g = d[to] - d[from] + e[from] / (g + (g < 0 ? -r : r));
    for (size_t i = to; i-- > from;) {
        double f = s * e[i], b = c * e[i];
        r = sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r == 0) {
            d[i + 1] -= p;
            e[to] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        if (vectors) turn(n, vectors + i * n, vectors + (i + 1) * n, c, s);
    }
    d[from] -= p;
    e[from] = g;
    e[to] = 0;
}

static bool ql(size_t n, double *d, double *e, double *vectors) {
    enum { STEPS_LIMIT = 200 };
    for (size_t from = 0; from < n; from++)
        for (int step = 0;; step++) {
            size_t to = from;
            while (to + 1 < n && !(fabs(e[to]) <= DBL_EPSILON * (fabs(d[to]) + fabs(d[to + 1]))) &&
                   fabs(e[to]) > DBL_MIN)
                to++;
            if (to == from) break;
            if (step == STEPS_LIMIT) return false;
            ql_step(n, d, e, from, to, vectors);
        }
    return true;
}

static void order(size_t n, double *values, double *vectors) {
    for (size_t i = 0; i < n; i++) {
        size_t best = i;
        for (size_t j = i + 1; j < n; j++)
            if (values[j] > values[best]) best = j;
        double value = values[i];
        values[i] = values[best];
        values[best] = value;
        if (!vectors) continue;
        double largest = 0;
        for (size_t j = 0; j < n; j++) {
            double component = vectors[i * n + j];
            vectors[i * n + j] = vectors[best * n + j];
            vectors[best * n + j] = component;
            if (fabs(vectors[i * n + j]) > fabs(largest)) largest = vectors[i * n + j];
        }
        for (size_t j = 0; largest < 0 && j < n; j++) vectors[i * n + j] = -vectors[i * n + j];
    }
}

bool eigen_symmetric(size_t n, double *a, double *values, double *vectors) {
    if (n == 0) return true;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            if (!isfinite(a[i * n + j])) return false;
    /* β and the numbers beside the diagonal stand in the upper triangle until the columns are
     * done. */
    for (size_t k = 0; k + 2 < n; k++)
        reflect(n, a, k, &a[k * n + k + 2], &a[k * n + k + 1], values);
    if (n > 1) a[(n - 2) * n + n - 1] = a[(n - 1) * n + n - 2];
    for (size_t k = 0; k + 2 < n; k++) values[k] = a[k * n + k + 2];
    if (vectors) multiply_out(n, a, values, vectors);
    for (size_t i = 0; i < n; i++) values[i] = a[i * n + i];
    for (size_t k = 0; k + 1 < n; k++) a[k] = a[k * n + k + 1];
    a[n - 1] = 0;
    if (!ql(n, values, a, vectors)) return false;
    order(n, values, vectors);
    return true;
}

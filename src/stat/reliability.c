#include "stat/reliability.h"

#include "base/arena.h"
#include "base/error.h"

#include <math.h>

/* ---- covariances ---- */

static bool complete(const int8_t *row, size_t n_items) {
    for (size_t i = 0; i < n_items; i++)
        if (row[i] < 0) return false;
    return true;
}

/* Fills the covariance matrix (divisor n − 1); returns the number of complete persons. */
static size_t covariances(const int8_t *codes, size_t n_persons, size_t k, double *mean,
                          double *c) {
    size_t n = 0;
    for (size_t p = 0; p < n_persons; p++) {
        const int8_t *row = codes + p * k;
        if (!complete(row, k)) continue;
        n++;
        for (size_t i = 0; i < k; i++) mean[i] += row[i];
    }
    if (n < 3) return n;
    for (size_t i = 0; i < k; i++) mean[i] /= (double)n;
    for (size_t p = 0; p < n_persons; p++) {
        const int8_t *row = codes + p * k;
        if (!complete(row, k)) continue;
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j <= i; j++) c[i * k + j] += (row[i] - mean[i]) * (row[j] - mean[j]);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) c[j * k + i] = c[i * k + j] /= (double)(n - 1);
    return n;
}

/* ---- one factor ---- */

/* Maximum likelihood of one factor by EM (Rubin and Thayer 1982, doi:10.1007/BF02293851): loadings
 * l, error variances d. With w_i = l_i/d_i and v = 1/(1 + Σ l_i w_i), a step is l ← S w v / (v + v²
 * w′S w), d ← diag(S) − l (S w v)′. True when an error variance ended at its bound. */
static bool one_factor(size_t k, const double *s, double *l, double *d, double *w, double *sw) {
    enum { STEPS_LIMIT = 20000 };
    bool bound = false;
    for (size_t i = 0; i < k; i++) {
        l[i] = sqrt(0.5 * s[i * k + i]);
        d[i] = 0.5 * s[i * k + i];
        /* The sign that goes with the first item. */
        if (s[i * k] < 0) l[i] = -l[i];
    }
    for (int step = 0; step < STEPS_LIMIT; step++) {
        double information = 1, total = 0, moved = 0;
        for (size_t i = 0; i < k; i++) {
            w[i] = l[i] / d[i];
            information += l[i] * w[i];
        }
        for (size_t i = 0; i < k; i++) {
            sw[i] = 0;
            for (size_t j = 0; j < k; j++) sw[i] += s[i * k + j] * w[j];
            total += w[i] * sw[i];
        }
        double v = 1 / information, second = v + v * v * total;
        bound = false;
        for (size_t i = 0; i < k; i++) {
            double next = sw[i] * v / second, least = 0.005 * s[i * k + i];
            double error = s[i * k + i] - next * sw[i] * v;
            if (error < least) {
                error = least;
                bound = true;
            }
            moved = fmax(moved, fabs(next - l[i]) / sqrt(s[i * k + i]));
            l[i] = next;
            d[i] = error;
        }
        if (moved < 1e-10) break;
    }
    return bound;
}

static double omega_of(size_t k, const double *l, const double *d) {
    double sum = 0, error = 0;
    for (size_t i = 0; i < k; i++) {
        sum += l[i];
        error += d[i];
    }
    return sum * sum / (sum * sum + error);
}

/* ---- all of it ---- */

static void from_covariances(size_t k, const double *c, struct reliability *out) {
    double total = 0, diagonal = 0, squares = 0, count = (double)k;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            total += c[i * k + j];
            if (i == j)
                diagonal += c[i * k + i];
            else
                squares += c[i * k + j] * c[i * k + j];
        }
    out->alpha = total > 0 ? count / (count - 1) * (1 - diagonal / total) : NAN;
    out->lambda2 = total > 0 ? (total - diagonal + sqrt(count / (count - 1) * squares)) / total
                             : NAN;
    for (size_t i = 0; i < k; i++) {
        double with_total = 0;
        for (size_t j = 0; j < k; j++) with_total += c[i * k + j];
        double own = c[i * k + i], rest = total - 2 * with_total + own;
        out->item_rest[i] = rest > 0 ? (with_total - own) / sqrt(own * rest) : NAN;
    }
}

bool reliability_classical(const int8_t *codes, size_t n_persons, size_t n_items,
                           struct arena *arena, struct reliability *out, struct error *error) {
    size_t k = n_items;
    *out = (struct reliability){ .item_rest = arena_array(arena, k, sizeof *out->item_rest) };
    double *c = arena_array(arena, k, k * sizeof *c),
           *room = arena_array(arena, k, 4 * sizeof *room);
    if (!out->item_rest || !c || !room) return error_plain(error, "stat.memory");
    if (k < 2) return error_plain(error, "stat.few_items");
    out->n = covariances(codes, n_persons, k, room, c);
    if (out->n < 3) return error_set(error, "stat.few_persons", ARG_INT("persons", out->n));
    for (size_t i = 0; i < k; i++)
        if (c[i * k + i] <= 0) return error_set(error, "stat.constant_item", ARG_INT("item", i));
    from_covariances(k, c, out);
    out->omega = NAN;
    if (k < 3) return true;
    double *l = room, *d = room + k;
    out->heywood = one_factor(k, c, l, d, room + 2 * k, room + 3 * k);
    out->omega = omega_of(k, l, d);
    return true;
}

#include "stat/regression_cr2.h"

#include "base/arena.h"
#include "num/eigen.h"

#include <math.h>
#include <string.h>

/* With F = [X, WX] the rows of one cluster, the block of (I − H)(I − H)′ is I + F K F′,
 *
 *     K = [ Q  −M ]       and −M alone with F = X where all weights are 1, as then Q = M.
 *         [ −M  0 ]
 *
 * It differs from I only on the span of F, at most 2p directions however large the cluster: its
 * root is taken there. */
static const double NONE = 1e-10; /* below, relative to 1, rounding */

struct adjustment {
    size_t p, q;    /* columns of x, and of F */
    double *f;      /* [column * n + row] of F */
    double *basis;  /* orthonormal, [direction * n + row] */
    double *k;      /* q × q */
    double *c, *ck; /* basis′F, and times K; [direction * q + column] */
    double *b, *vectors, *values;
    double *root; /* B^(−1/2) − I in the basis */
    double *wx;   /* basis′WX, [direction * p + column] */
};

static size_t columns_of_f(const struct clustered_rows *rows) {
    return rows->weighted ? 2 * rows->p : rows->p;
}

static void fill_k(const struct clustered_rows *rows, double *k) {
    size_t p = rows->p, q = columns_of_f(rows);
    memset(k, 0, q * q * sizeof *k);
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) {
            double m = rows->m[i * p + j];
            k[i * q + j] = rows->weighted ? rows->q[i * p + j] : -m;
            if (!rows->weighted) continue;
            k[i * q + p + j] = -m;
            k[(p + i) * q + j] = -m;
        }
}

static double dot(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void fill_f(const struct clustered_rows *rows, size_t from, size_t n, double *f) {
    size_t p = rows->p;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < p; c++) {
            double x = rows->x[(from + i) * p + c];
            f[c * n + i] = x;
            if (rows->weighted) f[(p + c) * n + i] = rows->w[from + i] * x;
        }
}

/* Gram–Schmidt, every column twice, so that the directions are orthogonal to the last digits. */
static size_t make_basis(const struct adjustment *a, size_t n) {
    size_t r = 0;
    for (size_t c = 0; c < a->q && r < n; c++) {
        double *v = a->basis + r * n;
        memcpy(v, a->f + c * n, n * sizeof *v);
        double length = sqrt(dot(n, v, v));
        for (size_t k = 0; k < 2 * r; k++) {
            const double *z = a->basis + k % r * n;
            double along = dot(n, z, v);
            for (size_t i = 0; i < n; i++) v[i] -= along * z[i];
        }
        double rest = sqrt(dot(n, v, v));
        if (!(rest > NONE * length)) continue;
        for (size_t i = 0; i < n; i++) v[i] /= rest;
        r++;
    }
    return r;
}

/* B = I + C K C′ on the basis, and root = B^(−1/2) − I, 0 for the inverse of 0. */
static bool take_root(const struct adjustment *a, size_t r, size_t n) {
    size_t q = a->q;
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j < q; j++) a->c[i * q + j] = dot(n, a->basis + i * n, a->f + j * n);
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j < q; j++) a->ck[i * q + j] = dot(q, a->c + i * q, a->k + j * q);
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j <= i; j++)
            a->b[i * r + j] = (i == j) + dot(q, a->ck + i * q, a->c + j * q);
    if (!eigen_symmetric(r, a->b, a->values, a->vectors)) return false;
    memset(a->root, 0, r * r * sizeof *a->root);
    for (size_t k = 0; k < r; k++) {
        double size = (a->values[k] > NONE ? 1 / sqrt(a->values[k]) : 0) - 1;
        const double *v = a->vectors + k * r;
        for (size_t i = 0; i < r; i++)
            for (size_t j = 0; j < r; j++) a->root[i * r + j] += size * v[i] * v[j];
    }
    return true;
}

/* A W X = WX + basis (root (basis′ WX)). */
static bool adjust_cluster(const struct clustered_rows *rows, const struct adjustment *a,
                           size_t from, size_t n, double *score) {
    size_t p = a->p;
    fill_f(rows, from, n, a->f);
    size_t r = make_basis(a, n);
    if (!take_root(a, r, n)) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < p; c++)
            score[(from + i) * p + c] = rows->w[from + i] * rows->x[(from + i) * p + c];
    memset(a->wx, 0, r * p * sizeof *a->wx);
    for (size_t k = 0; k < r; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t c = 0; c < p; c++)
                a->wx[k * p + c] += a->basis[k * n + i] * score[(from + i) * p + c];
    for (size_t k = 0; k < r; k++)
        for (size_t c = 0; c < p; c++) {
            double turned = 0;
            for (size_t h = 0; h < r; h++) turned += a->root[k * r + h] * a->wx[h * p + c];
            for (size_t i = 0; i < n; i++)
                score[(from + i) * p + c] += a->basis[k * n + i] * turned;
        }
    return true;
}

bool cr2_scores(const struct clustered_rows *rows, struct arena *arena, double *score) {
    size_t p = rows->p, q = columns_of_f(rows), most = 0;
    for (size_t g = 0; g < rows->n_clusters; g++) {
        size_t n = rows->start[g + 1] - rows->start[g];
        if (n > most) most = n;
    }
    struct adjustment a = { .p = p,
                            .q = q,
                            .f = arena_array(arena, most + 1, q * sizeof(double)),
                            .basis = arena_array(arena, most + 1, q * sizeof(double)),
                            .k = arena_array(arena, q, q * sizeof(double)),
                            .c = arena_array(arena, q, q * sizeof(double)),
                            .ck = arena_array(arena, q, q * sizeof(double)),
                            .b = arena_array(arena, q, q * sizeof(double)),
                            .vectors = arena_array(arena, q, q * sizeof(double)),
                            .values = arena_array(arena, q, sizeof(double)),
                            .root = arena_array(arena, q, q * sizeof(double)),
                            .wx = arena_array(arena, q, p * sizeof(double)) };
    if (!a.f || !a.basis || !a.k || !a.c || !a.ck || !a.b || !a.vectors || !a.values || !a.root ||
        !a.wx)
        return false;
    fill_k(rows, a.k);
    for (size_t g = 0; g < rows->n_clusters; g++)
        if (!adjust_cluster(rows, &a, rows->start[g], rows->start[g + 1] - rows->start[g], score))
            return false;
    return true;
}

/* ---- degrees of freedom ---- */

/* v = score·a of a cluster's rows as d = v′v and u = F′v. */
static double cluster_terms(const struct clustered_rows *rows, const double *score, const double *a,
                            size_t g, double *u) {
    size_t p = rows->p;
    double d = 0;
    memset(u, 0, columns_of_f(rows) * sizeof *u);
    for (size_t i = rows->start[g]; i < rows->start[g + 1]; i++) {
        double v = dot(p, score + i * p, a);
        d += v * v;
        for (size_t c = 0; c < p; c++) {
            u[c] += rows->x[i * p + c] * v;
            if (rows->weighted) u[p + c] += rows->w[i] * rows->x[i * p + c] * v;
        }
    }
    return d;
}

/* tr(KUKU), with KU in scratch. */
static double trace_of_square(size_t q, const double *k, const double *u, double *scratch) {
    double sum = 0;
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++) scratch[i * q + j] = dot(q, k + i * q, u + j * q);
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++) sum += scratch[i * q + j] * scratch[j * q + i];
    return sum;
}

/* The variance is Σ_g (p_g′y)² with p_g′p_h = δ_gh d_g + u_g′K u_h; df = (Σ_g p_g′p_g)² / Σ_gh
 * (p_g′p_h)². The double sum is Σ d² + 2 Σ d u′Ku + tr(KUKU), U = Σ uu′, so it costs one pass. */
double cr2_df(const struct clustered_rows *rows, const double *score, const double *a,
              double *scratch) {
    enum { CUT = 10 }; /* percent of the expected variance that may be lost */
    size_t p = rows->p, q = columns_of_f(rows);
    double *k = scratch, *all = k + q * q, *u = all + q * q, *ku = u + q;
    double expected = 0, trace = 0, squares = 0;
    fill_k(rows, k);
    memset(all, 0, q * q * sizeof *all);
    for (size_t g = 0; g < rows->n_clusters; g++) {
        double d = cluster_terms(rows, score, a, g, u), around = 0;
        for (size_t i = 0; i < q; i++) {
            ku[i] = dot(q, k + i * q, u);
            around += u[i] * ku[i];
            for (size_t j = 0; j < q; j++) all[i * q + j] += u[i] * u[j];
        }
        trace += d + around;
        squares += d * d + 2 * d * around;
    }
    for (size_t i = 0; i < rows->n; i++) {
        double v = rows->w[i] * dot(p, rows->x + i * p, a);
        expected += v * v;
    }
    squares += trace_of_square(q, k, all, ku + q);
    if (!(trace * 100 >= expected * (100 - CUT)) || !(squares > 0)) return NAN;
    return trace * trace / squares;
}

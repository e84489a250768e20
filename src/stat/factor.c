#include "stat/factor.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/eigen.h"
#include "num/linear.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* The climb, on correlations r. Parameters are λ in theta[0 … k) and ψ in theta[k … 2k). */
struct climb {
    size_t k;
    const double *r;
    double *theta, *tried, *slope, *step, *best_theta;
    double *w, *u;     /* ψ⁻¹λ, and r w */
    double *al, *bl;   /* Aλ and Bλ: A = Σ⁻¹, B = A r A */
    double *reach;     /* of an item: its highest correlation, without sign */
    double *curvature; /* 2k × 2k, full: second derivatives */
    double *factor;    /* of the free ones' part of it, Cholesky's */
    size_t *free;      /* the parameters that may move */
    size_t n_free;
};

static bool climb_make(size_t k, const double *r, struct arena *arena, struct climb *c) {
    *c = (struct climb){ .k = k,
                         .r = r,
                         .theta = arena_array(arena, k, 15 * sizeof(double)),
                         .curvature = arena_array(arena, 8 * k, k * sizeof(double)),
                         .free = arena_array(arena, 2 * k, sizeof(size_t)) };
    if (!c->theta || !c->curvature || !c->free) return false;
    c->factor = c->curvature + 4 * k * k;
    c->tried = c->theta + 2 * k;
    c->slope = c->tried + 2 * k;
    c->step = c->slope + 2 * k;
    c->best_theta = c->step + 2 * k;
    c->w = c->best_theta + 2 * k;
    c->u = c->w + k;
    c->al = c->u + k;
    c->bl = c->al + k;
    c->reach = c->bl + k;
    return true;
}

/* Loadings to begin with: the first principal axis. */
static bool first_axis(size_t k, const double *r, struct arena *arena, double *loading) {
    double *room = arena_array(arena, 2 * k + 1, k * sizeof *room);
    if (!room) return false;
    double *vectors = room + k * k, *values = vectors + k * k;
    memcpy(room, r, k * k * sizeof *room);
    if (!eigen_symmetric(k, room, values, vectors)) return false;
    for (size_t i = 0; i < k; i++) {
        double l = 0.9 * sqrt(fmax(values[0], 0)) * vectors[i];
        loading[i] = l > 0.95 ? 0.95 : l < -0.95 ? -0.95 : l;
    }
    return true;
}

/* log|Σ| + tr(r Σ⁻¹) at theta; v = 1/(1 + λ′ψ⁻¹λ), so that Σ⁻¹ = ψ⁻¹ − v w w′. Leaves w and u. */
static double discrepancy(struct climb *c, const double *theta, double *v) {
    size_t k = c->k;
    double inner = 1, sum = 0, quadratic = 0;
    for (size_t i = 0; i < k; i++) {
        c->w[i] = theta[i] / theta[k + i];
        inner += theta[i] * c->w[i];
        sum += num_log(theta[k + i]) + c->r[i * k + i] / theta[k + i];
    }
    for (size_t i = 0; i < k; i++) {
        c->u[i] = 0;
        for (size_t j = 0; j < k; j++) c->u[i] += c->r[i * k + j] * c->w[j];
        quadratic += c->w[i] * c->u[i];
    }
    *v = 1 / inner;
    return sum + num_log(inner) - quadratic / inner;
}

/* A and B between items i and j. */
static double inverse_at(const struct climb *c, double v, size_t i, size_t j) {
    return (i == j ? 1 / c->theta[c->k + i] : 0) - v * c->w[i] * c->w[j];
}

static double middle_at(const struct climb *c, double v, double quadratic, size_t i, size_t j) {
    double di = c->theta[c->k + i], dj = c->theta[c->k + j], wi = c->w[i], wj = c->w[j];
    return c->r[i * c->k + j] / (di * dj) - v * (wi * c->u[j] / dj + wj * c->u[i] / di) +
           v * v * quadratic * wi * wj;
}

/* Half the gradient of it, ((A − B)λ, ½ diag(A − B)); leaves Aλ and Bλ. Returns w′r w. */
static double slopes(struct climb *c, double v) {
    size_t k = c->k;
    double quadratic = 0;
    for (size_t i = 0; i < k; i++) quadratic += c->w[i] * c->u[i];
    for (size_t i = 0; i < k; i++) {
        c->al[i] = v * c->w[i];
        c->bl[i] = v * (c->u[i] / c->theta[k + i] - v * c->w[i] * quadratic);
        c->slope[i] = c->al[i] - c->bl[i];
        c->slope[k + i] = 0.5 * (inverse_at(c, v, i, i) - middle_at(c, v, quadratic, i, i));
    }
    return quadratic;
}

/* Second derivatives of half of it. Expected (B = A): (λ′Aλ) A_ij + (Aλ)_i (Aλ)_j between loadings,
 * A_ij (Aλ)_j between a loading and an error variance, ½ A_ij² between these. Observed: those of B
 * besides. */
static void bend(struct climb *c, double v, double quadratic, bool observed) {
    size_t k = c->k, wide = 2 * k;
    double along = 0, across = 0; /* λ′Aλ, λ′Bλ */
    for (size_t i = 0; i < k; i++) {
        along += c->theta[i] * c->al[i];
        across += c->theta[i] * (observed ? c->bl[i] : c->al[i]);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            double a = inverse_at(c, v, i, j), b = observed ? middle_at(c, v, quadratic, i, j) : a;
            double ai = c->al[i], aj = c->al[j];
            double bi = observed ? c->bl[i] : ai, bj = observed ? c->bl[j] : aj;
            c->curvature[i * wide + j] = ai * bj + aj * bi - ai * aj + a * across + b * along -
                                         along * a + a - b;
            c->curvature[i * wide + k + j] = c->curvature[(k + j) * wide + i] = a * bj + b * aj -
                                                                                a * aj;
            c->curvature[(k + i) * wide + k + j] = a * b - 0.5 * a * a;
        }
}

/* What may move: all but error variances at their least that would go further down. */
static void choose_free(struct climb *c) {
    c->n_free = 0;
    for (size_t p = 0; p < 2 * c->k; p++)
        if (p < c->k || c->theta[p] > ONE_FACTOR_LEAST || c->slope[p] < 0) c->free[c->n_free++] = p;
}

static bool factorise(struct climb *c) {
    for (size_t i = 0; i < c->n_free; i++)
        for (size_t j = 0; j < c->n_free; j++)
            c->factor[i * c->n_free + j] = c->curvature[c->free[i] * 2 * c->k + c->free[j]];
    return cholesky(c->n_free, c->factor, 1e-13, NULL);
}

/* The step of the free parameters: Newton's, where the function does not bend upwards Fisher's,
 * else along the slope. One that would leave its bound downwards stays there. */
static void find_step(struct climb *c, double v, double quadratic) {
    for (;;) {
        bend(c, v, quadratic, true);
        bool bent = factorise(c);
        if (!bent) {
            bend(c, v, quadratic, false);
            bent = factorise(c);
        }
        for (size_t i = 0; i < c->n_free; i++) c->step[i] = -c->slope[c->free[i]];
        if (bent) cholesky_solve(c->n_free, c->factor, c->step);
        size_t kept = 0;
        for (size_t i = 0; i < c->n_free; i++) {
            size_t p = c->free[i];
            if (p < c->k || c->theta[p] > ONE_FACTOR_LEAST || c->step[i] >= 0) c->free[kept++] = p;
        }
        if (kept == c->n_free) return;
        c->n_free = kept;
    }
}

static double move(struct climb *c, double length) {
    size_t k = c->k;
    double moved = 0;
    memcpy(c->tried, c->theta, 2 * k * sizeof *c->tried);
    for (size_t i = 0; i < c->n_free; i++) {
        size_t p = c->free[i];
        c->tried[p] += length * c->step[i];
        if (p >= k && c->tried[p] < ONE_FACTOR_LEAST) c->tried[p] = ONE_FACTOR_LEAST;
        moved = fmax(moved, fabs(c->tried[p] - c->theta[p]));
    }
    return moved;
}

/* From theta to the nearest minimum; true when it is one. */
static bool climb_run(struct climb *c, double *best) {
    enum { STEPS_LIMIT = 500, HALVINGS = 40 };
    double v, worst = 0;
    *best = discrepancy(c, c->theta, &v);
    for (int step = 0; step < STEPS_LIMIT; step++) {
        double moved = 0, length = 1, now = *best, slack = 1e-14 * (1 + fabs(*best));
        double quadratic = slopes(c, v);
        choose_free(c);
        worst = 0;
        for (size_t i = 0; i < c->n_free; i++) worst = fmax(worst, fabs(c->slope[c->free[i]]));
        if (worst < 1e-12) return true;
        find_step(c, v, quadratic);
        for (int half = 0; half < HALVINGS; half++, length *= 0.5) {
            moved = move(c, length);
            now = discrepancy(c, c->tried, &v);
            if (now <= *best + slack) break;
        }
        if (!(now <= *best + slack) || moved < 1e-14) break;
        *best = now;
        memcpy(c->theta, c->tried, 2 * c->k * sizeof *c->theta);
    }
    return worst < 1e-7; /* what rounding leaves of it */
}

/* A start with one item nearly explained: the one of the highest reach, which is then used up. */
static void start_at_item(struct climb *c) {
    size_t k = c->k, item = 0;
    for (size_t i = 1; i < k; i++)
        if (c->reach[i] > c->reach[item]) item = i;
    c->reach[item] = -1;
    for (size_t i = 0; i < k; i++) {
        c->theta[i] = 0.95 * c->r[item * k + i];
        c->theta[k + i] = fmax(1 - c->theta[i] * c->theta[i], 0.05);
    }
}

/* Where a factor says little there are several minima, most with one item nearly explained: besides
 * the first axis, climbs begin at the items that correlate highest with another. The lowest minimum
 * is left in theta. */
static bool climb_all(struct climb *c) {
    enum { ITEMS_TRIED = 12 };
    size_t k = c->k;
    double lowest, now;
    bool found = climb_run(c, &lowest);
    memcpy(c->best_theta, c->theta, 2 * k * sizeof *c->theta);
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            if (j != i) c->reach[i] = fmax(c->reach[i], fabs(c->r[i * k + j]));
    for (size_t tried = 0; tried < k && tried < ITEMS_TRIED; tried++) {
        start_at_item(c);
        if (!climb_run(c, &now) || (found && now >= lowest - 1e-9)) continue;
        found = true;
        lowest = now;
        memcpy(c->best_theta, c->theta, 2 * k * sizeof *c->theta);
    }
    memcpy(c->theta, c->best_theta, 2 * k * sizeof *c->theta);
    return found;
}

/* The inverse of the information at the end, spread over all parameters, in the items' units. */
static bool take_influence(struct climb *c, const double *scale, struct arena *arena,
                           struct one_factor *out) {
    size_t wide = 2 * c->k;
    double v, *inverse = arena_array(arena, wide, wide * sizeof *inverse);
    out->influence = arena_array(arena, wide, wide * sizeof *out->influence);
    if (!inverse || !out->influence) return false;
    discrepancy(c, c->theta, &v);
    bend(c, v, slopes(c, v), false);
    choose_free(c);
    if (!factorise(c)) {
        out->influence = NULL; /* not identified */
        return true;
    }
    cholesky_inverse(c->n_free, c->factor, inverse);
    for (size_t i = 0; i < c->n_free; i++)
        for (size_t j = 0; j < c->n_free; j++) {
            size_t p = c->free[i], q = c->free[j];
            double unit_p = p < c->k ? scale[p] : scale[p - c->k] * scale[p - c->k];
            double unit_q = q < c->k ? scale[q] : scale[q - c->k] * scale[q - c->k];
            out->influence[p * wide + q] = inverse[i * c->n_free + j] * unit_p * unit_q;
        }
    return true;
}

/* A factor has no direction of its own; this one goes with the sum score. */
static void orient(size_t k, double *loading) {
    double sum = 0;
    for (size_t i = 0; i < k; i++) sum += loading[i];
    for (size_t i = 0; sum < 0 && i < k; i++) loading[i] = -loading[i];
}

bool one_factor_ml(size_t k, const double *covariance, struct arena *arena, struct one_factor *out,
                   struct error *error) {
    struct climb c;
    double *r = arena_array(arena, k, k * sizeof *r), *scale = arena_array(arena, k, sizeof *scale);
    *out = (struct one_factor){ .k = k,
                                .loading = arena_array(arena, k, sizeof(double)),
                                .error = arena_array(arena, k, sizeof(double)) };
    if (!r || !scale || !out->loading || !out->error || !climb_make(k, r, arena, &c))
        return error_plain(error, "stat.memory");
    for (size_t i = 0; i < k; i++) scale[i] = sqrt(covariance[i * k + i]);
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            r[i * k + j] = i == j ? 1 : covariance[i * k + j] / (scale[i] * scale[j]);
    if (!first_axis(k, r, arena, c.theta)) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < k; i++) c.theta[k + i] = 1 - c.theta[i] * c.theta[i];
    if (!climb_all(&c)) return error_plain(error, "stat.factor");
    orient(k, c.theta);
    if (!take_influence(&c, scale, arena, out)) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < k; i++) {
        out->loading[i] = c.theta[i] * scale[i];
        out->error[i] = c.theta[k + i] * scale[i] * scale[i];
        if (c.theta[k + i] <= ONE_FACTOR_LEAST) out->bound = true;
    }
    return true;
}

/* ---- minres ---- */

bool one_factor_minres(size_t k, const double *correlation, struct arena *arena,
                       struct one_factor *out, struct error *error) {
    enum { SWEEPS_LIMIT = 100000 };
    const double most = sqrt(1 - ONE_FACTOR_LEAST);
    *out = (struct one_factor){ .k = k,
                                .loading = arena_array(arena, k, sizeof(double)),
                                .error = arena_array(arena, k, sizeof(double)) };
    if (!out->loading || !out->error || !first_axis(k, correlation, arena, out->loading))
        return error_plain(error, "stat.memory");
    double *l = out->loading, moved = 1;
    /* One loading at a time has its best value in closed form, so no sweep goes back. */
    for (int sweep = 0; sweep < SWEEPS_LIMIT && moved > 1e-14; sweep++) {
        moved = 0;
        for (size_t i = 0; i < k; i++) {
            double product = 0, squares = 0;
            for (size_t j = 0; j < k; j++) {
                if (j == i) continue;
                product += correlation[i * k + j] * l[j];
                squares += l[j] * l[j];
            }
            double next = squares > 0 ? product / squares : 0;
            next = next > most ? most : next < -most ? -most : next;
            moved = fmax(moved, fabs(next - l[i]));
            l[i] = next;
        }
    }
    if (!(moved < 1e-9)) return error_plain(error, "stat.factor");
    for (size_t i = 0; i < k; i++) {
        out->error[i] = 1 - l[i] * l[i];
        if (fabs(l[i]) >= most) out->bound = true;
    }
    orient(k, l);
    return true;
}

#include "stat/reliability.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/special.h"

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

/* ---- omega ---- */

/* Omega and its derivatives by λ and ψ. */
static double omega_of(const struct one_factor *factor, double *by_loading, double *by_error) {
    double sum = 0, error = 0;
    for (size_t i = 0; i < factor->k; i++) {
        sum += factor->loading[i];
        error += factor->error[i];
    }
    double total = sum * sum + error;
    *by_loading = 2 * sum * error / (total * total);
    *by_error = -sum * sum / (total * total);
    return sum * sum / total;
}

/* ---- standard errors ---- */

/* One person's influence on omega, x less its mean: with A = Σ⁻¹ = ψ⁻¹ − v w w′, the scores of a
 * person are (Ax)(λ′Ax) − Aλ by λ and ½((Ax)² − diag A) by ψ; by[] holds omega's derivatives times
 * the factor's influence. */
struct omega_influence {
    const struct one_factor *factor;
    double v, *w, *by;
};

static bool omega_influence_make(const struct one_factor *factor, double by_loading,
                                 double by_error, struct arena *arena,
                                 struct omega_influence *out) {
    size_t k = factor->k, wide = 2 * k;
    double inner = 1;
    *out = (struct omega_influence){ .factor = factor,
                                     .w = arena_array(arena, 3 * k, sizeof(double)) };
    if (!out->w) return false;
    out->by = out->w + k;
    for (size_t i = 0; i < k; i++) {
        out->w[i] = factor->loading[i] / factor->error[i];
        inner += factor->loading[i] * out->w[i];
    }
    out->v = 1 / inner;
    for (size_t p = 0; p < wide; p++)
        for (size_t q = 0; q < wide; q++)
            out->by[p] += factor->influence[p * wide + q] * (q < k ? by_loading : by_error);
    return true;
}

static double omega_influence(const struct omega_influence *o, const double *x) {
    size_t k = o->factor->k;
    double along = 0, sum = 0;
    for (size_t i = 0; i < k; i++) along += o->w[i] * x[i];
    along *= o->v; /* λ′Ax */
    for (size_t i = 0; i < k; i++) {
        double error = o->factor->error[i], w = o->w[i];
        double a = x[i] / error - w * along, own = 1 / error - o->v * w * w;
        sum += o->by[i] * (a * along - o->v * w) + 0.5 * o->by[k + i] * (a * a - own);
    }
    return sum;
}

/* A person's influence on alpha: k/(k − 1) (−Σx²/T + tr C (Σx)²/T²). */
static double alpha_influence(size_t k, const double *x, double diagonal, double total) {
    double squares = 0, sum = 0, count = (double)k;
    for (size_t i = 0; i < k; i++) {
        squares += x[i] * x[i];
        sum += x[i];
    }
    return count / (count - 1) * (diagonal * sum * sum / total - squares) / total;
}

/* Degrees of freedom that give χ² the spread of a variance made of influences with these sums of
 * squares and fourth powers: Var(s²)/s⁴ = (kurtosis − 1)/n = 2/df. */
static void spread(double n, const double sums[2], struct estimate *out) {
    double kurtosis = sums[0] > 0 ? n * sums[1] / (sums[0] * sums[0]) : 1;
    out->se = sqrt(sums[0]) / n;
    out->df = kurtosis > 1 ? 2 * n / (kurtosis - 1) : HUGE_VAL;
}

/* √(Σ influence²)/n of both; omega NULL: of alpha alone. */
static void standard_errors(const int8_t *codes, size_t n_persons, size_t k, const double *mean,
                            const double *c, const struct omega_influence *omega, double *x,
                            struct reliability *out) {
    double diagonal = 0, total = 0, of_alpha[2] = { 0 }, of_omega[2] = { 0 }, n = (double)out->n;
    double unit = sqrt(n / (n - 1)); /* so that influences are of mean 0 with c's divisor */
    for (size_t i = 0; i < k; i++) {
        diagonal += c[i * k + i];
        for (size_t j = 0; j < k; j++) total += c[i * k + j];
    }
    for (size_t p = 0; p < n_persons; p++) {
        if (!complete(codes + p * k, k)) continue;
        for (size_t i = 0; i < k; i++) x[i] = (codes[p * k + i] - mean[i]) * unit;
        double alpha = alpha_influence(k, x, diagonal, total);
        of_alpha[0] += alpha * alpha;
        of_alpha[1] += alpha * alpha * alpha * alpha;
        if (!omega) continue;
        double other = omega_influence(omega, x);
        of_omega[0] += other * other;
        of_omega[1] += other * other * other * other;
    }
    if (!isnan(out->alpha.value)) spread(n, of_alpha, &out->alpha);
    if (omega) spread(n, of_omega, &out->omega);
}

void reliability_interval(struct estimate coefficient, double confidence, double *low,
                          double *high) {
    double rest = 1 - coefficient.value;
    *low = *high = isnan(coefficient.se) ? NAN : coefficient.value;
    if (isnan(coefficient.se) || coefficient.se == 0 || rest <= 0) return;
    double half = estimate_half_width(coefficient, confidence) / rest;
    *low = 1 - rest * num_exp(half);
    *high = 1 - rest * num_exp(-half);
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
    out->alpha.value = total > 0 ? count / (count - 1) * (1 - diagonal / total) : NAN;
    out->lambda2 = total > 0 ? (total - diagonal + sqrt(count / (count - 1) * squares)) / total
                             : NAN;
    for (size_t i = 0; i < k; i++) {
        double with_total = 0;
        for (size_t j = 0; j < k; j++) with_total += c[i * k + j];
        double own = c[i * k + i], rest = total - 2 * with_total + own;
        for (size_t j = 0; j < k; j++)
            out->correlation[i * k + j] = c[i * k + j] / sqrt(own * c[j * k + j]);
        out->item_rest[i] = rest > 0 ? (with_total - own) / sqrt(own * rest) : NAN;
    }
}

/* Covariances whose divisor is n − 1 give ψ and λ a little too long; no ratio of them minds. */
static bool with_factor(const double *c, struct arena *arena, struct one_factor *factor,
                        struct omega_influence *influence, bool *identified, size_t k,
                        struct reliability *out, struct error *error) {
    double by_loading, by_error;
    if (!one_factor_ml(k, c, arena, factor, error) ||
        !one_factor_fit(factor, c, out->n, arena, &out->fit, error))
        return false;
    out->omega.value = omega_of(factor, &by_loading, &by_error);
    out->heywood = factor->bound;
    *identified = factor->influence != NULL;
    if (*identified && !omega_influence_make(factor, by_loading, by_error, arena, influence))
        return error_plain(error, "stat.memory");
    return true;
}

/* Of no persons at all it is not the item that lacks. */
static bool answered(const int8_t *codes, size_t n_persons, size_t k, size_t item) {
    for (size_t p = 0; p < n_persons; p++)
        if (codes[p * k + item] >= 0) return true;
    return n_persons == 0;
}

bool reliability_classical(const int8_t *codes, size_t n_persons, size_t n_items,
                           struct arena *arena, struct reliability *out, struct error *error) {
    size_t k = n_items;
    struct one_factor factor;
    struct omega_influence influence;
    bool identified = false;
    *out = (struct reliability){ .alpha = { NAN, NAN, NAN },
                                 .omega = { NAN, NAN, NAN },
                                 .fit = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN },
                                 .item_rest = arena_array(arena, k, sizeof *out->item_rest),
                                 .correlation = arena_array(arena, k, k * sizeof(double)) };
    double *c = arena_array(arena, k, k * sizeof *c),
           *mean = arena_array(arena, k, 2 * sizeof *mean);
    if (!out->item_rest || !out->correlation || !c || !mean)
        return error_plain(error, "stat.memory");
    if (k < 2) return error_plain(error, "stat.few_items");
    for (size_t i = 0; i < k; i++)
        if (!answered(codes, n_persons, k, i))
            return error_set(error, "stat.unanswered", ARG_INT("item", i));
    out->n = covariances(codes, n_persons, k, mean, c);
    if (out->n < 3) return error_set(error, "stat.few_persons", ARG_INT("persons", out->n));
    for (size_t i = 0; i < k; i++)
        if (c[i * k + i] <= 0) return error_set(error, "stat.constant_item", ARG_INT("item", i));
    from_covariances(k, c, out);
    if (k > 2 && !with_factor(c, arena, &factor, &influence, &identified, k, out, error))
        return false;
    standard_errors(codes, n_persons, k, mean, c, identified ? &influence : NULL, mean + k, out);
    return true;
}

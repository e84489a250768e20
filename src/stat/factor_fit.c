#include "stat/factor.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/chi_square.h"
#include "num/linear.h"
#include "num/special.h"

#include <math.h>

/* log|A| from the Cholesky factor; NaN where A is singular. */
static double log_determinant(size_t k, double *a) {
    double sum = 0;
    if (!cholesky(k, a, 1e-12, NULL)) return NAN;
    for (size_t i = 0; i < k; i++) sum += 2 * num_log(a[i * k + i]);
    return sum;
}

/* The model's F = log|Σ| + tr(RΣ⁻¹) − log|R| − k, and independence's, −log|R|, on correlations. */
static void discrepancies(const struct one_factor *factor, const double *r, double *chol,
                          double *model, double *independence) {
    size_t k = factor->k;
    *independence = -log_determinant(k, chol);
    double inner = 1, sum = *independence - (double)k, quadratic = 0;
    for (size_t i = 0; i < k; i++) {
        inner += factor->loading[i] * factor->loading[i] / factor->error[i];
        sum += num_log(factor->error[i]) + r[i * k + i] / factor->error[i];
        for (size_t j = 0; j < k; j++)
            quadratic += factor->loading[i] / factor->error[i] * r[i * k + j] * factor->loading[j] /
                         factor->error[j];
    }
    *model = fmax(0, sum + num_log(inner) - quadratic / inner);
}

static double residuals(const struct one_factor *factor, const double *r) {
    size_t k = factor->k;
    double squares = 0;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) {
            double own = i == j ? factor->error[i] : 0;
            double rest = r[i * k + j] - factor->loading[i] * factor->loading[j] - own;
            squares += rest * rest;
        }
    return sqrt(squares / (0.5 * (double)(k * (k + 1))));
}

bool one_factor_fit(const struct one_factor *factor, const double *covariance, size_t n,
                    struct arena *arena, struct factor_fit *out, struct error *error) {
    size_t k = factor->k;
    double *r = arena_array(arena, 2 * k + 2, k * sizeof *r), model, independence;
    if (!r) return error_plain(error, "stat.memory");
    double *chol = r + k * k, count = (double)n, items = (double)k;
    struct one_factor standard = { .k = k, .loading = chol + k * k, .error = chol + k * k + k };
    for (size_t i = 0; i < k; i++) {
        standard.loading[i] = factor->loading[i] / sqrt(covariance[i * k + i]);
        standard.error[i] = factor->error[i] / covariance[i * k + i];
        for (size_t j = 0; j < k; j++)
            r[i * k + j] = chol[i * k + j] = covariance[i * k + j] /
                                             sqrt(covariance[i * k + i] * covariance[j * k + j]);
    }
    discrepancies(&standard, r, chol, &model, &independence);
    *out = (struct factor_fit){ .chi2 = count * model,
                                .df = 0.5 * items * (items - 3),
                                .p = NAN,
                                .cfi = NAN,
                                .rmsea = NAN,
                                .rmsea_low = NAN,
                                .rmsea_high = NAN,
                                .srmr = residuals(&standard, r) };
    if (isnan(independence)) out->chi2 = NAN;
    if (out->df <= 0 || isnan(out->chi2)) return true;
    double over = fmax(0, out->chi2 - out->df);
    double all = fmax(over, count * independence - 0.5 * items * (items - 1));
    double share = count * out->df;
    out->p = chi_square_upper(out->chi2, out->df);
    out->cfi = all > 0 ? 1 - over / all : 1;
    out->rmsea = sqrt(over / share);
    out->rmsea_low = sqrt(chi_square_noncentrality(out->chi2, out->df, 0.95) / share);
    out->rmsea_high = sqrt(chi_square_noncentrality(out->chi2, out->df, 0.05) / share);
    return true;
}

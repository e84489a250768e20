/* factor.h - one common factor: x = λ f + e, Σ = λλ′ + diag(ψ), and how well it fits.
 *
 * Layer: stat. Pure. Matrices are k × k, row-major, full. Error variances are held at
 * ONE_FACTOR_LEAST of the item's variance or above: a factor that would explain an item wholly (a
 * Heywood case) stands there, and bound says so.
 */
#ifndef LAERKE_STAT_FACTOR_H
#define LAERKE_STAT_FACTOR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

#define ONE_FACTOR_LEAST 0.005

struct one_factor {
    size_t k;
    double *loading; /* λ, their sum 0 or above */
    double *error;   /* ψ */
    bool bound;      /* an error variance stands at its least */
    /* ML: covariances of (λ, ψ) are influence/n: the inverse of the expected information of one
     * person, 2k × 2k, with rows and columns of 0 for what stands at its bound. NULL for minres and
     * where the information is singular. */
    double *influence;
};

/* Maximum likelihood on covariances: the minimum of log|Σ| + tr(S Σ⁻¹) by Newton's method in the
 * metric of correlations, with halved steps, the bounds kept by an active set, and from several
 * starts. k ≥
 * 3. Errors: stat.memory, stat.factor (no optimum found). */
bool one_factor_ml(size_t k, const double *covariance, struct arena *arena, struct one_factor *out,
                   struct error *error);

/* Least squares on the correlations beside the diagonal (minres; Harman and Jones 1966,
 * doi:10.1007/BF02289468), which need not be positive definite; ψ = 1 − λ². k ≥ 3. Errors as
 * above. */
bool one_factor_minres(size_t k, const double *correlation, struct arena *arena,
                       struct one_factor *out, struct error *error);

/* How well the ML factor fits, the multiplier being n (not n − 1), as in lavaan and Mplus. NaN
 * where it says nothing: p, CFI and RMSEA with 0 degrees of freedom (three items), all but SRMR
 * where the covariances are singular. */
struct factor_fit {
    double chi2, df, p;                  /* n times the discrepancy of Σ from S */
    double cfi;                          /* Bentler 1990, doi:10.1037/0033-2909.107.2.238 */
    double rmsea, rmsea_low, rmsea_high; /* Steiger 1990; interval of 90 % */
    double srmr;                         /* root mean square of residual correlations, diagonal
                                            included (Hu and Bentler 1999) */
};

/* Errors: stat.memory. */
bool one_factor_fit(const struct one_factor *factor, const double *covariance, size_t n,
                    struct arena *arena, struct factor_fit *out, struct error *error);

#endif

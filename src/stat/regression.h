/* regression.h - weighted least squares whose errors know that rows come in clusters.
 *
 * Layer: stat. Pure.
 *
 *     b = (X′WX)⁻¹ X′Wy,    Var(b) = M [Σ_g u_g u_g′] M,    M = (X′WX)⁻¹
 *
 * REGRESSION_LINEARISED: u_g = Σ w x e over the cluster less its mean in the stratum, the squares
 * of stratum h times n_h/(n_h − 1): Taylor linearisation (Binder 1983, doi:10.2307/1402588; as R's
 * survey). Its degrees of freedom are clusters − strata; a stratum with one cluster is joined to
 * the next.
 *
 * REGRESSION_CR2: u_g = X_g′W_g A_g e_g with A_g the symmetric root of the (generalised) inverse of
 * the block of g in (I − H)(I − H)′: exactly unbiased for independent rows of one variance, and
 * little biased otherwise (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018,
 * doi:10.1080/07350015.2016.1247004). Degrees of freedom are Satterthwaite's under the same working
 * model, one for each coefficient. Strata are not read. For few clusters, or treatments of
 * clusters.
 *
 *     struct regression_input input = { .n = n, .draws = 1, .y = y, .n_columns = 2, .x = x,
 *                                       .cluster = school, .n_clusters = schools,
 *                                       .errors = REGRESSION_CR2 };
 *     struct regression r;
 *     if (!regression_fit(&input, arena, &r, error)) ...
 *     double half = estimate_half_width(r.coefficient[1], 0.95);
 */
#ifndef LAERKE_STAT_REGRESSION_H
#define LAERKE_STAT_REGRESSION_H

#include "stat/estimate.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

enum regression_errors { REGRESSION_LINEARISED, REGRESSION_CR2 };

/* All numbers are finite; there is no constant but one that x holds. */
struct regression_input {
    size_t n, draws;       /* rows; plausible values of the outcome */
    const double *y;       /* y[draw * n + row] */
    size_t n_columns;      /* of x, the constant included */
    const double *x;       /* x[row * n_columns + column] */
    const double *weights; /* over 0; NULL: 1 */
    const int *cluster;    /* of a row, 0..n_clusters-1; clusters without rows do not count */
    size_t n_clusters;
    const int *stratum; /* of a cluster; NULL: one stratum */
    enum regression_errors errors;
    size_t n_contrasts; /* linear combinations of the coefficients that are wanted beside them */
    const double *contrasts; /* contrasts[contrast * n_columns + column] */
};

/* Estimates are combined over draws by Rubin's rules (estimate.h), with the degrees of freedom
 * above as those of the complete data. */
struct regression {
    struct estimate *coefficient; /* one a column; in the arena */
    struct estimate *contrast;    /* one a contrast: Σ c_k b_k */
    double r2; /* 1 − Σwe²/Σw(y − ȳ)², the mean over draws; NaN where all y of a
                * draw are alike */
    size_t clusters, strata; /* that have rows; strata after joining */
};

/* Under CR2 a coefficient that hangs on one cluster (a single treated school) has an se and df of
 * NaN: its residuals say nothing of how clusters differ. (Where what A_g leaves of the expected
 * variance under the working model is under 9/10.)
 *
 * Errors: stat.empty, stat.too_few_rows {rows, columns}, stat.cluster, stat.one_cluster,
 * stat.collinear {column} (its index; the caller, who knows the name, replaces it), stat.memory. */
bool regression_fit(const struct regression_input *input, struct arena *arena,
                    struct regression *out, struct error *error);

#endif

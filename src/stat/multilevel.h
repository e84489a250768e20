/* multilevel.h - the random-intercept model by restricted maximum likelihood.
 *
 * Layer: stat. Pure.
 *
 *     y_i = x_i′β + u_g(i) + e_i        u ~ N(0, τ²)   e ~ N(0, σ²)
 *
 * Profiled over the ratio τ²/σ² (Bates et al. 2015, doi:10.18637/jss.v067.i01, in the special case
 * of one grouping): β and σ² are known given it, and one number is left to search.
 */
#ifndef LAERKE_STAT_MULTILEVEL_H
#define LAERKE_STAT_MULTILEVEL_H

#include "stat/estimate.h"

#include <stddef.h>

struct arena;
struct error;

struct multilevel_input {
    size_t n, draws;  /* rows, plausible values of the outcome */
    const double *y;  /* y[draw * n + row] */
    size_t n_columns; /* of x, the constant included; 1 to 100 */
    const double *x;  /* x[row * n_columns + column] */
    const int *group; /* 0..n_groups-1 */
    size_t n_groups;  /* groups without rows do not count */
};

struct multilevel {
    /* One a column; Rubin over draws. df of one draw: groups − columns between groups, or rows −
     * groups − columns within, as the column varies (half of its squares or more: within;
     * Schluchter and Elashoff 1990, J. Statist. Comput. Simul. 37). */
    struct estimate *fixed;
    double tau2, sigma2; /* means over draws, as all below */
    double icc;          /* τ²/(τ² + σ²) */
    /* From the restricted likelihood profiled over all but the icc: the error is its curvature (NaN
     * where a draw has τ² = 0), the 95 % interval where it has fallen by χ²₁(.95)/2, never below 0.
     * Over draws each side's half-width is combined as an error of its own. */
    double icc_se, icc_low, icc_high;
    double loglik;  /* of the restricted likelihood, as lme4 counts it */
    double *effect; /* one a group: empirical Bayes estimate of u; NaN for a group without rows */
    double *effect_se; /* root of its mean square error, those of β and τ² included (Prasad and Rao
                        * 1990, doi:10.1080/01621459.1990.10475320); over draws by Rubin's rules */
    size_t groups;
};

/* Errors: stat.collinear {column} (its index; the caller, who knows the name, replaces it),
 * stat.too_few_rows {rows, columns}, stat.one_group, stat.one_row_groups (no group has two rows, so
 * τ² and σ² are one), stat.exact_fit, stat.no_within (the rows of each group are alike),
 * stat.memory. */
bool multilevel_fit(const struct multilevel_input *input, struct arena *arena,
                    struct multilevel *out, struct error *error);

#endif

/* latent.h - plausible values that know classes and schools.
 *
 * Layer: scale. Pure. Draws from the posterior of the latent regression with clusters
 *
 *     θ_i = x_i′β + school_s(i) + class_c(i) + e_i,   school ~ N(0, τ²_s), class ~ N(0, τ²_c), e ~
 * N(0, σ²)
 *
 * jointly with β and the variance components, item parameters fixed: a Gibbs sampler in which θ_i
 * is drawn from its exact conditional on a grid (likelihood tables kept by pattern), the others
 * from their conjugate conditionals (flat β, weakly informative inverse gamma or uniform-on-SD
 * priors; stated in docs/methods.md). Without it, differences between groups shrink by the
 * reliability (Mislevy 1991, doi:10.1007/BF02294457). Every random number depends on (seed,
 * iteration, person): the same bits at any number of threads.
 */
#ifndef LAERKE_SCALE_LATENT_H
#define LAERKE_SCALE_LATENT_H

#include "scale/model.h"

#include <stdint.h>

struct arena;
struct error;
struct pool;

struct latent_input {
    const struct responses *responses; /* recoded; weights and groups are not used: what they
                                        * stand for belongs in x */
    const struct scale_model *model;
    size_t n_columns;            /* of x; the first should be a constant 1 */
    const double *x;             /* x[person * n_columns + column] */
    size_t n_classes, n_schools; /* 0: no such level */
    const int *class_of;  /* 0..n_classes-1 a person, -1: none; persons need no order. A class
                           * that lies in two schools has an effect in each */
    const int *school_of; /* 0..n_schools-1 a person, -1: none */
    /* Groups that have a residual variance each, 0..n_variances-1 a person, -1: one for the rest;
     * NULL: one for all. Where a scale has a ceiling, groups that differ in spread need it: a
     * common variance moves the gap between them (on a real scale, girls and boys: 31 points
     * instead of 37). */
    const int *variance_of;
    size_t n_variances;
    int draws, burn_in, thin; /* 0 takes the default: 10, 60, and 10 to 30 by the number of persons
                               * (why: docs/methods/scores.md) */
    uint64_t seed;
    void (*progress)(void *context, double fraction); /* may be NULL */
    void *progress_context;
};

struct latent_result {
    int draws;
    double *pv;             /* pv[draw * n_persons + person]; NaN for persons without an answer */
    double *beta, *beta_sd; /* posterior mean and SD, one a column */
    double tau2_class, tau2_school, sigma2; /* posterior means; sigma2 averages over persons */
    double *sigma2_group; /* posterior mean of each variance group; NULL when there are none */
    double *tau2_class_draw, *tau2_school_draw, *sigma2_draw; /* one a draw, as used for that pv */
    /* The expected θ of pupils like these, taught here: the mean over the cluster's persons (those
     * with an answer) of x′β + school + class, its posterior mean and SD over all iterations after
     * burn-in. NaN for a cluster where nobody has an answer. */
    double *class_mean, *class_sd;
    double *school_mean, *school_sd;
};

/* Variance groups from the categories by which results are shown (grade, gender): each combination
 * of their levels (-1: missing, a level too) that at least least persons with an answer have; the
 * others -1. *of is NULL when that leaves fewer than two. A factor that would make more than
 * LATENT_COMBINATIONS_MAX combinations is passed over. False when memory is out. */
enum { LATENT_COMBINATIONS_MAX = 100000 };
bool latent_variance_groups(const struct responses *responses, const int *const *factors,
                            size_t n_factors, size_t least, struct arena *arena, const int **of,
                            size_t *n);

/* Persons without an answer take no part. x has one column at least.
 * Errors: latent.collinear {column} (its index, also for a column of zeros; the caller, who knows
 * the name, replaces it), latent.no_answers, latent.memory. */
bool latent_draw(const struct latent_input *input, struct pool *pool, struct arena *arena,
                 struct latent_result *out, struct error *error);

#endif

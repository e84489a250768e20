/* fit.h - calibration: item parameters and the latent distribution by marginal maximum likelihood.
 *
 * Layer: scale. Pure. EM (Bock and Aitkin 1981) with acceleration and a Newton finish, on an
 * equispaced grid scaled to the latent SD and refined and widened until the deviance moves by less
 * than 0.001 (methods: docs/methods.md). Persons without any answer do not count. For rasch and
 * pcm, persons with the same missing mask and sum score are collapsed; the others by answers. The
 * same bits at any number of threads.
 *
 *     struct fit_options options = fit_defaults();
 *     options.model = MODEL_PCM;
 *     struct fit_result fit;
 *     if (!scale_fit(&responses, &options, pool, arena, &fit, error)) return false;
 *     use(fit.model.items[0].location[0], fit.deviance);
 *
 * Weights are scaled to mean 1 over the persons that count, so that standard errors are those of so
 * many persons; a person with weight 0 does not count. A variance that goes to 0 (no common trait)
 * stays at FIT_VARIANCE_MIN, counts as fixed, and has standard error 0.
 *
 * A slope that runs away (no finite one is best: an item repeats another, say) gets a weak prior,
 * and the item is marked in prior[]; loglik and deviance are then those of the likelihood alone at
 * the mode.
 *
 * Errors: scale.no_answers, scale.unanswered {item}, scale.one_category {item}, scale.not_binary
 * {item}, scale.few_items, scale.weight {person}, scale.weight_apart {person}, scale.category
 * {item}, scale.empty_group {group}, scale.anchor_categories {item}, scale.anchor_none,
 * scale.not_identified {item}, scale.group_not_identified {group} (its mean has no finite best
 * place: all its answers are the highest, say), scale.too_many_parameters, scale.memory. item is
 * its index in the argument "item", group likewise; the caller, who knows the names, replaces it
 * with error_replace().
 */
#ifndef LAERKE_SCALE_FIT_H
#define LAERKE_SCALE_FIT_H

#include "scale/model.h"

struct arena;
struct error;
struct pool;

#define FIT_VARIANCE_MIN 1e-6

struct fit_options {
    enum irt_model model;
    int nodes; /* 0: auto; else a fixed number (5 to 2000) over ±6 SD */
    int max_iterations;
    double
        tolerance; /* largest parameter change, and gradient a person, at which it has converged */
    const int8_t *highest; /* declared highest category of each item, so that an empty one above all
                            * answers is named as well; NULL: the highest seen */
    const struct item_parameters *anchors; /* one an item, steps 0 = free; NULL: none */
    const struct scale_model *start; /* estimates to begin at, near the ones to come, with as many
                                      * items and groups (an item with another number of steps
                                      * begins anew); NULL: from the answers */
    bool covariance;                 /* the matrix of fit_result is wanted */
    bool brief;                      /* no reliabilities (NaN) */
    void (*progress)(void *context, double fraction); /* may be NULL */
    void *progress_context;
};
struct fit_options fit_defaults(void);

struct fit_result {
    struct scale_model model; /* items[i].steps counts categories that are used, see collapsed */
    int8_t *recode;  /* recode[item * CATEGORIES_MAX + declared category] = category in the model;
                      * empty categories are collapsed downward */
    bool *collapsed; /* one an item: some category was empty */
    bool *prior;     /* one an item: its slope ran away, so that it was given a prior */
    double *mean_se, *variance_se; /* one a group; 0 where fixed */
    double *group_n;               /* persons with an answer, not weighted */
    /* Where asked for, the covariance matrix of all estimates, n_covariance², from the observed
     * information; 0 for what is fixed. Item i stands from item_at[i] on: its slope (where the
     * model has slopes), then its locations; after the last item each group's mean and variance. */
    double *covariance;
    size_t n_covariance, *item_at;
    size_t persons; /* with at least one answer */
    double loglik, deviance, aic, bic;
    size_t parameters;
    int iterations, nodes;
    bool converged;
    double reliability_eap, reliability_wle;
};

bool scale_fit(const struct responses *responses, const struct fit_options *options,
               struct pool *pool, struct arena *arena, struct fit_result *out, struct error *error);

/* 500-point scale: points = 500 + 100 (θ − mean)/sd of the base wave's latent distribution. */
double points_from_theta(double theta, double base_mean, double base_sd);

#endif

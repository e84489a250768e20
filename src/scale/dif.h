/* dif.h - differential item functioning: items that work differently in groups of persons.
 *
 * Layer: scale. Pure. An item has DIF when persons of two groups with the same θ answer it
 * differently. Tested by likelihood ratio (Thissen, Steinberg and Wainer 1993) in models with
 * several groups, each with a mean and a variance of its own:
 *
 *   1. All items equal over groups, but for those that are split (none at first): the base.
 *   2. For each item the base with this item split by group, that is, with parameters of its own in
 *      each group, against the base with it equal: χ² is the difference of the deviances, df
 * (groups − 1) × parameters of the item. All others are the anchor, at parameters estimated anew.
 *   3. Purification: items of class B or C, and those that cross, become split ones for good, at
 * most half of those compared (those with the largest effect first), and 1 and 2 are done again,
 * until no new one is found.
 *
 * Effect of an item in a focal group, from the fit in which it is split: ā Σ_h w_h (b_h,focal −
 * b_h,reference), in logits: how much harder a step is for the focal group at the same θ. ā is the
 * mean of the two slopes (1 for rasch and pcm), so that with one step it is the difference of the
 * logits halfway between the two locations. w are the weights with the least error, V⁻¹1 scaled to
 * sum 1 with V the covariance matrix of the step differences, none below 0.
 *
 * Class, in the manner of ETS (Zwick 2012; Δ = 1 and 1.5 are .43 and .64 logit): A where the test
 * (p_adjusted) or the effect is not significant at .05 or |effect| < .43; C where |effect| ≥ .64
 * and significantly above .43 (one-sided .05); else B. p_adjusted: Benjamini and Hochberg over the
 * items.
 *
 * Unsigned effect: the shift, in logits, that would move the expected answers as much, root mean
 * square over the focal group's θ. An item crosses when it is significant and of class A, but its
 * unsigned effect is .43 or more: higher at some levels and lower at others.
 *
 * Groups in which an item cannot be told (no answers, or all alike) are not tested for it, and
 * their answers to it are missing: as an anchor that cannot be tested it would shift the group, and
 * all other items with it. An item told in one group only is never an anchor;
 * categories that some group did not use are joined with the one below for this item.
 *
 *     struct dif_options options = dif_defaults();
 *     options.model = MODEL_PCM;
 *     struct dif_result dif;
 *     if (!scale_dif(&responses, &options, pool, arena, &dif, error)) return false;
 *     use(dif.items[0].p_adjusted, dif.items[0].contrasts[0].effect);
 *
 * Errors: dif.one_group, dif.small_group {group, n, least}, dif.nothing_common {group} (no item ties
 * it to the reference, directly or by way of other groups), dif.not_converged, dif.memory, and those
 * of scale_fit(), whose item and group are places here as well.
 */
#ifndef LAERKE_SCALE_DIF_H
#define LAERKE_SCALE_DIF_H

#include "scale/fit.h"

#define DIF_SMALL 0.43 /* logits */
#define DIF_LARGE 0.64
#define DIF_LEVEL 0.05
enum { DIF_GROUP_LEAST = 30 }; /* persons with an answer in each group */

enum dif_class { DIF_UNTESTED, DIF_A, DIF_B, DIF_C };

struct dif_options {
    enum irt_model model;
    size_t reference; /* the group that the others are compared with; an item that cannot be told in
                       * it is compared with the first group in which it can */
    int rounds_most;  /* of purification; 1: none */
    void (*progress)(void *context, double fraction); /* may be NULL */
    void *progress_context;
};
struct dif_options dif_defaults(void); /* reference 0, at most 5 rounds */

/* An item in a focal group. NaN where not tested. */
struct dif_contrast {
    size_t group;
    double n; /* answers there */
    double effect, se;
    double slope_difference, slope_difference_se; /* focal less reference; NaN without slopes */
    double unsigned_effect;
    double score_difference; /* expected answer with the focal group's parameters less that with the
                              * reference's, over the focal group's θ; in categories */
    enum dif_class class;
};

struct dif_item {
    bool tested, converged; /* not converged: no numbers */
    bool split;             /* in the base of the last round: the other items do not lean on it */
    bool joined;            /* categories were joined */
    size_t reference;
    double n_reference;
    double chi2, df, p, p_adjusted; /* NaN where not tested */
    enum dif_class class;           /* the largest of its contrasts */
    bool crosses;                   /* in some contrast */
    struct dif_contrast *contrasts; /* one a group but the reference, in order */
};

struct dif_result {
    struct dif_item *items;
    size_t n_groups;
    double *mean, *variance, *group_n; /* of θ in the base of the last round; persons */
    double deviance;                   /* of that base */
    size_t persons;
    int rounds;
    bool settled; /* the last round found no item that was not split in it */
};

bool scale_dif(const struct responses *responses, const struct dif_options *options,
               struct pool *pool, struct arena *arena, struct dif_result *out, struct error *error);

const char *dif_class_name(enum dif_class class); /* "A", "B", "C"; "" untested */

#endif

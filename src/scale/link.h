/* link.h - two calibrations of the same items put on one metric, and how sure that is.
 *
 * Layer: scale. Pure. Calibrations are linked by the items that they share:
 *
 *     θ_to = A θ_from + B        b_to = A b_from + B        a_to = a_from / A
 *
 * with A the slope and B the intercept. Methods (b̄: mean of an item's steps; m items):
 *
 *   mean-mean       A = Σ a_from / Σ a_to, 1 for rasch and pcm; B = mean(b̄_to) − A mean(b̄_from)
 *                   (Loyd and Hoover 1980, doi:10.1111/j.1745-3984.1980.tb00825.x)
 *   mean-sigma      A = SD(b_to) / SD(b_from), B = mean(b_to) − A mean(b_from), over all steps
 *                   (Marco 1977, doi:10.1111/j.1745-3984.1977.tb00033.x)
 *   haebara         least Σ_q w_q Σ_i Σ_k (P_ik,to(θ_q) − P_ik,from((θ_q − B)/A))²
 *                   (Haebara 1980, doi:10.4992/psycholres1954.22.144)
 *   stocking-lord   least Σ_q w_q (T_to(θ_q) − T_from((θ_q − B)/A))², T = Σ_i Σ_k k P_ik
 *                   (Stocking and Lord 1983, doi:10.1177/014662168300700208)
 *
 * The curves are compared on the scale that is linked to (not symmetrically), at 81 equispaced θ_q
 * over ±4 SD of its latent distribution, w_q its normal density. rasch and pcm have slope 1 on both
 * sides: the curves then move by B alone, and mean-sigma, which always has a slope of its own, does
 * not fit them.
 *
 * Drift of item i: b̄_to − (A b̄_from + B), θ of the scale that is linked to. Link error √(s²/m), s
 * the SD of the drifts (m − 1) (Monseur and Berezner 2007), and as a check the jackknife over whole
 * items.
 *
 *     struct link_options options = { MODEL_PCM, LINK_MEAN_MEAN, .mean = 0, .sd = 1 };
 *     struct link_result link;
 *     if (!scale_link(later, base, m, &options, arena, &link, error)) return false;
 *     theta_on_base = link.slope * theta + link.intercept;
 *
 * Errors: link.no_items, link.spread, link.slope, link.memory.
 */
#ifndef LAERKE_SCALE_LINK_H
#define LAERKE_SCALE_LINK_H

#include "scale/model.h"

struct arena;
struct error;

enum link_method { LINK_MEAN_MEAN, LINK_MEAN_SIGMA, LINK_HAEBARA, LINK_STOCKING_LORD };

#define LINK_DROP_LOGITS 0.5 /* from the median drift; methods: docs/methods/linking.md */
enum { LINK_ITEMS_LEAST = 5, LINK_NONE_DROPPED = -1 };

struct link_options {
    enum irt_model model;
    enum link_method method;
    double mean, sd; /* of θ on the scale that is linked to; sd > 0; for the curves alone */
    bool drop;       /* leave out the farthest item, once, where it stands LINK_DROP_LOGITS off */
};

struct link_result {
    double slope, intercept;
    size_t n_used;       /* items, without the dropped one */
    int dropped;         /* its place, or LINK_NONE_DROPPED */
    double *drift;       /* one an item; of the dropped one too */
    int farthest;        /* the item whose drift is farthest from the median one, of those used */
    double farthest_off; /* how far, in logits: times the item's mean slope on the two sides */
    /* NaN with one item. */
    double drift_sd, link_error;
    double slope_jackknife_se, intercept_jackknife_se; /* the second is the link error's check */
};

/* from and to: n items each, the same ones with the same categories, in the same order. */
bool scale_link(const struct item_parameters *from, const struct item_parameters *to, size_t n,
                const struct link_options *options, struct arena *arena, struct link_result *out,
                struct error *error);

/* Whether a trend may be shown: five link items, or all of the scale's. */
bool link_holds_trend(size_t n_used, size_t n_scale);

/* The drift of one format's scales pooled, √(Σ(m − 1)s² / Σ(m − 1)): drift_sd and n_used of n
 * links. NaN where none has two items. And the link error that follows for a scale with m items. */
double link_pooled_drift(const double *drift_sd, const size_t *n_used, size_t n);
double link_error_of(double drift_sd, size_t m);

/* "mean-mean" … "stocking-lord", and back; false for an unknown word. */
const char *link_method_name(enum link_method method);
bool link_method_from_name(const char *name, enum link_method *out);

#endif

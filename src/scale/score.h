/* score.h - persons' scores: WLE, EAP and independent plausible values.
 *
 * Layer: scale. Pure. codes are those of the model (recoded, see fit.h).
 */
#ifndef LAERKE_SCALE_SCORE_H
#define LAERKE_SCALE_SCORE_H

#include "scale/model.h"

struct arena;
struct error;
struct pool;

/* One a person. Persons without an answer: n_items 0 and NaN elsewhere. */
struct person_score {
    int n_items;
    double raw;           /* sum of categories */
    double wle, wle_se;   /* Warm (1989); finite for perfect and zero scores */
    double eap, eap_sd;   /* prior: the person's group's latent distribution */
};

/* scores has n_persons places. Fails with score.memory alone, as scale_plausible() does. */
bool scale_score(const struct responses *responses, const struct scale_model *model,
                 struct pool *pool, struct arena *arena, struct person_score *scores,
                 struct error *error);

/* EAP reliability: Var(eap) / (Var(eap) + mean(eap_sd²)); WLE reliability: 1 − mean(se²)/Var(wle). */
void scale_reliability(const struct person_score *scores, const double *weights, size_t n_persons,
                       double *eap, double *wle);

/* draws plausible values a person without conditioning, from the posterior on a fine grid:
 * pv[draw * n_persons + person]; NaN for persons without an answer. */
bool scale_plausible(const struct responses *responses, const struct scale_model *model, int draws,
                     uint64_t seed, struct pool *pool, struct arena *arena, double *pv,
                     struct error *error);

#endif

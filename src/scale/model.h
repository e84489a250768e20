/* model.h - item response models: what is estimated and what answers are.
 *
 * Layer: scale (above num). Pure. Logits without the 1.7. With K+1 categories 0..K there are K steps:
 *
 *   rasch, pcm   P(X = k | θ) ∝ exp Σ_{h≤k} (θ − b_h)            θ ~ N(0, σ²), σ² free
 *   2pl, gpcm    P(X = k | θ) ∝ exp Σ_{h≤k} a (θ − b_h)          θ ~ N(0, 1)
 *   grm          logit P(X ≥ k | θ) = a (θ − b_k)                θ ~ N(0, 1)
 *
 * (Masters 1982; Muraki 1992; Samejima 1969.) `location` of step h is b_h.
 */
#ifndef LAERKE_SCALE_MODEL_H
#define LAERKE_SCALE_MODEL_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum irt_model { MODEL_RASCH, MODEL_PCM, MODEL_2PL, MODEL_GPCM, MODEL_GRM };

/* Answers: codes[person * n_items + item], category 0..K or CODE_MISSING. */
enum { CODE_MISSING = -1, STEPS_MAX = CATEGORIES_MAX - 1 };
struct responses {
    size_t n_persons, n_items;
    const int8_t *codes;
    const double *weights; /* one a person, > 0; NULL: all 1 */
    const int *groups;     /* 0..n_groups-1 a person; NULL: one group */
    size_t n_groups;       /* 1 when groups is NULL */
};

struct item_parameters {
    int steps; /* K: highest category; after collapsing, see fit.h */
    double slope, slope_se;
    double location[STEPS_MAX], location_se[STEPS_MAX];
};

/* A calibrated scale. Everything that scoring needs. */
struct scale_model {
    enum irt_model model;
    size_t n_items;
    struct item_parameters *items;
    size_t n_groups;
    double *mean, *variance; /* of θ, one a group */
};

/* log P(X = k | θ) for k = 0..steps into out. */
void model_log_probabilities(enum irt_model model, const struct item_parameters *item, double theta,
                             double out[CATEGORIES_MAX]);

/* "rasch" … "grm", and back; false for an unknown word. */
const char *model_name(enum irt_model model);
bool model_from_name(const char *name, enum irt_model *out);
bool model_has_slopes(enum irt_model model);

#endif

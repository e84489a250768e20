/* measure.h - one scale of one survey: calibrated, linked, drawn. Inside publish.
 */
#ifndef LAERKE_PUBLISH_MEASURE_H
#define LAERKE_PUBLISH_MEASURE_H

#include "publish/panel.h"
#include "scale/fit.h"
#include "scale/link.h"

struct pool;
struct store;

enum { PLAUSIBLE_VALUES = 10, CALIBRATION_MIN = 30 };

/* Item parameters of the wave that a scale was first published in. */
struct base_scale {
    int wave;               /* 0: this wave is the base */
    double mean, sd;        /* latent, of the base wave's model */
    size_t n_items;
    const char **items;
    struct item_parameters *parameters; /* one an item */
};

/* How a wave stands on its base's metric. */
struct measure_link {
    int base;               /* its wave; 0: this wave is the base */
    bool trend;             /* false: too few items, and the scale begins anew */
    size_t items;           /* that link, without the dropped one */
    int dropped;            /* of the instrument; LINK_NONE_DROPPED */
    double drift_sd;        /* of the items, in logits; NaN with one */
};

struct measure {
    bool calibrated;        /* false: too few answers, too few items with two categories in use, or */
    bool failed;            /* answers that the model finds no end for (all in one order, say) */
    size_t n;               /* persons with at least one answer */
    size_t *row;            /* their rows in the survey */
    bool *valid;            /* answered at least half of what they saw: they count in results */
    size_t n_items;
    size_t *items;          /* of the instrument, those that are calibrated */
    struct fit_result fit;
    double mean, sd;        /* points = 500 + 100 (θ − mean)/sd, θ on this wave's metric */
    struct measure_link link;
    double *pv;             /* points; pv[draw * n + person] */
    double *wle;            /* points, one a person */
    double *tau2_class, *tau2_school, *sigma2; /* points², one a draw */
    /* One a unit, points; NaN where the level was not in the model. */
    double *unit_mean, *unit_sd;
};

/* All of it lives in arena, which the caller drops after the scale has been aggregated. */
bool measure_scale(const struct survey *survey, const struct units *units,
                   const struct scale *scale, int wave, const struct base_scale *base,
                   struct pool *pool, struct arena *arena, struct measure *out,
                   struct error *error);

/* The base of a scale as seen from a wave: the first earlier wave that published it. */
bool base_read(struct store *study, int wave, const char *scale, const char *respondent,
               struct arena *arena, struct base_scale *out, struct error *error);

#endif

/* Slopes that run away: where no finite slope is best (an item that repeats another, answers that
 * fall into one order), log |a| gets a normal prior (Mislevy 1986, doi:10.1007/BF02293979) with
 * mean 0, and what is found is the posterior's mode, in log a. Its precision is 1, or that of the
 * share of PERSONS in the sample where persons are more: the likelihood rises with their number as
 * long as the slope grows, and a prior that did not would be overrun. */
#include "scale/fit_internal.h"

#include "num/special.h"

#include <math.h>

#define PERSONS 50.0
#define SLOPE_LOST 30.0   /* in SDs of θ: a climb ends there */
#define SLOPE_RUNAWAY 6.0 /* and gives a prior to all from here on */

double prior_precision(const struct calibration *c) {
    return fmax(1, (double)c->patterns.persons / PERSONS);
}

double log_prior(const struct calibration *c, const double *x) {
    double sum = 0;
    for (size_t i = 0; c->slopes && i < c->n_items; i++) {
        if (!c->prior[i]) continue;
        double log_slope = num_log(fabs(x[c->at[i]]));
        sum -= 0.5 * log_slope * log_slope;
    }
    return sum * prior_precision(c);
}

double prior_gradient(const struct calibration *c, double slope) {
    return -prior_precision(c) * num_log(fabs(slope)) / slope;
}

double prior_curvature(const struct calibration *c, double slope) {
    return prior_precision(c) * (1 - num_log(fabs(slope))) / (slope * slope);
}

/* In SDs of the first group. */
static double slope_size(const struct calibration *c, const double *x, size_t item) {
    if (!c->slopes || c->free[c->at[item]] < 0) return 0;
    return fabs(x[c->at[item]]) * num_exp(0.5 * x[c->group_at + 1]);
}

bool slope_lost(const struct calibration *c, const double *x) {
    for (size_t i = 0; i < c->n_items; i++)
        if (!(slope_size(c, x, i) < SLOPE_LOST) && !c->prior[i]) return true;
    return false;
}

bool prior_extend(struct calibration *c, const struct ascent *ascent) {
    bool more = false;
    for (size_t i = 0; c->slopes && i < c->n_items; i++) {
        bool unidentified = ascent->unidentified >= c->at[i] &&
                            ascent->unidentified < c->at[i] + item_size(c, i);
        if (c->prior[i] || c->free[c->at[i]] < 0) continue;
        if (!unidentified && slope_size(c, ascent->x, i) < SLOPE_RUNAWAY) continue;
        c->prior[i] = more = true;
    }
    return more;
}

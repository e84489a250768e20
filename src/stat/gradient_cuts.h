/* gradient_cuts.h - linearised errors of what is cut at quartiles, within gradient.c. Layer: stat.
 */
#ifndef LAERKE_STAT_GRADIENT_CUTS_H
#define LAERKE_STAT_GRADIENT_CUTS_H

#include "stat/ranking.h"
#include "stat/strata.h"

#include <stddef.h>

/* One draw's rows. */
struct cut_rows {
    size_t n;
    const int *place;    /* of a row's cluster in strata's order */
    const double *w, *y; /* of a row */
    const struct ranking *background, *outcome;
    const size_t *cut; /* 3: where the second to fourth quarter of background begin */
    size_t top;        /* where the outcome's highest quarter begins */
    const struct strata *strata;
};

enum { CUT_QUARTERS = 4, CUT_GAP = CUT_QUARTERS, CUT_RESILIENT, CUT_STATISTICS };

/* Sampling variances of the quarters' means, of the gap and of the resilient share; NaN for a
 * quarter without rows. z: CUT_STATISTICS times the clusters. */
void cut_variances(const struct cut_rows *rows, double *z, double *variances);

#endif

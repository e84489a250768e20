/* reference.h - what a unit is compared with: the means of each grade over the programme or a
 * municipality, so that they can be weighted by the unit's mix of grades. Inside publish.
 */
#ifndef LAERKE_PUBLISH_REFERENCE_H
#define LAERKE_PUBLISH_REFERENCE_H

#include "publish/measure.h"

enum { GRADE_SLOTS = GRADE_MAX + 2, REFERENCE_SCHOOLS_MIN = 5 };

struct standard {
    bool usable;                       /* at least REFERENCE_SCHOOLS_MIN schools */
    double df;                         /* of the covariance: schools − 1 */
    double n[GRADE_SLOTS];             /* persons that count, by grade + 1 */
    double mean[PLAUSIBLE_VALUES][GRADE_SLOTS];
    double covariance[GRADE_SLOTS][GRADE_SLOTS]; /* of the grades' means; jackknife over schools */
};

struct standards {
    struct standard programme;
    struct standard *municipality;     /* one a unit; usable only for municipalities */
};

bool standards_make(const struct survey *survey, const struct units *units,
                    const struct measure *measure, struct arena *arena, struct standards *out,
                    struct error *error);

/* Σ_g share_g mean_g of one draw, and share′ C share. */
double standard_mean(const struct standard *standard, size_t draw,
                     const double share[GRADE_SLOTS]);
double standard_variance(const struct standard *standard, const double share[GRADE_SLOTS]);

#endif

/* aggregate.h - a measured scale → one cell a unit: estimates, errors, comparisons. Inside publish.
 */
#ifndef LAERKE_PUBLISH_AGGREGATE_H
#define LAERKE_PUBLISH_AGGREGATE_H

#include "publish/measure.h"
#include "stat/verdict.h"

enum reference { REFERENCE_PROGRAMME, REFERENCE_MUNICIPALITY, REFERENCES };

/* One unit × scale. All in unrounded points. */
struct unit_cell {
    size_t n, invited;           /* valid answers, and persons asked */
    bool shown;
    struct estimate mean;
    double low, high;            /* 95 % */
    double raw_mean;             /* of a class: before shrinking; else as mean */
    double sd;
    bool compared[REFERENCES];
    double reference[REFERENCES]; /* standardised to the unit's grades */
    struct contrast contrast[REFERENCES]; /* low, high and verdict by judge(), once a unit is whole */
};

/* Fills in cells (one a unit, in the units' order) but shown, low and high of the contrasts, and
 * verdicts. */
bool aggregate_scale(const struct survey *survey, const struct units *units,
                     const struct measure *measure, struct pool *pool, struct arena *arena,
                     struct unit_cell *cells, struct error *error);

/* Shares of an item's categories in each unit: counts[unit * n_categories + category], lowest first. */
bool aggregate_item(const struct survey *survey, const struct units *units, size_t item,
                    struct arena *arena, size_t **counts, struct error *error);

#endif

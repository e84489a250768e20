/* replicates.h - jackknife replicates as combinations of clusters' sums, within distribution.c.
 *
 * Layer: stat. Pure. Whatever is a sum over rows is, in a replicate, the sum over all and so many
 * times those of one stratum and of one or two clusters. Clusters are numbered by place.
 */
#ifndef LAERKE_STAT_REPLICATES_H
#define LAERKE_STAT_REPLICATES_H

#include "stat/distribution.h"
#include "stat/strata.h"

struct replicate {
    size_t stratum, place[2];
    double of_stratum, of_place[2];           /* times they are added to Σw … */
    double squares_of_stratum, squares_of[2]; /* … and to Σw² */
};

struct replicates {
    bool paired; /* JK2 */
    size_t n_places, n_strata, n_replicates;
    int *place;      /* of a row */
    size_t *rows;    /* of a place */
    size_t *stratum; /* of a place */
    struct strata strata;
    struct replicate *replicate;
    double df;
};

/* Where one cluster alone has rows there are no replicates, and df is NaN. Errors: stat.empty,
 * stat.cluster, stat.memory. */
bool replicates_make(const struct sample *sample, bool paired, struct arena *arena,
                     struct replicates *out, struct error *error);

/* The sampling variance of a statistic from its replicates' values; all: its own. NaN without
 * replicates. */
double replicates_variance(const struct replicates *r, const double *values, double all);

#endif

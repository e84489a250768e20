/* percentile.h - weighted percentiles of all rows and of replicates, within distribution.c.
 *
 * Layer: stat. Pure. A replicate's Σw up to a value is found by halving in the lists of its stratum
 * and clusters, so it costs (log n)² rather than n.
 */
#ifndef LAERKE_STAT_PERCENTILE_H
#define LAERKE_STAT_PERCENTILE_H

#include "stat/replicates.h"

/* Positions in the order of values of a part's rows, ascending, and Σw up to each. */
struct sorted_part {
    size_t *start;
    size_t *position;
    double *sum;
    size_t *next; /* scratch */
};

struct percentiles {
    const struct replicates *replicates;
    size_t n;
    double *value, *sum; /* ascending; Σw up to each */
    struct sorted_part places, strata;
    struct sorted_value *order; /* scratch */
};

/* Memory for n rows. False: none. */
bool percentiles_make(size_t n, const struct replicates *replicates, struct arena *arena,
                      struct percentiles *out);

/* Sorts one draw; weights NULL: 1. */
void percentiles_fill(struct percentiles *p, const double *value, const double *weights);

/* The value with share (0 to 1) of Σw up to it; replicate NULL: of all rows. NaN where it has none.
 */
double percentiles_at(const struct percentiles *p, double share, const struct replicate *replicate);

/* The share of Σw with values up to value. */
double percentiles_share(const struct percentiles *p, double value,
                         const struct replicate *replicate);

#endif

/* distribution.h - SDs and percentiles of plausible values, with their errors.
 *
 * Layer: stat. Pure. Beside mean.h, whose struct sample it takes; here no value is NaN.
 *
 *     const double percentages[] = { 10, 50, 90 };
 *     struct distribution d;
 *     distribution_fit(&sample, SAMPLING_JACKKNIFE, 3, percentages, arena, &d, error);
 */
#ifndef LAERKE_STAT_DISTRIBUTION_H
#define LAERKE_STAT_DISTRIBUTION_H

#include "stat/estimate.h"
#include "stat/mean.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

enum sampling_error {
    SAMPLING_JACKKNIFE, /* as mean_jackknife() */
    SAMPLING_JK2,       /* as mean_jk2() */
    SAMPLING_LINEARISED /* Taylor; percentiles by Woodruff 1952, doi:10.1080/01621459.1952.10483443
                         */
};

/* The SD and percentiles of each draw with its sampling variance, combined by Rubin's rules. The
 * error of the SD is that of the variance (divisor Σw − Σw²/Σw) over 2 SD; the SD is the root of
 * the mean variance, as in mean.h. Percentile p is the least value with Σw up to it of p % of all,
 * halfway to the next where it is that exactly (type 2 of Hyndman and Fan 1996,
 * doi:10.2307/2684934). An error that cannot be (one cluster; a replicate with one row) is NaN; a
 * single row has SD 0.
 *
 * The 95 % interval of a percentile is Woodruff's (1952, doi:10.1080/01621459.1952.10483443): the
 * percentiles at the ends of the interval for the share up to it. The jackknife is right for that
 * share, but not for a percentile itself, which moves in steps: from its error (percentile.se) an
 * interval would be too short. Linearised, the error is half the interval over t. */
struct distribution {
    struct estimate sd;
    struct estimate *percentile; /* in the arena, as both below */
    double *percentile_low, *percentile_high;
};

/* percentages are over 0 and under 100. Errors: stat.empty, stat.cluster, stat.memory. */
bool distribution_fit(const struct sample *sample, enum sampling_error how, size_t n_percentiles,
                      const double *percentages, struct arena *arena, struct distribution *out,
                      struct error *error);

#endif

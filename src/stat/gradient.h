/* gradient.h - the social gradient: how far an outcome follows background, with jackknife errors.
 *
 * Layer: stat. Pure. methods.md §5. Willms 2003 (Ten Hypotheses about Socioeconomic Gradients);
 * OECD 2019, PISA 2018 Results II, ch. 2 and annex A3.
 *
 * Every statistic is computed anew without each cluster, cuts between quarters and cluster means
 * included (delete-one-cluster jackknife, stratified as in strata.h), for every plausible value,
 * and combined by Rubin's rules. A replicate costs what the cluster has: sums are kept by cluster,
 * and only rows that some replicate puts into another quarter are looked at again.
 *
 *     struct gradient_input input = { .n = n, .draws = 5, .y = y, .background = x,
 *                                     .cluster = school, .n_clusters = schools };
 *     struct gradient g;
 *     if (!gradient_fit(&input, arena, &g, error)) ...
 *     g.statistic[GRADIENT_SLOPE].value ...
 */
#ifndef LAERKE_STAT_GRADIENT_H
#define LAERKE_STAT_GRADIENT_H

#include "stat/estimate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;

/* All numbers are finite. */
struct gradient_input {
    size_t n, draws;          /* rows; plausible values of the outcome */
    const double *y;          /* y[draw * n + row] */
    const double *background; /* one a row */
    const double *weights;    /* over 0; NULL: 1 */
    const int *cluster;       /* of a row, 0..n_clusters-1; clusters without rows do not count */
    size_t n_clusters;
    const int *stratum; /* of a cluster; NULL: one stratum */
    /* Quarters are cut over the rows, without weights. By default at the quartiles (type 7 of
     * Hyndman and Fan 1996, doi:10.2307/2684934), all rows at a cut in the quarter below it: they
     * may differ in size. By lot, rows with the same value are put in an order drawn by seed and
     * their number, and quarters are of one size. */
    bool by_lot;
    uint64_t seed;
};

enum gradient_statistic {
    GRADIENT_MEAN,          /* of the outcome */
    GRADIENT_INTERCEPT,     /* at background 0 */
    GRADIENT_SLOPE,         /* a unit of background */
    GRADIENT_SLOPE_SD,      /* an SD of background */
    GRADIENT_BACKGROUND_SD, /* root of Σw(x − x̄)²/Σw */
    GRADIENT_R2,            /* strength */
    GRADIENT_QUARTER_1,     /* weighted mean of the lowest quarter of background */
    GRADIENT_QUARTER_2,
    GRADIENT_QUARTER_3,
    GRADIENT_QUARTER_4,
    GRADIENT_GAP,             /* quarter 4 less quarter 1 */
    GRADIENT_SLOPE_WITHIN,    /* on the deviation from the cluster's mean */
    GRADIENT_SLOPE_BETWEEN,   /* on the cluster's mean */
    GRADIENT_CONTEXTUAL,      /* between less within */
    GRADIENT_R2_WITHIN,       /* of the variance within clusters */
    GRADIENT_R2_BETWEEN,      /* of the variance of cluster means */
    GRADIENT_OUTCOME_BETWEEN, /* share of the outcome's variance that lies between clusters */
    GRADIENT_BACKGROUND_BETWEEN,
    GRADIENT_RESILIENT, /* share of the lowest quarter of background in the highest quarter of
                         * the outcome; 1/4 only where they are independent */
    GRADIENT_STATISTICS
};

struct gradient {
    /* df: clusters − strata, by Rubin's rules. NaN: a value that is undefined (R² of outcomes that
     * are all alike, a quarter without rows), or an error that is (a replicate's value is
     * undefined). */
    struct estimate statistic[GRADIENT_STATISTICS];
    /* The same by Taylor linearisation: of intercept and slope, of the quarters' means, the gap and
     * the resilient share, cuts included (there the jackknife goes in steps, and its errors are too
     * large). NaN for the others. */
    struct estimate linearised[GRADIENT_STATISTICS];
    size_t quarter_n[4]; /* rows */
    size_t clusters, strata;
};

/* Errors: those of regression_fit(); stat.collinear {column: 1} where background is constant. */
bool gradient_fit(const struct gradient_input *input, struct arena *arena, struct gradient *out,
                  struct error *error);

/* "slope", "r2", "quarter_1", …; and the scale of its interval. */
const char *gradient_name(enum gradient_statistic statistic);
enum estimate_scale gradient_scale(enum gradient_statistic statistic);

#endif

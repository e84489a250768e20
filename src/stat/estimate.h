/* estimate.h - an estimate with its error, and how errors are combined.
 *
 * Layer: stat (above num). Pure.
 */
#ifndef LAERKE_STAT_ESTIMATE_H
#define LAERKE_STAT_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

/* df: degrees of freedom of the error; HUGE_VAL for a normal. */
struct estimate {
    double value, se, df;
};

/* Half the width of the interval at confidence (0.95): t quantile × se. */
double estimate_half_width(struct estimate estimate, double confidence);

/* The scale on which an interval is symmetric: the number's own; the logit of a share; Fisher's z
 * of a correlation, for its square (Fisher 1921, Metron 1, 3–32). */
enum estimate_scale { SCALE_PLAIN, SCALE_SHARE, SCALE_R2 };

/* The interval at confidence. Shares and squares stay within 0 and 1; where value is 0 or 1, which
 * have no place on the other scale, the plain interval ends there. NaN without an error. */
void estimate_interval(struct estimate estimate, enum estimate_scale scale, double confidence,
                       double *low, double *high);

/* Rubin's rules: m values with their sampling variances, every one used (Rubin 1987). Degrees of
 * freedom are Satterthwaite's of the two parts, as Johnson and Rust have them for plausible values
 * (1992, doi:10.3102/10769986017002175); with complete_df infinite they are Rubin's. m ≥ 1. */
struct estimate rubin_combine(size_t m, const double *values, const double *variances,
                              double complete_df);

#endif

#include "stat/estimate.h"

#include "num/special.h"

#include <math.h>

double estimate_half_width(struct estimate estimate, double confidence) {
    if (estimate.se == 0) return 0;
    return student_quantile(0.5 + 0.5 * confidence, estimate.df) * estimate.se;
}

/* tanh, of |x| where it is not yet 1. */
static double hyperbolic_tangent(double x) {
    double e = num_exp(2 * fmin(fabs(x), 20));
    return copysign((e - 1) / (e + 1), x);
}

void estimate_interval(struct estimate estimate, enum estimate_scale scale, double confidence,
                       double *low, double *high) {
    double p = estimate.value, half = NAN;
    if (!isnan(estimate.se)) half = estimate_half_width(estimate, confidence);
    *low = p - half;
    *high = p + half;
    if (scale == SCALE_PLAIN || isnan(half)) return;
    if (!(p > 0 && p < 1)) {
        *low = fmax(*low, 0);
        *high = fmin(*high, 1);
    } else if (scale == SCALE_SHARE) {
        double odds = p / (1 - p), reach = num_exp(fmin(half / (p * (1 - p)), 700));
        *low = odds / (odds + reach);
        *high = odds * reach / (1 + odds * reach);
    } else {
        double r = sqrt(p), z = 0.5 * num_log((1 + r) / (1 - r)), reach = half / (2 * r * (1 - p));
        double lower = hyperbolic_tangent(fmax(z - reach, 0)),
               upper = hyperbolic_tangent(z + reach);
        *low = lower * lower;
        *high = upper * upper;
    }
}

/* Degrees of freedom of Rubin's total variance; share is the part of it that the draws add. */
static double combined_df(double m, double share, double complete_df) {
    double inverse = (1 - share) * (1 - share) / complete_df;
    if (share > 0) inverse += share * share / (m - 1);
    return inverse > 0 ? 1 / inverse : HUGE_VAL;
}

struct estimate rubin_combine(size_t m, const double *values, const double *variances,
                              double complete_df) {
    double count = (double)m, mean = 0, within = 0, between = 0;
    for (size_t i = 0; i < m; i++) {
        mean += values[i];
        within += variances[i];
    }
    mean /= count;
    within /= count;
    if (m == 1) return (struct estimate){ mean, sqrt(within), complete_df };
    for (size_t i = 0; i < m; i++) between += (values[i] - mean) * (values[i] - mean);
    double added = (1 + 1 / count) * between / (count - 1), total = within + added;
    double share = total > 0 ? added / total : 0;
    return (struct estimate){ mean, sqrt(total), combined_df(count, share, complete_df) };
}

/* verdict.h - words for a difference, from its interval and the false-discovery rate.
 *
 * Layer: stat. Pure. methods.md §3; Benjamini and Hochberg 1995, Benjamini and Yekutieli 2005.
 */
#ifndef LAERKE_STAT_VERDICT_H
#define LAERKE_STAT_VERDICT_H

#include "stat/estimate.h"

#include <stdbool.h>
#include <stddef.h>

enum verdict {
    VERDICT_NO_DIFFERENCE, /* −10 < low and high < 10: ingen reel forskel */
    VERDICT_UNCLEAR,       /* low ≤ 0 ≤ high: kan ikke skelnes */
    VERDICT_VERY_SMALL,    /* |d| < 10 */
    VERDICT_SMALL,         /* |d| < 20 */
    VERDICT_CLEAR,         /* |d| < 40: tydelig */
    VERDICT_LARGE
};

/* One contrast in points. low, high and verdict are filled in by judge(). */
struct contrast {
    struct estimate difference;
    double low, high;
    bool flagged; /* by Benjamini–Hochberg at .05 */
    enum verdict verdict;
};

/* Judges one family together (a unit's contrasts in a wave): Benjamini–Hochberg at level q flags R
 * of m. Intervals of flagged contrasts stand at confidence 1 − q R/m, of the others at 1 − q; where
 * an unflagged one would then exclude 0, at 1 − q max(R, 1)/m, which by the definition of R
 * includes it. So word and interval always agree. */
void judge(struct contrast *contrasts, size_t n, double q);

/* "no_difference", "unclear", "very_small", … as frozen. */
const char *verdict_name(enum verdict verdict);
bool verdict_from_name(const char *name, enum verdict *out);

#endif

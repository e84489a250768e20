/* effect.h - words for a change or an effect against a declared threshold, and what could be seen.
 *
 * Layer: stat. Pure. methods.md §6. The words for a difference between units are in verdict.h.
 *
 *     enum effect_verdict word = effect_judge(did, 10, true);
 */
#ifndef LAERKE_STAT_EFFECT_H
#define LAERKE_STAT_EFFECT_H

#include "stat/estimate.h"

#include <stdbool.h>

enum effect_verdict {
    EFFECT_NO_EFFECT,  /* ingen effekt af betydning */
    EFFECT_OPPOSITE,   /* modsat */
    EFFECT_DOCUMENTED, /* dokumenteret */
    EFFECT_COMPATIBLE, /* foreneligt med */
    EFFECT_UNDECIDED   /* kan ikke afgøres */
};

/* The word for effect d with its 95 % interval [l, u], the goal's direction positive, and threshold
 * T > 0 in the same unit. The first rule that holds decides:
 *
 *     −T < l and u < T  no_effect      u < 0  opposite      l > 0 and d ≥ T  documented
 *     l > 0, or d ≥ T   compatible     else   undecided
 *
 * capped: nothing above compatible is said (a comparison with only one wave before: whether the
 * groups would have moved alike cannot be seen). An effect without an error is undecided. */
enum effect_verdict effect_judge(struct estimate effect, double threshold, bool capped);

/* "no_effect", "opposite", "documented", "compatible", "undecided". */
const char *effect_name(enum effect_verdict verdict);

/* The least true effect that a two-sided test at alpha would find with probability power, given the
 * error and its degrees of freedom: (t_{1−alpha/2} + t_{power}) × se (Bloom 1995,
 * doi:10.1177/0193841X9501900504). NaN where there is no error. */
double effect_detectable(struct estimate effect, double alpha, double power);

#endif

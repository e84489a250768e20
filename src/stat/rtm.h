/* rtm.h - the regression to the mean that is to be expected of chosen schools.
 *
 * Layer: stat. Pure. methods.md §6.
 *
 * Schools that are chosen for a low (or high) result move towards the mean by themselves. Beside
 * the change that all schools share, those chosen are expected to move by
 *
 *     (ρ − 1)(x̄ − μ)      ρ = Cov(x₁, x₂)/Var(x₁) among the schools not chosen
 *
 * with x₁, x₂ a school's means in the two waves, x̄ the mean of the chosen and μ that of all in the
 * first wave. Each school weighs as its rows of the first wave do, so that the number can be laid
 * beside the chosen schools' before/after change. It is never taken from a
 * difference-in-differences.
 */
#ifndef LAERKE_STAT_RTM_H
#define LAERKE_STAT_RTM_H

#include "stat/change.h"

struct rtm {
    struct estimate expected; /* se: jackknife over all schools, the mean of the chosen being given;
                               * df of one draw: others − 2 */
    double rho, chosen_mean, mean; /* means over draws */
    size_t chosen, others;         /* schools that are in both waves */
};

/* chosen[cluster]: 1 chosen, 0 not, below 0 left out. Strata, persons and link error are not read.
 * Errors: stat.rtm_schools (no chosen school in both waves, or fewer than three others),
 * stat.rtm_alike (the others all have the same mean), stat.cluster, stat.memory. */
bool rtm_expected(const struct change_input *input, const int *chosen, struct arena *arena,
                  struct rtm *out, struct error *error);

#endif

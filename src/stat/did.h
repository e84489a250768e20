/* did.h - difference-in-differences with clusters as the units that were treated.
 *
 * Layer: stat. Pure. methods.md §6. By weighted least squares over the rows,
 *
 *     y = a + b wave + c treated + Σ γ_g grade_g + δ wave × treated
 *
 * δ is how much more the treated changed than the others, at the same grades where these are given:
 * the effect, if both would have changed alike without it. Errors: CR2 over clusters with
 * Satterthwaite's degrees of freedom (stat/regression.h), for few treated clusters among many are
 * what is met. A shift of the second wave's scale moves both groups alike: the link error cancels
 * and is not read.
 */
#ifndef LAERKE_STAT_DID_H
#define LAERKE_STAT_DID_H

#include "stat/change.h"

struct did {
    struct estimate effect; /* se and df NaN where one cluster alone is treated, or is not */
    size_t rows[2];         /* that went in, by wave */
    size_t treated, others; /* clusters with rows in either wave */
    size_t grades;          /* columns for grades that were not already in the others */
};

/* treated[cluster]: 1, 0, below 0 left out. grade[row] is 0..n_grades-1; n_grades 0: none. Strata,
 * persons and link_se of input are not read. Errors: stat.did_cells (treated or others have no row
 * in a wave), stat.did_grades (the grades already tell the treated in the second wave apart),
 * stat.cluster, stat.memory. */
bool did_estimate(const struct change_input *input, const int *treated, const int *grade,
                  size_t n_grades, struct arena *arena, struct did *out, struct error *error);

#endif

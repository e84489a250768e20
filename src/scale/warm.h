/* warm.h - Warm's (1989) weighted likelihood estimate, doi:10.1007/BF02294627.
 *
 * Layer: scale, for its own files. Pure. The left side of S(θ) + J(θ)/2I(θ) = 0 is summed from
 * tables of the items at equispaced nodes, eight of them at a time; the root is that of the
 * polynomial of degree 7 through them. Where its last differences do not tell an error below 1e-7
 * of it, or the root lies off the tables, the equation itself is solved.
 *
 *     struct warm warm;
 *     if (!warm_make(&model, pool, arena, &warm)) ...
 *     double theta = warm_estimate(&warm, codes, &se);
 */
#ifndef LAERKE_SCALE_WARM_H
#define LAERKE_SCALE_WARM_H

#include "scale/model.h"

struct arena;
struct pool;

enum { WARM_STARTS = 64 };

struct warm {
    const struct scale_model *model;
    double low, step;
    size_t nodes; /* 0: no tables, the test is too large or too steep for them */
    size_t *item_at;
    double *rows;   /* [(item_at[item] + r) * nodes + node]; r 0: I, 1: J, 2 + k: S of category k */
    double *weight; /* of an item's category in the sum that chooses where to begin */
    double start[WARM_STARTS + 1]; /* θ by that sum's share of its most */
    double centre, spread;         /* of the steps */
};

/* False when memory is out. model must outlive it. */
bool warm_make(const struct scale_model *model, struct pool *pool, struct arena *arena,
               struct warm *out);

/* codes: one an item, one answer at least. Finite for perfect and zero scores; the same for the
 * same codes. */
double warm_estimate(const struct warm *warm, const int8_t *codes, double *se);

#endif

/* fit_pairs.h - what fit_information.c and fit_pairs.c share; nobody else includes it.
 *
 * Layer: scale. Pure. Σ_p w_p E_p[s s′] between items needs, for each pair, rows of nodes. By
 * category: the expected number of persons for each pair of categories. For the other models, whose
 * scores are s_a = xθ + ∂T/∂a and s_c = ∂T/∂c (and a constant that no covariance sees): that of
 * those who answered both, and Σ w x_i posterior of these. (Σ w x_i x_j E θ² has no rows: see
 * fit_information.c.)
 *
 * A mask adds its rows to the pairs of its items; or where nearly everything is answered, to those
 * of an item that it has with one that it lacks, which are taken from the item's own at the end.
 */
#ifndef LAERKE_SCALE_FIT_PAIRS_H
#define LAERKE_SCALE_FIT_PAIRS_H

#include "scale/fit_internal.h"

/* Rows of the items [from, to) with all others (by category: with those before them). */
struct pairs {
    const struct calibration *c;
    size_t from, to;
    bool by_absence;
    size_t size;         /* doubles an item */
    double *mass, *tilt; /* ((item − from) × items + other) × node; tilt: of the first item's x */
    double *own;         /* one mask's: item × node Σ w x posterior; with its list of items */
    double *own_mass;    /* node: Σ w posterior */
};

bool pair_rows_make(const struct calibration *c, bool by_absence, size_t from, size_t to,
                    struct pairs *out, struct arena *arena);
/* Items in a band of memory not larger than most, at least one. */
size_t pair_rows_band(const struct calibration *c, size_t most);
void pair_rows_clear(struct pairs *pairs);
/* Spreads own and own_mass at the nodes of span over the pairs of a mask, and clears them. */
void pair_rows_spread(struct pairs *pairs, size_t mask, struct span span);
/* Σ w E[s s′] of all pairs of the group, and of its items with itself, taken from out (n_free²). */
void pair_rows_subtract(struct pairs *pairs, const double *x, size_t group, double *out);

/* Adds value at the places a, b of x to the lower triangle. */
void information_add(const struct calibration *c, double *out, size_t a, size_t b, double value);
/* The group's score at a node: (z/σ, (z² − 1)/2). */
void group_score(const struct calibration *c, const double *x, size_t group, double *mean,
                 double *spread);

#endif

/* polychoric.h - items with ordered categories as cuts through normal variables: their
 * correlations, and the reliability of the sum score that follows from one factor behind them.
 *
 * Layer: stat. Pure. Listwise: persons who answered every item. Two steps (Olsson 1979,
 * doi:10.1007/BF02296207): thresholds from each item's margin, then each correlation by maximum
 * likelihood, its rectangle probabilities by num/bivariate.h. No cell is corrected; a correlation
 * whose likelihood climbs to the border (an empty cell in a table of two by two, two items answered
 * alike) is held at ±.999.
 */
#ifndef LAERKE_STAT_POLYCHORIC_H
#define LAERKE_STAT_POLYCHORIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct parallel;
struct pool;

enum { POLYCHORIC_CATEGORIES_MAX = 20 };

struct polychoric_item {
    size_t n_thresholds; /* one less than the categories in use */
    double threshold[POLYCHORIC_CATEGORIES_MAX];
    double rise[POLYCHORIC_CATEGORIES_MAX]; /* of the code above the threshold, 1 without gaps */
};

struct polychoric {
    size_t n, k;
    struct polychoric_item *item;
    const uint8_t *category; /* answers in categories without gaps: [item * n + person] */
    double *correlation;     /* k × k */
    size_t held;             /* pairs held at ±.999 */
    double least_eigenvalue; /* 0 or below: the matrix is not positive definite */
};

/* codes as in reliability.h. Errors: stat.few_items, stat.few_persons {persons}, stat.constant_item
 * {item}, stat.categories {item, most} (more than POLYCHORIC_CATEGORIES_MAX in use), stat.memory.
 */
bool polychoric_correlations(const int8_t *codes, size_t n_persons, size_t n_items,
                             struct arena *arena, struct polychoric *out, struct error *error);

struct polychoric_omega {
    double omega;
    double *loading; /* one an item, of the normal variables; NULL below three items */
    bool heywood;    /* one stands at its bound, an error variance of .005 */
};

/* The share of the sum score's variance that two forms with the same factor and independent errors
 * would have in common (Green and Yang 2009, doi:10.1007/s11336-008-9099-3, eq. 21):
 *
 *     Σ_ij Σ_ab r_ia r_jb [Φ₂(τ_ia, τ_jb; λ_i λ_j) − Φ(τ_ia) Φ(τ_jb)]  over the same sum with ρ_ij
 *
 * r the rises, ρ_ij the polychoric correlations and ρ_ii = 1. One factor by minres, which takes a
 * matrix that is not positive definite as it is. omega is NaN below three items. Errors:
 * stat.factor, stat.memory. */
bool polychoric_omega(const struct polychoric *polychoric, struct arena *arena,
                      struct polychoric_omega *out, struct error *error);

/* Parallel analysis (dimension.h) of the polychoric correlations: beside their eigenvalues those of
 * the same answers with each item's shuffled over the persons (Buja and Eyuboglu 1992,
 * doi:10.1207/s15327906mbr2704_2), so that margins and thresholds are the same. The bits do not
 * depend on the pool's threads. Errors: stat.few_for_parallel {persons, items}, stat.memory. */
bool polychoric_parallel(const struct polychoric *polychoric, size_t replicates, uint64_t seed,
                         struct pool *pool, struct arena *arena, struct parallel *out,
                         struct error *error);

#endif

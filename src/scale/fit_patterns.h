/* fit_patterns.h - what fit_recode.c, fit_masks.c and fit_patterns.c share; nobody else includes
 * it.
 *
 * Layer: scale. Pure. Persons are cut into pieces by their number alone. A piece counts its
 * categories and numbers its masks; these numbers are joined in the order of the pieces, and the
 * persons are put into the order of their masks. Within a mask they are sorted by a key (sum of the
 * answers, then the answers), and alike neighbours become one pattern.
 */
#ifndef LAERKE_SCALE_FIT_PATTERNS_H
#define LAERKE_SCALE_FIT_PATTERNS_H

#include "scale/fit_internal.h"

#define MASK_NONE UINT32_MAX

/* Keys of equal length (in words), numbered in the order in which they were first met. */
struct key_table {
    size_t words, n, room, slots; /* slots: a power of two */
    uint32_t *slot;               /* number + 1, 0: empty */
    uint64_t *key;
    struct arena *arena;
};
bool key_table_make(struct key_table *table, size_t words, struct arena *arena);
/* The number of a key, which is copied when new; SIZE_MAX when memory is out. */
size_t key_number(struct key_table *table, const uint64_t *key);

/* A piece of the persons. */
struct person_piece {
    size_t from, to;
    struct arena *arena;
    struct key_table masks;
    size_t *mask_n; /* of its masks: persons, then where the next one goes */
    size_t room;    /* of mask_n */
    uint32_t *mask; /* its masks' numbers among all, in order of group */
    double *count;  /* item × CATEGORIES_MAX, weighted */
    double *group_n;
    double weight;
    size_t persons;
    size_t bad_person, bad_item; /* the first with a category out of range; SIZE_MAX: none */
    bool ok;
};

struct collapse {
    const struct responses *responses;
    bool by_category, by_score;
    double largest_weight;
    size_t n_pieces;
    struct person_piece *pieces;
    uint32_t *mask_of; /* person: number among its piece's masks, MASK_NONE: does not count */
    const int8_t *recode;
    size_t *start;    /* mask: its first person in person[], n_masks + 1 */
    uint32_t *person; /* by mask; then the first of each pattern */
    union mark {
        uint64_t key;
        double weight;
    } * mark;           /* of these persons: key, then of these patterns: weight */
    size_t *n_patterns; /* mask */
    double scale;       /* of weights */
};

static inline int group_of(const struct responses *responses, size_t person) {
    return responses->groups ? responses->groups[person] : 0;
}
static inline double weight_of(const struct collapse *s, size_t person) {
    const double *weights = s->responses->weights;
    return weights ? weights[person] / s->largest_weight : 1;
}

/* fit_recode.c */
bool weights_check(const struct responses *responses, double *largest, struct error *error);
bool recode_all(const struct responses *responses, const struct fit_options *options,
                const double *count, int *steps, struct fit_result *out, struct error *error);
void count_steps(size_t n_items, const double *count, double scale, const int8_t *recode,
                 struct patterns *out);

/* fit_masks.c: counts categories and numbers masks; then sorts masks by group and lists them. False
 * without an error when memory is out. */
bool masks_find(struct collapse *s, struct pool *pool, struct arena *scratch);
bool masks_sort(struct collapse *s, struct patterns *out, struct arena *arena,
                struct arena *scratch);

#endif

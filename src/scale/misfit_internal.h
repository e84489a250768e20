/* misfit_internal.h - what the files of misfit.h share; nobody else includes it.
 *
 * Layer: scale. Pure.
 *
 * One pass over the persons in fixed pieces. Within a block of persons, alike ones stand together:
 * first by who answered which items, then by what. Each distinct set of answers is gone through
 * once; for rasch and pcm a posterior serves all with the same items and sum.
 *
 * "Row" is a category of an item: row_at[item] + category.
 */
#ifndef LAERKE_SCALE_MISFIT_INTERNAL_H
#define LAERKE_SCALE_MISFIT_INTERNAL_H

#include "scale/misfit.h"

#include "base/arena.h"

enum {
    NODES_LIMIT = 512,
    WIDTH = 8,        /* items are padded to whole lots of so many, */
    NODES_WIDTH = 16, /* nodes to whole lots of so many */
    LZ_PLACES = 512,  /* θ at which the terms of lz are tabled */
    PIECES_LIMIT = 16
};

/* Four nodes or items at a time, by memcpy from anywhere. */
typedef double four_doubles __attribute__((vector_size(4 * sizeof(double))));

static inline size_t padded_to(size_t lot, size_t n) { return (n + lot - 1) / lot * lot; }

struct misfit_tables {
    size_t n_nodes, padded, width; /* width: items, padded */
    double first, step;
    double *theta;  /* node */
    double *prior;  /* group × node: sums to 1; 0 in padded places */
    size_t *row_at; /* item */
    size_t n_rows;
    double *p;        /* row × node: P, at least P_LEAST; 1 in padded places */
    double *square;   /* row × node: (k − E)²/V; 0 where V is lost */
    double *excess;   /* row × node: (k − E)² − V */
    double *variance; /* item × node: V */
    double *expected; /* node × item: E; 0 for padded items */
    double lz_step;
    float *lz; /* place × (row: log P − Σ P log P; then item: its variance) */
    size_t lz_row;
};

/* Answers of n persons in the model's categories, alike ones together. */
struct block {
    size_t n, width;
    int8_t *codes;    /* person × width; CODE_MISSING for padded items */
    uint32_t *person; /* which one it is in the responses */
    uint32_t *key, *order, *spare;
    int16_t *answered;
    int *sum;
};

/* Sums over pairs of items of residuals r with weights w: Σ w, Σ w r_a, Σ w r_a², Σ w r_a r_b over
 * the persons who answered both. The first three are the same for all persons with the same mask,
 * so they are kept by mask and spread when it changes. Products are added four at a time. */
struct pair_lot { /* left and right: LOT × width */
    double *left, *right;
    size_t n;
};
struct pair_sums {
    size_t n_items, width;
    double *n, *r, *rr, *product; /* item a × width; n and product: b ≤ a alone */
    double mask_n, *mask_r, *mask_rr;
    double *seen;   /* item: 1 where the mask has it, else 0 */
    uint16_t *list; /* items of the mask */
    size_t listed;
    struct pair_lot persons, masks_n, masks_r, masks_rr;
};

/* Sums for the correlation of an item, x, with the mean of a person's other answers, y: Σ w, then
 * of w times x, y, xx, yy, xy; each over the items, width apart. */
enum { REST_SUMS = 6 };

struct misfit_sums {
    double *count;              /* group × row × node: expected numbers of answers */
    double *weight;             /* group × row: answers, weighted */
    double *number;             /* row: answers, not weighted; NULL where nobody has a weight */
    double *weight_sq;          /* item: Σ w² */
    double *complete, *partial; /* REST_SUMS × item: persons who answered all, and the others */
    size_t persons, complete_persons;
    struct pair_sums pairs;
    size_t lz_n, lz_careless;
};

struct misfit_work {
    const struct responses *responses;
    const struct fit_result *fit;
    const struct scale_model *model;
    bool by_sum, recode; /* recode: some category is not itself */
    double weight_scale;
    struct misfit_tables tables;
    size_t n_pieces, block_size, pair_every;
    struct misfit_sums
        sums[PIECES_LIMIT];  /* those of the first piece are those of all at the end */
    struct piece_room *room; /* misfit_persons.c */
    struct pool *pool;
    struct arena *scratch;
};

static inline size_t person_group(const struct responses *responses, size_t person) {
    return responses->groups ? (size_t)responses->groups[person] : 0;
}
static inline double person_weight(const struct misfit_work *work, size_t person) {
    return work->responses->weights ? work->responses->weights[person] * work->weight_scale : 1;
}
/* A person's answers in the model's categories; how many there are. out has the width of the
 * tables. */
size_t person_codes(const struct misfit_work *work, size_t person, int8_t *out);

/* misfit_tables.c. False when memory is out. */
bool misfit_tables_make(const struct scale_model *model, struct pool *pool, struct arena *arena,
                        struct misfit_tables *out);
/* The posterior of a person at all nodes; it sums to 1. */
void misfit_posterior(const struct misfit_tables *tables, size_t answers, const uint32_t *row,
                      size_t group, double *out);
/* The rows of a person's answers, and their items; returns how many. Both have the tables' width.
 */
size_t misfit_rows(const struct misfit_tables *tables, size_t n_items, const int8_t *codes,
                   uint32_t *row, uint16_t *item);

/* The terms of lz at θ. */
void misfit_lz_terms(const struct misfit_tables *tables, double theta, float *out);

/* misfit_order.c: fills block with persons [from, to) that count, and orders them. */
bool block_make(struct block *block, size_t size, size_t width, struct arena *arena);
void block_fill(const struct misfit_work *work, size_t from, size_t to, struct block *block);

/* misfit_persons.c: the pass; its sums, those of all persons, end up in work->sums[0]. */
bool misfit_pass(struct misfit_work *work);

/* misfit_pairs.c */
bool pairs_make(struct pair_sums *pairs, size_t n_items, struct arena *arena);
void pairs_mask(struct pair_sums *pairs,
                const int8_t *codes); /* those that follow have its items */
void pairs_add(struct pair_sums *pairs, const double *residual, double weight);
void pairs_end(struct pair_sums *pairs);
void pairs_join(struct pair_sums *pairs, const struct pair_sums *more);
/* Q3 of all pairs, and their mean. */
void pairs_read(const struct pair_sums *pairs, struct misfit *out);

/* misfit_variance.c: the t values of the mean squares, which out->item holds already. */
bool misfit_t_values(struct misfit_work *work, struct misfit *out);

/* misfit_statistics.c: from the sums to all but the t values and Q3. */
void misfit_read(const struct misfit_work *work, struct misfit *out);

#endif

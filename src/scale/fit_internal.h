/* fit_internal.h - what the files of the calibration share; nobody else includes it.
 *
 * Layer: scale. Pure.
 *
 * One frame for all models. An item's working parameters are its slope a (where the model has one)
 * and its intercepts c_h = a b_h; a group's are μ and v = log σ². They stand in one vector x: item
 * 0 (a, c_1 … c_K), item 1 …, group 0 (μ, v), group 1 … .
 *
 * Persons are collapsed into patterns, patterns into masks. What a pattern p says of θ is
 *
 *     log L_p(θ) = score_p θ + Σ_{i in mask} T_{i,c_i}(θ)  + a constant        T = log P(X = c | θ)
 *
 * For the slope models a mask is a whole pattern of answers with its categories c, and score is 0.
 * For rasch and pcm the sum score is sufficient: every c is 0 (T_{i,0} = −log normaliser), score_p
 * is the sum score, and Σ_h c_h N_h of the constant (N_h: answers in category h and above) is kept
 * apart. So one set of sums serves both.
 */
#ifndef LAERKE_SCALE_FIT_INTERNAL_H
#define LAERKE_SCALE_FIT_INTERNAL_H

#include "scale/fit.h"

#include "base/arena.h"
#include "base/error.h"

enum {
    NODE_LANES = 8, /* nodes are padded to whole lanes, sums over nodes run in lanes */
    NODES_MAX = 2000,
    PARAMETERS_MAX = 2000, /* a full information matrix of 32 MB */
    ITEM_PARAMETERS_MAX = STEPS_MAX + 1,
    PIECES_MAX = 16
};

/* Answers recoded into the model's categories, alike persons together. */
struct patterns {
    int8_t *codes; /* person × item, recoded */
    size_t n_masks, n;
    size_t *first;      /* mask: its first pattern, n_masks + 1 */
    size_t *item_first; /* mask: its first place in item[] and category[], n_masks + 1 */
    uint16_t *item;     /* ascending within a mask */
    uint8_t *category;
    int *group; /* of a mask; masks are sorted by it */
    int *score; /* of a pattern */
    double *weight;
    int32_t *of_person;    /* its pattern, −1 without an answer */
    double *person_weight; /* scaled to mean 1 over the persons that count; 0 for the others */
    double *answers;       /* item: weighted number of answers */
    double *at_least; /* item × STEPS_MAX: weighted number of answers in category h + 1 or above */
    double *group_n;  /* persons, unweighted */
    size_t persons;
};

/* The nodes of the groups: θ = μ + σ z. */
struct grid {
    size_t n, padded;
    double widest;          /* z runs over ±widest */
    double *z, *log_weight; /* padded places are copies of the last with weight e^−10000 */
    double *theta;          /* group × padded */
};

/* Nodes [from, to), whole lanes: a posterior is 0 but for a few SDs. */
struct span {
    uint16_t from, to;
};

struct calibration {
    enum irt_model model;
    bool slopes;
    size_t n_items, n_groups, n_all, n_free;
    struct patterns patterns;
    struct pool *pool;
    struct arena *arena;

    /* Shape: where things stand. */
    int *steps;              /* of an item */
    size_t *at;              /* item: its first place in x */
    size_t group_at;         /* group g: group_at + 2 g */
    int *free;               /* place in x → row of the matrix, −1 when fixed */
    size_t *table_at;        /* item: its first row of T (in rows of nodes, per group) */
    size_t *slope_at;        /* item: its first row of D */
    size_t n_table, n_slope; /* rows of T and D a group */

    /* At one x: */
    struct grid grid;
    double *table;     /* T[group][row(i, c)][node] */
    double *slope;     /* D[group][row(i, c, parameter)][node]: derivatives of T */
    double *expected;  /* R[group][row(i, c)][node]: expected number of answers at the node */
    double *mass;      /* group × node: expected number of persons */
    double *posterior; /* (mask / stride) × node, weighted sums; only kept when asked for, */
    struct span *span; /* with the nodes where it is not 0 */
    size_t posterior_room, span_room;
    double loglik;

    /* Only every stride-th mask is looked at, with its weight times inflate: a sample to come near
     * on, for the slope models. 1: all. */
    size_t stride;
    double inflate;

    /* Pieces of work over masks, balanced by cost. */
    size_t n_pieces, piece_first[PIECES_MAX + 1];
    double *partial; /* piece × (R, mass, loglik) */
    size_t partial_size;
};

static inline size_t item_size(const struct calibration *c, size_t item) {
    return (size_t)c->steps[item] + c->slopes;
}
/* Categories that the tables of an item hold: all, or the lowest alone. */
static inline size_t table_size(const struct calibration *c, size_t item) {
    return c->slopes ? (size_t)c->steps[item] + 1 : 1;
}
static inline double *table_row(const struct calibration *c, double *base, size_t group,
                                size_t row) {
    return base + (group * c->n_table + row) * c->grid.padded;
}
static inline double *slope_row(const struct calibration *c, size_t group, size_t row) {
    return c->slope + (group * c->n_slope + row) * c->grid.padded;
}

/* fit.c: everything of c (model, slopes, n_items, n_groups, pool and arena given) but what an x
 * fills; and an x to start from. */
bool calibration_make(struct calibration *c, const struct responses *responses,
                      const struct fit_options *options, struct fit_result *out,
                      struct arena *results, struct error *error);
void calibration_start(const struct calibration *c, const struct fit_options *options, double *x);

/* fit_patterns.c: recodes, checks and collapses. steps (one an item) holds the anchors' on entry,
 * else 0. */
bool patterns_make(const struct responses *responses, const struct fit_options *options, int *steps,
                   struct fit_result *out, struct patterns *patterns, struct arena *arena,
                   struct error *error);

/* fit_tables.c */
bool grid_make(struct calibration *c, size_t nodes, double widest);
void tables_fill(struct calibration *c, const double *x);
void item_tables_fill(struct calibration *c, const double *x, size_t item);
/* Adds Σ_q n(q) · Fisher information of the item at the nodes to out (item_size²). */
void item_fisher(const struct calibration *c, size_t group, size_t item, const double *n,
                 double *out);
/* Adds Σ_c Σ_q R_c(q) · (−∂²T_c) to out. */
void item_curvature(const struct calibration *c, size_t group, size_t item, const double *x,
                    double *out);
/* Sums over n nodes, n whole lanes; out += a, out += factor · a. */
double lane_sum(size_t n, const double *a);
double lane_dot(size_t n, const double *a, const double *b);
double lane_dot3(size_t n, const double *a, const double *b, const double *d);
double lane_largest(size_t n, const double *a);
/* Dot products of a with rows that stand step apart. */
void lane_dots(size_t n, const double *a, size_t rows, const double *b, size_t step, double *out);
void nodes_add(size_t n, const double *a, double *out);
void nodes_add_to(size_t n, const double *a, size_t rows, double *const *out); /* to each of them */
void nodes_add_scaled(size_t n, double factor, const double *a, double *out);

/* fit_sums.c: the E-step and what follows from it. */
bool sums_prepare(struct calibration *c);
bool posterior_reserve(struct calibration *c); /* before posteriors are kept */
void sums_make(struct calibration *c, const double *x,
               bool keep_posterior); /* fills R, mass, loglik */
/* log prior + log P of a mask's answers at the nodes of its group. */
void mask_base(const struct calibration *c, size_t mask, double *base);
/* The posterior of a pattern at the nodes, not yet divided by its sum, which is returned with the
 * logarithm of what was taken out. Below e^−35 of its largest it is 0; span holds the rest. */
double pattern_posterior(const struct calibration *c, size_t mask, size_t pattern,
                         const double *base, double *out, double *log_taken, struct span *span);
void sums_gradient(const struct calibration *c, const double *x, double *gradient);
void sums_maximise(struct calibration *c, const double *x, double *next); /* the M-step */

/* fit_information.c: the observed information at x after sums_make(keep_posterior), n_free² full;
 * false when memory is out. */
bool information_make(struct calibration *c, const double *x, double *out);

/* fit_maximise.c */
struct ascent {
    double *x, *gradient, *factor; /* factor: Cholesky of the information at x, or near it */
    bool has_factor;
    int iterations;
    bool converged;
    size_t unidentified; /* place in x that the information does not reach; SIZE_MAX: none */
};
bool ascent_make(const struct calibration *c, struct ascent *ascent);
/* Climbs from ascent->x on the grid of c, by the factor at hand if there is one; the sums of c are
 * those at the x it ends at. False: no memory. */
bool ascent_run(struct calibration *c, const struct fit_options *options, struct ascent *ascent);
/* Sums and factor at the x where it ended, for the standard errors. */
bool ascent_finish(struct calibration *c, const struct fit_options *options, struct ascent *ascent);

/* fit_covariance.c: the matrix of fit_result from the inverse of the information (n_free²). */
bool covariance_make(const struct calibration *c, const double *inverse, struct arena *results,
                     struct fit_result *out);

/* fit_reliability.c */
bool reliability_make(struct calibration *c, struct fit_result *out);

#endif

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
 *     log L_p(θ) = score_p θ + Σ_{i in mask} T_{i,c_i}(θ)  + a constant
 *
 * All models but grm are exponential families in θ: with D_i(θ) = log Σ_k exp(k a_i θ − Σ_{h≤k}
 * c_h), score_p = Σ a_i x_pi, T_i = −D_i whatever was answered, and the constant is −Σ_h c_h [x ≥
 * h]. So a mask is *which* items were answered; it sums its T once, and each of its patterns costs
 * one multiplication a node. Where slopes are fixed at 1 (rasch, pcm) a pattern is a sum score;
 * where they are estimated it is a set of answers, and its score follows from its codes at each x.
 * The derivatives of log L have a part that the answers give (x_pi θ for a slope, −[x ≥ h] for an
 * intercept) and one that D gives, which no answer changes.
 *
 * For grm ("by category") a mask is a whole pattern with its categories c_i, T = log P(X = c_i |
 * θ), and score is 0.
 *
 * log L_p is concave in θ in all of them (log P of grm too), so a posterior has one top, which is
 * walked to from the neighbour's.
 */
#ifndef LAERKE_SCALE_FIT_INTERNAL_H
#define LAERKE_SCALE_FIT_INTERNAL_H

#include "scale/fit.h"

#include "base/arena.h"
#include "base/error.h"

enum {
    NODE_LANES = 8, /* nodes are padded to whole lanes, sums over nodes run in lanes */
    CODE_LANES = 8, /* and so are codes */
    ANCHORS = 16,
    LOT = 32, /* patterns that are worked on together */
    NODES_MAX = 2000,
    PARAMETERS_MAX = 2000, /* a full information matrix of 32 MB */
    ITEM_PARAMETERS_MAX = STEPS_MAX + 1,
    PIECES_MAX = 16
};

/* Answers recoded into the model's categories, alike persons together. Patterns are in the order of
 * their masks, and within one of their sums, so that neighbours have posteriors that are near. */
struct patterns {
    size_t n_masks, n;
    size_t *first;      /* mask: its first pattern, n_masks + 1 */
    size_t *item_first; /* mask: its first place in item[] (and category[]), n_masks + 1 */
    uint16_t *item;     /* ascending within a mask */
    uint8_t *category;  /* by category only */
    int *group;         /* of a mask; masks are sorted by it */
    double *score;      /* of a pattern: its sum; NULL where slopes make it */
    int8_t *code; /* pattern × item, 0 where unanswered, CODE_LANES more behind the last; NULL
                   * but where slopes make the score */
    double *weight;
    double *answers;  /* item: weighted number of answers */
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
    bool slopes;      /* an item has a slope */
    bool by_category; /* grm */
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
    size_t width;            /* items, padded to whole lanes of codes */
    bool *prior;             /* item: its slope has one: the likelihood alone has no top */

    /* At one x: */
    struct grid grid;
    double *table;    /* T[group][row(i, c)][node] */
    double *all;      /* group × node: log prior + Σ_i T_i, where T has one row an item */
    double *slope;    /* D[group][row(i, c, parameter)][node]: derivatives of T */
    double *scale;    /* item (width): a, for scores; 0 in padded places */
    double *expected; /* R[group][row(i, c)][node]: expected number of answers at the node */
    double *mass;     /* group × node: expected number of persons */
    double *tilt;     /* item (width): Σ_p w x_pi E_p θ */
    double loglik, log_prior; /* what is climbed is the sum of both */
    double *said; /* of each pattern that is looked at: its part of loglik; NULL: not kept */

    /* Only every stride-th pattern is looked at, with its weight times inflate: a sample to come
     * near on, where slopes are estimated. 1: all. */
    size_t stride;
    double inflate;
    double *at_least; /* as in patterns, of what is looked at */

    /* Pieces of work over patterns, balanced by cost. */
    size_t n_pieces, piece_first[PIECES_MAX + 1];
    double *partial; /* piece × (R, mass, tilt, loglik and its sums) */
    size_t partial_size;
};

/* Patterns [from, to) of one mask, the first of them looked at; the next is stride further. */
struct run {
    size_t mask, from, to;
};

static inline size_t item_size(const struct calibration *c, size_t item) {
    return (size_t)c->steps[item] + c->slopes;
}
/* Rows of T of an item: one a category, or one in all. */
static inline size_t table_size(const struct calibration *c, size_t item) {
    return c->by_category ? (size_t)c->steps[item] + 1 : 1;
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
                   struct fit_result *out, struct patterns *patterns, struct pool *pool,
                   struct arena *arena, struct error *error);

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

/* fit_lanes.c: sums over n nodes, n whole lanes; out += a, out += factor · a. */
double lane_sum(size_t n, const double *a);
double lane_dot(size_t n, const double *a, const double *b);
double lane_dot3(size_t n, const double *a, const double *b, const double *d);
/* Dot products of a with rows that stand step apart. */
void lane_dots(size_t n, const double *a, size_t rows, const double *b, size_t step, double *out);
void nodes_add(size_t n, const double *a, double *out);
void nodes_add_to(size_t n, const double *a, size_t rows, double *const *out); /* to each of them */
void nodes_add_scaled(size_t n, double factor, const double *a, double *out);
void nodes_times(size_t n, const double *a, const double *b, double *out);
double nodes_tilt(size_t n, double first, double ratio, const double *weight, const double *theta,
                  double *out, double *moment);
/* The same with codes of items, width whole lanes. */
double codes_dot(size_t width, const double *a, const int8_t *code);
void codes_add_scaled(size_t width, double factor, const int8_t *code, double *out);
void codes_scaled(size_t width, double factor, const int8_t *code, double *out);

/* fit_sums.c: the E-step and what follows from it. */
bool sums_prepare(struct calibration *c);
void sums_make(struct calibration *c, const double *x); /* fills R, mass, tilt, loglik */
void sums_gradient(const struct calibration *c, const double *x, double *gradient);
void sums_maximise(struct calibration *c, const double *x, double *next); /* the M-step */

/* fit_posterior.c: the runs of a piece, one after another; *run is zeroed before the first. */
bool next_run(const struct calibration *c, size_t piece, struct run *run);
/* What the patterns of a mask share. */
struct mask_base {
    const double *theta; /* the nodes of its group, step apart */
    double step, spacing, per_spacing;
    size_t peak; /* where the last posterior was highest; a walk begins there */
    double log_posterior[NODES_MAX + NODE_LANES]; /* log prior + Σ T, of score 0 */
    /* Posteriors of scores spacing apart, over their values at their peaks. */
    struct anchor {
        int64_t number;
        double score, log_peak;
        size_t peak;
        const double *weight;
        struct span span;
    } anchor[ANCHORS];
    double weight[ANCHORS * (NODES_MAX + NODE_LANES)];
};
void mask_open(const struct calibration *c, size_t mask, struct mask_base *out); /* keeps peak */
double pattern_score(const struct calibration *c, size_t pattern);
/* Up to LOT patterns of a run from p on are got ready together; how many. */
struct lot {
    const struct anchor *anchor[LOT];
    double score[LOT], log_taken[LOT], first[LOT], ratio[LOT];
};
size_t lot_open(const struct calibration *c, struct mask_base *mask, const struct run *run,
                size_t p, struct lot *lot);
/* The k-th one's posterior at the nodes of the span that is returned, not yet divided by its sum.
 * Beyond the span it is lost in rounding; out is not written there. */
struct posterior_sums {
    double total, moment; /* Σ p, Σ p θ */
    double log_taken;     /* what p was divided by */
};
struct span lot_posterior(const struct mask_base *mask, const struct lot *lot, size_t k,
                          double *out, struct posterior_sums *sums);
struct span span_join(struct span a, struct span b); /* the least that holds both; to 0: none */

/* fit_information.c: the observed information at x after sums_make(), n_free² full; false when
 * memory is out. */
bool information_make(struct calibration *c, const double *x, double *out);

/* fit_maximise.c */
struct ascent {
    double *x, *gradient, *factor; /* factor: Cholesky of the information at x, or near it */
    bool has_factor;
    int iterations;
    bool converged;
    bool lost;           /* a slope grew past all sense */
    size_t unidentified; /* place in x that the information does not reach; SIZE_MAX: none */
};
bool ascent_make(const struct calibration *c, struct ascent *ascent);
/* Climbs from ascent->x on the grid of c, by the factor at hand if there is one; the sums of c are
 * those at the x it ends at. False: no memory. */
bool ascent_run(struct calibration *c, const struct fit_options *options, struct ascent *ascent);
/* Sums and factor at the x where it ended, for the standard errors. */
bool ascent_finish(struct calibration *c, const struct fit_options *options, struct ascent *ascent);

/* fit_prior.c: a normal prior of log |a| for slopes that run away. */
static inline double objective(const struct calibration *c) { return c->loglik + c->log_prior; }
double log_prior(const struct calibration *c, const double *x);
/* Adds the derivative at a slope; and minus the second one. */
double prior_gradient(const struct calibration *c, double slope);
double prior_curvature(const struct calibration *c, double slope);
double prior_precision(const struct calibration *c); /* of log |a| */
/* A free slope without a prior that has grown past all sense. */
bool slope_lost(const struct calibration *c, const double *x);
/* Gives a prior to the items that ran away in a climb that ended nowhere; false: to none more. */
bool prior_extend(struct calibration *c, const struct ascent *ascent);

/* fit_climb.c: from ascent->x to the top, with sums and factor there, on a grid that is fine
 * enough. False: no memory. */
bool climb(struct calibration *c, const struct fit_options *options, struct ascent *ascent);

/* fit_covariance.c: the matrix of fit_result from the inverse of the information (n_free²). */
bool covariance_make(const struct calibration *c, const double *inverse, struct arena *results,
                     struct fit_result *out);

/* fit_reliability.c */
bool reliability_make(struct calibration *c, struct fit_result *out);

#endif

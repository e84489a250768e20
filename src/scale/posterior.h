/* posterior.h - one person's posterior over a fine grid: its moments, and draws from it.
 *
 * Layer: scale, for score.c. Pure. The tables hold the items' log probabilities and the groups'
 * log densities at equispaced nodes; nothing is kept for a person, so that any number of persons
 * takes the same memory.
 *
 * Nodes are 0.6 of the narrowest posterior's SD s apart. The trapezoidal rule is then exact but for
 * exp(−2π²/0.36) (Trefethen and Weideman 2014, doi:10.1137/130932132). Draws come from the density
 * that is the exponential of straight lines between the nodes: for a normal the mass of every
 * interval is too small by the same factor 1 − h²/12s² + …, which cancels; what is left takes
 * h⁴/360s², 0.04 %, from s².
 */
#ifndef LAERKE_SCALE_POSTERIOR_H
#define LAERKE_SCALE_POSTERIOR_H

#include "scale/model.h"

struct arena;
struct pool;

enum { POSTERIOR_NODES_MAX = 2048, POSTERIOR_LANES = 4, POSTERIOR_BLOCK = 8 };

struct posterior_tables {
    const struct scale_model *model;
    double first, step;
    size_t nodes;      /* a multiple of POSTERIOR_BLOCK */
    size_t *item_at;   /* of an item: the row of its category 0 */
    double *log_p;     /* [(item_at[item] + category) * nodes + node] */
    double *log_prior; /* [group * nodes + node] */
};

/* False when memory is out. model must outlive the tables. */
bool posterior_tables_make(const struct scale_model *model, struct pool *pool, struct arena *arena,
                           struct posterior_tables *out);

/* Where the density is above e⁻⁴⁰ of its largest value: nodes from … to − 1, to − from a multiple
 * of POSTERIOR_BLOCK. */
struct posterior {
    size_t from, to;
    double
        sum[3]; /* of the density, and of it times the nodes' distance from the middle and square */
    double log_density[POSTERIOR_NODES_MAX];
    double density[POSTERIOR_NODES_MAX];
};

/* codes: one an item, as many as the model has. */
void posterior_make(const struct posterior_tables *tables, const int8_t *codes, size_t group,
                    struct posterior *out);
void posterior_moments(const struct posterior_tables *tables, const struct posterior *posterior,
                       double *mean, double *sd);

/* n draws into out[k * stride]; the k-th follows from (seed, stream, k). */
void posterior_draws(const struct posterior_tables *tables, const struct posterior *posterior,
                     uint64_t seed, uint64_t stream, size_t n, double *out, size_t stride);

#endif

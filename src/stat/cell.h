/* cell.h - the sums of one cell of persons × plausible values, that means and their errors are made
 * of. Inside stat.
 *
 * Values lie in blocks of LANES draws, a person's beside one another, so that a loop over persons
 * carries a block in one vector register. Each draw keeps its own order of additions: the bits are
 * those of one draw at a time, whatever the processor's vectors.
 */
#ifndef LAERKE_STAT_CELL_H
#define LAERKE_STAT_CELL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { LANES = 4 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8)));

struct cell {
    size_t draws, blocks;         /* blocks of draws; a last one that is not full repeats a draw */
    size_t n_most, clusters_most; /* room */
    size_t n, clusters;           /* persons with a value, clusters declared */
    lanes *y;                     /* [block * n_most + person] */
    double *w;                    /* one a person */
    int *cluster, *stratum;       /* of a person; of a cluster */
    double *weight;               /* one a cluster: Σw */
    lanes *sum;                   /* [block * clusters_most + cluster]: Σwy */
    lanes *replicate;             /* of one block's clusters, as in order */
    size_t used, *order;          /* clusters with weight, by stratum */
    size_t strata, *ends;         /* where each stratum ends in order */
    double total, squares;        /* Σw, Σw² */
    /* One a draw: Σwy, mean, variance of persons, error variance of the mean. */
    double *total_sum, *mean, *variance, *error;
};

/* Room for cells of up to n persons and clusters clusters. False: no memory. */
bool cell_make(struct cell *cell, size_t n, size_t clusters, size_t draws, struct arena *arena);

/* Who is in a cell: values[draw * stride + person[i]], i < n. */
struct cell_rows {
    size_t n, stride;
    const double *values, *weights; /* weights NULL: 1 */
    const size_t *person;
    const int *cluster; /* of i */
    size_t clusters;
};

/* Fills in all but strata, order, ends and error; who lacks a draw's value is left out. */
void cell_fill(struct cell *cell, const struct cell_rows *rows);

/* Orders the clusters by stratum (cell->stratum where stratified); a stratum with one cluster is
 * joined to the next, the last to the one before. strata is 0 when there are not two clusters. */
void cell_stratify(struct cell *cell, bool stratified);

/* Error variances of the delete-one-cluster jackknife, once stratified; there must be a stratum. */
void cell_jackknife(struct cell *cell);

#endif

/* strata.h - clusters in their strata, and the jackknife that leaves out one at a time.
 *
 * Layer: stat. Pure.
 *
 *     struct strata s;
 *     strata_make(n_clusters, rows_of_cluster, stratum, arena, &s);
 *     for (size_t i = 0; i < s.n_clusters; i++) replicate[i] = ...;   // without cluster
 * s.cluster[i] double variance = strata_jackknife(&s, replicate);
 */
#ifndef LAERKE_STAT_STRATA_H
#define LAERKE_STAT_STRATA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Stratum h holds places end[h − 1] (0 for the first) to end[h] of cluster. */
struct strata {
    size_t n_clusters, n_strata; /* n_strata is 0 where there are fewer than two clusters */
    size_t *cluster;             /* those that take part, in the order of their strata */
    size_t *end;
    size_t *stratum; /* of a place in cluster */
};

/* Clusters in the order of their strata, those of one stratum by number. */
struct stratum_place {
    int stratum;
    size_t cluster;
};
void strata_sort(struct stratum_place *places, size_t n);

/* Clusters with rows[c] > 0 take part. stratum[c] is the stratum of cluster c; NULL: one stratum. A
 * stratum with one cluster is joined to the next in order, the last to the one before. False: no
 * memory. */
bool strata_make(size_t n_clusters, const size_t *rows, const int *stratum, struct arena *arena,
                 struct strata *out);

/* How much more the others of the stratum at place i weigh where its cluster is left out:
 * n_h/(n_h − 1). */
double strata_growth(const struct strata *strata, size_t i);

/* Σ_h (n_h − 1)/n_h Σ_c (r_hc − r̄_h)² (Wolter 2007, Introduction to Variance Estimation, §4.5).
 * replicate[i]: without cluster[i], the others of its stratum weighing strata_growth more. */
double strata_jackknife(const struct strata *strata, const double *replicate);

/* Σ_h n_h/(n_h − 1) Σ_c (z_hc − z̄_h)²: the sampling variance of a sum of z over the clusters
 * (Binder 1983, doi:10.2307/1402588). */
double strata_variance(const struct strata *strata, const double *z);

#endif

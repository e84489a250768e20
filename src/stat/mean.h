/* mean.h - means and SDs of plausible values, with the errors of methods.md §2.
 *
 * Layer: stat. Pure. values[draw * n + person]; a person with a NaN is not in the cell. weights
 * NULL: all 1.
 */
#ifndef LAERKE_STAT_MEAN_H
#define LAERKE_STAT_MEAN_H

#include "stat/estimate.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct pool;

/* A cell: some of the persons, all in the same order as values. */
struct sample {
    size_t n, draws; /* persons in values, plausible values */
    const double *values;
    const double *weights; /* NULL: 1 */
    const int *cluster;    /* cluster of a person (school or class), 0..n_clusters-1 */
    size_t n_clusters;
    const int *stratum; /* stratum of a cluster; NULL: one stratum */
};

struct moments {
    struct estimate mean;
    double sd; /* root of the mean over draws of the variance (divisor Σw − Σw²/Σw) */
    size_t persons, clusters;
};

/* All fail with stat.empty where nobody has a value, stat.cluster where a cluster is out of range,
 * and stat.memory; the arena holds their sums (16 bytes a draw and cluster). A single person has sd
 * 0.
 *
 * Delete-one-cluster jackknife (JKn, stratified: factor (n_h − 1)/n_h within stratum h; a stratum
 * with one cluster is joined to the next), around the mean of a stratum's replicates (Wolter 2007,
 * Introduction to Variance Estimation, §4.5), Rubin over draws. df: clusters − strata. Fails with
 * stat.one_cluster where there are not two; out then holds all but the error, which is NaN. */
bool mean_jackknife(const struct sample *sample, struct arena *arena, struct moments *out,
                    struct error *error);

/* Paired jackknife (JK2, as TIMSS and PISA publish it): clusters 2z and 2z + 1 are the halves of
 * zone z; the replicate of a zone leaves out the first and doubles the second, variance Σ
 * (replicate − mean)² (Martin and Mullis 2012, Methods and Procedures in TIMSS and PIRLS 2011).
 * n_clusters is even; stratum is not read. df: zones. Fails as the other does. */
bool mean_jk2(const struct sample *sample, struct arena *arena, struct moments *out,
              struct error *error);

/* Model error for a unit of few clusters: τ²_class Σ(n_c/n)² + σ²/n a draw, Rubin over draws.
 * cluster is the class; tau2_class and sigma2 one a draw, in the units of values. */
bool mean_model(const struct sample *sample, const double *tau2_class, const double *sigma2,
                struct arena *arena, struct moments *out, struct error *error);

/* Many cells of the same persons: classes, schools, municipalities. Group g's persons are those of
 * the places first[g] … first[g + 1] − 1; a person may be in several groups. */
struct groups {
    size_t n, draws; /* persons in values, plausible values */
    const double *values, *weights;
    size_t n_groups;
    const size_t *first;      /* n_groups + 1 */
    const size_t *person;     /* of a place */
    const int *cluster;       /* of a place, 0 … n_clusters[g] − 1 within its group */
    const size_t *n_clusters; /* of a group */
    const int *stratum;       /* of a place, the same for all of a cluster; NULL: one stratum */
    const bool *model;        /* of a group: mean_model's error, not the jackknife's; NULL: none */
    const double *tau2_class, *sigma2; /* as for mean_model, where there is one */
};

/* mean_jackknife or mean_model of every group, the same bits, the work shared by the pool's threads
 * (NULL: the caller's alone). out: one a group; where nobody has a value persons is 0 and the rest
 * NaN, where there are not two clusters for a jackknife the error is NaN. draw_mean, one a group
 * and draw, may be NULL. Errors: stat.cluster, stat.memory.
 *
 *     struct groups groups = { .n = n, .draws = 10, .values = pv, .n_groups = schools, ... };
 *     struct moments *of_school = arena_array(arena, schools, sizeof *of_school);
 *     means_by_group(&groups, pool, arena, of_school, NULL, &error);
 */
bool means_by_group(const struct groups *groups, struct pool *pool, struct arena *arena,
                    struct moments *out, double *draw_mean, struct error *error);

#endif

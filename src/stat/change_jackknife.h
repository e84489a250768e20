/* change_jackknife.h - strata, squares and degrees of freedom of the jackknife over two waves.
 *
 * Layer: stat, within change.c. Pure.
 */
#ifndef LAERKE_STAT_CHANGE_JACKKNIFE_H
#define LAERKE_STAT_CHANGE_JACKKNIFE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Clusters that take part, in the order of their strata. present[cluster] has bit w set where the
 * cluster has rows in wave w. */
struct two_waves {
    size_t n_clusters, n_strata;
    size_t *order;                /* [n_clusters] */
    size_t *ends;                 /* where a stratum ends in order */
    size_t (*count)[2];           /* a stratum's clusters by wave: never 1 */
    const unsigned char *present; /* of a cluster, as given */
};

/* Joins strata until none has one cluster in a wave; each wave has two clusters or more. stratum
 * may be NULL. False: no memory. */
bool two_waves_make(size_t n_clusters, const unsigned char *present, const int *stratum,
                    struct arena *arena, struct two_waves *out);

/* Adds a stratum's Σ e_c² to pieces[4 * stratum + pattern]; pattern is present[c]: 1 the first wave
 * alone, 2 the second alone, 3 both. replicate[w][i] belongs to the i-th cluster of the stratum and
 * is read where that is in wave w. */
void two_waves_square(const struct two_waves *waves, size_t stratum, double *const replicate[2],
                      double *pieces);

/* Degrees of freedom of Σ pieces (Welch 1947, doi:10.1093/biomet/34.1-2.28): (Σv)²/Σ(v²/(f + 2)) −
 * 2, f a piece's clusters less what its centring takes; between 1 and Σf. */
double two_waves_df(const struct two_waves *waves, const double *pieces);

#endif

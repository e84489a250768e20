/* dimension.h - parallel analysis: how many components carry more than chance.
 *
 * Layer: stat. Pure. Horn 1965, doi:10.1007/BF02289447: the eigenvalues of the items' correlations
 * beside those of independent normal items in as many persons. Such correlation matrices are drawn
 * by Bartlett's decomposition of the Wishart distribution (Odell and Feiveson 1966,
 * doi:10.1080/01621459.1966.10502018), so that the cost does not depend on the persons.
 */
#ifndef LAERKE_STAT_DIMENSION_H
#define LAERKE_STAT_DIMENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;

struct parallel {
    size_t k;
    double *eigenvalue; /* of the correlations, largest first */
    double *mean;       /* of the replicates' eigenvalues of that rank */
    double *high;       /* their 95th percentile (interpolated, R's type 7; Glorfeld 1995,
                           doi:10.1177/0013164495055003002) */
    size_t suggested;   /* leading eigenvalues that lie above it */
};

/* n persons, correlation k × k, replicates from 1. Errors: stat.few_for_parallel {persons, items}
 * (n not above k), stat.memory. */
bool parallel_analysis(size_t n, size_t k, const double *correlation, size_t replicates,
                       uint64_t seed, struct arena *arena, struct parallel *out,
                       struct error *error);

/* The same by other random eigenvalues: room for them (drawn, replicates × k, rank by rank: [rank *
 * replicates + replicate]), and, once out->eigenvalue and drawn are filled in, the rest of out. */
bool parallel_room(size_t k, size_t replicates, struct arena *arena, struct parallel *out,
                   double **drawn, struct error *error);
void parallel_compare(struct parallel *out, double *drawn, size_t replicates);

#endif

/* discovery.h - the false discovery rate of a family of tests. Layer: num. Pure.
 *
 * Benjamini and Hochberg 1995 (doi:10.1111/j.2517-6161.1995.tb02031.x): of n tests those with the R
 * smallest p are rejected, R the largest i with p_(i) ≤ q i/n. p are read by a function, so that
 * they may stand anywhere.
 */
#ifndef LAERKE_NUM_DISCOVERY_H
#define LAERKE_NUM_DISCOVERY_H

#include <stddef.h>

struct family {
    size_t n;
    double (*p)(const void *context, size_t i); /* in [0, 1] */
    const void *context;
};

/* R at level q. */
size_t discoveries(const struct family *family, double q);

/* The least q at which test i is rejected: min over p_j ≥ p_i of n p_j/rank_j, at most 1. */
double discovery_level(const struct family *family, size_t i);

#endif

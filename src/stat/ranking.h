/* ranking.h - rows in order of a value, and where quarters end with and without one cluster.
 *
 * Layer: stat, within gradient.c. Pure.
 */
#ifndef LAERKE_STAT_RANKING_H
#define LAERKE_STAT_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct ranking {
    size_t n;
    bool by_lot;
    double *value;        /* ascending */
    size_t *row;          /* at a position in that order */
    size_t *position;     /* of a row */
    size_t *of_place;     /* positions of the rows of place p, ascending, … */
    const size_t *start;  /* … from start[p] to start[p + 1] */
    size_t *next;         /* scratch */
    struct ranked *order; /* scratch */
};

enum { RANKING_ALL = -1 };

/* Memory for n rows in places clusters. start is kept, not copied. False: no memory. */
bool ranking_make(size_t n, size_t places, const size_t *start, struct arena *arena,
                  struct ranking *out);

/* Ranks values; ties by lot (seed, row, stream), or else as rows stand, which no cut sees. place is
 * the cluster's place of a row. */
void ranking_fill(struct ranking *ranking, const double *value, const int *place, bool by_lot,
                  uint64_t seed, uint64_t stream);

/* The position at which quarter number (1, 2, 3; from 0) begins among all rows, or all but those of
 * a place: a row belongs to it or a higher one when its position is not below. */
size_t ranking_cut(const struct ranking *ranking, size_t quarter, int without);

#endif

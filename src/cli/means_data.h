/* means_data.h - the rows of stat means, by group and in their clusters. Layer: cli. */
#ifndef LAERKE_CLI_MEANS_DATA_H
#define LAERKE_CLI_MEANS_DATA_H

#include "cli/stat_data.h"
#include "stat/mean.h"

enum { VALUE, PERCENT, BY, CLUSTER, STRATA, JK2, WEIGHT, ROLES };

/* The values of a column whose shares are wanted: numbers in their order, else by their bytes. */
struct categories {
    size_t n;
    const char **label;
    int **category; /* [column][row]; LABEL_NONE where the row has none */
};

struct means {
    struct cli *cli;
    struct stat_data data;
    size_t n_groups, left_out;
    size_t *start; /* a group's first place in order, and one more */
    size_t *order; /* rows */
    int *cluster;  /* of a row; two a zone for jk2 */
    size_t n_clusters;
    int *number; /* of a cluster (of a zone for jk2) within the group at hand; −1 */
    struct categories categories;
};

/* A group's name: "all" without --by. */
const char *means_group(const struct means *m, size_t group);

/* Reads and sorts the rows: those that have every value, group, cluster and stratum, and a weight
 * over 0. Says what is wrong itself; returns EXIT_DONE when nothing was. */
int means_read(struct cli *cli, const struct arguments *arguments, struct means *out);

/* The rows of a group as a sample of --value, in the arena; clusters are numbered anew within it,
 * so that a group costs what it has. values is NULL under --percent. */
bool means_sample(struct means *m, size_t group, struct arena *arena, struct sample *out,
                  struct error *error);

/* Values of that sample for one category: 1 where a row is in it, in each column, else 0. values: n
 * a column. */
void means_indicator(const struct means *m, size_t group, size_t category, double *values);

#endif

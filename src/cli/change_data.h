/* change_data.h - the rows of stat change, laid out as the statistics take them. Layer: cli. */
#ifndef LAERKE_CLI_CHANGE_DATA_H
#define LAERKE_CLI_CHANGE_DATA_H

#include "cli/stat_data.h"
#include "stat/change.h"

enum change_role {
    CHANGE_VALUE,
    CHANGE_WAVE,
    CHANGE_CLUSTER,
    CHANGE_STRATA,
    CHANGE_WEIGHT,
    CHANGE_TREATED,
    CHANGE_GRADE,
    CHANGE_PERSON,
    CHANGE_BACKGROUND,
    CHANGE_ROLES
};

/* Rows that have every value, a wave, a cluster, a stratum and a weight above 0; the others are
 * left out. What only some measures need may be missing: grade and person are then LABEL_NONE,
 * background NaN, treated −1. */
struct change_data {
    struct cli *cli;
    struct stat_data data;
    size_t n, left_out;
    double *values, *weights, *background; /* NULL where not asked for */
    int *wave, *grade, *person;
    size_t n_waves;
    const char **waves; /* in their order: numbers by value, else labels by their bytes */
    int *chosen;        /* of a cluster: 1 treated, 0 not, −1 unknown; NULL: not asked for */
    struct change_input input; /* of all rows; input.wave is for the caller to point elsewhere */
};

/* Says what is wrong itself; returns EXIT_DONE when nothing was. */
int change_data_read(struct cli *cli, const struct arguments *arguments, struct change_data *out);

/* Which rows a measure takes, as change_input.wave (in the arena; NULL: no memory): 0 in wave from,
 * 1 in wave to, else −1. having: 0 all rows, else a role whose value the row must have. treated: −1
 * any, else only clusters that are (1) or are not (0). */
int *change_rows(const struct change_data *d, size_t from, size_t to, enum change_role having,
                 int treated, struct arena *arena);

#endif

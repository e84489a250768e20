/* stat_data.h - the columns of a stat command, by what they are for. Layer: cli. */
#ifndef LAERKE_CLI_STAT_DATA_H
#define LAERKE_CLI_STAT_DATA_H

#include "cli/irt_data.h"

enum { ROLES_MAX = 12, ROLE_COLUMNS_MAX = 256 };

/* The columns that one option names: a list at commas, or the beginning of their names and a star. */
struct role {
    const char *option;    /* "--value" */
    bool required, numeric, single;
    const char *list;      /* as given; NULL when it was not */
    size_t n;
    struct irt_column **column;
};

struct stat_data {
    size_t n;              /* rows */
    struct role role[ROLES_MAX];
    size_t n_roles;
    struct irt_data irt;
};

/* Takes the roles' options and reads their columns. Says what is wrong itself; returns EXIT_DONE when
 * nothing was. */
int stat_data_read(struct cli *cli, const struct arguments *arguments, const struct role *roles,
                   size_t n_roles, struct stat_data *out);

/* One row's weight in a role of weights (1 without): NaN when missing. */
double stat_weight(const struct role *weight, size_t row);

/* Adds to a JSON object, null for what is not finite; and prints ",value" likewise. */
struct json_t;
void stat_json_number(struct json_t *object, const char *key, double value);
void stat_print_number(double value);

#endif

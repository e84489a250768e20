/* stat_data.h - the columns of a stat command, by what they are for. Layer: cli. */
#ifndef LAERKE_CLI_STAT_DATA_H
#define LAERKE_CLI_STAT_DATA_H

#include "cli/irt_data.h"
#include "stat/estimate.h"

#define NUMBER_MOST 1e60

enum { ROLES_MAX = 12, ROLE_COLUMNS_MAX = 256 };

/* The columns that one option names: a list at commas, or the beginning of their names and a star.
 */
struct role {
    const char *option; /* "--value" */
    bool required, numeric, single;
    bool weight;      /* refused below 0; such a role is numeric */
    const char *list; /* as given; NULL when it was not */
    size_t n;
    struct irt_column **column;
};

struct stat_data {
    size_t n; /* rows */
    struct role role[ROLES_MAX];
    size_t n_roles;
    struct irt_data irt;
};

/* Takes the roles' options and reads their columns; numbers are within ±NUMBER_MOST, so that their
 * squares can be added up. Says what is wrong itself; returns EXIT_DONE when nothing was. */
int stat_data_read(struct cli *cli, const struct arguments *arguments, const struct role *roles,
                   size_t n_roles, struct stat_data *out);

/* Sets error id with {file}, {line}, {column} and {value} of a cell, which is looked up in the file
 * again. Returns false. */
bool stat_refuse_cell(struct cli *cli, const struct stat_data *data, const char *id,
                      const char *column, size_t row, struct error *error);

/* Says why no row is left: the first column of the roles (in their order, n_roles of them) without
 * any value, or weights that are 0 all. Returns false. */
bool stat_refuse_empty(const struct stat_data *data, size_t n_roles, struct error *error);

/* The stratum of each cluster (labels of the two roles, the first column of each); NULL in *out
 * where strata is not given. A row counts that has both. False: a cluster lies in two. */
bool stat_strata(struct cli *cli, const struct stat_data *data, const struct role *cluster,
                 const struct role *strata, int **out, struct error *error);

/* One row's weight in a role of weights (1 without): NaN when missing. */
double stat_weight(const struct role *weight, size_t row);

/* Adds to a JSON object, null for what is not finite; and prints ",value" likewise. An estimate is
 * its estimate, se, df, low and high, estimate_interval() at 95 %. */
struct json_t;
void stat_json_number(struct json_t *object, const char *key, double value);
void stat_print_number(double value);
void stat_json_estimate(struct json_t *object, const struct estimate *estimate,
                        enum estimate_scale scale);
void stat_print_estimate(const struct estimate *estimate, enum estimate_scale scale);

#endif

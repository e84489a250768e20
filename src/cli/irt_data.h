/* irt_data.h - answers for the numerical core's commands, from anybody's CSV.
 *
 * Layer: cli. One line a person, one column an item; empty, NA and NaN are missing. Every row of
 * the file is kept, in its order, so that what is computed can be laid beside it.
 */
#ifndef LAERKE_CLI_IRT_DATA_H
#define LAERKE_CLI_IRT_DATA_H

#include "cli/cli.h"
#include "scale/model.h"

#include <stdio.h>

struct pool;

enum { LABEL_NONE = -1, CODE_UNKNOWN = INT16_MIN };

/* A column beside the items: numbers where every cell is one, and labels, numbered. */
struct irt_column {
    const char *name;
    bool numeric;        /* no cell but numbers and missing ones */
    double *value;       /* one a row; NaN when missing or not a number */
    int *label;          /* one a row; LABEL_NONE when missing */
    const char **labels; /* sorted by irt_sort_labels(), else as met */
    size_t n_labels;
};

struct irt_item {
    const char *name;
    int low, high;        /* codes of the lowest and the highest category; CODE_UNKNOWN: as found */
    const int8_t *recode; /* of an anchored item, as its own calibration did; NULL: none */
};

struct irt_data {
    const char *path;
    struct irt_item *items;
    size_t n_items, n_rows;
    int16_t *codes;             /* row × item as in the file; CODE_UNKNOWN: missing */
    struct irt_column *columns; /* those asked for, in order */
    size_t n_columns;
};

/* Reads items (whose low and high, where known, bound what is taken) and columns (NULL-terminated;
 * NULLs before its end are not allowed). Each thread reads lines that follow each other; rows and
 * the numbers of labels do not depend on how many. */
bool irt_data_read(struct cli *cli, const char *path, struct irt_item *items, size_t n_items,
                   const char *const *columns, size_t n_columns, int threads, struct irt_data *out,
                   struct error *error);

/* The items of LIST ("a,b,quality*") among the columns of the file, in the order of the list. */
bool irt_items(struct cli *cli, const char *path, const char *list, struct irt_item **items,
               size_t *n_items, struct error *error);

/* "ITEM=LOW..HIGH,…" (ITEM may end in *) into items. */
bool irt_categories(struct cli *cli, const char *list, struct irt_item *items, size_t n_items,
                    struct error *error);

/* Numbers the labels in the order of their bytes. */
bool irt_sort_labels(struct cli *cli, struct irt_column *column, size_t n_rows);

/* Threads to use when --threads is not given: as many as there are processors. */
int irt_threads(struct cli *cli, const struct arguments *arguments);

/* What a calibration left for scoring, beside its parameters. */
struct irt_coding {
    const char *item;
    int low, high;                 /* codes */
    int8_t recode[CATEGORIES_MAX]; /* category of code low + k */
};

/* A folder written by irt fit: model.json and items.csv. */
struct irt_folder {
    struct scale_model model;
    struct irt_coding *coding;
    const char *group_column; /* NULL: one group */
    const char **groups;      /* names, model.n_groups */
    double *group_n;          /* their persons */
};
bool irt_folder_read(struct cli *cli, const char *dir, struct irt_folder *out, struct error *error);

/* The anchors at path (an items.csv): parameters by the names of items, steps 0 for items it lacks.
 * Where the model.json of their calibration stands beside it, codes mean what they meant there. */
bool irt_anchors_read(struct cli *cli, const char *path, struct irt_item *items, size_t n_items,
                      struct item_parameters *out, struct error *error);

/* items.csv alone: as above, without the codes. */
bool irt_parameters_read(struct cli *cli, const char *path, const struct irt_item *items,
                         size_t n_items, struct item_parameters *out, struct error *error);

/* A file that appears whole or not at all: written beside its place and moved there at the end. */
struct irt_output {
    FILE *file;
    const char *path, *part;
};
bool irt_output_open(struct cli *cli, struct irt_output *out, const char *dir, const char *name,
                     struct error *error);
bool irt_output_close(struct irt_output *out,
                      struct error *error); /* false: nothing is left behind */
/* ",value" without a fault of the locale; nothing behind the comma for NaN. */
void irt_output_number(struct irt_output *out, double value);

/* Many rows: format writes one (row_max bytes at most, its line end too) and returns its length.
 * Rows are formatted by all threads and written in order. */
struct irt_rows {
    size_t n, row_max;
    size_t (*format)(const void *context, size_t row, char *out);
    const void *context;
};
bool irt_output_rows(struct cli *cli, struct irt_output *out, struct pool *pool,
                     const struct irt_rows *rows, struct error *error);
/* ",value" into out, as irt_output_number() writes it; returns the length. */
size_t irt_number(char *out, double value);

#endif

#include "cli/stat_data.h"

#include "exchange/csv.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static bool take_options(struct cli *cli, const struct arguments *arguments,
                         struct stat_data *data) {
    for (size_t r = 0; r < data->n_roles; r++) {
        struct role *role = &data->role[r];
        role->list = option_text(arguments, role->option);
        if (role->required && !role->list) {
            cli_usage(cli, N_("An option is missing: {detail}"), role->option);
            return false;
        }
    }
    return true;
}

/* Names of all roles' columns, one after the other. */
static bool find_names(struct cli *cli, const char *path, struct stat_data *data,
                       const char *names[ROLES_MAX * ROLE_COLUMNS_MAX], size_t *n,
                       struct error *error) {
    for (size_t r = 0; r < data->n_roles; r++) {
        struct role *role = &data->role[r];
        struct irt_item *items;
        if (!role->list) continue;
        if (!irt_items(cli, path, role->list, &items, &role->n, error)) return false;
        if (role->single && role->n != 1)
            return error_set(error, "stat.one_column", ARG_TEXT("option", role->option),
                             ARG_INT("columns", role->n));
        if (role->n > ROLE_COLUMNS_MAX)
            return error_set(error, "stat.most_columns", ARG_TEXT("option", role->option),
                             ARG_INT("most", ROLE_COLUMNS_MAX), ARG_INT("columns", role->n));
        for (size_t c = 0; c < role->n; c++) names[(*n)++] = items[c].name;
    }
    return true;
}

bool stat_refuse_cell(struct cli *cli, const struct stat_data *data, const char *id,
                      const char *column, size_t row, struct error *error) {
    struct csv *csv;
    if (!csv_open(&csv, data->irt.path, cli->arena, error)) return false;
    for (size_t i = 0; i <= row; i++)
        if (!csv_next(csv, error)) break;
    return error_set(error, id, ARG_TEXT("file", data->irt.path), ARG_INT("line", csv_line(csv)),
                     ARG_TEXT("column", column),
                     ARG_TEXT("value", csv_cell(csv, csv_column(csv, column))));
}

/* The id of what is wrong with a cell; NULL: nothing. */
static const char *fault_of(const struct role *role, const struct irt_column *column, size_t row) {
    double value = column->value[row];
    if (isnan(value))
        return column->label[row] == LABEL_NONE ? NULL : ERROR_ID("stat.not_a_number");
    if (fabs(value) > NUMBER_MOST) return ERROR_ID("stat.too_large");
    return role->weight && value < 0 ? ERROR_ID("stat.weight") : NULL;
}

static bool check_numbers(struct cli *cli, const struct stat_data *data, struct error *error) {
    for (size_t r = 0; r < data->n_roles; r++) {
        const struct role *role = &data->role[r];
        for (size_t c = 0; c < role->n && role->numeric; c++)
            for (size_t row = 0; row < data->n; row++) {
                const char *id = fault_of(role, role->column[c], row);
                if (id) return stat_refuse_cell(cli, data, id, role->column[c]->name, row, error);
            }
    }
    return true;
}

int stat_data_read(struct cli *cli, const struct arguments *arguments, const struct role *roles,
                   size_t n_roles, struct stat_data *out) {
    const char *path = arguments_at(arguments, 0), *names[ROLES_MAX * ROLE_COLUMNS_MAX];
    struct error error = { 0 };
    size_t n = 0;
    *out = (struct stat_data){ .n_roles = n_roles };
    for (size_t r = 0; r < n_roles; r++) out->role[r] = roles[r];
    if (!take_options(cli, arguments, out)) return EXIT_USAGE;
    if (!find_names(cli, path, out, names, &n, &error) ||
        !irt_data_read(cli, path, NULL, 0, names, n, 1, &out->irt, &error))
        return cli_fail(cli, &error);
    out->n = out->irt.n_rows;
    struct irt_column **column = arena_array(cli->arena, n + 1, sizeof *column);
    if (!column) {
        error_plain(&error, "stat.memory");
        return cli_fail(cli, &error);
    }
    for (size_t r = 0, at = 0; r < n_roles; at += out->role[r++].n) {
        out->role[r].column = column + at;
        for (size_t c = 0; c < out->role[r].n; c++) column[at + c] = &out->irt.columns[at + c];
    }
    return check_numbers(cli, out, &error) ? EXIT_DONE : cli_fail(cli, &error);
}

static bool is_empty(const struct irt_column *column, size_t rows) {
    for (size_t row = 0; row < rows; row++)
        if (column->label[row] != LABEL_NONE) return false;
    return true;
}

static bool weighs(const struct irt_column *column, size_t rows) {
    for (size_t row = 0; row < rows; row++)
        if (column->value[row] > 0) return true;
    return false;
}

bool stat_refuse_empty(const struct stat_data *data, size_t n_roles, struct error *error) {
    const char *file = data->irt.path;
    if (data->n == 0) return error_set(error, "stat.no_lines", ARG_TEXT("file", file));
    for (size_t r = 0; r < n_roles; r++) {
        const struct role *role = &data->role[r];
        for (size_t c = 0; c < role->n; c++) {
            const struct irt_column *column = role->column[c];
            const char *id = is_empty(column, data->n) ? ERROR_ID("stat.column_empty")
                             : role->weight && !weighs(column, data->n)
                                 ? ERROR_ID("stat.weights_zero")
                                 : NULL;
            if (id)
                return error_set(error, id, ARG_TEXT("file", file),
                                 ARG_TEXT("column", column->name));
        }
    }
    return error_set(error, "stat.no_complete_row", ARG_TEXT("file", file));
}

bool stat_strata(struct cli *cli, const struct stat_data *data, const struct role *cluster,
                 const struct role *strata, int **out, struct error *error) {
    *out = NULL;
    if (!strata->n) return true;
    const struct irt_column *own = cluster->column[0], *of = strata->column[0];
    int *stratum = arena_array(cli->arena, own->n_labels + 1, sizeof *stratum);
    if (!stratum) return error_plain(error, "stat.memory");
    for (size_t c = 0; c < own->n_labels; c++) stratum[c] = LABEL_NONE;
    for (size_t row = 0; row < data->n; row++) {
        if (own->label[row] == LABEL_NONE || of->label[row] == LABEL_NONE) continue;
        int *known = &stratum[own->label[row]];
        if (*known != LABEL_NONE && *known != of->label[row])
            return error_set(error, "stat.cluster_strata", ARG_TEXT("file", data->irt.path),
                             ARG_TEXT("cluster", own->labels[own->label[row]]),
                             ARG_TEXT("column", of->name));
        *known = of->label[row];
    }
    *out = stratum;
    return true;
}

double stat_weight(const struct role *weight, size_t row) {
    return weight->n ? weight->column[0]->value[row] : 1;
}

void stat_json_number(json_t *object, const char *key, double value) {
    json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

void stat_print_number(double value) {
    if (isfinite(value))
        printf(",%.10g", value);
    else
        putchar(',');
}

void stat_json_estimate(json_t *object, const struct estimate *estimate,
                        enum estimate_scale scale) {
    double low, high;
    estimate_interval(*estimate, scale, 0.95, &low, &high);
    stat_json_number(object, "estimate", estimate->value);
    stat_json_number(object, "se", estimate->se);
    stat_json_number(object, "df", estimate->df);
    stat_json_number(object, "low", low);
    stat_json_number(object, "high", high);
}

void stat_print_estimate(const struct estimate *estimate, enum estimate_scale scale) {
    double low, high;
    estimate_interval(*estimate, scale, 0.95, &low, &high);
    stat_print_number(estimate->value);
    stat_print_number(estimate->se);
    stat_print_number(estimate->df);
    stat_print_number(low);
    stat_print_number(high);
}

#include "cli/stat_data.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static bool take_options(struct cli *cli, const struct arguments *arguments, struct stat_data *data) {
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
        if (role->n > ROLE_COLUMNS_MAX || (role->single && role->n != 1))
            return error_set(error, "stat.one_column", ARG_TEXT("option", role->option),
                             ARG_INT("columns", role->n));
        for (size_t c = 0; c < role->n; c++) names[(*n)++] = items[c].name;
    }
    return true;
}

static bool check_numbers(const struct stat_data *data, const char *path, struct error *error) {
    for (size_t r = 0; r < data->n_roles; r++)
        for (size_t c = 0; c < data->role[r].n; c++)
            if (data->role[r].numeric && !data->role[r].column[c]->numeric)
                return error_set(error, "stat.not_numbers", ARG_TEXT("file", path),
                                 ARG_TEXT("column", data->role[r].column[c]->name));
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
        !irt_data_read(cli, path, NULL, 0, names, n, &out->irt, &error))
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
    return check_numbers(out, path, &error) ? EXIT_DONE : cli_fail(cli, &error);
}

double stat_weight(const struct role *weight, size_t row) {
    return weight->n ? weight->column[0]->value[row] : 1;
}

void stat_json_number(json_t *object, const char *key, double value) {
    json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

void stat_print_number(double value) {
    if (isfinite(value)) printf(",%.10g", value);
    else putchar(',');
}

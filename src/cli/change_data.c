#include "cli/change_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct role roles[CHANGE_ROLES] = {
    [CHANGE_VALUE] = { .option = "--value", .required = true, .numeric = true },
    [CHANGE_WAVE] = { .option = "--wave", .required = true, .single = true },
    [CHANGE_CLUSTER] = { .option = "--cluster", .required = true, .single = true },
    [CHANGE_STRATA] = { .option = "--strata", .single = true },
    [CHANGE_WEIGHT] = { .option = "--weight", .numeric = true, .single = true, .weight = true },
    [CHANGE_TREATED] = { .option = "--treated", .numeric = true, .single = true },
    [CHANGE_GRADE] = { .option = "--grade", .single = true },
    [CHANGE_PERSON] = { .option = "--person", .single = true },
    [CHANGE_BACKGROUND] = { .option = "--background", .numeric = true, .single = true },
};

static const struct irt_column *column_of(const struct change_data *d, enum change_role role) {
    return d->data.role[role].n ? d->data.role[role].column[0] : NULL;
}

/* Of a role that was named. */
static const struct irt_column *named_column(const struct change_data *d, enum change_role role) {
    return d->data.role[role].column[0];
}

static bool complete(const struct change_data *d, size_t row) {
    const struct role *value = &d->data.role[CHANGE_VALUE];
    for (size_t c = 0; c < value->n; c++)
        if (isnan(value->column[c]->value[row])) return false;
    for (enum change_role r = CHANGE_WAVE; r <= CHANGE_STRATA; r++)
        if (column_of(d, r) && column_of(d, r)->label[row] == LABEL_NONE) return false;
    return stat_weight(&d->data.role[CHANGE_WEIGHT], row) > 0;
}

static bool row_error(const struct change_data *d, const char *id, size_t row,
                      enum change_role role, struct error *error) {
    return error_set(error, id, ARG_TEXT("file", d->data.irt.path), ARG_INT("row", row + 1),
                     ARG_TEXT("column", named_column(d, role)->name));
}

static bool check_rows(const struct change_data *d, struct error *error) {
    const struct irt_column *treated = column_of(d, CHANGE_TREATED);
    for (size_t row = 0; row < d->data.n; row++) {
        double value = treated ? treated->value[row] : 0;
        if (!isnan(value) && value != 0 && value != 1)
            return row_error(d, ERROR_ID("stat.treated"), row, CHANGE_TREATED, error);
    }
    return true;
}

/* ---- waves ---- */

struct named_wave {
    const char *label;
    double value; /* 0 where waves are not numbers */
    int was;
};

static int by_wave(const void *a, const void *b) {
    const struct named_wave *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return strcmp(x->label, y->label);
}

/* Numbers the waves that have complete rows, in their order; a number that is written in two ways
 * (1 and 1.0) is one wave. */
static bool order_waves(struct change_data *d, int *now, struct error *error) {
    const struct irt_column *column = named_column(d, CHANGE_WAVE);
    struct named_wave *sorted = arena_array(d->cli->arena, column->n_labels + 1, sizeof *sorted);
    d->waves = arena_array(d->cli->arena, column->n_labels + 1, sizeof *d->waves);
    if (!sorted || !d->waves) return error_plain(error, "stat.memory");
    for (size_t label = 0; label < column->n_labels; label++) now[label] = -1;
    for (size_t row = 0; row < d->data.n; row++) {
        int label = column->label[row];
        if (!complete(d, row) || now[label] >= 0) continue;
        now[label] = (int)d->n_waves;
        sorted[d->n_waves++] = (struct named_wave){ column->labels[label],
                                                    column->numeric ? column->value[row] : 0,
                                                    label };
    }
    size_t n = d->n_waves;
    qsort(sorted, n, sizeof *sorted, by_wave);
    d->n_waves = 0;
    for (size_t w = 0; w < n; w++) {
        bool again = w > 0 && column->numeric && sorted[w].value == sorted[w - 1].value;
        if (!again) d->waves[d->n_waves++] = sorted[w].label;
        now[sorted[w].was] = (int)d->n_waves - 1;
    }
    return d->n_waves > 1 || error_set(error, "stat.one_wave", ARG_TEXT("column", column->name),
                                       ARG_TEXT("wave", sorted[0].label));
}

/* ---- clusters ---- */

/* What all rows of a cluster must agree on: -2 in out stands for none seen. */
static bool same_in_cluster(const struct change_data *d, int *out, size_t cluster, int value,
                            const char *id, enum change_role role, struct error *error) {
    if (out[cluster] != -2 && out[cluster] != value)
        return error_set(error, id, ARG_TEXT("file", d->data.irt.path),
                         ARG_TEXT("cluster", named_column(d, CHANGE_CLUSTER)->labels[cluster]),
                         ARG_TEXT("column", named_column(d, role)->name));
    out[cluster] = value;
    return true;
}

static bool describe_clusters(struct change_data *d, struct error *error) {
    const struct irt_column *cluster = named_column(d, CHANGE_CLUSTER);
    const struct irt_column *strata = column_of(d, CHANGE_STRATA);
    const struct irt_column *treated = column_of(d, CHANGE_TREATED);
    size_t n = d->input.n_clusters;
    int *stratum = arena_array(d->cli->arena, n + 1, sizeof *stratum);
    int *chosen = arena_array(d->cli->arena, n + 1, sizeof *chosen);
    if (!stratum || !chosen) return error_plain(error, "stat.memory");
    for (size_t c = 0; c < n; c++) stratum[c] = chosen[c] = -2;
    for (size_t row = 0; row < d->data.n; row++) {
        if (!complete(d, row)) continue;
        size_t c = (size_t)cluster->label[row];
        if (strata && !same_in_cluster(d, stratum, c, strata->label[row],
                                       ERROR_ID("stat.cluster_strata"), CHANGE_STRATA, error))
            return false;
        if (treated && !isnan(treated->value[row]) &&
            !same_in_cluster(d, chosen, c, (int)treated->value[row],
                             ERROR_ID("stat.cluster_treated"), CHANGE_TREATED, error))
            return false;
    }
    d->input.stratum = strata ? stratum : NULL;
    d->chosen = treated ? chosen : NULL;
    return true;
}

/* ---- rows ---- */

static bool make_room(struct change_data *d) {
    struct arena *arena = d->cli->arena;
    size_t n = d->data.n + 1;
    int **labels[] = { &d->wave, &d->grade, &d->person };
    for (size_t i = 0; i < 3; i++)
        if (!(*labels[i] = arena_array(arena, n, sizeof(int)))) return false;
    d->values = arena_array(arena, n, d->data.role[CHANGE_VALUE].n * sizeof *d->values);
    d->weights = arena_array(arena, n, sizeof *d->weights);
    d->background = arena_array(arena, n, sizeof *d->background);
    return d->values && d->weights && d->background;
}

static void take_rows(struct change_data *d, const int *wave_of, int *cluster) {
    const struct role *value = &d->data.role[CHANGE_VALUE];
    const struct irt_column *grade = column_of(d, CHANGE_GRADE);
    const struct irt_column *person = column_of(d, CHANGE_PERSON);
    const struct irt_column *background = column_of(d, CHANGE_BACKGROUND);
    for (size_t row = 0, i = 0; row < d->data.n; row++) {
        if (!complete(d, row)) continue;
        for (size_t k = 0; k < value->n; k++)
            d->values[k * d->n + i] = value->column[k]->value[row];
        d->wave[i] = wave_of[named_column(d, CHANGE_WAVE)->label[row]];
        cluster[i] = named_column(d, CHANGE_CLUSTER)->label[row];
        d->weights[i] = stat_weight(&d->data.role[CHANGE_WEIGHT], row);
        d->grade[i] = grade ? grade->label[row] : LABEL_NONE;
        d->person[i] = person ? person->label[row] : LABEL_NONE;
        d->background[i++] = background ? background->value[row] : NAN;
    }
}

static bool lay_out(struct change_data *d, struct error *error) {
    const struct irt_column *person = column_of(d, CHANGE_PERSON);
    int *wave_of =
        arena_array(d->cli->arena, named_column(d, CHANGE_WAVE)->n_labels + 1, sizeof *wave_of);
    int *cluster = arena_array(d->cli->arena, d->data.n + 1, sizeof *cluster);
    for (size_t row = 0; row < d->data.n; row++) d->n += complete(d, row);
    d->left_out = d->data.n - d->n;
    if (!wave_of || !cluster || !make_room(d)) return error_plain(error, "stat.memory");
    if (d->n == 0) return stat_refuse_empty(&d->data, CHANGE_WEIGHT + 1, error);
    d->input = (struct change_input){ .n = d->n,
                                      .draws = d->data.role[CHANGE_VALUE].n,
                                      .values = d->values,
                                      .weights = d->weights,
                                      .cluster = cluster,
                                      .n_clusters = named_column(d, CHANGE_CLUSTER)->n_labels,
                                      .person = person ? d->person : NULL,
                                      .n_persons = person ? person->n_labels : 0 };
    if (!order_waves(d, wave_of, error) || !describe_clusters(d, error)) return false;
    take_rows(d, wave_of, cluster);
    return true;
}

int change_data_read(struct cli *cli, const struct arguments *arguments, struct change_data *out) {
    struct error error = { 0 };
    *out = (struct change_data){ .cli = cli };
    int code = stat_data_read(cli, arguments, roles, CHANGE_ROLES, &out->data);
    if (code != EXIT_DONE) return code;
    return check_rows(out, &error) && lay_out(out, &error) ? EXIT_DONE : cli_fail(cli, &error);
}

int *change_rows(const struct change_data *d, size_t from, size_t to, enum change_role having,
                 int treated, struct arena *arena) {
    int *wave = arena_array(arena, d->n, sizeof *wave);
    for (size_t i = 0; wave && i < d->n; i++) {
        bool in = d->wave[i] == (int)from || d->wave[i] == (int)to;
        if (having == CHANGE_GRADE) in = in && d->grade[i] != LABEL_NONE;
        if (having == CHANGE_BACKGROUND) in = in && !isnan(d->background[i]);
        if (having == CHANGE_TREATED) in = in && d->chosen[d->input.cluster[i]] >= 0;
        if (treated >= 0) in = in && d->chosen[d->input.cluster[i]] == treated;
        wave[i] = in ? d->wave[i] == (int)to : -1;
    }
    return wave;
}

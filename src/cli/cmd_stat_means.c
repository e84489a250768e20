#include "cli/stat_data.h"

#include "base/limits.h"
#include "exchange/csv.h"
#include "stat/mean.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum { VALUE, BY, CLUSTER, STRATA, JK2, WEIGHT, ROLES };
static const struct role roles[ROLES] = {
    [VALUE] = { .option = "--value", .required = true, .numeric = true },
    [BY] = { .option = "--by", .single = true },
    [CLUSTER] = { .option = "--cluster", .single = true },
    [STRATA] = { .option = "--strata", .single = true },
    [JK2] = { .option = "--jk2" },
    [WEIGHT] = { .option = "--weight", .numeric = true, .single = true, .weight = true },
};

/* The rows in order of their groups, and what each belongs to. */
struct means {
    struct cli *cli;
    struct stat_data data;
    size_t n_groups, left_out;
    size_t *start;   /* a group's first place in order, and one more */
    size_t *order;
    int *cluster;    /* of a row; two a zone for jk2 */
    size_t n_clusters;
    int *number;     /* of a cluster (of a zone for jk2) within the group at hand; −1 */
};

/* Rows that are in a cell: every value there, a weight over 0, group, cluster and stratum known. */
static bool in_cell(const struct means *m, size_t row) {
    const struct role *role = m->data.role;
    for (size_t c = 0; c < role[VALUE].n; c++)
        if (isnan(role[VALUE].column[c]->value[row])) return false;
    for (size_t r = BY; r <= JK2; r++)
        for (size_t c = 0; c < role[r].n; c++)
            if (role[r].column[c]->label[row] == LABEL_NONE) return false;
    return stat_weight(&role[WEIGHT], row) > 0;
}

/* Halves of a zone are told by numbers: 0 the one that is left out, 1 the one that is doubled. */
static bool number_halves(struct means *m, const char *path, struct error *error) {
    const struct irt_column *zone = m->data.role[JK2].column[0], *half = m->data.role[JK2].column[1];
    m->n_clusters = 2 * zone->n_labels;
    for (size_t row = 0; row < m->data.n; row++) {
        double value = half->value[row];
        if (!half->numeric || (!isnan(value) && value != 0 && value != 1))
            return error_set(error, "stat.half", ARG_TEXT("file", path), ARG_INT("row", row + 1),
                             ARG_TEXT("column", half->name));
        m->cluster[row] = 2 * zone->label[row] + (value > 0);
    }
    return true;
}

static bool number_clusters(struct means *m, const char *path, struct error *error) {
    const struct role *role = m->data.role;
    if (role[JK2].n) return number_halves(m, path, error);
    m->n_clusters = role[CLUSTER].n ? role[CLUSTER].column[0]->n_labels : m->data.n;
    for (size_t row = 0; row < m->data.n; row++)
        m->cluster[row] = role[CLUSTER].n ? role[CLUSTER].column[0]->label[row] : (int)row;
    return true;
}

static bool sort_rows(struct means *m, const char *path, struct error *error) {
    struct arena *arena = m->cli->arena;
    struct irt_column *by = m->data.role[BY].n ? m->data.role[BY].column[0] : NULL;
    if (by && !irt_sort_labels(m->cli, by, m->data.n)) return error_plain(error, "stat.memory");
    m->n_groups = by ? by->n_labels : 1;
    m->start = arena_array(arena, m->n_groups + 2, sizeof *m->start);
    m->order = arena_array(arena, m->data.n + 1, sizeof *m->order);
    m->cluster = arena_array(arena, m->data.n + 1, sizeof *m->cluster);
    if (!m->start || !m->order || !m->cluster) return error_plain(error, "stat.memory");
    if (!number_clusters(m, path, error)) return false;
    m->number = arena_array(arena, m->n_clusters + 1, sizeof *m->number);
    if (!m->number) return error_plain(error, "stat.memory");
    for (size_t c = 0; c < m->n_clusters; c++) m->number[c] = -1;
    for (size_t row = 0; row < m->data.n; row++) {
        if (in_cell(m, row)) m->start[(by ? (size_t)by->label[row] : 0) + 2]++;
        else m->left_out++;
    }
    for (size_t g = 2; g < m->n_groups + 2; g++) m->start[g] += m->start[g - 1];
    for (size_t row = 0; row < m->data.n; row++)
        if (in_cell(m, row)) m->order[m->start[(by ? (size_t)by->label[row] : 0) + 1]++] = row;
    return true;
}

/* Clusters numbered anew within the group, so that a group costs what it has; jk2 keeps its pairs. */
static size_t number_within(struct means *m, const size_t *rows, size_t n, int *cluster,
                            int *stratum) {
    const struct role *strata = &m->data.role[STRATA];
    bool pairs = m->data.role[JK2].n > 0;
    int next = 0;
    for (size_t i = 0; i < n; i++) {
        int own = m->cluster[rows[i]], unit = pairs ? own / 2 : own;
        if (m->number[unit] < 0) m->number[unit] = next++;
        cluster[i] = pairs ? 2 * m->number[unit] + own % 2 : m->number[unit];
        if (strata->n) stratum[cluster[i]] = strata->column[0]->label[rows[i]];
    }
    for (size_t i = 0; i < n; i++) {
        int own = m->cluster[rows[i]];
        m->number[pairs ? own / 2 : own] = -1;
    }
    return (size_t)next * (pairs ? 2 : 1);
}

static bool cell_moments(struct means *m, size_t group, struct arena *arena, struct moments *out,
                         struct error *error) {
    const struct role *value = &m->data.role[VALUE];
    const size_t *rows = m->order + m->start[group];
    size_t n = m->start[group + 1] - m->start[group], draws = value->n;
    double *values = arena_array(arena, n + 1, draws * sizeof *values);
    double *weights = arena_array(arena, n + 1, sizeof *weights);
    int *cluster = arena_array(arena, n + 1, sizeof *cluster);
    int *stratum = arena_array(arena, 2 * n + 1, sizeof *stratum);
    if (!values || !weights || !cluster || !stratum) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < n; i++) {
        weights[i] = stat_weight(&m->data.role[WEIGHT], rows[i]);
        for (size_t d = 0; d < draws; d++) values[d * n + i] = value->column[d]->value[rows[i]];
    }
    struct sample sample = { .n = n, .draws = draws, .values = values, .weights = weights,
                             .cluster = cluster,
                             .n_clusters = number_within(m, rows, n, cluster, stratum),
                             .stratum = m->data.role[STRATA].n ? stratum : NULL };
    return m->data.role[JK2].n ? mean_jk2(&sample, arena, out, error)
                               : mean_jackknife(&sample, arena, out, error);
}

static void say_group(const struct means *m, size_t group, const struct moments *cell, json_t *list) {
    const char *name = m->data.role[BY].n ? m->data.role[BY].column[0]->labels[group] : "all";
    double half = isnan(cell->mean.se) ? NAN : estimate_half_width(cell->mean, 0.95);
    const struct { const char *key; double value; } numbers[] = {
        { "estimate", cell->mean.value }, { "se", cell->mean.se }, { "df", cell->mean.df },
        { "low", cell->mean.value - half }, { "high", cell->mean.value + half }, { "sd", cell->sd },
    };
    if (list) {
        json_t *row = json_pack("{s:s, s:I, s:I}", "group", name, "n", (json_int_t)cell->persons,
                                "clusters", (json_int_t)cell->clusters);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            stat_json_number(row, numbers[i].key, numbers[i].value);
        json_array_append_new(list, row);
        return;
    }
    csv_write_field(stdout, name);
    printf(",%zu,%zu", cell->persons, cell->clusters);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) stat_print_number(numbers[i].value);
    putchar('\n');
}

/* A group of one cluster has a mean and no error; one without rows is left out. */
static bool say_groups(struct means *m, json_t *list, struct error *error) {
    if (!list) puts("group,n,clusters,estimate,se,df,low,high,sd");
    for (size_t g = 0; g < m->n_groups; g++) {
        struct moments cell = { .persons = 0 };
        if (m->start[g + 1] == m->start[g]) continue;
        struct arena *arena = arena_create(ARENA_JOB_MAX);
        bool ok = arena ? cell_moments(m, g, arena, &cell, error) : error_plain(error, "stat.memory");
        arena_destroy(arena);
        if (!ok && !error_is(error, "stat.one_cluster")) return false;
        say_group(m, g, &cell, list);
    }
    return true;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct means m = { .cli = cli };
    struct error error = { 0 };
    const char *path = arguments_at(arguments, 0);
    int code = stat_data_read(cli, arguments, roles, ROLES, &m.data);
    if (code != EXIT_DONE) return code;
    const struct role *role = m.data.role;
    if (role[JK2].list && (role[JK2].n != 2 || role[CLUSTER].n || role[STRATA].n))
        return cli_usage(cli, N_("{detail} takes two columns, ZONE,REP, and neither --cluster nor --strata."),
                         "--jk2");
    if (!sort_rows(&m, path, &error)) return cli_fail(cli, &error);
    if (m.left_out == m.data.n) {
        error_plain(&error, "stat.empty");
        return cli_fail(cli, &error);
    }
    json_t *list = cli->json ? json_array() : NULL;
    if (!say_groups(&m, list, &error)) {
        json_decref(list);
        return cli_fail(cli, &error);
    }
    if (m.left_out) cli_say(cli, N_("Rows left out because a value is missing: {n}"), ARG_INT("n", m.left_out));
    if (!list) return EXIT_DONE;
    return cli_print_json(cli, json_pack("{s:s, s:s, s:I, s:I, s:o}", "value", role[VALUE].list, "error",
                                         role[JK2].n ? "jk2" : "jackknife", "draws",
                                         (json_int_t)role[VALUE].n, "left_out", (json_int_t)m.left_out,
                                         "groups", list));
}

static const struct option options[] = {
    { "--value", "COLUMNS", N_("the values; several are plausible values of one ('PV*')"), false },
    { "--by", "COLUMN", N_("the groups whose means are wanted (everybody when not given)"), false },
    { "--cluster", "COLUMN", N_("what was sampled, a school or a class, for a jackknife over it (the rows when not given)"), false },
    { "--strata", "COLUMN", N_("the strata that clusters were sampled in"), false },
    { "--jk2", "ZONE,REP", N_("paired jackknife as in TIMSS: the zone, and 0 or 1 for its half"), false },
    { "--weight", "COLUMN", N_("weights of the rows"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_stat_means = {
    .words = "stat means", .summary = N_("Means with standard errors: jackknife over clusters, plausible values combined"),
    .arguments = "DATA.csv --value COLUMNS [--by COLUMN] [--cluster COLUMN]", .options = options,
    .min_positional = 1, .max_positional = 1, .run = run,
};

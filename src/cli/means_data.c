#include "cli/means_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct role roles[ROLES] = {
    [VALUE] = { .option = "--value", .numeric = true },
    [PERCENT] = { .option = "--percent" },
    [BY] = { .option = "--by", .single = true },
    [CLUSTER] = { .option = "--cluster", .single = true },
    [STRATA] = { .option = "--strata", .single = true },
    [JK2] = { .option = "--jk2" },
    [WEIGHT] = { .option = "--weight", .numeric = true, .single = true, .weight = true },
};

const char *means_group(const struct means *m, size_t group) {
    return m->data.role[BY].n ? m->data.role[BY].column[0]->labels[group] : "all";
}

/* ---- categories ---- */

enum { CATEGORIES_MOST = 200 };

struct label {
    const char *text;
    double value; /* 0 where not all are numbers */
    size_t column;
    int was, now;
};

static int by_value(const void *a, const void *b) {
    const struct label *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return strcmp(x->text, y->text);
}

/* Numbers that are written in two ways (1 and 1.0) are one. */
static bool same(const struct label *a, const struct label *b, bool numeric) {
    return numeric ? a->value == b->value : strcmp(a->text, b->text) == 0;
}

/* The labels of all the columns together, in order. */
static bool gather_labels(struct means *m, struct label **out, size_t *n, bool *numeric) {
    const struct role *percent = &m->data.role[PERCENT];
    *numeric = true;
    *n = 0;
    for (size_t c = 0; c < percent->n; c++) {
        *n += percent->column[c]->n_labels;
        *numeric &= percent->column[c]->numeric;
    }
    struct label *labels = *out = arena_array(m->cli->arena, *n + 1, sizeof *labels);
    if (!labels) return false;
    for (size_t c = 0, at = 0; c < percent->n; c++)
        for (size_t l = 0; l < percent->column[c]->n_labels; l++, at++) {
            labels[at] = (struct label){ percent->column[c]->labels[l], 0, c, (int)l, 0 };
            if (*numeric) text_to_double(labels[at].text, &labels[at].value);
        }
    qsort(labels, *n, sizeof *labels, by_value);
    return true;
}

static bool make_categories(struct means *m, struct error *error) {
    const struct role *percent = &m->data.role[PERCENT];
    struct categories *out = &m->categories;
    struct arena *arena = m->cli->arena;
    struct label *labels;
    size_t n;
    bool numeric;
    if (percent->n == 0) return true;
    if (!gather_labels(m, &labels, &n, &numeric)) return error_plain(error, "stat.memory");
    out->label = arena_array(arena, n + 1, sizeof *out->label);
    out->category = arena_array(arena, percent->n, sizeof *out->category);
    if (!out->label || !out->category) return error_plain(error, "stat.memory");
    for (size_t l = 0; l < n; l++) {
        if (l == 0 || !same(&labels[l], &labels[l - 1], numeric))
            out->label[out->n++] = labels[l].text;
        labels[l].now = (int)out->n - 1;
    }
    if (out->n > CATEGORIES_MOST)
        return error_set(error, "stat.many_categories", ARG_TEXT("columns", percent->list),
                         ARG_INT("found", out->n), ARG_INT("most", CATEGORIES_MOST));
    for (size_t c = 0; c < percent->n; c++) {
        const struct irt_column *column = percent->column[c];
        int *now = arena_array(arena, column->n_labels + 1, sizeof *now);
        int *category = out->category[c] = arena_array(arena, m->data.n + 1, sizeof *category);
        if (!now || !category) return error_plain(error, "stat.memory");
        for (size_t l = 0; l < n; l++)
            if (labels[l].column == c) now[labels[l].was] = labels[l].now;
        for (size_t row = 0; row < m->data.n; row++)
            category[row] = column->label[row] == LABEL_NONE ? LABEL_NONE : now[column->label[row]];
    }
    return true;
}

/* ---- rows ---- */

static bool in_cell(const struct means *m, size_t row) {
    const struct role *role = m->data.role;
    for (size_t c = 0; c < role[VALUE].n; c++)
        if (isnan(role[VALUE].column[c]->value[row])) return false;
    for (size_t r = PERCENT; r <= JK2; r++)
        for (size_t c = 0; c < role[r].n; c++)
            if (role[r].column[c]->label[row] == LABEL_NONE) return false;
    return stat_weight(&role[WEIGHT], row) > 0;
}

/* Halves of a zone are told by numbers: 0 the one that is left out, 1 the one that is doubled. */
static bool number_halves(struct means *m, const char *path, struct error *error) {
    const struct irt_column *zone = m->data.role[JK2].column[0],
                            *half = m->data.role[JK2].column[1];
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

static bool sort_rows(struct means *m, struct error *error) {
    struct arena *arena = m->cli->arena;
    struct irt_column *by = m->data.role[BY].n ? m->data.role[BY].column[0] : NULL;
    if (by && !irt_sort_labels(m->cli, by, m->data.n)) return error_plain(error, "stat.memory");
    m->n_groups = by ? by->n_labels : 1;
    m->start = arena_array(arena, m->n_groups + 2, sizeof *m->start);
    m->order = arena_array(arena, m->data.n + 1, sizeof *m->order);
    m->cluster = arena_array(arena, m->data.n + 1, sizeof *m->cluster);
    if (!m->start || !m->order || !m->cluster) return error_plain(error, "stat.memory");
    if (!number_clusters(m, m->data.irt.path, error)) return false;
    m->number = arena_array(arena, m->n_clusters + 1, sizeof *m->number);
    if (!m->number) return error_plain(error, "stat.memory");
    for (size_t c = 0; c < m->n_clusters; c++) m->number[c] = -1;
    for (size_t row = 0; row < m->data.n; row++) {
        if (in_cell(m, row))
            m->start[(by ? (size_t)by->label[row] : 0) + 2]++;
        else
            m->left_out++;
    }
    for (size_t g = 2; g < m->n_groups + 2; g++) m->start[g] += m->start[g - 1];
    for (size_t row = 0; row < m->data.n; row++)
        if (in_cell(m, row)) m->order[m->start[(by ? (size_t)by->label[row] : 0) + 1]++] = row;
    return m->left_out < m->data.n || stat_refuse_empty(&m->data, ROLES, error);
}

int means_read(struct cli *cli, const struct arguments *arguments, struct means *out) {
    *out = (struct means){ .cli = cli };
    struct error error = { 0 };
    int *stratum;
    int code = stat_data_read(cli, arguments, roles, ROLES, &out->data);
    if (code != EXIT_DONE) return code;
    const struct role *role = out->data.role;
    if (!role[VALUE].list == !role[PERCENT].list)
        return cli_usage(cli, N_("Give one of {detail}."), "--value, --percent");
    if (role[JK2].list && (role[JK2].n != 2 || role[CLUSTER].n || role[STRATA].n))
        return cli_usage(
            cli, N_("{detail} takes two columns, ZONE,REP, and neither --cluster nor --strata."),
            "--jk2");
    bool ok = !role[CLUSTER].n ||
              stat_strata(cli, &out->data, &role[CLUSTER], &role[STRATA], &stratum, &error);
    if (!ok || !sort_rows(out, &error) || !make_categories(out, &error))
        return cli_fail(cli, &error);
    return EXIT_DONE;
}

/* ---- one group ---- */

/* Clusters numbered anew within the group, so that a group costs what it has; jk2 keeps its pairs.
 */
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

bool means_sample(struct means *m, size_t group, struct arena *arena, struct sample *out,
                  struct error *error) {
    const struct role *value = &m->data.role[VALUE];
    const size_t *rows = m->order + m->start[group];
    size_t n = m->start[group + 1] - m->start[group], draws = value->n;
    double *values = arena_array(arena, n + 1, (draws + 1) * sizeof *values);
    double *weights = arena_array(arena, n + 1, sizeof *weights);
    int *cluster = arena_array(arena, n + 1, sizeof *cluster);
    int *stratum = arena_array(arena, 2 * n + 1, sizeof *stratum);
    if (!values || !weights || !cluster || !stratum) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < n; i++) {
        weights[i] = stat_weight(&m->data.role[WEIGHT], rows[i]);
        for (size_t d = 0; d < draws; d++) values[d * n + i] = value->column[d]->value[rows[i]];
    }
    *out = (struct sample){ .n = n,
                            .draws = draws ? draws : m->data.role[PERCENT].n,
                            .values = draws ? values : NULL,
                            .weights = weights,
                            .cluster = cluster,
                            .n_clusters = number_within(m, rows, n, cluster, stratum),
                            .stratum = m->data.role[STRATA].n ? stratum : NULL };
    return true;
}

void means_indicator(const struct means *m, size_t group, size_t category, double *values) {
    const size_t *rows = m->order + m->start[group];
    size_t n = m->start[group + 1] - m->start[group];
    for (size_t c = 0; c < m->data.role[PERCENT].n; c++)
        for (size_t i = 0; i < n; i++)
            values[c * n + i] = m->categories.category[c][rows[i]] == (int)category;
}

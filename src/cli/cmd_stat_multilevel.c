#include "cli/stat_data.h"

#include "exchange/csv.h"
#include "stat/multilevel.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OUTCOME, GROUP, PREDICTOR, ROLES };
static const struct role roles[ROLES] = {
    [OUTCOME] = { .option = "--outcome", .required = true, .numeric = true },
    [GROUP] = { .option = "--group", .required = true, .single = true },
    [PREDICTOR] = { .option = "--predictor", .numeric = true },
};

/* The complete rows as the model takes them, and the names of its columns. */
struct model_data {
    struct cli *cli;
    struct stat_data data;
    bool centre;
    size_t n, p;
    double *y, *x;
    int *group;
    const char **term;
};

static bool complete(const struct stat_data *data, size_t row) {
    if (data->role[GROUP].column[0]->label[row] == LABEL_NONE) return false;
    for (size_t r = OUTCOME; r <= PREDICTOR; r++)
        for (size_t c = 0; c < data->role[r].n && r != GROUP; c++)
            if (isnan(data->role[r].column[c]->value[row])) return false;
    return true;
}

static const char *term_name(struct arena *arena, const char *column, const char *part) {
    struct text text = text_new(arena, 1024);
    text_addf(&text, "%s.%s", column, part);
    return text_ok(&text) ? text_string(&text) : NULL;
}

/* Column c of x holds a predictor: centred, it becomes its deviation from the group's mean, and the
 * column behind it the mean. */
static bool centre_column(struct model_data *m, size_t c, const char *name) {
    size_t groups = m->data.role[GROUP].column[0]->n_labels;
    double *sum = arena_array(m->cli->arena, groups, sizeof *sum);
    double *count = arena_array(m->cli->arena, groups, sizeof *count);
    if (!sum || !count) return false;
    for (size_t i = 0; i < m->n; i++) {
        sum[m->group[i]] += m->x[i * m->p + c];
        count[m->group[i]]++;
    }
    for (size_t i = 0; i < m->n; i++) {
        double mean = sum[m->group[i]] / count[m->group[i]];
        m->x[i * m->p + c + 1] = mean;
        m->x[i * m->p + c] -= mean;
    }
    m->term[c] = term_name(m->cli->arena, name, "within");
    m->term[c + 1] = term_name(m->cli->arena, name, "between");
    return m->term[c] && m->term[c + 1];
}

static bool lay_out(struct model_data *m, struct error *error) {
    const struct role *outcome = &m->data.role[OUTCOME], *predictor = &m->data.role[PREDICTOR];
    struct arena *arena = m->cli->arena;
    size_t rows = m->data.n, step = m->centre ? 2 : 1;
    m->p = 1 + predictor->n * step;
    m->x = arena_array(arena, rows + 1, m->p * sizeof *m->x);
    m->y = arena_array(arena, rows + 1, outcome->n * sizeof *m->y);
    m->group = arena_array(arena, rows + 1, sizeof *m->group);
    m->term = arena_array(arena, m->p, sizeof *m->term);
    if (!m->x || !m->y || !m->group || !m->term) return error_plain(error, "stat.memory");
    for (size_t row = 0; row < rows; row++) m->n += complete(&m->data, row);
    if (m->n == 0) return stat_refuse_empty(&m->data, ROLES, error);
    m->term[0] = "(Intercept)";
    for (size_t row = 0, i = 0; row < rows; row++) {
        if (!complete(&m->data, row)) continue;
        for (size_t d = 0; d < outcome->n; d++) m->y[d * m->n + i] = outcome->column[d]->value[row];
        m->x[i * m->p] = 1;
        for (size_t c = 0; c < predictor->n; c++)
            m->x[i * m->p + 1 + c * step] = predictor->column[c]->value[row];
        m->group[i++] = m->data.role[GROUP].column[0]->label[row];
    }
    for (size_t c = 0; c < predictor->n; c++) {
        m->term[1 + c * step] = predictor->column[c]->name;
        if (m->centre && !centre_column(m, 1 + 2 * c, predictor->column[c]->name))
            return error_plain(error, "stat.memory");
    }
    return true;
}

static bool fit(struct model_data *m, struct multilevel *out, struct error *error) {
    struct multilevel_input input = { .n = m->n,
                                      .draws = m->data.role[OUTCOME].n,
                                      .y = m->y,
                                      .n_columns = m->p,
                                      .x = m->x,
                                      .group = m->group,
                                      .n_groups = m->data.role[GROUP].column[0]->n_labels };
    if (multilevel_fit(&input, m->cli->arena, out, error)) return true;
    const char *column = error_is(error, "stat.collinear") ? error_value(error, "column") : NULL;
    long long index;
    if (column && text_to_int(column, 1, (long long)m->p - 1, &index)) {
        size_t predictor = (size_t)(index - 1) / (m->centre ? 2 : 1);
        error_replace(error, ARG_TEXT("column", m->data.role[PREDICTOR].column[predictor]->name));
    }
    return false;
}

/* ---- saying it ---- */

/* Mean of a group's outcomes, over its rows and the draws. */
static void group_means(const struct model_data *m, double *mean, size_t *count) {
    size_t draws = m->data.role[OUTCOME].n;
    for (size_t i = 0; i < m->n; i++) count[m->group[i]]++;
    for (size_t d = 0; d < draws; d++)
        for (size_t i = 0; i < m->n; i++) mean[m->group[i]] += m->y[d * m->n + i];
    for (size_t g = 0; g < m->data.role[GROUP].column[0]->n_labels; g++)
        mean[g] /= (double)(count[g] * draws);
}

/* The groups' effects: lines in a file, and objects in list where there is one. */
static bool say_units(const struct model_data *m, const struct multilevel *fit, const char *path,
                      json_t *list, struct error *error) {
    const struct irt_column *group = m->data.role[GROUP].column[0];
    double *mean = arena_array(m->cli->arena, group->n_labels, sizeof *mean);
    size_t *count = arena_array(m->cli->arena, group->n_labels, sizeof *count);
    struct irt_output out;
    if (!mean || !count) return error_plain(error, "stat.memory");
    if (!irt_output_open(m->cli, &out, NULL, path, error)) return false;
    group_means(m, mean, count);
    fputs("group,n,mean,estimate,se\n", out.file);
    for (size_t g = 0; g < group->n_labels; g++) {
        if (!count[g]) continue;
        csv_write_field(out.file, group->labels[g]);
        fprintf(out.file, ",%zu", count[g]);
        irt_output_number(&out, mean[g]);
        irt_output_number(&out, fit->effect[g]);
        irt_output_number(&out, fit->effect_se[g]);
        fputc('\n', out.file);
        if (list)
            json_array_append_new(list,
                                  json_pack("{s:s, s:I, s:f, s:f, s:f}", "group", group->labels[g],
                                            "n", (json_int_t)count[g], "mean", mean[g], "estimate",
                                            fit->effect[g], "se", fit->effect_se[g]));
    }
    return irt_output_close(&out, error);
}

static int say_json(const struct model_data *m, const struct multilevel *fit, json_t *units) {
    json_t *fixed = json_array();
    for (size_t c = 0; c < m->p; c++) {
        json_t *row = json_pack("{s:s}", "term", m->term[c]);
        stat_json_estimate(row, &fit->fixed[c], SCALE_PLAIN);
        json_array_append_new(fixed, row);
    }
    json_t *all = json_pack("{s:I, s:I, s:I, s:o, s:f, s:f, s:f, s:f}", "n", (json_int_t)m->n,
                            "groups", (json_int_t)fit->groups, "draws",
                            (json_int_t)m->data.role[OUTCOME].n, "fixed", fixed, "tau2", fit->tau2,
                            "sigma2", fit->sigma2, "icc", fit->icc, "loglik", fit->loglik);
    stat_json_number(all, "icc_se", fit->icc_se);
    stat_json_number(all, "icc_low", fit->icc_low);
    stat_json_number(all, "icc_high", fit->icc_high);
    if (units) json_object_set_new(all, "units", units);
    return cli_print_json(m->cli, all);
}

static int say_lines(const struct model_data *m, const struct multilevel *fit) {
    puts("term,estimate,se,df,low,high");
    for (size_t c = 0; c < m->p; c++) {
        csv_write_field(stdout, m->term[c]);
        stat_print_estimate(&fit->fixed[c], SCALE_PLAIN);
        putchar('\n');
    }
    printf("tau2,%.10g,,,,\nsigma2,%.10g,,,,\nicc,%.10g", fit->tau2, fit->sigma2, fit->icc);
    stat_print_number(fit->icc_se);
    putchar(',');
    stat_print_number(fit->icc_low);
    stat_print_number(fit->icc_high);
    putchar('\n');
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct model_data m = { .cli = cli };
    struct multilevel result;
    struct error error = { 0 };
    const char *centre = option_text(arguments, "--centre");
    if (centre && strcmp(centre, "within") != 0)
        return cli_usage(cli, N_("--centre takes the word within, not “{detail}”."), centre);
    m.centre = centre != NULL;
    int code = stat_data_read(cli, arguments, roles, ROLES, &m.data);
    if (code != EXIT_DONE) return code;
    if (!lay_out(&m, &error) || !fit(&m, &result, &error)) return cli_fail(cli, &error);
    if (m.n < m.data.n)
        cli_say(cli, N_("Rows left out because a value is missing: {n}"),
                ARG_INT("n", m.data.n - m.n));
    const char *units = option_text(arguments, "--units");
    json_t *list = units && cli->json ? json_array() : NULL;
    if (units && !say_units(&m, &result, units, list, &error)) {
        json_decref(list);
        return cli_fail(cli, &error);
    }
    return cli->json ? say_json(&m, &result, list) : say_lines(&m, &result);
}

static const struct option options[] = {
    { "--outcome", "COLUMNS", N_("the outcome; several columns are its plausible values ('PV*')"),
      false },
    { "--group", "COLUMN", N_("the groups, schools say, that have an intercept each"), false },
    { "--predictor", "COLUMNS", N_("predictors, at commas"), false },
    { "--centre", "within",
      N_("divide each predictor into its deviation from the group's mean, and the mean"), false },
    { "--units", "FILE",
      N_("write each group's empirical Bayes estimate and its error to a CSV file (and with --json "
         "into the result)"),
      false },
    { NULL, NULL, NULL, false },
};
const struct command command_stat_multilevel = {
    .words = "stat multilevel",
    .summary = N_("Random-intercept model by restricted maximum likelihood"),
    .arguments = "DATA.csv --outcome COLUMNS --group COLUMN [--predictor COLUMNS]",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

#include "cli/stat_data.h"

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "scale/latent.h"
#include "scale/score.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum {
    DRAWS = 10,
    DRAWS_MOST = 1000,
    SEED = 1,
    COLUMNS_MOST = 64,
    LEVELS_MOST = 200,
    CODES_MOST = 12
};
#define SEED_MOST 9007199254740991LL /* 2⁵³ − 1: a JSON number holds it */

struct scoring {
    struct cli *cli;
    struct irt_folder folder;
    struct irt_data data;
    struct irt_column *group; /* NULL: one group */
    const char *condition[COLUMNS_MOST], *cluster[2];
    size_t n_condition, n_cluster;
    struct responses responses;
    struct pool *pool;
    bool pv;
    long long draws, seed, least; /* answers that scores are given for */
    uint16_t *few;                /* a row's answers where they are fewer, else 0 */
    size_t n_few;
    struct person_score *score;
    double *value;               /* draw × row */
    struct latent_result latent; /* with conditions or clusters */
    const char **x_name;
    size_t n_x;
};

/* ---- options ---- */

static bool split(struct cli *cli, const char *list, const char **out, size_t most, size_t *n) {
    *n = 0;
    while (list && *list) {
        size_t length = strcspn(list, ",");
        if (*n == most) return false;
        if (length) out[(*n)++] = arena_copy_bytes(cli->arena, list, length);
        list += length + (list[length] == ',');
    }
    return true;
}

static bool usage(struct cli *cli, const char *msgid, const char *detail) {
    cli_usage(cli, msgid, detail);
    return false;
}

/* "half" stands for 0 until the items are known. */
static bool read_least(struct scoring *s, const struct arguments *arguments) {
    const char *least = option_text(arguments, "--least");
    s->least = 1;
    if (!least) return true;
    if (strcmp(least, "half") == 0) {
        s->least = 0;
        return true;
    }
    if (text_to_int(least, 1, ITEMS_MAX, &s->least)) return true;
    return usage(
        s->cli, N_("--least takes a number of answers from 1 up, or half, not “{detail}”."), least);
}

static bool read_options(struct scoring *s, const struct arguments *arguments) {
    struct cli *cli = s->cli;
    const char *method = option_text(arguments, "--method");
    const char *condition = option_text(arguments, "--condition");
    const char *cluster = option_text(arguments, "--cluster");
    s->draws = DRAWS;
    s->seed = SEED;
    s->pv = method && strcmp(method, "pv") == 0;
    if (!option_text(arguments, "--fit"))
        return usage(cli, N_("An option is missing: {detail}"), "--fit");
    if (!option_text(arguments, "--out"))
        return usage(cli, N_("An option is missing: {detail}"), "--out");
    if (!method) return usage(cli, N_("An option is missing: {detail}"), "--method");
    if (!s->pv && strcmp(method, "wle") != 0 && strcmp(method, "eap") != 0)
        return usage(cli, N_("There is no method “{detail}”: choose wle, eap or pv."), method);
    if (!option_int(cli, arguments, "--draws", 1, DRAWS_MOST, &s->draws) ||
        !option_int(cli, arguments, "--seed", 0, SEED_MOST, &s->seed) || !read_least(s, arguments))
        return false;
    if (!s->pv && (condition || cluster))
        return usage(cli, N_("{detail} is for plausible values: add --method pv."),
                     condition ? "--condition" : "--cluster");
    if (!split(cli, condition, s->condition, COLUMNS_MOST, &s->n_condition))
        return usage(cli, N_("Too many columns in {detail}."), "--condition");
    if (!split(cli, cluster, s->cluster, 2, &s->n_cluster))
        return usage(cli, N_("Too many columns in {detail}."), "--cluster");
    return true;
}

/* ---- from cells to the model's categories ---- */

static bool make_groups(struct scoring *s, int **out, struct error *error) {
    const struct irt_column *group = s->group;
    size_t n = s->folder.model.n_groups;
    int *of_label = arena_array(s->cli->arena, group->n_labels + 1, sizeof *of_label);
    int *groups = arena_array(s->cli->arena, s->data.n_rows + 1, sizeof *groups);
    if (!of_label || !groups) return error_plain(error, "irt.memory");
    for (size_t label = 0; label < group->n_labels; label++) {
        of_label[label] = -1;
        for (size_t g = 0; g < n; g++)
            if (strcmp(group->labels[label], s->folder.groups[g]) == 0) of_label[label] = (int)g;
    }
    for (size_t row = 0; row < s->data.n_rows; row++) {
        int label = group->label[row];
        if (label != LABEL_NONE && of_label[label] < 0)
            return error_set(error, "irt.group_unknown", ARG_TEXT("file", s->data.path),
                             ARG_INT("row", row + 1), ARG_TEXT("group", group->labels[label]));
        groups[row] = label == LABEL_NONE ? -1 : of_label[label];
    }
    *out = groups;
    return true;
}

/* Takes the answers of a row that has too few of them. */
static void pass_over_few(struct scoring *s, size_t row, int8_t *codes) {
    long long n = 0;
    for (size_t i = 0; i < s->data.n_items; i++) n += codes[i] != CODE_MISSING;
    if (n == 0 || n >= s->least) return;
    memset(codes, CODE_MISSING, s->data.n_items);
    s->few[row] = (uint16_t)n;
    s->n_few++;
}

/* A row whose group is missing has no prior, so it gets no scores. */
static bool make_responses(struct scoring *s, struct error *error) {
    size_t rows = s->data.n_rows, n_items = s->data.n_items;
    int8_t *codes = arena_array(s->cli->arena, rows + 1, n_items);
    int *groups = NULL;
    s->few = arena_array(s->cli->arena, rows + 1, sizeof *s->few);
    if (!codes || !s->few) return error_plain(error, "irt.memory");
    if (s->least == 0) s->least = ((long long)n_items + 1) / 2;
    if (s->least > (long long)n_items)
        return error_set(error, "irt.least", ARG_INT("least", s->least), ARG_INT("items", n_items));
    if (s->group && !make_groups(s, &groups, error)) return false;
    for (size_t row = 0; row < rows; row++) {
        bool out = groups && groups[row] < 0;
        for (size_t i = 0; i < n_items; i++) {
            int16_t code = s->data.codes[row * n_items + i];
            const struct irt_coding *coding = &s->folder.coding[i];
            codes[row * n_items + i] = out || code == CODE_UNKNOWN
                                           ? (int8_t)CODE_MISSING
                                           : coding->recode[code - coding->low];
        }
        if (out) groups[row] = 0;
        if (s->least > 1) pass_over_few(s, row, codes + row * n_items);
    }
    s->responses = (struct responses){ .n_persons = rows,
                                       .n_items = n_items,
                                       .codes = codes,
                                       .groups = groups,
                                       .n_groups = s->folder.model.n_groups };
    return true;
}

static bool read_data(struct scoring *s, const struct arguments *arguments, struct error *error) {
    const char *columns[COLUMNS_MOST + 3];
    size_t n = 0;
    if (!irt_folder_read(s->cli, option_text(arguments, "--fit"), &s->folder, error)) return false;
    struct irt_item *items = arena_array(s->cli->arena, s->folder.model.n_items, sizeof *items);
    if (!items) return error_plain(error, "irt.memory");
    for (size_t i = 0; i < s->folder.model.n_items; i++)
        items[i] = (struct irt_item){ s->folder.coding[i].item, s->folder.coding[i].low,
                                      s->folder.coding[i].high, NULL };
    for (size_t i = 0; i < s->n_condition; i++) columns[n++] = s->condition[i];
    for (size_t i = 0; i < s->n_cluster; i++) columns[n++] = s->cluster[i];
    if (s->folder.group_column) columns[n++] = s->folder.group_column;
    if (!irt_data_read(s->cli, arguments_at(arguments, 0), items, s->folder.model.n_items, columns,
                       n, pool_threads(s->pool), &s->data, error))
        return false;
    if (s->folder.group_column) s->group = &s->data.columns[n - 1];
    return make_responses(s, error);
}

/* ---- the latent regression ---- */

/* Columns of x under construction: a constant first. */
struct design {
    struct scoring *s;
    double **column;
    size_t n, capacity;
};

static double *add_column(struct design *d, const char *name, const char *level) {
    struct arena *arena = d->s->cli->arena;
    struct text text = text_new(arena, 1024);
    if (d->n == d->capacity) return NULL;
    double *column = arena_array(arena, d->s->data.n_rows + 1, sizeof *column);
    text_addf(&text, level ? "%s=%s" : "%s", name, level);
    if (!column || !text_ok(&text)) return NULL;
    d->s->x_name[d->n] = text_string(&text);
    return d->column[d->n++] = column;
}

/* Numbers as they are, a missing one as the mean with a flag of its own. */
static bool add_numbers(struct design *d, const struct irt_column *from) {
    size_t rows = d->s->data.n_rows, missing = 0, n = 0;
    double sum = 0, *column = add_column(d, from->name, NULL);
    if (!column) return false;
    for (size_t row = 0; row < rows; row++) {
        if (isnan(from->value[row]))
            missing++;
        else {
            sum += from->value[row];
            n++;
        }
    }
    double *flag = missing && n ? add_column(d, from->name, "NA") : NULL;
    if (missing && n && !flag) return false;
    for (size_t row = 0; row < rows; row++) {
        bool absent = isnan(from->value[row]);
        column[row] = absent ? (n ? sum / (double)n : 0) : from->value[row];
        if (flag) flag[row] = absent;
    }
    return true;
}

/* A column for each label but the first, and one for missing. */
static bool add_labels(struct design *d, struct irt_column *from) {
    size_t rows = d->s->data.n_rows;
    bool missing = false;
    if (!irt_sort_labels(d->s->cli, from, rows)) return false;
    for (size_t row = 0; row < rows; row++) missing = missing || from->label[row] == LABEL_NONE;
    for (size_t label = 1; label < from->n_labels + missing; label++) {
        bool last = label == from->n_labels;
        double *column = add_column(d, from->name, last ? "NA" : from->labels[label]);
        if (!column) return false;
        for (size_t row = 0; row < rows; row++)
            column[row] = from->label[row] == (last ? LABEL_NONE : (int)label);
    }
    return true;
}

/* Numbers with a word among them: as categories each of them would take a column. More numbers than
 * codes have, and fewer words. Sets the error of the first word. */
static bool check_stray(struct scoring *s, const struct irt_column *column, struct error *error) {
    size_t numbers = 0;
    double value;
    for (size_t label = 0; label < column->n_labels; label++)
        numbers += text_to_double(column->labels[label], &value);
    if (column->numeric || numbers <= CODES_MOST || 2 * numbers < column->n_labels) return true;
    size_t row = 0;
    while (column->label[row] == LABEL_NONE || !isnan(column->value[row])) row++;
    return stat_refuse_cell(s->cli, &(struct stat_data){ .irt = s->data },
                            ERROR_ID("stat.not_a_number"), column->name, row, error);
}

static bool make_design(struct scoring *s, double **x, struct error *error) {
    struct design d = { .s = s, .capacity = LEVELS_MOST };
    size_t rows = s->data.n_rows;
    d.column = arena_array(s->cli->arena, d.capacity, sizeof *d.column);
    s->x_name = arena_array(s->cli->arena, d.capacity, sizeof *s->x_name);
    double *constant = d.column && s->x_name ? add_column(&d, "1", NULL) : NULL;
    if (!constant) return error_plain(error, "irt.memory");
    for (size_t row = 0; row < rows; row++) constant[row] = 1;
    for (size_t i = 0; i < s->n_condition; i++) {
        struct irt_column *from = &s->data.columns[i];
        if (!check_stray(s, from, error)) return false;
        if (!(from->numeric ? add_numbers(&d, from) : add_labels(&d, from)))
            return error_set(error, "irt.levels", ARG_TEXT("column", from->name),
                             ARG_INT("most", LEVELS_MOST));
    }
    bool conditioned = false; /* on the groups already */
    for (size_t i = 0; s->group && i < s->n_condition; i++)
        conditioned = conditioned || strcmp(s->condition[i], s->group->name) == 0;
    if (s->group && !conditioned && !add_labels(&d, s->group))
        return error_set(error, "irt.levels", ARG_TEXT("column", s->group->name),
                         ARG_INT("most", LEVELS_MOST));
    *x = arena_array(s->cli->arena, rows + 1, d.n * sizeof **x);
    if (!*x) return error_plain(error, "irt.memory");
    for (size_t row = 0; row < rows; row++)
        for (size_t k = 0; k < d.n; k++) (*x)[row * d.n + k] = d.column[k][row];
    s->n_x = d.n;
    return true;
}

/* Residual variances by the categories that are conditioned on, where enough persons are in one. */
static bool make_variances(struct scoring *s, struct latent_input *input, struct error *error) {
    enum { PERSONS_LEAST = 200 };
    const int *factors[COLUMNS_MOST];
    size_t n = 0;
    for (size_t i = 0; i < s->n_condition; i++) {
        const struct irt_column *column = &s->data.columns[i];
        if (!column->numeric || column->n_labels <= CODES_MOST) factors[n++] = column->label;
    }
    return latent_variance_groups(&s->responses, factors, n, PERSONS_LEAST, s->cli->arena,
                                  &input->variance_of, &input->n_variances) ||
           error_plain(error, "irt.memory");
}

static void report(void *progress, double fraction) { progress_set(progress, fraction); }

static bool draw_latent(struct scoring *s, struct error *error) {
    struct progress progress;
    double *x;
    if (!make_design(s, &x, error)) return false;
    struct latent_input input = { .responses = &s->responses,
                                  .model = &s->folder.model,
                                  .n_columns = s->n_x,
                                  .x = x,
                                  .draws = (int)s->draws,
                                  .seed = (uint64_t)s->seed,
                                  .progress = report,
                                  .progress_context = &progress };
    const struct irt_column *cluster = s->data.columns + s->n_condition;
    if (s->n_cluster > 0) {
        input.n_classes = cluster[0].n_labels;
        input.class_of = cluster[0].label;
    }
    if (s->n_cluster > 1) {
        input.n_schools = cluster[1].n_labels;
        input.school_of = cluster[1].label;
    }
    if (!make_variances(s, &input, error)) return false;
    progress_begin(&progress, s->cli, N_("Drawing plausible values"));
    bool ok = latent_draw(&input, s->pool, s->cli->arena, &s->latent, error);
    progress_end(&progress, ok ? NULL : i18n_text(s->cli->language, N_("failed")));
    s->value = s->latent.pv;
    const char *column = ok ? NULL : error_value(error, "column");
    long long index;
    if (column && text_to_int(column, 0, (long long)s->n_x - 1, &index))
        error_replace(error, ARG_TEXT("column", s->x_name[index]));
    return ok;
}

/* ---- scoring ---- */

static bool score(struct scoring *s, struct error *error) {
    struct arena *arena = s->cli->arena;
    s->score = arena_array(arena, s->data.n_rows + 1, sizeof *s->score);
    if (!s->score) return error_plain(error, "irt.memory");
    if (!scale_score(&s->responses, &s->folder.model, s->pool, arena, s->score, error))
        return false;
    if (!s->pv) return true;
    if (s->n_condition || s->n_cluster) return draw_latent(s, error);
    s->value = arena_array(arena, s->data.n_rows + 1, (size_t)s->draws * sizeof *s->value);
    return s->value ? scale_plausible(&s->responses, &s->folder.model, (int)s->draws,
                                      (uint64_t)s->seed, s->pool, arena, s->value, error)
                    : error_plain(error, "irt.memory");
}

enum { SCORE_COLUMNS = 5 };

static size_t format_row(const void *context, size_t row, char *out) {
    const struct scoring *s = context;
    const struct person_score *own = &s->score[row];
    const double value[SCORE_COLUMNS] = { own->raw, own->wle, own->wle_se, own->eap, own->eap_sd };
    char *at = out + decimal_write_count(out, row + 1);
    *at++ = ',';
    at += decimal_write_count(at, s->few[row] > 0 ? s->few[row] : (size_t)own->n_items);
    for (size_t k = 0; k < SCORE_COLUMNS; k++) at += irt_number(at, value[k]);
    for (size_t d = 0; s->pv && d < (size_t)s->draws; d++)
        at += irt_number(at, s->value[d * s->data.n_rows + row]);
    *at++ = '\n';
    return (size_t)(at - out);
}

static bool write_scores(struct scoring *s, const char *path, struct error *error) {
    struct irt_output out;
    size_t numbers = SCORE_COLUMNS + (s->pv ? (size_t)s->draws : 0);
    struct irt_rows rows = { s->data.n_rows, (numbers + 3) * (DECIMAL_MAX + 1), format_row, s };
    if (!irt_output_open(s->cli, &out, NULL, path, error)) return false;
    fputs("row,n_items,raw,wle,wle_se,eap,eap_sd", out.file);
    for (long long d = 1; s->pv && d <= s->draws; d++) fprintf(out.file, ",pv%lld", d);
    fputc('\n', out.file);
    bool ok = irt_output_rows(s->cli, &out, s->pool, &rows, error);
    return irt_output_close(&out, error) && ok;
}

static json_t *latent_json(const struct scoring *s) {
    json_t *beta = json_array();
    for (size_t k = 0; k < s->n_x; k++)
        json_array_append_new(beta, json_pack("{s:s, s:f, s:f}", "column", s->x_name[k], "estimate",
                                              s->latent.beta[k], "sd", s->latent.beta_sd[k]));
    return json_pack("{s:o, s:f, s:f, s:f}", "beta", beta, "tau2_class", s->latent.tau2_class,
                     "tau2_school", s->latent.tau2_school, "sigma2", s->latent.sigma2);
}

static int say_result(struct scoring *s, const char *method, const char *path) {
    size_t persons = 0;
    double eap, wle;
    for (size_t row = 0; row < s->data.n_rows; row++) persons += s->score[row].n_items > 0;
    cli_say(s->cli,
            i18n_plural(
                s->cli->language, "{persons} person scored; rows written to {file}: {rows}.",
                "{persons} persons scored; rows written to {file}: {rows}.", (long long)persons),
            ARG_INT("persons", persons), ARG_INT("rows", s->data.n_rows), ARG_TEXT("file", path));
    if (s->n_few > 0)
        cli_say(s->cli,
                i18n_plural(s->cli->language,
                            "{rows} row has fewer than {least} answers and no scores.",
                            "{rows} rows have fewer than {least} answers and no scores.",
                            (long long)s->n_few),
                ARG_INT("rows", s->n_few), ARG_INT("least", s->least));
    if (!s->cli->json) return EXIT_DONE;
    scale_reliability(s->score, NULL, s->data.n_rows, &eap, &wle);
    json_t *json = json_pack("{s:s, s:I, s:I, s:I, s:f, s:f}", "method", method, "rows",
                             (json_int_t)s->data.n_rows, "persons", (json_int_t)persons,
                             "too_few_answers", (json_int_t)s->n_few, "reliability_eap", eap,
                             "reliability_wle", wle);
    if (s->pv) {
        json_object_set_new(json, "draws", json_integer(s->draws));
        json_object_set_new(json, "seed", json_integer(s->seed));
    }
    if (s->latent.pv) json_object_set_new(json, "latent", latent_json(s));
    return cli_print_json(s->cli, json);
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct scoring s = { .cli = cli };
    struct error error = { 0 };
    const char *out = option_text(arguments, "--out");
    if (!read_options(&s, arguments)) return EXIT_USAGE;
    int threads = irt_threads(cli, arguments);
    if (threads == 0) return EXIT_USAGE;
    s.pool = pool_create(threads);
    bool ok = read_data(&s, arguments, &error) && score(&s, &error) &&
              write_scores(&s, out, &error);
    pool_destroy(s.pool);
    if (!ok) return cli_fail(cli, &error);
    return say_result(&s, option_text(arguments, "--method"), out);
}

static const struct option options[] = {
    { "--fit", "DIR", N_("the folder that laerke irt fit wrote"), false },
    { "--method", "METHOD",
      N_("wle, eap or pv; wle and eap are always written, pv adds plausible values"), false },
    { "--out", "SCORES.csv", N_("the file for the scores, one line for each line of answers"),
      false },
    { "--draws", "N", N_("how many plausible values (10)"), false },
    { "--seed", "N", N_("what the draws follow from (1); the same seed gives the same draws"),
      false },
    { "--condition", "COLUMNS",
      N_("columns that the plausible values are conditioned on, at commas"), false },
    { "--cluster", "CLASS,SCHOOL", N_("the columns of class, and of school, that share an effect"),
      false },
    { "--least", "N", N_("how many answers a person needs to be scored (1), or half: of the items"),
      false },
    { "--threads", "N", N_("threads to use; the result is the same"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_irt_score = {
    .words = "irt score",
    .summary = N_("Score persons by a calibration: WLE, EAP, plausible values"),
    .arguments = "DATA.csv --fit DIR --method METHOD --out SCORES.csv",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

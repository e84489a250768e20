#include "cli/stat_data.h"

#include "base/text.h"
#include "exchange/csv.h"
#include "num/pool.h"
#include "stat/dimension.h"
#include "stat/polychoric.h"
#include "stat/reliability.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PARALLEL_MAX = 10000 };

struct request {
    struct cli *cli;
    struct irt_data data;
    int8_t *codes;        /* of all rows, from 0 up */
    const struct irt_column *by; /* NULL: everybody */
    long long replicates, seed;
    struct pool *pool;
};

/* One group's results; a part that failed is not there. */
struct analysis {
    const char *group;    /* NULL: everybody */
    size_t rows;
    int8_t *codes;
    bool classical, polychoric, parallel;
    struct reliability reliability;
    struct polychoric correlations;
    struct polychoric_omega ordered;
    struct parallel dimension, ordered_dimension; /* of the Pearson, and the polychoric ones */
    bool ordered_parallel;
};

/* Codes from 0 up: each item less its lowest, which changes no coefficient. */
static bool codes_from_zero(struct request *q, struct error *error) {
    const struct irt_data *data = &q->data;
    size_t n_items = data->n_items;
    q->codes = arena_array(q->cli->arena, data->n_rows + 1, n_items);
    if (!q->codes) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < n_items; i++) {
        int low = INT16_MAX, high = CODE_UNKNOWN;
        for (size_t row = 0; row < data->n_rows; row++) {
            int16_t code = data->codes[row * n_items + i];
            if (code == CODE_UNKNOWN) continue;
            low = code < low ? code : low;
            high = code > high ? code : high;
        }
        if (high - low > INT8_MAX)
            return error_set(error, "irt.span", ARG_TEXT("item", data->items[i].name), ARG_INT("low", low),
                             ARG_INT("high", high), ARG_INT("most", INT8_MAX + 1));
        for (size_t row = 0; row < data->n_rows; row++) {
            int16_t code = data->codes[row * n_items + i];
            q->codes[row * n_items + i] = (int8_t)(code == CODE_UNKNOWN ? -1 : code - low);
        }
    }
    return true;
}

/* The statistics know an item by its number. */
static void name_item(const struct request *q, struct error *error) {
    const char *item = error_value(error, "item");
    long long index;
    if (item && text_to_int(item, 0, (long long)q->data.n_items - 1, &index))
        error_replace(error, ARG_TEXT("item", q->data.items[index].name));
}

/* ---- one group ---- */

static bool take_rows(const struct request *q, int label, struct analysis *out, struct error *error) {
    size_t n_items = q->data.n_items;
    if (!q->by) {
        out->rows = q->data.n_rows;
        out->codes = q->codes;
        return true;
    }
    out->group = q->by->labels[label];
    for (size_t row = 0; row < q->data.n_rows; row++) out->rows += q->by->label[row] == label;
    out->codes = arena_array(q->cli->arena, out->rows + 1, n_items);
    if (!out->codes) return error_plain(error, "stat.memory");
    for (size_t row = 0, at = 0; row < q->data.n_rows; row++)
        if (q->by->label[row] == label)
            memcpy(out->codes + at++ * n_items, q->codes + row * n_items, n_items);
    return true;
}

static void say_group(const struct analysis *a) {
    if (a->group) fprintf(stderr, "%s: ", a->group);
}

/* What could not be estimated is said and left empty, so that the rest is there. */
static bool bear(const struct request *q, const struct analysis *a, struct error *error) {
    if (error_is(error, "stat.memory")) return false;
    struct text text = text_new(q->cli->arena, ERROR_VALUE_MAX * 4);
    name_item(q, error);
    i18n_error(q->cli->language, &text, error);
    say_group(a);
    fprintf(stderr, "%s\n", text_string(&text));
    return true;
}

static void say_notes(const struct request *q, const struct analysis *a) {
    if (a->reliability.heywood) {
        say_group(a);
        cli_say_plain(q->cli, N_("An item's error variance stands at its lower bound, so omega is rough."));
    }
    if (a->polychoric && a->correlations.held) {
        say_group(a);
        cli_say(q->cli, N_("Pairs of items whose polychoric correlation is held at .999: {n}"),
                ARG_INT("n", a->correlations.held));
    }
    if (a->polychoric && a->correlations.least_eigenvalue <= 0) {
        say_group(a);
        cli_say_plain(q->cli, N_("The polychoric correlations are not positive definite; their omega is rough."));
    }
}

/* False when nothing can be said of the group; error then says why. */
static bool analyse(const struct request *q, struct analysis *a, struct error *error) {
    struct arena *arena = q->cli->arena;
    size_t k = q->data.n_items;
    if (!reliability_classical(a->codes, a->rows, k, arena, &a->reliability, error)) return false;
    a->classical = true;
    a->polychoric = polychoric_correlations(a->codes, a->rows, k, arena, &a->correlations, error) &&
                    polychoric_omega(&a->correlations, arena, &a->ordered, error);
    if (!a->polychoric && !bear(q, a, error)) return false;
    if (q->replicates) {
        a->parallel = parallel_analysis(a->reliability.n, k, a->reliability.correlation,
                                        (size_t)q->replicates, (uint64_t)q->seed, arena, &a->dimension,
                                        error);
        if (!a->parallel && !bear(q, a, error)) return false;
        a->ordered_parallel = a->parallel && a->polychoric &&
                              polychoric_parallel(&a->correlations, (size_t)q->replicates, (uint64_t)q->seed,
                                                  q->pool, arena, &a->ordered_dimension, error);
        if (a->parallel && a->polychoric && !a->ordered_parallel) return false;
    }
    say_notes(q, a);
    return true;
}

/* ---- what is printed ---- */

struct number {
    const char *section, *key; /* section NULL: at the top */
    double value;
};
enum { NUMBERS = 22 };

static void list_numbers(const struct analysis *a, struct number out[NUMBERS]) {
    const struct reliability *r = &a->reliability;
    const struct factor_fit *f = &r->fit;
    double alpha_low, alpha_high, omega_low, omega_high;
    reliability_interval(r->alpha, 0.95, &alpha_low, &alpha_high);
    reliability_interval(r->omega, 0.95, &omega_low, &omega_high);
    const struct number numbers[NUMBERS] = {
        { NULL, "alpha", r->alpha.value },           { NULL, "lambda2", r->lambda2 },
        { NULL, "omega", r->omega.value },           { NULL, "alpha_se", r->alpha.se },
        { NULL, "alpha_df", r->alpha.df }, { NULL, "alpha_low", alpha_low },      { NULL, "alpha_high", alpha_high },
        { NULL, "omega_se", r->omega.se },     { NULL, "omega_df", r->omega.df }, { NULL, "omega_low", omega_low },
        { NULL, "omega_high", omega_high },    { "fit", "chi2", f->chi2 },
        { "fit", "df", f->df },                { "fit", "p", f->p },
        { "fit", "cfi", f->cfi },              { "fit", "rmsea", f->rmsea },
        { "fit", "rmsea_low", f->rmsea_low },  { "fit", "rmsea_high", f->rmsea_high },
        { "fit", "srmr", f->srmr },            { "polychoric", "omega", a->polychoric ? a->ordered.omega : NAN },
        { "polychoric", "least_eigenvalue", a->polychoric ? a->correlations.least_eigenvalue : NAN },
        { "polychoric", "held", a->polychoric ? (double)a->correlations.held : NAN },
    };
    memcpy(out, numbers, sizeof numbers);
}

static json_t *items_json(const struct request *q, const struct analysis *a) {
    json_t *items = json_array();
    for (size_t i = 0; i < q->data.n_items; i++) {
        json_t *row = json_pack("{s:s}", "item", q->data.items[i].name);
        stat_json_number(row, "item_rest_correlation", a->reliability.item_rest[i]);
        stat_json_number(row, "polychoric_loading",
                         a->polychoric && a->ordered.loading ? a->ordered.loading[i] : NAN);
        json_array_append_new(items, row);
    }
    return items;
}

static double of_rank(const struct analysis *a, const double *values, size_t i) {
    return a->ordered_parallel ? values[i] : NAN;
}

static json_t *parallel_json(const struct request *q, const struct analysis *a) {
    const struct parallel *d = &a->dimension, *o = &a->ordered_dimension;
    json_t *rows = json_array();
    for (size_t i = 0; i < d->k; i++) {
        json_t *row = json_pack("{s:f, s:f, s:f}", "eigenvalue", d->eigenvalue[i], "random_mean", d->mean[i],
                                "random_high", d->high[i]);
        stat_json_number(row, "polychoric_eigenvalue", of_rank(a, o->eigenvalue, i));
        stat_json_number(row, "polychoric_random_mean", of_rank(a, o->mean, i));
        stat_json_number(row, "polychoric_random_high", of_rank(a, o->high, i));
        json_array_append_new(rows, row);
    }
    json_t *json = json_pack("{s:I, s:I, s:I}", "replicates", (json_int_t)q->replicates, "seed",
                             (json_int_t)q->seed, "suggested", (json_int_t)d->suggested);
    json_object_set_new(json, "polychoric_suggested",
                        a->ordered_parallel ? json_integer((json_int_t)o->suggested) : json_null());
    json_object_set_new(json, "components", rows);
    return json;
}

static json_t *analysis_json(const struct request *q, const struct analysis *a) {
    struct number numbers[NUMBERS];
    json_t *json = json_object();
    if (a->group) json_object_set_new(json, "group", json_string(a->group));
    json_object_set_new(json, "n", json_integer((json_int_t)a->reliability.n));
    json_object_set_new(json, "left_out", json_integer((json_int_t)(a->rows - a->reliability.n)));
    if (!a->classical) return json;
    list_numbers(a, numbers);
    for (size_t i = 0; i < NUMBERS; i++) {
        const char *section = numbers[i].section;
        if (section && !json_object_get(json, section))
            json_object_set_new(json, section, json_object());
        stat_json_number(section ? json_object_get(json, section) : json, numbers[i].key, numbers[i].value);
    }
    json_object_set_new(json, "heywood", json_boolean(a->reliability.heywood));
    json_object_set_new(json, "items", items_json(q, a));
    if (a->parallel) json_object_set_new(json, "parallel", parallel_json(q, a));
    return json;
}

static void say_value(const struct analysis *a, const char *section, const char *key, double value) {
    if (a->group) {
        csv_write_field(stdout, a->group);
        putchar(',');
    }
    printf("%s%s%s", section ? section : "", section ? "." : "", key);
    stat_print_number(value);
    putchar('\n');
}

static void say_parallel(const struct request *q, const struct analysis *a) {
    const struct parallel *d = &a->dimension, *o = &a->ordered_dimension;
    say_value(a, "parallel", "suggested", (double)d->suggested);
    say_value(a, "parallel", "polychoric_suggested", a->ordered_parallel ? (double)o->suggested : NAN);
    for (size_t i = 0; i < q->data.n_items; i++) {
        const struct number row[] = { { "eigenvalue", NULL, d->eigenvalue[i] },
                                      { "random_mean", NULL, d->mean[i] },
                                      { "random_high", NULL, d->high[i] },
                                      { "polychoric_eigenvalue", NULL, of_rank(a, o->eigenvalue, i) },
                                      { "polychoric_random_mean", NULL, of_rank(a, o->mean, i) },
                                      { "polychoric_random_high", NULL, of_rank(a, o->high, i) } };
        for (size_t c = 0; c < sizeof row / sizeof *row; c++) {
            char place[24];
            snprintf(place, sizeof place, "%zu", i + 1);
            say_value(a, row[c].section, place, row[c].value);
        }
    }
}

static void say_lines(const struct request *q, const struct analysis *a) {
    struct number numbers[NUMBERS];
    say_value(a, NULL, "n", (double)a->reliability.n);
    say_value(a, NULL, "left_out", (double)(a->rows - a->reliability.n));
    if (!a->classical) return;
    list_numbers(a, numbers);
    for (size_t i = 0; i < NUMBERS; i++) say_value(a, numbers[i].section, numbers[i].key, numbers[i].value);
    for (size_t i = 0; i < q->data.n_items; i++)
        say_value(a, "item_rest_correlation", q->data.items[i].name, a->reliability.item_rest[i]);
    if (a->parallel) say_parallel(q, a);
}

/* ---- all of it ---- */

static int everybody(const struct request *q) {
    struct analysis a = { 0 };
    struct error error = { 0 };
    if (!take_rows(q, 0, &a, &error) || !analyse(q, &a, &error)) {
        name_item(q, &error);
        return cli_fail(q->cli, &error);
    }
    if (a.rows > a.reliability.n)
        cli_say(q->cli, N_("Rows left out because a value is missing: {n}"), ARG_INT("n", a.rows - a.reliability.n));
    if (q->cli->json) return cli_print_json(q->cli, analysis_json(q, &a));
    puts("statistic,value");
    say_lines(q, &a);
    return EXIT_DONE;
}

/* A group of which nothing can be said keeps its count; it fails only when all do. */
static int by_groups(const struct request *q) {
    json_t *list = q->cli->json ? json_array() : NULL;
    struct error error = { 0 };
    size_t done = 0;
    if (!list) puts("group,statistic,value");
    for (size_t g = 0; g < q->by->n_labels; g++) {
        struct analysis a = { 0 };
        bool ok = take_rows(q, (int)g, &a, &error) && analyse(q, &a, &error);
        if (!ok && !bear(q, &a, &error)) {
            json_decref(list);
            return cli_fail(q->cli, &error);
        }
        done += ok;
        if (list) json_array_append_new(list, analysis_json(q, &a));
        else say_lines(q, &a);
    }
    if (done == 0) {
        json_decref(list);
        return EXIT_FAILED;
    }
    size_t without = 0;
    for (size_t row = 0; row < q->data.n_rows; row++) without += q->by->label[row] == LABEL_NONE;
    if (without) cli_say(q->cli, N_("Rows left out because a value is missing: {n}"), ARG_INT("n", without));
    if (!list) return EXIT_DONE;
    return cli_print_json(q->cli, json_pack("{s:s, s:I, s:o}", "by", q->by->name, "left_out",
                                            (json_int_t)without, "groups", list));
}

static int run_all(struct request *q, const char *path, const char *list, const char *by) {
    struct cli *cli = q->cli;
    struct error error = { 0 };
    struct irt_item *items;
    size_t n_items;
    if (!irt_items(cli, path, list, &items, &n_items, &error) ||
        !irt_data_read(cli, path, items, n_items, &by, by ? 1 : 0, pool_threads(q->pool), &q->data,
                       &error) ||
        !codes_from_zero(q, &error))
        return cli_fail(cli, &error);
    if (!by) return everybody(q);
    if (!irt_sort_labels(cli, &q->data.columns[0], q->data.n_rows))
        error_plain(&error, "stat.memory");
    else if (q->data.columns[0].n_labels == 0)
        error_set(&error, "irt.no_group", ARG_TEXT("column", by));
    if (error.id[0]) return cli_fail(cli, &error);
    q->by = &q->data.columns[0];
    return by_groups(q);
}

static int run(struct cli *cli, const struct arguments *arguments) {
    const char *list = option_text(arguments, "--items");
    struct request q = { .cli = cli, .seed = 1 };
    int threads = irt_threads(cli, arguments);
    if (!list) return cli_usage(cli, N_("An option is missing: {detail}"), "--items");
    if (threads == 0 || !option_int(cli, arguments, "--parallel", 1, PARALLEL_MAX, &q.replicates) ||
        !option_int(cli, arguments, "--seed", 0, INT64_MAX, &q.seed))
        return EXIT_USAGE;
    q.pool = pool_create(threads);
    int code = run_all(&q, arguments_at(arguments, 0), list, option_text(arguments, "--by"));
    pool_destroy(q.pool);
    return code;
}

static const struct option options[] = {
    { "--items", "LIST", N_("the items, at commas, or the beginning of their names and a star ('like*')"), false },
    { "--by", "COLUMN", N_("groups, each by itself (everybody when not given)"), false },
    { "--parallel", "N", N_("parallel analysis with so many random data sets, 100 say"), false },
    { "--seed", "S", N_("the seed of the random numbers (default 1)"), false },
    { "--threads", "N", N_("threads to use; the result is the same"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_stat_reliability = {
    .words = "stat reliability", .summary = N_("Alpha, Guttman's lambda-2, omega, also for ordered categories; how one factor fits, and how many there are"),
    .arguments = "DATA.csv --items LIST [--by COLUMN] [--parallel N]", .options = options,
    .min_positional = 1, .max_positional = 1, .run = run,
};

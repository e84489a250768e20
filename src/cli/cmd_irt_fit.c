#include "cli/irt_data.h"

#include "base/limits.h"
#include "exchange/csv.h"
#include "num/pool.h"
#include "scale/fit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum { NODES_LEAST = 5, NODES_MOST = 2000 };

/* All that the command puts together. */
struct fitting {
    struct cli *cli;
    const char *dir;
    struct irt_data data;
    struct irt_column *group, *weight; /* NULL: none */
    struct responses responses;
    struct fit_options options;
    struct fit_result fit;
    double seconds;
};

/* ---- from cells to categories ---- */

/* Items without declared categories begin at the lowest code that is seen in any item. */
static bool find_ranges(struct fitting *f, struct error *error) {
    struct irt_data *data = &f->data;
    int lowest = INT16_MAX;
    for (size_t at = 0; at < data->n_rows * data->n_items; at++)
        if (data->codes[at] != CODE_UNKNOWN && data->codes[at] < lowest) lowest = data->codes[at];
    for (size_t i = 0; i < data->n_items; i++)
        if (data->items[i].recode && data->items[i].low < lowest) lowest = data->items[i].low;
    for (size_t i = 0; i < data->n_items; i++) {
        struct irt_item *item = &data->items[i];
        if (item->low != CODE_UNKNOWN) continue;
        item->low = item->high = lowest;
        for (size_t row = 0; row < data->n_rows; row++)
            if (data->codes[row * data->n_items + i] > item->high)
                item->high = data->codes[row * data->n_items + i];
        if (item->high - item->low >= CATEGORIES_MAX)
            return error_set(error, "irt.span", ARG_TEXT("item", item->name),
                             ARG_INT("low", item->low), ARG_INT("high", item->high),
                             ARG_INT("most", CATEGORIES_MAX));
        if (item->high == item->low) item->high++; /* one category: named by the calibration */
    }
    return true;
}

static int8_t category(const struct irt_item *item, int16_t code) {
    return item->recode ? item->recode[code - item->low] : (int8_t)(code - item->low);
}

/* A row without a group takes no part. */
static bool make_codes(struct fitting *f, struct error *error) {
    const struct irt_data *data = &f->data;
    struct arena *arena = f->cli->arena;
    int8_t *codes = arena_array(arena, data->n_rows + 1, data->n_items);
    int8_t *highest = arena_array(arena, data->n_items, sizeof *highest);
    int *groups = arena_array(arena, data->n_rows + 1, sizeof *groups);
    long long without = 0;
    if (!codes || !highest || !groups) return error_plain(error, "irt.memory");
    for (size_t i = 0; i < data->n_items; i++) {
        const struct irt_item *item = &data->items[i];
        highest[i] = item->recode ? item->recode[item->high - item->low]
                                  : (int8_t)(item->high - item->low);
    }
    for (size_t row = 0; row < data->n_rows; row++) {
        bool out = f->group && f->group->label[row] == LABEL_NONE;
        without += out;
        groups[row] = f->group && !out ? f->group->label[row] : 0;
        for (size_t i = 0; i < data->n_items; i++) {
            int16_t code = data->codes[row * data->n_items + i];
            codes[row * data->n_items + i] = out || code == CODE_UNKNOWN
                                                 ? (int8_t)CODE_MISSING
                                                 : category(&data->items[i], code);
        }
    }
    if (without)
        cli_say(f->cli, N_("{n} rows have no group in {column} and are left out."),
                ARG_INT("n", without), ARG_TEXT("column", f->group->name));
    f->responses = (struct responses){ .n_persons = data->n_rows,
                                       .n_items = data->n_items,
                                       .codes = codes,
                                       .groups = f->group ? groups : NULL,
                                       .n_groups = f->group ? f->group->n_labels : 1 };
    f->options.highest = highest;
    return true;
}

static bool check_weights(struct fitting *f, struct error *error) {
    if (!f->weight) return true;
    for (size_t row = 0; row < f->data.n_rows; row++)
        if (!(f->weight->value[row] >= 0))
            return error_set(error, "irt.weight", ARG_TEXT("file", f->data.path),
                             ARG_INT("row", row + 1), ARG_TEXT("column", f->weight->name));
    f->responses.weights = f->weight->value;
    return true;
}

static bool read_anchors(struct fitting *f, const char *path, struct irt_item *items,
                         size_t n_items, struct error *error) {
    if (!path) return true;
    struct item_parameters *anchors = arena_array(f->cli->arena, n_items, sizeof *anchors);
    if (!anchors) return error_plain(error, "irt.memory");
    f->options.anchors = anchors;
    return irt_anchors_read(f->cli, path, items, n_items, anchors, error);
}

static bool read_data(struct fitting *f, const struct arguments *arguments, struct error *error) {
    const char *group = option_text(arguments, "--group"),
               *weight = option_text(arguments, "--weight");
    const char *categories = option_text(arguments, "--categories"), *columns[2];
    struct irt_item *items;
    size_t n_items, n = 0;
    const char *path = arguments_at(arguments, 0);
    if (group) columns[n++] = group;
    if (weight) columns[n++] = weight;
    if (!irt_items(f->cli, path, option_text(arguments, "--items"), &items, &n_items, error))
        return false;
    if (categories && !irt_categories(f->cli, categories, items, n_items, error)) return false;
    if (!read_anchors(f, option_text(arguments, "--anchor"), items, n_items, error)) return false;
    if (!irt_data_read(f->cli, path, items, n_items, columns, n, &f->data, error)) return false;
    f->group = group ? &f->data.columns[0] : NULL;
    f->weight = weight ? &f->data.columns[n - 1] : NULL;
    if (f->group && f->group->n_labels == 0)
        return error_set(error, "irt.no_group", ARG_TEXT("column", group));
    if (f->group && !irt_sort_labels(f->cli, f->group, f->data.n_rows))
        return error_plain(error, "irt.memory");
    return find_ranges(f, error) && make_codes(f, error) && check_weights(f, error);
}

/* ---- the calibration ---- */

static void report(void *progress, double fraction) { progress_set(progress, fraction); }

/* Puts names where the calibration, which knows none, has numbers. */
static void name_things(const struct fitting *f, struct error *error) {
    const char *item = error_value(error, "item"), *group = error_value(error, "group");
    long long index;
    if (item && text_to_int(item, 0, (long long)f->data.n_items - 1, &index))
        error_replace(error, ARG_TEXT("item", f->data.items[index].name));
    if (group && f->group && text_to_int(group, 0, (long long)f->group->n_labels - 1, &index))
        error_replace(error, ARG_TEXT("group", f->group->labels[index]));
}

static bool calibrate(struct fitting *f, int threads, struct error *error) {
    struct progress progress;
    struct timespec from, to;
    struct pool *pool = pool_create(threads);
    progress_begin(&progress, f->cli, N_("Calibrating"));
    f->options.progress = report;
    f->options.progress_context = &progress;
    clock_gettime(CLOCK_MONOTONIC, &from);
    bool ok = scale_fit(&f->responses, &f->options, pool, f->cli->arena, &f->fit, error);
    clock_gettime(CLOCK_MONOTONIC, &to);
    f->seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    progress_end(&progress, ok ? NULL : i18n_text(f->cli->language, N_("failed")));
    pool_destroy(pool);
    if (!ok) name_things(f, error);
    return ok;
}

/* ---- results ---- */

static json_t *groups_json(const struct fitting *f) {
    json_t *groups = json_array();
    for (size_t g = 0; g < f->fit.model.n_groups; g++)
        json_array_append_new(groups, json_pack("{s:s, s:I, s:f, s:f, s:f, s:f}", "name",
                                                f->group ? f->group->labels[g] : "all", "n",
                                                (json_int_t)f->fit.group_n[g], "mean",
                                                f->fit.model.mean[g], "mean_se", f->fit.mean_se[g],
                                                "variance", f->fit.model.variance[g], "variance_se",
                                                f->fit.variance_se[g]));
    return groups;
}

/* What scoring needs to turn codes into the model's categories. */
static json_t *categories_json(const struct fitting *f) {
    json_t *list = json_array();
    for (size_t i = 0; i < f->data.n_items; i++) {
        const struct irt_item *item = &f->data.items[i];
        json_t *recode = json_array();
        for (int code = item->low; code <= item->high; code++) {
            size_t at = i * CATEGORIES_MAX + (size_t)category(item, (int16_t)code);
            json_array_append_new(recode, json_integer(f->fit.recode[at]));
        }
        json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:o}", "item", item->name, "low",
                                              item->low, "high", item->high, "recode", recode));
    }
    return list;
}

static json_t *collapsed_json(const struct fitting *f) {
    json_t *list = json_array();
    for (size_t i = 0; i < f->data.n_items; i++)
        if (f->fit.collapsed[i]) json_array_append_new(list, json_string(f->data.items[i].name));
    return list;
}

static json_t *model_json(const struct fitting *f) {
    const struct fit_result *fit = &f->fit;
    return json_pack("{s:s, s:I, s:I, s:f, s:f, s:I, s:f, s:f, s:i, s:b, s:i, s:f, s:o, s:f, s:f, "
                     "s:o, s:o, s:s?, s:s?}",
                     "model", model_name(fit->model.model), "persons", (json_int_t)fit->persons,
                     "items", (json_int_t)fit->model.n_items, "loglik", fit->loglik, "deviance",
                     fit->deviance, "parameters", (json_int_t)fit->parameters, "aic", fit->aic,
                     "bic", fit->bic, "iterations", fit->iterations, "converged", fit->converged,
                     "nodes", fit->nodes, "seconds", f->seconds, "groups", groups_json(f),
                     "reliability_eap", fit->reliability_eap, "reliability_wle",
                     fit->reliability_wle, "categories", categories_json(f), "collapsed",
                     collapsed_json(f), "group_column", f->group ? f->group->name : NULL,
                     "weight_column", f->weight ? f->weight->name : NULL);
}

static void write_items(const struct fitting *f, struct irt_output *out) {
    fputs("item,step,slope,slope_se,location,location_se\n", out->file);
    for (size_t i = 0; i < f->data.n_items; i++) {
        const struct item_parameters *item = &f->fit.model.items[i];
        for (int h = 0; h < item->steps; h++) {
            csv_write_field(out->file, f->data.items[i].name);
            fprintf(out->file, ",%d", h + 1);
            irt_output_number(out, item->slope);
            irt_output_number(out, item->slope_se);
            irt_output_number(out, item->location[h]);
            irt_output_number(out, item->location_se[h]);
            fputc('\n', out->file);
        }
    }
}

static void write_fit(const struct fitting *f, struct irt_output *out) {
    fputs("item,n,mean,outfit,infit,item_rest_correlation\n", out->file);
    for (size_t i = 0; i < f->data.n_items; i++) {
        const struct item_fit *fit = &f->fit.item_fit[i];
        csv_write_field(out->file, f->data.items[i].name);
        irt_output_number(out, fit->n);
        irt_output_number(out, fit->mean);
        irt_output_number(out, fit->outfit);
        irt_output_number(out, fit->infit);
        irt_output_number(out, fit->item_rest_correlation);
        fputc('\n', out->file);
    }
}

/* model.json last: where it is, the folder is whole. */
static bool write_folder(struct fitting *f, const json_t *json, struct error *error) {
    struct irt_output out;
    if (!irt_output_open(f->cli, &out, f->dir, "items.csv", error)) return false;
    write_items(f, &out);
    if (!irt_output_close(&out, error) || !irt_output_open(f->cli, &out, f->dir, "fit.csv", error))
        return false;
    write_fit(f, &out);
    if (!irt_output_close(&out, error) ||
        !irt_output_open(f->cli, &out, f->dir, "model.json", error))
        return false;
    json_dumpf(json, out.file, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    fputc('\n', out.file);
    return irt_output_close(&out, error);
}

static void say_result(struct fitting *f) {
    char variance[NUMBER_MAX], reliability[NUMBER_MAX], deviance[NUMBER_MAX];
    const struct language *language = f->cli->language;
    for (size_t i = 0; i < f->data.n_items; i++)
        if (f->fit.collapsed[i])
            cli_say(f->cli,
                    N_("Item {item}: nobody chose some of its categories; they are joined with the "
                       "one below."),
                    ARG_TEXT("item", f->data.items[i].name));
    if (!f->fit.converged)
        cli_say(f->cli,
                N_("The estimates have not converged after {n} iterations; do not use them."),
                ARG_INT("n", f->fit.iterations));
    cli_say(f->cli,
            N_("{persons} persons, {items} items: deviance {deviance}, variance {variance}, "
               "reliability {reliability} (EAP). Written to {dir}."),
            ARG_INT("persons", f->fit.persons), ARG_INT("items", f->data.n_items),
            ARG_TEXT("deviance", i18n_number(language, f->fit.deviance, 2, deviance)),
            ARG_TEXT("variance", i18n_number(language, f->fit.model.variance[0], 3, variance)),
            ARG_TEXT("reliability", i18n_number(language, f->fit.reliability_eap, 3, reliability)),
            ARG_TEXT("dir", f->dir));
}

static bool read_options(struct fitting *f, const struct arguments *arguments, int *threads,
                         int *code) {
    struct cli *cli = f->cli;
    const char *model = option_text(arguments, "--model"),
               *nodes = option_text(arguments, "--nodes");
    long long n = 0;
    *code = EXIT_USAGE;
    f->dir = option_text(arguments, "--out");
    f->options = fit_defaults();
    if (!option_text(arguments, "--items"))
        cli_usage(cli, N_("An option is missing: {detail}"), "--items");
    else if (!model)
        cli_usage(cli, N_("An option is missing: {detail}"), "--model");
    else if (!f->dir)
        cli_usage(cli, N_("An option is missing: {detail}"), "--out");
    else if (!model_from_name(model, &f->options.model))
        cli_usage(cli, N_("There is no model “{detail}”: choose rasch, pcm, 2pl, gpcm or grm."),
                  model);
    else if (nodes && strcmp(nodes, "auto") != 0 &&
             !option_int(cli, arguments, "--nodes", NODES_LEAST, NODES_MOST, &n))
        return false;
    else {
        f->options.nodes = (int)n;
        *threads = irt_threads(cli, arguments);
        return *threads > 0;
    }
    return false;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct fitting f = { .cli = cli };
    struct error error = { 0 };
    int threads, code;
    if (!read_options(&f, arguments, &threads, &code)) return code;
    if (!read_data(&f, arguments, &error) || !calibrate(&f, threads, &error))
        return cli_fail(cli, &error);
    json_t *json = model_json(&f);
    if (!json || !write_folder(&f, json, &error)) {
        json_decref(json);
        return cli_fail(cli, &error);
    }
    say_result(&f);
    if (cli->json) return cli_print_json(cli, json);
    json_decref(json);
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--items", "LIST", N_("the columns, at commas; quality* takes all that begin so"), false },
    { "--model", "MODEL", N_("rasch, pcm, 2pl, gpcm or grm"), false },
    { "--out", "DIR", N_("the folder for model.json, items.csv and fit.csv"), false },
    { "--group", "COLUMN",
      N_("groups with a mean and a variance each; the first in order has mean 0"), false },
    { "--weight", "COLUMN", N_("weights of the persons; their scale does not matter"), false },
    { "--anchor", "ITEMS.csv", N_("fixes the items that stand in it at their parameters there"),
      false },
    { "--categories", "ITEM=LOW..HIGH,…",
      N_("declared categories of items; the others begin at the lowest code seen"), false },
    { "--nodes", "N", N_("points of the integral, or auto (the default): as many as are needed"),
      false },
    { "--threads", "N", N_("threads to use; the result is the same"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_irt_fit = {
    .words = "irt fit",
    .summary =
        N_("Calibrate a scale: item parameters and latent distribution from a CSV of answers"),
    .arguments = "DATA.csv --items LIST --model MODEL --out DIR",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

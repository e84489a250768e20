#include "cli/irt_data.h"
#include "cli/stat_data.h"

#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "scale/link.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* Two folders, and the items that link them. */
struct linking {
    struct cli *cli;
    struct irt_folder from, to;
    struct item_parameters *items_from, *items_to;
    const char **names; /* of the link items */
    size_t n_items;
    const char **left_out; /* in both, but with other categories */
    size_t n_left_out;
    struct link_options options;
    struct link_result link;
    bool trend, fits; /* fits: the method does not claim what the model denies */
};

/* ---- which items ---- */

static bool same_categories(const struct linking *l, size_t from, size_t to) {
    const struct irt_coding *a = &l->from.coding[from], *b = &l->to.coding[to];
    if (a->low != b->low || l->from.model.items[from].steps != l->to.model.items[to].steps)
        return false;
    for (int code = a->low; code <= a->high && code <= b->high; code++)
        if (a->recode[code - a->low] != b->recode[code - b->low]) return false;
    return true;
}

static bool match_items(struct linking *l, struct error *error) {
    struct arena *arena = l->cli->arena;
    size_t n = l->to.model.n_items;
    l->items_from = arena_array(arena, n, sizeof *l->items_from);
    l->items_to = arena_array(arena, n, sizeof *l->items_to);
    l->names = arena_array(arena, n, sizeof *l->names);
    l->left_out = arena_array(arena, n, sizeof *l->left_out);
    if (!l->items_from || !l->items_to || !l->names || !l->left_out)
        return error_plain(error, "irt.memory");
    for (size_t to = 0; to < n; to++) {
        size_t from = 0;
        const char *name = l->to.coding[to].item;
        while (from < l->from.model.n_items && strcmp(l->from.coding[from].item, name) != 0) from++;
        if (from == l->from.model.n_items) continue;
        if (!same_categories(l, from, to)) {
            l->left_out[l->n_left_out++] = name;
            continue;
        }
        l->items_from[l->n_items] = l->from.model.items[from];
        l->items_to[l->n_items] = l->to.model.items[to];
        l->names[l->n_items++] = name;
    }
    return true;
}

/* Mean and SD over all groups of a calibration, each by its persons. */
static void latent_moments(const struct irt_folder *folder, double *mean, double *sd) {
    double n = 0, sum = 0, squares = 0;
    for (size_t g = 0; g < folder->model.n_groups; g++) {
        n += folder->group_n[g];
        sum += folder->group_n[g] * folder->model.mean[g];
    }
    *mean = sum / n;
    for (size_t g = 0; g < folder->model.n_groups; g++) {
        double off = folder->model.mean[g] - *mean;
        squares += folder->group_n[g] * (folder->model.variance[g] + off * off);
    }
    *sd = sqrt(squares / n);
}

static bool link_folders(struct linking *l, const char *from, const char *to, struct error *error) {
    if (!irt_folder_read(l->cli, from, &l->from, error) ||
        !irt_folder_read(l->cli, to, &l->to, error))
        return false;
    if (l->from.model.model != l->to.model.model)
        return error_set(error, "irt.link_models",
                         ARG_TEXT("from", model_name(l->from.model.model)),
                         ARG_TEXT("to", model_name(l->to.model.model)));
    if (!match_items(l, error)) return false;
    l->options.model = l->to.model.model;
    latent_moments(&l->to, &l->options.mean, &l->options.sd);
    if (!scale_link(l->items_from, l->items_to, l->n_items, &l->options, l->cli->arena, &l->link,
                    error))
        return false;
    l->trend = link_holds_trend(l->link.n_used, l->to.model.n_items);
    l->fits = l->options.method != LINK_MEAN_SIGMA || model_has_slopes(l->options.model);
    return true;
}

/* ---- results ---- */

static json_t *names_json(const char *const *names, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *link_json(const struct linking *l) {
    const struct link_result *link = &l->link;
    json_t *json = json_pack("{s:s, s:s}", "method", link_method_name(l->options.method), "model",
                             model_name(l->options.model));
    stat_json_number(json, "slope", link->slope);
    stat_json_number(json, "slope_se", link->slope_jackknife_se);
    stat_json_number(json, "intercept", link->intercept);
    stat_json_number(json, "link_error", link->link_error);
    stat_json_number(json, "link_error_jackknife", link->intercept_jackknife_se);
    stat_json_number(json, "drift_sd", link->drift_sd);
    json_object_set_new(json, "items", json_integer((json_int_t)link->n_used));
    bool dropped = link->dropped != LINK_NONE_DROPPED;
    json_object_set_new(json, "dropped",
                        names_json(l->names + (dropped ? link->dropped : 0), dropped));
    json_object_set_new(json, "left_out", names_json(l->left_out, l->n_left_out));
    json_object_set_new(json, "trend", json_boolean(l->trend));
    json_object_set_new(json, "fits_model", json_boolean(l->fits));
    json_t *drifts = json_array();
    for (size_t i = 0; i < l->n_items; i++) {
        json_t *row = json_pack("{s:s}", "item", l->names[i]);
        stat_json_number(row, "drift", link->drift[i]);
        json_array_append_new(drifts, row);
    }
    json_object_set_new(json, "drift", drifts);
    return json;
}

/* One cell: names with blanks between them. */
static void print_names(const struct linking *l, const char *const *names, size_t n) {
    struct text cell = text_new(l->cli->arena, 1 * MIB);
    for (size_t i = 0; i < n; i++) text_addf(&cell, "%s%s", i ? " " : "", names[i]);
    putchar(',');
    if (text_ok(&cell) && n > 0) csv_write_field(stdout, text_string(&cell));
}

static void print_link(const struct linking *l) {
    const struct link_result *link = &l->link;
    bool dropped = link->dropped != LINK_NONE_DROPPED;
    puts("method,slope,slope_se,intercept,link_error,link_error_jackknife,drift_sd,items,dropped,"
         "left_out,trend");
    fputs(link_method_name(l->options.method), stdout);
    stat_print_number(link->slope);
    stat_print_number(link->slope_jackknife_se);
    stat_print_number(link->intercept);
    stat_print_number(link->link_error);
    stat_print_number(link->intercept_jackknife_se);
    stat_print_number(link->drift_sd);
    printf(",%zu", link->n_used);
    print_names(l, l->names + (dropped ? link->dropped : 0), dropped);
    print_names(l, l->left_out, l->n_left_out);
    puts(l->trend ? ",yes" : ",no");
}

/* What a reader of the numbers has to know. */
static void say_link(const struct linking *l) {
    struct cli *cli = l->cli;
    const struct link_result *link = &l->link;
    char off[NUMBER_MAX];
    for (size_t i = 0; i < l->n_left_out; i++)
        cli_say(cli, N_("Item {item} has other categories on the two sides and is left out."),
                ARG_TEXT("item", l->left_out[i]));
    i18n_number(cli->language, link->farthest_off, 2, off);
    if (link->dropped != LINK_NONE_DROPPED)
        cli_say(cli, N_("Item {item} stands over 0.5 logit from the median shift and is dropped."),
                ARG_TEXT("item", l->names[link->dropped]));
    if (link->farthest_off > LINK_DROP_LOGITS)
        cli_say(cli,
                l->options.drop
                    ? N_("Item {item} stands {off} logits from the median shift of those that are "
                         "left; only one item is dropped.")
                    : N_("Item {item} stands {off} logits from the median shift; --drop leaves it "
                         "out."),
                ARG_TEXT("item", l->names[link->farthest]), ARG_TEXT("off", off));
    if (!l->fits)
        cli_say_plain(cli, N_("rasch and pcm have slope 1 on both sides; mean-sigma gives them "
                              "another one, which does not fit the model. Choose mean-mean."));
    if (!l->trend)
        cli_say(cli,
                N_("Only {n} link items: no trend is to be shown. It takes five, or all items of "
                   "the scale."),
                ARG_INT("n", link->n_used));
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct linking l = { .cli = cli };
    struct error error = { 0 };
    static const char *const needed[] = { "--from", "--to", "--method" };
    for (int i = 0; i < 3; i++)
        if (!option_text(arguments, needed[i]))
            return cli_usage(cli, N_("An option is missing: {detail}"), needed[i]);
    const char *method = option_text(arguments, "--method");
    if (!link_method_from_name(method, &l.options.method))
        return cli_usage(cli,
                         N_("There is no method “{detail}”: choose mean-mean, mean-sigma, haebara "
                            "or stocking-lord."),
                         method);
    l.options.drop = option_flag(arguments, "--drop");
    if (!link_folders(&l, option_text(arguments, "--from"), option_text(arguments, "--to"), &error))
        return cli_fail(cli, &error);
    say_link(&l);
    if (cli->json) return cli_print_json(cli, link_json(&l));
    print_link(&l);
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--from", "DIR", N_("the calibration to be moved, as irt fit wrote it"), false },
    { "--to", "DIR", N_("the calibration whose metric it is moved to"), false },
    { "--method", "METHOD", N_("mean-mean, mean-sigma, haebara or stocking-lord"), false },
    { "--drop", NULL,
      N_("leave out the one item that stands farthest from the median shift, where that is over "
         "0.5 logit"),
      false },
    { NULL, NULL, NULL, false },
};
const struct command command_irt_link = {
    .words = "irt link",
    .summary = N_("Link two calibrations by the items they share: slope, intercept, link error"),
    .arguments = "--from DIR --to DIR --method METHOD",
    .options = options,
    .min_positional = 0,
    .max_positional = 0,
    .run = run,
};

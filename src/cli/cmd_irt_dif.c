#include "cli/irt_fit.h"
#include "cli/stat_data.h"

#include "exchange/csv.h"
#include "num/pool.h"
#include "scale/dif.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MOST = 50 };

/* The answers as for a calibration, and what was found. */
struct comparing {
    struct fitting f;
    struct dif_options options;
    struct dif_result dif;
};

static const char *group_name(const struct comparing *c, size_t group) {
    return c->f.group->labels[group];
}

/* Persons with an answer, by group. */
static size_t *count_groups(const struct comparing *c) {
    const struct responses *r = &c->f.responses;
    size_t *n = arena_array(c->f.cli->arena, r->n_groups, sizeof *n);
    for (size_t row = 0; n && row < r->n_persons; row++) {
        bool answered = false;
        for (size_t i = 0; i < r->n_items; i++)
            answered = answered || r->codes[row * r->n_items + i] != CODE_MISSING;
        bool weighs = !r->weights || r->weights[row] > 0;
        if (answered && weighs) n[r->groups[row]]++;
    }
    return n;
}

/* Groups too small for a distribution of their own take no part, and are named. */
static bool leave_out_small_groups(struct comparing *c, struct error *error) {
    struct irt_column *column = c->f.group;
    struct responses *r = &c->f.responses;
    const size_t *n = count_groups(c);
    int8_t *codes = arena_array(c->f.cli->arena, r->n_persons + 1, r->n_items);
    int *groups = arena_array(c->f.cli->arena, r->n_persons + 1, sizeof *groups);
    int *now = arena_array(c->f.cli->arena, r->n_groups, sizeof *now);
    size_t kept = 0;
    if (!n || !codes || !groups || !now) return error_plain(error, "irt.memory");
    for (size_t g = 0; g < r->n_groups; g++) {
        now[g] = n[g] < DIF_GROUP_LEAST ? LABEL_NONE : (int)kept;
        if (now[g] == LABEL_NONE)
            cli_say(c->f.cli,
                    N_("Group {group} is left out, because too few in it have answered ({n}); "
                       "{least} are the least."),
                    ARG_TEXT("group", column->labels[g]), ARG_INT("n", n[g]),
                    ARG_INT("least", DIF_GROUP_LEAST));
        else
            column->labels[kept++] = column->labels[g];
    }
    if (kept == r->n_groups) return true;
    memcpy(codes, r->codes, r->n_persons * r->n_items);
    for (size_t row = 0; row < r->n_persons; row++) {
        int group = now[r->groups[row]];
        groups[row] = group == LABEL_NONE ? 0 : group;
        if (group == LABEL_NONE) memset(codes + row * r->n_items, CODE_MISSING, r->n_items);
    }
    r->codes = codes;
    r->groups = groups;
    r->n_groups = column->n_labels = kept;
    return true;
}

static bool find_reference(struct comparing *c, const char *label, struct error *error) {
    if (!label) return true;
    for (size_t g = 0; g < c->f.group->n_labels; g++) {
        if (strcmp(group_name(c, g), label) != 0) continue;
        c->options.reference = g;
        return true;
    }
    return error_set(error, "irt.no_reference", ARG_TEXT("column", c->f.group->name),
                     ARG_TEXT("group", label));
}

static void report(void *progress, double fraction) { progress_set(progress, fraction); }

static bool compare(struct comparing *c, int threads, struct error *error) {
    struct progress progress;
    struct pool *pool = pool_create(threads);
    progress_begin(&progress, c->f.cli, N_("Comparing items"));
    c->options.progress = report;
    c->options.progress_context = &progress;
    bool ok = scale_dif(&c->f.responses, &c->options, pool, c->f.cli->arena, &c->dif, error);
    progress_end(&progress, ok ? NULL : i18n_text(c->f.cli->language, N_("failed")));
    pool_destroy(pool);
    if (!ok) fitting_name(&c->f, error);
    return ok;
}

/* ---- results ---- */

static void write_row(const struct comparing *c, size_t i, const struct dif_contrast *contrast,
                      FILE *file, struct irt_output *out) {
    const struct dif_item *item = &c->dif.items[i];
    csv_write_field(file, c->f.data.items[i].name);
    fputc(',', file);
    csv_write_field(file, group_name(c, item->reference));
    fputc(',', file);
    csv_write_field(file, group_name(c, contrast->group));
    const double numbers[] = { item->n_reference,
                               contrast->n,
                               contrast->effect,
                               contrast->se,
                               contrast->slope_difference,
                               contrast->slope_difference_se,
                               contrast->unsigned_effect,
                               contrast->score_difference,
                               item->chi2,
                               item->df,
                               item->p,
                               item->p_adjusted };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        irt_output_number(out, numbers[k]);
    fprintf(file, ",%s,%s\n", dif_class_name(contrast->class), item->split ? "no" : "yes");
}

static bool write_table(const struct comparing *c, const char *path, struct error *error) {
    struct irt_output out;
    if (!irt_output_open(c->f.cli, &out, NULL, path, error)) return false;
    fputs("item,reference,focal,n_reference,n_focal,effect_logit,se,slope_difference,"
          "slope_difference_se,unsigned_logit,score_difference,chi2,df,p,p_adjusted,class,anchor\n",
          out.file);
    for (size_t i = 0; i < c->f.data.n_items; i++)
        for (size_t k = 0; k + 1 < c->dif.n_groups; k++)
            write_row(c, i, &c->dif.items[i].contrasts[k], out.file, &out);
    return irt_output_close(&out, error);
}

static json_t *class_json(enum dif_class class) {
    return class == DIF_UNTESTED ? json_null() : json_string(dif_class_name(class));
}

static json_t *contrast_json(const struct comparing *c, const struct dif_contrast *contrast) {
    json_t *row = json_pack("{s:s, s:I}", "focal", group_name(c, contrast->group), "n",
                            (json_int_t)contrast->n);
    stat_json_number(row, "effect_logit", contrast->effect);
    stat_json_number(row, "se", contrast->se);
    stat_json_number(row, "slope_difference", contrast->slope_difference);
    stat_json_number(row, "slope_difference_se", contrast->slope_difference_se);
    stat_json_number(row, "unsigned_logit", contrast->unsigned_effect);
    stat_json_number(row, "score_difference", contrast->score_difference);
    json_object_set_new(row, "class", class_json(contrast->class));
    return row;
}

static json_t *items_json(const struct comparing *c) {
    json_t *list = json_array();
    for (size_t i = 0; i < c->f.data.n_items; i++) {
        const struct dif_item *item = &c->dif.items[i];
        json_t *contrasts = json_array();
        json_t *row = json_pack("{s:s, s:s, s:I}", "item", c->f.data.items[i].name, "reference",
                                group_name(c, item->reference), "n_reference",
                                (json_int_t)item->n_reference);
        stat_json_number(row, "chi2", item->chi2);
        stat_json_number(row, "df", item->df);
        stat_json_number(row, "p", item->p);
        stat_json_number(row, "p_adjusted", item->p_adjusted);
        json_object_set_new(row, "class", class_json(item->class));
        json_object_set_new(row, "crosses", json_boolean(item->crosses));
        json_object_set_new(row, "anchor", json_boolean(!item->split));
        json_object_set_new(row, "joined", json_boolean(item->joined));
        for (size_t k = 0; k + 1 < c->dif.n_groups; k++)
            json_array_append_new(contrasts, contrast_json(c, &item->contrasts[k]));
        json_object_set_new(row, "contrasts", contrasts);
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *dif_json(const struct comparing *c) {
    json_t *groups = json_array();
    for (size_t g = 0; g < c->dif.n_groups; g++) {
        json_t *row =
            json_pack("{s:s, s:I}", "name", group_name(c, g), "n", (json_int_t)c->dif.group_n[g]);
        stat_json_number(row, "mean", c->dif.mean[g]);
        stat_json_number(row, "variance", c->dif.variance[g]);
        json_array_append_new(groups, row);
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:f, s:i, s:b, s:o, s:o}", "model",
                     model_name(c->options.model), "by", c->f.group->name, "reference",
                     group_name(c, c->options.reference), "persons", (json_int_t)c->dif.persons,
                     "deviance", c->dif.deviance, "rounds", c->dif.rounds, "settled",
                     c->dif.settled, "groups", groups, "items", items_json(c));
}

/* ---- in words ---- */

static void say_contrast(const struct comparing *c, size_t i, const struct dif_contrast *contrast) {
    char size[NUMBER_MAX];
    bool harder = contrast->effect > 0, large = contrast->class == DIF_C;
    i18n_number(c->f.cli->language, fabs(contrast->effect), 2, size);
    cli_say(c->f.cli,
            harder  ? large ? N_("Item {item}: at the same level {focal} answer lower than "
                                  "{reference}. A large difference: {size} logits, class C.")
                            : N_("Item {item}: at the same level {focal} answer lower than "
                                  "{reference}. A moderate difference: {size} logits, class B.")
             : large ? N_("Item {item}: at the same level {focal} answer higher than {reference}. "
                           "A large difference: {size} logits, class C.")
                    : N_("Item {item}: at the same level {focal} answer higher than {reference}. "
                         "A moderate difference: {size} logits, class B."),
            ARG_TEXT("item", c->f.data.items[i].name),
            ARG_TEXT("focal", group_name(c, contrast->group)),
            ARG_TEXT("reference", group_name(c, c->dif.items[i].reference)),
            ARG_TEXT("size", size));
}

static void say_item(const struct comparing *c, size_t i) {
    const struct dif_item *item = &c->dif.items[i];
    const char *name = c->f.data.items[i].name;
    bool all = true;
    if (item->joined)
        cli_say(c->f.cli,
                N_("Item {item}: not every group used all of its categories; those are joined with "
                   "the one below."),
                ARG_TEXT("item", name));
    if (!item->tested || !item->converged) {
        cli_say(c->f.cli,
                item->tested ? N_("Item {item} cannot be compared: its answers do not determine "
                                  "its parameters in every group.")
                             : N_("Item {item} cannot be compared: no two groups used two of its "
                                  "categories in common."),
                ARG_TEXT("item", name));
        return;
    }
    for (size_t k = 0; k + 1 < c->dif.n_groups; k++) {
        all = all && item->contrasts[k].class != DIF_UNTESTED;
        if (item->contrasts[k].class >= DIF_B) say_contrast(c, i, &item->contrasts[k]);
    }
    if (item->crosses)
        cli_say(c->f.cli,
                N_("Item {item}: the groups answer higher at some levels and lower at others; its "
                   "steps or its slope differ."),
                ARG_TEXT("item", name));
    if (!all)
        cli_say(c->f.cli,
                N_("Item {item} is not compared in every group: some did not answer it, or all "
                   "alike."),
                ARG_TEXT("item", name));
}

static void say_result(const struct comparing *c) {
    size_t found = 0, split = 0, n = c->f.data.n_items;
    for (size_t i = 0; i < n; i++) {
        say_item(c, i);
        found += c->dif.items[i].class >= DIF_B || c->dif.items[i].crosses;
        split += c->dif.items[i].split;
    }
    if (found == 0)
        cli_say(c->f.cli, N_("None of {n} items works clearly differently by {column}."),
                ARG_INT("n", n), ARG_TEXT("column", c->f.group->name));
    else
        cli_say(c->f.cli,
                i18n_plural(c->f.cli->language,
                            "{found} of {n} items works differently by {column}. Items with "
                            "parameters for each group while the others are compared: {split}.",
                            "{found} of {n} items work differently by {column}. Items with "
                            "parameters for each group while the others are compared: {split}.",
                            (long long)found),
                ARG_INT("found", found), ARG_INT("n", n), ARG_TEXT("column", c->f.group->name),
                ARG_INT("split", split));
    if (2 * found > n)
        cli_say_plain(c->f.cli, N_("Over half of the items differ, so which of them do cannot be "
                                   "told from which do not."));
    if (found > 0 && !c->dif.settled)
        cli_say(c->f.cli,
                N_("Which items differ still changed in round {n}; take those at the border with "
                   "care."),
                ARG_INT("n", c->dif.rounds));
}

/* ---- the command ---- */

static bool read_options(struct comparing *c, const struct arguments *arguments, int *threads) {
    static const char *const needed[] = { "--items", "--model", "--by", "--out" };
    struct cli *cli = c->f.cli;
    const char *model = option_text(arguments, "--model");
    long long rounds = dif_defaults().rounds_most;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!option_text(arguments, needed[i])) {
            cli_usage(cli, N_("An option is missing: {detail}"), needed[i]);
            return false;
        }
    c->options = dif_defaults();
    if (!model_from_name(model, &c->options.model)) {
        cli_usage(cli, N_("There is no model “{detail}”: choose rasch, pcm, 2pl, gpcm or grm."),
                  model);
        return false;
    }
    if (!option_int(cli, arguments, "--rounds", 1, ROUNDS_MOST, &rounds)) return false;
    c->options.rounds_most = (int)rounds;
    *threads = c->f.threads = irt_threads(cli, arguments);
    return *threads > 0;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct comparing c = { .f = { .cli = cli } };
    struct error error = { 0 };
    int threads;
    if (!read_options(&c, arguments, &threads)) return EXIT_USAGE;
    if (!fitting_read(&c.f, arguments, &error) || !leave_out_small_groups(&c, &error) ||
        !find_reference(&c, option_text(arguments, "--reference"), &error) ||
        !compare(&c, threads, &error) || !write_table(&c, option_text(arguments, "--out"), &error))
        return cli_fail(cli, &error);
    say_result(&c);
    return cli->json ? cli_print_json(cli, dif_json(&c)) : EXIT_DONE;
}

static const struct option options[] = {
    { "--items", "LIST", N_("the columns, at commas; quality* takes all that begin so"), false },
    { "--model", "MODEL", N_("rasch, pcm, 2pl, gpcm or grm"), false },
    { "--by", "COLUMN", N_("the groups that are compared: gender, language, grade, wave"), false },
    { "--out", "FILE", N_("the table: one row an item and group"), false },
    { "--reference", "GROUP",
      N_("the group that the others are compared with; the first in order without it"), false },
    { "--weight", "COLUMN", N_("weights of the persons; their scale does not matter"), false },
    { "--categories", "ITEM=LOW..HIGH,…",
      N_("declared categories of items; the others begin at the lowest code seen"), false },
    { "--rounds", "N",
      N_("rounds of purification at most (5); with 1 all other items are the anchor"), false },
    { "--threads", "N", N_("threads to use; the result is the same"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_irt_dif = {
    .words = "irt dif",
    .summary = N_("Find items that work differently in groups: likelihood ratio, effect, class"),
    .arguments = "DATA.csv --items LIST --model MODEL --by COLUMN --out FILE",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

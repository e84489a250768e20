#include "cli/irt_fit.h"

#include "num/pool.h"

#include <string.h>
#include <time.h>

enum { NODES_LEAST = 5, NODES_MOST = 2000 };

/* ---- the calibration ---- */

static void report(void *progress, double fraction) { progress_set(progress, fraction); }

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
    if (!ok) fitting_name(f, error);
    ok = ok && scale_misfit(&f->responses, &f->fit, pool, f->cli->arena, &f->misfit, error);
    progress_end(&progress, ok ? NULL : i18n_text(f->cli->language, N_("failed")));
    pool_destroy(pool);
    return ok;
}

/* ---- the command ---- */

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
        *threads = f->threads = irt_threads(cli, arguments);
        return *threads > 0;
    }
    return false;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct fitting f = { .cli = cli };
    struct error error = { 0 };
    int threads, code;
    if (!read_options(&f, arguments, &threads, &code)) return code;
    if (!fitting_read(&f, arguments, &error) || !calibrate(&f, threads, &error))
        return cli_fail(cli, &error);
    json_t *json = fitting_json(&f);
    if (!json || !fitting_write(&f, json, &error)) {
        json_decref(json);
        return cli_fail(cli, &error);
    }
    fitting_say(&f);
    if (cli->json) return cli_print_json(cli, json);
    json_decref(json);
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--items", "LIST", N_("the columns, at commas; quality* takes all that begin so"), false },
    { "--model", "MODEL", N_("rasch, pcm, 2pl, gpcm or grm"), false },
    { "--out", "DIR",
      N_("the folder for model.json, items.csv and what tells of fit: fit.csv, groups_fit.csv, "
         "categories.csv, pairs.csv"),
      false },
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

#include "cli/publish_steps.h"

#include "store/programme.h"

#include <jansson.h>
#include <string.h>

/* One progress line a step. */
struct steps {
    struct cli *cli;
    const char *step; /* NULL before the first */
    struct progress progress;
};

static void on_progress(void *context, const char *step, double fraction) {
    struct steps *steps = context;
    if (!steps->step || strcmp(steps->step, step) != 0) {
        if (steps->step) progress_end(&steps->progress, NULL);
        progress_begin(&steps->progress, steps->cli, step);
        steps->step = step;
    }
    progress_set(&steps->progress, fraction);
}

static json_t *as_json(long long wave, const struct publish_summary *summary) {
    return json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "wave", (json_int_t)wave,
                     "sha256", summary->sha256, "inputs_sha256", summary->inputs_sha256, "units",
                     (json_int_t)summary->units, "scales", (json_int_t)summary->scales, "persons",
                     (json_int_t)summary->persons, "cells_shown", (json_int_t)summary->cells_shown,
                     "cells_hidden", (json_int_t)summary->cells_hidden, "unchanged",
                     summary->unchanged);
}

bool publish_with_progress(struct cli *cli, struct programme *programme, int wave, int threads,
                           struct publish_summary *summary, struct error *error) {
    struct steps steps = { .cli = cli };
    struct publish_options options = { .wave = wave, .threads = threads, .progress = on_progress,
                                       .context = &steps };
    bool ok = publish_wave(programme, &options, cli->arena, summary, error);
    if (steps.step) progress_end(&steps.progress, ok ? NULL : i18n_text(cli->language, N_("stopped")));
    return ok;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    long long wave = 0, threads = 0;
    if (!option_int(cli, arguments, "--wave", 1, 1000, &wave) ||
        !option_int(cli, arguments, "--threads", 1, 256, &threads))
        return EXIT_USAGE;
    if (wave == 0) return cli_usage(cli, N_("Say which wave: {detail}."), "--wave N");
    struct error error;
    struct programme programme;
    struct publish_summary summary;
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = publish_with_progress(cli, &programme, (int)wave, (int)threads, &summary, &error);
    programme_close(&programme);
    if (!ok) return cli_fail(cli, &error);
    if (cli->json) return cli_print_json(cli, as_json(wave, &summary));
    if (summary.unchanged)
        cli_say(cli, N_("Wave {wave} is published already, and the same answers gave the same results."),
                ARG_INT("wave", wave));
    else
        cli_say(cli, N_("Wave {wave} is published: {persons} answered, {units} profiles, {hidden} cells hidden "
                        "to protect small groups."),
                ARG_INT("wave", wave), ARG_INT("persons", summary.persons),
                ARG_INT("units", summary.units), ARG_INT("hidden", summary.cells_hidden));
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--wave", "N", N_("the wave's number"), false },
    { "--threads", "N", N_("processors to use (default: all); the results do not depend on it"), false },
    { NULL, NULL, NULL, false },
};

const struct command command_publish = {
    .words = "publish",
    .summary = N_("Turn the answers of a closed wave into frozen results: measure, suppress, freeze"),
    .arguments = "--wave N", .options = options, .run = run,
};

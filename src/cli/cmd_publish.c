#include "cli/steps.h"

#include "publish/publish.h"
#include "store/programme.h"

#include <jansson.h>

static json_t *as_json(long long wave, const struct publish_summary *summary) {
    return json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:s?}", "wave", (json_int_t)wave,
                     "sha256", summary->sha256, "inputs_sha256", summary->inputs_sha256, "units",
                     (json_int_t)summary->units, "scales", (json_int_t)summary->scales, "persons",
                     (json_int_t)summary->persons, "cells_shown", (json_int_t)summary->cells_shown,
                     "cells_hidden", (json_int_t)summary->cells_hidden, "unchanged",
                     summary->unchanged, "failed", summary->failed);
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
    struct steps steps = { .cli = cli };
    struct publish_options how = { .wave = (int)wave, .threads = (int)threads,
                                   .progress = steps_report, .context = &steps };
    bool ok = publish_wave(&programme, &how, cli->arena, &summary, &error);
    steps_end(&steps, ok);
    programme_close(&programme);
    if (!ok) return cli_fail(cli, &error);
    if (summary.failed)
        cli_say(cli, N_("The answers to {scales} could not be measured; these scales are left out. Look at them with laerke irt fit."),
                ARG_TEXT("scales", summary.failed));
    if (cli->json) return cli_print_json(cli, as_json(wave, &summary));
    if (summary.unchanged)
        cli_say(cli, N_("Wave {wave} is published already, and the same answers gave the same results."),
                ARG_INT("wave", wave));
    else
        cli_say(cli,
                i18n_plural(cli->language,
                            "Wave {wave} is published. Answered: {persons}. Profiles: {units}. "
                            "{hidden} cell is hidden to protect small groups.",
                            "Wave {wave} is published. Answered: {persons}. Profiles: {units}. "
                            "{hidden} cells are hidden to protect small groups.",
                            (long long)summary.cells_hidden),
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

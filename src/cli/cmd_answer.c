#include "cli/cli.h"

#include "collect/wave.h"
#include "store/programme.h"

#include <jansson.h>

enum { FAULTS_MAX = 50, WAVE_NUMBER_MAX = 1000000 };

static void report(void *progress, double fraction) { progress_set(progress, fraction); }

static int say_summary(struct cli *cli, const struct import_summary *summary) {
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:I, s:I, s:I, s:I, s:I, s:s?}", "rows",
                                             (json_int_t)summary->rows, "answers",
                                             (json_int_t)summary->answers, "changed",
                                             (json_int_t)summary->changed, "unchanged",
                                             (json_int_t)summary->unchanged, "items",
                                             (json_int_t)summary->items, "ignored", summary->ignored));
    cli_say(cli, N_("{rows} persons with {answers} answers to {items} items: {changed} changed, {unchanged} as they were."),
            ARG_INT("rows", summary->rows), ARG_INT("answers", summary->answers),
            ARG_INT("items", summary->items), ARG_INT("changed", summary->changed),
            ARG_INT("unchanged", summary->unchanged));
    if (summary->ignored)
        cli_say(cli, N_("Columns that are no item were left out: {columns}"), ARG_TEXT("columns", summary->ignored));
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct import_summary summary;
    struct progress progress;
    struct error_list faults;
    struct error error = { 0 };
    const char *instrument = option_text(arguments, "--instrument");
    long long wave = 0;
    if (!option_int(cli, arguments, "--wave", 1, WAVE_NUMBER_MAX, &wave)) return EXIT_USAGE;
    if (wave == 0) return cli_usage(cli, N_("An option is missing: {detail}"), "--wave");
    if (!instrument) return cli_usage(cli, N_("An option is missing: {detail}"), "--instrument");
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    error_list_init(&faults, cli->arena, FAULTS_MAX);
    progress_begin(&progress, cli, N_("Reading answers"));
    bool ok = answer_import(&programme, arguments_at(arguments, 0), (int)wave, instrument,
                            option_text(arguments, "--id"), report, &progress, cli->arena, &summary, &faults);
    progress_end(&progress, ok ? NULL : i18n_text(cli->language, N_("nothing was changed")));
    programme_close(&programme);
    return ok ? say_summary(cli, &summary) : cli_fail_list(cli, &faults);
}

static const struct option options[] = {
    { "--wave", "N", N_("the wave that the answers belong to; it must be open"), false },
    { "--instrument", "CODE", N_("the questionnaire whose items the columns are"), false },
    { "--id", "COLUMN", N_("the column with the persons' keys in the roster (“subject” when not given)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_answer_import = {
    .words = "answer import", .summary = N_("Import answers from a CSV: one line a person, one column an item"),
    .arguments = "FILE --wave N --instrument CODE", .options = options, .min_positional = 1,
    .max_positional = 1, .run = run,
};

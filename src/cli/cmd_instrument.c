#include "cli/cli.h"
#include "cli/faults.h"

#include "instrument/instrument.h"
#include "store/programme.h"

#include <jansson.h>
#include <stdio.h>

enum { FAULTS_MAX = 200 };

static const char *languages_of(struct cli *cli, const struct instrument *instrument) {
    struct text languages = text_new(cli->arena, 1024);
    for (size_t i = 0; i < instrument->n_languages; i++)
        text_addf(&languages, i ? ", %s" : "%s", instrument->languages[i]);
    return text_string(&languages);
}

static int run_check(struct cli *cli, const struct arguments *arguments) {
    struct error_list faults;
    struct instrument *instrument;
    error_list_init(&faults, cli->arena, FAULTS_MAX);
    if (!instrument_read_file(&instrument, arguments_at(arguments, 0), cli->arena, &faults))
        return report_faults(cli, &faults);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:i}", "code", instrument->code,
                                             "respondent", respondent_name(instrument->respondent),
                                             "languages", languages_of(cli, instrument),
                                             "scales", (json_int_t)instrument->n_scales,
                                             "items", (json_int_t)instrument->n_items,
                                             "pages", (json_int_t)instrument->n_pages, "faults", 0));
    cli_say(cli, N_("“{code}” is in order: {items} items, {scales} scales, {pages} pages ({languages})."),
            ARG_TEXT("code", instrument->code), ARG_INT("items", instrument->n_items),
            ARG_INT("scales", instrument->n_scales), ARG_INT("pages", instrument->n_pages),
            ARG_TEXT("languages", languages_of(cli, instrument)));
    return EXIT_DONE;
}

static int say_loaded(struct cli *cli, const struct arguments *arguments, int version, bool existed) {
    const char *file = arguments_at(arguments, 0);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:s, s:i, s:b}", "file", file, "version", version,
                                             "existed", existed));
    if (existed)
        cli_say(cli, N_("{file} is loaded already, as version {version}. Nothing was changed."),
                ARG_TEXT("file", file), ARG_INT("version", version));
    else
        cli_say(cli, N_("{file} is loaded, as version {version}."), ARG_TEXT("file", file),
                ARG_INT("version", version));
    return EXIT_DONE;
}

static int run_load(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    struct error_list faults;
    int64_t id;
    int version;
    bool existed;
    error_list_init(&faults, cli->arena, FAULTS_MAX);
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = instrument_load(programme.study, arguments_at(arguments, 0), cli->arena, &id, &version,
                              &existed, &faults);
    programme_close(&programme);
    return ok ? say_loaded(cli, arguments, version, existed) : report_faults(cli, &faults);
}

const struct command command_instrument_check = {
    .words = "instrument check", .summary = N_("Check a questionnaire: every fault with its line"),
    .arguments = "FILE", .min_positional = 1, .max_positional = 1, .run = run_check,
};
const struct command command_instrument_load = {
    .words = "instrument load",
    .summary = N_("Load a questionnaire as the next version of its code; “pupil” comes with the program"),
    .arguments = "FILE", .min_positional = 1, .max_positional = 1, .run = run_load,
};

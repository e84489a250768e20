/* laerke instrument import: another program's questionnaire as one of ours, and what of it was left
 * behind. */
#include "cli/cli.h"
#include "cli/faults.h"
#include "cli/irt_data.h"
#include "instrument/convert.h"

#include <jansson.h>
#include <stdio.h>

enum { FAULTS_MAX = 200, LEFT_MAX = 2000 };

/* To the file, or to standard output where there is none and the form is not part of a JSON result.
 */
static bool write_form(struct cli *cli, const struct import *import, const char *out,
                       struct error *error) {
    struct irt_output file;
    if (!out) {
        if (!cli->json) fputs(import->json, stdout);
        return true;
    }
    if (!irt_output_open(cli, &file, NULL, out, error)) return false;
    fputs(import->json, file.file);
    return irt_output_close(&file, error);
}

static void say_left(struct cli *cli, const struct error_list *left) {
    for (size_t i = 0; i < left->count; i++) {
        struct text sentence = text_new(cli->arena, 4096);
        i18n_error(cli->language, &sentence, &left->items[i]);
        fprintf(stderr, "%s\n", text_string(&sentence));
    }
}

static int say(struct cli *cli, const struct import *import, const struct error_list *left,
               const char *out) {
    if (cli->json)
        return cli_print_json(cli,
                              json_pack("{s:s?, s:I, s:I, s:I, s:I, s:o, s:o}", "out", out, "items",
                                        (json_int_t)import->instrument->n_items, "pages",
                                        (json_int_t)import->instrument->n_pages, "scales",
                                        (json_int_t)import->instrument->n_scales, "left",
                                        (json_int_t)left->total, "list", faults_json(cli, left),
                                        "instrument", json_loads(import->json, 0, NULL)));
    say_left(cli, left);
    cli_say(cli,
            N_("“{code}”: {items} items, {pages} pages, {scales} scales; {left} things were not "
               "carried over as they stood."),
            ARG_TEXT("code", import->instrument->code),
            ARG_INT("items", import->instrument->n_items),
            ARG_INT("pages", import->instrument->n_pages),
            ARG_INT("scales", import->instrument->n_scales), ARG_INT("left", left->total));
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct import import = { .path = arguments_at(arguments, 0),
                             .respondent = option_text(arguments, "--respondent") };
    const char *format = option_text(arguments, "--format"), *out = option_text(arguments, "--out");
    struct error_list left, faults;
    struct error error = { 0 };
    enum respondent respondent;
    if (format && !format_from_name(format, &import.format))
        return cli_usage(cli,
                         N_("“{detail}” is no format; there are xlsform, surveyjs and limesurvey."),
                         format);
    if (import.respondent && !respondent_from_name(import.respondent, &respondent))
        return cli_usage(cli, N_("There are no respondents called “{detail}”."), import.respondent);
    error_list_init(&left, cli->arena, LEFT_MAX);
    error_list_init(&faults, cli->arena, FAULTS_MAX);
    bool ok = instrument_import(&import, cli->arena, &left, &faults);
    /* A form with faults is written where a file was named, so that it can be mended there. */
    if (import.json && (ok || out) && !write_form(cli, &import, out, &error))
        return cli_fail(cli, &error);
    if (ok) return say(cli, &import, &left, out);
    if (!cli->json) say_left(cli, &left);
    return report_faults(cli, &faults);
}

static const struct option options[] = {
    { "--format", "FORMAT", N_("xlsform, surveyjs or limesurvey; by the file's name unless given"),
      false },
    { "--respondent", "WHO",
      N_("who answers: pupil_young, pupil, class_teacher, parent, teacher, pedagogue or leader"),
      false },
    { "--out", "FORM.json", N_("where it is written; standard output unless given"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_instrument_import = {
    .words = "instrument import",
    .summary = N_("Make a questionnaire of an XLSForm, SurveyJS or LimeSurvey file, and name what "
                  "it cannot hold"),
    .arguments = "FILE [--format FORMAT] [--respondent WHO] [--out FORM.json]",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

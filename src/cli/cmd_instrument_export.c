/* laerke instrument export: a questionnaire for other programs. */
#include "cli/cli.h"
#include "cli/faults.h"
#include "exchange/book.h"
#include "instrument/convert.h"

#include <jansson.h>
#include <string.h>

enum { VERSION_MAX = 1000000 };

static int run(struct cli *cli, const struct arguments *arguments) {
    const char *format = option_text(arguments, "--format"), *out = option_text(arguments, "--out");
    struct instrument *instrument;
    struct book *book = arena_alloc(cli->arena, sizeof *book);
    struct error error = { 0 };
    long long version = 0;
    if (!out) return cli_usage(cli, N_("An option is missing: {detail}"), "--out");
    if (format && strcmp(format, "xlsform") != 0)
        return cli_usage(cli, N_("Questionnaires are exported as xlsform, not as “{detail}”."),
                         format);
    if (!option_int(cli, arguments, "--version", 1, VERSION_MAX, &version)) return EXIT_USAGE;
    if (!instrument_named(cli, arguments_at(arguments, 0), (int)version, &instrument, NULL))
        return EXIT_FAILED;
    if (!book || !xlsform_write(instrument, book, cli->arena, &error) ||
        !book_write(book, out, &error))
        return cli_fail(cli, &error);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:s, s:s, s:I}", "code", instrument->code, "out",
                                             out, "items", (json_int_t)instrument->n_items));
    cli_say(cli,
            N_("“{code}” is written to {file}: {items} items in sheets survey, choices, settings "
               "and laerke_scales."),
            ARG_TEXT("code", instrument->code), ARG_TEXT("file", out),
            ARG_INT("items", instrument->n_items));
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--format", "FORMAT", N_("xlsform, the only one"), false },
    { "--out", "FILE.xlsx", N_("a workbook, or a folder for CSV files"), false },
    { "--version", "N", N_("of which version (the newest when not given)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_instrument_export = {
    .words = "instrument export",
    .summary = N_("Write a questionnaire as an XLSForm for other programs"),
    .arguments = "CODE|FILE --out FILE.xlsx|FOLDER [--format xlsform]",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

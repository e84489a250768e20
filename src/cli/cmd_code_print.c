/* laerke code print: the letters with people's codes, or a list of them for a letter of one's own. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/irt_data.h"
#include "collect/letters.h"
#include "collect/wave.h"
#include "exchange/csv.h"
#include "roster/unit.h"
#include "store/programme.h"

#include <jansson.h>
#include <string.h>

enum { WAVE_MAX = 1000000 };

struct printing {
    struct cli *cli;
    struct programme programme;
    struct units units;
    long unit;
    int wave;
    const char *out, *respondent;
    size_t n;
    struct letter *letters;
};

static bool ends_with(const char *text, const char *ending) {
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

static bool within(const struct units *units, int64_t id, long unit) {
    for (long at = units_by_id(units, id); at >= 0; at = units->unit[at].parent)
        if (at == unit) return true;
    return false;
}

/* Keeps the letters of the unit, of the respondent where one was named, that are not done yet. */
static void choose(struct printing *p) {
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct letter *letter = &p->letters[i];
        if (letter->done || !within(&p->units, letter->unit, p->unit) ||
            (p->respondent && strcmp(p->respondent, respondent_name(letter->respondent)) != 0))
            continue;
        p->letters[kept++] = *letter;
    }
    p->n = kept;
}

/* The newest wave, where none is named. */
static bool find_wave(struct printing *p, struct error *error) {
    struct wave *waves;
    size_t n;
    if (p->wave > 0) return true;
    if (!wave_list(p->programme.study, p->cli->arena, &waves, &n, error)) return false;
    p->wave = n ? waves[n - 1].number : 1;
    return true;
}

static bool read(struct printing *p, const char *unit, struct error *error) {
    struct collect_keys keys;
    if (!find_wave(p, error) || !units_read(p->programme.study, p->cli->arena, &p->units, error) ||
        !units_find(&p->units, unit, &p->unit, error) ||
        !collect_keys_read(&p->programme, &keys, error) ||
        !letters_read(&p->programme, &keys, p->wave, p->cli->arena, &p->letters, &p->n, error))
        return false;
    choose(p);
    return p->n > 0 || error_set(error, "code.none", ARG_INT("wave", p->wave));
}

static bool write_csv(struct printing *p, struct error *error) {
    struct irt_output out;
    char shown[CODE_SHOWN];
    if (!irt_output_open(p->cli, &out, NULL, p->out, error)) return false;
    fputs("unit,respondent,given_name,family_name,child,address,code\n", out.file);
    for (size_t i = 0; i < p->n; i++) {
        const struct letter *letter = &p->letters[i];
        const struct unit *unit = &p->units.unit[units_by_id(&p->units, letter->unit)];
        code_print(letter->code, shown);
        const char *cells[] = { unit->code, respondent_name(letter->respondent), letter->given,
                                letter->family, letter->child, letter->address, shown };
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            if (c) fputc(',', out.file);
            csv_write_field(out.file, cells[c]);
        }
        fputc('\n', out.file);
    }
    return irt_output_close(&out, error);
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct printing p = { .cli = cli, .out = option_text(arguments, "--out"),
                          .respondent = option_text(arguments, "--respondent") };
    struct error error = { 0 };
    const char *unit = option_text(arguments, "--unit");
    enum respondent respondent;
    long long wave = 0;
    if (!unit) return cli_usage(cli, N_("An option is missing: {detail}"), "--unit");
    if (!p.out) return cli_usage(cli, N_("An option is missing: {detail}"), "--out");
    if (p.respondent && !respondent_from_name(p.respondent, &respondent))
        return cli_usage(cli, N_("There are no respondents called “{detail}”."), p.respondent);
    if (!ends_with(p.out, ".csv"))
        return cli_usage(cli, N_("Codes are written to a file whose name ends in .csv, not to “{detail}”."), p.out);
    if (!option_int(cli, arguments, "--wave", 1, WAVE_MAX, &wave)) return EXIT_USAGE;
    p.wave = (int)wave;
    if (!programme_open(&p.programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = read(&p, unit, &error) && write_csv(&p, &error);
    programme_close(&p.programme);
    if (!ok) return cli_fail(cli, &error);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:I, s:s}", "codes", (json_int_t)p.n, "out", p.out));
    cli_say(cli, N_("{n} codes written to {file}. Keep it as you would keep keys."), ARG_INT("n", p.n),
            ARG_TEXT("file", p.out));
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--unit", "UNIT", N_("whose: a path of codes, or an id; empty for the programme"), false },
    { "--wave", "N", N_("of which wave (the newest when not given)"), false },
    { "--respondent", "WHO", N_("only pupil_young, pupil, class_teacher, parent, teacher, pedagogue or leader"), false },
    { "--out", "FILE", N_("where the codes are written (.csv)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_code_print = {
    .words = "code print", .summary = N_("Print the codes with which people answer"),
    .arguments = "--unit UNIT --out FILE [--wave N]", .options = options,
    .min_positional = 0, .max_positional = 0, .run = run,
};

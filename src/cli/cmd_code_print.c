/* laerke code print: the letters with people's codes, or a list of them for a letter of one's own. */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/code_sections.h"
#include "cli/irt_data.h"
#include "collect/letters.h"
#include "collect/wave.h"
#include "exchange/csv.h"
#include "roster/unit.h"
#include "store/programme.h"

#include <jansson.h>
#include <string.h>

enum { WAVE_MAX = 1000000, FILE_PAGES = 1000 };

struct printing {
    struct cli *cli;
    struct programme programme;
    struct units units;
    long unit;
    int wave;
    const char *out, *respondent, *results;
    struct wave there;
    size_t n, files, pages;
    struct letter *letters;
};

static bool ends_with(const char *text, const char *ending) {
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

static bool is_date(const char *text) {
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof shape; i++)
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return false;
    return true;
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
        !wave_get(p->programme.study, p->wave, &p->there, error) ||
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

/* ---- PDF ---- */

/* "letters.pdf"; where there are several, "letters-2.pdf". */
static const char *file_name(struct printing *p, bool several) {
    struct text name = text_new(p->cli->arena, 4096);
    if (!several) return p->out;
    text_addf(&name, "%.*s-%zu.pdf", (int)(strlen(p->out) - strlen(".pdf")), p->out, p->files + 1);
    return text_ok(&name) ? text_string(&name) : p->out;
}

static bool write_file(struct printing *p, const struct print_frame *frame,
                       const struct print_section *sections, size_t n, bool several,
                       struct error *error) {
    struct irt_output out;
    struct pdf pdf;
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    bool ok = arena ? paint_codes(frame, sections, n, arena, &pdf, error)
                    : error_plain(error, "pdf.memory");
    if (ok && irt_output_open(p->cli, &out, NULL, file_name(p, several), error)) {
        fwrite(pdf.bytes, 1, pdf.length, out.file);
        ok = irt_output_close(&out, error);
        p->files++;
        p->pages += pdf.pages;
    } else {
        ok = false;
    }
    arena_destroy(arena);
    return ok;
}

/* So many sections as one file has; a file of its own is made and let go before the next is begun, so
 * that memory does not grow with the municipality. */
static size_t fitting(const struct print_section *sections, size_t n) {
    size_t pages = 0, count = 0;
    while (count < n && (count == 0 || pages + print_pages(&sections[count]) <= FILE_PAGES))
        pages += print_pages(&sections[count++]);
    return count;
}

static bool write_pdf(struct printing *p, struct error *error) {
    const struct settings *settings = &p->programme.settings;
    struct print_frame frame = { .language = language_tag(language_get(settings->languages)),
                                 .programme = settings->name, .address = settings->address,
                                 .contact = settings->contact, .opens = p->there.opens,
                                 .closes = p->there.closes, .results = p->results ? p->results : "",
                                 .minimum_group = settings->minimum_group };
    size_t n = 0;
    struct print_section *sections =
        code_sections(&p->units, p->letters, p->n, p->cli->arena, &n);
    struct progress progress;
    if (!sections) return error_plain(error, "pdf.memory");
    progress_begin(&progress, p->cli, N_("Letters"));
    for (size_t from = 0, count; from < n; from += count) {
        count = fitting(sections + from, n - from);
        if (!write_file(p, &frame, sections + from, count, count < n, error)) return false;
        progress_set(&progress, (double)(from + count) / (double)n);
    }
    progress_end(&progress, NULL);
    return true;
}

/* ---- the command ---- */

static void say_written(struct printing *p) {
    if (p->files == 0)
        cli_say(p->cli, N_("{n} codes written to {file}. Keep it as you would keep keys."),
                ARG_INT("n", p->n), ARG_TEXT("file", p->out));
    else if (p->files == 1)
        cli_say(p->cli, N_("{n} codes on {pages} pages written to {file}. Keep it as you would keep keys."),
                ARG_INT("n", p->n), ARG_INT("pages", p->pages), ARG_TEXT("file", p->out));
    else
        cli_say(p->cli, N_("{n} codes on {pages} pages written to {files} files, {first} and those that "
                           "follow. Keep them as you would keep keys."),
                ARG_INT("n", p->n), ARG_INT("pages", p->pages), ARG_INT("files", p->files),
                ARG_TEXT("first", (p->files = 0, file_name(p, true))));
    if (p->pages && !*p->programme.settings.address)
        cli_say_plain(p->cli, N_("The letters have no QR codes and name no address, since programme.ini says none: "
                                 "write “address = https://…” below [web] and print again."));
}

/* Pupils about whom no parent is asked, since the roster knows of nobody who holds custody. */
static bool say_unheld(struct printing *p, struct error *error) {
    struct unheld *unheld;
    size_t n, pupils = 0;
    if (p->respondent && strcmp(p->respondent, respondent_name(RESPONDENT_PARENT)) != 0) return true;
    if (!letters_unheld(p->programme.study, p->wave, p->cli->arena, &unheld, &n, error)) return false;
    for (size_t i = 0; i < n; i++)
        if (within(&p->units, unheld[i].unit, p->unit)) pupils += unheld[i].pupils;
    if (pupils)
        cli_say(p->cli, N_("{n} pupils have nobody with custody in the roster, so no parent is asked about them."),
                ARG_INT("n", pupils));
    return true;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct printing p = { .cli = cli, .out = option_text(arguments, "--out"),
                          .respondent = option_text(arguments, "--respondent"),
                          .results = option_text(arguments, "--results") };
    struct error error = { 0 };
    const char *unit = option_text(arguments, "--unit");
    enum respondent respondent;
    long long wave = 0;
    if (!unit) return cli_usage(cli, N_("An option is missing: {detail}"), "--unit");
    if (!p.out) return cli_usage(cli, N_("An option is missing: {detail}"), "--out");
    if (p.respondent && !respondent_from_name(p.respondent, &respondent))
        return cli_usage(cli, N_("There are no respondents called “{detail}”."), p.respondent);
    if (!ends_with(p.out, ".csv") && !ends_with(p.out, ".pdf"))
        return cli_usage(cli, N_("Codes are written to a file whose name ends in .pdf or .csv, not to “{detail}”."), p.out);
    if (p.results && !is_date(p.results))
        return cli_usage(cli, N_("“{detail}” is no date. Write year-month-day: 2026-11-24."), p.results);
    if (!option_int(cli, arguments, "--wave", 1, WAVE_MAX, &wave)) return EXIT_USAGE;
    p.wave = (int)wave;
    if (!programme_open(&p.programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = read(&p, unit, &error) &&
              (ends_with(p.out, ".pdf") ? write_pdf(&p, &error) : write_csv(&p, &error)) &&
              say_unheld(&p, &error);
    programme_close(&p.programme);
    if (!ok) return cli_fail(cli, &error);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:I, s:I, s:I, s:s}", "codes", (json_int_t)p.n, "pages",
                                             (json_int_t)p.pages, "files",
                                             (json_int_t)(p.files ? p.files : 1), "out", p.out));
    say_written(&p);
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--unit", "UNIT", N_("whose: a path of codes, or an id; empty for the programme"), false },
    { "--wave", "N", N_("of which wave (the newest when not given)"), false },
    { "--respondent", "WHO", N_("only pupil_young, pupil, class_teacher, parent, teacher, pedagogue or leader"), false },
    { "--results", "DATE", N_("when results come, for the letters: 2027-02-01"), false },
    { "--out", "FILE", N_("where they are written: letters and slips (.pdf), or a list (.csv)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_code_print = {
    .words = "code print", .summary = N_("Print the codes with which people answer"),
    .arguments = "--unit UNIT --out FILE.pdf|FILE.csv [--wave N] [--respondent WHO] [--results DATE]", .options = options,
    .min_positional = 0, .max_positional = 0, .run = run,
};

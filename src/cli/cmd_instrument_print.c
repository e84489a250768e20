/* laerke instrument print: a questionnaire on paper. */
#include "cli/cli.h"
#include "cli/faults.h"
#include "cli/irt_data.h"
#include "instrument/approval.h"
#include "instrument/instrument.h"
#include "paint/paper.h"

#include <jansson.h>
#include <string.h>

enum { VERSION_MAX = 1000000, PUPIL_CODE = 9, ADULT_CODE = 11 };

struct printing {
    struct cli *cli;
    const struct instrument *instrument;
    const struct language *words; /* around the questions */
    const char *tag;
    int *number; /* of each item, in the order of the paper */
};

/* A text with {name} filled in. */
static const char *text_of(const struct printing *p, struct texts texts) {
    const char *from = instrument_text(p->instrument, texts, p->tag);
    struct text out = text_new(p->cli->arena, 64 * 1024);
    const struct arg name =
        ARG_TEXT("name", i18n_text(p->words, p->instrument->respondent == RESPONDENT_PARENT
                                                 ? N_("your child")
                                                 : N_("the pupil")));
    if (!strstr(from, "{name}")) return from;
    i18n_fill(p->words, &out, from, &name, 1);
    if (!text_ok(&out)) return from;
    if (*from == '{' && *out.bytes >= 'a' && *out.bytes <= 'z')
        *out.bytes = (char)(*out.bytes - 'a' + 'A');
    return text_string(&out);
}

static struct paper_only only(const struct printing *p, const struct condition *condition) {
    struct text answers = text_new(p->cli->arena, 16 * 1024);
    const struct item *item = &p->instrument->items[condition->item];
    for (size_t i = 0; i < condition->n_codes; i++) {
        if (i) text_add(&answers, " / ");
        text_add(&answers, text_of(p, item->categories[condition->codes[i]].label));
    }
    return (struct paper_only){ condition->grade_from, condition->grade_to,
                                condition->n_codes ? p->number[condition->item] : 0,
                                text_string(&answers) };
}

static bool fill_item(const struct printing *p, const struct item *item, struct paper_item *out) {
    static const enum paper_face faces[] = { PAPER_NO_FACE, PAPER_FROWN, PAPER_NEUTRAL,
                                             PAPER_SMILE };
    size_t n = item->n_categories;
    struct paper_option *options = arena_array(p->cli->arena, n + 2, sizeof *options);
    if (!options) return false;
    for (size_t i = 0; i < n; i++) {
        const struct category *category =
            &item->categories[p->instrument->most_first ? n - 1 - i : i];
        options[i] = (struct paper_option){ text_of(p, category->label), faces[category->symbol] };
    }
    if (item->dont_know) options[n++].label = i18n_text(p->words, N_("Don't know"));
    if (item->not_applicable) options[n++].label = i18n_text(p->words, N_("Does not apply"));
    *out = (struct paper_item){ text_of(p, item->text), only(p, &item->condition), n, options };
    return true;
}

static bool fill_page(const struct printing *p, const struct page *page, struct paper_page *out) {
    struct paper_item *items = arena_array(p->cli->arena, page->n_items + 1, sizeof *items);
    *out = (struct paper_page){ .title = text_of(p, page->title),
                                .intro = text_of(p, page->intro),
                                .outro = text_of(p, page->outro),
                                .only = only(p, &page->condition),
                                .n_items = page->n_items,
                                .items = items };
    for (size_t i = 0; items && i < page->n_items; i++)
        if (!fill_item(p, &p->instrument->items[page->items[i]], &items[i])) return false;
    return items != NULL;
}

static bool fill(struct printing *p, struct paper *out) {
    const struct instrument *instrument = p->instrument;
    bool pupil = instrument->respondent == RESPONDENT_PUPIL ||
                 instrument->respondent == RESPONDENT_PUPIL_YOUNG;
    struct paper_page *pages = arena_array(p->cli->arena, instrument->n_pages + 1, sizeof *pages);
    p->number = arena_array(p->cli->arena, instrument->n_items + 1, sizeof *p->number);
    if (!pages || !p->number) return false;
    for (size_t i = 0, n = 0; i < instrument->n_pages; i++)
        for (size_t k = 0; k < instrument->pages[i].n_items; k++)
            p->number[instrument->pages[i].items[k]] = (int)++n;
    for (size_t i = 0; i < instrument->n_pages; i++)
        if (!fill_page(p, &instrument->pages[i], &pages[i])) return false;
    *out = (struct paper){ .language = p->tag,
                           .title = text_of(p, instrument->title),
                           .notice = text_of(p, instrument->notice),
                           .large = instrument->layout == LAYOUT_SINGLE,
                           .code = pupil ? PUPIL_CODE : ADULT_CODE,
                           .n_pages = instrument->n_pages,
                           .pages = pages };
    return true;
}

/* The language, where it is one that may be given to respondents. */
static bool choose(struct printing *p, const char *wanted, const struct offered *offered,
                   struct error *error) {
    for (size_t i = 0; i < offered->n; i++)
        if (!wanted || strcmp(offered->tags[i], wanted) == 0) {
            p->tag = offered->tags[i];
            p->words = language_of_forms(p->tag);
            if (!p->words) p->words = language_get("en");
            return true;
        }
    return error_set(error, "instrument.not_open", ARG_TEXT("code", p->instrument->code),
                     ARG_TEXT("language", wanted));
}

static int run(struct cli *cli, const struct arguments *arguments) {
    const char *out = option_text(arguments, "--out");
    struct printing p = { .cli = cli };
    struct offered offered;
    struct instrument *instrument;
    struct irt_output file;
    struct paper paper;
    struct pdf pdf;
    struct error error = { 0 };
    long long version = 0;
    if (!out) return cli_usage(cli, N_("An option is missing: {detail}"), "--out");
    if (!option_int(cli, arguments, "--version", 1, VERSION_MAX, &version)) return EXIT_USAGE;
    if (!instrument_named(cli, arguments_at(arguments, 0), (int)version, &instrument, &offered))
        return EXIT_FAILED;
    p.instrument = instrument;
    if (!choose(&p, option_text(arguments, "--language"), &offered, &error))
        return cli_fail(cli, &error);
    if (instrument->n_pages == 0) {
        error_set(&error, "instrument.no_pages", ARG_TEXT("code", instrument->code));
        return cli_fail(cli, &error);
    }
    if (!fill(&p, &paper)) return cli_fail(cli, (error_plain(&error, "pdf.memory"), &error));
    if (!paint_paper(&paper, cli->arena, &pdf, &error) ||
        !irt_output_open(cli, &file, NULL, out, &error))
        return cli_fail(cli, &error);
    fwrite(pdf.bytes, 1, pdf.length, file.file);
    if (!irt_output_close(&file, &error)) return cli_fail(cli, &error);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:s, s:s, s:I, s:s}", "code", instrument->code,
                                             "language", p.tag, "pages", (json_int_t)pdf.pages,
                                             "out", out));
    cli_say(cli, N_("“{code}” in “{language}” is written to {file}: {pages} pages."),
            ARG_TEXT("code", instrument->code), ARG_TEXT("language", p.tag), ARG_TEXT("file", out),
            ARG_INT("pages", pdf.pages));
    return EXIT_DONE;
}

static const struct option options[] = {
    { "--language", "TAG", N_("da, en, ar, tr; the first of the questionnaire unless given"),
      false },
    { "--out", "FILE.pdf", N_("where it is written (.pdf)"), false },
    { "--version", "N", N_("of which version (the newest when not given)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_instrument_print = {
    .words = "instrument print",
    .summary = N_("Write a questionnaire as a PDF to fill in on paper"),
    .arguments = "CODE|FILE --out FILE.pdf [--language TAG]",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

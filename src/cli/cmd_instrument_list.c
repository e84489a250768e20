/* laerke instrument list | approve: what is loaded, and which of its languages are open to
 * respondents. */
#include "base/text.h"
#include "cli/cli.h"
#include "instrument/approval.h"
#include "store/programme.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { VERSION_MAX = 1000000, TIME_ROOM = 32 };

struct listing {
    struct cli *cli;
    struct programme programme;
    struct instrument_row *rows;
    struct approval *approvals;
    size_t n_rows, n_approvals;
};

static const struct approval *approval_of(const struct listing *l, int64_t id,
                                          const char *language) {
    for (size_t i = 0; i < l->n_approvals; i++)
        if (l->approvals[i].instrument == id && strcmp(l->approvals[i].language, language) == 0)
            return &l->approvals[i];
    return NULL;
}

static const char *utc(int64_t at, char out[TIME_ROOM]) {
    time_t when = (time_t)at;
    struct tm parts;
    gmtime_r(&when, &parts);
    strftime(out, TIME_ROOM, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return out;
}

static json_t *languages_json(const struct listing *l, int64_t id,
                              const struct instrument *instrument) {
    json_t *list = json_array();
    for (size_t i = 0; i < instrument->n_languages; i++) {
        char at[TIME_ROOM];
        const struct approval *a = approval_of(l, id, instrument->languages[i]);
        json_array_append_new(list, json_pack("{s:s, s:b, s:s?, s:s?}", "language",
                                              instrument->languages[i], "open", i == 0 || a,
                                              "reviewer", a ? a->reviewer : NULL, "approved_at",
                                              a ? utc(a->approved_at, at) : NULL));
    }
    return list;
}

/* "da, en (A. Reviewer), [tr]": in brackets those that wait for one. */
static const char *languages_words(const struct listing *l, int64_t id,
                                   const struct instrument *instrument) {
    struct text words = text_new(l->cli->arena, 8192);
    for (size_t i = 0; i < instrument->n_languages; i++) {
        const struct approval *a = approval_of(l, id, instrument->languages[i]);
        const char *tag = instrument->languages[i];
        if (i) text_add(&words, ", ");
        if (a)
            text_addf(&words, "%s (%s)", tag, a->reviewer);
        else
            text_addf(&words, i == 0 ? "%s" : "[%s]", tag);
    }
    return text_string(&words);
}

static bool read_all(struct listing *l, struct error *error) {
    return instrument_list(l->programme.study, l->cli->arena, &l->rows, &l->n_rows, error) &&
           approvals_list(l->programme.study, l->cli->arena, &l->approvals, &l->n_approvals, error);
}

static bool add_row(struct listing *l, const struct instrument_row *row, json_t *list,
                    struct error *error) {
    struct instrument *instrument;
    if (!instrument_by_id(l->programme.study, row->id, l->cli->arena, &instrument, error))
        return false;
    if (list)
        json_array_append_new(list,
                              json_pack("{s:I, s:s, s:i, s:s, s:s, s:o}", "id", (json_int_t)row->id,
                                        "code", row->code, "version", row->version, "respondent",
                                        row->respondent, "sha256", row->sha256, "languages",
                                        languages_json(l, row->id, instrument)));
    else
        printf("%-24s %3d  %-14s %.12s  %s\n", row->code, row->version, row->respondent,
               row->sha256, languages_words(l, row->id, instrument));
    return true;
}

static int run_list(struct cli *cli, const struct arguments *arguments) {
    struct listing l = { .cli = cli };
    struct error error = { 0 };
    (void)arguments;
    if (!programme_open(&l.programme, cli->dir, &error)) return cli_fail(cli, &error);
    json_t *list = cli->json ? json_array() : NULL;
    bool ok = read_all(&l, &error);
    for (size_t i = 0; ok && i < l.n_rows; i++) ok = add_row(&l, &l.rows[i], list, &error);
    programme_close(&l.programme);
    if (!ok) {
        json_decref(list);
        return cli_fail(cli, &error);
    }
    if (list) return cli_print_json(cli, list);
    if (l.n_rows == 0)
        cli_say_plain(cli, N_("No instrument is loaded. Load one: laerke instrument load pupil"));
    return EXIT_DONE;
}

static int run_approve(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    const char *code = arguments_at(arguments, 0), *language = option_text(arguments, "--language"),
               *reviewer = option_text(arguments, "--reviewer");
    long long version = 0;
    int approved = 0;
    if (!language) return cli_usage(cli, N_("An option is missing: {detail}"), "--language");
    if (!reviewer) return cli_usage(cli, N_("An option is missing: {detail}"), "--reviewer");
    if (!option_int(cli, arguments, "--version", 1, VERSION_MAX, &version)) return EXIT_USAGE;
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = language_approve(programme.study, code, (int)version, language, reviewer,
                               (int64_t)time(NULL), cli->arena, &approved, &error);
    programme_close(&programme);
    if (!ok) return cli_fail(cli, &error);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:s, s:i, s:s, s:s}", "code", code, "version",
                                             approved, "language", language, "reviewer", reviewer));
    cli_say(cli,
            N_("“{code}”, version {version}, is open to respondents in “{language}”, approved by "
               "{reviewer}."),
            ARG_TEXT("code", code), ARG_INT("version", approved), ARG_TEXT("language", language),
            ARG_TEXT("reviewer", reviewer));
    return EXIT_DONE;
}

const struct command command_instrument_list = {
    .words = "instrument list",
    .summary =
        N_("List the questionnaires that are loaded; [languages] in brackets wait for approval"),
    .arguments = "",
    .run = run_list,
};
static const struct option approve_options[] = {
    { "--language", "TAG", N_("the translation that has been read: en, ar, tr"), false },
    { "--reviewer", "NAME", N_("who has read it and vouches for it"), false },
    { "--version", "N", N_("of which version (the newest when not given)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_instrument_approve = {
    .words = "instrument approve",
    .summary = N_("Open a translation of a questionnaire to respondents, in a reviewer's name"),
    .arguments = "CODE --language TAG --reviewer NAME [--version N]",
    .options = approve_options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run_approve,
};

#include "cli/cli.h"

#include "base/text.h"
#include "roster/roster.h"
#include "store/programme.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { FAULTS_MAX = 50 };

static const struct option options[] = {
    { "--format", "FORMAT", N_("csv (the one there is so far)"), false },
    { "--drop", "COLUMN", N_("a column never to be read, of any file; give it once a column"),
      true },
    { "--dry-run", NULL, N_("tell what would change, and change nothing"), false },
    { NULL, NULL, NULL, false },
};

/* What is told of an import while it runs. */
struct telling {
    struct cli *cli;
    struct progress progress;
    json_t *changes; /* of a dry run with --json, else NULL */
};

static void set_progress(void *context, double fraction) {
    progress_set(&((struct telling *)context)->progress, fraction);
}

static void tell_change(void *context, const char *line) {
    struct telling *telling = context;
    if (telling->changes)
        json_array_append_new(telling->changes, json_string(line));
    else
        printf("%s\n", line);
}

static const struct {
    const char *name;  /* in JSON */
    const char *msgid; /* in words */
    size_t offset;
} counts[] = {
#define COUNT(field, msgid)                                                                        \
    { #field, msgid, offsetof(struct roster_summary, field) }
    COUNT(units_added, N_("units added")),
    COUNT(units_changed, N_("units changed")),
    COUNT(people_added, N_("people added")),
    COUNT(people_changed, N_("people changed")),
    COUNT(people_moved, N_("pupils moved to another class")),
    COUNT(unchanged, N_("people as they were")),
    COUNT(guardians_added, N_("guardians of a child added")),
    COUNT(guardians_changed, N_("guardians of a child changed")),
    COUNT(guardians_removed, N_("guardians of a child removed")),
    COUNT(staff_added, N_("places of staff added")),
    COUNT(staff_removed, N_("places of staff removed")),
#undef COUNT
};
enum { N_COUNTS = sizeof counts / sizeof *counts };

static long long count_of(const struct roster_summary *summary, size_t i) {
    size_t n;
    memcpy(&n, (const char *)summary + counts[i].offset, sizeof n);
    return (long long)n;
}

static int say_json(struct cli *cli, struct telling *telling, const struct roster_summary *summary,
                    bool dry_run) {
    json_t *result = json_object();
    json_object_set_new(result, "dry_run", json_boolean(dry_run));
    json_object_set_new(result, "changed", json_boolean(!roster_summary_empty(summary)));
    for (size_t i = 0; i < N_COUNTS; i++)
        json_object_set_new(result, counts[i].name, json_integer(count_of(summary, i)));
    json_object_set_new(result, "ignored",
                        summary->ignored ? json_string(summary->ignored) : json_null());
    if (telling->changes) json_object_set_new(result, "changes", telling->changes);
    return cli_print_json(cli, result);
}

static void say_words(struct cli *cli, const struct roster_summary *summary, bool dry_run) {
    for (size_t i = 0; i < N_COUNTS; i++) {
        char number[NUMBER_MAX];
        if (count_of(summary, i) == 0) continue;
        i18n_number(cli->language, (double)count_of(summary, i), 0, number);
        fprintf(stderr, "%9s %s\n", number, i18n_text(cli->language, counts[i].msgid));
    }
    if (summary->ignored)
        cli_say(cli, N_("Columns that were not read, since nobody knows them: {columns}"),
                ARG_TEXT("columns", summary->ignored));
    if (roster_summary_empty(summary))
        cli_say_plain(cli, N_("Nothing changed: everything was as in the file."));
    else if (dry_run)
        cli_say_plain(cli, N_("This was a dry run: nothing was changed."));
}

static int import(struct cli *cli, const struct arguments *arguments, struct programme *programme) {
    struct error_list faults;
    struct roster_summary summary;
    bool dry_run = option_flag(arguments, "--dry-run");
    size_t n_drop = option_count(arguments, "--drop");
    const char **drop = arena_array(cli->arena, n_drop + 1, sizeof *drop);
    for (size_t i = 0; drop && i < n_drop; i++) drop[i] = option_at(arguments, "--drop", i);
    struct telling telling = { .cli = cli, .changes = cli->json && dry_run ? json_array() : NULL };
    struct roster_options roster = { .drop = drop,
                                     .n_drop = drop ? n_drop : 0,
                                     .dry_run = dry_run,
                                     .progress = set_progress,
                                     .change = tell_change,
                                     .context = &telling };
    error_list_init(&faults, cli->arena, FAULTS_MAX);
    progress_begin(&telling.progress, cli,
                   dry_run ? N_("Comparing the roster") : N_("Importing the roster"));
    bool done = roster_import(programme, arguments_at(arguments, 0), &roster, cli->arena, &summary,
                              &faults);
    progress_end(&telling.progress, done ? NULL : i18n_text(cli->language, N_("stopped")));
    if (!done) {
        json_decref(telling.changes);
        return cli_fail_list(cli, &faults);
    }
    say_words(cli, &summary, dry_run);
    return cli->json ? say_json(cli, &telling, &summary, dry_run) : EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    const char *format = option_text(arguments, "--format");
    if (format && strcmp(format, "csv") != 0)
        return cli_usage(cli, N_("There is no format {detail}; the one there is so far is csv."),
                         format);
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    int code = import(cli, arguments, &programme);
    programme_close(&programme);
    return code;
}

const struct command command_roster_import = {
    .words = "roster import",
    .summary = N_("Take in who is in the programme: units, pupils, guardians, staff"),
    .arguments = "FILE|FOLDER",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

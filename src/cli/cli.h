/* cli.h - the command line's door: one table of commands, one file a command.
 *
 * Layer: cli (on top). A command gets its arguments after the general options (-C DIR, --json,
 * --lang) were taken out, returns an exit code, and reports failure by cli_fail(). Results go to
 * standard output, messages and progress to standard error.
 */
#ifndef LAERKE_CLI_CLI_H
#define LAERKE_CLI_CLI_H

#include "base/arena.h"
#include "base/error.h"
#include "i18n/i18n.h"

#include <stdbool.h>
#include <stddef.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct cli {
    struct arena *arena;
    const struct language *language;
    const char *dir; /* -C, default "." */
    bool json;
    const struct command *command;
};

/* A command: its words ("irt fit"), one line of summary, the usage below "laerke", and its body.
 * options is a NULL-terminated table of what it takes; unknown ones are refused with exit 2. */
struct option {
    const char *name;    /* "--items"; NULL ends the table */
    const char *value;   /* what the value is called in help ("LIST"); NULL for a flag */
    const char *help;    /* msgid */
    bool repeated;       /* takes several values, or is given several times */
};

struct arguments;
struct command {
    const char *words;
    const char *summary;   /* msgid */
    const char *arguments; /* "FILE [--dry-run]" for the usage line */
    const struct option *options;
    int min_positional, max_positional;
    int (*run)(struct cli *cli, const struct arguments *arguments);
};

/* Every command, ended by one without words; help, man pages and dispatch come from this table. */
extern const struct command commands[];

/* Parsed arguments of a command. */
size_t arguments_count(const struct arguments *arguments);           /* positional ones */
const char *arguments_at(const struct arguments *arguments, size_t index);
const char *option_text(const struct arguments *arguments, const char *name); /* NULL: not given */
bool option_flag(const struct arguments *arguments, const char *name);
size_t option_count(const struct arguments *arguments, const char *name);     /* of a repeated one */
const char *option_at(const struct arguments *arguments, const char *name, size_t index);
/* A whole number within [min, max]; *out is left alone when not given. False: usage error said. */
bool option_int(struct cli *cli, const struct arguments *arguments, const char *name, long long min,
                long long max, long long *out);

/* Says the error (and each of a list) on standard error; returns EXIT_FAILED. */
int cli_fail(struct cli *cli, const struct error *error);
int cli_fail_list(struct cli *cli, const struct error_list *list);
/* Says what is wrong with the usage, and the usage; returns EXIT_USAGE. */
int cli_usage(struct cli *cli, const char *msgid_problem, const char *detail);

/* A translated message on standard error. */
#define cli_say(cli, msgid, ...)                                                                   \
    cli_say_args((cli), (msgid), (const struct arg[]){ __VA_ARGS__ },                              \
                 sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
void cli_say_args(struct cli *cli, const char *msgid, const struct arg *args, size_t n_args);

/* A progress line "label … 43 %" on standard error: redrawn on a terminal, else one line when it
 * ends. Calls are cheap; drawing is limited to ten a second. */
struct progress {
    struct cli *cli;
    const char *label;
    double started, drawn;
    bool terminal;
};
void progress_begin(struct progress *progress, struct cli *cli, const char *label_msgid);
void progress_set(struct progress *progress, double fraction);
void progress_end(struct progress *progress, const char *outcome); /* outcome may be NULL */

/* Runs the program: general options, dispatch, help. */
int cli_main(int argc, char **argv);

#endif

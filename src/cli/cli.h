/* cli.h - the command line's door: one table of commands, one file a command.
 *
 * Layer: cli (on top). A command gets its arguments after the general options (-C DIR, --json,
 * --lang) were taken out, returns an exit code, and reports failure by cli_fail(). Results go to
 * standard output, messages and progress to standard error.
 *
 * A command is one file, cmd_NAME.c, that ends in its description, and one row in commands.def:
 *
 *     static int run(struct cli *cli, const struct arguments *arguments) { ... }
 *
 *     static const struct option options[] = {
 *         { "--pupils", "N", N_("how many pupils"), false },
 *         { NULL, NULL, NULL, false },
 *     };
 *     const struct command command_demo = {
 *         .words = "demo", .summary = N_("Make a simulated programme"), .arguments = "DIR",
 *         .options = options, .min_positional = 1, .max_positional = 1, .run = run,
 *     };
 *
 * Messages are in the language of --lang, else LAERKE_LANG, else Danish where the locale (LC_ALL,
 * LC_MESSAGES, LANG) is Danish, else English.
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
 * options is a NULL-terminated table of what it takes; unknown ones are refused with exit 2. A
 * value stands after its name ("--pupils 2000", "--pupils=2000"). A repeated option takes several
 * values in a row ("--instrument a b") where the command has no positional arguments. */
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
    const char *arguments; /* "FILE [--unit U]" for the usage line; "" for none */
    const struct option *options; /* NULL for none */
    int min_positional, max_positional;
    int (*run)(struct cli *cli, const struct arguments *arguments);
};

/* Every command, ended by NULL; help, man page and dispatch come from this table. */
extern const struct command *const commands[];

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

/* Prints a result for --json on standard output and releases it; EXIT_FAILED when value is NULL. */
struct json_t;
int cli_print_json(struct cli *cli, struct json_t *value);

/* Says the error (and each of a list) on standard error; returns EXIT_FAILED. */
int cli_fail(struct cli *cli, const struct error *error);
int cli_fail_list(struct cli *cli, const struct error_list *list);
/* Says what is wrong with the usage ({detail} in the msgid), and the usage; returns EXIT_USAGE. */
int cli_usage(struct cli *cli, const char *msgid_problem, const char *detail);

/* A translated message on standard error; the plain one has no arguments. msgid may be what
 * i18n_plural() found. */
void cli_say_plain(struct cli *cli, const char *msgid);
#define cli_say(cli, msgid, ...)                                                                   \
    cli_say_args((cli), (msgid), (const struct arg[]){ __VA_ARGS__ },                              \
                 sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
void cli_say_args(struct cli *cli, const char *msgid, const struct arg *args, size_t n_args);

/* A progress line "label … 43 %" on standard error: redrawn on a terminal, else one line when it
 * ends. Calls are cheap; drawing is limited to ten a second. */
struct progress {
    struct cli *cli;
    const char *label; /* translated */
    double started, drawn; /* seconds */
    bool terminal;
};
void progress_begin(struct progress *progress, struct cli *cli, const char *label_msgid);
void progress_set(struct progress *progress, double fraction);
void progress_end(struct progress *progress, const char *outcome); /* outcome, already translated, may be NULL */

/* Runs the program: general options, dispatch, help. */
int cli_main(int argc, char **argv);

#endif

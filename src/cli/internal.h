/* internal.h - what the files of the command line's frame share. Layer: cli; not for commands. */
#ifndef LAERKE_CLI_INTERNAL_H
#define LAERKE_CLI_INTERNAL_H

#include "cli/cli.h"

#include <stdio.h>

enum { POSITIONAL_MAX = 64, OPTIONS_MAX = 256, WORDS_MAX = 4 };

struct arguments {
    const char *positional[POSITIONAL_MAX];
    size_t n_positional;
    struct {
        const struct option *option;
        const char *value; /* NULL for a flag */
    } given[OPTIONS_MAX];
    size_t n_given;
};

/* What general options and parsing found. problem is the first fault (a msgid), NULL for none. */
struct invocation {
    const char *dir, *lang;
    bool json, help, version;
    const char *problem, *detail;
};

extern const struct option general_options[];

/* Takes one general option at argv[0]; returns how many words it was, 0 when it is not one. */
int take_general(struct invocation *invocation, int argc, char **argv);

/* Parses what follows the command's words. */
void parse_arguments(const struct command *command, int argc, char **argv, struct arguments *arguments,
                     struct invocation *invocation);

/* The longest command whose words begin argv; *words gets how many, 0 when none. */
const struct command *find_command(int argc, char **argv, int *words);

/* The names nearest to a mistyped one, NULL when none is near. */
const char *nearest_command(struct arena *arena, int argc, char **argv);
const char *nearest_option(const struct command *command, const char *name);

/* "laerke irt fit DATA.csv --items LIST …" */
void print_usage(struct cli *cli, FILE *stream, const struct command *command);
int print_help(struct cli *cli, const struct command *command);
int print_overview(struct cli *cli, FILE *stream);
int print_man(struct cli *cli);

#endif

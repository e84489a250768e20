/* The man page, made of the table of commands, so that it can never be behind it. */
#include "cli/internal.h"

#include <stdio.h>

/* In roff a backslash, a hyphen and a leading dot or quote mean something else. */
static void put(const char *text) {
    if (*text == '.' || *text == '\'') fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void put_line(const char *text) {
    put(text);
    putchar('\n');
}

static void put_section(struct cli *cli, const char *msgid) {
    printf(".SH %s\n", i18n_text(cli->language, msgid));
}

static void put_term(const char *term, const char *value, const char *text) {
    fputs(".TP\n\\fB", stdout);
    put(term);
    fputs("\\fR", stdout);
    if (value) {
        fputs(" \\fI", stdout);
        put(value);
        fputs("\\fR", stdout);
    }
    putchar('\n');
    put_line(text);
}

static void put_options(struct cli *cli, const struct option *options) {
    for (const struct option *o = options; o && o->name; o++)
        put_term(o->name, o->value, i18n_text(cli->language, o->help));
}

static void put_command(struct cli *cli, const struct command *command) {
    fputs(".SS \"laerke ", stdout);
    put(command->words);
    if (*command->arguments) putchar(' ');
    put(command->arguments);
    fputs("\"\n", stdout);
    put_line(i18n_text(cli->language, command->summary));
    put_options(cli, command->options);
}

int print_man(struct cli *cli) {
    const struct language *l = cli->language;
    printf(".TH LAERKE 1 \"\" \"Lærke %s\"\n", LAERKE_VERSION);
    put_section(cli, N_("NAME"));
    printf("laerke \\- %s\n", i18n_text(l, N_("from school surveys to quality profiles")));
    put_section(cli, N_("SYNOPSIS"));
    fputs("\\fBlaerke\\fR [\\fB\\-C\\fR \\fIDIR\\fR] [\\fB\\-\\-json\\fR] [\\fB\\-\\-lang\\fR \\fILANG\\fR] "
          "\\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n", stdout);
    put_section(cli, N_("DESCRIPTION"));
    put_line(i18n_text(l, N_("Answers come in, become points on a scale whose mean is 500 and whose standard deviation "
                             "is 100, and go out as frozen quality profiles for classes, schools and municipalities. "
                             "Results go to standard output, messages and progress to standard error.")));
    put_section(cli, N_("GENERAL OPTIONS"));
    put_options(cli, general_options);
    put_section(cli, N_("COMMANDS"));
    for (const struct command *const *c = commands; *c; c++) put_command(cli, *c);
    put_section(cli, N_("EXIT STATUS"));
    put_term("0", NULL, i18n_text(l, N_("done")));
    put_term("1", NULL, i18n_text(l, N_("failed; a line on standard error says what and what to do")));
    put_term("2", NULL, i18n_text(l, N_("wrong usage")));
    put_section(cli, N_("ENVIRONMENT"));
    put_term("LAERKE_LANG", NULL,
             i18n_text(l, N_("the language of messages where --lang is not given; without it Danish in a Danish "
                             "locale, else English")));
    return EXIT_DONE;
}

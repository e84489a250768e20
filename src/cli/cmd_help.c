#include "cli/internal.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 88, LEFT = 30 };

static void put_wrapped(FILE *stream, const char *text, int column) {
    int at = column;
    for (const char *s = text; *s;) {
        size_t length = strcspn(s, " ");
        char word[512];
        snprintf(word, sizeof word, "%.*s", (int)length, s);
        int width = (int)text_length(word);
        if (at > column && at + 1 + width > WIDTH) {
            fprintf(stream, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', stream);
            at++;
        }
        fputs(word, stream);
        at += width;
        s += length + strspn(s + length, " ");
    }
    fputc('\n', stream);
}

static void put_row(FILE *stream, const char *left, const char *right) {
    int width = (int)text_length(left) + 2;
    fprintf(stream, "  %s", left);
    if (width + 2 > LEFT)
        fprintf(stream, "\n%*s", LEFT, "");
    else
        fprintf(stream, "%*s", LEFT - width, "");
    put_wrapped(stream, right, LEFT);
}

static void put_options(struct cli *cli, const struct option *options) {
    for (const struct option *o = options; o && o->name; o++) {
        struct text left = text_new(cli->arena, 4096);
        text_addf(&left, "%s%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "",
                  o->repeated ? " …" : "");
        put_row(stdout, text_string(&left), i18n_text(cli->language, o->help));
    }
}

static void put_heading(struct cli *cli, FILE *stream, const char *msgid) {
    fprintf(stream, "\n%s\n", i18n_text(cli->language, msgid));
}

void print_usage(struct cli *cli, FILE *stream, const struct command *command) {
    bool options = command->options && command->options->name;
    fprintf(stream, "%s laerke %s%s%s%s\n", i18n_text(cli->language, N_("Usage:")), command->words,
            *command->arguments ? " " : "", command->arguments, options ? " […]" : "");
}

int print_help(struct cli *cli, const struct command *command) {
    if (!command) return print_overview(cli, stdout);
    print_usage(cli, stdout, command);
    putchar('\n');
    put_wrapped(stdout, i18n_text(cli->language, command->summary), 0);
    if (command->options && command->options->name) {
        put_heading(cli, stdout, N_("Options"));
        put_options(cli, command->options);
    }
    put_heading(cli, stdout, N_("General options"));
    put_options(cli, general_options);
    return EXIT_DONE;
}

int print_overview(struct cli *cli, FILE *stream) {
    fprintf(stream, "Lærke %s: %s\n\n%s laerke [-C DIR] [--json] [--lang LANG] COMMAND …\n\n", LAERKE_VERSION,
            i18n_text(cli->language, N_("from school surveys to quality profiles")),
            i18n_text(cli->language, N_("Usage:")));
    for (const struct command *const *c = commands; *c; c++)
        put_row(stream, (*c)->words, i18n_text(cli->language, (*c)->summary));
    fprintf(stream, "\n%s\n", i18n_text(cli->language, N_("More about one of them: laerke help COMMAND")));
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    if (option_flag(arguments, "--man")) return print_man(cli);
    int n = (int)arguments_count(arguments), words;
    char *typed[WORDS_MAX];
    for (int i = 0; i < n; i++) typed[i] = (char *)arguments_at(arguments, (size_t)i);
    const struct command *command = find_command(n, typed, &words);
    if (n == 0 || (command && words == n)) return print_help(cli, command);
    return cli_usage(cli, N_("There is no command “{detail}”."), typed[0]);
}

static const struct option options[] = {
    { "--man", NULL, N_("the whole as a man page (roff)"), false },
    { NULL, NULL, NULL, false },
};

const struct command command_help = {
    .words = "help", .summary = N_("Tell about the program, or about one command"),
    .arguments = "[COMMAND]", .options = options, .max_positional = WORDS_MAX, .run = run,
};

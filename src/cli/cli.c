#include "cli/internal.h"

#include "base/limits.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 64 * 1024 };

void cli_say_args(struct cli *cli, const char *msgid, const struct arg *args, size_t n_args) {
    struct text text = text_new(cli->arena, MESSAGE_MAX);
    i18n_fill(cli->language, &text, i18n_text(cli->language, msgid), args, n_args);
    fprintf(stderr, "%s\n", text_string(&text));
}

void cli_say_plain(struct cli *cli, const char *msgid) { cli_say_args(cli, msgid, NULL, 0); }

int cli_fail(struct cli *cli, const struct error *error) {
    struct text text = text_new(cli->arena, MESSAGE_MAX);
    i18n_error(cli->language, &text, error);
    fprintf(stderr, "laerke: %s\n", text_string(&text));
    return EXIT_FAILED;
}

int cli_fail_list(struct cli *cli, const struct error_list *list) {
    for (size_t i = 0; i < list->count; i++) cli_fail(cli, &list->items[i]);
    if (list->total > list->count)
        cli_say(cli, N_("… and {n} more of this kind."), ARG_INT("n", list->total - list->count));
    return EXIT_FAILED;
}

int cli_usage(struct cli *cli, const char *msgid_problem, const char *detail) {
    fprintf(stderr, "laerke: ");
    cli_say(cli, msgid_problem, ARG_TEXT("detail", detail ? detail : ""));
    if (cli->command) {
        print_usage(cli, stderr, cli->command);
        cli_say(cli, N_("More: laerke help {command}"), ARG_TEXT("command", cli->command->words));
    } else {
        cli_say_plain(cli, N_("Every command: laerke help"));
    }
    return EXIT_USAGE;
}

int cli_print_json(struct cli *cli, struct json_t *value) {
    (void)cli;
    if (!value) return EXIT_FAILED;
    bool written = json_dumpf(value, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) == 0;
    json_decref(value);
    putchar('\n');
    return written ? EXIT_DONE : EXIT_FAILED;
}

const struct command *find_command(int argc, char **argv, int *words) {
    const struct command *found = NULL;
    *words = 0;
    for (const struct command *const *c = commands; *c; c++) {
        const char *rest = (*c)->words;
        int n = 0;
        while (n < argc) {
            size_t length = strcspn(rest, " ");
            if (strlen(argv[n]) != length || strncmp(argv[n], rest, length) != 0) break;
            n++;
            rest += length;
            if (*rest == '\0') break;
            rest++;
        }
        if (*rest == '\0' && n > *words) {
            found = *c;
            *words = n;
        }
    }
    return found;
}

static bool is_group(const char *word) {
    size_t length = strlen(word);
    for (const struct command *const *c = commands; *c; c++)
        if (strncmp((*c)->words, word, length) == 0 && (*c)->words[length] == ' ') return true;
    return false;
}

static int no_such_command(struct cli *cli, int argc, char **argv) {
    const char *near = nearest_command(cli->arena, argc, argv);
    struct text typed = text_new(cli->arena, MESSAGE_MAX);
    text_add(&typed, argv[0]);
    if (is_group(argv[0]) && argc > 1) text_addf(&typed, " %s", argv[1]);
    fprintf(stderr, "laerke: ");
    cli_say(cli, N_("There is no command “{detail}”."), ARG_TEXT("detail", text_string(&typed)));
    if (near) cli_say(cli, N_("Did you mean “{name}”?"), ARG_TEXT("name", near));
    for (const struct command *const *c = commands; is_group(argv[0]) && *c; c++) {
        size_t length = strlen(argv[0]);
        if (strncmp((*c)->words, argv[0], length) == 0 && (*c)->words[length] == ' ')
            print_usage(cli, stderr, *c);
    }
    cli_say_plain(cli, N_("Every command: laerke help"));
    return EXIT_USAGE;
}

static const struct language *choose_language(const char *given) {
    if (!given) given = getenv("LAERKE_LANG");
    if (given && *given) return language_get(given);
    static const char *const locale[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(locale[i]);
        if (value && *value) return language_get(strncmp(value, "da", 2) == 0 ? "da" : "en");
    }
    return language_get("en");
}

/* --lang wants a language that is there; a silent fall-back would look like a fault elsewhere. */
static bool known_language(const char *tag) {
    return strcmp(language_tag(language_get(tag)), "da") != 0 || strncmp(tag, "da", 2) == 0;
}

static int wrong_usage(struct cli *cli, const struct invocation *invocation) {
    int code = cli_usage(cli, invocation->problem, invocation->detail);
    const char *detail = invocation->detail;
    const char *near = cli->command && detail[0] == '-' ? nearest_option(cli->command, detail) : NULL;
    if (near && strcmp(near, detail) != 0)
        cli_say(cli, N_("Did you mean “{name}”?"), ARG_TEXT("name", near));
    return code;
}

static int run(struct cli *cli, int argc, char **argv) {
    struct invocation invocation = { .dir = "." };
    struct arguments *arguments = arena_alloc(cli->arena, sizeof *arguments);
    int i = 1, words = 0, used;
    while (i < argc && argv[i][0] == '-' && (used = take_general(&invocation, argc - i, argv + i)) > 0)
        i += used;
    cli->command = find_command(argc - i, argv + i, &words);
    if (cli->command)
        parse_arguments(cli->command, argc - i - words, argv + i + words, arguments, &invocation);
    if (invocation.lang && !known_language(invocation.lang) && !invocation.problem) {
        invocation.problem = N_("There is no language “{detail}”; choose da or en.");
        invocation.detail = invocation.lang;
        invocation.lang = NULL;
    }
    cli->language = choose_language(invocation.lang);
    cli->dir = invocation.dir;
    cli->json = invocation.json;

    if (invocation.version) {
        printf("laerke %s\n", LAERKE_VERSION);
        return EXIT_DONE;
    }
    if (invocation.help) return print_help(cli, cli->command);
    if (invocation.problem) return wrong_usage(cli, &invocation);
    if (cli->command) return cli->command->run(cli, arguments);
    if (i == argc) {
        print_overview(cli, stderr);
        return EXIT_USAGE;
    }
    if (argv[i][0] == '-') return cli_usage(cli, N_("There is no option {detail}."), argv[i]);
    return no_such_command(cli, argc - i, argv + i);
}

int cli_main(int argc, char **argv) {
    struct cli cli = { .arena = arena_create(ARENA_JOB_MAX), .language = language_get("en") };
    if (!cli.arena) {
        fprintf(stderr, "laerke: out of memory\n");
        return EXIT_FAILED;
    }
    int code = run(&cli, argc, argv);
    /* A full disk behind standard output must not look like success. */
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE) {
        fprintf(stderr, "laerke: ");
        cli_say_plain(&cli, N_("The result could not be written to standard output."));
        code = EXIT_FAILED;
    }
    arena_destroy(cli.arena);
    return code;
}

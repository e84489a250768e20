#include "cli/internal.h"

#include "base/text.h"

#include <string.h>

const struct option general_options[] = {
    { "-C", "DIR", N_("the programme's folder (here when not given)"), false },
    { "--json", NULL, N_("the result as JSON on standard output"), false },
    { "--lang", "LANG", N_("the language of messages: da or en"), false },
    { "--help", NULL, N_("help for the command"), false },
    { "--version", NULL, N_("the version of the program"), false },
    { NULL, NULL, NULL, false },
};

static void fault(struct invocation *invocation, const char *problem, const char *detail) {
    if (invocation->problem) return; /* the first is the one to mend first */
    invocation->problem = problem;
    invocation->detail = detail;
}

static const char missing_value[] = N_("{detail} needs a value.");

/* The value of the option at argv[0]: behind "=" or the next word. *used counts words taken. */
static const char *value_of(struct invocation *invocation, int argc, char **argv, size_t name_length,
                            int *used) {
    *used = 1;
    if (argv[0][name_length] == '=') return argv[0] + name_length + 1;
    if (argc < 2 || strncmp(argv[1], "--", 2) == 0) {
        fault(invocation, missing_value, argv[0]);
        return NULL;
    }
    *used = 2;
    return argv[1];
}

static bool names(const char *word, const struct option *option) {
    size_t length = strlen(option->name);
    return strncmp(word, option->name, length) == 0 && (word[length] == '\0' || word[length] == '=');
}

int take_general(struct invocation *invocation, int argc, char **argv) {
    int used = 1;
    if (strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "--help") == 0)
        invocation->help = true;
    else if (strcmp(argv[0], "--version") == 0)
        invocation->version = true;
    else if (strcmp(argv[0], "--json") == 0)
        invocation->json = true;
    else if (names(argv[0], &general_options[0]))
        invocation->dir = value_of(invocation, argc, argv, 2, &used);
    else if (names(argv[0], &general_options[2]))
        invocation->lang = value_of(invocation, argc, argv, 6, &used);
    else
        return 0;
    return used;
}

static const struct option *find_option(const struct command *command, const char *word) {
    for (const struct option *o = command->options; o && o->name; o++)
        if (names(word, o)) return o;
    return NULL;
}

static void add_given(struct arguments *arguments, struct invocation *invocation,
                      const struct option *option, const char *value) {
    if (arguments->n_given == OPTIONS_MAX) {
        fault(invocation, N_("Too many options: {detail} is one too many."), option->name);
        return;
    }
    arguments->given[arguments->n_given].option = option;
    arguments->given[arguments->n_given++].value = value;
}

/* One option of the command at argv[0]; returns how many words it was. */
static int take_option(const struct command *command, int argc, char **argv,
                       struct arguments *arguments, struct invocation *invocation) {
    const struct option *option = find_option(command, argv[0]);
    if (!option) {
        fault(invocation, N_("There is no option {detail}."), argv[0]);
        return 1;
    }
    if (!option->repeated && option_flag(arguments, option->name))
        fault(invocation, N_("{detail} is given twice."), option->name);
    if (!option->value) {
        if (argv[0][strlen(option->name)] == '=')
            fault(invocation, N_("{detail}: this option takes no value."), argv[0]);
        add_given(arguments, invocation, option, NULL);
        return 1;
    }
    int used;
    const char *value = value_of(invocation, argc, argv, strlen(option->name), &used);
    if (value) add_given(arguments, invocation, option, value);
    while (option->repeated && command->max_positional == 0 && used < argc && argv[used][0] != '-')
        add_given(arguments, invocation, option, argv[used++]);
    return used;
}

void parse_arguments(const struct command *command, int argc, char **argv, struct arguments *arguments,
                     struct invocation *invocation) {
    bool only_positional = false;
    for (int i = 0, used; i < argc; i += used) {
        used = 1;
        bool option = !only_positional && argv[i][0] == '-' && argv[i][1] != '\0';
        if (option && strcmp(argv[i], "--") == 0) {
            only_positional = true;
        } else if (option) {
            used = find_option(command, argv[i]) ? 0 : take_general(invocation, argc - i, argv + i);
            if (used == 0) used = take_option(command, argc - i, argv + i, arguments, invocation);
        } else if (arguments->n_positional < (size_t)command->max_positional &&
                   arguments->n_positional < POSITIONAL_MAX) {
            arguments->positional[arguments->n_positional++] = argv[i];
        } else {
            fault(invocation, N_("{detail} is one argument too many."), argv[i]);
        }
    }
    if (arguments->n_positional < (size_t)command->min_positional)
        fault(invocation, N_("An argument is missing: {detail}"), command->arguments);
}

size_t arguments_count(const struct arguments *arguments) { return arguments->n_positional; }

const char *arguments_at(const struct arguments *arguments, size_t index) {
    return index < arguments->n_positional ? arguments->positional[index] : NULL;
}

const char *option_at(const struct arguments *arguments, const char *name, size_t index) {
    for (size_t i = 0; i < arguments->n_given; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0 && index-- == 0)
            return arguments->given[i].value;
    return NULL;
}

size_t option_count(const struct arguments *arguments, const char *name) {
    size_t n = 0;
    for (size_t i = 0; i < arguments->n_given; i++)
        n += strcmp(arguments->given[i].option->name, name) == 0;
    return n;
}

const char *option_text(const struct arguments *arguments, const char *name) {
    return option_at(arguments, name, 0);
}

bool option_flag(const struct arguments *arguments, const char *name) {
    return option_count(arguments, name) > 0;
}

bool option_int(struct cli *cli, const struct arguments *arguments, const char *name, long long min,
                long long max, long long *out) {
    const char *value = option_text(arguments, name);
    if (!value || text_to_int(value, min, max, out)) return true;
    struct text detail = text_new(cli->arena, 4096);
    i18n_say(cli->language, &detail, N_("{option} is a whole number from {min} to {max}, not “{value}”."),
             ARG_TEXT("option", name), ARG_INT("min", min), ARG_INT("max", max),
             ARG_TEXT("value", value));
    cli_usage(cli, "{detail}", text_string(&detail));
    return false;
}

/* laerke account add | list | end | reset: who may log in, and what they may see. */
#include "access/access.h"
#include "cli/cli.h"
#include "store/programme.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct option add_options[] = {
    { "--name", "NAME", N_("the person's name, as pages show it"), false },
    { "--role", "ROLE", N_("teacher, pedagogue, leader, municipality or programme; one for each --unit"), true },
    { "--unit", "UNIT", N_("where the role holds: a path of codes or an id; empty for the programme"), true },
    { "--password-stdin", NULL, N_("the password is the first line of standard input; otherwise one is made and printed"), false },
    { .name = NULL },
};
static const struct option reset_options[] = {
    { "--password-stdin", NULL, N_("the password is the first line of standard input; otherwise one is made and printed"), false },
    { .name = NULL },
};

/* The first line of standard input. Too long a one is cut past what the module allows, and so refused
 * there. */
static const char *read_password(char line[PASSWORD_MAX + 3]) {
    if (!fgets(line, PASSWORD_MAX + 3, stdin)) line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

/* Prints login and password: the one time the made password can be read. */
static int print_account(struct cli *cli, const char *login, const char *made) {
    if (cli->json)
        return cli_print_json(cli, made[0] ? json_pack("{s:s, s:s}", "login", login, "password", made)
                                           : json_pack("{s:s}", "login", login));
    if (made[0]) printf("%s\n", made);
    return EXIT_DONE;
}

/* Pairs each --role with its --unit; one role without a unit is at the programme. */
static int read_memberships(struct cli *cli, const struct arguments *arguments,
                            struct programme *programme, struct membership *out, size_t *n) {
    struct error error = { 0 };
    struct units units;
    size_t roles = option_count(arguments, "--role"), places = option_count(arguments, "--unit");
    if (roles == 0 || roles > MEMBERSHIPS_MAX || (places != roles && !(roles == 1 && places == 0)))
        return cli_usage(cli, N_("Give one --unit for each --role."), NULL);
    if (!units_read(programme->study, cli->arena, &units, &error)) return cli_fail(cli, &error);
    for (size_t i = 0; i < roles; i++) {
        long unit;
        const char *role = option_at(arguments, "--role", i);
        if (!role_from_name(role, &out[i].role))
            return cli_usage(cli, N_("“{detail}” is no role"), role);
        if (!units_find(&units, places ? option_at(arguments, "--unit", i) : "", &unit, &error))
            return cli_fail(cli, &error);
        out[i].unit = units.unit[unit].id;
    }
    *n = roles;
    return EXIT_DONE;
}

static int add_in(struct cli *cli, const struct arguments *arguments, struct programme *programme) {
    struct membership memberships[MEMBERSHIPS_MAX];
    struct error error = { 0 };
    char line[PASSWORD_MAX + 3], made[PASSWORD_MADE_MAX] = "";
    size_t n = 0;
    int64_t id;
    const char *login = arguments_at(arguments, 0), *name = option_text(arguments, "--name");
    int result = read_memberships(cli, arguments, programme, memberships, &n);
    if (result != EXIT_DONE) return result;
    const char *password = option_flag(arguments, "--password-stdin") ? read_password(line) : NULL;
    if (!account_add(programme, login, name ? name : login, password, memberships, n, made, &id, &error))
        return cli_fail(cli, &error);
    return print_account(cli, login, made);
}

static int reset_in(struct cli *cli, const struct arguments *arguments, struct programme *programme) {
    struct error error = { 0 };
    char line[PASSWORD_MAX + 3], made[PASSWORD_MADE_MAX] = "";
    const char *login = arguments_at(arguments, 0);
    const char *password = option_flag(arguments, "--password-stdin") ? read_password(line) : NULL;
    if (!account_reset(programme, login, password, made, &error)) return cli_fail(cli, &error);
    return print_account(cli, login, made);
}

static int end_in(struct cli *cli, const struct arguments *arguments, struct programme *programme) {
    struct error error = { 0 };
    const char *login = arguments_at(arguments, 0);
    if (!account_end(programme, login, &error)) return cli_fail(cli, &error);
    if (cli->json) return cli_print_json(cli, json_pack("{s:s, s:b}", "login", login, "ended", 1));
    cli_say(cli, N_("The account {login} has ended."), ARG_TEXT("login", login));
    return EXIT_DONE;
}

static json_t *account_json(const struct account *account) {
    json_t *roles = json_array();
    for (size_t i = 0; i < account->n_memberships; i++)
        json_array_append_new(roles, json_pack("{s:s, s:I}", "role",
                                               role_name(account->memberships[i].role), "unit",
                                               (json_int_t)account->memberships[i].unit));
    return json_pack("{s:s, s:s, s:b, s:o}", "login", account->login, "name", account->name, "ended",
                     account->ended, "roles", roles);
}

static void print_row(const struct account *account, const struct units *units, const char *ended) {
    printf("%s\t%s\t", account->login, account->name);
    if (account->ended) printf("%s", ended);
    for (size_t i = 0; i < account->n_memberships; i++) {
        long unit = units_by_id(units, account->memberships[i].unit);
        printf("%s%s %s", i ? ", " : "", role_name(account->memberships[i].role),
               unit < 0 ? "?" : units->unit[unit].name);
    }
    printf("\n");
}

static int list_in(struct cli *cli, const struct arguments *arguments, struct programme *programme) {
    struct error error = { 0 };
    struct account *accounts;
    struct units units;
    size_t n = 0;
    (void)arguments;
    if (!account_list(programme, cli->arena, &accounts, &n, &error) ||
        !units_read(programme->study, cli->arena, &units, &error))
        return cli_fail(cli, &error);
    json_t *list = cli->json ? json_array() : NULL;
    for (size_t i = 0; i < n; i++) {
        if (list)
            json_array_append_new(list, account_json(&accounts[i]));
        else
            print_row(&accounts[i], &units, i18n_text(cli->language, N_("ended")));
    }
    return list ? cli_print_json(cli, list) : EXIT_DONE;
}

/* Opens the programme of -C around a command's body. */
static int within(struct cli *cli, const struct arguments *arguments,
                  int (*body)(struct cli *, const struct arguments *, struct programme *)) {
    struct programme programme;
    struct error error = { 0 };
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    int result = body(cli, arguments, &programme);
    programme_close(&programme);
    return result;
}

static int run_add(struct cli *cli, const struct arguments *arguments) {
    return within(cli, arguments, add_in);
}
static int run_list(struct cli *cli, const struct arguments *arguments) {
    return within(cli, arguments, list_in);
}
static int run_end(struct cli *cli, const struct arguments *arguments) {
    return within(cli, arguments, end_in);
}
static int run_reset(struct cli *cli, const struct arguments *arguments) {
    return within(cli, arguments, reset_in);
}

const struct command command_account_add = {
    "account add", N_("Give somebody a login, with roles at units"), "LOGIN", add_options, 1, 1, run_add,
};
const struct command command_account_list = {
    "account list", N_("List logins with their roles"), "", NULL, 0, 0, run_list,
};
const struct command command_account_end = {
    "account end", N_("End an account, and its sessions at once"), "LOGIN", NULL, 1, 1, run_end,
};
const struct command command_account_reset = {
    "account reset", N_("Give an account a new password"), "LOGIN", reset_options, 1, 1, run_reset,
};

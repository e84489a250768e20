#include "cli/cli.h"

#include "store/programme.h"

#include <stdio.h>

static int run(struct cli *cli, const struct arguments *arguments) {
    struct error error = { 0 };
    int applied;
    (void)arguments;
    if (!programme_migrate(cli->dir, &applied, &error)) return cli_fail(cli, &error);
    if (cli->json) printf("{\"applied\":%d}\n", applied);
    if (applied)
        cli_say(cli, N_("Migrations applied: {n}."), ARG_INT("n", applied));
    else
        cli_say(cli, N_("The databases are up to date."), ARG_INT("n", 0));
    return EXIT_DONE;
}

const struct command command_migrate = {
    .words = "migrate",
    .summary = N_("Bring the programme's databases up to this version of the program"),
    .arguments = "",
    .run = run,
};

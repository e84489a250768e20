#include "cli/cli.h"

#include "store/programme.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct option options[] = {
    { "--name", "NAME", N_("the programme's name, as pages show it"), false },
    { "--database", "URL",
      N_("postgresql://… for answers and results (a SQLite file in the folder when not given)"),
      false },
    { "--identity-database", "URL",
      N_("postgresql://… for names and logins (the same, or a SQLite file)"), false },
    { NULL, NULL, NULL, false },
};

static int run(struct cli *cli, const struct arguments *arguments) {
    struct error error = { 0 };
    const char *dir = arguments_at(arguments, 0), *name = option_text(arguments, "--name");
    const char *study = option_text(arguments, "--database");
    const char *identity = option_text(arguments, "--identity-database");
    if (!name) name = i18n_text(cli->language, N_("Our schools"));
    /* One PostgreSQL database holds both, as two schemas; a file holds one. */
    if (study && !identity && strncmp(study, "sqlite:", strlen("sqlite:")) != 0) identity = study;
    if (!programme_init(dir, name, study, identity, &error)) return cli_fail(cli, &error);
    if (cli->json) {
        json_t *result = json_pack("{s:s, s:s}", "dir", dir, "name", name);
        json_dumpf(result, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(result);
    }
    cli_say(cli,
            N_("The programme “{name}” is made in {dir}. Next: laerke -C {dir} roster import FILE"),
            ARG_TEXT("name", name), ARG_TEXT("dir", dir));
    return EXIT_DONE;
}

const struct command command_init = {
    .words = "init",
    .summary = N_("Make a programme: its folder and its two databases"),
    .arguments = "DIR",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

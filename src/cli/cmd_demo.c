#include "cli/steps.h"

#include "publish/publish.h"
#include "simulate/simulate.h"
#include "store/programme.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { PUPILS = 80000, SEED = 2026, SEED_MAX = 1000000000 };

/* The folder, and everything in it. */
static bool make(struct cli *cli, const struct arguments *arguments, const char *dir,
                 const struct simulation *simulation, struct error *error) {
    struct programme programme;
    const char *study = option_text(arguments, "--database");
    const char *identity = option_text(arguments, "--identity-database");
    /* As for init: one PostgreSQL database holds both stores, a file holds one. */
    if (study && !identity && strncmp(study, "sqlite:", strlen("sqlite:")) != 0) identity = study;
    if (!simulation_possible(simulation, error) ||
        !programme_init(dir, "Program for læringsledelse (simuleret)", study, identity, error) ||
        !programme_open(&programme, dir, error))
        return false;
    struct publish_options publish = { .wave = 1, .progress = simulation->progress,
                                       .context = simulation->context };
    struct publish_summary summary;
    bool ok = simulate_programme(&programme, simulation, cli->arena, error) &&
              publish_wave(&programme, &publish, cli->arena, &summary, error);
    programme_close(&programme);
    return ok;
}

static int say_logins(struct cli *cli, const char *dir) {
    if (cli->json) {
        json_t *logins = json_array();
        for (const struct simulated_login *l = simulated_logins; l->login; l++)
            json_array_append_new(logins, json_string(l->login));
        return cli_print_json(cli, json_pack("{s:s, s:i, s:s, s:o}", "dir", dir, "wave", 1, "password",
                                             SIMULATED_PASSWORD, "logins", logins));
    }
    cli_say(cli, N_("The simulated programme is in {dir}. What is true of it: {dir}/out/truth.csv"), ARG_TEXT("dir", dir));
    cli_say(cli, N_("Log in with the password {password} as"), ARG_TEXT("password", SIMULATED_PASSWORD));
    for (const struct simulated_login *l = simulated_logins; l->login; l++)
        fprintf(stderr, "  %-16s %s\n", l->login, i18n_text(cli->language, l->role_msgid));
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct error error = { 0 };
    struct steps steps = { .cli = cli };
    long long pupils = PUPILS, schools = 0, waves = 1, seed = SEED;
    const char *dir = arguments_at(arguments, 0);
    if (!option_int(cli, arguments, "--pupils", 1, SIMULATION_PUPILS_MAX, &pupils) ||
        !option_int(cli, arguments, "--schools", 1, SIMULATION_SCHOOLS_MAX, &schools) ||
        !option_int(cli, arguments, "--waves", 1, 1, &waves) ||
        !option_int(cli, arguments, "--seed", 0, SEED_MAX, &seed))
        return EXIT_USAGE;
    struct simulation simulation = { .pupils = (size_t)pupils, .schools = (size_t)schools,
                                     .seed = (uint64_t)seed, .progress = steps_report, .context = &steps };
    bool ok = make(cli, arguments, dir, &simulation, &error);
    steps_end(&steps, ok);
    return ok ? say_logins(cli, dir) : cli_fail(cli, &error);
}

static const struct option options[] = {
    { "--pupils", "N", N_("how many pupils there are (80,000 when not given)"), false },
    { "--schools", "N", N_("how many schools (242, or fewer where there are fewer pupils)"), false },
    { "--waves", "N", N_("how many waves; this version makes one"), false },
    { "--seed", "N", N_("another number makes another programme"), false },
    { "--database", "URL", N_("postgresql://… for answers and results (a SQLite file in the folder when not given)"), false },
    { "--identity-database", "URL", N_("postgresql://… for names and logins (the same, or a SQLite file)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_demo = {
    .words = "demo", .summary = N_("Make a simulated programme with known truth: schools, people, one published wave"),
    .arguments = "DIR", .options = options, .min_positional = 1, .max_positional = 1, .run = run,
};

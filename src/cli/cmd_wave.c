#include "cli/cli.h"

#include "collect/wave.h"
#include "instrument/instrument.h"
#include "store/programme.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { WAVE_NUMBER_MAX = 1000000 };

static int run_new(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    const char *instruments[WAVE_INSTRUMENTS_MAX + 1];
    size_t n = option_count(arguments, "--instrument");
    const char *opens = option_text(arguments, "--opens"), *closes = option_text(arguments, "--closes");
    int number;
    if (!opens) return cli_usage(cli, N_("An option is missing: {detail}"), "--opens");
    if (!closes) return cli_usage(cli, N_("An option is missing: {detail}"), "--closes");
    if (n == 0) return cli_usage(cli, N_("An option is missing: {detail}"), "--instrument");
    if (n > WAVE_INSTRUMENTS_MAX) n = WAVE_INSTRUMENTS_MAX + 1; /* one too many says it all */
    for (size_t i = 0; i < n; i++) instruments[i] = option_at(arguments, "--instrument", i);
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = wave_new(programme.study, option_text(arguments, "--name"), opens, closes, instruments, n,
                       &number, &error);
    programme_close(&programme);
    if (!ok) return cli_fail(cli, &error);
    if (cli->json) return cli_print_json(cli, json_pack("{s:i}", "wave", number));
    cli_say(cli, N_("Wave {wave} is made. Open it: laerke wave open {wave}"), ARG_INT("wave", number));
    return EXIT_DONE;
}

/* The wave's number, as the one argument. */
static bool wave_number(struct cli *cli, const struct arguments *arguments, int *number) {
    long long value;
    if (!text_to_int(arguments_at(arguments, 0), 1, WAVE_NUMBER_MAX, &value)) {
        cli_usage(cli, N_("A wave is a whole number from 1, not “{detail}”."), arguments_at(arguments, 0));
        return false;
    }
    *number = (int)value;
    return true;
}

static int run_open(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    size_t assignments = 0;
    int number;
    if (!wave_number(cli, arguments, &number)) return EXIT_USAGE;
    struct wave_door door;
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = wave_door_of(&programme, &door, &error) &&
              wave_open(&door, number, &assignments, &error);
    programme_close(&programme);
    if (!ok) return cli_fail(cli, &error);
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:i, s:I}", "wave", number, "assignments",
                                             (json_int_t)assignments));
    cli_say(cli, N_("Wave {wave} is open: {n} questionnaires are waiting for answers."),
            ARG_INT("wave", number), ARG_INT("n", assignments));
    return EXIT_DONE;
}

static int run_close(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    int number;
    if (!wave_number(cli, arguments, &number)) return EXIT_USAGE;
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = wave_close(&(struct wave_door){ .study = programme.study }, number, &error);
    programme_close(&programme);
    if (!ok) return cli_fail(cli, &error);
    if (cli->json) return cli_print_json(cli, json_pack("{s:i, s:s}", "wave", number, "state", "closed"));
    cli_say(cli, N_("Wave {wave} is closed. Publish it: laerke publish --wave {wave}"), ARG_INT("wave", number));
    return EXIT_DONE;
}

/* The codes of a wave's instruments. */
static bool instrument_codes(struct cli *cli, struct store *study, const struct wave *wave,
                             const char *codes[WAVE_INSTRUMENTS_MAX], struct error *error) {
    for (size_t i = 0; i < wave->n_instruments; i++) {
        struct instrument *instrument;
        if (!instrument_by_id(study, wave->instruments[i], cli->arena, &instrument, error)) return false;
        codes[i] = instrument->code;
    }
    return true;
}

static json_t *wave_json(const struct wave *wave, const char *const *codes) {
    json_t *instruments = json_array();
    for (size_t i = 0; i < wave->n_instruments; i++) json_array_append_new(instruments, json_string(codes[i]));
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:o}", "wave", wave->number, "name", wave->name, "opens",
                     wave->opens, "closes", wave->closes, "state", wave->state, "instruments", instruments);
}

static void print_wave(struct cli *cli, const struct wave *wave, const char *const *codes) {
    char opens[NUMBER_MAX], closes[NUMBER_MAX];
    static const char *const states[][2] = { { "planned", NC_("wave", "planned") }, { "open", NC_("wave", "open") },
                                             { "closed", NC_("wave", "closed") } };
    const char *state = wave->state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i][0], wave->state) == 0) state = i18n_context(cli->language, "wave", states[i][1]);
    printf("%d  %s  %s – %s  %s ", wave->number, wave->name,
           i18n_date(cli->language, wave->opens, false, opens),
           i18n_date(cli->language, wave->closes, false, closes), state);
    for (size_t i = 0; i < wave->n_instruments; i++) printf(" %s", codes[i]);
    putchar('\n');
}

static bool print_waves(struct cli *cli, struct store *study, struct error *error) {
    struct wave *waves;
    size_t n;
    if (!wave_list(study, cli->arena, &waves, &n, error)) return false;
    json_t *list = cli->json ? json_array() : NULL;
    for (size_t i = 0; i < n; i++) {
        const char *codes[WAVE_INSTRUMENTS_MAX] = { 0 };
        if (!instrument_codes(cli, study, &waves[i], codes, error)) {
            json_decref(list);
            return false;
        }
        if (list)
            json_array_append_new(list, wave_json(&waves[i], codes));
        else
            print_wave(cli, &waves[i], codes);
    }
    if (list) cli_print_json(cli, list);
    if (!list && n == 0) cli_say_plain(cli, N_("There is no wave yet. Make one: laerke wave new"));
    return true;
}

static int run_list(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    (void)arguments;
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    bool ok = print_waves(cli, programme.study, &error);
    programme_close(&programme);
    return ok ? EXIT_DONE : cli_fail(cli, &error);
}

static const struct option new_options[] = {
    { "--opens", "DATE", N_("the first day, as 2026-11-24"), false },
    { "--closes", "DATE", N_("the last day"), false },
    { "--instrument", "CODE", N_("a questionnaire that is asked, in its newest version"), true },
    { "--name", "NAME", N_("the wave's name (“Kortlægning” and the year when not given)"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_wave_new = {
    .words = "wave new", .summary = N_("Plan a wave: when it opens and closes, and what it asks"),
    .arguments = "--opens DATE --closes DATE --instrument CODE …", .options = new_options, .run = run_new,
};
const struct command command_wave_open = {
    .words = "wave open",
    .summary = N_("Open a wave: everybody in the roster whom it asks gets a questionnaire; again: newcomers too"),
    .arguments = "WAVE", .min_positional = 1, .max_positional = 1, .run = run_open,
};
const struct command command_wave_close = {
    .words = "wave close", .summary = N_("Close a wave: it takes no more answers and can be published"),
    .arguments = "WAVE", .min_positional = 1, .max_positional = 1, .run = run_close,
};
const struct command command_wave_list = {
    .words = "wave list", .summary = N_("List the waves"), .arguments = "", .run = run_list,
};

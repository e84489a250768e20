/* laerke stat change: what changed between waves, and how sure that is. */
#include "base/limits.h"
#include "cli/change_data.h"
#include "exchange/csv.h"
#include "stat/did.h"
#include "stat/effect.h"
#include "stat/rtm.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* In the order of the lines of a pair of waves. */
enum measure {
    MEAN,
    SAME_GRADES,
    SAME_PERSONS,
    SLOPE,
    TREATED,
    UNTREATED,
    DID,
    EXPECTED,
    MEASURES
};
static const struct {
    const char *name, *label; /* label: msgid */
    enum change_role needs;   /* an option without which the measure is not asked for */
    bool link;                /* the link's error is part of its own */
    bool word;                /* a threshold in points gives it a word */
} measures[MEASURES] = {
    [MEAN] = { "change", N_("change of the mean"), CHANGE_VALUE, true, true },
    [SAME_GRADES] = { "same_grades", N_("change in the same grades"), CHANGE_GRADE, true, true },
    [SAME_PERSONS] = { "same_persons", N_("change of the same pupils"), CHANGE_PERSON, true, true },
    [SLOPE] = { "slope", N_("change of the slope"), CHANGE_BACKGROUND, false, false },
    [TREATED] = { "treated", N_("change of the treated"), CHANGE_TREATED, true, false },
    [UNTREATED] = { "untreated", N_("change of the others"), CHANGE_TREATED, true, false },
    [DID] = { "difference_in_differences", N_("difference-in-differences"), CHANGE_TREATED, false,
              true },
    [EXPECTED] = { "expected_regression", N_("expected regression to the mean"), CHANGE_TREATED,
                   false, false },
};

struct job {
    struct change_data d;
    double threshold; /* 0: no word is asked for */
    size_t from, to;  /* the pair that was asked for; from == to: all */
    json_t *list;     /* NULL: lines */
};

/* One line: a measure of a pair. */
struct line {
    enum measure measure;
    size_t from, to;
    struct change c;
    struct rtm rtm; /* of EXPECTED */
    struct did did; /* of DID */
};

/* With one wave before, nobody can see whether the groups moved alike without the effort. */
static bool one_wave_before(const struct line *line) {
    return line->measure == DID && line->from == 0;
}

static const char *verdict_text(const struct job *job, enum effect_verdict verdict) {
    static const char *const words[] = {
        [EFFECT_NO_EFFECT] = N_("no effect of importance"),
        [EFFECT_OPPOSITE] = N_("the opposite"),
        [EFFECT_DOCUMENTED] = N_("documented"),
        [EFFECT_COMPATIBLE] = N_("compatible with an effect"),
        [EFFECT_UNDECIDED] = N_("cannot be decided"),
    };
    return i18n_text(job->d.cli->language, words[verdict]);
}

static bool has_verdict(const struct job *job, const struct line *line) {
    return job->threshold > 0 && measures[line->measure].word;
}

static enum effect_verdict verdict_of(const struct job *job, const struct line *line) {
    return effect_judge(line->c.change, job->threshold, one_wave_before(line));
}

static const char *label_of(const struct job *job, const struct line *line) {
    return i18n_text(job->d.cli->language, measures[line->measure].label);
}

static double half_width(struct estimate e) {
    return isfinite(e.se) ? estimate_half_width(e, 0.95) : NAN;
}

/* ---- results ---- */

/* What only one measure has. */
static void say_json_more(const struct line *line, json_t *row) {
    size_t treated = line->measure == DID ? line->did.treated : line->rtm.chosen;
    size_t others = line->measure == DID ? line->did.others : line->rtm.others;
    if (line->measure != DID && line->measure != EXPECTED) return;
    json_object_set_new(row, "clusters_treated", json_integer((json_int_t)treated));
    json_object_set_new(row, "clusters_untreated", json_integer((json_int_t)others));
    if (line->measure == DID) {
        json_object_set_new(row, "waves_before", json_integer((json_int_t)line->from + 1));
        return;
    }
    stat_json_number(row, "rho", line->rtm.rho);
    stat_json_number(row, "mean_treated", line->rtm.chosen_mean);
    stat_json_number(row, "mean_all", line->rtm.mean);
}

static void say_json(const struct job *job, const struct line *line) {
    const struct change *c = &line->c;
    double half = half_width(c->change);
    json_t *row = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "measure", measures[line->measure].name,
        "wave_from", job->d.waves[line->from], "wave_to", job->d.waves[line->to], "n_from",
        (json_int_t)c->rows[0], "n_to", (json_int_t)c->rows[1], "clusters_from",
        (json_int_t)c->clusters[0], "clusters_to", (json_int_t)c->clusters[1], "clusters_both",
        (json_int_t)c->clusters_both, "persons_both", (json_int_t)c->persons_both);
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        { "from", c->from },
        { "to", c->to },
        { "estimate", c->change.value },
        { "se", c->change.se },
        { "df", c->change.df },
        { "low", c->change.value - half },
        { "high", c->change.value + half },
        { "sampling_se", c->sampling_se },
        { "link_error", measures[line->measure].link ? job->d.input.link_se : 0 },
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        stat_json_number(row, numbers[i].key, numbers[i].value);
    if (line->measure != EXPECTED)
        stat_json_number(row, "detectable", effect_detectable(c->change, 0.05, 0.8));
    if (has_verdict(job, line))
        json_object_set_new(row, "verdict", json_string(effect_name(verdict_of(job, line))));
    say_json_more(line, row);
    json_array_append_new(job->list, row);
}

static void say_line(const struct job *job, const struct line *line) {
    const struct change *c = &line->c;
    double half = half_width(c->change);
    printf("%s,", measures[line->measure].name);
    csv_write_field(stdout, job->d.waves[line->from]);
    putchar(',');
    csv_write_field(stdout, job->d.waves[line->to]);
    printf(",%zu,%zu,%zu,%zu", c->rows[0], c->rows[1], c->clusters[0], c->clusters[1]);
    const double numbers[] = { c->from,
                               c->to,
                               c->change.value,
                               c->change.se,
                               c->change.df,
                               c->change.value - half,
                               c->change.value + half };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) stat_print_number(numbers[i]);
    stat_print_number(line->measure != EXPECTED ? effect_detectable(c->change, 0.05, 0.8) : NAN);
    printf(",%s\n", has_verdict(job, line) ? effect_name(verdict_of(job, line)) : "");
}

/* ---- sentences ---- */

static struct arg number_arg(const struct job *job, const char *name, double value,
                             char buffer[NUMBER_MAX]) {
    return ARG_TEXT(name,
                    isfinite(value) ? i18n_number(job->d.cli->language, value, 1, buffer) : "–");
}

static void say_change(const struct job *job, const struct line *line) {
    struct estimate e = line->c.change;
    char number[4][NUMBER_MAX];
    double half = half_width(e);
    cli_say(
        job->d.cli,
        N_("{from} to {to}: the mean changed by {change} (95 % interval {low} to {high}). A true "
           "change of {detectable} would be found with 80 % power."),
        ARG_TEXT("from", job->d.waves[line->from]), ARG_TEXT("to", job->d.waves[line->to]),
        number_arg(job, "change", e.value, number[0]),
        number_arg(job, "low", e.value - half, number[1]),
        number_arg(job, "high", e.value + half, number[2]),
        number_arg(job, "detectable", effect_detectable(e, 0.05, 0.8), number[3]));
}

static void say_effect(const struct job *job, const struct line *line) {
    struct estimate e = line->c.change;
    char number[3][NUMBER_MAX];
    double half = half_width(e);
    cli_say(
        job->d.cli,
        N_("{from} to {to}: the treated changed by {change} more than the others (95 % interval "
           "{low} to {high})."),
        ARG_TEXT("from", job->d.waves[line->from]), ARG_TEXT("to", job->d.waves[line->to]),
        number_arg(job, "change", e.value, number[0]),
        number_arg(job, "low", e.value - half, number[1]),
        number_arg(job, "high", e.value + half, number[2]));
    if (job->d.input.link_se > 0)
        cli_say_plain(job->d.cli, N_("The link error moves both groups alike, so it is no part of "
                                     "the difference-in-differences."));
    if (one_wave_before(line))
        cli_say_plain(job->d.cli, N_("With one wave before, whether the groups would have changed "
                                     "alike cannot be seen: at most “compatible with an effect”."));
}

static void say_expected(const struct job *job, const struct line *line, double treated) {
    char number[2][NUMBER_MAX];
    cli_say(
        job->d.cli,
        N_("{from} to {to}: the treated changed by {treated}. Regression to the mean alone, beside "
           "what all share, would be {expected}; it is not taken from the "
           "difference-in-differences."),
        ARG_TEXT("from", job->d.waves[line->from]), ARG_TEXT("to", job->d.waves[line->to]),
        number_arg(job, "treated", treated, number[0]),
        number_arg(job, "expected", line->c.change.value, number[1]));
}

static void say_verdict(const struct job *job, const struct line *line) {
    char number[NUMBER_MAX];
    cli_say(job->d.cli,
            N_("{from} to {to}, {measure}, against a threshold of {threshold}: {verdict}."),
            ARG_TEXT("measure", label_of(job, line)), ARG_TEXT("from", job->d.waves[line->from]),
            ARG_TEXT("to", job->d.waves[line->to]),
            number_arg(job, "threshold", job->threshold, number),
            ARG_TEXT("verdict", verdict_text(job, verdict_of(job, line))));
}

/* ---- one measure ---- */

/* Clusters that are in both waves, among the rows that went in. */
static size_t in_both(const struct change_input *input, struct arena *arena, size_t clusters[2]) {
    unsigned char *present = arena_array(arena, input->n_clusters, 1);
    size_t both = 0;
    for (size_t i = 0; present && i < input->n; i++)
        if (input->wave[i] >= 0) present[input->cluster[i]] |= (unsigned char)(1 << input->wave[i]);
    for (size_t c = 0; present && c < input->n_clusters; c++) {
        for (int w = 0; w < 2; w++) clusters[w] += present[c] >> w & 1;
        both += present[c] == 3;
    }
    return both;
}

static bool difference_in_differences(const struct job *job, struct change_input *input,
                                      struct arena *arena, struct line *line, struct error *error) {
    const struct role *grade = &job->d.data.role[CHANGE_GRADE];
    if (!did_estimate(input, job->d.chosen, grade->n ? job->d.grade : NULL,
                      grade->n ? grade->column[0]->n_labels : 0, arena, &line->did, error))
        return false;
    line->c = (struct change){ .change = line->did.effect,
                               .sampling_se = line->did.effect.se,
                               .from = NAN,
                               .to = NAN,
                               .rows = { line->did.rows[0], line->did.rows[1] } };
    line->c.clusters_both = in_both(input, arena, line->c.clusters);
    return true;
}

static bool expected_regression(const struct job *job, struct change_input *input,
                                struct arena *arena, struct line *line, struct error *error) {
    if (!rtm_expected(input, job->d.chosen, arena, &line->rtm, error)) return false;
    line->c = (struct change){ .change = line->rtm.expected,
                               .sampling_se = line->rtm.expected.se,
                               .from = NAN,
                               .to = NAN,
                               .clusters_both = line->rtm.chosen + line->rtm.others };
    for (int w = 0; w < 2; w++) line->c.clusters[w] = line->c.clusters_both;
    for (size_t i = 0; i < input->n; i++)
        if (input->wave[i] >= 0) line->c.rows[input->wave[i]]++;
    return true;
}

static bool estimate(const struct job *job, struct arena *arena, struct line *line,
                     struct error *error) {
    const struct change_data *d = &job->d;
    struct change_input input = d->input;
    int treated = line->measure == TREATED ? 1 : line->measure == UNTREATED ? 0 : -1;
    enum change_role having = measures[line->measure].needs;
    input.wave = change_rows(d, line->from, line->to, having, treated, arena);
    /* At the same grades where these are known. */
    if (line->measure == DID && d->data.role[CHANGE_GRADE].n)
        input.wave = change_rows(d, line->from, line->to, CHANGE_GRADE, -1, arena);
    if (!input.wave) return error_plain(error, "stat.memory");
    switch (line->measure) {
    case SAME_GRADES:
        return change_same_grades(&input, d->grade, d->data.role[CHANGE_GRADE].column[0]->n_labels,
                                  arena, &line->c, error);
    case SAME_PERSONS: return change_same_persons(&input, arena, &line->c, error);
    case SLOPE: return change_slope(&input, d->background, arena, &line->c, error);
    case DID: return difference_in_differences(job, &input, arena, line, error);
    case EXPECTED: return expected_regression(job, &input, arena, line, error);
    default: return change_mean(&input, arena, &line->c, error);
    }
}

/* The names of what the statistic knows by number. */
static void name_parts(const struct job *job, const struct line *line, struct error *error) {
    const char *wave = error_value(error, "wave"), *person = error_value(error, "person");
    long long number = 0;
    if (wave)
        error_replace(error, ARG_TEXT("wave", job->d.waves[*wave == '1' ? line->to : line->from]));
    if (person && text_to_int(person, 0, INT32_MAX, &number))
        error_replace(
            error, ARG_TEXT("person", job->d.data.role[CHANGE_PERSON].column[0]->labels[number]));
}

/* Some measures cannot be made for a pair while others can: that is said, and no more. */
static bool can_be_left_out(enum measure measure, const struct error *error) {
    static const char *const ids[] = {
        ERROR_ID("stat.no_common_grade"), ERROR_ID("stat.no_common_person"),
        ERROR_ID("stat.wave_clusters"),   ERROR_ID("stat.wave_empty"),
        ERROR_ID("stat.wave_constant"),   ERROR_ID("stat.replicate_empty"),
        ERROR_ID("stat.rtm_schools"),     ERROR_ID("stat.rtm_alike"),
        ERROR_ID("stat.too_few_rows"),    ERROR_ID("stat.did_cells"),
        ERROR_ID("stat.did_grades"),
    };
    for (size_t i = 0; measure != MEAN && i < sizeof ids / sizeof *ids; i++)
        if (error_is(error, ids[i])) return true;
    return false;
}

static void say_left_out(const struct job *job, const struct line *line,
                         const struct error *error) {
    struct text text = text_new(job->d.cli->arena, 4096);
    i18n_error(job->d.cli->language, &text, error);
    cli_say(job->d.cli, N_("{from} to {to}, {measure}, is left out. {why}"),
            ARG_TEXT("from", job->d.waves[line->from]), ARG_TEXT("to", job->d.waves[line->to]),
            ARG_TEXT("measure", label_of(job, line)),
            ARG_TEXT("why", text_ok(&text) ? text_string(&text) : error->id));
}

/* ---- pairs ---- */

static bool say_pair(const struct job *job, size_t from, size_t to, struct error *error) {
    double treated = NAN;
    for (enum measure m = MEAN; m < MEASURES; m++) {
        if (!job->d.data.role[measures[m].needs].n) continue;
        struct line line = { .measure = m, .from = from, .to = to };
        struct arena *arena = arena_create(ARENA_JOB_MAX);
        bool ok = arena ? estimate(job, arena, &line, error) : error_plain(error, "stat.memory");
        arena_destroy(arena);
        if (!ok) {
            name_parts(job, &line, error);
            if (!can_be_left_out(m, error)) return false;
            say_left_out(job, &line, error);
            continue;
        }
        if (job->list)
            say_json(job, &line);
        else
            say_line(job, &line);
        if (m == MEAN) say_change(job, &line);
        if (m == TREATED) treated = line.c.change.value;
        if (m == DID) say_effect(job, &line);
        if (m == EXPECTED) say_expected(job, &line, treated);
        if (has_verdict(job, &line)) say_verdict(job, &line);
    }
    return true;
}

/* Each wave with the next, and the first with the last; or the pair that was asked for. */
static bool say_pairs(const struct job *job, struct error *error) {
    if (!job->list)
        puts("measure,wave_from,wave_to,n_from,n_to,clusters_from,clusters_to,from,to,estimate,se,"
             "df,"
             "low,high,detectable,verdict");
    if (job->from != job->to) return say_pair(job, job->from, job->to, error);
    for (size_t w = 0; w + 1 < job->d.n_waves; w++)
        if (!say_pair(job, w, w + 1, error)) return false;
    return job->d.n_waves == 2 || say_pair(job, 0, job->d.n_waves - 1, error);
}

/* ---- options ---- */

/* A number within [0, ∞), or above 0. False: said. */
static bool option_number(struct cli *cli, const struct arguments *arguments, const char *name,
                          bool positive, double *out) {
    const char *text = option_text(arguments, name);
    if (!text) return true;
    if (text_to_double(text, out) && *out >= 0 && !(positive && *out == 0)) return true;
    if (positive)
        cli_usage(cli, N_("{detail} takes a number above 0, in the unit of the values."), name);
    else
        cli_usage(cli, N_("{detail} takes a number from 0 up, in the unit of the values."), name);
    return false;
}

static bool find_wave(const struct job *job, const char *label, size_t *out, struct error *error) {
    for (size_t w = 0; w < job->d.n_waves; w++) {
        if (strcmp(job->d.waves[w], label) != 0) continue;
        *out = w;
        return true;
    }
    return error_set(error, "stat.no_wave", ARG_TEXT("wave", label),
                     ARG_TEXT("column", job->d.data.role[CHANGE_WAVE].list));
}

static bool choose_pair(struct job *job, const struct arguments *arguments, struct error *error) {
    const char *from = option_text(arguments, "--from"), *to = option_text(arguments, "--to");
    if (!from && !to) return true;
    job->to = job->d.n_waves - 1;
    if ((from && !find_wave(job, from, &job->from, error)) ||
        (to && !find_wave(job, to, &job->to, error)))
        return false;
    if (job->from < job->to) return true;
    return error_set(error, "stat.wave_order", ARG_TEXT("from", job->d.waves[job->from]),
                     ARG_TEXT("to", job->d.waves[job->to]));
}

/* With --treated there are some that are treated and some that are not. */
static bool check_treated(const struct job *job, struct error *error) {
    size_t count[2] = { 0, 0 };
    if (!job->d.chosen) return true;
    for (size_t c = 0; c < job->d.input.n_clusters; c++)
        if (job->d.chosen[c] >= 0) count[job->d.chosen[c]]++;
    if (count[0] && count[1]) return true;
    return error_set(error, count[0] ? ERROR_ID("stat.no_treated") : ERROR_ID("stat.no_untreated"),
                     ARG_TEXT("column", job->d.data.role[CHANGE_TREATED].list));
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct job job = { .threshold = 0 };
    struct error error = { 0 };
    double link_se = 0;
    if (!option_number(cli, arguments, "--link-error", false, &link_se) ||
        !option_number(cli, arguments, "--threshold", true, &job.threshold))
        return EXIT_USAGE;
    int code = change_data_read(cli, arguments, &job.d);
    if (code != EXIT_DONE) return code;
    job.d.input.link_se = link_se;
    if (!choose_pair(&job, arguments, &error) || !check_treated(&job, &error))
        return cli_fail(cli, &error);
    job.list = cli->json ? json_array() : NULL;
    if (job.d.left_out)
        cli_say(cli, N_("Rows left out because a value is missing or the weight is 0: {n}"),
                ARG_INT("n", job.d.left_out));
    if (!say_pairs(&job, &error)) {
        json_decref(job.list);
        return cli_fail(cli, &error);
    }
    if (!job.list) return EXIT_DONE;
    return cli_print_json(cli, json_pack("{s:s, s:I, s:I, s:I, s:f, s:o}", "value",
                                         job.d.data.role[CHANGE_VALUE].list, "draws",
                                         (json_int_t)job.d.input.draws, "n", (json_int_t)job.d.n,
                                         "left_out", (json_int_t)job.d.left_out, "link_error",
                                         link_se, "changes", job.list));
}

static const struct option options[] = {
    { "--value", "COLUMNS", N_("the values; several are plausible values of one ('PV*')"), false },
    { "--wave", "COLUMN", N_("the wave of a row; waves are taken in order, numbers by value"),
      false },
    { "--cluster", "COLUMN",
      N_("what was sampled, a school say; the same name in two waves is the same school"), false },
    { "--strata", "COLUMN", N_("the strata that clusters were sampled in"), false },
    { "--weight", "COLUMN", N_("weights of the rows"), false },
    { "--link-error", "SE",
      N_("standard error of the link between the waves' scales, in the unit of the values"),
      false },
    { "--grade", "COLUMN", N_("grades: adds the change at the first wave's mix of grades"), false },
    { "--person", "COLUMN",
      N_("who the row is: adds the change of those in both waves, who then count once"), false },
    { "--background", "COLUMN", N_("social background: adds the change of the slope on it"),
      false },
    { "--treated", "COLUMN",
      N_("1 for clusters with the effort, 0 for the others: adds difference-in-differences and "
         "expected regression to the mean"),
      false },
    { "--threshold", "T",
      N_("the least change that matters: adds a word for each change, up being the goal"), false },
    { "--from", "WAVE", N_("the first wave of the only pair wanted"), false },
    { "--to", "WAVE", N_("the second wave of the only pair wanted"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_stat_change = {
    .words = "stat change",
    .summary =
        N_("Change between waves, difference-in-differences, expected regression to the mean"),
    .arguments = "DATA.csv --value COLUMNS --wave COLUMN --cluster COLUMN",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

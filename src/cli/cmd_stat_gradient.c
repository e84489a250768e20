#include "cli/stat_data.h"

#include "stat/gradient.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum { OUTCOME, BACKGROUND, CLUSTER, STRATA, WEIGHT, ROLES };
static const struct role roles[ROLES] = {
    [OUTCOME] = { .option = "--outcome", .required = true, .numeric = true },
    [BACKGROUND] = { .option = "--background", .required = true, .numeric = true, .single = true },
    [CLUSTER] = { .option = "--cluster", .required = true, .single = true },
    [STRATA] = { .option = "--strata", .single = true },
    [WEIGHT] = { .option = "--weight", .numeric = true, .single = true, .weight = true },
};

/* The complete rows as the statistic takes them. */
struct job {
    struct cli *cli;
    struct stat_data data;
    struct gradient_input input;
    struct gradient found;
};

static bool complete(const struct stat_data *data, size_t row) {
    const struct role *role = data->role;
    for (size_t c = 0; c < role[OUTCOME].n; c++)
        if (isnan(role[OUTCOME].column[c]->value[row])) return false;
    for (size_t r = CLUSTER; r <= STRATA; r++)
        if (role[r].n && role[r].column[0]->label[row] == LABEL_NONE) return false;
    return !isnan(role[BACKGROUND].column[0]->value[row]) && stat_weight(&role[WEIGHT], row) > 0;
}

static bool lay_out(struct job *job, struct error *error) {
    const struct role *role = job->data.role;
    struct arena *arena = job->cli->arena;
    size_t rows = job->data.n, draws = role[OUTCOME].n, n = 0;
    double *y = arena_array(arena, rows + 1, draws * sizeof *y);
    double *x = arena_array(arena, rows + 1, sizeof *x);
    double *weights = arena_array(arena, rows + 1, sizeof *weights);
    int *cluster = arena_array(arena, rows + 1, sizeof *cluster), *stratum;
    if (!y || !x || !weights || !cluster) return error_plain(error, "stat.memory");
    if (!stat_strata(job->cli, &job->data, &role[CLUSTER], &role[STRATA], &stratum, error))
        return false;
    for (size_t row = 0; row < rows; row++) n += complete(&job->data, row);
    if (n == 0) return stat_refuse_empty(&job->data, ROLES, error);
    for (size_t row = 0, i = 0; row < rows; row++) {
        if (!complete(&job->data, row)) continue;
        for (size_t d = 0; d < draws; d++) y[d * n + i] = role[OUTCOME].column[d]->value[row];
        x[i] = role[BACKGROUND].column[0]->value[row];
        weights[i] = stat_weight(&role[WEIGHT], row);
        cluster[i++] = role[CLUSTER].column[0]->label[row];
    }
    job->input.n = n;
    job->input.draws = draws;
    job->input.y = y;
    job->input.background = x;
    job->input.weights = role[WEIGHT].n ? weights : NULL;
    job->input.cluster = cluster;
    job->input.n_clusters = role[CLUSTER].column[0]->n_labels;
    job->input.stratum = stratum;
    return true;
}

static bool fit(struct job *job, struct error *error) {
    if (gradient_fit(&job->input, job->cli->arena, &job->found, error)) return true;
    if (error_is(error, "stat.collinear"))
        return error_set(error, "stat.constant_background",
                         ARG_TEXT("column", job->data.role[BACKGROUND].column[0]->name));
    return false;
}

/* ---- words ---- */

static bool undefined(const struct job *job, enum gradient_statistic statistic) {
    return isnan(job->found.statistic[statistic].value);
}

/* A number that is not there is explained, once for all that lack the same. */
static void say_reasons(const struct job *job) {
    struct cli *cli = job->cli;
    if (undefined(job, GRADIENT_R2))
        cli_say_plain(cli, N_("All outcomes are alike, so the strength (R²) is not defined."));
    if (undefined(job, GRADIENT_SLOPE_WITHIN))
        cli_say_plain(cli, N_("Background does not differ within clusters, so there is no slope "
                              "within them."));
    if (undefined(job, GRADIENT_SLOPE_BETWEEN))
        cli_say_plain(cli, N_("All clusters have the same mean background, so there is no slope "
                              "between them."));
    for (size_t q = 0; q < 4; q++)
        if (job->found.quarter_n[q] == 0)
            cli_say(cli,
                    N_("Quarter {number} of background has no rows, because too many have the same "
                       "value. With --seed S those are put into quarters by lot."),
                    ARG_INT("number", q + 1));
    for (enum gradient_statistic s = 0; s < GRADIENT_STATISTICS; s++)
        if (!undefined(job, s) && isnan(job->found.statistic[s].se))
            cli_say(cli,
                    N_("{statistic} has no standard error, because without one of the clusters it "
                       "is not "
                       "defined."),
                    ARG_TEXT("statistic", gradient_name(s)));
    if (job->input.n < job->data.n)
        cli_say(cli, N_("Rows left out because a value is missing or the weight is 0: {n}"),
                ARG_INT("n", job->data.n - job->input.n));
}

static json_t *estimate_json(const struct estimate *estimate, enum estimate_scale scale) {
    json_t *object = json_object();
    stat_json_estimate(object, estimate, scale);
    return object;
}

static int say_json(const struct job *job) {
    const struct gradient *found = &job->found;
    const struct role *role = job->data.role;
    json_t *quarters = json_array(), *linear = json_object();
    json_t *all = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "outcome", role[OUTCOME].list,
        "background", role[BACKGROUND].column[0]->name, "n", (json_int_t)job->input.n, "clusters",
        (json_int_t)found->clusters, "strata", (json_int_t)found->strata, "draws",
        (json_int_t)job->input.draws, "left_out", (json_int_t)(job->data.n - job->input.n), "error",
        "jackknife", "quarters_by", job->input.by_lot ? "lot" : "value");
    for (enum gradient_statistic s = 0; s < GRADIENT_STATISTICS; s++) {
        json_t *own = estimate_json(&found->statistic[s], gradient_scale(s));
        if (!isnan(found->linearised[s].se))
            json_object_set_new(linear, gradient_name(s),
                                estimate_json(&found->linearised[s], gradient_scale(s)));
        if (s < GRADIENT_QUARTER_1 || s > GRADIENT_QUARTER_4) {
            json_object_set_new(all, gradient_name(s), own);
            continue;
        }
        size_t quarter = s - GRADIENT_QUARTER_1;
        json_object_set_new(own, "quarter", json_integer((json_int_t)quarter + 1));
        json_object_set_new(own, "n", json_integer((json_int_t)found->quarter_n[quarter]));
        json_array_append_new(quarters, own);
    }
    json_object_set_new(all, "quarters", quarters);
    json_object_set_new(all, "linearised", linear);
    return cli_print_json(job->cli, all);
}

/* Lines of the statistics, by the jackknife or linearised. */
static void say_table(const struct job *job, const char *prefix, const struct estimate *estimates) {
    for (enum gradient_statistic s = 0; s < GRADIENT_STATISTICS; s++) {
        bool quarter = s >= GRADIENT_QUARTER_1 && s <= GRADIENT_QUARTER_4;
        if (*prefix && isnan(estimates[s].se)) continue;
        printf("%s%s,%zu", prefix, gradient_name(s),
               quarter ? job->found.quarter_n[s - GRADIENT_QUARTER_1] : job->input.n);
        stat_print_estimate(&estimates[s], gradient_scale(s));
        putchar('\n');
    }
}

static int say_lines(const struct job *job) {
    puts("statistic,n,estimate,se,df,low,high");
    say_table(job, "", job->found.statistic);
    say_table(job, "linearised_", job->found.linearised);
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct job job = { .cli = cli };
    struct error error = { 0 };
    long long seed = -1;
    if (!option_int(cli, arguments, "--seed", 0, INT64_MAX, &seed)) return EXIT_USAGE;
    job.input.by_lot = seed >= 0;
    job.input.seed = seed >= 0 ? (uint64_t)seed : 0;
    int code = stat_data_read(cli, arguments, roles, ROLES, &job.data);
    if (code != EXIT_DONE) return code;
    if (!lay_out(&job, &error) || !fit(&job, &error)) return cli_fail(cli, &error);
    say_reasons(&job);
    return cli->json ? say_json(&job) : say_lines(&job);
}

static const struct option options[] = {
    { "--outcome", "COLUMNS", N_("the outcome; several columns are its plausible values ('PV*')"),
      false },
    { "--background", "COLUMN", N_("social background, as a number"), false },
    { "--cluster", "COLUMN",
      N_("what was sampled, a school say: the jackknife leaves out one at a time, and the gradient "
         "is divided into within and between them"),
      false },
    { "--strata", "COLUMN", N_("the strata that clusters were sampled in"), false },
    { "--weight", "COLUMN", N_("weights of the rows; quarters are cut without them"), false },
    { "--seed", "S",
      N_("put rows of the same background into quarters by lot, so that quarters are of one size "
         "(when not given, all at a cut belong to the quarter below it)"),
      false },
    { NULL, NULL, NULL, false },
};
const struct command command_stat_gradient = {
    .words = "stat gradient",
    .summary = N_("The social gradient: slope, strength, quarters, within and between schools, and "
                  "the resilient share (25 % by chance only if outcome and background are "
                  "independent)"),
    .arguments = "DATA.csv --outcome COLUMNS --background COLUMN --cluster COLUMN",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

#include "base/limits.h"
#include "cli/means_data.h"
#include "exchange/csv.h"
#include "stat/distribution.h"
#include "stat/regression.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PERCENTILES_MAX = 99 };

struct job {
    struct means m;
    enum sampling_error how;
    size_t n_percentiles;
    double percentile[PERCENTILES_MAX];
    json_t *list; /* NULL: lines */
};

/* One line: a group's mean, or the share of one category in it. */
struct cell {
    const char *category; /* NULL: a mean */
    struct moments moments;
    struct estimate sd;
    struct distribution distribution; /* not under --percent */
};

/* ---- estimates ---- */

/* The mean with the error that is wanted; a group of one cluster has a mean and no error. */
static bool estimate_mean(const struct job *job, const struct sample *sample, struct arena *arena,
                          struct moments *out, struct error *error) {
    bool ok = job->how == SAMPLING_JK2 ? mean_jk2(sample, arena, out, error)
                                       : mean_jackknife(sample, arena, out, error);
    if (!ok || job->how != SAMPLING_LINEARISED) return ok || error_is(error, "stat.one_cluster");
    double *one = arena_array(arena, sample->n, sizeof *one);
    if (!one) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < sample->n; i++) one[i] = 1;
    struct regression_input input = { .n = sample->n,
                                      .draws = sample->draws,
                                      .y = sample->values,
                                      .n_columns = 1,
                                      .x = one,
                                      .weights = sample->weights,
                                      .cluster = sample->cluster,
                                      .n_clusters = sample->n_clusters,
                                      .stratum = sample->stratum,
                                      .errors = REGRESSION_LINEARISED };
    struct regression fit;
    if (!regression_fit(&input, arena, &fit, error)) return false;
    out->mean.se = fit.coefficient[0].se;
    out->mean.df = fit.coefficient[0].df;
    return true;
}

static bool estimate_values(const struct job *job, const struct sample *sample, struct arena *arena,
                            struct cell *out, struct error *error) {
    if (!estimate_mean(job, sample, arena, &out->moments, error) ||
        !distribution_fit(sample, job->how, job->n_percentiles, job->percentile, arena,
                          &out->distribution, error))
        return false;
    out->sd = out->distribution.sd;
    out->sd.value = out->moments.sd;
    return true;
}

/* A share in percent. That all or none of a sample are in a category tells nothing of how far the
 * share may be off: no error. */
static bool estimate_share(const struct job *job, size_t group, size_t category,
                           struct sample *sample, struct arena *arena, struct cell *out,
                           struct error *error) {
    double *values = arena_array(arena, sample->n, sample->draws * sizeof *values);
    if (!values) return error_plain(error, "stat.memory");
    means_indicator(&job->m, group, category, values);
    sample->values = values;
    if (!estimate_mean(job, sample, arena, &out->moments, error)) return false;
    struct estimate *share = &out->moments.mean;
    if (share->value <= 0 || share->value >= 1) share->se = share->df = NAN;
    share->value *= 100;
    share->se *= 100;
    out->moments.sd = out->sd.se = NAN;
    out->category = job->m.categories.label[category];
    return true;
}

/* ---- saying it ---- */

/* The ends of the interval of a mean, or of a share in percent. */
static void interval(const struct cell *cell, double *low, double *high) {
    struct estimate e = cell->moments.mean;
    double unit = cell->category ? 100 : 1;
    e.value /= unit;
    e.se /= unit;
    estimate_interval(e, cell->category ? SCALE_SHARE : SCALE_PLAIN, 0.95, low, high);
    *low *= unit;
    *high *= unit;
}

static void add_interval(json_t *object, const struct cell *cell) {
    double low, high;
    interval(cell, &low, &high);
    stat_json_number(object, "estimate", cell->moments.mean.value);
    stat_json_number(object, "se", cell->moments.mean.se);
    stat_json_number(object, "df", cell->moments.mean.df);
    stat_json_number(object, "low", low);
    stat_json_number(object, "high", high);
}

static json_t *group_json(const struct job *job, size_t group, const struct cell *cell) {
    return json_pack("{s:s, s:I, s:I}", "group", means_group(&job->m, group), "n",
                     (json_int_t)cell->moments.persons, "clusters",
                     (json_int_t)cell->moments.clusters);
}

static void say_mean_json(const struct job *job, size_t group, const struct cell *cell) {
    const struct distribution *d = &cell->distribution;
    json_t *row = group_json(job, group, cell), *percentiles = json_array();
    add_interval(row, cell);
    stat_json_number(row, "sd", cell->sd.value);
    stat_json_number(row, "sd_se", cell->sd.se);
    for (size_t j = 0; j < job->n_percentiles; j++) {
        json_t *own = json_object();
        stat_json_number(own, "percentile", job->percentile[j]);
        stat_json_number(own, "estimate", d->percentile[j].value);
        stat_json_number(own, "se", d->percentile[j].se);
        stat_json_number(own, "df", d->percentile[j].df);
        stat_json_number(own, "low", d->percentile_low[j]);
        stat_json_number(own, "high", d->percentile_high[j]);
        json_array_append_new(percentiles, own);
    }
    if (job->n_percentiles)
        json_object_set_new(row, "percentiles", percentiles);
    else
        json_decref(percentiles);
    json_array_append_new(job->list, row);
}

static void say_share_json(const struct job *job, size_t group, const struct cell *cell) {
    json_t *last = json_array_get(job->list, json_array_size(job->list) - 1);
    const char *name = json_string_value(json_object_get(last, "group"));
    if (!name || strcmp(name, means_group(&job->m, group)) != 0) {
        last = group_json(job, group, cell);
        json_object_set_new(last, "categories", json_array());
        json_array_append_new(job->list, last);
    }
    json_t *own = json_pack("{s:s}", "value", cell->category);
    add_interval(own, cell);
    json_array_append_new(json_object_get(last, "categories"), own);
}

static void say_line(const struct job *job, size_t group, const struct cell *cell) {
    double low, high;
    interval(cell, &low, &high);
    csv_write_field(stdout, means_group(&job->m, group));
    printf(",%zu,%zu", cell->moments.persons, cell->moments.clusters);
    stat_print_number(cell->moments.mean.value);
    stat_print_number(cell->moments.mean.se);
    stat_print_number(cell->moments.mean.df);
    stat_print_number(low);
    stat_print_number(high);
    stat_print_number(cell->moments.sd);
    stat_print_number(cell->sd.se);
    for (size_t j = 0; j < job->n_percentiles; j++) {
        stat_print_number(cell->distribution.percentile[j].value);
        stat_print_number(cell->distribution.percentile[j].se);
    }
    if (cell->category) {
        putchar(',');
        csv_write_field(stdout, cell->category);
    }
    putchar('\n');
}

static void say_header(const struct job *job) {
    printf("group,n,clusters,estimate,se,df,low,high,sd,sd_se");
    for (size_t j = 0; j < job->n_percentiles; j++)
        printf(",p%g,p%g_se", job->percentile[j], job->percentile[j]);
    puts(job->m.data.role[PERCENT].n ? ",value" : "");
}

/* ---- groups ---- */

static bool say_group(struct job *job, size_t group, struct arena *arena, struct error *error) {
    struct sample sample;
    struct cell cell = { .category = NULL };
    if (!means_sample(&job->m, group, arena, &sample, error)) return false;
    if (sample.values) {
        if (!estimate_values(job, &sample, arena, &cell, error)) return false;
        if (job->list)
            say_mean_json(job, group, &cell);
        else
            say_line(job, group, &cell);
        return true;
    }
    for (size_t c = 0; c < job->m.categories.n; c++) {
        if (!estimate_share(job, group, c, &sample, arena, &cell, error)) return false;
        if (job->list)
            say_share_json(job, group, &cell);
        else
            say_line(job, group, &cell);
    }
    return true;
}

/* A group without rows is left out. */
static bool say_groups(struct job *job, struct error *error) {
    if (!job->list) say_header(job);
    for (size_t g = 0; g < job->m.n_groups; g++) {
        if (job->m.start[g + 1] == job->m.start[g]) continue;
        struct arena *arena = arena_create(ARENA_JOB_MAX);
        bool ok = arena ? say_group(job, g, arena, error) : error_plain(error, "stat.memory");
        arena_destroy(arena);
        if (!ok) return false;
    }
    return true;
}

/* "10,25,50": numbers over 0 and under 100. */
static bool take_percentiles(struct cli *cli, const char *text, struct job *job) {
    while (text && *text) {
        char part[32];
        size_t length = strcspn(text, ",");
        double *next = &job->percentile[job->n_percentiles];
        if (job->n_percentiles == PERCENTILES_MAX || length >= sizeof part) break;
        memcpy(part, text, length);
        part[length] = '\0';
        if (!text_to_double(part, next) || !(*next > 0 && *next < 100)) break;
        job->n_percentiles++;
        text += length + (text[length] == ',');
    }
    if (!text || !*text) return true;
    cli_usage(cli,
              N_("--percentiles takes numbers over 0 and under 100, at commas, not “{detail}”."),
              text);
    return false;
}

static bool take_options(struct cli *cli, const struct arguments *arguments, struct job *job) {
    const char *percentiles = option_text(arguments, "--percentiles");
    if (!take_percentiles(cli, percentiles, job)) return false;
    bool linearised = option_flag(arguments, "--linearised");
    bool pairs = option_text(arguments, "--jk2") != NULL;
    const char *problem = linearised && pairs ? "--linearised, --jk2" : NULL;
    if (percentiles && option_text(arguments, "--percent")) problem = "--percentiles, --percent";
    if (problem) {
        cli_usage(cli, N_("These do not go together: {detail}."), problem);
        return false;
    }
    job->how = linearised ? SAMPLING_LINEARISED : pairs ? SAMPLING_JK2 : SAMPLING_JACKKNIFE;
    return true;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    static const char *const error_names[] = { [SAMPLING_JACKKNIFE] = "jackknife",
                                               [SAMPLING_JK2] = "jk2",
                                               [SAMPLING_LINEARISED] = "linearised" };
    struct job job = { .how = SAMPLING_JACKKNIFE };
    struct error error = { 0 };
    if (!take_options(cli, arguments, &job)) return EXIT_USAGE;
    int code = means_read(cli, arguments, &job.m);
    if (code != EXIT_DONE) return code;
    const struct role *value = &job.m.data.role[job.m.data.role[VALUE].n ? VALUE : PERCENT];
    job.list = cli->json ? json_array() : NULL;
    if (!say_groups(&job, &error)) {
        json_decref(job.list);
        return cli_fail(cli, &error);
    }
    if (job.m.left_out)
        cli_say(cli, N_("Rows left out because a value is missing or the weight is 0: {n}"),
                ARG_INT("n", job.m.left_out));
    if (!job.list) return EXIT_DONE;
    return cli_print_json(cli,
                          json_pack("{s:s, s:s, s:I, s:I, s:o}", "value", value->list, "error",
                                    error_names[job.how], "draws", (json_int_t)value->n, "left_out",
                                    (json_int_t)job.m.left_out, "groups", job.list));
}

static const struct option options[] = {
    { "--value", "COLUMNS", N_("the values; several are plausible values of one ('PV*')"), false },
    { "--percent", "COLUMNS",
      N_("instead of means, the share of each value of a column in percent; several columns are "
         "its "
         "plausible values"),
      false },
    { "--percentiles", "LIST", N_("percentiles beside the means, as 10,25,50,75,90"), false },
    { "--by", "COLUMN", N_("the groups whose means are wanted (everybody when not given)"), false },
    { "--cluster", "COLUMN",
      N_("what was sampled, a school or a class, for a jackknife over it (the rows when not "
         "given)"),
      false },
    { "--strata", "COLUMN", N_("the strata that clusters were sampled in"), false },
    { "--jk2", "ZONE,REP", N_("paired jackknife as in TIMSS: the zone, and 0 or 1 for its half"),
      false },
    { "--linearised", NULL, N_("errors by Taylor linearisation instead of the jackknife"), false },
    { "--weight", "COLUMN", N_("weights of the rows"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_stat_means = {
    .words = "stat means",
    .summary = N_("Means, SDs, percentiles and percentages with standard errors: jackknife over "
                  "clusters, plausible values combined"),
    .arguments = "DATA.csv --value COLUMNS|--percent COLUMNS [--by COLUMN] [--cluster COLUMN]",
    .options = options,
    .min_positional = 1,
    .max_positional = 1,
    .run = run,
};

#include "scale/fit_internal.h"

#include "num/linear.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

#define MEAN_SE_MOST 20.0 /* logits, or SDs of the first group in models with slopes */
enum { ITERATIONS_DEFAULT = 500, PRIOR_ROUNDS = 3 };

struct fit_options fit_defaults(void) {
    return (struct fit_options){ .model = MODEL_PCM,
                                 .max_iterations = ITERATIONS_DEFAULT,
                                 .tolerance = 1e-4 };
}

double points_from_theta(double theta, double base_mean, double base_sd) {
    return 500 + 100 * (theta - base_mean) / base_sd;
}

/* ---- shape: what is free and where it stands ---- */

static const struct item_parameters *anchor_of(const struct fit_options *options, size_t item) {
    return options->anchors && options->anchors[item].steps > 0 ? &options->anchors[item] : NULL;
}

/* Enough to tell the parameters apart, and anchors that tie the scale down. */
static bool check_request(const struct responses *responses, const struct fit_options *options,
                          struct error *error) {
    bool slopes = model_has_slopes(options->model), anchored = false, slope_anchored = false;
    bool binary = options->model == MODEL_2PL;
    if (responses->n_persons == 0 || responses->n_items == 0)
        return error_plain(error, "scale.no_answers");
    for (size_t i = 0; i < responses->n_items; i++) {
        const struct item_parameters *anchor = anchor_of(options, i);
        if (!anchor) continue;
        anchored = true;
        if (anchor->slope != 0) slope_anchored = true;
        if (anchor->steps > STEPS_MAX || !isfinite(anchor->slope))
            return error_set(error, "scale.anchor_wrong", ARG_INT("item", i));
        for (int h = 0; h < anchor->steps; h++)
            if (!isfinite(anchor->location[h]))
                return error_set(error, "scale.anchor_wrong", ARG_INT("item", i));
    }
    if (options->anchors && !anchored) return error_plain(error, "scale.anchor_none");
    if (slopes && anchored && !slope_anchored) return error_plain(error, "scale.anchor_slope");
    size_t least = anchored ? 1 : binary ? 3 : 2;
    if (responses->n_items < least)
        return error_set(error, "scale.few_items", ARG_INT("items", responses->n_items),
                         ARG_INT("least", least));
    return true;
}

static bool make_shape(struct calibration *c, const struct fit_options *options,
                       struct error *error) {
    bool anchored = options->anchors != NULL;
    c->at = arena_array(c->arena, c->n_items, sizeof *c->at);
    c->table_at = arena_array(c->arena, c->n_items, sizeof *c->table_at);
    c->slope_at = arena_array(c->arena, c->n_items, sizeof *c->slope_at);
    c->by_category = c->model == MODEL_GRM;
    c->at_least = c->patterns.at_least;
    c->width = (c->n_items + CODE_LANES - 1) / CODE_LANES * CODE_LANES;
    c->prior = arena_array(c->arena, c->n_items, sizeof *c->prior);
    c->scale = arena_array(c->arena, c->width, sizeof *c->scale);
    if (!c->at || !c->table_at || !c->slope_at || !c->scale || !c->prior)
        return error_plain(error, "scale.memory");
    for (size_t i = 0; i < c->n_items; i++) {
        c->at[i] = c->n_all;
        c->table_at[i] = c->n_table;
        c->slope_at[i] = c->n_slope;
        c->n_all += item_size(c, i);
        c->n_table += table_size(c, i);
        c->n_slope += table_size(c, i) * item_size(c, i);
    }
    c->group_at = c->n_all;
    c->n_all += 2 * c->n_groups;
    c->free = arena_array(c->arena, c->n_all, sizeof *c->free);
    if (!c->free) return error_plain(error, "scale.memory");
    for (size_t i = 0; i < c->n_items; i++)
        for (size_t h = 0; h < item_size(c, i); h++)
            c->free[c->at[i] + h] = anchor_of(options, i) ? -1 : (int)c->n_free++;
    for (size_t g = 0; g < c->n_groups; g++) {
        size_t at = c->group_at + 2 * g;
        c->free[at] = g > 0 || anchored ? (int)c->n_free++ : -1;
        c->free[at + 1] = g > 0 || anchored || !c->slopes ? (int)c->n_free++ : -1;
    }
    if (c->n_free > PARAMETERS_MAX)
        return error_set(error, "scale.too_many_parameters", ARG_INT("parameters", c->n_free),
                         ARG_INT("most", PARAMETERS_MAX));
    return true;
}

/* What is known to be near, but for anchors and for what is fixed. */
static void start_near(const struct calibration *c, const struct fit_options *options, double *x) {
    const struct scale_model *start = options->start;
    for (size_t i = 0; i < c->n_items; i++) {
        const struct item_parameters *item = &start->items[i];
        if (anchor_of(options, i) || item->steps != c->steps[i]) continue;
        if (c->slopes) x[c->at[i]] = item->slope;
        for (size_t h = 0; h < (size_t)item->steps; h++)
            x[c->at[i] + c->slopes + h] = (c->slopes ? item->slope : 1) * item->location[h];
    }
    for (size_t g = 0; g < c->n_groups; g++) {
        size_t at = c->group_at + 2 * g;
        if (c->free[at] >= 0) x[at] = start->mean[g];
        if (c->free[at + 1] >= 0) x[at + 1] = num_log(start->variance[g]);
    }
}

/* Intercepts from the shares of the categories, as if everybody had θ = 0. */
void calibration_start(const struct calibration *c, const struct fit_options *options, double *x) {
    memset(x, 0, c->n_all * sizeof *x);
    for (size_t i = 0; i < c->n_items; i++) {
        const struct item_parameters *anchor = anchor_of(options, i);
        double slope = anchor ? anchor->slope : 1, *own = x + c->at[i];
        if (c->slopes) own[0] = slope;
        for (int h = 0; h < c->steps[i]; h++) {
            const double *at_least = c->patterns.at_least + i * STEPS_MAX;
            double all = c->patterns.answers[i], above = at_least[h];
            double before = h > 0 ? at_least[h - 1] : all;
            double after = h + 1 < c->steps[i] ? at_least[h + 1] : 0;
            double odds = c->model == MODEL_GRM ? (all - above) / above
                                                : (before - above) / (above - after);
            own[c->slopes + (size_t)h] = anchor ? (c->slopes ? slope : 1) * anchor->location[h]
                                                : num_log(odds);
        }
    }
    if (options->start) start_near(c, options, x);
}

/* ---- results ---- */

static bool make_results(const struct responses *responses, enum irt_model model,
                         struct fit_result *out, struct arena *arena) {
    size_t n_items = responses->n_items, n_groups = responses->n_groups;
    *out = (struct fit_result){ .model = {
                                    .model = model, .n_items = n_items, .n_groups = n_groups } };
    out->model.items = arena_array(arena, n_items, sizeof *out->model.items);
    out->model.mean = arena_array(arena, n_groups, sizeof(double));
    out->model.variance = arena_array(arena, n_groups, sizeof(double));
    out->mean_se = arena_array(arena, n_groups, sizeof(double));
    out->variance_se = arena_array(arena, n_groups, sizeof(double));
    out->group_n = arena_array(arena, n_groups, sizeof(double));
    out->recode = arena_array(arena, n_items, CATEGORIES_MAX);
    out->collapsed = arena_array(arena, n_items, sizeof(bool));
    out->prior = arena_array(arena, n_items, sizeof(bool));
    return out->model.items && out->model.mean && out->model.variance && out->mean_se &&
           out->variance_se && out->group_n && out->recode && out->collapsed && out->prior;
}

/* Covariance of two places of x; 0 where one is fixed. */
static double covariance(const struct calibration *c, const double *inverse, size_t a, size_t b) {
    if (c->free[a] < 0 || c->free[b] < 0) return 0;
    return inverse[(size_t)c->free[a] * c->n_free + (size_t)c->free[b]];
}

/* b = c/a: Var b = (Var c − 2 b Cov(a, c) + b² Var a)/a². */
static void read_item(const struct calibration *c, const double *x, const double *inverse,
                      size_t item, struct item_parameters *out) {
    size_t at = c->at[item], first = at + c->slopes;
    double slope = c->slopes ? x[at] : 1;
    out->steps = c->steps[item];
    out->slope = slope;
    out->slope_se = c->slopes ? sqrt(covariance(c, inverse, at, at)) : 0;
    for (size_t h = 0; h < (size_t)out->steps; h++) {
        double location = x[first + h] / slope;
        double variance = covariance(c, inverse, first + h, first + h);
        if (c->slopes)
            variance += location * location * covariance(c, inverse, at, at) -
                        2 * location * covariance(c, inverse, at, first + h);
        out->location[h] = location;
        out->location_se[h] = sqrt(fmax(variance, 0)) / fabs(slope);
    }
}

static void read_group(const struct calibration *c, const double *x, const double *inverse,
                       size_t group, struct fit_result *out) {
    size_t at = c->group_at + 2 * group;
    double variance = num_exp(x[at + 1]);
    bool least = variance < FIT_VARIANCE_MIN * (1 + 1e-9);
    out->model.mean[group] = x[at];
    out->model.variance[group] = least ? FIT_VARIANCE_MIN : variance;
    out->mean_se[group] = sqrt(covariance(c, inverse, at, at));
    out->variance_se[group] = least ? 0 : variance * sqrt(covariance(c, inverse, at + 1, at + 1));
    out->group_n[group] = c->patterns.group_n[group];
}

static bool read_results(struct calibration *c, const struct fit_options *options,
                         const struct ascent *ascent, struct arena *results,
                         struct fit_result *out) {
    double *inverse = arena_array(c->arena, c->n_free * c->n_free, sizeof *inverse);
    if (!inverse) return false;
    cholesky_inverse(c->n_free, ascent->factor, inverse);
    for (size_t i = 0; i < c->n_items; i++) {
        struct item_parameters *item = &out->model.items[i];
        const struct item_parameters *anchor = anchor_of(options, i);
        read_item(c, ascent->x, inverse, i, item);
        if (anchor)
            memcpy(item->location, anchor->location, sizeof item->location); /* to the bit */
    }
    for (size_t g = 0; g < c->n_groups; g++) read_group(c, ascent->x, inverse, g, out);
    if (options->covariance && !covariance_make(c, inverse, results, out)) return false;
    out->persons = c->patterns.persons;
    out->loglik = c->loglik;
    out->deviance = -2 * c->loglik;
    out->parameters = c->n_free;
    out->aic = out->deviance + 2 * (double)c->n_free;
    out->bic = out->deviance + (double)c->n_free * num_log((double)out->persons);
    out->iterations = ascent->iterations;
    out->nodes = (int)c->grid.n;
    memcpy(out->prior, c->prior, c->n_items * sizeof *out->prior);
    out->converged = ascent->converged;
    return true;
}

/* The information does not reach a parameter: the answers cannot tell it. */
static bool not_identified(const struct calibration *c, size_t place, struct error *error) {
    for (size_t i = 0; i < c->n_items; i++)
        if (place < c->at[i] + item_size(c, i))
            return error_set(error, "scale.not_identified", ARG_INT("item", i));
    return error_set(error, "scale.group_not_identified",
                     ARG_INT("group", (place - c->group_at) / 2));
}

/* A mean past all sense: a group that only has the best answers, say, which any higher one fits
 * better. The likelihood levels off there, so that the climb arrives nevertheless. */
static bool means_told(const struct calibration *c, const struct fit_result *out,
                       struct error *error) {
    for (size_t g = 0; g < c->n_groups; g++)
        if (out->mean_se[g] > MEAN_SE_MOST)
            return error_set(error, "scale.group_not_identified", ARG_INT("group", g));
    return true;
}

bool calibration_make(struct calibration *c, const struct responses *responses,
                      const struct fit_options *options, struct fit_result *out,
                      struct arena *results, struct error *error) {
    c->stride = 1;
    c->inflate = 1;
    c->steps = arena_array(c->arena, c->n_items, sizeof *c->steps);
    if (!c->steps || !make_results(responses, c->model, out, results))
        return error_plain(error, "scale.memory");
    for (size_t i = 0; options->anchors && i < c->n_items; i++)
        c->steps[i] = options->anchors[i].steps;
    return patterns_make(responses, options, c->steps, out, &c->patterns, c->pool, c->arena,
                         error) &&
           make_shape(c, options, error);
}

static bool calibrate(struct calibration *c, const struct fit_options *options,
                      struct fit_result *out, struct arena *results, struct error *error) {
    struct ascent ascent = { .unidentified = SIZE_MAX };
    if (!ascent_make(c, &ascent)) return error_plain(error, "scale.memory");
    for (int round = 0;; round++) {
        calibration_start(c, options, ascent.x);
        if (!climb(c, options, &ascent)) return error_plain(error, "scale.memory");
        bool ended = ascent.converged && ascent.unidentified == SIZE_MAX;
        if (ended || round == PRIOR_ROUNDS || !prior_extend(c, &ascent)) break;
        ascent.has_factor = false;
        ascent.unidentified = SIZE_MAX;
    }
    if (ascent.unidentified != SIZE_MAX) return not_identified(c, ascent.unidentified, error);
    if (!read_results(c, options, &ascent, results, out)) return error_plain(error, "scale.memory");
    if (!means_told(c, out, error)) return false;
    if (options->brief)
        out->reliability_eap = out->reliability_wle = NAN;
    else if (!reliability_make(c, out))
        return error_plain(error, "scale.memory");
    return true;
}

bool scale_fit(const struct responses *responses, const struct fit_options *options,
               struct pool *pool, struct arena *arena, struct fit_result *out,
               struct error *error) {
    if (!check_request(responses, options, error)) return false;
    struct calibration c = { .model = options->model,
                             .slopes = model_has_slopes(options->model),
                             .n_items = responses->n_items,
                             .n_groups = responses->n_groups,
                             .pool = pool,
                             .arena = arena_create(ARENA_JOB_MAX) };
    bool ok = c.arena ? calibration_make(&c, responses, options, out, arena, error) &&
                            calibrate(&c, options, out, arena, error)
                      : error_plain(error, "scale.memory");
    arena_destroy(c.arena);
    return ok;
}

#include "scale/link_internal.h"

#include "base/arena.h"
#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const method_names[] = {
    [LINK_MEAN_MEAN] = "mean-mean",
    [LINK_MEAN_SIGMA] = "mean-sigma",
    [LINK_HAEBARA] = "haebara",
    [LINK_STOCKING_LORD] = "stocking-lord",
};

const char *link_method_name(enum link_method method) { return method_names[method]; }

bool link_method_from_name(const char *name, enum link_method *out) {
    for (size_t i = 0; i < sizeof method_names / sizeof *method_names; i++) {
        if (strcmp(method_names[i], name) != 0) continue;
        *out = (enum link_method)i;
        return true;
    }
    return false;
}

bool link_holds_trend(size_t n_used, size_t n_scale) {
    return n_used >= LINK_ITEMS_LEAST || (n_used > 0 && n_used == n_scale);
}

double link_error_of(double drift_sd, size_t m) { return m > 0 ? drift_sd / sqrt((double)m) : NAN; }

double link_pooled_drift(const double *drift_sd, const size_t *n_used, size_t n) {
    double squares = 0, df = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_used[i] < 2) continue;
        squares += (double)(n_used[i] - 1) * drift_sd[i] * drift_sd[i];
        df += (double)(n_used[i] - 1);
    }
    return df > 0 ? sqrt(squares / df) : NAN;
}

static double mean_location(const struct item_parameters *item) {
    double sum = 0;
    for (int h = 0; h < item->steps; h++) sum += item->location[h];
    return sum / item->steps;
}

/* ---- the moments ---- */

static struct transform mean_mean(const struct link_set *set, bool slopes) {
    double from = 0, to = 0, apart = 0, slope = 1, n = (double)set->n;
    for (size_t k = 0; k < set->n; k++) {
        from += set->from[set->use[k]].slope;
        to += set->to[set->use[k]].slope;
    }
    if (slopes) slope = from / to;
    for (size_t k = 0; k < set->n; k++)
        apart += mean_location(&set->to[set->use[k]]) -
                 slope * mean_location(&set->from[set->use[k]]);
    return (struct transform){ slope, apart / n };
}

/* Mean and SD of all steps' locations. */
static void moments(const struct item_parameters *items, const struct link_set *set, double *mean,
                    double *sd) {
    double n = 0, sum = 0, squares = 0;
    for (size_t k = 0; k < set->n; k++)
        for (int h = 0; h < items[set->use[k]].steps; h++, n++)
            sum += items[set->use[k]].location[h];
    *mean = sum / n;
    for (size_t k = 0; k < set->n; k++)
        for (int h = 0; h < items[set->use[k]].steps; h++) {
            double off = items[set->use[k]].location[h] - *mean;
            squares += off * off;
        }
    *sd = sqrt(squares / n);
}

static struct transform mean_sigma(const struct link_set *set) {
    double from, from_sd, to, to_sd;
    moments(set->from, set, &from, &from_sd);
    moments(set->to, set, &to, &to_sd);
    double slope = from_sd > 0 ? to_sd / from_sd : 0;
    return (struct transform){ slope, to - slope * from };
}

static struct transform link_set(const struct link_set *set, const struct link_options *options) {
    if (options->method == LINK_MEAN_SIGMA) return mean_sigma(set);
    struct transform moments_alone = mean_mean(set, model_has_slopes(options->model));
    if (options->method == LINK_MEAN_MEAN) return moments_alone;
    if (!(moments_alone.slope > 0) || !isfinite(moments_alone.slope))
        moments_alone = (struct transform){ 1, 0 };
    return link_by_curves(set, options, moments_alone);
}

/* ---- drift ---- */

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_drift(const struct link_set *set, const double *drift, double *room) {
    for (size_t k = 0; k < set->n; k++) room[k] = drift[set->use[k]];
    qsort(room, set->n, sizeof *room, compare_doubles);
    return (room[(set->n - 1) / 2] + room[set->n / 2]) / 2;
}

static void find_drift(const struct link_set *set, size_t n_items,
                       const struct link_options *options, double *room, struct link_result *out) {
    double sum = 0, squares = 0, m = (double)set->n;
    for (size_t i = 0; i < n_items; i++)
        out->drift[i] = mean_location(&set->to[i]) -
                        (out->slope * mean_location(&set->from[i]) + out->intercept);
    double median = median_drift(set, out->drift, room);
    out->farthest = 0;
    out->farthest_off = -1;
    for (size_t k = 0; k < set->n; k++) {
        size_t i = set->use[k];
        double logits = 1;
        if (model_has_slopes(options->model))
            logits = fabs(set->to[i].slope + set->from[i].slope / out->slope) / 2;
        double off = logits * fabs(out->drift[i] - median);
        if (off > out->farthest_off) {
            out->farthest = (int)i;
            out->farthest_off = off;
        }
        sum += out->drift[i];
    }
    for (size_t k = 0; k < set->n; k++) {
        double off = out->drift[set->use[k]] - sum / m;
        squares += off * off;
    }
    out->drift_sd = set->n > 1 ? sqrt(squares / (m - 1)) : NAN;
    out->link_error = link_error_of(out->drift_sd, set->n);
}

/* Delete one item, all its steps: √((m − 1)/m Σ (t_(i) − t̄)²). */
static void jackknife(const struct link_set *set, const struct link_options *options,
                      struct transform *without, size_t *rest, struct link_result *out) {
    double m = (double)set->n, slope = 0, intercept = 0, slopes = 0, intercepts = 0;
    out->slope_jackknife_se = out->intercept_jackknife_se = NAN;
    if (set->n < 2) return;
    for (size_t left_out = 0; left_out < set->n; left_out++) {
        struct link_set others = { set->from, set->to, rest, 0 };
        for (size_t k = 0; k < set->n; k++)
            if (k != left_out) rest[others.n++] = set->use[k];
        without[left_out] = link_set(&others, options);
        slope += without[left_out].slope - out->slope;
        intercept += without[left_out].intercept - out->intercept;
    }
    for (size_t k = 0; k < set->n; k++) {
        double slope_off = without[k].slope - out->slope - slope / m;
        double intercept_off = without[k].intercept - out->intercept - intercept / m;
        slopes += slope_off * slope_off;
        intercepts += intercept_off * intercept_off;
    }
    out->slope_jackknife_se = sqrt((m - 1) / m * slopes);
    out->intercept_jackknife_se = sqrt((m - 1) / m * intercepts);
}

/* ---- all of it ---- */

static bool link_once(const struct link_set *set, size_t n_items,
                      const struct link_options *options, double *room, struct link_result *out,
                      struct error *error) {
    struct transform found = link_set(set, options);
    if (options->method == LINK_MEAN_SIGMA && !(found.slope > 0))
        return error_plain(error, "link.spread");
    if (!(found.slope > 0) || !isfinite(found.slope) || !isfinite(found.intercept))
        return error_plain(error, "link.slope");
    out->slope = found.slope;
    out->intercept = found.intercept;
    out->n_used = set->n;
    find_drift(set, n_items, options, room, out);
    return true;
}

bool scale_link(const struct item_parameters *from, const struct item_parameters *to, size_t n,
                const struct link_options *options, struct arena *arena, struct link_result *out,
                struct error *error) {
    *out = (struct link_result){ .dropped = LINK_NONE_DROPPED };
    size_t *use = arena_array(arena, n + 1, sizeof *use);
    size_t *rest = arena_array(arena, n + 1, sizeof *rest);
    double *room = arena_array(arena, n + 1, sizeof *room);
    struct transform *without = arena_array(arena, n + 1, sizeof *without);
    out->drift = arena_array(arena, n + 1, sizeof *out->drift);
    if (!use || !rest || !room || !without || !out->drift) return error_plain(error, "link.memory");
    if (n == 0) return error_plain(error, "link.no_items");
    struct link_set set = { from, to, use, n };
    for (size_t i = 0; i < n; i++) use[i] = i;
    if (!link_once(&set, n, options, room, out, error)) return false;
    if (options->drop && n > 1 && out->farthest_off > LINK_DROP_LOGITS) {
        out->dropped = out->farthest;
        set.n = 0;
        for (size_t i = 0; i < n; i++)
            if ((int)i != out->dropped) use[set.n++] = i;
        if (!link_once(&set, n, options, room, out, error)) return false;
    }
    jackknife(&set, options, without, rest, out);
    return true;
}

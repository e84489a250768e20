/* The answers with some items split by group, and their calibration. */
#include "scale/dif_internal.h"

#include "base/text.h"

#include <string.h>

/* ---- categories that all groups use ---- */

static bool counts(const struct responses *r, size_t person) {
    return !r->weights || r->weights[person] > 0;
}

static size_t group_of(const struct responses *r, size_t person) {
    return (size_t)r->groups[person];
}

/* Answers of an item in each group and category. */
static bool count_answers(const struct dif_work *w, size_t item, double *count,
                          struct error *error) {
    const struct responses *r = w->responses;
    memset(count, 0, w->n_groups * CATEGORIES_MAX * sizeof *count);
    for (size_t p = 0; p < r->n_persons; p++) {
        int8_t code = r->codes[p * w->n_items + item];
        if (code == CODE_MISSING || !counts(r, p)) continue;
        if (code < 0 || code > STEPS_MAX)
            return error_set(error, "scale.category", ARG_INT("item", item),
                             ARG_INT("category", code), ARG_INT("most", STEPS_MAX));
        count[group_of(r, p) * CATEGORIES_MAX + (size_t)code]++;
    }
    return true;
}

static void find_groups(struct dif_work *w, size_t item, const double *count) {
    w->first[item] = w->options->reference;
    for (size_t g = w->n_groups; g-- > 0;) {
        size_t used = 0;
        for (size_t k = 0; k < CATEGORIES_MAX; k++) {
            used += count[g * CATEGORIES_MAX + k] > 0;
            w->answers[item * w->n_groups + g] += count[g * CATEGORIES_MAX + k];
        }
        w->told[item * w->n_groups + g] = used >= 2;
        w->n_told[item] += used >= 2;
    }
    if (w->told[item * w->n_groups + w->first[item]] || w->n_told[item] == 0) return;
    for (size_t g = w->n_groups; g-- > 0;)
        if (w->told[item * w->n_groups + g]) w->first[item] = g;
}

/* Whether every group in which the item is told has an answer in [from, to). */
static bool all_use(const struct dif_work *w, size_t item, const double *count, int from, int to) {
    for (size_t g = 0; g < w->n_groups; g++) {
        double n = 0;
        if (!w->told[item * w->n_groups + g]) continue;
        for (int k = from; k < to; k++) n += count[g * CATEGORIES_MAX + (size_t)k];
        if (n == 0) return false;
    }
    return true;
}

/* recode[k], so that all groups use every category; one that is only used by some goes down. */
static void join_categories(struct dif_work *w, size_t item, const double *count,
                            int8_t recode[CATEGORIES_MAX]) {
    int start[CATEGORIES_MAX] = { 0 }, n = 1, end = CATEGORIES_MAX;
    for (int k = 1; k < CATEGORIES_MAX; k++)
        if (all_use(w, item, count, start[n - 1], k) && all_use(w, item, count, k, end))
            start[n++] = k;
    for (int k = 0, at = 0; k < CATEGORIES_MAX; k++) {
        while (at + 1 < n && k >= start[at + 1]) at++;
        recode[k] = (int8_t)at;
    }
    w->apart[item] = n < 2;
    for (int k = 0, last = -1; k < CATEGORIES_MAX && n >= 2; k++) {
        bool used = false;
        for (size_t g = 0; g < w->n_groups; g++)
            used = used ||
                   (w->told[item * w->n_groups + g] && count[g * CATEGORIES_MAX + (size_t)k] > 0);
        if (!used) continue;
        if (recode[k] == last) w->joined[item] = true;
        last = recode[k];
    }
}

/* Told in no group, but not alike in all: each group would only say how far it is from the rest. */
static bool is_mixed(const struct dif_work *w, const double *count) {
    size_t used = 0;
    for (size_t k = 0; k < CATEGORIES_MAX; k++) {
        double n = 0;
        for (size_t g = 0; g < w->n_groups; g++) n += count[g * CATEGORIES_MAX + k];
        used += n > 0;
    }
    return used >= 2;
}

static bool make_codes(struct dif_work *w, struct error *error) {
    const struct responses *r = w->responses;
    double *count = arena_array(w->arena, w->n_groups * CATEGORIES_MAX, sizeof *count);
    if (!count) return error_plain(error, "dif.memory");
    for (size_t i = 0; i < w->n_items; i++) {
        int8_t recode[CATEGORIES_MAX];
        if (!count_answers(w, i, count, error)) return false;
        find_groups(w, i, count);
        if (w->n_told[i] >= 2)
            join_categories(w, i, count, recode);
        else
            w->apart[i] = w->n_told[i] == 1 || is_mixed(w, count);
        if (w->n_told[i] < 2 || w->apart[i]) /* not tested: as it is */
            for (int k = 0; k < CATEGORIES_MAX; k++) recode[k] = (int8_t)k;
        for (size_t p = 0; p < r->n_persons; p++) {
            int8_t code = r->codes[p * w->n_items + i];
            bool out = code == CODE_MISSING || !counts(r, p);
            w->codes[p * w->n_items + i] = out ? (int8_t)CODE_MISSING : recode[code];
        }
    }
    return true;
}

/* A mean and a variance of its own take some persons. */
static bool check_groups(const struct dif_work *w, struct error *error) {
    const struct responses *r = w->responses;
    size_t *n = arena_array(w->arena, w->n_groups, sizeof *n);
    if (!n) return error_plain(error, "dif.memory");
    for (size_t p = 0; p < r->n_persons; p++) {
        size_t answers = 0;
        for (size_t i = 0; i < w->n_items; i++)
            answers += r->codes[p * w->n_items + i] != CODE_MISSING;
        n[group_of(r, p)] += answers > 0 && counts(r, p);
    }
    for (size_t g = 0; g < w->n_groups; g++)
        if (n[g] < DIF_GROUP_LEAST)
            return error_set(error, "dif.small_group", ARG_INT("group", g), ARG_INT("n", n[g]),
                             ARG_INT("least", DIF_GROUP_LEAST));
    return true;
}

/* An item that all have answered alike, or nobody: the calibration refuses it by name. */
static bool is_alike(const struct dif_work *w, size_t item) {
    return w->n_told[item] == 0 && !w->apart[item];
}

/* Groups are on one scale by the items that they are told in together, directly or by way of
 * others. */
static bool check_common(const struct dif_work *w, struct error *error) {
    bool *reached = arena_array(w->arena, w->n_groups, sizeof *reached), more = true;
    if (!reached) return error_plain(error, "dif.memory");
    for (size_t i = 0; i < w->n_items; i++)
        if (is_alike(w, i)) return true;
    reached[w->options->reference] = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < w->n_items; i++) {
            const bool *told = w->told + i * w->n_groups;
            bool links = false;
            for (size_t g = 0; g < w->n_groups; g++) links = links || (told[g] && reached[g]);
            for (size_t g = 0; g < w->n_groups && links && !w->apart[i]; g++) {
                more = more || (told[g] && !reached[g]);
                reached[g] = reached[g] || told[g];
            }
        }
    }
    for (size_t g = 0; g < w->n_groups; g++)
        if (!reached[g]) return error_set(error, "dif.nothing_common", ARG_INT("group", g));
    return true;
}

bool dif_prepare(struct dif_work *w, struct error *error) {
    size_t pairs = w->n_items * w->n_groups;
    w->codes = arena_array(w->arena, w->responses->n_persons, w->n_items);
    w->told = arena_array(w->arena, pairs, sizeof *w->told);
    w->n_told = arena_array(w->arena, w->n_items, sizeof *w->n_told);
    w->first = arena_array(w->arena, w->n_items, sizeof *w->first);
    w->joined = arena_array(w->arena, w->n_items, sizeof *w->joined);
    w->apart = arena_array(w->arena, w->n_items, sizeof *w->apart);
    w->answers = arena_array(w->arena, pairs, sizeof *w->answers);
    w->known = arena_array(w->arena, pairs, sizeof *w->known);
    w->mean = arena_array(w->arena, w->n_groups, sizeof *w->mean);
    w->variance = arena_array(w->arena, w->n_groups, sizeof *w->variance);
    if (!w->codes || !w->told || !w->n_told || !w->first || !w->joined || !w->apart ||
        !w->answers || !w->known || !w->mean || !w->variance)
        return error_plain(error, "dif.memory");
    return check_groups(w, error) && make_codes(w, error) && check_common(w, error);
}

/* ---- one fit ---- */

/* The columns, and the item of each. A group in which an item is not told has none: whether the
 * item differs there cannot be seen, so its answers may not say where the group stands. */
static size_t lay_out(const struct dif_work *w, const bool *split, size_t *column, size_t *item) {
    size_t n = 0;
    for (size_t i = 0; i < w->n_items; i++) {
        for (size_t g = 0; g < w->n_groups; g++) {
            size_t *own = &column[i * w->n_groups + g];
            *own = COLUMN_NONE;
            if (!w->told[i * w->n_groups + g] && !is_alike(w, i)) continue;
            if (split[i] || n == 0 || item[n - 1] != i) item[n++] = i;
            *own = n - 1;
        }
    }
    return n;
}

static bool fill(const struct dif_work *w, const size_t *column, size_t n_columns,
                 struct arena *arena, struct responses *out) {
    const struct responses *r = w->responses;
    int8_t *codes = arena_array(arena, r->n_persons, n_columns);
    if (!codes) return false;
    memset(codes, CODE_MISSING, r->n_persons * n_columns);
    for (size_t p = 0; p < r->n_persons; p++) {
        const size_t group = group_of(r, p);
        for (size_t i = 0; i < w->n_items; i++) {
            size_t own = column[i * w->n_groups + group];
            if (own != COLUMN_NONE) codes[p * n_columns + own] = w->codes[p * w->n_items + i];
        }
    }
    *out = (struct responses){ .n_persons = r->n_persons,
                               .n_items = n_columns,
                               .codes = codes,
                               .weights = r->weights,
                               .groups = r->groups,
                               .n_groups = w->n_groups };
    return true;
}

/* The calibration's column back to the item. */
static void name_item(const size_t *item, size_t n_columns, struct error *error) {
    const char *at = error_value(error, "item");
    long long index;
    if (at && text_to_int(at, 0, (long long)n_columns - 1, &index))
        error_replace(error, ARG_INT("item", item[index]));
}

static bool fit_columns(const struct dif_work *w, const size_t *item, size_t n_columns,
                        struct pool *pool, struct arena *arena, struct arena *scratch,
                        struct dif_fit *out, struct error *error) {
    struct responses responses;
    struct fit_options options = fit_defaults();
    struct scale_model start = { .model = w->options->model,
                                 .n_items = n_columns,
                                 .n_groups = w->n_groups,
                                 .mean = w->mean,
                                 .variance = w->variance };
    start.items = arena_array(scratch, n_columns, sizeof *start.items);
    if (!start.items || !fill(w, out->column, n_columns, scratch, &responses))
        return error_plain(error, "dif.memory");
    for (size_t i = 0; i < w->n_items; i++)
        for (size_t g = w->n_groups; g-- > 0;) {
            size_t own = dif_column(w, out, i, g);
            if (own != COLUMN_NONE) start.items[own] = w->known[i * w->n_groups + g];
        }
    options.model = w->options->model;
    options.start = w->begun ? &start : NULL;
    options.covariance = options.brief = true;
    if (!scale_fit(&responses, &options, pool, arena, &out->fit, error)) {
        name_item(item, n_columns, error);
        return false;
    }
    out->converged = out->fit.converged;
    return true;
}

bool dif_fit(const struct dif_work *w, const bool *split, struct pool *pool, struct arena *arena,
             struct dif_fit *out, struct error *error) {
    size_t pairs = w->n_items * w->n_groups;
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    size_t *item = scratch ? arena_array(scratch, pairs, sizeof *item) : NULL;
    *out = (struct dif_fit){ .column = arena_array(arena, pairs, sizeof *out->column) };
    bool ok = item && out->column ? fit_columns(w, item, lay_out(w, split, out->column, item), pool,
                                                arena, scratch, out, error)
                                  : error_plain(error, "dif.memory");
    arena_destroy(scratch);
    return ok;
}

void dif_begin_at(struct dif_work *w, const struct dif_fit *base) {
    for (size_t i = 0; i < w->n_items; i++)
        for (size_t g = 0; g < w->n_groups; g++) {
            size_t own = dif_column(w, base, i, g);
            if (own != COLUMN_NONE) w->known[i * w->n_groups + g] = base->fit.model.items[own];
        }
    memcpy(w->mean, base->fit.model.mean, w->n_groups * sizeof *w->mean);
    memcpy(w->variance, base->fit.model.variance, w->n_groups * sizeof *w->variance);
    w->begun = true;
}

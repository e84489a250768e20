#include "scale/dif_internal.h"

#include "num/chi_square.h"
#include "num/discovery.h"
#include "num/pool.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_DEFAULT = 5, BATCH = 8 };

struct dif_options dif_defaults(void) {
    return (struct dif_options){ .model = MODEL_PCM, .rounds_most = ROUNDS_DEFAULT };
}

const char *dif_class_name(enum dif_class class) {
    static const char *const names[] = { "", "A", "B", "C" };
    return names[class];
}

/* ---- results to be filled ---- */

static bool make_results(const struct dif_work *w, struct arena *arena, struct dif_result *out) {
    size_t focal = w->n_groups - 1;
    *out = (struct dif_result){ .n_groups = w->n_groups };
    out->items = arena_array(arena, w->n_items, sizeof *out->items);
    out->mean = arena_array(arena, w->n_groups, sizeof *out->mean);
    out->variance = arena_array(arena, w->n_groups, sizeof *out->variance);
    out->group_n = arena_array(arena, w->n_groups, sizeof *out->group_n);
    struct dif_contrast *contrasts = arena_array(arena, w->n_items * focal, sizeof *contrasts);
    if (!out->items || !out->mean || !out->variance || !out->group_n || !contrasts) return false;
    for (size_t i = 0; i < w->n_items; i++) out->items[i].contrasts = contrasts + i * focal;
    return true;
}

/* Everything of an item but what a fit says. */
static void clear_item(const struct dif_work *w, size_t i, struct dif_item *item) {
    struct dif_contrast *contrast = item->contrasts;
    const double *answers = w->answers + i * w->n_groups;
    *item = (struct dif_item){ .tested = w->n_told[i] >= 2 && !w->apart[i],
                               .joined = w->joined[i],
                               .reference = w->first[i],
                               .n_reference = answers[w->first[i]],
                               .chi2 = NAN,
                               .df = NAN,
                               .p = NAN,
                               .p_adjusted = NAN,
                               .contrasts = contrast };
    for (size_t g = 0; g < w->n_groups; g++) {
        if (g == w->first[i]) continue;
        *contrast++ = (struct dif_contrast){ .group = g,
                                             .n = answers[g],
                                             .effect = NAN,
                                             .se = NAN,
                                             .slope_difference = NAN,
                                             .slope_difference_se = NAN,
                                             .unsigned_effect = NAN,
                                             .score_difference = NAN };
    }
}

/* ---- one item ---- */

/* equal and split: the same base, but for this item. */
static void compare(const struct dif_work *w, size_t i, const struct dif_fit *equal,
                    const struct dif_fit *split, struct dif_item *item) {
    item->converged = equal->converged && split->converged;
    if (!item->converged) return;
    item->chi2 = fmax(equal->fit.deviance - split->fit.deviance, 0);
    item->df = (double)(split->fit.parameters - equal->fit.parameters);
    item->p = chi_square_upper(item->chi2, item->df);
    for (size_t k = 0; k + 1 < w->n_groups; k++)
        if (w->told[i * w->n_groups + item->contrasts[k].group])
            dif_effect(w, split, i, &item->contrasts[k]);
}

/* The answers of an item cannot be told apart in some group: it is left without numbers. */
static bool is_about_answers(const struct error *error) {
    return error_is(error, "scale.not_identified") || error_is(error, "scale.group_not_identified");
}

/* Items are tested side by side, each by calibrations in one thread; the result is the same. */
struct item_test {
    struct dif_work *w;
    const bool *split; /* in the base */
    const struct dif_fit *base;
    struct dif_item *items;
    size_t first;
    struct error error[BATCH];
    bool ok[BATCH];
};

static bool test_item(const struct item_test *t, size_t i, struct arena *scratch,
                      struct error *error) {
    struct dif_work *w = t->w;
    struct dif_item *item = &t->items[i];
    struct dif_fit other;
    clear_item(w, i, item);
    item->split = t->split[i];
    if (!item->tested) return true;
    bool *split = arena_array(scratch, w->n_items, sizeof *split);
    if (!split) return error_plain(error, "dif.memory");
    memcpy(split, t->split, w->n_items * sizeof *split);
    split[i] = !split[i];
    if (!dif_fit(w, split, NULL, scratch, &other, error)) return is_about_answers(error);
    if (t->split[i])
        compare(w, i, &other, t->base, item);
    else
        compare(w, i, t->base, &other, item);
    return true;
}

static void test_piece(void *context, size_t piece) {
    struct item_test *t = context;
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    t->ok[piece] = scratch ? test_item(t, t->first + piece, scratch, &t->error[piece])
                           : error_plain(&t->error[piece], "dif.memory");
    arena_destroy(scratch);
}

/* ---- all items: adjusted p and classes ---- */

struct tested {
    const struct dif_item *items;
    const size_t *item; /* those that have a p */
};

static double p_of(const void *context, size_t k) {
    const struct tested *tested = context;
    return tested->items[tested->item[k]].p;
}

static enum dif_class class_of(const struct dif_item *item, const struct dif_contrast *contrast) {
    double size = fabs(contrast->effect), z = normal_quantile(1 - DIF_LEVEL / 2);
    if (!isfinite(size)) return DIF_UNTESTED;
    if (size < DIF_SMALL || item->p_adjusted > DIF_LEVEL || size < z * contrast->se) return DIF_A;
    bool above = size - normal_quantile(1 - DIF_LEVEL) * contrast->se > DIF_SMALL;
    return size >= DIF_LARGE && above ? DIF_C : DIF_B;
}

static bool classify(const struct dif_work *w, struct dif_item *items, struct arena *scratch) {
    size_t *item = arena_array(scratch, w->n_items, sizeof *item);
    struct tested tested = { items, item };
    struct family family = { 0, p_of, &tested };
    if (!item) return false;
    for (size_t i = 0; i < w->n_items; i++)
        if (isfinite(items[i].p)) item[family.n++] = i;
    for (size_t k = 0; k < family.n; k++) items[item[k]].p_adjusted = discovery_level(&family, k);
    for (size_t i = 0; i < w->n_items; i++)
        for (size_t k = 0; k + 1 < w->n_groups; k++) {
            struct dif_contrast *contrast = &items[i].contrasts[k];
            contrast->class = class_of(&items[i], contrast);
            if (contrast->class > items[i].class) items[i].class = contrast->class;
            if (contrast->class == DIF_A && items[i].p_adjusted <= DIF_LEVEL &&
                contrast->unsigned_effect >= DIF_SMALL)
                items[i].crosses = true;
        }
    return true;
}

/* ---- rounds ---- */

/* Of an item that differs; 0 of the others. */
static double largest_effect(const struct dif_work *w, const struct dif_item *item) {
    double largest = 0;
    for (size_t k = 0; k + 1 < w->n_groups; k++) {
        const struct dif_contrast *contrast = &item->contrasts[k];
        if (contrast->class >= DIF_B) largest = fmax(largest, fabs(contrast->effect));
        if (item->crosses && contrast->class == DIF_A)
            largest = fmax(largest, contrast->unsigned_effect);
    }
    return largest;
}

/* Splits the items that differ as well, those with the largest effect first, half of those
 * that are compared at most. An item that is split stays so: it costs the anchor little, and the
 * rounds come to an end. True: none is new. */
static bool choose_split(const struct dif_work *w, const struct dif_item *items, bool *split) {
    size_t n_split = 0, n_compared = 0;
    bool same = true;
    for (size_t i = 0; i < w->n_items; i++) {
        n_split += split[i] && !w->apart[i];
        n_compared += !w->apart[i];
    }
    while (n_split < n_compared / 2) {
        size_t next = w->n_items;
        double largest = 0;
        for (size_t i = 0; i < w->n_items; i++) {
            double own = split[i] ? 0 : largest_effect(w, &items[i]);
            if (!(own > largest)) continue;
            largest = own;
            next = i;
        }
        if (next == w->n_items) break;
        split[next] = true;
        n_split++;
        same = false;
    }
    return same;
}

static void report(const struct dif_work *w, int round, size_t done) {
    if (!w->options->progress) return;
    double share = (double)done / (double)(w->n_items + 1);
    w->options->progress(w->options->progress_context, (round - 1 + share) / (round + 0.5));
}

static bool test_all(struct dif_work *w, const bool *split, const struct dif_fit *base,
                     struct dif_result *out, struct error *error) {
    for (size_t first = 0; first < w->n_items; first += BATCH) {
        struct item_test test = {
            .w = w, .split = split, .base = base, .items = out->items, .first = first
        };
        size_t n = w->n_items - first < BATCH ? w->n_items - first : BATCH;
        pool_run(w->pool, n, test_piece, &test);
        for (size_t k = 0; k < n; k++) {
            if (test.ok[k]) continue;
            *error = test.error[k];
            return false;
        }
        report(w, out->rounds, first + n);
    }
    return true;
}

static bool run_round(struct dif_work *w, bool *split, struct arena *scratch,
                      struct dif_result *out, struct error *error) {
    struct dif_fit base;
    report(w, out->rounds, 0);
    if (!dif_fit(w, split, w->pool, scratch, &base, error)) return false;
    if (!base.converged) return error_plain(error, "dif.not_converged");
    dif_begin_at(w, &base);
    if (!test_all(w, split, &base, out, error)) return false;
    memcpy(out->mean, w->mean, w->n_groups * sizeof *out->mean);
    memcpy(out->variance, w->variance, w->n_groups * sizeof *out->variance);
    memcpy(out->group_n, base.fit.group_n, w->n_groups * sizeof *out->group_n);
    out->deviance = base.fit.deviance;
    out->persons = base.fit.persons;
    return classify(w, out->items, scratch) || error_plain(error, "dif.memory");
}

static bool run_rounds(struct dif_work *w, struct dif_result *out, struct error *error) {
    bool *split = arena_array(w->arena, w->n_items, sizeof *split);
    if (!split) return error_plain(error, "dif.memory");
    memcpy(split, w->apart, w->n_items * sizeof *split);
    for (;;) {
        struct arena *scratch = arena_create(ARENA_JOB_MAX);
        out->rounds++;
        bool ok = scratch ? run_round(w, split, scratch, out, error)
                          : error_plain(error, "dif.memory");
        arena_destroy(scratch);
        if (!ok) return false;
        out->settled = choose_split(w, out->items, split);
        if (out->settled || out->rounds >= w->options->rounds_most) return true;
    }
}

bool scale_dif(const struct responses *responses, const struct dif_options *options,
               struct pool *pool, struct arena *arena, struct dif_result *out,
               struct error *error) {
    if (responses->n_groups < 2 || !responses->groups) return error_plain(error, "dif.one_group");
    if (responses->n_persons == 0 || responses->n_items == 0)
        return error_plain(error, "scale.no_answers");
    struct dif_work w = { .responses = responses,
                          .options = options,
                          .pool = pool,
                          .arena = arena_create(ARENA_JOB_MAX),
                          .n_items = responses->n_items,
                          .n_groups = responses->n_groups };
    bool ok = w.arena && make_results(&w, arena, out)
                  ? dif_prepare(&w, error) && run_rounds(&w, out, error)
                  : error_plain(error, "dif.memory");
    arena_destroy(w.arena);
    return ok;
}

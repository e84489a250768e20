#include "publish/release.h"

#include "base/arena.h"
#include "disclose/disclose.h"

#include <stdlib.h>

/* Fewer units of a kind make no middle half worth drawing. */
enum { BAND_UNITS_MIN = 8 };

bool release_reaches(const struct scale *scale, enum unit_kind kind) {
    enum unit_kind lowest;
    if (scale->use == USE_SHARES && kind >= UNIT_CLASS) return false;
    return !scale->lowest_unit || !unit_kind_from_name(scale->lowest_unit, &lowest) || kind <= lowest;
}

/* Suppresses one quantity over the tree of units; n of a unit that never shows it counts as none. */
static bool suppress(const struct panel *panel, const struct scale *scale, const size_t *n,
                     size_t minimum, bool *shown, struct arena *arena, struct error *error) {
    struct cell *cells = arena_array(arena, panel->units.n, sizeof *cells);
    if (!cells) return error_plain(error, "publish.memory");
    for (size_t u = 0; u < panel->units.n; u++) {
        const struct unit *unit = &panel->units.unit[u];
        cells[u].parent = unit->parent;
        cells[u].n = release_reaches(scale, unit->kind) ? n[u] : 0;
    }
    if (!disclose_suppress(cells, panel->units.n, minimum, arena, error)) return false;
    for (size_t u = 0; u < panel->units.n; u++) shown[u] = cells[u].shown;
    return true;
}

/* Everybody answering alike is an answer about each of them. */
static bool unanimous(const size_t *counts, size_t n_categories) {
    size_t used = 0;
    for (size_t c = 0; c < n_categories; c++) used += counts[c] > 0;
    return used < 2;
}

static bool suppress_item(const struct panel *panel, const struct released_scale *scale,
                          struct released_item *item, struct arena *arena, struct error *error) {
    size_t categories = scale->survey->instrument->items[item->item].n_categories;
    size_t *n = arena_array(arena, panel->units.n, sizeof *n);
    item->shown = arena_array(arena, panel->units.n, sizeof(bool));
    if (!n || !item->shown) return error_plain(error, "publish.memory");
    for (size_t u = 0; u < panel->units.n; u++) {
        const size_t *counts = item->counts + u * categories;
        for (size_t c = 0; c < categories; c++) n[u] += counts[c];
        /* Hidden as if too few, so that a sibling is hidden with it: the unit above less the others would
         * give it away. */
        if (n[u] >= SHARES_MIN && unanimous(counts, categories)) n[u] = SHARES_MIN - 1;
    }
    return suppress(panel, scale->scale, n, SHARES_MIN, item->shown, arena, error);
}

static bool suppress_scale(struct release *release, struct released_scale *scale,
                           struct arena *arena, struct error *error) {
    const struct panel *panel = release->panel;
    size_t *n = arena_array(arena, panel->units.n, sizeof *n);
    bool *shown = arena_array(arena, panel->units.n, sizeof *shown);
    if (!n || !shown) return error_plain(error, "publish.memory");
    for (size_t u = 0; u < panel->units.n; u++) n[u] = scale->cells[u].n;
    if (!suppress(panel, scale->scale, n, (size_t)release->minimum, shown, arena, error))
        return false;
    for (size_t u = 0; u < panel->units.n; u++)
        scale->cells[u].shown = shown[u] && (scale->calibrated || scale->scale->use == USE_SHARES);
    for (size_t i = 0; scale->items && i < scale->scale->n_items; i++)
        if (!suppress_item(panel, scale, &scale->items[i], arena, error)) return false;
    return true;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan 1996). */
static double quantile(const double *sorted, size_t n, double p) {
    double at = p * (double)(n - 1);
    size_t low = (size_t)at;
    if (low + 1 >= n) return sorted[n - 1];
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

static bool make_bands(const struct units *units, struct released_scale *scale, struct arena *arena,
                       struct error *error) {
    double *values = arena_array(arena, units->n, sizeof *values);
    if (!values) return error_plain(error, "publish.memory");
    for (int kind = 0; kind < UNIT_KINDS; kind++) {
        size_t n = 0;
        for (size_t u = 0; u < units->n; u++)
            if ((int)units->unit[u].kind == kind && scale->cells[u].shown)
                values[n++] = scale->cells[u].mean.value;
        if (n < BAND_UNITS_MIN) continue;
        qsort(values, n, sizeof *values, compare_doubles);
        scale->bands[kind] = (struct band){ quantile(values, n, .25), quantile(values, n, .75) };
    }
    return true;
}

/* One unit's published contrasts are one family (methods.md §3). */
static void judge_unit(struct release *release, size_t unit, struct contrast *family) {
    for (int pass = 0; pass < 2; pass++) {
        size_t n = 0;
        for (size_t s = 0; s < release->n_scales; s++) {
            struct unit_cell *cell = &release->scales[s].cells[unit];
            for (int r = 0; r < REFERENCES && cell->shown; r++) {
                if (!cell->compared[r]) continue;
                if (pass == 0)
                    family[n++] = cell->contrast[r];
                else
                    cell->contrast[r] = family[n++];
            }
        }
        if (pass == 0) judge(family, n, .05);
    }
}

bool release_suppress(struct release *release, struct arena *arena, struct error *error) {
    struct contrast *family = arena_array(arena, release->n_scales * REFERENCES + 1, sizeof *family);
    if (!family) return error_plain(error, "publish.memory");
    for (size_t s = 0; s < release->n_scales; s++)
        if (!suppress_scale(release, &release->scales[s], arena, error) ||
            !make_bands(&release->panel->units, &release->scales[s], arena, error))
            return false;
    for (size_t u = 0; u < release->panel->units.n; u++) judge_unit(release, u, family);
    return true;
}

bool release_count(const struct panel *panel, struct released_scale *scale, struct arena *arena,
                   struct error *error) {
    const struct survey *survey = scale->survey;
    scale->items = arena_array(arena, scale->scale->n_items, sizeof *scale->items);
    if (!scale->items) return error_plain(error, "publish.memory");
    for (size_t i = 0; i < scale->scale->n_items; i++) {
        scale->items[i].item = scale->scale->items[i];
        if (!aggregate_item(survey, &panel->units, scale->scale->items[i], arena,
                            &scale->items[i].counts, error))
            return false;
    }
    for (size_t u = 0; u < panel->units.n; u++) scale->cells[u].invited = survey->invited[u];
    for (size_t r = 0; r < survey->answers.n; r++) {
        const uint8_t *vector = survey->answers.vectors + r * survey->answers.n_items;
        bool any = false;
        for (size_t i = 0; i < scale->scale->n_items; i++) {
            size_t item = scale->scale->items[i];
            any = any || vector[item] < survey->instrument->items[item].n_categories;
        }
        for (long u = survey->unit_of[r]; any && u >= 0; u = panel->units.unit[u].parent)
            scale->cells[u].n++;
    }
    return true;
}

#include "publish/release.h"

#include "base/arena.h"
#include "base/text.h"
#include "publish/frozen.h"

#include <math.h>

static int whole(double points) { return (int)lround(points); }

/* A bound beyond 0 never rounds to 0: the word beside it says on which side the interval lies. */
static int whole_bound(double points) {
    int rounded = whole(points);
    return rounded != 0 || points == 0 ? rounded : points > 0 ? 1 : -1;
}

static struct frozen_text in_languages(const struct instrument *instrument, struct texts texts) {
    struct frozen_text out = { { NULL }, { NULL } };
    for (size_t i = 0; texts.in && i < instrument->n_languages && i < FROZEN_LANGUAGES; i++) {
        out.tag[i] = instrument->languages[i];
        out.text[i] = texts.in[i] ? texts.in[i] : "";
    }
    return out;
}

static struct frozen_unit as_frozen_unit(const struct units *units, long unit) {
    const struct unit *u = &units->unit[unit];
    return (struct frozen_unit){ .id = u->id, .parent = u->parent < 0 ? 0 : units->unit[u->parent].id,
                                 .kind = unit_kind_name(u->kind), .code = u->code, .name = u->name,
                                 .grade = u->grade };
}

static bool freeze_relatives(const struct panel *panel, long unit, struct arena *arena,
                             struct frozen *out) {
    const struct units *units = &panel->units;
    for (long u = units->unit[unit].parent; u >= 0; u = units->unit[u].parent) out->n_path++;
    out->path = arena_array(arena, out->n_path + 1, sizeof *out->path);
    if (!out->path) return false;
    size_t at = out->n_path;
    for (long u = units->unit[unit].parent; u >= 0; u = units->unit[u].parent)
        out->path[--at] = as_frozen_unit(units, u);
    for (size_t u = 0; u < units->n; u++)
        out->n_children += units->unit[u].parent == unit && panel->takes_part[u];
    out->children = arena_array(arena, out->n_children + 1, sizeof *out->children);
    if (!out->children) return false;
    at = 0;
    for (size_t u = 0; u < units->n; u++)
        if (units->unit[u].parent == unit && panel->takes_part[u])
            out->children[at++] = as_frozen_unit(units, (long)u);
    return true;
}

static bool freeze_responses(const struct release *release, size_t unit, struct arena *arena,
                             struct frozen *out) {
    const struct panel *panel = release->panel;
    out->responses = arena_array(arena, panel->n_surveys + 1, sizeof *out->responses);
    if (!out->responses) return false;
    for (size_t i = 0; i < panel->n_surveys; i++) {
        const struct survey *survey = &panel->surveys[i];
        if (survey->invited[unit] == 0) continue;
        struct frozen_response *response = &out->responses[out->n_responses++];
        response->respondent = respondent_name(survey->instrument->respondent);
        response->shown = survey->answered[unit] >= (size_t)release->minimum;
        if (!response->shown) continue;
        response->invited = (int)survey->invited[unit];
        response->n = (int)survey->answered[unit];
    }
    return true;
}

static bool freeze_comparisons(const struct unit_cell *cell, struct arena *arena,
                               struct frozen_scale *out) {
    static const char *const names[REFERENCES] = { "programme", "municipality" };
    out->comparisons = arena_array(arena, REFERENCES, sizeof *out->comparisons);
    if (!out->comparisons) return false;
    for (int r = 0; r < REFERENCES; r++) {
        if (!cell->compared[r]) continue;
        const struct contrast *contrast = &cell->contrast[r];
        out->comparisons[out->n_comparisons++] = (struct frozen_comparison){
            .with = names[r], .part = "all", .reference = whole(cell->reference[r]),
            .difference = whole(contrast->difference.value), .low = whole_bound(contrast->low),
            .high = whole_bound(contrast->high), .verdict = contrast->verdict,
        };
    }
    return true;
}

/* Whole per cents that sum to 100: the largest remainders are rounded up. */
static void round_shares(const size_t *counts, size_t n_categories, int *shares) {
    size_t total = 0, given = 0;
    for (size_t c = 0; c < n_categories; c++) total += counts[c];
    for (size_t c = 0; c < n_categories; c++) {
        shares[c] = (int)(100 * counts[c] / total);
        given += (size_t)shares[c];
    }
    for (; given < 100; given++) {
        size_t best = 0;
        for (size_t c = 1; c < n_categories; c++)
            if (100 * counts[c] + total * (100 - (size_t)shares[c]) >
                100 * counts[best] + total * (100 - (size_t)shares[best]))
                best = c;
        shares[best]++;
    }
}

static bool freeze_answers(const struct released_scale *scale, size_t unit, struct arena *arena,
                           struct frozen_part *out) {
    out->categories = arena_array(arena, scale->scale->n_items, sizeof *out->categories);
    if (!out->categories) return false;
    out->n_categories = scale->scale->n_items;
    for (size_t i = 0; i < scale->scale->n_items; i++) {
        const struct item *item = &scale->survey->instrument->items[scale->items[i].item];
        struct frozen_answers *answers = &out->categories[i];
        answers->item = item->id;
        answers->shown = scale->items[i].shown[unit];
        if (!answers->shown) continue;
        const size_t *counts = scale->items[i].counts + unit * item->n_categories;
        for (size_t c = 0; c < item->n_categories; c++) answers->n += (int)counts[c];
        answers->n_shares = item->n_categories;
        answers->shares = arena_array(arena, item->n_categories, sizeof *answers->shares);
        if (!answers->shares) return false;
        round_shares(counts, item->n_categories, answers->shares);
    }
    return true;
}

static bool freeze_items(const struct released_scale *scale, struct arena *arena,
                         struct frozen_scale *out) {
    const struct instrument *instrument = scale->survey->instrument;
    out->items = arena_array(arena, out->n_items + 1, sizeof *out->items);
    if (!out->items) return false;
    for (size_t i = 0; i < out->n_items; i++) {
        const struct item *item = &instrument->items[scale->scale->items[i]];
        out->items[i] = (struct frozen_item){ .item = item->id,
                                              .text = in_languages(instrument, item->text),
                                              .n_labels = item->n_categories };
        out->items[i].labels = arena_array(arena, item->n_categories, sizeof(struct frozen_text));
        if (!out->items[i].labels) return false;
        for (size_t c = 0; c < item->n_categories; c++)
            out->items[i].labels[c] = in_languages(instrument, item->categories[c].label);
    }
    return true;
}

/* Where enough have answered and no unit could be placed on the scale, "too few" would be untrue. */
static const char *why_hidden(const struct release *release, const struct released_scale *scale,
                              size_t unit) {
    const size_t *answered = scale->survey->answered;
    bool measured = scale->calibrated || scale->scale->use == USE_SHARES;
    bool enough =
        answered[0] >= CALIBRATION_MIN && answered[unit] >= (size_t)release->minimum;
    return !measured && enough ? "not_measured" : "too_few";
}

static bool freeze_part(const struct release *release, const struct released_scale *scale,
                        size_t unit, struct arena *arena,
                        struct frozen_part *out) {
    const struct unit_cell *cell = &scale->cells[unit];
    *out = (struct frozen_part){ .part = "all", .shown = cell->shown };
    if (!cell->shown) {
        out->why = why_hidden(release, scale, unit);
        return true;
    }
    out->n = (int)cell->n;
    out->invited = (int)cell->invited;
    if (scale->items) return freeze_answers(scale, unit, arena, out);
    out->mean = whole(cell->mean.value);
    out->low = whole(cell->low);
    out->high = whole(cell->high);
    out->raw_mean = whole(cell->raw_mean);
    out->se = round(10 * cell->mean.se) / 10;
    out->sd = cell->n >= SD_MIN ? whole(cell->sd) : 0;
    return true;
}

static struct frozen_link freeze_link(const struct released_scale *scale) {
    const struct measure_link *link = &scale->link;
    bool dropped = link->dropped != LINK_NONE_DROPPED;
    if (!scale->calibrated || link->base == 0) return (struct frozen_link){ 0 };
    return (struct frozen_link){
        .base = link->base, .trend = link->trend, .items = (int)link->items,
        .dropped = dropped ? scale->survey->instrument->items[link->dropped].id : NULL,
        .error = isfinite(scale->link_error) ? round(10 * scale->link_error) / 10 : 0,
    };
}

static bool freeze_scale(const struct release *release, const struct released_scale *scale,
                         size_t unit, struct arena *arena, struct frozen_scale *out) {
    const struct instrument *instrument = scale->survey->instrument;
    const struct scale *s = scale->scale;
    bool is_class = release->panel->units.unit[unit].kind == UNIT_CLASS;
    *out = (struct frozen_scale){
        .scale = s->code, .instrument = instrument->code,
        .respondent = respondent_name(instrument->respondent), .goal = s->goal,
        .teaching = s->teaching, .name = in_languages(instrument, s->name),
        .meaning = in_languages(instrument, s->meaning),
        .above = in_languages(instrument, s->above), .below = in_languages(instrument, s->below),
        .shares_only = s->use == USE_SHARES, .n_items = s->n_items,
        .reliability = round(100 * scale->reliability) / 100, .link = freeze_link(scale),
        .axis_low = is_class ? 350 : 400, .axis_high = is_class ? 650 : 600, .n_parts = 1,
    };
    out->parts = arena_array(arena, 1, sizeof *out->parts);
    if (!out->parts || !freeze_part(release, scale, unit, arena, out->parts)) return false;
    if (scale->items) return freeze_items(scale, arena, out);
    if (!scale->cells[unit].shown) return true;
    const struct band *band = &scale->bands[release->panel->units.unit[unit].kind];
    out->band_low = whole(band->low);
    out->band_high = whole(band->high);
    return freeze_comparisons(&scale->cells[unit], arena, out);
}

/* A scale has a place in a unit's results when somebody there was asked, and it reaches that far. */
static bool has_place(const struct release *release, const struct released_scale *scale,
                      size_t unit) {
    return scale->survey->invited[unit] > 0 &&
           release_reaches(scale->scale, release->panel->units.unit[unit].kind);
}

bool release_freeze(const struct release *release, size_t unit, const char *publication,
                    const char *programme, struct arena *arena, struct text *out,
                    struct error *error) {
    const struct panel *panel = release->panel;
    struct frozen frozen = {
        .unit = as_frozen_unit(&panel->units, (long)unit), .wave = panel->wave.number,
        .wave_name = panel->wave.name, .opens = panel->wave.opens, .closes = panel->wave.closes,
        .publication = publication, .programme = programme, .minimum_group = release->minimum,
    };
    frozen.scales = arena_array(arena, release->n_scales + 1, sizeof *frozen.scales);
    bool ok = frozen.scales && freeze_relatives(panel, (long)unit, arena, &frozen) &&
              freeze_responses(release, unit, arena, &frozen);
    for (size_t s = 0; ok && s < release->n_scales; s++)
        if (has_place(release, &release->scales[s], unit))
            ok = freeze_scale(release, &release->scales[s], unit, arena,
                              &frozen.scales[frozen.n_scales++]);
    if (!ok) return error_plain(error, "publish.memory");
    return frozen_write(&frozen, out) || error_plain(error, "publish.memory");
}

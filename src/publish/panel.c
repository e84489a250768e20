#include "publish/panel.h"

#include "base/arena.h"
#include "store/store.h"

#include <stdio.h>

/* The unit itself or the nearest one above it of that kind; -1 when there is none. */
static int enclosing(const struct units *units, long unit, enum unit_kind kind) {
    while (unit >= 0 && units->unit[unit].kind != kind) unit = units->unit[unit].parent;
    return (int)unit;
}

static bool place_rows(struct panel *panel, struct survey *survey, struct arena *arena,
                       struct error *error) {
    size_t n = survey->answers.n;
    survey->unit_of = arena_array(arena, n + 1, sizeof(int));
    survey->class_of = arena_array(arena, n + 1, sizeof(int));
    survey->school_of = arena_array(arena, n + 1, sizeof(int));
    survey->municipality_of = arena_array(arena, n + 1, sizeof(int));
    survey->invited = arena_array(arena, panel->units.n, sizeof(size_t));
    survey->answered = arena_array(arena, panel->units.n, sizeof(size_t));
    if (!survey->unit_of || !survey->class_of || !survey->school_of || !survey->municipality_of ||
        !survey->invited || !survey->answered)
        return error_plain(error, "publish.memory");
    int64_t last_id = 0;
    long last = -1;
    for (size_t i = 0; i < n; i++) {
        const struct respondent_row *row = &survey->answers.rows[i];
        long unit = row->unit == last_id ? last : units_by_id(&panel->units, row->unit);
        if (unit < 0) return error_set(error, "publish.lost_unit", ARG_INT("unit", row->unit));
        last_id = row->unit;
        last = unit;
        survey->unit_of[i] = (int)unit;
        survey->class_of[i] = enclosing(&panel->units, unit, UNIT_CLASS);
        survey->school_of[i] = enclosing(&panel->units, unit, UNIT_SCHOOL);
        survey->municipality_of[i] = enclosing(&panel->units, unit, UNIT_MUNICIPALITY);
        for (long u = unit; u >= 0; u = panel->units.unit[u].parent) {
            survey->invited[u]++;
            survey->answered[u] += row->answered;
            panel->takes_part[u] = true;
        }
    }
    return true;
}

static bool read_sha256(struct store *study, struct survey *survey, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT sha256 FROM instrument WHERE id = ?1", error)) return false;
    bind_int(s, 1, survey->instrument_id);
    if (statement_step(s, error))
        snprintf(survey->sha256, sizeof survey->sha256, "%s", column_text(s, 0));
    return statement_end(s, error);
}

static bool read_all(struct store *study, int wave, struct arena *arena, struct panel *out,
                     struct error *error) {
    if (!wave_get(study, wave, &out->wave, error)) return false;
    if (!units_read(study, arena, &out->units, error)) return false;
    out->n_surveys = out->wave.n_instruments;
    out->surveys = arena_array(arena, out->n_surveys + 1, sizeof *out->surveys);
    out->takes_part = arena_array(arena, out->units.n + 1, sizeof(bool));
    if (!out->surveys || !out->takes_part) return error_plain(error, "publish.memory");
    for (size_t i = 0; i < out->n_surveys; i++) {
        struct survey *survey = &out->surveys[i];
        survey->instrument_id = out->wave.instruments[i];
        if (!instrument_by_id(study, survey->instrument_id, arena, &survey->instrument, error) ||
            !read_sha256(study, survey, error) ||
            !answers_read(study, wave, survey->instrument_id, survey->instrument->n_items, arena,
                          &survey->answers, error) ||
            !place_rows(out, survey, arena, error))
            return false;
    }
    return true;
}

bool panel_read(struct store *study, int wave, struct arena *arena, struct panel *out,
                struct error *error) {
    *out = (struct panel){ 0 };
    if (!store_read_begin(study, error)) return false;
    bool ok = read_all(study, wave, arena, out, error);
    store_read_end(study);
    return ok;
}

#include "simulate/simulate.h"

#include "base/arena.h"
#include "collect/wave.h"
#include "i18n/i18n.h"
#include "simulate/fill.h"
#include "simulate/truth.h"
#include "store/programme.h"

#include <stdio.h>

/* Instrument, and the dates of the wave: fixed, so that the same seed gives the same programme. */
static const char INSTRUMENT[] = "pupil", OPENS[] = "2026-11-02", CLOSES[] = "2026-11-20";

void simulation_progress(const struct simulation *simulation, const char *step_msgid, double fraction) {
    if (simulation->progress) simulation->progress(simulation->context, step_msgid, fraction);
}

/* What follows once the plan is in the stores. */
struct survey {
    struct programme *programme;
    const struct simulation *simulation;
    const struct plan *plan;
    struct arena *arena;
    struct instrument *instrument;
    int64_t instrument_id;
    int wave;
    struct truth truth;
    struct drawn drawn;
};

/* The first of a list of faults, as the error. */
static bool first_fault(const struct error_list *faults, struct error *error) {
    if (faults->count) *error = faults->items[0];
    else error_plain(error, "simulate.memory");
    return false;
}

static bool open_wave(struct survey *survey, struct error *error) {
    struct store *study = survey->programme->study;
    struct wave_door door;
    struct error_list faults;
    const char *asked = INSTRUMENT;
    size_t assignments;
    int version;
    bool existed;
    error_list_init(&faults, survey->arena, 1);
    if (!instrument_load(study, INSTRUMENT, survey->arena, &survey->instrument_id, &version, &existed, &faults))
        return first_fault(&faults, error);
    return instrument_by_id(study, survey->instrument_id, survey->arena, &survey->instrument, error) &&
           wave_new(study, NULL, OPENS, CLOSES, &asked, 1, &survey->wave, error) &&
           wave_door_of(survey->programme, &door, error) && wave_open(&door, survey->wave, &assignments, error);
}

static void saving(void *context, double fraction) {
    simulation_progress(context, N_("Saving answers"), fraction);
}

static bool save_answers(struct survey *survey, struct error *error) {
    size_t n = survey->drawn.n, n_items = survey->instrument->n_items;
    size_t *items = arena_array(survey->arena, n_items, sizeof *items);
    size_t *lines = arena_array(survey->arena, n, sizeof *lines);
    int64_t *subjects = arena_array(survey->arena, n, sizeof *subjects);
    const char **keys = arena_array(survey->arena, n, sizeof *keys);
    if (!items || !lines || !subjects || !keys) return error_plain(error, "simulate.memory");
    for (size_t i = 0; i < n_items; i++) items[i] = i;
    for (size_t i = 0; i < n; i++) {
        lines[i] = i + 1;
        keys[i] = INSTRUMENT; /* every subject was asked: no message ever names one */
        subjects[i] = plan_pupil_subject(survey->plan, survey->truth.asked[survey->drawn.rows[i]]);
    }
    const struct answer_sheet sheet = { .path = INSTRUMENT, .n_rows = n, .n_columns = n_items,
                                        .items = items, .subjects = subjects, .keys = keys, .lines = lines,
                                        .codes = survey->drawn.codes };
    struct import_summary summary;
    struct error_list faults;
    error_list_init(&faults, survey->arena, 1);
    return answers_save(survey->programme->study, survey->wave, survey->instrument_id, n_items, &sheet,
                        saving, (void *)(uintptr_t)survey->simulation, survey->arena, &summary, &faults) ||
           first_fault(&faults, error);
}

static bool write_truth(struct survey *survey, struct error *error) {
    char path[sizeof survey->programme->dir + 32];
    snprintf(path, sizeof path, "%s/out/truth.csv", survey->programme->dir);
    return truth_write(survey->plan, survey->instrument, &survey->truth, path, error);
}

static bool run_survey(struct survey *survey, struct error *error) {
    if (!open_wave(survey, error)) return false;
    simulation_progress(survey->simulation, N_("Drawing answers"), 0);
    return truth_make(survey->plan, survey->instrument, survey->arena, &survey->truth, error) &&
           draw_answers(survey->plan, survey->instrument, &survey->truth, survey->arena, &survey->drawn, error) &&
           save_answers(survey, error) &&
           wave_close(&(struct wave_door){ .study = survey->programme->study }, survey->wave, error) &&
           write_truth(survey, error);
}

bool simulate_programme(struct programme *programme, const struct simulation *simulation,
                        struct arena *arena, struct error *error) {
    struct plan plan;
    struct survey survey = { .programme = programme, .simulation = simulation, .plan = &plan, .arena = arena };
    if (!plan_make(simulation, arena, &plan, error)) return false;
    simulation_progress(simulation, N_("Writing schools and classes"), 0);
    return fill_units(programme, &plan, error) && fill_people(programme, &plan, simulation, arena, error) &&
           fill_accounts(programme, &plan, error) && run_survey(&survey, error);
}

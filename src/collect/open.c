#include "collect/wave.h"

#include "base/arena.h"
#include "instrument/instrument.h"
#include "store/store.h"

#include <string.h>

/* The role under which a respondent stands in the roster. */
static const char *role_of(enum respondent respondent) {
    switch (respondent) {
    case RESPONDENT_TEACHER: return "teacher";
    case RESPONDENT_PEDAGOGUE: return "pedagogue";
    case RESPONDENT_LEADER: return "leader";
    default: return "pupil"; /* wave_new takes no parents and class teachers yet */
    }
}

static bool set_state(struct store *study, int wave, const char *state, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "UPDATE wave SET state = ?2 WHERE number = ?1", error)) return false;
    bind_int(s, 1, wave);
    bind_text(s, 2, state);
    return statement_run(s, error);
}

/* The roster as it stands, for those who are not in the wave yet: whoever moved stays where the wave
 * found them. */
static bool copy_roster(struct store *study, int wave, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO enrolment (subject, unit, wave, role, grade, gender) "
                       "SELECT e.subject, e.unit, w.number, e.role, e.grade, e.gender "
                       "FROM enrolment e, wave w, unit u "
                       "WHERE e.wave = 0 AND w.number = ?1 AND u.id = e.unit AND u.active = 1 "
                       "AND NOT EXISTS (SELECT 1 FROM enrolment o WHERE o.wave = w.number "
                       "AND o.subject = e.subject AND o.role = e.role)", error))
        return false;
    bind_int(s, 1, wave);
    return statement_run(s, error);
}

static bool assign(struct store *study, int wave, int64_t id, const struct instrument *instrument,
                   struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO assignment (wave, instrument, informant, subject, unit, state) "
                       "SELECT e.wave, i.id, e.subject, e.subject, MIN(e.unit), 'open' "
                       "FROM enrolment e, instrument i "
                       "WHERE e.wave = ?1 AND i.id = ?2 AND e.role = ?3 "
                       "AND (?4 < 0 OR e.grade BETWEEN ?4 AND ?5) "
                       "AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.wave = e.wave "
                       "AND a.instrument = i.id AND a.informant = e.subject AND a.subject = e.subject) "
                       "GROUP BY e.wave, i.id, e.subject ORDER BY e.subject", error))
        return false;
    bind_int(s, 1, wave);
    bind_int(s, 2, id);
    bind_text(s, 3, role_of(instrument->respondent));
    bind_int(s, 4, instrument->grade_from);
    bind_int(s, 5, instrument->grade_to);
    return statement_run(s, error);
}

static bool assign_all(struct store *study, const struct wave *wave, struct error *error) {
    struct arena *arena = arena_create(64 * MIB);
    if (!arena) return error_plain(error, "wave.memory");
    bool ok = true;
    for (size_t i = 0; ok && i < wave->n_instruments; i++) {
        struct instrument *instrument;
        ok = instrument_by_id(study, wave->instruments[i], arena, &instrument, error) &&
             assign(study, wave->number, wave->instruments[i], instrument, error);
    }
    arena_destroy(arena);
    return ok;
}

static bool count(struct store *study, int wave, size_t *assignments, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT COUNT(*) FROM assignment WHERE wave = ?1", error)) return false;
    bind_int(s, 1, wave);
    if (statement_step(s, error)) *assignments = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

static bool open_wave(struct store *study, int number, size_t *assignments, struct error *error) {
    struct wave wave;
    if (!wave_get(study, number, &wave, error)) return false;
    if (strcmp(wave.state, "closed") == 0)
        return error_set(error, "wave.is_closed", ARG_INT("wave", number));
    return set_state(study, number, "open", error) && copy_roster(study, number, error) &&
           assign_all(study, &wave, error) && count(study, number, assignments, error) &&
           store_commit(study, error);
}

bool wave_open(struct store *study, int number, size_t *assignments, struct error *error) {
    if (!store_begin(study, error)) return false;
    if (open_wave(study, number, assignments, error)) return true;
    store_rollback(study);
    return false;
}

static bool close_wave(struct store *study, int number, struct error *error) {
    struct wave wave;
    if (!wave_get(study, number, &wave, error)) return false;
    if (strcmp(wave.state, "open") != 0) return error_set(error, "wave.not_open", ARG_INT("wave", number));
    return set_state(study, number, "closed", error) && store_commit(study, error);
}

bool wave_close(struct store *study, int number, struct error *error) {
    if (!store_begin(study, error)) return false;
    if (close_wave(study, number, error)) return true;
    store_rollback(study);
    return false;
}

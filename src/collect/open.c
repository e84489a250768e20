#include "collect/wave.h"

#include "collect/fold.h"
#include "collect/give.h"
#include "collect/pages.h"

#include "base/arena.h"
#include "instrument/instrument.h"
#include "store/programme.h"

#include <string.h>
#include <time.h>

/* The role under which a respondent stands in the roster. */
static const char *role_of(enum respondent respondent) {
    switch (respondent) {
    case RESPONDENT_TEACHER: return "teacher";
    case RESPONDENT_PEDAGOGUE: return "pedagogue";
    case RESPONDENT_LEADER: return "leader";
    default: return "pupil";
    }
}

static bool set_state(struct store *study, int wave, const char *state, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "UPDATE wave SET state = ?2 WHERE number = ?1", error))
        return false;
    bind_int(s, 1, wave);
    bind_text(s, 2, state);
    return statement_run(s, error);
}

/* The roster as it stands, for those who are not in the wave yet: whoever moved stays where the
 * wave found them. */
static bool copy_roster(struct store *study, int wave, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO enrolment (subject, unit, wave, role, grade, gender) "
                       "SELECT e.subject, e.unit, w.number, e.role, e.grade, e.gender "
                       "FROM enrolment e, wave w, unit u "
                       "WHERE e.wave = 0 AND w.number = ?1 AND u.id = e.unit AND u.active = 1 "
                       "AND NOT EXISTS (SELECT 1 FROM enrolment o WHERE o.wave = w.number "
                       "AND o.subject = e.subject AND o.role = e.role)",
                       error))
        return false;
    bind_int(s, 1, wave);
    return statement_run(s, error);
}

static bool assign(struct store *study, int wave, int64_t id, const struct instrument *instrument,
                   struct error *error) {
    struct statement *s;
    if (!store_prepare(
            study, &s,
            "INSERT INTO assignment (wave, instrument, informant, subject, unit, state) "
            "SELECT e.wave, i.id, e.subject, e.subject, MIN(e.unit), 'open' "
            "FROM enrolment e, instrument i "
            "WHERE e.wave = ?1 AND i.id = ?2 AND e.role = ?3 "
            "AND (?4 < 0 OR e.grade BETWEEN ?4 AND ?5) "
            "AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.wave = e.wave "
            "AND a.instrument = i.id AND a.informant = e.subject AND a.subject = e.subject) "
            "GROUP BY e.wave, i.id, e.subject ORDER BY e.subject",
            error))
        return false;
    bind_int(s, 1, wave);
    bind_int(s, 2, id);
    bind_text(s, 3, role_of(instrument->respondent));
    bind_int(s, 4, instrument->grade_from);
    bind_int(s, 5, instrument->grade_to);
    return statement_run(s, error);
}

/* The one of a class's teachers who rates its pupils, each of them. A class has one rater. */
static bool assign_raters(struct store *study, int wave, int64_t id,
                          const struct instrument *instrument, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO assignment (wave, instrument, informant, subject, unit, state) "
                       "SELECT p.wave, i.id, MIN(t.subject), p.subject, p.unit, 'open' "
                       "FROM enrolment p JOIN enrolment t ON t.wave = p.wave AND t.unit = p.unit "
                       "AND t.role = 'class_teacher', instrument i "
                       "WHERE p.wave = ?1 AND i.id = ?2 AND p.role = 'pupil' "
                       "AND (?3 < 0 OR p.grade BETWEEN ?3 AND ?4) "
                       "AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.wave = p.wave "
                       "AND a.instrument = i.id AND a.subject = p.subject) "
                       "GROUP BY p.wave, i.id, p.subject, p.unit ORDER BY p.unit, p.subject",
                       error))
        return false;
    bind_int(s, 1, wave);
    bind_int(s, 2, id);
    bind_int(s, 3, instrument->grade_from);
    bind_int(s, 4, instrument->grade_to);
    return statement_run(s, error);
}

/* ---- parents: whose children they are is known to the identity store alone ---- */

struct custody {
    int64_t child, holder; /* subjects */
};

static bool read_custody(struct store *identity, struct custody **out, size_t *n,
                         struct arena *arena, struct error *error) {
    struct statement *s;
    size_t room = 0;
    if (!store_prepare(identity, &s, "SELECT COUNT(*) FROM guardian WHERE custody = 1", error))
        return false;
    if (statement_step(s, error)) room = (size_t)column_int(s, 0);
    if (!statement_end(s, error)) return false;
    *out = arena_array(arena, room + 1, sizeof **out);
    if (!*out) return error_plain(error, "wave.memory");
    if (!store_prepare(
            identity, &s,
            "SELECT c.subject, h.subject FROM guardian g "
            "JOIN pseudonym c ON c.person = g.child JOIN pseudonym h ON h.person = g.person "
            "WHERE g.custody = 1 ORDER BY c.subject, h.subject",
            error))
        return false;
    while (*n < room && statement_step(s, error))
        (*out)[(*n)++] = (struct custody){ column_int(s, 0), column_int(s, 1) };
    return statement_end(s, error);
}

/* "+" keeps SQLite from going through the whole wave for each child: the child is found first. */
static bool assign_parent(struct store *study, int wave, int64_t id,
                          const struct instrument *instrument, struct custody custody,
                          struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO assignment (wave, instrument, informant, subject, unit, state) "
                       "SELECT e.wave, i.id, ?3, e.subject, MIN(e.unit), 'open' "
                       "FROM enrolment e, instrument i WHERE +e.wave = ?1 AND i.id = ?2 "
                       "AND e.subject = ?4 AND e.role = 'pupil' "
                       "AND (?5 < 0 OR e.grade BETWEEN ?5 AND ?6) GROUP BY e.wave, i.id, e.subject "
                       "ON CONFLICT (wave, instrument, informant, subject) DO NOTHING",
                       error))
        return false;
    bind_int(s, 1, wave);
    bind_int(s, 2, id);
    bind_int(s, 3, custody.holder);
    bind_int(s, 4, custody.child);
    bind_int(s, 5, instrument->grade_from);
    bind_int(s, 6, instrument->grade_to);
    return statement_run(s, error);
}

static bool assign_parents(struct store *study, struct store *identity, int wave, int64_t id,
                           const struct instrument *instrument, struct arena *arena,
                           struct error *error) {
    struct custody *custody;
    size_t n = 0;
    if (!identity) return error_plain(error, "wave.no_identity");
    if (!read_custody(identity, &custody, &n, arena, error)) return false;
    for (size_t i = 0; i < n; i++)
        if (!assign_parent(study, wave, id, instrument, custody[i], error)) return false;
    return true;
}

static bool assign_all(struct store *study, struct store *identity, const struct wave *wave,
                       struct arena *arena, struct error *error) {
    for (size_t i = 0; i < wave->n_instruments; i++) {
        struct instrument *form;
        int64_t id = wave->instruments[i];
        if (!instrument_by_id(study, id, arena, &form, error)) return false;
        bool ok = form->respondent == RESPONDENT_PARENT
                      ? assign_parents(study, identity, wave->number, id, form, arena, error)
                  : form->respondent == RESPONDENT_CLASS_TEACHER
                      ? assign_raters(study, wave->number, id, form, error)
                      : assign(study, wave->number, id, form, error);
        if (!ok) return false;
    }
    return true;
}

static bool count(struct store *study, int wave, size_t *assignments, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT COUNT(*) FROM assignment WHERE wave = ?1", error))
        return false;
    bind_int(s, 1, wave);
    if (statement_step(s, error)) *assignments = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

/* What happened, for the wave's log. */
static bool note(struct store *study, int wave, const char *event, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "INSERT INTO wave_event (wave, at, event) VALUES (?1, ?2, ?3)",
                       error))
        return false;
    bind_int(s, 1, wave);
    bind_int(s, 2, (int64_t)time(NULL));
    bind_text(s, 3, event);
    return statement_run(s, error);
}

static bool open_wave(const struct wave_door *door, int number, struct arena *arena,
                      size_t *assignments, struct error *error) {
    struct store *study = door->study;
    struct wave wave;
    if (!wave_get(study, number, &wave, error)) return false;
    if (strcmp(wave.state, "closed") == 0)
        return error_set(error, "wave.is_closed", ARG_INT("wave", number));
    return set_state(study, number, "open", error) && note(study, number, "opened", error) &&
           copy_roster(study, number, error) &&
           assign_all(study, door->identity, &wave, arena, error) &&
           (!door->gives_codes || codes_give(study, &door->keys, number, arena, error)) &&
           count(study, number, assignments, error) && store_commit(study, error);
}

static bool close_wave(const struct wave_door *door, int number, struct arena *arena,
                       size_t *assignments, struct error *error) {
    struct store *study = door->study;
    struct wave wave;
    (void)assignments;
    if (!wave_get(study, number, &wave, error)) return false;
    if (strcmp(wave.state, "open") != 0)
        return error_set(error, "wave.not_open", ARG_INT("wave", number));
    return pages_fold_wave(study, number, (int64_t)time(NULL), arena, error) &&
           set_state(study, number, "closed", error) && note(study, number, "closed", error) &&
           store_commit(study, error);
}

/* Runs one of the two in a transaction. */
static bool change(const struct wave_door *door, int number, size_t *assignments,
                   bool (*act)(const struct wave_door *, int, struct arena *, size_t *,
                               struct error *),
                   struct error *error) {
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    if (!arena) return error_plain(error, "wave.memory");
    bool ok = store_begin(door->study, error);
    if (ok && !act(door, number, arena, assignments, error)) {
        store_rollback(door->study);
        ok = false;
    }
    arena_destroy(arena);
    return ok;
}

bool wave_door_of(struct programme *programme, struct wave_door *out, struct error *error) {
    *out = (struct wave_door){ .study = programme->study, .gives_codes = true };
    if (!programme->identity && !programme_open_identity(programme, error)) return false;
    out->identity = programme->identity;
    return collect_keys_read(programme, &out->keys, error);
}

bool wave_open(const struct wave_door *door, int number, size_t *assignments, struct error *error) {
    return change(door, number, assignments, open_wave, error);
}

bool wave_close(const struct wave_door *door, int number, struct error *error) {
    return change(door, number, NULL, close_wave, error);
}

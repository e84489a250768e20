#include "collect/lesson.h"

#include "base/arena.h"
#include "collect/give.h"
#include "i18n/i18n.h"
#include "store/programme.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Whose name is looked up once the study store has been read: one statement runs at a time. */
struct lesson_reading {
    struct programme *programme;
    const struct collect_keys *keys;
    struct arena *arena;
    struct lesson *out;
    int64_t unit;
    size_t room;
    int64_t *subjects;
};

static bool find_wave(struct lesson_reading *r, struct error *error) {
    struct wave *waves;
    size_t n;
    time_t now = time(NULL);
    struct tm local;
    char today[11];
    if (!wave_list(r->programme->study, r->arena, &waves, &n, error)) return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(waves[i].state, "open") == 0) r->out->wave = waves[i];
    localtime_r(&now, &local);
    strftime(today, sizeof today, "%Y-%m-%d", &local);
    r->out->today = r->out->wave.number && strcmp(today, r->out->wave.opens) >= 0 &&
                    strcmp(today, r->out->wave.closes) <= 0;
    return true;
}

/* Pupils' forms of the class's pupils, those who moved here included. */
#define FORMS                                                                                      \
    "FROM assignment a JOIN instrument i ON i.id = a.instrument WHERE a.wave = ?1 "                \
    "AND i.respondent IN ('pupil', 'pupil_young') AND (a.unit = ?2 OR a.subject IN "               \
    "(SELECT e.subject FROM enrolment e WHERE e.wave = 0 AND e.unit = ?2 AND e.role = 'pupil')) "
/* Pupils of the class by the roster who have none. */
#define WITHOUT                                                                                    \
    "FROM enrolment e WHERE e.wave = 0 AND e.unit = ?2 AND e.role = 'pupil' AND NOT EXISTS "       \
    "(SELECT 1 FROM assignment a JOIN instrument i ON i.id = a.instrument WHERE a.wave = ?1 "      \
    "AND a.subject = e.subject AND a.informant = e.subject "                                       \
    "AND i.respondent IN ('pupil', 'pupil_young')) "

static bool prepare(struct lesson_reading *r, struct statement **s, const char *sql,
                    struct error *error) {
    if (!store_prepare(r->programme->study, s, sql, error)) return false;
    bind_int(*s, 1, r->out->wave.number);
    bind_int(*s, 2, r->unit);
    return true;
}

static bool make_room(struct lesson_reading *r, struct error *error) {
    static const char *const counts[] = { "SELECT COUNT(*) " FORMS, "SELECT COUNT(*) " WITHOUT };
    for (size_t i = 0; i < 2; i++) {
        struct statement *s;
        if (!prepare(r, &s, counts[i], error)) return false;
        if (statement_step(s, error)) r->room += (size_t)column_int(s, 0);
        if (!statement_end(s, error)) return false;
    }
    r->out->pupils = arena_array(r->arena, r->room + 1, sizeof *r->out->pupils);
    r->subjects = arena_array(r->arena, r->room + 1, sizeof *r->subjects);
    return (r->out->pupils && r->subjects) || error_plain(error, "wave.memory");
}

static bool read_forms(struct lesson_reading *r, bool named, struct error *error) {
    struct statement *s;
    struct lesson *out = r->out;
    if (!prepare(r, &s,
                 "SELECT a.id, a.subject, a.state, a.generation, a.unit, i.respondent, "
                 "EXISTS (SELECT 1 FROM answer_page p WHERE p.assignment = a.id) " FORMS
                 "ORDER BY a.id",
                 error))
        return false;
    while (out->n < r->room && statement_step(s, error)) {
        struct lesson_pupil *pupil = &out->pupils[out->n];
        enum respondent respondent = RESPONDENT_PUPIL;
        bool open = strcmp(column_text(s, 2), "open") == 0, begun = column_int(s, 6) != 0;
        respondent_from_name(column_text(s, 5), &respondent);
        *pupil = (struct lesson_pupil){ .assignment = column_int(s, 0),
                                        .given = "",
                                        .family = "",
                                        .state = !open   ? LESSON_DONE
                                                 : begun ? LESSON_BEGUN
                                                         : LESSON_NOT_BEGUN,
                                        .elsewhere = column_int(s, 4) != r->unit };
        if (named && open)
            code_derive(r->keys, pupil->assignment, (int)column_int(s, 3), code_length(respondent),
                        pupil->code);
        out->asked++;
        out->begun += pupil->state == LESSON_BEGUN;
        out->done += pupil->state == LESSON_DONE;
        r->subjects[out->n++] = column_int(s, 1);
    }
    return statement_end(s, error);
}

static bool read_absent(struct lesson_reading *r, struct error *error) {
    struct statement *s;
    struct lesson *out = r->out;
    if (!prepare(r, &s, "SELECT e.subject " WITHOUT "ORDER BY e.subject", error)) return false;
    while (out->n < r->room && statement_step(s, error)) {
        out->pupils[out->n] = (struct lesson_pupil){ .given = "", .family = "" };
        r->subjects[out->n++] = column_int(s, 0);
    }
    return statement_end(s, error);
}

static bool read_names(struct lesson_reading *r, struct error *error) {
    if (!r->programme->identity && !programme_open_identity(r->programme, error)) return false;
    for (size_t i = 0; i < r->out->n; i++) {
        struct statement *s;
        if (!store_prepare(r->programme->identity, &s,
                           "SELECT p.given_name, p.family_name FROM pseudonym s "
                           "JOIN person p ON p.id = s.person WHERE s.subject = ?1",
                           error))
            return false;
        bind_int(s, 1, r->subjects[i]);
        if (statement_step(s, error)) {
            r->out->pupils[i].given = arena_copy(r->arena, column_text(s, 0));
            r->out->pupils[i].family = arena_copy(r->arena, column_text(s, 1));
        }
        if (!statement_end(s, error)) return false;
        if (!r->out->pupils[i].given || !r->out->pupils[i].family)
            return error_plain(error, "wave.memory");
    }
    return true;
}

static int by_name(const void *left, const void *right) {
    const struct lesson_pupil *a = left, *b = right;
    const struct language *danish = language_get("da");
    int order = i18n_compare(danish, a->given, b->given);
    if (order == 0) order = i18n_compare(danish, a->family, b->family);
    return order ? order : (a->assignment > b->assignment) - (a->assignment < b->assignment);
}

bool lesson_read(struct programme *programme, const struct collect_keys *keys, int64_t unit,
                 bool named, struct arena *arena, struct lesson *out, struct error *error) {
    struct lesson_reading r = {
        .programme = programme, .keys = keys, .arena = arena, .out = out, .unit = unit
    };
    *out = (struct lesson){ .n = 0 };
    if (!find_wave(&r, error)) return false;
    if (out->wave.number == 0) return true;
    if (!make_room(&r, error) || !read_forms(&r, named, error) || !read_absent(&r, error) ||
        (named && !read_names(&r, error)))
        return false;
    qsort(out->pupils, out->n, sizeof *out->pupils, by_name);
    return true;
}

bool lesson_renew(struct store *study, const struct collect_keys *keys, const struct lesson *lesson,
                  int64_t assignment, int64_t unit, int64_t account, char out[CODE_TEXT],
                  struct error *error) {
    for (size_t i = 0; i < lesson->n; i++) {
        const struct lesson_pupil *pupil = &lesson->pupils[i];
        if (assignment <= 0 || pupil->assignment != assignment || pupil->state == LESSON_DONE)
            continue;
        struct code_event event = { .unit = unit, .account = account };
        return code_renew(study, keys, assignment, &event, out, error);
    }
    return error_plain(error, "code.unknown");
}

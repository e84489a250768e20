#include "collect/opening.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "store/programme.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PAGES_AT_ONCE = 16 };

enum { TOGETHER = 20 };

struct door {
    struct programme *programme;
    struct arena *arena;
    struct opening *out;
    int64_t informant, school, device;
    const char *state, *opens; /* of the wave */
    int64_t *subjects, *devices;
};

static bool read_head(struct door *door, int64_t assignment, struct error *error) {
    struct statement *s;
    struct opening *out = door->out;
    if (!store_prepare(door->programme->study, &s,
                       "SELECT a.instrument, a.wave, a.informant, i.respondent, w.state, w.opens, "
                       "w.closes, u.name, COALESCE(u.parent, u.id) FROM assignment a "
                       "JOIN instrument i ON i.id = a.instrument JOIN wave w ON w.number = a.wave "
                       "JOIN unit u ON u.id = a.unit WHERE a.id = ?1",
                       error))
        return false;
    bind_int(s, 1, assignment);
    bool found = statement_step(s, error);
    if (found) {
        out->instrument = column_int(s, 0);
        out->wave = (int)column_int(s, 1);
        door->informant = column_int(s, 2);
        respondent_from_name(column_text(s, 3), &out->respondent);
        door->state = arena_copy(door->arena, column_text(s, 4));
        door->opens = arena_copy(door->arena, column_text(s, 5));
        out->wave_closes = arena_copy(door->arena, column_text(s, 6));
        out->unit = arena_copy(door->arena, column_text(s, 7));
        door->school = column_int(s, 8);
    }
    if (!statement_end(s, error)) return false;
    return found || error_plain(error, "code.unknown");
}

static enum save_outcome state_of(const char *state) {
    if (strcmp(state, "open") == 0) return SAVE_KEPT;
    if (strcmp(state, "submitted") == 0) return SAVE_DONE;
    return strcmp(state, "declined") == 0 ? SAVE_WITHDRAWN : SAVE_CLOSED;
}

#define FORMS                                                                                      \
    "SELECT a.id, a.subject, a.state, a.generation, a.device, MAX(e.grade) FROM assignment a "       \
    "LEFT JOIN enrolment e ON e.wave = a.wave AND e.subject = a.subject AND e.unit = a.unit WHERE "
#define IN_ORDER " GROUP BY a.id, a.subject, a.state, a.generation, a.device ORDER BY a.id"

/* A class teacher's forms, or the one. Two questions, so that each has its own way through the indexes. */
static bool ask_forms(struct door *door, int64_t assignment, struct statement **s,
                      struct error *error) {
    struct store *study = door->programme->study;
    const struct opening *out = door->out;
    if (out->respondent != RESPONDENT_CLASS_TEACHER) {
        if (!store_prepare(study, s, FORMS "a.id = ?1" IN_ORDER, error)) return false;
        bind_int(*s, 1, assignment);
        return true;
    }
    if (!store_prepare(study, s, FORMS "a.wave = ?1 AND a.instrument = ?2 AND a.informant = ?3" IN_ORDER,
                       error))
        return false;
    bind_int(*s, 1, out->wave);
    bind_int(*s, 2, out->instrument);
    bind_int(*s, 3, door->informant);
    return true;
}

static bool read_forms(struct door *door, int64_t assignment, struct error *error) {
    struct statement *s;
    struct opening *out = door->out;
    if (!ask_forms(door, assignment, &s, error)) return false;
    while (out->n < FORMS_A_CODE_MAX && statement_step(s, error)) {
        struct opening_form *form = &out->forms[out->n];
        *form = (struct opening_form){
            .grant = { .assignment = column_int(s, 0),
                       .instrument = out->instrument,
                       .device = door->device,
                       .wave = out->wave,
                       .generation = (int32_t)column_int(s, 3),
                       .page = -1,
                       .grade = column_is_null(s, 5) ? -1 : (int32_t)column_int(s, 5) },
            .state = state_of(column_text(s, 2)),
            .name = "",
            .full_name = ""
        };
        door->subjects[out->n] = column_int(s, 1);
        door->devices[out->n++] = column_int(s, 4);
    }
    return statement_end(s, error);
}

#define PAGES "SELECT p.assignment, p.page, p.codes, p.revision FROM answer_page p "

static bool ask_pages(struct door *door, int64_t assignment, struct statement **s,
                      struct error *error) {
    const struct opening *out = door->out;
    bool class = out->respondent == RESPONDENT_CLASS_TEACHER;
    if (!store_prepare(door->programme->study, s,
                       class ? PAGES "JOIN assignment a ON a.id = p.assignment WHERE a.wave = ?1 "
                                     "AND a.instrument = ?2 AND a.informant = ?3 "
                                     "ORDER BY p.assignment, p.page"
                             : PAGES "WHERE p.assignment = ?1 ORDER BY p.assignment, p.page",
                       error))
        return false;
    bind_int(*s, 1, class ? out->wave : assignment);
    if (class) {
        bind_int(*s, 2, out->instrument);
        bind_int(*s, 3, door->informant);
    }
    return true;
}

/* Which pages are in, of all the forms in one question. */
static bool read_pages(struct door *door, int64_t assignment, struct error *error) {
    struct statement *s;
    struct opening *out = door->out;
    struct opening_page *pages = NULL;
    size_t room = 0, n = 0, first = 0;
    if (!ask_pages(door, assignment, &s, error)) return false;
    for (size_t at = 0; statement_step(s, error);) {
        size_t length = 0;
        const uint8_t *codes = column_blob(s, 2, &length);
        while (at < out->n && out->forms[at].grant.assignment < column_int(s, 0)) at++;
        if (at == out->n || out->forms[at].grant.assignment != column_int(s, 0)) continue;
        if (n == room) {
            pages = arena_grow(door->arena, pages, room, room + PAGES_AT_ONCE, sizeof *pages);
            room += PAGES_AT_ONCE;
            if (!pages) break;
        }
        struct opening_form *form = &out->forms[at];
        form->pages_kept++;
        if (column_int(s, 3) > form->revision) form->revision = column_int(s, 3);
        pages[n++] = (struct opening_page){
            .number = (int)column_int(s, 1),
            .whole = length > 0 && !memchr(codes, ANSWER_NOT_SEEN, length),
            .codes = (const uint8_t *)arena_copy_bytes(door->arena, (const char *)codes, length),
            .n_codes = length
        };
    }
    if (!statement_end(s, error)) return false;
    for (size_t i = 0; pages && i < out->n; first += out->forms[i++].pages_kept)
        out->forms[i].pages = pages + first;
    return pages || room == 0 || error_plain(error, "pages.memory");
}

static bool count_earlier(struct door *door, int64_t assignment, const char *sql, bool *none,
                          struct error *error) {
    struct statement *s;
    if (!store_prepare(door->programme->study, &s, sql, error)) return false;
    bind_int(s, 1, door->out->wave);
    bind_int(s, 2, door->out->instrument);
    bind_int(s, 3, door->informant);
    bind_int(s, 4, assignment);
    bind_int(s, 5, door->school);
    if (statement_step(s, error)) *none = column_int(s, 0) == 0;
    return statement_end(s, error);
}

/* Questions about the parent are asked once a parent, questions about the school once a school: in
 * the first of the forms. */
static bool find_firsts(struct door *door, struct opening_form *form, struct error *error) {
    bool person = false, school = false;
    if (!count_earlier(door, form->grant.assignment,
                       "SELECT COUNT(*) FROM assignment WHERE wave = ?1 AND instrument = ?2 "
                       "AND informant = ?3 AND id < ?4 AND ?5 = ?5",
                       &person, error) ||
        !count_earlier(door, form->grant.assignment,
                       "SELECT COUNT(*) FROM assignment a JOIN unit u ON u.id = a.unit "
                       "WHERE a.wave = ?1 AND a.instrument = ?2 AND a.informant = ?3 AND a.id < ?4 "
                       "AND COALESCE(u.parent, u.id) = ?5",
                       &school, error))
        return false;
    form->grant.first = (person ? 1 : 0) | (school ? 2 : 0);
    return true;
}

static void keep_name(struct door *door, struct opening_form *form, const char *given,
                      const char *family) {
    struct text full = text_new(door->arena, 2 * NAME_MAX_BYTES);
    text_addf(&full, "%s %s", given, family);
    form->name = arena_copy(door->arena, given);
    form->full_name = text_string(&full);
}

/* The names of up to TOGETHER of those whom the forms are about, in one question. */
static bool read_some_names(struct door *door, size_t from, size_t n, struct error *error) {
    struct statement *s;
    if (!store_prepare(door->programme->identity, &s,
                       "SELECT s.subject, p.given_name, p.family_name FROM pseudonym s "
                       "JOIN person p ON p.id = s.person WHERE s.subject IN (?1, ?2, ?3, ?4, ?5, ?6, "
                       "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
                       error))
        return false;
    for (size_t i = 0; i < TOGETHER; i++)
        bind_int(s, (int)i + 1, door->subjects[from + (i < n ? i : n - 1)]);
    while (statement_step(s, error))
        for (size_t i = from; i < from + n; i++)
            if (door->subjects[i] == column_int(s, 0))
                keep_name(door, &door->out->forms[i], column_text(s, 1), column_text(s, 2));
    return statement_end(s, error);
}

static bool read_names(struct door *door, struct error *error) {
    for (size_t at = 0; at < door->out->n; at += TOGETHER) {
        size_t left = door->out->n - at;
        if (!read_some_names(door, at, left < TOGETHER ? left : TOGETHER, error)) return false;
    }
    return true;
}

/* Midnight after the grace days, somewhere in the world's earliest zone: nobody is cut off by a
 * clock. */
static int64_t end_of_grace(const char *closes) {
    struct tm day = { 0 };
    int year = 0, month = 0, date = 0;
    for (int i = 0; i < 4; i++) year = year * 10 + closes[i] - '0';
    for (int i = 5; i < 7; i++) month = month * 10 + closes[i] - '0';
    for (int i = 8; i < 10; i++) date = date * 10 + closes[i] - '0';
    day.tm_year = year - 1900;
    day.tm_mon = month - 1;
    day.tm_mday = date + 1 + GRACE_DAYS;
    day.tm_hour = 12;
    return (int64_t)timegm(&day);
}

static bool fill_form(struct door *door, size_t i, struct error *error) {
    struct opening *out = door->out;
    struct opening_form *form = &out->forms[i];
    form->grant.expires = end_of_grace(out->wave_closes);
    form->grant.first = 3;
    if (form->state == SAVE_KEPT && strcmp(door->state, "open") != 0) form->state = SAVE_CLOSED;
    if (form->state == SAVE_KEPT && door->devices[i] && door->devices[i] != door->device)
        form->state = SAVE_ELSEWHERE;
    return out->respondent != RESPONDENT_PARENT || find_firsts(door, form, error);
}

static bool is_about_another(enum respondent respondent) {
    return respondent == RESPONDENT_CLASS_TEACHER || respondent == RESPONDENT_PARENT;
}

bool form_open(struct programme *programme, int64_t assignment, int64_t device, const char *today,
               struct arena *arena, struct opening *out, struct error *error) {
    struct door door = { .programme = programme, .arena = arena, .out = out, .device = device };
    *out = (struct opening){ .n = 0 };
    if (!programme->identity && !programme_open_identity(programme, error)) return false;
    while (door.device <= 0) {
        randombytes_buf(&door.device, sizeof door.device);
        door.device &= INT64_MAX;
    }
    out->forms = arena_array(arena, FORMS_A_CODE_MAX, sizeof *out->forms);
    door.subjects = arena_array(arena, FORMS_A_CODE_MAX, sizeof *door.subjects);
    door.devices = arena_array(arena, FORMS_A_CODE_MAX, sizeof *door.devices);
    if (!out->forms || !door.subjects || !door.devices) return error_plain(error, "pages.memory");
    if (!read_head(&door, assignment, error) || !read_forms(&door, assignment, error)) return false;
    out->open = strcmp(door.state, "open") == 0 && strcmp(today, door.opens) >= 0 &&
                strcmp(today, out->wave_closes) <= 0;
    for (size_t i = 0; i < out->n; i++)
        if (!fill_form(&door, i, error)) return false;
    return read_pages(&door, assignment, error) &&
           (!is_about_another(out->respondent) || read_names(&door, error));
}

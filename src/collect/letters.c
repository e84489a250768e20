#include "collect/letters.h"

#include "base/arena.h"
#include "base/error.h"
#include "collect/give.h"
#include "collect/wave.h"
#include "i18n/i18n.h"
#include "instrument/approval.h"
#include "store/programme.h"

#include <stdlib.h>
#include <string.h>

/* A letter before it has names: whose it is by pseudonym. */
struct addressee {
    struct letter letter;
    int64_t informant, subject, instrument;
};

/* Somebody of the identity store, by pseudonym. */
struct someone {
    int64_t subject;
    const char *given, *family, *address;
};

struct reading {
    struct programme *programme;
    const struct collect_keys *keys;
    struct arena *arena;
    int wave;
    size_t n, n_people;
    struct addressee *addressees;
    struct someone *people;
    struct offered offered[WAVE_INSTRUMENTS_MAX]; /* languages, of each of the wave's forms */
};

static bool count(struct store *store, const char *sql, int wave, size_t *n, struct error *error) {
    struct statement *s;
    if (!store_prepare(store, &s, sql, error)) return false;
    bind_int(s, 1, wave);
    if (statement_step(s, error)) *n = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

/* One a code: of a class teacher's forms the first. */
static bool read_addressees(struct reading *reading, struct error *error) {
    struct statement *s;
    size_t room = 0;
    if (!count(reading->programme->study, "SELECT COUNT(*) FROM assignment WHERE wave = ?1",
               reading->wave, &room, error))
        return false;
    reading->addressees = arena_array(reading->arena, room + 1, sizeof *reading->addressees);
    if (!reading->addressees) return error_plain(error, "wave.memory");
    if (!store_prepare(reading->programme->study, &s,
                       "SELECT a.id, a.unit, i.respondent, a.informant, a.subject, a.generation, a.state, "
                       "a.instrument "
                       "FROM respondent_code c JOIN assignment a ON a.id = c.assignment "
                       "AND a.generation = c.generation JOIN instrument i ON i.id = a.instrument "
                       "WHERE a.wave = ?1 ORDER BY a.id", error))
        return false;
    bind_int(s, 1, reading->wave);
    while (reading->n < room && statement_step(s, error)) {
        struct addressee *to = &reading->addressees[reading->n++];
        to->letter.unit = column_int(s, 1);
        respondent_from_name(column_text(s, 2), &to->letter.respondent);
        to->informant = column_int(s, 3);
        to->subject = column_int(s, 4);
        to->letter.done = strcmp(column_text(s, 6), "open") != 0;
        to->instrument = column_int(s, 7);
        code_derive(reading->keys, column_int(s, 0), (int)column_int(s, 5),
                    code_length(to->letter.respondent), to->letter.code);
    }
    return statement_end(s, error);
}

bool letters_unheld(struct store *study, int wave, struct arena *arena, struct unheld **out, size_t *n,
                    struct error *error) {
    struct statement *s;
    size_t room = 0;
    *n = 0;
    if (!count(study, "SELECT COUNT(*) FROM unit WHERE ?1 = ?1", 0, &room, error)) return false;
    *out = arena_array(arena, room + 1, sizeof **out);
    if (!*out) return error_plain(error, "wave.memory");
    if (!store_prepare(study, &s,
                       "SELECT e.unit, COUNT(*) FROM enrolment e JOIN wave_instrument w ON w.wave = e.wave "
                       "JOIN instrument i ON i.id = w.instrument AND i.respondent = 'parent' "
                       "WHERE e.wave = ?1 AND e.role = 'pupil' AND NOT EXISTS (SELECT 1 FROM assignment a "
                       "WHERE a.wave = e.wave AND a.instrument = i.id AND a.subject = e.subject) "
                       "GROUP BY e.unit ORDER BY e.unit", error))
        return false;
    bind_int(s, 1, wave);
    while (*n < room && statement_step(s, error))
        (*out)[(*n)++] = (struct unheld){ column_int(s, 0), (size_t)column_int(s, 1) };
    return statement_end(s, error);
}

static bool read_people(struct reading *reading, struct error *error) {
    struct statement *s;
    size_t room = 0;
    struct store *identity = reading->programme->identity;
    if (!count(identity, "SELECT COUNT(*) FROM pseudonym WHERE ?1 = ?1", 0, &room, error)) return false;
    reading->people = arena_array(reading->arena, room + 1, sizeof *reading->people);
    if (!reading->people) return error_plain(error, "wave.memory");
    if (!store_prepare(identity, &s,
                       "SELECT s.subject, p.given_name, p.family_name, CASE WHEN g.person IS NULL "
                       "THEN p.address END FROM pseudonym s JOIN person p ON p.id = s.person "
                       "LEFT JOIN (SELECT DISTINCT person FROM guardian WHERE protected = 1) g "
                       "ON g.person = p.id "
                       "ORDER BY s.subject", error))
        return false;
    while (reading->n_people < room && statement_step(s, error)) {
        const char *address = column_text(s, 3);
        reading->people[reading->n_people++] =
            (struct someone){ column_int(s, 0), arena_copy(reading->arena, column_text(s, 1)),
                              arena_copy(reading->arena, column_text(s, 2)),
                              address ? arena_copy(reading->arena, address) : "" };
    }
    return statement_end(s, error);
}

static bool read_forms(struct reading *reading, const struct wave *wave, struct error *error) {
    struct store *study = reading->programme->study;
    for (size_t i = 0; i < wave->n_instruments; i++) {
        struct instrument *form;
        if (!instrument_by_id(study, wave->instruments[i], reading->arena, &form, error) ||
            !languages_offered(study, wave->instruments[i], form, reading->arena,
                               &reading->offered[i], error))
            return false;
    }
    return true;
}

static void add_languages(const struct reading *reading, const struct wave *wave, int64_t instrument,
                          struct letter *letter) {
    for (size_t i = 0; i < wave->n_instruments; i++) {
        if (wave->instruments[i] != instrument) continue;
        letter->languages = reading->offered[i].tags;
        letter->n_languages = reading->offered[i].n;
    }
}

static const struct someone *find(const struct reading *reading, int64_t subject) {
    static const struct someone nobody = { 0, "", "", "" };
    size_t low = 0, high = reading->n_people;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reading->people[middle].subject < subject) low = middle + 1;
        else high = middle;
    }
    bool found = low < reading->n_people && reading->people[low].subject == subject;
    return found ? &reading->people[low] : &nobody;
}

static int by_place(const void *left, const void *right) {
    const struct letter *a = left, *b = right;
    const struct language *danish = language_get("da");
    if (a->unit != b->unit) return a->unit < b->unit ? -1 : 1;
    if (a->respondent != b->respondent) return a->respondent < b->respondent ? -1 : 1;
    int order = i18n_compare(danish, a->child, b->child);
    if (order == 0) order = i18n_compare(danish, a->given, b->given);
    if (order == 0) order = i18n_compare(danish, a->family, b->family);
    return order ? order : strcmp(a->code, b->code);
}

bool letters_read(struct programme *programme, const struct collect_keys *keys, int wave,
                  struct arena *arena, struct letter **out, size_t *n, struct error *error) {
    struct reading reading = { .programme = programme, .keys = keys, .arena = arena, .wave = wave };
    struct wave there;
    if (!wave_get(programme->study, wave, &there, error)) return false;
    if (!programme->identity && !programme_open_identity(programme, error)) return false;
    if (!read_addressees(&reading, error) || !read_people(&reading, error) ||
        !read_forms(&reading, &there, error))
        return false;
    *out = arena_array(arena, reading.n + 1, sizeof **out);
    if (!*out) return error_plain(error, "wave.memory");
    for (size_t i = 0; i < reading.n; i++) {
        struct letter *letter = &(*out)[i];
        const struct addressee *to = &reading.addressees[i];
        const struct someone *receiver = find(&reading, to->informant);
        *letter = to->letter;
        add_languages(&reading, &there, to->instrument, letter);
        letter->given = receiver->given;
        letter->family = receiver->family;
        letter->address = receiver->address;
        letter->child = letter->respondent == RESPONDENT_PARENT ? find(&reading, to->subject)->given : "";
    }
    qsort(*out, reading.n, sizeof **out, by_place);
    *n = reading.n;
    return true;
}

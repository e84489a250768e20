/* Writes what import_compare marked, within a transaction of each store that the caller holds. */
#include "roster/import.h"

#include "store/programme.h"
#include "store/store.h"

#include <sodium.h>

#include <stdio.h>
#include <string.h>

static void progress(const struct import *import, double from, double to, size_t i, size_t n) {
    if ((i & 0xFFF) == 0 && import->options->progress)
        import->options->progress(import->options->context,
                                  from + (to - from) * (double)i / (double)(n ? n : 1));
}

static void bind_grade(struct statement *s, int index, int grade) {
    if (grade >= 0) bind_int(s, index, grade);
}

static void bind_gender(struct statement *s, int index, int8_t gender) {
    const char text[2] = { (char)(gender > 0 ? gender : 0), '\0' };
    bind_text(s, index, gender > 0 ? text : NULL);
}

/* ---- units ---------------------------------------------------------------------------------- */

static bool add_unit(struct import *import, struct tree_unit *u, struct error *error) {
    struct statement *s;
    if (!store_prepare(import->programme->study, &s,
                       "INSERT INTO unit(kind, parent, code, name, grade) VALUES (?1, ?2, ?3, ?4, "
                       "?5) RETURNING id",
                       error))
        return false;
    bind_text(s, 1, unit_kind_name(u->kind));
    bind_int(s, 2, import->tree.unit[u->parent].id);
    bind_text(s, 3, u->code);
    bind_text(s, 4, u->new_name);
    bind_grade(s, 5, u->new_grade);
    if (statement_step(s, error)) u->id = column_int(s, 0);
    return statement_end(s, error);
}

static bool change_unit(struct import *import, const struct tree_unit *u, struct error *error) {
    struct statement *s;
    if (!store_prepare(import->programme->study, &s,
                       "UPDATE unit SET name = ?2, grade = ?3, active = 1 WHERE id = ?1", error))
        return false;
    bind_int(s, 1, u->id);
    bind_text(s, 2, u->new_name ? u->new_name : u->name);
    bind_grade(s, 3, u->new_grade == GRADE_KEEP ? u->grade : u->new_grade);
    return statement_run(s, error);
}

static bool write_units(struct import *import, struct error *error) {
    for (size_t i = 0; i < import->tree.n; i++) {
        struct tree_unit *u = &import->tree.unit[i];
        if (!u->seen) continue;
        if (!(u->id == 0 ? add_unit(import, u, error) : change_unit(import, u, error)))
            return false;
    }
    return true;
}

/* ---- identity ------------------------------------------------------------------------------- */

static bool add_person(struct store *identity, const struct person *p, struct error *error) {
    struct statement *s;
    if (!store_prepare(
            identity, &s,
            "INSERT INTO person(kind, source_key, given_name, family_name, email, address)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            error))
        return false;
    bind_text(s, 1, person_kind_name(p->kind));
    bind_text(s, 2, p->key);
    for (int d = 0; d < DETAILS; d++)
        bind_text(s, 3 + d, p->detail[d] ? p->detail[d] : d <= DETAIL_FAMILY ? "" : NULL);
    return statement_run(s, error);
}

static bool change_person(struct store *identity, const struct person *p, struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s,
                       "UPDATE person SET given_name = COALESCE(?2, given_name),"
                       " family_name = COALESCE(?3, family_name), email = COALESCE(?4, email),"
                       " address = COALESCE(?5, address), active = 1 WHERE id = ?1",
                       error))
        return false;
    bind_int(s, 1, p->id);
    for (int d = 0; d < DETAILS; d++) bind_text(s, 2 + d, p->detail[d]);
    return statement_run(s, error);
}

static bool last_person(struct store *identity, int64_t *id, struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s, "SELECT MAX(id) FROM person", error)) return false;
    if (statement_step(s, error)) *id = column_int(s, 0);
    return statement_end(s, error);
}

/* The keys that the database gave to those who are new, read at once: asking for each as it is
 * inserted would wait for PostgreSQL two hundred thousand times. */
static bool fetch_ids(struct import *import, int64_t after, struct error *error) {
    struct statement *s;
    if (!store_prepare(import->programme->identity, &s,
                       "SELECT id, kind, source_key FROM person WHERE id > ?1", error))
        return false;
    bind_int(s, 1, after);
    while (statement_step(s, error)) {
        char key[CODE_MAX + 16];
        const char *kind_name = column_text(s, 1);
        enum person_kind kind = PERSON_PUPIL;
        while (kind < PERSON_STAFF && strcmp(person_kind_name(kind), kind_name) != 0) kind++;
        int length = snprintf(key, sizeof key, "%d%s", (int)kind, column_text(s, 2));
        size_t index = map_get(&import->people_keys, key, (size_t)length);
        if (index != MAP_NEW) import->people[index].id = column_int(s, 0);
    }
    return statement_end(s, error);
}

static bool add_pseudonym(struct store *identity, struct person *p, struct error *error) {
    struct statement *s;
    /* Of 62 random bits: among a million people, two alike are met once in ten million imports. */
    randombytes_buf(&p->subject, sizeof p->subject);
    p->subject = (int64_t)((uint64_t)p->subject >> 2) | 1;
    if (!store_prepare(identity, &s, "INSERT INTO pseudonym(person, subject) VALUES (?1, ?2)",
                       error))
        return false;
    bind_int(s, 1, p->id);
    bind_int(s, 2, p->subject);
    return statement_run(s, error);
}

static bool write_people(struct import *import, struct error *error) {
    struct store *identity = import->programme->identity;
    size_t n = import->people_list.n;
    int64_t last = 0;
    if (!last_person(identity, &last, error)) return false;
    for (size_t i = 0; i < n; i++) {
        struct person *p = &import->people[i];
        progress(import, 0.45, 0.6, i, n);
        if (p->id ? p->changed && !change_person(identity, p, error)
                  : !add_person(identity, p, error))
            return false;
    }
    if (!fetch_ids(import, last, error)) return false;
    for (size_t i = 0; i < n; i++) {
        struct person *p = &import->people[i];
        progress(import, 0.6, 0.7, i, n);
        if (p->subject == 0 && !add_pseudonym(identity, p, error)) return false;
    }
    return true;
}

static bool write_links(struct import *import, struct error *error) {
    struct statement *s;
    for (size_t i = 0; i < import->links_list.n; i++) {
        const struct link *link = &import->links[i];
        progress(import, 0.7, 0.8, i, import->links_list.n);
        if (link->stored && !link->changed) continue;
        if (!store_prepare(
                import->programme->identity, &s,
                "INSERT INTO guardian(child, person, custody, protected) VALUES (?1, ?2, ?3, ?4)"
                " ON CONFLICT (child, person) DO UPDATE SET custody = excluded.custody,"
                " protected = excluded.protected",
                error))
            return false;
        bind_int(s, 1, import->people[link->child].id);
        bind_int(s, 2, import->people[link->person].id);
        bind_int(s, 3, link->custody);
        bind_int(s, 4, link->protected);
        if (!statement_run(s, error)) return false;
    }
    return true;
}

static bool remove_stale(struct import *import, struct error *error) {
    static const char *const sql[] = {
        [STALE_LINK] = "DELETE FROM guardian WHERE child = ?1 AND person = ?2",
        [STALE_STAFF] = "DELETE FROM staff WHERE person = ?1 AND unit = ?2 AND role = ?3",
        [STALE_ENROLMENT] =
            "DELETE FROM enrolment WHERE subject = ?1 AND unit = ?2 AND role = ?3 AND wave = 0",
    };
    struct statement *s;
    for (size_t i = 0; i < import->stale_list.n; i++) {
        const struct stale *stale = &import->stale[i];
        struct store *store = stale->table == STALE_ENROLMENT ? import->programme->study
                                                              : import->programme->identity;
        if (!store_prepare(store, &s, sql[stale->table], error)) return false;
        bind_int(s, 1, stale->a);
        bind_int(s, 2, stale->b);
        if (stale->table != STALE_LINK) bind_text(s, 3, stale->role);
        if (!statement_run(s, error)) return false;
    }
    return true;
}

static bool write_staff(struct import *import, struct error *error) {
    struct statement *s;
    for (size_t i = 0; i < import->places_list.n; i++) {
        const struct place *place = &import->places[i];
        if (place->stored) continue;
        if (!store_prepare(import->programme->identity, &s,
                           "INSERT INTO staff(person, unit, role) VALUES (?1, ?2, ?3)", error))
            return false;
        bind_int(s, 1, import->people[place->person].id);
        bind_int(s, 2, import->tree.unit[place->unit].id);
        bind_text(s, 3, staff_role_name(place->role));
        if (!statement_run(s, error)) return false;
    }
    return true;
}

/* ---- study ---------------------------------------------------------------------------------- */

static bool enrol(struct import *import, const struct person *p, long unit, const char *role,
                  struct error *error) {
    struct statement *s;
    if (!store_prepare(import->programme->study, &s,
                       "INSERT INTO enrolment(subject, unit, wave, role, grade, gender)"
                       " VALUES (?1, ?2, 0, ?3, ?4, ?5)",
                       error))
        return false;
    bind_int(s, 1, p->subject);
    bind_int(s, 2, import->tree.unit[unit].id);
    bind_text(s, 3, role);
    bind_grade(s, 4, p->grade);
    bind_gender(s, 5, p->gender);
    return statement_run(s, error);
}

static bool change_enrolment(struct import *import, const struct person *p, struct error *error) {
    struct statement *s;
    if (!store_prepare(import->programme->study, &s,
                       "UPDATE enrolment SET unit = ?2, grade = ?3, gender = ?4"
                       " WHERE subject = ?1 AND wave = 0 AND role = 'pupil'",
                       error))
        return false;
    bind_int(s, 1, p->subject);
    bind_int(s, 2, import->tree.unit[p->unit].id);
    bind_grade(s, 3, p->grade);
    bind_gender(s, 4, p->gender);
    return statement_run(s, error);
}

static bool write_enrolments(struct import *import, struct error *error) {
    size_t n = import->people_list.n;
    for (size_t i = 0; i < n; i++) {
        const struct person *p = &import->people[i];
        progress(import, 0.8, 0.98, i, n);
        if (p->kind != PERSON_PUPIL || p->referred) continue;
        if (p->enrolled ? (p->moved || p->regraded) && !change_enrolment(import, p, error)
                        : !enrol(import, p, p->unit, "pupil", error))
            return false;
    }
    for (size_t i = 0; i < import->places_list.n; i++) {
        const struct place *place = &import->places[i];
        if (!place->enrolled && !enrol(import, &import->people[place->person], place->unit,
                                       staff_role_name(place->role), error))
            return false;
    }
    return true;
}

bool import_write(struct import *import, struct error *error) {
    return remove_stale(import, error) && write_units(import, error) &&
           write_people(import, error) && write_links(import, error) &&
           write_staff(import, error) && write_enrolments(import, error);
}

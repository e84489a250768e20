/* Holds what the files say against the two stores, marks what differs, and counts it. */
#include "roster/import.h"

#include "base/arena.h"
#include "base/text.h"
#include "store/programme.h"
#include "store/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void import_change(struct import *import, const char *format, ...) {
    if (!import->options->dry_run || !import->options->change) return;
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    import->options->change(import->options->context, line);
}

static const char *path_of(const struct import *import, long index) {
    static _Thread_local char out[2][PATH_CODES_MAX]; /* two may stand in one line */
    static _Thread_local int turn;
    return tree_path_of(&import->tree, index, out[turn ^= 1], sizeof out[0]);
}

static const char *grade_text(int grade, char out[12]) {
    if (grade < 0) return "-";
    snprintf(out, 12, "%d", grade);
    return out;
}

static bool no_memory(struct error *error) { return error_plain(error, "store.memory"); }

static bool is_stale(struct import *import, struct stale stale, struct error *error) {
    struct stale *slot = list_add(import->arena, (void **)&import->stale, &import->stale_list,
                                  sizeof stale, ROSTER_PEOPLE_MAX);
    if (!slot) return no_memory(error);
    *slot = stale;
    return true;
}

static bool index_by(struct map *map, int64_t id, size_t index, struct error *error) {
    size_t *place = map_put(map, &id, sizeof id);
    if (!place) return no_memory(error);
    *place = index;
    return true;
}

/* The person of the files with that id (or subject), or NULL. */
static struct person *person_at(const struct import *import, const struct map *map, int64_t id) {
    size_t index = map_get(map, &id, sizeof id);
    return index == MAP_NEW ? NULL : &import->people[index];
}

/* Walks a query: take is called with each row until it fails. */
static bool walk(struct import *import, struct store *store, const char *sql,
                 bool (*take)(struct import *, struct statement *, struct error *),
                 struct error *error) {
    struct statement *s;
    if (!store_prepare(store, &s, sql, error)) return false;
    bool sound = true;
    while (sound && statement_step(s, error)) sound = take(import, s, error);
    return statement_end(s, sound ? error : &(struct error){ 0 }) && sound;
}

/* ---- units ---------------------------------------------------------------------------------- */

static void compare_units(struct import *import) {
    char old[12], new[12];
    for (size_t i = 0; i < import->tree.n; i++) {
        struct tree_unit *u = &import->tree.unit[i];
        if (!u->seen) continue;
        const char *path = path_of(import, (long)i);
        if (u->id == 0) {
            if (!u->new_name) u->new_name = u->code;
            import->summary->units_added++;
            import_change(import, "+ %s %s \"%s\"", unit_kind_name(u->kind), path, u->new_name);
            continue;
        }
        bool renamed = u->new_name && strcmp(u->new_name, u->name) != 0;
        bool regraded = u->new_grade != GRADE_KEEP && u->new_grade != u->grade;
        if (!renamed) u->new_name = NULL;
        if (!regraded) u->new_grade = GRADE_KEEP;
        if (!renamed && !regraded && u->active) {
            u->seen = false; /* nothing to write */
            continue;
        }
        import->summary->units_changed++;
        if (renamed)
            import_change(import, "~ %s %s: \"%s\" → \"%s\"", unit_kind_name(u->kind), path,
                          u->name, u->new_name);
        if (regraded)
            import_change(import, "~ %s %s: grade %s → %s", unit_kind_name(u->kind), path,
                          grade_text(u->grade, old), grade_text(u->new_grade, new));
        if (!u->active)
            import_change(import, "~ %s %s: inactive → active", unit_kind_name(u->kind), path);
    }
}

/* ---- identity ------------------------------------------------------------------------------- */

static bool take_person(struct import *import, struct statement *s, struct error *error) {
    static const char *const names[DETAILS] = { "given name", "family name", "email", "address" };
    const char *kind_name = column_text(s, 1), *stored_key = column_text(s, 2);
    enum person_kind kind = PERSON_PUPIL;
    while (kind < PERSON_KINDS && strcmp(person_kind_name(kind), kind_name) != 0) kind++;
    char key[512];
    int length = snprintf(key, sizeof key, "%d%s", (int)kind, stored_key);
    size_t index = map_get(&import->people_keys, key, (size_t)length);
    if (index == MAP_NEW) return true;
    struct person *p = &import->people[index];
    p->id = column_int(s, 0);
    p->subject = column_int(s, 8);
    for (int d = 0; d < DETAILS; d++) {
        const char *old = column_text(s, 3 + d), *new = p->detail[d];
        if (!old) old = "";
        if (!new || strcmp(old, new) == 0) continue;
        p->changed = true;
        import_change(import, "~ %s %s: %s \"%s\" → \"%s\"", kind_name, p->key, names[d], old, new);
    }
    if (!p->referred && column_int(s, 7) == 0) {
        p->changed = true;
        import_change(import, "~ %s %s: inactive → active", kind_name, p->key);
    }
    return index_by(&import->people_ids, p->id, index, error) &&
           (p->subject == 0 || index_by(&import->people_subjects, p->subject, index, error));
}

static bool take_link(struct import *import, struct statement *s, struct error *error) {
    int64_t child_id = column_int(s, 0), person_id = column_int(s, 1);
    const struct person *child = person_at(import, &import->people_ids, child_id);
    const struct person *person = person_at(import, &import->people_ids, person_id);
    if (!child || !child->listed) return true;
    size_t pair[2] = { (size_t)(child - import->people),
                       person ? (size_t)(person - import->people) : MAP_NEW };
    size_t index = person ? map_get(&import->link_keys, pair, sizeof pair) : MAP_NEW;
    if (index == MAP_NEW) {
        import->summary->guardians_removed++;
        import_change(import, "- guardian %s of pupil %s", person ? person->key : "", child->key);
        return is_stale(
            import, (struct stale){ .table = STALE_LINK, .a = child_id, .b = person_id }, error);
    }
    struct link *link = &import->links[index];
    int8_t custody = (int8_t)(column_int(s, 2) != 0), protected = (int8_t)(column_int(s, 3) != 0);
    link->stored = true;
    if (link->custody == FLAG_KEEP) link->custody = custody;
    if (link->protected == FLAG_KEEP) link->protected = protected;
    link->changed = link->custody != custody || link->protected != protected;
    if (!link->changed) return true;
    import->summary->guardians_changed++;
    import_change(import, "~ guardian %s of pupil %s: custody %d → %d, protected %d → %d",
                  person->key, child->key, custody, link->custody, protected, link->protected);
    return true;
}

/* A place of a person in a store: marked where the files have it, else stale. */
static struct place *place_at(struct import *import, const struct person *person, int64_t unit_id,
                              const char *role) {
    enum staff_role r = STAFF_TEACHER;
    while (r < STAFF_ROLES && strcmp(staff_role_name(r), role) != 0) r++;
    long triple[3] = { (long)(person - import->people), units_by_id(&import->units, unit_id),
                       (long)r };
    size_t index = map_get(&import->place_keys, triple, sizeof triple);
    return index == MAP_NEW ? NULL : &import->places[index];
}

static bool take_staff(struct import *import, struct statement *s, struct error *error) {
    int64_t person_id = column_int(s, 0), unit_id = column_int(s, 1);
    const char *role = column_text(s, 2);
    struct stale stale = { .table = STALE_STAFF, .a = person_id, .b = unit_id };
    snprintf(stale.role, sizeof stale.role, "%s", role);
    /* Left from an import that was killed between the two commits. */
    long unit = units_by_id(&import->units, unit_id);
    if (unit < 0) return is_stale(import, stale, error);
    const struct person *person = person_at(import, &import->people_ids, person_id);
    if (!person || !person->listed) return true;
    struct place *place = place_at(import, person, unit_id, role);
    if (place) {
        place->stored = true;
        return true;
    }
    import->summary->staff_removed++;
    import_change(import, "- staff %s: %s at %s", person->key, role, path_of(import, unit));
    return is_stale(import, stale, error);
}

/* ---- study ---------------------------------------------------------------------------------- */

static void compare_pupil(struct import *import, struct statement *s, struct person *p) {
    char old[12], new[12];
    long unit = units_by_id(&import->units, column_int(s, 1));
    int grade = column_is_null(s, 3) ? GRADE_NONE : (int)column_int(s, 3);
    const char *gender_text = column_text(s, 4);
    int8_t gender = gender_text ? (int8_t)gender_text[0] : GENDER_NONE;
    p->enrolled = true;
    if (p->grade == GRADE_KEEP) p->grade = (int8_t)grade;
    if (p->gender == GENDER_KEEP) p->gender = gender;
    p->moved = unit != p->unit;
    p->regraded = p->grade != grade || p->gender != gender;
    if (p->moved) {
        const char *from = unit < 0 ? "-" : path_of(import, unit);
        import_change(import, "~ pupil %s: class %s → %s", p->key, from, path_of(import, p->unit));
    }
    if (p->grade != grade)
        import_change(import, "~ pupil %s: grade %s → %s", p->key, grade_text(grade, old),
                      grade_text(p->grade, new));
    if (p->gender != gender)
        import_change(import, "~ pupil %s: gender %c → %c", p->key, gender ? gender : '-',
                      p->gender ? p->gender : '-');
}

static bool take_enrolment(struct import *import, struct statement *s, struct error *error) {
    int64_t subject = column_int(s, 0), unit_id = column_int(s, 1);
    const char *role = column_text(s, 2);
    struct person *p = person_at(import, &import->people_subjects, subject);
    if (!p || p->referred) return true;
    struct stale stale = { .table = STALE_ENROLMENT, .a = subject, .b = unit_id };
    snprintf(stale.role, sizeof stale.role, "%s", role);
    if (p->kind == PERSON_PUPIL && strcmp(role, "pupil") == 0 && !p->enrolled) {
        compare_pupil(import, s, p);
        return true;
    }
    if (p->kind == PERSON_STAFF && p->listed) {
        struct place *place = place_at(import, p, unit_id, role);
        if (!place) return is_stale(import, stale, error);
        place->enrolled = true;
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* What is new, and what has stayed as it was. */
static bool count_people(struct import *import) {
    struct roster_summary *sum = import->summary;
    for (size_t i = 0; i < import->people_list.n; i++) {
        struct person *p = &import->people[i];
        if (p->referred) {
            if (p->id) continue;
            struct error error;
            error_set(&error, "roster.unknown_child", ARG_TEXT("child", p->key));
            import_fault(import, &error, &p->origin);
            continue;
        }
        if (p->id == 0) {
            sum->people_added++;
            import_change(import, "+ %s %s%s%s", person_kind_name(p->kind), p->key,
                          p->unit >= 0 ? " in " : "", p->unit >= 0 ? path_of(import, p->unit) : "");
        } else if (p->moved) {
            sum->people_moved++;
        } else if (p->changed || p->regraded) {
            sum->people_changed++;
        } else if (p->kind == PERSON_PUPIL && !p->enrolled) {
            sum->people_changed++; /* known by name, but the study store was not reached */
            import_change(import, "~ pupil %s: - → %s", p->key, path_of(import, p->unit));
        } else {
            sum->unchanged++;
        }
    }
    return import->faults->total == 0;
}

static void count_links(struct import *import) {
    for (size_t i = 0; i < import->links_list.n; i++) {
        struct link *link = &import->links[i];
        if (link->stored) continue;
        if (link->custody == FLAG_KEEP) link->custody = 1;
        if (link->protected == FLAG_KEEP) link->protected = 0;
        import->summary->guardians_added++;
        import_change(import, "+ guardian %s of pupil %s", import->people[link->person].key,
                      import->people[link->child].key);
    }
    for (size_t i = 0; i < import->places_list.n; i++) {
        const struct place *place = &import->places[i];
        if (place->stored && place->enrolled) continue;
        import->summary->staff_added++;
        import_change(import, "+ staff %s: %s at %s", import->people[place->person].key,
                      staff_role_name(place->role), path_of(import, place->unit));
    }
}

bool import_compare(struct import *import, struct error *error) {
    struct store *identity = import->programme->identity, *study = import->programme->study;
    compare_units(import);
    if (!walk(import, identity,
              "SELECT p.id, p.kind, p.source_key, p.given_name, p.family_name, p.email, p.address, "
              "p.active,"
              " s.subject FROM person p LEFT JOIN pseudonym s ON s.person = p.id ORDER BY p.id",
              take_person, error) ||
        !walk(import, identity,
              "SELECT child, person, custody, protected FROM guardian ORDER BY child, person",
              take_link, error) ||
        !walk(import, identity, "SELECT person, unit, role FROM staff ORDER BY person, unit, role",
              take_staff, error) ||
        !walk(import, study,
              "SELECT subject, unit, role, grade, gender FROM enrolment WHERE wave = 0"
              " ORDER BY unit, subject",
              take_enrolment, error))
        return false;
    if (!count_people(import)) return false;
    count_links(import);
    return true;
}

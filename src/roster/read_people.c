/* The people of a roster: pupils, guardians of a child, staff and where they work. */
#include "roster/record.h"

#include "base/arena.h"

#include <stdio.h>
#include <string.h>

/* The person of that kind and key: the one that is there already, or a new one. */
static struct person *person_of(struct record *r, enum person_kind kind, const char *key,
                                bool *is_new) {
    struct import *import = r->import;
    char bytes[CODE_MAX + 1];
    int length = snprintf(bytes, sizeof bytes, "%d%s", (int)kind, key);
    size_t *place = map_put(&import->people_keys, bytes, (size_t)length);
    if (place && *place != MAP_NEW) {
        *is_new = false;
        return &import->people[*place];
    }
    size_t index = import->people_list.n;
    struct person *person = place
                                ? list_add(import->arena, (void **)&import->people,
                                           &import->people_list, sizeof *person, ROSTER_PEOPLE_MAX)
                                : NULL;
    const char *copy = arena_copy(import->arena, key);
    if (!person || !copy) {
        r->good = import_memory(import);
        return NULL;
    }
    *place = index;
    *person = (struct person){ .kind = kind,
                               .key = copy,
                               .unit = -1,
                               .grade = GRADE_KEEP,
                               .gender = GENDER_KEEP,
                               .origin = r->origin };
    *is_new = true;
    return person;
}

/* "Anna Sofie Holm" → "Anna Sofie" and "Holm". */
static void split_name(struct record *r, struct person *person) {
    const char *name = record_cell(r, FIELD_NAME), *space = strrchr(name, ' ');
    size_t length = space ? (size_t)(space - name) : 0;
    person->detail[DETAIL_GIVEN] = arena_copy_bytes(r->import->arena, name, length);
    person->detail[DETAIL_FAMILY] = arena_copy(r->import->arena, space ? space + 1 : name);
    if (!person->detail[DETAIL_GIVEN] || !person->detail[DETAIL_FAMILY])
        r->good = import_memory(r->import);
}

/* Takes the details of a person. Those of one who stands on several lines must agree. */
static void read_details(struct record *r, struct person *person, bool is_new) {
    static const enum field fields[DETAILS] = { FIELD_GIVEN, FIELD_FAMILY, FIELD_EMAIL,
                                                FIELD_ADDRESS };
    struct person said = { 0 };
    if (record_has(r, FIELD_NAME) && !record_has(r, FIELD_GIVEN) && !record_has(r, FIELD_FAMILY))
        split_name(r, &said);
    for (int d = 0; d < DETAILS; d++) {
        if (record_has(r, fields[d]))
            said.detail[d] = is_new ? record_keep(r, fields[d]) : record_cell(r, fields[d]);
        if (is_new) {
            person->detail[d] = said.detail[d];
        } else if (said.detail[d] && person->detail[d] &&
                   strcmp(said.detail[d], person->detail[d]) != 0) {
            struct error error;
            char line[256];
            enum field shown = record_has(r, fields[d]) ? fields[d] : FIELD_NAME;
            error_set(&error, "roster.differs", ARG_TEXT("key", person->key),
                      ARG_TEXT("column", record_column(r, shown)),
                      ARG_TEXT("other", line_of(r->import, person->origin, r->origin, line)));
            r->good = import_fault(r->import, &error, &r->origin);
        }
    }
}

/* A class whose pupils are in one grade is of that grade. */
static void note_grade(struct tree_unit *unit, int grade) {
    if (unit->pupil_grade == GRADE_KEEP)
        unit->pupil_grade = grade;
    else if (unit->pupil_grade != grade)
        unit->mixed = true;
}

static void read_pupil_grade(struct record *r, struct person *person) {
    struct tree_unit *unit = &r->import->tree.unit[person->unit];
    int grade = GRADE_NONE;
    if (!read_grade(record_cell(r, FIELD_GRADE), &grade)) {
        record_bad_value(r, FIELD_GRADE, "0–10");
        return;
    }
    if (record_has(r, FIELD_GRADE) && unit->kind == UNIT_CLASS && grade >= 0)
        note_grade(unit, grade);
    int of_class = class_grade(unit->code);
    if (of_class < 0 && *record_cell(r, FIELD_CLASS_NAME))
        of_class = class_grade(record_cell(r, FIELD_CLASS_NAME));
    if (of_class >= 0 && unit->kind == UNIT_CLASS && unit->new_grade == GRADE_KEEP)
        unit->new_grade = of_class;
    if (grade < 0) grade = of_class;
    if (grade < 0 && unit->new_grade >= 0) grade = unit->new_grade;
    if (grade < 0 && unit->grade >= 0) grade = unit->grade;
    person->grade = (int8_t)(grade < 0 && !record_has(r, FIELD_GRADE) ? GRADE_KEEP : grade);
}

void read_pupil(struct record *r, void *context) {
    (void)context;
    const char *key = record_key(r, FIELD_PUPIL);
    enum field lowest = record_has(r, FIELD_CLASS) ? FIELD_CLASS : FIELD_SCHOOL;
    if (record_has(r, FIELD_SCHOOL)) record_key(r, FIELD_SCHOOL);
    if (lowest != FIELD_SCHOOL) record_key(r, lowest);
    int8_t gender = GENDER_KEEP;
    if (record_has(r, FIELD_GENDER) && !read_gender(record_cell(r, FIELD_GENDER), &gender))
        record_bad_value(r, FIELD_GENDER, "f, m, x, pige, dreng, girl, boy, K, M");
    if (!r->good) return;
    bool is_new;
    struct person *person = person_of(r, PERSON_PUPIL, key, &is_new);
    if (!person) return;
    if (!is_new) {
        record_twice(r, key, person->origin);
        return;
    }
    person->gender = gender;
    person->unit = record_unit(r);
    if (person->unit < 0) return;
    read_pupil_grade(r, person);
    read_details(r, person, true);
}

void read_guardian(struct record *r, void *context) {
    (void)context;
    struct import *import = r->import;
    struct link link = { .custody = FLAG_KEEP, .protected = FLAG_KEEP, .origin = r->origin };
    const char *child_key = record_key(r, FIELD_PUPIL), *key = record_key(r, FIELD_GUARDIAN);
    if (record_has(r, FIELD_CUSTODY) && !read_flag(record_cell(r, FIELD_CUSTODY), &link.custody))
        record_bad_value(r, FIELD_CUSTODY, "ja, nej, yes, no, 1, 0");
    if (record_has(r, FIELD_PROTECTED) &&
        !read_flag(record_cell(r, FIELD_PROTECTED), &link.protected))
        record_bad_value(r, FIELD_PROTECTED, "ja, nej, yes, no, 1, 0");
    if (!r->good) return;
    bool is_new;
    struct person *child = person_of(r, PERSON_PUPIL, child_key, &is_new);
    if (!child) return;
    if (is_new) child->referred = true;
    child->listed = true;
    link.child = (size_t)(child - import->people); /* before the array may move */
    struct person *person = person_of(r, PERSON_GUARDIAN, key, &is_new);
    if (!person) return;
    link.person = (size_t)(person - import->people);
    read_details(r, person, is_new);
    size_t pair[2] = { link.child, link.person };
    size_t *place = map_put(&import->link_keys, pair, sizeof pair);
    if (place && *place != MAP_NEW) {
        record_twice(r, key, import->links[*place].origin);
        return;
    }
    size_t index = import->links_list.n;
    struct link *slot = list_add(import->arena, (void **)&import->links, &import->links_list,
                                 sizeof link, ROSTER_PEOPLE_MAX);
    if (!place || !slot) {
        import_memory(import);
        return;
    }
    *place = index;
    *slot = link;
}

void read_staff(struct record *r, void *context) {
    (void)context;
    struct import *import = r->import;
    struct place work = { .origin = r->origin };
    const char *key = record_key(r, FIELD_STAFF);
    if (!read_staff_role(record_cell(r, FIELD_ROLE), &work.role))
        record_bad_value(r, FIELD_ROLE, "teacher, pedagogue, leader, class_teacher");
    if (!r->good) return;
    work.unit = record_unit(r);
    if (work.unit < 0) {
        if (r->good) unit_fault(r, ERROR_ID("roster.no_unit"), "");
        return;
    }
    bool is_new;
    struct person *person = person_of(r, PERSON_STAFF, key, &is_new);
    if (!person) return;
    person->listed = true;
    work.person = (size_t)(person - import->people);
    read_details(r, person, is_new);
    long triple[3] = { (long)work.person, work.unit, (long)work.role };
    size_t *place = map_put(&import->place_keys, triple, sizeof triple);
    if (place && *place != MAP_NEW) {
        record_twice(r, key, import->places[*place].origin);
        return;
    }
    size_t index = import->places_list.n;
    struct place *slot = list_add(import->arena, (void **)&import->places, &import->places_list,
                                  sizeof work, ROSTER_PEOPLE_MAX);
    if (!place || !slot) {
        import_memory(import);
        return;
    }
    *place = index;
    *slot = work;
}

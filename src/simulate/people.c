#include "simulate/fill.h"

#include "base/arena.h"
#include "i18n/i18n.h"
#include "num/random.h"
#include "store/programme.h"

#include <stdio.h>

enum { PROGRESS_EVERY = 4096 };
enum staff_role { TEACHER, PEDAGOGUE, LEADER, STAFF_ROLES };
static const char *const STAFF_ROLE[] = { "teacher", "pedagogue", "leader" };
static const char *const STAFF_NAME[] = { "Lærer", "Pædagog", "Leder" };

struct filling {
    struct programme *programme;
    const struct plan *plan;
    const struct simulation *simulation;
    int64_t *person; /* ids: pupils, guardians, staff */
    size_t done, all;
};

static void step_done(struct filling *filling) {
    if (++filling->done % PROGRESS_EVERY == 0)
        simulation_progress(filling->simulation, N_("Writing pupils, guardians and staff"),
                            (double)filling->done / (double)filling->all);
}

static bool insert_person(struct filling *filling, const char *kind, const char *key, const char *title,
                          size_t number, struct error *error) {
    struct statement *s;
    char text[32], source_key[64];
    if (!store_prepare(filling->programme->identity, &s,
                       "INSERT INTO person (kind, source_key, given_name, family_name) "
                       "VALUES (?1, ?2, ?3, ?4)", error))
        return false;
    snprintf(text, sizeof text, "%zu", number);
    snprintf(source_key, sizeof source_key, "%s-%zu", key, number);
    bind_text(s, 1, kind);
    bind_text(s, 2, source_key);
    bind_text(s, 3, title);
    bind_text(s, 4, text);
    step_done(filling);
    return statement_run(s, error);
}

static enum staff_role role_at(const struct plan_school *school, size_t i) {
    return i < school->n_teachers ? TEACHER
           : i < school->n_teachers + school->n_pedagogues ? PEDAGOGUE : LEADER;
}

static size_t staff_of(const struct plan_school *school) {
    return school->n_teachers + school->n_pedagogues + school->n_leaders;
}

static bool insert_persons(struct filling *filling, struct error *error) {
    const struct plan *plan = filling->plan;
    size_t numbers[STAFF_ROLES] = { 0 };
    for (size_t i = 0; i < plan->n_pupils; i++)
        if (!insert_person(filling, "pupil", "elev", "Elev", i + 1, error)) return false;
    for (size_t i = 0; i < plan->n_guardians; i++)
        if (!insert_person(filling, "guardian", "foraelder", "Forælder", i + 1, error)) return false;
    for (size_t s = 0; s < plan->n_schools; s++)
        for (size_t i = 0; i < staff_of(&plan->schools[s]); i++) {
            enum staff_role role = role_at(&plan->schools[s], i);
            if (!insert_person(filling, "staff", STAFF_ROLE[role], STAFF_NAME[role], ++numbers[role], error))
                return false;
        }
    return true;
}

/* Keys are made in the order of insertion: the n-th person of the plan has the n-th id. */
static bool read_ids(struct filling *filling, struct error *error) {
    struct statement *s;
    const struct plan *plan = filling->plan;
    size_t n = 0, all = plan->n_pupils + plan->n_guardians + plan->n_staff;
    if (!store_prepare(filling->programme->identity, &s, "SELECT id FROM person ORDER BY id", error))
        return false;
    while (n <= all && statement_step(s, error)) {
        if (n < all) filling->person[n] = column_int(s, 0);
        n++;
    }
    if (!statement_end(s, error)) return false;
    return n == all || error_plain(error, "simulate.not_empty");
}

static bool insert_pseudonym(struct filling *filling, int64_t person, int64_t subject, struct error *error) {
    struct statement *s;
    if (!store_prepare(filling->programme->identity, &s,
                       "INSERT INTO pseudonym (person, subject) VALUES (?1, ?2)", error))
        return false;
    bind_int(s, 1, person);
    bind_int(s, 2, subject);
    step_done(filling);
    return statement_run(s, error);
}

static bool insert_pseudonyms(struct filling *filling, struct error *error) {
    const struct plan *plan = filling->plan;
    for (size_t i = 0; i < plan->n_pupils; i++)
        if (!insert_pseudonym(filling, filling->person[i], plan_pupil_subject(plan, i), error)) return false;
    const int64_t *guardians = filling->person + plan->n_pupils, *staff = guardians + plan->n_guardians;
    for (size_t i = 0; i < plan->n_guardians; i++)
        if (!insert_pseudonym(filling, guardians[i], plan_guardian_subject(plan, i), error)) return false;
    for (size_t i = 0; i < plan->n_staff; i++)
        if (!insert_pseudonym(filling, staff[i], plan_staff_subject(plan, i), error)) return false;
    return true;
}

/* The first guardian has custody, the second nearly always; one in a hundred has a protected address. */
static bool insert_guardians(struct filling *filling, struct error *error) {
    struct statement *s;
    const struct plan *plan = filling->plan;
    const int64_t *guardian = filling->person + plan->n_pupils;
    for (size_t i = 0; i < plan->n_pupils; i++)
        for (size_t g = 0; g < plan->pupils[i].guardians; g++) {
            uint64_t of = stream(STREAM_PUPIL, i);
            if (!store_prepare(filling->programme->identity, &s,
                               "INSERT INTO guardian (child, person, custody, protected) "
                               "VALUES (?1, ?2, ?3, ?4)", error))
                return false;
            bind_int(s, 1, filling->person[i]);
            bind_int(s, 2, *guardian++);
            bind_int(s, 3, g == 0 || random_uniform(plan->seed, of, 2 + g) < .92);
            bind_int(s, 4, random_uniform(plan->seed, of, 4 + g) < .01);
            if (!statement_run(s, error)) return false;
            step_done(filling);
        }
    return true;
}

/* One posting of staff: what is written of it differs by store. */
typedef bool post(struct filling *filling, size_t staff, int64_t unit, const char *role, struct error *error);

/* A class has two or three of the school's teachers, the first of them as its class teacher; the
 * classes 0–3 a pedagogue too. */
static bool post_class(struct filling *filling, const struct plan_school *school, size_t c, post *write,
                       size_t *pedagogue, struct error *error) {
    const struct plan_class *class = &filling->plan->classes[c];
    size_t teachers = school->n_teachers, first = (c - school->first_class) * teachers / school->n_classes;
    size_t n = random_uniform(filling->plan->seed, stream(STREAM_STAFF, c), 0) < .5 ? 2 : 3;
    if (n > teachers) n = teachers;
    for (size_t i = 0; i < n; i++)
        if (!write(filling, school->first_staff + (first + i) % teachers, class->unit, "teacher", error))
            return false;
    if (!write(filling, school->first_staff + first, class->unit, "class_teacher", error)) return false;
    if (class->grade > 3) return true;
    return write(filling, school->first_staff + teachers + (*pedagogue)++, class->unit, "pedagogue", error);
}

static bool post_staff(struct filling *filling, post *write, struct error *error) {
    for (size_t s = 0; s < filling->plan->n_schools; s++) {
        const struct plan_school *school = &filling->plan->schools[s];
        size_t pedagogue = 0;
        for (size_t i = 0; i < staff_of(school); i++)
            if (!write(filling, school->first_staff + i, school->unit, STAFF_ROLE[role_at(school, i)], error))
                return false;
        for (size_t c = school->first_class; c < school->first_class + school->n_classes; c++)
            if (!post_class(filling, school, c, write, &pedagogue, error)) return false;
    }
    return true;
}

static bool write_staff(struct filling *filling, size_t staff, int64_t unit, const char *role,
                        struct error *error) {
    struct statement *s;
    const struct plan *plan = filling->plan;
    if (!store_prepare(filling->programme->identity, &s,
                       "INSERT INTO staff (person, unit, role) VALUES (?1, ?2, ?3)", error))
        return false;
    bind_int(s, 1, filling->person[plan->n_pupils + plan->n_guardians + staff]);
    bind_int(s, 2, unit);
    bind_text(s, 3, role);
    step_done(filling);
    return statement_run(s, error);
}

static bool enrol(struct filling *filling, int64_t subject, int64_t unit, const char *role, int grade,
                  char gender, struct error *error) {
    struct statement *s;
    char text[2] = { gender, '\0' };
    if (!store_prepare(filling->programme->study, &s,
                       "INSERT INTO enrolment (subject, unit, wave, role, grade, gender) "
                       "VALUES (?1, ?2, 0, ?3, ?4, ?5)", error))
        return false;
    bind_int(s, 1, subject);
    bind_int(s, 2, unit);
    bind_text(s, 3, role);
    if (grade < 0) bind_null(s, 4);
    else bind_int(s, 4, grade);
    bind_text(s, 5, gender ? text : NULL);
    step_done(filling);
    return statement_run(s, error);
}

static bool enrol_staff(struct filling *filling, size_t staff, int64_t unit, const char *role,
                        struct error *error) {
    return enrol(filling, plan_staff_subject(filling->plan, staff), unit, role, -1, '\0', error);
}

static bool enrol_pupils(struct filling *filling, struct error *error) {
    const struct plan *plan = filling->plan;
    for (size_t i = 0; i < plan->n_pupils; i++) {
        const struct plan_class *class = &plan->classes[plan->pupils[i].class_index];
        if (!enrol(filling, plan_pupil_subject(plan, i), class->unit, "pupil", class->grade,
                   plan->pupils[i].gender, error))
            return false;
    }
    return true;
}

static bool fill_identity(struct filling *filling, struct error *error) {
    return insert_persons(filling, error) && read_ids(filling, error) && insert_pseudonyms(filling, error) &&
           insert_guardians(filling, error) && post_staff(filling, write_staff, error);
}

static bool fill_study(struct filling *filling, struct error *error) {
    return enrol_pupils(filling, error) && post_staff(filling, enrol_staff, error);
}

/* One transaction a store. */
static bool in_transaction(struct filling *filling, struct store *store,
                           bool (*fill)(struct filling *, struct error *), struct error *error) {
    if (!store_begin(store, error)) return false;
    if (fill(filling, error) && store_commit(store, error)) return true;
    store_rollback(store);
    return false;
}

bool fill_people(struct programme *programme, const struct plan *plan,
                 const struct simulation *simulation, struct arena *arena, struct error *error) {
    size_t people = plan->n_pupils + plan->n_guardians + plan->n_staff;
    struct filling filling = { .programme = programme, .plan = plan, .simulation = simulation,
                               .person = arena_array(arena, people, sizeof(int64_t)),
                               /* persons, pseudonyms, guardians, postings (about four a person), pupils */
                               .all = people + 2 * plan->n_pupils + 2 * plan->n_guardians + 9 * plan->n_staff };
    if (!filling.person) return error_plain(error, "simulate.memory");
    return programme_open_identity(programme, error) &&
           in_transaction(&filling, programme->identity, fill_identity, error) &&
           in_transaction(&filling, programme->study, fill_study, error);
}

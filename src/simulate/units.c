#include "simulate/fill.h"

#include "store/programme.h"

#include <stdio.h>

static bool insert(struct store *study, const char *kind, int64_t parent, const char *code, const char *name,
                   int grade, int64_t *id, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO unit (kind, parent, code, name, grade) VALUES (?1, ?2, ?3, ?4, ?5) "
                       "RETURNING id", error))
        return false;
    bind_text(s, 1, kind);
    bind_int(s, 2, parent);
    bind_text(s, 3, code);
    bind_text(s, 4, name);
    if (grade < 0) bind_null(s, 5);
    else bind_int(s, 5, grade);
    if (statement_step(s, error)) *id = column_int(s, 0);
    return statement_end(s, error);
}

static bool insert_classes(struct store *study, struct plan *plan, const struct plan_school *school,
                           struct error *error) {
    char code[16], name[16];
    for (size_t c = school->first_class; c < school->first_class + school->n_classes; c++) {
        struct plan_class *class = &plan->classes[c];
        snprintf(code, sizeof code, "%d%c", class->grade, class->letter);
        snprintf(name, sizeof name, "%d.%c", class->grade, class->letter);
        if (!insert(study, "class", school->unit, code, name, class->grade, &class->unit, error))
            return false;
    }
    return true;
}

static bool insert_all(struct store *study, struct plan *plan, struct error *error) {
    char code[CODE_MAX], name[NAME_MAX_BYTES];
    for (size_t m = 0; m < plan->n_municipalities; m++) {
        struct plan_municipality *municipality = &plan->municipalities[m];
        if (!insert(study, "municipality", plan->programme, municipality->code, municipality->name, -1,
                    &municipality->unit, error))
            return false;
    }
    for (size_t s = 0; s < plan->n_schools; s++) {
        struct plan_school *school = &plan->schools[s];
        const struct plan_municipality *municipality = &plan->municipalities[school->municipality];
        snprintf(code, sizeof code, "S%03zu", s + 1);
        snprintf(name, sizeof name, "Skole %zu, %s", school->number, municipality->name);
        if (!insert(study, "school", municipality->unit, code, name, -1, &school->unit, error) ||
            !insert_classes(study, plan, school, error))
            return false;
    }
    return true;
}

/* The programme's own unit, which has to be the only one. */
static bool find_programme(struct store *study, int64_t *id, struct error *error) {
    struct statement *s;
    size_t n = 0;
    if (!store_prepare(study, &s, "SELECT id FROM unit ORDER BY id LIMIT 2", error)) return false;
    for (; statement_step(s, error); n++)
        if (n == 0) *id = column_int(s, 0);
    if (!statement_end(s, error)) return false;
    return n == 1 || error_plain(error, "simulate.not_empty");
}

bool fill_units(struct programme *programme, struct plan *plan, struct error *error) {
    struct store *study = programme->study;
    if (!store_begin(study, error)) return false;
    if (find_programme(study, &plan->programme, error) && insert_all(study, plan, error) &&
        store_commit(study, error))
        return true;
    store_rollback(study);
    return false;
}

/* The units that a roster's files tell of: in a file of their own, or along with people. */
#include "roster/record.h"

#include "base/arena.h"

#include <string.h>

bool unit_fault(struct record *r, const char *id, const char *unit) {
    struct error error;
    const struct arg args[] = { ARG_TEXT("unit", unit) };
    error_set_args(&error, id, args, 1);
    return r->good = import_fault(r->import, &error, &r->origin);
}

static bool found_fault(struct record *r, enum found found, const char *unit) {
    switch (found) {
    case FOUND: return true;
    case FOUND_NONE: return unit_fault(r, ERROR_ID("roster.unknown_unit"), unit);
    case FOUND_SEVERAL: return unit_fault(r, ERROR_ID("roster.ambiguous_unit"), unit);
    case FOUND_OTHER_KIND: return unit_fault(r, ERROR_ID("roster.unit_kind"), unit);
    case FOUND_NO_MEMORY: break;
    }
    return r->good = import_memory(r->import);
}

/* What the files say of a unit's name must agree. */
static void name_unit(struct record *r, long index, const char *name) {
    struct tree_unit *unit = &r->import->tree.unit[index];
    if (!*name) return;
    if (!unit->new_name) {
        unit->new_name = arena_copy(r->import->arena, name);
        if (!unit->new_name) r->good = import_memory(r->import);
    } else if (strcmp(unit->new_name, name) != 0) {
        char path[PATH_CODES_MAX];
        struct error error;
        error_set(&error, "roster.unit_differs",
                  ARG_TEXT("unit", tree_path_of(&r->import->tree, index, path, sizeof path)),
                  ARG_TEXT("name", name), ARG_TEXT("other", unit->new_name));
        r->good = import_fault(r->import, &error, &r->origin);
    }
}

/* One unit down from *at; made where it is not there, unless a units file says what there is. */
static bool go_down(struct record *r, long *at, enum unit_kind kind, const char *code) {
    struct tree *tree = &r->import->tree;
    long next = -1;
    enum found found = tree_find(tree, *at, kind, code, &next);
    if (found == FOUND_NONE && !tree->given) {
        next = tree_add(tree, *at, kind, code, r->origin);
        found = next < 0 ? FOUND_NO_MEMORY : FOUND;
    }
    if (found != FOUND) return found_fault(r, found, code);
    tree->unit[next].seen = true;
    *at = next;
    return true;
}

/* The unit that a record of pupils or staff stands in: its lowest level that is not empty. */
long record_unit(struct record *r) {
    static const struct {
        enum unit_kind kind;
        enum field code, name;
    } levels[] = {
        { UNIT_MUNICIPALITY, FIELD_MUNICIPALITY, FIELD_MUNICIPALITY_NAME },
        { UNIT_INSTITUTION, FIELD_INSTITUTION, FIELD_INSTITUTION_NAME },
        { UNIT_SCHOOL, FIELD_SCHOOL, FIELD_SCHOOL_NAME },
        { UNIT_CLASS, FIELD_CLASS, FIELD_CLASS_NAME },
    };
    long at = -1;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        const char *code = record_cell(r, levels[i].code);
        if (!*code) continue;
        if (!go_down(r, &at, levels[i].kind, code)) return -1;
        name_unit(r, at, record_cell(r, levels[i].name));
    }
    return at;
}

static void place_unit(struct import *import, const struct unit_line *line) {
    struct record r = { .import = import,
                        .source = &import->sources[line->origin.file],
                        .origin = line->origin,
                        .good = true };
    struct tree *tree = &import->tree;
    long parent = 0, index = -1;
    enum found found = tree_path(tree, line->parent, &parent);
    if (found != FOUND) {
        found_fault(&r, found, line->parent);
        return;
    }
    if (tree->unit[parent].kind >= line->kind) {
        unit_fault(&r, ERROR_ID("roster.parent"), line->code);
        return;
    }
    found = tree_find(tree, parent, line->kind, line->code, &index);
    if (found == FOUND && tree->unit[index].parent != parent) found = FOUND_NONE;
    if (found == FOUND && tree->unit[index].origin.line) {
        struct error error;
        char other[256];
        error_set(
            &error, "roster.twice", ARG_TEXT("key", line->code),
            ARG_TEXT("other", line_of(import, tree->unit[index].origin, line->origin, other)));
        import_fault(import, &error, &line->origin);
        return;
    }
    if (found == FOUND_NONE) {
        index = tree_add(tree, parent, line->kind, line->code, line->origin);
        found = index < 0 ? FOUND_NO_MEMORY : FOUND;
    }
    if (!found_fault(&r, found, line->code)) return;
    tree->unit[index].seen = true;
    tree->unit[index].origin = line->origin;
    if (line->grade != GRADE_KEEP) tree->unit[index].new_grade = line->grade;
    name_unit(&r, index, line->name);
}

void read_unit(struct record *r, void *context) {
    struct unit_lines *lines = context;
    struct unit_line line = { .grade = GRADE_KEEP, .origin = r->origin };
    if (!read_unit_kind(record_cell(r, FIELD_KIND), &line.kind))
        record_bad_value(r, FIELD_KIND, "municipality, institution, school, class, team");
    if (record_has(r, FIELD_GRADE) && !read_grade(record_cell(r, FIELD_GRADE), &line.grade))
        record_bad_value(r, FIELD_GRADE, "0–10");
    if (!record_key(r, FIELD_CODE) || !r->good) return;
    line.code = record_keep(r, FIELD_CODE);
    line.parent = record_has(r, FIELD_PARENT) ? record_keep(r, FIELD_PARENT) : "";
    line.name = record_has(r, FIELD_NAME) ? record_keep(r, FIELD_NAME) : "";
    if (line.kind == UNIT_CLASS && line.grade < 0 && class_grade(record_cell(r, FIELD_CODE)) >= 0)
        line.grade = class_grade(record_cell(r, FIELD_CODE));
    if (!r->good) return;
    struct unit_line *slot = list_add(r->import->arena, (void **)&lines->line, &lines->list,
                                      sizeof line, ROSTER_PEOPLE_MAX);
    if (slot)
        *slot = line;
    else
        import_memory(r->import);
}

void place_units(struct import *import, const struct unit_lines *lines) {
    for (int level = UNIT_MUNICIPALITY; level < UNIT_KINDS; level++)
        for (size_t i = 0; i < lines->list.n; i++)
            if (lines->line[i].kind == (enum unit_kind)level) place_unit(import, &lines->line[i]);
    import->tree.given = lines->list.n > 0;
}

/* Reads the files of a roster: units, then pupils, guardians and staff. Every bad line is named. */
#include "roster/import.h"

#include "base/arena.h"
#include "base/text.h"
#include "exchange/csv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool import_fault(struct import *import, struct error *error, const struct origin *origin) {
    if (origin) {
        error_add(error, ARG_TEXT("file", import->sources[origin->file].path));
        error_add(error, ARG_INT("line", origin->line));
    }
    error_list_add(import->faults, error);
    return false;
}

bool import_memory(struct import *import) {
    struct error error;
    error_plain(&error, "store.memory");
    error_list_add(import->faults, &error);
    return false;
}

void *list_add(struct arena *arena, void **items, struct list *list, size_t size, size_t max) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 1024;
        void *grown = list->n < max ? arena_grow(arena, *items, list->n, capacity, size) : NULL;
        if (!grown) return NULL;
        *items = grown;
        list->capacity = capacity;
    }
    return (char *)*items + size * list->n++;
}

/* "17", or "17 of b.csv" where the other line stands in another file. */
static const char *line_of(const struct import *import, struct origin other, struct origin here, char out[256]) {
    if (other.file == here.file) snprintf(out, 256, "%u", other.line);
    else snprintf(out, 256, "%u of %.200s", other.line, import->sources[other.file].path);
    return out;
}

/* ---- cells ------------------------------------------------------------------------------------- */

/* A record being read. */
struct record {
    struct import *import;
    struct source *source;
    struct origin origin;
    bool good;
};

static const char *cell(const struct record *r, enum field field) {
    return csv_cell(r->source->csv, r->source->column[field]);
}

static bool has(const struct record *r, enum field field) { return r->source->column[field] >= 0; }

static const char *column_name(const struct record *r, enum field field) {
    int column = r->source->column[field];
    return column < 0 ? "" : csv_column_name(r->source->csv, (size_t)column);
}

/* The value of a cell that says nothing known. */
static void bad_value(struct record *r, enum field field, const char *allowed) {
    struct error error;
    error_set(&error, "roster.value", ARG_TEXT("column", column_name(r, field)),
              ARG_TEXT("value", cell(r, field)), ARG_TEXT("allowed", allowed));
    r->good = import_fault(r->import, &error, &r->origin);
}

/* A cell that must not be empty. */
static const char *key_cell(struct record *r, enum field field) {
    const char *key = cell(r, field);
    if (*key) return key;
    struct error error;
    error_set(&error, "roster.empty", ARG_TEXT("column", column_name(r, field)));
    r->good = import_fault(r->import, &error, &r->origin);
    return NULL;
}

/* A copy of a cell in the arena; NULL where the file has no such column. */
static const char *kept(struct record *r, enum field field) {
    if (!has(r, field)) return NULL;
    const char *copy = arena_copy(r->import->arena, cell(r, field));
    if (!copy) r->good = import_memory(r->import);
    return copy;
}

/* What holds for every cell of a record, known or not, but those that were dropped. */
static void check_cells(struct record *r) {
    const struct csv *csv = r->source->csv;
    struct error error;
    for (size_t i = 0; i < csv_columns(csv); i++) {
        const char *value = csv_cell(csv, (int)i);
        if (r->source->dropped[i] || strlen(value) < 10 || !text_has_cpr(value)) continue;
        error_set(&error, "roster.cpr", ARG_TEXT("column", csv_column_name(csv, i)));
        r->good = import_fault(r->import, &error, &r->origin);
    }
    for (int f = 0; f < FIELD_COUNT; f++) {
        size_t max = field_max((enum field)f);
        if (strlen(cell(r, (enum field)f)) <= max) continue;
        error_set(&error, "roster.too_long", ARG_TEXT("column", column_name(r, (enum field)f)), ARG_INT("max", max));
        r->good = import_fault(r->import, &error, &r->origin);
    }
}

/* ---- units ------------------------------------------------------------------------------------- */

static bool unit_fault(struct record *r, const char *id, const char *unit) {
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
        error_set(&error, "roster.unit_differs", ARG_TEXT("unit", tree_path_of(&r->import->tree, index, path, sizeof path)),
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
static long record_unit(struct record *r) {
    static const struct { enum unit_kind kind; enum field code, name; } levels[] = {
        { UNIT_MUNICIPALITY, FIELD_MUNICIPALITY, FIELD_MUNICIPALITY_NAME },
        { UNIT_INSTITUTION, FIELD_INSTITUTION, FIELD_INSTITUTION_NAME },
        { UNIT_SCHOOL, FIELD_SCHOOL, FIELD_SCHOOL_NAME },
        { UNIT_CLASS, FIELD_CLASS, FIELD_CLASS_NAME },
    };
    long at = -1;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        const char *code = cell(r, levels[i].code);
        if (!*code) continue;
        if (!go_down(r, &at, levels[i].kind, code)) return -1;
        name_unit(r, at, cell(r, levels[i].name));
    }
    return at;
}

/* A line of a units file waits until all are read, since a parent may stand below its children. */
struct unit_line {
    enum unit_kind kind;
    const char *code, *parent, *name;
    int grade;
    struct origin origin;
};

static void place_unit(struct import *import, const struct unit_line *line) {
    struct record r = { .import = import, .source = &import->sources[line->origin.file], .origin = line->origin, .good = true };
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
        error_set(&error, "roster.twice", ARG_TEXT("key", line->code),
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

struct unit_lines {
    struct unit_line *line;
    struct list list;
};

static void read_unit(struct record *r, void *context) {
    struct unit_lines *lines = context;
    struct unit_line line = { .grade = GRADE_KEEP, .origin = r->origin };
    if (!read_unit_kind(cell(r, FIELD_KIND), &line.kind))
        bad_value(r, FIELD_KIND, "municipality, institution, school, class, team");
    if (has(r, FIELD_GRADE) && !read_grade(cell(r, FIELD_GRADE), &line.grade)) bad_value(r, FIELD_GRADE, "0–10");
    if (!key_cell(r, FIELD_CODE) || !r->good) return;
    line.code = kept(r, FIELD_CODE);
    line.parent = has(r, FIELD_PARENT) ? kept(r, FIELD_PARENT) : "";
    line.name = has(r, FIELD_NAME) ? kept(r, FIELD_NAME) : "";
    if (line.kind == UNIT_CLASS && line.grade < 0 && class_grade(cell(r, FIELD_CODE)) >= 0)
        line.grade = class_grade(cell(r, FIELD_CODE));
    if (!r->good) return;
    struct unit_line *slot = list_add(r->import->arena, (void **)&lines->line, &lines->list, sizeof line, ROSTER_PEOPLE_MAX);
    if (slot) *slot = line;
    else import_memory(r->import);
}

/* ---- people ------------------------------------------------------------------------------------ */

/* The person of that kind and key: the one that is there already, or a new one. */
static struct person *person_of(struct record *r, enum person_kind kind, const char *key, bool *is_new) {
    struct import *import = r->import;
    char bytes[CODE_MAX + 1];
    int length = snprintf(bytes, sizeof bytes, "%d%s", (int)kind, key);
    size_t *place = map_put(&import->people_keys, bytes, (size_t)length);
    if (place && *place != MAP_NEW) {
        *is_new = false;
        return &import->people[*place];
    }
    size_t index = import->people_list.n;
    struct person *person = place ? list_add(import->arena, (void **)&import->people, &import->people_list,
                                             sizeof *person, ROSTER_PEOPLE_MAX)
                                  : NULL;
    const char *copy = arena_copy(import->arena, key);
    if (!person || !copy) {
        r->good = import_memory(import);
        return NULL;
    }
    *place = index;
    *person = (struct person){ .kind = kind, .key = copy, .unit = -1, .grade = GRADE_KEEP,
                               .gender = GENDER_KEEP, .origin = r->origin };
    *is_new = true;
    return person;
}

static void twice(struct record *r, const char *key, struct origin other) {
    struct error error;
    char line[256];
    error_set(&error, "roster.twice", ARG_TEXT("key", key), ARG_TEXT("other", line_of(r->import, other, r->origin, line)));
    r->good = import_fault(r->import, &error, &r->origin);
}

/* "Anna Sofie Holm" → "Anna Sofie" and "Holm". */
static void split_name(struct record *r, struct person *person) {
    const char *name = cell(r, FIELD_NAME), *space = strrchr(name, ' ');
    size_t length = space ? (size_t)(space - name) : 0;
    person->detail[DETAIL_GIVEN] = arena_copy_bytes(r->import->arena, name, length);
    person->detail[DETAIL_FAMILY] = arena_copy(r->import->arena, space ? space + 1 : name);
    if (!person->detail[DETAIL_GIVEN] || !person->detail[DETAIL_FAMILY]) r->good = import_memory(r->import);
}

/* Takes the details of a person. Those of one who stands on several lines must agree. */
static void read_details(struct record *r, struct person *person, bool is_new) {
    static const enum field fields[DETAILS] = { FIELD_GIVEN, FIELD_FAMILY, FIELD_EMAIL, FIELD_ADDRESS };
    struct person said = { 0 };
    if (has(r, FIELD_NAME) && !has(r, FIELD_GIVEN) && !has(r, FIELD_FAMILY)) split_name(r, &said);
    for (int d = 0; d < DETAILS; d++) {
        if (has(r, fields[d])) said.detail[d] = is_new ? kept(r, fields[d]) : cell(r, fields[d]);
        if (is_new) {
            person->detail[d] = said.detail[d];
        } else if (said.detail[d] && person->detail[d] && strcmp(said.detail[d], person->detail[d]) != 0) {
            struct error error;
            char line[256];
            enum field shown = has(r, fields[d]) ? fields[d] : FIELD_NAME;
            error_set(&error, "roster.differs", ARG_TEXT("key", person->key), ARG_TEXT("column", column_name(r, shown)),
                      ARG_TEXT("other", line_of(r->import, person->origin, r->origin, line)));
            r->good = import_fault(r->import, &error, &r->origin);
        }
    }
}

/* A class whose pupils are in one grade is of that grade. */
static void note_grade(struct tree_unit *unit, int grade) {
    if (unit->pupil_grade == GRADE_KEEP) unit->pupil_grade = grade;
    else if (unit->pupil_grade != grade) unit->mixed = true;
}

static void read_pupil_grade(struct record *r, struct person *person) {
    struct tree_unit *unit = &r->import->tree.unit[person->unit];
    int grade = GRADE_NONE;
    if (!read_grade(cell(r, FIELD_GRADE), &grade)) {
        bad_value(r, FIELD_GRADE, "0–10");
        return;
    }
    if (has(r, FIELD_GRADE) && unit->kind == UNIT_CLASS && grade >= 0) note_grade(unit, grade);
    int of_class = class_grade(unit->code);
    if (of_class < 0 && *cell(r, FIELD_CLASS_NAME)) of_class = class_grade(cell(r, FIELD_CLASS_NAME));
    if (of_class >= 0 && unit->kind == UNIT_CLASS && unit->new_grade == GRADE_KEEP) unit->new_grade = of_class;
    if (grade < 0) grade = of_class;
    if (grade < 0 && unit->new_grade >= 0) grade = unit->new_grade;
    if (grade < 0 && unit->grade >= 0) grade = unit->grade;
    person->grade = (int8_t)(grade < 0 && !has(r, FIELD_GRADE) ? GRADE_KEEP : grade);
}

static void read_pupil(struct record *r, void *context) {
    (void)context;
    const char *key = key_cell(r, FIELD_PUPIL);
    enum field lowest = has(r, FIELD_CLASS) ? FIELD_CLASS : FIELD_SCHOOL;
    if (has(r, FIELD_SCHOOL)) key_cell(r, FIELD_SCHOOL);
    if (lowest != FIELD_SCHOOL) key_cell(r, lowest);
    int8_t gender = GENDER_KEEP;
    if (has(r, FIELD_GENDER) && !read_gender(cell(r, FIELD_GENDER), &gender))
        bad_value(r, FIELD_GENDER, "f, m, x, pige, dreng, girl, boy, K, M");
    if (!r->good) return;
    bool is_new;
    struct person *person = person_of(r, PERSON_PUPIL, key, &is_new);
    if (!person) return;
    if (!is_new) {
        twice(r, key, person->origin);
        return;
    }
    person->gender = gender;
    person->unit = record_unit(r);
    if (person->unit < 0) return;
    read_pupil_grade(r, person);
    read_details(r, person, true);
}

static void read_guardian(struct record *r, void *context) {
    (void)context;
    struct import *import = r->import;
    struct link link = { .custody = FLAG_KEEP, .protected = FLAG_KEEP, .origin = r->origin };
    const char *child_key = key_cell(r, FIELD_PUPIL), *key = key_cell(r, FIELD_GUARDIAN);
    if (has(r, FIELD_CUSTODY) && !read_flag(cell(r, FIELD_CUSTODY), &link.custody))
        bad_value(r, FIELD_CUSTODY, "ja, nej, yes, no, 1, 0");
    if (has(r, FIELD_PROTECTED) && !read_flag(cell(r, FIELD_PROTECTED), &link.protected))
        bad_value(r, FIELD_PROTECTED, "ja, nej, yes, no, 1, 0");
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
        twice(r, key, import->links[*place].origin);
        return;
    }
    size_t index = import->links_list.n;
    struct link *slot = list_add(import->arena, (void **)&import->links, &import->links_list, sizeof link, ROSTER_PEOPLE_MAX);
    if (!place || !slot) {
        import_memory(import);
        return;
    }
    *place = index;
    *slot = link;
}

static void read_staff(struct record *r, void *context) {
    (void)context;
    struct import *import = r->import;
    struct place work = { .origin = r->origin };
    const char *key = key_cell(r, FIELD_STAFF);
    if (!read_staff_role(cell(r, FIELD_ROLE), &work.role))
        bad_value(r, FIELD_ROLE, "teacher, pedagogue, leader, class_teacher");
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
        twice(r, key, import->places[*place].origin);
        return;
    }
    size_t index = import->places_list.n;
    struct place *slot = list_add(import->arena, (void **)&import->places, &import->places_list, sizeof work, ROSTER_PEOPLE_MAX);
    if (!place || !slot) {
        import_memory(import);
        return;
    }
    *place = index;
    *slot = work;
}

/* ---- files ------------------------------------------------------------------------------------- */

static void read_source(struct import *import, size_t file, void (*read)(struct record *, void *), void *context) {
    struct source *source = &import->sources[file];
    struct error error;
    size_t rows = 0;
    for (;;) {
        struct record r = { .import = import, .source = source, .good = true };
        error = (struct error){ 0 };
        if (csv_next(source->csv, &error)) {
            r.origin = (struct origin){ (uint32_t)file, (uint32_t)csv_line(source->csv) };
            check_cells(&r);
            read(&r, context);
        } else if (csv_failed(source->csv)) {
            error_list_add(import->faults, &error);
            if (!error_is(&error, "csv.ragged")) return;
        } else {
            break;
        }
        if ((++rows & 0xFFF) == 0 && import->options->progress)
            import->options->progress(import->options->context,
                                      0.4 * ((double)file + csv_progress(source->csv)) / (double)import->n_sources);
    }
    if (rows == 0) {
        error_set(&error, "roster.no_rows", ARG_TEXT("file", source->path));
        error_list_add(import->faults, &error);
    }
}

static bool open_source(struct import *import, const char *path) {
    struct source *source = &import->sources[import->n_sources];
    struct error error = { 0 };
    source->path = path;
    if (!csv_open(&source->csv, path, import->arena, &error)) return import_fault(import, &error, NULL);
    source->dropped = arena_array(import->arena, csv_columns(source->csv), sizeof *source->dropped);
    if (!source->dropped) return import_memory(import);
    import->n_sources++;
    return true;
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The tables of a folder, in order of their names. */
static bool open_folder(struct import *import, const char *folder) {
    const char *paths[ROSTER_FILES_MAX];
    size_t n = 0;
    struct error error;
    bool sound = true;
    DIR *dir = opendir(folder);
    if (!dir) {
        error_set(&error, "roster.folder", ARG_TEXT("path", folder), ARG_TEXT("why", strerror(errno)));
        return import_fault(import, &error, NULL);
    }
    for (struct dirent *entry; sound && (entry = readdir(dir));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || dot == entry->d_name || (strcasecmp(dot, ".csv") != 0 && strcasecmp(dot, ".tsv") != 0)) continue;
        struct text path = text_new(import->arena, 8192);
        text_addf(&path, "%s/%s", folder, entry->d_name);
        if (!text_ok(&path)) sound = import_memory(import);
        else if (n < ROSTER_FILES_MAX) paths[n++] = text_string(&path);
        else {
            error_set(&error, "roster.many_files", ARG_TEXT("path", folder), ARG_INT("max", ROSTER_FILES_MAX));
            sound = import_fault(import, &error, NULL);
        }
    }
    closedir(dir);
    if (sound && n == 0) {
        error_set(&error, "roster.no_files", ARG_TEXT("path", folder));
        return import_fault(import, &error, NULL);
    }
    qsort(paths, n, sizeof *paths, compare_paths);
    for (size_t i = 0; sound && i < n; i++) open_source(import, paths[i]);
    return sound && import->faults->total == 0;
}

/* A column to be dropped that stands in no file is a slip that must be told: what it meant to keep
 * out would be read. */
static void drop_columns(struct import *import) {
    for (size_t i = 0; i < import->options->n_drop; i++) {
        size_t n = 0;
        for (size_t f = 0; f < import->n_sources; f++)
            n += source_drop(&import->sources[f], import->options->drop[i]);
        if (n > 0) continue;
        struct error error;
        error_set(&error, "roster.no_column", ARG_TEXT("column", import->options->drop[i]));
        import_fault(import, &error, NULL);
    }
}

static void name_ignored(struct import *import) {
    struct text names = text_new(import->arena, 8192);
    size_t n = 0;
    for (size_t i = 0; i < import->n_sources; i++) source_ignored(&import->sources[i], &names, &n);
    if (n > 8) text_addf(&names, ", … (%zu)", n);
    import->summary->ignored = n ? text_string(&names) : NULL;
}

/* The grade of a class that the files do not name outright. */
static void grade_classes(struct import *import) {
    for (size_t i = 0; i < import->tree.n; i++) {
        struct tree_unit *unit = &import->tree.unit[i];
        if (unit->kind != UNIT_CLASS || unit->new_grade != GRADE_KEEP || unit->pupil_grade == GRADE_KEEP) continue;
        unit->new_grade = unit->mixed ? GRADE_NONE : unit->pupil_grade;
    }
}

bool import_read(struct import *import, const char *path) {
    static void (*const readers[FILE_KINDS])(struct record *, void *) = {
        [FILE_UNITS] = read_unit, [FILE_PUPILS] = read_pupil,
        [FILE_GUARDIANS] = read_guardian, [FILE_STAFF] = read_staff,
    };
    struct stat stat_of;
    struct unit_lines lines = { 0 };
    bool folder = stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
    import->sources = arena_array(import->arena, ROSTER_FILES_MAX, sizeof *import->sources);
    if (!import->sources) return import_memory(import);
    if (!(folder ? open_folder(import, path) : open_source(import, path))) return false;
    drop_columns(import);
    for (size_t i = 0; i < import->n_sources; i++) {
        struct error error = { 0 };
        if (!source_recognise(&import->sources[i], &error)) import_fault(import, &error, NULL);
    }
    if (import->faults->total) return false;
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        for (size_t i = 0; i < import->n_sources; i++)
            if (import->sources[i].kind == (enum file_kind)kind) read_source(import, i, readers[kind], &lines);
        if (kind != FILE_UNITS) continue;
        for (int level = UNIT_MUNICIPALITY; level < UNIT_KINDS; level++)
            for (size_t i = 0; i < lines.list.n; i++)
                if (lines.line[i].kind == (enum unit_kind)level) place_unit(import, &lines.line[i]);
        import->tree.given = lines.list.n > 0;
    }
    grade_classes(import);
    name_ignored(import);
    return import->faults->total == 0;
}

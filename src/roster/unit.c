#include "roster/unit.h"

#include "base/arena.h"
#include "base/text.h"
#include "i18n/i18n.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[UNIT_KINDS] = {
    [UNIT_PROGRAMME] = "programme",
    [UNIT_MUNICIPALITY] = "municipality",
    [UNIT_INSTITUTION] = "institution",
    [UNIT_SCHOOL] = "school",
    [UNIT_CLASS] = "class",
    [UNIT_TEAM] = "team",
};

const char *unit_kind_name(enum unit_kind kind) { return kinds[kind]; }

bool unit_kind_from_name(const char *name, enum unit_kind *out) {
    for (size_t i = 0; i < UNIT_KINDS; i++) {
        if (strcmp(name, kinds[i]) != 0) continue;
        *out = (enum unit_kind)i;
        return true;
    }
    return false;
}

/* ---- reading the tree ----------------------------------------------------------------------- */

struct row {
    struct unit unit;
    int64_t parent_id; /* 0 for the programme */
};

struct rows {
    struct row *row;
    size_t n, capacity;
};

static bool read_row(struct statement *s, struct arena *arena, struct row *row,
                     struct error *error) {
    const char *kind = column_text(s, 1);
    row->parent_id = column_int(s, 2);
    row->unit = (struct unit){ .id = column_int(s, 0),
                               .parent = -1,
                               .active = column_int(s, 6) != 0,
                               .grade = column_is_null(s, 5) ? -1 : (int)column_int(s, 5) };
    row->unit.code = arena_copy(arena, column_text(s, 3));
    row->unit.name = arena_copy(arena, column_text(s, 4));
    if (!row->unit.code || !row->unit.name) return error_plain(error, "store.memory");
    return unit_kind_from_name(kind, &row->unit.kind) ||
           error_set(error, "unit.broken", ARG_INT("unit", row->unit.id));
}

static bool read_rows(struct store *study, struct arena *arena, struct rows *rows,
                      struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT id, kind, parent, code, name, grade, active FROM unit",
                       error))
        return false;
    bool sound = true;
    while (sound && statement_step(s, error)) {
        if (rows->n == rows->capacity) {
            size_t capacity = rows->capacity ? 2 * rows->capacity : 256;
            struct row *grown = arena_grow(arena, rows->row, rows->n, capacity, sizeof *grown);
            if (!grown) {
                sound = error_plain(error, "store.memory");
                break;
            }
            rows->row = grown;
            rows->capacity = capacity;
        }
        sound = read_row(s, arena, &rows->row[rows->n++], error);
    }
    return statement_end(s, sound ? error : &(struct error){ 0 }) && sound;
}

/* By parent, and siblings in Danish order. */
static int compare_rows(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    if (x->parent_id != y->parent_id) return x->parent_id < y->parent_id ? -1 : 1;
    return i18n_compare(language_get("da"), x->unit.code, y->unit.code);
}

/* The first row of that parent, or the number of rows. */
static size_t first_child(const struct rows *rows, int64_t parent_id) {
    size_t low = 0, high = rows->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->row[middle].parent_id < parent_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The units under one, depth first: a parent stands before its children. open holds, for each level
 * that is being written, the next row of it. */
static size_t write_tree(const struct rows *rows, struct unit *out) {
    enum { LEVELS_MAX = 16 };
    struct {
        size_t row;
        int64_t parent_id;
        long parent;
    } open[LEVELS_MAX];
    size_t n = 0;
    int level = 0;
    open[0].row = 0, open[0].parent_id = 0, open[0].parent = -1;
    while (level >= 0) {
        size_t row = open[level].row++;
        if (row >= rows->n || rows->row[row].parent_id != open[level].parent_id) {
            level--;
            continue;
        }
        out[n] = rows->row[row].unit;
        out[n].parent = open[level].parent;
        if (++level == LEVELS_MAX) return 0;
        open[level].parent_id = out[n].id;
        open[level].row = first_child(rows, out[n].id);
        open[level].parent = (long)n++;
    }
    return n;
}

static int compare_places(const void *a, const void *b) {
    const struct unit_place *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

bool units_read(struct store *study, struct arena *arena, struct units *out, struct error *error) {
    struct rows rows = { 0 };
    *out = (struct units){ 0 };
    if (!read_rows(study, arena, &rows, error)) return false;
    out->unit = arena_array(arena, rows.n, sizeof *out->unit);
    struct unit_place *by_id = arena_array(arena, rows.n, sizeof *by_id);
    if (!out->unit || !by_id) return error_plain(error, "store.memory");
    if (rows.n) qsort(rows.row, rows.n, sizeof *rows.row, compare_rows);
    out->n = write_tree(&rows, out->unit);
    /* What hangs together with the programme is written; a ring, or a second root, is not. */
    if (out->n != rows.n || out->n == 0) return error_set(error, "unit.broken", ARG_INT("unit", 0));
    for (size_t i = 0; i < out->n; i++) {
        if ((i == 0) != (out->unit[i].parent < 0) ||
            (i == 0) != (out->unit[i].kind == UNIT_PROGRAMME))
            return error_set(error, "unit.broken", ARG_INT("unit", out->unit[i].id));
        by_id[i] = (struct unit_place){ out->unit[i].id, (long)i };
    }
    qsort(by_id, out->n, sizeof *by_id, compare_places);
    out->by_id = by_id;
    return true;
}

long units_by_id(const struct units *units, int64_t id) {
    const struct unit_place key = { .id = id };
    if (units->n == 0) return -1;
    const struct unit_place *found =
        bsearch(&key, units->by_id, units->n, sizeof key, compare_places);
    return found ? found->index : -1;
}

/* ---- finding by path ------------------------------------------------------------------------ */

/* The bytes of path before code and its slash, or -1 when the path does not end in the code. */
static long before_code(const char *path, size_t length, const char *code) {
    size_t n = strlen(code);
    if (n == 0 || n > length || memcmp(path + length - n, code, n) != 0) return -1;
    if (n == length) return 0;
    return n + 1 < length && path[length - n - 1] == '/' ? (long)(length - n - 1) : -1;
}

/* Is the path that of the unit, with some levels left out, or with none? */
static bool fits(const struct units *units, long index, const char *path, size_t length,
                 bool whole) {
    long rest = before_code(path, length, units->unit[index].code);
    if (rest < 0) return false;
    for (long up = units->unit[index].parent; up >= 0; up = units->unit[up].parent) {
        if (units->unit[up].kind == UNIT_PROGRAMME) return rest == 0;
        if (rest == 0 && !whole) return true;
        if (rest > 0 && fits(units, up, path, (size_t)rest, whole)) return true;
        if (whole) return false;
    }
    return false;
}

/* How many units the path fits (2 means several); *index gets the last. */
static int count_fits(const struct units *units, const char *path, size_t length, bool whole,
                      long *index) {
    int n = 0;
    for (size_t i = 1; i < units->n && n < 2; i++) {
        if (!fits(units, (long)i, path, length, whole)) continue;
        *index = (long)i;
        n++;
    }
    return n;
}

bool units_find(const struct units *units, const char *path, long *index, struct error *error) {
    size_t length = strlen(path);
    long long id;
    if (length == 0) {
        *index = 0;
        return true;
    }
    int n = count_fits(units, path, length, true, index);
    if (n == 0) n = count_fits(units, path, length, false, index);
    if (n == 1) return true;
    if (n > 1) return error_set(error, "unit.ambiguous", ARG_TEXT("unit", path));
    if (text_to_int(path, 1, INT64_MAX, &id) && (*index = units_by_id(units, id)) >= 0) return true;
    return error_set(error, "unit.unknown", ARG_TEXT("unit", path));
}

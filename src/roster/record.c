#include "roster/record.h"

#include "base/arena.h"
#include "base/text.h"
#include "exchange/csv.h"

#include <stdio.h>
#include <string.h>

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
const char *line_of(const struct import *import, struct origin other, struct origin here,
                    char out[256]) {
    if (other.file == here.file)
        snprintf(out, 256, "%u", other.line);
    else
        snprintf(out, 256, "%u of %.200s", other.line, import->sources[other.file].path);
    return out;
}

const char *record_cell(const struct record *r, enum field field) {
    return csv_cell(r->source->csv, r->source->column[field]);
}

bool record_has(const struct record *r, enum field field) { return r->source->column[field] >= 0; }

const char *record_column(const struct record *r, enum field field) {
    int column = r->source->column[field];
    return column < 0 ? "" : csv_column_name(r->source->csv, (size_t)column);
}

/* The value of a cell that says nothing known. A CPR number was named already, and is not repeated.
 */
void record_bad_value(struct record *r, enum field field, const char *allowed) {
    struct error error;
    if (text_has_cpr(record_cell(r, field))) return;
    error_set(&error, "roster.value", ARG_TEXT("column", record_column(r, field)),
              ARG_TEXT("value", record_cell(r, field)), ARG_TEXT("allowed", allowed));
    r->good = import_fault(r->import, &error, &r->origin);
}

/* A cell that must not be empty. */
const char *record_key(struct record *r, enum field field) {
    const char *key = record_cell(r, field);
    if (*key) return key;
    struct error error;
    error_set(&error, "roster.empty", ARG_TEXT("column", record_column(r, field)));
    r->good = import_fault(r->import, &error, &r->origin);
    return NULL;
}

/* A copy of a cell in the arena; NULL where the file has no such column. */
const char *record_keep(struct record *r, enum field field) {
    if (!record_has(r, field)) return NULL;
    const char *copy = arena_copy(r->import->arena, record_cell(r, field));
    if (!copy) r->good = import_memory(r->import);
    return copy;
}

/* What holds for every cell of a record, known or not, but those that were dropped. */
void record_check(struct record *r) {
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
        if (strlen(record_cell(r, (enum field)f)) <= max) continue;
        error_set(&error, "roster.too_long", ARG_TEXT("column", record_column(r, (enum field)f)),
                  ARG_INT("max", max));
        r->good = import_fault(r->import, &error, &r->origin);
    }
}

void record_twice(struct record *r, const char *key, struct origin other) {
    struct error error;
    char line[256];
    error_set(&error, "roster.twice", ARG_TEXT("key", key),
              ARG_TEXT("other", line_of(r->import, other, r->origin, line)));
    r->good = import_fault(r->import, &error, &r->origin);
}

#include "collect/wave.h"

#include "base/arena.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "instrument/instrument.h"
#include "roster/roster.h"
#include "store/programme.h"

#include <string.h>

/* Reading a file up to where it becomes a sheet. */
struct reading {
    const char *path, *id_column;
    struct csv *csv;
    int subject_column;
    const struct instrument *instrument;
    const struct subject_map *subjects;
    struct arena *arena;
    struct error_list *faults;
    size_t faults_before;
    size_t n_columns;
    int *columns;         /* of the file */
    size_t *items;        /* of the instrument, one a column */
    const char *ignored;
    size_t n, capacity;
    int64_t *row_subjects;
    const char **row_keys;
    size_t *row_lines;
    uint8_t *codes;
};

static bool in_columns(const struct reading *reading, int column) {
    for (size_t c = 0; c < reading->n_columns; c++)
        if (reading->columns[c] == column) return true;
    return false;
}

/* The names of the columns that nobody reads. */
static void list_ignored(struct reading *reading) {
    struct text names = text_new(reading->arena, 256 * KIB);
    for (size_t c = 0; c < csv_columns(reading->csv); c++) {
        if ((int)c == reading->subject_column || in_columns(reading, (int)c)) continue;
        if (names.length) text_add(&names, ", ");
        text_add(&names, csv_column_name(reading->csv, c));
    }
    reading->ignored = names.length ? text_string(&names) : NULL;
}

static bool find_columns(struct reading *reading, struct error *error) {
    const struct instrument *instrument = reading->instrument;
    reading->subject_column = csv_column(reading->csv, reading->id_column);
    if (reading->subject_column < 0)
        return error_set(error, "answers.no_subject_column", ARG_TEXT("file", reading->path),
                         ARG_TEXT("column", reading->id_column));
    reading->columns = arena_array(reading->arena, instrument->n_items, sizeof *reading->columns);
    reading->items = arena_array(reading->arena, instrument->n_items, sizeof *reading->items);
    if (!reading->columns || !reading->items) return error_plain(error, "answers.memory");
    for (size_t i = 0; i < instrument->n_items; i++) {
        int column = csv_column(reading->csv, instrument->items[i].id);
        if (column < 0 || column == reading->subject_column || in_columns(reading, column)) continue;
        reading->columns[reading->n_columns] = column;
        reading->items[reading->n_columns++] = i;
    }
    if (reading->n_columns == 0)
        return error_set(error, "answers.no_items", ARG_TEXT("file", reading->path),
                         ARG_TEXT("instrument", instrument->code),
                         ARG_TEXT("item", instrument->items[0].id));
    list_ignored(reading);
    return true;
}

static bool grow(struct reading *reading, struct error *error) {
    size_t n = reading->n, capacity = reading->capacity ? 2 * reading->capacity : 1024;
    struct arena *arena = reading->arena;
    reading->row_subjects = arena_grow(arena, reading->row_subjects, n, capacity, sizeof(int64_t));
    reading->row_keys = arena_grow(arena, reading->row_keys, n, capacity, sizeof(char *));
    reading->row_lines = arena_grow(arena, reading->row_lines, n, capacity, sizeof(size_t));
    reading->codes = arena_grow(arena, reading->codes, n, capacity, reading->n_columns);
    reading->capacity = capacity;
    if (reading->row_subjects && reading->row_keys && reading->row_lines && reading->codes) return true;
    return error_plain(error, "answers.memory");
}

static void add_fault(struct reading *reading, struct error *fault) {
    error_add(fault, ARG_TEXT("file", reading->path));
    error_add(fault, ARG_INT("line", csv_line(reading->csv)));
    error_list_add(reading->faults, fault);
}

static bool is_missing(const char *cell) { return *cell == '\0' || strcmp(cell, "NA") == 0; }

/* "0, 1, 2" for a sentence. */
static const char *values_of(const struct reading *reading, const struct item *item) {
    struct text values = text_new(reading->arena, 1024);
    for (size_t c = 0; c < item->n_categories; c++)
        text_addf(&values, c ? ", %d" : "%d", item->categories[c].value);
    return text_string(&values);
}

static void read_cell(struct reading *reading, size_t c, uint8_t *code) {
    const char *cell = csv_cell(reading->csv, reading->columns[c]);
    const struct item *item = &reading->instrument->items[reading->items[c]];
    long long value;
    *code = ANSWER_NOT_SEEN;
    if (is_missing(cell)) return;
    if (text_to_int(cell, -1000000, 1000000, &value))
        for (size_t k = 0; k < item->n_categories; k++)
            if (item->categories[k].value == value) {
                *code = (uint8_t)k;
                return;
            }
    /* Past its maximum the list only counts: a file of the wrong kind has millions of these. */
    struct error fault;
    const char *values = reading->faults->count < reading->faults->max ? values_of(reading, item) : "";
    error_set(&fault, "answers.bad_value", ARG_TEXT("column", item->id), ARG_TEXT("value", cell),
              ARG_TEXT("values", values));
    add_fault(reading, &fault);
}

static bool read_row(struct reading *reading, struct error *error) {
    const char *key = csv_cell(reading->csv, reading->subject_column);
    struct error fault;
    int64_t subject = 0;
    bool known = subject_find(reading->subjects, key, &subject);
    if (*key == '\0') {
        error_set(&fault, "answers.empty_subject", ARG_TEXT("column", reading->id_column));
        add_fault(reading, &fault);
    } else if (!known && text_has_cpr(key)) {
        error_set(&fault, "answers.cpr", ARG_TEXT("column", reading->id_column)); /* not repeated */
        add_fault(reading, &fault);
    } else if (!known) {
        error_set(&fault, "answers.unknown_subject", ARG_TEXT("subject", key),
                  ARG_TEXT("column", reading->id_column));
        add_fault(reading, &fault);
    }
    if (reading->n == reading->capacity && !grow(reading, error)) return false;
    size_t row = reading->n;
    for (size_t c = 0; c < reading->n_columns; c++)
        read_cell(reading, c, &reading->codes[row * reading->n_columns + c]);
    if (reading->faults->total > reading->faults_before) return true; /* nothing will be saved: the rest is only looked through */
    reading->row_subjects[row] = subject;
    reading->row_keys[row] = arena_copy(reading->arena, key);
    reading->row_lines[row] = csv_line(reading->csv);
    reading->n++;
    return reading->row_keys[row] || error_plain(error, "answers.memory");
}

/* Every row; a ragged line is named and passed over. False when the reading itself failed. */
static bool read_rows(struct reading *reading, void (*progress)(void *, double), void *context,
                      struct error *error) {
    for (size_t i = 0;; i++) {
        if (csv_next(reading->csv, error)) {
            if (!read_row(reading, error)) return false;
        } else if (!csv_failed(reading->csv)) {
            return true;
        } else if (error_is(error, "csv.ragged")) {
            error_list_add(reading->faults, error);
        } else {
            return false;
        }
        if (progress && i % 1024 == 0) progress(context, csv_progress(reading->csv) / 2);
    }
}

/* The wave has to be open, and to ask with this instrument, in the version it was made with. NULL with
 * an error where not. */
static const struct instrument *find_instrument(struct store *study, int number, const char *code,
                                                struct arena *arena, int64_t *id, struct error *error) {
    struct wave wave = { 0 };
    if (!wave_get(study, number, &wave, error)) return NULL;
    if (strcmp(wave.state, "open") != 0) {
        error_set(error, "wave.not_open", ARG_INT("wave", number));
        return NULL;
    }
    for (size_t i = 0; i < wave.n_instruments; i++) {
        struct instrument *form = NULL;
        *id = wave.instruments[i];
        if (!instrument_by_id(study, *id, arena, &form, error)) return NULL;
        if (strcmp(form->code, code) != 0) continue;
        /* A child has several: the child's key alone does not tell whose answers a line holds. */
        if (form->respondent != RESPONDENT_PARENT) return form;
        error_set(error, "answers.of_parents", ARG_TEXT("instrument", code));
        return NULL;
    }
    error_set(error, "answers.not_in_wave", ARG_TEXT("instrument", code), ARG_INT("wave", number));
    return NULL;
}

struct second_half {
    void (*progress)(void *, double);
    void *context;
};

static void second_half(void *context, double fraction) {
    const struct second_half *half = context;
    if (half->progress) half->progress(half->context, 0.5 + fraction / 2);
}

bool answer_import(struct programme *programme, const char *path, int wave, const char *instrument,
                   const char *id_column, void (*progress)(void *, double), void *context,
                   struct arena *arena, struct import_summary *summary, struct error_list *faults) {
    struct reading reading = { .path = path, .id_column = id_column ? id_column : "subject",
                               .arena = arena, .faults = faults,
                               .faults_before = faults->total };
    struct error error = { 0 };
    struct subject_map *subjects = NULL;
    int64_t id = 0;
    *summary = (struct import_summary){ 0 };
    const struct instrument *form = find_instrument(programme->study, wave, instrument, arena, &id, &error);
    if (!form || !csv_open(&reading.csv, path, arena, &error)) goto failed;
    reading.instrument = form;
    if (!find_columns(&reading, &error) || !roster_subjects(programme, arena, &subjects, &error))
        goto failed;
    reading.subjects = subjects;
    if (!read_rows(&reading, progress, context, &error)) goto failed;
    if (faults->total > reading.faults_before) return false;
    if (reading.n == 0) {
        error_set(&error, "answers.no_rows", ARG_TEXT("file", path));
        goto failed;
    }
    const struct answer_sheet sheet = { .path = path, .n_rows = reading.n, .n_columns = reading.n_columns,
                                        .items = reading.items, .subjects = reading.row_subjects,
                                        .keys = reading.row_keys, .lines = reading.row_lines,
                                        .codes = reading.codes };
    struct second_half half = { progress, context };
    if (!answers_save(programme->study, wave, id, form->n_items, &sheet, second_half, &half, arena, summary,
                      faults))
        return false;
    summary->items = reading.n_columns;
    summary->ignored = reading.ignored;
    return true;
failed:
    error_list_add(faults, &error);
    return false;
}

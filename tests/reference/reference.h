/* reference.h - real answers and the values that other programs found in them (../shared/data). */
#ifndef LAERKE_TESTS_REFERENCE_H
#define LAERKE_TESTS_REFERENCE_H

#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "scale/model.h"

#include <jansson.h>
#include <math.h>

static inline json_t *reference_load(const char *name) {
    char file[256];
    snprintf(file, sizeof file, "reference/%s", name);
    json_error_t error;
    json_t *json = json_load_file(shared_data(file), 0, &error);
    if (!json) fail_msg("%s: %s", file, error.text);
    return json;
}

static inline double reference_number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) fail_msg("the reference has no number %s", key);
    return json_number_value(value);
}

/* The answers to items of a CSV in ../shared/data, all rows; lowest is the code of category 0. */
static inline struct responses reference_answers(const char *file, size_t n_items,
                                                 const char *const *items, int lowest,
                                                 struct arena *arena) {
    struct responses out = { .n_items = n_items, .n_groups = 1 };
    struct error error = { 0 };
    struct csv *csv;
    enum { ROWS_MAX = 10000 };
    int8_t *codes = arena_array(arena, ROWS_MAX, n_items);
    assert_non_null(codes);
    if (!csv_open(&csv, shared_data(file), arena, &error)) fail_msg("%s: %s", file, error.id);
    while (csv_next(csv, &error)) {
        assert_true(out.n_persons < ROWS_MAX);
        int8_t *row = codes + out.n_persons++ * n_items;
        for (size_t i = 0; i < n_items; i++) {
            long long value;
            int column = csv_column(csv, items[i]);
            assert_true(column >= 0);
            const char *cell = csv_cell(csv, column);
            row[i] = CODE_MISSING;
            if (*cell == '\0' || strcmp(cell, "NA") == 0) continue;
            assert_true(text_to_int(cell, lowest, lowest + 15, &value));
            row[i] = (int8_t)(value - lowest);
        }
    }
    assert_false(csv_failed(csv));
    out.codes = codes;
    return out;
}

#endif

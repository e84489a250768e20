#include "collect/wave.h"

#include "base/arena.h"
#include "instrument/instrument.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* A row that still stands where the database gave it. */
struct arrival {
    struct respondent_row row;
    const uint8_t *vector;
    size_t n_items;
};

static int by_place_and_answers(const void *left, const void *right) {
    const struct arrival *a = left, *b = right;
    if (a->row.unit != b->row.unit) return a->row.unit < b->row.unit ? -1 : 1;
    if (a->row.grade != b->row.grade) return a->row.grade < b->row.grade ? -1 : 1;
    if (a->row.gender != b->row.gender) return a->row.gender < b->row.gender ? -1 : 1;
    if (a->row.answered != b->row.answered) return a->row.answered ? -1 : 1;
    /* Rows that are alike in all of this are the same bytes, in whatever order they came. */
    return memcmp(a->vector, b->vector, a->n_items);
}

static bool count(struct store *study, int wave, int64_t instrument, size_t *n, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT COUNT(*) FROM assignment WHERE wave = ?1 AND instrument = ?2",
                       error))
        return false;
    bind_int(s, 1, wave);
    bind_int(s, 2, instrument);
    if (statement_step(s, error)) *n = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

/* Reads a row; false when its vector has another length than the instrument has items. */
static bool read_row(struct statement *s, size_t n_items, uint8_t *vector, struct respondent_row *row) {
    const char *gender = column_text(s, 2);
    *row = (struct respondent_row){ .unit = column_int(s, 0),
                                    .grade = column_is_null(s, 1) ? (int8_t)-1 : (int8_t)column_int(s, 1),
                                    .gender = gender ? gender[0] : '\0' };
    row->answered = strcmp(column_text(s, 3), "submitted") == 0 || strcmp(column_text(s, 3), "partial") == 0;
    if (!row->answered || column_is_null(s, 4)) return true;
    size_t length = 0;
    const void *bytes = column_blob(s, 4, &length);
    if (length != n_items) return false;
    memcpy(vector, bytes, length);
    return true;
}

/* The informant's own enrolment in the wave: its grade and gender are those of then. */
static const char SELECT_ANSWERS[] =
    "SELECT a.unit, e.grade, e.gender, a.state, w.vector FROM assignment a "
    "LEFT JOIN enrolment e ON e.subject = a.subject AND e.unit = a.unit AND e.wave = a.wave "
    "AND e.role = (CASE (SELECT i.respondent FROM instrument i WHERE i.id = a.instrument) "
    "WHEN 'teacher' THEN 'teacher' WHEN 'pedagogue' THEN 'pedagogue' WHEN 'leader' THEN 'leader' "
    "ELSE 'pupil' END) "
    "LEFT JOIN answer w ON w.assignment = a.id WHERE a.wave = ?1 AND a.instrument = ?2";

static bool read_all(struct store *study, int wave, int64_t instrument, struct arrival *arrivals,
                     size_t n, size_t n_items, uint8_t *vectors, struct error *error) {
    struct statement *s;
    bool lengths = true;
    size_t i = 0;
    if (!store_prepare(study, &s, SELECT_ANSWERS, error)) return false;
    bind_int(s, 1, wave);
    bind_int(s, 2, instrument);
    for (; i < n && statement_step(s, error); i++) {
        lengths &= read_row(s, n_items, vectors + i * n_items, &arrivals[i].row);
        arrivals[i].vector = vectors + i * n_items;
        arrivals[i].n_items = n_items;
    }
    if (!statement_end(s, error)) return false;
    return (lengths && i == n) || error_set(error, "answers.broken", ARG_INT("wave", wave));
}

bool answers_read(struct store *study, int wave, int64_t instrument, size_t n_items,
                  struct arena *arena, struct answers *out, struct error *error) {
    size_t n = 0;
    *out = (struct answers){ .n_items = n_items };
    if (!count(study, wave, instrument, &n, error)) return false;
    struct arrival *arrivals = arena_array(arena, n, sizeof *arrivals);
    uint8_t *vectors = arena_array(arena, n, n_items);
    out->rows = arena_array(arena, n, sizeof *out->rows);
    out->vectors = arena_array(arena, n, n_items);
    if (!arrivals || !vectors || !out->rows || !out->vectors) return error_plain(error, "answers.memory");
    memset(vectors, ANSWER_NOT_SEEN, n * n_items);
    if (!read_all(study, wave, instrument, arrivals, n, n_items, vectors, error)) return false;
    qsort(arrivals, n, sizeof *arrivals, by_place_and_answers);
    for (size_t i = 0; i < n; i++) {
        out->rows[i] = arrivals[i].row;
        memcpy(out->vectors + i * n_items, arrivals[i].vector, n_items);
    }
    out->n = n;
    return true;
}

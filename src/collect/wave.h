/* wave.h - waves, their assignments, and answers coming in.
 *
 * Layer: collect (above roster and instrument). A wave is planned, open, or closed. Opening it copies
 * the roster (enrolment of wave 0) and makes one assignment for every person that an instrument asks.
 */
#ifndef LAERKE_COLLECT_WAVE_H
#define LAERKE_COLLECT_WAVE_H

#include "base/error.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct programme;
struct store;

enum { WAVE_INSTRUMENTS_MAX = 16 };
struct wave {
    int number;
    char name[NAME_MAX_BYTES];
    char opens[11], closes[11]; /* yyyy-mm-dd */
    char state[8];              /* planned | open | closed */
    size_t n_instruments;
    int64_t instruments[WAVE_INSTRUMENTS_MAX];
};

/* Dates are real ones, opens ≤ closes. name NULL: "Kortlægning YYYY" of the opening. instruments are
 * codes (newest version). */
bool wave_new(struct store *study, const char *name, const char *opens, const char *closes,
              const char *const *instruments, size_t n_instruments, int *number,
              struct error *error);
bool wave_get(struct store *study, int number, struct wave *out, struct error *error);
bool wave_list(struct store *study, struct arena *arena, struct wave **out, size_t *n,
               struct error *error);
/* *assignments gets their number. Opening an open wave adds what is missing (newcomers). */
bool wave_open(struct store *study, int number, size_t *assignments, struct error *error);
bool wave_close(struct store *study, int number, struct error *error);

struct import_summary {
    size_t rows, answers, changed, unchanged, items;
    const char *ignored; /* columns that are no item, comma-separated, or NULL */
};
/* A CSV with a column of keys (id_column, NULL: "subject") and one an item id. Empty and NA are
 * missing. In one transaction; every bad line is named and then nothing is changed. */
bool answer_import(struct programme *programme, const char *path, int wave, const char *instrument,
                   const char *id_column, void (*progress)(void *, double), void *context,
                   struct arena *arena, struct import_summary *summary, struct error_list *faults);

/* Everybody that an instrument asked in a wave, ordered by unit id, grade, gender and answers: an
 * order that does not depend on pseudonyms or on the order of arrival. */
struct respondent_row {
    int64_t unit;          /* id of the class (or the school, for staff) */
    int8_t grade;          /* -1: none */
    char gender;           /* 'f', 'm', 'x', or 0 */
    bool answered;         /* submitted */
};
struct answers {
    size_t n, n_items;
    struct respondent_row *rows;
    uint8_t *vectors;      /* vectors[row * n_items + item]; ANSWER_NOT_SEEN where nothing came */
};
bool answers_read(struct store *study, int wave, int64_t instrument, size_t n_items,
                  struct arena *arena, struct answers *out, struct error *error);

#endif

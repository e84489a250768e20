/* wave.h - waves, their assignments, and answers coming in.
 *
 * Layer: collect (above roster and instrument). A wave is planned, open, or closed. Opening it copies
 * the roster (enrolment of wave 0) and makes one assignment for every person that an instrument asks.
 */
#ifndef LAERKE_COLLECT_WAVE_H
#define LAERKE_COLLECT_WAVE_H

#include "base/error.h"
#include "base/limits.h"
#include "collect/code.h"

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
 * codes (newest version). Errors: wave.bad_date {date}, wave.dates_reversed, wave.name_too_long,
 * wave.no_instrument, wave.too_many_instruments, wave.instrument_twice, and
 * instrument.unknown. */
bool wave_new(struct store *study, const char *name, const char *opens, const char *closes,
              const char *const *instruments, size_t n_instruments, int *number,
              struct error *error);
/* Error wave.unknown {wave}. */
bool wave_get(struct store *study, int number, struct wave *out, struct error *error);
bool wave_list(struct store *study, struct arena *arena, struct wave **out, size_t *n,
               struct error *error);
/* What opening and closing a wave needs: the study store; the identity store where an instrument asks
 * parents (error wave.no_identity without it); the keys of codes, without which none are given. */
struct wave_door {
    struct store *study, *identity;
    bool gives_codes;
    struct collect_keys keys;
};
/* All of it, of a programme; opens its identity store, which the programme closes. */
bool wave_door_of(struct programme *programme, struct wave_door *out, struct error *error);
/* *assignments gets their number. A pupil instrument asks every pupil of its grades, a staff instrument
 * everybody with the role (who stands in two units answers once, for the one of the lower id), a
 * parent's everybody who holds custody of a pupil of its grades, once a child, and a class
 * teacher's one teacher of each class about each of its pupils. Opening an open wave adds what is
 * missing (newcomers) and moves nobody. Error wave.is_closed. */
bool wave_open(const struct wave_door *door, int number, size_t *assignments, struct error *error);
/* Drafts are folded: a form that was begun counts as far as it went. Error wave.not_open. */
bool wave_close(const struct wave_door *door, int number, struct error *error);

/* Answers as they come from a file: one row a person, one column an item. */
struct answer_sheet {
    const char *path;       /* for messages */
    size_t n_rows, n_columns;
    const size_t *items;    /* item of each column */
    const int64_t *subjects;
    const char *const *keys; /* of the subjects, for messages */
    const size_t *lines;    /* of the file, for messages */
    const uint8_t *codes;   /* codes[row * n_columns + column]: as in an answer vector */
};

struct import_summary {
    size_t rows;                   /* lines with a subject */
    size_t answers;                /* single answers among them */
    size_t changed, unchanged;     /* persons whose answers are now others, or the same as before */
    size_t items;                  /* columns that are items */
    const char *ignored; /* columns that are no item, comma-separated, or NULL */
};

/* Saves a sheet in one transaction; faults answers.not_asked, answers.subject_twice and wave.not_open
 * change nothing. Items without a column keep what they have. Who has at least one answer has
 * submitted; who has none is open. Fills in summary but items and ignored. */
bool answers_save(struct store *study, int wave, int64_t instrument, size_t n_items,
                  const struct answer_sheet *sheet, void (*progress)(void *, double), void *context,
                  struct arena *arena, struct import_summary *summary, struct error_list *faults);

/* A CSV with a column of keys (id_column, NULL: "subject"), which are the roster's, and one an item
 * id. Empty and NA are missing: ANSWER_NOT_SEEN, since a file does not tell who skipped what. In one
 * transaction; every bad line is named (at most the list's maximum), and then nothing is changed.
 * Importing the same file again changes nothing. */
bool answer_import(struct programme *programme, const char *path, int wave, const char *instrument,
                   const char *id_column, void (*progress)(void *, double), void *context,
                   struct arena *arena, struct import_summary *summary, struct error_list *faults);

/* Everybody that an instrument asked in a wave, ordered by unit id, grade, gender and answers: an
 * order that does not depend on pseudonyms or on the order of arrival. */
struct respondent_row {
    int64_t unit;          /* id of the class (or the school, for staff) */
    int8_t grade;          /* -1: none */
    char gender;           /* 'f', 'm', 'x', or 0 */
    bool answered;         /* handed in, or begun when the wave closed */
};
struct answers {
    size_t n, n_items;
    struct respondent_row *rows;
    uint8_t *vectors;      /* vectors[row * n_items + item]; ANSWER_NOT_SEEN where nothing came */
};
bool answers_read(struct store *study, int wave, int64_t instrument, size_t n_items,
                  struct arena *arena, struct answers *out, struct error *error);

#endif

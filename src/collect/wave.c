#include "collect/wave.h"

#include "base/arena.h"
#include "base/text.h"
#include "instrument/instrument.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

/* yyyy-mm-dd, a day of the calendar. */
static bool is_date(const char *date) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (strlen(date) != 10 || date[4] != '-' || date[7] != '-') return false;
    for (int i = 0; i < 10; i++)
        if (i != 4 && i != 7 && (date[i] < '0' || date[i] > '9')) return false;
    int year = (date[0] - '0') * 1000 + (date[1] - '0') * 100 + (date[2] - '0') * 10 + date[3] - '0';
    int month = (date[5] - '0') * 10 + date[6] - '0', day = (date[8] - '0') * 10 + date[9] - '0';
    if (month < 1 || month > 12 || day < 1) return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (leap && month == 2);
}

/* A name stands in titles and in lists on a terminal. */
static bool is_one_line(const char *name) {
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) return false;
    return *name != '\0' && text_is_utf8(name, strlen(name));
}

static bool check_dates(const char *opens, const char *closes, struct error *error) {
    if (!is_date(opens)) return error_set(error, "wave.bad_date", ARG_TEXT("date", opens));
    if (!is_date(closes)) return error_set(error, "wave.bad_date", ARG_TEXT("date", closes));
    if (strcmp(opens, closes) > 0)
        return error_set(error, "wave.dates_reversed", ARG_TEXT("opens", opens),
                         ARG_TEXT("closes", closes));
    return true;
}

static bool find_instruments(struct store *study, const char *const *codes, size_t n, int64_t *ids,
                             struct error *error) {
    if (n == 0) return error_plain(error, "wave.no_instrument");
    if (n > WAVE_INSTRUMENTS_MAX)
        return error_set(error, "wave.too_many_instruments", ARG_INT("limit", WAVE_INSTRUMENTS_MAX));
    struct arena *arena = arena_create(64 * MIB);
    if (!arena) return error_plain(error, "wave.memory");
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        struct instrument *instrument;
        ok = instrument_get(study, codes[i], 0, arena, &ids[i], &instrument, error);
        for (size_t j = 0; ok && j < i; j++)
            if (ids[j] == ids[i])
                ok = error_set(error, "wave.instrument_twice", ARG_TEXT("instrument", codes[i]));
    }
    arena_destroy(arena);
    return ok;
}

static bool next_number(struct store *study, int *number, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT COALESCE(MAX(number), 0) + 1 FROM wave", error)) return false;
    if (statement_step(s, error)) *number = (int)column_int(s, 0);
    return statement_end(s, error);
}

static bool insert(struct store *study, const struct wave *wave, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO wave (number, name, opens, closes, state) "
                       "VALUES (?1, ?2, ?3, ?4, 'planned')", error))
        return false;
    bind_int(s, 1, wave->number);
    bind_text(s, 2, wave->name);
    bind_text(s, 3, wave->opens);
    bind_text(s, 4, wave->closes);
    if (!statement_run(s, error)) return false;
    for (size_t i = 0; i < wave->n_instruments; i++) {
        if (!store_prepare(study, &s, "INSERT INTO wave_instrument (wave, instrument) VALUES (?1, ?2)",
                           error))
            return false;
        bind_int(s, 1, wave->number);
        bind_int(s, 2, wave->instruments[i]);
        if (!statement_run(s, error)) return false;
    }
    return true;
}

bool wave_new(struct store *study, const char *name, const char *opens, const char *closes,
              const char *const *instruments, size_t n_instruments, int *number,
              struct error *error) {
    struct wave wave = { .n_instruments = n_instruments };
    if (!check_dates(opens, closes, error)) return false;
    snprintf(wave.opens, sizeof wave.opens, "%s", opens);
    snprintf(wave.closes, sizeof wave.closes, "%s", closes);
    if (!name) {
        snprintf(wave.name, sizeof wave.name, "Kortlægning %.4s", opens);
    } else if (!is_one_line(name) || !text_cut(wave.name, sizeof wave.name, name)) {
        return error_set(error, "wave.bad_name", ARG_INT("limit", NAME_MAX_BYTES - 1));
    }
    if (!store_begin(study, error)) return false;
    if (find_instruments(study, instruments, n_instruments, wave.instruments, error) &&
        next_number(study, &wave.number, error) && insert(study, &wave, error) &&
        store_commit(study, error)) {
        *number = wave.number;
        return true;
    }
    store_rollback(study);
    return false;
}

static void read_wave(struct statement *s, struct wave *out) {
    *out = (struct wave){ .number = (int)column_int(s, 0) };
    text_cut(out->name, sizeof out->name, column_text(s, 1));
    text_cut(out->opens, sizeof out->opens, column_text(s, 2));
    text_cut(out->closes, sizeof out->closes, column_text(s, 3));
    text_cut(out->state, sizeof out->state, column_text(s, 4));
}

static bool read_instruments(struct store *study, struct wave *wave, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT instrument FROM wave_instrument WHERE wave = ?1 ORDER BY instrument",
                       error))
        return false;
    bind_int(s, 1, wave->number);
    while (wave->n_instruments < WAVE_INSTRUMENTS_MAX && statement_step(s, error))
        wave->instruments[wave->n_instruments++] = column_int(s, 0);
    return statement_end(s, error);
}

bool wave_get(struct store *study, int number, struct wave *out, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT number, name, opens, closes, state FROM wave WHERE number = ?1",
                       error))
        return false;
    bind_int(s, 1, number);
    bool found = statement_step(s, error);
    if (found) read_wave(s, out);
    if (!statement_end(s, error)) return false;
    if (!found) return error_set(error, "wave.unknown", ARG_INT("wave", number));
    return read_instruments(study, out, error);
}

bool wave_list(struct store *study, struct arena *arena, struct wave **out, size_t *n,
               struct error *error) {
    struct statement *s;
    size_t count = 0;
    *out = NULL;
    *n = 0;
    if (!store_prepare(study, &s, "SELECT COUNT(*) FROM wave", error)) return false;
    if (statement_step(s, error)) count = (size_t)column_int(s, 0);
    if (!statement_end(s, error)) return false;
    *out = arena_array(arena, count, sizeof **out);
    if (!*out) return error_plain(error, "wave.memory");
    if (!store_prepare(study, &s, "SELECT number, name, opens, closes, state FROM wave ORDER BY number",
                       error))
        return false;
    while (*n < count && statement_step(s, error)) read_wave(s, &(*out)[(*n)++]);
    if (!statement_end(s, error)) return false;
    for (size_t i = 0; i < *n; i++)
        if (!read_instruments(study, &(*out)[i], error)) return false;
    return true;
}

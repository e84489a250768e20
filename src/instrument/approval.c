#include "instrument/approval.h"

#include "base/arena.h"
#include "store/store.h"

#include <string.h>

enum { REVIEWER_MAX = 128 };

static bool is_name(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length >= REVIEWER_MAX || strspn(name, " ") == length) return false;
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < ' ') return false;
    return true;
}

bool languages_offered(struct store *study, int64_t id, const struct instrument *instrument,
                       struct arena *arena, struct offered *out, struct error *error) {
    struct statement *s;
    bool *approved = arena_array(arena, instrument->n_languages + 1, sizeof *approved);
    out->tags = arena_array(arena, instrument->n_languages + 1, sizeof *out->tags);
    out->n = 0;
    if (!approved || !out->tags)
        return error_set(error, "instrument.memory", ARG_TEXT("file", instrument->code));
    approved[0] = true;
    if (!store_prepare(study, &s, "SELECT language FROM language_approval WHERE instrument = ?1",
                       error))
        return false;
    bind_int(s, 1, id);
    while (statement_step(s, error))
        for (size_t i = 0; i < instrument->n_languages; i++)
            if (strcmp(instrument->languages[i], column_text(s, 0)) == 0) approved[i] = true;
    if (!statement_end(s, error)) return false;
    for (size_t i = 0; i < instrument->n_languages; i++)
        if (approved[i]) out->tags[out->n++] = instrument->languages[i];
    return true;
}

bool language_approve(struct store *study, const char *code, int version, const char *language,
                      const char *reviewer, int64_t now, struct arena *arena, int *approved,
                      struct error *error) {
    struct instrument *instrument;
    struct statement *s;
    int64_t id;
    size_t at = 0;
    if (!is_name(reviewer))
        return error_set(error, "instrument.reviewer", ARG_INT("limit", REVIEWER_MAX - 1));
    if (!instrument_get(study, code, version, arena, &id, &instrument, error)) return false;
    while (at < instrument->n_languages && strcmp(instrument->languages[at], language) != 0) at++;
    if (at == instrument->n_languages)
        return error_set(error, "instrument.not_in_language", ARG_TEXT("code", code),
                         ARG_TEXT("language", language));
    if (at == 0)
        return error_set(error, "instrument.first_language", ARG_TEXT("code", code),
                         ARG_TEXT("language", language));
    *approved = instrument->version;
    if (!store_prepare(
            study, &s,
            "INSERT INTO language_approval (instrument, language, reviewer, approved_at) "
            "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            error))
        return false;
    bind_int(s, 1, id);
    bind_text(s, 2, language);
    bind_text(s, 3, reviewer);
    bind_int(s, 4, now);
    return statement_run(s, error);
}

bool approvals_list(struct store *study, struct arena *arena, struct approval **out, size_t *n,
                    struct error *error) {
    struct statement *s;
    size_t capacity = 0;
    bool memory = true;
    *out = NULL;
    *n = 0;
    if (!store_prepare(study, &s,
                       "SELECT instrument, language, reviewer, approved_at FROM language_approval "
                       "ORDER BY instrument, approved_at, language",
                       error))
        return false;
    while (memory && statement_step(s, error)) {
        if (*n == capacity) {
            *out =
                arena_grow(arena, *out, *n, capacity = capacity ? 2 * capacity : 16, sizeof **out);
            if (!*out) break;
        }
        struct approval *row = &(*out)[(*n)++];
        *row = (struct approval){ .instrument = column_int(s, 0),
                                  .approved_at = column_int(s, 3),
                                  .language = arena_copy(arena, column_text(s, 1)),
                                  .reviewer = arena_copy(arena, column_text(s, 2)) };
        memory = row->language && row->reviewer;
    }
    memory = memory && (*out || *n == 0);
    if (!statement_end(s, error)) return false;
    return memory || error_set(error, "instrument.memory", ARG_TEXT("file", ""));
}

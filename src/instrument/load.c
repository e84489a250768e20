#include "instrument/instrument.h"

#include "base/arena.h"
#include "instrument/file.h"
#include "store/store.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SHA256_HEX = 2 * crypto_hash_sha256_BYTES + 1 };

static void sha256_hex(const char *bytes, size_t length, char out[SHA256_HEX]) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)bytes, length);
    sodium_bin2hex(out, SHA256_HEX, hash, sizeof hash);
}

/* The newest version of a code: *version 0 when there is none. */
static bool newest(struct store *study, const char *code, int64_t *id, int *version,
                   char sha256[SHA256_HEX], struct error *error) {
    struct statement *s;
    *version = 0;
    if (!store_prepare(study, &s,
                       "SELECT id, version, sha256 FROM instrument WHERE code = ?1 "
                       "ORDER BY version DESC LIMIT 1", error))
        return false;
    bind_text(s, 1, code);
    if (statement_step(s, error)) {
        *id = column_int(s, 0);
        *version = (int)column_int(s, 1);
        const char *stored = column_text(s, 2);
        memcpy(sha256, stored ? stored : "", strnlen(stored ? stored : "", SHA256_HEX - 1) + 1);
    }
    return statement_end(s, error);
}

static bool insert(struct store *study, const struct instrument *instrument, int version,
                   const char *sha256, const char *definition, int64_t *id, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO instrument (code, version, respondent, sha256, definition) "
                       "VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id", error))
        return false;
    bind_text(s, 1, instrument->code);
    bind_int(s, 2, version);
    bind_text(s, 3, respondent_name(instrument->respondent));
    bind_text(s, 4, sha256);
    bind_text(s, 5, definition);
    if (statement_step(s, error)) *id = column_int(s, 0);
    return statement_end(s, error);
}

static bool load(struct store *study, const struct instrument *instrument, const char *bytes,
                 size_t length, int64_t *id, int *version, bool *existed, struct error *error) {
    char sha256[SHA256_HEX], stored[SHA256_HEX] = "";
    sha256_hex(bytes, length, sha256);
    if (!newest(study, instrument->code, id, version, stored, error)) return false;
    *existed = *version > 0 && strcmp(sha256, stored) == 0;
    if (*existed) return true;
    return insert(study, instrument, ++*version, sha256, bytes, id, error);
}

bool instrument_load(struct store *study, const char *path, struct arena *arena, int64_t *id,
                     int *version, bool *existed, struct error_list *faults) {
    struct error error;
    struct instrument *instrument;
    const char *bytes;
    size_t length;
    if (!instrument_bytes(path, arena, &bytes, &length, &error)) goto failed;
    if (!instrument_parse(&instrument, path, bytes, length, arena, faults)) return false;
    /* Within the write lock, so that two loads at once get two versions. */
    if (!store_begin(study, &error)) goto failed;
    if (load(study, instrument, bytes, length, id, version, existed, &error) &&
        store_commit(study, &error))
        return true;
    store_rollback(study);
failed:
    error_list_add(faults, &error);
    return false;
}

/* Reads the row of a statement that selects id, code, version, definition. */
static bool read_row(struct statement *s, struct arena *arena, int64_t *id, struct instrument **out,
                     bool *found, struct error *error) {
    *found = statement_step(s, error);
    const char *code = NULL, *definition = NULL;
    int version = 0;
    if (*found) {
        *id = column_int(s, 0);
        code = arena_copy(arena, column_text(s, 1));
        version = (int)column_int(s, 2);
        definition = arena_copy(arena, column_text(s, 3));
    }
    if (!statement_end(s, error)) return false;
    if (!*found) return true;
    struct error_list faults;
    error_list_init(&faults, arena, 1);
    if (!code || !definition)
        return error_set(error, "instrument.memory", ARG_TEXT("file", code ? code : ""));
    /* It was checked when it was loaded; a fault now means that a newer program wrote it. */
    if (!instrument_parse(out, code, definition, strlen(definition), arena, &faults))
        return error_set(error, "instrument.stored", ARG_TEXT("code", code), ARG_INT("version", version));
    (*out)->version = version;
    return true;
}

bool instrument_get(struct store *study, const char *code, int version, struct arena *arena,
                    int64_t *id, struct instrument **out, struct error *error) {
    struct statement *s;
    bool found;
    if (!store_prepare(study, &s,
                       "SELECT id, code, version, definition FROM instrument WHERE code = ?1 "
                       "AND (?2 = 0 OR version = ?2) ORDER BY version DESC LIMIT 1", error))
        return false;
    bind_text(s, 1, code);
    bind_int(s, 2, version);
    if (!read_row(s, arena, id, out, &found, error)) return false;
    return found || error_set(error, "instrument.unknown", ARG_TEXT("code", code));
}

bool instrument_by_id(struct store *study, int64_t id, struct arena *arena, struct instrument **out,
                      struct error *error) {
    struct statement *s;
    bool found;
    int64_t same;
    if (!store_prepare(study, &s, "SELECT id, code, version, definition FROM instrument WHERE id = ?1",
                       error))
        return false;
    bind_int(s, 1, id);
    if (!read_row(s, arena, &same, out, &found, error)) return false;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)id);
    return found || error_set(error, "instrument.unknown", ARG_TEXT("code", number));
}

bool instrument_list(struct store *study, struct arena *arena, struct instrument_row **out, size_t *n,
                     struct error *error) {
    struct statement *s;
    size_t capacity = 0;
    bool memory = true;
    *out = NULL;
    *n = 0;
    if (!store_prepare(study, &s,
                       "SELECT id, code, version, respondent, sha256 FROM instrument "
                       "ORDER BY code, version", error))
        return false;
    while (memory && statement_step(s, error)) {
        if (*n == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            struct instrument_row *rows = arena_grow(arena, *out, *n, capacity, sizeof *rows);
            if (!(memory = rows != NULL)) break;
            *out = rows;
        }
        struct instrument_row *row = &(*out)[(*n)++];
        *row = (struct instrument_row){ .id = column_int(s, 0), .code = arena_copy(arena, column_text(s, 1)),
                                        .version = (int)column_int(s, 2),
                                        .respondent = arena_copy(arena, column_text(s, 3)),
                                        .sha256 = arena_copy(arena, column_text(s, 4)) };
        memory = row->code && row->respondent && row->sha256;
    }
    if (!statement_end(s, error)) return false;
    return memory || error_set(error, "instrument.memory", ARG_TEXT("file", "instrument"));
}

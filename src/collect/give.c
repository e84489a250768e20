#include "collect/give.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

size_t code_length(enum respondent respondent) {
    bool child = respondent == RESPONDENT_PUPIL || respondent == RESPONDENT_PUPIL_YOUNG;
    return child ? CODE_PUPIL : CODE_ADULT;
}

/* A tag, and whose: −1 for one that the store has already. */
struct tagged {
    unsigned char tag[CODE_TAG_BYTES];
    int64_t taker;
};

struct taker {
    int64_t assignment;
    size_t length;
    int generation;
    bool moved; /* on to a later generation */
};

struct giving {
    struct store *study;
    const struct collect_keys *keys;
    size_t n, n_taken;
    struct taker *takers;
    struct tagged *tags; /* the store's, then the takers' */
};

static const char TAKERS[] =
    "SELECT a.id, i.respondent, a.generation FROM assignment a JOIN instrument i ON i.id = "
    "a.instrument "
    "WHERE a.wave = ?1 AND NOT EXISTS (SELECT 1 FROM respondent_code c WHERE c.assignment = a.id "
    "AND c.generation = a.generation) AND (i.respondent <> 'class_teacher' OR a.id = (SELECT "
    "MIN(b.id) "
    "FROM assignment b WHERE b.wave = a.wave AND b.instrument = a.instrument "
    "AND b.informant = a.informant)) ORDER BY a.id";

static bool count_rows(struct store *study, const char *sql, int wave, size_t *n,
                       struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, sql, error)) return false;
    bind_int(s, 1, wave);
    if (statement_step(s, error)) *n = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

static bool read_takers(struct giving *giving, int wave, struct error *error) {
    struct statement *s;
    size_t room = giving->n;
    giving->n = 0;
    if (!store_prepare(giving->study, &s, TAKERS, error)) return false;
    bind_int(s, 1, wave);
    while (giving->n < room && statement_step(s, error)) {
        enum respondent respondent = RESPONDENT_PUPIL;
        respondent_from_name(column_text(s, 1), &respondent);
        giving->takers[giving->n++] = (struct taker){ .assignment = column_int(s, 0),
                                                      .length = code_length(respondent),
                                                      .generation = (int)column_int(s, 2) };
    }
    return statement_end(s, error);
}

static bool read_taken(struct giving *giving, size_t room, struct error *error) {
    struct statement *s;
    if (!store_prepare(giving->study, &s, "SELECT tag FROM respondent_code", error)) return false;
    while (giving->n_taken < room && statement_step(s, error)) {
        size_t length = 0;
        const void *tag = column_blob(s, 0, &length);
        if (length != CODE_TAG_BYTES) continue;
        memcpy(giving->tags[giving->n_taken].tag, tag, length);
        giving->tags[giving->n_taken++].taker = -1;
    }
    return statement_end(s, error);
}

static void tag_of(const struct giving *giving, const struct taker *taker,
                   unsigned char tag[CODE_TAG_BYTES]) {
    char code[CODE_TEXT];
    code_derive(giving->keys, taker->assignment, taker->generation, taker->length, code);
    code_tag(giving->keys, code, tag);
}

static int by_tag(const void *left, const void *right) {
    const struct tagged *a = left, *b = right;
    int order = memcmp(a->tag, b->tag, CODE_TAG_BYTES);
    return order ? order : (a->taker > b->taker) - (a->taker < b->taker);
}

/* Moves on every taker whose code somebody before it has; false when there was none. */
static bool part_twins(struct giving *giving) {
    struct tagged *tags = giving->tags;
    size_t n = giving->n_taken + giving->n;
    bool moved = false;
    qsort(tags, n, sizeof *tags, by_tag);
    for (size_t i = 1; i < n; i++) {
        if (memcmp(tags[i].tag, tags[i - 1].tag, CODE_TAG_BYTES) != 0 || tags[i].taker < 0)
            continue;
        struct taker *taker = &giving->takers[tags[i].taker];
        taker->generation++;
        taker->moved = moved = true;
        tag_of(giving, taker, tags[i].tag);
    }
    return moved;
}

static bool write_code(struct store *study, const struct taker *taker, const unsigned char *tag,
                       struct error *error) {
    struct statement *s;
    if (taker->moved) {
        if (!store_prepare(study, &s, "UPDATE assignment SET generation = ?2 WHERE id = ?1", error))
            return false;
        bind_int(s, 1, taker->assignment);
        bind_int(s, 2, taker->generation);
        if (!statement_run(s, error)) return false;
    }
    if (!store_prepare(
            study, &s,
            "INSERT INTO respondent_code (tag, assignment, generation) VALUES (?1, ?2, ?3)", error))
        return false;
    bind_blob(s, 1, tag, CODE_TAG_BYTES);
    bind_int(s, 2, taker->assignment);
    bind_int(s, 3, taker->generation);
    return statement_run(s, error);
}

bool codes_give(struct store *study, const struct collect_keys *keys, int wave, struct arena *arena,
                struct error *error) {
    struct giving giving = { .study = study, .keys = keys };
    size_t taken = 0;
    if (!count_rows(study, "SELECT COUNT(*) FROM assignment WHERE wave = ?1", wave, &giving.n,
                    error) ||
        !count_rows(study, "SELECT COUNT(*) FROM respondent_code WHERE ?1 > 0", wave, &taken,
                    error))
        return false;
    giving.takers = arena_array(arena, giving.n + 1, sizeof *giving.takers);
    giving.tags = arena_array(arena, giving.n + taken + 1, sizeof *giving.tags);
    if (!giving.takers || !giving.tags) return error_plain(error, "wave.memory");
    if (!read_takers(&giving, wave, error) || !read_taken(&giving, taken, error)) return false;
    for (size_t i = 0; i < giving.n; i++) {
        tag_of(&giving, &giving.takers[i], giving.tags[giving.n_taken + i].tag);
        giving.tags[giving.n_taken + i].taker = (int64_t)i;
    }
    while (part_twins(&giving)) continue;
    for (size_t i = 0; i < giving.n_taken + giving.n; i++)
        if (giving.tags[i].taker >= 0 &&
            !write_code(study, &giving.takers[giving.tags[i].taker], giving.tags[i].tag, error))
            return false;
    return true;
}

bool code_find(struct store *study, const struct collect_keys *keys, const char *code,
               struct code_owner *out, struct error *error) {
    unsigned char tag[CODE_TAG_BYTES];
    struct statement *s;
    code_tag(keys, code, tag);
    if (!store_prepare(study, &s,
                       "SELECT a.id, a.instrument, a.wave, c.generation, a.generation "
                       "FROM respondent_code c JOIN assignment a ON a.id = c.assignment "
                       "WHERE c.tag = ?1",
                       error))
        return false;
    bind_blob(s, 1, tag, sizeof tag);
    bool found = statement_step(s, error);
    if (found)
        *out = (struct code_owner){ .assignment = column_int(s, 0),
                                    .instrument = column_int(s, 1),
                                    .wave = (int)column_int(s, 2),
                                    .generation = (int)column_int(s, 3),
                                    .current = column_int(s, 3) == column_int(s, 4) };
    return statement_end(s, error) && found;
}

/* ---- a new code for one ---- */

static bool read_taker(struct store *study, int64_t assignment, struct taker *out,
                       struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT i.respondent, a.generation FROM assignment a "
                       "JOIN instrument i ON i.id = a.instrument WHERE a.id = ?1",
                       error))
        return false;
    bind_int(s, 1, assignment);
    bool found = statement_step(s, error);
    if (found) {
        enum respondent respondent = RESPONDENT_PUPIL;
        respondent_from_name(column_text(s, 0), &respondent);
        *out = (struct taker){ .assignment = assignment,
                               .length = code_length(respondent),
                               .generation = (int)column_int(s, 1),
                               .moved = true };
    }
    if (!statement_end(s, error)) return false;
    return found || error_plain(error, "code.unknown");
}

static bool note_event(struct store *study, int64_t assignment, const struct code_event *event,
                       struct error *error) {
    struct statement *s;
    char unit[24];
    snprintf(unit, sizeof unit, "%lld", (long long)event->unit);
    if (!store_prepare(study, &s,
                       "INSERT INTO wave_event (wave, at, event, account, detail) "
                       "SELECT a.wave, ?2, 'code', ?3, ?4 FROM assignment a WHERE a.id = ?1",
                       error))
        return false;
    bind_int(s, 1, assignment);
    bind_int(s, 2, (int64_t)time(NULL));
    if (event->account) bind_int(s, 3, event->account);
    bind_text(s, 4, unit);
    return statement_run(s, error);
}

static bool renew(struct store *study, const struct collect_keys *keys, struct taker *taker,
                  const struct code_event *event, char out[CODE_TEXT], struct error *error) {
    unsigned char tag[CODE_TAG_BYTES];
    struct code_owner owner;
    do {
        taker->generation++;
        code_derive(keys, taker->assignment, taker->generation, taker->length, out);
    } while (code_find(study, keys, out, &owner, error));
    if (error->id[0]) return false;
    code_tag(keys, out, tag);
    return write_code(study, taker, tag, error) &&
           note_event(study, taker->assignment, event, error) && store_commit(study, error);
}

bool code_renew(struct store *study, const struct collect_keys *keys, int64_t assignment,
                const struct code_event *event, char out[CODE_TEXT], struct error *error) {
    struct taker taker;
    *error = (struct error){ 0 };
    if (!store_begin(study, error)) return false;
    if (read_taker(study, assignment, &taker, error) && renew(study, keys, &taker, event, out, error))
        return true;
    store_rollback(study);
    return false;
}

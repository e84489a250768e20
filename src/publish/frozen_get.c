#include "publish/frozen.h"

#include "base/arena.h"
#include "store/store.h"

#include <string.h>

/* A later publication has the larger number. */
bool frozen_newest(struct store *study, int wave, int64_t *publication, int *found_wave,
                   struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT id, wave FROM publication WHERE wave = ?1 OR ?1 = 0 "
                       "ORDER BY wave DESC, published_at DESC, id DESC LIMIT 1",
                       error))
        return false;
    bind_int(s, 1, wave);
    *publication = 0;
    *found_wave = wave;
    if (statement_step(s, error)) {
        *publication = column_int(s, 0);
        *found_wave = (int)column_int(s, 1);
    }
    if (!statement_end(s, error)) return false;
    if (*publication) return true;
    if (wave == 0) return error_plain(error, "publish.none_at_all");
    return error_set(error, "publish.none", ARG_INT("wave", wave));
}

/* The stored text of a unit; *json NULL when the publication has none. */
static bool read_result(struct store *study, int64_t publication, int64_t unit, struct arena *arena,
                        char **json, size_t *length, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT frozen FROM result WHERE publication = ?1 AND unit = ?2",
                       error))
        return false;
    bind_int(s, 1, publication);
    bind_int(s, 2, unit);
    *json = NULL;
    bool memory = true;
    if (statement_step(s, error)) {
        const char *text = column_text(s, 0);
        *length = text ? strlen(text) : 0;
        *json = arena_copy_bytes(arena, text ? text : "", *length);
        memory = *json != NULL;
    }
    if (!statement_end(s, error)) return false;
    return memory || error_set(error, "frozen.broken", ARG_TEXT("what", "memory"));
}

bool frozen_get(struct store *study, int wave, int64_t unit, struct arena *arena,
                struct frozen **out, const char **json, size_t *length, struct error *error) {
    int64_t publication;
    int found_wave;
    char *text;
    size_t n = 0;
    if (!frozen_newest(study, wave, &publication, &found_wave, error) ||
        !read_result(study, publication, unit, arena, &text, &n, error))
        return false;
    if (!text) return error_set(error, "publish.no_unit", ARG_INT("wave", found_wave));
    if (json) *json = text;
    if (length) *length = n;
    return frozen_read(text, n, arena, out, error);
}

bool frozen_waves(struct store *study, struct arena *arena, int **waves, size_t *n,
                  struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT DISTINCT wave FROM publication ORDER BY wave DESC",
                       error))
        return false;
    size_t capacity = 0;
    bool memory = true;
    *waves = NULL;
    *n = 0;
    while (memory && statement_step(s, error)) {
        if (*n == capacity) {
            capacity = capacity ? 2 * capacity : 8;
            int *grown = arena_grow(arena, *waves, *n, capacity, sizeof **waves);
            memory = grown != NULL;
            if (memory) *waves = grown;
        }
        if (memory) (*waves)[(*n)++] = (int)column_int(s, 0);
    }
    if (!statement_end(s, error)) return false;
    return memory || error_set(error, "frozen.broken", ARG_TEXT("what", "memory"));
}

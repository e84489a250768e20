#include "roster/import.h"

#include "base/arena.h"
#include "store/programme.h"
#include "store/store.h"

#include <sodium.h>

#include <string.h>

static bool set_up(struct import *import, struct error *error) {
    import->people_keys = map_new(import->arena);
    import->people_ids = map_new(import->arena);
    import->people_subjects = map_new(import->arena);
    import->link_keys = map_new(import->arena);
    import->place_keys = map_new(import->arena);
    return units_read(import->programme->study, import->arena, &import->units, error) &&
           (tree_seed(&import->tree, &import->units, import->arena) ||
            error_plain(error, "store.memory"));
}

/* Identity is committed first: were the program killed between the two, people would be known who
 * stand nowhere yet, and the next import completes them. */
static bool commit(struct import *import, struct error *error) {
    struct error why = { 0 };
    if (!store_commit(import->programme->identity, error)) return false;
    if (store_commit(import->programme->study, &why)) return true;
    return error_set(error, "roster.half",
                     ARG_TEXT("why", error_value(&why, "why") ? error_value(&why, "why") : why.id));
}

static bool begin(struct import *import, struct error *error) {
    struct store *identity = import->programme->identity, *study = import->programme->study;
    if (import->options->dry_run)
        return store_read_begin(identity, error) && store_read_begin(study, error);
    return store_begin(identity, error) && store_begin(study, error);
}

static void end(struct import *import) {
    struct store *identity = import->programme->identity, *study = import->programme->study;
    store_rollback(study);
    store_rollback(identity);
    store_read_end(study);
    store_read_end(identity);
}

static bool run(struct import *import, const char *path, struct error *error) {
    if (!set_up(import, error)) return false;
    if (!import_read(import, path)) return false;
    if (!import_compare(import, error)) return false;
    if (import->options->dry_run) return true;
    return import_write(import, error) && commit(import, error);
}

bool roster_import(struct programme *programme, const char *path,
                   const struct roster_options *options, struct arena *arena,
                   struct roster_summary *summary, struct error_list *faults) {
    struct error error = { 0 };
    struct import import = { .programme = programme,
                             .options = options,
                             .arena = arena,
                             .faults = faults,
                             .summary = summary };
    *summary = (struct roster_summary){ 0 };
    bool done = (sodium_init() >= 0 || error_plain(&error, "store.memory")) &&
                programme_open_identity(programme, &error);
    if (done) {
        done = begin(&import, &error) && run(&import, path, &error);
        end(&import);
    }
    if (*error.id) error_list_add(faults, &error);
    return done && faults->total == 0;
}

bool roster_summary_empty(const struct roster_summary *s) {
    return s->units_added + s->units_changed + s->people_added + s->people_changed +
               s->people_moved + s->guardians_added + s->guardians_changed + s->guardians_removed +
               s->staff_added + s->staff_removed ==
           0;
}

/* ---- subjects ------------------------------------------------------------------------------- */

struct subject_map {
    struct map keys; /* of the person's kind and key → the place in subjects */
    int64_t *subjects;
};

static bool count_subjects(struct store *identity, size_t *n, struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s, "SELECT COUNT(*) FROM pseudonym", error)) return false;
    if (statement_step(s, error)) *n = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

/* p, g or s, and the key: three series of keys in one map. */
static size_t subject_key(char out[512], char kind, const char *source_key) {
    size_t length = strlen(source_key);
    if (length > 510) length = 510;
    out[0] = kind;
    memcpy(out + 1, source_key, length); /* NOLINT(bugprone-not-null-terminated-result): bytes */
    return length + 1;
}

static bool read_subjects(struct store *identity, struct subject_map *map, size_t n,
                          struct error *error) {
    struct statement *s;
    char key[512];
    bool sound = true;
    if (!store_prepare(identity, &s,
                       "SELECT p.kind, p.source_key, s.subject FROM person p"
                       " JOIN pseudonym s ON s.person = p.id",
                       error))
        return false;
    for (size_t i = 0; sound && i < n && statement_step(s, error); i++) {
        size_t *place =
            map_put(&map->keys, key, subject_key(key, column_text(s, 0)[0], column_text(s, 1)));
        if (!place) {
            sound = error_plain(error, "store.memory");
            break;
        }
        *place = i;
        map->subjects[i] = column_int(s, 2);
    }
    return statement_end(s, sound ? error : &(struct error){ 0 }) && sound;
}

bool roster_subjects(struct programme *programme, struct arena *arena, struct subject_map **out,
                     struct error *error) {
    size_t n = 0;
    struct subject_map *map = *out = arena_alloc(arena, sizeof *map);
    if (!programme_open_identity(programme, error) ||
        !count_subjects(programme->identity, &n, error))
        return false;
    if (!map || !(map->subjects = arena_array(arena, n, sizeof *map->subjects)))
        return error_plain(error, "store.memory");
    map->keys = map_new(arena);
    return read_subjects(programme->identity, map, n, error);
}

bool subject_find(const struct subject_map *map, const char *source_key, int64_t *subject) {
    char key[512];
    for (const char *kind = "psg"; *kind; kind++) {
        size_t place = map_get(&map->keys, key, subject_key(key, *kind, source_key));
        if (place == MAP_NEW) continue;
        *subject = map->subjects[place];
        return true;
    }
    return false;
}

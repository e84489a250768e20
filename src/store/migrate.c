#include "store/driver.h"

#include "base/arena.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "base/text.h"

#include <sodium.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MIGRATION_NAME_MAX = 128 };

struct migration {
    char name[MIGRATION_NAME_MAX]; /* "001_people" */
    const struct embedded *file;
    char sha256[2 * crypto_hash_sha256_BYTES + 1];
};

/* The n-th migration of the kind (from 0), by its number; false when there are no more. */
static bool migration_at(enum store_kind kind, size_t n, struct migration *out) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "sql/%s/", store_kind_name(kind));
    const struct embedded *file = embedded_first(prefix);
    if (!file) return false;
    for (; n > 0 && file->name; n--) file++;
    if (!file->name || strncmp(file->name, prefix, strlen(prefix)) != 0) return false;
    const char *base = file->name + strlen(prefix);
    size_t length = strlen(base) - strlen(".sql");
    snprintf(out->name, sizeof out->name, "%.*s", (int)length, base);
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, file->bytes, file->length);
    sodium_bin2hex(out->sha256, sizeof out->sha256, hash, sizeof hash);
    out->file = file;
    return true;
}

/* The SQL with its placeholders in the database's own words. */
static const char *expand(const struct placeholder *placeholders, const char *sql,
                          struct arena *arena) {
    struct text out = text_new(arena, MIB);
    while (*sql) {
        const struct placeholder *p = placeholders;
        while (p->name && strncmp(sql, p->name, strlen(p->name)) != 0) p++;
        size_t length = p->name ? strlen(p->name) : 1;
        if (p->name)
            text_add(&out, p->sql);
        else
            text_add_char(&out, *sql);
        sql += length;
    }
    return text_ok(&out) ? text_string(&out) : NULL;
}

static bool run_sql(struct store *store, const char *sql, struct error *error) {
    struct arena *arena = arena_create(4 * MIB);
    const char *expanded = arena ? expand(store->driver->placeholders, sql, arena) : NULL;
    bool done = expanded ? store->driver->exec(store, expanded, error)
                         : error_plain(error, "store.memory");
    arena_destroy(arena);
    return done;
}

static bool has_table(struct store *store, const char *name, bool *has, struct error *error) {
    struct statement *s;
    if (!store_prepare(store, &s, store->driver->table_sql, error)) return false;
    bind_text(s, 1, name);
    *has = statement_step(s, error);
    return statement_end(s, error);
}

static long known(enum store_kind kind, const char *name) {
    struct migration m;
    for (size_t i = 0; migration_at(kind, i, &m); i++)
        if (strcmp(m.name, name) == 0) return (long)i;
    return -1;
}

static bool migration_error(struct error *error, const char *id, const struct store *store,
                            const char *migration) {
    const struct arg args[] = { ARG_TEXT("database", store->name),
                                ARG_TEXT("migration", migration) };
    return error_set_args(error, id, args, sizeof args / sizeof *args);
}

/* Compares what the database has with what the program carries. *next gets the first one lacking,
 * or one past the last. */
static bool compare(struct store *store, size_t *next, struct error *error) {
    bool applied[1024] = { false };
    struct statement *s;
    bool has;
    *next = 0;
    if (!has_table(store, "migration", &has, error)) return false;
    if (!has) return true;
    if (!store_prepare(store, &s, "SELECT name, sha256 FROM migration ORDER BY name", error))
        return false;
    bool sound = true;
    while (sound && statement_step(s, error)) {
        struct migration m;
        const char *name = column_text(s, 0), *sha256 = column_text(s, 1);
        long i = known(store->kind, name);
        if (i < 0)
            sound = migration_error(error, ERROR_ID("store.future"), store, name);
        else if (migration_at(store->kind, (size_t)i, &m) && strcmp(m.sha256, sha256) != 0)
            sound = migration_error(error, ERROR_ID("store.changed"), store, name);
        else if ((size_t)i < sizeof applied)
            applied[i] = true;
    }
    if (!statement_end(s, sound ? error : &(struct error){ 0 })) return false;
    while (applied[*next]) ++*next;
    return sound;
}

static bool apply(struct store *store, const struct migration *m, struct error *error) {
    struct statement *s;
    if (!run_sql(store, (const char *)m->file->bytes, error)) {
        error_add(error, ARG_TEXT("migration", m->name));
        return false;
    }
    if (!store_prepare(store, &s,
                       "INSERT INTO migration(name, sha256, applied_at) VALUES (?1, ?2, ?3)",
                       error))
        return false;
    bind_text(s, 1, m->name);
    bind_text(s, 2, m->sha256);
    bind_int(s, 3, (int64_t)time(NULL));
    return statement_run(s, error);
}

/* Applies the first missing one under the write lock, so that two programs never apply one twice.
 * *done is set when none was missing. */
static bool migrate_one(struct store *store, bool *done, struct error *error) {
    struct migration m;
    size_t next;
    if (!store_begin(store, error)) return false;
    bool sound = compare(store, &next, error);
    *done = sound && !migration_at(store->kind, next, &m);
    if (sound && !*done && next == 0) {
        if (store->driver->schema_sql)
            sound = store->driver->exec(store, store->driver->schema_sql, error);
        sound = sound && run_sql(store,
                                 "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY,"
                                 " sha256 TEXT NOT NULL, applied_at {INT} NOT NULL)",
                                 error);
    }
    if (sound && !*done) sound = apply(store, &m, error);
    if (sound) return store_commit(store, error);
    store_rollback(store);
    return false;
}

bool store_migrate(struct store *store, int *applied, struct error *error) {
    int n = 0;
    for (bool done = false; !done; n++)
        if (!migrate_one(store, &done, error)) return false;
    if (applied) *applied = n - 1;
    return true;
}

bool store_check(struct store *store, struct error *error) {
    struct migration m;
    size_t next;
    if (!compare(store, &next, error)) return false;
    if (!migration_at(store->kind, next, &m)) return true;
    return migration_error(error, ERROR_ID("store.missing"), store, m.name);
}

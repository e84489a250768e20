#include "store/driver.h"

#include <sqlite3.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sqlite_store {
    struct store base;
    sqlite3 *db;
};

struct sqlite_statement {
    struct statement base;
    sqlite3_stmt *stmt;
};

static sqlite3 *db_of(const struct store *store) {
    return ((const struct sqlite_store *)store)->db;
}

static sqlite3_stmt *stmt_of(const struct statement *statement) {
    return ((const struct sqlite_statement *)statement)->stmt;
}

/* Results of SQLite that a caller may meet, by their extended code first. */
static const struct {
    int code;
    const char *id;
} known[] = {
    { SQLITE_CONSTRAINT_UNIQUE, ERROR_ID("store.unique") },
    { SQLITE_CONSTRAINT_PRIMARYKEY, ERROR_ID("store.unique") },
    { SQLITE_CONSTRAINT_ROWID, ERROR_ID("store.unique") },
    { SQLITE_CONSTRAINT_FOREIGNKEY, ERROR_ID("store.reference") },
    { SQLITE_CONSTRAINT, ERROR_ID("store.constraint") },
    { SQLITE_BUSY, ERROR_ID("store.busy") },
    { SQLITE_LOCKED, ERROR_ID("store.busy") },
    { SQLITE_READONLY, ERROR_ID("store.read_only") },
    { SQLITE_FULL, ERROR_ID("store.full") },
    { SQLITE_NOTADB, ERROR_ID("store.damaged") },
    { SQLITE_CORRUPT, ERROR_ID("store.damaged") },
    { SQLITE_CANTOPEN, ERROR_ID("store.open") },
    { SQLITE_NOMEM, ERROR_ID("store.memory") },
};

static bool fail(const struct store *store, struct error *error) {
    sqlite3 *db = db_of(store);
    int extended = sqlite3_extended_errcode(db);
    for (int mask = -1;; mask = 0xFF) {
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (known[i].code == (extended & mask))
                return store_error(error, known[i].id, store, sqlite3_errmsg(db));
        if (mask == 0xFF) break;
    }
    return store_error(error, ERROR_ID("store.failed"), store, sqlite3_errmsg(db));
}

static void close_store(struct store *store) {
    sqlite3_close(db_of(store));
    free(store);
}

static bool exec(struct store *store, const char *sql, struct error *error) {
    return sqlite3_exec(db_of(store), sql, NULL, NULL, NULL) == SQLITE_OK || fail(store, error);
}

static bool prepare(struct statement *statement, struct error *error) {
    struct sqlite_statement *s = (struct sqlite_statement *)statement;
    return sqlite3_prepare_v3(db_of(statement->store), statement->sql, -1,
                              SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL) == SQLITE_OK ||
           fail(statement->store, error);
}

static void reset(struct statement *statement) {
    sqlite3_reset(stmt_of(statement));
    sqlite3_clear_bindings(stmt_of(statement));
}

static void dispose(struct statement *statement) { sqlite3_finalize(stmt_of(statement)); }

static const char *bind(struct statement *statement, int index, const struct value *value) {
    sqlite3_stmt *stmt = stmt_of(statement);
    int rc = SQLITE_OK;
    switch (value->kind) {
    case VALUE_NULL: rc = sqlite3_bind_null(stmt, index); break;
    case VALUE_INT: rc = sqlite3_bind_int64(stmt, index, value->whole); break;
    case VALUE_REAL: rc = sqlite3_bind_double(stmt, index, value->real); break;
    case VALUE_TEXT:
        rc = sqlite3_bind_text64(stmt, index, value->bytes, value->length, SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
        break;
    case VALUE_BLOB:
        rc = sqlite3_bind_blob64(stmt, index, value->bytes, value->length, SQLITE_TRANSIENT);
        break;
    }
    return rc == SQLITE_OK ? NULL : rc == SQLITE_RANGE ? "no such parameter" : sqlite3_errstr(rc);
}

static bool is_write(struct statement *statement) {
    return !sqlite3_stmt_readonly(stmt_of(statement));
}

static enum step step(struct statement *statement, struct error *error) {
    sqlite3_stmt *stmt = stmt_of(statement);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) return STEP_ROW;
    if (rc != SQLITE_DONE) fail(statement->store, error);
    sqlite3_reset(stmt); /* a read lock is not kept until the next use */
    return rc == SQLITE_DONE ? STEP_DONE : STEP_FAILED;
}

/* Stepping to the end of a change is what commits it; the rest of a query is not wanted. */
static bool stop(struct statement *statement, struct error *error) {
    enum step result = STEP_ROW;
    if (is_write(statement))
        while (result == STEP_ROW) result = step(statement, error);
    else
        sqlite3_reset(stmt_of(statement));
    return result != STEP_FAILED;
}

static bool run(struct statement *statement, struct error *error) {
    enum step result = STEP_ROW;
    while (result == STEP_ROW) result = step(statement, error);
    return result == STEP_DONE;
}

static bool settle(struct store *store, struct error *error) {
    (void)store, (void)error; /* nothing is ever pending here */
    return true;
}

static bool is_null(struct statement *statement, int index) {
    return sqlite3_column_type(stmt_of(statement), index) == SQLITE_NULL;
}

static int64_t whole(struct statement *statement, int index) {
    return sqlite3_column_int64(stmt_of(statement), index);
}

static double real(struct statement *statement, int index) {
    return sqlite3_column_double(stmt_of(statement), index);
}

static const char *text(struct statement *statement, int index) {
    return (const char *)sqlite3_column_text(stmt_of(statement), index);
}

static const void *blob(struct statement *statement, int index, size_t *length) {
    if (is_null(statement, index)) return NULL;
    const void *bytes = sqlite3_column_blob(stmt_of(statement), index);
    *length = (size_t)sqlite3_column_bytes(stmt_of(statement), index);
    return bytes ? bytes : "";
}

/* AUTOINCREMENT: the key of a row that was erased is never given to another. */
static const struct placeholder placeholders[] = {
    { "{ID}", "INTEGER PRIMARY KEY AUTOINCREMENT" },
    { "{INT}", "INTEGER" },
    { "{REAL}", "REAL" },
    { "{BLOB}", "BLOB" },
    { NULL, NULL },
};

static const struct driver driver = {
    .statement_size = sizeof(struct sqlite_statement),
    .placeholders = placeholders,
    .begin_sql = "BEGIN IMMEDIATE",
    .read_sql = "BEGIN",
    .table_sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1",
    .close = close_store,
    .exec = exec,
    .prepare = prepare,
    .reset = reset,
    .dispose = dispose,
    .bind = bind,
    .is_write = is_write,
    .step = step,
    .run = run,
    .stop = stop,
    .settle = settle,
    .is_null = is_null,
    .whole = whole,
    .real = real,
    .text = text,
    .blob = blob,
};

/* The file is made here and not by SQLite, so that nobody else may read it. One that is there is
 * never opened here: closing it again would drop the locks (POSIX) that this process's other
 * connections hold on it, and another process would then take itself for the last one and delete
 * the log under them. */
static bool make_file(const char *path, const struct store *store, struct error *error) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    if (access(path, R_OK | W_OK) == 0) return true;
    const char *reason = strerror(errno);
    bool readable = access(path, R_OK) == 0;
    return store_error(error, readable ? ERROR_ID("store.read_only") : ERROR_ID("store.open"),
                       store, reason);
}

/* The first to open a new file changes it to WAL. For that SQLite asks for the whole file and does not
 * wait as it does for other locks: of two who open it at once, one would be told that it is locked. */
static bool set_wal(struct store *store, struct error *error) {
    enum { STEP_MS = 5 };
    struct error busy = { 0 };
    for (int waited = 0;; waited += STEP_MS) {
        if (exec(store, "PRAGMA journal_mode=WAL", &busy)) return true;
        if (!error_is(&busy, "store.busy") || waited >= STORE_WAIT_MS) break;
        sqlite3_sleep(STEP_MS);
    }
    if (error) *error = busy;
    return false;
}

static bool set_up(struct store *store, struct error *error) {
    sqlite3 *db = db_of(store);
    sqlite3_busy_timeout(db, STORE_WAIT_MS);
    sqlite3_extended_result_codes(db, 1);
    /* "x" is a name and never a text, as in PostgreSQL. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return set_wal(store, error) &&
           exec(store,
                "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768",
                error);
}

bool store_open_sqlite(struct store **out, const char *path, struct error *error) {
    struct sqlite_store *store = calloc(1, sizeof *store);
    if (!store) return error_plain(error, "store.memory");
    store->base.driver = &driver;
    snprintf(store->base.name, sizeof store->base.name, "%s", path);
    if (!make_file(path, &store->base, error)) {
        free(store);
        return false;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
        if (store->db)
            fail(&store->base, error);
        else
            error_plain(error, "store.memory");
    } else if (set_up(&store->base, error)) {
        *out = &store->base;
        return true;
    }
    close_store(&store->base);
    return false;
}

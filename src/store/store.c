#include "store/driver.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool store_error(struct error *error, const char *id, const struct store *store, const char *why) {
    const struct arg args[] = { ARG_TEXT("database", store->name), ARG_TEXT("why", why) };
    return error_set_args(error, id, args, sizeof args / sizeof *args);
}

static bool misuse(struct error *error, const char *what, const char *sql) {
    return error_set(error, "store.misuse", ARG_TEXT("what", what), ARG_TEXT("sql", sql));
}

const char *store_kind_name(enum store_kind kind) {
    return kind == STORE_IDENTITY ? "identity" : "study";
}

static bool begins(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool store_open(struct store **out, const char *url, enum store_kind kind, struct error *error) {
    *out = NULL;
    bool done;
    if (begins(url, "sqlite:"))
        done = store_open_sqlite(out, url + strlen("sqlite:"), error);
    else if (begins(url, "postgresql:") || begins(url, "postgres:") || strchr(url, '='))
        done = store_open_postgres(out, url, kind, error);
    else /* the URL may hold a password: it is not repeated */
        return error_set(error, "store.url", ARG_TEXT("store", store_kind_name(kind)));
    if (done) (*out)->kind = kind;
    return done;
}

void store_close(struct store *store) {
    if (!store) return;
    store_rollback(store);
    store_read_end(store);
    for (size_t i = 0; i < STATEMENT_BUCKETS; i++) {
        for (struct statement *s = store->buckets[i], *next; s; s = next) {
            next = s->next;
            store->driver->dispose(s);
            free(s->sql);
            free(s);
        }
    }
    store->driver->close(store);
}

enum store_kind store_kind(const struct store *store) { return store->kind; }

/* ---- transactions --------------------------------------------------------------------------- */

/* Ends what is being stepped: its rows would end with the transaction anyway. */
static void stop_active(struct store *store) {
    struct error ignored;
    if (store->active) statement_end(store->active, &ignored);
}

static bool begin(struct store *store, enum transaction transaction, const char *sql,
                  struct error *error) {
    if (store->transaction != TRANSACTION_NONE)
        return misuse(error, "a transaction within one", sql);
    if (store->active) return misuse(error, "a statement is not ended", store->active->sql);
    if (!store->driver->exec(store, sql, error)) {
        struct error ignored; /* it may have begun, and then waited for the lock in vain */
        store->driver->exec(store, "ROLLBACK", &ignored);
        return false;
    }
    store->transaction = transaction;
    store->failed = false;
    return true;
}

bool store_begin(struct store *store, struct error *error) {
    return begin(store, TRANSACTION_WRITE, store->driver->begin_sql, error);
}

bool store_read_begin(struct store *store, struct error *error) {
    return begin(store, TRANSACTION_READ, store->driver->read_sql, error);
}

bool store_commit(struct store *store, struct error *error) {
    if (store->transaction != TRANSACTION_WRITE) return misuse(error, "no transaction", "COMMIT");
    bool done;
    if (store->active)
        done = misuse(error, "a statement is not ended", store->active->sql);
    else if (store->failed)
        done = misuse(error, "a statement of the transaction has failed", "COMMIT");
    else
        done = store->driver->settle(store, error) && store->driver->exec(store, "COMMIT", error);
    if (done)
        store->transaction = TRANSACTION_NONE;
    else
        store_rollback(store);
    return done;
}

static void roll_back(struct store *store, enum transaction transaction) {
    if (store->transaction != transaction) return;
    struct error ignored;
    stop_active(store);
    store->driver->settle(store, &ignored);
    store->driver->exec(store, "ROLLBACK", &ignored);
    store->transaction = TRANSACTION_NONE;
    store->failed = false;
}

void store_rollback(struct store *store) { roll_back(store, TRANSACTION_WRITE); }
void store_read_end(struct store *store) { roll_back(store, TRANSACTION_READ); }

/* ---- statements ----------------------------------------------------------------------------- */

static struct statement **bucket_of(struct store *store, const char *sql) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *sql; sql++) hash = (hash ^ (unsigned char)*sql) * 16777619u;
    return &store->buckets[hash % STATEMENT_BUCKETS];
}

static void reset(struct statement *statement) {
    if (statement->store->active == statement) statement->store->active = NULL;
    statement->store->driver->reset(statement);
    statement->state = STATEMENT_READY;
    statement->failed = statement->not_text = false;
    statement->fault = NULL;
}

/* A failed statement fails its transaction. */
static bool failure(struct store *store) {
    if (store->transaction != TRANSACTION_NONE) store->failed = true;
    return false;
}

bool store_prepare(struct store *store, struct statement **out, const char *sql,
                   struct error *error) {
    struct statement **bucket = bucket_of(store, sql);
    for (struct statement *s = *bucket; s; s = s->next) {
        if (strcmp(s->sql, sql) != 0) continue;
        reset(s);
        *out = s;
        return true;
    }
    *out = NULL;
    if (store->n_statements == STATEMENTS_MAX) return misuse(error, "too many statements", sql);
    struct statement *statement = calloc(1, store->driver->statement_size);
    if (!statement || !(statement->sql = strdup(sql))) {
        free(statement);
        return error_plain(error, "store.memory");
    }
    statement->store = store;
    if (!store->driver->prepare(statement, error)) {
        store->driver->dispose(statement);
        free(statement->sql);
        free(statement);
        return failure(store);
    }
    statement->next = *bucket;
    *bucket = statement;
    store->n_statements++;
    *out = statement;
    return true;
}

static void bind(struct statement *statement, int index, struct value value) {
    const char *fault = statement->state == STATEMENT_RUNNING
                            ? "a parameter is bound while the statement runs"
                            : statement->store->driver->bind(statement, index, &value);
    if (fault && !statement->fault) statement->fault = fault;
}

void bind_int(struct statement *statement, int index, int64_t value) {
    bind(statement, index, (struct value){ .kind = VALUE_INT, .whole = value });
}

void bind_real(struct statement *statement, int index, double value) {
    /* SQLite would make NULL of a NaN without a word. */
    if (!isfinite(value))
        statement->fault = "a number that is not finite";
    else
        bind(statement, index,
             (struct value){ .kind = VALUE_REAL,
                             .real = value + 0.0 }); /* -0.0 becomes 0.0 on both */
}

void bind_text(struct statement *statement, int index, const char *value) {
    if (!value) {
        bind_null(statement, index);
        return;
    }
    size_t length = strlen(value);
    if (!text_is_utf8(value, length)) statement->not_text = true;
    bind(statement, index, (struct value){ .kind = VALUE_TEXT, .bytes = value, .length = length });
}

void bind_blob(struct statement *statement, int index, const void *bytes, size_t length) {
    bind(statement, index,
         (struct value){ .kind = VALUE_BLOB, .bytes = bytes ? bytes : "", .length = length });
}

void bind_null(struct statement *statement, int index) {
    bind(statement, index, (struct value){ .kind = VALUE_NULL });
}

/* May the statement start? */
static bool may_start(struct statement *statement, struct error *error) {
    struct store *store = statement->store;
    if (statement->fault) return misuse(error, statement->fault, statement->sql);
    if (statement->not_text) return store_error(error, ERROR_ID("store.not_text"), store, "");
    if (store->active) return misuse(error, "a statement is not ended", store->active->sql);
    if (store->failed)
        return misuse(error, "a statement of the transaction has failed", statement->sql);
    if (store->transaction == TRANSACTION_READ && store->driver->is_write(statement))
        return misuse(error, "writing in a read transaction", statement->sql);
    return true;
}

static bool end_failed(struct statement *statement) {
    struct store *store = statement->store;
    statement->state = STATEMENT_ENDED;
    statement->failed = true;
    if (store->active == statement) store->active = NULL;
    return failure(store);
}

bool statement_step(struct statement *statement, struct error *error) {
    struct store *store = statement->store;
    if (statement->state == STATEMENT_ENDED) return false;
    if (statement->state == STATEMENT_READY) {
        if (!may_start(statement, error)) return end_failed(statement);
        store->active = statement;
        statement->state = STATEMENT_RUNNING;
    }
    switch (store->driver->step(statement, error)) {
    case STEP_ROW: return true;
    case STEP_DONE: break;
    case STEP_FAILED: return end_failed(statement);
    }
    if (statement->not_text) {
        store_error(error, ERROR_ID("store.not_text"), store, "");
        return end_failed(statement);
    }
    statement->state = STATEMENT_ENDED;
    store->active = NULL;
    return false;
}

bool statement_end(struct statement *statement, struct error *error) {
    struct store *store = statement->store;
    if (statement->state == STATEMENT_RUNNING) {
        bool stopped = store->driver->stop(statement, error);
        if (stopped && statement->not_text)
            stopped = store_error(error, ERROR_ID("store.not_text"), store, "");
        if (!stopped) return end_failed(statement);
        statement->state = STATEMENT_ENDED;
        store->active = NULL;
    }
    return !statement->failed;
}

bool statement_run(struct statement *statement, struct error *error) {
    if (statement->state != STATEMENT_READY) {
        misuse(error, "run again without store_prepare", statement->sql);
        return end_failed(statement);
    }
    if (!may_start(statement, error) || !statement->store->driver->run(statement, error))
        return end_failed(statement);
    statement->state = STATEMENT_ENDED;
    return true;
}

bool store_exec(struct store *store, const char *sql, struct error *error) {
    struct statement *statement;
    return store_prepare(store, &statement, sql, error) && statement_run(statement, error);
}

/* ---- columns -------------------------------------------------------------------------------- */

static bool has_row(const struct statement *statement) {
    return statement->state == STATEMENT_RUNNING;
}

int64_t column_int(struct statement *statement, int index) {
    return has_row(statement) ? statement->store->driver->whole(statement, index) : 0;
}

double column_real(struct statement *statement, int index) {
    return has_row(statement) ? statement->store->driver->real(statement, index) : 0.0;
}

const char *column_text(struct statement *statement, int index) {
    const char *text = has_row(statement) ? statement->store->driver->text(statement, index) : NULL;
    if (text && !text_is_utf8(text, strlen(text))) {
        statement->not_text = true;
        return "";
    }
    return text;
}

const void *column_blob(struct statement *statement, int index, size_t *length) {
    *length = 0;
    return has_row(statement) ? statement->store->driver->blob(statement, index, length) : NULL;
}

bool column_is_null(struct statement *statement, int index) {
    return !has_row(statement) || statement->store->driver->is_null(statement, index);
}

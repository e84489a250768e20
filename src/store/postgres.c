/* PostgreSQL by libpq. Queries come in single-row mode, so a table of any size can be walked;
 * changes within a transaction are pipelined, so that a hundred thousand inserts wait for a handful
 * of answers. Parameters travel as text with the type they were bound as (a blob as it is); results
 * as text. */
#include "store/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many statements may be under way, and how many are left so when answers are fetched. */
enum { PIPELINE_MAX = 1024, PIPELINE_REST = 512 };

static struct postgres_store *store_of(struct store *store) {
    return (struct postgres_store *)store;
}

/* ---- errors --------------------------------------------------------------------------------- */

/* SQLSTATEs, or their class, that a caller may meet. */
static const struct {
    const char *state, *id;
} known[] = {
    { "23505", ERROR_ID("store.unique") },    { "23503", ERROR_ID("store.reference") },
    { "23", ERROR_ID("store.constraint") },   { "55P03", ERROR_ID("store.busy") },
    { "40P01", ERROR_ID("store.busy") },      { "25006", ERROR_ID("store.read_only") },
    { "42501", ERROR_ID("store.read_only") }, { "53100", ERROR_ID("store.full") },
    { "22021", ERROR_ID("store.not_text") },  { "57P", ERROR_ID("store.lost") },
    { "08", ERROR_ID("store.lost") },
};

/* libpq's sentences, and what it says of a connection, end in a line break. */
static bool fail_why(struct store *store, struct error *error, const char *id, const char *why) {
    char line[ERROR_VALUE_MAX];
    size_t length = strcspn(why, "\n");
    snprintf(line, sizeof line, "%.*s", (int)(length < 250 ? length : 250), why);
    return store_error(error, id, store, line);
}

static bool fail(struct store *store, struct error *error, const PGresult *result) {
    PGconn *conn = store_of(store)->conn;
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    /* The primary message alone: the detail repeats values, and a value may be a name. */
    const char *why = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    for (size_t i = 0; state && i < sizeof known / sizeof *known; i++)
        if (strncmp(state, known[i].state, strlen(known[i].state)) == 0)
            return fail_why(store, error, known[i].id, why ? why : state);
    if (PQstatus(conn) != CONNECTION_OK)
        return fail_why(store, error, ERROR_ID("store.lost"), PQerrorMessage(conn));
    return fail_why(store, error, ERROR_ID("store.failed"), why ? why : PQerrorMessage(conn));
}

static bool good(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
}

/* ---- the pipeline --------------------------------------------------------------------------- */

/* Takes answers until at most rest are pending. The first failure is kept. */
static void take_answers(struct postgres_store *store, size_t rest) {
    while (store->pending > rest) {
        PGresult *result = PQgetResult(store->conn);
        if (!result) { /* the end of one statement's answers, or of the connection */
            if (PQstatus(store->conn) == CONNECTION_OK) {
                store->pending--;
                continue;
            }
            if (!*store->failure.id) fail(&store->base, &store->failure, NULL);
            store->pending = 0;
            return;
        }
        if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED && !good(result) &&
            !*store->failure.id)
            fail(&store->base, &store->failure, result);
        PQclear(result);
    }
}

/* Leaves pipeline mode with every answer taken; false when a pipelined statement had failed. */
static bool settle(struct store *base, struct error *error) {
    struct postgres_store *store = store_of(base);
    if (PQpipelineStatus(store->conn) != PQ_PIPELINE_OFF) {
        if (!PQpipelineSync(store->conn)) fail(base, &store->failure, NULL);
        take_answers(store, 0);
        PGresult *sync;
        while ((sync = PQgetResult(store->conn))) {
            bool last = PQresultStatus(sync) == PGRES_PIPELINE_SYNC ||
                        PQstatus(store->conn) != CONNECTION_OK;
            PQclear(sync);
            if (last) break;
        }
        PQexitPipelineMode(store->conn);
    }
    if (!*store->failure.id) return true;
    *error = store->failure;
    store->failure.id[0] = '\0';
    base->failed = base->transaction != TRANSACTION_NONE;
    return false;
}

/* ---- connection ----------------------------------------------------------------------------- */

static bool exec_plain(struct postgres_store *store, const char *sql, struct error *error) {
    PGresult *result = PQexec(store->conn, sql);
    bool done = good(result) || fail(&store->base, error, result);
    /* The commit of a transaction that has failed answers ROLLBACK, and calls it a success. */
    if (done && strcmp(sql, "COMMIT") == 0 && strcmp(PQcmdStatus(result), "COMMIT") != 0)
        done = store_error(error, ERROR_ID("store.failed"), &store->base, "rolled back");
    PQclear(result);
    return done;
}

static bool set_up(struct postgres_store *store, struct error *error) {
    char sql[256];
    snprintf(sql, sizeof sql,
             "SET search_path TO %s; SET client_encoding TO 'UTF8'; SET lock_timeout TO %d;"
             "SET extra_float_digits TO 1; SET bytea_output TO 'hex'; SET synchronous_commit TO on;"
             "SET DateStyle TO ISO; SET IntervalStyle TO postgres",
             store_kind_name(store->base.kind), STORE_WAIT_MS);
    if (!exec_plain(store, sql, error)) return false;
    const char *encoding = PQparameterStatus(store->conn, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return store_error(error, ERROR_ID("store.encoding"), &store->base,
                           encoding ? encoding : "?");
    return true;
}

/* A lost connection is made again where nothing is under way that was lost with it. */
static bool connected(struct store *base, struct error *error) {
    struct postgres_store *store = store_of(base);
    if (PQstatus(store->conn) == CONNECTION_OK) return true;
    if (base->transaction != TRANSACTION_NONE) return fail(base, error, NULL);
    PQreset(store->conn);
    store->generation++;
    store->pending = 0;
    store->failure.id[0] = '\0';
    return PQstatus(store->conn) == CONNECTION_OK ? set_up(store, error) : fail(base, error, NULL);
}

static void close_store(struct store *base) {
    PQfinish(store_of(base)->conn);
    free(base);
}

static bool exec(struct store *base, const char *sql, struct error *error) {
    return connected(base, error) && settle(base, error) && exec_plain(store_of(base), sql, error);
}

/* ---- statements ----------------------------------------------------------------------------- */

/* The number behind ?, and *at moved past it; 0 when it is none that is allowed. */
static int parameter_number(const char **at) {
    int number = 0;
    for (; **at >= '0' && **at <= '9' && number <= STORE_PARAMETERS_MAX; (*at)++)
        number = 10 * number + (**at - '0');
    return number <= STORE_PARAMETERS_MAX ? number : 0;
}

/* ?1 → $1, texts, names and comments left alone. */
static bool translate(struct postgres_statement *s) {
    const char *at = s->base.sql;
    char *out = s->sql = malloc(strlen(at) + 1); /* $ is as long as ? */
    if (!out) return false;
    while (*at) {
        if (*at == '\'' || *at == '"') {
            char quote = *at;
            do *out++ = *at++;
            while (*at && *at != quote);
        } else if (at[0] == '-' && at[1] == '-') {
            while (*at && *at != '\n') *out++ = *at++;
            continue;
        } else if (*at == '?') {
            const char *digits = ++at;
            int number = parameter_number(&at);
            if (number == 0) return false;
            if (number > s->n) s->n = number;
            *out++ = '$';
            memcpy(out, digits, (size_t)(at - digits));
            out += at - digits;
            continue;
        }
        if (*at) *out++ = *at++;
    }
    *out = '\0';
    return true;
}

static bool prepare(struct statement *statement, struct error *error) {
    return translate(postgres_of(statement)) ||
           error_set(error, "store.misuse", ARG_TEXT("what", "parameters are ?1, ?2 …"),
                     ARG_TEXT("sql", statement->sql));
}

/* Takes what is left of a query, so that the next can start. False when it fails on the way. */
static bool pass_over(struct statement *statement, struct error *error) {
    struct postgres_statement *s = postgres_of(statement);
    PGconn *conn = store_of(statement->store)->conn;
    PQclear(s->row);
    s->row = NULL;
    bool done = true;
    for (PGresult *result; (result = PQgetResult(conn));) {
        if (done && !good(result)) done = fail(statement->store, error, result);
        PQclear(result);
    }
    return done;
}

static void reset(struct statement *statement) {
    struct postgres_statement *s = postgres_of(statement);
    struct error ignored;
    if (statement->state == STATEMENT_RUNNING) pass_over(statement, &ignored);
    for (int i = 0; i < s->n; i++) s->parameters[i].kind = VALUE_NULL;
}

static void dispose(struct statement *statement) {
    struct postgres_statement *s = postgres_of(statement);
    struct error ignored;
    if (statement->state == STATEMENT_RUNNING) pass_over(statement, &ignored);
    for (int i = 0; i < s->n; i++) free(s->parameters[i].bytes);
    free(s->decoded);
    free(s->sql);
}

static const char *bind(struct statement *statement, int index, const struct value *value) {
    static const Oid types[] = { 0, TYPE_INT8, TYPE_FLOAT8, TYPE_TEXT, TYPE_BYTEA };
    struct postgres_statement *s = postgres_of(statement);
    if (index < 1 || index > s->n) return "no such parameter";
    struct parameter *p = &s->parameters[index - 1];
    p->kind = value->kind;
    if (value->kind == VALUE_NULL) return NULL; /* the type stays as it was bound before */
    char number[40];
    struct value v = *value;
    if (v.kind == VALUE_INT || v.kind == VALUE_REAL) {
        int length = v.kind == VALUE_INT
                         ? snprintf(number, sizeof number, "%lld", (long long)v.whole)
                         : snprintf(number, sizeof number, "%.17g", v.real);
        v.bytes = number;
        v.length = (size_t)length;
    }
    if (v.length > INT32_MAX / 2) return "a value of over a gigabyte";
    if (v.length + 1 > p->capacity) {
        char *bytes = realloc(p->bytes, v.length + 1);
        if (!bytes) return "out of memory";
        p->bytes = bytes;
        p->capacity = v.length + 1;
    }
    if (v.length) memcpy(p->bytes, v.bytes, v.length);
    p->bytes[v.length] = '\0';
    p->length = v.length;
    p->type = types[v.kind];
    return NULL;
}

static bool is_write(struct statement *statement) {
    (void)statement; /* the server itself refuses to write in a read-only transaction */
    return false;
}

static bool send(struct statement *statement, struct error *error, int sent) {
    return sent ? true : fail(statement->store, error, NULL);
}

/* The statement as the server knows it, with the types that are bound now. */
static bool send_prepare(struct statement *statement, struct error *error) {
    struct postgres_statement *s = postgres_of(statement);
    struct postgres_store *store = store_of(statement->store);
    bool pipelined = PQpipelineStatus(store->conn) != PQ_PIPELINE_OFF;
    bool ready = *s->name && s->generation == store->generation;
    bool fits = true;
    for (int i = 0; i < s->n; i++)
        fits = fits && (s->parameters[i].kind == VALUE_NULL ||
                        s->parameters[i].type == s->prepared_types[i]);
    if (ready && fits) return true;
    if (ready) {
        char deallocate[48];
        snprintf(deallocate, sizeof deallocate, "DEALLOCATE %s", s->name);
        if (!send(statement, error,
                  PQsendQueryParams(store->conn, deallocate, 0, NULL, NULL, NULL, NULL, 0)))
            return false;
        if (pipelined)
            store->pending++;
        else if (!pass_over(statement, error))
            return false;
    }
    for (int i = 0; i < s->n; i++) s->prepared_types[i] = s->parameters[i].type;
    snprintf(s->name, sizeof s->name, "s%u", ++store->names);
    s->generation = store->generation;
    int sent = PQsendPrepare(store->conn, s->name, s->sql, s->n, s->prepared_types);
    if (send(statement, error, sent)) {
        if (pipelined) store->pending++;
        if (pipelined || pass_over(statement, error)) return true;
    }
    s->name[0] = '\0';
    return false;
}

static bool send_execute(struct statement *statement, struct error *error) {
    struct postgres_statement *s = postgres_of(statement);
    const char *values[STORE_PARAMETERS_MAX];
    int lengths[STORE_PARAMETERS_MAX], formats[STORE_PARAMETERS_MAX];
    for (int i = 0; i < s->n; i++) {
        const struct parameter *p = &s->parameters[i];
        values[i] = p->kind == VALUE_NULL ? NULL : p->bytes;
        lengths[i] = (int)p->length;
        formats[i] = p->kind == VALUE_BLOB;
    }
    return send(statement, error,
                PQsendQueryPrepared(store_of(statement->store)->conn, s->name, s->n, values,
                                    lengths, formats, 0));
}

static bool start(struct statement *statement, struct error *error) {
    struct postgres_store *store = store_of(statement->store);
    return connected(&store->base, error) && settle(&store->base, error) &&
           send_prepare(statement, error) && send_execute(statement, error);
}

static enum step step(struct statement *statement, struct error *error) {
    struct postgres_statement *s = postgres_of(statement);
    PGconn *conn = store_of(statement->store)->conn;
    if (!s->row) {
        if (!start(statement, error)) return STEP_FAILED;
        PQsetSingleRowMode(conn);
    }
    PQclear(s->row);
    s->row = PQgetResult(conn);
    if (s->row && PQresultStatus(s->row) == PGRES_SINGLE_TUPLE) {
        for (int i = 0; i < s->n_decoded; i++) s->decoded[i] = 0;
        return STEP_ROW;
    }
    bool done = s->row && good(s->row);
    if (!done) fail(statement->store, error, s->row);
    if (!pass_over(statement, done ? error : &(struct error){ 0 })) done = false;
    return done ? STEP_DONE : STEP_FAILED;
}

static bool run(struct statement *statement, struct error *error) {
    struct postgres_store *store = store_of(statement->store);
    if (store->base.transaction != TRANSACTION_WRITE)
        return start(statement, error) && pass_over(statement, error);
    if (*store->failure.id) return settle(&store->base, error);
    if (!connected(&store->base, error)) return false;
    if (PQpipelineStatus(store->conn) == PQ_PIPELINE_OFF && !PQenterPipelineMode(store->conn))
        return fail(&store->base, error, NULL);
    if (!send_prepare(statement, error) || !send_execute(statement, error)) return false;
    store->pending++;
    if (store->pending >= PIPELINE_MAX) {
        PQsendFlushRequest(store->conn);
        PQflush(store->conn);
        take_answers(store, PIPELINE_REST);
    }
    return true;
}

/* ---- the driver ----------------------------------------------------------------------------- */

/* Text compares by bytes, as in SQLite, whatever the database was made with. */
static const struct placeholder placeholders[] = {
    { "{ID}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" },
    { "{INT}", "BIGINT" },
    { "{REAL}", "DOUBLE PRECISION" },
    { "{BLOB}", "BYTEA" },
    { " TEXT", " TEXT COLLATE \"C\"" },
    { NULL, NULL },
};

/* One driver a schema: what begins a transaction takes the schema's own lock (its number is 'lrk').
 */
#define DRIVER(schema, number)                                                                     \
    {                                                                                              \
        .statement_size = sizeof(struct postgres_statement), .placeholders = placeholders,         \
        .begin_sql = "BEGIN; SELECT pg_advisory_xact_lock(7107179, " number ")",                   \
        .read_sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",                             \
        .table_sql = "SELECT 1 FROM information_schema.tables"                                     \
                     " WHERE table_schema = current_schema() AND table_name = ?1",                 \
        .schema_sql =                                                                              \
            "DO $$BEGIN IF NOT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '" schema        \
            "') THEN CREATE SCHEMA " schema "; END IF; END$$",                                     \
        .close = close_store, .exec = exec, .prepare = prepare, .reset = reset,                    \
        .dispose = dispose, .bind = bind, .is_write = is_write, .step = step, .run = run,          \
        .stop = pass_over, .settle = settle, .is_null = postgres_is_null, .whole = postgres_whole, \
        .real = postgres_real, .text = postgres_text, .blob = postgres_blob,                       \
    }
static const struct driver drivers[] = {
    [STORE_IDENTITY] = DRIVER("identity", "1"),
    [STORE_STUDY] = DRIVER("study", "2"),
};

bool store_is_postgres(const struct store *store) { return store->driver == &drivers[store->kind]; }

static void ignore_notice(void *context, const PGresult *result) { (void)context, (void)result; }

/* "host/database", without user and password. */
static void name_store(struct postgres_store *store) {
    const char *host = PQhost(store->conn), *database = PQdb(store->conn);
    snprintf(store->base.name, sizeof store->base.name, "postgresql://%s/%s", host ? host : "",
             database ? database : "");
}

bool store_open_postgres(struct store **out, const char *url, enum store_kind kind,
                         struct error *error) {
    struct postgres_store *store = calloc(1, sizeof *store);
    if (!store) return error_plain(error, "store.memory");
    store->base.driver = &drivers[kind];
    store->base.kind = kind;
    store->conn = PQconnectdb(url);
    if (store->conn) name_store(store);
    if (PQstatus(store->conn) != CONNECTION_OK) {
        fail_why(&store->base, error, ERROR_ID("store.open"), PQerrorMessage(store->conn));
    } else {
        PQsetNoticeReceiver(store->conn, ignore_notice, NULL);
        if (set_up(store, error)) {
            *out = &store->base;
            return true;
        }
    }
    close_store(&store->base);
    return false;
}

/* driver.h - what a database must do for store.c. Layer: store; for the module itself alone.
 *
 * store.c keeps the rules that are the same everywhere (one statement at a time, a failed statement
 * fails its transaction, the cache); a driver only talks to its database. A driver's own structs
 * begin with struct store and struct statement.
 */
#ifndef LAERKE_STORE_DRIVER_H
#define LAERKE_STORE_DRIVER_H

#include "store/store.h"

enum { STATEMENTS_MAX = 1024, STATEMENT_BUCKETS = 256, STORE_WAIT_MS = 10000 };

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB };
struct value {
    enum value_kind kind;
    int64_t whole;
    double real;
    const void *bytes; /* text and blob */
    size_t length;
};

enum step { STEP_ROW, STEP_DONE, STEP_FAILED };
enum transaction { TRANSACTION_NONE, TRANSACTION_WRITE, TRANSACTION_READ };

/* How a placeholder of the migrations is written in the database's own SQL. */
struct placeholder {
    const char *name, *sql;
};

struct driver {
    size_t statement_size;
    const struct placeholder *placeholders; /* ended by one without a name */
    const char *begin_sql, *read_sql;
    const char *table_sql;  /* a row where the table ?1 exists */
    const char *schema_sql; /* run before the first migration, or NULL */

    void (*close)(struct store *store);
    /* Plain SQL without parameters or rows, one statement or several; nothing is pipelined after
     * it. */
    bool (*exec)(struct store *store, const char *sql, struct error *error);
    bool (*prepare)(struct statement *statement, struct error *error);
    void (*reset)(struct statement *statement); /* ends it, forgets the bindings */
    void (*dispose)(struct statement *statement);
    /* What is wrong with the parameter, or NULL. */
    const char *(*bind)(struct statement *statement, int index, const struct value *value);
    bool (*is_write)(struct statement *statement);
    enum step (*step)(struct statement *statement, struct error *error);
    /* Runs to the end without rows; within a transaction the driver may report a failure later. */
    bool (*run)(struct statement *statement, struct error *error);
    /* Passes over the rows that are left. */
    bool (*stop)(struct statement *statement, struct error *error);
    /* Before anything else in a transaction: false where something before it has failed by now. */
    bool (*settle)(struct store *store, struct error *error);

    bool (*is_null)(struct statement *statement, int index);
    int64_t (*whole)(struct statement *statement, int index);
    double (*real)(struct statement *statement, int index);
    const char *(*text)(struct statement *statement, int index);
    const void *(*blob)(struct statement *statement, int index, size_t *length);
};

struct store {
    const struct driver *driver;
    enum store_kind kind;
    enum transaction transaction;
    bool failed;              /* the transaction can only be rolled back */
    char name[256];           /* of the database, for messages; never a password */
    struct statement *active; /* is being stepped */
    struct statement *buckets[STATEMENT_BUCKETS];
    size_t n_statements;
};

enum statement_state { STATEMENT_READY, STATEMENT_RUNNING, STATEMENT_ENDED };
struct statement {
    struct store *store;
    struct statement *next; /* in its bucket */
    char *sql;
    enum statement_state state;
    bool failed;
    bool not_text;     /* a column that was read holds no UTF-8 */
    const char *fault; /* a wrong binding, told by the first step */
};

bool store_open_sqlite(struct store **out, const char *path, struct error *error);
bool store_open_postgres(struct store **out, const char *url, enum store_kind kind,
                         struct error *error);

/* Sets {database} and {why}; id must be a literal or an ERROR_ID. Returns false. */
bool store_error(struct error *error, const char *id, const struct store *store, const char *why);

const char *store_kind_name(enum store_kind kind); /* "identity", "study" */

#endif

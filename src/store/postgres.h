/* postgres.h - what the two files of the PostgreSQL driver share. Layer: store; for the module
 * itself alone. postgres.c talks to the server, postgres_columns.c reads the row that came. */
#ifndef LAERKE_STORE_POSTGRES_H
#define LAERKE_STORE_POSTGRES_H

#include "store/driver.h"

#include <libpq-fe.h>

/* The server's numbers of the types that the stores use. */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_INT8 = 20,
    TYPE_TEXT = 25,
    TYPE_FLOAT4 = 700,
    TYPE_FLOAT8 = 701
};

struct postgres_store {
    struct store base;
    PGconn *conn;
    unsigned generation;  /* of the connection; statements prepared in an earlier one are gone */
    unsigned names;       /* of prepared statements, so far */
    size_t pending;       /* pipelined statements without an answer yet */
    struct error failure; /* of a pipelined one; id "" when none */
};

struct parameter {
    enum value_kind kind;
    Oid type; /* 0 until it was bound to something */
    char *bytes;
    size_t length, capacity;
};

struct postgres_statement {
    struct statement base;
    char *sql; /* with $1 for ?1 */
    int n;     /* parameters */
    struct parameter parameters[STORE_PARAMETERS_MAX];
    Oid prepared_types[STORE_PARAMETERS_MAX];
    char name[24];       /* at the server; "" before it is prepared there */
    unsigned generation; /* of the connection it was prepared in */
    PGresult *row;
    size_t *decoded; /* length + 1 of each blob column decoded in place in the current row */
    int n_decoded;
};

static inline struct postgres_statement *postgres_of(struct statement *statement) {
    return (struct postgres_statement *)statement;
}

bool postgres_is_null(struct statement *statement, int index);
int64_t postgres_whole(struct statement *statement, int index);
double postgres_real(struct statement *statement, int index);
const char *postgres_text(struct statement *statement, int index);
const void *postgres_blob(struct statement *statement, int index, size_t *length);

#endif

/* store.h - one database interface over SQLite and PostgreSQL.
 *
 * Layer: store (above base). The same SQL runs on both: parameters are ?1, ?2 …, keys are whole
 * numbers made with RETURNING id, upserts use ON CONFLICT, and nothing uses a function that only one
 * of them has. SQL is always a literal or built from literals; values are bound, never pasted.
 *
 * A struct store is one connection and belongs to one thread at a time. Statements are cached by
 * their SQL text: prepare again instead of keeping them.
 *
 *     struct statement *s;
 *     if (!store_prepare(study, &s, "SELECT id, name FROM unit WHERE parent = ?1", error)) return false;
 *     bind_int(s, 1, parent);
 *     while (statement_step(s, error)) use(column_int(s, 0), column_text(s, 1));
 *     return statement_end(s, error);      // false when a step failed: nothing built on it is used
 */
#ifndef LAERKE_STORE_STORE_H
#define LAERKE_STORE_STORE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct statement;

/* identity: names, logins, the link from person to pseudonym; opened by roster, access and collect
 * alone. study: pseudonyms, answers, results. */
enum store_kind { STORE_IDENTITY, STORE_STUDY };

/* Opens (and for SQLite creates) the database at url: "sqlite:/path/file.db" or "postgresql://…"
 * (any libpq connection string; the stores' schemas are named identity and study). Does not migrate.
 * SQLite runs in WAL with synchronous=FULL and foreign keys on. */
bool store_open(struct store **out, const char *url, enum store_kind kind, struct error *error);
void store_close(struct store *store);
enum store_kind store_kind(const struct store *store);
bool store_is_postgres(const struct store *store);

/* Runs the migrations embedded from sql/identity or sql/study that the database lacks, each in a
 * transaction; the checksums of those it has are compared, a changed one is an error. *applied (may
 * be NULL) gets their number. store_check only compares: an error where some are missing. */
bool store_migrate(struct store *store, int *applied, struct error *error);
bool store_check(struct store *store, struct error *error);

/* Transactions. Begin takes the write lock at once (SQLite BEGIN IMMEDIATE), waiting up to ten
 * seconds for another writer. Rollback never fails. Not nested. */
bool store_begin(struct store *store, struct error *error);
bool store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);

/* A read transaction: everything read until store_read_end comes from one moment. */
bool store_read_begin(struct store *store, struct error *error);
void store_read_end(struct store *store);

/* A prepared statement, reset and without bindings. Valid until the next store_prepare with the same
 * SQL or store_close. */
bool store_prepare(struct store *store, struct statement **out, const char *sql, struct error *error);

/* Binds parameter ?index (from 1). Text and blob are copied. NULL text binds NULL. */
void bind_int(struct statement *statement, int index, int64_t value);
void bind_real(struct statement *statement, int index, double value);
void bind_text(struct statement *statement, int index, const char *value);
void bind_blob(struct statement *statement, int index, const void *bytes, size_t length);
void bind_null(struct statement *statement, int index);

/* The next row: true with a row, false at the end or on failure (statement_end tells which).
 * Ends the statement by itself when it returns false. PostgreSQL rows arrive in portions, so a
 * table of any size can be walked; no other statement of the same store may run until the end. */
bool statement_step(struct statement *statement, struct error *error);

/* Ends the statement early or at its end. False when a step failed; the error was set there. */
bool statement_end(struct statement *statement, struct error *error);

/* Runs a statement that returns no rows. Within a transaction on PostgreSQL it may be pipelined: a
 * failure is then reported by a later statement of the transaction or by store_commit. */
bool statement_run(struct statement *statement, struct error *error);

/* prepare + run for a statement without parameters. */
bool store_exec(struct store *store, const char *sql, struct error *error);

/* Columns of the current row (from 0); text and blob are valid until the next step. NULL text is
 * returned as NULL, other NULLs as 0. Text is always valid UTF-8. */
int64_t column_int(struct statement *statement, int index);
double column_real(struct statement *statement, int index);
const char *column_text(struct statement *statement, int index);
const void *column_blob(struct statement *statement, int index, size_t *length);
bool column_is_null(struct statement *statement, int index);

#endif

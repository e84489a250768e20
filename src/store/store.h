/* store.h - one database interface over SQLite and PostgreSQL.
 *
 * Layer: store (above base). The same SQL runs on both: parameters are ?1, ?2 …, keys are whole
 * numbers made with RETURNING id, upserts use ON CONFLICT, and nothing uses a function that only
 * one of them has. SQL is always a literal or built from literals; values are bound, never pasted.
 *
 * A struct store is one connection and belongs to one thread at a time. Statements are cached by
 * their SQL text: prepare again instead of keeping them.
 *
 *     struct statement *s;
 *     if (!store_prepare(study, &s, "SELECT id, name FROM unit WHERE parent = ?1", error)) return
 * false; bind_int(s, 1, parent); while (statement_step(s, error)) use(column_int(s, 0),
 * column_text(s, 1)); return statement_end(s, error);      // false when a step failed: nothing
 * built on it is used
 *
 * One statement runs at a time: another may be stepped only after statement_end (or the step that
 * returned false) of the one before; on both databases it is an error, store.misuse, not to. Read
 * rows into an array first where each needs a query of its own.
 *
 * A failed statement fails its whole transaction, on both databases: every statement after it and
 * the commit fail too, until store_rollback.
 *
 * Errors: store.url, store.open, store.encoding, store.busy (another writer held the lock for ten
 * seconds), store.unique, store.reference (a foreign key), store.constraint, store.read_only,
 * store.full, store.lost (the connection), store.not_text (not UTF-8), store.memory, store.misuse
 * (a fault in the program), store.failed; migrations: store.missing, store.changed, store.future.
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
 * (or any libpq connection string, "service=laerke"; the stores' schemas are named identity and
 * study). Does not migrate. SQLite runs in WAL with synchronous=FULL and foreign keys on. A lost
 * connection to PostgreSQL fails what was under way and is made again by the next transaction or
 * statement. */
bool store_open(struct store **out, const char *url, enum store_kind kind, struct error *error);
void store_close(struct store *store);
enum store_kind store_kind(const struct store *store);
bool store_is_postgres(const struct store *store);

/* Runs the migrations embedded from sql/identity or sql/study that the database lacks, each in a
 * transaction; the checksums of those it has are compared, a changed one is an error, and so is one
 * that this program does not know (a newer one made the database). *applied (may be NULL) gets
 * their number. store_check only compares: an error where some are missing.
 *
 * Migrations write {ID} for a key that is made, never twice (not to be inserted by hand), {INT},
 * {REAL} and {BLOB}, and TEXT, which compares by bytes on both. */
bool store_migrate(struct store *store, int *applied, struct error *error);
bool store_check(struct store *store, struct error *error);

/* Transactions. Begin takes the store's write lock at once (SQLite BEGIN IMMEDIATE, PostgreSQL an
 * advisory lock), waiting up to ten seconds for another writer: what a transaction reads cannot be
 * changed by another before it commits. A commit that fails has rolled back. Rollback never fails;
 * without a transaction it does nothing. Not nested. */
bool store_begin(struct store *store, struct error *error);
bool store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);

/* A read transaction: everything read until store_read_end comes from one moment. */
bool store_read_begin(struct store *store, struct error *error);
void store_read_end(struct store *store);

/* A prepared statement, reset and without bindings (unbound parameters are NULL). Valid until the
 * next store_prepare with the same SQL or store_close. PostgreSQL sees the SQL at its first step.
 */
bool store_prepare(struct store *store, struct statement **out, const char *sql,
                   struct error *error);

/* Binds parameter ?index (from 1). Text and blob are copied. NULL text binds NULL. */
enum { STORE_PARAMETERS_MAX = 64 };
void bind_int(struct statement *statement, int index, int64_t value);
void bind_real(struct statement *statement, int index, double value);
void bind_text(struct statement *statement, int index, const char *value);
void bind_blob(struct statement *statement, int index, const void *bytes, size_t length);
void bind_null(struct statement *statement, int index);

/* The next row: true with a row, false at the end or on failure (statement_end tells which).
 * Ends the statement by itself when it returns false. PostgreSQL rows arrive in portions, so a
 * table of any size can be walked; no other statement of the same store may run until the end. */
bool statement_step(struct statement *statement, struct error *error);

/* Ends the statement early or at its end (the rows that were not wanted are passed over, so a
 * change with RETURNING is whole). False when a step failed; the error was set there. */
bool statement_end(struct statement *statement, struct error *error);

/* Runs a statement that returns no rows. Within a transaction on PostgreSQL it may be pipelined: a
 * failure is then reported by a later statement of the transaction or by store_commit. */
bool statement_run(struct statement *statement, struct error *error);

/* prepare + run for a statement without parameters. */
bool store_exec(struct store *store, const char *sql, struct error *error);

/* Columns of the current row (from 0); text and blob are valid until the next step. NULL text and
 * blob are returned as NULL, other NULLs as 0. Text is always valid UTF-8: what is not reads as ""
 * and fails the statement (statement_end). */
int64_t column_int(struct statement *statement, int index);
double column_real(struct statement *statement, int index);
const char *column_text(struct statement *statement, int index);
const void *column_blob(struct statement *statement, int index, size_t *length);
bool column_is_null(struct statement *statement, int index);

#endif

#include "access/account.h"
#include "access/password.h"
#include "base/text.h"
#include "store/programme.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

_Static_assert((int)TOKEN_BYTES == (int)crypto_hash_sha256_BYTES, "a token is as long as its hash");

/* seen_at is written this often at most: a page must not cost a commit. */
enum { SEEN_EVERY = 300 };

/* Who tries to log in, as far as it is known before the password is checked. */
struct attempt {
    bool known;
    int64_t account;
    char hash[PASSWORD_HASH_MAX];
    char key[LOGIN_MAX]; /* of login_failure */
};

/* A login that nobody has shares its row with others of the same hash, so that invented logins neither
 * fill the table nor behave otherwise than real ones. A blank is in no real login. */
static void unknown_key(const char *login, char key[LOGIN_MAX]) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)login, strlen(login));
    snprintf(key, LOGIN_MAX, "unknown %02x%x", hash[0], hash[1] & 0xFu);
}

static bool find_account(struct store *identity, const char *login, struct attempt *attempt,
                         struct error *error) {
    struct statement *s;
    char normal[LOGIN_MAX];
    *attempt = (struct attempt){ 0 };
    if (!login_normal(login, normal)) {
        unknown_key(login, attempt->key);
        return true;
    }
    if (!store_prepare(identity, &s,
                       "SELECT id, password FROM account WHERE login = ?1 AND ended_at IS NULL",
                       error))
        return false;
    bind_text(s, 1, normal);
    attempt->known = statement_step(s, error);
    if (attempt->known) {
        attempt->account = column_int(s, 0);
        snprintf(attempt->hash, sizeof attempt->hash, "%s", column_text(s, 1));
        memcpy(attempt->key, normal, sizeof normal);
    } else {
        unknown_key(normal, attempt->key);
    }
    return statement_end(s, error);
}

/* Seconds until the next try may be made, after so many failures the last of which was at last_at. */
static int64_t wait_left(int64_t failures, int64_t last_at, int64_t now) {
    if (failures < LOGIN_FREE_FAILURES || now - last_at >= LOGIN_FORGET) return 0;
    int64_t wait = LOGIN_FIRST_WAIT;
    for (int64_t i = LOGIN_FREE_FAILURES; i < failures && wait < LOGIN_WAIT_MAX; i++) wait *= 2;
    if (wait > LOGIN_WAIT_MAX) wait = LOGIN_WAIT_MAX;
    int64_t left = last_at + wait - now;
    return left < 0 ? 0 : left < wait ? left : wait;
}

static bool read_failures(struct store *identity, const char *key, int64_t *failures,
                          int64_t *last_at, struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s, "SELECT failures, last_at FROM login_failure WHERE login = ?1",
                       error))
        return false;
    bind_text(s, 1, key);
    *failures = *last_at = 0;
    if (statement_step(s, error)) {
        *failures = column_int(s, 0);
        *last_at = column_int(s, 1);
    }
    return statement_end(s, error);
}

static bool write_failures(struct store *identity, const char *key, int64_t failures, int64_t now,
                           struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s,
                       "INSERT INTO login_failure (login, failures, last_at) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (login) DO UPDATE SET failures = excluded.failures,"
                       " last_at = excluded.last_at",
                       error))
        return false;
    bind_text(s, 1, key);
    bind_int(s, 2, failures);
    bind_int(s, 3, now);
    return statement_run(s, error);
}

/* Counts the try as failed before the password is checked: many tries at once are all counted. */
static bool count_try(struct store *identity, const char *key, struct error *error) {
    int64_t failures, last_at, now = time(NULL);
    if (!store_begin(identity, error)) return false;
    bool done = read_failures(identity, key, &failures, &last_at, error);
    if (done) {
        int64_t left = wait_left(failures, last_at, now);
        if (left > 0)
            done = error_set(error, "access.slow_down", ARG_INT("seconds", left));
        else
            done = write_failures(identity, key, now - last_at >= LOGIN_FORGET ? 1 : failures + 1,
                                  now, error);
    }
    if (done) return store_commit(identity, error);
    store_rollback(identity);
    return false;
}

static bool insert_session(struct store *identity, int64_t account, const struct session *session,
                           struct error *error) {
    unsigned char hash[TOKEN_BYTES];
    struct statement *s;
    crypto_hash_sha256(hash, session->token, TOKEN_BYTES);
    if (!store_prepare(identity, &s,
                       "INSERT INTO session (token, account, csrf, created_at, seen_at)"
                       " VALUES (?1, ?2, ?3, ?4, ?4)",
                       error))
        return false;
    bind_blob(s, 1, hash, sizeof hash);
    bind_int(s, 2, account);
    bind_blob(s, 3, session->csrf, TOKEN_BYTES);
    bind_int(s, 4, time(NULL));
    return statement_run(s, error);
}

static bool forget_failures_and_old_sessions(struct store *identity, const char *key,
                                             struct error *error) {
    struct statement *s;
    int64_t now = time(NULL);
    if (!store_prepare(identity, &s, "DELETE FROM login_failure WHERE login = ?1", error))
        return false;
    bind_text(s, 1, key);
    if (!statement_run(s, error) ||
        !store_prepare(identity, &s, "DELETE FROM session WHERE created_at <= ?1 OR seen_at <= ?2",
                       error))
        return false;
    bind_int(s, 1, now - SESSION_AGE_MAX);
    bind_int(s, 2, now - SESSION_IDLE_MAX);
    return statement_run(s, error);
}

bool session_begin(struct programme *programme, const char *login, const char *password,
                   struct session *out, struct error *error) {
    struct attempt attempt;
    if (!crypto_ready(error) || !programme_open_identity(programme, error)) return false;
    struct store *identity = programme->identity;
    if (!find_account(identity, login, &attempt, error) ||
        !count_try(identity, attempt.key, error))
        return false;
    bool fits = strlen(password) <= PASSWORD_MAX &&
                password_fits(password, attempt.known ? attempt.hash : NULL);
    if (!fits) return error_plain(error, "access.wrong_login");
    randombytes_buf(out->token, TOKEN_BYTES);
    randombytes_buf(out->csrf, TOKEN_BYTES);
    if (!store_begin(identity, error)) return false;
    bool done = forget_failures_and_old_sessions(identity, attempt.key, error) &&
                insert_session(identity, attempt.account, out, error);
    if (!done) {
        store_rollback(identity);
        return false;
    }
    unsigned char token[TOKEN_BYTES];
    memcpy(token, out->token, sizeof token);
    return store_commit(identity, error) && session_get(programme, token, out, error);
}

/* Moves seen_at. Whether it succeeds matters little: the session then ends somewhat earlier. */
static void touch(struct store *identity, const unsigned char hash[TOKEN_BYTES], int64_t now) {
    struct statement *s;
    struct error ignored = { 0 };
    if (!store_prepare(identity, &s, "UPDATE session SET seen_at = ?2 WHERE token = ?1", &ignored))
        return;
    bind_blob(s, 1, hash, TOKEN_BYTES);
    bind_int(s, 2, now);
    (void)statement_run(s, &ignored);
}

bool session_get(struct programme *programme, const unsigned char token[TOKEN_BYTES],
                 struct session *out, struct error *error) {
    unsigned char hash[TOKEN_BYTES];
    struct statement *s;
    *out = (struct session){ 0 };
    if (!crypto_ready(error) || !programme_open_identity(programme, error)) return false;
    struct store *identity = programme->identity;
    crypto_hash_sha256(hash, token, TOKEN_BYTES);
    if (!store_prepare(identity, &s,
                       "SELECT s.csrf, s.created_at, s.seen_at, a.id, a.login, a.name, a.language"
                       " FROM session s JOIN account a ON a.id = s.account"
                       " WHERE s.token = ?1 AND a.ended_at IS NULL",
                       error))
        return false;
    bind_blob(s, 1, hash, sizeof hash);
    int64_t now = time(NULL), seen = 0;
    bool found = statement_step(s, error);
    if (found) {
        size_t length;
        const void *csrf = column_blob(s, 0, &length);
        seen = column_int(s, 2);
        found = length == TOKEN_BYTES && now - column_int(s, 1) < SESSION_AGE_MAX &&
                now - seen < SESSION_IDLE_MAX;
        if (found) memcpy(out->csrf, csrf, TOKEN_BYTES);
        out->account.id = column_int(s, 3);
        text_cut(out->account.login, LOGIN_MAX, column_text(s, 4));
        text_cut(out->account.name, NAME_MAX_BYTES, column_text(s, 5));
        text_cut(out->account.language, LANG_MAX, column_text(s, 6));
    }
    if (!statement_end(s, error) || !found) return false;
    memcpy(out->token, token, TOKEN_BYTES);
    if (!memberships_read(identity, &out->account, error)) return false;
    if (now - seen >= SEEN_EVERY) touch(identity, hash, now);
    return true;
}

bool session_end(struct programme *programme, const unsigned char token[TOKEN_BYTES],
                 struct error *error) {
    unsigned char hash[TOKEN_BYTES];
    struct statement *s;
    if (!crypto_ready(error) || !programme_open_identity(programme, error)) return false;
    crypto_hash_sha256(hash, token, TOKEN_BYTES);
    if (!store_prepare(programme->identity, &s, "DELETE FROM session WHERE token = ?1", error))
        return false;
    bind_blob(s, 1, hash, sizeof hash);
    return statement_run(s, error);
}

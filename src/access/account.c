#include "access/account.h"
#include "access/password.h"
#include "base/arena.h"
#include "base/text.h"
#include "store/programme.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

bool login_normal(const char *login, char out[LOGIN_MAX]) {
    size_t n = strlen(login);
    if (n == 0 || n >= LOGIN_MAX || !text_is_utf8(login, n)) return false;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && ((unsigned char)login[i] <= ' ' || login[i] == 0x7F)) return false;
        out[i] = login[i] >= 'A' && login[i] <= 'Z' ? (char)(login[i] + 'a' - 'A') : login[i];
    }
    return true;
}

bool access_connect(const struct programme *programme, struct programme *out, struct error *error) {
    *out = *programme;
    out->study = out->identity = NULL;
    if (programme_connect(programme, STORE_STUDY, &out->study, error) &&
        programme_connect(programme, STORE_IDENTITY, &out->identity, error))
        return true;
    programme_close(out);
    return false;
}

bool memberships_read(struct store *identity, struct account *account, struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s,
                       "SELECT role, unit FROM membership WHERE account = ?1 AND from_at <= ?2"
                       " AND (to_at IS NULL OR to_at > ?2) ORDER BY unit, role",
                       error))
        return false;
    bind_int(s, 1, account->id);
    bind_int(s, 2, time(NULL));
    account->n_memberships = 0;
    while (account->n_memberships < MEMBERSHIPS_MAX && statement_step(s, error)) {
        struct membership *m = &account->memberships[account->n_memberships];
        /* A role of a later version gives nothing here. */
        if (!role_from_name(column_text(s, 0), &m->role)) continue;
        m->unit = column_int(s, 1);
        account->n_memberships++;
    }
    return statement_end(s, error);
}

/* A given password, or a made one; hashed. */
static bool take_password(const char *given, char made[PASSWORD_MADE_MAX],
                          char hash[PASSWORD_HASH_MAX], struct error *error) {
    if (!crypto_ready(error)) return false;
    if (!given) {
        password_make(made);
        return password_hash(made, hash, error);
    }
    size_t n = strlen(given);
    if (n < PASSWORD_MIN || n > PASSWORD_MAX)
        return error_set(error, "access.password_length", ARG_INT("min", PASSWORD_MIN),
                         ARG_INT("max", PASSWORD_MAX));
    return password_hash(given, hash, error);
}

/* Puts the programme's id for unit 0 and refuses a role that would see nothing where it is given. */
static bool check_membership(struct store *study, struct membership *membership,
                             struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT id, kind FROM unit WHERE id = ?1 OR (?1 = 0 AND parent IS NULL)",
                       error))
        return false;
    bind_int(s, 1, membership->unit);
    enum unit_kind kind = UNIT_KINDS;
    if (statement_step(s, error)) {
        membership->unit = column_int(s, 0);
        if (!unit_kind_from_name(column_text(s, 1), &kind)) kind = UNIT_KINDS;
    }
    if (!statement_end(s, error)) return false;
    if (kind == UNIT_KINDS) {
        char id[24];
        snprintf(id, sizeof id, "%lld", (long long)membership->unit);
        return error_set(error, "unit.unknown", ARG_TEXT("unit", id));
    }
    return access_role_fits(membership->role, kind) ||
           error_set(error, "access.role_unit", ARG_TEXT("role", role_name(membership->role)),
                     ARG_TEXT("kind", unit_kind_name(kind)));
}

static bool insert_account(struct store *identity, const char *login, const char *name,
                           const char *hash, int64_t *id, struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s,
                       "INSERT INTO account (login, password, name, created_at)"
                       " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (login) DO NOTHING RETURNING id",
                       error))
        return false;
    bind_text(s, 1, login);
    bind_text(s, 2, hash);
    bind_text(s, 3, name);
    bind_int(s, 4, time(NULL));
    bool new = statement_step(s, error);
    if (new) *id = column_int(s, 0);
    if (!statement_end(s, error)) return false;
    return new || error_set(error, "access.login_taken", ARG_TEXT("login", login));
}

static bool insert_membership(struct store *identity, int64_t account, struct membership membership,
                              struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s,
                       "INSERT INTO membership (account, unit, role, from_at)"
                       " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                       error))
        return false;
    bind_int(s, 1, account);
    bind_int(s, 2, membership.unit);
    bind_text(s, 3, role_name(membership.role));
    bind_int(s, 4, time(NULL));
    return statement_run(s, error);
}

bool account_add(struct programme *programme, const char *login, const char *name,
                 const char *password, const struct membership *memberships, size_t n,
                 char made[PASSWORD_MADE_MAX], int64_t *id, struct error *error) {
    char normal[LOGIN_MAX], hash[PASSWORD_HASH_MAX];
    struct membership checked[MEMBERSHIPS_MAX];
    size_t name_length = strlen(name);
    if (!login_normal(login, normal))
        return error_set(error, "access.login_shape", ARG_TEXT("login", login));
    if (name_length == 0 || name_length >= NAME_MAX_BYTES || !text_is_utf8(name, name_length))
        return error_set(error, "access.name_shape", ARG_INT("max", NAME_MAX_BYTES - 1));
    if (n > MEMBERSHIPS_MAX)
        return error_set(error, "access.memberships", ARG_INT("max", MEMBERSHIPS_MAX));
    if (!programme_open_identity(programme, error)) return false;
    for (size_t i = 0; i < n; i++) {
        checked[i] = memberships[i];
        if (!check_membership(programme->study, &checked[i], error)) return false;
    }
    if (!take_password(password, made, hash, error)) return false;
    if (!store_begin(programme->identity, error)) return false;
    bool done = insert_account(programme->identity, normal, name, hash, id, error);
    for (size_t i = 0; done && i < n; i++)
        done = insert_membership(programme->identity, *id, checked[i], error);
    if (done) return store_commit(programme->identity, error);
    store_rollback(programme->identity);
    return false;
}

bool account_list(struct programme *programme, struct arena *arena, struct account **out, size_t *n,
                  struct error *error) {
    struct statement *s;
    struct account *list = NULL;
    size_t count = 0, capacity = 0;
    if (!programme_open_identity(programme, error) ||
        !store_prepare(programme->identity, &s,
                       "SELECT id, login, name, language, ended_at FROM account ORDER BY login",
                       error))
        return false;
    bool full = false;
    while (!full && statement_step(s, error)) {
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            struct account *more = arena_grow(arena, list, count, capacity, sizeof *list);
            full = !more;
            if (full) break;
            list = more;
        }
        struct account *account = &list[count++];
        account->id = column_int(s, 0);
        text_cut(account->login, sizeof account->login, column_text(s, 1));
        text_cut(account->name, sizeof account->name, column_text(s, 2));
        text_cut(account->language, sizeof account->language, column_text(s, 3));
        account->ended = !column_is_null(s, 4);
    }
    if (!statement_end(s, error)) return false;
    if (full) return error_plain(error, "access.list_memory");
    for (size_t i = 0; i < count; i++)
        if (!memberships_read(programme->identity, &list[i], error)) return false;
    *out = list;
    *n = count;
    return true;
}

/* Runs SQL with the account as ?1 and a time as ?2 (where it has one). */
static bool run_for(struct store *identity, const char *sql, int64_t account, bool timed,
                    struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s, sql, error)) return false;
    bind_int(s, 1, account);
    if (timed) bind_int(s, 2, time(NULL));
    return statement_run(s, error);
}

static bool find_active(struct store *identity, const char *login, int64_t *id,
                        struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s,
                       "SELECT id FROM account WHERE login = ?1 AND ended_at IS NULL", error))
        return false;
    bind_text(s, 1, login);
    bool found = statement_step(s, error);
    if (found) *id = column_int(s, 0);
    if (!statement_end(s, error)) return false;
    return found || error_set(error, "access.unknown_login", ARG_TEXT("login", login));
}

bool account_end(struct programme *programme, const char *login, struct error *error) {
    char normal[LOGIN_MAX];
    int64_t id = 0;
    if (!login_normal(login, normal))
        return error_set(error, "access.unknown_login", ARG_TEXT("login", login));
    if (!programme_open_identity(programme, error)) return false;
    struct store *identity = programme->identity;
    if (!store_begin(identity, error)) return false;
    if (find_active(identity, normal, &id, error) &&
        run_for(identity, "UPDATE account SET ended_at = ?2 WHERE id = ?1", id, true, error) &&
        run_for(identity,
                "UPDATE membership SET to_at = ?2 WHERE account = ?1"
                " AND (to_at IS NULL OR to_at > ?2)",
                id, true, error) &&
        run_for(identity, "DELETE FROM session WHERE account = ?1", id, false, error))
        return store_commit(identity, error);
    store_rollback(identity);
    return false;
}

static bool set_password(struct store *identity, int64_t id, const char *login, const char *hash,
                         struct error *error) {
    struct statement *s;
    if (!store_prepare(identity, &s, "UPDATE account SET password = ?2 WHERE id = ?1", error))
        return false;
    bind_int(s, 1, id);
    bind_text(s, 2, hash);
    if (!statement_run(s, error) ||
        !store_prepare(identity, &s, "DELETE FROM login_failure WHERE login = ?1", error))
        return false;
    bind_text(s, 1, login);
    return statement_run(s, error);
}

bool account_reset(struct programme *programme, const char *login, const char *password,
                   char made[PASSWORD_MADE_MAX], struct error *error) {
    char normal[LOGIN_MAX], hash[PASSWORD_HASH_MAX];
    int64_t id = 0;
    if (!login_normal(login, normal))
        return error_set(error, "access.unknown_login", ARG_TEXT("login", login));
    if (!programme_open_identity(programme, error) ||
        !take_password(password, made, hash, error))
        return false;
    struct store *identity = programme->identity;
    if (!store_begin(identity, error)) return false;
    if (find_active(identity, normal, &id, error) &&
        set_password(identity, id, normal, hash, error) &&
        run_for(identity, "DELETE FROM session WHERE account = ?1", id, false, error))
        return store_commit(identity, error);
    store_rollback(identity);
    return false;
}

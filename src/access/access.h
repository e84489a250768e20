/* access.h - accounts, sessions, and who sees which unit.
 *
 * Layer: access (above roster). The access matrix is one table (access_may); pages, PDFs and JSON all
 * ask it. Passwords are Argon2id (libsodium); sessions are random tokens, of which the store has hashes.
 */
#ifndef LAERKE_ACCESS_ACCESS_H
#define LAERKE_ACCESS_ACCESS_H

#include "base/error.h"
#include "base/limits.h"
#include "roster/unit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct programme;

enum role { ROLE_TEACHER, ROLE_PEDAGOGUE, ROLE_LEADER, ROLE_MUNICIPALITY, ROLE_PROGRAMME, ROLE_COUNT };
const char *role_name(enum role role);  /* "teacher", … */
const char *role_title(enum role role); /* msgid of what a reader calls it: "Teacher", … */
bool role_from_name(const char *name, enum role *out);

struct membership {
    enum role role;
    int64_t unit;
};
enum { MEMBERSHIPS_MAX = 64, LOGIN_MAX = 128 };
struct account {
    int64_t id;
    char login[LOGIN_MAX], name[NAME_MAX_BYTES], language[LANG_MAX];
    bool ended;
    size_t n_memberships;
    struct membership memberships[MEMBERSHIPS_MAX];
};

/* What an account may see of a unit. */
enum sight {
    SIGHT_NONE,
    SIGHT_WITHOUT_TEACHING, /* a leader at a single class */
    SIGHT_ALL
};
/* The matrix. teacher, pedagogue at a class: that class and its school. leader at a school: the
 * school, and its classes without the scales about teaching. municipality: itself and its schools.
 * programme: the programme and its municipalities. Of several memberships the best counts. */
enum sight access_sight(const struct account *account, const struct units *units, long unit);

/* True when the matrix has a row for that role at that kind of unit: others would see nothing. */
bool access_role_fits(enum role role, enum unit_kind kind);

/* A second programme whose two stores are connections of their own, for another thread; closed with
 * programme_close(). The web gets its identity connections here and nowhere else. */
bool access_connect(const struct programme *programme, struct programme *out, struct error *error);

/* Logins are lower-cased (ASCII) and hold no blanks. password NULL: one is made and returned in made
 * (for printing once); a given one has PASSWORD_MIN to PASSWORD_MAX bytes. Errors: access.login_taken,
 * access.login_shape, access.password_length, access.role_unit, unit.unknown. */
enum { PASSWORD_MADE_MAX = 32, PASSWORD_MIN = 10, PASSWORD_MAX = 256 };
bool account_add(struct programme *programme, const char *login, const char *name,
                 const char *password, const struct membership *memberships, size_t n,
                 char made[PASSWORD_MADE_MAX], int64_t *id, struct error *error);
/* By login; ended ones too. Their memberships are those in force. */
bool account_list(struct programme *programme, struct arena *arena, struct account **out, size_t *n,
                  struct error *error);
/* Ends the account, its memberships and its sessions. Error access.unknown_login. */
bool account_end(struct programme *programme, const char *login, struct error *error);
/* A new password; its sessions end, and failed logins are forgotten. */
bool account_reset(struct programme *programme, const char *login, const char *password,
                   char made[PASSWORD_MADE_MAX], struct error *error);

/* A session ends when it was idle or has lasted for so long, in seconds. */
enum { TOKEN_BYTES = 32, SESSION_IDLE_MAX = 8 * 3600, SESSION_AGE_MAX = 30 * 24 * 3600 };
/* The first failed logins in a row cost nothing, each one after that doubles the wait before the next
 * try, up to a maximum; after a day they are forgotten. */
enum {
    LOGIN_FREE_FAILURES = 5,
    LOGIN_FIRST_WAIT = 2,
    LOGIN_WAIT_MAX = 900,
    LOGIN_FORGET = 24 * 3600
};
struct session {
    unsigned char token[TOKEN_BYTES]; /* as in the cookie */
    unsigned char csrf[TOKEN_BYTES];
    struct account account;
};
/* Checks the password (46 MiB, about 50 ms, two at once at most: never in a polling thread) and starts
 * a session.
 * Errors: access.wrong_login (the same for an unknown login), access.slow_down {seconds}. */
bool session_begin(struct programme *programme, const char *login, const char *password,
                   struct session *out, struct error *error);
/* False without error when there is no such session, or it has ended. */
bool session_get(struct programme *programme, const unsigned char token[TOKEN_BYTES],
                 struct session *out, struct error *error);
bool session_end(struct programme *programme, const unsigned char token[TOKEN_BYTES],
                 struct error *error);

#endif

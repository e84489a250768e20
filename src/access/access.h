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
const char *role_name(enum role role); /* "teacher", … */
bool role_from_name(const char *name, enum role *out);

struct membership {
    enum role role;
    int64_t unit;
};
enum { MEMBERSHIPS_MAX = 64 };
struct account {
    int64_t id;
    char login[128], name[NAME_MAX_BYTES], language[LANG_MAX];
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
 * programme: the programme and its municipalities. */
enum sight access_sight(const struct account *account, const struct units *units, long unit);

/* password NULL: one is made and returned in made (for printing once). Error access.login_taken. */
enum { PASSWORD_MADE_MAX = 32 };
bool account_add(struct programme *programme, const char *login, const char *name,
                 const char *password, const struct membership *memberships, size_t n,
                 char made[PASSWORD_MADE_MAX], int64_t *id, struct error *error);
bool account_list(struct programme *programme, struct arena *arena, struct account **out, size_t *n,
                  struct error *error);
bool account_end(struct programme *programme, const char *login, struct error *error);
bool account_reset(struct programme *programme, const char *login, const char *password,
                   char made[PASSWORD_MADE_MAX], struct error *error);

enum { TOKEN_BYTES = 32 };
struct session {
    unsigned char token[TOKEN_BYTES]; /* as in the cookie */
    unsigned char csrf[TOKEN_BYTES];
    struct account account;
};
/* Checks the password (46 MiB, about 50 ms: never in the polling thread) and starts a session.
 * Errors: access.wrong_login (the same for an unknown login), access.slow_down {seconds}. */
bool session_begin(struct programme *programme, const char *login, const char *password,
                   struct session *out, struct error *error);
/* False without error when there is no such session, or it has ended. */
bool session_get(struct programme *programme, const unsigned char token[TOKEN_BYTES],
                 struct session *out, struct error *error);
bool session_end(struct programme *programme, const unsigned char token[TOKEN_BYTES],
                 struct error *error);

#endif

/* Who sees what, as a table; accounts, sessions and failed logins on SQLite and on PostgreSQL. */
#include "postgres.h"

#include "access/access.h"
#include "base/arena.h"
#include "store/programme.h"

#include <sodium.h>
#include <time.h>

static const int on_sqlite = 0, on_postgres = 1;
static char folder[64];
static struct error error;
#define OK(call)                                                                                   \
    do {                                                                                           \
        if (!(call)) fail_msg("%s: %s (%s)", #call, error.id, error.n_args ? error.values[0] : ""); \
    } while (0)
#define FAILS(id_, call)                                                                           \
    do {                                                                                           \
        error = (struct error){ 0 };                                                               \
        assert_false(call);                                                                        \
        assert_string_equal(error.id, id_);                                                        \
    } while (0)

/* A tree: two municipalities, the first with a school in an institution and one without, classes. */
enum { PROGRAMME, NORTH, INSTITUTION, FIRST, FIRST_A, FIRST_B, SECOND, SECOND_A, SOUTH, THIRD, THIRD_A, UNITS };
static struct unit unit[UNITS] = {
    [PROGRAMME] = { 1, UNIT_PROGRAMME, -1, "", "Programmet", -1, true },
    [NORTH] = { 10, UNIT_MUNICIPALITY, PROGRAMME, "nord", "Nord", -1, true },
    [INSTITUTION] = { 11, UNIT_INSTITUTION, NORTH, "i", "Skolerne", -1, true },
    [FIRST] = { 12, UNIT_SCHOOL, INSTITUTION, "1", "Første", -1, true },
    [FIRST_A] = { 13, UNIT_CLASS, FIRST, "4A", "4A", 4, true },
    [FIRST_B] = { 14, UNIT_CLASS, FIRST, "4B", "4B", 4, true },
    [SECOND] = { 15, UNIT_SCHOOL, NORTH, "2", "Anden", -1, true },
    [SECOND_A] = { 16, UNIT_CLASS, SECOND, "4A", "4A", 4, true },
    [SOUTH] = { 20, UNIT_MUNICIPALITY, PROGRAMME, "syd", "Syd", -1, true },
    [THIRD] = { 21, UNIT_SCHOOL, SOUTH, "3", "Tredje", -1, true },
    [THIRD_A] = { 22, UNIT_CLASS, THIRD, "4A", "4A", 4, true },
};
static struct unit_place places[UNITS]; /* the ids above are in order */
static const struct units units = { UNITS, unit, places };

/* Each row: a role at a unit, and what it sees of every unit in the tree's order: "." nothing, "w"
 * without the scales about teaching, "A" all. */
static const struct {
    enum role role;
    int at;
    const char *sees;
} matrix[] = {
    /*                             PNI1abS aST a */
    { ROLE_TEACHER, FIRST_A,      "...AA......" },
    { ROLE_TEACHER, SECOND_A,     "......AA..." },
    { ROLE_TEACHER, FIRST,        "...A......." },
    { ROLE_TEACHER, INSTITUTION,  "..........." },
    { ROLE_TEACHER, NORTH,        "..........." },
    { ROLE_TEACHER, PROGRAMME,    "..........." },
    { ROLE_PEDAGOGUE, FIRST_B,    "...A.A....." },
    { ROLE_PEDAGOGUE, SECOND,     "......A...." },
    { ROLE_LEADER, FIRST,         "...Aww....." },
    { ROLE_LEADER, SECOND,        "......Aw..." },
    { ROLE_LEADER, INSTITUTION,   "..AAww....." },
    { ROLE_LEADER, FIRST_A,       "..........." },
    { ROLE_LEADER, NORTH,         "..........." },
    { ROLE_MUNICIPALITY, NORTH,   ".AAA..A...." },
    { ROLE_MUNICIPALITY, SOUTH,   "........AA." },
    { ROLE_MUNICIPALITY, FIRST,   "..........." },
    { ROLE_MUNICIPALITY, PROGRAMME, "..........." },
    { ROLE_PROGRAMME, PROGRAMME,  "AA......A.." },
    { ROLE_PROGRAMME, NORTH,      "..........." },
};

static void test_matrix(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof matrix / sizeof *matrix; i++) {
        struct account account = { .id = 1, .n_memberships = 1,
                                   .memberships = { { matrix[i].role, unit[matrix[i].at].id } } };
        char seen[UNITS + 1] = { 0 };
        for (int u = 0; u < UNITS; u++) seen[u] = ".wA"[access_sight(&account, &units, u)];
        if (strcmp(seen, matrix[i].sees) != 0)
            fail_msg("%s at %s: %s, not %s", role_name(matrix[i].role), unit[matrix[i].at].name, seen,
                     matrix[i].sees);
        /* A role fits where it sees something, and nowhere else. */
        assert_int_equal(access_role_fits(matrix[i].role, unit[matrix[i].at].kind),
                         strcmp(seen, "...........") != 0);
    }
}

static void test_matrix_edges(void **state) {
    (void)state;
    struct account account = { .id = 1, .n_memberships = 2,
                               .memberships = { { ROLE_LEADER, unit[FIRST].id },
                                                { ROLE_TEACHER, unit[FIRST_A].id } } };
    assert_int_equal(access_sight(&account, &units, FIRST_A), SIGHT_ALL); /* the better of the two */
    assert_int_equal(access_sight(&account, &units, FIRST_B), SIGHT_WITHOUT_TEACHING);
    assert_int_equal(access_sight(&account, &units, -1), SIGHT_NONE);
    assert_int_equal(access_sight(&account, &units, UNITS), SIGHT_NONE);
    assert_int_equal(access_sight(NULL, &units, FIRST), SIGHT_NONE);
    account.ended = true;
    assert_int_equal(access_sight(&account, &units, FIRST), SIGHT_NONE);
    account = (struct account){ .n_memberships = 1, .memberships = { { ROLE_TEACHER, 999 } } };
    for (int u = 0; u < UNITS; u++) assert_int_equal(access_sight(&account, &units, u), SIGHT_NONE);
    for (int r = 0; r < ROLE_COUNT; r++) {
        enum role role;
        assert_true(role_from_name(role_name((enum role)r), &role));
        assert_int_equal(role, r);
        assert_non_null(role_title(role));
    }
    enum role role;
    assert_false(role_from_name("pupil", &role));
    assert_false(role_from_name("", &role));
}

/* A programme with a municipality 'a', a school 's' and a class 'c' in it; their ids. */
static struct {
    struct programme programme;
    int64_t municipality, school, class;
} home;

static int64_t add_unit(const char *kind, int64_t parent, const char *code) {
    struct statement *s;
    OK(store_prepare(home.programme.study, &s,
                     "INSERT INTO unit (kind, parent, code, name) VALUES (?1, ?2, ?3, ?3) RETURNING id",
                     &error));
    bind_text(s, 1, kind);
    bind_int(s, 2, parent);
    bind_text(s, 3, code);
    OK(statement_step(s, &error));
    int64_t id = column_int(s, 0);
    OK(statement_end(s, &error));
    return id;
}

static int64_t number(struct store *store, const char *sql) {
    struct statement *s;
    OK(store_prepare(store, &s, sql, &error));
    OK(statement_step(s, &error));
    int64_t value = column_int(s, 0);
    OK(statement_end(s, &error));
    return value;
}

static int set_up(void **state) {
    static int n;
    char dir[128], study[1024], identity[1024];
    error = (struct error){ 0 };
    snprintf(dir, sizeof dir, "%s/%d", folder, ++n);
    if (*(const int *)*state == on_postgres) {
        if (strcmp(postgres.url, "absent") == 0) return 0; /* the test itself skips */
        snprintf(study, sizeof study, "%s", postgres_url());
        snprintf(identity, sizeof identity, "%s", postgres_url());
        OK(programme_init(dir, "Prøve", study, identity, &error));
    } else {
        OK(programme_init(dir, "Prøve", NULL, NULL, &error));
    }
    OK(programme_open(&home.programme, dir, &error));
    OK(programme_open_identity(&home.programme, &error));
    int64_t programme = number(home.programme.study, "SELECT id FROM unit WHERE parent IS NULL");
    home.municipality = add_unit("municipality", programme, "a");
    home.school = add_unit("school", home.municipality, "s");
    home.class = add_unit("class", home.school, "c");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    programme_close(&home.programme);
    return 0;
}

static void skip_without(void **state) {
    if (*(const int *)*state == on_postgres && strcmp(postgres.url, "absent") == 0) skip();
}

static const char good[] = "en god adgangskode";

static int64_t add(const char *login, enum role role, int64_t unit_id) {
    char made[PASSWORD_MADE_MAX];
    int64_t id = 0;
    OK(account_add(&home.programme, login, "Lise Lærer", good, &(struct membership){ role, unit_id }, 1, made,
                   &id, &error));
    return id;
}

static void test_accounts(void **state) {
    skip_without(state);
    struct programme *p = &home.programme;
    char made[PASSWORD_MADE_MAX] = "", again[PASSWORD_MADE_MAX] = "";
    int64_t id, other;
    struct membership both[] = { { ROLE_LEADER, home.school }, { ROLE_TEACHER, home.class } };
    OK(account_add(p, "Lise@Skole.dk", "Lise Leder", NULL, both, 2, made, &id, &error));
    assert_int_equal(strlen(made), 19);
    assert_int_equal(strspn(made, "abcdefghjkmnpqrstuvwxyz23456789-"), 19);
    /* Unit 0 is the programme. */
    OK(account_add(p, "kontor", "Kontoret", NULL, &(struct membership){ ROLE_PROGRAMME, 0 }, 1, again, &other,
                   &error));
    assert_string_not_equal(made, again);
    FAILS("access.login_taken", account_add(p, "LISE@skole.DK", "x", NULL, both, 2, made, &id, &error));
    FAILS("access.login_shape", account_add(p, "a b", "x", NULL, both, 2, made, &id, &error));
    FAILS("access.login_shape", account_add(p, "", "x", NULL, both, 2, made, &id, &error));
    FAILS("access.login_shape", account_add(p, "\xFF", "x", NULL, both, 2, made, &id, &error));
    FAILS("access.name_shape", account_add(p, "ny", "", NULL, both, 2, made, &id, &error));
    FAILS("access.password_length", account_add(p, "ny", "x", "kort", both, 2, made, &id, &error));
    FAILS("access.memberships", account_add(p, "ny", "x", good, both, MEMBERSHIPS_MAX + 1, made, &id, &error));
    FAILS("unit.unknown",
          account_add(p, "ny", "x", good, &(struct membership){ ROLE_LEADER, 99999 }, 1, made, &id, &error));
    FAILS("access.role_unit",
          account_add(p, "ny", "x", good, &(struct membership){ ROLE_LEADER, home.class }, 1, made, &id, &error));
    assert_int_equal(number(p->identity, "SELECT COUNT(*) FROM account"), 2);
    OK(account_end(p, "kontor", &error));
    FAILS("access.unknown_login", account_end(p, "kontor", &error));
    FAILS("access.unknown_login", account_reset(p, "kontor", NULL, made, &error));
    FAILS("access.unknown_login", account_reset(p, "ingen", NULL, made, &error));

    struct arena *arena = arena_create(MIB);
    struct account *list;
    size_t n;
    OK(account_list(p, arena, &list, &n, &error));
    assert_int_equal(n, 2);
    assert_string_equal(list[0].login, "kontor");
    assert_true(list[0].ended);
    assert_int_equal(list[0].n_memberships, 0);
    assert_string_equal(list[1].login, "lise@skole.dk");
    assert_false(list[1].ended);
    assert_int_equal(list[1].n_memberships, 2);
    arena_destroy(arena);
}

static void test_sessions(void **state) {
    skip_without(state);
    struct programme *p = &home.programme;
    struct session session, second, found;
    int64_t id = add("lise", ROLE_TEACHER, home.class);
    OK(session_begin(p, "Lise", good, &session, &error));
    assert_true(session.account.id == id);
    assert_string_equal(session.account.name, "Lise Lærer");
    assert_string_equal(session.account.language, "da");
    assert_int_equal(session.account.n_memberships, 1);
    assert_true(session.account.memberships[0].unit == home.class);
    OK(session_get(p, session.token, &found, &error));
    assert_memory_equal(found.csrf, session.csrf, TOKEN_BYTES);
    assert_memory_not_equal(found.csrf, found.token, TOKEN_BYTES);
    /* The store has a hash of the token, and not the token. */
    struct statement *s;
    OK(store_prepare(p->identity, &s, "SELECT COUNT(*) FROM session WHERE token = ?1", &error));
    bind_blob(s, 1, session.token, TOKEN_BYTES);
    OK(statement_step(s, &error));
    assert_int_equal(column_int(s, 0), 0);
    OK(statement_end(s, &error));
    /* Two at once are two; the end of one leaves the other. */
    OK(session_begin(p, "lise", good, &second, &error));
    assert_memory_not_equal(second.token, session.token, TOKEN_BYTES);
    OK(session_end(p, session.token, &error));
    error = (struct error){ 0 };
    assert_false(session_get(p, session.token, &found, &error));
    assert_string_equal(error.id, "");
    OK(session_get(p, second.token, &found, &error));
    /* A new password, and the end of an account, end its sessions. */
    char made[PASSWORD_MADE_MAX];
    OK(account_reset(p, "lise", NULL, made, &error));
    assert_false(session_get(p, second.token, &found, &error));
    FAILS("access.wrong_login", session_begin(p, "lise", good, &second, &error));
    OK(session_begin(p, "lise", made, &second, &error));
    OK(account_end(p, "lise", &error));
    assert_false(session_get(p, second.token, &found, &error));
    FAILS("access.wrong_login", session_begin(p, "lise", made, &second, &error));
}

static void test_sessions_end_with_time(void **state) {
    skip_without(state);
    static const struct {
        int created, seen; /* seconds ago */
        bool alive;
    } cases[] = {
        { 10, 10, true },
        { SESSION_AGE_MAX - 10, 10, true },
        { SESSION_AGE_MAX, 10, false },
        { SESSION_IDLE_MAX, SESSION_IDLE_MAX - 10, true },
        { SESSION_IDLE_MAX, SESSION_IDLE_MAX, false },
    };
    struct programme *p = &home.programme;
    struct session session, found;
    add("lise", ROLE_TEACHER, home.class);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        OK(session_begin(p, "lise", good, &session, &error));
        struct statement *s;
        OK(store_prepare(p->identity, &s, "UPDATE session SET created_at = ?1, seen_at = ?2", &error));
        bind_int(s, 1, time(NULL) - cases[i].created);
        bind_int(s, 2, time(NULL) - cases[i].seen);
        OK(statement_run(s, &error));
        error = (struct error){ 0 };
        if (session_get(p, session.token, &found, &error) != cases[i].alive) fail_msg("case %zu", i);
        assert_string_equal(error.id, "");
        /* Being seen counts from now on. */
        if (cases[i].alive && cases[i].seen > 600)
            assert_true(number(p->identity, "SELECT MAX(seen_at) FROM session") >= time(NULL) - 5);
    }
    /* What has ended is swept away by the next login. */
    OK(session_begin(p, "lise", good, &session, &error));
    assert_int_equal(number(p->identity, "SELECT COUNT(*) FROM session"), 1);
}

static void age_failures(int seconds) {
    struct statement *s;
    OK(store_prepare(home.programme.identity, &s, "UPDATE login_failure SET last_at = last_at - ?1", &error));
    bind_int(s, 1, seconds);
    OK(statement_run(s, &error));
}

static void test_failed_logins_slow_down(void **state) {
    skip_without(state);
    struct programme *p = &home.programme;
    struct session session;
    add("lise", ROLE_TEACHER, home.class);
    add("anna", ROLE_TEACHER, home.class);
    for (int i = 0; i < LOGIN_FREE_FAILURES; i++)
        FAILS("access.wrong_login", session_begin(p, "lise", "forkert forkert", &session, &error));
    FAILS("access.slow_down", session_begin(p, "LISE", good, &session, &error)); /* the right one too */
    assert_non_null(error_value(&error, "seconds"));
    OK(session_begin(p, "anna", good, &session, &error)); /* nobody else waits */
    age_failures(LOGIN_FIRST_WAIT);
    FAILS("access.wrong_login", session_begin(p, "lise", "forkert forkert", &session, &error));
    age_failures(LOGIN_FIRST_WAIT);
    FAILS("access.slow_down", session_begin(p, "lise", good, &session, &error)); /* twice as long now */
    age_failures(LOGIN_FIRST_WAIT);
    OK(session_begin(p, "lise", good, &session, &error));
    assert_int_equal(number(p->identity, "SELECT COUNT(*) FROM login_failure"), 0);
    FAILS("access.wrong_login", session_begin(p, "lise", "forkert forkert", &session, &error));
    /* An unknown login behaves alike, and leaves no trace of what was typed. */
    for (int i = 0; i < LOGIN_FREE_FAILURES; i++)
        FAILS("access.wrong_login", session_begin(p, "ukendt", good, &session, &error));
    FAILS("access.slow_down", session_begin(p, "ukendt", good, &session, &error));
    FAILS("access.wrong_login", session_begin(p, "ukendt med blanke", good, &session, &error));
    assert_int_equal(number(p->identity, "SELECT COUNT(*) FROM login_failure WHERE login LIKE '%ukendt%'"), 0);
    /* The longest wait, and the end of memory. */
    OK(store_exec(p->identity, "UPDATE login_failure SET failures = 60 WHERE login = 'lise'", &error));
    FAILS("access.slow_down", session_begin(p, "lise", good, &session, &error));
    long long left = strtoll(error_value(&error, "seconds"), NULL, 10);
    assert_true(left <= LOGIN_WAIT_MAX && left >= LOGIN_WAIT_MAX - 60);
    age_failures(LOGIN_WAIT_MAX);
    OK(session_begin(p, "lise", good, &session, &error));
}

static void test_hash_is_argon2id(void **state) {
    skip_without(state);
    struct statement *s;
    add("lise", ROLE_TEACHER, home.class);
    OK(store_prepare(home.programme.identity, &s, "SELECT password FROM account", &error));
    OK(statement_step(s, &error));
    const char *hash = column_text(s, 0);
    assert_memory_equal(hash, "$argon2id$v=19$m=47104,t=1,p=1$", 31);
    assert_int_equal(crypto_pwhash_str_verify(hash, good, strlen(good)), 0);
    OK(statement_end(s, &error));
}

static void test_connections_of_a_thread(void **state) {
    skip_without(state);
    struct programme mine;
    struct session session, found;
    add("lise", ROLE_TEACHER, home.class);
    OK(session_begin(&home.programme, "lise", good, &session, &error));
    OK(access_connect(&home.programme, &mine, &error));
    assert_ptr_not_equal(mine.identity, home.programme.identity);
    OK(session_get(&mine, session.token, &found, &error));
    programme_close(&mine);
}

#define BOTH(test)                                                                                 \
    { #test " (SQLite)", test, set_up, tear_down, (void *)(uintptr_t)&on_sqlite },                  \
    { #test " (PostgreSQL)", test, set_up, tear_down, (void *)(uintptr_t)&on_postgres }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix), cmocka_unit_test(test_matrix_edges),
        BOTH(test_accounts), BOTH(test_sessions), BOTH(test_sessions_end_with_time),
        BOTH(test_failed_logins_slow_down), BOTH(test_hash_is_argon2id), BOTH(test_connections_of_a_thread),
    };
    for (int u = 0; u < UNITS; u++) places[u] = (struct unit_place){ unit[u].id, u };
    snprintf(folder, sizeof folder, "/tmp/laerke-access-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    postgres_start();
    int failed = cmocka_run_group_tests_name("access", tests, NULL, NULL);
    postgres_stop();
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}

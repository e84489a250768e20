/* The same tests on SQLite and on PostgreSQL. */
#include "postgres.h"

#include "store/programme.h"
#include "store/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

static const int on_sqlite = 0, on_postgres = 1;
static char folder[64];

static struct error error;
#define OK(call)                                                                                   \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s (%s)", #call, error.id, error.n_args > 1 ? error.values[1] : "");     \
    } while (0)
#define FAILS(id_, call)                                                                           \
    do {                                                                                           \
        error = (struct error){ 0 };                                                               \
        assert_false(call);                                                                        \
        assert_string_equal(error.id, id_);                                                        \
    } while (0)

static char url[1024];

static void new_url(void **state) {
    static int n;
    if (*(const int *)*state == on_sqlite)
        snprintf(url, sizeof url, "sqlite:%s/%d.db", folder, ++n);
    else
        snprintf(url, sizeof url, "%s", postgres_url());
}

static struct store *new_store(void **state, enum store_kind kind) {
    struct store *store;
    new_url(state);
    OK(store_open(&store, url, kind, &error));
    OK(store_migrate(store, NULL, &error));
    return store;
}

static struct store *study_of(void **state) { return new_store(state, STORE_STUDY); }

static struct statement *prepare(struct store *store, const char *sql) {
    struct statement *s;
    OK(store_prepare(store, &s, sql, &error));
    return s;
}

static int64_t number(struct store *store, const char *sql) {
    struct statement *s = prepare(store, sql);
    OK(statement_step(s, &error));
    int64_t value = column_int(s, 0);
    OK(statement_end(s, &error));
    return value;
}

static bool add_wave(struct store *store, int64_t id, const char *name) {
    struct statement *s;
    if (!store_prepare(store, &s,
                       "INSERT INTO wave(number, name, opens, closes, state)"
                       " VALUES (?1, ?2, '2027-01-01', '2027-02-01', 'planned')",
                       &error))
        return false;
    bind_int(s, 1, id);
    bind_text(s, 2, name);
    return statement_run(s, &error);
}

static void test_types(void **state) {
    static const unsigned char bytes[] = { 0, 1, 0xFF, 'x', 0, '\\', '\'' };
    static const double reals[] = { 0.1, -1e300, 5e-324, 1.0 / 3.0, 9007199254740993.0, 0.0 };
    static const int64_t wholes[] = { 0, -1, INT64_MAX, INT64_MIN, 4294967296, 7 };
    struct store *store = study_of(state);
    for (size_t i = 0; i < 6; i++) {
        struct statement *s =
            prepare(store, "INSERT INTO score VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        bind_int(s, 1, (int64_t)i);
        bind_int(s, 2, wholes[i]);
        bind_text(s, 3, "rød grød 🐦 'citat' \"x\" ?1 $1 \\");
        bind_real(s, 4, reals[i]);
        bind_real(s, 5, reals[i]);
        bind_int(s, 6, 3); /* a whole number where a real is kept */
        bind_int(s, 7, 80000);
        bind_blob(s, 8, bytes, i == 5 ? 0 : sizeof bytes);
        OK(statement_run(s, &error));
    }
    struct statement *s =
        prepare(store, "SELECT instrument, scale, mean, reliability, scores, scores, persons"
                       " FROM score ORDER BY publication");
    for (size_t i = 0; i < 6; i++) {
        size_t length, again;
        OK(statement_step(s, &error));
        assert_true(column_int(s, 0) == wholes[i]);
        assert_string_equal(column_text(s, 1), "rød grød 🐦 'citat' \"x\" ?1 $1 \\");
        double real = column_real(s, 2);
        assert_memory_equal(&real, &reals[i], sizeof real);
        assert_true(column_real(s, 3) == 3.0);
        const void *blob = column_blob(s, 4, &length);
        assert_non_null(blob);
        assert_int_equal(length, i == 5 ? 0 : sizeof bytes);
        assert_memory_equal(blob, bytes, length);
        assert_memory_equal(column_blob(s, 5, &again), bytes, length);
        assert_ptr_equal(column_blob(s, 4, &again), blob);
        assert_int_equal(again, length);
        assert_int_equal(column_int(s, 6), 80000);
        assert_false(column_is_null(s, 6));
    }
    assert_false(statement_step(s, &error));
    OK(statement_end(s, &error));
    assert_int_equal(number(store, "SELECT SUM(persons) FROM score"), 480000);
    assert_int_equal(number(store, "SELECT COUNT(*) FROM score WHERE scale = '?9 -- ''x'"), 0);
    store_close(store);
}

static void test_nulls(void **state) {
    struct store *store = study_of(state);
    struct statement *s = prepare(store, "INSERT INTO unit(kind, parent, code, name, grade)"
                                         " VALUES ('school', ?1, ?2, 'x', ?3) RETURNING id");
    bind_null(s, 1);
    bind_text(s, 2, "a");
    OK(statement_step(s, &error));
    int64_t first = column_int(s, 0);
    OK(statement_end(s, &error));
    /* The parameter that was NULL is a number now, and then NULL again. */
    for (int i = 0; i < 3; i++) {
        s = prepare(store, "INSERT INTO unit(kind, parent, code, name, grade)"
                           " VALUES ('school', ?1, ?2, 'x', ?3) RETURNING id");
        if (i < 2) bind_int(s, 1, first);
        bind_text(s, 2, i == 0 ? "b" : i == 1 ? "c" : "d");
        bind_int(s, 3, 4);
        OK(statement_step(s, &error));
        assert_true(column_int(s, 0) > first);
        OK(statement_end(s, &error));
    }
    s = prepare(store, "SELECT parent, grade, CAST(NULL AS TEXT) FROM unit WHERE id = ?1");
    bind_int(s, 1, first);
    OK(statement_step(s, &error));
    size_t length = 9;
    assert_true(column_is_null(s, 0));
    assert_int_equal(column_int(s, 0), 0);
    assert_true(column_real(s, 1) == 0.0);
    assert_null(column_text(s, 2));
    assert_null(column_blob(s, 2, &length));
    assert_int_equal(length, 0);
    assert_true(column_is_null(s, 99));
    assert_false(statement_step(s, &error));
    assert_false(statement_step(s, &error));
    assert_null(column_text(s, 0));
    OK(statement_end(s, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM unit WHERE parent IS NULL"), 2);
    store_close(store);
}

static void test_text_is_utf8(void **state) {
    struct store *store = study_of(state);
    FAILS("store.not_text", add_wave(store, 1,
                                     "r\xF8"
                                     "d"));
    OK(add_wave(store, 1, ""));
    struct statement *s = prepare(store, "SELECT name FROM wave");
    OK(statement_step(s, &error));
    assert_string_equal(column_text(s, 0), "");
    OK(statement_end(s, &error));
    if (*(const int *)*state == on_sqlite) {
        OK(store_exec(store, "UPDATE wave SET name = CAST(X'72F864' AS TEXT)", &error));
        s = prepare(store, "SELECT name FROM wave");
        OK(statement_step(s, &error));
        assert_string_equal(column_text(s, 0), "");
        FAILS("store.not_text", statement_end(s, &error));
    }
    store_close(store);
}

static void test_order_is_by_bytes(void **state) {
    static const char *const names[] = { "B", "a", "Å", "ab", "Z", "z" };
    static const char *const order[] = { "B", "Z", "a", "ab", "z", "Å" };
    struct store *store = study_of(state);
    for (int i = 0; i < 6; i++) OK(add_wave(store, i, names[i]));
    struct statement *s = prepare(store, "SELECT name FROM wave ORDER BY name");
    for (int i = 0; i < 6; i++) {
        OK(statement_step(s, &error));
        assert_string_equal(column_text(s, 0), order[i]);
    }
    OK(statement_end(s, &error));
    store_close(store);
}

static void test_transactions(void **state) {
    struct store *store = study_of(state);
    OK(store_begin(store, &error));
    FAILS("store.misuse", store_begin(store, &error));
    for (int i = 0; i < 3000; i++) OK(add_wave(store, i, "x"));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 3000);
    store_rollback(store);
    store_rollback(store);
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 0);
    OK(store_begin(store, &error));
    for (int i = 0; i < 3000; i++) OK(add_wave(store, i, "x"));
    OK(store_commit(store, &error));
    FAILS("store.misuse", store_commit(store, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 3000);
    store_close(store);
}

static void test_a_failure_fails_the_transaction(void **state) {
    struct store *store = study_of(state);
    OK(add_wave(store, 1, "x"));
    FAILS("store.unique", add_wave(store, 1, "y"));
    OK(add_wave(store, 2, "x")); /* outside a transaction the next is on its own */

    OK(store_begin(store, &error));
    OK(add_wave(store, 3, "x"));
    bool later = true; /* PostgreSQL may tell of it at a later statement, or at the commit */
    if (!add_wave(store, 1, "y")) {
        assert_string_equal(error.id, "store.unique");
        FAILS("store.misuse", add_wave(store, 4, "x"));
        later = false;
    }
    error = (struct error){ 0 };
    assert_false(store_commit(store, &error));
    assert_string_equal(error.id, later ? "store.unique" : "store.misuse");
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 2);

    OK(store_begin(store, &error));
    add_wave(store, 1, "y");
    for (int i = 10; i < 5000; i++) add_wave(store, i, "x");
    struct statement *s;
    if (store_prepare(store, &s, "SELECT COUNT(*) FROM wave", &error))
        assert_false(statement_step(s, &error));
    store_rollback(store);
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 2);
    OK(store_begin(store, &error));
    OK(add_wave(store, 3, "x"));
    OK(store_commit(store, &error));
    store_close(store);
}

static void test_constraints(void **state) {
    static const struct {
        const char *sql, *id;
    } table[] = {
        { "INSERT INTO unit(kind, parent, code, name) VALUES ('class', 999, 'x', 'x')",
          "store.reference" },
        { "INSERT INTO unit(kind, code, name) VALUES ('class', 'x', NULL)", "store.constraint" },
        { "INSERT INTO wave VALUES (1, 'x', 'x', 'x', 'x'), (1, 'x', 'x', 'x', 'x')",
          "store.unique" },
        { "INSERT INTO nowhere VALUES (1)", "store.failed" },
        { "SELEKT 1", "store.failed" },
    };
    struct store *store = study_of(state);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        FAILS(table[i].id, store_exec(store, table[i].sql, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM unit"), 0);
    store_close(store);
}

static void test_misuse(void **state) {
    struct store *store = study_of(state);
    for (int i = 0; i < 5; i++) OK(add_wave(store, i, "x"));
    struct statement *s = prepare(store, "SELECT number FROM wave ORDER BY number");
    OK(statement_step(s, &error));
    FAILS("store.misuse", add_wave(store, 9, "x"));
    FAILS("store.misuse", store_begin(store, &error));
    OK(statement_step(s, &error));
    assert_int_equal(column_int(s, 0), 1);
    OK(statement_end(s, &error));
    OK(add_wave(store, 9, "x"));

    s = prepare(store, "SELECT ?1 + number FROM wave");
    bind_int(s, 2, 1);
    FAILS("store.misuse", statement_step(s, &error));
    s = prepare(store, "INSERT INTO item_parameter VALUES (1, 1, 'x', 'x', 1, ?1, 0, 0)");
    bind_real(s, 1, (double)__builtin_nanf(""));
    FAILS("store.misuse", statement_run(s, &error));
    s = prepare(store, "SELECT number FROM wave");
    OK(statement_run(s, &error));
    FAILS("store.misuse", statement_run(s, &error));

    OK(store_read_begin(store, &error));
    error = (struct error){ 0 };
    assert_false(add_wave(store, 10, "x"));
    assert_true(*error.id);
    store_read_end(store);
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 6);
    store_close(store);
}

static void test_read_transaction_is_one_moment(void **state) {
    struct store *store = study_of(state), *other;
    OK(store_open(&other, url, STORE_STUDY, &error));
    OK(add_wave(store, 1, "x"));
    OK(store_read_begin(store, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 1);
    OK(add_wave(other, 2, "x"));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 1);
    store_read_end(store);
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 2);
    store_close(other);
    store_close(store);
}

/* Another process takes the lock, tells so, and commits a while later. */
static void test_two_writers(void **state) {
    struct store *store = study_of(state);
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store *mine;
        bool done = store_open(&mine, url, STORE_STUDY, &error) && store_begin(mine, &error);
        done = done && write(told[1], "x", 1) == 1;
        struct timespec while_waiting = { .tv_nsec = 300000000 };
        nanosleep(&while_waiting, NULL);
        done = done && add_wave(mine, 1, "child") && store_commit(mine, &error);
        store_close(mine);
        _exit(!done);
    }
    char x;
    assert_int_equal(read(told[0], &x, 1), 1);
    OK(store_begin(store, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 1); /* the child's is there */
    OK(add_wave(store, 2, "parent"));
    OK(store_commit(store, &error));
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 2);
    close(told[0]), close(told[1]);
    store_close(store);
}

static void test_many_writers(void **state) {
    struct store *store = study_of(state);
    OK(add_wave(store, 0, "0"));
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] != 0) continue;
        struct store *mine;
        bool done = store_open(&mine, url, STORE_STUDY, &error);
        for (int n = 0; done && n < 25; n++) {
            done = store_begin(mine, &error);
            char name[32];
            snprintf(name, sizeof name, "%d",
                     (int)number(mine, "SELECT CAST(name AS BIGINT) FROM wave") + 1);
            struct statement *s = prepare(mine, "UPDATE wave SET name = ?1");
            bind_text(s, 1, name);
            done = done && statement_run(s, &error) && store_commit(mine, &error);
        }
        store_close(mine);
        _exit(!done);
    }
    for (int i = 0; i < 4; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(number(store, "SELECT CAST(name AS BIGINT) FROM wave"), 100);
    store_close(store);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void test_many_rows(void **state) {
    enum { ROWS = 200000 };
    struct store *store = study_of(state);
    double begun = now();
    OK(store_begin(store, &error));
    for (int i = 0; i < ROWS; i++) {
        struct statement *s = prepare(store, "INSERT INTO result VALUES (1, ?1, ?2, 'æ')");
        char text[32];
        snprintf(text, sizeof text, "ø%d", i);
        bind_int(s, 1, i);
        bind_text(s, 2, text);
        OK(statement_run(s, &error));
    }
    OK(store_commit(store, &error));
    double inserted = now();
    struct statement *s = prepare(store, "SELECT unit, frozen FROM result ORDER BY unit");
    int64_t n = 0;
    for (; statement_step(s, &error); n++) {
        assert_true(column_int(s, 0) == n);
        assert_true(strtol(column_text(s, 1) + 2, NULL, 10) == n);
    }
    OK(statement_end(s, &error));
    assert_int_equal(n, ROWS);
    print_message("# %d rows inserted in %.2f s, walked in %.2f s\n", ROWS, inserted - begun,
                  now() - inserted);
    /* Ended early, the store is free at once. */
    s = prepare(store, "SELECT unit, frozen FROM result ORDER BY unit");
    for (int i = 0; i < 10; i++) OK(statement_step(s, &error));
    OK(statement_end(s, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM result"), ROWS);
    store_close(store);
}

static void test_returning_is_whole_when_ended_early(void **state) {
    struct store *store = study_of(state);
    struct statement *s = prepare(store, "INSERT INTO wave VALUES (1,'','','',''), (2,'','','',''),"
                                         " (3,'','','','') RETURNING number");
    OK(statement_step(s, &error));
    OK(statement_end(s, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 3);
    store_close(store);
}

static void test_large_blob(void **state) {
    enum { SIZE = 20 * 1000 * 1000 };
    struct store *store = study_of(state);
    unsigned char *bytes = malloc(SIZE);
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++) bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    struct statement *s = prepare(store, "INSERT INTO score VALUES (1, 1, 'x', 0, 1, 0.5, 1, ?1)");
    bind_blob(s, 1, bytes, SIZE);
    OK(statement_run(s, &error));
    s = prepare(store, "SELECT scores FROM score");
    OK(statement_step(s, &error));
    size_t length;
    const void *back = column_blob(s, 0, &length);
    assert_int_equal(length, SIZE);
    assert_int_equal(memcmp(back, bytes, SIZE), 0);
    OK(statement_end(s, &error));
    free(bytes);
    store_close(store);
}

static void test_migrations(void **state) {
    for (int kind = STORE_IDENTITY; kind <= STORE_STUDY; kind++) {
        struct store *store;
        int applied = -1;
        new_url(state);
        OK(store_open(&store, url, (enum store_kind)kind, &error));
        FAILS("store.missing", store_check(store, &error));
        OK(store_migrate(store, &applied, &error));
        assert_true(applied >= 1);
        OK(store_migrate(store, &applied, &error));
        assert_int_equal(applied, 0);
        OK(store_check(store, &error));
        store_close(store);
    }
}

static void test_both_stores_in_one_database(void **state) {
    if (*(const int *)*state == on_sqlite) return; /* each has a file of its own */
    struct store *study = study_of(state), *identity;
    OK(store_open(&identity, url, STORE_IDENTITY, &error));
    OK(store_migrate(identity, NULL, &error));
    OK(store_exec(identity, "INSERT INTO login_failure VALUES ('x', 1, 1)", &error));
    FAILS("store.failed", store_exec(study, "SELECT * FROM login_failure", &error));
    store_close(identity);
    store_close(study);
}

static void test_two_migrators(void **state) {
    new_url(state);
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i] != 0) continue;
        struct store *mine;
        bool done = store_open(&mine, url, STORE_STUDY, &error) &&
                    store_migrate(mine, NULL, &error);
        if (!done) fprintf(stderr, "%s %s\n", error.id, error.values[1]);
        store_close(mine);
        _exit(!done);
    }
    for (int i = 0; i < 3; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
}

static void test_changed_migration(void **state) {
    struct store *store = study_of(state);
    OK(store_exec(store, "UPDATE migration SET sha256 = '00' WHERE name LIKE '001%'", &error));
    FAILS("store.changed", store_check(store, &error));
    FAILS("store.changed", store_migrate(store, NULL, &error));
    store_close(store);
}

static void test_database_from_the_future(void **state) {
    struct store *store = study_of(state);
    OK(store_exec(store, "INSERT INTO migration VALUES ('999_tomorrow', '00', 1)", &error));
    FAILS("store.future", store_check(store, &error));
    assert_string_equal(error_value(&error, "migration"), "999_tomorrow");
    FAILS("store.future", store_migrate(store, NULL, &error));
    store_close(store);
}

static void test_keys_are_never_given_twice(void **state) {
    struct store *store = study_of(state);
    static const char sql[] = "INSERT INTO unit(kind, code, name) VALUES ('school', 'x', 'x')";
    OK(store_exec(store, sql, &error));
    int64_t first = number(store, "SELECT MAX(id) FROM unit");
    OK(store_exec(store, "DELETE FROM unit", &error));
    OK(store_exec(store, sql, &error));
    assert_true(number(store, "SELECT MAX(id) FROM unit") > first);
    store_close(store);
}

static void test_wrong_urls(void **state) {
    static const struct {
        const char *url, *id;
    } table[] = {
        { "mysql://x", "store.url" },
        { "", "store.url" },
        { "/tmp/x.db", "store.url" },
        { "sqlite:/nowhere/at/all.db", "store.open" },
        { "sqlite:/tmp", "store.open" },
        { "postgresql://secret:word@localhost:1/x?connect_timeout=2", "store.open" },
        { "host=/nowhere dbname=x", "store.open" },
        { "nonsense=x", "store.open" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct store *store = (void *)&error;
        FAILS(table[i].id, store_open(&store, table[i].url, STORE_STUDY, &error));
        assert_null(store);
        for (size_t j = 0; j < error.n_args; j++) assert_null(strstr(error.values[j], "word"));
    }
}

static void test_not_a_database(void **state) {
    (void)state;
    char path[128];
    struct store *store;
    snprintf(path, sizeof path, "%s/letter.txt", folder);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++) fputs("Kære forældre, ", file);
    fclose(file);
    snprintf(url, sizeof url, "sqlite:%s", path);
    FAILS("store.damaged", store_open(&store, url, STORE_STUDY, &error));
}

static void test_read_only_file(void **state) {
    static const int sqlite = 0;
    const void *s = &sqlite;
    (void)state;
    store_close(study_of((void **)&s));
    const char *path = url + strlen("sqlite:");
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    pid_t child = fork();
    if (child == 0) { /* root may write anything */
        struct store *store;
        bool failed = (getuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0)) &&
                      !store_open(&store, url, STORE_STUDY, &error);
        _exit(!(failed && error_is(&error, "store.read_only")));
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void test_lost_connection(void **state) {
    (void)state;
    static const int pg = 1;
    const void *s = &pg;
    struct store *store = study_of((void **)&s), *other;
    OK(store_open(&other, url, STORE_STUDY, &error));
    OK(add_wave(store, 1, "x"));
    static const char kill_all[] =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()";
    OK(store_begin(store, &error));
    OK(add_wave(store, 2, "x"));
    OK(store_exec(other, kill_all, &error));
    FAILS("store.lost", store_commit(store, &error));
    assert_int_equal(number(store, "SELECT COUNT(*) FROM wave"), 1); /* connected again */
    OK(add_wave(store, 2, "x"));
    OK(store_exec(other, kill_all, &error));
    struct timespec while_waiting = { .tv_nsec = 100000000 };
    nanosleep(&while_waiting, NULL);
    FAILS("store.lost", store_exec(store, "DELETE FROM wave", &error));
    OK(store_begin(store, &error));
    OK(add_wave(store, 3, "x"));
    OK(store_commit(store, &error));
    assert_int_equal(number(other, "SELECT COUNT(*) FROM wave"), 3);
    store_close(other);
    store_close(store);
}

#define BOTH(f)                                                                                    \
    { #f ".sqlite", f, NULL, NULL, (void *)(uintptr_t)&on_sqlite }, {                              \
#f ".postgres", f, NULL, NULL, (void *)(uintptr_t)&on_postgres                             \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(test_types),
        BOTH(test_nulls),
        BOTH(test_text_is_utf8),
        BOTH(test_order_is_by_bytes),
        BOTH(test_transactions),
        BOTH(test_a_failure_fails_the_transaction),
        BOTH(test_constraints),
        BOTH(test_misuse),
        BOTH(test_read_transaction_is_one_moment),
        BOTH(test_two_writers),
        BOTH(test_many_writers),
        BOTH(test_many_rows),
        BOTH(test_returning_is_whole_when_ended_early),
        BOTH(test_large_blob),
        BOTH(test_migrations),
        BOTH(test_both_stores_in_one_database),
        BOTH(test_two_migrators),
        BOTH(test_changed_migration),
        BOTH(test_database_from_the_future),
        BOTH(test_keys_are_never_given_twice),
        cmocka_unit_test(test_wrong_urls),
        cmocka_unit_test(test_not_a_database),
        cmocka_unit_test(test_read_only_file),
        cmocka_unit_test(test_lost_connection),
    };
    snprintf(folder, sizeof folder, "/tmp/laerke-store-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    postgres_start();
    int failed = cmocka_run_group_tests_name("store", tests, NULL, NULL);
    postgres_stop();
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}

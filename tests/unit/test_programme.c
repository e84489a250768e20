#include "postgres.h"

#include "store/programme.h"

#include <dirent.h>
#include <sys/stat.h>

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

static const char *path_of(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int entries(const char *dir) {
    int n = 0;
    DIR *d = opendir(dir);
    while (d && readdir(d)) n++;
    if (d) closedir(d);
    return n - 2;
}

static int mode_of(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 ? (int)(s.st_mode & 0777) : -1;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void check_programme(const char *dir, const char *name) {
    struct programme programme;
    struct statement *s;
    OK(programme_open(&programme, dir, &error));
    assert_string_equal(programme.settings.name, name);
    assert_int_equal(programme.settings.minimum_group, 7);
    assert_string_equal(programme.settings.languages, "da en");
    assert_null(programme.identity);
    OK(programme_open_identity(&programme, &error));
    OK(programme_open_identity(&programme, &error));
    assert_int_equal(store_kind(programme.identity), STORE_IDENTITY);
    OK(store_prepare(programme.study, &s, "SELECT kind, code, name, parent FROM unit", &error));
    OK(statement_step(s, &error));
    assert_string_equal(column_text(s, 0), "programme");
    assert_string_equal(column_text(s, 1), "");
    assert_string_equal(column_text(s, 2), name);
    assert_true(column_is_null(s, 3));
    assert_false(statement_step(s, &error));
    struct store *more;
    OK(programme_connect(&programme, STORE_STUDY, &more, &error));
    OK(store_check(more, &error));
    store_close(more);
    programme_close(&programme);
}

static void test_init(void **state) {
    (void)state;
    char dir[300];
    snprintf(dir, sizeof dir, "%s///", path_of("new"));
    OK(programme_init(dir, "Skolerne i Ærø & Øer", NULL, NULL, &error));
    check_programme(path_of("new"), "Skolerne i Ærø & Øer");
    assert_int_equal(mode_of(path_of("new/keys")), 0700);
    assert_int_equal(mode_of(path_of("new/programme.ini")), 0600);
    assert_int_equal(mode_of(path_of("new/identity.db")), 0600);
    FAILS("programme.taken", programme_init(path_of("new"), "x", NULL, NULL, &error));

    OK(mkdir(path_of("empty"), 0755) == 0);
    OK(mkdir(path_of("empty/.laerke-making-abcdef"), 0700) == 0); /* a killed init left this */
    write_file(path_of("empty/.laerke-making-abcdef/programme.ini"), "x");
    OK(programme_init(path_of("empty"), "x", NULL, NULL, &error));
    check_programme(path_of("empty"), "x");
    assert_int_equal(entries(path_of("empty")), 6);
    int applied = -1;
    OK(programme_migrate(path_of("empty"), &applied, &error));
    assert_int_equal(applied, 0);
}

static void test_init_leaves_nothing_half_made(void **state) {
    static const struct {
        const char *dir, *name, *study, *identity, *id;
    } table[] = {
        { "a", "x", "sqlite:/nowhere/study.db", NULL, "store.open" },
        { "a", "x", NULL, "sqlite:/nowhere/identity.db", "store.open" },
        { "a", "x", "mysql://", NULL, "store.url" },
        { "a", "", NULL, NULL, "programme.name" },
        { "a", "x ; y", NULL, NULL, "programme.name" },
        { "a", "x\ny", NULL, NULL, "programme.name" },
        { "a", " x", NULL, NULL, "programme.name" },
        { "a",
          "r\xF8"
          "d",
          NULL, NULL, "programme.name" },
        { "a/b", "x", NULL, NULL, "programme.make" },
        { "file", "x", NULL, NULL, "programme.taken" },
        { "here", "x", NULL, "sqlite:/nowhere/identity.db", "store.open" },
    };
    (void)state;
    char before[64];
    write_file(path_of("file"), "x");
    OK(mkdir(path_of("here"), 0755) == 0);
    snprintf(before, sizeof before, "%d", entries(folder));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        FAILS(table[i].id, programme_init(path_of(table[i].dir), table[i].name, table[i].study,
                                          table[i].identity, &error));
        char after[64];
        snprintf(after, sizeof after, "%d", entries(folder));
        assert_string_equal(after, before);
        assert_int_equal(entries(path_of("here")), 0);
    }
    char long_name[300];
    memset(long_name, 'x', sizeof long_name);
    long_name[299] = '\0';
    FAILS("programme.too_long", programme_init(path_of("a"), long_name, NULL, NULL, &error));
    long_name[191] = '\0';
    FAILS("programme.name", programme_init(path_of("a"), long_name, NULL, NULL, &error));
    long_name[190] = '\0';
    OK(programme_init(path_of("a"), long_name, NULL, NULL, &error));
    check_programme(path_of("a"), long_name);
}

static void test_init_on_postgres(void **state) {
    (void)state;
    const char *url = postgres_url();
    OK(programme_init(path_of("pg"), "På server", url, url, &error));
    check_programme(path_of("pg"), "På server");
    assert_int_equal(entries(path_of("pg")), 4);
}

static void test_ini(void **state) {
    static const struct {
        const char *text, *id, *line;
    } table[] = {
        { "[programme]\nname = A\n", NULL, NULL },
        { "\xEF\xBB\xBF; x\r\n[programme]\r\nname = A ; "
          "kommentar\r\n[publish]\r\nminimum_group=5\r\n",
          NULL, NULL },
        { "[programme]\nname = A\nnavn = B\n", "programme.unknown", "3" },
        { "[programme]\nname = A\n\n[publsh]\nminimum_group = 7\n", "programme.unknown", "5" },
        { "name = A\n", "programme.unknown", "1" },
        { "[programme]\nname = A\nname = B\n", "programme.twice", "3" },
        { "[programme]\nname =\n", "programme.value", "2" },
        { "[programme]\nname = A\nlanguages = dansk\n", "programme.value", "3" },
        { "[programme]\nname = A\nlanguages = da  en\n", "programme.value", "3" },
        { "[programme]\nname = A\ncontact = 12 34 56 78\n[web]\naddress = https://laerke.example.dk/\n", NULL, NULL },
        { "[web]\naddress = http://127.0.0.1:8080/sub\n[programme]\nname = A\n", NULL, NULL },
        { "[web]\naddress = laerke.example.dk\n", "programme.value", "2" },
        { "[web]\naddress = https://\n", "programme.value", "2" },
        { "[web]\naddress = https:///a\n", "programme.value", "2" },
        { "[web]\naddress = https://a.dk/#x\n", "programme.value", "2" },
        { "[web]\naddress = javascript://a.dk\n", "programme.value", "2" },
        { "[publish]\nminimum_group = 4\n", "programme.minimum_group", "2" },
        { "[publish]\nminimum_group = 0\n", "programme.minimum_group", "2" },
        { "[publish]\nminimum_group = many\n", "programme.value", "2" },
        { "[publish]\nminimum_group = -7\n", "programme.value", "2" },
        { "[programme]\nname = A\nrubbish\n", "programme.syntax", "3" },
        { "[programme\nname = A\n", "programme.syntax", "1" },
        { "[publish]\nminimum_group = 7\n", "programme.lacking", NULL },
        { "", "programme.lacking", NULL },
    };
    (void)state;
    OK(programme_init(path_of("ini"), "x", NULL, NULL, &error));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct programme programme;
        write_file(path_of("ini/programme.ini"), table[i].text);
        error = (struct error){ 0 };
        bool opened = programme_open(&programme, path_of("ini"), &error);
        if (opened != !table[i].id || (table[i].id && !error_is(&error, table[i].id)))
            fail_msg("row %zu: %s", i, error.id);
        if (table[i].line) assert_string_equal(error_value(&error, "line"), table[i].line);
        if (opened) assert_string_equal(programme.settings.name, "A");
        programme_close(&programme);
    }
    char text[600];
    snprintf(text, sizeof text, "[programme]\nname = A\n[database]\nstudy = postgresql://%0400d\n",
             0);
    write_file(path_of("ini/programme.ini"), text);
    struct programme programme;
    FAILS("programme.long_line", programme_open(&programme, path_of("ini"), &error));
    assert_string_equal(error_value(&error, "line"), "4");
    FAILS("programme.absent", programme_open(&programme, path_of("nothing"), &error));
}

static void test_keys(void **state) {
    unsigned char key[KEY_BYTES], again[KEY_BYTES], other[KEY_BYTES], none[KEY_BYTES] = { 0 };
    struct programme programme;
    (void)state;
    OK(programme_init(path_of("keyed"), "x", NULL, NULL, &error));
    OK(programme_open(&programme, path_of("keyed"), &error));
    OK(programme_key(&programme, "code", key, &error));
    OK(programme_key(&programme, "code", again, &error));
    OK(programme_key(&programme, "mac", other, &error));
    assert_memory_equal(key, again, KEY_BYTES);
    assert_memory_not_equal(key, other, KEY_BYTES);
    assert_memory_not_equal(key, none, KEY_BYTES);
    assert_int_equal(mode_of(path_of("keyed/keys/code")), 0600);
    assert_int_equal(entries(path_of("keyed/keys")), 2);

    OK(chmod(path_of("keyed/keys/code"), 0640) == 0);
    FAILS("programme.key_mode", programme_key(&programme, "code", key, &error));
    write_file(path_of("keyed/keys/mac"), "short");
    FAILS("programme.key_length", programme_key(&programme, "mac", key, &error));

    /* Eight processes at once get the same. */
    int pipes[2];
    OK(pipe(pipes) == 0);
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            bool done = programme_key(&programme, "together", key, &error);
            _exit(!(done && write(pipes[1], key, sizeof key) == KEY_BYTES));
        }
    for (int i = 0; i < 8; i++) {
        int status;
        wait(&status);
        assert_int_equal(status, 0);
        OK(read(pipes[0], again, sizeof again) == KEY_BYTES);
        if (i > 0) assert_memory_equal(again, other, KEY_BYTES);
        memcpy(other, again, KEY_BYTES);
    }
    close(pipes[0]), close(pipes[1]);
    programme_close(&programme);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_init_leaves_nothing_half_made),
        cmocka_unit_test(test_init_on_postgres),
        cmocka_unit_test(test_ini),
        cmocka_unit_test(test_keys),
    };
    snprintf(folder, sizeof folder, "/tmp/laerke-programme-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    postgres_start();
    int failed = cmocka_run_group_tests_name("programme", tests, NULL, NULL);
    postgres_stop();
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}

/* Instruments in the store, waves, assignments and answers: the same on SQLite and on PostgreSQL. */
#include "postgres.h"

#include "base/arena.h"
#include "collect/wave.h"
#include "instrument/instrument.h"
#include "store/store.h"

static const int on_sqlite = 0, on_postgres = 1;
static char folder[64];
static struct arena *arena;
static struct error error;
static struct error_list faults;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if (!(call)) fail_msg("%s: %s (%s)", #call, error.id, error.n_args > 1 ? error.values[1] : ""); \
    } while (0)
#define FAILS(id_, call)                                                                           \
    do {                                                                                           \
        error = (struct error){ 0 };                                                               \
        assert_false(call);                                                                        \
        assert_string_equal(error.id, id_);                                                        \
    } while (0)

static struct store *study_of(void **state) {
    static int n;
    char url[1024];
    struct store *store;
    if (*(const int *)*state == on_sqlite) snprintf(url, sizeof url, "sqlite:%s/%d.db", folder, ++n);
    else snprintf(url, sizeof url, "%s", postgres_url());
    OK(store_open(&store, url, STORE_STUDY, &error));
    OK(store_migrate(store, NULL, &error));
    error_list_init(&faults, arena, 10);
    return store;
}

static bool open_it(struct store *study, int wave, size_t *n, struct error *problem) {
    return wave_open(&(struct wave_door){ .study = study }, wave, n, problem);
}
static bool close_it(struct store *study, int wave, struct error *problem) {
    return wave_close(&(struct wave_door){ .study = study }, wave, problem);
}

static int64_t number(struct store *store, const char *sql) {
    struct statement *s;
    OK(store_prepare(store, &s, sql, &error));
    OK(statement_step(s, &error));
    int64_t value = column_int(s, 0);
    OK(statement_end(s, &error));
    return value;
}

/* A file with three items a b c: two of two categories, c of the values 1, 2, 4; grades 4–5. */
static const char *form(const char *code, const char *respondent, const char *grades) {
    static char path[128];
    static int n;
    snprintf(path, sizeof path, "%s/form%d.json", folder, ++n);
    FILE *file = fopen(path, "w");
    fprintf(file, "{\"code\": \"%s\", \"respondent\": \"%s\", %s \"categories\": 2,\n"
                  " \"scales\": [{\"code\": \"s\"}],\n"
                  " \"items\": [\"a\", \"b\", {\"id\": \"c\", \"categories\": [1, 2, 4]}]}\n",
            code, respondent, grades);
    fclose(file);
    return path;
}

static int64_t load(struct store *store, const char *path, int *version, bool *existed) {
    int64_t id = 0;
    OK(instrument_load(store, path, arena, &id, version, existed, &faults));
    return id;
}

static int64_t load_form(struct store *store, const char *code, const char *respondent) {
    int version;
    bool existed;
    return load(store, form(code, respondent, "\"grades\": [4, 5],"), &version, &existed);
}

/* A unit; parent NULL through 0. The programme may be there already. */
static int64_t unit(struct store *store, const char *kind, const char *code) {
    struct statement *s;
    int64_t id = 0;
    OK(store_prepare(store, &s, "INSERT INTO unit (kind, code, name) VALUES (?1, ?2, ?2) RETURNING id", &error));
    bind_text(s, 1, kind);
    bind_text(s, 2, code);
    OK(statement_step(s, &error));
    id = column_int(s, 0);
    OK(statement_end(s, &error));
    return id;
}

static void enrol(struct store *store, int64_t subject, int64_t at, const char *role, int grade) {
    struct statement *s;
    OK(store_prepare(store, &s, "INSERT INTO enrolment (subject, unit, wave, role, grade, gender) "
                                "VALUES (?1, ?2, 0, ?3, ?4, ?5)", &error));
    bind_int(s, 1, subject);
    bind_int(s, 2, at);
    bind_text(s, 3, role);
    if (grade < 0) bind_null(s, 4);
    else bind_int(s, 4, grade);
    bind_text(s, 5, subject % 2 ? "f" : NULL);
    OK(statement_run(s, &error));
}

static void test_versions(void **state) {
    struct store *store = study_of(state);
    int version;
    bool existed;
    int64_t first = load(store, form("x", "pupil", ""), &version, &existed);
    assert_true(version == 1 && !existed);
    assert_true(load(store, form("x", "pupil", ""), &version, &existed) == first);
    assert_true(version == 1 && existed);
    int64_t second = load(store, form("x", "pupil", "\"grades\": [4, 5],"), &version, &existed);
    assert_true(version == 2 && !existed && second != first);
    struct instrument *instrument;
    int64_t id;
    OK(instrument_get(store, "x", 0, arena, &id, &instrument, &error));
    assert_true(id == second && instrument->version == 2 && instrument->grade_to == 5);
    OK(instrument_get(store, "x", 1, arena, &id, &instrument, &error));
    assert_true(id == first && instrument->version == 1 && instrument->grade_to == -1);
    OK(instrument_by_id(store, second, arena, &instrument, &error));
    assert_int_equal(instrument->version, 2);
    FAILS("instrument.unknown", instrument_get(store, "y", 0, arena, &id, &instrument, &error));
    FAILS("instrument.unknown", instrument_get(store, "x", 3, arena, &id, &instrument, &error));
    FAILS("instrument.unknown", instrument_by_id(store, 999, arena, &instrument, &error));
    struct instrument_row *rows;
    size_t n;
    OK(instrument_list(store, arena, &rows, &n, &error));
    assert_int_equal(n, 2);
    assert_int_equal(rows[1].version, 2);
    store_close(store);
}

static void test_new_waves(void **state) {
    struct store *store = study_of(state);
    load_form(store, "x", "pupil");
    load_form(store, "p", "parent");
    static const struct { const char *name, *opens, *closes, *instrument, *id; } rows[] = {
        { NULL, "2026-11-24", "2026-12-18", "x", NULL },
        { NULL, "2028-02-29", "2028-02-29", "x", NULL }, /* a leap day; one day long */
        { "Pilot", "2000-02-29", "2026-12-18", "x", NULL },
        { NULL, "2026-02-29", "2026-12-18", "x", "wave.bad_date" },
        { NULL, "2100-02-29", "2100-12-18", "x", "wave.bad_date" },
        { NULL, "2026-13-01", "2026-12-18", "x", "wave.bad_date" },
        { NULL, "2026-11-24", "24.11.2026", "x", "wave.bad_date" },
        { NULL, "2026-11-2x", "2026-12-18", "x", "wave.bad_date" },
        { NULL, "2026-12-19", "2026-12-18", "x", "wave.dates_reversed" },
        { "", "2026-11-24", "2026-12-18", "x", "wave.bad_name" },
        { NULL, "2026-11-24", "2026-12-18", "y", "instrument.unknown" },
        { NULL, "2026-11-24", "2026-12-18", "p", NULL },
    };
    int wave = 0, made = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error = (struct error){ 0 };
        bool ok = wave_new(store, rows[i].name, rows[i].opens, rows[i].closes, &rows[i].instrument, 1, &wave, &error);
        if (ok != (rows[i].id == NULL) || (!ok && strcmp(error.id, rows[i].id) != 0))
            fail_msg("row %zu: %s", i, error.id);
        if (ok) assert_int_equal(wave, ++made);
    }
    const char *twice[] = { "x", "x" };
    FAILS("wave.instrument_twice", wave_new(store, NULL, "2026-01-01", "2026-02-01", twice, 2, &wave, &error));
    FAILS("wave.no_instrument", wave_new(store, NULL, "2026-01-01", "2026-02-01", twice, 0, &wave, &error));
    struct wave *waves;
    size_t n;
    OK(wave_list(store, arena, &waves, &n, &error));
    assert_int_equal(n, made);
    assert_string_equal(waves[0].name, "Kortlægning 2026");
    assert_string_equal(waves[0].state, "planned");
    assert_int_equal(waves[0].n_instruments, 1);
    assert_string_equal(waves[2].name, "Pilot");
    struct wave one;
    FAILS("wave.unknown", wave_get(store, made + 1, &one, &error));
    store_close(store);
}

/* Three units; pupils 1–6 of grades 3–6 and none, a teacher at two units. */
struct school {
    struct store *store;
    int64_t units[3], form;
    int wave;
};

static struct school new_school(void **state) {
    struct school school = { .store = study_of(state) };
    school.form = load_form(school.store, "x", "pupil");
    load_form(school.store, "t", "teacher");
    static const char *const codes[] = { "3A", "4A", "5A" };
    for (size_t i = 0; i < 3; i++) school.units[i] = unit(school.store, "class", codes[i]);
    enrol(school.store, 30, school.units[0], "pupil", 3);
    enrol(school.store, 41, school.units[1], "pupil", 4);
    enrol(school.store, 42, school.units[1], "pupil", 4);
    enrol(school.store, 51, school.units[2], "pupil", 5);
    enrol(school.store, 52, school.units[2], "pupil", -1);
    enrol(school.store, 90, school.units[2], "teacher", -1);
    enrol(school.store, 90, school.units[1], "teacher", -1);
    const char *asked = "x";
    OK(wave_new(school.store, NULL, "2026-11-24", "2026-12-18", &asked, 1, &school.wave, &error));
    return school;
}

static void test_open_and_close(void **state) {
    struct school school = new_school(state);
    struct store *store = school.store;
    size_t n;
    FAILS("wave.not_open", close_it(store, school.wave, &error));
    FAILS("wave.unknown", open_it(store, 7, &n, &error));
    OK(open_it(store, school.wave, &n, &error));
    assert_int_equal(n, 3); /* 41, 42, 51 */
    assert_int_equal(number(store, "SELECT COUNT(*) FROM enrolment WHERE wave = 1"), 7);
    /* Again: a newcomer is added; 41, who has moved to 5A, stays where the wave found them. */
    enrol(store, 43, school.units[1], "pupil", 4);
    OK(store_exec(store, "DELETE FROM enrolment WHERE subject = 41 AND wave = 0", &error));
    enrol(store, 41, school.units[2], "pupil", 5);
    OK(open_it(store, school.wave, &n, &error));
    assert_int_equal(n, 4);
    assert_int_equal(number(store, "SELECT COUNT(*) FROM enrolment WHERE wave = 1"), 8);
    assert_int_equal(number(store, "SELECT unit FROM assignment WHERE subject = 41"), school.units[1]);
    OK(close_it(store, school.wave, &error));
    FAILS("wave.is_closed", open_it(store, school.wave, &n, &error));
    FAILS("wave.not_open", close_it(store, school.wave, &error));
    store_close(store);
}

/* Staff answer once, for the unit of the lower id; without grades, those without one are asked too. */
static void test_staff(void **state) {
    struct school school = new_school(state);
    int version, wave;
    bool existed;
    size_t n;
    load(school.store, form("t", "teacher", ""), &version, &existed);
    load(school.store, form("all", "pupil", ""), &version, &existed);
    const char *asked[] = { "t", "all" };
    OK(wave_new(school.store, NULL, "2026-11-24", "2026-12-18", asked, 2, &wave, &error));
    OK(open_it(school.store, wave, &n, &error));
    assert_int_equal(n, 1 + 5);
    assert_int_equal(number(school.store, "SELECT unit FROM assignment WHERE subject = 90"), school.units[1]);
    store_close(school.store);
}

/* Rows of subject, a, b, c as codes. */
static bool save(struct school *school, const int64_t *subjects, const uint8_t *codes, size_t n,
                 struct import_summary *summary) {
    static const size_t items[] = { 0, 1, 2 }, lines[] = { 2, 3, 4, 5 };
    static const char *const keys[] = { "p1", "p2", "p3", "p4" };
    struct answer_sheet sheet = { "answers.csv", n, 3, items, subjects, keys, lines, codes };
    error_list_init(&faults, arena, 10);
    return answers_save(school->store, school->wave, school->form, 3, &sheet, NULL, NULL, arena, summary, &faults);
}

enum { NONE = ANSWER_NOT_SEEN };

static void test_save_and_read(void **state) {
    struct school school = new_school(state);
    struct import_summary summary;
    static const int64_t subjects[] = { 51, 42, 41 };
    static const uint8_t codes[] = { 1, 0, 2, 0, NONE, 1, NONE, NONE, NONE };
    size_t n;
    assert_false(save(&school, subjects, codes, 3, &summary));
    assert_string_equal(faults.items[0].id, "wave.not_open");
    OK(open_it(school.store, school.wave, &n, &error));
    assert_true(save(&school, subjects, codes, 3, &summary));
    assert_true(summary.rows == 3 && summary.answers == 5 && summary.changed == 2 && summary.unchanged == 1);
    assert_true(save(&school, subjects, codes, 3, &summary)); /* the same again */
    assert_true(summary.changed == 0 && summary.unchanged == 3);
    struct answers answers;
    OK(answers_read(school.store, school.wave, school.form, 3, arena, &answers, &error));
    assert_int_equal(answers.n, 3);
    /* 4A: 42 (no gender) answered, 41 (f) did not; then 5A. */
    static const uint8_t expected[] = { 0, NONE, 1, NONE, NONE, NONE, 1, 0, 2 };
    assert_memory_equal(answers.vectors, expected, sizeof expected);
    assert_true(answers.rows[0].answered && answers.rows[0].gender == '\0' && answers.rows[0].grade == 4);
    assert_true(!answers.rows[1].answered && answers.rows[1].gender == 'f');
    assert_true(answers.rows[2].unit == school.units[2] && answers.rows[2].grade == 5);
    /* One answer corrected, and one taken back altogether. */
    static const uint8_t corrected[] = { 1, 1, 2, NONE, NONE, NONE, NONE, NONE, NONE };
    assert_true(save(&school, subjects, corrected, 3, &summary));
    assert_true(summary.changed == 2 && summary.unchanged == 1);
    assert_int_equal(number(school.store, "SELECT COUNT(*) FROM assignment WHERE state = 'submitted'"), 1);
    store_close(school.store);
}

static void test_save_faults(void **state) {
    struct school school = new_school(state);
    struct import_summary summary;
    static const int64_t subjects[] = { 42, 30, 42 };
    static const uint8_t codes[] = { 1, 0, 2, 0, 1, 1, 1, 1, 1 };
    size_t n;
    OK(open_it(school.store, school.wave, &n, &error));
    assert_false(save(&school, subjects, codes, 3, &summary));
    assert_int_equal(faults.total, 2);
    assert_string_equal(faults.items[0].id, "answers.not_asked");
    assert_string_equal(error_value(&faults.items[0], "subject"), "p2");
    assert_string_equal(error_value(&faults.items[0], "line"), "3");
    assert_string_equal(faults.items[1].id, "answers.subject_twice");
    assert_string_equal(error_value(&faults.items[1], "first"), "2");
    assert_int_equal(number(school.store, "SELECT COUNT(*) FROM answer"), 0);
    OK(close_it(school.store, school.wave, &error));
    assert_false(save(&school, subjects, codes, 1, &summary));
    assert_string_equal(faults.items[0].id, "wave.not_open");
    store_close(school.store);
}

/* Pseudonyms and order of arrival leave no trace in what is read. */
static void test_order(void **state) {
    struct answers read[2];
    for (int turn = 0; turn < 2; turn++) {
        struct school school = new_school(state);
        struct import_summary summary;
        size_t n;
        OK(open_it(school.store, school.wave, &n, &error));
        int64_t subjects[] = { turn ? 42 : 41, turn ? 41 : 42 };
        static const uint8_t codes[] = { 1, 0, 2, 0, 1, 1 };
        OK(store_exec(school.store, "UPDATE enrolment SET gender = 'f' WHERE wave = 1", &error));
        assert_true(save(&school, subjects, codes, 2, &summary));
        OK(answers_read(school.store, school.wave, school.form, 3, arena, &read[turn], &error));
        store_close(school.store);
    }
    assert_memory_equal(read[0].vectors, read[1].vectors, 9);
    /* A stored vector of another length is an error, never a guess. */
    struct school school = new_school(state);
    size_t n;
    OK(open_it(school.store, school.wave, &n, &error));
    OK(store_exec(school.store, "UPDATE assignment SET state = 'submitted'", &error));
    struct import_summary summary;
    static const int64_t subject[] = { 42 };
    static const uint8_t codes[] = { 1, 0, 2 };
    assert_true(save(&school, subject, codes, 1, &summary));
    struct answers answers;
    FAILS("answers.broken", answers_read(school.store, school.wave, school.form, 4, arena, &answers, &error));
    store_close(school.store);
}

#define BOTH(f)                                                                                    \
    { #f ".sqlite", f, NULL, NULL, (void *)(uintptr_t)&on_sqlite },                                \
    { #f ".postgres", f, NULL, NULL, (void *)(uintptr_t)&on_postgres }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(test_versions), BOTH(test_new_waves), BOTH(test_open_and_close), BOTH(test_staff),
        BOTH(test_save_and_read), BOTH(test_save_faults), BOTH(test_order),
    };
    snprintf(folder, sizeof folder, "/tmp/laerke-collect-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    arena = arena_create(GIB);
    postgres_start();
    int failed = cmocka_run_group_tests_name("collect", tests, NULL, NULL);
    postgres_stop();
    arena_destroy(arena);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}

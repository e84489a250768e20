/* Codes, and pages of answers as they come in: the same on SQLite and on PostgreSQL. */
#include "postgres.h"

#include "base/arena.h"
#include "base/error.h"
#include "collect/give.h"
#include "collect/pages.h"
#include "collect/wave.h"
#include "instrument/instrument.h"
#include "store/store.h"

#include <string.h>

static const int on_sqlite = 0, on_postgres = 1;
static char folder[64];
static struct arena *arena;
static struct error error;
static struct error_list faults;
static struct collect_keys keys = { .code = "code", .tag = "tag", .grant = "grant" };

#define OK(call)                                                                                   \
    do {                                                                                           \
        if (!(call)) fail_msg("%s: %s", #call, error.id);                                          \
    } while (0)
#define FAILS(id_, call)                                                                           \
    do {                                                                                           \
        error = (struct error){ 0 };                                                               \
        assert_false(call);                                                                        \
        assert_string_equal(error.id, id_);                                                        \
    } while (0)

static const struct code_event by_nobody = { .unit = 1 };
static const char LETTERS[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/* ---- codes ---- */

static void test_code_text(void **state) {
    (void)state;
    char code[CODE_TEXT], other[CODE_TEXT], shown[CODE_SHOWN];
    code_derive(&keys, 17, 1, CODE_ADULT, code);
    assert_int_equal(strlen(code), CODE_ADULT + 1);
    code_derive(&keys, 17, 2, CODE_ADULT, other);
    assert_string_not_equal(code, other);
    code_derive(&keys, 17, 1, CODE_PUPIL, other);
    assert_int_equal(strlen(other), CODE_PUPIL + 1);
    code_print(code, shown);
    assert_int_equal(strlen(shown), CODE_ADULT + 1 + 2);
    assert_true(code_read(shown, other));
    assert_string_equal(code, other);
    for (char *c = shown; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    assert_true(code_read(shown, other));
    assert_string_equal(code, other);
    static const char *const wrong[] = { "", "K7QM", "O0I1-O0I1-O", "K7QM4XW9HPRTT", "æøå", "K7QM4XW9\x80" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_false(code_read(wrong[i], other));
}

/* Every wrong character, and every two that changed places, for a few hundred codes. */
static void test_check_character(void **state) {
    (void)state;
    char code[CODE_TEXT], typed[CODE_TEXT], read[CODE_TEXT];
    for (int64_t assignment = 1; assignment <= 200; assignment++) {
        code_derive(&keys, assignment, 1, assignment % 2 ? CODE_PUPIL : CODE_ADULT, code);
        size_t n = strlen(code);
        memcpy(typed, code, sizeof typed);
        for (size_t at = 0; at < n; at++)
            for (size_t l = 0; LETTERS[l]; l++) {
                typed[at] = LETTERS[l];
                assert_int_equal(code_read(typed, read), LETTERS[l] == code[at]);
                typed[at] = code[at];
            }
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < a; b++) {
                typed[a] = code[b];
                typed[b] = code[a];
                assert_int_equal(code_read(typed, read), code[a] == code[b]);
                typed[a] = code[a];
                typed[b] = code[b];
            }
    }
}

static void test_grant(void **state) {
    (void)state;
    const struct grant grant = { .assignment = 1234567890123, .instrument = 7, .device = 99,
                                 .expires = 1800000000, .wave = 3, .generation = 2, .page = -1,
                                 .grade = -1, .first = 3 };
    struct grant back;
    char text[GRANT_TEXT];
    grant_write(&keys, &grant, text);
    assert_int_equal(strlen(text), GRANT_TEXT - 1);
    assert_true(grant_read(&keys, text, &back));
    assert_true(back.assignment == grant.assignment && back.instrument == grant.instrument);
    assert_true(back.device == grant.device && back.expires == grant.expires && back.wave == grant.wave);
    assert_true(back.generation == grant.generation && back.page == grant.page);
    assert_true(back.grade == grant.grade && back.first == grant.first);
    for (size_t i = 0; text[i]; i++) { /* no letter of it may be another */
        char was = text[i];
        text[i] = was == 'a' ? 'b' : 'a';
        assert_false(grant_read(&keys, text, &back));
        text[i] = was;
    }
    assert_false(grant_read(&keys, "", &back));
    struct collect_keys others = { .grant = "other" };
    assert_false(grant_read(&others, text, &back));
}

/* ---- a school whose wave is open ---- */

/* Two pages: a b (if a is 1, b is asked) and, in grades 5 and above, c with "don't know", and a text. */
static const char FORM[] =
    "{\"code\": \"x\", \"respondent\": \"%s\", \"languages\": [\"da\"], \"title\": \"T\",\n"
    "\"categories\": [{\"label\": \"nej\"}, {\"label\": \"ja\"}],\n"
    "\"scales\": [{\"code\": \"s\", \"name\": \"S\", \"meaning\": \"M\", \"above\": \"a\", \"below\": \"b\"}],\n"
    "\"items\": [{\"id\": \"a\", \"text\": \"A\"}, {\"id\": \"b\", \"text\": \"B\", \"if\": {\"item\": \"a\", \"is\": [1]}},\n"
    "{\"id\": \"c\", \"text\": \"C\", \"dont_know\": true, \"grades\": [5, 9]},\n"
    "{\"id\": \"t\", \"kind\": \"text\", \"limit\": 5, \"text\": \"T\"}],\n"
    "\"pages\": [{\"items\": [\"a\"]}, {\"items\": [\"b\", \"c\", \"t\"]}]}\n";

struct school {
    struct store *study;
    struct instrument *form;
    int wave;
};

static void run(struct store *study, const char *sql) {
    OK(store_exec(study, sql, &error));
}

static struct school new_school(void **state, const char *respondent) {
    static int n;
    char url[1024], path[128];
    struct school school;
    int64_t id;
    int version;
    bool existed;
    size_t assignments;
    const char *asked = "x";
    if (*(const int *)*state == on_sqlite) snprintf(url, sizeof url, "sqlite:%s/%d.db", folder, ++n);
    else snprintf(url, sizeof url, "%s", postgres_url());
    OK(store_open(&school.study, url, STORE_STUDY, &error));
    OK(store_migrate(school.study, NULL, &error));
    snprintf(path, sizeof path, "%s/%s.json", folder, respondent);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, FORM, respondent);
    fclose(file);
    error_list_init(&faults, arena, 10);
    OK(instrument_load(school.study, path, arena, &id, &version, &existed, &faults));
    OK(instrument_by_id(school.study, id, arena, &school.form, &error));
    run(school.study, "INSERT INTO unit (kind, code, name) VALUES ('programme', 'p', 'P')");
    run(school.study, "INSERT INTO unit (kind, parent, code, name) VALUES ('class', 1, '4A', '4A')");
    run(school.study, "INSERT INTO enrolment (subject, unit, wave, role, grade) VALUES "
                      "(41, 2, 0, 'pupil', 4), (42, 2, 0, 'pupil', 4), (51, 2, 0, 'pupil', 5), "
                      "(90, 2, 0, 'class_teacher', NULL), (91, 2, 0, 'class_teacher', NULL)");
    OK(wave_new(school.study, NULL, "2026-11-02", "2026-11-20", &asked, 1, &school.wave, &error));
    struct wave_door door = { .study = school.study, .gives_codes = true, .keys = keys };
    OK(wave_open(&door, school.wave, &assignments, &error));
    return school;
}

static int64_t number(struct store *study, const char *sql) {
    struct statement *s;
    OK(store_prepare(study, &s, sql, &error));
    OK(statement_step(s, &error));
    int64_t value = column_int(s, 0);
    OK(statement_end(s, &error));
    return value;
}

static int64_t assignment_of(const struct school *school, int64_t subject) {
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT id FROM assignment WHERE subject = %d", (int)subject);
    return number(school->study, sql);
}

static struct page_save page_of(const struct school *school, int64_t subject, int page,
                                int64_t revision, const uint8_t *codes, size_t n) {
    return (struct page_save){ .grant = { .assignment = assignment_of(school, subject), .device = 5,
                                          .wave = school->wave, .generation = 1,
                                          .grade = subject == 51 ? 5 : 4, .page = -1 },
                               .instrument = school->form, .page = page, .revision = revision,
                               .codes = codes, .n_codes = n };
}

static enum save_outcome save(const struct school *school, struct page_save one) {
    OK(page_save_check(&one, &error));
    OK(pages_save(school->study, &one, 1, 1000, arena, &error));
    return one.outcome;
}

static void vector_is(const struct school *school, int64_t subject, const uint8_t *expected) {
    struct statement *s;
    OK(store_prepare(school->study, &s, "SELECT w.vector FROM answer w JOIN assignment a "
                                        "ON a.id = w.assignment WHERE a.subject = ?1", &error));
    bind_int(s, 1, subject);
    OK(statement_step(s, &error));
    size_t n;
    const void *vector = column_blob(s, 0, &n);
    assert_int_equal(n, 4);
    assert_memory_equal(vector, expected, 4);
    OK(statement_end(s, &error));
}

enum { NONE = ANSWER_NOT_SEEN, SKIPPED = ANSWER_SKIPPED, DONT_KNOW = ANSWER_DONT_KNOW };

/* ---- who has which code ---- */

static void test_codes_given(void **state) {
    struct school school = new_school(state, "pupil");
    struct code_owner owner;
    char code[CODE_TEXT], fresh[CODE_TEXT];
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM respondent_code"), 3);
    int64_t id = assignment_of(&school, 42);
    code_derive(&keys, id, 1, CODE_PUPIL, code);
    assert_true(code_find(school.study, &keys, code, &owner, &error));
    assert_true(owner.assignment == id && owner.wave == school.wave && owner.current);
    OK(code_renew(school.study, &keys, id, &by_nobody, fresh, &error));
    assert_string_not_equal(code, fresh);
    assert_true(code_find(school.study, &keys, code, &owner, &error) && !owner.current);
    assert_true(code_find(school.study, &keys, fresh, &owner, &error) && owner.current && owner.generation == 2);
    FAILS("code.unknown", code_renew(school.study, &keys, 999, &by_nobody, fresh, &error));
    code_derive(&keys, 999, 1, CODE_PUPIL, code);
    error = (struct error){ 0 };
    assert_false(code_find(school.study, &keys, code, &owner, &error));
    assert_string_equal(error.id, "");
    store_close(school.study);
}

/* A code that is somebody's already is never given twice: the newcomer goes on to the next generation. */
static void test_code_taken(void **state) {
    struct school school = new_school(state, "pupil");
    struct statement *s;
    struct code_owner owner;
    unsigned char tag[CODE_TAG_BYTES];
    char code[CODE_TEXT];
    run(school.study, "INSERT INTO enrolment (subject, unit, wave, role, grade) VALUES (43, 2, 0, 'pupil', 4)");
    int64_t newcomer = number(school.study, "SELECT MAX(id) + 1 FROM assignment");
    code_derive(&keys, newcomer, 1, CODE_PUPIL, code);
    code_tag(&keys, code, tag);
    OK(store_prepare(school.study, &s, "INSERT INTO respondent_code (tag, assignment, generation) VALUES (?1, ?2, 9)", &error));
    bind_blob(s, 1, tag, sizeof tag);
    bind_int(s, 2, assignment_of(&school, 41));
    OK(statement_run(s, &error));
    struct wave_door door = { .study = school.study, .gives_codes = true, .keys = keys };
    size_t n;
    OK(wave_open(&door, school.wave, &n, &error));
    assert_int_equal(n, 4);
    assert_int_equal(assignment_of(&school, 43), newcomer);
    code_derive(&keys, newcomer, 2, CODE_PUPIL, code);
    assert_true(code_find(school.study, &keys, code, &owner, &error));
    assert_true(owner.assignment == newcomer && owner.current && owner.generation == 2);
    store_close(school.study);
}

/* One rater a class, one form a pupil, one code for all of them. */
static void test_class_teacher(void **state) {
    struct school school = new_school(state, "class_teacher");
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM assignment WHERE informant = 90"), 3);
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM assignment"), 3);
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM respondent_code"), 1);
    char code[CODE_TEXT];
    struct code_owner owner;
    code_derive(&keys, number(school.study, "SELECT MIN(id) FROM assignment"), 1, CODE_ADULT, code);
    assert_true(code_find(school.study, &keys, code, &owner, &error));
    store_close(school.study);
}

/* ---- pages ---- */

static void test_revisions(void **state) {
    struct school school = new_school(state, "pupil");
    const uint8_t yes[] = { 1 }, no[] = { 0 };
    assert_int_equal(save(&school, page_of(&school, 41, 0, 2, yes, 1)), SAVE_KEPT);
    assert_int_equal(save(&school, page_of(&school, 41, 0, 1, no, 1)), SAVE_KEPT); /* late, and older */
    assert_int_equal(save(&school, page_of(&school, 41, 0, 2, no, 1)), SAVE_KEPT); /* the same again */
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM answer_page"), 1);
    assert_int_equal(number(school.study, "SELECT revision FROM answer_page"), 2);
    struct page_save all = page_of(&school, 41, -1, 0, NULL, 0);
    all.act = ACT_SUBMIT;
    assert_int_equal(save(&school, all), SAVE_KEPT);
    const uint8_t expected[] = { 1, NONE, NONE, NONE };
    vector_is(&school, 41, expected);
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM answer_page"), 0);
    assert_int_equal(save(&school, page_of(&school, 41, 0, 9, no, 1)), SAVE_DONE);
    vector_is(&school, 41, expected);
    store_close(school.study);
}

/* What a page does not know of its items leaves what is there, and a late one fills what the newer one left open. */
static void test_gaps(void **state) {
    struct school school = new_school(state, "pupil");
    const uint8_t yes[] = { 1 }, first[] = { 1, NONE, NONE }, second[] = { NONE, 0, NONE },
                  late[] = { 0, 1, SKIPPED };
    assert_int_equal(save(&school, page_of(&school, 51, 0, 1, yes, 1)), SAVE_KEPT);
    assert_int_equal(save(&school, page_of(&school, 51, 1, 10, first, 3)), SAVE_KEPT);
    assert_int_equal(save(&school, page_of(&school, 51, 1, 20, second, 3)), SAVE_KEPT);
    assert_int_equal(number(school.study, "SELECT revision FROM answer_page WHERE page = 1"), 20);
    assert_int_equal(save(&school, page_of(&school, 51, 1, 15, late, 3)), SAVE_KEPT); /* has no gap: too late */
    const uint8_t gap[] = { NONE, 1, SKIPPED };
    assert_int_equal(save(&school, page_of(&school, 51, 1, 15, gap, 3)), SAVE_KEPT);
    assert_int_equal(number(school.study, "SELECT revision FROM answer_page WHERE page = 1"), 20);
    struct page_save all = page_of(&school, 51, -1, 0, NULL, 0);
    all.act = ACT_SUBMIT;
    assert_int_equal(save(&school, all), SAVE_KEPT);
    const uint8_t expected[] = { 1, 1, 0, SKIPPED };
    vector_is(&school, 51, expected);
    store_close(school.study);
}

/* What was answered before its condition fell away, or without ever being asked, is not seen. */
static void test_conditions(void **state) {
    struct school school = new_school(state, "pupil");
    const uint8_t no[] = { 0 }, yes[] = { 1 }, rest[] = { 1, DONT_KNOW, 0 };
    const uint8_t young[] = { 0, NONE, NONE, 0 }, old[] = { 1, 1, DONT_KNOW, 0 };
    static const int64_t subjects[] = { 41, 51 };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(save(&school, page_of(&school, subjects[i], 0, 1, i ? yes : no, 1)), SAVE_KEPT);
        struct page_save last = page_of(&school, subjects[i], 1, 1, rest, 3);
        const struct text_save text = { "t", "Hej" };
        last.texts = &text;
        last.n_texts = 1;
        last.act = ACT_SUBMIT;
        assert_int_equal(save(&school, last), SAVE_KEPT);
        vector_is(&school, subjects[i], i ? old : young);
    }
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM answer_text WHERE text = 'Hej'"), 2);
    store_close(school.study);
}

/* Two browsers with one code: the first has it until somebody takes over; a new code ends both. */
static void test_two_browsers(void **state) {
    struct school school = new_school(state, "pupil");
    const uint8_t yes[] = { 1 };
    struct page_save other = page_of(&school, 42, 0, 1, yes, 1);
    other.grant.device = 6;
    assert_int_equal(save(&school, page_of(&school, 42, 0, 1, yes, 1)), SAVE_KEPT);
    assert_int_equal(save(&school, other), SAVE_ELSEWHERE);
    OK(assignment_take(school.study, &other.grant, &error));
    assert_int_equal(save(&school, other), SAVE_KEPT);
    assert_int_equal(save(&school, page_of(&school, 42, 0, 2, yes, 1)), SAVE_ELSEWHERE);
    char code[CODE_TEXT];
    OK(code_renew(school.study, &keys, other.grant.assignment, &by_nobody, code, &error));
    assert_int_equal(save(&school, other), SAVE_REPLACED);
    store_close(school.study);
}

static void test_decline_and_close(void **state) {
    struct school school = new_school(state, "pupil");
    const uint8_t yes[] = { 1 };
    assert_int_equal(save(&school, page_of(&school, 41, 0, 1, yes, 1)), SAVE_KEPT);
    assert_int_equal(save(&school, page_of(&school, 42, 0, 1, yes, 1)), SAVE_KEPT);
    struct page_save stop = page_of(&school, 41, -1, 0, NULL, 0);
    stop.act = ACT_DECLINE;
    assert_int_equal(save(&school, stop), SAVE_KEPT);
    assert_int_equal(save(&school, page_of(&school, 41, 0, 2, yes, 1)), SAVE_WITHDRAWN);
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM answer_page"), 1);
    OK(wave_close(&(struct wave_door){ .study = school.study }, school.wave, &error));
    const uint8_t expected[] = { 1, NONE, NONE, NONE };
    vector_is(&school, 42, expected); /* a draft counts as far as it went */
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM answer"), 1);
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM assignment WHERE state = 'partial'"), 1);
    assert_int_equal(save(&school, page_of(&school, 51, 0, 1, yes, 1)), SAVE_CLOSED);
    struct answers answers;
    OK(answers_read(school.study, school.wave, 1, 4, arena, &answers, &error));
    assert_int_equal(answers.n, 3);
    assert_int_equal(answers.rows[0].answered + answers.rows[1].answered + answers.rows[2].answered, 1);
    assert_int_equal(number(school.study, "SELECT COUNT(*) FROM wave_event"), 2);
    store_close(school.study);
}

/* Many at once, out of order, one of them nobody's: the others are kept. */
static void test_batch(void **state) {
    struct school school = new_school(state, "pupil");
    const uint8_t yes[] = { 1 };
    struct page_save saves[] = { page_of(&school, 51, 0, 1, yes, 1), page_of(&school, 41, 0, 1, yes, 1),
                                 page_of(&school, 42, 0, 1, yes, 1), page_of(&school, 41, 0, 2, yes, 1) };
    saves[2].grant.assignment = 77777;
    OK(pages_save(school.study, saves, 4, 1000, arena, &error));
    assert_true(saves[0].outcome == SAVE_KEPT && saves[1].outcome == SAVE_KEPT);
    assert_true(saves[2].outcome == SAVE_REPLACED && saves[3].outcome == SAVE_KEPT);
    assert_int_equal(number(school.study, "SELECT SUM(revision) FROM answer_page"), 3);
    store_close(school.study);
}

static void test_checks(void **state) {
    struct school school = new_school(state, "pupil");
    const uint8_t fine[] = { 1, DONT_KNOW, 0 }, two[] = { 2 }, unsure[] = { DONT_KNOW }, other[] = { ANSWER_NOT_APPLICABLE, 0, 0 };
    static const struct text_save ok = { "t", "æøå!" }, longer = { "t", "æøåæøå" }, nobody = { "b", "x" },
                                  odd = { "t", "\xff" };
    const struct { int page; const uint8_t *codes; size_t n; const struct text_save *text; const char *id; } rows[] = {
        { 1, fine, 3, &ok, NULL },
        { 1, fine, 3, NULL, NULL },
        { 2, fine, 3, NULL, "pages.page" },
        { -1, fine, 3, NULL, "pages.page" },
        { 1, fine, 2, NULL, "pages.items" },
        { 0, two, 1, NULL, "pages.code" },
        { 0, unsure, 1, NULL, "pages.code" },
        { 1, other, 3, NULL, "pages.code" },
        { 1, fine, 3, &longer, "pages.too_long" },
        { 1, fine, 3, &nobody, "pages.text" },
        { 1, fine, 3, &odd, "pages.text" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct page_save one = page_of(&school, 41, rows[i].page, 1, rows[i].codes, rows[i].n);
        one.texts = rows[i].text;
        one.n_texts = rows[i].text != NULL;
        error = (struct error){ 0 };
        if (page_save_check(&one, &error) != (rows[i].id == NULL) || (rows[i].id && strcmp(rows[i].id, error.id) != 0))
            fail_msg("row %zu: %s", i, error.id);
    }
    struct page_save cpr = page_of(&school, 41, 1, 1, fine, 3);
    struct instrument wide = *school.form;
    struct item items[4];
    memcpy(items, school.form->items, sizeof items);
    items[3].limit = 50;
    wide.items = items;
    cpr.instrument = &wide;
    cpr.texts = &(struct text_save){ "t", "ring 010203-1234" };
    cpr.n_texts = 1;
    FAILS("pages.cpr", page_save_check(&cpr, &error));
    store_close(school.study);
}

#define BOTH(test)                                                                                 \
    { #test ".sqlite", test, NULL, NULL, (void *)(uintptr_t)&on_sqlite },                          \
        { #test ".postgres", test, NULL, NULL, (void *)(uintptr_t)&on_postgres }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_text), cmocka_unit_test(test_check_character),
        cmocka_unit_test(test_grant),     BOTH(test_codes_given),
        BOTH(test_code_taken),            BOTH(test_class_teacher),
        BOTH(test_revisions),             BOTH(test_gaps),
        BOTH(test_conditions),
        BOTH(test_two_browsers),          BOTH(test_decline_and_close),
        BOTH(test_batch),                 BOTH(test_checks),
    };
    snprintf(folder, sizeof folder, "/tmp/laerke-pages-XXXXXX");
    arena = arena_create(GIB);
    if (!mkdtemp(folder) || !arena) return 1;
    postgres_start();
    int failed = cmocka_run_group_tests_name("unit.pages", tests, NULL, NULL);
    postgres_stop();
    arena_destroy(arena);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}

/* What the cells and columns of a roster may say. The import itself: tests/cli/test_roster.py. */
#include "check.h"

#include "base/arena.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "roster/import.h"

static void test_genders(void **state) {
    static const struct {
        const char *cell;
        int gender;
    } table[] = {
        { "", GENDER_NONE }, { "NA", GENDER_NONE }, { "F", 'f' },    { "f", 'f' },
        { "k", 'f' },        { "K", 'f' },          { "Pige", 'f' }, { "KVINDE", 'f' },
        { "girl", 'f' },     { "female", 'f' },     { "M", 'm' },    { "d", 'm' },
        { "Dreng", 'm' },    { "mand", 'm' },       { "Boy", 'm' },  { "x", 'x' },
        { "Andet", 'x' },    { "q", -9 },           { "pig", -9 },   { "piger", -9 },
        { "1", -9 },         { " f", -9 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int8_t gender = -9;
        assert_int_equal(read_gender(table[i].cell, &gender), table[i].gender != -9);
        if (gender != table[i].gender) fail_msg("“%s”: %d", table[i].cell, gender);
    }
}

static void test_grades(void **state) {
    static const struct {
        const char *cell;
        int grade;
    } table[] = {
        { "0", 0 },           { "4", 4 },         { "04", 4 },
        { "10", 10 },         { "4.", 4 },        { "4. klasse", 4 },
        { "4. KLASSE", 4 },   { "", GRADE_NONE }, { "NA", GRADE_NONE },
        { "11", -9 },         { "-1", -9 },       { "4A", -9 },
        { "x", -9 },          { "4.5", -9 },      { "999999999999", -9 },
        { "4. klassen", -9 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int grade = -9;
        bool read = read_grade(table[i].cell, &grade);
        if (read != (table[i].grade != -9) || (read && grade != table[i].grade))
            fail_msg("“%s”: %d", table[i].cell, grade);
    }
}

static void test_grade_of_a_class(void **state) {
    static const struct {
        const char *name;
        int grade;
    } table[] = {
        { "4A", 4 },
        { "4.b", 4 },
        { "4. B", 4 },
        { "10.C", 10 },
        { "0.a", 0 },
        { "00A", 0 },
        { "7.klasse", 7 },
        { "9-X", 9 },
        { "2å", 2 },
        { "4", GRADE_NONE },
        { "102", GRADE_NONE },
        { "11A", GRADE_NONE },
        { "102A", GRADE_NONE },
        { "A4", GRADE_NONE },
        { "", GRADE_NONE },
        { "4/5", GRADE_NONE },
        { "4.", GRADE_NONE },
        { "5.-6.A", GRADE_NONE },
        { "2011B", GRADE_NONE },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (class_grade(table[i].name) != table[i].grade)
            fail_msg("“%s”: %d", table[i].name, class_grade(table[i].name));
}

static void test_other_words(void **state) {
    int8_t flag;
    enum staff_role role;
    enum unit_kind kind;
    (void)state;
    assert_true(read_flag("Ja", &flag) && flag == 1);
    assert_true(read_flag("nej", &flag) && flag == 0);
    assert_true(read_flag("", &flag) && flag == 0);
    assert_false(read_flag("måske", &flag));
    assert_true(read_staff_role("LÆRER", &role) && role == STAFF_TEACHER);
    assert_true(read_staff_role("Pædagog", &role) && role == STAFF_PEDAGOGUE);
    assert_true(read_staff_role("klasselærer", &role) && role == STAFF_CLASS_TEACHER);
    assert_false(read_staff_role("pedel", &role));
    assert_true(read_unit_kind("Kommune", &kind) && kind == UNIT_MUNICIPALITY);
    assert_false(read_unit_kind("programme", &kind));
}

static void test_which_file(void **state) {
    static const struct {
        const char *header;
        int kind;
        const char *fault;
    } table[] = {
        { "school,class,pupil,gender", FILE_PUPILS, NULL },
        { "Skole;Klasse;Elev-ID", FILE_PUPILS, NULL },
        { "KLASSE;unilogin", FILE_PUPILS, NULL },
        { "skole;id", FILE_PUPILS, NULL },
        { "barn;forælder", FILE_GUARDIANS, NULL },
        { "elev;FORÆLDER;klasse", FILE_GUARDIANS, NULL },
        { "child;person;custody", FILE_GUARDIANS, NULL },
        { "medarbejder;rolle;skole", FILE_STAFF, NULL },
        { "person;role;school;class", FILE_STAFF, NULL },
        { "kind;code;parent", FILE_UNITS, NULL },
        { "Type;Kode;Overordnet;Navn", FILE_UNITS, NULL },
        { "pupil;gender", -1, "roster.unknown_file" },
        { "class;gender", -1, "roster.unknown_file" },
        { "a;b", -1, "roster.unknown_file" },
        { "class;klasse;pupil", -1, "roster.two_columns" },
        { "køn;gender;class;pupil", -1, "roster.two_columns" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct arena *arena = arena_create(1 << 20);
        struct source source = { .path = "x.csv" };
        struct error error = { 0 };
        char text[256];
        snprintf(text, sizeof text, "%s\n", table[i].header);
        assert_true(csv_open_bytes(&source.csv, source.path, text, strlen(text), arena, &error));
        bool dropped[16] = { false };
        source.dropped = dropped;
        bool known = source_recognise(&source, &error);
        if (known != !table[i].fault || (known && (int)source.kind != table[i].kind) ||
            (!known && !error_is(&error, table[i].fault)))
            fail_msg("“%s”: kind %d, %s", table[i].header, (int)source.kind, error.id);
        arena_destroy(arena);
    }
}

static void test_tree(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 22);
    struct unit root = { .kind = UNIT_PROGRAMME,
                         .parent = -1,
                         .code = "",
                         .name = "P",
                         .grade = -1,
                         .active = true,
                         .id = 1 };
    struct units units = { .n = 1, .unit = &root };
    struct tree tree;
    struct origin origin = { 0 };
    long index;
    char path[PATH_CODES_MAX];
    assert_true(tree_seed(&tree, &units, arena));
    long horsens = tree_add(&tree, 0, UNIT_MUNICIPALITY, "horsens", origin);
    long first = tree_add(&tree, horsens, UNIT_SCHOOL, "1", origin);
    long a = tree_add(&tree, first, UNIT_CLASS, "4A", origin);
    long second = tree_add(&tree, -1, UNIT_SCHOOL, "2", origin);
    long other = tree_add(&tree, second, UNIT_CLASS, "4A", origin);
    assert_string_equal(tree_path_of(&tree, a, path, sizeof path), "horsens/1/4A");
    assert_string_equal(tree_path_of(&tree, 0, path, sizeof path), "");
    assert_int_equal(tree_find(&tree, -1, UNIT_SCHOOL, "1", &index), FOUND);
    assert_int_equal(index, first);
    assert_int_equal(tree_find(&tree, -1, UNIT_CLASS, "4A", &index), FOUND_SEVERAL);
    assert_int_equal(tree_find(&tree, second, UNIT_CLASS, "4A", &index), FOUND);
    assert_int_equal(index, other);
    assert_int_equal(tree_find(&tree, horsens, UNIT_CLASS, "4A", &index),
                     FOUND); /* a level left out */
    assert_int_equal(index, a);
    assert_int_equal(tree_find(&tree, first, UNIT_TEAM, "4A", &index), FOUND_OTHER_KIND);
    assert_int_equal(tree_find(&tree, -1, UNIT_CLASS, "9Z", &index), FOUND_NONE);
    assert_int_equal(tree_path(&tree, "horsens/1", &index), FOUND);
    assert_int_equal(index, first);
    assert_int_equal(tree_path(&tree, "2", &index), FOUND);
    assert_int_equal(tree_path(&tree, "4A", &index), FOUND_SEVERAL);
    assert_int_equal(tree_path(&tree, "horsens/2", &index), FOUND_NONE);
    assert_int_equal(tree_path(&tree, "", &index), FOUND);
    assert_int_equal(index, 0);
    for (int i = 0; i < 5000; i++) {
        char code[16];
        snprintf(code, sizeof code, "c%d", i);
        assert_true(tree_add(&tree, second, UNIT_CLASS, code, origin) > 0);
    }
    assert_int_equal(tree_find(&tree, second, UNIT_CLASS, "c4999", &index), FOUND);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genders),          cmocka_unit_test(test_grades),
        cmocka_unit_test(test_grade_of_a_class), cmocka_unit_test(test_other_words),
        cmocka_unit_test(test_which_file),       cmocka_unit_test(test_tree),
    };
    return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}

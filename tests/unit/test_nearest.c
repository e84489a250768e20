#include "check.h"

#include "base/nearest.h"

static void test_distance(void **state) {
    (void)state;
    /* Textbook pairs (Levenshtein 1966; Damerau's neighbours count once). */
    static const struct { const char *a, *b; size_t distance; } rows[] = {
        { "", "", 0 }, { "a", "", 1 }, { "kitten", "sitting", 3 }, { "flaw", "lawn", 2 },
        { "scale", "scales", 1 }, { "ab", "ba", 1 }, { "items", "itmes", 1 }, { "ITEMS", "items", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(edit_distance(rows[i].a, rows[i].b), rows[i].distance);
    char longest[NEAREST_WORD_MAX + 2];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_true(edit_distance(longest, "x") == SIZE_MAX);
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const words[] = { "items", "scales", "pages", "use", NULL };
    assert_string_equal(nearest("scale", words), "scales");
    assert_string_equal(nearest("itmes", words), "items");
    assert_string_equal(nearest("us", words), "use");
    assert_null(nearest("teacher", words));
    assert_null(nearest("a-very-long-word-that-nobody-would-ever-write-as-a-key-in-an-instrument", words));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_distance), cmocka_unit_test(test_nearest) };
    return cmocka_run_group_tests_name("base.nearest", tests, NULL, NULL);
}

#include "check.h"

#include "base/arena.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void test_arena_has_a_maximum(void **state) {
    (void)state;
    struct arena *arena = arena_create(1000);
    assert_non_null(arena_alloc(arena, 500));
    assert_null(arena_alloc(arena, 600));
    assert_null(arena_array(arena, SIZE_MAX / 2, 4));
    assert_non_null(arena_alloc(arena, 400));
    arena_destroy(arena);
}

static int order[2], n_run;
static void note(void *data) { order[n_run++] = *(int *)data; }

static void test_arena_runs_deferred_last_first(void **state) {
    (void)state;
    static int one = 1, two = 2;
    struct arena *arena = arena_create(4096);
    n_run = 0;
    arena_defer(arena, note, &one);
    arena_defer(arena, note, &two);
    arena_destroy(arena);
    assert_int_equal(n_run, 2);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 1);
}

static void test_utf8(void **state) {
    (void)state;
    static const struct { const char *bytes; int valid; } table[] = {
        { "rød grød", 1 }, { "\xF0\x9F\x90\xA6", 1 }, { "\xC0\xAF", 0 }, { "\xED\xA0\x80", 0 },
        { "\xF4\x90\x80\x80", 0 }, { "r\xF8" "d", 0 }, { "\xE2\x82", 0 }, { "", 1 },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(text_is_utf8(table[i].bytes, strlen(table[i].bytes)), table[i].valid);
    uint32_t points[] = { 'a', 0xE6, 0x20AC, 0x1F426 };
    for (size_t i = 0; i < 4; i++) {
        char out[5] = { 0 };
        text_encode(points[i], out);
        const char *at = out;
        assert_int_equal(text_next(&at), points[i]);
        assert_int_equal(*at, 0);
    }
}

static void test_cut_keeps_whole_characters(void **state) {
    (void)state;
    char out[8];
    assert_true(text_cut(out, sizeof out, "grød"));
    assert_false(text_cut(out, sizeof out, "grødgrød"));
    assert_string_equal(out, "grø…");
    assert_false(text_cut(out, 7, "grøød"));
    assert_string_equal(out, "gr…");
}

static void test_cpr(void **state) {
    (void)state;
    static const struct { const char *text; int cpr; } table[] = {
        { "010203-1234", 1 }, { "0102031234", 1 }, { "ring 010203 1234 nu", 1 }, { "610203-1234", 1 },
        { "321303-1234", 0 }, { "310003-1234", 0 }, { "12345678901", 0 }, { "010203-12345", 0 },
        { "751234", 0 }, { "010203", 0 }, { "", 0 }, { "x010203-1234", 1 },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(text_has_cpr(table[i].text), table[i].cpr);
}

static void test_numbers(void **state) {
    (void)state;
    long long whole;
    double real;
    assert_true(text_to_int("-12", -20, 20, &whole));
    assert_int_equal(whole, -12);
    assert_false(text_to_int("12x", 0, 20, &whole));
    assert_false(text_to_int("", 0, 20, &whole));
    assert_false(text_to_int(" 1", 0, 20, &whole));
    assert_false(text_to_int("99999999999999999999", 0, INT64_MAX, &whole));
    assert_true(text_to_double("-1.5e3", &real));
    assert_true(real == -1500.0);
    assert_false(text_to_double("nan", &real));
    assert_false(text_to_double("1,5", &real));
    assert_false(text_to_double("1e999", &real));
}

/* The C library is the reference: edges, halves, and numbers of every size. */
static void test_decimal_is_printf(void **state) {
    (void)state;
    static const double edges[] = {
        0, -0.0, 1, -1, 0.5, 2.5, 100, 1e6, 9999999999.0, 9999999999.5, 9.9999999995, 0.99999999995,
        0.0001, 0.000099999999995, 1e-5, 8999999999.5, 1234567890.5, 1234567891.5, 12345678.125,
        1.0000000005, 1.00000000050000004, 1e10, 1e300, 5e-324, -1.234567891e-308,
    };
    enum { EDGES = sizeof edges / sizeof *edges, NUMBERS = 200000 };
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < NUMBERS; i++) {
        char own[DECIMAL_MAX + 1], expected[64];
        double value;
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        if (i < EDGES)
            value = edges[i];
        else if (i % 3 == 0)
            memcpy(&value, &bits, sizeof value);
        else if (i % 3 == 1)
            value = (double)(int64_t)bits * 0x1p-61;
        else
            value = (double)(bits >> 40) / 1024;
        if (!isfinite(value)) continue;
        own[decimal_write(own, value)] = '\0';
        snprintf(expected, sizeof expected, "%.10g", value);
        assert_string_equal(own, expected);
    }
    char count[DECIMAL_MAX + 1];
    count[decimal_write_count(count, SIZE_MAX)] = '\0';
    char expected[64];
    snprintf(expected, sizeof expected, "%zu", SIZE_MAX);
    assert_string_equal(count, expected);
    assert_int_equal(decimal_write_count(count, 0), 1);
}

static void test_error_holds_copies(void **state) {
    (void)state;
    struct error error;
    char name[] = "a.csv";
    assert_false(error_set(&error, "test.id", ARG_TEXT("file", name), ARG_INT("line", 7)));
    name[0] = 'x';
    assert_string_equal(error_value(&error, "file"), "a.csv");
    assert_string_equal(error_value(&error, "line"), "7");
    assert_null(error_value(&error, "column"));
}

static void test_error_list_counts_past_its_maximum(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    struct error_list list;
    struct error error;
    error_plain(&error, "test.id");
    error_list_init(&list, arena, 20);
    for (int i = 0; i < 50; i++) error_list_add(&list, &error);
    assert_int_equal(list.count, 20);
    assert_int_equal(list.total, 50);
    arena_destroy(arena);
}

static void test_text_fails_once_and_stays_failed(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    struct text text = text_new(arena, 10);
    text_addf(&text, "%s", "12345678");
    assert_true(text_ok(&text));
    text_add(&text, "abc");
    assert_false(text_ok(&text));
    text_add(&text, "a");
    assert_string_equal(text_string(&text), "12345678");
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_has_a_maximum),
        cmocka_unit_test(test_arena_runs_deferred_last_first),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_cut_keeps_whole_characters),
        cmocka_unit_test(test_cpr),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_decimal_is_printf),
        cmocka_unit_test(test_error_holds_copies),
        cmocka_unit_test(test_error_list_counts_past_its_maximum),
        cmocka_unit_test(test_text_fails_once_and_stays_failed),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}

#include "check.h"

#include "base/arena.h"
#include "document/document.h"
#include "document/geometry.h"

#include <math.h>

static struct arena *arena;
static int start(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    return arena ? 0 : -1;
}
static int stop(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* Runs as "plain|STRONG|plain". */
static void test_runs(void **state) {
    (void)state;
    static const struct { const char *marked, *runs; } table[] = {
        { "", "" },
        { "rød grød", "rød grød|" },
        { "skolen ligger **tydeligt over**", "skolen ligger |[tydeligt over]|" },
        { "**a** b **c**", "[a]| b |[c]|" },
        { "et ** alene", "et ** alene|" },
        { "**a** b ** c", "[a]| b ** c|" },
        { "x \\*\\* y \\*\\* z", "x ** y ** z|" },
        { "**a\\*\\*b**", "[a**b]|" },
        { "****", "" },
    };
    struct document *d = document_create(arena, "da", "x");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char out[200] = "";
        for (struct run *r = document_runs(d, table[i].marked); r; r = r->next)
            snprintf(out + strlen(out), sizeof out - strlen(out), r->strong ? "[%s]|" : "%s|", r->text);
        assert_string_equal(out, table[i].runs);
    }
    assert_true(document_ok(d));
}

static void test_escape_is_undone_by_runs(void **state) {
    (void)state;
    static const char *const names[] = { "Skolen", "**fed**", "a\\b", "\\**\\", "*", "" };
    struct document *d = document_create(arena, "da", "x");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(runs_text(d, document_runs(d, document_escape(d, names[i]))), names[i]);
}

static void test_a_full_arena_fails_the_document(void **state) {
    (void)state;
    struct arena *small = arena_create(512);
    struct document *d = document_create(small, "da", "x");
    assert_true(document_ok(d));
    for (int i = 0; i < 20; i++) add_paragraph(d, BLOCK_PARAGRAPH, "En sætning med **fed** skrift.");
    assert_false(document_ok(d));
    assert_false(document_ok(NULL));
    arena_destroy(small);
}

static void test_dot_x(void **state) {
    (void)state;
    struct dot_chart chart = { .axis_low = 400, .axis_high = 600, .axis_step = 50, .n_rows = 3 };
    static const struct { double value, share; int clipped; } table[] = {
        { 400, 0, 0 }, { 500, .5, 0 }, { 600, 1, 0 }, { 550, .75, 0 }, { 399, 0, -1 }, { 640, 1, 1 },
    };
    static const double widths[] = { 320, 480, 960 };
    for (size_t w = 0; w < 3; w++) {
        struct dot_geometry g = dot_geometry(&chart, widths[w]);
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            int clipped = 9;
            double x = dot_x(&g, &chart, table[i].value, &clipped);
            assert_true(fabs(x - (g.plot_left + table[i].share * (g.plot_right - g.plot_left))) < 1e-9);
            assert_int_equal(clipped, table[i].clipped);
        }
    }
}

/* Names, plot, values, marks and words stand in that order and do not touch; rows within the plot. */
static void test_columns_do_not_touch(void **state) {
    (void)state;
    struct dot_chart chart = { .axis_low = 350, .axis_high = 650, .axis_step = 50, .n_rows = 11,
                               .reference_text = "500 = programmets gennemsnit" };
    for (double width = 480; width <= 1200; width += 40) {
        struct dot_geometry g = dot_geometry(&chart, width);
        assert_int_equal(g.n_ticks, 7);
        assert_true(g.name_width < g.plot_left && g.plot_left < g.plot_right);
        assert_true(g.plot_right + g.dot_radius < g.value_x - text_width("534", g.text_size, true));
        assert_true(g.value_x < g.mark_x && g.mark_x < g.word_x && g.word_x < g.width);
        assert_true(dot_y(&g, 0) - g.band_height / 2 > g.plot_top);
        assert_true(dot_y(&g, 10) + g.band_height / 2 < g.plot_bottom);
        assert_true(g.axis_baseline < g.plot_top && g.plot_bottom < g.foot_baseline);
        assert_true(g.foot_baseline < g.height);
        if (width >= 480) {
            double room = g.width - g.word_x;
            assert_true(text_width("ingen reel forskel", g.text_size * .9375, false) <= room);
            assert_true(text_width("cannot be told apart", g.text_size * .9375, false) <= room);
        }
    }
}

static void test_shares_fill_the_bar(void **state) {
    (void)state;
    static const double shares[] = { .33, .33, .33, 0 };
    static const char *const texts[] = { "33 %", "33 %", "33 %", "0 %" };
    struct share_row row = { .name = "x", .shown = true, .shares = shares, .texts = texts };
    struct share_chart chart = { .n_categories = 4, .n_rows = 1, .rows = &row };
    struct share_geometry g = share_geometry(&chart, 960);
    double at = g.bar_left;
    for (size_t i = 0; i < 4; i++) {
        struct share_part p = share_part(&g, &chart, 0, i);
        assert_true(fabs(p.left - at) < 1e-9);
        assert_int_equal(p.has_room, i < 3);
        at = p.right;
    }
    assert_true(fabs(at - g.bar_right) < 1e-9);
}

static void test_lines(void **state) {
    (void)state;
    static const struct { const char *text; double width; size_t n; const char *first, *second; } table[] = {
        { "Tryghed", 200, 1, "Tryghed", NULL },
        { "Motivation og indsats i timerne", 130, 2, "Motivation og", "indsats i timerne" },
        { "Samspil lærer-pædagog", 120, 2, "Samspil lærer-", "pædagog" },
        { "Speciallægepraksisplanlægningsstabiliseringsperiode", 120, 1, "Speciallægep…", NULL },
        { "Alt for mange ord til at kunne stå på to linjer i alt", 120, 2, "Alt for mange", "ord til at kunn…" },
        { "", 100, 0, NULL, NULL },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char out[LINES_MAX][LINE_BYTES];
        assert_int_equal(text_lines(table[i].text, 16, false, table[i].width, out), table[i].n);
        if (table[i].first) assert_string_equal(out[0], table[i].first);
        if (table[i].second) assert_string_equal(out[1], table[i].second);
    }
}

/* Widths measured in Inter 3.19 (Regular and SemiBold) at 1000 units, kerning aside. */
static void test_width_is_near_the_font(void **state) {
    (void)state;
    static const struct { const char *text; bool strong; double width; } table[] = {
        { "Motivation og indsats", false, 10175 },
        { "Lærernes støtte", false, 7578 },
        { "Kollektiv handlekraft", true, 10011 },
        { "Samspil lærer–pædagog", false, 11482 },
        { "kan ikke skelnes", false, 7740 },
        { "534", true, 1950 },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double width = text_width(table[i].text, 1000, table[i].strong);
        assert_true(fabs(width / table[i].width - 1) < .06);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_escape_is_undone_by_runs),
        cmocka_unit_test(test_a_full_arena_fails_the_document),
        cmocka_unit_test(test_dot_x),
        cmocka_unit_test(test_columns_do_not_touch),
        cmocka_unit_test(test_shares_fill_the_bar),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_width_is_near_the_font),
    };
    return cmocka_run_group_tests_name("document", tests, start, stop);
}

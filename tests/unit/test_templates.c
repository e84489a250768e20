#include "check.h"

#include "base/arena.h"
#include "base/markup.h"
#include "i18n/i18n.h"
#include "templates_of_tests.h"

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    return (arena = arena_create(1 << 20)) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void test_escaping(void **state) {
    (void)state;
    static const struct { void (*add)(struct text *out, const char *string); const char *in, *out; } table[] = {
        { markup_add, "a<b>&\"'æ", "a&lt;b&gt;&amp;&quot;&#39;æ" }, { markup_add, NULL, "" },
        { markup_add_url_part, "3 A/æ?&-._~", "3%20A%2F%C3%A6%3F%26-._~" }, { markup_add_url_part, NULL, "" },
        { markup_add_url, "/u/1?a=1&b=2", "/u/1?a=1&amp;b=2" }, { markup_add_url, "javascript:alert(1)", "#" },
        { markup_add_url, "//evil.example", "#" }, { markup_add_url, "/\\evil.example", "#" },
        { markup_add_url, " javascript:x", "#" }, { markup_add_url, "https://a.dk/\"", "https://a.dk/&quot;" },
        { markup_add_url, "mailto:a@b.dk", "mailto:a@b.dk" }, { markup_add_url, "#x", "#x" },
        { markup_add_url, "", "" }, { markup_add_url, NULL, "" }, { markup_add_url, "data:text/html,x", "#" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct text out = text_new(arena, 1000);
        table[i].add(&out, table[i].in);
        assert_string_equal(text_string(&out), table[i].out);
    }
}

static const char *rendered(const struct school_view *view, const char *language) {
    struct text out = text_new(arena, 10000);
    render_school(&out, language_get(language), view);
    assert_true(text_ok(&out));
    return arena_copy(arena, text_string(&out));
}

static void test_a_whole_template(void **state) {
    (void)state;
    const struct path_part_view parts[] = { { .name = "Åby", .href = "/u/1" }, { .name = "here" }, { .name = "<x>" } };
    const struct path_line_view path = { .parts = parts, .n_parts = 3 };
    const struct school_class classes[] = { { .href = "/u/2", .name = "3 A", .grade = 3 },
                                            { .href = "javascript:x", .name = "9\"B", .grade = 9 } };
    const struct school_view view = { .name = "\"<Skolen>", .pupils = 1041, .classes = classes, .n_classes = 2,
                                      .path = &path, .chart = "<svg/>", .year = 2026 };
    assert_string_equal(rendered(&view, "en"),
        "<nav><a href=\"/u/1\">Åby</a>\n<b>here</b>\n<i>&lt;x&gt;</i>\n</nav>\n"
        "<h1 title=\"&quot;&lt;Skolen&gt;\">&quot;&lt;Skolen&gt;</h1>\n<p>1,041 pupils, 1,041, 2026</p>\n"
        "  <ul>\n<li><a href=\"/u/2\">3 A</a>\n<a href=\"/x/3%20A?g=3\" data-n=\"1041\">1</a></li>\n\n"
        "  \n<li><a href=\"#\" class=\"last\">9&quot;B</a>\n<a href=\"/x/9%22B?g=9\" data-n=\"1041\">2</a></li>\n</ul>\n"
        "<svg/>\n");
}

static void test_empty_and_absent_things(void **state) {
    (void)state;
    const struct school_view view = { .name = "<A>", .pupils = 1, .year = 2026 };
    assert_string_equal(rendered(&view, "en"), "<h1 title=\"&lt;A&gt;\">&lt;A&gt;</h1>\n<p>1 pupil, 1, 2026</p>\n"
                                               "  <p>There are no classes in &lt;A&gt; in 2026.</p>\n\n");
    const struct school_view nothing = { 0 };
    assert_string_equal(rendered(&nothing, "en"), "<h1 title=\"\"></h1>\n<p>0 pupils, 0, 0</p>\n"
                                                  "  <p>There are no classes in  in 0.</p>\n\n");
}

static void test_a_full_text_is_told(void **state) {
    (void)state;
    struct text out = text_new(arena, 20);
    render_school(&out, language_get("da"), &(struct school_view){ .name = "A" });
    assert_false(text_ok(&out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escaping),
        cmocka_unit_test(test_a_whole_template),
        cmocka_unit_test(test_empty_and_absent_things),
        cmocka_unit_test(test_a_full_text_is_told),
    };
    return cmocka_run_group_tests_name("templates", tests, set_up, tear_down);
}

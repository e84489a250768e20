#include "check.h"

#include "base/text.h"
#include "frozen_fixture.h"
#include "i18n/i18n.h"
#include "paint/paint.h"
#include "profile/profile.h"

static struct arena *arena;
static int start(void **state) {
    (void)state;
    arena = arena_create((size_t)256 << 20);
    return arena ? 0 : -1;
}
static int stop(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static const char *painted(const struct frozen *f, bool whole_page) {
    struct profile_options options = { .language = language_get("da"), .link_children = true, .base_path = "/unit/" };
    struct document *d = profile_build(f, &options, arena);
    assert_non_null(d);
    struct text out = text_new(arena, 16 << 20);
    if (whole_page) paint_html_page(d, &out);
    else paint_html(d, &out);
    assert_true(text_ok(&out));
    return text_string(&out);
}

static size_t count(const char *text, const char *what) {
    size_t n = 0;
    for (; (text = strstr(text, what)); text += strlen(what)) n++;
    return n;
}

/* Every element is closed in its turn, every attribute is quoted, and no bare < > or & stands in a text. */
static void check_well_formed(const char *html) {
    char open[64][16];
    size_t depth = 0;
    for (const char *at = html; *at;) {
        if (*at == '&') {
            assert_non_null(strchr("algq#", at[1]));
            assert_true(strcspn(at, ";") < 8);
            at++;
        } else if (*at != '<') {
            assert_true(*at != '>');
            at++;
        } else {
            bool closing = at[1] == '/';
            const char *name = at + 1 + closing;
            size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
            assert_in_range(length, 1, 15);
            at = name + length;
            while (*at != '>' && !(at[0] == '/' && at[1] == '>')) { /*  name="value" */
                assert_int_equal(*at, ' ');
                at += 1 + strcspn(at + 1, "= >");
                assert_int_equal(at[0], '=');
                assert_int_equal(at[1], '"');
                size_t value = strcspn(at + 2, "\"<>");
                assert_int_equal(at[2 + value], '"');
                at += 3 + value;
            }
            bool empty = *at == '/';
            at += empty ? 2 : 1;
            if (closing) {
                assert_true(depth > 0);
                depth--;
                assert_true(strncmp(open[depth], name, length) == 0 && open[depth][length] == '\0');
            } else if (!empty) {
                assert_true(depth < 64);
                snprintf(open[depth++], 16, "%.*s", (int)length, name);
            }
        }
    }
    assert_int_equal(depth, 0);
}

static const char *const kinds[] = { "programme", "municipality", "school", "class" };

static void test_well_formed(void **state) {
    (void)state;
    for (size_t k = 0; k < 4; k++) check_well_formed(painted(fixture_frozen(arena, kinds[k]), false));
}

static void test_nothing_that_a_strict_policy_forbids(void **state) {
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        const char *html = painted(fixture_frozen(arena, kinds[k]), false);
        static const char *const forbidden[] = { " style=", "<style", "<script", " onclick", "javascript:", "http:" };
        for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) assert_null(strstr(html, forbidden[i]));
    }
}

static void test_every_chart_has_a_name_and_ids_are_unique(void **state) {
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        const char *html = painted(fixture_frozen(arena, kinds[k]), false);
        size_t charts = count(html, "role=\"img\"");
        assert_true(charts >= 1);
        assert_int_equal(count(html, "<title id="), charts);
        assert_int_equal(count(html, "<desc id="), charts);
        assert_int_equal(count(html, "<caption>"), charts);
        assert_int_equal(count(html, "<svg") - charts, count(html, "aria-hidden=\"true\" focusable=\"false\""));
        for (const char *at = html; (at = strstr(at, " id=\"")); at++) {
            char id[128];
            snprintf(id, sizeof id, "%.*s", (int)(strcspn(at + 5, "\"") + 6), at);
            assert_int_equal(count(html, id), 1);
        }
        for (const char *at = html; (at = strstr(at, " href=\"#")); at++) { /* every link within the page arrives */
            char id[128];
            snprintf(id, sizeof id, " id=\"%.*s\"", (int)strcspn(at + 8, "\""), at + 8);
            assert_int_equal(count(html, id), 1);
        }
    }
}

static void test_hostile_names_are_text(void **state) {
    (void)state;
    static const char *const names[] = { "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a & b < c > d",
                                         "' onmouseover='x", "</title></svg><script>", "**fed**" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct frozen *f = fixture_frozen(arena, "school");
        f->unit.name = names[i];
        f->wave_name = names[i];
        f->publication = names[i];
        f->children[0].name = names[i];
        for (size_t s = 0; s < f->n_scales; s++) {
            f->scales[s].name = fixture_text(names[i], NULL);
            f->scales[s].meaning = fixture_text(names[i], NULL);
            if (s % 2) f->scales[s].above = fixture_text(names[i], NULL);
        }
        f->scales[3].items[0].text = fixture_text(names[i], NULL);
        f->scales[3].items[0].labels[0] = fixture_text(names[i], NULL);
        const char *html = painted(f, false);
        check_well_formed(html);
        assert_null(strstr(html, "<script"));
        assert_null(strstr(html, "<img"));
    }
}

/* The scale's numbers are made to be found; once hidden, none of them is on the page. */
static void test_a_hidden_scale_leaves_no_number(void **state) {
    (void)state;
    struct frozen *f = fixture_frozen(arena, "school");
    f->scales[4].parts[0] = (struct frozen_part){ .part = "all", .shown = true, .n = 407, .invited = 449, .mean = 463,
                                                  .low = 451, .high = 477, .raw_mean = 463, .sd = 87, .se = 6.1 };
    const char *html = painted(f, false);
    static const char *const numbers[] = { ">463<", "451 til 477", "407 af 449", ">87<" };
    for (size_t i = 0; i < 4; i++) assert_non_null(strstr(html, numbers[i]));
    f->scales[4].parts[0].shown = false;
    f->scales[4].parts[0].why = "too_few";
    f->scales[4].n_comparisons = 0;
    html = painted(f, false);
    for (size_t i = 0; i < 4; i++) assert_null(strstr(html, numbers[i]));
    assert_non_null(strstr(html, "For få svar til at vise"));
}

static void test_shapes_and_words_go_with_colour(void **state) {
    (void)state;
    const char *html = painted(fixture_frozen(arena, "school"), false);
    /* Every row that is above or below says so in words, and carries a mark. */
    for (const char *at = html; (at = strstr(at, "<li class=\"row ")); at++) {
        const char *end = strstr(at, "</li>"), *word = strstr(at, "class=\"row-word\"");
        if (strncmp(at + 15, "neutral", 7) == 0) continue;
        assert_true(word && word < end);
        assert_true(strstr(word, "<svg class=\"mark\"") < end);
        assert_true(strstr(word, strncmp(at + 15, "above", 5) == 0 ? " over</span>" : " under</span>") < end);
    }
}

static void test_a_page_stands_alone(void **state) {
    (void)state;
    const char *html = painted(fixture_frozen(arena, "class"), true);
    assert_non_null(strstr(html, "<!DOCTYPE html>\n<html lang=\"da\">"));
    assert_non_null(strstr(html, "<title>4.A · Kvalitetsprofil · Søndervangskolen · Kortlægning 2026</title>"));
    assert_non_null(strstr(html, "url(data:font/woff2;base64,d09GM"));
    assert_null(strstr(html, "url(/static/"));
    assert_null(strstr(html, "https:"));
}

static void test_same_bytes(void **state) {
    (void)state;
    assert_string_equal(painted(fixture_frozen(arena, "school"), true), painted(fixture_frozen(arena, "school"), true));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed),
        cmocka_unit_test(test_nothing_that_a_strict_policy_forbids),
        cmocka_unit_test(test_every_chart_has_a_name_and_ids_are_unique),
        cmocka_unit_test(test_hostile_names_are_text),
        cmocka_unit_test(test_a_hidden_scale_leaves_no_number),
        cmocka_unit_test(test_shapes_and_words_go_with_colour),
        cmocka_unit_test(test_a_page_stands_alone),
        cmocka_unit_test(test_same_bytes),
    };
    return cmocka_run_group_tests_name("paint.html", tests, start, stop);
}

#include "check.h"

#include "base/text.h"
#include "frozen_fixture.h"

static struct arena *arena;
static int start(void **state) {
    (void)state;
    arena = arena_create((size_t)64 << 20);
    return arena ? 0 : -1;
}
static int stop(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static const char *written(const struct frozen *frozen) {
    struct text out = text_new(arena, 4 << 20);
    assert_true(frozen_write(frozen, &out));
    return text_string(&out);
}

static struct frozen *read_back(const char *json) {
    struct frozen *out;
    struct error error = { 0 };
    if (!frozen_read(json, strlen(json), arena, &out, &error))
        fail_msg("%s %s", error.id, error_value(&error, "what"));
    return out;
}

static void test_written_and_read_are_inverse(void **state) {
    (void)state;
    static const char *const kinds[] = { "programme", "municipality", "school", "class" };
    for (size_t k = 0; k < 4; k++) {
        struct frozen *f = fixture_frozen(arena, kinds[k]);
        if (k == 2) fixture_hide(&f->scales[4]);
        const char *json = written(f);
        struct frozen *g = read_back(json);
        assert_string_equal(written(g), json);
        assert_string_equal(g->unit.name, f->unit.name);
        assert_int_equal(g->unit.parent, f->unit.parent);
        assert_int_equal(g->unit.grade, f->unit.grade);
        assert_int_equal(g->n_path, f->n_path);
        assert_int_equal(g->n_children, f->n_children);
        assert_int_equal(g->responses[0].n, f->responses[0].n);
        assert_int_equal(g->n_scales, f->n_scales);
        for (size_t i = 0; i < f->n_scales; i++) {
            const struct frozen_scale *a = &f->scales[i], *b = &g->scales[i];
            assert_string_equal(frozen_text(&b->name, "en"), frozen_text(&a->name, "en"));
            assert_int_equal(b->shares_only, a->shares_only);
            assert_int_equal(b->teaching, a->teaching);
            assert_int_equal(b->goal, a->goal);
            assert_int_equal(b->band_low, a->band_low);
            assert_int_equal(b->axis_high, a->axis_high);
            assert_int_equal(b->parts[0].shown, a->parts[0].shown);
            assert_int_equal(b->parts[0].mean, a->parts[0].shown && !a->shares_only ? a->parts[0].mean : 0);
            assert_int_equal(b->parts[0].sd, a->parts[0].shown && !a->shares_only ? a->parts[0].sd : 0);
            assert_int_equal(b->n_comparisons, a->n_comparisons);
            for (size_t c = 0; c < a->n_comparisons; c++) {
                assert_int_equal(b->comparisons[c].verdict, a->comparisons[c].verdict);
                assert_int_equal(b->comparisons[c].difference, a->comparisons[c].difference);
                assert_int_equal(b->comparisons[c].low, a->comparisons[c].low);
            }
            assert_int_equal(b->parts[0].n_categories, a->parts[0].shown ? a->parts[0].n_categories : 0);
        }
    }
}

/* Only a wave that is linked to another one says so. */
static void test_link(void **state) {
    (void)state;
    struct frozen *f = fixture_frozen(arena, "school");
    assert_null(strstr(written(f), "\"link\""));
    f->scales[0].link = (struct frozen_link){ .base = 1, .trend = true, .items = 6, .dropped = "q3", .error = 2.4 };
    f->scales[1].link = (struct frozen_link){ .base = 2, .items = 3 };
    const char *json = written(f);
    assert_non_null(strstr(json, "\"link\":{\"base\":1,\"trend\":true,\"items\":6,\"dropped\":\"q3\",\"error\":2.4}"));
    assert_non_null(strstr(json, "\"link\":{\"base\":2,\"trend\":false,\"items\":3,\"dropped\":null,\"error\":null}"));
    struct frozen *g = read_back(json);
    assert_string_equal(written(g), json);
    assert_string_equal(g->scales[0].link.dropped, "q3");
    assert_true(g->scales[0].link.error == 2.4 && g->scales[0].link.trend);
    assert_int_equal(g->scales[1].link.items, 3);
    assert_null(g->scales[1].link.dropped);
}

static void test_texts_survive(void **state) {
    (void)state;
    static const char *const names[] = { "Sct. \"Knuds\" \\ Skole", "æøå ÆØÅ – …", "a\nb\tc\x01", "</script>", "" };
    struct frozen *f = fixture_frozen(arena, "school");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        f->unit.name = names[i];
        assert_string_equal(read_back(written(f))->unit.name, names[i]);
    }
}

/* What is hidden leaves nothing behind, whatever the structure still holds. */
static void test_a_hidden_part_has_no_number(void **state) {
    (void)state;
    struct frozen *f = fixture_frozen(arena, "class");
    struct frozen_part *part = &f->scales[4].parts[0];
    *part = (struct frozen_part){ .part = "all", .shown = false, .why = "too_few", .n = 94321, .invited = 94322,
                                  .mean = 94323, .low = 94324, .high = 94325, .raw_mean = 94326, .sd = 94327, .se = 94328 };
    f->scales[4].n_comparisons = 0;
    f->responses[0] = (struct frozen_response){ .respondent = "pupil", .shown = false, .invited = 94329, .n = 94330 };
    const char *json = written(f);
    assert_null(strstr(json, "943"));
    assert_non_null(strstr(json, "{\"part\":\"all\",\"shown\":false,\"why\":\"too_few\"}"));
}

static void test_no_comparison_beside_a_hidden_part(void **state) {
    (void)state;
    struct frozen *f = fixture_frozen(arena, "school");
    f->scales[4].parts[0].shown = false;
    f->scales[4].parts[0].why = "too_few";
    struct text out = text_new(arena, 4 << 20);
    assert_false(frozen_write(f, &out));
}

static void test_what_is_broken_is_refused(void **state) {
    (void)state;
    const char *good = written(fixture_frozen(arena, "school"));
    static const struct { const char *from, *to, *what; } table[] = {
        { "\"wave\":1", "\"wave\":\"1\"", "wave" },
        { "\"wave\":1", "\"wave\":1.5", "wave" },
        { "\"wave\":1", "\"wave\":99999999999", "wave" },
        { "\"verdict\":\"clear\"", "\"verdict\":\"clean\"", "verdict" },
        { "\"shown\":true", "\"shown\":1", "shown" },
        { "\"axis\":[400,600]", "\"axis\":[400]", "axis" },
        { "\"mean\":512,", "", "mean" },
        { "\"name\":\"S", "\"name\":7,\"x\":\"S", "name" },
        { "\"scales\":[", "\"scales\":{},\"y\":[", "scales" },
        { "\"n_items\":5", "\"n_items\":-5", "n_items" },
        { "\"wave\":1", "\"wave\":1,\"wave\":2", NULL },
        { "{\"unit\"", "[\"unit\"", NULL },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *at = strstr(good, table[i].from);
        assert_non_null(at);
        struct text bad = text_new(arena, 4 << 20);
        text_add_bytes(&bad, good, (size_t)(at - good));
        text_add(&bad, table[i].to);
        text_add(&bad, at + strlen(table[i].from));
        struct frozen *out;
        struct error error = { 0 };
        assert_false(frozen_read(text_string(&bad), bad.length, arena, &out, &error));
        assert_true(error_is(&error, "frozen.broken"));
        if (table[i].what) assert_string_equal(error_value(&error, "what"), table[i].what);
    }
    /* Cut anywhere it is refused, and never read past its end. */
    for (size_t length = 0; length < strlen(good); length += 97) {
        struct frozen *out;
        struct error error = { 0 };
        char *cut = arena_copy_bytes(arena, good, length);
        assert_false(frozen_read(cut, length, arena, &out, &error));
    }
}

static void test_unknown_keys_are_passed_over(void **state) {
    (void)state;
    const char *good = written(fixture_frozen(arena, "school"));
    struct text more = text_new(arena, 4 << 20);
    text_add(&more, "{\"later\":[1,{\"x\":null}],");
    text_add(&more, good + 1);
    assert_string_equal(written(read_back(text_string(&more))), good);
}

static void test_text_in_a_language(void **state) {
    (void)state;
    struct frozen_text both = fixture_text("Tryghed", "Safety"), one = fixture_text("Tryghed", NULL), none = { 0 };
    assert_string_equal(frozen_text(&both, "en"), "Safety");
    assert_string_equal(frozen_text(&both, "so"), "Tryghed");
    assert_string_equal(frozen_text(&one, "en"), "Tryghed");
    assert_string_equal(frozen_text(&none, "da"), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_read_are_inverse),
        cmocka_unit_test(test_link),
        cmocka_unit_test(test_texts_survive),
        cmocka_unit_test(test_a_hidden_part_has_no_number),
        cmocka_unit_test(test_no_comparison_beside_a_hidden_part),
        cmocka_unit_test(test_what_is_broken_is_refused),
        cmocka_unit_test(test_unknown_keys_are_passed_over),
        cmocka_unit_test(test_text_in_a_language),
    };
    return cmocka_run_group_tests_name("publish.frozen", tests, start, stop);
}

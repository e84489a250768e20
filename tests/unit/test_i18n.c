#include "check.h"

#include "base/arena.h"
#include "base/embedded.h"
#include "i18n/i18n.h"
#include "i18n/language.h"

#include <float.h>
#include <limits.h>
#include <math.h>

static const struct language *da, *en;

static void test_language_of_a_tag(void **state) {
    (void)state;
    static const struct { const char *tag, *language; } table[] = {
        { "da", "da" }, { "en", "en" }, { "en-GB", "en" }, { "da_DK.UTF-8", "da" }, { "en.UTF-8", "en" },
        { "eng", "da" }, { "", "da" }, { NULL, "da" }, { "sv", "da" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(language_tag(language_get(table[i].tag)), table[i].language);
    assert_int_equal(language_count(), 2);
    assert_false(language_right_to_left(da));
}

static void test_catalogue_in_the_binary_opens(void **state) {
    (void)state;
    assert_true(da->catalogue.count > 20);
    assert_string_equal(i18n_text(da, "Usage:"), "Brug:");
    assert_string_equal(i18n_text(en, "Usage:"), "Usage:");
    assert_string_equal(i18n_text(da, "no such sentence"), "no such sentence");
    assert_string_equal(i18n_text(da, ""), "");
}

/* A catalogue as msgfmt writes it: keys "", "a\0as" (a plural), "x\4a" (with a context). */
static size_t small_catalogue(unsigned char *out) {
    static const struct { const char *bytes; unsigned length; } strings[] = {
        { "", 0 }, { "a\0as", 4 }, { "x\4a", 3 }, { "header", 6 }, { "et\0flere", 8 }, { "andet", 5 },
    };
    unsigned words[7 + 12] = { 0x950412DE, 0, 3, 28, 28 + 24, 0, 0 }, at = sizeof words;
    for (size_t i = 0; i < 6; i++) {
        words[7 + 2 * i] = strings[i].length;
        words[8 + 2 * i] = at;
        memcpy(out + at, strings[i].bytes, strings[i].length + 1);
        at += strings[i].length + 1;
    }
    memcpy(out, words, sizeof words); /* x86-64 and arm64 are little-endian, as the format is */
    return at;
}

static void test_catalogue_plural_and_context(void **state) {
    (void)state;
    unsigned char bytes[256];
    struct catalogue catalogue;
    size_t length = small_catalogue(bytes);
    assert_true(catalogue_open(&catalogue, bytes, length));
    static const struct { const char *context, *msgid; unsigned form; const char *value; } table[] = {
        { NULL, "a", 0, "et" }, { NULL, "a", 1, "flere" }, { NULL, "a", 2, NULL }, { "x", "a", 0, "andet" },
        { "y", "a", 0, NULL },  { NULL, "x", 0, NULL },    { NULL, "b", 0, NULL }, { "", "a", 0, NULL },
        { NULL, "x\4a", 0, "andet" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *value = catalogue_find(&catalogue, table[i].context, table[i].msgid, table[i].form);
        if (table[i].value)
            assert_string_equal(value, table[i].value);
        else
            assert_null(value);
    }
    for (size_t cut = 0; cut < length; cut++) assert_false(catalogue_open(&catalogue, bytes, cut));
    bytes[8] = 200; /* more strings than there are */
    assert_false(catalogue_open(&catalogue, bytes, length));
}

static void test_fill(void **state) {
    (void)state;
    static const struct { const char *pattern, *danish; } table[] = {
        { "{n} of {all}", "80.000 of −1.234.567" },
        { "{name}: {n}", "Åby: 80.000" },
        { "{{n} {{", "{n} {" },
        { "{missing} {n", "{missing} {n" },
        { "{}{n}{", "{}80.000{" },
        { "", "" },
    };
    struct arena *arena = arena_create(1 << 20);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct text text = text_new(arena, 1000);
        i18n_say(da, &text, table[i].pattern, ARG_INT("n", 80000), ARG_INT("all", -1234567),
                 ARG_TEXT("name", "Åby"));
        assert_string_equal(text_string(&text), table[i].danish);
    }
    struct text text = text_new(arena, 1000);
    i18n_say(en, &text, "{n}", ARG_INT("n", LLONG_MIN));
    assert_string_equal(text_string(&text), "−9,223,372,036,854,775,808");
    arena_destroy(arena);
}

static void test_numbers(void **state) {
    (void)state;
    static const struct { double value; int decimals; const char *danish, *english; } table[] = {
        { 1234.5, 1, "1.234,5", "1,234.5" }, { 0, 0, "0", "0" }, { -0.04, 1, "0,0", "0.0" },
        { -0.05, 1, "−0,1", "−0.1" }, { 0.5, 0, "1", "1" }, { -2.5, 0, "−3", "−3" }, { 2.5, 0, "3", "3" },
        { 1.005, 2, "1,01", "1.01" }, { 2.675, 2, "2,68", "2.68" }, { 0.285, 2, "0,29", "0.29" },
        { 999999.95, 1, "1.000.000,0", "1,000,000.0" }, { 1e14, 0, "100.000.000.000.000", "100,000,000,000,000" },
        { 0.000123, 6, "0,000123", "0.000123" }, { 499.4999, 0, "499", "499" }, { NAN, 1, "–", "–" },
        { INFINITY, 0, "–", "–" }, { 100, 2, "100,00", "100.00" },
    };
    char out[NUMBER_MAX];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_string_equal(i18n_number(da, table[i].value, table[i].decimals, out), table[i].danish);
        assert_string_equal(i18n_number(en, table[i].value, table[i].decimals, out), table[i].english);
    }
    assert_true(strlen(i18n_number(da, -DBL_MAX, 9, out)) < NUMBER_MAX);
    assert_true(strlen(i18n_number(da, -999999999999999.0, 9, out)) < NUMBER_MAX);
    assert_string_equal(i18n_percent(da, 0.905, out), "91\u00A0%");
    assert_string_equal(i18n_percent(en, 0.905, out), "91%");
    assert_string_equal(i18n_percent(da, 0.285, out), "29\u00A0%");
}

static void test_dates(void **state) {
    (void)state;
    static const struct { const char *iso; bool long_form; const char *danish, *english; } table[] = {
        { "2026-11-24", false, "24.11.2026", "24 Nov 2026" },
        { "2026-11-24", true, "24. november 2026", "24 November 2026" },
        { "2026-03-01T08:00:00Z", true, "1. marts 2026", "1 March 2026" },
        { "2026-13-01", true, "2026-13-01", "2026-13-01" },
        { "i går", false, "i går", "i går" },
        { "", false, "", "" },
    };
    char out[NUMBER_MAX];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_string_equal(i18n_date(da, table[i].iso, table[i].long_form, out), table[i].danish);
        assert_string_equal(i18n_date(en, table[i].iso, table[i].long_form, out), table[i].english);
    }
}

static int sign(int n) { return (n > 0) - (n < 0); }

/* Every list stands in its order; all pairs are compared both ways. */
static void check_order(const struct language *language, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int expected = (i > j) - (i < j), found = sign(i18n_compare(language, list[i], list[j]));
            if (found != expected) fail_msg("%s : %s gives %d", list[i], list[j], found);
        }
}

static void test_order(void **state) {
    (void)state;
    static const char *const danish[] = {
        "", " a", "0.a", "2.a", "02.b", "2.b", "9.z", "10.a", "Abe", "abe", "Bo", "bo", "By", "Bü", "Byg", "Bz",
        "Eva", "Éva", "Zoo", "Æble", "Äble", "Ærø", "Øst", "Öst", "Ås", "ås", "Aas", "aas", "Åå",
    };
    static const char *const places[] = { "Billund", "Fredericia", "Frederikssund", "Haderslev", "Hedensted",
        "Holbæk", "Horsens", "Kolding", "Nordfyn", "Roskilde", "Svendborg", "Thisted", "Vesthimmerland", "Ærø",
        "Ølgod", "Aabenraa", "Aalborg", "Århus" };
    static const char *const english[] = { "Aalborg", "abc", "Åbo", "Abz", "Odd", "Østed", "Zoo" };
    /* Ž is a Z with an accent: it stands among the Z, before Æ. */
    assert_true(i18n_compare(da, "Žižek", "Zoo") < 0);
    check_order(da, danish, sizeof danish / sizeof *danish);
    check_order(da, places, sizeof places / sizeof *places);
    check_order(en, english, sizeof english / sizeof *english);
    assert_int_equal(i18n_compare(da, "aas", "aas"), 0);
}

static void test_error_sentence(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    struct text text = text_new(arena, 1000);
    struct error error;
    error_set(&error, "no.such", ARG_INT("n", 1));
    i18n_error(da, &text, &error);
    assert_string_equal(text_string(&text), "no.such");
    arena_destroy(arena);
}

int main(void) {
    da = language_get("da");
    en = language_get("en");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language_of_a_tag),
        cmocka_unit_test(test_catalogue_in_the_binary_opens),
        cmocka_unit_test(test_catalogue_plural_and_context),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_error_sentence),
    };
    return cmocka_run_group_tests_name("i18n", tests, NULL, NULL);
}

#include "check.h"

#include "base/arena.h"
#include "instrument/instrument.h"

static struct arena *arena;
static struct error_list faults;

static int setup(void **state) {
    (void)state;
    arena = arena_create(64 * MIB);
    error_list_init(&faults, arena, 50);
    return arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static struct instrument *parse(const char *json) {
    struct instrument *instrument;
    error_list_init(&faults, arena, 50);
    bool ok = instrument_parse(&instrument, "form.json", json, strlen(json), arena, &faults);
    assert_true(ok == (faults.total == 0) && ok == (instrument != NULL));
    return instrument;
}

/* The form that people fill in, with one place to spoil. */
#define HEAD "{\n\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"languages\": [\"da\", \"en\"],\n"
#define TITLE "\"title\": {\"da\": \"T\", \"en\": \"T\"},\n"
#define SETS "\"category_sets\": { \"F2\": [ {\"label\": {\"da\": \"nej\", \"en\": \"no\"}},\n" \
             "{\"label\": {\"da\": \"ja\", \"en\": \"yes\"}} ] },\n"
#define BOTH(s) "{\"da\": \"" s "\", \"en\": \"" s "\"}"
#define SCALE(items) "\"scales\": [\n{\"code\": \"s\", \"name\": " BOTH("S") ", \"meaning\": " BOTH("M") \
                     ",\n\"above\": " BOTH("A") ", \"below\": " BOTH("B") ", \"items\": [" items "]}],\n"
#define ITEM(id) "{\"id\": \"" id "\", \"categories\": \"F2\", \"text\": " BOTH("Q") "}"
#define PAGE(items) "\"pages\": [\n{\"items\": [" items "]}]}"
#define ASKED_IF(id, item, value)                                                                  \
    "{\"id\": \"" id "\", \"categories\": \"F2\", \"text\": " BOTH("Q") ", \"if\": {\"item\": \"" item      \
    "\", \"is\": [" value "]}}"
#define TWO_PAGES "\"pages\": [\n{\"items\": [\"a\"]},\n{\"items\": [\"b\"]}]}"

/* Lines: head 1–4, title 5, sets 6–7, "scales" 8, scale 9–10, "items" 11, item 12, "pages" 13, page 14. */
#define WHOLE HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\"")

static void test_whole(void **state) {
    (void)state;
    struct instrument *form = parse(WHOLE);
    assert_non_null(form);
    assert_int_equal(form->n_items, 1);
    assert_int_equal(form->items[0].n_categories, 2);
    assert_string_equal(instrument_text(form, form->items[0].categories[1].label, "en"), "yes");
    assert_string_equal(instrument_text(form, form->items[0].categories[1].label, "pl"), "ja");
    assert_string_equal(form->scales[0].lowest_unit, "class");
    assert_int_equal(form->scales[0].use, USE_SCALE);
    assert_int_equal(form->grade_from, -1);
    assert_int_equal(form->pages[0].items[0], 0);
    assert_int_equal(instrument_item(form, "b"), -1);
    assert_non_null(parse("\xEF\xBB\xBF" WHOLE)); /* as Windows' editors save it */
}

static void test_minimal(void **state) {
    (void)state;
    struct instrument *test = parse("{\"code\": \"maths\", \"respondent\": \"pupil\", \"categories\": 2,\n"
                                    " \"scales\": [{\"code\": \"maths\", \"name\": \"Matematik\"}],\n"
                                    " \"items\": [\"M031286\", \"M031106\", {\"id\": \"M3\", \"categories\": [1, 2, 4]}]}");
    assert_non_null(test);
    assert_int_equal(test->n_languages, 1);
    assert_int_equal(test->scales[0].n_items, 3);
    assert_int_equal(test->scales[0].items[2], 2);
    assert_int_equal(test->items[0].categories[1].value, 1);
    assert_int_equal(test->items[2].categories[2].value, 4);
    assert_string_equal(instrument_text(test, test->scales[0].name, "en"), "Matematik");
    assert_string_equal(instrument_text(test, test->items[0].text, "da"), "");
}

/* What a form may ask for beyond choices, and who is shown it. */
static void test_form(void **state) {
    (void)state;
    struct instrument *form =
        parse(HEAD TITLE "\"notice\": " BOTH("N") ", \"layout\": \"single\",\n" SETS SCALE("\"a\", \"b\", \"c\"")
              "\"items\": [\n" ITEM("a") ",\n" ASKED_IF("b", "a", "1") ",\n"
              "{\"id\": \"c\", \"kind\": \"text\", \"limit\": 40, \"required\": true, \"text\": " BOTH("Q") "}],\n"
              "\"pages\": [{\"items\": [\"a\"]}, {\"items\": [\"b\", \"c\"], \"grades\": [2, 3], \"once\": \"person\", "
              "\"outro\": " BOTH("O") "}]}");
    assert_non_null(form);
    assert_int_equal(form->layout, LAYOUT_SINGLE);
    assert_string_equal(instrument_text(form, form->notice, "en"), "N");
    assert_int_equal(form->items[2].kind, ITEM_TEXT);
    assert_int_equal(form->items[2].limit, 40);
    assert_int_equal(form->items[2].n_categories, 0);
    assert_true(form->items[2].required);
    assert_int_equal(form->pages[1].once, ONCE_PERSON);
    assert_string_equal(instrument_text(form, form->pages[1].outro, "da"), "O");
    static const struct { uint8_t answer; int grade; bool item, page; } rows[] = {
        { 1, 2, true, true },
        { 0, 3, false, true },
        { ANSWER_SKIPPED, 1, false, false },
        { 1, 4, true, false },
        { 1, -1, true, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t vector[] = { rows[i].answer, ANSWER_NOT_SEEN, ANSWER_NOT_SEEN };
        assert_int_equal(condition_holds(&form->items[1].condition, vector, rows[i].grade), rows[i].item);
        assert_int_equal(condition_holds(&form->pages[1].condition, vector, rows[i].grade), rows[i].page);
    }
}

/* Every instrument that comes with the program, in all of its languages. */
static void test_own_instruments(void **state) {
    (void)state;
    static const struct { const char *name; enum respondent respondent; size_t items, languages; } rows[] = {
        { "pupil_young", RESPONDENT_PUPIL_YOUNG, 26, 2 },
        { "pupil", RESPONDENT_PUPIL, 56, 2 },
        { "class_teacher", RESPONDENT_CLASS_TEACHER, 19, 2 },
        { "parent", RESPONDENT_PARENT, 35, 4 },
        { "teacher", RESPONDENT_TEACHER, 52, 2 },
        { "pedagogue", RESPONDENT_PEDAGOGUE, 46, 2 },
        { "leader", RESPONDENT_LEADER, 34, 2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct instrument *own;
        if (!instrument_read_file(&own, rows[i].name, arena, &faults))
            fail_msg("%s has %zu faults", rows[i].name, faults.total);
        assert_int_equal(own->respondent, rows[i].respondent);
        assert_int_equal(own->n_items, rows[i].items);
        assert_int_equal(own->n_languages, rows[i].languages);
        assert_true(own->n_pages > 0 && own->notice.in != NULL);
    }
}

/* Every fault with its line; detail is one argument of its sentence. */
static void test_faults(void **state) {
    (void)state;
    static const struct { const char *json, *id; int line; const char *argument, *value; } rows[] = {
        { "", "instrument.ends_early", 1, NULL, NULL },
        { "{\n\"code\": \"x\",\n", "instrument.ends_early", 3, NULL, NULL },
        { "{\n\"code\": \"x\"\n\"items\": []}", "instrument.syntax", 3, NULL, NULL },
        { "{\"a\": 1,\n\"a\": 2}", "instrument.duplicate_key", 2, NULL, NULL },
        { "{\"code\":\n\"\xE6\"}", "instrument.not_utf8", 2, NULL, NULL },
        { "[]", "instrument.not_object", 1, NULL, NULL },
        /* Who is shown what. */
        { HEAD TITLE SETS SCALE("\"a\", \"b\"") "\"items\": [\n" ITEM("a") ",\n" ASKED_IF("b", "a", "0") "],\n" PAGE("\"a\", \"b\""),
          "instrument.if_later", 13, "item", "a" },
        { HEAD TITLE SETS SCALE("\"a\", \"b\"") "\"items\": [\n" ITEM("a") ",\n" ASKED_IF("b", "a", "7") "],\n" TWO_PAGES,
          "instrument.if_value", 13, "item", "a" },
        { HEAD TITLE SETS SCALE("\"a\", \"b\"") "\"items\": [\n" ITEM("a") ",\n" ASKED_IF("b", "c", "0") "],\n" TWO_PAGES,
          "instrument.unknown_item", 13, "item", "c" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"kind\": \"text\",\n\"limit\": 0, \"text\": " BOTH("Q") "}],\n" PAGE("\"a\""),
          "instrument.bad_limit", 13, NULL, NULL },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"kind\": \"text\",\n\"categories\": \"F2\", \"text\": " BOTH("Q") "}],\n" PAGE("\"a\""),
          "instrument.text_with_categories", 13, "item", "a" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n\"page\": [],\n" PAGE("\"a\""),
          "instrument.unknown_key_near", 13, "near", "pages" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n\"version\": 2,\n" PAGE("\"a\""),
          "instrument.unknown_key", 13, "key", "version" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") ",\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.duplicate_item", 13, "first", "12" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") ",\n" ITEM("b") "],\n" PAGE("\"a\", \"b\""),
          "instrument.item_without_scale", 13, "item", "b" },
        { HEAD TITLE SETS SCALE("\"a\", \"b\"") "\"items\": [\n" ITEM("a") ",\n" ITEM("b") "],\n" PAGE("\"a\""),
          "instrument.item_without_page", 13, "item", "b" },
        { HEAD TITLE SETS SCALE("\"a\", \"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.item_twice", 10, "item", "a" },
        { HEAD TITLE SETS SCALE("\"item1\"") "\"items\": [\n" ITEM("item1") "],\n" PAGE("\n\"itme1\",\"item1\""),
          "instrument.unknown_item_near", 15, "near", "item1" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n\"pages\": [\n{\"items\": [\"a\"]},\n{\"items\": [\"a\"]}]}",
          "instrument.item_on_two_pages", 15, "first", "14" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"categories\": \"F3\", \"text\": " BOTH("Q") "}],\n" PAGE("\"a\""),
          "instrument.unknown_set_near", 12, "near", "F2" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"text\": " BOTH("Q") "}],\n" PAGE("\"a\""),
          "instrument.no_categories", 12, "item", "a" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"categories\": 2, \"text\": " BOTH("Q") "}],\n" PAGE("\"a\""),
          "instrument.item_without_labels", 12, "item", "a" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"categories\": \"F2\"}],\n" PAGE("\"a\""),
          "instrument.item_without_text", 12, "item", "a" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"categories\": \"F2\",\n\"text\": {\"da\": \"Q\"}}],\n" PAGE("\"a\""),
          "instrument.missing_language", 13, "language", "en" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"categories\": \"F2\",\n\"text\": {\"da\": \"Q\", \"en\": \"Q\",\n\"pl\": \"Q\"}}],\n" PAGE("\"a\""),
          "instrument.unknown_language", 14, "language", "pl" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"categories\": \"F2\",\n\"text\": \"Q\"}],\n" PAGE("\"a\""),
          "instrument.text_of_one_language", 13, "first", "da" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n{\"id\": \"a\", \"categories\": \"F2\",\n\"text\": {\"da\": \" \", \"en\": \"Q\"}}],\n" PAGE("\"a\""),
          "instrument.empty_text", 13, "key", "text" },
        { HEAD "\"title\": 7,\n" SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.not_text", 5, "key", "title" },
        { HEAD SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.missing_key", 1, "key", "title" },
        { HEAD TITLE "\"grades\": [10, 4],\n" SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.bad_grades", 6, NULL, NULL },
        /* A member's line is its key's; quotation marks and brackets within texts mislead nobody. */
        { HEAD TITLE "\"grades\":\n\n[10, 4],\n" SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.bad_grades", 6, NULL, NULL },
        { HEAD "\"title\": " BOTH("\\\" } ] \\\\") ",\n\"grades\": 4,\n" SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.bad_grades", 6, NULL, NULL },
        { HEAD TITLE "\"most_first\": \"yes\",\n" SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.not_flag", 6, NULL, NULL },
        { HEAD TITLE SETS "\"scales\": {},\n\"items\": [\n" ITEM("a") "],\n" PAGE("\"a\""),
          "instrument.not_list", 8, "key", "scales" },
        { HEAD TITLE SETS SCALE("\"a\"") "\"items\": [\n" ITEM("a") "],\n\"pages\": []}",
          "instrument.empty_list", 13, "key", "pages" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupils\",\n\"categories\": 2, \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.unknown_word", 2, "word", "pupils" },
        { "{\"code\": \"x y\",\n\"respondent\": \"pupil\",\n\"categories\": 2, \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.bad_code", 1, "code", "x y" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"languages\": [\"danish\", \"1\"], \"categories\": 2, \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.bad_language", 3, "language", "1" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"languages\": [\"da\",\n\"da\"], \"categories\": 2, \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.language_twice", 4, "language", "da" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": 1, \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.category_count", 3, "found", "1" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": true, \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.bad_categories", 3, NULL, NULL },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": [1,\n2,\n1], \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.value_twice", 5, "value", "1" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": [0,\n1.5], \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.bad_value", 4, NULL, NULL },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": \"F5\", \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\"]}",
          "instrument.unknown_set", 3, "set", "F5" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": 2, \"scales\": [{\"code\": \"s\", \"items\": [\"a\"]},\n{\"code\": \"s\", \"items\": [\"a\"]}], \"items\": [\"a\"]}",
          "instrument.duplicate_scale", 4, "first", "3" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": 2, \"scales\": [{\"code\": \"s\", \"items\": [\"a\",\n\"zzz\"]}], \"items\": [\"a\"]}",
          "instrument.unknown_item", 4, "item", "zzz" },
        { "{\"code\": \"x\",\n\"respondent\": \"pupil\",\n\"categories\": 2, \"scales\": [{\"code\": \"s\"}], \"items\": [\"a\",\n7]}",
          "instrument.not_object", 4, NULL, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        parse(rows[i].json);
        if (faults.total != 1 || !error_is(&faults.items[0], rows[i].id))
            fail_msg("row %zu: wanted %s, got %zu faults, first %s line %s", i, rows[i].id, faults.total,
                     faults.total ? faults.items[0].id : "none",
                     faults.total ? error_value(&faults.items[0], "line") : "-");
        char line[16];
        snprintf(line, sizeof line, "%d", rows[i].line);
        assert_string_equal(error_value(&faults.items[0], "line"), line);
        assert_string_equal(error_value(&faults.items[0], "file"), "form.json");
        if (rows[i].argument)
            assert_string_equal(error_value(&faults.items[0], rows[i].argument), rows[i].value);
    }
}

/* One run names them all. */
static void test_many_faults(void **state) {
    (void)state;
    parse("{\n\"code\": 7,\n\"respondent\": \"nobody\",\n\"title\": \"\",\n\"items\": [\"a\", \"a\"],\n\"scales\": [{}]\n}");
    static const char *const expected[][2] = {
        { "instrument.not_text", "2" },      { "instrument.unknown_word", "3" },
        { "instrument.empty_text", "4" },    { "instrument.no_categories", "5" },
        { "instrument.no_categories", "5" }, { "instrument.missing_key", "6" },
        { "instrument.duplicate_item", "5" },
    };
    assert_int_equal(faults.total, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < faults.total; i++) {
        assert_string_equal(faults.items[i].id, expected[i][0]);
        assert_string_equal(error_value(&faults.items[i], "line"), expected[i][1]);
    }
}

/* Every prefix of a good file is refused without a slip (run under ASan). */
static void test_prefixes(void **state) {
    (void)state;
    const char *whole = WHOLE;
    struct instrument *instrument;
    for (size_t length = 0; length < strlen(whole); length++) {
        error_list_init(&faults, arena, 4);
        assert_false(instrument_parse(&instrument, "form.json", whole, length, arena, &faults));
    }
}

/* domain.md §2, pupil 4–10: scale, items, goal, categories. */
static void test_pupil(void **state) {
    (void)state;
    static const struct { const char *code, *da, *en; size_t items; char goal; bool teaching; enum scale_use use; const char *lowest; } rows[] = {
        { "enjoyment", "Skoleglæde", "School enjoyment", 5, 'T', false, USE_SCALE, "class" },
        { "peers", "Klassefællesskab", "Peer relations", 6, 'T', false, USE_SCALE, "class" },
        { "safety", "Tryghed", "Safety", 5, 'T', false, USE_SCALE, "class" },
        { "bullying", "Mobning", "Bullying", 4, 'T', false, USE_SHARES, "school" },
        { "support", "Lærernes støtte", "Teacher support", 6, 'T', true, USE_SCALE, "class" },
        { "order", "Ro og struktur", "Order", 5, 'L', true, USE_SCALE, "class" },
        { "feedback", "Feedback og mål", "Feedback", 6, 'L', true, USE_SCALE, "class" },
        { "challenge", "Udfordring", "Challenge", 3, 'L', true, USE_SHARES, "class" },
        { "motivation", "Motivation og indsats", "Motivation", 6, 'L', false, USE_SCALE, "class" },
        { "efficacy", "Faglig selvtillid", "Self-efficacy", 6, 'L', false, USE_SCALE, "class" },
        { "voice", "Medbestemmelse", "Voice", 4, 'T', false, USE_SCALE, "class" },
    };
    struct instrument *pupil;
    error_list_init(&faults, arena, 50);
    assert_true(instrument_read_file(&pupil, "pupil", arena, &faults));
    assert_int_equal(pupil->n_scales, sizeof rows / sizeof *rows);
    assert_int_equal(pupil->grade_from, 4);
    assert_int_equal(pupil->grade_to, 10);
    assert_true(pupil->most_first);
    size_t items = 0;
    for (size_t i = 0; i < pupil->n_scales; i++) {
        const struct scale *scale = &pupil->scales[i];
        assert_string_equal(scale->code, rows[i].code);
        assert_string_equal(instrument_text(pupil, scale->name, "da"), rows[i].da);
        assert_string_equal(instrument_text(pupil, scale->name, "en"), rows[i].en);
        assert_int_equal(scale->n_items, rows[i].items);
        assert_int_equal(scale->goal, rows[i].goal);
        assert_int_equal(scale->teaching, rows[i].teaching);
        assert_int_equal(scale->use, rows[i].use);
        assert_string_equal(scale->lowest_unit, rows[i].lowest);
        assert_true((scale->use == USE_SCALE) == (scale->above.in != NULL && scale->below.in != NULL));
        items += scale->n_items;
    }
    assert_int_equal(pupil->n_items, items);
    for (size_t i = 0; i < pupil->n_items; i++) {
        assert_int_equal(pupil->items[i].n_categories, 5);
        for (size_t l = 0; l < 2; l++) { /* questions, not statements */
            const char *text = pupil->items[i].text.in[l];
            assert_int_equal(text[strlen(text) - 1], '?');
        }
    }
}

static void test_files(void **state) {
    (void)state;
    struct instrument *instrument;
    error_list_init(&faults, arena, 5);
    assert_false(instrument_read_file(&instrument, "/nowhere/form.json", arena, &faults));
    assert_string_equal(faults.items[0].id, "instrument.open");
    assert_false(instrument_read_file(&instrument, "/", arena, &faults)); /* a folder */
    assert_string_equal(faults.items[1].id, "instrument.open");
    assert_null(instrument);
}

static void test_respondents(void **state) {
    (void)state;
    for (enum respondent r = 0; r < RESPONDENT_COUNT; r++) {
        enum respondent back;
        assert_true(respondent_from_name(respondent_name(r), &back) && back == r);
    }
    enum respondent none;
    assert_false(respondent_from_name("pupils", &none));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),       cmocka_unit_test(test_minimal),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_own_instruments),
        cmocka_unit_test(test_faults),      cmocka_unit_test(test_many_faults),
        cmocka_unit_test(test_prefixes),    cmocka_unit_test(test_pupil),
        cmocka_unit_test(test_files),       cmocka_unit_test(test_respondents),
    };
    return cmocka_run_group_tests_name("instrument", tests, setup, teardown);
}

#include "check.h"

#include "base/text.h"
#include "frozen_fixture.h"
#include "i18n/i18n.h"
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

static struct document *build(const struct frozen *f, const char *language, bool hide_teaching) {
    struct profile_options options = { .language = language_get(language), .hide_teaching = hide_teaching,
                                       .link_children = true, .base_path = "/unit/" };
    struct document *d = profile_build(f, &options, arena);
    assert_non_null(d);
    return d;
}

static const struct block *block_of(const struct document *d, enum block_kind kind) {
    const struct block *b = d->first;
    while (b && b->kind != kind) b = b->next;
    return b;
}

/* A school with one scale and one comparison. */
static struct frozen *one_scale(enum verdict verdict, int difference, int low, int high, bool phrases) {
    struct frozen *f = fixture_frozen(arena, "school");
    f->n_scales = 1;
    f->scales[0] = f->scales[4]; /* Ro og struktur */
    struct frozen_scale *s = &f->scales[0];
    s->n_comparisons = 1;
    s->comparisons[0] = (struct frozen_comparison){ .with = "programme", .part = "all", .reference = 500,
                                                    .difference = difference, .low = low, .high = high,
                                                    .verdict = verdict };
    s->parts[0].mean = 500 + difference;
    s->parts[0].low = s->parts[0].mean - 11;
    s->parts[0].high = s->parts[0].mean + 11;
    if (!phrases) s->above = s->below = (struct frozen_text){ 0 };
    return f;
}

/* Every verdict × direction × language, with and without the scale's own phrase. */
static void test_words_and_sentences(void **state) {
    (void)state;
    static const struct {
        enum verdict verdict;
        int d, low, high;
        const char *language;
        bool phrases;
        enum tone tone;
        const char *word, *sentence;
    } table[] = {
        { VERDICT_NO_DIFFERENCE, 2, -5, 9, "da", true, TONE_NEUTRAL, "ingen reel forskel",
          "502 point, mellem 491 og 513. Der er ingen reel forskel til programmet (mellem −5 og +9 point)." },
        { VERDICT_NO_DIFFERENCE, -2, -9, 5, "en", true, TONE_NEUTRAL, "no real difference",
          "498 points, between 487 and 509. There is no real difference from the programme (between −9 and +5 points)." },
        { VERDICT_UNCLEAR, 6, -6, 18, "da", true, TONE_NEUTRAL, "kan ikke skelnes",
          "506 point, mellem 495 og 517. Skolen kan ikke skelnes fra programmet: Forskellen kan være tilfældig (mellem −6 "
          "og +18 point)." },
        { VERDICT_UNCLEAR, -6, -18, 6, "da", false, TONE_NEUTRAL, "kan ikke skelnes",
          "494 point, mellem 483 og 505. Skolen kan ikke skelnes fra programmet: Forskellen kan være tilfældig (mellem −18 "
          "og +6 point)." },
        { VERDICT_UNCLEAR, 0, -12, 12, "en", true, TONE_NEUTRAL, "cannot be told apart",
          "500 points, between 489 and 511. The school cannot be told apart from the programme: the difference may be "
          "chance (between −12 and +12 points)." },
        { VERDICT_VERY_SMALL, 7, 1, 13, "da", true, TONE_ABOVE, "meget lidt over",
          "507 point, mellem 496 og 518. Eleverne oplever mere ro og struktur i timerne end elever på samme klassetrin i "
          "programmet. Forskellen er meget lille: 7 point (mellem 1 og 13)." },
        { VERDICT_VERY_SMALL, -7, -13, -1, "en", true, TONE_BELOW, "very slightly below",
          "493 points, between 482 and 504. The pupils oplever mindre ro og struktur i timerne than pupils in the same "
          "grades in the programme. The difference is very small: 7 points (between 1 and 13)." },
        { VERDICT_SMALL, 15, 4, 26, "da", true, TONE_ABOVE, "lidt over",
          "515 point, mellem 504 og 526. Eleverne oplever mere ro og struktur i timerne end elever på samme klassetrin i "
          "programmet. Forskellen er lille: 15 point (mellem 4 og 26)." },
        { VERDICT_SMALL, -15, -26, -4, "da", false, TONE_BELOW, "lidt under",
          "485 point, mellem 474 og 496. Skolen ligger lidt under programmet på ro og struktur. Forskellen er lille: 15 "
          "point (mellem 4 og 26)." },
        { VERDICT_CLEAR, 30, 18, 42, "da", false, TONE_ABOVE, "tydeligt over",
          "530 point, mellem 519 og 541. Skolen ligger tydeligt over programmet på ro og struktur. Forskellen er tydelig: "
          "30 point (mellem 18 og 42)." },
        { VERDICT_CLEAR, -30, -42, -18, "da", true, TONE_BELOW, "tydeligt under",
          "470 point, mellem 459 og 481. Eleverne oplever mindre ro og struktur i timerne end elever på samme klassetrin i "
          "programmet. Forskellen er tydelig: 30 point (mellem 18 og 42)." },
        { VERDICT_CLEAR, -28, -57, 0, "da", true, TONE_BELOW, "tydeligt under",
          "472 point, mellem 461 og 483. Eleverne oplever mindre ro og struktur i timerne end elever på samme klassetrin i "
          "programmet. Forskellen er tydelig: 28 point (mellem lidt over 0 og 57)." },
        { VERDICT_CLEAR, -30, -42, -18, "en", false, TONE_BELOW, "clearly below",
          "470 points, between 459 and 481. The school lies clearly below the programme on order. The difference is clear: "
          "30 points (between 18 and 42)." },
        { VERDICT_LARGE, 52, 40, 64, "da", true, TONE_ABOVE, "langt over",
          "552 point, mellem 541 og 563. Eleverne oplever mere ro og struktur i timerne end elever på samme klassetrin i "
          "programmet. Forskellen er stor: 52 point (mellem 40 og 64)." },
        { VERDICT_LARGE, -52, -64, -40, "en", false, TONE_BELOW, "far below",
          "448 points, between 437 and 459. The school lies far below the programme on order. The difference is large: 52 "
          "points (between 40 and 64)." },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct frozen *f = one_scale(table[i].verdict, table[i].d, table[i].low, table[i].high, table[i].phrases);
        const struct dot_row *row = block_of(build(f, table[i].language, false), BLOCK_DOTS)->dots->rows;
        assert_string_equal(row->word, table[i].word);
        assert_string_equal(row->sentence, table[i].sentence);
        assert_int_equal(row->tone, table[i].tone);
    }
}

static void test_a_second_comparison_is_short(void **state) {
    (void)state;
    static const struct {
        enum verdict verdict;
        int d, low, high;
        const char *end;
    } table[] = {
        { VERDICT_CLEAR, 28, 17, 39, " Sammenlignet med kommunen ligger skolen tydeligt over (28 point, mellem 17 og 39)." },
        { VERDICT_SMALL, -12, -20, -4, " Sammenlignet med kommunen ligger skolen lidt under (12 point, mellem 4 og 20)." },
        { VERDICT_UNCLEAR, 4, -8, 16, " Skolen kan ikke skelnes fra kommunen." },
        { VERDICT_NO_DIFFERENCE, 1, -6, 8, " Til kommunen er der ingen reel forskel." },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct frozen *f = one_scale(VERDICT_UNCLEAR, 6, -6, 18, true);
        f->scales[0].n_comparisons = 2;
        f->scales[0].comparisons[1] = (struct frozen_comparison){ .with = "municipality", .part = "all", .reference = 500,
            .difference = table[i].d, .low = table[i].low, .high = table[i].high, .verdict = table[i].verdict };
        const char *s = block_of(build(f, "da", false), BLOCK_DOTS)->dots->rows[0].sentence;
        assert_string_equal(s + strlen(s) - strlen(table[i].end), table[i].end);
    }
}

static void test_titles_are_findings(void **state) {
    (void)state;
    struct frozen *school = fixture_frozen(arena, "school");
    assert_string_equal(block_of(build(school, "da", false), BLOCK_DOTS)->dots->title,
        "Over programmet på klassefællesskab, lærernes støtte og medbestemmelse, under på ro og struktur");
    assert_string_equal(block_of(build(school, "en", false), BLOCK_DOTS)->dots->title,
        "Above the programme on peer relations, teacher support and voice, below on order");
    for (size_t i = 0; i < FIXTURE_SCALES; i++) school->scales[i].comparisons[0].verdict = VERDICT_UNCLEAR;
    assert_string_equal(block_of(build(school, "da", false), BLOCK_DOTS)->dots->title,
        "Skolen skiller sig ikke ud fra programmet på nogen af de ni skalaer");
    for (size_t i = 0; i < FIXTURE_SCALES; i++) {
        school->scales[i].comparisons[0].verdict = VERDICT_LARGE;
        school->scales[i].comparisons[0].difference = i < 6 ? 41 : -41;
    }
    assert_string_equal(block_of(build(school, "da", false), BLOCK_DOTS)->dots->title,
        "Over programmet på seks af ni skalaer, under på motivation og indsats, på faglig selvtillid og på medbestemmelse");
    assert_string_equal(block_of(build(fixture_frozen(arena, "programme"), "da", false), BLOCK_DOTS)->dots->title,
        "Programmet ligger på 500 point på alle ni skalaer");
    assert_string_equal(block_of(build(fixture_frozen(arena, "school"), "da", false), BLOCK_SHARES)->shares->title,
        "Mobning: 76 til 82\u00A0% svarer »Aldrig«");
}

/* Largest first, above before below, then what does not stand out; three to five. */
static void test_findings(void **state) {
    (void)state;
    struct frozen *f = fixture_frozen(arena, "school");
    const struct block *b = block_of(build(f, "da", false), BLOCK_FINDINGS);
    static const char *const tags[] = { "Tydeligt over programmet", "Tydeligt over programmet", "Tydeligt under programmet",
                                        "Kan ikke skelnes fra programmet", "Ingen reel forskel til programmet" };
    static const char *const numbers[] = { "534", "521", "471", "3", "2" };
    assert_int_equal(b->n_findings, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(b->findings[i].tag, tags[i]);
        assert_string_equal(b->findings[i].number, numbers[i]);
    }
    static const char *const kinds[] = { "programme", "municipality", "school", "class" };
    for (size_t k = 0; k < 4; k++) {
        f = fixture_frozen(arena, kinds[k]);
        for (size_t i = 0; i < FIXTURE_SCALES && k; i++) f->scales[i].comparisons[0].verdict = VERDICT_UNCLEAR;
        b = block_of(build(f, "da", false), BLOCK_FINDINGS);
        assert_in_range(b->n_findings, k == 3 ? 2 : 3, 5);
    }
}

static bool says(const struct document *d, const char *text) {
    for (const struct block *b = d->first; b; b = b->next) {
        for (const struct run *r = b->runs; r; r = r->next)
            if (strstr(r->text, text)) return true;
        for (size_t i = 0; i < b->n_findings; i++)
            if (b->findings[i].number && strstr(b->findings[i].number, text)) return true;
        for (size_t i = 0; b->dots && i < b->dots->n_rows; i++)
            if (strstr(b->dots->rows[i].name, text) ||
                (b->dots->rows[i].sentence && strstr(b->dots->rows[i].sentence, text))) return true;
        for (size_t i = 0; b->table && i < b->table->n_rows * b->table->n_columns; i++)
            if (strstr(b->table->cells[i], text)) return true;
    }
    return false;
}

static void test_a_leader_does_not_see_teaching(void **state) {
    (void)state;
    struct frozen *f = fixture_frozen(arena, "class");
    const struct document *team = build(f, "da", false), *leader = build(f, "da", true);
    static const char *const hidden[] = { "Lærernes støtte", "Ro og struktur", "Feedback og mål", "534", "471" };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        assert_true(says(team, hidden[i]));
        assert_false(says(leader, hidden[i]));
    }
    assert_true(says(leader, "hører til klassens team"));
    assert_false(says(team, "hører til klassens team"));
    assert_true(says(leader, "Klassefællesskab"));
}

static void test_what_is_hidden_is_said_and_not_shown(void **state) {
    (void)state;
    struct frozen *f = fixture_frozen(arena, "school");
    fixture_hide(&f->scales[4]);
    const struct dot_chart *chart = block_of(build(f, "da", false), BLOCK_DOTS)->dots;
    assert_false(chart->rows[4].shown);
    assert_string_equal(chart->rows[4].why, "For få svar til at vise");
    assert_null(chart->rows[4].value_text);
    for (size_t i = 0; i < f->n_scales; i++) fixture_hide(&f->scales[i]);
    f->responses[0].shown = false;
    const struct document *d = build(f, "da", false);
    assert_null(block_of(d, BLOCK_DOTS));
    assert_null(block_of(d, BLOCK_FINDINGS));
    assert_string_equal(d->summary->text, "For få har svaret til, at resultater kan vises.");
}

/* A class reads what it answered before what is more than chance; others read the findings first. */
static void test_order_of_the_page(void **state) {
    (void)state;
    static const struct { const char *kind; enum block_kind first, later; } table[] = {
        { "class", BLOCK_DOTS, BLOCK_FINDINGS }, { "school", BLOCK_FINDINGS, BLOCK_DOTS },
    };
    for (size_t i = 0; i < 2; i++) {
        const struct block *b = block_of(build(fixture_frozen(arena, table[i].kind), "da", false), table[i].first);
        while (b && b->kind != table[i].later) b = b->next;
        assert_non_null(b);
        while (b->next) b = b->next;
        assert_int_equal(b->kind, BLOCK_NEXT);
        assert_int_equal(b->n_points, 4);
    }
}

static void test_summary_and_numbers_in_danish(void **state) {
    (void)state;
    struct document *d = build(fixture_frozen(arena, "programme"), "da", false);
    assert_string_equal(runs_text(d, d->summary), "57.402 af 63.120 elever svarede (91\u00A0%).");
    d = build(fixture_frozen(arena, "programme"), "en", false);
    assert_string_equal(runs_text(d, d->summary), "57,402 of 63,120 pupils answered (91%).");
}

static void test_names_are_not_patterns(void **state) {
    (void)state;
    struct frozen *f = one_scale(VERDICT_CLEAR, 30, 18, 42, false);
    f->scales[0].name = fixture_text("**Ro** {n} \\og", NULL);
    const struct dot_row *row = block_of(build(f, "da", false), BLOCK_DOTS)->dots->rows;
    assert_non_null(strstr(row->sentence, "på **Ro** {n} \\og."));
}

static void test_units_below_keep_their_order(void **state) {
    (void)state;
    const struct block *b = block_of(build(fixture_frozen(arena, "school"), "da", false), BLOCK_LINKS);
    static const char *const names[] = { "4.A", "4.B", "5.A", "5.B", "6.A", "10.A" };
    assert_int_equal(b->n_links, 6);
    for (size_t i = 0; i < 6; i++) assert_string_equal(b->links[i].text, names[i]);
    assert_string_equal(b->links[5].href, "/unit/105");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_and_sentences),
        cmocka_unit_test(test_a_second_comparison_is_short),
        cmocka_unit_test(test_titles_are_findings),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_a_leader_does_not_see_teaching),
        cmocka_unit_test(test_what_is_hidden_is_said_and_not_shown),
        cmocka_unit_test(test_order_of_the_page),
        cmocka_unit_test(test_summary_and_numbers_in_danish),
        cmocka_unit_test(test_names_are_not_patterns),
        cmocka_unit_test(test_units_below_keep_their_order),
    };
    return cmocka_run_group_tests_name("profile", tests, start, stop);
}

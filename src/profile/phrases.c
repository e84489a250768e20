/* The sentences of a profile. Each stands once, as a msgid with its Danish in po/da/profile.po; the
 * words for a difference follow docs/methods.md ("Comparisons and words") and come from the frozen
 * verdict alone. */
#include "profile/builder.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_MAX = 64 * 1024 };

const char *say(const struct builder *b, const char *msgid, const struct arg *args, size_t n_args) {
    struct text text = text_new(b->document->arena, SENTENCE_MAX);
    i18n_fill(b->language, &text, i18n_text(b->language, msgid), args, n_args);
    if (!text_ok(&text)) b->document->failed = true;
    return text_string(&text);
}

const char *plain(const struct builder *b, const char *msgid) {
    return i18n_text(b->language, msgid);
}

/* ---- the tables ---- */

static const struct {
    const char *above, *below, *size;
    bool flagged;
} verdicts[] = {
    [VERDICT_NO_DIFFERENCE] = { N_("no real difference"), N_("no real difference"), NULL, false },
    [VERDICT_UNCLEAR] = { N_("cannot be told apart"), N_("cannot be told apart"), NULL, false },
    [VERDICT_VERY_SMALL] = { N_("very slightly above"), N_("very slightly below"), N_("very small"),
                             true },
    [VERDICT_SMALL] = { N_("slightly above"), N_("slightly below"), N_("small"), true },
    [VERDICT_CLEAR] = { N_("clearly above"), N_("clearly below"), N_("clear"), true },
    [VERDICT_LARGE] = { N_("far above"), N_("far below"), N_("large"), true },
};

/* What stands for a word of the frozen data; the last row is for one that is not known. */
struct noun {
    const char *code, *the, *plural, *extra;
};
static const struct noun units[] = {
    { "programme", N_("the programme"), N_("programmes"), NULL },
    { "municipality", N_("the municipality"), N_("municipalities"), NULL },
    { "institution", N_("the institution"), N_("institutions"), NULL },
    { "school", N_("the school"), N_("schools"), NULL },
    { "class", N_("the class"), N_("classes"), NULL },
    { NULL, N_("the group"), N_("groups"), NULL },
};
/* extra: where the others are, "end elever … i programmet". */
static const struct noun references[] = {
    { "programme", N_("the programme"), NULL, N_("in the programme") },
    { "municipality", N_("the municipality"), NULL, N_("in the municipality") },
    { "institution", N_("the institution"), NULL, N_("at the institution") },
    { "school", N_("the school"), NULL, N_("at the school") },
    { "similar", N_("schools with similar pupils"), NULL, N_("at schools with similar pupils") },
    { NULL, N_("the others"), NULL, N_("elsewhere") },
};
/* extra: the heading of the group's section. */
static const struct noun respondents[] = {
    { "pupil_young", N_("the youngest pupils"), N_("young pupils"),
      N_("The youngest pupils’ answers") },
    { "pupil", N_("the pupils"), N_("pupils"), N_("The pupils’ answers") },
    { "class_teacher", N_("the class teachers"), N_("class teachers"),
      N_("The class teachers’ ratings") },
    { "parent", N_("the parents"), N_("parents"), N_("The parents’ answers") },
    { "teacher", N_("the teachers"), N_("teachers"), N_("The teachers’ answers") },
    { "pedagogue", N_("the pedagogues"), N_("pedagogues"), N_("The pedagogues’ answers") },
    { "leader", N_("the leaders"), N_("leaders"), N_("The leaders’ answers") },
    { NULL, N_("those asked"), N_("people"), N_("The answers") },
};

static const struct noun *find(const struct noun *nouns, const char *code) {
    while (nouns->code && strcmp(nouns->code, code) != 0) nouns++;
    return nouns;
}

const char *unit_the(const struct builder *b, const char *kind) {
    return plain(b, find(units, kind)->the);
}
const char *unit_plural(const struct builder *b, const char *kind) {
    return plain(b, find(units, kind)->plural);
}
const char *reference_the(const struct builder *b, const char *with) {
    return plain(b, find(references, with)->the);
}
const char *respondent_the(const struct builder *b, const char *respondent) {
    return plain(b, find(respondents, respondent)->the);
}
const char *respondent_plural(const struct builder *b, const char *respondent) {
    return plain(b, find(respondents, respondent)->plural);
}
const char *respondent_heading(const struct builder *b, const char *respondent) {
    return plain(b, find(respondents, respondent)->extra);
}

const char *count_word(const struct builder *b, size_t n) {
    static const char *const words[] = {
        N_("none"),  N_("one"),   N_("two"),  N_("three"), N_("four"),   N_("five"),   N_("six"),
        N_("seven"), N_("eight"), N_("nine"), N_("ten"),   N_("eleven"), N_("twelve"),
    };
    if (n < sizeof words / sizeof *words) return plain(b, words[n]);
    return whole(b, (int)n);
}

/* ---- letters, lists and numbers ---- */

static const char *copy(const struct builder *b, struct text *text) {
    if (!text_ok(text)) b->document->failed = true;
    return text_string(text);
}

/* The first letter in the other case: a–z and the letters of Latin-1 (æ ø å é ü). */
static const char *change_first(const struct builder *b, const char *string, bool upper) {
    const char *rest = string;
    uint32_t c = text_next(&rest);
    uint32_t low = upper ? 'a' : 'A', high = upper ? 'z' : 'Z';
    bool latin = upper ? c >= 0xE0 && c <= 0xFE && c != 0xF7 : c >= 0xC0 && c <= 0xDE && c != 0xD7;
    if (!(c >= low && c <= high) && !latin) return string;
    char letter[4];
    size_t n = text_encode(upper ? c - 32 : c + 32, letter);
    struct text out = text_new(b->document->arena, SENTENCE_MAX);
    text_add_bytes(&out, letter, n);
    text_add(&out, rest);
    return copy(b, &out);
}

const char *upper_first(const struct builder *b, const char *text) {
    return change_first(b, text, true);
}

const char *lower_first(const struct builder *b, const char *text) {
    const char *rest = text;
    text_next(&rest);
    uint32_t second = text_next(&rest);
    bool word = (second >= 'a' && second <= 'z') || (second >= 0xDF && second <= 0xFF);
    return word ? change_first(b, text, false) : text;
}

const char *list_of(const struct builder *b, const char *const *items, size_t n) {
    struct text out = text_new(b->document->arena, SENTENCE_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) text_add(&out, i + 1 < n ? ", " : plain(b, N_(" and ")));
        text_add(&out, items[i]);
    }
    return copy(b, &out);
}

static const char *in_arena(const struct builder *b, const char *text) {
    struct text out = text_new(b->document->arena, SENTENCE_MAX);
    text_add(&out, text);
    return copy(b, &out);
}

const char *whole(const struct builder *b, int number) {
    char out[NUMBER_MAX];
    return in_arena(b, i18n_number(b->language, number, 0, out));
}

const char *signed_whole(const struct builder *b, int number) {
    char out[NUMBER_MAX], with_sign[NUMBER_MAX + 1];
    snprintf(with_sign, sizeof with_sign, "%s%s", number > 0 ? "+" : "",
             i18n_number(b->language, number, 0, out));
    return in_arena(b, with_sign);
}

const char *percent(const struct builder *b, int whole_percent) {
    char out[NUMBER_MAX];
    return in_arena(b, i18n_percent(b->language, whole_percent / 100.0, out));
}

/* ---- a difference in words ---- */

bool verdict_flagged(enum verdict verdict) { return verdicts[verdict].flagged; }

enum tone verdict_tone(const struct frozen_comparison *c) {
    if (!verdict_flagged(c->verdict)) return TONE_NEUTRAL;
    return c->difference < 0 ? TONE_BELOW : TONE_ABOVE;
}

const char *verdict_word(const struct builder *b, const struct frozen_comparison *c) {
    return plain(b, c->difference < 0 ? verdicts[c->verdict].below : verdicts[c->verdict].above);
}

const char *verdict_tag(const struct builder *b, const struct frozen_comparison *c) {
    const char *pattern = c->verdict == VERDICT_NO_DIFFERENCE ? N_("no real difference from {with}")
                          : c->verdict == VERDICT_UNCLEAR ? N_("cannot be told apart from {with}")
                                                          : N_("{word} {with}");
    return upper_first(b, SAY(b, pattern, ARG_TEXT("word", verdict_word(b, c)),
                              ARG_TEXT("with", reference_the(b, c->with))));
}

/* "elever på samme klassetrin i programmet": references are standardised to the pupils' grades. */
static const char *the_others(const struct builder *b, const struct frozen_scale *scale,
                              const char *with) {
    bool pupils = strncmp(scale->respondent, "pupil", 5) == 0 ||
                  strcmp(scale->respondent, "class_teacher") == 0;
    return SAY(b,
               pupils ? N_("{respondents} in the same grades {where}")
                      : N_("{respondents} {where} as a whole"),
               ARG_TEXT("respondents", respondent_plural(b, scale->respondent)),
               ARG_TEXT("where", plain(b, find(references, with)->extra)));
}

const char *verdict_finding(const struct builder *b, const struct frozen_scale *scale,
                            const struct frozen_comparison *c) {
    const char *phrase = frozen_text(c->difference < 0 ? &scale->below : &scale->above, b->tag);
    if (*phrase)
        return SAY(b, N_("{Respondents} **{phrase}** than {others}."),
                   ARG_TEXT("Respondents", upper_first(b, respondent_the(b, scale->respondent))),
                   ARG_TEXT("phrase", document_escape(b->document, phrase)),
                   ARG_TEXT("others", the_others(b, scale, c->with)));
    return SAY(
        b, N_("{Unit} lies **{word} {with}** on {scale}."),
        ARG_TEXT("Unit", upper_first(b, unit_the(b, b->frozen->unit.kind))),
        ARG_TEXT("word", verdict_word(b, c)), ARG_TEXT("with", reference_the(b, c->with)),
        ARG_TEXT("scale", document_escape(b->document, lower_first(b, scale_name(b, scale)))));
}

/* The bounds of a difference. Of a flagged one without its sign, since words carry the direction;
 * there a bound that is 0 in whole points was on this side of it before it was rounded, and the
 * words must not say else. */
static const char *low_bound(const struct builder *b, const struct frozen_comparison *c) {
    if (!verdict_flagged(c->verdict)) return signed_whole(b, c->low);
    int low = c->difference < 0 ? -c->high : c->low;
    return low <= 0 ? plain(b, N_("just over 0")) : whole(b, low);
}
static const char *high_bound(const struct builder *b, const struct frozen_comparison *c) {
    if (!verdict_flagged(c->verdict)) return signed_whole(b, c->high);
    return whole(b, c->difference < 0 ? -c->low : c->high);
}

/* The whole comparison in a sentence or two; short: it follows another. */
static const char *comparison_sentence(const struct builder *b, const struct frozen_scale *scale,
                                       const struct frozen_comparison *c, bool is_short) {
    const char *with = reference_the(b, c->with), *unit = unit_the(b, b->frozen->unit.kind);
    const struct arg args[] = {
        ARG_TEXT("Unit", upper_first(b, unit)),
        ARG_TEXT("unit", unit),
        ARG_TEXT("with", with),
        ARG_TEXT("word", verdict_word(b, c)),
        ARG_TEXT("size", verdict_flagged(c->verdict) ? plain(b, verdicts[c->verdict].size) : ""),
        ARG_TEXT("d", whole(b, abs(c->difference))),
        ARG_TEXT("low", low_bound(b, c)),
        ARG_TEXT("high", high_bound(b, c)),
    };
    static const char *const patterns[3][2] = {
        { N_("There is **no real difference** from {with} (between {low} and {high} points)."),
          N_("From {with} there is no real difference.") },
        { N_("{Unit} **cannot be told apart** from {with}: the difference may be chance (between "
             "{low} and {high} "
             "points)."),
          N_("{Unit} cannot be told apart from {with}.") },
        { N_("The difference is {size}: {d} points (between {low} and {high})."),
          N_("Compared with {with}, {unit} lies {word} ({d} points, between {low} and {high}).") },
    };
    size_t row = c->verdict == VERDICT_NO_DIFFERENCE ? 0 : c->verdict == VERDICT_UNCLEAR ? 1 : 2;
    const char *sentence = say(b, patterns[row][is_short], args, sizeof args / sizeof *args);
    if (row < 2 || is_short) return sentence;
    return SAY(b, N_("{finding} {size}"), ARG_TEXT("finding", verdict_finding(b, scale, c)),
               ARG_TEXT("size", sentence));
}

const char *scale_statement(const struct builder *b, const struct frozen_scale *scale,
                            const struct frozen_part *part) {
    struct text out = text_new(b->document->arena, SENTENCE_MAX);
    text_add(&out, SAY(b, N_("{mean} points, between {low} and {high}."),
                       ARG_TEXT("mean", whole(b, part->mean)), ARG_TEXT("low", whole(b, part->low)),
                       ARG_TEXT("high", whole(b, part->high))));
    const struct frozen_comparison *first = main_comparison(scale);
    if (first) {
        text_add(&out, " ");
        text_add(&out, comparison_sentence(b, scale, first, false));
    }
    for (size_t i = 0; i < scale->n_comparisons; i++) {
        const struct frozen_comparison *c = &scale->comparisons[i];
        if (c == first || strcmp(c->part, "all") != 0) continue;
        text_add(&out, " ");
        text_add(&out, comparison_sentence(b, scale, c, true));
    }
    return copy(b, &out);
}

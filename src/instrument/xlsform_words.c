/* Conditions and languages as XLSForms write them. */
#include "base/arena.h"
#include "base/text.h"
#include "instrument/xlsform.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

enum { WORD_ROOM = 128, TEXT_ROOM = 64 * 1024 };

enum { PARENTHESES_MAX = 32 };

struct reader {
    const char *at;
    struct arena *arena;
    int depth;
};

static const struct relevant ALWAYS = { .grade_from = -1, .grade_to = -1 };

static void skip(struct reader *r) { r->at += strspn(r->at, " \t\r\n"); }

/* A sign or a word, when it comes next. */
static bool take(struct reader *r, const char *word) {
    size_t n = strlen(word);
    skip(r);
    if (strncasecmp(r->at, word, n) != 0) return false;
    if (isalpha((unsigned char)*word) && (isalnum((unsigned char)r->at[n]) || r->at[n] == '_'))
        return false;
    r->at += n;
    return true;
}

/* Up to the sign end, which is taken too. */
static const char *take_until(struct reader *r, char end) {
    const char *stop = strchr(r->at, end);
    if (!stop || stop == r->at) return NULL;
    const char *word = arena_copy_bytes(r->arena, r->at, (size_t)(stop - r->at));
    r->at = stop + 1;
    return word;
}

static const char *take_literal(struct reader *r) {
    skip(r);
    char quote = *r->at;
    if (quote == '\'' || quote == '"') {
        r->at++;
        return take_until(r, quote);
    }
    size_t n = strspn(r->at, "-0123456789");
    if (strncmp(r->at, "true", 4) == 0) n = 4;
    if (strncmp(r->at, "false", 5) == 0) n = 5;
    if (n == 0) return NULL;
    const char *word = arena_copy_bytes(r->arena, r->at, n);
    r->at += n;
    return word;
}

static bool add_answer(struct relevant *out, const char *item, const char *code) {
    if (!item || !code || out->answer.n == CATEGORIES_MAX) return false;
    out->answer.item = item;
    out->answer.codes[out->answer.n++] = code;
    return true;
}

static bool add_grade(struct relevant *out, const char *sign, const char *literal) {
    long long grade;
    if (!literal || !text_to_int(literal, 0, GRADE_MAX, &grade)) return false;
    if (*sign != '<') out->grade_from = (int)grade;
    if (*sign != '>') out->grade_to = (int)grade;
    return true;
}

/* ${q} = 'a', ${q} anyof ['a', 'b'], selected(${q}, 'a'), ${laerke_grade} >= 2 */
static bool comparison(struct reader *r, struct relevant *out) {
    static const char *const signs[] = { ">=", "<=", "==", "=" };
    if (take(r, "selected")) {
        const char *item = take(r, "(") && take(r, "${") ? take_until(r, '}') : NULL;
        const char *code = item && take(r, ",") ? take_literal(r) : NULL;
        return take(r, ")") && add_answer(out, item, code);
    }
    const char *item = take(r, "${") ? take_until(r, '}') : NULL;
    if (!item) return false;
    if (take(r, "anyof")) {
        if (!take(r, "[")) return false;
        do {
            if (!add_answer(out, item, take_literal(r))) return false;
        } while (take(r, ","));
        return take(r, "]");
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!take(r, signs[i])) continue;
        if (strcmp(item, XLSFORM_GRADE) == 0) return add_grade(out, signs[i], take_literal(r));
        return *signs[i] == '=' && add_answer(out, item, take_literal(r));
    }
    return false;
}

static bool either(struct reader *r, struct relevant *out);

static bool single(struct reader *r, struct relevant *out) {
    *out = ALWAYS;
    if (!take(r, "(")) return comparison(r, out);
    if (++r->depth > PARENTHESES_MAX || !either(r, out)) return false;
    r->depth--;
    return take(r, ")");
}

/* Of answers to earlier questions, one may be asked for. */
static bool both(struct reader *r, struct relevant *out) {
    struct relevant other;
    if (!single(r, out)) return false;
    while (take(r, "and")) {
        if (!single(r, &other) || (out->answer.n && other.answer.n)) return false;
        if (other.answer.n) out->answer = other.answer;
        if (other.grade_from > out->grade_from) out->grade_from = other.grade_from;
        if (other.grade_to >= 0 && (out->grade_to < 0 || other.grade_to < out->grade_to))
            out->grade_to = other.grade_to;
    }
    return true;
}

/* Several answers, but to one question. */
static bool either(struct reader *r, struct relevant *out) {
    struct relevant other;
    if (!both(r, out)) return false;
    while (take(r, "or")) {
        if (!both(r, &other) || other.answer.n == 0 || out->answer.n == 0 ||
            other.grade_from >= 0 || other.grade_to >= 0 || out->grade_from >= 0 ||
            out->grade_to >= 0 || strcmp(other.answer.item, out->answer.item) != 0)
            return false;
        for (size_t i = 0; i < other.answer.n; i++)
            if (!add_answer(out, out->answer.item, other.answer.codes[i])) return false;
    }
    return true;
}

bool xlsform_relevant(const char *expression, struct arena *arena, struct relevant *out) {
    struct reader r = { .at = expression, .arena = arena };
    if (!either(&r, out)) return false;
    skip(&r);
    if (out->grade_from >= 0 && out->grade_to < 0) out->grade_to = GRADE_MAX;
    if (out->grade_to >= 0 && out->grade_from < 0) out->grade_from = 0;
    return !*r.at && out->grade_from <= out->grade_to;
}

static const struct {
    const char *tag, *name, *english;
} LANGUAGES[] = {
    { "da", "Dansk", "Danish" },     { "en", "English", "English" },
    { "ar", "العربية", "Arabic" },   { "tr", "Türkçe", "Turkish" },
    { "de", "Deutsch", "German" },   { "sv", "Svenska", "Swedish" },
    { "no", "Norsk", "Norwegian" },  { "nb", "Norsk bokmål", "Bokmål" },
    { "fr", "Français", "French" },  { "es", "Español", "Spanish" },
    { "pl", "Polski", "Polish" },    { "uk", "Українська", "Ukrainian" },
    { "so", "Soomaali", "Somali" },  { "fa", "فارسی", "Persian" },
    { "ur", "اردو", "Urdu" },        { "kl", "Kalaallisut", "Greenlandic" },
    { "fo", "Føroyskt", "Faroese" }, { "ro", "Română", "Romanian" },
};
enum { LANGUAGES_KNOWN = sizeof LANGUAGES / sizeof *LANGUAGES };

const char *xlsform_language(const char *tag, struct arena *arena) {
    struct text text = text_new(arena, WORD_ROOM);
    const char *name = tag;
    for (size_t i = 0; i < LANGUAGES_KNOWN; i++)
        if (strcmp(LANGUAGES[i].tag, tag) == 0) name = LANGUAGES[i].name;
    text_addf(&text, "%s (%s)", name, tag);
    return text_string(&text);
}

const char *xlsform_tag(const char *language, struct arena *arena) {
    size_t length = strlen(language);
    const char *open = strrchr(language, '(');
    if (open && length && language[length - 1] == ')')
        return arena_copy_bytes(arena, open + 1, (size_t)(language + length - 1 - (open + 1)));
    for (size_t i = 0; i < LANGUAGES_KNOWN; i++)
        if (strcasecmp(LANGUAGES[i].name, language) == 0 ||
            strcasecmp(LANGUAGES[i].english, language) == 0)
            return LANGUAGES[i].tag;
    return length == 2 && islower((unsigned char)language[0]) && islower((unsigned char)language[1])
               ? language
               : NULL;
}

const char *xlsform_exchange(const char *text, const char *from, const char *to,
                             struct arena *arena) {
    struct text out = text_new(arena, TEXT_ROOM);
    if (!text || !strstr(text, from)) return text;
    for (const char *at; (at = strstr(text, from)) != NULL; text = at + strlen(from)) {
        text_add_bytes(&out, text, (size_t)(at - text));
        text_add(&out, to);
    }
    text_add(&out, text);
    return text_string(&out);
}

#include "base/arena.h"
#include "base/text.h"
#include "instrument/draft.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { TEXT_ROOM = 64 * 1024, TAG_ROOM = 32, ENTITY_ROOM = 12 };

static bool among(const char *word, const char *const *words) {
    for (size_t i = 0; words[i]; i++)
        if (strcasecmp(words[i], word) == 0) return true;
    return false;
}

/* The name of the tag that begins at "<", without "/"; false when it is no tag. */
static bool tag_name(const char *at, char name[TAG_ROOM]) {
    size_t n = 0;
    for (at += at[1] == '/' ? 2 : 1; isalnum((unsigned char)*at) && n < TAG_ROOM - 1; at++)
        name[n++] = *at;
    name[n] = '\0';
    return n > 0;
}

/* Behind the tag; a script's or a style's contents are no text. */
static const char *behind(const char *at, const char *name) {
    const char *end = strchr(at, '>');
    if (!end) return at + strlen(at);
    if (at[1] == '/' || (strcasecmp(name, "script") != 0 && strcasecmp(name, "style") != 0))
        return end + 1;
    size_t length = strlen(name);
    while (*end && !(end[0] == '<' && end[1] == '/' && strncasecmp(end + 2, name, length) == 0))
        end++;
    return end;
}

/* "&amp;", "&#248;", "&#xf8;" decoded into out; the length of what it was written as, or 0. */
static size_t entity(const char *at, char out[5]) {
    static const struct {
        const char *name;
        uint32_t point;
    } known[] = {
        { "amp", '&' },      { "lt", '<' },       { "gt", '>' },        { "quot", '"' },
        { "apos", '\'' },    { "nbsp", ' ' },     { "aelig", 0xE6 },    { "oslash", 0xF8 },
        { "aring", 0xE5 },   { "AElig", 0xC6 },   { "Oslash", 0xD8 },   { "Aring", 0xC5 },
        { "eacute", 0xE9 },  { "ouml", 0xF6 },    { "auml", 0xE4 },     { "uuml", 0xFC },
        { "ndash", 0x2013 }, { "mdash", 0x2014 }, { "hellip", 0x2026 }, { "rsquo", 0x2019 },
        { "laquo", 0xAB },   { "raquo", 0xBB },
    };
    char name[ENTITY_ROOM];
    const char *end = strchr(at, ';');
    uint32_t point = 0;
    if (!end || end - at < 2 || end - at > ENTITY_ROOM) return 0;
    memcpy(name, at + 1, (size_t)(end - at - 1));
    name[end - at - 1] = '\0';
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0) point = known[i].point;
    if (*name == '#') {
        bool hex = name[1] == 'x' || name[1] == 'X';
        for (const char *d = name + (hex ? 2 : 1);
             *d && isxdigit((unsigned char)*d) && point < 0x110000; d++)
            point = point * (hex ? 16 : 10) +
                    (uint32_t)(isdigit((unsigned char)*d) ? *d - '0' : (*d | 32) - 'a' + 10);
    }
    if (point < ' ' || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return 0;
    out[text_encode(point, out)] = '\0';
    return (size_t)(end - at + 1);
}

/* Blanks wait until a word follows; a paragraph's end is a line's. */
struct plain {
    struct text text;
    bool blank, line;
};

static void add(struct plain *p, const char *bytes, size_t n) {
    if (p->text.length && p->line)
        text_add_char(&p->text, '\n');
    else if (p->text.length && p->blank)
        text_add_char(&p->text, ' ');
    p->blank = p->line = false;
    text_add_bytes(&p->text, bytes, n);
}

const char *draft_plain(struct draft *draft, int line, const char *html) {
    static const char *const silent[] = { "p", "br", "span", "div", NULL };
    static const char *const lines[] = { "p", "br", "div", "li", NULL };
    struct plain p = { .text = text_new(draft->arena, TEXT_ROOM) };
    char name[TAG_ROOM], letter[5];
    const char *next;
    for (const char *at = html; *at; at = next) {
        size_t n;
        next = at + 1;
        if (*at == '<' && tag_name(at, name)) {
            next = behind(at, name);
            p.line = p.line || among(name, lines);
            if (at[1] != '/' && !among(name, silent)) {
                struct text tag = text_new(draft->arena, TAG_ROOM + 2);
                text_addf(&tag, "<%s>", name);
                leave_thing(draft, line, text_string(&tag), "HTML");
            }
        } else if (*at == '&' && (n = entity(at, letter)) > 0) {
            next = at + n;
            if (*letter == ' ')
                p.blank = true;
            else
                add(&p, letter, strlen(letter));
        } else if (isspace((unsigned char)*at)) {
            p.blank = true;
        } else {
            add(&p, at, 1);
        }
    }
    const char *text = text_string(&p.text);
    if (strchr(text, '{')) leave_quote(draft, line, text);
    return text;
}

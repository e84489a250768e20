/* Danish order after DS 377 and CLDR's "da": blanks and marks, digits, a … z æ ø å; ä as æ, ö as ø,
 * ü as y, aa as å, other accents as their letter. Only where two strings are alike in all that do
 * accents decide, then capitals (first), then bytes. */
#include "i18n/i18n.h"

#include "i18n/language.h"

#include <stdint.h>
#include <string.h>

enum { RANK_DIGITS = 0x100, RANK_LETTERS = 0x200, RANK_AE = RANK_LETTERS + 30, RANK_OE, RANK_AA,
       RANK_OTHERS = 0x1000 };

struct key {
    uint32_t rank;
    int accent, lower;
    const char *digits; /* a run of digits without leading zeros … */
    size_t n_digits;
};

/* The plain letters under U+00C0 to U+017F; a blank where there is none. */
static const char plain_letters[] =
    "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTsaaaaaaaceeeeiiiidnooooo ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLl"
    "NnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
_Static_assert(sizeof plain_letters == 0x180 - 0xC0 + 1, "one letter a code point");

static const struct special {
    uint32_t upper, lower, rank;
    int accent;
} danish[] = {
    { 0xC6, 0xE6, RANK_AE, 0 }, { 0xC4, 0xE4, RANK_AE, 1 },                { 0xD8, 0xF8, RANK_OE, 0 },
    { 0xD6, 0xF6, RANK_OE, 1 }, { 0x150, 0x151, RANK_OE, 2 },              { 0xC5, 0xE5, RANK_AA, 0 },
    { 0xDC, 0xFC, RANK_LETTERS + 'y' - 'a', 1 }, { 0x170, 0x171, RANK_LETTERS + 'y' - 'a', 2 },
};

static bool letter_key(const struct language *language, uint32_t c, struct key *key) {
    for (size_t i = 0; language->danish_order && i < sizeof danish / sizeof *danish; i++)
        if (c == danish[i].upper || c == danish[i].lower) {
            *key = (struct key){ danish[i].rank, danish[i].accent, c == danish[i].lower, NULL, 0 };
            return true;
        }
    uint32_t plain = c >= 0xC0 && c < 0x180 ? (unsigned char)plain_letters[c - 0xC0] : c;
    bool lower = plain >= 'a' && plain <= 'z', upper = plain >= 'A' && plain <= 'Z';
    if (!lower && !upper) return false;
    uint32_t letter = plain - (lower ? 'a' : 'A');
    *key = (struct key){ RANK_LETTERS + letter, plain == c ? 0 : (int)c, lower, NULL, 0 };
    return true;
}

static bool is_a(char c) { return c == 'a' || c == 'A'; }

/* The next thing that has a place in the order; rank 0 at the end. */
static struct key next_key(const struct language *language, const char **at) {
    const char *s = *at;
    struct key key = { 0 };
    if (*s == '\0') return key;
    if (*s >= '0' && *s <= '9') {
        while (*s == '0' && s[1] >= '0' && s[1] <= '9') s++;
        key = (struct key){ .rank = RANK_DIGITS, .digits = s };
        while (*s >= '0' && *s <= '9') s++;
        key.n_digits = (size_t)(s - key.digits);
        *at = s;
        return key;
    }
    if (language->danish_order && is_a(s[0]) && is_a(s[1])) {
        *at = s + 2;
        return (struct key){ .rank = RANK_AA, .accent = 1, .lower = s[0] == 'a' };
    }
    uint32_t c = text_next(at);
    if (!letter_key(language, c, &key)) key.rank = c < 0x80 ? c : RANK_OTHERS + c;
    return key;
}

static int compare_digits(const struct key *a, const struct key *b) {
    if (a->n_digits != b->n_digits) return a->n_digits < b->n_digits ? -1 : 1;
    return memcmp(a->digits, b->digits, a->n_digits);
}

int i18n_compare(const struct language *language, const char *a, const char *b) {
    const char *at_a = a, *at_b = b;
    int accent = 0, lower = 0;
    for (;;) {
        struct key x = next_key(language, &at_a), y = next_key(language, &at_b);
        if (x.rank != y.rank) return x.rank < y.rank ? -1 : 1;
        if (x.rank == 0) break;
        if (x.digits && y.digits) {
            int order = compare_digits(&x, &y);
            if (order != 0) return order;
        }
        if (accent == 0) accent = x.accent - y.accent;
        if (lower == 0) lower = x.lower - y.lower;
    }
    return accent ? accent : lower ? lower : strcmp(a, b);
}

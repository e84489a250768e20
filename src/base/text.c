#include "base/text.h"

#include "base/arena.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_new(struct arena *arena, size_t max) {
    return (struct text){ .arena = arena, .max = max };
}

/* Room for extra more bytes and the NUL. */
static bool reserve(struct text *text, size_t extra) {
    if (text->failed) return false;
    if (extra > text->max || text->length > text->max - extra) {
        text->failed = true;
        return false;
    }
    size_t need = text->length + extra + 1;
    if (need <= text->capacity) return true;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < need) capacity *= 2;
    char *bytes = arena_grow(text->arena, text->bytes, text->length, capacity, 1);
    if (!bytes) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length) {
    if (!reserve(text, length)) return;
    if (length) memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char c) { text_add_bytes(text, &c, 1); }

void text_addv(struct text *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        text->failed = true;
    } else if (reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void text_addf(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_addv(text, format, arguments);
    va_end(arguments);
}

bool text_ok(const struct text *text) { return !text->failed; }

const char *text_string(const struct text *text) { return text->bytes ? text->bytes : ""; }

bool text_cut(char *out, size_t size, const char *string) {
    static const char mark[] = "…";
    size_t length = strlen(string);
    if (length < size) {
        memcpy(out, string, length + 1);
        return true;
    }
    if (size < sizeof mark) {
        if (size) out[0] = '\0';
        return false;
    }
    size_t keep = size - sizeof mark;
    while (keep && ((unsigned char)string[keep] & 0xC0) == 0x80) keep--;
    memcpy(out, string, keep);
    memcpy(out + keep, mark, sizeof mark);
    return false;
}

/* Length of the sequence that starts at bytes, 0 when it is not valid UTF-8. */
static size_t sequence(const unsigned char *bytes, size_t left, uint32_t *code_point) {
    static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = bytes[0];
    size_t n = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3
             : first >= 0xF0 && first < 0xF5 ? 4 : 0;
    if (n == 0 || n > left) return 0;
    uint32_t c = n == 1 ? first : first & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((bytes[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (bytes[i] & 0x3Fu);
    }
    if (c < lowest[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0;
    *code_point = c;
    return n;
}

bool text_is_utf8(const char *bytes, size_t length) {
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t i = 0; i < length;) {
        uint32_t code_point;
        size_t n = sequence(at + i, length - i, &code_point);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

uint32_t text_next(const char **at) {
    uint32_t code_point = 0;
    if (**at == '\0') return 0;
    size_t n = sequence((const unsigned char *)*at, strlen(*at) < 4 ? strlen(*at) : 4, &code_point);
    if (n == 0) { /* promised valid; a stray byte is passed over as U+FFFD rather than looped on */
        n = 1;
        code_point = 0xFFFD;
    }
    *at += n;
    return code_point;
}

size_t text_encode(uint32_t c, char *out) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xFFu) | c);
    return n;
}

size_t text_length(const char *string) {
    size_t n = 0;
    for (; *string; string++) n += ((unsigned char)*string & 0xC0) != 0x80;
    return n;
}

bool text_to_int(const char *string, long long min, long long max, long long *out) {
    const char *digits = *string == '-' ? string + 1 : string;
    if (*digits < '0' || *digits > '9') return false;
    char *end;
    errno = 0;
    long long value = strtoll(string, &end, 10);
    if (errno || *end || value < min || value > max) return false;
    *out = value;
    return true;
}

bool text_to_double(const char *string, double *out) {
    /* The programs here never call setlocale(), so strtod reads a point; what it reads beyond plain
     * decimals (hex, inf, nan, leading blanks) is refused here. */
    if (*string == '\0' || strspn(string, "+-0123456789.eE") != strlen(string)) return false;
    char *end;
    errno = 0;
    double value = strtod(string, &end);
    if (end == string || *end || !isfinite(value)) return false;
    *out = value;
    return true;
}

static bool digits_at(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9') return false;
    return true;
}

bool text_has_cpr(const char *string) {
    for (const char *s = string; *s; s++) {
        if ((s > string && s[-1] >= '0' && s[-1] <= '9') || !digits_at(s, 6)) continue;
        int day = (s[0] - '0') * 10 + s[1] - '0', month = (s[2] - '0') * 10 + s[3] - '0';
        /* Replacement numbers carry day + 60. */
        bool date = month >= 1 && month <= 12 && ((day >= 1 && day <= 31) || (day >= 61 && day <= 91));
        const char *rest = s + 6;
        if (*rest == '-' || *rest == ' ') rest++;
        if (date && digits_at(rest, 4) && !(rest[4] >= '0' && rest[4] <= '9')) return true;
    }
    return false;
}

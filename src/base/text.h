/* text.h - text that grows in an arena, and the UTF-8 that everything here is written in.
 *
 * Layer: base. Pure. A struct text has a maximum and a sticky failure: after it, adding does
 * nothing, and text_ok() tells once, at the end, that something is missing.
 *
 *     struct text t = text_new(arena, 1 << 20);
 *     text_addf(&t, "%d of %d", done, all);
 *     if (!text_ok(&t)) ...
 *     puts(text_string(&t));
 */
#ifndef LAERKE_BASE_TEXT_H
#define LAERKE_BASE_TEXT_H

#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct text {
    struct arena *arena;
    char *bytes; /* always NUL-terminated once something was added */
    size_t length, capacity, max;
    bool failed;
};

struct text text_new(struct arena *arena, size_t max);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_addv(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
bool text_ok(const struct text *text);

/* The text so far, never NULL; valid until the next addition. */
const char *text_string(const struct text *text);

/* Copies string to out (size bytes with the NUL); what does not fit is cut at a whole character and
 * the cut is marked with "…". Returns true when all of it fitted. */
bool text_cut(char *out, size_t size, const char *string);

/* True when the bytes are UTF-8 without overlong forms, surrogates or code points past U+10FFFF. */
bool text_is_utf8(const char *bytes, size_t length);

/* The code point at *at (valid UTF-8 ending in NUL) and *at moved past it; 0 at the end. */
uint32_t text_next(const char **at);

/* Writes one code point as UTF-8; returns 1 to 4 bytes, out needs room for 4. */
size_t text_encode(uint32_t code_point, char *out);

/* Number of code points in valid UTF-8. */
size_t text_length(const char *string);

/* A whole number in decimal with nothing before or behind it, within [min, max]. */
bool text_to_int(const char *string, long long min, long long max, long long *out);

/* A finite decimal number ("1.5", "-2e3"), independent of the locale, nothing behind it. */
bool text_to_double(const char *string, double *out);

/* True when the string holds a number shaped like a Danish CPR number: a valid day and month and a
 * year in six digits, an optional hyphen or space, four digits, and no digit on either side. */
bool text_has_cpr(const char *string);

#endif

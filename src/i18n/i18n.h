/* i18n.h - texts in the reader's language, and numbers, dates and order as its readers write them.
 *
 * Layer: i18n (above base). Sentences stand in the code in English (the msgid); po/da/ has the
 * Danish of each, and a test fails when one is missing. Catalogues are embedded; a struct language
 * is immutable and shared by all threads.
 *
 * Sentences carry named arguments in braces: i18n_say(da, t, N_("{n} of {all} pupils"), args…).
 * A literal brace is written "{{".
 */
#ifndef LAERKE_I18N_I18N_H
#define LAERKE_I18N_I18N_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct language;

/* Marks a literal for extraction without translating it here; the second with a context. */
#define N_(s) s
#define NC_(context, s) s

/* "da" or "en" (also "da-DK", "da_DK.UTF-8"); Danish for anything unknown or NULL. */
const struct language *language_get(const char *tag);
const char *language_tag(const struct language *language); /* "da" */
bool language_right_to_left(const struct language *language);
/* Also a language that only questionnaires are in ("ar", "tr"); NULL for one that we do not know. */
const struct language *language_of_forms(const char *tag);
size_t language_count(void); /* of those that pages and reports are in */
const struct language *language_at(size_t index);

/* The translation of msgid, or msgid itself. With a context, two equal English words may differ. */
const char *i18n_text(const struct language *language, const char *msgid);
const char *i18n_context(const struct language *language, const char *context, const char *msgid);
const char *i18n_plural(const struct language *language, const char *one, const char *many,
                        long long n);

/* Appends the translated sentence with its arguments filled in. Whole numbers are grouped as the
 * language does (80.000). */
#define i18n_say(language, text, msgid, ...)                                                       \
    i18n_fill((language), (text), i18n_text((language), (msgid)),                                  \
              (const struct arg[]){ __VA_ARGS__ },                                                 \
              sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
/* Appends an already translated pattern with its arguments filled in. */
void i18n_fill(const struct language *language, struct text *text, const char *pattern,
               const struct arg *args, size_t n_args);

/* Appends the sentence of an error: what happened, where, what to do. */
void i18n_error(const struct language *language, struct text *text, const struct error *error);

enum { NUMBER_MAX = 64 };
/* "1.234,5" in Danish, "1,234.5" in English; a minus is U+2212. Rounds half away from zero. */
const char *i18n_number(const struct language *language, double value, int decimals,
                        char out[NUMBER_MAX]);
/* "91 %" in Danish (with a no-break space), "91%" in English; fraction is 0 to 1. */
const char *i18n_percent(const struct language *language, double fraction, char out[NUMBER_MAX]);
/* "24.11.2026" from "2026-11-24"; long: "24. november 2026" / "24 November 2026". */
const char *i18n_date(const struct language *language, const char *iso, bool long_form,
                      char out[NUMBER_MAX]);

/* Danish dictionary order: æ ø å last (and aa as å), case and accents second, digits by value
 * ("2.a" before "10.a"). Returns <0, 0, >0; total: 0 only for equal bytes. */
int i18n_compare(const struct language *language, const char *a, const char *b);

#endif

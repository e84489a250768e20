/* language.h - what a language is inside i18n. Layer: i18n; for the files of this folder alone. */
#ifndef LAERKE_I18N_LANGUAGE_H
#define LAERKE_I18N_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

/* A .mo catalogue as it lies in the binary; strings NULL where the language is the code's own. */
struct catalogue {
    const unsigned char *bytes;
    size_t length;
    unsigned count, keys, values; /* how many strings, and where their two tables begin */
};

struct language {
    const char *tag;
    const char *catalogue_name; /* embedded; NULL for English, which stands in the code */
    bool right_to_left;
    const char *group, *decimal; /* between thousands, before decimals */
    const char *percent;         /* after the number */
    const char *const *months;
    bool dotted_date;            /* "24.11.2026", "24. november 2026" */
    bool danish_order;
    unsigned (*plural_form)(long long n);
    struct catalogue catalogue;
};

/* False when the bytes are no whole catalogue. */
bool catalogue_open(struct catalogue *catalogue, const unsigned char *bytes, size_t length);

/* The translation of a key ("msgid", "context\4msgid"), NULL when it has none. form counts the
 * plural forms from 0. */
const char *catalogue_find(const struct catalogue *catalogue, const char *context, const char *msgid,
                           unsigned form);

#endif

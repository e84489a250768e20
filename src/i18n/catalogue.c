/* The format is that of msgfmt: a header of 32-bit words, two tables of (length, offset), sorted by
 * key, and NUL-terminated strings. A plural's key is "one\0many" and its value "form0\0form1". */
#include "i18n/language.h"

#include <string.h>

enum { MAGIC_AT = 0, COUNT_AT = 8, KEYS_AT = 12, VALUES_AT = 16, HEADER = 28, CONTEXT_END = 4 };

static unsigned word(const struct catalogue *catalogue, size_t at) {
    const unsigned char *b = catalogue->bytes + at;
    return (unsigned)b[0] | (unsigned)b[1] << 8 | (unsigned)b[2] << 16 | (unsigned)b[3] << 24;
}

static const char *string_at(const struct catalogue *catalogue, unsigned table, unsigned index,
                             size_t *length) {
    size_t entry = table + 8 * (size_t)index;
    *length = word(catalogue, entry);
    return (const char *)catalogue->bytes + word(catalogue, entry + 4);
}

bool catalogue_open(struct catalogue *catalogue, const unsigned char *bytes, size_t length) {
    *catalogue = (struct catalogue){ .bytes = bytes, .length = length };
    if (length < HEADER || word(catalogue, MAGIC_AT) != 0x950412DEu) return false;
    unsigned count = word(catalogue, COUNT_AT);
    unsigned tables[] = { word(catalogue, KEYS_AT), word(catalogue, VALUES_AT) };
    for (size_t t = 0; t < 2; t++) {
        if (tables[t] > length || (length - tables[t]) / 8 < count) return false;
        for (unsigned i = 0; i < count; i++) {
            size_t entry = tables[t] + 8 * (size_t)i;
            size_t size = word(catalogue, entry), offset = word(catalogue, entry + 4);
            if (offset >= length || size >= length - offset || bytes[offset + size] != '\0')
                return false;
        }
    }
    catalogue->count = count;
    catalogue->keys = tables[0];
    catalogue->values = tables[1];
    return true;
}

/* strcmp(key, "context\4msgid") without joining the two. */
static int compare_key(const char *key, const char *context, const char *msgid) {
    if (!context) return strcmp(key, msgid);
    size_t length = strlen(context);
    int order = strncmp(key, context, length);
    if (order != 0) return order;
    if (key[length] != CONTEXT_END) return (unsigned char)key[length] - CONTEXT_END;
    return strcmp(key + length + 1, msgid);
}

const char *catalogue_find(const struct catalogue *catalogue, const char *context, const char *msgid,
                           unsigned form) {
    unsigned low = 0, high = catalogue->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        size_t length;
        int order = compare_key(string_at(catalogue, catalogue->keys, middle, &length), context, msgid);
        if (order < 0) {
            low = middle + 1;
        } else if (order > 0) {
            high = middle;
        } else {
            const char *value = string_at(catalogue, catalogue->values, middle, &length);
            const char *end = value + length;
            for (; form > 0; form--) {
                value += strlen(value) + 1;
                if (value > end) return NULL;
            }
            return *value ? value : NULL;
        }
    }
    return NULL;
}

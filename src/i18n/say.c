#include "i18n/i18n.h"

#include "i18n/error_texts.h"
#include "i18n/language.h"

#include <string.h>

const char *i18n_context(const struct language *language, const char *context, const char *msgid) {
    const char *found = catalogue_find(&language->catalogue, context, msgid, 0);
    return found ? found : msgid;
}

const char *i18n_text(const struct language *language, const char *msgid) {
    /* The key "" is the catalogue's header. */
    return *msgid ? i18n_context(language, NULL, msgid) : msgid;
}

const char *i18n_plural(const struct language *language, const char *one, const char *many,
                        long long n) {
    unsigned form = language->plural_form(n);
    const char *found = catalogue_find(&language->catalogue, NULL, one, form);
    return found ? found : n == 1 ? one : many;
}

static const struct arg *find_arg(const struct arg *args, size_t n_args, const char *name,
                                  size_t length) {
    for (size_t i = 0; i < n_args; i++)
        if (strlen(args[i].name) == length && memcmp(args[i].name, name, length) == 0)
            return &args[i];
    return NULL;
}

static void add_whole(const struct language *language, struct text *text, long long number) {
    char digits[24];
    size_t n = 0;
    unsigned long long rest = number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;
    do digits[n++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0) text_add(text, "\u2212");
    while (n > 0) {
        text_add_char(text, digits[--n]);
        if (n > 0 && n % 3 == 0) text_add(text, language->group);
    }
}

void i18n_fill(const struct language *language, struct text *text, const char *pattern,
               const struct arg *args, size_t n_args) {
    while (*pattern) {
        size_t plain = strcspn(pattern, "{");
        text_add_bytes(text, pattern, plain);
        pattern += plain;
        if (*pattern == '\0') return;
        if (pattern[1] == '{') {
            text_add_char(text, '{');
            pattern += 2;
            continue;
        }
        size_t length = strcspn(pattern + 1, "{}");
        const struct arg *arg =
            pattern[1 + length] == '}' ? find_arg(args, n_args, pattern + 1, length) : NULL;
        if (!arg) {
            text_add_char(text, '{'); /* an argument that is not given shows its name */
            pattern++;
            continue;
        }
        if (arg->text)
            text_add(text, arg->text);
        else
            add_whole(language, text, arg->number);
        pattern += length + 2;
    }
}

static const char *error_sentence(const char *id) {
    for (const struct error_text *entry = error_texts; entry->id; entry++)
        if (strcmp(entry->id, id) == 0) return entry->msgid;
    return NULL;
}

void i18n_error(const struct language *language, struct text *text, const struct error *error) {
    struct arg args[ERROR_ARGS];
    for (size_t i = 0; i < error->n_args; i++)
        args[i] = ARG_TEXT(error->names[i], error->values[i]);
    const char *sentence = error_sentence(error->id);
    if (sentence)
        i18n_fill(language, text, i18n_text(language, sentence), args, error->n_args);
    else
        text_add(text, error->id);
}

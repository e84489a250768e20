#include "i18n/i18n.h"

#include "base/embedded.h"
#include "i18n/language.h"

#include <pthread.h>
#include <string.h>

static unsigned one_and_many(long long n) { return n != 1; }

static const char *const months_da[] = { "januar", "februar", "marts",     "april",   "maj",      "juni",
                                         "juli",   "august",  "september", "oktober", "november", "december" };
static const char *const months_en[] = { "January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December" };

/* The first is what unknown tags get. */
static struct language languages[] = {
    { .tag = "da", .catalogue_name = "po/da.mo", .group = ".", .decimal = ",", .percent = "\u00A0%",
      .months = months_da, .dotted_date = true, .danish_order = true, .plural_form = one_and_many },
    { .tag = "en", .group = ",", .decimal = ".", .percent = "%", .months = months_en,
      .plural_form = one_and_many },
    /* Of questionnaires alone: respondents may choose them, pages and reports are not in them. */
    { .tag = "ar", .catalogue_name = "po/ar.mo", .right_to_left = true, .group = ".", .decimal = ",",
      .percent = "%", .months = months_en, .dotted_date = true, .plural_form = one_and_many },
    { .tag = "tr", .catalogue_name = "po/tr.mo", .group = ".", .decimal = ",", .percent = "%",
      .months = months_en, .dotted_date = true, .plural_form = one_and_many },
};
enum { LANGUAGES = sizeof languages / sizeof *languages, LANGUAGES_OF_PAGES = 2 };

static pthread_once_t opened = PTHREAD_ONCE_INIT;

static void open_catalogues(void) {
    for (size_t i = 0; i < LANGUAGES; i++) {
        struct language *language = &languages[i];
        const struct embedded *file =
            language->catalogue_name ? embedded_find(language->catalogue_name) : NULL;
        /* A broken catalogue leaves the English; a test holds that ours opens. */
        if (file) catalogue_open(&language->catalogue, file->bytes, file->length);
    }
}

size_t language_count(void) { return LANGUAGES_OF_PAGES; }

const struct language *language_at(size_t index) {
    pthread_once(&opened, open_catalogues);
    return &languages[index < LANGUAGES ? index : 0];
}

const struct language *language_get(const char *tag) {
    const struct language *language = language_of_forms(tag);
    return language && language < &languages[LANGUAGES_OF_PAGES] ? language : language_at(0);
}

const struct language *language_of_forms(const char *tag) {
    for (size_t i = 0; tag && i < LANGUAGES; i++) {
        size_t length = strlen(languages[i].tag);
        if (strncmp(tag, languages[i].tag, length) == 0 && strchr("-_.", tag[length]))
            return language_at(i);
    }
    return NULL;
}

const char *language_tag(const struct language *language) { return language->tag; }

bool language_right_to_left(const struct language *language) { return language->right_to_left; }

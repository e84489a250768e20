/* What a letter says in the languages that its questionnaire is in, beside its own. These sentences
 * stand in every catalogue (tools/texts.py holds that). */
#include "paint/letter_parts.h"

#include <string.h>

static const struct {
    const char *tag, *name;
} names[] = { { "da", "Dansk" }, { "en", "English" }, { "ar", "العربية" }, { "tr", "Türkçe" } };

const char *letter_language_name(const struct language *language) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].tag, language_tag(language)) == 0) return names[i].name;
    return "";
}

const struct language *letter_language(const char *tag) {
    const struct language *language = language_of_forms(tag);
    return language && *letter_language_name(language) ? language : NULL;
}

const char *letter_short(struct print *print, const struct language *language,
                         const struct letter_page *letter) {
    const struct print_frame *frame = print->frame;
    char opens[NUMBER_MAX], closes[NUMBER_MAX];
    const char *typed = print_typed(print, "/a");
    const struct arg args[] = { ARG_TEXT("child", letter->child),
                                ARG_TEXT("school", letter->school),
                                ARG_TEXT("unit", letter->unit),
                                ARG_TEXT("address", typed),
                                ARG_TEXT("opens", i18n_date(language, frame->opens, false, opens)),
                                ARG_TEXT("closes",
                                         i18n_date(language, frame->closes, false, closes)) };
    size_t n = sizeof args / sizeof *args;
    static const char *const whats[LETTER_KINDS] = {
        [LETTER_PARENT] =
            N_("We would like to hear how you find school for {child}. It is voluntary, and your "
               "answers are confidential: nobody at the school sees what you answer."),
        [LETTER_CLASS_TEACHER] = N_(
            "We would like to hear what you see of the pupils of {unit}. It is voluntary, and what "
            "you answer about a single pupil is shown to nobody."),
        [LETTER_STAFF] =
            N_("We would like to hear how you see your work at {school}. It is voluntary, and your "
               "answers are confidential: nobody at the school sees what you answer."),
    };
    const char *how =
        *typed
            ? N_("Scan the square with your telephone, or open {address} and write the code. "
                 "Choose "
                 "your language there. You can answer from {opens} to {closes}.")
            : N_("Open the address that the school has told you, and write the code. Choose your "
                 "language there. You can answer from {opens} to {closes}.");
    const char *said_what = print_say(print, language, whats[letter->to], args, n);
    const char *said_how = print_say(print, language, how, args, n);
    const struct arg both[] = { ARG_TEXT("what", said_what), ARG_TEXT("how", said_how) };
    struct text text = text_new(print->sheet->arena, 8192);
    i18n_fill(language, &text, "{what} {how}", both, 2);
    print->sheet->full |= !text_ok(&text);
    return text_string(&text);
}

/* One letter: address in the window, what it is about, the code, what is good to know, and a short
 * text in the questionnaire's other languages. */
#include "paint/letter_parts.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

#define LEFT (20 * MM)
#define RIGHT (PDF_WIDTH - 20 * MM)
#define WIDTH (RIGHT - LEFT)
#define WINDOW (43 * MM) /* the top of the address */
#define BODY (84 * MM)
#define QR_SIZE (32 * MM)
#define LABELS (30 * MM) /* of the facts */
#define LANGUAGES_FOOT (PDF_HEIGHT - 12 * MM)

enum { ADDRESS_LINES = 4, FACTS = 6 };

/* Places whose texts are kept from one letter to the next. */
enum { PLACE_BODY, PLACE_STEPS = 8, PLACE_FACTS = 16, PLACE_LABELS = 24, PLACE_SHORT = 32 };

/* Names of the longest kind would push the last language off the page. */
enum { NAME_CUT = 52, CHILD_CUT = 28 };
static const char *cut(struct print *print, const char *name, size_t size) {
    char *out = arena_alloc(print->sheet->arena, size);
    print->sheet->full |= !out;
    if (!out) return "";
    text_cut(out, size, name);
    return out;
}

/* ---- the window ---- */

static const char *next_line(struct print *print, const char **at) {
    const char *from = *at, *end = from + strcspn(from, "\n");
    const char *comma = strstr(from, ", ");
    if (comma && comma < end) end = comma;
    *at = *end == ',' ? end + 2 : *end ? end + 1 : end;
    char *line = arena_copy_bytes(print->sheet->arena, from, (size_t)(end - from));
    print->sheet->full |= !line;
    return line ? line : "";
}

static void place_address(struct print *print, const struct letter_page *letter) {
    struct pdf_sheet *sheet = print->sheet;
    struct pdf_node *node = print_node(print, NULL, PDF_P);
    double y = WINDOW;
    const char *at = letter->address;
    const char *school = i18n_text(print->language, N_("To be handed out by the school"));
    sheet_put(sheet, node, sheet_string(sheet, STYLE_LETTER, letter->receiver, 88 * MM, 1), LEFT,
              y);
    if (!*at) at = school;
    for (size_t i = 0; i < ADDRESS_LINES && *at; i++) {
        const char *line = at == school ? school : next_line(print, &at);
        y += style_leading(STYLE_LETTER);
        sheet_put(sheet, node, sheet_string(sheet, STYLE_LETTER, line, 88 * MM, 1), LEFT, y);
        if (line == school) break;
    }
}

/* ---- what it is about ---- */

struct letter_words {
    const char *heading, *why, *use;
};

static struct letter_words words_of(enum letter_to to) {
    static const struct letter_words words[LETTER_KINDS] = {
        [LETTER_PARENT] = { N_("How is {child}'s school? We would like to hear from you"),
                            N_("Schools in {programme} ask pupils, parents and staff how school is "
                               "going. As a parent "
                               "you know what the school does not: how school feels at home. We "
                               "ask you about "
                               "{child} and about the school. It takes about ten minutes."),
                            N_("The school uses the answers to become better. They are never used "
                               "to judge a child, a "
                               "family or a teacher.") },
        [LETTER_CLASS_TEACHER] = { N_("The pupils of {unit}: what you see as their teacher"),
                                   N_("Schools in {programme} ask pupils, parents and staff how "
                                      "school is going. As one who "
                                      "teaches {unit} at {school} you are asked a few questions "
                                      "about each pupil of the "
                                      "class. It takes two or three minutes a pupil, and you may "
                                      "stop and go on with the "
                                      "same code as often as you like."),
                                   N_("The class's results belong to the team around the class. "
                                      "They are never used to judge "
                                      "a pupil or a teacher, and never in a case about a single "
                                      "child.") },
        [LETTER_STAFF] = { N_("How is your work at {school}? We would like to hear from you"),
                           N_("Schools in {programme} ask pupils, parents and staff how school is "
                              "going. You get this "
                              "letter because you work at {school}. It takes about a quarter of an "
                              "hour."),
                           N_("The answers are used by the school and the municipality to develop "
                              "teaching and "
                              "cooperation. They are never used to judge a single employee.") },
    };
    return words[to];
}

static double place_body(struct print *print, const struct letter_page *letter, double y) {
    const struct letter_words words = words_of(letter->to);
    const struct arg args[] = { ARG_TEXT("child", letter->child), ARG_TEXT("unit", letter->unit),
                                ARG_TEXT("school", letter->school),
                                ARG_TEXT("programme",
                                         cut(print, print->frame->programme, NAME_CUT)) };
    const char *heading = print_say(print, print->language, words.heading, args, 4);
    const char *why = print_say(print, print->language, words.why, args, 4);
    y = print_text(print, PLACE_BODY, PDF_H2, STYLE_H2, heading, WIDTH, LEFT, y) + 7;
    y = print_text(print, PLACE_BODY + 1, PDF_P, STYLE_LETTER, why, WIDTH, LEFT, y) + 5;
    return print_text(print, PLACE_BODY + 2, PDF_P, STYLE_LETTER,
                      i18n_text(print->language, words.use), WIDTH, LEFT, y);
}

/* ---- the code ---- */

static const char *step(struct print *print, const struct letter_page *letter) {
    const struct arg args[] = { ARG_TEXT("address", print_typed(print, "/a")) };
    const char *how =
        *print->frame->address
            ? N_("Scan the square with your telephone, or open {address} and write this code.")
            : N_("Open the address that the school has told you, and write this code.");
    struct text text = text_new(print->sheet->arena, 4096);
    i18n_fill(print->language, &text, i18n_text(print->language, how), args, 1);
    if (letter->n_languages > 1)
        text_addf(&text, " %s", i18n_text(print->language, N_("You choose the language there.")));
    print->sheet->full |= !text_ok(&text);
    return text_string(&text);
}

static double place_code(struct print *print, const struct letter_page *letter, double y) {
    struct pdf_sheet *sheet = print->sheet;
    bool square = *print->frame->address != '\0';
    double left = LEFT + (square ? QR_SIZE + 14 * MM : 8 * MM), top = y + 5 * MM;
    double height = QR_SIZE + 10 * MM, width = RIGHT - 6 * MM - left, text_top = y + 3.5 * MM;
    const char *own =
        letter->to == LETTER_PARENT
            ? N_("The code is yours alone: everyone who holds custody has their own. It stays "
                 "valid "
                 "until you have sent your answers.")
            : N_("The code is yours alone. It stays valid until you have sent your answers.");
    sheet_box(sheet, NULL, LEFT, y, WIDTH, height, 8, PAPER, NONE);
    /* Its quiet zone is white, wide enough for a copier's grey. */
    if (square)
        sheet_box(sheet, NULL, LEFT + 2 * MM, y + 2 * MM, QR_SIZE + 6 * MM, QR_SIZE + 6 * MM, 4,
                  WHITE, NONE);
    print_qr(print, letter->code, LEFT + 5 * MM, top, QR_SIZE);
    text_top = print_text(print, PLACE_STEPS, PDF_P, STYLE_LETTER, step(print, letter), width, left,
                          text_top);
    text_top = print_text(print, -1, PDF_P, STYLE_CODE, letter->code, width, left, text_top + 4);
    print_text(print, PLACE_STEPS + 1, PDF_P, STYLE_LETTER_SMALL, i18n_text(print->language, own),
               width, left, text_top + 4);
    return y + height;
}

/* ---- good to know ---- */

struct fact {
    const char *label, *text;
};

static const char *when(struct print *print) {
    const struct print_frame *frame = print->frame;
    char opens[NUMBER_MAX], closes[NUMBER_MAX], results[NUMBER_MAX];
    const struct arg args[] = {
        ARG_TEXT("opens", i18n_date(print->language, frame->opens, true, opens)),
        ARG_TEXT("closes", i18n_date(print->language, frame->closes, true, closes)),
        ARG_TEXT("results", i18n_date(print->language, frame->results, true, results))
    };
    return print_say(
        print, print->language,
        *frame->results
            ? N_("You can answer from {opens} to {closes}. The results are ready on {results}.")
            : N_("You can answer from {opens} to {closes}. The school tells when the results "
                 "are ready."),
        args, 3);
}

static const char *object(struct print *print) {
    const struct arg args[] = { ARG_TEXT("contact", print->frame->contact) };
    return print_say(print, print->language,
                     *print->frame->contact
                         ? N_("If you object to taking part, want to see your answers or have them "
                              "deleted, write to {contact}.")
                         : N_("If you object to taking part, want to see your answers or have them "
                              "deleted, write to the municipality."),
                     args, 1);
}

static const char *read_first(struct print *print) {
    const struct arg args[] = { ARG_TEXT("address", print_typed(print, "/forms")) };
    return print_say(
        print, print->language,
        *print->frame->address
            ? N_("All questions can be read before you answer, by anybody: {address}.")
            : N_("All questions can be read before you answer, by anybody. The way to them "
                 "stands on the page where the code is written."),
        args, 1);
}

static size_t facts_of(struct print *print, const struct letter_page *letter,
                       struct fact facts[FACTS]) {
    const struct arg group[] = { ARG_INT("n", print->frame->minimum_group) };
    const struct language *language = print->language;
    facts[0] = (struct fact){ i18n_text(language, N_("When")), when(print) };
    facts[1] = (struct fact){
        i18n_text(language, N_("Voluntary")),
        i18n_text(language, N_("You may skip any question, and you may choose “I do not "
                               "take part” on the first page."))
    };
    facts[2] = (struct fact){
        i18n_text(language, N_("Confidential")),
        print_say(
            print, language,
            letter->to == LETTER_CLASS_TEACHER
                ? N_("Names and answers are kept apart. Nobody is shown what you answered about a "
                     "single pupil; results need at least {n} answers.")
                : N_("Names and answers are kept apart. Nobody at the school or in the "
                     "municipality is "
                     "shown what you answered; results need at least {n} answers."),
            group, 1)
    };
    facts[3] = (struct fact){ i18n_text(language, N_("Read first")), read_first(print) };
    facts[4] = (struct fact){ i18n_text(language, N_("Objections")), object(print) };
    return 5;
}

static double place_facts(struct print *print, const struct letter_page *letter, double y) {
    struct fact facts[FACTS];
    int n = (int)facts_of(print, letter, facts);
    for (int i = 0; i < n; i++) {
        struct pdf_node *node = print_node(print, NULL, PDF_P);
        print_into(print, PLACE_LABELS + i, node, STYLE_TAG, facts[i].label, LABELS - 6, LEFT, y);
        y = print_into(print, PLACE_FACTS + i, node, STYLE_LETTER_SMALL, facts[i].text,
                       WIDTH - LABELS, LEFT + LABELS, y) +
            2.75;
    }
    return y;
}

/* ---- in other languages ---- */

/* The name of the language and the text in it, from the side it is read from. */
static double place_short(struct print *print, const struct letter_page *letter,
                          const struct language *language, int place, double y) {
    struct pdf_sheet *sheet = print->sheet;
    bool leftward = language_right_to_left(language);
    const char *tag = language_tag(language), *name = letter_language_name(language);
    struct pdf_node *node = print_node(print, NULL, PDF_P);
    if (!node || !sheet_direct(sheet, tag, leftward)) return y;
    const char *string = letter_short(print, language, letter);
    struct kept_text *kept = &print->kept[place];
    if (!kept->text || strcmp(kept->string, string) != 0)
        *kept = (struct kept_text){ string, sheet_string(sheet, STYLE_LETTER_SMALL, string,
                                                         WIDTH - LABELS, 0) };
    struct pdf_text *head = sheet_string(sheet, STYLE_TAG, name, LABELS, 1);
    sheet_direct(sheet, tag, false);
    node->language = tag;
    double height = text_height(kept->text), centre = y + style_leading(STYLE_LETTER_SMALL) / 2;
    sheet_put_at(sheet, node, head, leftward ? 1 : -1, leftward ? RIGHT : LEFT, centre);
    sheet_put_at(sheet, node, kept->text, leftward ? 1 : -1,
                 leftward ? RIGHT - LABELS : LEFT + LABELS, y + height / 2);
    return y + height + 3;
}

static void place_languages(struct print *print, const struct letter_page *letter, double y) {
    bool begun = false;
    for (size_t i = 0; i < letter->n_languages && PLACE_SHORT + i < PRINT_PLACES; i++) {
        const struct language *language = letter_language(letter->languages[i]);
        if (!language || language == print->language || y > LANGUAGES_FOOT) continue;
        if (!begun) sheet_line(print->sheet, NULL, LEFT, y + 1, RIGHT, y + 1, .6, HAIRLINE, false);
        y = place_short(print, letter, language, PLACE_SHORT + (int)i, begun ? y : y + 7);
        begun = true;
    }
}

void place_letter(struct print *print, const struct letter_page *whole) {
    struct letter_page shorter = *whole;
    const struct letter_page *letter = &shorter;
    shorter.school = cut(print, whole->school, NAME_CUT);
    shorter.unit = cut(print, whole->unit, NAME_CUT);
    shorter.child = cut(print, whole->child, CHILD_CUT);
    struct text about = text_new(print->sheet->arena, 2048);
    text_add(&about, letter->school);
    if (*letter->unit) text_addf(&about, " · %s", letter->unit);
    print_head(print, text_string(&about));
    place_address(print, letter);
    double y = place_body(print, letter, BODY) + 10;
    y = place_code(print, letter, y) + 10;
    y = place_facts(print, letter, y) + 3;
    place_languages(print, letter, y);
}

#include "paint/paper.h"

#include "base/text.h"
#include "i18n/i18n.h"
#include "paint/letter_parts.h"
#include "paint/pdf_finish.h"

#define LEFT (18 * MM)
#define RIGHT (PDF_WIDTH - LEFT)
#define WIDTH (RIGHT - LEFT)
#define TOP (24 * MM)
#define BOTTOM (PDF_HEIGHT - 20 * MM)
#define BOX_WIDTH (7.5 * MM)
#define BOX_HEIGHT (9 * MM)
#define LINE_APART (9 * MM)

enum { LABEL_LINES = 3, WRITE_LINES = 3, CODE_GROUP = 4, OPTIONS_MAX = 32 };

struct sheets {
    const struct paper *paper;
    const struct language *language;
    struct print print; /* for nodes and sentences */
    struct pdf_sheet *sheet;
    double y, circle; /* circle: the radius */
    enum pdf_style question, label;
    bool leftward;
    int number; /* of the last question */
};

/* A place so far from where lines begin. */
static double from_start(const struct sheets *s, double offset) {
    return s->leftward ? RIGHT - offset : LEFT + offset;
}

static struct pdf_node *node(struct sheets *s, struct pdf_node *parent, enum pdf_role role) {
    return print_node(&s->print, parent, role);
}

/* A text whose lines begin at offset, with its top at y. */
static void put(struct sheets *s, struct pdf_node *where, struct pdf_text *text, double offset,
                double y) {
    sheet_put_at(s->sheet, where, text, s->leftward ? 1 : -1, from_start(s, offset),
                 y + text_height(text) / 2);
}

static void code_field(struct sheets *s, double y, double scale) {
    double x = 0, width = BOX_WIDTH * scale;
    for (int i = 0; i < s->paper->code; i++) {
        if (i && i % CODE_GROUP == 0) x += width / 2;
        /* A code is written from the left in every language. */
        double left =
            s->leftward
                ? RIGHT - (s->paper->code + (s->paper->code - 1) / CODE_GROUP * .5) * width + x
                : LEFT + x;
        sheet_box(s->sheet, NULL, left, y, width - 1, BOX_HEIGHT * scale, 1.5, WHITE, GREY);
        x += width;
    }
}

static void turn(struct sheets *s) {
    sheet_turn(s->sheet);
    s->y = TOP;
}

static void room(struct sheets *s, double height) {
    if (s->y + height > BOTTOM && s->y > TOP) turn(s);
}

/* A paragraph, on the next page where it does not fit on this one. */
static void paragraph(struct sheets *s, enum pdf_role role, enum pdf_style style,
                      const char *string, double after) {
    if (!*string) return;
    struct pdf_text *text = sheet_string(s->sheet, style, string, WIDTH, 0);
    struct pdf_node *where = node(s, NULL, role);
    if (where && role != PDF_P) where->title = string;
    room(s, text_height(text));
    put(s, where, text, 0, s->y);
    s->y += text_height(text) + after;
}

/* The mouth runs through three points, the middle one lower in a smile. */
static void face(struct sheets *s, struct pdf_node *where, enum paper_face kind, double x, double y,
                 double radius) {
    double bend = kind == PAPER_SMILE   ? .3
                  : kind == PAPER_FROWN ? -.3
                                        : 0,
           mouth = y + radius * (.35 - bend / 3);
    sheet_dot(s->sheet, where, x, y, radius, WHITE, INK);
    for (int side = -1; side <= 1; side += 2) {
        sheet_dot(s->sheet, where, x + side * radius * .35, y - radius * .25, radius * .09, INK,
                  NONE);
        sheet_line(s->sheet, where, x + side * radius * .5, mouth, x + side * radius * .25,
                   mouth + bend * radius * .75, 1.4, INK, false);
        sheet_line(s->sheet, where, x + side * radius * .25, mouth + bend * radius * .75, x,
                   mouth + bend * radius, 1.4, INK, false);
    }
}

struct measured {
    const char *words;
    struct pdf_text *question, *only, *labels[OPTIONS_MAX];
    bool beside, faces;
    double options; /* their height */
};

static double column(const struct paper_item *item) { return WIDTH / (double)item->n_options; }

/* Side by side where the words fit below the circles; faces make them one column each too. */
static void measure_options(struct sheets *s, const struct paper_item *item, struct measured *m) {
    double highest = 0, down = 0;
    m->beside = item->n_options <= 7;
    for (size_t i = 0; i < item->n_options; i++) {
        m->labels[i] =
            sheet_string(s->sheet, s->label, item->options[i].label, column(item) - 6, 0);
        highest = text_height(m->labels[i]) > highest ? text_height(m->labels[i]) : highest;
        m->faces = m->faces || item->options[i].face != PAPER_NO_FACE;
        if (text_narrowest(m->labels[i]) > column(item) - 6) m->beside = false;
    }
    if (highest > LABEL_LINES * style_leading(s->label)) m->beside = false;
    m->options = 2 * s->circle + 4 + highest + (m->faces ? 4 * s->circle + 6 : 0);
    for (size_t i = 0; !m->beside && i < item->n_options; i++) {
        m->labels[i] =
            sheet_string(s->sheet, s->label, item->options[i].label, WIDTH - 4 * s->circle, 0);
        double height = text_height(m->labels[i]);
        down += (height > 2 * s->circle ? height : 2 * s->circle) + 5;
    }
    if (!m->beside) m->options = down;
    if (item->n_options == 0) m->options = WRITE_LINES * LINE_APART;
}

static void option(struct sheets *s, struct pdf_node *list, const struct paper_option *from,
                   struct pdf_text *label, double x, double circle_y, bool beside) {
    struct pdf_node *entry = node(s, list, PDF_LI), *mark = node(s, entry, PDF_LBL),
                    *body = node(s, entry, PDF_LBODY);
    if (beside && from->face)
        face(s, mark, from->face, x, circle_y - 3 * s->circle - 6, 2 * s->circle);
    sheet_dot(s->sheet, mark, x, circle_y, s->circle, WHITE, INK);
    if (beside)
        sheet_put_at(s->sheet, body, label, 0, x,
                     circle_y + s->circle + 4 + text_height(label) / 2);
    else
        sheet_put_at(s->sheet, body, label, s->leftward ? 1 : -1,
                     x + (s->leftward ? -2 : 2) * s->circle, circle_y);
}

static void place_options(struct sheets *s, const struct paper_item *item,
                          const struct measured *m) {
    struct pdf_node *list = item->n_options ? node(s, NULL, PDF_L) : NULL;
    double y = s->y + s->circle + (m->beside && m->faces ? 4 * s->circle + 6 : 0);
    for (size_t i = 0; i < item->n_options; i++) {
        double height = text_height(m->labels[i]) > 2 * s->circle ? text_height(m->labels[i])
                                                                  : 2 * s->circle;
        double x = from_start(s, m->beside ? column(item) * ((double)i + .5) : s->circle);
        option(s, list, &item->options[i], m->labels[i], x, m->beside ? y : s->y + height / 2,
               m->beside);
        if (!m->beside) s->y += height + 5;
    }
    for (int i = 1; item->n_options == 0 && i <= WRITE_LINES; i++)
        sheet_line(s->sheet, NULL, LEFT, s->y + i * LINE_APART, RIGHT, s->y + i * LINE_APART, .8,
                   GREY, false);
    if (m->beside || item->n_options == 0) s->y += m->options;
}

/* "Only in grades 2 to 3. Only if your answer to question 4 was: Yes"; "" for everybody. */
static const char *only_words(struct sheets *s, const struct paper_only *only) {
    struct text text = text_new(s->sheet->arena, 16 * 1024);
    const struct arg grades[] = { ARG_INT("from", only->grade_from),
                                  ARG_INT("to", only->grade_to) };
    const struct arg answer[] = { ARG_INT("number", only->number),
                                  ARG_TEXT("answers", only->answers) };
    if (only->grade_from >= 0)
        text_add(&text, print_say(&s->print, s->language, N_("Only in grades {from} to {to}."),
                                  grades, 2));
    if (only->grade_from >= 0 && only->number) text_add(&text, " ");
    if (only->number)
        text_add(&text, print_say(&s->print, s->language,
                                  N_("Only if your answer to question {number} was: {answers}"),
                                  answer, 2));
    return text_string(&text);
}

static double measure_item(struct sheets *s, const struct paper_item *item, int number,
                           struct measured *m) {
    const struct arg args[] = { ARG_INT("number", number), ARG_TEXT("question", item->question) };
    const char *only = only_words(s, &item->only);
    *m = (struct measured){ .words = print_say(&s->print, s->language, N_("{number}. {question}"),
                                               args, 2) };
    m->question = sheet_string(s->sheet, s->question, m->words, WIDTH, 0);
    if (*only) m->only = sheet_string(s->sheet, STYLE_LEAD, only, WIDTH, 0);
    measure_options(s, item, m);
    return text_height(m->question) + text_height(m->only) + m->options + 10;
}

static void place_item(struct sheets *s, const struct paper_item *item) {
    struct measured m;
    room(s, measure_item(s, item, ++s->number, &m));
    struct pdf_node *where = node(s, NULL, PDF_H3);
    if (where) where->title = m.words;
    put(s, where, m.question, 0, s->y);
    s->y += text_height(m.question);
    if (m.only) put(s, node(s, NULL, PDF_P), m.only, 0, s->y);
    s->y += text_height(m.only) + 7;
    place_options(s, item, &m);
    s->y += s->paper->large ? 26 : 16;
}

static void place_first(struct sheets *s) {
    const struct language *l = s->language;
    s->y = TOP;
    paragraph(s, PDF_H1, STYLE_TITLE, s->paper->title, 8);
    paragraph(s, PDF_P, STYLE_LETTER, s->paper->notice, 12);
    if (s->paper->code) {
        paragraph(s, PDF_P, STYLE_BOX_TITLE,
                  i18n_text(l, N_("Write the code from your letter here, and on every sheet:")), 4);
        code_field(s, s->y, 1);
        s->y += BOX_HEIGHT + 12;
    }
    paragraph(
        s, PDF_P, STYLE_LETTER,
        i18n_text(l, N_("Put a cross in one circle for each question. You may leave out questions. "
                        "If you make a mistake, fill the wrong circle in and put a cross in the "
                        "right one.")),
        14);
}

static double high(struct sheets *s, enum pdf_style style, const char *string) {
    return *string ? text_height(sheet_string(s->sheet, style, string, WIDTH, 0)) + 8 : 0;
}

/* A heading stands with its first question. */
static void place_page(struct sheets *s, const struct paper_page *page) {
    struct measured m;
    const char *only = only_words(s, &page->only);
    double first = page->n_items ? measure_item(s, &page->items[0], s->number + 1, &m) : 0;
    room(s, 10 + high(s, STYLE_H2, page->title) + high(s, STYLE_LEAD, only) +
                high(s, STYLE_LETTER, page->intro) + first);
    if (s->y > TOP && (*page->title || *page->intro)) {
        sheet_line(s->sheet, NULL, LEFT, s->y, RIGHT, s->y, .8, HAIRLINE, false);
        s->y += 10;
    }
    paragraph(s, PDF_H2, STYLE_H2, page->title, 3);
    paragraph(s, PDF_P, STYLE_LEAD, only, 4);
    paragraph(s, PDF_P, STYLE_LETTER, page->intro, 8);
    for (size_t i = 0; i < page->n_items; i++) place_item(s, &page->items[i]);
    paragraph(s, PDF_P, STYLE_LETTER, page->outro, 12);
}

/* The code again on every sheet but the first, and which page it is. */
static void place_furniture(struct sheets *s) {
    for (size_t i = 0; i < s->sheet->n_pages; i++) {
        const struct arg args[] = { ARG_INT("page", i + 1), ARG_INT("pages", s->sheet->n_pages) };
        const char *words =
            print_say(&s->print, s->language, N_("Page {page} of {pages}"), args, 2);
        s->sheet->page = i;
        sheet_put_at(s->sheet, NULL, sheet_string(s->sheet, STYLE_SMALL, words, 120, 1),
                     s->leftward ? -1 : 1, s->leftward ? LEFT : RIGHT, PDF_HEIGHT - 12 * MM);
        put(s, NULL, sheet_string(s->sheet, STYLE_SMALL, s->paper->title, 360, 1), 0,
            PDF_HEIGHT - 12 * MM - 6);
        if (i && s->paper->code) code_field(s, 9 * MM, .7);
    }
}

static bool place_all(struct sheets *s, struct pdf *out, struct error *error) {
    struct document named = { .language = s->paper->language,
                              .title = s->paper->title,
                              .subtitle = i18n_text(s->language, N_("On paper")) };
    place_first(s);
    for (size_t i = 0; i < s->paper->n_pages && !s->sheet->full; i++)
        place_page(s, &s->paper->pages[i]);
    if (s->sheet->too_long) return error_set(error, "pdf.too_long", ARG_INT("max", PDF_PAGES_MAX));
    place_furniture(s);
    pdf_tree_tidy(s->sheet->root);
    if (s->sheet->full) return error_plain(error, "pdf.memory");
    return pdf_write(s->sheet, &named, out, error);
}

bool paint_paper(const struct paper *paper, struct arena *arena, struct pdf *out,
                 struct error *error) {
    struct pdf_sheet sheet;
    struct sheets s = { .paper = paper,
                        .language = language_of_forms(paper->language),
                        .sheet = &sheet,
                        .circle = paper->large ? 11 : 8,
                        .question = paper->large ? STYLE_H2 : STYLE_CHART_TITLE,
                        .label = paper->large ? STYLE_LETTER : STYLE_NAME };
    *out = (struct pdf){ 0 };
    if (!s.language) s.language = language_get("en");
    s.leftward = language_right_to_left(s.language);
    s.print.language = s.language;
    s.print.sheet = &sheet;
    bool ok = sheet_open(&sheet, arena, paper->language) &&
              sheet_direct(&sheet, paper->language, s.leftward);
    ok = ok ? place_all(&s, out, error) : error_plain(error, "pdf.fonts");
    sheet_close(&sheet);
    return ok;
}

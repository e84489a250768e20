/* Findings, and the two kinds of boxes. */
#include "paint/pdf_flow.h"

#include <math.h>
#include <stdio.h>

/* Cards stand up to three in a row, all of a row as high as its highest. */
#define CARD_GAP 11.0
#define CARD_PAD 12.0
#define CARD_LINES 30 /* a longer sentence ends in "…": a card must fit on a page */

struct card {
    struct pdf_text *tag, *number, *detail, *sentence, *link;
    double width;
};

struct cards {
    size_t n, n_rows;
    bool beside; /* every detail fits beside its number */
    struct card *cards;
};

/* Cards of row r of n_rows when n are dealt out evenly, the first rows the fuller: 5 as 3 and 2. */
static size_t row_start(size_t n, size_t n_rows, size_t row) {
    size_t rest = n % n_rows;
    return row * (n / n_rows) + (row < rest ? row : rest);
}

static void set_card(struct pdf_flow *flow, const struct finding *f, struct card *card) {
    struct pdf_sheet *sheet = flow->sheet;
    double inner = card->width - 2 * CARD_PAD;
    if (f->tag) card->tag = sheet_string(sheet, STYLE_TAG, f->tag, inner - 13, 3);
    if (f->number)
        card->number = sheet_colour(sheet_string(sheet, STYLE_NUMBER, f->number, inner, 1),
                                    tone_colour(f->tone));
    if (f->detail) card->detail = sheet_string(sheet, STYLE_DETAIL, f->detail, inner, 3);
    if (f->sentence) card->sentence = sheet_text(sheet, STYLE_CARD, f->sentence, inner, CARD_LINES);
    if (f->link_text && flow_leads(flow, f->href))
        card->link = sheet_string(sheet, STYLE_LINK, f->link_text, inner, 1);
}

static bool fits_beside(const struct card *card) {
    if (!card->number || !card->detail) return true;
    return card->detail->n_lines == 1 &&
           text_wide(card->number) + 6 + text_wide(card->detail) <= card->width - 2 * CARD_PAD;
}

static double head_height(const struct cards *c, const struct card *card) {
    return text_height(card->number) + (c->beside && card->number ? 0 : text_height(card->detail));
}

static double card_height(const struct cards *c, const struct card *card) {
    double head = head_height(c, card);
    return 2 * CARD_PAD + text_height(card->tag) + (card->tag ? 3 : 0) + head + (head > 0 ? 5 : 0) +
           text_height(card->sentence) + (card->link ? 9 + text_height(card->link) : 0);
}

static double row_height(const struct cards *c, size_t row) {
    double height = 0;
    for (size_t i = row_start(c->n, c->n_rows, row); i < row_start(c->n, c->n_rows, row + 1); i++)
        height = fmax(height, card_height(c, &c->cards[i]));
    return height;
}

bool measure_findings(struct pdf_flow *flow, struct pdf_piece *piece) {
    const struct block *b = piece->block;
    struct cards *c = piece->data = flow_alloc(flow, 1, sizeof *c);
    if (!c) return false;
    *c = (struct cards){ .n = b->n_findings, .n_rows = (b->n_findings + 2) / 3, .beside = true };
    c->cards = flow_alloc(flow, b->n_findings, sizeof *c->cards);
    if (!c->cards) return false;
    for (size_t r = 0; r < c->n_rows; r++) {
        size_t from = row_start(c->n, c->n_rows, r), to = row_start(c->n, c->n_rows, r + 1);
        double gaps = CARD_GAP * (double)(to - from - 1);
        for (size_t i = from; i < to; i++) {
            c->cards[i].width = (PDF_COLUMN - gaps) / (double)(to - from);
            set_card(flow, &b->findings[i], &c->cards[i]);
            c->beside = c->beside && fits_beside(&c->cards[i]);
        }
    }
    piece->before = 18;
    for (size_t r = 0; r < c->n_rows; r++) piece->height += row_height(c, r) + (r ? CARD_GAP : 0);
    piece->least = row_height(c, 0);
    return !flow->sheet->full;
}

static void place_head(struct pdf_flow *flow, const struct cards *c, const struct card *card,
                       struct pdf_node *head, double left, double y) {
    bool beside = c->beside && card->number;
    double number = text_height(card->number);
    sheet_put(flow->sheet, head, card->number, left, y);
    if (beside) /* on the number's baseline */
        sheet_put(flow->sheet, head, card->detail, left + text_wide(card->number) + 6,
                  y + number - text_height(card->detail) - 2.2);
    else
        sheet_put(flow->sheet, head, card->detail, left, y + number);
}

static void place_card(struct pdf_flow *flow, const struct finding *f, const struct cards *c,
                       const struct card *card, struct pdf_node *item, double x, double height) {
    struct pdf_sheet *sheet = flow->sheet;
    struct pdf_node *body = flow_node(flow, item, PDF_LBODY);
    double y = flow->y + CARD_PAD, left = x + CARD_PAD, head = head_height(c, card);
    sheet_box(sheet, NULL, x, flow->y, card->width, height, 7, WHITE, HAIRLINE);
    if (card->tag) {
        double middle = y + style_leading(STYLE_TAG) / 2;
        sheet_tone(sheet, NULL, f->tone, left + 3.5, middle, 7, tone_colour(f->tone));
        sheet_put(sheet, flow_node(flow, body, PDF_P), card->tag, left + 13, y);
        y += text_height(card->tag) + 3;
    }
    if (head > 0) {
        place_head(flow, c, card, flow_node(flow, body, PDF_P), left, y);
        y += head + 5;
    }
    if (card->sentence) sheet_put(sheet, flow_node(flow, body, PDF_P), card->sentence, left, y);
    if (!card->link) return;
    struct pdf_node *link = flow_node(flow, flow_node(flow, body, PDF_P), PDF_LINK);
    if (!link) return;
    link->target = f->href + 1;
    link->alternative = f->link_text;
    y = flow->y + height - CARD_PAD - text_height(card->link);
    sheet_put(sheet, link, card->link, left, y);
    sheet_line(sheet, NULL, left, y + 12, left + text_wide(card->link), y + 12, .6, BLUE, false);
}

void place_findings(struct pdf_flow *flow, struct pdf_piece *piece) {
    const struct cards *c = piece->data;
    struct pdf_node *list = flow_node(flow, NULL, PDF_L);
    for (size_t r = 0; r < c->n_rows; r++) {
        double height = row_height(c, r), x = PDF_LEFT;
        if (r > 0 && !flow_room(flow, CARD_GAP + height)) flow->y += CARD_GAP;
        for (size_t i = row_start(c->n, c->n_rows, r); i < row_start(c->n, c->n_rows, r + 1); i++) {
            place_card(flow, &piece->block->findings[i], c, &c->cards[i],
                       flow_node(flow, list, PDF_LI), x, height);
            x += c->cards[i].width + CARD_GAP;
        }
        flow->y += height;
        flow->top = false;
    }
}

/* EXPLAIN: on paper's grey; NEXT: dark, at the end, its points numbered. Both whole on one page,
 * but for one that no page can hold: that one runs on as lines without a box. */

struct point {
    struct pdf_text *label, *text;
};

struct box {
    bool dark;
    double pad, width;
    struct pdf_text *title, *body;
    size_t n_points;
    struct point *points;
};

static const struct {
    enum pdf_style title, body;
    double pad, radius, measure;
    int fill, stroke, label;
} looks[] = {
    [false] = { STYLE_BOX_TITLE, STYLE_CARD, 15, 7, 425, PAPER, NONE, GREY },
    [true] = { STYLE_NIGHT_TITLE, STYLE_NIGHT, 20, 9, 400, NIGHT, NONE, WHITE },
};

static void measure_points(struct pdf_flow *flow, const struct block *b, struct box *box) {
    box->points = flow_alloc(flow, b->n_points, sizeof *box->points);
    if (!box->points) return;
    box->n_points = b->n_points;
    for (size_t i = 0; i < b->n_points; i++) {
        char label[24];
        snprintf(label, sizeof label, box->dark ? "%zu." : "•", i + 1);
        box->points[i].label = sheet_colour(
            sheet_string(flow->sheet, looks[box->dark].body, label, 30, 1), looks[box->dark].label);
        box->points[i].text =
            sheet_text(flow->sheet, looks[box->dark].body, b->points[i], box->width - 18, 0);
    }
}

bool measure_box(struct pdf_flow *flow, struct pdf_piece *piece) {
    const struct block *b = piece->block;
    struct box *box = piece->data = flow_alloc(flow, 1, sizeof *box);
    if (!box) return false;
    box->dark = b->kind == BLOCK_NEXT;
    box->pad = looks[box->dark].pad;
    box->width = fmin(looks[box->dark].measure, PDF_COLUMN - 2 * box->pad);
    if (b->title)
        box->title = sheet_string(flow->sheet, looks[box->dark].title, b->title, box->width, 3);
    if (b->runs) box->body = sheet_text(flow->sheet, looks[box->dark].body, b->runs, box->width, 0);
    measure_points(flow, b, box);
    piece->before = box->dark ? 26 : 16;
    piece->height = 2 * box->pad + text_height(box->title) + (box->title && box->body ? 4 : 0) +
                    text_height(box->body);
    for (size_t i = 0; i < box->n_points; i++)
        piece->height += 5 + text_height(box->points[i].text);
    piece->least = piece->height;
    return !flow->sheet->full;
}

/* Puts a text line by line, over pages where it must. */
static void put_flowing(struct pdf_flow *flow, struct pdf_node *node, struct pdf_text *text,
                        double x) {
    if (!text) return;
    double leading = style_leading(text->style);
    for (size_t i = 0; i < text->n_lines; i++) {
        flow_room(flow, leading);
        sheet_put_lines(flow->sheet, node, text, i, i + 1, x, flow->y);
        flow->y += leading;
        flow->top = false;
    }
}

static void place_points(struct pdf_flow *flow, struct box *box, double x) {
    struct pdf_node *list = box->n_points ? flow_node(flow, NULL, PDF_L) : NULL;
    for (size_t i = 0; i < box->n_points; i++) {
        flow->y += 5;
        flow_room(flow, style_leading(looks[box->dark].body));
        struct pdf_node *item = flow_node(flow, list, PDF_LI);
        sheet_put(flow->sheet, flow_node(flow, item, PDF_LBL), box->points[i].label, x, flow->y);
        put_flowing(flow, flow_node(flow, item, PDF_LBODY), box->points[i].text, x + 18);
    }
}

void place_box(struct pdf_flow *flow, struct pdf_piece *piece) {
    struct box *box = piece->data;
    double x = PDF_LEFT + box->pad;
    if (piece->height <= PDF_BOTTOM - PDF_TOP) {
        sheet_box(flow->sheet, NULL, PDF_LEFT, flow->y, PDF_COLUMN, piece->height,
                  looks[box->dark].radius, looks[box->dark].fill, looks[box->dark].stroke);
    } else {
        x = PDF_LEFT;
        sheet_colour(box->title, INK);
        sheet_colour(box->body, INK);
        for (size_t i = 0; i < box->n_points; i++) {
            sheet_colour(box->points[i].label, INK);
            sheet_colour(box->points[i].text, INK);
        }
    }
    flow->y += box->pad;
    flow->top = false;
    put_flowing(flow, box->title ? flow_node(flow, NULL, PDF_P) : NULL, box->title, x);
    if (box->title && box->body) flow->y += 4;
    put_flowing(flow, box->body ? flow_node(flow, NULL, PDF_P) : NULL, box->body, x);
    place_points(flow, box, x);
    flow->y += box->pad;
}

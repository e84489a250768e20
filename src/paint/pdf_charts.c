/* Dot charts. One that is too high for a page becomes several, each with its axis and key. */
#include "paint/pdf_flow.h"

#include "base/text.h"
#include "document/geometry.h"
#include "paint/colour.h"
#include "paint/pdf_charts.h"

#include <math.h>
#include <string.h>

struct chart_title chart_title(struct pdf_flow *flow, const char *title) {
    struct chart_title t = { 0 };
    if (!title || !*title) return t;
    t.text = sheet_string(flow->sheet, STYLE_CHART_TITLE, title, PDF_COLUMN - 2 * CHART_PAD, 3);
    t.height = text_height(t.text) + 8;
    return t;
}

struct pdf_node *chart_begin(struct pdf_flow *flow, const struct chart_title *title, double height,
                             const char *alternative) {
    struct pdf_node *node = flow_node(flow, NULL, PDF_FIGURE);
    if (node) node->alternative = alternative;
    sheet_box(flow->sheet, NULL, PDF_LEFT, flow->y, PDF_COLUMN, height, 7, WHITE, HAIRLINE);
    sheet_put(flow->sheet, node, title->text, PDF_LEFT + CHART_PAD, flow->y + CHART_PAD);
    return node;
}

void alternative_add(struct text *text, const char *sentence) {
    if (!sentence || !*sentence) return;
    if (text->length) text_add(text, strchr(".!?:", text->bytes[text->length - 1]) ? " " : ". ");
    text_add(text, sentence);
}

size_t chart_rows_a_part(size_t n_rows, double room, double row_height) {
    size_t most = room > row_height ? (size_t)(room / row_height) : 1;
    if (most >= n_rows) return n_rows;
    size_t parts = (n_rows + most - 1) / most;
    return (n_rows + parts - 1) / parts;
}

/* The key: a sample and its name, one after the other, in as many lines as it takes. */

enum sample { SAMPLE_OWN, SAMPLE_EARLIER, SAMPLE_BAND, SAMPLE_MARK, SAMPLES };

static const double sample_width[SAMPLES] = { 22, 10, 20, 6 };

struct key {
    struct pdf_text *texts[SAMPLES];
    double height;
};

static void measure_key(struct pdf_flow *flow, const struct dot_chart *chart, double width,
                        struct key *key) {
    const char *names[SAMPLES] = { chart->key_own, chart->key_earlier, chart->key_band,
                                   chart->key_mark };
    double x = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        if (!names[i]) continue;
        struct pdf_text *t = key->texts[i] =
            sheet_string(flow->sheet, STYLE_AXIS, names[i], width - 30, 1);
        double wide = sample_width[i] + 6 + text_wide(t);
        if (key->height == 0 || x + wide > width) {
            key->height += 13;
            x = 0;
        }
        x += wide + 16;
    }
    if (key->height > 0) key->height += 8;
}

static void draw_sample(struct pdf_sheet *sheet, struct pdf_node *node, enum sample sample,
                        double x, double y) {
    double width = sample_width[sample];
    if (sample == SAMPLE_BAND)
        sheet_box(sheet, node, x, y - 4.5, width, 9, 1.5, sheet_hex(COLOUR_BAND), NONE);
    if (sample == SAMPLE_MARK)
        sheet_line(sheet, node, x + 3, y - 5, x + 3, y + 5, 1.2, GREY, false);
    if (sample == SAMPLE_EARLIER) sheet_dot(sheet, node, x + 5, y, 2.9, WHITE, GREY);
    if (sample != SAMPLE_OWN) return;
    sheet_box(sheet, node, x, y - 2, width, 4, 2, SOFT_INK, NONE);
    sheet_dot(sheet, node, x + width / 2, y, 3.3, INK, NONE);
}

static void place_key(struct pdf_sheet *sheet, struct pdf_node *node, const struct key *key,
                      double left, double width, double y) {
    double x = left;
    for (size_t i = 0; i < SAMPLES; i++) {
        if (!key->texts[i]) continue;
        double wide = sample_width[i] + 6 + text_wide(key->texts[i]);
        if (x > left && x + wide > left + width) {
            x = left;
            y += 13;
        }
        draw_sample(sheet, node, (enum sample)i, x, y + 6.5);
        sheet_put_at(sheet, node, key->texts[i], -1, x + sample_width[i] + 6, y + 6.5);
        x += wide + 16;
    }
}

/* One part of a chart: all of it, or the rows that one page holds. */
struct dots_part {
    struct dot_chart chart;
    struct dot_geometry geometry;
    double height;
};

/* A row in words, below the chart. */
struct dots_words {
    const struct dot_row *row;
    struct pdf_text *name, *meaning, *statement;
    double height;
};

struct dots {
    struct chart_title title;
    struct key key;
    size_t n_parts, n_words;
    struct dots_part *parts;
    struct dots_words *words;
};

#define WORDS_NAME 142.0 /* width of the names' column */
#define WORDS_GAP 15.0

static void measure_words(struct pdf_flow *flow, const struct dot_row *row,
                          struct dots_words *words) {
    struct pdf_sheet *sheet = flow->sheet;
    words->row = row;
    words->name = sheet_string(sheet, STYLE_WORDS_NAME, row->name, WORDS_NAME, 4);
    if (row->meaning && *row->meaning)
        words->meaning = sheet_string(sheet, STYLE_AXIS, row->meaning, WORDS_NAME, 4);
    words->statement =
        sheet_text(sheet, STYLE_CARD, row->statement, PDF_COLUMN - WORDS_NAME - WORDS_GAP, 40);
    words->height = 14 + fmax(text_height(words->name) + 2 + text_height(words->meaning),
                              text_height(words->statement));
}

static bool measure_parts(struct pdf_flow *flow, const struct dot_chart *chart, struct dots *d) {
    double width = PDF_COLUMN - 2 * CHART_PAD;
    struct dot_chart one = *chart;
    one.n_rows = 1;
    struct dot_geometry g = dot_geometry(&one, width);
    double around = 2 * CHART_PAD + d->title.height + d->key.height + g.height - g.row_height;
    size_t per_part = chart_rows_a_part(chart->n_rows, PDF_BOTTOM - PDF_TOP - around, g.row_height);
    d->n_parts = (chart->n_rows + per_part - 1) / per_part;
    d->parts = flow_alloc(flow, d->n_parts, sizeof *d->parts);
    if (!d->parts) return false;
    for (size_t i = 0; i < d->n_parts; i++) {
        struct dots_part *p = &d->parts[i];
        p->chart = *chart;
        p->chart.rows = chart->rows + i * per_part;
        p->chart.n_rows = chart->n_rows - i * per_part;
        if (p->chart.n_rows > per_part) p->chart.n_rows = per_part;
        p->geometry = dot_geometry(&p->chart, width);
        p->height = 2 * CHART_PAD + d->title.height + d->key.height + p->geometry.height;
    }
    return true;
}

bool measure_dots(struct pdf_flow *flow, struct pdf_piece *piece) {
    const struct dot_chart *chart = piece->block->dots;
    struct dots *d = piece->data = flow_alloc(flow, 1, sizeof *d);
    if (!d) return false;
    d->words = flow_alloc(flow, chart->n_rows, sizeof *d->words);
    if (!d->words) return false;
    d->title = chart_title(flow, chart->title);
    measure_key(flow, chart, PDF_COLUMN - 2 * CHART_PAD, &d->key);
    if (!measure_parts(flow, chart, d)) return false;
    piece->before = 12;
    for (size_t i = 0; i < d->n_parts; i++) piece->height += d->parts[i].height + (i ? 12 : 0);
    for (size_t i = 0; i < chart->n_rows; i++) {
        if (!chart->rows[i].shown || !chart->rows[i].statement) continue;
        measure_words(flow, &chart->rows[i], &d->words[d->n_words]);
        piece->height += d->words[d->n_words++].height;
    }
    piece->least = d->parts[0].height;
    return !flow->sheet->full;
}

static const char *dots_alternative(struct pdf_flow *flow, const struct dot_chart *chart) {
    struct text text = text_new(flow->sheet->arena, 1 << 20);
    alternative_add(&text, chart->title);
    alternative_add(&text, chart->description);
    for (size_t i = 0; i < chart->n_rows; i++) {
        const struct dot_row *row = &chart->rows[i];
        alternative_add(&text, row->shown ? row->sentence : row->name);
        if (!row->shown) alternative_add(&text, row->why);
    }
    if (!text_ok(&text)) flow->sheet->full = true;
    return text_string(&text);
}

/* The axis behind the rows: where the chart stands on the page is left, top. */
static void place_axis(struct pdf_flow *flow, struct pdf_node *node, const struct dots_part *part,
                       double left, double top) {
    const struct dot_geometry *g = &part->geometry;
    struct pdf_sheet *sheet = flow->sheet;
    for (size_t i = 0; i < g->n_ticks; i++) {
        double x = left + dot_x(g, &part->chart, g->ticks[i], NULL);
        bool is_reference = fabs(g->ticks[i] - part->chart.reference) < 1e-9;
        char number[NUMBER_MAX];
        struct pdf_text *label = sheet_string(
            sheet, STYLE_AXIS, i18n_number(flow->language, g->ticks[i], 0, number), 60, 1);
        sheet_put_at(sheet, node, label, 0, x, top + g->axis_baseline - 2.8);
        if (!is_reference)
            sheet_line(sheet, node, x, top + g->plot_top, x, top + g->plot_bottom, .6,
                       sheet_hex(COLOUR_LINE), true);
    }
    double x = left + dot_x(g, &part->chart, part->chart.reference, NULL);
    sheet_line(sheet, node, x, top + g->plot_top, x, top + g->plot_bottom, .9,
               sheet_hex(COLOUR_REFERENCE), false);
    if (!part->chart.reference_text) return;
    struct pdf_text *foot = sheet_string(sheet, STYLE_AXIS, part->chart.reference_text, 240, 1);
    sheet_put_at(sheet, node, foot, 0, x, top + g->foot_baseline - 2.8);
}

/* An arrowhead past the end of the axis: the value stands further out. */
static void place_arrow(struct pdf_sheet *sheet, struct pdf_node *node, int side, double x,
                        double y, int colour) {
    double tip = x + side * 8.0, back = x + side * 5.0;
    sheet_line(sheet, node, back, y - 3, tip, y, 1.1, colour, false);
    sheet_line(sheet, node, back, y + 3, tip, y, 1.1, colour, false);
}

static void place_marks(struct pdf_flow *flow, struct pdf_node *node, const struct dots_part *part,
                        const struct dot_row *row, double left, double y) {
    const struct dot_geometry *g = &part->geometry;
    const struct dot_chart *chart = &part->chart;
    struct pdf_sheet *sheet = flow->sheet;
    double low = left + dot_x(g, chart, row->low, NULL),
           high = left + dot_x(g, chart, row->high, NULL);
    double thick = 2.4 * g->interval_width;
    sheet_box(sheet, node, low, y - thick / 2, fmax(high - low, thick), thick, thick / 2,
              tone_soft_colour(row->tone), NONE);
    if (row->has_mark) {
        double x = left + dot_x(g, chart, row->mark, NULL);
        sheet_line(sheet, node, x, y - g->mark_height / 2, x, y + g->mark_height / 2, 1.2, GREY,
                   false);
    }
    if (row->has_earlier)
        sheet_dot(sheet, node, left + dot_x(g, chart, row->earlier, NULL), y, g->dot_radius * .85,
                  WHITE, GREY);
    int side;
    double x = left + dot_x(g, chart, row->value, &side);
    sheet_dot(sheet, node, x, y, g->dot_radius, tone_colour(row->tone), NONE);
    if (side) place_arrow(sheet, node, side, x, y, tone_colour(row->tone));
}

static void place_row(struct pdf_flow *flow, struct pdf_node *node, const struct dots_part *part,
                      size_t i, double left, double top) {
    const struct dot_geometry *g = &part->geometry;
    const struct dot_row *row = &part->chart.rows[i];
    struct pdf_sheet *sheet = flow->sheet;
    double y = top + dot_y(g, i);
    sheet_put_at(sheet, node, sheet_string(sheet, STYLE_NAME, row->name, g->name_width, 2), -1,
                 left, y);
    if (!row->shown) {
        double x = left + g->plot_left, width = g->width - g->plot_left;
        struct pdf_text *why = sheet_string(sheet, STYLE_WORD, row->why, width - 12, 2);
        double wide = text_wide(why) + 12, high = text_height(why) + 2;
        sheet_box(sheet, node, x, y - high / 2, wide, high, 2, WHITE, NONE); /* hides the axis */
        sheet_put_at(sheet, node, why, -1, x + 6, y);
        return;
    }
    place_marks(flow, node, part, row, left, y);
    int colour = tone_colour(row->tone);
    struct pdf_text *value = sheet_string(sheet, STYLE_VALUE, row->value_text, 80, 1);
    sheet_put_at(sheet, node, sheet_colour(value, colour), 1, left + g->value_x, y);
    if (row->word && *row->word)
        sheet_tone(sheet, node, row->tone, left + g->mark_x, y, 6,
                   row->tone == TONE_NEUTRAL ? GREY : colour);
    sheet_put_at(sheet, node, sheet_string(sheet, STYLE_WORD, row->word, g->width - g->word_x, 2),
                 -1, left + g->word_x, y);
}

static void place_band(struct pdf_flow *flow, struct pdf_node *node, const struct dots_part *part,
                       size_t i, double left, double top) {
    const struct dot_geometry *g = &part->geometry;
    const struct dot_row *row = &part->chart.rows[i];
    if (!row->shown || !row->has_band) return;
    double low = dot_x(g, &part->chart, row->band_low, NULL);
    double high = dot_x(g, &part->chart, row->band_high, NULL);
    sheet_box(flow->sheet, node, left + low, top + dot_y(g, i) - g->band_height / 2,
              fmax(high - low, 1), g->band_height, 2, sheet_hex(COLOUR_BAND), NONE);
}

static void place_part(struct pdf_flow *flow, const struct dots *d, const struct dots_part *part) {
    struct pdf_node *node =
        chart_begin(flow, &d->title, part->height, dots_alternative(flow, &part->chart));
    double left = PDF_LEFT + CHART_PAD, y = flow->y + CHART_PAD + d->title.height;
    place_key(flow->sheet, node, &d->key, left, PDF_COLUMN - 2 * CHART_PAD, y);
    y += d->key.height;
    for (size_t i = 0; i < part->chart.n_rows; i++) place_band(flow, node, part, i, left, y);
    place_axis(flow, node, part, left, y);
    for (size_t i = 0; i < part->chart.n_rows; i++) place_row(flow, node, part, i, left, y);
    flow->y += part->height;
    flow->top = false;
}

static void place_words(struct pdf_flow *flow, const struct dots_words *w, struct pdf_node *list) {
    struct pdf_sheet *sheet = flow->sheet;
    flow_room(flow, w->height);
    struct pdf_node *item = flow_node(flow, list, PDF_LI);
    if (!item) return;
    item->anchor = w->row->anchor;
    pdf_node_cover(item, sheet->page, PDF_LEFT, flow->y, PDF_RIGHT, flow->y + w->height);
    if (!flow->top && item != list->first)
        sheet_line(sheet, NULL, PDF_LEFT, flow->y, PDF_RIGHT, flow->y, .6, HAIRLINE, false);
    double y = flow->y + 7;
    sheet_put(sheet, flow_node(flow, item, PDF_LBL), w->name, PDF_LEFT, y + 1.2);
    struct pdf_node *body = flow_node(flow, item, PDF_LBODY);
    if (w->meaning)
        sheet_put(sheet, flow_node(flow, body, PDF_P), w->meaning, PDF_LEFT,
                  y + 3.2 + text_height(w->name));
    sheet_put(sheet, flow_node(flow, body, PDF_P), w->statement, PDF_LEFT + WORDS_NAME + WORDS_GAP,
              y);
    flow->y += w->height;
    flow->top = false;
}

void place_dots(struct pdf_flow *flow, struct pdf_piece *piece) {
    struct dots *d = piece->data;
    for (size_t i = 0; i < d->n_parts; i++) {
        if (i > 0 && !flow_room(flow, 12 + d->parts[i].height)) flow->y += 12;
        place_part(flow, d, &d->parts[i]);
    }
    if (!d->n_words) return;
    struct pdf_node *list = flow_node(flow, NULL, PDF_L);
    flow->y += 8;
    for (size_t i = 0; i < d->n_words; i++) place_words(flow, &d->words[i], list);
}

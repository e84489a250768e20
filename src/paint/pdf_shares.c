/* Shares of answers: one full bar a row, cut into the answers' categories. */
#include "base/text.h"
#include "document/geometry.h"
#include "paint/colour.h"
#include "paint/pdf_charts.h"

#include <math.h>

struct shares_part {
    struct share_chart chart;
    struct share_geometry geometry;
    double height;
};

struct shares {
    struct chart_title title;
    struct pdf_text *key[SHARE_CATEGORIES_MAX];
    double key_height;
    size_t n_parts;
    struct shares_part *parts;
};

static size_t n_categories(const struct share_chart *chart) {
    return chart->n_categories < SHARE_CATEGORIES_MAX ? chart->n_categories : SHARE_CATEGORIES_MAX;
}

/* Moves x to the key's entry i, or to the next line's beginning; returns true at a new line. */
static bool key_step(const struct shares *s, size_t i, double width, double *x) {
    double wide = 16 + text_wide(s->key[i]);
    bool turned = *x > 0 && *x + wide > width;
    if (turned) *x = 0;
    return turned;
}

static void measure_share_key(struct pdf_flow *flow, const struct share_chart *chart,
                              struct shares *s) {
    double width = PDF_COLUMN - 2 * CHART_PAD, x = 0;
    s->key_height = n_categories(chart) ? 13 + 8 : 0;
    for (size_t i = 0; i < n_categories(chart); i++) {
        s->key[i] = sheet_string(flow->sheet, STYLE_AXIS, chart->categories[i], width - 20, 1);
        if (key_step(s, i, width, &x)) s->key_height += 13;
        x += 16 + text_wide(s->key[i]) + 14;
    }
}

static void place_share_key(struct pdf_flow *flow, struct pdf_node *node,
                            const struct share_chart *chart, const struct shares *s, double left,
                            double y) {
    double x = 0;
    for (size_t i = 0; i < n_categories(chart); i++) {
        if (key_step(s, i, PDF_COLUMN - 2 * CHART_PAD, &x)) y += 13;
        sheet_box(flow->sheet, node, left + x, y + 2, 10, 9, 1.5,
                  sheet_hex(share_fill(i, chart->n_categories)), NONE);
        sheet_put_at(flow->sheet, node, s->key[i], -1, left + x + 16, y + 6.5);
        x += 16 + text_wide(s->key[i]) + 14;
    }
}

bool measure_shares(struct pdf_flow *flow, struct pdf_piece *piece) {
    const struct share_chart *chart = piece->block->shares;
    struct shares *s = piece->data = flow_alloc(flow, 1, sizeof *s);
    if (!s) return false;
    double width = PDF_COLUMN - 2 * CHART_PAD;
    s->title = chart_title(flow, chart->title);
    measure_share_key(flow, chart, s);
    double around = 2 * CHART_PAD + s->title.height + s->key_height;
    size_t per_part = chart_rows_a_part(chart->n_rows, PDF_BOTTOM - PDF_TOP - around,
                                        share_geometry(chart, width).row_height);
    s->n_parts = (chart->n_rows + per_part - 1) / per_part;
    s->parts = flow_alloc(flow, s->n_parts, sizeof *s->parts);
    if (!s->parts) return false;
    piece->before = 12;
    for (size_t i = 0; i < s->n_parts; i++) {
        struct shares_part *p = &s->parts[i];
        p->chart = *chart;
        p->chart.rows = chart->rows + i * per_part;
        p->chart.n_rows = chart->n_rows - i * per_part;
        if (p->chart.n_rows > per_part) p->chart.n_rows = per_part;
        p->geometry = share_geometry(&p->chart, width);
        p->height = around + p->geometry.height;
        piece->height += p->height + (i ? 12 : 0);
    }
    piece->least = s->parts[0].height;
    return !flow->sheet->full;
}

static const char *shares_alternative(struct pdf_flow *flow, const struct share_chart *chart) {
    struct text text = text_new(flow->sheet->arena, 1 << 20);
    alternative_add(&text, chart->title);
    alternative_add(&text, chart->description);
    for (size_t i = 0; i < chart->n_rows; i++) {
        const struct share_row *row = &chart->rows[i];
        alternative_add(&text, row->shown ? row->sentence : row->name);
        if (!row->shown) alternative_add(&text, row->why);
    }
    if (!text_ok(&text)) flow->sheet->full = true;
    return text_string(&text);
}

static void place_bar(struct pdf_flow *flow, struct pdf_node *node, const struct shares_part *part,
                      size_t i, double left, double y) {
    const struct share_geometry *g = &part->geometry;
    const struct share_row *row = &part->chart.rows[i];
    for (size_t c = 0; c < n_categories(&part->chart); c++) {
        struct share_part p = share_part(g, &part->chart, i, c);
        double width = p.right - p.left;
        if (width <= 0) continue;
        sheet_box(flow->sheet, node, left + p.left, y - g->bar_height / 2, fmax(width - .8, .4),
                  g->bar_height, 0, sheet_hex(share_fill(c, part->chart.n_categories)), NONE);
        if (!p.has_room || !row->texts) continue;
        struct pdf_text *label = sheet_string(flow->sheet, STYLE_PART, row->texts[c], width, 1);
        sheet_put_at(flow->sheet, node,
                     sheet_colour(label, sheet_hex(share_ink(c, part->chart.n_categories))), 0,
                     left + (p.left + p.right) / 2, y);
    }
}

static void place_share_row(struct pdf_flow *flow, struct pdf_node *node,
                            const struct shares_part *part, size_t i, double left, double top) {
    const struct share_geometry *g = &part->geometry;
    const struct share_row *row = &part->chart.rows[i];
    struct pdf_sheet *sheet = flow->sheet;
    double y = top + share_y(g, i);
    if (i > 0)
        sheet_line(sheet, node, left, y - g->row_height / 2, left + g->width, y - g->row_height / 2,
                   .5, HAIRLINE, false);
    sheet_put_at(sheet, node, sheet_string(sheet, STYLE_WORD, row->name, g->name_width, 2), -1,
                 left, y);
    if (row->shown)
        place_bar(flow, node, part, i, left, y);
    else
        sheet_put_at(sheet, node,
                     sheet_string(sheet, STYLE_WORD, row->why, g->width - g->bar_left, 2), -1,
                     left + g->bar_left, y);
}

void place_shares(struct pdf_flow *flow, struct pdf_piece *piece) {
    struct shares *s = piece->data;
    double left = PDF_LEFT + CHART_PAD;
    for (size_t i = 0; i < s->n_parts; i++) {
        struct shares_part *part = &s->parts[i];
        if (i > 0 && !flow_room(flow, 12 + part->height)) flow->y += 12;
        struct pdf_node *node =
            chart_begin(flow, &s->title, part->height, shares_alternative(flow, &part->chart));
        double y = flow->y + CHART_PAD + s->title.height;
        place_share_key(flow, node, &part->chart, s, left, y);
        for (size_t r = 0; r < part->chart.n_rows; r++)
            place_share_row(flow, node, part, r, left, y + s->key_height);
        flow->y += part->height;
        flow->top = false;
    }
}

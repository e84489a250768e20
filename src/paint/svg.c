#include "paint/svg.h"

#include "base/markup.h"
#include "base/text.h"
#include "document/geometry.h"
#include "paint/colour.h"

#include <stdio.h>
#include <string.h>

enum { WIDE = 960, NARROW = 340 };

/* Coordinates to a tenth: what is smaller is not seen, and pages get shorter. */
static void put(struct text *out, const char *name, double value) {
    if (value - (double)(long)value == 0)
        text_addf(out, " %s=\"%ld\"", name, (long)value);
    else
        text_addf(out, " %s=\"%.1f\"", name, value);
}

static void rectangle(struct text *out, double left, double top, double right, double bottom,
                      double radius, const char *fill) {
    text_add(out, "<rect");
    put(out, "x", left);
    put(out, "y", top);
    put(out, "width", right - left);
    put(out, "height", bottom - top);
    if (radius > 0) put(out, "rx", radius);
    text_addf(out, " fill=\"%s\"/>", fill);
}

static void line(struct text *out, double x1, double y1, double x2, double y2, const char *stroke,
                 double width, const char *more) {
    text_add(out, "<line");
    put(out, "x1", x1);
    put(out, "y1", y1);
    put(out, "x2", x2);
    put(out, "y2", y2);
    text_addf(out, " stroke=\"%s\"", stroke);
    put(out, "stroke-width", width);
    text_addf(out, "%s/>", more);
}

static void circle(struct text *out, double x, double y, double radius, const char *fill,
                   const char *stroke, double width) {
    text_add(out, "<circle");
    put(out, "cx", x);
    put(out, "cy", y);
    put(out, "r", radius);
    text_addf(out, " fill=\"%s\"", fill);
    if (stroke) {
        text_addf(out, " stroke=\"%s\"", stroke);
        put(out, "stroke-width", width);
    }
    text_add(out, "/>");
}

static void shape(struct text *out, enum tone tone, double x, double y, double size) {
    struct shape s = tone_shape(tone, size);
    text_add(out, "<path d=\"");
    for (size_t i = 0; i < s.n; i++)
        text_addf(out, "%s%.1f %.1f", i ? "L" : "M", x + s.x[i], y + s.y[i]);
    text_addf(out, "z\" fill=\"%s\"/>", tone == TONE_NEUTRAL ? COLOUR_GREY : colour_of(tone));
}

/* anchor: start | middle | end. */
static void label(struct text *out, double x, double y, double size, const char *class,
                  const char *anchor, const char *fill, const char *text) {
    text_addf(out, "<text class=\"%s\"", class);
    put(out, "x", x);
    put(out, "y", y);
    put(out, "font-size", size);
    if (strcmp(anchor, "start") != 0) text_addf(out, " text-anchor=\"%s\"", anchor);
    text_addf(out, " fill=\"%s\">", fill);
    markup_add(out, text);
    text_add(out, "</text>");
}

/* A name in one or two lines around y. */
static void name_label(struct text *out, const char *name, double y, double size, double width) {
    char lines[LINES_MAX][LINE_BYTES];
    size_t n = text_lines(name, size, true, width, lines);
    double leading = size * 1.15, first = y + size * .36 - leading * (double)(n - (n > 0)) / 2;
    for (size_t i = 0; i < n; i++)
        label(out, 0, first + leading * (double)i, size, "name", "start", COLOUR_INK, lines[i]);
}

static void begin_image(struct text *out, const char *class, double width, double height,
                        size_t number, const char *title, const char *description) {
    text_addf(
        out,
        "<svg class=\"%s\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"chart-%zu "
        "chart-%zu-how\"><title id=\"chart-%zu\">",
        class, width, height, number, number, number);
    markup_add(out, title);
    text_addf(out, "</title><desc id=\"chart-%zu-how\">", number);
    markup_add(out, description ? description : "");
    text_add(out, "</desc>");
}

static void begin_ornament(struct text *out, const char *class, double width, double height) {
    text_addf(out,
              "<svg class=\"%s\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
              "aria-hidden=\"true\" focusable=\"false\">",
              class, width, height, width, height);
}

/* Past the end of the axis an arrowhead says that the number lies outside. */
static void outside(struct text *out, double x, double y, int side, double size, const char *fill) {
    double tip = x + side * size * 1.9, back = x + side * size * 1.05;
    text_addf(out, "<path d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fz\" fill=\"%s\"/>", tip, y, back,
              y - size * .8, back, y + size * .8, fill);
}

/* Band, mark, earlier dot, interval and dot of one row. */
static void plot_row(struct text *out, const struct dot_geometry *g, const struct dot_chart *chart,
                     const struct dot_row *row, double y) {
    if (row->has_band) {
        double left = dot_x(g, chart, row->band_low, NULL),
               right = dot_x(g, chart, row->band_high, NULL);
        rectangle(out, left, y - g->band_height / 2, right, y + g->band_height / 2, 3, COLOUR_BAND);
    }
    if (row->has_mark) {
        double x = dot_x(g, chart, row->mark, NULL);
        line(out, x, y - g->mark_height / 2, x, y + g->mark_height / 2, COLOUR_MARK, 2, "");
    }
    int clipped;
    const char *colour = colour_of(row->tone);
    double x = dot_x(g, chart, row->value, &clipped);
    if (row->has_earlier)
        circle(out, dot_x(g, chart, row->earlier, NULL), y, g->dot_radius * .75, "#fff",
               COLOUR_GREY, 1.5);
    line(out, dot_x(g, chart, row->low, NULL), y, dot_x(g, chart, row->high, NULL), y, colour,
         g->interval_width, " stroke-linecap=\"round\"");
    circle(out, x, y, g->dot_radius, colour, "#fff", 1.5);
    if (clipped) outside(out, x, y, clipped, g->dot_radius, colour);
}

static void axis(struct text *out, const struct dot_geometry *g, const struct dot_chart *chart) {
    for (size_t i = 0; i < g->n_ticks; i++) {
        double x = dot_x(g, chart, g->ticks[i], NULL);
        bool reference = g->ticks[i] == chart->reference;
        char tick[32];
        snprintf(tick, sizeof tick, "%.0f", g->ticks[i]);
        label(out, x, g->axis_baseline, g->small_size, "tick", "middle", COLOUR_GREY, tick);
        line(out, x, g->plot_top, x, g->plot_bottom, reference ? COLOUR_REFERENCE : COLOUR_LINE, 1,
             reference ? "" : " stroke-dasharray=\"1 4\"");
    }
    if (chart->reference_text)
        label(out, dot_x(g, chart, chart->reference, NULL), g->foot_baseline, g->small_size, "tick",
              "middle", COLOUR_GREY, chart->reference_text);
}

static void dot_row_image(struct text *out, const struct dot_geometry *g,
                          const struct dot_chart *chart, size_t i) {
    const struct dot_row *row = &chart->rows[i];
    double y = dot_y(g, i), baseline = y + g->text_size * .36;
    name_label(out, row->name, y, g->text_size, g->name_width);
    if (!row->shown) {
        label(out, g->plot_left, baseline, g->text_size * .9375, "why", "start", COLOUR_GREY,
              row->why);
        return;
    }
    plot_row(out, g, chart, row, y);
    const char *colour = colour_of(row->tone);
    label(out, g->value_x, baseline, g->text_size * 1.0625, "value", "end", colour,
          row->value_text);
    if (!row->word) return;
    shape(out, row->tone, g->mark_x, y, g->text_size * .625);
    label(out, g->word_x, baseline, g->text_size * .9375, "word", "start",
          row->tone == TONE_NEUTRAL ? COLOUR_GREY : colour, row->word);
}

void svg_dots(struct text *out, const struct dot_chart *chart, size_t number) {
    struct dot_geometry g = dot_geometry(chart, WIDE);
    begin_image(out, "wide", g.width, g.height, number, chart->title, chart->description);
    for (size_t i = 1; i < chart->n_rows; i++) {
        double y = dot_y(&g, i) - g.row_height / 2;
        line(out, 0, y, g.width, y, COLOUR_HAIR, 1, "");
    }
    axis(out, &g, chart);
    for (size_t i = 0; i < chart->n_rows; i++) dot_row_image(out, &g, chart, i);
    text_add(out, "</svg>");
}

void svg_strip(struct text *out, const struct dot_chart *chart, const struct dot_row *row) {
    struct dot_geometry g = strip_geometry(chart, NARROW);
    begin_ornament(out, "strip", g.width, g.height);
    line(out, g.plot_left, g.first_row, g.plot_right, g.first_row, COLOUR_LINE, 1, "");
    double x = dot_x(&g, chart, chart->reference, NULL);
    line(out, x, 0, x, g.height, COLOUR_REFERENCE, 1, "");
    plot_row(out, &g, chart, row, g.first_row);
    text_add(out, "</svg>");
}

/* The bar of a row at y. The texts are the painter's own; what has no room is in the table. */
static void share_bar(struct text *out, const struct share_geometry *g,
                      const struct share_chart *chart, size_t i, double y, double height) {
    for (size_t k = 0; k < chart->n_categories; k++) {
        struct share_part p = share_part(g, chart, i, k);
        if (p.right - p.left < .05) continue;
        /* A hair of white between parts: neighbours are told apart without their colours. */
        double right = p.right - p.left > 3 && k + 1 < chart->n_categories ? p.right - 1.5
                                                                           : p.right;
        rectangle(out, p.left, y - height / 2, right, y + height / 2, 2,
                  share_fill(k, chart->n_categories));
        if (p.has_room)
            label(out, (p.left + right) / 2, y + g->small_size * .36, g->small_size, "share",
                  "middle", share_ink(k, chart->n_categories), chart->rows[i].texts[k]);
    }
}

void svg_shares(struct text *out, const struct share_chart *chart, size_t number) {
    struct share_geometry g = share_geometry(chart, WIDE);
    begin_image(out, "wide", g.width, g.height, number, chart->title, chart->description);
    for (size_t i = 0; i < chart->n_rows; i++) {
        const struct share_row *row = &chart->rows[i];
        double y = share_y(&g, i);
        name_label(out, row->name, y, g.text_size * .9375, g.name_width);
        if (row->shown)
            share_bar(out, &g, chart, i, y, g.bar_height);
        else
            label(out, g.bar_left, y + g.text_size * .36, g.text_size * .9375, "why", "start",
                  COLOUR_GREY, row->why);
    }
    text_add(out, "</svg>");
}

void svg_share_strip(struct text *out, const struct share_chart *chart, size_t row) {
    struct share_geometry g = { .width = NARROW,
                                .height = 26,
                                .text_size = 15,
                                .small_size = 13,
                                .bar_right = NARROW,
                                .bar_height = 26,
                                .first_row = 13 };
    begin_ornament(out, "strip", g.width, g.height);
    share_bar(out, &g, chart, row, g.first_row, g.bar_height);
    text_add(out, "</svg>");
}

void svg_mark(struct text *out, enum tone tone) {
    begin_ornament(out, "mark", 14, 14);
    shape(out, tone, 7, 7, 11);
    text_add(out, "</svg>");
}

/* One entry of a key: its sign, drawn by the same hand as the chart's. */
struct key_entry {
    const char *text;
    struct dot_row sign;
    double width;
};

static void key_entry(struct text *out, const struct key_entry *entry) {
    static const struct dot_chart unit = { .axis_low = 0, .axis_high = 1, .axis_step = 1 };
    const struct dot_row *sign = &entry->sign;
    struct dot_geometry g = strip_geometry(&unit, entry->width);
    double middle = g.width / 2;
    g.plot_left = 3;
    g.plot_right = g.width - 3;
    text_add(out, "<li>");
    begin_ornament(out, "sign", g.width, g.height);
    if (sign->shown)
        plot_row(out, &g, &unit, sign, g.first_row);
    else if (sign->has_band)
        rectangle(out, 0, 3, g.width, 21, 3, COLOUR_BAND);
    else if (sign->has_mark)
        line(out, middle, 3, middle, 21, COLOUR_MARK, 2, "");
    else
        circle(out, middle, g.first_row, g.dot_radius * .75, "#fff", COLOUR_GREY, 1.5);
    text_add(out, "</svg>");
    markup_add(out, entry->text);
    text_add(out, "</li>");
}

void svg_dot_key(struct text *out, const struct dot_chart *chart) {
    const struct key_entry entries[] = {
        { chart->key_own, { .shown = true, .value = .5, .low = 0, .high = 1 }, 40 },
        { chart->key_earlier, { .shown = false }, 14 },
        { chart->key_mark, { .has_mark = true }, 6 },
        { chart->key_band, { .has_band = true }, 32 },
    };
    text_add(out, "<ul class=\"key\" aria-hidden=\"true\">");
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (entries[i].text) key_entry(out, &entries[i]);
    text_add(out, "</ul>");
}

void svg_share_key(struct text *out, const struct share_chart *chart) {
    text_add(out, "<ul class=\"key\" aria-hidden=\"true\">");
    for (size_t k = 0; k < chart->n_categories; k++) {
        text_add(out, "<li>");
        begin_ornament(out, "sign", 16, 16);
        rectangle(out, 0, 0, 16, 16, 3, share_fill(k, chart->n_categories));
        text_add(out, "</svg>");
        markup_add(out, chart->categories[k]);
        text_add(out, "</li>");
    }
    text_add(out, "</ul>");
}

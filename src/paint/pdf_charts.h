/* pdf_charts.h - what the two kinds of charts have in common: a card with a title, and words.
 *
 * Layer: paint. A chart is one Figure: its title, description, key and labels are part of the
 * drawing, and the alternative says it all in words.
 */
#ifndef LAERKE_PAINT_PDF_CHARTS_H
#define LAERKE_PAINT_PDF_CHARTS_H

#include "paint/pdf_flow.h"

struct text;

#define CHART_PAD 14.0

/* The title set, and its height with the gap below it; NULL: none. */
struct chart_title {
    struct pdf_text *text;
    double height;
};
struct chart_title chart_title(struct pdf_flow *flow, const char *title);

/* Draws the card, height high, with its title; returns the figure's node. */
struct pdf_node *chart_begin(struct pdf_flow *flow, const struct chart_title *title, double height,
                             const char *alternative);

/* Appends a sentence to an alternative, with a full stop between the two where there is none. */
void alternative_add(struct text *text, const char *sentence);

/* Rows of each part, when n_rows are shared evenly among as few parts as the room asks for. */
size_t chart_rows_a_part(size_t n_rows, double room, double row_height);

#endif

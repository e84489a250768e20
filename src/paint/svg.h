/* svg.h - charts as inline SVG. Layer: paint; for html.c alone.
 *
 * Colours are presentation attributes (allowed by a Content-Security-Policy without inline styles); type
 * comes from the page. Each wide chart is an image with a title (the finding) and a description (how to
 * read it); strips and marks are ornaments beside text that says the same.
 */
#ifndef LAERKE_PAINT_SVG_H
#define LAERKE_PAINT_SVG_H

#include "document/document.h"

#include <stddef.h>

struct text;

/* number makes the ids of title and description unique on the page. */
void svg_dots(struct text *out, const struct dot_chart *chart, size_t number);
void svg_shares(struct text *out, const struct share_chart *chart, size_t number);

/* One row's plot alone, for narrow pages. */
void svg_strip(struct text *out, const struct dot_chart *chart, const struct dot_row *row);
void svg_share_strip(struct text *out, const struct share_chart *chart, size_t row);

/* ▲ – ▼ in its colour. */
void svg_mark(struct text *out, enum tone tone);

/* What a dot chart's signs mean, each with its sign. */
void svg_dot_key(struct text *out, const struct dot_chart *chart);
void svg_share_key(struct text *out, const struct share_chart *chart);

#endif

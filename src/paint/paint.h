/* paint.h - a document → HTML + SVG, or PDF.
 *
 * Layer: paint (above document and i18n).
 */
#ifndef LAERKE_PAINT_PAINT_H
#define LAERKE_PAINT_PAINT_H

#include "base/error.h"
#include "document/document.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct text;

/* The contents of <main>: everything from h1 to the footer, escaped. Wide and narrow charts are both in it;
 * the style sheet (web/static/style.css) shows one. No inline styles or scripts (CSP). */
void paint_html(const struct document *document, struct text *out);

/* A whole page that stands alone, with its style inside: `laerke profile --format html`. */
void paint_html_page(const struct document *document, struct text *out);

/* Tagged PDF (title, /Lang, /Alt, headers with scope, bookmarks, embedded fonts). The same document
 * gives the same bytes. Thread-safe. */
struct pdf {
    unsigned char *bytes; /* in the arena */
    size_t length;
    size_t pages;
};
bool paint_pdf(const struct document *document, struct arena *arena, struct pdf *out,
               struct error *error);

#endif

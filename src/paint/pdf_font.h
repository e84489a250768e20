/* pdf_font.h - Inter (and DejaVu Sans for Arabic), from inside the binary, for a thread that sets type.
 *
 * Layer: paint. The fonts of the machine are never looked at, so that a document has the same bytes
 * everywhere. Fontconfig reads files by name only: the embedded fonts are put into anonymous memory
 * files, once a process, and given to a configuration of our own. A font map is not thread-safe, so
 * each thread has its own; it lives as long as the thread and is reused by every document.
 */
#ifndef LAERKE_PAINT_PDF_FONT_H
#define LAERKE_PAINT_PDF_FONT_H

#include <pango/pango.h>

#include <stdbool.h>
#include <stdint.h>

/* Text, what is strong in it, and headings and figures (the display cut: the same as on the web).
 */
enum pdf_face { PDF_REGULAR, PDF_SEMIBOLD, PDF_DISPLAY, PDF_FACES };

/* A new context of this thread's font map, without hinting, 1 unit = 1 point; the caller unrefs it.
 * NULL when the fonts cannot be had. */
PangoContext *pdf_font_context(const char *language, bool right_to_left);

/* Family and weight of a face; size is set by the caller. Owned by the module. */
const PangoFontDescription *pdf_font_face(enum pdf_face face);

/* True when the fonts have a glyph for the code point. */
bool pdf_font_covers(uint32_t code_point);

#endif

/* pdf_finish.h - what cairo leaves out of a tagged PDF, put in with libqpdf (docs/pdf.md says
 * what).
 *
 * Layer: paint.
 */
#ifndef LAERKE_PAINT_PDF_FINISH_H
#define LAERKE_PAINT_PDF_FINISH_H

#include "document/document.h"
#include "paint/paint.h"
#include "paint/pdf_sheet.h"

/* bytes: what cairo made of the sheet. Replaces its structure tree by the sheet's, its marks by
 * ours, and adds bookmarks, links, language, title and metadata. False when qpdf fails, or memory
 * is out (sheet->full). */
bool pdf_finish(struct pdf_sheet *sheet, const struct document *document,
                const unsigned char *bytes, size_t length, struct pdf *out);

/* Draws the sheet and finishes it; of document, only its title and language are asked. Errors
 * pdf.memory, pdf.failed. */
bool pdf_write(struct pdf_sheet *sheet, const struct document *document, struct pdf *out,
               struct error *error);

/* The document's name in windows and metadata: title and subtitle. */
const char *pdf_title(const struct pdf_sheet *sheet, const struct document *document);

#endif

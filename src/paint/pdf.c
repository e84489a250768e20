#include "paint/paint.h"

#include "base/arena.h"
#include "paint/pdf_finish.h"
#include "paint/pdf_flow.h"

#include <cairo-pdf.h>

#include <stdlib.h>
#include <string.h>

/* What cairo writes, before it is finished. */
struct stream {
    unsigned char *bytes;
    size_t length, capacity;
};

#define STREAM_MAX ((size_t)256 << 20)

static cairo_status_t receive(void *closure, const unsigned char *data, unsigned length) {
    struct stream *stream = closure;
    size_t need = stream->length + length;
    if (need > STREAM_MAX) return CAIRO_STATUS_WRITE_ERROR;
    if (need > stream->capacity) {
        size_t capacity = need < 32768 ? 65536 : 2 * need;
        unsigned char *bytes = realloc(stream->bytes, capacity);
        if (!bytes) return CAIRO_STATUS_NO_MEMORY;
        stream->bytes = bytes;
        stream->capacity = capacity;
    }
    memcpy(stream->bytes + stream->length, data, length);
    stream->length = need;
    return CAIRO_STATUS_SUCCESS;
}

/* What stands on every page and is read aloud on none: whose profile this is, and the page's
 * number. */
static void place_furniture(struct pdf_flow *flow) {
    struct pdf_sheet *sheet = flow->sheet;
    const struct document *d = flow->document;
    double foot = PDF_HEIGHT - 40, head = 43;
    for (size_t i = 0; i < sheet->n_pages; i++) {
        const struct arg args[] = { ARG_INT("page", i + 1), ARG_INT("pages", sheet->n_pages) };
        struct pdf_text *number = sheet_string(
            sheet, STYLE_SMALL, flow_say(flow, N_("Page {page} of {pages}"), args, 2), 120, 1);
        sheet->page = i;
        sheet_line(sheet, NULL, PDF_LEFT, foot - 12, PDF_RIGHT, foot - 12, .6, HAIRLINE, false);
        sheet_put_at(sheet, NULL, number, 1, PDF_RIGHT, foot);
        sheet_put_at(sheet, NULL, sheet_string(sheet, STYLE_SMALL, pdf_title(sheet, d), 360, 1), -1,
                     PDF_LEFT, foot);
        if (i == 0) continue;
        sheet_put_at(sheet, NULL, sheet_string(sheet, STYLE_BRAND, "Lærke", 80, 1), -1, PDF_LEFT,
                     head);
        sheet_put_at(sheet, NULL, sheet_string(sheet, STYLE_TAG, d->title, 340, 1), 1, PDF_RIGHT,
                     head);
    }
}

bool pdf_write(struct pdf_sheet *sheet, const struct document *document, struct pdf *out,
               struct error *error) {
    struct stream stream = { 0 };
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(receive, &stream, PDF_WIDTH, PDF_HEIGHT);
    bool ok = sheet_draw(sheet, surface) &&
              pdf_finish(sheet, document, stream.bytes, stream.length, out);
    cairo_surface_destroy(surface);
    free(stream.bytes);
    if (ok) return true;
    return error_plain(error, sheet->full ? ERROR_ID("pdf.memory") : ERROR_ID("pdf.failed"));
}

static bool paint(struct pdf_sheet *sheet, const struct document *document, struct pdf *out,
                  struct error *error) {
    struct pdf_flow flow = { .sheet = sheet,
                             .document = document,
                             .language = language_get(document->language) };
    bool ok = flow_document(&flow);
    if (sheet->too_long) return error_set(error, "pdf.too_long", ARG_INT("max", PDF_PAGES_MAX));
    if (ok) place_furniture(&flow);
    pdf_tree_tidy(sheet->root);
    if (!ok || sheet->full) return error_plain(error, "pdf.memory");
    return pdf_write(sheet, document, out, error);
}

bool paint_pdf(const struct document *document, struct arena *arena, struct pdf *out,
               struct error *error) {
    struct pdf_sheet sheet;
    *out = (struct pdf){ 0 };
    bool ok = sheet_open(&sheet, arena, document->language) ? paint(&sheet, document, out, error)
                                                            : error_plain(error, "pdf.fonts");
    sheet_close(&sheet);
    return ok;
}

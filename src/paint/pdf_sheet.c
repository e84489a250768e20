#include "paint/pdf_sheet.h"

#include "base/arena.h"
#include "document/geometry.h"
#include "paint/pdf_font.h"
#include "paint/qr.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <math.h>

bool sheet_open(struct pdf_sheet *sheet, struct arena *arena, const char *language) {
    *sheet = (struct pdf_sheet){ .arena = arena, .pages_max = PDF_PAGES_MAX };
    sheet->context = pdf_font_context(language, false);
    sheet->root = pdf_node_add(arena, NULL, PDF_DOCUMENT);
    if (!sheet->context || !sheet->root) return false;
    sheet_turn(sheet);
    return !sheet->full;
}

bool sheet_direct(struct pdf_sheet *sheet, const char *language, bool right_to_left) {
    if (right_to_left && !sheet->leftward) sheet->leftward = pdf_font_context(language, true);
    sheet->full |= right_to_left && !sheet->leftward;
    sheet->right_to_left = right_to_left;
    return !sheet->full;
}

void sheet_close(struct pdf_sheet *sheet) {
    for (struct pdf_text *t = sheet->texts; t; t = t->next) g_object_unref(t->layout);
    sheet->texts = NULL;
    for (size_t i = 0; i < STYLES; i++) {
        if (sheet->features[i]) pango_attr_list_unref(sheet->features[i]);
        sheet->features[i] = NULL;
    }
    if (sheet->context) g_object_unref(sheet->context);
    if (sheet->leftward) g_object_unref(sheet->leftward);
    sheet->context = sheet->leftward = NULL;
}

void sheet_turn(struct pdf_sheet *sheet) {
    if (sheet->n_pages == sheet->pages_max) {
        sheet->too_long = true; /* the rest goes on top of the last page, which is never shown */
        return;
    }
    if (sheet->n_pages == sheet->capacity) {
        size_t capacity = sheet->capacity ? 2 * sheet->capacity : 8;
        struct pdf_page *pages =
            arena_grow(sheet->arena, sheet->pages, sheet->n_pages, capacity, sizeof *pages);
        if (!pages) {
            sheet->full = true;
            return;
        }
        sheet->pages = pages;
        sheet->capacity = capacity;
    }
    sheet->page = sheet->n_pages++;
}

void sheet_add(struct pdf_sheet *sheet, const struct pdf_op *op) {
    struct pdf_op *copy = sheet->full ? NULL : arena_alloc(sheet->arena, sizeof *copy);
    if (!copy) {
        sheet->full = true;
        return;
    }
    *copy = *op;
    struct pdf_page *page = &sheet->pages[sheet->page];
    if (page->last)
        page->last->next = copy;
    else
        page->first = copy;
    page->last = copy;
}

int sheet_hex(const char *colour) {
    int number = 0;
    for (const char *c = colour + 1; *c; c++)
        number = number * 16 + (*c <= '9' ? *c - '0' : (*c | 0x20) - 'a' + 10);
    return number;
}

static void cover(const struct pdf_sheet *sheet, struct pdf_node *node, double left, double top,
                  double right, double bottom) {
    if (node) pdf_node_cover(node, sheet->page, left, top, right, bottom);
}

void sheet_box(struct pdf_sheet *sheet, struct pdf_node *node, double x, double y, double width,
               double height, double radius, int fill, int stroke) {
    sheet_add(sheet, &(struct pdf_op){ .kind = OP_BOX,
                                       .node = node,
                                       .x = x,
                                       .y = y,
                                       .width = width,
                                       .height = height,
                                       .radius = radius,
                                       .fill = fill,
                                       .stroke = stroke });
    cover(sheet, node, x, y, x + width, y + height);
}

void sheet_dot(struct pdf_sheet *sheet, struct pdf_node *node, double x, double y, double radius,
               int fill, int stroke) {
    sheet_add(sheet, &(struct pdf_op){ .kind = OP_DOT,
                                       .node = node,
                                       .x = x,
                                       .y = y,
                                       .radius = radius,
                                       .fill = fill,
                                       .stroke = stroke });
    cover(sheet, node, x - radius, y - radius, x + radius, y + radius);
}

void sheet_line(struct pdf_sheet *sheet, struct pdf_node *node, double x1, double y1, double x2,
                double y2, double width, int colour, bool dotted) {
    sheet_add(sheet, &(struct pdf_op){ .kind = OP_LINE,
                                       .node = node,
                                       .x = x1,
                                       .y = y1,
                                       .width = x2,
                                       .height = y2,
                                       .radius = width,
                                       .stroke = colour,
                                       .dotted = dotted });
    cover(sheet, node, fmin(x1, x2), fmin(y1, y2), fmax(x1, x2), fmax(y1, y2));
}

void sheet_tone(struct pdf_sheet *sheet, struct pdf_node *node, enum tone tone, double x, double y,
                double size, int colour) {
    sheet_add(sheet, &(struct pdf_op){ .kind = OP_TONE,
                                       .node = node,
                                       .x = x,
                                       .y = y,
                                       .radius = size,
                                       .tone = tone,
                                       .fill = colour });
    cover(sheet, node, x - size / 2, y - size / 2, x + size / 2, y + size / 2);
}

void sheet_qr(struct pdf_sheet *sheet, struct pdf_node *node, const struct qr *qr, double x,
              double y, double size) {
    sheet_add(sheet, &(struct pdf_op){
                         .kind = OP_QR, .node = node, .qr = qr, .x = x, .y = y, .radius = size });
    cover(sheet, node, x, y, x + size, y + size);
}

/* Drawing. */

static void set_colour(cairo_t *cr, int colour) {
    cairo_set_source_rgb(cr, (colour >> 16 & 0xFF) / 255.0, (colour >> 8 & 0xFF) / 255.0,
                         (colour & 0xFF) / 255.0);
}

static void paint_path(cairo_t *cr, const struct pdf_op *op) {
    if (op->fill != NONE) {
        set_colour(cr, op->fill);
        if (op->stroke != NONE)
            cairo_fill_preserve(cr);
        else
            cairo_fill(cr);
    }
    if (op->stroke == NONE) return;
    set_colour(cr, op->stroke);
    cairo_set_line_width(cr, op->kind == OP_DOT ? 1.1 : .75);
    cairo_stroke(cr);
}

static void draw_glyphs(cairo_t *cr, const struct pdf_op *op) {
    set_colour(cr, op->fill);
    cairo_move_to(cr, op->x, op->y);
    pango_cairo_show_glyph_item(cr, op->string, op->glyphs);
}

static void draw_box(cairo_t *cr, const struct pdf_op *op) {
    double r = fmin(op->radius, fmin(op->width, op->height) / 2);
    double right = op->x + op->width, bottom = op->y + op->height;
    if (r <= 0) {
        cairo_rectangle(cr, op->x, op->y, op->width, op->height);
    } else {
        static const double quarter = 1.5707963267948966;
        cairo_new_sub_path(cr);
        cairo_arc(cr, right - r, op->y + r, r, -quarter, 0);
        cairo_arc(cr, right - r, bottom - r, r, 0, quarter);
        cairo_arc(cr, op->x + r, bottom - r, r, quarter, 2 * quarter);
        cairo_arc(cr, op->x + r, op->y + r, r, 2 * quarter, 3 * quarter);
        cairo_close_path(cr);
    }
    paint_path(cr, op);
}

static void draw_dot(cairo_t *cr, const struct pdf_op *op) {
    cairo_new_sub_path(cr);
    cairo_arc(cr, op->x, op->y, op->radius, 0, 6.283185307179586);
    cairo_close_path(cr);
    paint_path(cr, op);
}

static void draw_line(cairo_t *cr, const struct pdf_op *op) {
    static const double dots[] = { 1, 2.5 };
    set_colour(cr, op->stroke);
    cairo_set_line_width(cr, op->radius);
    cairo_set_dash(cr, dots, op->dotted ? 2 : 0, 0);
    cairo_move_to(cr, op->x, op->y);
    cairo_line_to(cr, op->width, op->height);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

static void draw_tone(cairo_t *cr, const struct pdf_op *op) {
    struct shape shape = tone_shape(op->tone, op->radius);
    cairo_new_path(cr);
    for (size_t i = 0; i < shape.n; i++) cairo_line_to(cr, op->x + shape.x[i], op->y + shape.y[i]);
    cairo_close_path(cr);
    set_colour(cr, op->fill);
    cairo_fill(cr);
}

/* A picture of one dot a module: as paths, it would be most of a letter's bytes. */
static void draw_qr(cairo_t *cr, const struct pdf_op *op) {
    const struct qr *qr = op->qr;
    cairo_surface_t *picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, qr->size, qr->size);
    unsigned char *row = cairo_image_surface_get_data(picture);
    for (int y = 0; row && y < qr->size; y++) {
        uint32_t *dots = (uint32_t *)(void *)row; /* cairo aligns its rows */
        for (int x = 0; x < qr->size; x++) dots[x] = qr_dark(qr, y, x) ? 0 : 0xFFFFFF;
        row += cairo_image_surface_get_stride(picture);
    }
    cairo_surface_mark_dirty(picture);
    cairo_save(cr);
    cairo_translate(cr, op->x, op->y);
    cairo_scale(cr, op->radius / qr->size, op->radius / qr->size);
    cairo_set_source_surface(cr, picture, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_paint(cr);
    cairo_restore(cr);
    cairo_surface_destroy(picture);
}

static void draw(cairo_t *cr, const struct pdf_op *op) {
    static void (*const drawings[])(cairo_t *, const struct pdf_op *) = {
        [OP_GLYPHS] = draw_glyphs, [OP_BOX] = draw_box,   [OP_DOT] = draw_dot,
        [OP_LINE] = draw_line,     [OP_TONE] = draw_tone, [OP_QR] = draw_qr,
    };
    drawings[op->kind](cr, op);
}

/* Cairo numbers all marks of a page in the order they are begun, furniture too; the finishing pass
 * makes that an artifact and numbers the others anew, in the same order as here. */
static bool draw_page(struct pdf_sheet *sheet, cairo_t *cr, size_t page) {
    static const char *const mark[] = { "NonStruct", "Span" };
    size_t number = 0;
    for (const struct pdf_op *op = sheet->pages[page].first; op;) {
        struct pdf_node *node = op->node;
        cairo_tag_begin(cr, mark[node != NULL], NULL);
        for (; op && op->node == node; op = op->next) draw(cr, op);
        cairo_tag_end(cr, mark[node != NULL]);
        if (node && !pdf_node_mark(sheet->arena, node, page, number++)) {
            sheet->full = true;
            return false;
        }
    }
    return true;
}

bool sheet_draw(struct pdf_sheet *sheet, cairo_surface_t *surface) {
    cairo_t *cr = cairo_create(surface);
    bool ok = true;
    cairo_tag_begin(cr, "Document", NULL); /* one over all pages: cairo loses marks otherwise */
    for (size_t i = 0; i < sheet->n_pages && ok; i++) {
        ok = draw_page(sheet, cr, i);
        cairo_show_page(cr);
    }
    cairo_tag_end(cr, "Document");
    ok = ok && cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    return ok && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
}

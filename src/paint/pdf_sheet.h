/* pdf_sheet.h - everything that stands on the pages of one PDF, placed but not yet drawn.
 *
 * Layer: paint (pango and cairo). Placing and drawing are apart, so that "page 1 of 4" can be
 * written when the last page is known, and every text is set once. What is placed carries the
 * structure node it belongs to (NULL: page furniture); drawing marks each change of node. Units are
 * points from the top left of an A4 page; colours are 0xRRGGBB, always opaque.
 *
 *     struct pdf_text *t = sheet_text(sheet, STYLE_BODY, &run, 380, 0);
 *     sheet_put(sheet, node, t, x, y);
 */
#ifndef LAERKE_PAINT_PDF_SHEET_H
#define LAERKE_PAINT_PDF_SHEET_H

#include "document/document.h"
#include "paint/pdf_tags.h"

#include <cairo.h>
#include <pango/pango.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* A4, and the column that everything stands in. */
#define PDF_WIDTH 595.28
#define PDF_HEIGHT 841.89
#define PDF_LEFT 50.0
#define PDF_RIGHT (PDF_WIDTH - PDF_LEFT)
#define PDF_COLUMN (PDF_RIGHT - PDF_LEFT)
#define PDF_TOP 68.0
#define PDF_BOTTOM (PDF_HEIGHT - 62.0)
#define PDF_MEASURE 392.0 /* running text: about 70 letters a line */

enum { PDF_PAGES_MAX = 600 };

enum {
    NONE = -1,
    INK = 0x17262B,
    GREY = 0x5B6B70,
    BLUE = 0x0B5A82,
    RUST = 0xB4530F,
    WHITE = 0xFFFFFF,
    HAIRLINE = 0xDEDFDB,
    PAPER = 0xF6F5F1,
    NIGHT = 0x0F3F5A,
    SOFT_INK = 0xB9BFC0,
    SOFT_BLUE = 0xB3CDDA,
    SOFT_RUST = 0xE9CBB5,
    NIGHT_TEXT = 0xDCE8EE
};

enum pdf_style {
    STYLE_TITLE,
    STYLE_SUMMARY,
    STYLE_H2,
    STYLE_H3,
    STYLE_LEAD,
    STYLE_BODY,
    STYLE_SMALL,
    STYLE_BRAND,
    STYLE_TAG,
    STYLE_NUMBER,
    STYLE_DETAIL,
    STYLE_CARD,
    STYLE_LINK,
    STYLE_CHART_TITLE,
    STYLE_LABEL,
    STYLE_NAME,
    STYLE_WORDS_NAME,
    STYLE_VALUE,
    STYLE_WORD,
    STYLE_AXIS,
    STYLE_PART,
    STYLE_HEAD,
    STYLE_CELL,
    STYLE_SMALL_HEAD,
    STYLE_SMALL_NAME,
    STYLE_SMALL_CELL,
    STYLE_BOX_TITLE,
    STYLE_NIGHT_TITLE,
    STYLE_NIGHT,
    STYLE_LETTER,
    STYLE_LETTER_SMALL,
    STYLE_CODE,
    STYLE_STRIP_CODE,
    STYLES
};

/* One thing to draw. Which of the numbers it uses depends on its kind. */
enum pdf_op_kind { OP_GLYPHS, OP_BOX, OP_DOT, OP_LINE, OP_TONE, OP_QR };
struct pdf_op {
    enum pdf_op_kind kind;
    struct pdf_node *node;
    int fill, stroke;
    enum tone tone;
    bool dotted;
    double x, y, width, height,
        radius;         /* of a line: from x, y to width, height; radius: its width */
    const char *string; /* GLYPHS: the layout's text and one item of it */
    PangoGlyphItem *glyphs;
    const struct qr *qr;
    struct pdf_op *next;
};
struct pdf_page {
    struct pdf_op *first, *last;
};

struct pdf_sheet {
    struct arena *arena;
    PangoContext *context, *leftward; /* leftward: from right to left; made when first needed */
    bool right_to_left;               /* how the texts are set that are made from now on */
    PangoAttrList *features[STYLES]; /* made when first needed */
    struct pdf_text *texts;          /* what must be given back */
    struct pdf_node *root;
    struct pdf_page *pages;
    size_t n_pages, capacity, page; /* page: the one that is being filled */
    size_t pages_max;               /* PDF_PAGES_MAX, or what the caller allows */
    bool full, too_long;            /* out of memory; over pages_max */
};

/* A text set in lines of a width: not yet anywhere. */
struct pdf_text {
    PangoLayout *layout;
    enum pdf_style style;
    size_t n_runs, n_lines;
    const struct run **runs; /* each with the byte it starts at */
    size_t *starts;
    struct pdf_node **nodes; /* one a run when some are links; else NULL */
    bool linked;
    double width, height; /* of the widest line; of all lines */
    int colour;           /* instead of the style's, or NONE */
    struct pdf_text *next;
};

bool sheet_open(struct pdf_sheet *sheet, struct arena *arena, const char *language);

/* The texts that are set from now on run from the right (or again from the left): each line begins
 * at its right edge, so it is put with align 1. False: the sheet is full. */
bool sheet_direct(struct pdf_sheet *sheet, const char *language, bool right_to_left);

void sheet_close(struct pdf_sheet *sheet);

/* Turns to a new page. */
void sheet_turn(struct pdf_sheet *sheet);

/* Sets runs in lines of at most width points and at most max_lines lines (0: any number); what does
 * not fit ends in "…". Never NULL runs; NULL only when memory is out (all that take it allow that).
 */
struct pdf_text *sheet_text(struct pdf_sheet *sheet, enum pdf_style style, const struct run *runs,
                            double width, int max_lines);
struct pdf_text *sheet_string(struct pdf_sheet *sheet, enum pdf_style style, const char *string,
                              double width, int max_lines);
/* All of it in one colour. */
struct pdf_text *sheet_colour(struct pdf_text *text, int colour);
double text_height(const struct pdf_text *text);
double text_wide(const struct pdf_text *text);
/* The width of its widest word. */
double text_narrowest(const struct pdf_text *text);
double style_leading(enum pdf_style style);

/* All lines, the first one's top at y; strong runs and links look as the style says. */
void sheet_put(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text, double x,
               double y);
/* Lines from … up to to alone. */
void sheet_put_lines(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text,
                     size_t from, size_t to, double x, double y);
/* All lines around a centre height; align: -1 x is their left edge, 0 their middle, 1 their right.
 */
void sheet_put_at(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text, int align,
                  double x, double centre);

/* The number of a colour as the web writes it: "#0b5a82". */
int sheet_hex(const char *colour);

/* Shapes. fill and stroke: a colour, or NONE. */
void sheet_box(struct pdf_sheet *sheet, struct pdf_node *node, double x, double y, double width,
               double height, double radius, int fill, int stroke);
void sheet_dot(struct pdf_sheet *sheet, struct pdf_node *node, double x, double y, double radius,
               int fill, int stroke);
void sheet_line(struct pdf_sheet *sheet, struct pdf_node *node, double x1, double y1, double x2,
                double y2, double width, int colour, bool dotted);
void sheet_tone(struct pdf_sheet *sheet, struct pdf_node *node, enum tone tone, double x, double y,
                double size, int colour);

/* A QR with its quiet zone outside the square; qr lives as long as the sheet. */
struct qr;
void sheet_qr(struct pdf_sheet *sheet, struct pdf_node *node, const struct qr *qr, double x,
              double y, double size);

/* Adds one thing to the page that is being filled (what the functions above do). */
void sheet_add(struct pdf_sheet *sheet, const struct pdf_op *op);

/* Draws every page to a cairo PDF surface, marking what is drawn, and ends the surface. */
bool sheet_draw(struct pdf_sheet *sheet, cairo_surface_t *surface);

#endif

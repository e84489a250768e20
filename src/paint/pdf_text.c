#include "paint/pdf_sheet.h"

#include "base/arena.h"
#include "base/text.h"
#include "paint/pdf_font.h"

#include <pango/pangocairo.h>

#include <string.h>

/* Sizes in points. Inter's capitals are .727 of the size: a baseline .364 below a centre centres
 * them. */
static const struct {
    double size, leading;
    enum pdf_face face, strong;
    int colour, strong_colour;
    double spacing; /* between letters, of the size */
    bool tabular;   /* figures of one width, where they stand under each other */
} styles[STYLES] = {
    [STYLE_TITLE] = { 27, 32, PDF_DISPLAY, PDF_DISPLAY, INK, INK, -.01, false },
    [STYLE_SUMMARY] = { 11.5, 17.5, PDF_REGULAR, PDF_SEMIBOLD, GREY, INK, 0, false },
    [STYLE_H2] = { 16, 21, PDF_DISPLAY, PDF_DISPLAY, INK, INK, -.005, false },
    [STYLE_H3] = { 12, 16.5, PDF_SEMIBOLD, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_LEAD] = { 9.5, 14.5, PDF_REGULAR, PDF_SEMIBOLD, GREY, INK, 0, false },
    [STYLE_BODY] = { 10, 15.5, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_SMALL] = { 8, 12, PDF_REGULAR, PDF_SEMIBOLD, GREY, GREY, 0, false },
    [STYLE_BRAND] = { 11, 14, PDF_DISPLAY, PDF_DISPLAY, BLUE, BLUE, 0, false },
    [STYLE_TAG] = { 8, 11, PDF_SEMIBOLD, PDF_SEMIBOLD, GREY, GREY, 0, false },
    [STYLE_NUMBER] = { 24, 29, PDF_DISPLAY, PDF_DISPLAY, INK, INK, 0, false },
    [STYLE_DETAIL] = { 8.75, 13, PDF_REGULAR, PDF_SEMIBOLD, GREY, INK, 0, false },
    [STYLE_CARD] = { 9.5, 14.2, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_LINK] = { 9.5, 13, PDF_SEMIBOLD, PDF_SEMIBOLD, BLUE, BLUE, 0, false },
    [STYLE_CHART_TITLE] = { 11, 15.5, PDF_SEMIBOLD, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_LABEL] = { 9.5, 13, PDF_SEMIBOLD, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_NAME] = { 9.25, 10.8, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_WORDS_NAME] = { 9.5, 14.2, PDF_SEMIBOLD, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_VALUE] = { 9.25, 11.5, PDF_SEMIBOLD, PDF_SEMIBOLD, INK, INK, 0, true },
    [STYLE_WORD] = { 8.5, 10.5, PDF_REGULAR, PDF_SEMIBOLD, GREY, GREY, 0, false },
    [STYLE_AXIS] = { 7.75, 10.5, PDF_REGULAR, PDF_SEMIBOLD, GREY, GREY, 0, true },
    [STYLE_PART] = { 7.75, 10, PDF_SEMIBOLD, PDF_SEMIBOLD, INK, INK, 0, true },
    [STYLE_HEAD] = { 8, 11, PDF_SEMIBOLD, PDF_SEMIBOLD, GREY, GREY, 0, false },
    [STYLE_CELL] = { 8.5, 11.5, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, true },
    [STYLE_SMALL_HEAD] = { 7, 9.5, PDF_SEMIBOLD, PDF_SEMIBOLD, GREY, GREY, 0, false },
    [STYLE_SMALL_NAME] = { 7.5, 9.75, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_SMALL_CELL] = { 7.25, 9.75, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, true },
    [STYLE_BOX_TITLE] = { 10.5, 15, PDF_SEMIBOLD, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_NIGHT_TITLE] = { 15, 20, PDF_DISPLAY, PDF_DISPLAY, WHITE, WHITE, 0, false },
    [STYLE_NIGHT] = { 10.5, 16, PDF_REGULAR, PDF_SEMIBOLD, NIGHT_TEXT, WHITE, 0, false },
    [STYLE_LETTER] = { 10.5, 14.5, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_LETTER_SMALL] = { 8.75, 11.75, PDF_REGULAR, PDF_SEMIBOLD, INK, INK, 0, false },
    [STYLE_CODE] = { 25, 32, PDF_DISPLAY, PDF_DISPLAY, INK, INK, .04, true },
    [STYLE_STRIP_CODE] = { 17, 22, PDF_DISPLAY, PDF_DISPLAY, INK, INK, .03, true },
};

double style_leading(enum pdf_style style) { return styles[style].leading; }

double text_height(const struct pdf_text *text) { return text ? text->height : 0; }

double text_wide(const struct pdf_text *text) { return text ? text->width : 0; }

double text_narrowest(const struct pdf_text *text) {
    if (!text) return 0;
    int before = pango_layout_get_width(text->layout), width;
    pango_layout_set_wrap(text->layout, PANGO_WRAP_WORD);
    pango_layout_set_width(text->layout, 0);
    pango_layout_get_size(text->layout, &width, NULL);
    pango_layout_set_wrap(text->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(text->layout, before);
    return (double)width / PANGO_SCALE;
}

struct pdf_text *sheet_colour(struct pdf_text *text, int colour) {
    if (text) text->colour = colour;
    return text;
}

static bool is_invisible(uint32_t c) {
    return c == 0xFEFF || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x2069);
}

/* Letters that the fonts lack become the sign for that: a glyph of its own may not stand in a
 * tagged PDF for a letter that is missing. Controls become blanks; marks that turn the direction
 * go. */
static void add_clean(struct text *out, const char *string) {
    for (const char *at = string; *at;) {
        const char *from = at;
        uint32_t c = text_next(&at);
        if (c < 0x20 || c == 0x7F || c == 0x2028 || c == 0x2029)
            text_add_char(out, ' ');
        else if (c < 0x7F || pdf_font_covers(c))
            text_add_bytes(out, from, (size_t)(at - from));
        else if (c == 0x202F || c == 0x2007 || c == 0x2009)
            text_add(out, "\u00A0");
        else if (!is_invisible(c))
            text_add(out, "\uFFFD");
    }
}

static PangoAttrList *style_attributes(struct pdf_sheet *sheet, enum pdf_style style) {
    if (sheet->features[style]) return sheet->features[style];
    PangoAttrList *list = pango_attr_list_new();
    /* Ligatures and contextual forms would hide letters from those who search or copy. */
    pango_attr_list_insert(list, pango_attr_font_features_new(styles[style].tabular
                                                                  ? "liga 0, calt 0, tnum 1"
                                                                  : "liga 0, calt 0"));
    if (styles[style].spacing != 0)
        pango_attr_list_insert(
            list, pango_attr_letter_spacing_new(
                      (int)(styles[style].spacing * styles[style].size * PANGO_SCALE)));
    return sheet->features[style] = list;
}

static void add_weight(PangoAttrList *list, enum pdf_face face, size_t from, size_t to) {
    PangoAttribute *a =
        pango_attr_weight_new(pango_font_description_get_weight(pdf_font_face(face)));
    a->start_index = (guint)from;
    a->end_index = (guint)to;
    pango_attr_list_insert(list, a);
}

/* A colour of its own makes pango begin a new item at a link. */
static void add_break(PangoAttrList *list, size_t from, size_t to) {
    PangoAttribute *a = pango_attr_foreground_new(0, 0, 0xFFFF);
    a->start_index = (guint)from;
    a->end_index = (guint)to;
    pango_attr_list_insert(list, a);
}

static bool is_link(const struct run *run) { return run->href && run->href[0] == '#'; }

static void set_attributes(struct pdf_sheet *sheet, struct pdf_text *text, size_t length) {
    PangoAttrList *shared = style_attributes(sheet, text->style), *own = NULL;
    for (size_t i = 0; i < text->n_runs; i++) {
        const struct run *run = text->runs[i];
        size_t end = i + 1 < text->n_runs ? text->starts[i + 1] : length;
        if (!run->strong && !is_link(run)) continue;
        if (!own) own = pango_attr_list_copy(shared);
        if (run->strong) add_weight(own, styles[text->style].strong, text->starts[i], end);
        if (is_link(run)) add_break(own, text->starts[i], end);
        text->linked |= is_link(run);
    }
    pango_layout_set_attributes(text->layout, own ? own : shared);
    if (own) pango_attr_list_unref(own);
}

static void set_face(struct pdf_text *text) {
    PangoFontDescription *face =
        pango_font_description_copy_static(pdf_font_face(styles[text->style].face));
    pango_font_description_set_absolute_size(face, styles[text->style].size * PANGO_SCALE);
    pango_layout_set_font_description(text->layout, face);
    pango_font_description_free(face);
}

static void measure(struct pdf_text *text) {
    text->n_lines = 0;
    for (GSList *l = pango_layout_get_lines_readonly(text->layout); l; l = l->next) {
        PangoRectangle extents;
        pango_layout_line_get_extents(l->data, NULL, &extents);
        double width = (double)extents.width / PANGO_SCALE;
        if (width > text->width) text->width = width;
        text->n_lines++;
    }
    text->height = (double)text->n_lines * styles[text->style].leading;
}

/* The runs' letters after each other, and where each run begins. */
static const char *join(struct pdf_sheet *sheet, struct pdf_text *text, const struct run *runs,
                        size_t *length) {
    for (const struct run *r = runs; r; r = r->next) text->n_runs++;
    text->runs = arena_array(sheet->arena, text->n_runs + 1, sizeof *text->runs);
    text->starts = arena_array(sheet->arena, text->n_runs + 1, sizeof *text->starts);
    if (!text->runs || !text->starts) return NULL;
    struct text joined = text_new(sheet->arena, 1 << 20);
    size_t i = 0;
    for (const struct run *r = runs; r; r = r->next, i++) {
        text->runs[i] = r;
        text->starts[i] = joined.length;
        if (r->text) add_clean(&joined, r->text);
    }
    *length = joined.length;
    return text_ok(&joined) ? text_string(&joined) : NULL;
}

struct pdf_text *sheet_text(struct pdf_sheet *sheet, enum pdf_style style, const struct run *runs,
                            double width, int max_lines) {
    struct pdf_text *text = arena_alloc(sheet->arena, sizeof *text);
    size_t length = 0;
    const char *letters = NULL;
    if (text) {
        *text = (struct pdf_text){ .style = style, .colour = NONE };
        letters = join(sheet, text, runs, &length);
    }
    if (!letters) {
        sheet->full = true;
        return NULL;
    }
    text->layout = pango_layout_new(sheet->right_to_left ? sheet->leftward : sheet->context);
    text->next = sheet->texts;
    sheet->texts = text;
    pango_layout_set_auto_dir(text->layout, FALSE);
    pango_layout_set_wrap(text->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(text->layout, (int)(width * PANGO_SCALE));
    if (max_lines > 0) {
        pango_layout_set_ellipsize(text->layout, PANGO_ELLIPSIZE_END);
        pango_layout_set_height(text->layout, -max_lines);
    }
    pango_layout_set_text(text->layout, letters, (int)length);
    set_face(text);
    set_attributes(sheet, text, length);
    measure(text);
    return text;
}

struct pdf_text *sheet_string(struct pdf_sheet *sheet, enum pdf_style style, const char *string,
                              double width, int max_lines) {
    struct run *run = arena_alloc(sheet->arena, sizeof *run);
    if (!run) {
        sheet->full = true;
        return NULL;
    }
    run->text = string ? string : "";
    return sheet_text(sheet, style, run, width, max_lines);
}

/* A paragraph with links becomes a row of spans and links, one a run. */
static bool make_nodes(struct pdf_sheet *sheet, struct pdf_text *text, struct pdf_node *node) {
    if (!text->linked || text->nodes || !node) return true;
    text->nodes = arena_array(sheet->arena, text->n_runs, sizeof(struct pdf_node *));
    for (size_t i = 0; text->nodes && i < text->n_runs; i++) {
        const struct run *run = text->runs[i];
        struct pdf_node *child =
            pdf_node_add(sheet->arena, node, is_link(run) ? PDF_LINK : PDF_SPAN);
        if (!child) return false;
        if (is_link(run)) {
            child->target = run->href + 1;
            child->alternative = run->text;
        }
        text->nodes[i] = child;
    }
    return text->nodes != NULL;
}

static size_t run_at(const struct pdf_text *text, size_t offset) {
    size_t i = 0;
    while (i + 1 < text->n_runs && text->starts[i + 1] <= offset) i++;
    return i;
}

static int run_colour(const struct pdf_text *text, const struct run *run) {
    if (text->colour != NONE) return text->colour;
    if (is_link(run)) return BLUE;
    return run->strong ? styles[text->style].strong_colour : styles[text->style].colour;
}

static void put_line(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text,
                     PangoLayoutLine *line, double x, double baseline) {
    double size = styles[text->style].size;
    for (GSList *l = line->runs; l; l = l->next) {
        PangoGlyphItem *item = l->data;
        size_t i = text->n_runs ? run_at(text, (size_t)item->item->offset) : 0;
        const struct run *run = text->runs[i];
        struct pdf_node *own = text->nodes ? text->nodes[i] : node;
        double width = (double)pango_glyph_string_get_width(item->glyphs) / PANGO_SCALE;
        struct pdf_op op = { .kind = OP_GLYPHS,
                             .node = own,
                             .x = x,
                             .y = baseline,
                             .glyphs = item,
                             .string = pango_layout_get_text(text->layout),
                             .fill = run ? run_colour(text, run) : INK };
        sheet_add(sheet, &op);
        if (own)
            pdf_node_cover(own, sheet->page, x, baseline - size, x + width, baseline + size * .3);
        x += width;
    }
}

static void put_lines(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text,
                      size_t from, size_t to, int align, double x, double y) {
    if (!text) return;
    if (!make_nodes(sheet, text, node)) {
        sheet->full = true;
        return;
    }
    double leading = styles[text->style].leading;
    double baseline = y + leading / 2 + styles[text->style].size * .364;
    size_t i = 0;
    for (GSList *l = pango_layout_get_lines_readonly(text->layout); l && i < to; l = l->next, i++) {
        if (i < from) continue;
        double left = x;
        if (align >= 0) {
            PangoRectangle extents;
            pango_layout_line_get_extents(l->data, NULL, &extents);
            left -= (double)extents.width / PANGO_SCALE * (align > 0 ? 1 : .5);
        }
        put_line(sheet, node, text, l->data, left, baseline + leading * (double)(i - from));
    }
}

void sheet_put_lines(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text,
                     size_t from, size_t to, double x, double y) {
    put_lines(sheet, node, text, from, to, -1, x, y);
}

void sheet_put(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text, double x,
               double y) {
    put_lines(sheet, node, text, 0, SIZE_MAX, -1, x, y);
}

void sheet_put_at(struct pdf_sheet *sheet, struct pdf_node *node, struct pdf_text *text, int align,
                  double x, double centre) {
    put_lines(sheet, node, text, 0, SIZE_MAX, align, x, centre - text_height(text) / 2);
}

#include "paint/pdf_flow.h"

#include "base/arena.h"
#include "base/text.h"
#include "paint/colour.h"

#include <math.h>
#include <string.h>

void *flow_alloc(struct pdf_flow *flow, size_t count, size_t size) {
    void *memory = arena_array(flow->sheet->arena, count ? count : 1, size);
    if (!memory) flow->sheet->full = true;
    return memory;
}

struct pdf_node *flow_node(struct pdf_flow *flow, struct pdf_node *parent, enum pdf_role role) {
    struct pdf_node *node =
        pdf_node_add(flow->sheet->arena, parent ? parent : flow->sheet->root, role);
    if (!node) flow->sheet->full = true;
    return node;
}

const char *flow_say(struct pdf_flow *flow, const char *msgid, const struct arg *args,
                     size_t n_args) {
    struct text text = text_new(flow->sheet->arena, 4096);
    i18n_fill(flow->language, &text, i18n_text(flow->language, msgid), args, n_args);
    return text_string(&text);
}

static bool is_anchor(const char *anchor, const char *name) {
    return anchor && strcmp(anchor, name) == 0;
}

bool flow_leads(const struct pdf_flow *flow, const char *href) {
    if (!href || href[0] != '#') return false;
    for (const struct block *b = flow->document->first; b; b = b->next) {
        if (is_anchor(b->anchor, href + 1)) return true;
        for (size_t i = 0; b->dots && i < b->dots->n_rows; i++)
            if (b->dots->rows[i].shown && is_anchor(b->dots->rows[i].anchor, href + 1)) return true;
    }
    return false;
}

int tone_colour(enum tone tone) { return sheet_hex(colour_of(tone)); }

int tone_soft_colour(enum tone tone) {
    static const int colours[] = {
        [TONE_NEUTRAL] = SOFT_INK, [TONE_ABOVE] = SOFT_BLUE, [TONE_BELOW] = SOFT_RUST
    };
    return colours[tone];
}

bool flow_room(struct pdf_flow *flow, double height) {
    if (flow->top || flow->y + height <= PDF_BOTTOM) return false;
    sheet_turn(flow->sheet);
    flow->y = PDF_TOP;
    flow->top = true;
    return true;
}

/* Running text: broken between lines, but never one line alone. */

struct running {
    struct pdf_text *text;
    enum pdf_role role;
};

static bool measure_running(struct pdf_flow *flow, struct pdf_piece *piece, enum pdf_style style,
                            enum pdf_role role, double before) {
    struct running *r = piece->data = flow_alloc(flow, 1, sizeof *r);
    if (!r) return false;
    r->role = role;
    r->text = sheet_text(flow->sheet, style, piece->block->runs, PDF_MEASURE, 0);
    if (!r->text) return false;
    size_t together = r->text->n_lines < 4 ? r->text->n_lines : 2;
    piece->before = before;
    piece->height = text_height(r->text);
    piece->least = (double)together * style_leading(style);
    return true;
}

/* Lines of n that fit in room, such that neither part has one line alone (of two and more). */
static size_t lines_that_fit(size_t n, double room, double leading) {
    size_t fit = room > 0 ? (size_t)(room / leading + 1e-9) : 0;
    if (fit >= n) return n;
    if (fit == n - 1) fit--;
    return fit < 2 ? 0 : fit;
}

static void place_running(struct pdf_flow *flow, struct pdf_piece *piece) {
    struct running *r = piece->data;
    struct pdf_node *node = flow_node(flow, NULL, r->role);
    double leading = style_leading(r->text->style);
    for (size_t from = 0; from < r->text->n_lines;) {
        size_t n = lines_that_fit(r->text->n_lines - from, PDF_BOTTOM - flow->y, leading);
        if (n == 0 && flow_room(flow, PDF_HEIGHT)) continue;
        if (n == 0) n = 1;
        sheet_put_lines(flow->sheet, node, r->text, from, from + n, PDF_LEFT, flow->y);
        flow->y += leading * (double)n;
        flow->top = false;
        from += n;
    }
}

static bool measure_lead(struct pdf_flow *flow, struct pdf_piece *piece) {
    piece->keep = true;
    return measure_running(flow, piece, STYLE_LEAD, PDF_P, 3);
}

static bool measure_paragraph(struct pdf_flow *flow, struct pdf_piece *piece) {
    return measure_running(flow, piece, STYLE_BODY, PDF_P, 9);
}

static bool measure_note(struct pdf_flow *flow, struct pdf_piece *piece) {
    return measure_running(flow, piece, STYLE_SMALL, PDF_P, 18);
}

static bool measure_heading(struct pdf_flow *flow, struct pdf_piece *piece) {
    struct running *r = piece->data = flow_alloc(flow, 1, sizeof *r);
    if (!r) return false;
    bool second = piece->block->level <= 2;
    r->text =
        sheet_text(flow->sheet, second ? STYLE_H2 : STYLE_H3, piece->block->runs, PDF_COLUMN, 0);
    piece->before = second ? 30 : 20;
    piece->height = piece->least = text_height(r->text);
    piece->keep = true;
    return r->text != NULL;
}

static void place_heading(struct pdf_flow *flow, struct pdf_piece *piece) {
    struct running *r = piece->data;
    int level = piece->block->level <= 2 || flow->level < 2 ? 2 : 3;
    flow->level = level;
    struct pdf_node *node = flow_node(flow, NULL, level == 2 ? PDF_H2 : PDF_H3);
    if (!node) return;
    node->title = pango_layout_get_text(r->text->layout);
    sheet_put(flow->sheet, node, r->text, PDF_LEFT, flow->y);
    flow->y += piece->height;
    flow->top = false;
}

/* The top of the first page: what this is, the name, and the line below it. */

static void place_title(struct pdf_flow *flow) {
    const struct document *d = flow->document;
    struct pdf_sheet *sheet = flow->sheet;
    sheet_put(sheet, NULL, sheet_string(sheet, STYLE_BRAND, "Lærke", PDF_COLUMN, 1), PDF_LEFT, 36);
    flow->y = PDF_TOP;
    if (d->subtitle && *d->subtitle) {
        struct pdf_text *kind = sheet_string(sheet, STYLE_TAG, d->subtitle, PDF_COLUMN, 0);
        sheet_put(sheet, flow_node(flow, NULL, PDF_P), kind, PDF_LEFT, flow->y);
        flow->y += text_height(kind) + 5;
    }
    struct pdf_node *node = flow_node(flow, NULL, PDF_H1);
    struct pdf_text *title = sheet_string(sheet, STYLE_TITLE, d->title, PDF_COLUMN, 4);
    if (!node || !title) return;
    node->title = pango_layout_get_text(title->layout);
    sheet_put(sheet, node, title, PDF_LEFT, flow->y);
    flow->y += text_height(title) + 5;
    if (d->summary) {
        struct pdf_text *summary =
            sheet_text(sheet, STYLE_SUMMARY, d->summary, PDF_COLUMN * .92, 12);
        sheet_put(sheet, flow_node(flow, NULL, PDF_P), summary, PDF_LEFT, flow->y);
        flow->y += text_height(summary);
    }
    flow->top = false;
}

static const struct {
    measure_function *measure;
    place_function *place;
} kinds[] = {
    [BLOCK_HEADING] = { measure_heading, place_heading },
    [BLOCK_LEAD] = { measure_lead, place_running },
    [BLOCK_PARAGRAPH] = { measure_paragraph, place_running },
    [BLOCK_FINDINGS] = { measure_findings, place_findings },
    [BLOCK_DOTS] = { measure_dots, place_dots },
    [BLOCK_SHARES] = { measure_shares, place_shares },
    [BLOCK_TABLE] = { measure_table, place_table },
    [BLOCK_LINKS] = { NULL, NULL }, /* nowhere to go from paper */
    [BLOCK_EXPLAIN] = { measure_box, place_box },
    [BLOCK_NEXT] = { measure_box, place_box },
};

/* The room that a piece needs before it is begun: with all that it must not be parted from. */
static double need(const struct pdf_piece *pieces, size_t n, size_t i) {
    double height = 0;
    while (i + 1 < n && pieces[i].keep) {
        height += pieces[i].height + pieces[i + 1].before;
        i++;
    }
    height += pieces[i].least;
    return fmin(height, PDF_BOTTOM - PDF_TOP);
}

struct pieces {
    struct pdf_piece *items;
    size_t n;
};

static bool add_piece(struct pdf_flow *flow, struct pieces *list, const struct block *block,
                      measure_function *measure) {
    struct pdf_piece *piece = &list->items[list->n];
    *piece = (struct pdf_piece){ .block = block };
    if (!measure(flow, piece)) return false;
    list->n++;
    return true;
}

static bool has_rows(const struct table *table) {
    return table && table->n_columns && table->n_rows;
}

static bool has_table(const struct block *block) {
    return (block->kind == BLOCK_DOTS || block->kind == BLOCK_SHARES) && has_rows(block->table);
}

/* A chart or table of nothing leaves no empty frame behind. */
static bool is_placed(const struct block *block) {
    if (block->kind == BLOCK_DOTS) return block->dots && block->dots->n_rows;
    if (block->kind == BLOCK_SHARES) return block->shares && block->shares->n_rows;
    if (block->kind == BLOCK_TABLE) return has_rows(block->table);
    if (block->kind == BLOCK_FINDINGS) return block->n_findings > 0;
    return kinds[block->kind].measure != NULL;
}

static struct block *make_block(struct pdf_flow *flow, enum block_kind kind, const char *string) {
    struct block *block = flow_alloc(flow, 1, sizeof *block);
    struct run *run = flow_alloc(flow, 1, sizeof *run);
    if (!block || !run) return NULL;
    run->text = string;
    *block = (struct block){ .kind = kind, .level = 2, .runs = run };
    return block;
}

/* Places the pieces from the page's present height on. */
static void place_all(struct pdf_flow *flow, const struct pieces *list,
                      place_function *const *places) {
    for (size_t i = 0; i < list->n && !flow->sheet->full && !flow->sheet->too_long; i++) {
        struct pdf_piece *piece = &list->items[i];
        bool parted = i > 0 && list->items[i - 1].keep;
        if (!parted) flow_room(flow, piece->before + need(list->items, list->n, i));
        if (!flow->top) flow->y += piece->before;
        const struct pdf_node *before = flow->sheet->root->last;
        places[i](flow, piece);
        struct pdf_node *made = before ? before->next : flow->sheet->root->first;
        if (made && !made->anchor) made->anchor = piece->block->anchor;
    }
}

#define APPENDIX_GAP 46.0

/* The charts' numbers come after the end, so that the pages before it stay calm and every number
 * can still be read as text. */
static bool place_appendix(struct pdf_flow *flow, struct pieces *list, place_function **places) {
    list->n = 0;
    struct block *heading = make_block(
        flow, BLOCK_HEADING, flow_say(flow, N_("The numbers behind the figures"), NULL, 0));
    if (!heading || !add_piece(flow, list, heading, measure_heading)) return false;
    places[0] = place_heading;
    for (const struct block *b = flow->document->first; b; b = b->next) {
        if (!has_table(b)) continue;
        places[list->n] = place_table;
        if (!add_piece(flow, list, b, measure_table)) return false;
    }
    if (list->n == 1) return true;
    list->items[0].before = APPENDIX_GAP;
    place_all(flow, list, places);
    return true;
}

bool flow_document(struct pdf_flow *flow) {
    size_t n = 0;
    for (const struct block *b = flow->document->first; b; b = b->next) n++;
    struct pieces list = { flow_alloc(flow, n + 2, sizeof(struct pdf_piece)), 0 };
    place_function **places = flow_alloc(flow, n + 2, sizeof *places);
    if (!list.items || !places) return false;
    for (const struct block *b = flow->document->first; b; b = b->next) {
        if (!is_placed(b)) continue;
        places[list.n] = kinds[b->kind].place;
        if (!add_piece(flow, &list, b, kinds[b->kind].measure)) return false;
    }
    if (flow->document->footer && *flow->document->footer) {
        struct pdf_piece *last = list.n ? &list.items[list.n - 1] : NULL;
        if (last && last->height < PDF_HEIGHT / 3) last->keep = true; /* never alone on a page */
        struct block *note = make_block(flow, BLOCK_PARAGRAPH, flow->document->footer);
        places[list.n] = place_running;
        if (!note || !add_piece(flow, &list, note, measure_note)) return false;
    }
    place_title(flow);
    place_all(flow, &list, places);
    return place_appendix(flow, &list, places) && !flow->sheet->full && !flow->sheet->too_long;
}

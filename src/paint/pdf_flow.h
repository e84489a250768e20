/* pdf_flow.h - blocks down the pages: what may break where.
 *
 * Layer: paint. Every block is measured first and becomes a piece; then the pieces are placed one
 * below the other. A kind of block is a pair of functions in one table (pdf_flow.c); measuring sets
 * the texts, placing puts them and moves flow->y down, turning the page inside a piece where the
 * kind allows it.
 */
#ifndef LAERKE_PAINT_PDF_FLOW_H
#define LAERKE_PAINT_PDF_FLOW_H

#include "document/document.h"
#include "i18n/i18n.h"
#include "paint/pdf_sheet.h"

struct pdf_flow {
    struct pdf_sheet *sheet;
    const struct document *document;
    const struct language *language;
    double y;  /* the top of what comes next */
    bool top;  /* nothing stands on this page yet */
    int level; /* of the last heading: levels are never skipped */
};

/* least: room without which the piece is not begun; keep: it must not be parted from the next
 * piece. */
struct pdf_piece {
    const struct block *block;
    double before, height, least;
    bool keep;
    void *data;
};

typedef bool measure_function(struct pdf_flow *flow, struct pdf_piece *piece);
typedef void place_function(struct pdf_flow *flow, struct pdf_piece *piece);

/* Puts the whole document on the sheet. */
bool flow_document(struct pdf_flow *flow);

/* Turns the page when height does not fit on this one. True when it turned. */
bool flow_room(struct pdf_flow *flow, double height);

/* A node below the document. */
struct pdf_node *flow_node(struct pdf_flow *flow, struct pdf_node *parent, enum pdf_role role);

/* Zeroed memory of the sheet's arena; NULL marks the sheet as full. */
void *flow_alloc(struct pdf_flow *flow, size_t count, size_t size);

/* A sentence of the painter's own in the document's language. */
const char *flow_say(struct pdf_flow *flow, const char *msgid, const struct arg *args,
                     size_t n_args);

/* True when the link leads to a place in the document. */
bool flow_leads(const struct pdf_flow *flow, const char *href);

/* What tones look like. */
int tone_colour(enum tone tone);
int tone_soft_colour(enum tone tone);

measure_function measure_findings, measure_box, measure_dots, measure_shares, measure_table;
place_function place_findings, place_box, place_dots, place_shares, place_table;

#endif

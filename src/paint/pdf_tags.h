/* pdf_tags.h - the structure tree of a PDF: what the marks on its pages mean.
 *
 * Layer: paint. Pure. The painters build the tree in reading order while they place things; drawing
 * adds the marks (page, number); pdf_finish.h writes it into the file. A node has either children
 * or marks. What belongs to no node is page furniture (an artifact).
 */
#ifndef LAERKE_PAINT_PDF_TAGS_H
#define LAERKE_PAINT_PDF_TAGS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum pdf_role {
    PDF_DOCUMENT,
    PDF_H1,
    PDF_H2,
    PDF_H3,
    PDF_P,
    PDF_L,
    PDF_LI,
    PDF_LBL,
    PDF_LBODY,
    PDF_FIGURE,
    PDF_TABLE,
    PDF_CAPTION,
    PDF_TR,
    PDF_TH_COLUMN,
    PDF_TH_ROW,
    PDF_TD,
    PDF_SPAN,
    PDF_LINK,
    PDF_ROLES
};

/* The name of the standard structure type ("TH" for both kinds of header). */
const char *pdf_role_name(enum pdf_role role);

struct pdf_mark {
    size_t page, number;
    struct pdf_mark *next;
};

/* Where a node stands on its first page, in points from the top left. */
struct pdf_area {
    bool set;
    size_t page;
    double left, top, right, bottom;
};

struct pdf_node {
    enum pdf_role role;
    const char *alternative; /* of a FIGURE; what a LINK is about */
    const char *title;       /* of a heading: its text, for the bookmarks */
    const char *anchor;      /* what links to here say, or NULL */
    const char *target;      /* of a LINK: the anchor it goes to */
    const char *language;    /* where it is not the document's: "ar"; or NULL */
    struct pdf_area area;
    unsigned object; /* the finishing pass's handle */
    struct pdf_node *parent, *first, *last, *next;
    struct pdf_mark *first_mark, *last_mark;
};

/* A new last child of parent; NULL when the arena is full or parent is NULL. */
struct pdf_node *pdf_node_add(struct arena *arena, struct pdf_node *parent, enum pdf_role role);

/* Adds a mark to the node; false when the arena is full. */
bool pdf_node_mark(struct arena *arena, struct pdf_node *node, size_t page, size_t number);

/* Lets the node's area cover the rectangle, where it is on the node's first page. */
void pdf_node_cover(struct pdf_node *node, size_t page, double left, double top, double right,
                    double bottom);

/* The node after this one in reading order, parents before children; NULL at the end. */
struct pdf_node *pdf_node_next(const struct pdf_node *node);

/* Where the anchor is: the first node that carries it, or the first in it that stands somewhere; or
 * NULL. */
const struct pdf_node *pdf_node_find(const struct pdf_node *root, const char *anchor);

/* Takes away what nothing was drawn for, and turns links that lead nowhere into plain text. */
void pdf_tree_tidy(struct pdf_node *root);

#endif

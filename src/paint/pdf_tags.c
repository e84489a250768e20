#include "paint/pdf_tags.h"

#include "base/arena.h"

#include <string.h>

const char *pdf_role_name(enum pdf_role role) {
    static const char *const names[PDF_ROLES] = {
        [PDF_DOCUMENT] = "Document",
        [PDF_H1] = "H1",
        [PDF_H2] = "H2",
        [PDF_H3] = "H3",
        [PDF_P] = "P",
        [PDF_L] = "L",
        [PDF_LI] = "LI",
        [PDF_LBL] = "Lbl",
        [PDF_LBODY] = "LBody",
        [PDF_FIGURE] = "Figure",
        [PDF_TABLE] = "Table",
        [PDF_CAPTION] = "Caption",
        [PDF_TR] = "TR",
        [PDF_TH_COLUMN] = "TH",
        [PDF_TH_ROW] = "TH",
        [PDF_TD] = "TD",
        [PDF_SPAN] = "Span",
        [PDF_LINK] = "Link",
    };
    return names[role];
}

struct pdf_node *pdf_node_add(struct arena *arena, struct pdf_node *parent, enum pdf_role role) {
    if (!parent && role != PDF_DOCUMENT) return NULL;
    struct pdf_node *node = arena_alloc(arena, sizeof *node);
    if (!node) return NULL;
    node->role = role;
    node->parent = parent;
    if (!parent) return node;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    return node;
}

bool pdf_node_mark(struct arena *arena, struct pdf_node *node, size_t page, size_t number) {
    struct pdf_mark *mark = arena_alloc(arena, sizeof *mark);
    if (!mark) return false;
    *mark = (struct pdf_mark){ .page = page, .number = number };
    if (node->last_mark)
        node->last_mark->next = mark;
    else
        node->first_mark = mark;
    node->last_mark = mark;
    return true;
}

void pdf_node_cover(struct pdf_node *node, size_t page, double left, double top, double right,
                    double bottom) {
    struct pdf_area *a = &node->area;
    if (!a->set) {
        *a = (struct pdf_area){ true, page, left, top, right, bottom };
        return;
    }
    if (a->page != page) return;
    if (left < a->left) a->left = left;
    if (top < a->top) a->top = top;
    if (right > a->right) a->right = right;
    if (bottom > a->bottom) a->bottom = bottom;
}

struct pdf_node *pdf_node_next(const struct pdf_node *node) {
    if (node->first) return node->first;
    while (node && !node->next) node = node->parent;
    return node ? node->next : NULL;
}

const struct pdf_node *pdf_node_find(const struct pdf_node *root, const char *anchor) {
    const struct pdf_node *node = root;
    while (node && !(node->anchor && strcmp(node->anchor, anchor) == 0)) node = pdf_node_next(node);
    while (node && !node->area.set) node = node->first;
    return node;
}

static bool is_cell(const struct pdf_node *node) {
    return node->role == PDF_TD || node->role == PDF_TH_COLUMN || node->role == PDF_TH_ROW;
}

/* An empty cell stays: it holds its column's place. */
static bool is_empty(const struct pdf_node *node) {
    return !node->first && !node->area.set && !is_cell(node);
}

/* Children first, so that a list of nothing goes too. A tree is at most a few levels deep. */
static void prune(struct pdf_node *node) {
    struct pdf_node **at = &node->first;
    node->last = NULL;
    while (*at) {
        prune(*at);
        if (is_empty(*at)) {
            *at = (*at)->next;
            continue;
        }
        node->last = *at;
        at = &(*at)->next;
    }
}

void pdf_tree_tidy(struct pdf_node *root) {
    prune(root);
    for (struct pdf_node *n = root; n; n = pdf_node_next(n))
        if (n->role == PDF_LINK && !(n->target && pdf_node_find(root, n->target)))
            n->role = PDF_SPAN;
}

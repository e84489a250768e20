#include "paint/pdf_structure.h"

#include "base/arena.h"

#include <stdio.h>

static void set(struct structure *s, qpdf_oh dict, const char *key, qpdf_oh value) {
    qpdf_oh_replace_key(s->qpdf, dict, key, value);
}

static void set_name(struct structure *s, qpdf_oh dict, const char *key, const char *name) {
    char text[32];
    snprintf(text, sizeof text, "/%s", name);
    set(s, dict, key, qpdf_oh_new_name(s->qpdf, text));
}

static void set_number(struct structure *s, qpdf_oh dict, const char *key, size_t number) {
    set(s, dict, key, qpdf_oh_new_integer(s->qpdf, (long long)number));
}

static void set_text(struct structure *s, qpdf_oh dict, const char *key, const char *text) {
    set(s, dict, key, qpdf_oh_new_unicode_string(s->qpdf, text));
}

/* PDF measures from the bottom of the page. */
static qpdf_oh rectangle(struct structure *s, const struct pdf_area *a) {
    char text[128];
    snprintf(text, sizeof text, "[ %.2f %.2f %.2f %.2f ]", a->left, PDF_HEIGHT - a->bottom,
             a->right, PDF_HEIGHT - a->top);
    return qpdf_oh_parse(s->qpdf, text);
}

/* To the left edge, a little above what is gone to. */
static qpdf_oh destination(struct structure *s, const struct pdf_area *area) {
    double top = area->top - 12;
    qpdf_oh array = qpdf_oh_new_array(s->qpdf);
    qpdf_oh_append_item(s->qpdf, array, s->pages[area->page]);
    qpdf_oh_append_item(s->qpdf, array, qpdf_oh_new_name(s->qpdf, "/XYZ"));
    qpdf_oh_append_item(s->qpdf, array, qpdf_oh_new_integer(s->qpdf, 0));
    qpdf_oh_append_item(s->qpdf, array,
                        qpdf_oh_new_real_from_double(s->qpdf, PDF_HEIGHT - (top > 0 ? top : 0), 2));
    qpdf_oh_append_item(s->qpdf, array, qpdf_oh_new_null(s->qpdf));
    return array;
}

static void set_attributes(struct structure *s, qpdf_oh dict, const struct pdf_node *node) {
    static const char *const attributes[PDF_ROLES] = {
        [PDF_TH_COLUMN] = "<< /O /Table /Scope /Column >>",
        [PDF_TH_ROW] = "<< /O /Table /Scope /Row >>",
        [PDF_L] = "<< /O /List /ListNumbering /None >>",
        [PDF_FIGURE] = "<< /O /Layout /Placement /Block >>",
    };
    if (!attributes[node->role]) return;
    qpdf_oh attribute = qpdf_oh_parse(s->qpdf, attributes[node->role]);
    if (node->role == PDF_FIGURE) set(s, attribute, "/BBox", rectangle(s, &node->area));
    set(s, dict, "/A", attribute);
}

/* The marks of a node: numbers on its own page, references on the others. */
static void append_marks(struct structure *s, const struct pdf_node *node, qpdf_oh kids) {
    for (const struct pdf_mark *m = node->first_mark; m; m = m->next) {
        qpdf_oh number = qpdf_oh_new_integer(s->qpdf, (long long)m->number);
        if (m->page != node->first_mark->page) {
            qpdf_oh reference = qpdf_oh_new_dictionary(s->qpdf);
            set_name(s, reference, "/Type", "MCR");
            set(s, reference, "/Pg", s->pages[m->page]);
            set(s, reference, "/MCID", number);
            number = reference;
        }
        qpdf_oh_append_item(s->qpdf, kids, number);
    }
}

static void make_element(struct structure *s, struct pdf_node *node) {
    qpdf_oh dict = qpdf_oh_new_dictionary(s->qpdf);
    set_name(s, dict, "/Type", "StructElem");
    set_name(s, dict, "/S", pdf_role_name(node->role));
    if (node->role == PDF_FIGURE)
        set_text(s, dict, "/Alt", node->alternative ? node->alternative : "");
    if (node->language) set_text(s, dict, "/Lang", node->language);
    if (node->first_mark) set(s, dict, "/Pg", s->pages[node->first_mark->page]);
    set_attributes(s, dict, node);
    node->object = qpdf_make_indirect_object(s->qpdf, dict);
}

/* A link's annotation on its page, and the reference to it among the link's kids. */
static void add_annotation(struct structure *s, const struct pdf_node *node,
                           const struct pdf_node *target, size_t key, qpdf_oh kids) {
    qpdf_oh a = qpdf_oh_new_dictionary(s->qpdf), page = s->pages[node->area.page];
    set_name(s, a, "/Type", "Annot");
    set_name(s, a, "/Subtype", "Link");
    set(s, a, "/Rect", rectangle(s, &node->area));
    set(s, a, "/Border", qpdf_oh_parse(s->qpdf, "[ 0 0 0 ]"));
    set_number(s, a, "/F", 4); /* printed */
    set(s, a, "/Dest", destination(s, &target->area));
    set_text(s, a, "/Contents", node->alternative ? node->alternative : node->target);
    set_number(s, a, "/StructParent", key);
    a = qpdf_make_indirect_object(s->qpdf, a);
    qpdf_oh annotations = qpdf_oh_get_key(s->qpdf, page, "/Annots");
    if (!qpdf_oh_is_array(s->qpdf, annotations)) {
        annotations = qpdf_oh_new_array(s->qpdf);
        set(s, page, "/Annots", annotations);
    }
    qpdf_oh_append_item(s->qpdf, annotations, a);
    qpdf_oh reference = qpdf_oh_new_dictionary(s->qpdf);
    set_name(s, reference, "/Type", "OBJR");
    set(s, reference, "/Obj", a);
    set(s, reference, "/Pg", page);
    qpdf_oh_append_item(s->qpdf, kids, reference);
}

/* What each page's marks belong to, by their numbers. */
static bool append_page_parents(struct structure *s, qpdf_oh numbers) {
    size_t n = s->sheet->n_pages;
    qpdf_oh *lists = arena_array(s->sheet->arena, n, sizeof *lists);
    if (!lists) return false;
    for (size_t i = 0; i < n; i++) {
        lists[i] = qpdf_oh_new_array(s->qpdf);
        const struct pdf_node *node = NULL;
        for (const struct pdf_op *op = s->sheet->pages[i].first; op; op = op->next) {
            if (op->node && op->node != node)
                qpdf_oh_append_item(s->qpdf, lists[i], op->node->object);
            node = op->node;
        }
        qpdf_oh_append_item(s->qpdf, numbers, qpdf_oh_new_integer(s->qpdf, (long long)i));
        qpdf_oh_append_item(s->qpdf, numbers, lists[i]);
    }
    return true;
}

qpdf_oh structure_tree(struct structure *s) {
    qpdf_oh tree = qpdf_make_indirect_object(s->qpdf, qpdf_oh_new_dictionary(s->qpdf));
    qpdf_oh numbers = qpdf_oh_new_array(s->qpdf);
    struct pdf_node *root = s->sheet->root;
    size_t key = s->sheet->n_pages;
    if (!root) return tree;
    for (struct pdf_node *node = root; node; node = pdf_node_next(node)) make_element(s, node);
    if (!append_page_parents(s, numbers)) s->sheet->full = true;
    for (struct pdf_node *node = root; node; node = pdf_node_next(node)) {
        qpdf_oh kids = qpdf_oh_new_array(s->qpdf);
        append_marks(s, node, kids);
        for (const struct pdf_node *c = node->first; c; c = c->next)
            qpdf_oh_append_item(s->qpdf, kids, c->object);
        if (node->role == PDF_LINK) {
            add_annotation(s, node, pdf_node_find(root, node->target), key, kids);
            qpdf_oh_append_item(s->qpdf, numbers, qpdf_oh_new_integer(s->qpdf, (long long)key++));
            qpdf_oh_append_item(s->qpdf, numbers, node->object);
        }
        set(s, node->object, "/K", kids);
        set(s, node->object, "/P", node->parent ? node->parent->object : tree);
    }
    qpdf_oh parents = qpdf_oh_new_dictionary(s->qpdf);
    set(s, parents, "/Nums", numbers);
    set_name(s, tree, "/Type", "StructTreeRoot");
    set(s, tree, "/K", root->object);
    set(s, tree, "/ParentTree", qpdf_make_indirect_object(s->qpdf, parents));
    set_number(s, tree, "/ParentTreeNextKey", key);
    return tree;
}

/* Bookmarks: the first heading holds the second ones, and they the third. */

enum { LEVELS = 3 };

static int heading_level(const struct pdf_node *node) {
    return node->role == PDF_H1 ? 1 : node->role == PDF_H2 ? 2 : node->role == PDF_H3 ? 3 : 0;
}

struct level {
    qpdf_oh item, last; /* the open item of this level; the last child it has */
    size_t count;       /* all that is below it */
};

static void append_bookmark(struct structure *s, struct level *parent, qpdf_oh item) {
    set(s, item, "/Parent", parent->item);
    if (parent->last) {
        set(s, item, "/Prev", parent->last);
        set(s, parent->last, "/Next", item);
    } else {
        set(s, parent->item, "/First", item);
    }
    set(s, parent->item, "/Last", item);
    parent->last = item;
}

qpdf_oh structure_outlines(struct structure *s) {
    qpdf_oh outlines = qpdf_make_indirect_object(s->qpdf, qpdf_oh_new_dictionary(s->qpdf));
    set_name(s, outlines, "/Type", "Outlines");
    struct level levels[LEVELS + 1] = { { .item = outlines } };
    int depth = 0;
    for (const struct pdf_node *node = s->sheet->root; node; node = pdf_node_next(node)) {
        int level = heading_level(node);
        if (!level || !node->area.set || !node->title) continue;
        int parent = level - 1 < depth ? level - 1 : depth;
        qpdf_oh item = qpdf_make_indirect_object(s->qpdf, qpdf_oh_new_dictionary(s->qpdf));
        set_text(s, item, "/Title", node->title);
        set(s, item, "/Dest", destination(s, &node->area));
        set(s, item, "/SE", node->object);
        append_bookmark(s, &levels[parent], item);
        depth = parent + 1;
        levels[depth] = (struct level){ .item = item };
        for (int i = 0; i < depth; i++) {
            levels[i].count++;
            set_number(s, levels[i].item, "/Count", levels[i].count);
        }
    }
    return levels[0].count ? outlines : 0;
}

#include "exchange/xml.h"

#include "base/arena.h"
#include "base/text.h"

#include <libxml/parser.h>
#include <string.h>

static void free_doc(void *doc) { xmlFreeDoc(doc); }

/* "<!DOCTYPE" in any case; entities can be declared nowhere else. */
static bool has_doctype(const char *bytes, size_t length) {
    static const char word[] = "<!doctype";
    for (size_t i = 0; i + sizeof word - 1 <= length; i++) {
        size_t k = 0;
        while (k < sizeof word - 1 &&
               (bytes[i + k] | (bytes[i + k] >= 'A' && bytes[i + k] <= 'Z' ? 32 : 0)) == word[k])
            k++;
        if (k == sizeof word - 1) return true;
    }
    return false;
}

xmlDoc *xml_open(const char *path, const char *bytes, size_t length, struct arena *arena,
                 struct error *error) {
    if (length > XML_BYTES_MAX) {
        error_set(error, "xml.too_large", ARG_TEXT("file", path),
                  ARG_INT("limit", XML_BYTES_MAX / (1024 * 1024)));
        return NULL;
    }
    /* Without NUL bytes it is no UTF-16, in which a DOCTYPE would go unseen. */
    if (has_doctype(bytes, length) || memchr(bytes, '\0', length)) {
        error_set(error, "xml.doctype", ARG_TEXT("file", path));
        return NULL;
    }
    xmlParserCtxt *context = xmlNewParserCtxt();
    xmlDoc *doc = context ? xmlCtxtReadMemory(context, bytes, (int)length, NULL, NULL,
                                              XML_PARSE_NONET | XML_PARSE_NOERROR |
                                                  XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES)
                          : NULL;
    const xmlError *problem = context ? xmlCtxtGetLastError(context) : NULL;
    if (!doc)
        error_set(error, "xml.syntax", ARG_TEXT("file", path),
                  ARG_INT("line", problem ? problem->line : 1));
    xmlFreeParserCtxt(context);
    if (doc && arena_defer(arena, free_doc, doc) != 0) {
        error_set(error, "xml.memory", ARG_TEXT("file", path));
        return NULL;
    }
    return doc;
}

static bool fits(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && (!name || strcmp((const char *)node->name, name) == 0);
}

static const xmlNode *first_of(const xmlNode *node, const char *name) {
    while (node && !fits(node, name)) node = node->next;
    return node;
}

const xmlNode *xml_child(const xmlNode *parent, const char *name) {
    return parent ? first_of(parent->children, name) : NULL;
}

const xmlNode *xml_next(const xmlNode *node, const char *name) {
    return node ? first_of(node->next, name) : NULL;
}

static const char *taken(xmlChar *text, struct arena *arena) {
    const char *copy = text ? arena_copy(arena, (const char *)text) : NULL;
    xmlFree(text);
    return copy;
}

/* Most elements hold one text, which need not be copied. */
const char *xml_text(const xmlNode *node, struct arena *arena) {
    const xmlNode *only = node ? node->children : NULL;
    if (only && !only->next &&
        (only->type == XML_TEXT_NODE || only->type == XML_CDATA_SECTION_NODE))
        return only->content ? (const char *)only->content : "";
    const char *text = only ? taken(xmlNodeGetContent(node), arena) : NULL;
    return text ? text : "";
}

const char *xml_attribute(const xmlNode *node, const char *name, struct arena *arena) {
    for (const xmlAttr *a = node ? node->properties : NULL; a; a = a->next)
        if (strcmp((const char *)a->name, name) == 0)
            return taken(xmlNodeGetContent((const xmlNode *)a), arena);
    return NULL;
}

int xml_line(const xmlNode *node) { return node ? (int)xmlGetLineNo(node) : 1; }

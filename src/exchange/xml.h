/* xml.h - XML from outside, read without trusting it.
 *
 * Layer: exchange (above base). A document with a DOCTYPE is refused, so there are no entities of
 * its own to expand; nothing is fetched; a file is read up to a maximum and never further.
 *
 *     xmlDoc *doc = xml_open("survey.lss", bytes, length, arena, error);
 *     if (!doc) return false;
 *     for (const xmlNode *n = xml_child(xmlDocGetRootElement(doc), "row"); n; n = xml_next(n,
 * "row")) ...
 */
#ifndef LAERKE_EXCHANGE_XML_H
#define LAERKE_EXCHANGE_XML_H

#include "base/error.h"

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { XML_BYTES_MAX = 16 * 1024 * 1024 };

/* The document, freed with the arena. NULL with xml.syntax (file, line), xml.doctype,
 * xml.too_large, or xml.memory. path is for messages. */
xmlDoc *xml_open(const char *path, const char *bytes, size_t length, struct arena *arena,
                 struct error *error);

/* The first child element of a name (NULL: of any), and the next of that name behind one. */
const xmlNode *xml_child(const xmlNode *parent, const char *name);
const xmlNode *xml_next(const xmlNode *node, const char *name);

/* All text below a node, for as long as the arena; "" for NULL. */
const char *xml_text(const xmlNode *node, struct arena *arena);
/* An attribute without regard to its namespace, in the arena; NULL when absent. */
const char *xml_attribute(const xmlNode *node, const char *name, struct arena *arena);
int xml_line(const xmlNode *node);

#endif

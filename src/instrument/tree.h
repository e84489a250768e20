/* tree.h - a JSON text as a tree whose every value knows its line.
 *
 * Layer: instrument (inner header). jansson reads and checks the text but tells lines for syntax
 * errors alone; the checker has to name the line of every fault. So a second, small pass walks over
 * the text in step with what jansson made of it (which keeps the order of keys).
 */
#ifndef LAERKE_INSTRUMENT_TREE_H
#define LAERKE_INSTRUMENT_TREE_H

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>

struct arena;

struct tree {
    const json_t *json;
    const char *key;  /* of a member of an object, else NULL */
    int line;         /* where the value (for a member: its key) begins, from 1 */
    size_t n;         /* members or elements */
    struct tree *child;
};

/* The whole tree lives in the arena. NULL with error instrument.syntax, .ends_early, .duplicate_key,
 * .not_utf8 (each with file and line) or .memory. */
struct tree *tree_read(const char *path, const char *bytes, size_t length, struct arena *arena,
                       struct error *error);

/* The member of an object with that key, or NULL (also when tree is NULL or no object). */
const struct tree *tree_member(const struct tree *tree, const char *key);

#endif

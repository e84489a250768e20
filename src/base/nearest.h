/* nearest.h - "did you mean": the known word that is nearest to one that nobody knows.
 *
 * Layer: base. Pure.
 *
 *     static const char *const keys[] = { "items", "scales", NULL };
 *     nearest("scale", keys)      // "scales"
 *     nearest("teacher", keys)    // NULL: nothing is near
 */
#ifndef LAERKE_BASE_NEAREST_H
#define LAERKE_BASE_NEAREST_H

#include <stddef.h>

/* Changes of one byte (put in, left out, replaced, or two neighbours swapped) from a to b; words longer
 * than NEAREST_WORD_MAX bytes are far from everything. */
enum { NEAREST_WORD_MAX = 63 };
size_t edit_distance(const char *a, const char *b);

/* The nearest of words (ended by NULL), or NULL when more than a third of its letters would have to
 * change. ASCII case does not count. The first of equals. */
const char *nearest(const char *word, const char *const *words);

#endif

/* disclose.h - which units' cells may be shown.
 *
 * Layer: disclose (above num). Pure. A first version, for means of one part ("all") per scale over the
 * hierarchy of units: primary suppression under the minimum, and where exactly one child of a shown
 * parent is hidden (or the hidden ones together hold fewer than the minimum), the next smallest too, so
 * that parent minus children does not give it away. Methods: docs/methods.md.
 */
#ifndef LAERKE_DISCLOSE_DISCLOSE_H
#define LAERKE_DISCLOSE_DISCLOSE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

enum { CELL_NO_PARENT = -1 };

/* A cell: a unit × scale. Parents stand before their children. */
struct cell {
    long parent;      /* index of the cell of the unit above, or CELL_NO_PARENT */
    size_t n;         /* valid answers */
    bool shown;       /* filled in */
};

/* Fills in shown. Cells with n = 0 are hidden and protect nobody. */
bool disclose_suppress(struct cell *cells, size_t n_cells, size_t minimum, struct arena *arena,
                       struct error *error);

#endif

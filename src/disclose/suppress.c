#include "disclose/disclose.h"

#include "base/arena.h"
#include "base/error.h"

/* What is known of one parent's hidden children. */
struct hidden {
    size_t count, persons;
};

/* The smallest shown child with answers (the first of equals), or n_cells. */
static size_t smallest_shown(const struct cell *cells, const long *next, long first,
                             size_t n_cells) {
    size_t best = n_cells;
    for (long i = first; i >= 0; i = next[i]) {
        const struct cell *cell = &cells[i];
        if (cell->shown && (best == n_cells || cell->n <= cells[best].n)) best = (size_t)i;
    }
    return best;
}

static struct hidden hidden_children(const struct cell *cells, const long *next, long first) {
    struct hidden hidden = { 0, 0 };
    for (long i = first; i >= 0; i = next[i]) {
        if (cells[i].shown || cells[i].n == 0) continue;
        hidden.count++;
        hidden.persons += cells[i].n;
    }
    return hidden;
}

/* A shown parent less its shown children is the sum of the hidden ones: that sum has to mix at least
 * two units and at least the minimum of persons. */
static void protect_children(struct cell *cells, const long *next, long first, size_t n_cells,
                             size_t minimum) {
    for (;;) {
        struct hidden hidden = hidden_children(cells, next, first);
        if (hidden.count == 0 || (hidden.count > 1 && hidden.persons >= minimum)) return;
        size_t also = smallest_shown(cells, next, first, n_cells);
        if (also == n_cells) return;
        cells[also].shown = false;
    }
}

bool disclose_suppress(struct cell *cells, size_t n_cells, size_t minimum, struct arena *arena,
                       struct error *error) {
    /* Children of each cell as linked lists, last child first. */
    long *first = arena_array(arena, n_cells + 1, sizeof *first);
    long *next = arena_array(arena, n_cells + 1, sizeof *next);
    if (!first || !next) return error_plain(error, "disclose.memory");
    for (size_t i = 0; i < n_cells; i++) {
        first[i] = -1;
        next[i] = -1;
        cells[i].shown = cells[i].n >= minimum && cells[i].n > 0;
        if (cells[i].parent < 0) continue;
        next[i] = first[cells[i].parent];
        first[cells[i].parent] = (long)i;
    }
    for (size_t i = 0; i < n_cells; i++) {
        /* Parents come first, so what is hidden to protect a sibling is known here: its children would
         * add up to it, so none of them is shown. */
        if (cells[i].parent >= 0 && !cells[cells[i].parent].shown) cells[i].shown = false;
        if (cells[i].shown) protect_children(cells, next, first[i], n_cells, minimum);
    }
    return true;
}

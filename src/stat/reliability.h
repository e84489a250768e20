/* reliability.h - reliability of a sum score by classical test theory.
 *
 * Layer: stat. Pure. Listwise: persons who answered every item.
 */
#ifndef LAERKE_STAT_RELIABILITY_H
#define LAERKE_STAT_RELIABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;

struct reliability {
    size_t n;       /* persons who answered every item */
    double alpha;   /* Cronbach 1951, doi:10.1007/BF02310555 */
    double lambda2; /* Guttman 1945, doi:10.1007/BF02288892: never below alpha */
    double omega;   /* McDonald 1999: one factor by maximum likelihood on the covariances; NaN below
                     * three items */
    bool heywood;   /* an item's error variance stands at its bound, .005 of the item's: omega is
                       rough */
    double
        *item_rest; /* one an item: correlation with the sum of the others; NaN where undefined */
};

/* codes[person * n_items + item], below 0: missing. Errors: stat.few_items (under two),
 * stat.few_persons {persons} (under three complete), stat.constant_item {item}, stat.memory. */
bool reliability_classical(const int8_t *codes, size_t n_persons, size_t n_items,
                           struct arena *arena, struct reliability *out, struct error *error);

#endif

/* link_internal.h - what the files of linking share; nobody else includes it. */
#ifndef LAERKE_SCALE_LINK_INTERNAL_H
#define LAERKE_SCALE_LINK_INTERNAL_H

#include "scale/link.h"

/* The items that count: use[k] is a place in from and to. */
struct link_set {
    const struct item_parameters *from, *to;
    const size_t *use;
    size_t n;
};

struct transform {
    double slope, intercept;
};

/* link_curves.c: from a first transform to the one whose curves are nearest. */
struct transform link_by_curves(const struct link_set *set, const struct link_options *options,
                                struct transform first);

#endif

/* The link errors of a wave's scales. */
#include "publish/release.h"

#include "base/arena.h"
#include "base/error.h"

#include <math.h>

static bool linked(const struct released_scale *scale) {
    return scale->calibrated && scale->link.base > 0 && scale->link.trend;
}

static size_t categories(const struct released_scale *scale) {
    return scale->survey->instrument->items[scale->scale->items[0]].n_categories;
}

static bool same_format(const struct released_scale *a, const struct released_scale *b) {
    return a->survey->instrument->respondent == b->survey->instrument->respondent &&
           categories(a) == categories(b);
}

bool release_link(struct release *release, struct arena *arena, struct error *error) {
    double *drift_sd = arena_array(arena, release->n_scales + 1, sizeof *drift_sd);
    size_t *items = arena_array(arena, release->n_scales + 1, sizeof *items);
    if (!drift_sd || !items) return error_plain(error, "publish.memory");
    for (size_t s = 0; s < release->n_scales; s++) {
        struct released_scale *scale = &release->scales[s];
        size_t n = 0;
        scale->link_error = NAN;
        if (!linked(scale)) continue;
        for (size_t other = 0; other < release->n_scales; other++) {
            const struct released_scale *one = &release->scales[other];
            if (!linked(one) || !same_format(scale, one)) continue;
            drift_sd[n] = one->link.drift_sd;
            items[n++] = one->link.items;
        }
        double pooled = link_pooled_drift(drift_sd, items, n);
        scale->link_error = 100 * link_error_of(pooled, scale->link.items) / scale->sd;
    }
    return true;
}

/* publish.h - a closed wave → the frozen results.
 *
 * Layer: publish. calibrate → score → draw → aggregate → suppress → freeze. The publication's row is
 * written last: until then nothing of it is seen, and a killed run leaves the former one in place.
 */
#ifndef LAERKE_PUBLISH_PUBLISH_H
#define LAERKE_PUBLISH_PUBLISH_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct programme;

struct publish_options {
    int wave;
    int threads;               /* 0: one a processor */
    void (*progress)(void *context, const char *step_msgid, double fraction);
    void *context;
};

struct publish_summary {
    char sha256[65], inputs_sha256[65];
    size_t units, scales, persons, cells_shown, cells_hidden;
    const char *failed;        /* scales whose answers could not be measured, comma-separated, or NULL:
                                * they are shown nowhere, as where too few have answered */
    bool unchanged;            /* the same inputs were published already */
};

bool publish_wave(struct programme *programme, const struct publish_options *options,
                  struct arena *arena, struct publish_summary *summary, struct error *error);

#endif

/* panel.h - everything that a wave collected, with where each row belongs. Inside publish.
 *
 * Read in one read transaction, so that it is of one moment; its order does not depend on pseudonyms
 * (see answers_read), so the same answers give the same results in any database.
 */
#ifndef LAERKE_PUBLISH_PANEL_H
#define LAERKE_PUBLISH_PANEL_H

#include "collect/wave.h"
#include "instrument/instrument.h"
#include "roster/unit.h"

struct store;

/* One instrument of the wave. Arrays one a row hold indexes into units, -1 where there is none. */
struct survey {
    int64_t instrument_id;
    struct instrument *instrument;
    char sha256[65]; /* of the definition */
    struct answers answers;
    int *class_of, *school_of, *municipality_of;
    int *unit_of;          /* where the row was asked */
    size_t *invited, *answered; /* one a unit, the units below included */
};

struct panel {
    struct wave wave;
    struct units units;
    size_t n_surveys;
    struct survey *surveys;
    bool *takes_part; /* one a unit: somebody in it was asked */
};

bool panel_read(struct store *study, int wave, struct arena *arena, struct panel *out,
                struct error *error);

#endif

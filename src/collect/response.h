/* response.h - how far the collection is: who was asked and who has answered, as counts, never as names.
 *
 * Layer: collect. Reads the study store alone.
 */
#ifndef LAERKE_COLLECT_RESPONSE_H
#define LAERKE_COLLECT_RESPONSE_H

#include "instrument/instrument.h"
#include "roster/unit.h"

struct response_count {
    size_t asked, done, begun, declined; /* done and declined are over; begun has saved a page */
};
struct response {
    size_t n_units;                                /* as in the tree */
    struct response_count (*of)[RESPONDENT_COUNT]; /* of[unit][respondent], all below it included */
};

/* Of a wave, summed up the tree. */
bool response_read(struct store *study, const struct units *units, int wave, struct arena *arena,
                   struct response *out, struct error *error);

#endif

/* seats.h - how the forms stand that a batch of saves is for, asked for together. Layer: collect (inner
 * header).
 *
 * One question for many forms, since each costs a round trip where the store is another machine's.
 */
#ifndef LAERKE_COLLECT_SEATS_H
#define LAERKE_COLLECT_SEATS_H

#include "collect/pages.h"

struct seat {
    int64_t assignment, device;
    int wave, generation;
    bool found, fresh;       /* fresh: no browser has it yet */
    enum save_outcome state; /* SAVE_KEPT while answers are taken, else why not */
};

/* One seat for each assignment among n saves, which stand in the order of assignments. */
bool seats_read(struct store *study, struct page_save *const *order, size_t n, struct arena *arena,
                struct seat **out, struct error *error);

#endif

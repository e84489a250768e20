/* simulate.h - programmes with known truth.
 *
 * Layer: simulate. Everything follows from the seed: units (thirteen municipalities by their names),
 * pupils, guardians, staff, and answers to the pupil 4–10 form drawn from a partial credit model with
 * true school and class effects. People's names are numbers ("Elev 12345"): nobody is invented.
 */
#ifndef LAERKE_SIMULATE_SIMULATE_H
#define LAERKE_SIMULATE_SIMULATE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct programme;

struct simulation {
    size_t pupils, schools; /* in all; 80,000 and 242 */
    uint64_t seed;
    void (*progress)(void *context, const char *step_msgid, double fraction);
    void *context;
};

/* Fills an empty programme with a roster, accounts for each role (password "laerke-demo"), and one
 * closed wave with answers. truth.csv in the programme's out/ has each school's and class's true
 * points by scale. */
bool simulate_programme(struct programme *programme, const struct simulation *simulation,
                        struct arena *arena, struct error *error);

#endif

/* fill.h - a plan into the two stores. Layer: simulate (inner header). */
#ifndef LAERKE_SIMULATE_FILL_H
#define LAERKE_SIMULATE_FILL_H

#include "simulate/plan.h"

struct programme;

/* Municipalities, schools and classes; fills in their ids. Error simulate.not_empty where the programme
 * has units already. */
bool fill_units(struct programme *programme, struct plan *plan, struct error *error);

/* Names, guardians, staff and pseudonyms to the identity store, then enrolments to the study store.
 * progress is told 0 to 1. */
bool fill_people(struct programme *programme, const struct plan *plan,
                 const struct simulation *simulation, struct arena *arena, struct error *error);

bool fill_accounts(struct programme *programme, const struct plan *plan, struct error *error);

/* Says how far a step is, where somebody listens. */
void simulation_progress(const struct simulation *simulation, const char *step_msgid, double fraction);

#endif

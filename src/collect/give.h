/* give.h - giving codes out, and finding whose a code is.
 *
 * Layer: collect. Pupils and class teachers have one code a form; a class teacher's opens the forms
 * of the whole class and belongs to the first of them.
 */
#ifndef LAERKE_COLLECT_GIVE_H
#define LAERKE_COLLECT_GIVE_H

#include "collect/code.h"
#include "instrument/instrument.h"

struct arena;
struct error;
struct store;

/* How many characters a respondent's code has. */
size_t code_length(enum respondent respondent);

/* A code for every assignment of the wave that lacks one, within the caller's transaction. Where a
 * new code is already somebody's, the assignment goes on to its next generation. */
bool codes_give(struct store *study, const struct collect_keys *keys, int wave, struct arena *arena,
                struct error *error);

/* Whom a typed code is for; false with an empty error where nobody has it. */
struct code_owner {
    int64_t assignment, instrument;
    int wave, generation;
    bool current; /* false: it was replaced by a new one */
};
bool code_find(struct store *study, const struct collect_keys *keys, const char *code,
               struct code_owner *out, struct error *error);

/* Who gave a new code, for the wave's log. */
struct code_event {
    int64_t unit, account; /* account 0: the command line */
};
/* A new code for an assignment; the old one is dead at once, and pages that it saved stay. In a
 * transaction of its own, the log's line included: event "code", whose detail is the unit's id and nothing
 * of the person. Error code.unknown for no such assignment. */
bool code_renew(struct store *study, const struct collect_keys *keys, int64_t assignment,
                const struct code_event *event, char out[CODE_TEXT], struct error *error);

#endif

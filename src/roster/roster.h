/* roster.h - who is in the programme: import of plain CSV, idempotent.
 *
 * Layer: roster (above exchange and store). The format is documented in docs/roster.md: one file a
 * kind (units, pupils, guardians, staff), recognised by its columns; a folder holds several. Names
 * go to the identity store, units and enrolment to the study store under a pseudonym.
 *
 * Column names are Danish or English; a pupils file alone suffices (its units are made). Who stands
 * in no file stays as it is; but the files are complete for whom they list: a child's guardians are
 * those of the guardians file, and somebody of the staff works where the staff file says. Everybody
 * gets a random pseudonym. Pupils and staff are enrolled in wave 0, which is the roster as it
 * stands.
 *
 * Errors: roster.* with file, line and column, csv.*, store.*.
 */
#ifndef LAERKE_ROSTER_ROSTER_H
#define LAERKE_ROSTER_ROSTER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct programme;

struct roster_options {
    const char *const *drop; /* names of columns that are never read */
    size_t n_drop;
    bool dry_run;
    void (*progress)(void *context, double fraction);
    void (*change)(void *context, const char *line); /* dry run: one described change a call */
    void *context;
};

struct roster_summary {
    size_t units_added, units_changed, people_added, people_changed, people_moved, unchanged;
    size_t guardians_added, guardians_changed, guardians_removed; /* links from child to guardian */
    size_t staff_added, staff_removed;                            /* places of staff */
    const char *ignored; /* names of columns that nobody knew, comma-separated, or NULL */
};

/* Imports a file or a folder in one transaction a store. All bad lines are named in faults (at most
 * its max), and then nothing is changed. */
bool roster_import(struct programme *programme, const char *path,
                   const struct roster_options *options, struct arena *arena,
                   struct roster_summary *summary, struct error_list *faults);

/* Did the import find everything as it was? */
bool roster_summary_empty(const struct roster_summary *summary);

/* subject (pseudonym) of the person with that source key: for imports of answers. Keys are one
 * series a kind; where several kinds have one key the pupil is meant, then the staff. */
struct subject_map;
bool roster_subjects(struct programme *programme, struct arena *arena, struct subject_map **out,
                     struct error *error);
bool subject_find(const struct subject_map *map, const char *source_key, int64_t *subject);

#endif

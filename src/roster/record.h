/* record.h - one line of a roster's file, and what its reader does with it. Layer: roster; for the
 * module itself alone. A fault makes the record bad, and is named with file and line. */
#ifndef LAERKE_ROSTER_RECORD_H
#define LAERKE_ROSTER_RECORD_H

#include "roster/import.h"

struct record {
    struct import *import;
    struct source *source;
    struct origin origin;
    bool good;
};

/* The cell of a field, "" where the file has no such column; and the column's name. */
const char *record_cell(const struct record *r, enum field field);
bool record_has(const struct record *r, enum field field);
const char *record_column(const struct record *r, enum field field);

/* A cell that must not be empty; NULL, and a fault, where it is. */
const char *record_key(struct record *r, enum field field);
/* A copy of a cell in the arena; NULL where the file has no such column. */
const char *record_keep(struct record *r, enum field field);

/* Faults: what holds for every cell of a record, a value that says nothing known, a key met before.
 */
void record_check(struct record *r);
void record_bad_value(struct record *r, enum field field, const char *allowed);
void record_twice(struct record *r, const char *key, struct origin other);
bool unit_fault(struct record *r, const char *id, const char *unit);

/* "17", or "17 of b.csv" where the other line stands in another file. */
const char *line_of(const struct import *import, struct origin other, struct origin here,
                    char out[256]);

/* The unit that a record of pupils or staff stands in: its lowest level that is not empty. -1:
 * none, or (and then the record is bad) not to be found. */
long record_unit(struct record *r);

/* A line of a units file waits until all are read, since a parent may stand below its children. */
struct unit_line {
    enum unit_kind kind;
    const char *code, *parent, *name;
    int grade;
    struct origin origin;
};
struct unit_lines {
    struct unit_line *line;
    struct list list;
};
void place_units(struct import *import, const struct unit_lines *lines);

/* The readers of the four kinds of files; context is a struct unit_lines for units, else unused. */
void read_unit(struct record *r, void *context);
void read_pupil(struct record *r, void *context);
void read_guardian(struct record *r, void *context);
void read_staff(struct record *r, void *context);

#endif

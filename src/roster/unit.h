/* unit.h - the tree of units: programme, municipalities, institutions, schools, classes.
 *
 * Layer: roster (above store). Units are never deleted; one that leaves the roster is inactive.
 */
#ifndef LAERKE_ROSTER_UNIT_H
#define LAERKE_ROSTER_UNIT_H

#include "base/error.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct store;

enum unit_kind {
    UNIT_PROGRAMME,
    UNIT_MUNICIPALITY,
    UNIT_INSTITUTION,
    UNIT_SCHOOL,
    UNIT_CLASS,
    UNIT_TEAM,
    UNIT_KINDS
};
const char *unit_kind_name(enum unit_kind kind); /* "programme", … */
bool unit_kind_from_name(const char *name, enum unit_kind *out);

struct unit {
    int64_t id;
    enum unit_kind kind;
    long parent; /* index into units; -1 for the programme */
    const char *code, *name;
    int grade; /* -1: none */
    bool active;
};

/* All units in order: parents before children, siblings by code in Danish order. The programme
 * (always there; made at init) is the first. */
struct units {
    size_t n;
    struct unit *unit;
    const struct unit_place {
        int64_t id;
        long index;
    } * by_id; /* in order of id, for units_by_id */
};
bool units_read(struct store *study, struct arena *arena, struct units *out, struct error *error);

/* Index of the unit with that id, or -1. */
long units_by_id(const struct units *units, int64_t id);

/* A unit by "horsens/751234/3A" (codes below the programme; "" is the programme; levels may be left
 * out where the code is then still unique, "751234/3A") or by its id in digits where no path fits.
 * A code may hold slashes itself ("4/5"). Errors: unit.unknown {unit}, unit.ambiguous {unit}. */
bool units_find(const struct units *units, const char *path, long *index, struct error *error);

#endif

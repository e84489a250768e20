/* import.h - what the files of the import share. Layer: roster; for the module itself alone.
 *
 * Three steps: read.c takes the files into people, links, places and a tree of units, naming every
 * bad line; compare.c holds them against the stores and marks what differs; write.c writes what is
 * marked.
 */
#ifndef LAERKE_ROSTER_IMPORT_H
#define LAERKE_ROSTER_IMPORT_H

#include "roster/column.h"
#include "roster/roster.h"
#include "roster/unit.h"

#include "base/limits.h"
#include "base/map.h"

enum { ROSTER_PEOPLE_MAX = 4000000, ROSTER_FILES_MAX = 256 };

/* Where something was read, for messages. */
struct origin {
    uint32_t file, line;
};

/* A file's value of a thing the store holds too may be lacking, and is then left as it is. */
enum { GRADE_KEEP = -2, GRADE_NONE = -1, GENDER_KEEP = -1, GENDER_NONE = 0, FLAG_KEEP = -1 };

/* The units of the store (first, in the order of units_read) and those of the files behind them. A
 * parent always stands before its children. */
struct tree_unit {
    enum unit_kind kind;
    long parent; /* -1 for the programme */
    const char *code, *name;
    const char *new_name; /* what the files say, NULL: nothing */
    int grade, new_grade;
    bool active, seen, mixed; /* seen: in the files; mixed: its pupils' grades differ */
    int pupil_grade;          /* of the pupils read so far, GRADE_KEEP: none yet */
    int64_t id;               /* 0: new */
    long next_same;           /* the next unit of that kind and code, -1 */
    struct origin origin;
};
struct tree {
    struct arena *arena;
    struct tree_unit *unit;
    size_t n, capacity;
    struct map children; /* (parent, code) → index */
    struct map codes;    /* (kind, code) → the last such unit */
    bool given;          /* a units file was read: no other file makes units */
};

enum person_kind { PERSON_PUPIL, PERSON_GUARDIAN, PERSON_STAFF, PERSON_KINDS };
enum detail { DETAIL_GIVEN, DETAIL_FAMILY, DETAIL_EMAIL, DETAIL_ADDRESS, DETAILS };
struct person {
    enum person_kind kind;
    bool referred; /* only as a child: it must be in the store */
    bool listed;   /* its guardians (a child) or its places (staff) are in the files */
    bool changed;  /* details, in the identity store */
    bool moved, regraded;
    bool enrolled; /* a pupil's row of wave 0 is there */
    int8_t grade, gender;
    const char *key;
    const char *detail[DETAILS]; /* NULL: leave as it is */
    long unit;                   /* of a pupil */
    int64_t id, subject;         /* 0: not in the store yet */
    struct origin origin;
};

struct link { /* from a child to a guardian */
    size_t child, person;
    int8_t custody, protected;
    bool stored, changed;
    struct origin origin;
};

enum staff_role { STAFF_TEACHER, STAFF_PEDAGOGUE, STAFF_LEADER, STAFF_CLASS_TEACHER, STAFF_ROLES };
struct place { /* where somebody of the staff works */
    size_t person;
    long unit;
    enum staff_role role;
    bool stored, enrolled; /* in identity, in study */
    struct origin origin;
};

/* A row of a store that the files say is no more. */
struct stale {
    enum { STALE_LINK, STALE_STAFF, STALE_ENROLMENT } table;
    int64_t a, b; /* child and person; person and unit; subject and unit */
    char role[16];
};

struct list {
    size_t n, capacity;
};

struct import {
    struct programme *programme;
    const struct roster_options *options;
    struct arena *arena;
    struct error_list *faults;
    struct roster_summary *summary;
    struct source *sources;
    size_t n_sources;
    struct units units;
    struct tree tree;
    struct person *people;
    struct link *links;
    struct place *places;
    struct stale *stale;
    struct list people_list, links_list, places_list, stale_list;
    struct map people_keys, people_ids, people_subjects, link_keys, place_keys;
};

/* Room for one more element in an array of an arena; NULL when memory is out or max is reached. */
void *list_add(struct arena *arena, void **items, struct list *list, size_t size, size_t max);

/* Adds error to the faults, with file and line where origin is not NULL. Returns false. */
bool import_fault(struct import *import, struct error *error, const struct origin *origin);
bool import_memory(struct import *import);

/* tree.c */
bool tree_seed(struct tree *tree, const struct units *units, struct arena *arena);
enum found { FOUND, FOUND_NONE, FOUND_SEVERAL, FOUND_OTHER_KIND, FOUND_NO_MEMORY };
/* The unit of that kind and code at or below parent (-1: anywhere). */
enum found tree_find(const struct tree *tree, long parent, enum unit_kind kind, const char *code,
                     long *index);
/* A path of codes, or one code that is unique. */
enum found tree_path(const struct tree *tree, const char *path, long *index);
long tree_add(struct tree *tree, long parent, enum unit_kind kind, const char *code,
              struct origin origin);
/* The unit's path of codes, for messages. */
const char *tree_path_of(const struct tree *tree, long index, char *out, size_t size);

/* values.c: what a cell says; false when it says nothing that is known. */
bool read_gender(const char *cell, int8_t *out);
bool read_grade(const char *cell, int *out);
bool read_flag(const char *cell, int8_t *out);
bool read_unit_kind(const char *cell, enum unit_kind *out);
bool read_staff_role(const char *cell, enum staff_role *out);
const char *staff_role_name(enum staff_role role);
const char *person_kind_name(enum person_kind kind);
/* The grade that a class's name begins with ("4A", "4.b", "10. C"), or GRADE_NONE. */
int class_grade(const char *name);

bool import_read(struct import *import, const char *path); /* read.c: fills everything but ids */
bool import_compare(struct import *import, struct error *error);
bool import_write(struct import *import, struct error *error);

/* Tells of one change in a dry run. */
void import_change(struct import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

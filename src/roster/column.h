/* column.h - which columns a roster file has, and so which file it is. Layer: roster; for the
 * module itself alone. Names are Danish or English, in any case, with or without blanks, _ and -.
 */
#ifndef LAERKE_ROSTER_COLUMN_H
#define LAERKE_ROSTER_COLUMN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct csv;
struct text;

enum file_kind { FILE_UNITS, FILE_PUPILS, FILE_GUARDIANS, FILE_STAFF, FILE_KINDS };

enum field {
    FIELD_KIND,
    FIELD_CODE,
    FIELD_PARENT,
    FIELD_MUNICIPALITY,
    FIELD_MUNICIPALITY_NAME,
    FIELD_INSTITUTION,
    FIELD_INSTITUTION_NAME,
    FIELD_SCHOOL,
    FIELD_SCHOOL_NAME,
    FIELD_CLASS,
    FIELD_CLASS_NAME,
    FIELD_PUPIL,
    FIELD_GUARDIAN,
    FIELD_STAFF,
    FIELD_ROLE,
    FIELD_NAME,
    FIELD_GIVEN,
    FIELD_FAMILY,
    FIELD_GENDER,
    FIELD_GRADE,
    FIELD_EMAIL,
    FIELD_ADDRESS,
    FIELD_CUSTODY,
    FIELD_PROTECTED,
    FIELD_COUNT
};

struct source {
    const char *path;
    struct csv *csv;
    enum file_kind kind;
    int column[FIELD_COUNT]; /* of the file, -1 when it has none */
    bool *dropped;           /* one a column: never read */
};

/* Which file it is, by its columns. Errors: roster.unknown_file, roster.two_columns. */
bool source_recognise(struct source *source, struct error *error);

/* Marks the columns of that name as never to be read; returns how many. */
size_t source_drop(struct source *source, const char *name);

/* Appends the names that no field has, shortened, with ", " between. */
void source_ignored(const struct source *source, struct text *out, size_t *n);

/* The longest value of a field, in bytes. */
size_t field_max(enum field field);

#endif

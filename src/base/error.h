/* error.h - errors as values: an id and named arguments, put into words at the door.
 *
 * Layer: base. Pure. Libraries neither print nor exit: they fill a struct error and return false
 * (or NULL). The command line and the web turn it into a sentence in the reader's language with
 * i18n_error(). Every id is declared once, in the errors.def of the module that sets it, with its
 * English sentence; the build fails for an id that is set but not declared.
 *
 *     if (columns != expected)
 *         return error_set(error, "csv.ragged", ARG_TEXT("file", path), ARG_INT("line", line),
 *                          ARG_INT("expected", expected), ARG_INT("found", columns));
 */
#ifndef LAERKE_BASE_ERROR_H
#define LAERKE_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum { ERROR_ARGS = 8, ERROR_ID_MAX = 48, ERROR_NAME_MAX = 24, ERROR_VALUE_MAX = 256 };

/* One named argument of a sentence: a text, or a whole number when text is NULL. */
struct arg {
    const char *name;
    const char *text;
    long long number;
};

#define ARG_TEXT(n, v) ((struct arg){ .name = (n), .text = (v) })
#define ARG_INT(n, v) ((struct arg){ .name = (n), .number = (long long)(v) })

/* A copy of everything, so that it outlives the arena it was met in. id is "" when nothing failed.
 * Values longer than ERROR_VALUE_MAX are cut at a whole UTF-8 character and end in "…". */
struct error {
    char id[ERROR_ID_MAX];
    size_t n_args;
    char names[ERROR_ARGS][ERROR_NAME_MAX];
    char values[ERROR_ARGS][ERROR_VALUE_MAX];
};

/* Sets id and arguments; always returns false, so that it can stand in a return. error may be NULL. */
#define error_set(error, id, ...)                                                                  \
    error_set_args((error), (id), (const struct arg[]){ __VA_ARGS__ },                             \
                   sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
void error_fill(struct error *error, const char *id, const struct arg *args, size_t n_args);
static inline bool error_set_args(struct error *error, const char *id, const struct arg *args,
                                  size_t n_args) {
    error_fill(error, id, args, n_args);
    return false; /* here, where compilers and analysers see it */
}

/* The same without arguments. */
static inline bool error_plain(struct error *error, const char *id) {
    return error_set_args(error, id, NULL, 0);
}

/* Adds an argument to an error that was set further down (the file, say). Ignored when full. */
void error_add(struct error *error, struct arg arg);

/* Another value for an argument that is there (a name for a number, by a caller who knows it). */
void error_replace(struct error *error, struct arg arg);

/* The value of an argument, or NULL. */
const char *error_value(const struct error *error, const char *name);

/* Marks an id that is chosen by a condition or kept in a table, for the check at build time. */
#define ERROR_ID(id) id

bool error_is(const struct error *error, const char *id);

/* Many errors, for imports that name every bad line. At most max are kept; total counts all. */
struct arena;
struct error_list {
    struct arena *arena;
    struct error *items;
    size_t count, capacity, max, total;
};

void error_list_init(struct error_list *list, struct arena *arena, size_t max);
void error_list_add(struct error_list *list, const struct error *error);

#endif

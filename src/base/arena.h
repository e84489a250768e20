/* arena.h - memory with one lifetime: a request, a job, a command.
 *
 * Layer: base (includes nothing of ours). Pure: no files, no clock, no globals.
 *
 * An arena hands out memory that is freed all at once. It has a maximum: a request that asks for
 * more gets NULL, and the caller turns that into an error. Things that are not memory (statements,
 * file handles) can be tied to the same lifetime with arena_defer().
 *
 *     struct arena *a = arena_create(ARENA_REQUEST_MAX);
 *     double *x = arena_array(a, n, sizeof *x);
 *     if (!x) { ... }
 *     arena_destroy(a);
 */
#ifndef LAERKE_BASE_ARENA_H
#define LAERKE_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* A new arena that hands out at most max_bytes in all. NULL when out of memory. */
struct arena *arena_create(size_t max_bytes);

/* Runs the deferred functions, last first, and frees everything. NULL is allowed. */
void arena_destroy(struct arena *arena);

/* size zeroed bytes, aligned for any type; NULL when the maximum is reached or memory is out. */
void *arena_alloc(struct arena *arena, size_t size);

/* count zeroed elements of size bytes; the product is checked for overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Copies of a string and of length bytes (a NUL is added). NULL as above. */
char *arena_copy(struct arena *arena, const char *string);
char *arena_copy_bytes(struct arena *arena, const void *bytes, size_t length);

/* arena_array() of new_count elements holding the first old_count of old: the way a list grows. */
void *arena_grow(struct arena *arena, const void *old, size_t old_count, size_t new_count,
                 size_t size);

/* Calls run(data) at arena_destroy(). Returns 0, or -1 when out of memory (run is then called now). */
int arena_defer(struct arena *arena, void (*run)(void *data), void *data);

/* Bytes handed out so far, for limits and tests. */
size_t arena_used(const struct arena *arena);

#endif

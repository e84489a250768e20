/* map.h - from a key of bytes to a whole number: the place of a thing in an array.
 *
 * Layer: base. Pure. Keys are copied into the arena; the map grows as it fills.
 *
 *     struct map map = map_new(arena);
 *     size_t *place = map_put(&map, code, strlen(code));     // NULL: out of memory
 *     if (*place == MAP_NEW) *place = n++;                   // else it was there
 */
#ifndef LAERKE_BASE_MAP_H
#define LAERKE_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#define MAP_NEW SIZE_MAX

struct arena;
struct map_slot;
struct map {
    struct arena *arena;
    struct map_slot *slots;
    size_t count, capacity;
};

struct map map_new(struct arena *arena);

/* The number at the key, MAP_NEW where the key was not there yet. Valid until the next map_put. */
size_t *map_put(struct map *map, const void *key, size_t length);

/* The number at the key, or MAP_NEW. */
size_t map_get(const struct map *map, const void *key, size_t length);

#endif

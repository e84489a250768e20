#include "base/map.h"

#include "base/arena.h"

#include <string.h>

struct map_slot {
    const char *key; /* NULL: free */
    size_t length, value;
    uint64_t hash;
};

struct map map_new(struct arena *arena) {
    return (struct map){ .arena = arena };
}

/* FNV-1a with a mixing step of MurmurHash3. */
static uint64_t hash_of(const void *key, size_t length) {
    const unsigned char *bytes = key;
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) h = (h ^ bytes[i]) * 1099511628211u;
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    return h ^ h >> 33;
}

/* The slot of the key, or the free one where it belongs. */
static struct map_slot *find(const struct map *map, uint64_t hash, const void *key, size_t length) {
    for (size_t i = hash & (map->capacity - 1);; i = (i + 1) & (map->capacity - 1)) {
        struct map_slot *slot = &map->slots[i];
        if (!slot->key) return slot;
        if (slot->hash == hash && slot->length == length && memcmp(slot->key, key, length) == 0)
            return slot;
    }
}

static int grow(struct map *map) {
    struct map larger = *map;
    larger.capacity = map->capacity ? 2 * map->capacity : 64;
    larger.slots = arena_array(map->arena, larger.capacity, sizeof *larger.slots);
    if (!larger.slots) return -1;
    for (size_t i = 0; i < map->capacity; i++) {
        const struct map_slot *slot = &map->slots[i];
        if (slot->key) *find(&larger, slot->hash, slot->key, slot->length) = *slot;
    }
    *map = larger;
    return 0;
}

size_t *map_put(struct map *map, const void *key, size_t length) {
    if (4 * (map->count + 1) > 3 * map->capacity && grow(map) != 0) return NULL;
    uint64_t hash = hash_of(key, length);
    struct map_slot *slot = find(map, hash, key, length);
    if (!slot->key) {
        const char *copy = arena_copy_bytes(map->arena, key, length);
        if (!copy) return NULL;
        *slot = (struct map_slot){ .key = copy, .length = length, .value = MAP_NEW, .hash = hash };
        map->count++;
    }
    return &slot->value;
}

size_t map_get(const struct map *map, const void *key, size_t length) {
    if (map->capacity == 0) return MAP_NEW;
    const struct map_slot *slot = find(map, hash_of(key, length), key, length);
    return slot->key ? slot->value : MAP_NEW;
}

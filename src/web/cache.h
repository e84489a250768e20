/* cache.h - painted pages and PDFs in memory, the least recently used going first.
 *
 * Layer: web, for its own files. Keys are texts that say all that the content depends on
 * ("html 3f2a 412 da 2 9c01…"): results are frozen, so nothing is ever outdated, only unused.
 */
#ifndef LAERKE_WEB_CACHE_H
#define LAERKE_WEB_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct cache;

enum { CACHE_KEY_MAX = 160 };

/* Holds at most max_bytes, keys and bookkeeping included. NULL when out of memory. */
struct cache *cache_create(size_t max_bytes);
void cache_destroy(struct cache *cache);

/* The bytes of a key, kept until the arena ends even when they leave the cache; NULL: not there. */
const char *cache_get(struct cache *cache, const char *key, struct arena *arena, size_t *length);

/* Keeps a copy of the bytes. What is there already, or larger than a quarter of the cache, is left. */
void cache_put(struct cache *cache, const char *key, const void *bytes, size_t length);

/* For tests and logs. */
struct cache_state {
    size_t entries, bytes, hits, misses;
};
struct cache_state cache_state(struct cache *cache);

#endif

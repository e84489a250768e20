#include "web/cache.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

struct entry {
    struct entry *next;            /* in its bucket */
    struct entry *newer, *older;   /* in order of use */
    atomic_int users;              /* the cache itself is one */
    size_t length, size;           /* of the bytes; of all of it */
    uint64_t hash;
    char key[CACHE_KEY_MAX];
    char bytes[];
};

struct cache {
    pthread_mutex_t lock;
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t max_bytes;
    struct cache_state state;
};

struct cache *cache_create(size_t max_bytes) {
    struct cache *cache = calloc(1, sizeof *cache);
    if (!cache) return NULL;
    pthread_mutex_init(&cache->lock, NULL);
    cache->max_bytes = max_bytes;
    return cache;
}

static void leave(void *data) {
    struct entry *entry = data;
    if (atomic_fetch_sub(&entry->users, 1) == 1) free(entry);
}

void cache_destroy(struct cache *cache) {
    if (!cache) return;
    for (struct entry *entry = cache->newest, *older; entry; entry = older) {
        older = entry->older;
        leave(entry);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* FNV-1a: keys are our own, nobody chooses them to collide. */
static uint64_t hash_of(const char *key) {
    uint64_t hash = 14695981039346656037u;
    for (; *key; key++) hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    return hash;
}

static struct entry *find(struct cache *cache, uint64_t hash, const char *key) {
    for (struct entry *entry = cache->buckets[hash % BUCKETS]; entry; entry = entry->next)
        if (entry->hash == hash && strcmp(entry->key, key) == 0) return entry;
    return NULL;
}

static void unlink_use(struct cache *cache, struct entry *entry) {
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct cache *cache, struct entry *entry) {
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void drop_oldest(struct cache *cache) {
    struct entry *entry = cache->oldest, **at = &cache->buckets[entry->hash % BUCKETS];
    while (*at != entry) at = &(*at)->next;
    *at = entry->next;
    unlink_use(cache, entry);
    cache->state.bytes -= entry->size;
    cache->state.entries--;
    leave(entry);
}

const char *cache_get(struct cache *cache, const char *key, struct arena *arena, size_t *length) {
    uint64_t hash = hash_of(key);
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, hash, key);
    if (entry) {
        unlink_use(cache, entry);
        link_newest(cache, entry);
        atomic_fetch_add(&entry->users, 1);
        cache->state.hits++;
    } else {
        cache->state.misses++;
    }
    pthread_mutex_unlock(&cache->lock);
    if (!entry || arena_defer(arena, leave, entry) != 0) return NULL;
    *length = entry->length;
    return entry->bytes;
}

void cache_put(struct cache *cache, const char *key, const void *bytes, size_t length) {
    size_t key_length = strlen(key);
    if (length > cache->max_bytes / 4 || key_length >= CACHE_KEY_MAX) return;
    struct entry *entry = malloc(sizeof *entry + length + 1);
    if (!entry) return;
    *entry = (struct entry){ .length = length, .size = sizeof *entry + length + 1 };
    atomic_init(&entry->users, 1);
    entry->hash = hash_of(key);
    memcpy(entry->key, key, key_length + 1);
    memcpy(entry->bytes, bytes, length);
    entry->bytes[length] = '\0';
    pthread_mutex_lock(&cache->lock);
    if (find(cache, entry->hash, key)) {
        pthread_mutex_unlock(&cache->lock);
        free(entry);
        return;
    }
    while (cache->oldest && cache->state.bytes + entry->size > cache->max_bytes) drop_oldest(cache);
    entry->next = cache->buckets[entry->hash % BUCKETS];
    cache->buckets[entry->hash % BUCKETS] = entry;
    link_newest(cache, entry);
    cache->state.bytes += entry->size;
    cache->state.entries++;
    pthread_mutex_unlock(&cache->lock);
}

struct cache_state cache_state(struct cache *cache) {
    pthread_mutex_lock(&cache->lock);
    struct cache_state state = cache->state;
    pthread_mutex_unlock(&cache->lock);
    return state;
}

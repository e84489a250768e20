#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024, ALIGNMENT = _Alignof(max_align_t) };

struct block {
    struct block *next;
    size_t size, used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
    struct deferred *next;
    void (*run)(void *data);
    void *data;
};

struct arena {
    struct block *blocks;
    struct deferred *deferred;
    size_t max_bytes, used;
};

struct arena *arena_create(size_t max_bytes) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena) arena->max_bytes = max_bytes;
    return arena;
}

void arena_destroy(struct arena *arena) {
    if (!arena) return;
    for (struct deferred *d = arena->deferred; d; d = d->next) d->run(d->data);
    for (struct block *b = arena->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(arena);
}

/* Large pieces get a block of their own behind the current one, so that its rest stays in use. */
static struct block *block_for(struct arena *arena, size_t size) {
    struct block *current = arena->blocks;
    if (current && current->size - current->used >= size) return current;
    size_t capacity = size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE;
    struct block *block = calloc(1, sizeof *block + capacity);
    if (!block) return NULL;
    block->size = capacity;
    if (current && capacity != BLOCK_SIZE) {
        block->next = current->next;
        current->next = block;
    } else {
        block->next = current;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX - ALIGNMENT) return NULL;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size == 0) size = ALIGNMENT;
    if (size > arena->max_bytes - arena->used) return NULL;
    struct block *block = block_for(arena, size);
    if (!block) return NULL;
    void *piece = block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) return NULL;
    return arena_alloc(arena, count * size);
}

char *arena_copy_bytes(struct arena *arena, const void *bytes, size_t length) {
    if (length == SIZE_MAX) return NULL;
    char *copy = arena_alloc(arena, length + 1);
    if (copy && length) memcpy(copy, bytes, length);
    return copy;
}

char *arena_copy(struct arena *arena, const char *string) {
    return arena_copy_bytes(arena, string, strlen(string));
}

void *arena_grow(struct arena *arena, const void *old, size_t old_count, size_t new_count,
                 size_t size) {
    void *grown = arena_array(arena, new_count, size);
    if (grown && old && old_count) memcpy(grown, old, (old_count < new_count ? old_count : new_count) * size);
    return grown;
}

int arena_defer(struct arena *arena, void (*run)(void *data), void *data) {
    struct deferred *d = arena_alloc(arena, sizeof *d);
    if (!d) {
        run(data);
        return -1;
    }
    *d = (struct deferred){ .next = arena->deferred, .run = run, .data = data };
    arena->deferred = d;
    return 0;
}

size_t arena_used(const struct arena *arena) { return arena->used; }

#include "web/site.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define TREE_MAX (512 * MIB)

/* A tree that was read, used by the keeper and by requests; freed by the last. */
struct kept {
    struct tree tree;
    struct arena *arena;
    time_t read_at;
    atomic_int users;
};

struct tree_keeper {
    pthread_mutex_t lock;
    struct kept *kept;
    bool reading; /* one thread reads a new one; the others go on with the old */
};

struct tree_keeper *trees_create(void) {
    struct tree_keeper *keeper = calloc(1, sizeof *keeper);
    if (keeper) pthread_mutex_init(&keeper->lock, NULL);
    return keeper;
}

static void leave(void *data) {
    struct kept *kept = data;
    if (atomic_fetch_sub(&kept->users, 1) == 1) arena_destroy(kept->arena);
}

void trees_destroy(struct tree_keeper *keeper) {
    if (!keeper) return;
    if (keeper->kept) leave(keeper->kept);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

/* A tree newly read, with the keeper as its one user. It lives in its own arena. */
static struct kept *read_tree(struct store *study, struct error *error) {
    struct arena *arena = arena_create(TREE_MAX);
    struct kept *kept = arena ? arena_alloc(arena, sizeof *kept) : NULL;
    if (!kept) {
        error_plain(error, "web.memory");
        arena_destroy(arena);
        return NULL;
    }
    kept->arena = arena;
    kept->read_at = time(NULL);
    atomic_init(&kept->users, 1);
    if (units_read(study, arena, &kept->tree.units, error)) return kept;
    arena_destroy(arena);
    return NULL;
}

const struct tree *tree_get(struct tree_keeper *keeper, struct store *study, struct arena *arena,
                            struct error *error) {
    pthread_mutex_lock(&keeper->lock);
    bool old = !keeper->kept || time(NULL) - keeper->kept->read_at >= TREE_AGE;
    if (old && !(keeper->reading && keeper->kept)) {
        keeper->reading = true;
        pthread_mutex_unlock(&keeper->lock);
        struct kept *fresh = read_tree(study, error);
        pthread_mutex_lock(&keeper->lock);
        keeper->reading = false;
        if (fresh && keeper->kept) leave(keeper->kept);
        if (fresh) keeper->kept = fresh;
        if (!fresh) {
            pthread_mutex_unlock(&keeper->lock);
            return NULL;
        }
    }
    struct kept *kept = keeper->kept;
    atomic_fetch_add(&kept->users, 1);
    pthread_mutex_unlock(&keeper->lock);
    if (arena_defer(arena, leave, kept) != 0) {
        error_plain(error, "web.memory");
        return NULL;
    }
    return &kept->tree;
}

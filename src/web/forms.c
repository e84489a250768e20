#include "web/forms.h"

#include "base/arena.h"
#include "base/error.h"
#include "instrument/instrument.h"

#include <pthread.h>
#include <stdlib.h>

enum { FORMS_MAX = 256 };

struct form_keeper {
    pthread_mutex_t lock;
    struct arena *arena;
    size_t n;
    struct {
        int64_t id;
        const struct instrument *instrument;
    } form[FORMS_MAX];
};

struct form_keeper *forms_create(void) {
    struct form_keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper) return NULL;
    pthread_mutex_init(&keeper->lock, NULL);
    keeper->arena = arena_create(256 * MIB);
    if (keeper->arena) return keeper;
    forms_destroy(keeper);
    return NULL;
}

void forms_destroy(struct form_keeper *keeper) {
    if (!keeper) return;
    pthread_mutex_destroy(&keeper->lock);
    arena_destroy(keeper->arena);
    free(keeper);
}

const struct instrument *form_get(struct form_keeper *keeper, struct store *study, int64_t id,
                                  struct error *error) {
    struct instrument *found = NULL;
    pthread_mutex_lock(&keeper->lock);
    size_t i = 0;
    while (i < keeper->n && keeper->form[i].id != id) i++;
    const struct instrument *kept = i < keeper->n ? keeper->form[i].instrument : NULL;
    if (!kept && keeper->n == FORMS_MAX)
        error_plain(error, "web.memory");
    else if (!kept && instrument_by_id(study, id, keeper->arena, &found, error)) {
        kept = found;
        keeper->form[keeper->n].id = id;
        keeper->form[keeper->n++].instrument = found;
    }
    pthread_mutex_unlock(&keeper->lock);
    return kept;
}

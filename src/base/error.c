#include "base/error.h"

#include "base/arena.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void copy_value(char out[ERROR_VALUE_MAX], const struct arg *arg) {
    if (!arg->text) {
        snprintf(out, ERROR_VALUE_MAX, "%lld", arg->number);
        return;
    }
    text_cut(out, ERROR_VALUE_MAX, arg->text);
}

void error_add(struct error *error, struct arg arg) {
    if (!error || error->n_args == ERROR_ARGS) return;
    size_t i = error->n_args++;
    snprintf(error->names[i], ERROR_NAME_MAX, "%s", arg.name);
    copy_value(error->values[i], &arg);
}

void error_replace(struct error *error, struct arg arg) {
    for (size_t i = 0; i < error->n_args; i++)
        if (strcmp(error->names[i], arg.name) == 0) copy_value(error->values[i], &arg);
}

void error_fill(struct error *error, const char *id, const struct arg *args, size_t n_args) {
    if (!error) return;
    snprintf(error->id, ERROR_ID_MAX, "%s", id);
    error->n_args = 0;
    for (size_t i = 0; i < n_args; i++) error_add(error, args[i]);
}


const char *error_value(const struct error *error, const char *name) {
    for (size_t i = 0; i < error->n_args; i++)
        if (strcmp(error->names[i], name) == 0) return error->values[i];
    return NULL;
}

bool error_is(const struct error *error, const char *id) { return strcmp(error->id, id) == 0; }

void error_list_init(struct error_list *list, struct arena *arena, size_t max) {
    *list = (struct error_list){ .arena = arena, .max = max };
}

void error_list_add(struct error_list *list, const struct error *error) {
    list->total++;
    if (list->count == list->max) return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        struct error *items =
            arena_grow(list->arena, list->items, list->count, capacity, sizeof *items);
        if (!items) return;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *error;
}

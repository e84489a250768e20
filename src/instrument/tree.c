#include "instrument/tree.h"

#include "base/arena.h"

#include <string.h>

/* A place in a text that jansson has found to be valid. */
struct place {
    const char *at;
    int line;
    struct arena *arena;
};

static void skip_to(struct place *place, const char *wanted) {
    for (; !strchr(wanted, *place->at); place->at++)
        if (*place->at == '\n') place->line++;
}

static void skip_blanks(struct place *place) {
    for (; strchr(" \t\r\n", *place->at) && *place->at; place->at++)
        if (*place->at == '\n') place->line++;
}

/* From the opening quotation mark to behind the closing one. */
static void skip_string(struct place *place) {
    for (place->at++; *place->at != '"'; place->at++)
        if (*place->at == '\\') place->at++;
    place->at++;
}

static bool walk(struct place *place, struct tree *tree);

static bool walk_object(struct place *place, struct tree *tree) {
    const char *key;
    json_t *value;
    size_t i = 0;
    json_object_foreach((json_t *)tree->json, key, value) {
        skip_to(place, "\"");
        int line = place->line;
        skip_string(place);
        skip_to(place, ":");
        place->at++;
        struct tree *child = &tree->child[i++];
        *child = (struct tree){ .json = value };
        if (!walk(place, child)) return false;
        child->key = key;
        child->line = line;
    }
    skip_to(place, "}");
    place->at++;
    return true;
}

static bool walk_array(struct place *place, struct tree *tree) {
    for (size_t i = 0; i < tree->n; i++) {
        if (i) skip_to(place, ",");
        place->at++; /* the bracket or the comma */
        tree->child[i] = (struct tree){ .json = json_array_get(tree->json, i) };
        if (!walk(place, &tree->child[i])) return false;
    }
    skip_to(place, "]");
    place->at++;
    return true;
}

static bool walk(struct place *place, struct tree *tree) {
    skip_blanks(place);
    tree->line = place->line;
    bool object = json_is_object(tree->json), array = json_is_array(tree->json);
    if (object || array) {
        tree->n = object ? json_object_size(tree->json) : json_array_size(tree->json);
        tree->child = arena_array(place->arena, tree->n, sizeof *tree->child);
        if (!tree->child) return false;
        return object ? walk_object(place, tree) : walk_array(place, tree);
    }
    if (json_is_string(tree->json))
        skip_string(place);
    else
        while (*place->at && !strchr(" \t\r\n,]}", *place->at)) place->at++;
    return true;
}

static void release(void *json) { json_decref(json); }

struct tree *tree_read(const char *path, const char *bytes, size_t length, struct arena *arena,
                       struct error *error) {
    json_error_t fault;
    json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &fault);
    if (!json) {
        enum json_error_code code = json_error_code(&fault);
        const char *id = code == json_error_premature_end_of_input ? ERROR_ID("instrument.ends_early")
                         : code == json_error_duplicate_key ? ERROR_ID("instrument.duplicate_key")
                         : code == json_error_invalid_utf8  ? ERROR_ID("instrument.not_utf8")
                                                            : ERROR_ID("instrument.syntax");
        error_set_args(error, id, NULL, 0);
        error_add(error, ARG_TEXT("file", path));
        error_add(error, ARG_INT("line", fault.line > 0 ? fault.line : 1));
        return NULL;
    }
    struct tree *tree = arena_alloc(arena, sizeof *tree);
    /* The walk reads up to a NUL, which the caller's bytes need not have. */
    struct place place = { .at = arena_copy_bytes(arena, bytes, length), .line = 1, .arena = arena };
    if (arena_defer(arena, release, json) != 0 || !tree || !place.at) {
        error_set(error, "instrument.memory", ARG_TEXT("file", path));
        return NULL;
    }
    *tree = (struct tree){ .json = json };
    if (!walk(&place, tree)) {
        error_set(error, "instrument.memory", ARG_TEXT("file", path));
        return NULL;
    }
    return tree;
}

const struct tree *tree_member(const struct tree *tree, const char *key) {
    if (!tree || !json_is_object(tree->json)) return NULL;
    for (size_t i = 0; i < tree->n; i++)
        if (strcmp(tree->child[i].key, key) == 0) return &tree->child[i];
    return NULL;
}

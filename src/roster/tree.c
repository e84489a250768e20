/* The units of the store and of the files in one tree, while an import is read. */
#include "roster/import.h"

#include "base/arena.h"

#include <stdio.h>
#include <string.h>

/* A number and a code as the key of a map. */
struct number_code {
    long number;
    char code[CODE_MAX];
};

static size_t key_of(struct number_code *key, long number, const char *code) {
    size_t length = strlen(code);
    if (length >= CODE_MAX) length = CODE_MAX - 1;
    key->number = number;
    memcpy(key->code, code, length);
    return offsetof(struct number_code, code) + length;
}

static bool index_unit(struct tree *tree, long index) {
    struct tree_unit *unit = &tree->unit[index];
    struct number_code key;
    size_t *child = map_put(&tree->children, &key, key_of(&key, unit->parent, unit->code));
    if (!child) return false;
    *child = (size_t)index;
    size_t *same = map_put(&tree->codes, &key, key_of(&key, (long)unit->kind, unit->code));
    if (!same) return false;
    unit->next_same = *same == MAP_NEW ? -1 : (long)*same;
    *same = (size_t)index;
    return true;
}

bool tree_seed(struct tree *tree, const struct units *units, struct arena *arena) {
    *tree = (struct tree){ .arena = arena, .children = map_new(arena), .codes = map_new(arena) };
    tree->n = units->n;
    tree->capacity = units->n + 256;
    tree->unit = arena_array(arena, tree->capacity, sizeof *tree->unit);
    if (!tree->unit) return false;
    for (size_t i = 0; i < units->n; i++) {
        const struct unit *u = &units->unit[i];
        tree->unit[i] = (struct tree_unit){
            .kind = u->kind,
            .parent = u->parent,
            .code = u->code,
            .name = u->name,
            .grade = u->grade,
            .new_grade = GRADE_KEEP,
            .pupil_grade = GRADE_KEEP,
            .active = u->active,
            .id = u->id,
        };
        if (!index_unit(tree, (long)i)) return false;
    }
    return true;
}

static long child_of(const struct tree *tree, long parent, const char *code) {
    struct number_code key;
    size_t place = map_get(&tree->children, &key, key_of(&key, parent, code));
    return place == MAP_NEW ? -1 : (long)place;
}

static bool stands_below(const struct tree *tree, long index, long above) {
    for (long up = tree->unit[index].parent; up >= 0; up = tree->unit[up].parent)
        if (up == above) return true;
    return false;
}

enum found tree_find(const struct tree *tree, long parent, enum unit_kind kind, const char *code,
                     long *index) {
    struct number_code key;
    long above = parent < 0 ? 0 : parent, child = child_of(tree, above, code), n = 0;
    if (child >= 0 && tree->unit[child].kind == kind) {
        *index = child;
        return FOUND;
    }
    /* A municipality stands at the top alone; other levels may be left out on the way down. */
    size_t same = kind == UNIT_MUNICIPALITY
                      ? MAP_NEW
                      : map_get(&tree->codes, &key, key_of(&key, (long)kind, code));
    for (long i = same == MAP_NEW ? -1 : (long)same; i >= 0; i = tree->unit[i].next_same) {
        if (!stands_below(tree, i, above)) continue;
        *index = i;
        n++;
    }
    if (n > 0) return n == 1 ? FOUND : FOUND_SEVERAL;
    return child >= 0 ? FOUND_OTHER_KIND : FOUND_NONE;
}

static enum found by_code_alone(const struct tree *tree, const char *code, long *index) {
    int n = 0;
    for (enum unit_kind kind = UNIT_MUNICIPALITY; kind < UNIT_KINDS; kind++) {
        enum found found = tree_find(tree, -1, kind, code, index);
        if (found == FOUND_SEVERAL) return found;
        n += found == FOUND;
    }
    return n == 0 ? FOUND_NONE : n == 1 ? FOUND : FOUND_SEVERAL;
}

enum found tree_path(const struct tree *tree, const char *path, long *index) {
    long at = 0;
    for (const char *rest = path; at >= 0 && *rest;) {
        char code[PATH_CODES_MAX];
        size_t length = strcspn(rest, "/");
        snprintf(code, sizeof code, "%.*s", (int)length, rest);
        at = child_of(tree, at, code);
        rest += length;
        if (*rest == '/') rest++;
    }
    *index = at;
    if (at >= 0) return FOUND;
    return strlen(path) < CODE_MAX ? by_code_alone(tree, path, index) : FOUND_NONE;
}

long tree_add(struct tree *tree, long parent, enum unit_kind kind, const char *code,
              struct origin origin) {
    if (tree->n == tree->capacity) {
        struct tree_unit *grown =
            arena_grow(tree->arena, tree->unit, tree->n, 2 * tree->capacity, sizeof *grown);
        if (!grown) return -1;
        tree->unit = grown;
        tree->capacity *= 2;
    }
    const char *copy = arena_copy(tree->arena, code);
    if (!copy) return -1;
    tree->unit[tree->n] = (struct tree_unit){
        .kind = kind,
        .parent = parent < 0 ? 0 : parent,
        .code = copy,
        .grade = GRADE_NONE,
        .active = true,
        .new_grade = GRADE_KEEP,
        .pupil_grade = GRADE_KEEP,
        .origin = origin,
        .seen = true,
    };
    return index_unit(tree, (long)tree->n) ? (long)tree->n++ : -1;
}

const char *tree_path_of(const struct tree *tree, long index, char *out, size_t size) {
    const char *codes[UNIT_KINDS + 10] = { 0 };
    size_t n = 0, length = 0;
    for (long i = index; i > 0 && n < sizeof codes / sizeof *codes; i = tree->unit[i].parent)
        codes[n++] = tree->unit[i].code;
    out[0] = '\0';
    while (n-- > 0 && length < size)
        length +=
            (size_t)snprintf(out + length, size - length, "%s%s", length ? "/" : "", codes[n]);
    return out;
}

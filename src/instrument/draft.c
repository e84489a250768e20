#include "instrument/draft.h"

#include "base/arena.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_LIMIT = 99999, NAMED_SETS_MAX = 64, TEXT_LIMIT_MAX = 4000 };
#define JSON_MAX (8 * MIB)

bool draft_begin(struct draft *draft, const char *path, struct arena *arena,
                 struct error_list *left) {
    *draft = (struct draft){ .arena = arena,
                             .path = path,
                             .left = left,
                             .root = json_object(),
                             .items = json_array(),
                             .pages = json_array(),
                             .sets = json_object(),
                             .scales = json_array() };
    draft->set = arena_array(arena, DRAFT_SETS, sizeof *draft->set);
    draft->codes = arena_array(arena, ITEMS_MAX + 1, sizeof *draft->codes);
    draft->set_of = arena_array(arena, ITEMS_MAX + 1, sizeof *draft->set_of);
    return draft->root && draft->items && draft->pages && draft->sets && draft->scales &&
           draft->set && draft->codes && draft->set_of;
}

void draft_end(struct draft *draft) {
    json_decref(draft->root);
    json_decref(draft->items);
    json_decref(draft->pages);
    json_decref(draft->sets);
    json_decref(draft->scales);
}

void leave_args(struct draft *draft, int line, const char *id, const struct arg *args, size_t n) {
    struct error error = { 0 };
    error_set(&error, id, ARG_TEXT("file", draft->path), ARG_INT("line", line));
    for (size_t i = 0; i < n; i++) error_add(&error, args[i]);
    error_list_add(draft->left, &error);
}

void leave_thing(struct draft *draft, int line, const char *what, const char *whom) {
    leave(draft, line, ERROR_ID("instrument.left_thing"), ARG_TEXT("what", what),
          ARG_TEXT("whom", whom));
}

void leave_quote(struct draft *draft, int line, const char *text) {
    leave(draft, line, ERROR_ID("instrument.left_quote"), ARG_TEXT("text", text));
}

int draft_language(struct draft *draft, const char *tag) {
    size_t length = strlen(tag);
    for (size_t i = 0; i < draft->n_languages; i++)
        if (strcmp(draft->languages[i], tag) == 0) return (int)i;
    if (length < 2 || length >= LANG_MAX || draft->n_languages == DRAFT_LANGUAGES) return -1;
    for (size_t i = 0; i < length; i++) {
        bool small = tag[i] >= 'a' && tag[i] <= 'z', large = tag[i] >= 'A' && tag[i] <= 'Z';
        if (!small && (i < 2 || (!large && tag[i] != '-'))) return -1;
    }
    draft->languages[draft->n_languages] = arena_copy(draft->arena, tag);
    return (int)draft->n_languages++;
}

const char *draft_code(struct draft *draft, int line, const char *code) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = 0;
    char *own = arena_alloc(draft->arena, CODE_MAX);
    if (!own) return "";
    for (const char *at = code; *at && n < CODE_MAX - 1; at++)
        if (strchr(allowed, *at))
            own[n++] = *at;
        else if (((unsigned char)*at & 0xC0) != 0x80)
            own[n++] = '_';
    if (n == 0) own[n++] = '_';
    if (strcmp(own, code) != 0)
        leave(draft, line, ERROR_ID("instrument.left_code"), ARG_TEXT("code", code),
              ARG_TEXT("own", own));
    return own;
}

static bool filled(const char *text) { return text && text[strspn(text, " \t\r\n")]; }

json_t *draft_text(struct draft *draft, int line, const char *what, const struct words *words) {
    const char *stand_in = NULL;
    for (size_t i = 0; words && i < draft->n_languages && !stand_in; i++)
        if (filled(words->in[i])) stand_in = words->in[i];
    if (!stand_in) return NULL;
    json_t *text = json_object();
    for (size_t i = 0; i < draft->n_languages; i++) {
        const char *own = words->in[i];
        if (!filled(own))
            leave(draft, line, ERROR_ID("instrument.left_translation"), ARG_TEXT("what", what),
                  ARG_TEXT("language", draft->languages[i]));
        json_object_set_new(text, draft->languages[i], json_string(filled(own) ? own : stand_in));
    }
    return text;
}

void draft_put_text(struct draft *draft, json_t *object, const char *key, int line,
                    const struct words *words) {
    json_t *text = draft_text(draft, line, key, words);
    if (text) json_object_set_new(object, key, text);
}

static bool whole_numbers(size_t n, const char *const *codes, int *values) {
    for (size_t i = 0; i < n; i++) {
        long long value;
        if (!text_to_int(codes[i], -VALUE_LIMIT, VALUE_LIMIT, &value)) return false;
        values[i] = (int)value;
        for (size_t k = 0; k < i; k++)
            if (values[k] == values[i]) return false;
    }
    return true;
}

/* "Y = 0, N = 1" */
static const char *numbering(struct draft *draft, const struct draft_set *set) {
    struct text text = text_new(draft->arena, 4096);
    for (size_t i = 0; i < set->n; i++)
        text_addf(&text, "%s%s = %d", i ? ", " : "", set->codes[i], set->values[i]);
    return text_string(&text);
}

static json_t *category(struct draft *draft, int line, int value, const struct words *label,
                        const char *symbol) {
    json_t *text = label ? draft_text(draft, line, "label", label) : NULL;
    if (!text) return json_integer(value);
    json_t *object = json_pack("{s:i, s:o}", "value", value, "label", text);
    if (symbol && *symbol) json_object_set_new(object, "symbol", json_string(symbol));
    return object;
}

const struct draft_set *draft_find_set(const struct draft *draft, const char *name) {
    for (size_t i = 0; i < draft->n_sets; i++)
        if (strcmp(draft->set[i].name, name) == 0) return &draft->set[i];
    return NULL;
}

/* The choices whose code stands for the first time; the others are named. */
static size_t first_of_each(struct draft *draft, int line, const char *name, size_t n,
                            const char *const *codes, size_t *keep) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < kept && strcmp(codes[keep[k]], codes[i]) != 0) k++;
        if (k == kept)
            keep[kept++] = i;
        else
            leave_thing(draft, line, codes[i], name);
    }
    return kept;
}

/* Values, and what there is to say about them. */
static void number(struct draft *draft, int line, struct draft_set *set) {
    if (!whole_numbers(set->n, set->codes, set->values)) {
        for (size_t i = 0; i < set->n; i++) set->values[i] = (int)i;
        leave(draft, line, ERROR_ID("instrument.left_values"), ARG_TEXT("set", set->name),
              ARG_TEXT("values", numbering(draft, set)));
    } else if (!draft->ours && set->values[0] > set->values[set->n - 1]) {
        leave(draft, line, ERROR_ID("instrument.left_order"), ARG_TEXT("set", set->name));
    }
}

const struct draft_set *draft_set(struct draft *draft, int line, const char *name, size_t n,
                                  const char *const *codes, const struct words *labels,
                                  const char *const *symbols) {
    size_t keep[CATEGORIES_MAX];
    size_t kept = n <= CATEGORIES_MAX ? first_of_each(draft, line, name, n, codes, keep) : n;
    if (kept < 2 || kept > CATEGORIES_MAX || draft->n_sets == DRAFT_SETS) {
        leave(draft, line, ERROR_ID("instrument.left_set"), ARG_TEXT("set", name),
              ARG_INT("found", n), ARG_INT("limit", CATEGORIES_MAX));
        return NULL;
    }
    struct draft_set *set = &draft->set[draft->n_sets++];
    *set = (struct draft_set){ .name = arena_copy(draft->arena, name),
                               .n = kept,
                               .categories = json_array() };
    for (size_t i = 0; i < kept; i++) set->codes[i] = arena_copy(draft->arena, codes[keep[i]]);
    number(draft, line, set);
    for (size_t i = 0; i < kept; i++)
        json_array_append_new(set->categories, category(draft, line, set->values[i],
                                                        labels ? &labels[keep[i]] : NULL,
                                                        symbols ? symbols[keep[i]] : NULL));
    json_object_set_new(draft->sets, set->name, set->categories);
    return set;
}

static void drop_empty_page(struct draft *draft) {
    size_t n = json_array_size(draft->pages);
    json_t *page = n ? json_array_get(draft->pages, n - 1) : NULL;
    if (!page || json_array_size(json_object_get(page, "items"))) return;
    if (json_object_size(page) > 1)
        leave_args(draft, draft->page_line, ERROR_ID("instrument.left_page"), NULL, 0);
    json_array_remove(draft->pages, n - 1);
    draft->page = NULL;
}

void draft_end_page(struct draft *draft) {
    drop_empty_page(draft);
    draft->page = NULL;
}

void draft_page(struct draft *draft, int line, const struct words *title) {
    drop_empty_page(draft);
    draft->page = json_pack("{s:[]}", "items");
    draft->page_first = draft->n_items;
    draft->page_line = line;
    json_array_append_new(draft->pages, draft->page);
    if (title) draft_put_text(draft, draft->page, "title", line, title);
}

void draft_break(struct draft *draft, int line, const char *code) {
    static const char *const keys[] = { "if", "grades", "once" };
    json_t *before = json_incref(draft->page);
    leave(draft, line, ERROR_ID("instrument.left_break"), ARG_TEXT("item", code));
    draft_page(draft, line, NULL);
    for (size_t i = 0; i < 3; i++)
        if (json_object_get(before, keys[i]))
            json_object_set(draft->page, keys[i], json_object_get(before, keys[i]));
    json_decref(before);
}

static size_t find_item(const struct draft *draft, const char *code) {
    size_t i = 0;
    while (i < draft->n_items && strcmp(draft->codes[i], code) != 0) i++;
    return i;
}

json_t *draft_item(struct draft *draft, int line, const char *code, const struct words *text,
                   const struct draft_set *set) {
    if (find_item(draft, code) < draft->n_items || draft->n_items == ITEMS_MAX) {
        leave(draft, line, ERROR_ID("instrument.left_item"), ARG_TEXT("item", code),
              ARG_INT("limit", ITEMS_MAX));
        return NULL;
    }
    if (!draft->page) draft_page(draft, line, NULL);
    const char *id = draft_code(draft, line, code);
    json_t *item = json_pack("{s:s}", "id", id);
    draft_put_text(draft, item, "text", line, text);
    json_object_set_new(item, set ? "categories" : "kind", json_string(set ? set->name : "text"));
    json_array_append_new(json_object_get(draft->page, "items"), json_string(id));
    json_array_append_new(draft->items, item);
    draft->set_of[draft->n_items] = set;
    draft->codes[draft->n_items++] = arena_copy(draft->arena, code);
    return item;
}

void draft_limit(struct draft *draft, int line, json_t *item, long long limit) {
    char number[24];
    snprintf(number, sizeof number, "%lld", limit);
    if (limit < 1 || limit > TEXT_LIMIT_MAX) leave_thing(draft, line, number, "limit");
    json_object_set_new(item, "limit",
                        json_integer(limit < 1                ? 1
                                     : limit > TEXT_LIMIT_MAX ? TEXT_LIMIT_MAX
                                                              : limit));
}

bool draft_same_page(const struct draft *draft, const char *code) {
    size_t at = find_item(draft, code);
    return at < draft->n_items && at >= draft->page_first;
}

bool draft_condition(struct draft *draft, json_t *whom, const struct draft_if *condition) {
    size_t at = find_item(draft, condition->item);
    const struct draft_set *set = at < draft->n_items ? draft->set_of[at] : NULL;
    json_t *is = json_array();
    for (size_t i = 0; set && i < condition->n; i++)
        for (size_t c = 0; c < set->n; c++)
            if (strcmp(set->codes[c], condition->codes[i]) == 0)
                json_array_append_new(is, json_integer(set->values[c]));
    if (json_array_size(is) != condition->n || condition->n == 0) {
        json_decref(is);
        return false;
    }
    json_object_set_new(whom, "if",
                        json_pack("{s:O, s:o}", "item",
                                  json_object_get(json_array_get(draft->items, at), "id"), "is",
                                  is));
    return true;
}

/* Up to as many as a file may have, sets of categories stand under their names; of more, each
 * stands with its items. */
static void put_sets(struct draft *draft) {
    size_t i;
    json_t *item;
    if (json_object_size(draft->sets) > NAMED_SETS_MAX) json_array_foreach(draft->items, i, item) {
            const char *name = json_string_value(json_object_get(item, "categories"));
            if (name) json_object_set(item, "categories", json_object_get(draft->sets, name));
        }
    else if (json_object_size(draft->sets))
        json_object_set(draft->root, "category_sets", draft->sets);
}

/* Needed where there are pages; the file's code stands in for it. */
static void put_title(struct draft *draft) {
    struct words words = { 0 };
    if (json_object_get(draft->root, "title") || draft->pageless) return;
    for (size_t i = 0; i < draft->n_languages; i++)
        words.in[i] = json_string_value(json_object_get(draft->root, "code"));
    leave_args(draft, 1, ERROR_ID("instrument.left_title"), NULL, 0);
    draft_put_text(draft, draft->root, "title", 1, &words);
}

/* One scale a page, of which nothing is published until somebody says what it measures. */
static void make_scales(struct draft *draft) {
    size_t p;
    json_t *page;
    json_array_foreach(draft->pages, p, page) {
        struct text code = text_new(draft->arena, 32);
        text_addf(&code, "page%zu", p + 1);
        json_t *name = json_object_get(page, "title");
        json_t *words = name ? json_incref(name) : json_object();
        for (size_t i = 0; !name && i < draft->n_languages; i++)
            json_object_set_new(words, draft->languages[i], json_string(text_string(&code)));
        json_array_append_new(draft->scales,
                              json_pack("{s:s, s:O, s:o, s:s, s:O}", "code", text_string(&code),
                                        "name", words, "meaning", words, "use", "background",
                                        "items", json_object_get(page, "items")));
    }
    leave_args(draft, 1, ERROR_ID("instrument.left_scales"), NULL, 0);
}

const char *draft_finish(struct draft *draft) {
    json_t *list = json_array();
    drop_empty_page(draft);
    if (json_array_size(draft->scales) == 0) make_scales(draft);
    for (size_t i = 0; i < draft->n_languages; i++)
        json_array_append_new(list, json_string(draft->languages[i]));
    json_object_set_new(draft->root, "languages", list);
    put_sets(draft);
    put_title(draft);
    json_object_set(draft->root, "scales", draft->scales);
    json_object_set(draft->root, "items", draft->items);
    if (!draft->pageless) json_object_set(draft->root, "pages", draft->pages);
    char *dumped = json_dumps(draft->root, JSON_INDENT(2));
    struct text text = text_new(draft->arena, JSON_MAX);
    if (dumped) text_add(&text, dumped);
    text_add_char(&text, '\n');
    bool whole = dumped != NULL;
    free(dumped);
    return whole && text_ok(&text) ? text_string(&text) : NULL;
}

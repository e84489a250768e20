#include "instrument/parse.h"

#include "base/arena.h"
#include "base/nearest.h"
#include "base/text.h"

#include <string.h>

void fault_args(struct parse *parse, int line, const char *id, const struct arg *args, size_t n) {
    struct error error;
    error_set_args(&error, id, args, n);
    error_add(&error, ARG_TEXT("file", parse->path));
    error_add(&error, ARG_INT("line", line));
    error_list_add(parse->faults, &error);
}

void fault_plain(struct parse *parse, const struct tree *tree, const char *id) {
    fault_args(parse, tree->line, id, NULL, 0);
}

void *parse_array(struct parse *parse, size_t count, size_t size) {
    void *array = arena_array(parse->arena, count, size);
    if (!array) parse->no_memory = true;
    return array;
}

/* "a, b, c" for a sentence. */
static const char *listed(struct parse *parse, const char *const *words) {
    struct text text = text_new(parse->arena, ERROR_VALUE_MAX);
    for (size_t i = 0; words[i]; i++) {
        if (i) text_add(&text, ", ");
        text_add(&text, words[i]);
    }
    return text_string(&text);
}

void check_keys(struct parse *parse, const struct tree *object, const char *const *keys) {
    for (size_t i = 0; i < object->n; i++) {
        const struct tree *member = &object->child[i];
        size_t k = 0;
        while (keys[k] && strcmp(keys[k], member->key) != 0) k++;
        if (keys[k]) continue;
        const char *near = nearest(member->key, keys);
        if (near)
            fault(parse, member, ERROR_ID("instrument.unknown_key_near"), ARG_TEXT("key", member->key),
                  ARG_TEXT("near", near));
        else
            fault(parse, member, ERROR_ID("instrument.unknown_key"), ARG_TEXT("key", member->key),
                  ARG_TEXT("keys", listed(parse, keys)));
    }
}

static const struct tree *get(struct parse *parse, const struct tree *object, const char *key,
                              enum need need) {
    const struct tree *member = tree_member(object, key);
    if (!member && need == NEEDED)
        fault(parse, object, ERROR_ID("instrument.missing_key"), ARG_TEXT("key", key));
    return member;
}

const struct tree *get_list(struct parse *parse, const struct tree *object, const char *key,
                            enum need need, size_t max) {
    const struct tree *member = get(parse, object, key, need);
    if (!member) return NULL;
    if (!json_is_array(member->json))
        fault(parse, member, ERROR_ID("instrument.not_list"), ARG_TEXT("key", key));
    else if (member->n == 0)
        fault(parse, member, ERROR_ID("instrument.empty_list"), ARG_TEXT("key", key));
    else if (member->n > max)
        fault(parse, member, ERROR_ID("instrument.too_many"), ARG_TEXT("key", key),
              ARG_INT("found", member->n), ARG_INT("limit", max));
    else
        return member;
    return NULL;
}

const char *get_string(struct parse *parse, const struct tree *object, const char *key,
                       enum need need) {
    const struct tree *member = get(parse, object, key, need);
    if (!member) return NULL;
    const char *string = json_string_value(member->json);
    if (!string) fault(parse, member, ERROR_ID("instrument.not_text"), ARG_TEXT("key", key));
    return string;
}

bool get_flag(struct parse *parse, const struct tree *object, const char *key) {
    const struct tree *member = tree_member(object, key);
    if (!member) return false;
    if (!json_is_boolean(member->json))
        fault(parse, member, ERROR_ID("instrument.not_flag"), ARG_TEXT("key", key));
    return json_is_true(member->json);
}

size_t get_word(struct parse *parse, const struct tree *object, const char *key, enum need need,
                const char *const *words, size_t fallback) {
    const char *word = get_string(parse, object, key, need);
    if (!word) return fallback;
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0) return i;
    fault(parse, tree_member(object, key), ERROR_ID("instrument.unknown_word"), ARG_TEXT("key", key),
          ARG_TEXT("word", word), ARG_TEXT("words", listed(parse, words)));
    return fallback;
}

const char *code_of(struct parse *parse, const struct tree *value, const char *key) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *code = json_string_value(value->json);
    if (!code) {
        fault(parse, value, ERROR_ID("instrument.not_text"), ARG_TEXT("key", key));
        return NULL;
    }
    size_t length = strlen(code);
    if (length && length < CODE_MAX && strspn(code, allowed) == length) return code;
    fault(parse, value, ERROR_ID("instrument.bad_code"), ARG_TEXT("key", key), ARG_TEXT("code", code),
          ARG_INT("limit", CODE_MAX - 1));
    return NULL;
}

const char *get_code(struct parse *parse, const struct tree *object, const char *key) {
    const struct tree *member = get(parse, object, key, NEEDED);
    return member ? code_of(parse, member, key) : NULL;
}

bool is_object(struct parse *parse, const struct tree *tree, const char *what) {
    if (json_is_object(tree->json)) return true;
    fault(parse, tree, ERROR_ID("instrument.not_object"), ARG_TEXT("key", what));
    return false;
}

static const char *text_of(struct parse *parse, const struct tree *value, const char *key) {
    const char *string = json_string_value(value->json);
    if (!string)
        fault(parse, value, ERROR_ID("instrument.not_text"), ARG_TEXT("key", key));
    else if (!string[strspn(string, " \t\r\n")])
        fault(parse, value, ERROR_ID("instrument.empty_text"), ARG_TEXT("key", key));
    return string;
}

/* {"da": …, "en": …}: each language once, and no other. */
static void texts_by_language(struct parse *parse, const struct tree *value, const char *key,
                              const char **in) {
    const struct instrument *instrument = parse->instrument;
    for (size_t i = 0; i < value->n; i++) {
        const struct tree *member = &value->child[i];
        size_t l = 0;
        while (l < instrument->n_languages && strcmp(instrument->languages[l], member->key) != 0) l++;
        if (l == instrument->n_languages)
            fault(parse, member, ERROR_ID("instrument.unknown_language"), ARG_TEXT("key", key),
                  ARG_TEXT("language", member->key));
        else
            in[l] = text_of(parse, member, key);
    }
    for (size_t l = 0; l < instrument->n_languages; l++)
        if (!tree_member(value, instrument->languages[l]))
            fault(parse, value, ERROR_ID("instrument.missing_language"), ARG_TEXT("key", key),
                  ARG_TEXT("language", instrument->languages[l]));
}

struct texts get_texts(struct parse *parse, const struct tree *object, const char *key,
                       enum need need) {
    struct texts none = { NULL };
    const struct tree *value = get(parse, object, key, need);
    if (!value) return none;
    const char **in = parse_array(parse, parse->instrument->n_languages, sizeof *in);
    if (!in) return none;
    if (json_is_object(value->json))
        texts_by_language(parse, value, key, in);
    else if (json_is_string(value->json) && parse->instrument->n_languages > 1)
        fault(parse, value, ERROR_ID("instrument.text_of_one_language"), ARG_TEXT("key", key),
              ARG_TEXT("first", parse->instrument->languages[0]));
    else
        in[0] = text_of(parse, value, key);
    return (struct texts){ in };
}

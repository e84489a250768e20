/* JSON → the results of a unit. It comes from our own store, but it is checked like anything from
 * outside: a page built on half a result would be worse than none. */
#include "publish/frozen.h"

#include "base/arena.h"
#include "base/limits.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

enum {
    UNITS_MAX = 10000,
    RESPONSES_MAX = 32,
    FROZEN_SCALES_MAX = 512,
    PARTS_MAX = 256,
    COMPARISONS_MAX = 32
};

/* The first fault sticks; after it every reader gives nothing. what: the member at fault. */
struct reader {
    struct arena *arena;
    const char *what;
};

static void *fault(struct reader *r, const char *what) {
    if (!r->what) r->what = what;
    return NULL;
}

static const char *copy(struct reader *r, const json_t *value, const char *name) {
    if (!json_is_string(value)) return fault(r, name);
    const char *text = arena_copy(r->arena, json_string_value(value));
    return text ? text : fault(r, "memory");
}

static const char *get_text(struct reader *r, const json_t *object, const char *name) {
    return copy(r, json_object_get(object, name), name);
}

static const char *get_text_or_null(struct reader *r, const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return !value || json_is_null(value) ? NULL : copy(r, value, name);
}

static int64_t get_id(struct reader *r, const json_t *object, const char *name, int64_t missing) {
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) return missing;
    if (!json_is_integer(value)) fault(r, name);
    return json_integer_value(value);
}

static int as_int(struct reader *r, const json_t *value, const char *name) {
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < INT_MIN || number > INT_MAX) {
        fault(r, name);
        return 0;
    }
    return (int)number;
}

static int get_int(struct reader *r, const json_t *object, const char *name) {
    return as_int(r, json_object_get(object, name), name);
}

static int get_int_or(struct reader *r, const json_t *object, const char *name, int missing) {
    const json_t *value = json_object_get(object, name);
    return !value || json_is_null(value) ? missing : as_int(r, value, name);
}

static double get_real(struct reader *r, const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_number(value)) fault(r, name);
    return json_number_value(value);
}

static bool get_bool(struct reader *r, const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_boolean(value)) fault(r, name);
    return json_is_true(value);
}

/* The array of a member with room for its elements; NULL (and *n 0) when it is empty or at fault.
 */
static void *get_array(struct reader *r, const json_t *object, const char *name, size_t max,
                       size_t size, const json_t **array, size_t *n) {
    *array = json_object_get(object, name);
    *n = json_array_size(*array);
    if (!json_is_array(*array) || *n > max) {
        *n = 0;
        return fault(r, name);
    }
    if (*n == 0) return NULL;
    void *elements = arena_array(r->arena, *n, size);
    if (!elements) {
        *n = 0;
        fault(r, "memory");
    }
    return elements;
}

static struct frozen_text as_texts(struct reader *r, const json_t *object, const char *name) {
    struct frozen_text out = { 0 };
    if (!json_is_object(object) || json_object_size(object) > FROZEN_LANGUAGES) {
        fault(r, name);
        return out;
    }
    size_t i = 0;
    const char *tag;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, tag, value) {
        out.tag[i] = arena_copy(r->arena, tag);
        out.text[i] = copy(r, value, name);
        if (!out.tag[i]) fault(r, "memory");
        i++;
    }
    return out;
}

static struct frozen_text get_texts(struct reader *r, const json_t *object, const char *name) {
    return as_texts(r, json_object_get(object, name), name);
}

static void get_pair(struct reader *r, const json_t *object, const char *name, bool needed,
                     int *low, int *high) {
    const json_t *pair = json_object_get(object, name);
    if (!needed && json_is_null(pair)) return;
    if (json_array_size(pair) != 2) {
        fault(r, name);
        return;
    }
    *low = as_int(r, json_array_get(pair, 0), name);
    *high = as_int(r, json_array_get(pair, 1), name);
}

static struct frozen_unit as_unit(struct reader *r, const json_t *object) {
    return (struct frozen_unit){
        .id = get_id(r, object, "id", 0),
        .parent = get_id(r, object, "parent", 0),
        .kind = get_text(r, object, "kind"),
        .code = get_text(r, object, "code"),
        .name = get_text(r, object, "name"),
        .grade = get_int_or(r, object, "grade", -1),
    };
}

static struct frozen_unit *get_units(struct reader *r, const json_t *object, const char *name,
                                     size_t *n) {
    const json_t *array;
    struct frozen_unit *units = get_array(r, object, name, UNITS_MAX, sizeof *units, &array, n);
    for (size_t i = 0; units && i < *n; i++) units[i] = as_unit(r, json_array_get(array, i));
    return units;
}

static void read_responses(struct reader *r, const json_t *object, struct frozen *out) {
    const json_t *array;
    out->responses = get_array(r, object, "responses", RESPONSES_MAX, sizeof *out->responses,
                               &array, &out->n_responses);
    for (size_t i = 0; i < out->n_responses; i++) {
        const json_t *from = json_array_get(array, i);
        struct frozen_response *to = &out->responses[i];
        to->respondent = get_text(r, from, "respondent");
        to->shown = get_bool(r, from, "shown");
        to->invited = to->shown ? get_int(r, from, "invited") : 0;
        to->n = to->shown ? get_int(r, from, "n") : 0;
    }
}

static struct frozen_item as_item(struct reader *r, const json_t *object) {
    struct frozen_item item = { .item = get_text(r, object, "item"),
                                .text = get_texts(r, object, "text") };
    const json_t *array;
    item.labels =
        get_array(r, object, "labels", CATEGORIES_MAX, sizeof *item.labels, &array, &item.n_labels);
    for (size_t i = 0; i < item.n_labels; i++)
        item.labels[i] = as_texts(r, json_array_get(array, i), "labels");
    return item;
}

static void read_items(struct reader *r, const json_t *object, struct frozen_scale *scale) {
    int n = get_int(r, object, "n_items");
    if (n < 0 || n > ITEMS_MAX)
        fault(r, "n_items");
    else
        scale->n_items = (size_t)n;
    if (!json_object_get(object, "items")) return;
    const json_t *array;
    size_t read;
    scale->items = get_array(r, object, "items", ITEMS_MAX, sizeof *scale->items, &array, &read);
    if (read != scale->n_items) {
        fault(r, "items");
        scale->items = NULL;
    }
    for (size_t i = 0; scale->items && i < read; i++)
        scale->items[i] = as_item(r, json_array_get(array, i));
}

static struct frozen_answers as_answers(struct reader *r, const json_t *object) {
    struct frozen_answers answers = { .item = get_text(r, object, "item"),
                                      .shown = get_bool(r, object, "shown") };
    if (!answers.shown) return answers;
    answers.n = get_int(r, object, "n");
    const json_t *array;
    answers.shares = get_array(r, object, "shares", CATEGORIES_MAX, sizeof *answers.shares, &array,
                               &answers.n_shares);
    for (size_t i = 0; i < answers.n_shares; i++)
        answers.shares[i] = as_int(r, json_array_get(array, i), "shares");
    return answers;
}

static struct frozen_part as_part(struct reader *r, const json_t *object, bool shares_only) {
    struct frozen_part part = { .part = get_text(r, object, "part"),
                                .shown = get_bool(r, object, "shown"),
                                .why = get_text_or_null(r, object, "why") };
    if (!part.shown) return part;
    part.n = get_int(r, object, "n");
    part.invited = get_int(r, object, "invited");
    if (!shares_only) {
        part.mean = get_int(r, object, "mean");
        part.se = get_real(r, object, "se");
        part.low = get_int(r, object, "low");
        part.high = get_int(r, object, "high");
        part.raw_mean = get_int(r, object, "raw_mean");
        part.sd = get_int_or(r, object, "sd", 0);
    }
    const json_t *array;
    part.categories = get_array(r, object, "categories", ITEMS_MAX, sizeof *part.categories, &array,
                                &part.n_categories);
    for (size_t i = 0; i < part.n_categories; i++)
        part.categories[i] = as_answers(r, json_array_get(array, i));
    return part;
}

static struct frozen_comparison as_comparison(struct reader *r, const json_t *object) {
    struct frozen_comparison c = {
        .with = get_text(r, object, "with"),
        .part = get_text(r, object, "part"),
        .reference = get_int(r, object, "reference"),
        .difference = get_int(r, object, "difference"),
        .low = get_int(r, object, "low"),
        .high = get_int(r, object, "high"),
    };
    const char *verdict = get_text(r, object, "verdict");
    if (!verdict || !verdict_from_name(verdict, &c.verdict)) fault(r, "verdict");
    return c;
}

static void read_cells(struct reader *r, const json_t *object, struct frozen_scale *scale) {
    const json_t *array;
    scale->parts =
        get_array(r, object, "parts", PARTS_MAX, sizeof *scale->parts, &array, &scale->n_parts);
    for (size_t i = 0; i < scale->n_parts; i++)
        scale->parts[i] = as_part(r, json_array_get(array, i), scale->shares_only);
    scale->comparisons = get_array(r, object, "comparisons", COMPARISONS_MAX,
                                   sizeof *scale->comparisons, &array, &scale->n_comparisons);
    for (size_t i = 0; i < scale->n_comparisons; i++)
        scale->comparisons[i] = as_comparison(r, json_array_get(array, i));
}

static void read_link(struct reader *r, const json_t *object, struct frozen_link *out) {
    const json_t *link = json_object_get(object, "link");
    if (!link) return;
    out->base = get_int(r, link, "base");
    out->trend = get_bool(r, link, "trend");
    out->items = get_int(r, link, "items");
    out->dropped = get_text_or_null(r, link, "dropped");
    if (!json_is_null(json_object_get(link, "error"))) out->error = get_real(r, link, "error");
}

static void read_scale(struct reader *r, const json_t *object, struct frozen_scale *scale) {
    scale->scale = get_text(r, object, "scale");
    scale->instrument = get_text(r, object, "instrument");
    scale->respondent = get_text(r, object, "respondent");
    const char *goal = get_text_or_null(r, object, "goal");
    scale->goal = goal ? goal[0] : '\0';
    scale->teaching = get_bool(r, object, "teaching");
    scale->name = get_texts(r, object, "name");
    scale->meaning = get_texts(r, object, "meaning");
    scale->above = get_texts(r, object, "above");
    scale->below = get_texts(r, object, "below");
    scale->shares_only = get_bool(r, object, "shares_only");
    scale->reliability = get_real(r, object, "reliability");
    read_link(r, object, &scale->link);
    get_pair(r, object, "axis", true, &scale->axis_low, &scale->axis_high);
    get_pair(r, object, "band", false, &scale->band_low, &scale->band_high);
    read_items(r, object, scale);
    read_cells(r, object, scale);
}

static void read_frozen(struct reader *r, const json_t *json, struct frozen *out) {
    out->unit = as_unit(r, json_object_get(json, "unit"));
    out->path = get_units(r, json, "path", &out->n_path);
    out->children = get_units(r, json, "children", &out->n_children);
    out->wave = get_int(r, json, "wave");
    out->wave_name = get_text(r, json, "wave_name");
    out->opens = get_text(r, json, "opens");
    out->closes = get_text(r, json, "closes");
    out->publication = get_text(r, json, "publication");
    out->programme = get_text(r, json, "programme");
    out->minimum_group = get_int(r, json, "minimum_group");
    read_responses(r, json, out);
    const json_t *array;
    out->scales = get_array(r, json, "scales", FROZEN_SCALES_MAX, sizeof *out->scales, &array,
                            &out->n_scales);
    for (size_t i = 0; i < out->n_scales; i++)
        read_scale(r, json_array_get(array, i), &out->scales[i]);
}

bool frozen_read(const char *json, size_t length, struct arena *arena, struct frozen **out,
                 struct error *error) {
    json_error_t at;
    json_t *tree = json_loadb(json, length, JSON_REJECT_DUPLICATES, &at);
    if (!tree) return error_set(error, "frozen.broken", ARG_TEXT("what", at.text));
    struct reader reader = { .arena = arena };
    *out = arena_alloc(arena, sizeof **out);
    if (*out)
        read_frozen(&reader, tree, *out);
    else
        fault(&reader, "memory");
    json_decref(tree);
    if (reader.what) return error_set(error, "frozen.broken", ARG_TEXT("what", reader.what));
    return true;
}

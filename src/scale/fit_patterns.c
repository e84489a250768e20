/* From answers to patterns: recoding, checks, and alike persons together. */
#include "scale/fit_internal.h"

#include <math.h>
#include <string.h>

/* ---- categories ---- */

static bool count_categories(const struct responses *responses, const double *weight, double *count,
                             struct error *error) {
    for (size_t p = 0; p < responses->n_persons; p++) {
        const int8_t *row = responses->codes + p * responses->n_items;
        for (size_t i = 0; i < responses->n_items; i++) {
            if (row[i] == CODE_MISSING) continue;
            if (row[i] < 0 || row[i] >= CATEGORIES_MAX)
                return error_set(error, "scale.category", ARG_INT("item", i),
                                 ARG_INT("category", row[i]), ARG_INT("most", CATEGORIES_MAX - 1));
            if (weight[p] > 0) count[i * CATEGORIES_MAX + (size_t)row[i]]++;
        }
    }
    return true;
}

/* The model's category of each declared one: used categories are numbered from 0, an empty one
 * takes the number of the used one below it. Returns the number of steps. */
static int recode_item(const double *count, int declared, int8_t *recode, bool *collapsed) {
    int highest = declared, used = 0;
    for (int k = 0; k < CATEGORIES_MAX; k++)
        if (count[k] > 0 && k > highest) highest = k;
    *collapsed = false;
    for (int k = 0; k < CATEGORIES_MAX; k++) {
        if (count[k] > 0)
            used++;
        else if (k <= highest)
            *collapsed = true;
        recode[k] = (int8_t)(used > 0 ? used - 1 : 0);
    }
    return used - 1;
}

/* An anchored item keeps the categories of its anchor. */
static bool recode_anchored(size_t item, const double *count, int steps, int8_t *recode,
                            struct error *error) {
    for (int k = 0; k < CATEGORIES_MAX; k++) {
        if (k > steps && count[k] > 0)
            return error_set(error, "scale.anchor_categories", ARG_INT("item", item),
                             ARG_INT("category", k), ARG_INT("steps", steps));
        recode[k] = (int8_t)(k < steps ? k : steps);
    }
    return true;
}

static bool recode_all(const struct responses *responses, const struct fit_options *options,
                       const double *count, int *steps, struct fit_result *out,
                       struct error *error) {
    bool binary = options->model == MODEL_RASCH || options->model == MODEL_2PL;
    for (size_t i = 0; i < responses->n_items; i++) {
        const double *own = count + i * CATEGORIES_MAX;
        int8_t *recode = out->recode + i * CATEGORIES_MAX;
        if (steps[i] > 0) {
            if (!recode_anchored(i, own, steps[i], recode, error)) return false;
        } else {
            double answers = 0;
            for (int k = 0; k < CATEGORIES_MAX; k++) answers += own[k];
            if (answers == 0) return error_set(error, "scale.unanswered", ARG_INT("item", i));
            steps[i] = recode_item(own, options->highest ? options->highest[i] : 0, recode,
                                   &out->collapsed[i]);
            if (steps[i] == 0) return error_set(error, "scale.one_category", ARG_INT("item", i));
        }
        if (binary && steps[i] > 1)
            return error_set(error, "scale.not_binary", ARG_INT("item", i),
                             ARG_INT("categories", steps[i] + 1));
    }
    return true;
}

/* ---- persons ---- */

/* Weights of the persons that count (an answer, a weight over 0), scaled to mean 1. */
static bool weigh(const struct responses *responses, struct patterns *out, struct error *error) {
    double total = 0;
    for (size_t p = 0; p < responses->n_persons; p++) {
        double w = responses->weights ? responses->weights[p] : 1;
        if (!(w >= 0) || !isfinite(w))
            return error_set(error, "scale.weight", ARG_INT("person", p + 1));
        const int8_t *row = responses->codes + p * responses->n_items;
        bool answered = false;
        for (size_t i = 0; i < responses->n_items && !answered; i++)
            answered = row[i] != CODE_MISSING;
        if (!answered || w == 0) continue;
        out->person_weight[p] = w;
        total += w;
        out->persons++;
        out->group_n[responses->groups ? responses->groups[p] : 0]++;
    }
    if (out->persons == 0) return error_plain(error, "scale.no_answers");
    double scale = (double)out->persons / total;
    if (responses->weights)
        for (size_t p = 0; p < responses->n_persons; p++) out->person_weight[p] *= scale;
    for (size_t g = 0; g < responses->n_groups; g++)
        if (out->group_n[g] == 0) return error_set(error, "scale.empty_group", ARG_INT("group", g));
    return true;
}

/* count (item × category, zeroed) is room for the weighted counts. */
static void recode_codes(const struct responses *responses, const int8_t *recode, double *count,
                         struct patterns *out) {
    size_t n_items = responses->n_items;
    for (size_t p = 0; p < responses->n_persons; p++) {
        const int8_t *from = responses->codes + p * n_items;
        int8_t *to = out->codes + p * n_items;
        double w = out->person_weight[p];
        for (size_t i = 0; i < n_items; i++) {
            to[i] = CODE_MISSING;
            if (from[i] == CODE_MISSING) continue;
            to[i] = recode[i * CATEGORIES_MAX + (size_t)from[i]];
            count[i * CATEGORIES_MAX + (size_t)to[i]] += w;
        }
    }
    for (size_t i = 0; i < n_items; i++) {
        for (size_t k = CATEGORIES_MAX; k-- > 1;) {
            out->answers[i] += count[i * CATEGORIES_MAX + k];
            out->at_least[i * STEPS_MAX + k - 1] = out->answers[i];
        }
        out->answers[i] += count[i * CATEGORIES_MAX];
    }
}

/* ---- collapsing ---- */

/* Keys of equal length, numbered in the order in which they were first met. */
struct key_table {
    size_t key_size, n, slots; /* slots: a power of two */
    uint32_t *slot;            /* number + 1, 0: empty */
    const unsigned char **key;
};

static uint64_t hash_key(const unsigned char *key, size_t size) {
    uint64_t h = 0x9E3779B97F4A7C15u ^ size;
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word = 0;
        memcpy(&word, key + at, size - at < 8 ? size - at : 8);
        h = (h ^ word) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
    }
    return h * 0xD6E8FEB86659FD93u >> 20;
}

static bool key_table_make(struct key_table *table, size_t most, size_t key_size,
                           struct arena *arena) {
    table->key_size = key_size;
    table->n = 0;
    table->slots = 64;
    while (table->slots < 2 * most) table->slots *= 2;
    table->slot = arena_array(arena, table->slots, sizeof *table->slot);
    table->key = arena_array(arena, most, sizeof *table->key);
    return table->slot && table->key;
}

/* The number of a key; a new one is kept by reference, so it must stay. */
static size_t key_number(struct key_table *table, const unsigned char *key, bool *is_new) {
    size_t at = hash_key(key, table->key_size) & (table->slots - 1);
    for (; table->slot[at]; at = (at + 1) & (table->slots - 1)) {
        size_t number = table->slot[at] - 1;
        if (memcmp(table->key[number], key, table->key_size) == 0) {
            *is_new = false;
            return number;
        }
    }
    table->key[table->n] = key;
    table->slot[at] = (uint32_t)++table->n;
    *is_new = true;
    return table->n - 1;
}

struct collapse {
    const struct responses *responses;
    bool by_score;
    size_t *mask_of;       /* person: mask, in the order met; SIZE_MAX: none */
    size_t *mask_person;   /* mask: the first person that has it */
    size_t n_masks, *rank; /* mask: its place when sorted by group */
};

static int group_of(const struct responses *responses, size_t person) {
    return responses->groups ? responses->groups[person] : 0;
}

/* The key of a person's mask: group, and which items are answered or (for the slope models) how. */
static void mask_key(const struct collapse *s, const int8_t *row, int group, size_t size,
                     unsigned char *key) {
    size_t n_items = s->responses->n_items;
    memset(key, 0, size);
    memcpy(key, &group, sizeof group);
    if (!s->by_score) {
        memcpy(key + sizeof group, row, n_items);
        return;
    }
    for (size_t i = 0; i < n_items; i++)
        key[sizeof group + i / 8] |= (unsigned char)((row[i] != CODE_MISSING) << i % 8);
}

static bool find_masks(struct collapse *s, struct patterns *out, struct arena *scratch) {
    size_t n = s->responses->n_persons, n_items = s->responses->n_items;
    size_t size = sizeof(int) + (s->by_score ? (n_items + 7) / 8 : n_items);
    struct key_table table;
    unsigned char *keys = arena_array(scratch, out->persons, size);
    s->mask_of = arena_array(scratch, n, sizeof *s->mask_of);
    s->mask_person = arena_array(scratch, out->persons, sizeof *s->mask_person);
    if (!keys || !s->mask_of || !s->mask_person ||
        !key_table_make(&table, out->persons, size, scratch))
        return false;
    for (size_t p = 0; p < n; p++) {
        s->mask_of[p] = SIZE_MAX;
        if (out->person_weight[p] == 0) continue;
        bool is_new;
        unsigned char *key = keys + table.n * size; /* kept when new, else written over */
        mask_key(s, out->codes + p * n_items, group_of(s->responses, p), size, key);
        s->mask_of[p] = key_number(&table, key, &is_new);
        if (is_new) s->mask_person[s->mask_of[p]] = p;
    }
    s->n_masks = out->n_masks = table.n;
    return true;
}

/* Masks in order of group, and within it as met. */
static bool sort_masks(struct collapse *s, struct patterns *out, struct arena *arena) {
    size_t n_items = s->responses->n_items, n_groups = s->responses->n_groups;
    s->rank = arena_array(arena, s->n_masks, sizeof *s->rank);
    size_t *start = arena_array(arena, n_groups + 1, sizeof *start);
    size_t *order = arena_array(arena, s->n_masks, sizeof *order);
    out->group = arena_array(arena, s->n_masks, sizeof *out->group);
    out->item_first = arena_array(arena, s->n_masks + 1, sizeof *out->item_first);
    if (!s->rank || !start || !order || !out->group || !out->item_first) return false;
    for (size_t m = 0; m < s->n_masks; m++) start[group_of(s->responses, s->mask_person[m]) + 1]++;
    for (size_t g = 0; g < n_groups; g++) start[g + 1] += start[g];
    for (size_t m = 0; m < s->n_masks; m++) {
        s->rank[m] = start[group_of(s->responses, s->mask_person[m])]++;
        order[s->rank[m]] = m;
    }
    for (size_t r = 0; r < s->n_masks; r++) {
        size_t person = s->mask_person[order[r]], answered = 0;
        out->group[r] = group_of(s->responses, person);
        for (size_t i = 0; i < n_items; i++)
            answered += out->codes[person * n_items + i] != CODE_MISSING;
        out->item_first[r + 1] = out->item_first[r] + answered;
    }
    out->item = arena_array(arena, out->item_first[s->n_masks], sizeof *out->item);
    out->category = arena_array(arena, out->item_first[s->n_masks], sizeof *out->category);
    if (!out->item || !out->category) return false;
    for (size_t r = 0; r < s->n_masks; r++) {
        const int8_t *row = out->codes + s->mask_person[order[r]] * n_items;
        size_t at = out->item_first[r];
        for (size_t i = 0; i < n_items; i++) {
            if (row[i] == CODE_MISSING) continue;
            out->item[at] = (uint16_t)i;
            out->category[at++] = s->by_score ? 0 : (uint8_t)row[i];
        }
    }
    return true;
}

/* Patterns: a mask with a sum score; laid out mask by mask. */
static bool find_patterns(struct collapse *s, struct patterns *out, struct arena *arena,
                          struct arena *scratch) {
    size_t n = s->responses->n_persons, n_items = s->responses->n_items;
    struct {
        uint32_t mask, score;
    } *keys = arena_array(scratch, out->persons, sizeof *keys);
    size_t *start = arena_array(arena, s->n_masks + 1, sizeof *start);
    struct key_table table;
    if (!keys || !start || !key_table_make(&table, out->persons, sizeof *keys, scratch))
        return false;
    for (size_t p = 0; p < n; p++) {
        out->of_person[p] = -1;
        if (s->mask_of[p] == SIZE_MAX) continue;
        const int8_t *row = out->codes + p * n_items;
        int score = 0;
        for (size_t i = 0; s->by_score && i < n_items; i++) score += row[i] > 0 ? row[i] : 0;
        keys[table.n].mask = (uint32_t)s->rank[s->mask_of[p]];
        keys[table.n].score = (uint32_t)score;
        bool is_new;
        out->of_person[p] =
            (int32_t)key_number(&table, (const unsigned char *)&keys[table.n], &is_new);
    }
    out->n = table.n;
    out->first = start;
    out->score = arena_array(arena, table.n, sizeof *out->score);
    out->weight = arena_array(arena, table.n, sizeof *out->weight);
    size_t *place = arena_array(scratch, table.n, sizeof *place);
    size_t *next = arena_array(scratch, s->n_masks + 1, sizeof *next);
    if (!out->score || !out->weight || !place || !next) return false;
    for (size_t k = 0; k < table.n; k++) start[keys[k].mask + 1]++;
    for (size_t m = 0; m < s->n_masks; m++) next[m + 1] = start[m + 1] += start[m];
    for (size_t k = 0; k < table.n; k++) {
        place[k] = next[keys[k].mask]++;
        out->score[place[k]] = (int)keys[k].score;
    }
    for (size_t p = 0; p < n; p++) {
        if (out->of_person[p] < 0) continue;
        out->of_person[p] = (int32_t)place[out->of_person[p]];
        out->weight[out->of_person[p]] += out->person_weight[p];
    }
    return true;
}

static bool make_room(const struct responses *responses, struct patterns *patterns,
                      struct arena *arena) {
    size_t n = responses->n_persons, n_items = responses->n_items;
    patterns->codes = arena_array(arena, n, n_items);
    patterns->of_person = arena_array(arena, n, sizeof *patterns->of_person);
    patterns->person_weight = arena_array(arena, n, sizeof(double));
    patterns->at_least = arena_array(arena, n_items * STEPS_MAX, sizeof(double));
    patterns->answers = arena_array(arena, n_items, sizeof(double));
    patterns->group_n = arena_array(arena, responses->n_groups, sizeof(double));
    return patterns->codes && patterns->of_person && patterns->person_weight &&
           patterns->at_least && patterns->answers && patterns->group_n;
}

bool patterns_make(const struct responses *responses, const struct fit_options *options, int *steps,
                   struct fit_result *out, struct patterns *patterns, struct arena *arena,
                   struct error *error) {
    *patterns = (struct patterns){ 0 };
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    double *count = arena_array(arena, responses->n_items * CATEGORIES_MAX, sizeof *count);
    struct collapse collapse = { .responses = responses,
                                 .by_score = !model_has_slopes(options->model) };
    bool ok = false;
    if (!scratch || !count || !make_room(responses, patterns, arena)) {
        error_plain(error, "scale.memory");
        goto cleanup;
    }
    if (!weigh(responses, patterns, error) ||
        !count_categories(responses, patterns->person_weight, count, error) ||
        !recode_all(responses, options, count, steps, out, error))
        goto cleanup;
    memset(count, 0, responses->n_items * CATEGORIES_MAX * sizeof *count);
    recode_codes(responses, out->recode, count, patterns);
    ok = find_masks(&collapse, patterns, scratch) && sort_masks(&collapse, patterns, arena) &&
         find_patterns(&collapse, patterns, arena, scratch);
    if (!ok) error_plain(error, "scale.memory");
cleanup:
    arena_destroy(scratch);
    return ok;
}

/* From answers to patterns: alike persons together. */
#include "scale/fit_patterns.h"

#include "num/pool.h"

#include <string.h>

enum {
    CHUNKS_MAX = 64,
    SUM_SHIFT = 32,
    INSERTION_MOST = 32,
    DIGIT_BITS = 8,
    DIGITS = 64 / DIGIT_BITS
};

struct collapse_work {
    struct collapse *s;
    struct patterns *out;
    size_t n_chunks, *chunk_first; /* of masks, about as many persons each */
    bool failed[CHUNKS_MAX];
};

/* ---- keys of persons within a mask ---- */

/* Sum of the answers above, a hash of them below (or nothing, where the sum says all). */
static uint64_t person_key(const struct collapse *s, const int8_t *row) {
    size_t n_items = s->responses->n_items;
    uint64_t sum = 0, hash = 0;
    if (s->by_category) return 0;
    for (size_t i = 0; i < n_items; i++) {
        if (row[i] == CODE_MISSING) continue;
        uint64_t code = (uint64_t)s->recode[i * CATEGORIES_MAX + (size_t)row[i]];
        sum += code;
        hash = (hash ^ code) * 0xD6E8FEB86659FD93u;
    }
    if (s->by_score) return sum;
    return (sum << SUM_SHIFT) | (hash >> (64 - SUM_SHIFT));
}

static void place_piece(void *context, size_t number) {
    struct collapse *s = context;
    struct person_piece *piece = &s->pieces[number];
    for (size_t p = piece->from; p < piece->to; p++) {
        if (s->mask_of[p] == MASK_NONE) continue;
        size_t to = piece->mask_n[s->mask_of[p]]++;
        s->person[to] = (uint32_t)p;
        s->mark[to].key = person_key(s, s->responses->codes + p * s->responses->n_items);
    }
}

/* ---- sorting ---- */

static void sort_few(size_t n, union mark *mark, uint32_t *person) {
    for (size_t i = 1; i < n; i++) {
        union mark own = mark[i];
        uint32_t who = person[i];
        size_t to = i;
        for (; to > 0 && mark[to - 1].key > own.key; to--) {
            mark[to] = mark[to - 1];
            person[to] = person[to - 1];
        }
        mark[to] = own;
        person[to] = who;
    }
}

/* By digits from the lowest, those that all have alike left out; alike keys keep their order. */
static void sort_many(size_t n, union mark *mark, uint32_t *person, union mark *spare,
                      uint32_t *spare_person) {
    size_t count[DIGITS][1 << DIGIT_BITS] = { { 0 } };
    bool swapped = false;
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++) count[d][mark[i].key >> d * DIGIT_BITS & 0xff]++;
    for (int d = 0; d < DIGITS; d++) {
        size_t *own = count[d], at = 0;
        if (own[mark[0].key >> d * DIGIT_BITS & 0xff] == n) continue;
        for (size_t k = 0; k < 1 << DIGIT_BITS; k++) {
            size_t here = own[k];
            own[k] = at;
            at += here;
        }
        for (size_t i = 0; i < n; i++) {
            size_t to = own[mark[i].key >> d * DIGIT_BITS & 0xff]++;
            spare[to] = mark[i];
            spare_person[to] = person[i];
        }
        union mark *m = mark;
        uint32_t *w = person;
        mark = spare;
        person = spare_person;
        spare = m;
        spare_person = w;
        swapped = !swapped;
    }
    if (!swapped) return; /* what is sorted goes back to where it came from */
    memcpy(spare, mark, n * sizeof *mark);
    memcpy(spare_person, person, n * sizeof *person);
}

/* ---- masks: alike persons together ---- */

static bool alike(const struct collapse *s, uint32_t a, uint32_t b) {
    size_t n = s->responses->n_items;
    if (s->by_score || s->by_category) return true;
    return memcmp(s->responses->codes + a * n, s->responses->codes + b * n, n) == 0;
}

/* Sorted persons become patterns in place: who the first is, and the weight of all. (Two sets of
 * answers with the same hash, between each other in order, stay apart: no harm.) */
static size_t join_alike(const struct collapse *s, size_t n, union mark *mark, uint32_t *person) {
    size_t patterns = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = mark[i].key;
        uint32_t who = person[i];
        double w = weight_of(s, who) * s->scale;
        if (i > 0 && key == last && alike(s, who, person[patterns - 1])) {
            mark[patterns - 1].weight += w;
        } else {
            person[patterns] = who;
            mark[patterns++].weight = w;
        }
        last = key;
    }
    return patterns;
}

static void collapse_chunk(void *context, size_t chunk) {
    struct collapse_work *work = context;
    struct collapse *s = work->s;
    size_t from = work->chunk_first[chunk], to = work->chunk_first[chunk + 1], most = 0;
    for (size_t m = from; m < to; m++)
        if (s->start[m + 1] - s->start[m] > most) most = s->start[m + 1] - s->start[m];
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    union mark *spare = scratch ? arena_array(scratch, most + 1, sizeof *spare) : NULL;
    uint32_t *spare_person = scratch ? arena_array(scratch, most + 1, sizeof *spare_person) : NULL;
    work->failed[chunk] = !spare || !spare_person;
    for (size_t m = from; m < to && !work->failed[chunk]; m++) {
        size_t n = s->start[m + 1] - s->start[m];
        union mark *mark = s->mark + s->start[m];
        uint32_t *person = s->person + s->start[m];
        if (n <= INSERTION_MOST)
            sort_few(n, mark, person);
        else
            sort_many(n, mark, person, spare, spare_person);
        s->n_patterns[m] = join_alike(s, n, mark, person);
    }
    arena_destroy(scratch);
}

static void copy_chunk(void *context, size_t chunk) {
    struct collapse_work *work = context;
    struct collapse *s = work->s;
    struct patterns *out = work->out;
    size_t n_items = s->responses->n_items;
    for (size_t m = work->chunk_first[chunk]; m < work->chunk_first[chunk + 1]; m++) {
        for (size_t k = 0; k < s->n_patterns[m]; k++) {
            size_t pattern = out->first[m] + k;
            const int8_t *row = s->responses->codes + s->person[s->start[m] + k] * n_items;
            out->weight[pattern] = s->mark[s->start[m] + k].weight;
            if (out->score) out->score[pattern] = (double)person_key(s, row);
            for (size_t i = 0; out->code && i < n_items; i++)
                out->code[pattern * n_items + i] =
                    row[i] == CODE_MISSING ? 0 : s->recode[i * CATEGORIES_MAX + (size_t)row[i]];
        }
    }
}

/* Chunks of masks with about as many persons each. */
static bool cut_masks(struct collapse_work *work, struct arena *scratch) {
    const struct collapse *s = work->s;
    size_t n = work->out->n_masks, mask = 0;
    work->n_chunks = n < CHUNKS_MAX ? n : CHUNKS_MAX;
    work->chunk_first = arena_array(scratch, work->n_chunks + 1, sizeof *work->chunk_first);
    if (!work->chunk_first) return false;
    for (size_t i = 0; i < work->n_chunks; i++) {
        work->chunk_first[i] = mask;
        size_t until = (s->start[n] * (i + 1) + work->n_chunks - 1) / work->n_chunks;
        while (mask < n && s->start[mask] < until) mask++;
    }
    work->chunk_first[work->n_chunks] = n;
    return true;
}

static bool find_patterns(struct collapse *s, struct patterns *out, struct pool *pool,
                          struct arena *arena, struct arena *scratch) {
    struct collapse_work work = { .s = s, .out = out };
    s->person = arena_array(scratch, out->persons, sizeof *s->person);
    s->mark = arena_array(scratch, out->persons, sizeof *s->mark);
    s->n_patterns = arena_array(scratch, out->n_masks, sizeof *s->n_patterns);
    out->first = arena_array(arena, out->n_masks + 1, sizeof *out->first);
    if (!s->person || !s->mark || !s->n_patterns || !out->first || !cut_masks(&work, scratch))
        return false;
    pool_run(pool, s->n_pieces, place_piece, s);
    pool_run(pool, work.n_chunks, collapse_chunk, &work);
    for (size_t i = 0; i < work.n_chunks; i++)
        if (work.failed[i]) return false;
    for (size_t m = 0; m < out->n_masks; m++) out->first[m + 1] = out->first[m] + s->n_patterns[m];
    out->n = out->first[out->n_masks];
    bool codes = !s->by_score && !s->by_category;
    out->weight = arena_array(arena, out->n, sizeof *out->weight);
    if (codes)
        out->code = arena_array(arena, out->n * s->responses->n_items + CODE_LANES, 1);
    else
        out->score = arena_array(arena, out->n, sizeof *out->score);
    if (!out->weight || (codes ? !out->code : !out->score)) return false;
    pool_run(pool, work.n_chunks, copy_chunk, &work);
    return true;
}

/* ---- all of it ---- */

/* What the pieces counted. */
static bool add_up(struct collapse *s, double *count, struct patterns *out, struct error *error) {
    size_t n_items = s->responses->n_items;
    double weight = 0;
    for (size_t i = 0; i < s->n_pieces; i++) {
        const struct person_piece *piece = &s->pieces[i];
        if (piece->bad_person != SIZE_MAX)
            return error_set(
                error, "scale.category", ARG_INT("item", piece->bad_item),
                ARG_INT("category",
                        s->responses->codes[piece->bad_person * n_items + piece->bad_item]),
                ARG_INT("most", CATEGORIES_MAX - 1));
        for (size_t k = 0; k < n_items * CATEGORIES_MAX; k++) count[k] += piece->count[k];
        for (size_t g = 0; g < s->responses->n_groups; g++) out->group_n[g] += piece->group_n[g];
        weight += piece->weight;
        out->persons += piece->persons;
    }
    if (out->persons == 0) return error_plain(error, "scale.no_answers");
    s->scale = (double)out->persons / weight;
    for (size_t g = 0; g < s->responses->n_groups; g++)
        if (out->group_n[g] == 0) return error_set(error, "scale.empty_group", ARG_INT("group", g));
    return true;
}

static bool make_room(const struct collapse *s, struct patterns *out, struct arena *arena) {
    size_t n_items = s->responses->n_items;
    out->at_least = arena_array(arena, n_items * STEPS_MAX, sizeof(double));
    out->answers = arena_array(arena, n_items, sizeof(double));
    out->group_n = arena_array(arena, s->responses->n_groups, sizeof(double));
    return out->at_least && out->answers && out->group_n;
}

bool patterns_make(const struct responses *responses, const struct fit_options *options, int *steps,
                   struct fit_result *out, struct patterns *patterns, struct pool *pool,
                   struct arena *arena, struct error *error) {
    *patterns = (struct patterns){ 0 };
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    struct collapse s = { .responses = responses,
                          .by_category = options->model == MODEL_GRM,
                          .by_score = !model_has_slopes(options->model),
                          .recode = out->recode };
    double *count =
        scratch ? arena_array(scratch, responses->n_items * CATEGORIES_MAX, sizeof *count) : NULL;
    bool ok = false;
    if (!weights_check(responses, &s.largest_weight, error)) goto cleanup;
    if (!count || !make_room(&s, patterns, arena) || !masks_find(&s, pool, scratch)) goto memory;
    if (!add_up(&s, count, patterns, error) ||
        !recode_all(responses, options, count, steps, out, error))
        goto cleanup;
    count_steps(responses->n_items, count, s.scale, out->recode, patterns);
    ok = masks_sort(&s, patterns, arena, scratch) &&
         find_patterns(&s, patterns, pool, arena, scratch);
memory:
    if (!ok) error_plain(error, "scale.memory");
cleanup:
    arena_destroy(scratch);
    return ok;
}

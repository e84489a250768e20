/* Persons of a block in an order in which alike ones stand together. */
#include "scale/misfit_internal.h"

#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, KEY_BITS = 32 };

bool block_make(struct block *block, size_t size, size_t width, struct arena *arena) {
    *block = (struct block){ .width = width };
    block->codes = arena_array(arena, size, width);
    block->person = arena_array(arena, size, sizeof *block->person);
    block->key = arena_array(arena, size, sizeof *block->key);
    block->order = arena_array(arena, size, sizeof *block->order);
    block->spare = arena_array(arena, size, sizeof *block->spare);
    block->answered = arena_array(arena, size, sizeof *block->answered);
    block->sum = arena_array(arena, size, sizeof *block->sum);
    return block->codes && block->person && block->key && block->order && block->spare &&
           block->answered && block->sum;
}

size_t person_codes(const struct misfit_work *work, size_t person, int8_t *out) {
    size_t n_items = work->responses->n_items, answered = 0;
    const int8_t *codes = work->responses->codes + person * n_items;
    if (work->recode)
        for (size_t i = 0; i < n_items; i++)
            out[i] = codes[i] == CODE_MISSING
                         ? (int8_t)CODE_MISSING
                         : work->fit->recode[i * CATEGORIES_MAX + (size_t)codes[i]];
    else
        memcpy(out, codes, n_items);
    memset(out + n_items, CODE_MISSING, work->tables.width - n_items);
    for (size_t i = 0; i < work->tables.width; i++) answered += out[i] != CODE_MISSING;
    return answered;
}

struct summary {
    uint64_t mask, codes;
    int sum;
};

/* Eight answers at a time: CODE_MISSING is the only one whose highest bit is set. */
static struct summary summarise(const int8_t *codes, size_t width) {
    struct summary s = { 0, 0, 0 };
    for (size_t i = 0; i < width; i += 8) {
        uint64_t word;
        memcpy(&word, codes + i, 8);
        uint64_t missing = word >> 7 & 0x0101010101010101u;
        uint64_t present = word & ~(missing * 0xFF);
        s.sum += (int)(present * 0x0101010101010101u >> 56); /* at most 8 · 15 */
        s.mask = (s.mask ^ missing) * 0x9E3779B97F4A7C15u;
        s.mask ^= s.mask >> 29;
        s.codes = (s.codes ^ word) * 0x9E3779B97F4A7C15u;
        s.codes ^= s.codes >> 29;
    }
    return s;
}

/* By the lowest digit of the key first; each pass keeps the order of the one before. */
static void sort_by_key(struct block *block) {
    uint32_t place[DIGITS];
    for (uint32_t p = 0; p < block->n; p++) block->order[p] = p;
    for (int shift = 0; shift < KEY_BITS; shift += DIGIT_BITS) {
        memset(place, 0, sizeof place);
        for (size_t p = 0; p < block->n; p++) place[block->key[p] >> shift & (DIGITS - 1)]++;
        for (uint32_t d = 0, before = 0; d < DIGITS; d++) {
            uint32_t here = place[d];
            place[d] = before;
            before += here;
        }
        for (size_t p = 0; p < block->n; p++) {
            uint32_t person = block->order[p];
            block->spare[place[block->key[person] >> shift & (DIGITS - 1)]++] = person;
        }
        uint32_t *ordered = block->spare;
        block->spare = block->order;
        block->order = ordered;
    }
}

void block_fill(const struct misfit_work *work, size_t from, size_t to, struct block *block) {
    block->n = 0;
    for (size_t person = from; person < to; person++) {
        size_t n = block->n;
        int8_t *codes = block->codes + n * block->width;
        if (!(person_weight(work, person) > 0)) continue;
        size_t answered = person_codes(work, person, codes);
        if (answered == 0) continue;
        struct summary s = summarise(codes, block->width);
        uint64_t mask = (s.mask ^ person_group(work->responses, person)) * 0x9E3779B97F4A7C15u;
        uint64_t within = work->by_sum ? (uint64_t)s.sum : s.codes >> 48;
        block->key[n] = (uint32_t)(mask >> 48 << 16 | (within & 0xFFFF));
        block->person[n] = (uint32_t)person;
        block->answered[n] = (int16_t)answered;
        block->sum[n] = s.sum;
        block->n++;
    }
    sort_by_key(block);
}

/* Masks: who answered which items (by category: how). */
#include "scale/fit_patterns.h"

#include "num/pool.h"

#include <string.h>

enum { KEYS_FIRST = 64, PERSONS_A_PIECE = 2048, PERSON_PIECES_MAX = 16 };

/* ---- keys ---- */

static uint64_t hash_key(const uint64_t *key, size_t words) {
    uint64_t h = 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < words; i++) {
        h = (h ^ key[i]) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
    }
    return h * 0xD6E8FEB86659FD93u >> 20;
}

static bool grow(struct key_table *table) {
    size_t room = table->room ? 2 * table->room : KEYS_FIRST, slots = 4 * room;
    uint64_t *key = arena_grow(table->arena, table->key, table->n * table->words,
                               room * table->words, sizeof *key);
    uint32_t *slot = arena_array(table->arena, slots, sizeof *slot);
    if (!key || !slot) return false;
    table->key = key;
    table->slot = slot;
    table->room = room;
    table->slots = slots;
    for (size_t i = 0; i < table->n; i++) {
        size_t at = hash_key(key + i * table->words, table->words) & (slots - 1);
        while (slot[at]) at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)i + 1;
    }
    return true;
}

bool key_table_make(struct key_table *table, size_t words, struct arena *arena) {
    *table = (struct key_table){ .words = words, .arena = arena };
    return grow(table);
}

size_t key_number(struct key_table *table, const uint64_t *key) {
    if (table->n == table->room && !grow(table)) return SIZE_MAX;
    size_t at = hash_key(key, table->words) & (table->slots - 1);
    for (; table->slot[at]; at = (at + 1) & (table->slots - 1)) {
        size_t number = table->slot[at] - 1;
        if (memcmp(table->key + number * table->words, key, table->words * sizeof *key) == 0)
            return number;
    }
    memcpy(table->key + table->n * table->words, key, table->words * sizeof *key);
    table->slot[at] = (uint32_t)++table->n;
    return table->n - 1;
}

/* ---- one piece of the persons ---- */

/* The key of a person's mask: its group, then a bit for each answered item, or all codes. */
static size_t key_words(const struct collapse *s) {
    size_t items = s->responses->n_items;
    return 1 + (s->by_category ? (items + 7) / 8 : (items + 63) / 64);
}

/* Counts a person's categories and makes the key. False: nothing answered, or out of range. */
static bool look_at(struct collapse *s, struct person_piece *piece, size_t person, double weight,
                    uint64_t *key) {
    size_t n_items = s->responses->n_items;
    const int8_t *row = s->responses->codes + person * n_items;
    bool answered = false;
    for (size_t word = 0, i = 0; i < n_items; word++) {
        uint64_t bits = 0;
        for (size_t bit = 0; bit < 64 && i < n_items; bit++, i++) {
            if (row[i] == CODE_MISSING) continue;
            if (row[i] < 0 || row[i] >= CATEGORIES_MAX) {
                piece->bad_person = person;
                piece->bad_item = i;
                return false;
            }
            bits |= (uint64_t)1 << bit;
            piece->count[i * CATEGORIES_MAX + (size_t)row[i]] += weight;
        }
        answered = answered || bits;
        if (!s->by_category) key[1 + word] = bits;
    }
    key[0] = (uint64_t)group_of(s->responses, person);
    if (s->by_category) {
        key[key_words(s) - 1] = 0;
        memcpy(key + 1, row, n_items);
    }
    return answered;
}

static bool count_mask(struct person_piece *piece, size_t mask) {
    if (mask == SIZE_MAX) return false;
    if (mask >= piece->room) {
        size_t room = piece->masks.room;
        piece->mask_n =
            arena_grow(piece->arena, piece->mask_n, piece->room, room, sizeof *piece->mask_n);
        piece->room = piece->mask_n ? room : 0;
        if (!piece->mask_n) return false;
    }
    piece->mask_n[mask]++;
    return true;
}

static void find_in_piece(void *context, size_t number) {
    struct collapse *s = context;
    struct person_piece *piece = &s->pieces[number];
    uint64_t key[1 + ITEMS_MAX / 8];
    piece->bad_person = SIZE_MAX;
    piece->count =
        arena_array(piece->arena, s->responses->n_items * CATEGORIES_MAX, sizeof(double));
    piece->group_n = arena_array(piece->arena, s->responses->n_groups, sizeof(double));
    piece->ok = piece->count && piece->group_n &&
                key_table_make(&piece->masks, key_words(s), piece->arena);
    for (size_t p = piece->from; piece->ok && p < piece->to; p++) {
        double w = weight_of(s, p);
        s->mask_of[p] = MASK_NONE;
        if (!look_at(s, piece, p, w, key)) {
            if (piece->bad_person != SIZE_MAX) return;
            continue;
        }
        if (!(w > 0)) continue;
        size_t mask = key_number(&piece->masks, key);
        piece->ok = count_mask(piece, mask);
        s->mask_of[p] = (uint32_t)mask;
        piece->persons++;
        piece->weight += w;
        piece->group_n[key[0]]++;
    }
}

static void destroy_arena(void *arena) { arena_destroy(arena); }

bool masks_find(struct collapse *s, struct pool *pool, struct arena *scratch) {
    size_t n = s->responses->n_persons, pieces = n / PERSONS_A_PIECE;
    s->n_pieces = pieces < 1 ? 1 : pieces > PERSON_PIECES_MAX ? PERSON_PIECES_MAX : pieces;
    s->pieces = arena_array(scratch, s->n_pieces, sizeof *s->pieces);
    s->mask_of = arena_array(scratch, n, sizeof *s->mask_of);
    if (!s->pieces || !s->mask_of) return false;
    for (size_t i = 0; i < s->n_pieces; i++) {
        s->pieces[i].from = n / s->n_pieces * i;
        s->pieces[i].to = i + 1 < s->n_pieces ? n / s->n_pieces * (i + 1) : n;
        s->pieces[i].arena = arena_create(ARENA_JOB_MAX);
        if (!s->pieces[i].arena || arena_defer(scratch, destroy_arena, s->pieces[i].arena) != 0)
            return false;
    }
    pool_run(pool, s->n_pieces, find_in_piece, s);
    for (size_t i = 0; i < s->n_pieces; i++)
        if (!s->pieces[i].ok) return false;
    return true;
}

/* ---- all masks ---- */

/* Numbers of all pieces' masks, joined; table holds their keys. */
static bool join_masks(struct collapse *s, struct key_table *table, struct arena *scratch) {
    if (!key_table_make(table, key_words(s), scratch)) return false;
    for (size_t i = 0; i < s->n_pieces; i++) {
        struct person_piece *piece = &s->pieces[i];
        piece->mask = arena_array(piece->arena, piece->masks.n + 1, sizeof *piece->mask);
        if (!piece->mask) return false;
        for (size_t m = 0; m < piece->masks.n; m++) {
            size_t number = key_number(table, piece->masks.key + m * table->words);
            if (number == SIZE_MAX) return false;
            piece->mask[m] = (uint32_t)number;
        }
    }
    return true;
}

/* The items of a mask, from its key; with categories, which are the recoded ones. */
static void list_items(const struct collapse *s, const uint64_t *key, size_t at,
                       struct patterns *out) {
    const int8_t *codes = (const int8_t *)(key + 1);
    for (size_t i = 0; i < s->responses->n_items; i++) {
        if (s->by_category ? codes[i] == CODE_MISSING : !(key[1 + i / 64] >> i % 64 & 1)) continue;
        out->item[at] = (uint16_t)i;
        if (s->by_category)
            out->category[at] = (uint8_t)s->recode[i * CATEGORIES_MAX + (size_t)codes[i]];
        at++;
    }
}

static size_t count_items(const struct collapse *s, const uint64_t *key) {
    const int8_t *codes = (const int8_t *)(key + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->responses->n_items; i++)
        n += s->by_category ? codes[i] != CODE_MISSING : (size_t)(key[1 + i / 64] >> i % 64 & 1);
    return n;
}

/* Where each piece's next person of each mask goes. */
static bool place_persons(struct collapse *s, size_t n_masks, const uint32_t *rank,
                          struct arena *arena) {
    s->start = arena_array(arena, n_masks + 1, sizeof *s->start);
    size_t *next = arena_array(arena, n_masks + 1, sizeof *next);
    if (!s->start || !next) return false;
    for (size_t i = 0; i < s->n_pieces; i++) {
        struct person_piece *piece = &s->pieces[i];
        for (size_t m = 0; m < piece->masks.n; m++) {
            piece->mask[m] = rank[piece->mask[m]];
            s->start[piece->mask[m] + 1] += piece->mask_n[m];
        }
    }
    for (size_t m = 0; m < n_masks; m++) next[m + 1] = s->start[m + 1] += s->start[m];
    for (size_t i = 0; i < s->n_pieces; i++) {
        struct person_piece *piece = &s->pieces[i];
        for (size_t m = 0; m < piece->masks.n; m++) {
            size_t n = piece->mask_n[m];
            piece->mask_n[m] = next[piece->mask[m]];
            next[piece->mask[m]] += n;
        }
    }
    return true;
}

/* In order of group, and within it as met. */
bool masks_sort(struct collapse *s, struct patterns *out, struct arena *arena,
                struct arena *scratch) {
    struct key_table table;
    if (!join_masks(s, &table, scratch)) return false;
    size_t n = out->n_masks = table.n, n_groups = s->responses->n_groups;
    uint32_t *rank = arena_array(scratch, n, sizeof *rank);
    size_t *start = arena_array(scratch, n_groups + 1, sizeof *start);
    out->group = arena_array(arena, n, sizeof *out->group);
    out->item_first = arena_array(arena, n + 1, sizeof *out->item_first);
    if (!rank || !start || !out->group || !out->item_first) return false;
    for (size_t m = 0; m < n; m++) start[table.key[m * table.words] + 1]++;
    for (size_t g = 0; g < n_groups; g++) start[g + 1] += start[g];
    for (size_t m = 0; m < n; m++) {
        const uint64_t *key = table.key + m * table.words;
        rank[m] = (uint32_t)start[key[0]]++;
        out->group[rank[m]] = (int)key[0];
        out->item_first[rank[m] + 1] = count_items(s, key);
    }
    for (size_t m = 0; m < n; m++) out->item_first[m + 1] += out->item_first[m];
    out->item = arena_array(arena, out->item_first[n], sizeof *out->item);
    if (s->by_category)
        out->category = arena_array(arena, out->item_first[n], sizeof *out->category);
    if (!out->item || (s->by_category && !out->category)) return false;
    for (size_t m = 0; m < n; m++)
        list_items(s, table.key + m * table.words, out->item_first[rank[m]], out);
    return place_persons(s, n, rank, scratch);
}

/* The pass over the persons. */
#include "scale/misfit_internal.h"

#include "num/clones.h"
#include "num/pool.h"

#include <math.h>
#include <string.h>

#define SPAN_LEAST 1e-10 /* at four nodes: below, a posterior counts as 0 */

/* What one piece works with. */
struct piece_room {
    struct block block;
    double *posterior, *weighted; /* node */
    size_t from, to;              /* nodes where the posterior is not 0, multiples of 4 */
    double eap;
    double *expected, *residual; /* item */
    double *code;                /* item: 0 where missing */
    float *lz;                   /* the terms of lz at the EAP */
    uint32_t *row;               /* rows of the answers */
    uint16_t *item;              /* and their items */
    size_t answered;
};

static bool room_make(const struct misfit_work *work, struct piece_room *room) {
    const struct misfit_tables *t = &work->tables;
    room->posterior = arena_array(work->scratch, t->padded, sizeof(double));
    room->weighted = arena_array(work->scratch, t->padded, sizeof(double));
    room->expected = arena_array(work->scratch, t->width, sizeof(double));
    room->residual = arena_array(work->scratch, t->width, sizeof(double));
    room->code = arena_array(work->scratch, t->width, sizeof(double));
    room->lz = arena_array(work->scratch, t->lz_row, sizeof *room->lz);
    room->row = arena_array(work->scratch, t->width, sizeof *room->row);
    room->item = arena_array(work->scratch, t->width, sizeof *room->item);
    return block_make(&room->block, work->block_size, t->width, work->scratch) && room->posterior &&
           room->weighted && room->expected && room->residual && room->code && room->lz &&
           room->row && room->item;
}

static bool sums_make(const struct misfit_work *work, struct misfit_sums *sums) {
    const struct misfit_tables *t = &work->tables;
    size_t groups = work->model->n_groups;
    struct arena *arena = work->scratch;
    sums->count = arena_array(arena, groups * t->n_rows, t->padded * sizeof(double));
    sums->weight = arena_array(arena, groups * t->n_rows, sizeof(double));
    if (work->responses->weights)
        sums->number = arena_array(arena, t->n_rows, sizeof *sums->number);
    sums->weight_sq = arena_array(arena, t->width, sizeof(double));
    sums->complete = arena_array(arena, REST_SUMS, t->width * sizeof(double));
    sums->partial = arena_array(arena, REST_SUMS, t->width * sizeof(double));
    return sums->count && sums->weight && (sums->number || !work->responses->weights) &&
           sums->weight_sq && sums->complete && sums->partial &&
           pairs_make(&sums->pairs, work->model->n_items, arena);
}

/* ---- a posterior and what is expected under it ---- */

/* out[item] = Σ_q p(q) E_item(q). n is a multiple of 4, here and below. */
VECTOR_CLONES static void expect(size_t n, size_t width, const double *p, const double *expected,
                                 double *out) {
    for (size_t i = 0; i < width; i += WIDTH) {
        four_doubles low = { 0 }, high = { 0 }, e;
        for (size_t q = 0; q < n; q++) {
            const double *at = expected + q * width + i;
            memcpy(&e, at, sizeof e);
            low += p[q] * e;
            memcpy(&e, at + 4, sizeof e);
            high += p[q] * e;
        }
        memcpy(out + i, &low, sizeof low);
        memcpy(out + i + 4, &high, sizeof high);
    }
}

VECTOR_CLONES static double dot(size_t n, const double *a, const double *b) {
    four_doubles sum = { 0 }, x, y;
    for (size_t q = 0; q < n; q += 4) {
        memcpy(&x, a + q, sizeof x);
        memcpy(&y, b + q, sizeof y);
        sum += x * y;
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static bool nobody_in(const double *p) { return (p[0] + p[1]) + (p[2] + p[3]) < SPAN_LEAST; }

static void find_posterior(const struct misfit_tables *t, size_t group, struct piece_room *room) {
    double *p = room->posterior;
    size_t from = 0, to = t->padded;
    misfit_posterior(t, room->answered, room->row, group, p);
    while (nobody_in(p + from)) from += 4;
    while (nobody_in(p + to - 4)) to -= 4;
    room->from = from;
    room->to = to;
    room->eap = dot(to - from, p + from, t->theta + from);
    expect(room->to - room->from, t->width, p + room->from, t->expected + room->from * t->width,
           room->expected);
    misfit_lz_terms(t, room->eap, room->lz);
}

/* ---- sums ---- */

VECTOR_CLONES static void scale_by(size_t n, double factor, const double *a, double *out) {
    for (size_t q = 0; q < n; q++) out[q] = factor * a[q];
}

/* Adds a to rows that are padded apart, n nodes of each. */
VECTOR_CLONES static void add_to_rows(size_t n_rows, const uint32_t *row, size_t padded, size_t n,
                                      const double *a, double *rows) {
    for (size_t k = 0; k < n_rows; k++) {
        double *to = rows + row[k] * padded;
        for (size_t q = 0; q < n; q += 4) {
            four_doubles sum, own;
            memcpy(&sum, to + q, sizeof sum);
            memcpy(&own, a + q, sizeof own);
            sum += own;
            memcpy(to + q, &sum, sizeof sum);
        }
    }
}

static void add_counts(const struct misfit_tables *t, size_t group, double weight, size_t number,
                       struct piece_room *room, struct misfit_sums *sums) {
    size_t from = room->from, n = room->to - from;
    double *weights = sums->weight + group * t->n_rows;
    scale_by(n, weight, room->posterior + from, room->weighted);
    add_to_rows(room->answered, room->row, t->padded, n, room->weighted,
                sums->count + group * t->n_rows * t->padded + from);
    for (size_t k = 0; k < room->answered; k++) weights[room->row[k]] += weight;
    for (size_t k = 0; sums->number && k < room->answered; k++)
        sums->number[room->row[k]] += (double)number;
}

/* Whether lz is below LZ_CARELESS. */
static bool is_careless(const struct misfit_tables *t, const struct piece_room *room) {
    float excess = 0, variance = 0;
    for (size_t k = 0; k < room->answered; k++) {
        excess += room->lz[room->row[k]];
        variance += room->lz[t->n_rows + room->item[k]];
    }
    return (double)excess < LZ_CARELESS * sqrt((double)variance);
}

/* Answers as numbers, 0 where missing (seen is 0), and what they differ by from what is expected.
 */
VECTOR_CLONES static void spell_out(size_t n, const int8_t *restrict codes,
                                    const double *restrict seen, const double *restrict expected,
                                    double *restrict code, double *restrict residual) {
    for (size_t i = 0; i < n; i++) {
        double own = codes[i];
        code[i] = own * seen[i];
        residual[i] = (own - expected[i]) * seen[i];
    }
}

VECTOR_CLONES static void add_scaled(size_t n, double factor, const double *restrict a,
                                     double *restrict out) {
    for (size_t i = 0; i < n; i++) out[i] += factor * a[i];
}

/* y: the mean of the other answers; rest: its six sums, n apart. */
VECTOR_CLONES static void add_rest(size_t n, const double *code, const double *seen, double weight,
                                   double sum, double others, double *rest) {
    four_doubles w, x, y, total;
    for (size_t i = 0; i < n; i += 4) {
        memcpy(&w, seen + i, sizeof w);
        memcpy(&x, code + i, sizeof x);
        w *= weight;
        y = (sum - x) * others;
        const four_doubles more[REST_SUMS] = { w, w * x, w * y, w * x * x, w * y * y, w * x * y };
        for (size_t k = 0; k < REST_SUMS; k++) {
            memcpy(&total, rest + k * n + i, sizeof total);
            total += more[k];
            memcpy(rest + k * n + i, &total, sizeof total);
        }
    }
}

/* Persons with the same answers and group. */
struct alike {
    size_t first, end; /* in the block's order */
    double weight, weight_sq, pair_weight;
};

static void add_alike(const struct misfit_work *work, const struct alike *alike, size_t group,
                      struct piece_room *room, struct misfit_sums *sums) {
    const struct misfit_tables *t = &work->tables;
    size_t at = room->block.order[alike->first], number = alike->end - alike->first;
    const int8_t *codes = room->block.codes + at * t->width;
    const double *seen = sums->pairs.seen;
    add_counts(t, group, alike->weight, number, room, sums);
    spell_out(t->width, codes, seen, room->expected, room->code, room->residual);
    add_scaled(t->width, alike->weight_sq, seen, sums->weight_sq);
    bool complete = room->answered == work->model->n_items;
    sums->persons += number;
    sums->complete_persons += complete ? number : 0;
    if (room->answered > 1)
        add_rest(t->width, room->code, seen, alike->weight, room->block.sum[at],
                 1 / (double)(room->answered - 1), complete ? sums->complete : sums->partial);
    if (alike->pair_weight > 0) pairs_add(&sums->pairs, room->residual, alike->pair_weight);
    if (room->answered < LZ_LEAST_ANSWERS) return;
    sums->lz_n += number;
    if (is_careless(t, room)) sums->lz_careless += number;
}

/* ---- a block in its order ---- */

struct sameness {
    bool mask, posterior, answers;
};

static struct sameness compare(const struct misfit_work *work, const struct block *block, size_t a,
                               size_t b) {
    const int8_t *one = block->codes + a * block->width, *two = block->codes + b * block->width;
    struct sameness same = { 0 };
    if (person_group(work->responses, block->person[a]) !=
            person_group(work->responses, block->person[b]) ||
        block->answered[a] != block->answered[b])
        return same;
    same.answers = memcmp(one, two, block->width) == 0;
    same.mask = true;
    for (size_t i = 0; !same.answers && i < block->width && same.mask; i += 8) {
        uint64_t x, y;
        memcpy(&x, one + i, 8);
        memcpy(&y, two + i, 8);
        same.mask = ((x ^ y) & 0x8080808080808080u) == 0;
    }
    same.posterior = same.answers || (work->by_sum && same.mask && block->sum[a] == block->sum[b]);
    return same;
}

static void add_person(const struct misfit_work *work, uint32_t person, struct alike *alike) {
    double weight = person_weight(work, person);
    alike->weight += weight;
    alike->weight_sq += weight * weight;
    if (person % work->pair_every == 0) alike->pair_weight += weight;
    alike->end++;
}

static void run_block(const struct misfit_work *work, struct piece_room *room,
                      struct misfit_sums *sums) {
    const struct block *block = &room->block;
    struct sameness same = { 0 };
    for (size_t at = 0; at < block->n;) {
        struct alike alike = { .first = at, .end = at };
        size_t first = block->order[at];
        size_t group = person_group(work->responses, block->person[first]);
        const int8_t *codes = block->codes + first * block->width;
        if (!same.mask) pairs_mask(&sums->pairs, codes);
        room->answered =
            misfit_rows(&work->tables, work->model->n_items, codes, room->row, room->item);
        if (!same.posterior) find_posterior(&work->tables, group, room);
        do {
            add_person(work, block->person[block->order[alike.end]], &alike);
            if (alike.end == block->n) break;
            same = compare(work, block, first, block->order[alike.end]);
        } while (same.answers);
        add_alike(work, &alike, group, room, sums);
        at = alike.end;
    }
}

static void run_piece(void *context, size_t piece) {
    struct misfit_work *work = context;
    size_t n = work->responses->n_persons;
    size_t from = n * piece / work->n_pieces, to = n * (piece + 1) / work->n_pieces;
    for (size_t at = from; at < to; at += work->block_size) {
        size_t end = at + work->block_size < to ? at + work->block_size : to;
        block_fill(work, at, end, &work->room[piece].block);
        run_block(work, &work->room[piece], &work->sums[piece]);
    }
    pairs_end(&work->sums[piece].pairs);
}

/* ---- all pieces ---- */

static void join(const struct misfit_work *work, struct misfit_sums *to,
                 const struct misfit_sums *from) {
    const struct misfit_tables *t = &work->tables;
    size_t rows = work->model->n_groups * t->n_rows;
    add_scaled(rows * t->padded, 1, from->count, to->count);
    add_scaled(rows, 1, from->weight, to->weight);
    if (to->number) add_scaled(t->n_rows, 1, from->number, to->number);
    add_scaled(t->width, 1, from->weight_sq, to->weight_sq);
    add_scaled(REST_SUMS * t->width, 1, from->complete, to->complete);
    add_scaled(REST_SUMS * t->width, 1, from->partial, to->partial);
    to->persons += from->persons;
    to->complete_persons += from->complete_persons;
    to->lz_n += from->lz_n;
    to->lz_careless += from->lz_careless;
    pairs_join(&to->pairs, &from->pairs);
}

bool misfit_pass(struct misfit_work *work) {
    work->room = arena_array(work->scratch, work->n_pieces, sizeof *work->room);
    if (!work->room) return false;
    for (size_t i = 0; i < work->n_pieces; i++)
        if (!room_make(work, &work->room[i]) || !sums_make(work, &work->sums[i])) return false;
    pool_run(work->pool, work->n_pieces, run_piece, work);
    for (size_t i = 1; i < work->n_pieces; i++) join(work, &work->sums[0], &work->sums[i]);
    return true;
}

#include "stat/ranking.h"

#include "base/arena.h"
#include "num/random.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double value;
    uint64_t lot;
    size_t row;
};

static int by_value(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    if (x->lot != y->lot) return x->lot < y->lot ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

bool ranking_make(size_t n, size_t places, const size_t *start, struct arena *arena,
                  struct ranking *out) {
    *out = (struct ranking){ .n = n,
                             .start = start,
                             .value = arena_array(arena, n, sizeof *out->value),
                             .row = arena_array(arena, n, sizeof *out->row),
                             .position = arena_array(arena, n, sizeof *out->position),
                             .of_place = arena_array(arena, n, sizeof *out->of_place),
                             .next = arena_array(arena, places, sizeof *out->next),
                             .order = arena_array(arena, n, sizeof *out->order) };
    return out->value && out->row && out->position && out->of_place && out->next && out->order;
}

void ranking_fill(struct ranking *r, const double *value, const int *place, bool by_lot,
                  uint64_t seed, uint64_t stream) {
    r->by_lot = by_lot;
    for (size_t i = 0; i < r->n; i++)
        r->order[i] =
            (struct ranked){ value[i], by_lot ? random_bits(seed, stream, (uint64_t)i) : 0, i };
    qsort(r->order, r->n, sizeof *r->order, by_value);
    for (size_t i = 0; i < r->n; i++) r->next[place[i]] = r->start[place[i]];
    for (size_t at = 0; at < r->n; at++) {
        size_t row = r->order[at].row;
        r->value[at] = r->order[at].value;
        r->row[at] = row;
        r->position[row] = at;
        r->of_place[r->next[place[row]]++] = at;
    }
}

/* The position of the row that has this rank among those that are left. */
static size_t position_of(const struct ranking *r, size_t rank, int without) {
    if (without == RANKING_ALL) return rank;
    for (size_t i = r->start[without]; i < r->start[without + 1] && r->of_place[i] <= rank; i++)
        rank++;
    return rank;
}

/* How many values are at most cut. */
static size_t count_up_to(const struct ranking *r, double cut) {
    size_t low = 0, high = r->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->value[middle] <= cut)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t ranking_cut(const struct ranking *r, size_t quarter, int without) {
    size_t left = r->n - (without == RANKING_ALL ? 0 : r->start[without + 1] - r->start[without]);
    if (left == 0) return 0;
    if (r->by_lot) return position_of(r, (quarter * left + 3) / 4, without);
    double h = (double)(left - 1) * (double)quarter / 4, below = floor(h);
    double low = r->value[position_of(r, (size_t)below, without)];
    double high = h > below ? r->value[position_of(r, (size_t)below + 1, without)] : low;
    return count_up_to(r, low + (h - below) * (high - low));
}

#include "stat/percentile.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>

struct sorted_value {
    double value;
    size_t row;
};

/* Sums that differ by less, relative to Σw, are the same. */
static const double SAME = 1e-9;

static int by_value(const void *a, const void *b) {
    const struct sorted_value *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static bool part_make(struct sorted_part *part, size_t parts, size_t n, struct arena *arena) {
    *part = (struct sorted_part){ .start = arena_array(arena, parts + 2, sizeof *part->start),
                                  .position = arena_array(arena, n, sizeof *part->position),
                                  .sum = arena_array(arena, n, sizeof *part->sum),
                                  .next = arena_array(arena, parts + 1, sizeof *part->next) };
    return part->start && part->position && part->sum && part->next;
}

bool percentiles_make(size_t n, const struct replicates *replicates, struct arena *arena,
                      struct percentiles *out) {
    *out = (struct percentiles){ .replicates = replicates,
                                 .n = n,
                                 .value = arena_array(arena, n, sizeof *out->value),
                                 .sum = arena_array(arena, n, sizeof *out->sum),
                                 .order = arena_array(arena, n, sizeof *out->order) };
    if (!out->value || !out->sum || !out->order ||
        !part_make(&out->places, replicates->n_places, n, arena) ||
        !part_make(&out->strata, replicates->n_strata, n, arena))
        return false;
    for (size_t p = 0; p < replicates->n_places; p++) {
        out->places.start[p + 1] = out->places.start[p] + replicates->rows[p];
        out->strata.start[replicates->stratum[p] + 1] += replicates->rows[p];
    }
    for (size_t h = 0; h < replicates->n_strata; h++)
        out->strata.start[h + 1] += out->strata.start[h];
    return true;
}

static void add_to(struct sorted_part *part, size_t which, size_t position, double weight) {
    size_t at = part->next[which]++;
    part->position[at] = position;
    part->sum[at] = weight + (at > part->start[which] ? part->sum[at - 1] : 0);
}

void percentiles_fill(struct percentiles *p, const double *value, const double *weights) {
    const struct replicates *r = p->replicates;
    for (size_t i = 0; i < p->n; i++) p->order[i] = (struct sorted_value){ value[i], i };
    qsort(p->order, p->n, sizeof *p->order, by_value);
    for (size_t k = 0; k < r->n_places; k++) p->places.next[k] = p->places.start[k];
    for (size_t h = 0; h < r->n_strata; h++) p->strata.next[h] = p->strata.start[h];
    for (size_t at = 0; at < p->n; at++) {
        size_t row = p->order[at].row, place = (size_t)r->place[row];
        double w = weights ? weights[row] : 1;
        p->value[at] = p->order[at].value;
        p->sum[at] = w + (at ? p->sum[at - 1] : 0);
        add_to(&p->places, place, at, w);
        add_to(&p->strata, r->stratum[place], at, w);
    }
}

/* Σw of a part's rows up to a position. */
static double part_sum(const struct sorted_part *part, size_t which, size_t position) {
    size_t low = part->start[which], high = part->start[which + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (part->position[middle] <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low > part->start[which] ? part->sum[low - 1] : 0;
}

static double sum_up_to(const struct percentiles *p, size_t position, const struct replicate *r) {
    double sum = p->sum[position];
    if (!r) return sum;
    if (r->of_stratum > 0) sum += r->of_stratum * part_sum(&p->strata, r->stratum, position);
    for (int k = 0; k < 2; k++)
        if (r->of_place[k] != 0)
            sum += r->of_place[k] * part_sum(&p->places, r->place[k], position);
    return sum;
}

/* The first position from low on whose sum is over target. */
static size_t first_over(const struct percentiles *p, size_t low, double target,
                         const struct replicate *r) {
    size_t high = p->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sum_up_to(p, middle, r) > target)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double percentiles_at(const struct percentiles *p, double share, const struct replicate *r) {
    double total = sum_up_to(p, p->n - 1, r), same = SAME * total, target = share * total;
    if (!(total > SAME * p->sum[p->n - 1])) return NAN;
    size_t at = first_over(p, 0, target - same, r);
    if (at == p->n) return p->value[p->n - 1];
    if (sum_up_to(p, at, r) > target + same) return p->value[at];
    size_t next = first_over(p, at, target + same, r);
    return next < p->n ? 0.5 * (p->value[at] + p->value[next]) : p->value[at];
}

double percentiles_share(const struct percentiles *p, double value, const struct replicate *r) {
    size_t low = 0, high = p->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->value[middle] <= value)
            low = middle + 1;
        else
            high = middle;
    }
    double total = sum_up_to(p, p->n - 1, r);
    if (!(total > SAME * p->sum[p->n - 1])) return NAN;
    return low ? sum_up_to(p, low - 1, r) / total : 0;
}

/* Q3: correlations of two items' residuals over the persons who answered both. */
#include "scale/misfit_internal.h"

#include "num/clones.h"

#include <math.h>
#include <string.h>

enum { LOT = 4, SPARSE = 3 }; /* a mask with under a third of the items is gone through by list */

bool pairs_make(struct pair_sums *pairs, size_t n_items, struct arena *arena) {
    size_t width = padded_to(WIDTH, n_items);
    *pairs = (struct pair_sums){ .n_items = n_items, .width = width };
    pairs->n = arena_array(arena, n_items, width * sizeof(double));
    pairs->r = arena_array(arena, n_items, width * sizeof(double));
    pairs->rr = arena_array(arena, n_items, width * sizeof(double));
    pairs->product = arena_array(arena, n_items, width * sizeof(double));
    pairs->mask_r = arena_array(arena, width, sizeof(double));
    pairs->mask_rr = arena_array(arena, width, sizeof(double));
    pairs->seen = arena_array(arena, width, sizeof(double));
    pairs->list = arena_array(arena, n_items, sizeof *pairs->list);
    pairs->lot = arena_array(arena, 2 * LOT, width * sizeof(double));
    return pairs->n && pairs->r && pairs->rr && pairs->product && pairs->mask_r && pairs->mask_rr &&
           pairs->seen && pairs->list && pairs->lot;
}

static bool sparse(const struct pair_sums *pairs) {
    return SPARSE * pairs->listed < pairs->n_items;
}

/* ---- what all persons with a mask share ---- */

VECTOR_CLONES static void spread_row(size_t n, const double *restrict seen, double count, double r,
                                     double rr, double *restrict out_n, double *restrict out_r,
                                     double *restrict out_rr) {
    for (size_t b = 0; b < n; b++) {
        out_n[b] += count * seen[b];
        out_r[b] += r * seen[b];
        out_rr[b] += rr * seen[b];
    }
}

static void spread_mask(struct pair_sums *pairs) {
    size_t width = pairs->width;
    for (size_t k = 0; k < pairs->listed; k++) {
        size_t a = pairs->list[k];
        double *n = pairs->n + a * width, *r = pairs->r + a * width, *rr = pairs->rr + a * width;
        if (!sparse(pairs)) {
            spread_row(width, pairs->seen, pairs->mask_n, pairs->mask_r[a], pairs->mask_rr[a], n, r,
                       rr);
            continue;
        }
        for (size_t l = 0; l < pairs->listed; l++) {
            size_t b = pairs->list[l];
            n[b] += pairs->mask_n;
            r[b] += pairs->mask_r[a];
            rr[b] += pairs->mask_rr[a];
        }
    }
}

void pairs_mask(struct pair_sums *pairs, const int8_t *codes) {
    if (pairs->mask_n > 0) spread_mask(pairs);
    pairs->mask_n = 0;
    pairs->listed = 0;
    memset(pairs->mask_r, 0, pairs->width * sizeof(double));
    memset(pairs->mask_rr, 0, pairs->width * sizeof(double));
    for (size_t i = 0; i < pairs->n_items; i++) {
        bool has = codes[i] != CODE_MISSING;
        pairs->seen[i] = has;
        if (has) pairs->list[pairs->listed++] = (uint16_t)i;
    }
}

/* ---- products ---- */

VECTOR_CLONES static void add_lot(size_t n_items, size_t width, const double *lot, double *out) {
    const double *r0 = lot, *r1 = lot + width, *r2 = lot + 2 * width, *r3 = lot + 3 * width;
    const double *weighted = lot + LOT * width;
    for (size_t a = 0; a < n_items; a++) {
        double w0 = weighted[a], w1 = weighted[width + a], w2 = weighted[2 * width + a];
        double w3 = weighted[3 * width + a], *row = out + a * width;
        size_t until = (a / WIDTH + 1) * WIDTH;
        for (size_t b = 0; b < until; b++)
            row[b] += (w0 * r0[b] + w1 * r1[b]) + (w2 * r2[b] + w3 * r3[b]);
    }
}

static void flush_lot(struct pair_sums *pairs) {
    size_t width = pairs->width;
    if (pairs->lot_n == 0) return;
    for (size_t k = pairs->lot_n; k < LOT; k++) {
        memset(pairs->lot + k * width, 0, width * sizeof(double));
        memset(pairs->lot + (LOT + k) * width, 0, width * sizeof(double));
    }
    add_lot(pairs->n_items, width, pairs->lot, pairs->product);
    pairs->lot_n = 0;
}

VECTOR_CLONES static void add_residuals(size_t n, const double *restrict residual, double weight,
                                        double *restrict sum, double *restrict squares,
                                        double *restrict lot, double *restrict weighted) {
    for (size_t b = 0; b < n; b++) {
        lot[b] = residual[b];
        weighted[b] = weight * residual[b];
        sum[b] += weighted[b];
        squares[b] += weighted[b] * residual[b];
    }
}

void pairs_add(struct pair_sums *pairs, const double *residual, double weight) {
    size_t width = pairs->width;
    double *lot = pairs->lot + pairs->lot_n * width;
    pairs->mask_n += weight;
    add_residuals(width, residual, weight, pairs->mask_r, pairs->mask_rr, lot, lot + LOT * width);
    if (sparse(pairs)) {
        for (size_t k = 0; k < pairs->listed; k++) {
            size_t a = pairs->list[k];
            double *row = pairs->product + a * width, own = weight * residual[a];
            for (size_t l = 0; l <= k; l++) row[pairs->list[l]] += own * residual[pairs->list[l]];
        }
        return;
    }
    if (++pairs->lot_n == LOT) flush_lot(pairs);
}

void pairs_end(struct pair_sums *pairs) {
    if (pairs->mask_n > 0) spread_mask(pairs);
    pairs->mask_n = 0;
    flush_lot(pairs);
}

void pairs_join(struct pair_sums *pairs, const struct pair_sums *more) {
    for (size_t k = 0; k < pairs->n_items * pairs->width; k++) {
        pairs->n[k] += more->n[k];
        pairs->r[k] += more->r[k];
        pairs->rr[k] += more->rr[k];
        pairs->product[k] += more->product[k];
    }
}

/* ---- correlations ---- */

static double correlation(const struct pair_sums *pairs, size_t a, size_t b) {
    size_t width = pairs->width, ab = a * width + b, ba = b * width + a;
    double n = pairs->n[ba];
    if (!(n > 0)) return NAN;
    double aa = pairs->rr[ab] - pairs->r[ab] * pairs->r[ab] / n;
    double bb = pairs->rr[ba] - pairs->r[ba] * pairs->r[ba] / n;
    double both = pairs->product[ba] - pairs->r[ab] * pairs->r[ba] / n;
    if (!(aa > 1e-12 * pairs->rr[ab] && bb > 1e-12 * pairs->rr[ba])) return NAN;
    return fmax(-1, fmin(1, both / sqrt(aa * bb)));
}

void pairs_read(const struct pair_sums *pairs, struct misfit *out) {
    double total = 0;
    size_t n = 0;
    for (size_t b = 1; b < pairs->n_items; b++)
        for (size_t a = 0; a < b; a++) {
            struct pair_fit *pair = &out->pair[pair_at(a, b)];
            pair->n = pairs->n[b * pairs->width + a];
            pair->q3 = correlation(pairs, a, b);
            if (isnan(pair->q3)) continue;
            total += pair->q3;
            n++;
        }
    out->q3_mean = n > 0 ? total / (double)n : NAN;
    for (size_t k = 0; k < pairs->n_items * (pairs->n_items - 1) / 2; k++)
        out->pair[k].q3_adjusted = out->pair[k].q3 - out->q3_mean;
}

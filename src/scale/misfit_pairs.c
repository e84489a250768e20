/* Q3: correlations of two items' residuals over the persons who answered both. */
#include "scale/misfit_internal.h"

#include "num/clones.h"

#include <math.h>
#include <string.h>

enum { LOT = 4, SPARSE = 3 }; /* a mask with under a third of the items is gone through by list */

static bool lot_make(struct pair_lot *lot, size_t width, struct arena *arena) {
    lot->left = arena_array(arena, LOT, width * sizeof(double));
    lot->right = arena_array(arena, LOT, width * sizeof(double));
    return lot->left && lot->right;
}

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
    return pairs->n && pairs->r && pairs->rr && pairs->product && pairs->mask_r && pairs->mask_rr &&
           pairs->seen && pairs->list && lot_make(&pairs->persons, width, arena) &&
           lot_make(&pairs->masks_n, width, arena) && lot_make(&pairs->masks_r, width, arena) &&
           lot_make(&pairs->masks_rr, width, arena);
}

static bool sparse(const struct pair_sums *pairs) {
    return SPARSE * pairs->listed < pairs->n_items;
}

/* ---- products, LOT at a time ---- */

/* out[a][b] += Σ left_k[a] right_k[b], for all b, or for b ≤ a (and a few more). */
VECTOR_CLONES static void add_products(size_t n_items, size_t width, bool lower,
                                       const double *restrict left, const double *restrict right,
                                       double *restrict out) {
    const double *r0 = right, *r1 = right + width, *r2 = right + 2 * width, *r3 = right + 3 * width;
    for (size_t a = 0; a < n_items; a++) {
        double l0 = left[a], l1 = left[width + a], l2 = left[2 * width + a];
        double l3 = left[3 * width + a], *row = out + a * width;
        size_t until = lower ? (a / WIDTH + 1) * WIDTH : width;
        for (size_t b = 0; b < until; b++)
            row[b] += (l0 * r0[b] + l1 * r1[b]) + (l2 * r2[b] + l3 * r3[b]);
    }
}

static void lot_flush(const struct pair_sums *pairs, struct pair_lot *lot, bool lower,
                      double *out) {
    size_t used = lot->n * pairs->width, free = LOT * pairs->width - used;
    if (lot->n == 0) return;
    memset(lot->left + used, 0, free * sizeof(double));
    memset(lot->right + used, 0, free * sizeof(double));
    add_products(pairs->n_items, pairs->width, lower, lot->left, lot->right, out);
    lot->n = 0;
}

VECTOR_CLONES static void scale_to(size_t n, double factor, const double *restrict a,
                                   double *restrict out) {
    for (size_t b = 0; b < n; b++) out[b] = factor * a[b];
}

static void lot_add(const struct pair_sums *pairs, struct pair_lot *lot, bool lower, double factor,
                    const double *left, const double *right, double *out) {
    scale_to(pairs->width, factor, left, lot->left + lot->n * pairs->width);
    memcpy(lot->right + lot->n * pairs->width, right, pairs->width * sizeof(double));
    if (++lot->n == LOT) lot_flush(pairs, lot, lower, out);
}

/* ---- what all persons with a mask share ---- */

static void spread_sparse_mask(struct pair_sums *pairs) {
    size_t width = pairs->width;
    for (size_t k = 0; k < pairs->listed; k++) {
        size_t a = pairs->list[k];
        double *n = pairs->n + a * width, *r = pairs->r + a * width, *rr = pairs->rr + a * width;
        for (size_t l = 0; l < pairs->listed; l++) {
            size_t b = pairs->list[l];
            n[b] += pairs->mask_n;
            r[b] += pairs->mask_r[a];
            rr[b] += pairs->mask_rr[a];
        }
    }
}

static void spread_mask(struct pair_sums *pairs) {
    if (!(pairs->mask_n > 0)) return;
    if (sparse(pairs)) {
        spread_sparse_mask(pairs);
    } else {
        const double *seen = pairs->seen;
        lot_add(pairs, &pairs->masks_n, true, pairs->mask_n, seen, seen, pairs->n);
        lot_add(pairs, &pairs->masks_r, false, 1, pairs->mask_r, seen, pairs->r);
        lot_add(pairs, &pairs->masks_rr, false, 1, pairs->mask_rr, seen, pairs->rr);
    }
    pairs->mask_n = 0;
}

void pairs_mask(struct pair_sums *pairs, const int8_t *codes) {
    spread_mask(pairs);
    pairs->listed = 0;
    memset(pairs->mask_r, 0, pairs->width * sizeof(double));
    memset(pairs->mask_rr, 0, pairs->width * sizeof(double));
    for (size_t i = 0; i < pairs->n_items; i++) {
        bool has = codes[i] != CODE_MISSING;
        pairs->seen[i] = has;
        pairs->list[pairs->listed] = (uint16_t)i; /* kept where it is an answer */
        pairs->listed += has;
    }
}

/* ---- persons ---- */

VECTOR_CLONES static void add_residuals(size_t n, const double *restrict residual, double weight,
                                        double *restrict sum, double *restrict squares) {
    for (size_t b = 0; b < n; b++) {
        double weighted = weight * residual[b];
        sum[b] += weighted;
        squares[b] += weighted * residual[b];
    }
}

void pairs_add(struct pair_sums *pairs, const double *residual, double weight) {
    size_t width = pairs->width;
    pairs->mask_n += weight;
    add_residuals(width, residual, weight, pairs->mask_r, pairs->mask_rr);
    if (!sparse(pairs)) {
        lot_add(pairs, &pairs->persons, true, weight, residual, residual, pairs->product);
        return;
    }
    for (size_t k = 0; k < pairs->listed; k++) {
        size_t a = pairs->list[k];
        double *row = pairs->product + a * width, own = weight * residual[a];
        for (size_t l = 0; l <= k; l++) row[pairs->list[l]] += own * residual[pairs->list[l]];
    }
}

void pairs_end(struct pair_sums *pairs) {
    spread_mask(pairs);
    lot_flush(pairs, &pairs->persons, true, pairs->product);
    lot_flush(pairs, &pairs->masks_n, true, pairs->n);
    lot_flush(pairs, &pairs->masks_r, false, pairs->r);
    lot_flush(pairs, &pairs->masks_rr, false, pairs->rr);
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

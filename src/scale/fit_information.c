/* The observed information by Louis (1982): I = E[−∂² complete] − Σ_p w_p (E[s s′] − E[s] E[s]′),
 * with s the score of the complete data (answers and θ) and expectations over each pattern's
 * posterior.
 *
 * E[s s′] between two items needs Σ_p of the posteriors of the patterns in which both were answered
 * (with the same pair of categories): a row of nodes for each pair, made item by item, so that the
 * memory is small and the pieces of work are items. */
#include "scale/fit_internal.h"

#include "num/clones.h"
#include "num/pool.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* Where an item stands, mask by mask (of those that are looked at). */
struct places {
    size_t *first; /* item: first place, n_items + 1 */
    uint32_t *mask;
    uint16_t *order; /* its number within the mask */
};

struct information_work {
    struct calibration *c;
    const double *x;
    double *out; /* n_free² */
    struct places places;
    double *outer; /* piece × n_free²: Σ E[s] E[s]′ */
    double *pair;  /* item × pair rows × node, one block a slot */
    size_t pair_size;
};

static bool find_places(const struct calibration *c, struct places *places, struct arena *arena) {
    const struct patterns *patterns = &c->patterns;
    size_t total = patterns->item_first[patterns->n_masks];
    places->first = arena_array(arena, c->n_items + 2, sizeof *places->first);
    places->mask = arena_array(arena, total, sizeof *places->mask);
    places->order = arena_array(arena, total, sizeof *places->order);
    if (!places->first || !places->mask || !places->order) return false;
    size_t *next = places->first + 1; /* shifted by one while filling */
    for (size_t m = 0; m < patterns->n_masks; m += c->stride)
        for (size_t at = patterns->item_first[m]; at < patterns->item_first[m + 1]; at++)
            next[patterns->item[at] + 1]++;
    for (size_t i = 0; i < c->n_items; i++) next[i + 1] += next[i];
    for (size_t m = 0; m < patterns->n_masks; m += c->stride) {
        for (size_t at = patterns->item_first[m]; at < patterns->item_first[m + 1]; at++) {
            size_t to = next[patterns->item[at]]++;
            places->mask[to] = (uint32_t)m;
            places->order[to] = (uint16_t)(at - patterns->item_first[m]);
        }
    }
    return true;
}

/* Adds value at the places a, b of x (a's row below or at b's). */
static void add_at(const struct calibration *c, double *out, size_t a, size_t b, double value) {
    int row = c->free[a], column = c->free[b];
    if (row < 0 || column < 0) return;
    if (column > row) {
        int swap = row;
        row = column;
        column = swap;
    }
    out[(size_t)row * c->n_free + (size_t)column] += value;
}

VECTOR_CLONES static void times_nodes(size_t padded, const double *a, const double *b,
                                      double *out) {
    for (size_t q = 0; q < padded; q++) out[q] = a[q] * b[q];
}

/* ---- an item with itself and with its group ---- */

static void item_block(struct information_work *work, size_t group, size_t item) {
    const struct calibration *c = work->c;
    size_t size = item_size(c, item), padded = c->grid.padded;
    double own[ITEM_PARAMETERS_MAX * ITEM_PARAMETERS_MAX] = { 0 };
    item_curvature(c, group, item, work->x, own);
    for (size_t k = 0; k < table_size(c, item); k++) {
        const double *expected = table_row(c, c->expected, group, c->table_at[item] + k);
        for (size_t h = 0; h < size; h++) {
            const double *d = slope_row(c, group, c->slope_at[item] + k * size + h);
            for (size_t l = 0; l <= h; l++)
                own[h * size + l] -= lane_dot3(
                    padded, expected, d, slope_row(c, group, c->slope_at[item] + k * size + l));
        }
    }
    for (size_t h = 0; h < size; h++)
        for (size_t l = 0; l <= h; l++)
            add_at(c, work->out, c->at[item] + h, c->at[item] + l, own[h * size + l]);
}

/* The group's score at a node: (z/σ, (z² − 1)/2). */
static void group_score(const struct calibration *c, const double *x, size_t group, double *mean,
                        double *spread) {
    double inverse = num_exp(-0.5 * x[c->group_at + 2 * group + 1]);
    for (size_t q = 0; q < c->grid.padded; q++) {
        mean[q] = c->grid.z[q] * inverse;
        spread[q] = 0.5 * (c->grid.z[q] * c->grid.z[q] - 1);
    }
}

static void item_group_block(struct information_work *work, size_t group, size_t item) {
    const struct calibration *c = work->c;
    size_t size = item_size(c, item), padded = c->grid.padded, at = c->group_at + 2 * group;
    double mean[NODES_MAX + NODE_LANES], spread[NODES_MAX + NODE_LANES];
    group_score(c, work->x, group, mean, spread);
    for (size_t k = 0; k < table_size(c, item); k++) {
        const double *expected = table_row(c, c->expected, group, c->table_at[item] + k);
        for (size_t h = 0; h < size; h++) {
            const double *d = slope_row(c, group, c->slope_at[item] + k * size + h);
            add_at(c, work->out, at, c->at[item] + h, -lane_dot3(padded, expected, d, mean));
            add_at(c, work->out, at + 1, c->at[item] + h, -lane_dot3(padded, expected, d, spread));
        }
    }
}

static void group_block(struct information_work *work, size_t group) {
    const struct calibration *c = work->c;
    size_t at = c->group_at + 2 * group;
    const double *mass = c->mass + group * c->grid.padded;
    double inverse = num_exp(-0.5 * work->x[at + 1]);
    double block[3] = { 0 };
    for (size_t q = 0; q < c->grid.n; q++) {
        double z = c->grid.z[q], mean = z * inverse, spread = 0.5 * (z * z - 1);
        block[0] += mass[q] * (inverse * inverse - mean * mean);
        block[1] += mass[q] * (z * inverse - mean * spread);
        block[2] += mass[q] * (0.5 * z * z - spread * spread);
    }
    add_at(c, work->out, at, at, block[0]);
    add_at(c, work->out, at + 1, at, block[1]);
    add_at(c, work->out, at + 1, at + 1, block[2]);
}

/* ---- an item with the items before it ---- */

/* Σ of the posteriors by pair of categories: pair[other's row of T × own categories + own
 * category]. */
static void gather_pairs(const struct information_work *work, size_t group, size_t item,
                         double *pair) {
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, rows = table_size(c, item);
    memset(pair, 0, c->table_at[item] * rows * padded * sizeof *pair);
    for (size_t at = work->places.first[item]; at < work->places.first[item + 1]; at++) {
        size_t mask = work->places.mask[at];
        if ((size_t)patterns->group[mask] != group) continue;
        size_t first = patterns->item_first[mask],
               own = patterns->category[first + work->places.order[at]];
        size_t kept = mask / c->stride;
        struct span span = c->span[kept];
        size_t n = (size_t)(span.to - span.from);
        double *to[ITEMS_MAX];
        size_t others = work->places.order[at];
        for (size_t j = 0; j < others; j++) {
            size_t row = c->table_at[patterns->item[first + j]] + patterns->category[first + j];
            to[j] = pair + (row * rows + own) * padded + span.from;
        }
        nodes_add_to(n, c->posterior + kept * padded + span.from, others, to);
    }
}

static void subtract_pairs(struct information_work *work, size_t group, size_t item, size_t other,
                           const double *pair) {
    const struct calibration *c = work->c;
    size_t padded = c->grid.padded, rows = table_size(c, item), size = item_size(c, item);
    size_t other_size = item_size(c, other);
    double product[NODES_MAX + NODE_LANES];
    for (size_t b = 0; b < table_size(c, other); b++) {
        for (size_t k = 0; k < rows; k++) {
            const double *both = pair + ((c->table_at[other] + b) * rows + k) * padded;
            for (size_t h = 0; h < size; h++) {
                times_nodes(padded, both, slope_row(c, group, c->slope_at[item] + k * size + h),
                            product);
                for (size_t l = 0; l < other_size; l++)
                    add_at(c, work->out, c->at[item] + h, c->at[other] + l,
                           -lane_dot(padded, product,
                                     slope_row(c, group, c->slope_at[other] + b * other_size + l)));
            }
        }
    }
}

/* Everything in the rows of one item; rows of different items do not meet but in a group's row, of
 * which each item has its own columns. */
static void item_piece(void *context, size_t item) {
    struct information_work *work = context;
    struct calibration *c = work->c;
    double *pair = work->pair + item * work->pair_size;
    for (size_t g = 0; g < c->n_groups; g++) {
        item_block(work, g, item);
        item_group_block(work, g, item);
        if (item == 0) continue;
        gather_pairs(work, g, item, pair);
        for (size_t other = 0; other < item; other++) subtract_pairs(work, g, item, other, pair);
    }
}

/* ---- Σ w E[s] E[s]′ ---- */

static size_t pattern_score(const struct information_work *work, size_t mask,
                            const double *posterior, struct span span, const double *mean,
                            const double *spread, int *where, double *score) {
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    size_t group = (size_t)patterns->group[mask], from = span.from, nodes = (size_t)span.to - from,
           n = 0;
    posterior += from;
    for (size_t at = patterns->item_first[mask]; at < patterns->item_first[mask + 1]; at++) {
        size_t item = patterns->item[at], size = item_size(c, item);
        if (c->free[c->at[item]] < 0) continue; /* an anchor: all of its places are fixed */
        size_t row = c->slope_at[item] + patterns->category[at] * size;
        lane_dots(nodes, posterior, size, slope_row(c, group, row) + from, c->grid.padded,
                  score + n);
        for (size_t h = 0; h < size; h++) where[n++] = c->free[c->at[item] + h];
    }
    for (size_t part = 0; part < 2; part++) {
        where[n] = c->free[c->group_at + 2 * group + part];
        if (where[n] >= 0) score[n++] = lane_dot(nodes, posterior, (part ? spread : mean) + from);
    }
    return n;
}

/* The lower triangle of factor · score score′; where ascends. Few places are added one by one, many
 * as whole rows (zeros between them), which the processor does several at a time. */
static void add_outer(size_t n_free, size_t n, const int *where, const double *score, double factor,
                      double *out) {
    double whole[PARAMETERS_MAX];
    bool few = 4 * n < n_free;
    if (!few) {
        memset(whole, 0, n_free * sizeof *whole);
        for (size_t a = 0; a < n; a++) whole[where[a]] = score[a];
    }
    for (size_t a = 0; a < n; a++) {
        double *row = out + (size_t)where[a] * n_free, own = factor * score[a];
        if (!few)
            nodes_add_scaled((size_t)where[a] + 1, own, whole, row);
        else
            for (size_t b = 0; b <= a; b++) row[where[b]] += own * score[b];
    }
}

static void outer_piece(void *context, size_t piece) {
    struct information_work *work = context;
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    size_t current = SIZE_MAX;
    double *outer = work->outer + piece * c->n_free * c->n_free;
    double base[NODES_MAX + NODE_LANES], posterior[NODES_MAX + NODE_LANES];
    double mean[NODES_MAX + NODE_LANES], spread[NODES_MAX + NODE_LANES], score[PARAMETERS_MAX + 2];
    int where[PARAMETERS_MAX + 3];
    size_t start = (c->piece_first[piece] + c->stride - 1) / c->stride * c->stride;
    for (size_t mask = start; mask < c->piece_first[piece + 1]; mask += c->stride) {
        if ((size_t)patterns->group[mask] != current) {
            current = (size_t)patterns->group[mask];
            group_score(c, work->x, current, mean, spread);
        }
        mask_base(c, mask, base);
        for (size_t p = patterns->first[mask]; p < patterns->first[mask + 1]; p++) {
            struct span span;
            double taken, total = pattern_posterior(c, mask, p, base, posterior, &taken, &span);
            size_t n = pattern_score(work, mask, posterior, span, mean, spread, where, score);
            double factor = c->inflate * patterns->weight[p] / (total * total);
            add_outer(c->n_free, n, where, score, factor, outer);
        }
    }
}

bool information_make(struct calibration *c, const double *x, double *out) {
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    struct information_work work = { .c = c, .x = x, .out = out };
    size_t square = c->n_free * c->n_free, widest = 1;
    for (size_t i = 0; i < c->n_items; i++)
        if (table_size(c, i) > widest) widest = table_size(c, i);
    work.pair_size = c->n_table * widest * c->grid.padded;
    bool ok = scratch && find_places(c, &work.places, scratch);
    if (ok) {
        work.outer = arena_array(scratch, c->n_pieces * square, sizeof(double));
        work.pair = arena_array(scratch, c->n_items * work.pair_size, sizeof(double));
        ok = work.outer && work.pair;
    }
    if (ok) {
        memset(out, 0, square * sizeof *out);
        pool_run(c->pool, c->n_items, item_piece, &work);
        for (size_t g = 0; g < c->n_groups; g++) group_block(&work, g);
        pool_run(c->pool, c->n_pieces, outer_piece, &work);
        for (size_t i = 0; i < c->n_pieces; i++) nodes_add(square, work.outer + i * square, out);
        for (size_t a = 0; a < c->n_free; a++)
            for (size_t b = 0; b < a; b++) out[b * c->n_free + a] = out[a * c->n_free + b];
    }
    arena_destroy(scratch);
    return ok;
}

/* The observed information by Louis (1982): I = E[−∂² complete] − Σ_p w_p (E[s s′] − E[s] E[s]′),
 * with s the score of the complete data (answers and θ) and expectations over each pattern's
 * posterior.
 *
 * One pass over the patterns: E[s s′] between items by pairs of items (fit_pairs.h); E[s] of a lot
 * of patterns as one product of their posteriors with the tables, Σ E[s] E[s]′ as the square of
 * such a lot. Each piece of work has its own matrix, and they are added in order. */
#include "scale/fit_pairs.h"

#include "num/clones.h"
#include "num/pool.h"
#include "num/product.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

enum { SPARSE = 4 };
#define PAIRS_BYTES (128 * MIB)

/* Columns of a lot: the items' slopes (all of them: codes are added to whole rows), intercepts of
 * free items, the group's two parameters, θ and θ², up to whole lanes. */
struct columns {
    size_t n, group, theta;     /* how many; where the group's and θ begin */
    size_t *slope, *intercepts; /* item: its columns; SIZE_MAX when fixed */
    int *free;                  /* column: row of the information, −1: none */
    double *table;              /* group × node × column: ∂T; not by category */
};

struct information_work {
    struct calibration *c;
    const double *x;
    struct columns columns;
    size_t from, to; /* band of items whose pairs are summed; the first does all else */
    bool by_absence;
    struct room *rooms; /* one a piece */
};

/* What one piece works in. */
struct room {
    double *out; /* n_free²: −Σ w (E[s s′] − E[s] E[s]′) */
    struct pairs pairs;
    size_t n_rows;
    double *rows, *square; /* LOT × columns: √w E[s]; columns²: their square */
    double *product;       /* width²: Σ w x_i x_j E θ² */
    double *moments;       /* LOT × width: √(w E θ²) x */
    double *codes;         /* LOT × width: w x */
    double *posterior;     /* LOT × node */
    double *answered;      /* column: 1 or 0 */
};

void information_add(const struct calibration *c, double *out, size_t a, size_t b, double value) {
    int row = c->free[a], column = c->free[b];
    if (row < 0 || column < 0) return;
    if (column > row) {
        int swap = row;
        row = column;
        column = swap;
    }
    out[(size_t)row * c->n_free + (size_t)column] += value;
}

void group_score(const struct calibration *c, const double *x, size_t group, double *mean,
                 double *spread) {
    double inverse = num_exp(-0.5 * x[c->group_at + 2 * group + 1]);
    for (size_t q = 0; q < c->grid.padded; q++) {
        mean[q] = c->grid.z[q] * inverse;
        spread[q] = 0.5 * (c->grid.z[q] * c->grid.z[q] - 1);
    }
}

/* ---- columns ---- */

static bool make_columns(struct information_work *work, struct arena *arena) {
    const struct calibration *c = work->c;
    struct columns *columns = &work->columns;
    columns->slope = arena_array(arena, c->n_items, sizeof *columns->slope);
    columns->intercepts = arena_array(arena, c->n_items, sizeof *columns->intercepts);
    columns->free = arena_array(arena, c->n_all + c->width + 2 * PRODUCT_LANES, sizeof(int));
    if (!columns->slope || !columns->intercepts || !columns->free) return false;
    size_t n = c->slopes ? c->width : 0;
    for (size_t i = 0; i < n; i++) columns->free[i] = -1;
    for (size_t i = 0; i < c->n_items; i++) {
        bool fixed = c->free[c->at[i]] < 0;
        columns->slope[i] = !c->slopes || fixed ? SIZE_MAX : i;
        if (c->slopes) columns->free[i] = c->free[c->at[i]];
        columns->intercepts[i] = fixed ? SIZE_MAX : n;
        for (int h = 0; h < c->steps[i] && !fixed; h++)
            columns->free[n++] = c->free[c->at[i] + c->slopes + (size_t)h];
    }
    columns->group = n;
    columns->theta = n + 2;
    columns->n = (n + 4 + PRODUCT_LANES - 1) / PRODUCT_LANES * PRODUCT_LANES;
    for (; n < columns->n; n++) columns->free[n] = -1;
    return true;
}

/* The tables turned to have a node's columns beside each other. */
static bool turn_tables(struct information_work *work, struct arena *arena) {
    const struct calibration *c = work->c;
    struct columns *columns = &work->columns;
    size_t padded = c->grid.padded, n = columns->n;
    columns->table = arena_array(arena, c->n_groups * padded, n * sizeof(double));
    if (!columns->table) return false;
    for (size_t g = 0; g < c->n_groups; g++) {
        double *table = columns->table + g * padded * n;
        const double *theta = c->grid.theta + g * padded;
        double mean[NODES_MAX + NODE_LANES], spread[NODES_MAX + NODE_LANES];
        group_score(c, work->x, g, mean, spread);
        for (size_t i = 0; i < c->n_items; i++) {
            if (columns->intercepts[i] == SIZE_MAX) continue;
            for (size_t h = 0; h < item_size(c, i); h++) {
                const double *row = slope_row(c, g, c->slope_at[i] + h);
                double *to = table + (h < c->slopes ? columns->slope[i]
                                                    : columns->intercepts[i] + h - c->slopes);
                for (size_t q = 0; q < padded; q++) to[q * n] = row[q];
            }
        }
        for (size_t q = 0; q < padded; q++) {
            double *to = table + q * n + columns->group;
            to[0] = mean[q];
            to[1] = spread[q];
            to[2] = theta[q];
            to[3] = theta[q] * theta[q];
        }
    }
    return true;
}

/* ---- a lot of patterns ---- */

static void end_lot(const struct information_work *work, struct room *room) {
    const struct calibration *c = work->c;
    product_add_square(work->columns.n, room->n_rows, room->rows, work->columns.n, room->square);
    if (room->moments)
        product_add_square(c->width, room->n_rows, room->moments, c->width, room->product);
    room->n_rows = 0;
}

VECTOR_CLONES static void nodes_scale(size_t n, double factor, double *out) {
    for (size_t q = 0; q < n; q++) out[q] *= factor;
}

VECTOR_CLONES static void times_scaled(size_t n, double factor, const double *a, double *out) {
    for (size_t k = 0; k < n; k++) out[k] *= factor * a[k];
}

static void answered_columns(const struct information_work *work, size_t mask, double *out) {
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    memset(out, 0, work->columns.n * sizeof *out);
    for (size_t at = patterns->item_first[mask]; at < patterns->item_first[mask + 1]; at++) {
        size_t item = patterns->item[at];
        if (work->columns.intercepts[item] == SIZE_MAX) continue;
        if (c->slopes) out[work->columns.slope[item]] = 1;
        for (int h = 0; h < c->steps[item]; h++)
            out[work->columns.intercepts[item] + (size_t)h] = 1;
    }
    out[work->columns.group] = out[work->columns.group + 1] = 1;
}

/* The posteriors of n patterns of a lot from its k-th on, each over its sum; at all nodes of the
 * span that is returned. */
static struct span lot_posteriors(const struct calibration *c, const struct mask_base *mask,
                                  const struct lot *lot, size_t first, size_t n, double *out) {
    size_t padded = c->grid.padded;
    struct span span[LOT], all = { 0, 0 };
    for (size_t k = 0; k < n; k++) {
        double *own = out + k * padded;
        struct posterior_sums sums;
        span[k] = lot_posterior(mask, lot, first + k, own, &sums);
        nodes_scale((size_t)(span[k].to - span[k].from), 1 / sums.total, own + span[k].from);
        all = span_join(all, span[k]);
    }
    for (size_t k = 0; k < n; k++) {
        double *own = out + k * padded;
        for (size_t q = all.from; q < span[k].from; q++) own[q] = 0;
        for (size_t q = span[k].to; q < all.to; q++) own[q] = 0;
    }
    return all;
}

/* n patterns of one mask as rows of the lot, and their part of the mask's own sums. */
static void add_rows(const struct information_work *work, struct room *room, size_t group, size_t p,
                     size_t n, struct span span) {
    const struct calibration *c = work->c;
    const struct columns *columns = &work->columns;
    size_t padded = c->grid.padded, nodes = (size_t)(span.to - span.from);
    double *rows = room->rows + room->n_rows * columns->n;
    memset(rows, 0, n * columns->n * sizeof *rows);
    product_add(
        n, columns->n, nodes, (struct product_left){ room->posterior + span.from, padded, 1 },
        columns->table + (group * padded + span.from) * columns->n, columns->n, rows, columns->n);
    for (size_t k = 0; k < n; k++) {
        double *row = rows + k * columns->n, w = c->patterns.weight[p + k * c->stride] * c->inflate;
        if (c->slopes) {
            const int8_t *code = c->patterns.code + (p + k * c->stride) * c->n_items;
            codes_add_scaled(c->width, row[columns->theta], code, row);
            codes_scaled(c->width, sqrt(w * row[columns->theta + 1]), code,
                         room->moments + (room->n_rows + k) * c->width);
        }
        times_scaled(columns->n, sqrt(w), room->answered, row);
    }
    room->n_rows += n;
}

static void add_own(const struct calibration *c, struct room *room, size_t p, size_t n,
                    struct span span) {
    size_t padded = c->grid.padded, nodes = (size_t)(span.to - span.from);
    for (size_t k = 0; k < n; k++) {
        double w = c->patterns.weight[p + k * c->stride] * c->inflate;
        nodes_add_scaled(nodes, w, room->posterior + k * padded + span.from,
                         room->pairs.own_mass + span.from);
        if (c->slopes && !c->by_category)
            codes_scaled(c->width, w, c->patterns.code + (p + k * c->stride) * c->n_items,
                         room->codes + k * c->width);
    }
    if (c->slopes && !c->by_category)
        product_add(c->n_items, nodes, n, (struct product_left){ room->codes, 1, c->width },
                    room->posterior + span.from, padded, room->pairs.own + span.from, padded);
}

/* ---- one pattern of few items, or by category ---- */

/* E[s] of one pattern: values and columns, ascending. */
static size_t pattern_expectations(const struct information_work *work, const struct run *run,
                                   size_t p, const double *posterior, struct span span, double mean,
                                   size_t *where, double *out) {
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    size_t group = (size_t)patterns->group[run->mask], nodes = (size_t)(span.to - span.from), n = 0;
    for (size_t part = !c->slopes; part < 2; part++) { /* slopes, then intercepts */
        for (size_t at = patterns->item_first[run->mask]; at < patterns->item_first[run->mask + 1];
             at++) {
            size_t item = patterns->item[at], size = item_size(c, item);
            if (work->columns.intercepts[item] == SIZE_MAX) continue;
            size_t row = c->slope_at[item] + (c->by_category ? patterns->category[at] * size : 0);
            size_t rows = part ? (size_t)c->steps[item] : 1;
            if (part) row += c->slopes;
            lane_dots(nodes, posterior + span.from, rows, slope_row(c, group, row) + span.from,
                      c->grid.padded, out + n);
            if (!part && patterns->code) out[n] += mean * patterns->code[p * c->n_items + item];
            size_t column = part ? work->columns.intercepts[item] : work->columns.slope[item];
            for (size_t h = 0; h < rows; h++) where[n++] = column + h;
        }
    }
    double scores[2][NODES_MAX + NODE_LANES];
    group_score(c, work->x, group, scores[0], scores[1]);
    for (size_t part = 0; part < 2; part++) {
        out[n] = lane_dot(nodes, posterior + span.from, scores[part] + span.from);
        where[n++] = work->columns.group + part;
    }
    return n;
}

static void add_pattern(const struct information_work *work, struct room *room,
                        const struct run *run, size_t p, const struct mask_base *mask,
                        struct span span, bool sparse) {
    const struct calibration *c = work->c;
    size_t nodes = (size_t)(span.to - span.from), columns = work->columns.n;
    size_t where[PARAMETERS_MAX + 2];
    double value[PARAMETERS_MAX + 2 + ITEM_PARAMETERS_MAX];
    const double *inside = room->posterior + span.from, *theta = mask->theta + span.from;
    double w = c->patterns.weight[p] * c->inflate, mean = lane_dot(nodes, inside, theta);
    size_t n = pattern_expectations(work, run, p, room->posterior, span, mean, where, value);
    if (sparse) {
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b <= a; b++)
                room->square[where[a] * columns + where[b]] += w * value[a] * value[b];
    } else {
        double *row = room->rows + room->n_rows * columns;
        memset(row, 0, columns * sizeof *row);
        for (size_t a = 0; a < n; a++) row[where[a]] = sqrt(w) * value[a];
        if (room->moments)
            memset(room->moments + room->n_rows * c->width, 0, c->width * sizeof(double));
        room->n_rows++;
    }
    if (!c->patterns.code) return;
    double square = w * lane_dot3(nodes, inside, theta, theta);
    const int8_t *code = c->patterns.code + p * c->n_items;
    const uint16_t *item = c->patterns.item + c->patterns.item_first[run->mask];
    size_t items = c->patterns.item_first[run->mask + 1] - c->patterns.item_first[run->mask];
    for (size_t a = 0; a < items; a++)
        for (size_t b = 0; b <= a; b++)
            room->product[item[a] * c->width + item[b]] += square * code[item[a]] * code[item[b]];
}

/* ---- the pass ---- */

static void add_run(const struct information_work *work, struct room *room, const struct run *run,
                    struct mask_base *mask) {
    const struct calibration *c = work->c;
    size_t group = (size_t)c->patterns.group[run->mask];
    size_t answered = c->patterns.item_first[run->mask + 1] - c->patterns.item_first[run->mask];
    bool sparse = SPARSE * answered < c->n_items, single = sparse || c->by_category;
    struct span all = { 0, 0 };
    mask_open(c, run->mask, mask);
    if (!single && work->from == 0) answered_columns(work, run->mask, room->answered);
    for (size_t p = run->from, ready; p < run->to; p += ready * c->stride) {
        struct lot lot;
        ready = lot_open(c, mask, run, p, &lot);
        for (size_t k = 0, n; k < ready; k += n) {
            if (room->n_rows == LOT) end_lot(work, room);
            n = single ? 1 : ready - k < LOT - room->n_rows ? ready - k : LOT - room->n_rows;
            struct span span = lot_posteriors(c, mask, &lot, k, n, room->posterior);
            size_t first = p + k * c->stride;
            add_own(c, room, first, n, span);
            all = span_join(all, span);
            if (work->from > 0)
                continue;
            else if (single)
                add_pattern(work, room, run, first, mask, span, sparse);
            else
                add_rows(work, room, group, first, n, span);
        }
    }
    pair_rows_spread(&room->pairs, run->mask, all);
}

/* What has been summed of one group goes into the piece's matrix. */
static void end_group(const struct information_work *work, struct room *room, size_t group) {
    const struct calibration *c = work->c;
    const struct columns *columns = &work->columns;
    int row[PARAMETERS_MAX + ITEMS_MAX + 4 * PRODUCT_LANES];
    end_lot(work, room);
    pair_rows_subtract(&room->pairs, work->x, group, room->out);
    if (work->from > 0) return;
    for (size_t i = 0; room->product && i < c->n_items; i++)
        for (size_t j = 0; j <= i; j++)
            information_add(c, room->out, c->at[i], c->at[j], -room->product[i * c->width + j]);
    memcpy(row, columns->free, columns->n * sizeof *row);
    for (size_t part = 0; part < 2; part++)
        row[columns->group + part] = c->free[c->group_at + 2 * group + part];
    for (size_t a = 0; a < columns->n; a++) {
        for (size_t b = 0; row[a] >= 0 && b <= a; b++) {
            if (row[b] < 0) continue;
            int low = row[a] > row[b] ? row[a] : row[b], high = row[a] > row[b] ? row[b] : row[a];
            room->out[(size_t)low * c->n_free + (size_t)high] += room->square[a * columns->n + b];
        }
    }
}

static void information_piece(void *context, size_t piece) {
    const struct information_work *work = context;
    const struct calibration *c = work->c;
    struct room *room = &work->rooms[piece];
    struct mask_base mask = { .peak = 0 };
    struct run run = { 0 };
    size_t group = SIZE_MAX;
    while (next_run(c, piece, &run)) {
        if ((size_t)c->patterns.group[run.mask] != group) {
            if (group != SIZE_MAX) end_group(work, room, group);
            group = (size_t)c->patterns.group[run.mask];
            pair_rows_clear(&room->pairs);
            memset(room->square, 0, work->columns.n * work->columns.n * sizeof(double));
            if (room->product) memset(room->product, 0, c->width * c->width * sizeof(double));
        }
        add_run(work, room, &run, &mask);
    }
    if (group != SIZE_MAX) end_group(work, room, group);
}

/* ---- what needs the sums of the E-step alone ---- */

/* An item with itself: the complete curvature, and by category what pairs of items leave out. */
static void item_block(const struct information_work *work, size_t group, size_t item,
                       double *out) {
    const struct calibration *c = work->c;
    size_t size = item_size(c, item), padded = c->grid.padded;
    double own[ITEM_PARAMETERS_MAX * ITEM_PARAMETERS_MAX] = { 0 };
    item_curvature(c, group, item, work->x, own);
    if (c->slopes && c->prior[item] && group == 0)
        own[0] += prior_curvature(c, work->x[c->at[item]]);
    for (size_t k = 0; c->by_category && k < table_size(c, item); k++) {
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
            information_add(c, out, c->at[item] + h, c->at[item] + l, own[h * size + l]);
}

/* By category: an item with its group. */
static void item_group_block(const struct information_work *work, size_t group, size_t item,
                             double *out) {
    const struct calibration *c = work->c;
    size_t size = item_size(c, item), padded = c->grid.padded, at = c->group_at + 2 * group;
    double mean[NODES_MAX + NODE_LANES], spread[NODES_MAX + NODE_LANES];
    group_score(c, work->x, group, mean, spread);
    for (size_t k = 0; k < table_size(c, item); k++) {
        const double *expected = table_row(c, c->expected, group, c->table_at[item] + k);
        for (size_t h = 0; h < size; h++) {
            const double *d = slope_row(c, group, c->slope_at[item] + k * size + h);
            information_add(c, out, at, c->at[item] + h, -lane_dot3(padded, expected, d, mean));
            information_add(c, out, at + 1, c->at[item] + h,
                            -lane_dot3(padded, expected, d, spread));
        }
    }
}

static void group_block(const struct information_work *work, size_t group, double *out) {
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
    information_add(c, out, at, at, block[0]);
    information_add(c, out, at + 1, at, block[1]);
    information_add(c, out, at + 1, at + 1, block[2]);
}

/* ---- all of it ---- */

static bool make_room(const struct information_work *work, struct room *room, struct arena *arena) {
    const struct calibration *c = work->c;
    size_t n = work->columns.n;
    bool codes = c->slopes && !c->by_category;
    room->out = arena_array(arena, c->n_free * c->n_free, sizeof(double));
    room->rows = arena_array(arena, LOT * n, sizeof(double));
    room->square = arena_array(arena, n * n, sizeof(double));
    room->posterior = arena_array(arena, LOT * c->grid.padded, sizeof(double));
    room->answered = arena_array(arena, n, sizeof(double));
    room->moments = codes ? arena_array(arena, LOT * c->width, sizeof(double)) : NULL;
    room->product = codes ? arena_array(arena, c->width * c->width, sizeof(double)) : NULL;
    room->codes = codes ? arena_array(arena, LOT * c->width, sizeof(double)) : NULL;
    return room->out && room->rows && room->square && room->posterior && room->answered &&
           (!codes || (room->moments && room->codes && room->product));
}

/* Whether pairs by absence are the fewer. */
static bool mostly_answered(const struct calibration *c) {
    const struct patterns *patterns = &c->patterns;
    double answered = 0, absent = 0;
    for (size_t mask = 0; mask < patterns->n_masks && !c->by_category; mask++) {
        double n = (double)(patterns->item_first[mask + 1] - patterns->item_first[mask]);
        answered += n * n;
        absent += n * ((double)c->n_items - n);
    }
    return absent < answered;
}

/* One band of items after another, so that the rows of all pairs fit; mostly one holds all. */
static bool add_pieces(struct information_work *work, double *out, struct arena *scratch) {
    struct calibration *c = work->c;
    size_t band = pair_rows_band(c, PAIRS_BYTES / c->n_pieces), square = c->n_free * c->n_free;
    work->rooms = arena_array(scratch, c->n_pieces, sizeof *work->rooms);
    if (!work->rooms) return false;
    for (size_t i = 0; i < c->n_pieces; i++)
        if (!make_room(work, &work->rooms[i], scratch)) return false;
    for (work->from = 0; work->from < c->n_items; work->from = work->to) {
        work->to = work->from + band < c->n_items ? work->from + band : c->n_items;
        struct arena *rows = arena_create(ARENA_JOB_MAX);
        bool ok = rows != NULL;
        for (size_t i = 0; ok && i < c->n_pieces; i++)
            ok = pair_rows_make(c, work->by_absence, work->from, work->to, &work->rooms[i].pairs,
                                rows);
        if (ok) pool_run(c->pool, c->n_pieces, information_piece, work);
        arena_destroy(rows);
        if (!ok) return false;
    }
    for (size_t i = 0; i < c->n_pieces; i++) nodes_add(square, work->rooms[i].out, out);
    return true;
}

bool information_make(struct calibration *c, const double *x, double *out) {
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    struct information_work work = { .c = c, .x = x, .by_absence = mostly_answered(c) };
    memset(out, 0, c->n_free * c->n_free * sizeof *out);
    bool ok = scratch && make_columns(&work, scratch) &&
              (c->by_category || turn_tables(&work, scratch)) && add_pieces(&work, out, scratch);
    for (size_t g = 0; ok && g < c->n_groups; g++) {
        for (size_t i = 0; i < c->n_items; i++) {
            item_block(&work, g, i, out);
            if (c->by_category) item_group_block(&work, g, i, out);
        }
        group_block(&work, g, out);
    }
    for (size_t a = 0; a < c->n_free; a++)
        for (size_t b = 0; b < a; b++) out[b * c->n_free + a] = out[a * c->n_free + b];
    arena_destroy(scratch);
    return ok;
}

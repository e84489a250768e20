/* Sums over pairs of items for the information. */
#include "scale/fit_pairs.h"

#include <string.h>

static size_t item_room(const struct calibration *c) {
    size_t widest = 1;
    if (!c->by_category) return c->n_items * c->grid.padded;
    for (size_t i = 0; i < c->n_items; i++)
        if (table_size(c, i) > widest) widest = table_size(c, i);
    return c->n_table * widest * c->grid.padded;
}

size_t pair_rows_band(const struct calibration *c, size_t most) {
    size_t one = item_room(c) * sizeof(double) * (c->slopes && !c->by_category ? 2 : 1);
    size_t items = most / one;
    return items < 1 ? 1 : items > c->n_items ? c->n_items : items;
}

bool pair_rows_make(const struct calibration *c, bool by_absence, size_t from, size_t to,
                    struct pairs *out, struct arena *arena) {
    bool tilted = c->slopes && !c->by_category;
    *out = (struct pairs){
        .c = c, .from = from, .to = to, .by_absence = by_absence, .size = item_room(c)
    };
    out->mass = arena_array(arena, (to - from) * out->size, sizeof(double));
    out->own_mass = arena_array(arena, c->grid.padded, sizeof(double));
    if (!out->mass || !out->own_mass) return false;
    if (!tilted) return true;
    out->tilt = arena_array(arena, (to - from) * out->size, sizeof(double));
    out->own = arena_array(arena, c->width * c->grid.padded, sizeof(double));
    return out->tilt && out->own;
}

void pair_rows_clear(struct pairs *pairs) {
    size_t bytes = (pairs->to - pairs->from) * pairs->size * sizeof(double);
    memset(pairs->mass, 0, bytes);
    if (pairs->tilt) memset(pairs->tilt, 0, bytes);
}

/* ---- one mask ---- */

static void spread_categories(struct pairs *pairs, size_t mask, struct span span) {
    const struct calibration *c = pairs->c;
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, n = (size_t)(span.to - span.from);
    size_t first = patterns->item_first[mask], end = patterns->item_first[mask + 1];
    double *to[ITEMS_MAX];
    for (size_t at = first; at < end; at++) {
        size_t item = patterns->item[at], rows = table_size(c, item), others = at - first;
        if (item < pairs->from || item >= pairs->to) continue;
        double *own = pairs->mass + (item - pairs->from) * pairs->size + span.from;
        for (size_t j = 0; j < others; j++) {
            size_t row = c->table_at[patterns->item[first + j]] + patterns->category[first + j];
            to[j] = own + (row * rows + patterns->category[at]) * padded;
        }
        nodes_add_to(n, pairs->own_mass + span.from, others, to);
    }
}

/* An item of the mask with those in others[], and with itself. */
static void spread_item(struct pairs *pairs, size_t item, size_t n_others, const uint16_t *others,
                        struct span span) {
    size_t padded = pairs->c->grid.padded, n = (size_t)(span.to - span.from);
    size_t base = (item - pairs->from) * pairs->size + span.from;
    const double *mass = pairs->own_mass + span.from;
    const double *tilt = pairs->tilt ? pairs->own + item * padded + span.from : NULL;
    for (size_t k = 0; k < n_others; k++) {
        size_t other = others[k];
        if (other < item) nodes_add(n, mass, pairs->mass + base + other * padded);
        if (tilt && other != item) nodes_add(n, tilt, pairs->tilt + base + other * padded);
    }
    nodes_add(n, mass, pairs->mass + base + item * padded);
    if (tilt) nodes_add(n, tilt, pairs->tilt + base + item * padded);
}

static void spread_masses(struct pairs *pairs, size_t mask, struct span span) {
    const struct patterns *patterns = &pairs->c->patterns;
    const uint16_t *items = patterns->item + patterns->item_first[mask], *others = items;
    size_t n = patterns->item_first[mask + 1] - patterns->item_first[mask], n_others = n;
    uint16_t absent[ITEMS_MAX];
    if (pairs->by_absence) {
        size_t at = 0;
        n_others = 0;
        for (size_t i = 0; i < pairs->c->n_items; i++) {
            if (at < n && items[at] == i)
                at++;
            else
                absent[n_others++] = (uint16_t)i;
        }
        others = absent;
    }
    for (size_t at = 0; at < n; at++)
        if (items[at] >= pairs->from && items[at] < pairs->to)
            spread_item(pairs, items[at], n_others, others, span);
}

void pair_rows_spread(struct pairs *pairs, size_t mask, struct span span) {
    size_t padded = pairs->c->grid.padded, bytes = (size_t)(span.to - span.from) * sizeof(double);
    (pairs->c->by_category ? spread_categories : spread_masses)(pairs, mask, span);
    memset(pairs->own_mass + span.from, 0, bytes);
    for (size_t i = 0; pairs->own && i < pairs->c->n_items; i++)
        memset(pairs->own + i * padded + span.from, 0, bytes);
}

/* ---- all of a group ---- */

/* By category: R_{ik,jl}(q) ∂log P_ik ∂log P_jl′. */
static void subtract_categories(struct pairs *pairs, size_t group, size_t item, size_t other,
                                double *out) {
    const struct calibration *c = pairs->c;
    size_t padded = c->grid.padded, rows = table_size(c, item), size = item_size(c, item);
    size_t other_size = item_size(c, other);
    const double *pair = pairs->mass + (item - pairs->from) * pairs->size;
    double product[NODES_MAX + NODE_LANES], dots[ITEM_PARAMETERS_MAX];
    for (size_t b = 0; b < table_size(c, other); b++) {
        const double *d = slope_row(c, group, c->slope_at[other] + b * other_size);
        for (size_t k = 0; k < rows; k++) {
            const double *both = pair + ((c->table_at[other] + b) * rows + k) * padded;
            for (size_t h = 0; h < size; h++) {
                const double *own = slope_row(c, group, c->slope_at[item] + k * size + h);
                nodes_times(padded, both, own, product);
                lane_dots(padded, product, other_size, d, padded, dots);
                for (size_t l = 0; l < other_size; l++)
                    information_add(c, out, c->at[item] + h, c->at[other] + l, -dots[l]);
            }
        }
    }
}

/* The row of a pair, all of the persons who answered both; in room when it must be made. */
static const double *both_row(const struct pairs *pairs, const double *rows, size_t item,
                              size_t other, double *room) {
    size_t padded = pairs->c->grid.padded;
    const double *own = rows + (item - pairs->from) * pairs->size;
    const double *row = own + other * padded;
    if (!pairs->by_absence || item == other) return row;
    memcpy(room, own + item * padded, padded * sizeof *room);
    nodes_add_scaled(padded, -1, row, room);
    return room;
}

/* With u_i = x_i θ ∂… gathered over persons: E[s_ai s_cj] = Σ (X_{i|j} θ + M ∂T_i/∂a) ∂T_j/∂c, and
 * so on. X_{j|i} stands in j's rows, so an item's slope is taken with all others, its intercepts
 * with those up to itself. */
static void subtract_slope(struct pairs *pairs, size_t group, size_t item, size_t other,
                           const double *mass, double *out) {
    const struct calibration *c = pairs->c;
    size_t padded = c->grid.padded, size = item_size(c, other);
    double room[NODES_MAX + NODE_LANES], tilt[NODES_MAX + NODE_LANES],
        score[NODES_MAX + NODE_LANES], dots[ITEM_PARAMETERS_MAX];
    const double *theta = c->grid.theta + group * padded;
    const double *own = slope_row(c, group, c->slope_at[item]);
    const double *d = slope_row(c, group, c->slope_at[other]);
    nodes_times(padded, both_row(pairs, pairs->tilt, item, other, room), theta, tilt);
    nodes_times(padded, mass, own, score);
    nodes_add(padded, tilt, score); /* Σ w s_ai posterior */
    lane_dots(padded, score, size, d, padded, dots);
    for (size_t l = 1; l < size; l++)
        information_add(c, out, c->at[item], c->at[other] + l, -dots[l]);
    double cross = lane_dot(padded, tilt, d); /* Σ x_i θ ∂T_j/∂a, once for either order */
    if (other < item) cross += lane_dot3(padded, mass, own, d);
    if (other == item) cross = 2 * cross + lane_dot3(padded, mass, own, d);
    information_add(c, out, c->at[item], c->at[other], -cross);
}

static void subtract_pair(struct pairs *pairs, size_t group, size_t item, size_t other,
                          double *out) {
    const struct calibration *c = pairs->c;
    size_t padded = c->grid.padded, s = c->slopes, size = item_size(c, other);
    double room[NODES_MAX + NODE_LANES], product[NODES_MAX + NODE_LANES], dots[ITEM_PARAMETERS_MAX];
    const double *mass = both_row(pairs, pairs->mass, item, other, room);
    const double *d = slope_row(c, group, c->slope_at[other]);
    for (size_t h = s; h < item_size(c, item); h++) {
        nodes_times(padded, mass, slope_row(c, group, c->slope_at[item] + h), product);
        lane_dots(padded, product, size, d, padded, dots);
        for (size_t l = s; l < size; l++)
            if (other < item || l <= h)
                information_add(c, out, c->at[item] + h, c->at[other] + l, -dots[l]);
        if (s && other < item) information_add(c, out, c->at[item] + h, c->at[other], -dots[0]);
    }
    if (s) subtract_slope(pairs, group, item, other, mass, out);
}

/* The part of s_ai with j > i, of which the first item's rows hold X_{i|j} alone: the mass is in
 * j's rows and has been taken there. */
static void subtract_later(struct pairs *pairs, size_t group, size_t item, size_t other,
                           double *out) {
    const struct calibration *c = pairs->c;
    size_t padded = c->grid.padded, size = item_size(c, other);
    double room[NODES_MAX + NODE_LANES], tilt[NODES_MAX + NODE_LANES], dots[ITEM_PARAMETERS_MAX];
    nodes_times(padded, both_row(pairs, pairs->tilt, item, other, room),
                c->grid.theta + group * padded, tilt);
    lane_dots(padded, tilt, size, slope_row(c, group, c->slope_at[other]), padded, dots);
    for (size_t l = 0; l < size; l++)
        information_add(c, out, c->at[item], c->at[other] + l, -dots[l]);
}

static void subtract_group(struct pairs *pairs, const double *x, size_t group, size_t item,
                           double *out) {
    const struct calibration *c = pairs->c;
    size_t padded = c->grid.padded, at = c->group_at + 2 * group, own = item - pairs->from;
    double score[2][NODES_MAX + NODE_LANES], product[NODES_MAX + NODE_LANES];
    const double *mass = pairs->mass + own * pairs->size + item * padded;
    group_score(c, x, group, score[0], score[1]);
    for (size_t h = 0; h < item_size(c, item); h++) {
        nodes_times(padded, mass, slope_row(c, group, c->slope_at[item] + h), product);
        if (c->slopes && h == 0) {
            double tilt[NODES_MAX + NODE_LANES];
            nodes_times(padded, pairs->tilt + own * pairs->size + item * padded,
                        c->grid.theta + group * padded, tilt);
            nodes_add(padded, tilt, product);
        }
        for (size_t part = 0; part < 2; part++)
            information_add(c, out, at + part, c->at[item] + h,
                            -lane_dot(padded, product, score[part]));
    }
}

void pair_rows_subtract(struct pairs *pairs, const double *x, size_t group, double *out) {
    const struct calibration *c = pairs->c;
    for (size_t item = pairs->from; item < pairs->to; item++) {
        if (c->by_category) {
            for (size_t other = 0; other < item; other++)
                subtract_categories(pairs, group, item, other, out);
            continue;
        }
        for (size_t other = 0; other <= item; other++)
            subtract_pair(pairs, group, item, other, out);
        for (size_t other = item + 1; pairs->tilt && other < c->n_items; other++)
            subtract_later(pairs, group, item, other, out);
        subtract_group(pairs, x, group, item, out);
    }
}

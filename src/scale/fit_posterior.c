/* Posteriors: of a mask's patterns, one after another. */
#include "scale/fit_internal.h"

#include "num/clones.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

#define POSTERIOR_REACH 30.0 /* e^−30 of the largest is lost in rounding */
#define SPACING_MOST 4.0
#define TILT_MOST 50.0
#define PLACE_MOST 0x1p40

/* The mask of a pattern. */
static size_t mask_with(const struct patterns *patterns, size_t pattern) {
    size_t low = 0, high = patterns->n_masks;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (patterns->first[middle] <= pattern)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool next_run(const struct calibration *c, size_t piece, struct run *run) {
    const struct patterns *patterns = &c->patterns;
    size_t end = c->piece_first[piece + 1], at = run->to ? run->to : c->piece_first[piece];
    at = (at + c->stride - 1) / c->stride * c->stride; /* the next that is looked at */
    if (at >= end) return false;
    if (run->to == 0) run->mask = mask_with(patterns, at);
    while (patterns->first[run->mask + 1] <= at) run->mask++;
    run->from = at;
    run->to = patterns->first[run->mask + 1] < end ? patterns->first[run->mask + 1] : end;
    return true;
}

/* ---- one mask ---- */

VECTOR_CLONES static void add_four(size_t n, const double *const row[4], double *out) {
    for (size_t q = 0; q < n; q++) out[q] += (row[0][q] + row[1][q]) + (row[2][q] + row[3][q]);
}

VECTOR_CLONES static void nodes_subtract(size_t n, const double *a, double *out) {
    for (size_t q = 0; q < n; q++) out[q] -= a[q];
}

/* Half a spacing moves no node's logarithm by more than TILT_MOST against another's. */
static void set_spacing(const struct calibration *c, size_t group, struct mask_base *out) {
    const double *theta = c->grid.theta + group * c->grid.padded;
    double range = theta[c->grid.n - 1] - theta[0];
    out->theta = theta;
    out->step = range / (double)(c->grid.n - 1);
    out->spacing = fmin(SPACING_MOST, 2 * TILT_MOST / range);
    out->per_spacing = 1 / out->spacing;
    for (size_t i = 0; i < ANCHORS; i++) out->anchor[i].number = -1;
}

/* Sums the rows of what was answered; where little was not, takes its rows from the sum of all. */
void mask_open(const struct calibration *c, size_t mask, struct mask_base *out) {
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, group = (size_t)patterns->group[mask];
    size_t at = patterns->item_first[mask], end = patterns->item_first[mask + 1];
    double *base = out->log_posterior;
    if (out->peak >= c->grid.n) out->peak = c->grid.n / 2;
    set_spacing(c, group, out);
    if (!c->by_category && 2 * (end - at) > c->n_items) {
        memcpy(base, c->all + group * padded, padded * sizeof *base);
        for (size_t i = 0; i < c->n_items; i++) {
            if (at < end && patterns->item[at] == i)
                at++;
            else
                nodes_subtract(padded, table_row(c, c->table, group, c->table_at[i]), base);
        }
        return;
    }
    memcpy(base, c->grid.log_weight, padded * sizeof *base);
    const double *row[4];
    for (size_t n = 0; at < end; at++) {
        size_t category = c->by_category ? patterns->category[at] : 0;
        row[n++] = table_row(c, c->table, group, c->table_at[patterns->item[at]] + category);
        if (n == 4)
            add_four(padded, row, base);
        else if (at + 1 == end)
            for (size_t k = 0; k < n; k++) nodes_add(padded, row[k], base);
        n %= 4;
    }
}

double pattern_score(const struct calibration *c, size_t pattern) {
    const struct patterns *patterns = &c->patterns;
    if (patterns->code) return codes_dot(c->width, c->scale, patterns->code + pattern * c->n_items);
    return patterns->score[pattern];
}

/* ---- one pattern ---- */

/* A posterior needs no exponential a node: it is that of a score nearby, tilted by e^{(t − s) θ},
 * on equidistant nodes a geometric series. The nearby scores s stand spacing apart, and each is
 * made when a pattern of the mask first needs it. */
static void make_anchor(const struct calibration *c, struct mask_base *mask, int64_t number,
                        struct anchor *out) {
    const double *base = mask->log_posterior, *theta = mask->theta;
    double score = ((double)number - PLACE_MOST + 0.5) * mask->spacing, reach = 0.5 * mask->spacing;
    size_t peak = mask->peak, last = c->grid.n - 1;
    double at_peak = base[peak] + score * theta[peak], beside;
    while (peak < last && (beside = base[peak + 1] + score * theta[peak + 1]) > at_peak) {
        at_peak = beside;
        peak++;
    }
    while (peak > 0 && (beside = base[peak - 1] + score * theta[peak - 1]) > at_peak) {
        at_peak = beside;
        peak--;
    }
    mask->peak = peak;
    /* Nodes that any score up to half a spacing away may reach. */
    size_t from = peak / NODE_LANES * NODE_LANES, to = from + NODE_LANES;
    double least = at_peak - POSTERIOR_REACH;
    while (from > 0 &&
           base[from - 1] + score * theta[from - 1] + reach * (theta[peak] - theta[from - 1]) >
               least)
        from -= NODE_LANES;
    while (to < c->grid.padded &&
           base[to] + score * theta[to] + reach * (theta[to] - theta[peak]) > least)
        to += NODE_LANES;
    double *weight = mask->weight + (size_t)(out - mask->anchor) * c->grid.padded;
    for (size_t q = from; q < to; q++) weight[q] = (base[q] + score * theta[q]) - at_peak;
    num_exp_array(to - from, weight + from, weight + from);
    *out = (struct anchor){ .number = number,
                            .score = score,
                            .log_peak = at_peak,
                            .peak = peak,
                            .weight = weight,
                            .span = { (uint16_t)from, (uint16_t)to } };
}

static int64_t anchor_number(const struct mask_base *mask, double score) {
    double place = score * mask->per_spacing + PLACE_MOST; /* below 0 as well; a runaway's is 0 */
    return place > 0 && place < 2 * PLACE_MOST ? (int64_t)place : 0;
}

size_t lot_open(const struct calibration *c, struct mask_base *mask, const struct run *run,
                size_t p, struct lot *lot) {
    double power[2 * LOT];
    int64_t first = 0;
    size_t n = 0;
    for (; n < LOT && p < run->to; n++, p += c->stride) {
        double score = pattern_score(c, p);
        int64_t number = anchor_number(mask, score);
        if (n == 0) first = number;
        if (number - first >= ANCHORS / 2 || first - number >= ANCHORS / 2) break;
        struct anchor *anchor = &mask->anchor[number % ANCHORS];
        if (anchor->number != number) make_anchor(c, mask, number, anchor);
        double away = score - anchor->score, peak = mask->theta[anchor->peak];
        lot->anchor[n] = anchor;
        lot->score[n] = score;
        lot->log_taken[n] = anchor->log_peak + away * peak;
        power[2 * n] = away * (mask->theta[anchor->span.from] - peak);
        power[2 * n + 1] = away * mask->step;
    }
    num_exp_array(2 * n, power, power);
    for (size_t k = 0; k < n; k++) {
        lot->first[k] = power[2 * k];
        lot->ratio[k] = power[2 * k + 1];
    }
    return n;
}

struct span lot_posterior(const struct mask_base *mask, const struct lot *lot, size_t k,
                          double *out, struct posterior_sums *sums) {
    const struct anchor *anchor = lot->anchor[k];
    struct span span = anchor->span;
    sums->log_taken = lot->log_taken[k];
    sums->total = nodes_tilt((size_t)(span.to - span.from), lot->first[k], lot->ratio[k],
                             anchor->weight + span.from, mask->theta + span.from, out + span.from,
                             &sums->moment);
    return span;
}

struct span span_join(struct span a, struct span b) {
    if (a.to == 0) return b;
    return (struct span){ a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to };
}

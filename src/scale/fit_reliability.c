/* Reliability of EAP and WLE over the persons of a calibration.
 *
 * Every pattern's EAP comes from its posterior. Its WLE is read off tables of the items' score,
 * information and J on a fine grid (linear between nodes a few hundredths of a logit apart: within
 * 1e−5 of scale_score's, at a fiftieth of the time, which would else be most of a calibration's).
 */
#include "scale/fit_internal.h"

#include "num/pool.h"
#include "scale/likelihood.h"

#include <math.h>

enum { WLE_NODES = 2048 };
#define WLE_MARGIN                                                                                 \
    8.0 /* beyond the outermost steps, over the slope: where nobody's estimate lies */

struct reliability_work {
    const struct calibration *c;
    const struct scale_model *model;
    double low, step;
    struct item_terms *terms; /* node × row of T: of one answer */
    struct item_terms *all;   /* node: of all items, where T has one row an item */
    struct moments {
        double n, eap, eap2, eap_error, wle, wle2, wle_error;
    } moments[PIECES_MAX];
};

/* The rows of T whose terms make a mask's: those answered, or those not, to be taken from all. */
struct mask_terms {
    bool from_all;
    size_t n, row[ITEMS_MAX];
    size_t node; /* where the last pattern's estimate was */
};

static void fill_node(void *context, size_t node) {
    struct reliability_work *work = context;
    const struct calibration *c = work->c;
    double theta = work->low + work->step * (double)node;
    struct item_terms *all = &work->all[node];
    for (size_t i = 0; i < c->n_items; i++) {
        struct item_terms *own = work->terms + node * c->n_table + c->table_at[i];
        for (size_t k = 0; k < table_size(c, i); k++)
            own[k] = item_terms(work->model->model, &work->model->items[i], theta, (int)k);
        all->score += own->score;
        all->information += own->information;
        all->j += own->j;
    }
}

static void list_rows(const struct calibration *c, size_t mask, struct mask_terms *out) {
    const struct patterns *patterns = &c->patterns;
    size_t at = patterns->item_first[mask], end = patterns->item_first[mask + 1];
    out->from_all = !c->by_category && 2 * (end - at) > c->n_items;
    out->n = 0;
    for (size_t i = 0; i < c->n_items; i++) {
        bool answered = at < end && patterns->item[at] == i;
        if (answered != out->from_all)
            out->row[out->n++] = c->table_at[i] + (c->by_category ? patterns->category[at] : 0);
        at += answered;
    }
}

/* Warm's equation S + J/2I at a node. */
static double equation(const struct reliability_work *work, const struct mask_terms *mask,
                       double score, size_t node, double *information) {
    const struct item_terms *terms = work->terms + node * work->c->n_table;
    struct item_terms sum = { 0 };
    for (size_t k = 0; k < mask->n; k++) {
        const struct item_terms *own = terms + mask->row[k];
        sum.score += own->score;
        sum.information += own->information;
        sum.j += own->j;
    }
    if (mask->from_all) {
        const struct item_terms *all = &work->all[node];
        sum = (struct item_terms){ all->score - sum.score, all->information - sum.information,
                                   all->j - sum.j };
    }
    *information = sum.information;
    return score + sum.score + (sum.information > 0 ? sum.j / (2 * sum.information) : 0);
}

/* A node, and what the equation says there. */
struct side {
    size_t node;
    double value, information;
};

static struct side side_at(const struct reliability_work *work, const struct mask_terms *mask,
                           double score, size_t node) {
    struct side out = { .node = node };
    out.value = equation(work, mask, score, node, &out.information);
    return out;
}

/* Goes from the last estimate until two nodes bracket the root, halves what is between them until
 * they are neighbours, and draws a line. */
static double estimate(const struct reliability_work *work, struct mask_terms *mask, double score,
                       double *error) {
    struct side low = side_at(work, mask, score, mask->node), high = low;
    for (size_t reach = 4; low.value <= 0 && low.node > 0; reach *= 2) {
        high = low;
        low = side_at(work, mask, score, low.node > reach ? low.node - reach : 0);
    }
    for (size_t reach = 4; high.value > 0 && high.node < WLE_NODES - 1; reach *= 2) {
        low = high;
        size_t to = high.node + reach;
        high = side_at(work, mask, score, to < WLE_NODES ? to : WLE_NODES - 1);
    }
    while (high.node - low.node > 1) {
        struct side middle = side_at(work, mask, score, low.node + (high.node - low.node) / 2);
        if (middle.value > 0)
            low = middle;
        else
            high = middle;
    }
    mask->node = low.node;
    double share = low.value > high.value ? low.value / (low.value - high.value) : 0.5;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    *error = 1 / fmax((1 - share) * low.information + share * high.information, 1e-12);
    return work->low + work->step * ((double)low.node + share);
}

static void add_moments(const struct mask_base *mask, const struct lot *lot, size_t k, double w,
                        double wle, double wle_error, struct moments *sum) {
    double posterior[NODES_MAX + NODE_LANES];
    struct posterior_sums sums;
    struct span span = lot_posterior(mask, lot, k, posterior, &sums);
    const double *inside = posterior + span.from, *theta = mask->theta + span.from;
    double eap = sums.moment / sums.total;
    double square = lane_dot3((size_t)(span.to - span.from), inside, theta, theta) / sums.total;
    sum->n += w;
    sum->eap += w * eap;
    sum->eap2 += w * eap * eap;
    sum->eap_error += w * fmax(square - eap * eap, 0);
    sum->wle += w * wle;
    sum->wle2 += w * wle * wle;
    sum->wle_error += w * wle_error;
}

static void moments_piece(void *context, size_t piece) {
    struct reliability_work *work = context;
    const struct calibration *c = work->c;
    struct mask_base mask = { .peak = 0 };
    struct mask_terms terms = { .node = WLE_NODES / 2 };
    struct run run = { 0 };
    while (next_run(c, piece, &run)) {
        mask_open(c, run.mask, &mask);
        list_rows(c, run.mask, &terms);
        for (size_t p = run.from, n; p < run.to; p += n) {
            struct lot lot;
            n = lot_open(c, &mask, &run, p, &lot);
            for (size_t k = 0; k < n; k++) {
                double error, wle = estimate(work, &terms, lot.score[k], &error);
                add_moments(&mask, &lot, k, c->patterns.weight[p + k], wle, error,
                            &work->moments[piece]);
            }
        }
    }
}

static void extent_of(const struct scale_model *model, double *low, double *high) {
    *low = HUGE_VAL;
    *high = -HUGE_VAL;
    for (size_t i = 0; i < model->n_items; i++) {
        double slope = model_has_slopes(model->model) ? fabs(model->items[i].slope) : 1;
        double margin = WLE_MARGIN / fmin(fmax(slope, 0.1), 1);
        for (int h = 0; h < model->items[i].steps; h++) {
            *low = fmin(*low, model->items[i].location[h] - margin);
            *high = fmax(*high, model->items[i].location[h] + margin);
        }
    }
}

bool reliability_make(struct calibration *c, struct fit_result *out) {
    double low, high;
    extent_of(&out->model, &low, &high);
    struct reliability_work work = {
        .c = c, .model = &out->model, .low = low, .step = (high - low) / (WLE_NODES - 1)
    };
    work.terms = arena_array(c->arena, WLE_NODES * c->n_table, sizeof *work.terms);
    work.all = arena_array(c->arena, WLE_NODES, sizeof *work.all);
    if (!work.terms || !work.all) return false;
    pool_run(c->pool, WLE_NODES, fill_node, &work);
    pool_run(c->pool, c->n_pieces, moments_piece, &work);
    struct moments sum = { 0 };
    for (size_t i = 0; i < c->n_pieces; i++) {
        const struct moments *own = &work.moments[i];
        sum.n += own->n;
        sum.eap += own->eap;
        sum.eap2 += own->eap2;
        sum.eap_error += own->eap_error;
        sum.wle += own->wle;
        sum.wle2 += own->wle2;
        sum.wle_error += own->wle_error;
    }
    double eap = sum.eap2 - sum.eap * sum.eap / sum.n, wle = sum.wle2 - sum.wle * sum.wle / sum.n;
    if (eap + sum.eap_error > 0) out->reliability_eap = eap / (eap + sum.eap_error);
    if (wle > 0) out->reliability_wle = 1 - sum.wle_error / wle;
    return true;
}

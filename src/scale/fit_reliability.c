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
    struct moments {
        double n, eap, eap2, eap_error, wle, wle2, wle_error;
    } moments[PIECES_MAX];
};

static void fill_node(void *context, size_t node) {
    struct reliability_work *work = context;
    const struct calibration *c = work->c;
    double theta = work->low + work->step * (double)node;
    for (size_t i = 0; i < c->n_items; i++)
        for (size_t k = 0; k < table_size(c, i); k++)
            work->terms[node * c->n_table + c->table_at[i] + k] =
                item_terms(work->model->model, &work->model->items[i], theta, (int)k);
}

/* Warm's equation S + J/2I at a node. */
static double equation(const struct reliability_work *work, size_t mask, double score, size_t node,
                       double *information) {
    const struct patterns *patterns = &work->c->patterns;
    const struct item_terms *terms = work->terms + node * work->c->n_table;
    struct item_terms sum = { .score = score };
    for (size_t at = patterns->item_first[mask]; at < patterns->item_first[mask + 1]; at++) {
        const struct item_terms *own = terms + work->c->table_at[patterns->item[at]] +
                                       (work->c->by_category ? patterns->category[at] : 0);
        sum.score += own->score;
        sum.information += own->information;
        sum.j += own->j;
    }
    *information = sum.information;
    return sum.score + (sum.information > 0 ? sum.j / (2 * sum.information) : 0);
}

/* Halves the nodes until two neighbours bracket the root, and draws a line between them. */
static double estimate(const struct reliability_work *work, size_t mask, double score,
                       double *error) {
    size_t low = 0, high = WLE_NODES - 1;
    double information_low, information_high;
    double at_low = equation(work, mask, score, low, &information_low);
    double at_high = equation(work, mask, score, high, &information_high);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        double information, value = equation(work, mask, score, middle, &information);
        if (value > 0) {
            low = middle;
            at_low = value;
            information_low = information;
        } else {
            high = middle;
            at_high = value;
            information_high = information;
        }
    }
    double share = at_low > at_high ? at_low / (at_low - at_high) : 0.5;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    *error = 1 / fmax((1 - share) * information_low + share * information_high, 1e-12);
    return work->low + work->step * ((double)low + share);
}

static void moments_piece(void *context, size_t piece) {
    struct reliability_work *work = context;
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    struct moments *sum = &work->moments[piece];
    double posterior[NODES_MAX + NODE_LANES];
    struct mask_base mask = { .peak = 0 };
    struct run run = { 0 };
    while (next_run(c, piece, &run)) {
        mask_open(c, run.mask, &mask);
        for (size_t p = run.from; p < run.to; p++) {
            struct posterior_sums sums;
            double own = pattern_score(c, p);
            struct span span = pattern_posterior(c, &mask, own, posterior, &sums);
            size_t n = (size_t)(span.to - span.from);
            const double *inside = posterior + span.from, *at = mask.theta + span.from;
            double eap = sums.moment / sums.total;
            double square = lane_dot3(n, inside, at, at) / sums.total;
            double error, wle = estimate(work, run.mask, own, &error);
            double w = patterns->weight[p];
            sum->n += w;
            sum->eap += w * eap;
            sum->eap2 += w * eap * eap;
            sum->eap_error += w * fmax(square - eap * eap, 0);
            sum->wle += w * wle;
            sum->wle2 += w * wle * wle;
            sum->wle_error += w * error;
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
    if (!work.terms) return false;
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

/* Haebara's and Stocking and Lord's criteria, by damped Gauss-Newton steps (Levenberg 1944). */
#include "scale/link_internal.h"

#include "num/special.h"

#include <math.h>

enum { POINTS = 81, ITERATIONS_MAX = 200 };
#define WIDEST 4.0
#define STEP_LEAST 1e-13
#define DAMPING_FIRST 1e-6
#define DAMPING_MOST 1e12

/* Sums of squares: value = Σ r², gradient Σ r ∂r and matrix Σ ∂r ∂r′ by slope and intercept. */
struct squares {
    double value, gradient[2], matrix[3]; /* matrix: AA, AB, BB */
};

struct criterion {
    const struct link_set *set;
    const struct link_options *options;
    bool slopes;
    double theta[POINTS], weight[POINTS];
};

/* P(X = k | θ) and its derivative by θ, k = 0..steps. */
static void curves(enum irt_model model, const struct item_parameters *item, double theta,
                   double p[CATEGORIES_MAX], double d[CATEGORIES_MAX]) {
    double mean = 0, above = 1, slope = model_has_slopes(model) ? item->slope : 1;
    model_log_probabilities(model, item, theta, p);
    for (int k = 0; k <= item->steps; k++) {
        p[k] = num_exp(p[k]);
        mean += k * p[k];
    }
    for (int k = 0; k <= item->steps; k++) {
        if (model == MODEL_GRM) { /* differences of the logistic curves' derivatives */
            double after = k < item->steps ? above - p[k] : 0;
            d[k] = slope * (above * (1 - above) - after * (1 - after));
            above = after;
        } else {
            d[k] = slope * p[k] * (k - mean);
        }
    }
}

/* Adds the square of w (r) with r = to − from((θ − B)/A), whose derivative by B is d/A and by A t
 * d/A. */
static void add_square(const struct criterion *c, double weight, double difference, double by_b,
                       double t, struct squares *out) {
    double by[2] = { c->slopes ? t * by_b : 0, by_b };
    out->value += weight * difference * difference;
    for (int k = 0; k < 2; k++) out->gradient[k] += weight * difference * by[k];
    out->matrix[0] += weight * by[0] * by[0];
    out->matrix[1] += weight * by[0] * by[1];
    out->matrix[2] += weight * by[1] * by[1];
}

static struct squares squares_at(const struct criterion *c, struct transform at) {
    struct squares out = { 0 };
    enum irt_model model = c->options->model;
    for (size_t q = 0; q < POINTS; q++) {
        double t = (c->theta[q] - at.intercept) / at.slope, score = 0, score_slope = 0;
        for (size_t k = 0; k < c->set->n; k++) {
            const struct item_parameters *from = &c->set->from[c->set->use[k]],
                                         *to = &c->set->to[c->set->use[k]];
            double p[CATEGORIES_MAX], d[CATEGORIES_MAX], there[CATEGORIES_MAX],
                unused[CATEGORIES_MAX];
            curves(model, to, c->theta[q], there, unused);
            curves(model, from, t, p, d);
            for (int h = 0; h <= from->steps; h++) {
                score += h * (there[h] - p[h]);
                score_slope += h * d[h] / at.slope;
                if (c->options->method == LINK_HAEBARA)
                    add_square(c, c->weight[q], there[h] - p[h], d[h] / at.slope, t, &out);
            }
        }
        if (c->options->method == LINK_STOCKING_LORD)
            add_square(c, c->weight[q], score, score_slope, t, &out);
    }
    return out;
}

/* The step that leads down, −(M + λ diag M)⁻¹ g; by B alone where the model has no slopes. */
static struct transform step_down(const struct criterion *c, const struct squares *s,
                                  double damping) {
    double bb = s->matrix[2] * (1 + damping);
    if (!c->slopes) return (struct transform){ 0, bb > 0 ? -s->gradient[1] / bb : 0 };
    double aa = s->matrix[0] * (1 + damping), ab = s->matrix[1], det = aa * bb - ab * ab;
    if (!(det > 0)) return (struct transform){ 0, 0 };
    return (struct transform){ (ab * s->gradient[1] - bb * s->gradient[0]) / det,
                               (ab * s->gradient[0] - aa * s->gradient[1]) / det };
}

static void make_points(struct criterion *c) {
    double total = 0;
    for (size_t q = 0; q < POINTS; q++) {
        double z = WIDEST * (2 * (double)q / (POINTS - 1) - 1);
        c->theta[q] = c->options->mean + c->options->sd * z;
        c->weight[q] = num_exp(-0.5 * z * z);
        total += c->weight[q];
    }
    for (size_t q = 0; q < POINTS; q++) c->weight[q] /= total;
}

struct transform link_by_curves(const struct link_set *set, const struct link_options *options,
                                struct transform first) {
    struct criterion c = { .set = set,
                           .options = options,
                           .slopes = model_has_slopes(options->model) };
    struct transform at = first;
    double damping = DAMPING_FIRST;
    make_points(&c);
    struct squares here = squares_at(&c, at);
    for (int i = 0; i < ITERATIONS_MAX && damping < DAMPING_MOST; i++) {
        struct transform step = step_down(&c, &here, damping);
        struct transform next = { at.slope + step.slope, at.intercept + step.intercept };
        if (fabs(step.slope) < STEP_LEAST && fabs(step.intercept) < STEP_LEAST) break;
        struct squares there = { .value = HUGE_VAL };
        if (next.slope > 0) there = squares_at(&c, next);
        if (there.value <= here.value) {
            at = next;
            here = there;
            damping /= 10;
        } else {
            damping *= 10;
        }
    }
    return at;
}

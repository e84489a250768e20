/* How far an item stands apart in two groups, with the delta method's error. */
#include "scale/dif_internal.h"

#include "num/linear.h"
#include "num/special.h"

#include <math.h>

enum { POINTS = 101, PARAMETERS = STEPS_MAX + 1 };
#define WIDEST 5.0

/* The item in the two groups: its parameters, and their covariance, reference first, each a slope
 * (where the model has one) and its steps. */
struct pair {
    const struct item_parameters *reference, *focal;
    bool slopes;
    size_t steps, size; /* size: parameters of one */
    double covariance[4 * PARAMETERS * PARAMETERS];
};

static double *at(struct pair *p, size_t row, size_t column) {
    return &p->covariance[row * 2 * p->size + column];
}

static struct pair pair_of(const struct dif_work *w, const struct dif_fit *f, size_t item,
                           size_t group) {
    size_t column[2] = { dif_column(w, f, item, w->first[item]), dif_column(w, f, item, group) };
    struct pair p = { .reference = &f->fit.model.items[column[0]],
                      .focal = &f->fit.model.items[column[1]],
                      .slopes = model_has_slopes(w->options->model) };
    p.steps = (size_t)p.focal->steps;
    p.size = p.steps + p.slopes;
    for (size_t a = 0; a < 2 * p.size; a++)
        for (size_t b = 0; b < 2 * p.size; b++) {
            size_t row = f->fit.item_at[column[a / p.size]] + a % p.size;
            size_t other = f->fit.item_at[column[b / p.size]] + b % p.size;
            *at(&p, a, b) = f->fit.covariance[row * f->fit.n_covariance + other];
        }
    return p;
}

/* Weights of the steps with the least error, V⁻¹1: what each step tells of a common shift. */
static void weigh_steps(struct pair *p, double *weight) {
    double v[STEPS_MAX * STEPS_MAX], total = 0;
    size_t n = p->steps, from = p->slopes, to = p->size + p->slopes;
    for (size_t h = 0; h < n; h++) {
        weight[h] = 1;
        for (size_t k = 0; k < n; k++)
            v[h * n + k] = *at(p, from + h, from + k) + *at(p, to + h, to + k) -
                           *at(p, from + h, to + k) - *at(p, to + h, from + k);
    }
    if (cholesky(n, v, 1e-12, NULL)) cholesky_solve(n, v, weight);
    for (size_t h = 0; h < n; h++) total += weight[h] = fmax(weight[h], 0);
    for (size_t h = 0; h < n; h++) weight[h] = total > 0 ? weight[h] / total : 1 / (double)n;
}

static double spread(struct pair *p, const double *gradient) {
    double variance = 0;
    for (size_t a = 0; a < 2 * p->size; a++)
        for (size_t b = 0; b < 2 * p->size; b++)
            variance += gradient[a] * gradient[b] * *at(p, a, b);
    return sqrt(fmax(variance, 0));
}

/* Expected answer, and its derivative by θ: for the exponential family the slope times the
 * variance, for grm Σ a S(1 − S) over the logistic curves S. */
static double expected_score(enum irt_model model, const struct item_parameters *item, double theta,
                             double *derivative) {
    double log_p[CATEGORIES_MAX], score = 0, squares = 0, above = 1, curves = 0;
    model_log_probabilities(model, item, theta, log_p);
    for (int k = 0; k <= item->steps; k++) {
        double p = num_exp(log_p[k]);
        score += k * p;
        squares += k * k * p;
        above -= p;
        curves += above * (1 - above);
    }
    double slope = model_has_slopes(model) ? item->slope : 1;
    *derivative = slope * (model == MODEL_GRM ? curves : squares - score * score);
    return score;
}

/* Differences of the expected answers over the focal group's θ: their mean, and their root mean
 * square as the shift in logits that would make one as large. */
static void compare_scores(const struct dif_work *w, const struct dif_fit *f, const struct pair *p,
                           struct dif_contrast *out) {
    double sum = 0, squares = 0, steepness = 0, total = 0, slope = 1;
    double mean = f->fit.model.mean[out->group], sd = sqrt(f->fit.model.variance[out->group]);
    for (int q = 0; q < POINTS; q++) {
        double z = WIDEST * (2.0 * q / (POINTS - 1) - 1), weight = num_exp(-0.5 * z * z);
        double theta = mean + sd * z, steep[2];
        double difference = expected_score(w->options->model, p->focal, theta, &steep[0]) -
                            expected_score(w->options->model, p->reference, theta, &steep[1]);
        sum += weight * difference;
        squares += weight * difference * difference;
        steepness += weight * (steep[0] * steep[0] + steep[1] * steep[1]) / 2;
        total += weight;
    }
    if (p->slopes) slope = (fabs(p->reference->slope) + fabs(p->focal->slope)) / 2;
    out->score_difference = sum / total;
    if (steepness > 0) out->unsigned_effect = slope * sqrt(squares / steepness);
}

void dif_effect(const struct dif_work *w, const struct dif_fit *f, size_t item,
                struct dif_contrast *out) {
    struct pair p = pair_of(w, f, item, out->group);
    double weight[STEPS_MAX], gradient[2 * PARAMETERS] = { 0 }, shift = 0, slope = 1;
    weigh_steps(&p, weight);
    if (p.slopes) slope = (p.reference->slope + p.focal->slope) / 2;
    for (size_t h = 0; h < p.steps; h++) {
        shift += weight[h] * (p.focal->location[h] - p.reference->location[h]);
        gradient[p.slopes + h] = -slope * weight[h];
        gradient[p.size + p.slopes + h] = slope * weight[h];
    }
    if (p.slopes) {
        gradient[0] = gradient[p.size] = shift / 2;
        out->slope_difference = p.focal->slope - p.reference->slope;
        out->slope_difference_se =
            sqrt(fmax(*at(&p, 0, 0) + *at(&p, p.size, p.size) - 2 * *at(&p, 0, p.size), 0));
    }
    out->effect = slope * shift;
    out->se = spread(&p, gradient);
    compare_scores(w, f, &p, out);
}

/* Weights and categories: what is checked of persons and items, and what each category becomes. */
#include "scale/fit_patterns.h"

#include <math.h>

#define WEIGHT_RATIO                                                                               \
    1e12 /* the largest over the smallest; beyond, the smallest count for nothing */

/* Of the two that are too far apart the one further from the median, in ratio: the median lies on
 * one side of the point halfway between them. */
static size_t odd_weight(const struct responses *r, size_t lightest, size_t heaviest) {
    double halfway = sqrt(r->weights[lightest]) * sqrt(r->weights[heaviest]);
    size_t below = 0, above = 0;
    for (size_t p = 0; p < r->n_persons; p++) {
        below += r->weights[p] > 0 && r->weights[p] < halfway;
        above += r->weights[p] >= halfway;
    }
    return below > above ? heaviest : lightest;
}

bool weights_check(const struct responses *responses, double *largest, struct error *error) {
    size_t heaviest = 0, lightest = 0;
    double least = HUGE_VAL;
    *largest = responses->weights ? 0 : 1;
    for (size_t p = 0; responses->weights && p < responses->n_persons; p++) {
        double w = responses->weights[p];
        if (!(w >= 0) || !isfinite(w))
            return error_set(error, "scale.weight", ARG_INT("person", p + 1));
        if (w > *largest) {
            *largest = w;
            heaviest = p;
        }
        if (w > 0 && w < least) {
            least = w;
            lightest = p;
        }
    }
    if (*largest > 0 && least < *largest / WEIGHT_RATIO)
        return error_set(error, "scale.weight_apart",
                         ARG_INT("person", odd_weight(responses, lightest, heaviest) + 1));
    return *largest > 0 || error_plain(error, "scale.no_answers");
}

/* The model's category of each declared one: used categories are numbered from 0, an empty one
 * takes the number of the used one below it. Returns the number of steps. */
static int recode_item(const double *count, int declared, int8_t *recode, bool *collapsed) {
    int highest = declared, used = 0;
    for (int k = 0; k < CATEGORIES_MAX; k++)
        if (count[k] > 0 && k > highest) highest = k;
    *collapsed = false;
    for (int k = 0; k < CATEGORIES_MAX; k++) {
        if (count[k] > 0)
            used++;
        else if (k <= highest)
            *collapsed = true;
        recode[k] = (int8_t)(used > 0 ? used - 1 : 0);
    }
    return used - 1;
}

/* An anchored item keeps the categories of its anchor. */
static bool recode_anchored(size_t item, const double *count, int steps, int8_t *recode,
                            struct error *error) {
    for (int k = 0; k < CATEGORIES_MAX; k++) {
        if (k > steps && count[k] > 0)
            return error_set(error, "scale.anchor_categories", ARG_INT("item", item),
                             ARG_INT("category", k), ARG_INT("steps", steps));
        recode[k] = (int8_t)(k < steps ? k : steps);
    }
    return true;
}

bool recode_all(const struct responses *responses, const struct fit_options *options,
                const double *count, int *steps, struct fit_result *out, struct error *error) {
    bool binary = options->model == MODEL_RASCH || options->model == MODEL_2PL;
    for (size_t i = 0; i < responses->n_items; i++) {
        const double *own = count + i * CATEGORIES_MAX;
        int8_t *recode = out->recode + i * CATEGORIES_MAX;
        if (steps[i] > 0) {
            if (!recode_anchored(i, own, steps[i], recode, error)) return false;
        } else {
            double answers = 0;
            for (int k = 0; k < CATEGORIES_MAX; k++) answers += own[k];
            if (answers == 0) return error_set(error, "scale.unanswered", ARG_INT("item", i));
            steps[i] = recode_item(own, options->highest ? options->highest[i] : 0, recode,
                                   &out->collapsed[i]);
            if (steps[i] == 0) return error_set(error, "scale.one_category", ARG_INT("item", i));
        }
        if (binary && steps[i] > 1)
            return error_set(error, "scale.not_binary", ARG_INT("item", i),
                             ARG_INT("categories", steps[i] + 1));
    }
    return true;
}

/* Answers in a category of the model or above, from the counts of declared ones. */
void count_steps(size_t n_items, const double *count, double scale, const int8_t *recode,
                 struct patterns *out) {
    for (size_t i = 0; i < n_items; i++) {
        double *at_least = out->at_least + i * STEPS_MAX, own[CATEGORIES_MAX] = { 0 };
        for (size_t k = 0; k < CATEGORIES_MAX; k++)
            own[recode[i * CATEGORIES_MAX + k]] += scale * count[i * CATEGORIES_MAX + k];
        for (size_t k = CATEGORIES_MAX; k-- > 1;)
            out->answers[i] = at_least[k - 1] = out->answers[i] + own[k];
        out->answers[i] += own[0];
    }
}

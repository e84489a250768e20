/* study_items.c - what the standard errors of a calibration and of persons' scores cover.
 *
 *     build-bench/bench/study_items [REPLICATIONS [THREADS [CELL]]]
 *
 * Eight items of four categories, drawn anew each time, and θ of mean 0 and variance 1. Intervals
 * are estimate ± 1.96 SE. Tables: docs/methods/simulation.md.
 */
#include "simulation.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/special.h"
#include "scale/fit.h"
#include "scale/score.h"

#include <math.h>

enum { ITEMS = 8, STEPS = 3, CLASS = 20 };

static const struct cell {
    enum irt_model model;
    size_t persons;
    double missing, middle, icc;
    enum shape shape;
} designs[] = {
    { .model = MODEL_PCM, .persons = 500 },
    { .model = MODEL_PCM, .persons = 2000 },
    { .model = MODEL_PCM, .persons = 500, .missing = .2 },
    { .model = MODEL_PCM, .persons = 500, .middle = -2 },
    { .model = MODEL_PCM, .persons = 500, .shape = SHAPE_SKEWED },
    { .model = MODEL_PCM, .persons = 2000, .shape = SHAPE_SKEWED },
    { .model = MODEL_PCM, .persons = 500, .icc = .1 },
    { .model = MODEL_GPCM, .persons = 500 },
    { .model = MODEL_GPCM, .persons = 2000 },
    { .model = MODEL_GPCM, .persons = 500, .missing = .2 },
    { .model = MODEL_GPCM, .persons = 500, .middle = -1.5 },
    { .model = MODEL_GPCM, .persons = 500, .shape = SHAPE_SKEWED },
    { .model = MODEL_GRM, .persons = 500 },
    { .model = MODEL_GRM, .persons = 2000 },
    { .model = MODEL_GRM, .persons = 500, .missing = .2 },
    { .model = MODEL_GRM, .persons = 500, .middle = -1.5 },
    { .model = MODEL_GRM, .persons = 500, .shape = SHAPE_SKEWED },
};
static const char *const cells[] = {
    "pcm, 500 persons",
    "pcm, 2,000",
    "pcm, 500, 20 % of the answers missing",
    "pcm, 500, ceiling: two thirds of answers at the top",
    "pcm, 500, skewed ability (skewness 1)",
    "pcm, 2,000, skewed",
    "pcm, 500 in classes of 20 that differ (share .10)",
    "gpcm, 500",
    "gpcm, 2,000",
    "gpcm, 500, 20 % missing",
    "gpcm, 500, ceiling",
    "gpcm, 500, skewed",
    "grm, 500",
    "grm, 2,000",
    "grm, 500, 20 % missing",
    "grm, 500, ceiling",
    "grm, 500, skewed",
};
enum { CELLS = sizeof cells / sizeof *cells };

enum { LOCATION, SLOPE, VARIANCE, EAP, WLE, QUANTITIES };
static const char *const quantities[QUANTITIES] = {
    [LOCATION] = "step location",
    [SLOPE] = "slope",
    [VARIANCE] = "latent variance",
    [EAP] = "EAP ± SD, average over persons",
    [WLE] = "WLE ± SE, average over persons",
};

static void draw_items(const struct cell *cell, struct source *source,
                       struct item_parameters *items) {
    for (int i = 0; i < ITEMS; i++) {
        double middle = cell->middle + .6 * draw_normal(source);
        items[i] = (struct item_parameters){ .steps = STEPS, .slope = 1 };
        if (model_has_slopes(cell->model)) items[i].slope = num_exp(.25 * draw_normal(source));
        for (int h = 0; h < STEPS; h++)
            items[i].location[h] = middle + (h - 1) * (.8 + .4 * draw_uniform(source));
    }
}

static void draw_persons(const struct cell *cell, struct source *source,
                         const struct item_parameters *items, double *theta, int8_t *codes) {
    double class = 0;
    for (size_t p = 0; p < cell->persons; p++) {
        if (p % CLASS == 0) class = sqrt(cell->icc) * draw_normal(source);
        theta[p] = class + sqrt(1 - cell->icc) * draw_shape(source, cell->shape);
        for (int i = 0; i < ITEMS; i++) {
            bool missing = draw_uniform(source) < cell->missing;
            int8_t answer = draw_answer(source, cell->model, &items[i], theta[p]);
            codes[p * ITEMS + (size_t)i] = missing ? CODE_MISSING : answer;
        }
    }
}

static void count_items(const struct fit_result *fit, const struct item_parameters *items,
                        struct quantity *out) {
    for (int i = 0; i < ITEMS; i++) {
        const struct item_parameters *item = &fit->model.items[i];
        if (fit->collapsed[i] || item->steps < STEPS) continue; /* its steps are others */
        for (int h = 0; h < STEPS; h++)
            quantity_add(&out[LOCATION],
                         (struct estimate){ item->location[h], item->location_se[h], HUGE_VAL },
                         items[i].location[h]);
        if (model_has_slopes(fit->model.model))
            quantity_add(&out[SLOPE], (struct estimate){ item->slope, item->slope_se, HUGE_VAL },
                         items[i].slope);
    }
    if (fit->variance_se[0] > 0)
        quantity_add(&out[VARIANCE],
                     (struct estimate){ fit->model.variance[0], fit->variance_se[0], HUGE_VAL }, 1);
}

static bool replicate(size_t number, struct source *source, struct arena *arena,
                      struct quantity *out) {
    const struct cell *cell = &designs[number];
    struct item_parameters items[ITEMS];
    double *theta = arena_array(arena, cell->persons, sizeof *theta);
    int8_t *codes = arena_array(arena, cell->persons, ITEMS);
    struct person_score *scores = arena_array(arena, cell->persons, sizeof *scores);
    if (!theta || !codes || !scores) return false;
    draw_items(cell, source, items);
    draw_persons(cell, source, items, theta, codes);
    struct responses responses = {
        .n_persons = cell->persons, .n_items = ITEMS, .codes = codes, .n_groups = 1
    };
    struct fit_options options = fit_defaults();
    struct fit_result fit;
    struct error error;
    options.model = cell->model;
    if (!scale_fit(&responses, &options, NULL, arena, &fit, &error) || !fit.converged) return false;
    count_items(&fit, items, out);
    for (size_t k = 0; k < cell->persons * ITEMS; k++)
        if (codes[k] != CODE_MISSING)
            codes[k] = fit.recode[k % ITEMS * CATEGORIES_MAX + (size_t)codes[k]];
    if (!scale_score(&responses, &fit.model, NULL, arena, scores, &error)) return false;
    for (size_t p = 0; p < cell->persons; p++) {
        if (scores[p].n_items == 0) continue;
        quantity_add(&out[EAP], (struct estimate){ scores[p].eap, scores[p].eap_sd, HUGE_VAL },
                     theta[p]);
        quantity_add(&out[WLE], (struct estimate){ scores[p].wle, scores[p].wle_se, HUGE_VAL },
                     theta[p]);
    }
    return true;
}

int main(int argc, char **argv) {
    const struct study study = { .unit = "logits",
                                 .quantities = quantities,
                                 .n_quantities = QUANTITIES,
                                 .cells = cells,
                                 .n_cells = CELLS,
                                 .decimals = 3,
                                 .replicate = replicate };
    return study_main(&study, argc, argv);
}

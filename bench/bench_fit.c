/* bench_fit.c - time of one calibration at the programme's size, for each model.
 *
 *     build/bench/bench_fit [PERSONS [ITEMS [THREADS]]]
 *
 * Answers simulated with slopes of 0.6 to 1.6, four categories, 5 % missing: the work that the
 * field's programs were timed on. The best of three; the time holds checks, collapsing, estimates
 * on a grid that is fine enough, full standard errors, item fit and reliabilities, but no reading
 * of files.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/fit.h"

#include <stdio.h>
#include <time.h>

enum { STEPS = 3, RUNS = 3 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t argument(int argc, char **argv, int at, long long otherwise) {
    long long value = otherwise;
    if (argc > at && !text_to_int(argv[at], 1, 100000000, &value)) value = otherwise;
    return (size_t)value;
}

static int8_t answer(enum irt_model model, size_t i, size_t n_items, double theta, double u) {
    struct item_parameters item = { .steps = STEPS, .slope = 0.6 + 0.25 * (double)(i % 5) };
    double log_p[CATEGORIES_MAX], middle = -1.5 + 3 * (double)i / (double)n_items;
    for (int h = 0; h < STEPS; h++) item.location[h] = middle + 0.85 * (h - 1);
    model_log_probabilities(model, &item, theta, log_p);
    for (int k = 0; k < STEPS; k++) {
        u -= num_exp(log_p[k]);
        if (u < 0) return (int8_t)k;
    }
    return STEPS;
}

static void simulate(enum irt_model truth, size_t n, size_t items, int8_t *codes) {
    for (size_t person = 0; person < n; person++) {
        double theta = random_normal(1, person, 0);
        for (size_t i = 0; i < items; i++) {
            bool missing = random_uniform(2, person, i) < 0.05;
            codes[person * items + i] =
                missing ? CODE_MISSING
                        : answer(truth, i, items, theta, random_uniform(3, person, i));
        }
    }
}

static bool run(enum irt_model model, const struct responses *responses, struct pool *pool) {
    struct fit_options options = fit_defaults();
    struct fit_result fit;
    struct error error = { 0 };
    double best = 1e9;
    options.model = model;
    for (int i = 0; i < RUNS; i++) {
        struct arena *arena = arena_create(ARENA_JOB_MAX);
        double from = now();
        bool ok = scale_fit(responses, &options, pool, arena, &fit, &error);
        double seconds = now() - from;
        arena_destroy(arena);
        if (!ok) {
            printf("%s: %s\n", model_name(model), error.id);
            return false;
        }
        if (seconds < best) best = seconds;
    }
    printf("irt fit %-5s %8.3f s  %10.0f persons/s  (%zu persons, %zu items, %d categories, %d "
           "threads; %d iterations, %d nodes%s)\n",
           model_name(model), best, (double)responses->n_persons / best, responses->n_persons,
           responses->n_items, STEPS + 1, pool_threads(pool), fit.iterations, fit.nodes,
           fit.converged ? "" : ", NOT CONVERGED");
    return true;
}

int main(int argc, char **argv) {
    size_t n = argument(argc, argv, 1, 80000), items = argument(argc, argv, 2, 20);
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    int8_t *codes = arena_array(arena, n, items);
    struct pool *pool = pool_create((int)argument(argc, argv, 3, 2));
    if (!codes || !pool) return 1;
    struct responses responses = {
        .n_persons = n, .n_items = items, .codes = codes, .n_groups = 1
    };
    bool ok = true;
    for (int m = 0; m < 2; m++) {
        simulate(m == 0 ? MODEL_GPCM : MODEL_GRM, n, items, codes);
        ok = (m == 0 ? run(MODEL_PCM, &responses, pool) && run(MODEL_GPCM, &responses, pool)
                     : run(MODEL_GRM, &responses, pool)) &&
             ok;
    }
    pool_destroy(pool);
    arena_destroy(arena);
    return ok ? 0 : 1;
}

/* bench_fit.c - time and memory of one calibration.
 *
 *     build/bench/bench_fit [MODEL [PERSONS [ITEMS [THREADS]]]]    MODEL: pcm, gpcm, grm or all
 *
 * Answers simulated with slopes of 0.6 to 1.6, four categories, 5 % missing: the work that the
 * field's programs were timed on. The best of three; the time holds checks, collapsing, estimates
 * on a grid that is fine enough, full standard errors and reliabilities, but no reading of files.
 * The memory is the program's largest, the answers (a byte each) included.
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
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { STEPS = 3, RUNS = 3, RUNS_ONCE_FROM = 500000 };

static double seconds_on(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
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

struct simulation {
    enum irt_model truth;
    size_t n, items;
    int8_t *codes;
};
enum { PERSONS_A_PIECE = 10000 };

static void simulate_piece(void *context, size_t piece) {
    const struct simulation *s = context;
    size_t from, to;
    pool_piece(s->n, PERSONS_A_PIECE, piece, &from, &to);
    for (size_t person = from; person < to; person++) {
        double theta = random_normal(1, person, 0);
        for (size_t i = 0; i < s->items; i++) {
            bool missing = random_uniform(2, person, i) < 0.05;
            s->codes[person * s->items + i] =
                missing ? CODE_MISSING
                        : answer(s->truth, i, s->items, theta, random_uniform(3, person, i));
        }
    }
}

static bool run(enum irt_model model, const struct responses *responses, struct pool *pool) {
    struct fit_options options = fit_defaults();
    struct fit_result fit;
    struct error error = { 0 };
    double best = 1e9, work = 1e9;
    options.model = model;
    for (int i = 0; i < (responses->n_persons < RUNS_ONCE_FROM ? RUNS : 1); i++) {
        struct arena *arena = arena_create(ARENA_JOB_MAX);
        double from = seconds_on(CLOCK_MONOTONIC), began = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
        bool ok = scale_fit(responses, &options, pool, arena, &fit, &error);
        double seconds = seconds_on(CLOCK_MONOTONIC) - from;
        double processor = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - began;
        arena_destroy(arena);
        if (!ok) {
            printf("%s: %s\n", model_name(model), error.id);
            return false;
        }
        if (seconds < best) best = seconds;
        if (processor < work) work = processor;
    }
    printf(
        "irt fit %-5s %8.3f s (%.3f s of processors)  %10.0f persons/s  %5.0f MiB  (%zu persons, "
        "%zu items, %d categories, %d threads; %d iterations, %d nodes%s)\n",
        model_name(model), best, work, (double)responses->n_persons / best, peak_mib(),
        responses->n_persons, responses->n_items, STEPS + 1, pool_threads(pool), fit.iterations,
        fit.nodes, fit.converged ? "" : ", NOT CONVERGED");
    return true;
}

/* Every model of that name, or all. */
static bool bench(const char *name, size_t n, size_t items, size_t threads) {
    static const enum irt_model models[] = { MODEL_PCM, MODEL_GPCM, MODEL_GRM };
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    int8_t *codes = arena_array(arena, n, items);
    struct pool *pool = pool_create((int)threads);
    bool ok = codes && pool;
    struct responses responses = {
        .n_persons = n, .n_items = items, .codes = codes, .n_groups = 1
    };
    for (size_t m = 0; ok && m < sizeof models / sizeof *models; m++) {
        if (strcmp(name, "all") != 0 && strcmp(name, model_name(models[m])) != 0) continue;
        struct simulation s = { models[m] == MODEL_GRM ? MODEL_GRM : MODEL_GPCM, n, items, codes };
        pool_run(pool, pool_pieces(n, PERSONS_A_PIECE), simulate_piece, &s);
        ok = run(models[m], &responses, pool);
    }
    pool_destroy(pool);
    arena_destroy(arena);
    return ok;
}

int main(int argc, char **argv) {
    if (argc > 1)
        return bench(argv[1], argument(argc, argv, 2, 80000), argument(argc, argv, 3, 20),
                     argument(argc, argv, 4, 2))
                   ? 0
                   : 1;
    bool ok = bench("all", 85000, 7, 2) && bench("all", 80000, 20, 2) &&
              bench("gpcm", 80000, 20, 1) && bench("pcm", 700000, 20, 2) &&
              bench("gpcm", 700000, 20, 2);
    return ok ? 0 : 1;
}

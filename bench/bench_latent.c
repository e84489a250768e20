/* bench_latent.c - time of the plausible values of one scale at the programme's size.
 *
 *     build/bench/bench_latent [PERSONS [ITEMS [THREADS]]]
 *
 * Simulated answers: classes of 20 in 242 schools, five categories, 5 % missing, eight columns of x.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/latent.h"

#include <stdio.h>
#include <time.h>

enum { SCHOOLS = 242, CLASS_SIZE = 20, COLUMNS = 8, STEPS = 4 };

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

static int8_t answer(const struct item_parameters *item, double theta, double u) {
    double log_p[CATEGORIES_MAX];
    model_log_probabilities(MODEL_PCM, item, theta, log_p);
    for (int k = 0; k < item->steps; k++) {
        u -= num_exp(log_p[k]);
        if (u < 0) return (int8_t)k;
    }
    return (int8_t)item->steps;
}

int main(int argc, char **argv) {
    size_t n = argument(argc, argv, 1, 80000), items = argument(argc, argv, 2, 5);
    int threads = (int)argument(argc, argv, 3, 2);
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    struct item_parameters *item = arena_array(arena, items, sizeof *item);
    int8_t *codes = arena_array(arena, n, items);
    double *x = arena_array(arena, n, COLUMNS * sizeof *x);
    int *class_of = arena_array(arena, n, sizeof *class_of);
    int *school_of = arena_array(arena, n, sizeof *school_of);
    struct pool *pool = pool_create(threads);
    if (!item || !codes || !x || !class_of || !school_of || !pool) return 1;
    for (size_t i = 0; i < items; i++) {
        item[i] = (struct item_parameters){ .steps = STEPS, .slope = 1 };
        for (int h = 0; h < STEPS; h++)
            item[i].location[h] = -2.2 + h + 0.8 * (double)i / (double)items;
    }
    for (size_t person = 0; person < n; person++) {
        class_of[person] = (int)(person / CLASS_SIZE);
        school_of[person] = class_of[person] % SCHOOLS;
        double *row = x + person * COLUMNS;
        row[0] = 1;
        for (size_t c = 1; c < COLUMNS; c++) row[c] = random_normal(1, person, c);
        double theta = 0.3 * row[1] + random_normal(2, person, 0) +
                       0.3 * random_normal(3, (uint64_t)class_of[person], 0) +
                       0.2 * random_normal(4, (uint64_t)school_of[person], 0);
        for (size_t i = 0; i < items; i++)
            codes[person * items + i] =
                random_uniform(5, person, i) < 0.05 ? CODE_MISSING
                                                    : answer(&item[i], theta, random_uniform(6, person, i));
    }
    double mean = 0, variance = 1.2;
    struct scale_model model = { MODEL_PCM, items, item, 1, &mean, &variance };
    struct responses responses = { .n_persons = n, .n_items = items, .codes = codes, .n_groups = 1 };
    struct latent_input input = { .responses = &responses, .model = &model, .n_columns = COLUMNS,
                                  .x = x, .n_classes = (n + CLASS_SIZE - 1) / CLASS_SIZE,
                                  .n_schools = SCHOOLS, .class_of = class_of,
                                  .school_of = school_of, .seed = 1 };
    struct latent_result result;
    struct error error;
    size_t before = arena_used(arena);
    double start = now();
    bool done = latent_draw(&input, pool, arena, &result, &error);
    double seconds = now() - start;
    if (done)
        printf("latent: %zu persons x %zu items, %d threads, %d draws: %.3f s, %zu MiB; "
               "tau2_class %.4f, tau2_school %.4f, sigma2 %.4f, slope %.4f\n",
               n, items, threads, result.draws, seconds, (arena_used(arena) - before) / MIB,
               result.tau2_class, result.tau2_school, result.sigma2, result.beta[1]);
    pool_destroy(pool);
    arena_destroy(arena);
    return done ? 0 : 1;
}

/* bench_score.c - time of the scores of many persons, with one thread and with two.
 *
 *     build/bench/bench_score [PERSONS [ITEMS]]
 *
 * Answers in four categories, 5 % missing, slopes of 0.6 to 1.6: hardly two persons answer alike.
 * WLE with EAP, and ten plausible values without conditioning; best of three, no files. Below, the
 * same for ten times the persons, and whether one and two threads gave the same bytes.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/score.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { STEPS = 3, RUNS = 3, DRAWS = 10, TIMES = 10 };

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

static int8_t answer(enum irt_model model, const struct item_parameters *item, double theta,
                     double u) {
    double log_p[CATEGORIES_MAX];
    model_log_probabilities(model, item, theta, log_p);
    for (int k = 0; k < item->steps; k++) {
        u -= num_exp(log_p[k]);
        if (u < 0) return (int8_t)k;
    }
    return (int8_t)item->steps;
}

static void simulate(const struct scale_model *model, size_t n, int8_t *codes) {
    size_t items = model->n_items;
    for (size_t person = 0; person < n; person++) {
        double theta = random_normal(1, person, 0);
        for (size_t i = 0; i < items; i++)
            codes[person * items + i] =
                random_uniform(2, person, i) < 0.05
                    ? (int8_t)CODE_MISSING
                    : answer(model->model, &model->items[i], theta, random_uniform(3, person, i));
    }
}

struct work {
    struct responses responses;
    struct scale_model model;
    struct person_score *scores;
    double *pv;
};

static double seconds(const struct work *w, bool draws, int threads) {
    struct pool *pool = pool_create(threads);
    struct error error;
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        struct arena *arena = arena_create(ARENA_JOB_MAX);
        double from = now();
        bool ok =
            draws ? scale_plausible(&w->responses, &w->model, DRAWS, 1, pool, arena, w->pv, &error)
                  : scale_score(&w->responses, &w->model, pool, arena, w->scores, &error);
        double took = ok ? now() - from : 1e9;
        arena_destroy(arena);
        if (took < best) best = took;
    }
    pool_destroy(pool);
    return best;
}

static void time_both(struct work *w, struct arena *arena) {
    size_t n = w->responses.n_persons;
    struct person_score *scores = arena_array(arena, n, sizeof *scores);
    double *pv = arena_array(arena, n, DRAWS * sizeof *pv);
    if (!scores || !pv) return;
    struct work other = *w;
    other.scores = scores;
    other.pv = pv;
    for (int draws = 0; draws < 2; draws++) {
        double one = seconds(w, draws, 1), two = seconds(&other, draws, 2);
        bool same = draws ? memcmp(w->pv, pv, n * DRAWS * sizeof *pv) == 0
                          : memcmp(w->scores, scores, n * sizeof *scores) == 0;
        printf("%-16s %-5s %8zu x %zu: %7.3f s with one thread, %7.3f s with two (%.2f times%s)\n",
               draws ? "10 values" : "WLE and EAP", model_name(w->model.model), n,
               w->responses.n_items, one, two, one / two, same ? "" : ", OTHER BYTES");
    }
}

int main(int argc, char **argv) {
    static const enum irt_model models[] = { MODEL_PCM, MODEL_GPCM, MODEL_GRM };
    size_t n = argument(argc, argv, 1, 80000), items = argument(argc, argv, 2, 20);
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    struct item_parameters *item = arena_array(arena, items, sizeof *item);
    int8_t *codes = arena_array(arena, n * TIMES, items);
    double mean = 0, variance = 1;
    struct work w = { .scores = arena_array(arena, n * TIMES, sizeof *w.scores),
                      .pv = arena_array(arena, n * TIMES, DRAWS * sizeof *w.pv) };
    if (!item || !codes || !w.scores || !w.pv) return 1;
    for (size_t i = 0; i < items; i++) {
        item[i] = (struct item_parameters){ .steps = STEPS, .slope = 0.6 + 0.25 * (double)(i % 5) };
        for (int h = 0; h < STEPS; h++)
            item[i].location[h] = -1.5 + 3 * (double)i / (double)items + 0.85 * (h - 1);
    }
    for (int m = 0; m < 3; m++) {
        w.model = (struct scale_model){ models[m], items, item, 1, &mean, &variance };
        w.responses =
            (struct responses){ .n_persons = n, .n_items = items, .codes = codes, .n_groups = 1 };
        simulate(&w.model, n, codes);
        time_both(&w, arena);
    }
    for (size_t k = 1; k < TIMES; k++) memcpy(codes + k * n * items, codes, n * items);
    w.responses.n_persons = n * TIMES;
    time_both(&w, arena);
    arena_destroy(arena);
    return 0;
}

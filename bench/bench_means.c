/* bench_means.c - time of all means of a programme: every class and every school on every scale.
 *
 *     build-bench/bench/bench_means [PERSONS [SCALES [THREADS]]]
 *
 * Ten plausible values; classes of 20 in 242 schools. The error of a school is the jackknife over its classes,
 * that of a class the jackknife over its pupils.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "stat/mean.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum { SCHOOLS = 242, CLASS_SIZE = 20, DRAWS = 10 };

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

/* Classes first, then schools; pupils stand in the order of their classes, classes of their schools. */
static bool lay_out(size_t n, struct arena *arena, struct groups *groups) {
    size_t classes = (n + CLASS_SIZE - 1) / CLASS_SIZE, n_groups = classes + SCHOOLS;
    size_t *first = arena_array(arena, n_groups + 1, sizeof *first);
    size_t *person = arena_array(arena, 2 * n, sizeof *person);
    size_t *n_clusters = arena_array(arena, n_groups, sizeof *n_clusters);
    int *cluster = arena_array(arena, 2 * n, sizeof *cluster);
    if (!first || !person || !n_clusters || !cluster) return false;
    for (size_t p = 0; p < n; p++) person[p] = person[n + p] = p;
    for (size_t c = 0; c < classes; c++) {
        size_t from = c * CLASS_SIZE, to = from + CLASS_SIZE < n ? from + CLASS_SIZE : n;
        first[c] = from;
        n_clusters[c] = to - from;
        for (size_t p = from; p < to; p++) cluster[p] = (int)(p - from);
    }
    for (size_t s = 0; s < SCHOOLS; s++) {
        size_t from = classes * s / SCHOOLS, to = classes * (s + 1) / SCHOOLS;
        first[classes + s] = n + from * CLASS_SIZE;
        n_clusters[classes + s] = to - from;
        for (size_t p = from * CLASS_SIZE; p < to * CLASS_SIZE && p < n; p++)
            cluster[n + p] = (int)(p / CLASS_SIZE - from);
    }
    first[n_groups] = 2 * n;
    *groups = (struct groups){ .n = n, .draws = DRAWS, .n_groups = n_groups, .first = first,
                               .person = person, .cluster = cluster, .n_clusters = n_clusters };
    return true;
}

/* What memory alone takes: the values read once, in one thread. */
static double read_alone(const double *values, size_t count, double *sum) {
    double start = now(), lane[8] = { 0 };
    for (size_t i = 0; i + 8 <= count; i += 8)
        for (size_t l = 0; l < 8; l++) lane[l] += values[i + l];
    for (size_t l = 0; l < 8; l++) *sum += lane[l];
    return now() - start;
}

int main(int argc, char **argv) {
    size_t n = argument(argc, argv, 1, 80000), scales = argument(argc, argv, 2, 40);
    int threads = (int)argument(argc, argv, 3, 2);
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    struct pool *pool = pool_create(threads);
    double *values = arena_array(arena, n * DRAWS, scales * sizeof *values);
    struct groups groups;
    struct error error;
    if (!values || !pool || !lay_out(n, arena, &groups)) return 1;
    struct moments *out = arena_array(arena, groups.n_groups, sizeof *out);
    if (!out) return 1;
    for (size_t i = 0; i < n * DRAWS * scales; i++) values[i] = 500 + 100 * (random_uniform(1, i, 0) - 0.5);
    double best = HUGE_VAL, sum = 0;
    for (int again = 0; again < 3; again++) {
        double start = now();
        for (size_t s = 0; s < scales; s++) {
            struct arena *scratch = arena_create(ARENA_JOB_MAX);
            groups.values = values + s * n * DRAWS;
            if (!means_by_group(&groups, pool, scratch, out, NULL, &error)) return 1;
            sum += out[0].mean.se;
            arena_destroy(scratch);
        }
        best = fmin(best, now() - start);
    }
    double reading = HUGE_VAL, total = 0;
    for (int again = 0; again < 3; again++)
        reading = fmin(reading, read_alone(values, n * DRAWS * scales, &total));
    printf("means: %zu scales x %zu groups of %zu persons, %d plausible values, jackknife, %d threads: %.3f s "
           "(reading %zu MiB once: %.3f s; mean %.2f, mean error of the first class %.3f)\n",
           scales, groups.n_groups, n, DRAWS, threads, best,
           n * DRAWS * scales * sizeof *values / MIB, reading, total / 3 / (double)(n * DRAWS * scales), sum / 3 / (double)scales);
    pool_destroy(pool);
    arena_destroy(arena);
    return 0;
}

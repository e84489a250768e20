/* bench_pdf.c - pages of profiles as tagged PDF a second, one core.
 *
 *     build/bench/bench_pdf [DOCUMENTS [THREADS]]
 *
 * The profile of an invented class (nine scales) over and over: results → document → PDF, in memory.
 */
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "frozen_fixture.h"
#include "num/pool.h"
#include "paint/paint.h"
#include "profile/profile.h"

#include <stdio.h>
#include <time.h>

enum { PAGES = 4 }; /* of that profile; tests/unit/test_pdf.c counts them */

struct run {
    bool failed;
    size_t bytes;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t argument(int argc, char **argv, int at, long long otherwise) {
    long long value = otherwise;
    if (argc > at && !text_to_int(argv[at], 1, 1000000, &value)) value = otherwise;
    return (size_t)value;
}

static void make(void *context, size_t piece) {
    struct run *run = (struct run *)context + piece;
    struct arena *arena = arena_create(ARENA_REQUEST_MAX);
    const struct profile_options options = { .language = language_get("da") };
    struct document *d = profile_build(fixture_frozen(arena, "class"), &options, arena);
    struct error error = { 0 };
    struct pdf pdf = { 0 };
    run->failed = !d || !paint_pdf(d, arena, &pdf, &error);
    run->bytes = pdf.length;
    arena_destroy(arena);
}

int main(int argc, char **argv) {
    size_t n = argument(argc, argv, 1, 300);
    int threads = (int)argument(argc, argv, 2, 1);
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    struct run *runs = arena_array(arena, n, sizeof *runs);
    struct pool *pool = pool_create(threads);
    if (!runs || !pool) return 1;
    make(runs, 0); /* the fonts are loaded once a process */
    double start = now();
    pool_run(pool, n, make, runs);
    double seconds = now() - start;
    for (size_t i = 0; i < n; i++)
        if (runs[i].failed) return 1;
    printf("PDF: %zu documents of %d pages and %zu bytes, %d thread(s): %.2f s, %.0f pages/s\n", n, PAGES,
           runs[0].bytes, threads, seconds, (double)(n * PAGES) / seconds);
    pool_destroy(pool);
    arena_destroy(arena);
    return 0;
}

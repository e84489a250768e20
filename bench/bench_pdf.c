/* bench_pdf.c - pages of profiles as tagged PDF a second.
 *
 *     build/bench/bench_pdf [DOCUMENTS [THREADS]]
 *
 * The profile of an invented class (nine scales) over and over: results → document → PDF, in
 * memory.
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

struct sample {
    bool failed;
    size_t bytes, pages;
};

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t argument(int argc, char **argv, int at, long long otherwise) {
    long long value = otherwise;
    if (argc > at && !text_to_int(argv[at], 1, 1000000, &value)) value = otherwise;
    return (size_t)value;
}

static void make(void *context, size_t piece) {
    struct sample *sample = (struct sample *)context + piece;
    struct arena *arena = arena_create(ARENA_REQUEST_MAX);
    const struct profile_options options = { .language = language_get("da") };
    struct document *d = profile_build(fixture_frozen(arena, "class"), &options, arena);
    struct error error = { 0 };
    struct pdf pdf = { 0 };
    sample->failed = !d || !paint_pdf(d, arena, &pdf, &error);
    sample->bytes = pdf.length;
    sample->pages = pdf.pages;
    arena_destroy(arena);
}

int main(int argc, char **argv) {
    size_t n = argument(argc, argv, 1, 300);
    int threads = (int)argument(argc, argv, 2, 1);
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    struct sample *samples = arena_array(arena, n, sizeof *samples);
    struct pool *pool = pool_create(threads);
    if (!samples || !pool) return 1;
    make(samples, 0); /* the fonts are loaded once a process */
    double start = now(CLOCK_MONOTONIC), work = now(CLOCK_PROCESS_CPUTIME_ID);
    pool_run(pool, n, make, samples);
    double seconds = now(CLOCK_MONOTONIC) - start, busy = now(CLOCK_PROCESS_CPUTIME_ID) - work;
    for (size_t i = 0; i < n; i++)
        if (samples[i].failed) return 1;
    double pages = (double)(n * samples[0].pages);
    printf("PDF: %zu documents of %zu pages and %zu bytes, %d thread(s): %.2f s, %.0f pages/s; "
           "%.0f pages a second of processor time\n",
           n, samples[0].pages, samples[0].bytes, threads, seconds, pages / seconds, pages / busy);
    pool_destroy(pool);
    arena_destroy(arena);
    return 0;
}

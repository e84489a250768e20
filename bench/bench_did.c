/* bench_did.c - what difference-in-differences and expected regression to the mean cover, by
 * simulation with known truth.
 *
 *     build/bench/bench_did [REPLICATIONS [THREADS]]
 *
 * Prints the tables of docs/methods/change.md. Points with SD 100: school 20 (lasting), school by
 * wave 12, pupil 97. In each replication the waves differ by a change that all share.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "stat/did.h"
#include "stat/effect.h"
#include "stat/rtm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 20000, SCHOOLS_MAX = 250, GRADES = 5, PIECE = 50 };

struct cell {
    const char *name;
    int treated, schools;
    bool unequal;  /* sizes from a quarter to twice sixteen, skewed, anew in each wave */
    bool skewed;   /* pupils' deviations are exponential */
    bool grades;   /* of unequal means, in the model */
    double varies; /* SD of the effect between treated schools, whose mean is 0 */
    bool lowest;   /* the treated are those with the lowest results in the first wave */
};

static const struct cell cells[] = {
    { "20 of 40 schools", 20, 40, false, false, false, 0, false },
    { "8 of 40", 8, 40, false, false, false, 0, false },
    { "8 of 40, sizes from 4 to 32", 8, 40, true, false, false, 0, false },
    { "8 of 40, unequal, skewed results", 8, 40, true, true, false, 0, false },
    { "8 of 40, unequal, grades in the model", 8, 40, true, false, true, 0, false },
    { "8 of 40, unequal, effect varies (SD 12)", 8, 40, true, false, false, 12, false },
    { "4 of 40", 4, 40, false, false, false, 0, false },
    { "4 of 40, unequal", 4, 40, true, false, false, 0, false },
    { "4 of 12, unequal", 4, 12, true, false, false, 0, false },
    { "3 of 60", 3, 60, false, false, false, 0, false },
    { "3 of 60, unequal", 3, 60, true, false, false, 0, false },
    { "3 of 60, unequal, effect varies (SD 12)", 3, 60, true, false, false, 12, false },
    { "40 of 240, unequal", 40, 240, true, false, false, 0, false },
    { "8 of 40, chosen for a low result", 8, 40, false, false, false, 0, true },
};
static const struct cell chosen[] = {
    { "8 lowest of 40", 8, 40, false, false, false, 0, true },
    { "8 lowest of 40, sizes from 4 to 32", 8, 40, true, false, false, 0, true },
    { "8 lowest of 40, skewed results", 8, 40, false, true, false, 0, true },
    { "4 lowest of 13", 4, 13, false, false, false, 0, true },
    { "40 lowest of 240", 40, 240, false, false, false, 0, true },
    { "1 lowest of 40", 1, 40, false, false, false, 0, true },
};
enum { CELLS = sizeof cells / sizeof *cells, CHOSEN = sizeof chosen / sizeof *chosen };

struct rows {
    uint64_t seed, stream, counter;
    size_t n;
    double values[ROWS], mean[2][SCHOOLS_MAX];
    int wave[ROWS], school[ROWS], grade[ROWS], treated[SCHOOLS_MAX], size[2][SCHOOLS_MAX];
};

static double normal(struct rows *r) { return random_normal(r->seed, r->stream, r->counter++); }
static double uniform(struct rows *r) { return random_uniform(r->seed, r->stream, r->counter++); }

static int school_size(const struct cell *cell, struct rows *r) {
    return cell->unequal ? (int)fmin(fmax(16 * num_exp(0.5 * normal(r) - 0.125), 4), 32) : 16;
}

/* The schools with the lowest means of the first wave become the treated. */
static void choose_lowest(const struct cell *cell, struct rows *r) {
    for (int s = 0; s < cell->schools; s++) {
        int below = 0;
        for (int k = 0; k < cell->schools; k++) below += r->mean[0][k] < r->mean[0][s];
        r->treated[s] = below < cell->treated;
    }
}

static void draw_rows(const struct cell *cell, struct rows *r) {
    static const double change = 7;
    r->n = 0;
    for (int s = 0; s < cell->schools; s++) {
        double lasting = 500 + 20 * normal(r);
        r->treated[s] = s < cell->treated;
        int usual = school_size(cell, r);
        for (int w = 0; w < 2; w++) {
            double own = lasting + 12 * normal(r) + change * w;
            if (w && r->treated[s]) own += cell->varies * normal(r);
            r->size[w][s] = cell->unequal ? (int)fmax(3, usual * (0.8 + 0.4 * uniform(r))) : usual;
            r->mean[w][s] = 0;
            for (int p = 0; p < r->size[w][s]; p++) {
                size_t i = r->n++;
                r->wave[i] = w;
                r->school[i] = s;
                r->grade[i] = cell->grades ? (int)(GRADES * uniform(r)) : 0;
                r->values[i] = own + 15 * r->grade[i] +
                               97 * (cell->skewed ? -num_log(uniform(r)) - 1 : normal(r));
                r->mean[w][s] += r->values[i] / r->size[w][s];
            }
        }
    }
    if (cell->lowest) choose_lowest(cell, r);
}

/* What the chosen move by, given their first result, beside the change of all: pupils of 97² under
 * schools of 20² + 12². */
static double true_regression(const struct cell *cell, const struct rows *r) {
    double weight = 0, sum = 0;
    for (int s = 0; s < cell->schools; s++) {
        if (!r->treated[s]) continue;
        double rho = 400 / (544 + 97.0 * 97 / r->size[0][s]);
        weight += r->size[0][s];
        sum += r->size[0][s] * (rho - 1) * (r->mean[0][s] - 500);
    }
    return sum / weight;
}

/* ---- replications ---- */

struct outcome {
    double truth;
    struct estimate estimate;
};
struct bench {
    const struct cell *cell;
    bool regression; /* expected regression, not the effect */
    size_t replications;
    uint64_t seed;
    struct outcome *outcomes;
    bool failed;
};

static bool replication(const struct bench *bench, struct rows *r, struct arena *arena,
                        struct outcome *out) {
    const struct cell *cell = bench->cell;
    struct error error;
    struct did did;
    struct rtm rtm;
    draw_rows(cell, r);
    struct change_input input = { .n = r->n,
                                  .draws = 1,
                                  .values = r->values,
                                  .wave = r->wave,
                                  .cluster = r->school,
                                  .n_clusters = (size_t)cell->schools };
    if (bench->regression) {
        bool ok = rtm_expected(&input, r->treated, arena, &rtm, &error);
        *out = (struct outcome){ true_regression(cell, r), rtm.expected };
        return ok;
    }
    bool ok = did_estimate(&input, r->treated, cell->grades ? r->grade : NULL, GRADES, arena, &did,
                           &error);
    *out = (struct outcome){ 0, did.effect };
    return ok;
}

static void replicate(void *context, size_t piece) {
    struct bench *bench = context;
    struct rows *r = malloc(sizeof *r);
    size_t from, to;
    pool_piece(bench->replications, PIECE, piece, &from, &to);
    for (size_t i = from; r && i < to; i++) {
        struct arena *arena = arena_create(64 * MIB);
        r->seed = bench->seed;
        r->stream = i;
        r->counter = 0;
        if (!arena || !replication(bench, r, arena, &bench->outcomes[i])) bench->failed = true;
        arena_destroy(arena);
    }
    if (!r) bench->failed = true;
    free(r);
}

/* Power: how often a true effect of the size that each replication calls detectable, with the
 * errors of all, would have been found. */
static void say_cell(const struct bench *bench) {
    double n = (double)bench->replications, mean = 0, square = 0, se = 0, df = 0, covered = 0;
    double detectable = 0, found = 0, truth = 0;
    for (size_t i = 0; i < bench->replications; i++) {
        const struct outcome *o = &bench->outcomes[i];
        double error = o->estimate.value - o->truth;
        mean += error / n;
        truth += o->truth / n;
        square += error * error / n;
        se += o->estimate.se * o->estimate.se / n;
        df += fmin(o->estimate.df, 1e6) / n;
        covered += (fabs(error) <= estimate_half_width(o->estimate, .95)) / n;
    }
    double sd = sqrt(square - mean * mean);
    detectable = effect_detectable((struct estimate){ 0, sd, df }, .05, .8);
    for (size_t i = 0; i < bench->replications; i++) {
        const struct estimate *e = &bench->outcomes[i].estimate;
        found += (e->value + detectable > estimate_half_width(*e, .95)) / n;
    }
    if (bench->regression)
        printf("| %s | %.2f | %.2f | %.2f | %.3f | %.0f | %.1f |\n", bench->cell->name, truth, mean,
               sd, sqrt(se) / sd, df, 100 * covered);
    else
        printf("| %s | %.2f | %.2f | %.3f | %.1f | %.1f | %.1f | %.0f |\n", bench->cell->name, mean,
               sd, sqrt(se) / sd, df, 100 * covered, 100 * (1 - covered), 100 * found);
    fflush(stdout);
}

static void run_table(struct bench *bench, struct pool *pool, const struct cell *table, size_t n) {
    for (size_t c = 0; c < n && !bench->failed; c++) {
        bench->cell = &table[c];
        bench->seed = 7000 + c + (bench->regression ? 100 : 0);
        pool_run(pool, pool_pieces(bench->replications, PIECE), replicate, bench);
        say_cell(bench);
    }
}

int main(int argc, char **argv) {
    long long replications = 4000, threads = 1;
    if ((argc > 1 && !text_to_int(argv[1], 1, 1000000, &replications)) ||
        (argc > 2 && !text_to_int(argv[2], 1, 64, &threads)))
        return 2;
    struct pool *pool = pool_create((int)threads);
    struct bench bench = { .replications = (size_t)replications,
                           .outcomes = calloc((size_t)replications, sizeof *bench.outcomes) };
    if (!pool || !bench.outcomes) return 1;
    puts("| Difference-in-differences | bias | SD | SE/SD | df | coverage, % | false alarms, % | "
         "power, % |\n"
         "|---|--:|--:|--:|--:|--:|--:|--:|");
    run_table(&bench, pool, cells, CELLS);
    puts("\n| Expected regression | truth | bias | SD | SE/SD | df | coverage, % |\n"
         "|---|--:|--:|--:|--:|--:|--:|");
    bench.regression = true;
    run_table(&bench, pool, chosen, CHOSEN);
    pool_destroy(pool);
    free(bench.outcomes);
    return bench.failed;
}

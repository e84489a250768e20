/* bench_reliability.c - what the intervals of alpha and omega cover, by simulation with known
 * truth.
 *
 *     build-bench/bench/bench_reliability [REPLICATIONS [THREADS]]
 *
 * Prints the table of docs/methods/reliability.md. One normal factor behind ordered categories; the
 * truth is made of the codes' covariances, exact by the bivariate normal distribution: alpha by its
 * formula, omega by the factor that fits those covariances, polychoric omega by Green and Yang's
 * with the true loadings.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/bivariate.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "stat/polychoric.h"
#include "stat/reliability.h"

#include <math.h>
#include <stdio.h>

enum { ITEMS_MOST = 8, THRESHOLDS_MOST = 4, PERSONS_MOST = 1000, PIECE = 50 };

struct cell {
    const char *name;
    size_t n, items, thresholds;
    double threshold[THRESHOLDS_MOST], loading[ITEMS_MOST];
};

static const struct cell cells[] = {
    { "5 items of 4 categories, 100 persons", 100, 5, 3, { -1, 0, 1 }, { .8, .7, .6, .7, .5 } },
    { "the same, 300 persons", 300, 5, 3, { -1, 0, 1 }, { .8, .7, .6, .7, .5 } },
    { "the same, 1,000 persons", 1000, 5, 3, { -1, 0, 1 }, { .8, .7, .6, .7, .5 } },
    { "a ceiling, 100 persons", 100, 5, 3, { -2, -1.3, -.3 }, { .8, .7, .6, .7, .5 } },
    { "a ceiling, 300 persons", 300, 5, 3, { -2, -1.3, -.3 }, { .8, .7, .6, .7, .5 } },
    { "3 items, 300 persons", 300, 3, 3, { -1, 0, 1 }, { .7, .6, .5 } },
    { "8 items, right or wrong, 300 persons",
      300,
      8,
      1,
      { -.5 },
      { .8, .7, .6, .5, .5, .6, .4, .7 } },
    { "8 items of 5 categories, equal, 300 persons",
      300,
      8,
      4,
      { -1.5, -.5, .5, 1.5 },
      { .7, .7, .7, .7, .7, .7, .7, .7 } },
    { "5 weak items, 300 persons", 300, 5, 3, { -1, 0, 1 }, { .4, .3, .4, .3, .5 } },
};

enum { ALPHA, OMEGA, WHATS };
struct sums {
    size_t failed, n[WHATS], covered[WHATS];
    double sum[WHATS], squares[WHATS], se[WHATS], ordered;
};
struct simulation {
    const struct cell *cell;
    size_t replications;
    double truth[WHATS], ordered;
    struct sums *sums; /* one a piece */
};

static double code_covariance(const struct cell *cell, double r) {
    double sum = 0;
    for (size_t s = 0; s < cell->thresholds; s++)
        for (size_t t = 0; t < cell->thresholds; t++)
            sum += bivariate_normal_cdf(cell->threshold[s], cell->threshold[t], r) -
                   normal_cdf(cell->threshold[s]) * normal_cdf(cell->threshold[t]);
    return sum;
}

static bool find_truth(struct simulation *sim, struct arena *arena) {
    const struct cell *cell = sim->cell;
    size_t k = cell->items;
    double c[ITEMS_MOST * ITEMS_MOST] = { 0 }, total = 0, diagonal = 0, common = 0, sum = 0,
                          errors = 0;
    struct one_factor factor;
    struct error error;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            double r = cell->loading[i] * cell->loading[j];
            c[i * k + j] = code_covariance(cell, i == j ? 1 : r);
            common += code_covariance(cell, r);
            total += c[i * k + j];
            diagonal += i == j ? c[i * k + j] : 0;
        }
    if (!one_factor_ml(k, c, arena, &factor, &error)) return false;
    for (size_t i = 0; i < k; i++) {
        sum += factor.loading[i];
        errors += factor.error[i];
    }
    sim->truth[ALPHA] = (double)k / ((double)k - 1) * (1 - diagonal / total);
    sim->truth[OMEGA] = sum * sum / (sum * sum + errors);
    sim->ordered = common / total;
    return true;
}

static void draw_codes(const struct cell *cell, uint64_t seed, int8_t *codes) {
    for (size_t p = 0; p < cell->n; p++) {
        double factor = random_normal(seed, p, 0);
        for (size_t i = 0; i < cell->items; i++) {
            double l = cell->loading[i],
                   y = l * factor + sqrt(1 - l * l) * random_normal(seed, p, i + 1);
            int8_t code = 0;
            for (size_t t = 0; t < cell->thresholds; t++)
                code = (int8_t)(code + (y > cell->threshold[t]));
            codes[p * cell->items + i] = code;
        }
    }
}

static void replicate(const struct simulation *sim, uint64_t seed, int8_t *codes,
                      struct sums *sums) {
    const struct cell *cell = sim->cell;
    struct arena *arena = arena_create(16 * MIB);
    struct reliability r;
    struct polychoric p;
    struct polychoric_omega g;
    struct error error;
    draw_codes(cell, seed, codes);
    if (!arena || !reliability_classical(codes, cell->n, cell->items, arena, &r, &error) ||
        !polychoric_correlations(codes, cell->n, cell->items, arena, &p, &error) ||
        !polychoric_omega(&p, arena, &g, &error) || isnan(r.omega.se)) {
        sums->failed++;
        arena_destroy(arena);
        return;
    }
    const struct estimate estimate[WHATS] = { r.alpha, r.omega };
    for (int w = 0; w < WHATS; w++) {
        double low, high;
        reliability_interval(estimate[w], 0.95, &low, &high);
        sums->n[w]++;
        sums->covered[w] += low <= sim->truth[w] && sim->truth[w] <= high;
        sums->sum[w] += estimate[w].value;
        sums->squares[w] += (estimate[w].value - sim->truth[w]) *
                            (estimate[w].value - sim->truth[w]);
        sums->se[w] += estimate[w].se;
    }
    sums->ordered += g.omega;
    arena_destroy(arena);
}

static void run_piece(void *context, size_t piece) {
    struct simulation *sim = context;
    static _Thread_local int8_t codes[PERSONS_MOST * ITEMS_MOST];
    size_t from, to;
    pool_piece(sim->replications, PIECE, piece, &from, &to);
    for (size_t i = from; i < to; i++)
        replicate(sim, 1000003 * (uint64_t)(sim->cell - cells) + i, codes, &sim->sums[piece]);
}

static void say(const struct simulation *sim, size_t pieces) {
    struct sums all = { 0 };
    for (size_t i = 0; i < pieces; i++) {
        all.failed += sim->sums[i].failed;
        all.ordered += sim->sums[i].ordered;
        for (int w = 0; w < WHATS; w++) {
            all.n[w] += sim->sums[i].n[w];
            all.covered[w] += sim->sums[i].covered[w];
            all.sum[w] += sim->sums[i].sum[w];
            all.squares[w] += sim->sums[i].squares[w];
            all.se[w] += sim->sums[i].se[w];
        }
    }
    printf("| %s |", sim->cell->name);
    for (int w = 0; w < WHATS; w++) {
        double n = (double)all.n[w], bias = all.sum[w] / n - sim->truth[w];
        double sd = sqrt(all.squares[w] / n - bias * bias);
        printf(" %.3f | %+.4f | %.3f | %.3f | %.1f |", sim->truth[w], bias, sd, all.se[w] / n / sd,
               100 * (double)all.covered[w] / n);
    }
    printf(" %.3f | %+.4f | %zu |\n", sim->ordered,
           all.ordered / (double)all.n[OMEGA] - sim->ordered, all.failed);
}

int main(int argc, char **argv) {
    long long replications = 4000, threads = 2;
    if (argc > 1 && !text_to_int(argv[1], 1, 1000000, &replications)) return 2;
    if (argc > 2 && !text_to_int(argv[2], 1, 64, &threads)) return 2;
    struct pool *pool = pool_create((int)threads);
    if (!pool) return 1;
    puts("| Cell | alpha | bias | SD | SE/SD | coverage, % | omega | bias | SD | SE/SD | coverage, "
         "% | polychoric "
         "omega | bias | failed |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        struct arena *arena = arena_create(64 * MIB);
        size_t pieces = pool_pieces((size_t)replications, PIECE);
        struct simulation sim = { .cell = &cells[c],
                                  .replications = (size_t)replications,
                                  .sums = arena_array(arena, pieces, sizeof *sim.sums) };
        if (!sim.sums || !find_truth(&sim, arena)) return 1;
        pool_run(pool, pieces, run_piece, &sim);
        say(&sim, pieces);
        arena_destroy(arena);
    }
    pool_destroy(pool);
    return 0;
}

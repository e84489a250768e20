#include "simulation.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPLICATIONS = 4000, SEED = 20261125, PIECE = 10 };

/* Coverage beyond these is set in bold. */
static const double LOWEST = 93.5, HIGHEST = 96.5;

/* ---- random numbers ---- */

double draw_normal(struct source *s) { return random_normal(s->seed, s->stream, s->counter++); }
double draw_uniform(struct source *s) { return random_uniform(s->seed, s->stream, s->counter++); }

double draw_shape(struct source *source, enum shape shape) {
    enum { PAIRS = 4 };
    if (shape == SHAPE_NORMAL) return draw_normal(source);
    double sum = 0; /* of exponentials: χ²/2 with twice as many degrees of freedom */
    for (int i = 0; i < PAIRS; i++) sum -= num_log(draw_uniform(source));
    double z = (sum - PAIRS) / sqrt(PAIRS);
    return shape == SHAPE_SKEWED ? z : -z;
}

int8_t draw_answer(struct source *source, enum irt_model model, const struct item_parameters *item,
                   double theta) {
    double log_p[CATEGORIES_MAX], u = draw_uniform(source);
    model_log_probabilities(model, item, theta, log_p);
    for (int k = 0; k < item->steps; k++) {
        u -= num_exp(log_p[k]);
        if (u < 0) return (int8_t)k;
    }
    return (int8_t)item->steps;
}

/* ---- counting ---- */

void quantity_add_interval(struct quantity *quantity, struct estimate estimate, double low,
                           double high, double truth) {
    double error = estimate.value - truth;
    quantity->n += 1;
    quantity->error += error;
    quantity->square += error * error;
    quantity->variance += estimate.se * estimate.se;
    quantity->covered += low <= truth && truth <= high;
    quantity->width += high - low;
}

void quantity_add(struct quantity *quantity, struct estimate estimate, double truth) {
    double half = estimate_half_width(estimate, .95);
    quantity_add_interval(quantity, estimate, estimate.value - half, estimate.value + half, truth);
}

void quantity_add_event(struct quantity *quantity, bool happened) {
    quantity->n += 1;
    quantity->covered += happened;
}

struct run {
    const struct study *study;
    size_t cell, replications;
    struct quantity *out; /* [replication * n_quantities + quantity] */
    bool *failed;
};

static void run_piece(void *context, size_t piece) {
    struct run *run = context;
    size_t from, to;
    pool_piece(run->replications, PIECE, piece, &from, &to);
    for (size_t i = from; i < to; i++) {
        struct source source = { .seed = SEED + 1000 * run->cell, .stream = i };
        struct quantity *out = run->out + i * run->study->n_quantities;
        struct arena *arena = arena_create(ARENA_JOB_MAX);
        for (size_t q = 0; q < run->study->n_quantities; q++) out[q] = (struct quantity){ 0 };
        run->failed[i] = !arena || !run->study->replicate(run->cell, &source, arena, out);
        arena_destroy(arena);
    }
}

/* Sums over replications; deviation gets the Monte Carlo error of the share covered, a ratio of
 * two sums over replications, each of which may hold many intervals that hang together. */
static struct quantity add_up(const struct run *run, size_t q, double *deviation) {
    struct quantity sum = { 0 };
    for (size_t i = 0; i < run->replications; i++) {
        const struct quantity *one = &run->out[i * run->study->n_quantities + q];
        if (run->failed[i]) continue;
        sum.n += one->n;
        sum.error += one->error;
        sum.square += one->square;
        sum.variance += one->variance;
        sum.covered += one->covered;
        sum.width += one->width;
    }
    double squares = 0, share = sum.covered / sum.n;
    for (size_t i = 0; i < run->replications; i++) {
        const struct quantity *one = &run->out[i * run->study->n_quantities + q];
        if (run->failed[i]) continue;
        squares += (one->covered - share * one->n) * (one->covered - share * one->n);
    }
    *deviation = sqrt(squares) / sum.n;
    return sum;
}

/* Whether anything was added to the quantity, and so a line was printed. */
static bool say(const struct run *run, size_t q, bool first) {
    double deviation, decimals = run->study->decimals;
    struct quantity sum = add_up(run, q, &deviation);
    if (sum.n == 0) return false;
    if (run->study->events) {
        printf("| %s | %s | %.2f ± %.2f | %.0f |\n", first ? run->study->cells[run->cell] : "",
               run->study->quantities[q], 100 * sum.covered / sum.n, 100 * deviation, sum.n);
        return true;
    }
    double bias = sum.error / sum.n, sd = sqrt(fmax(0, sum.square / sum.n - bias * bias));
    double covered = 100 * sum.covered / sum.n;
    const char *mark = covered < LOWEST || covered > HIGHEST ? "**" : "";
    printf("| %s | %s | %.*f | %.*f | %.3f | %s%.1f%s ± %.1f | %.*f | %.0f |\n",
           first ? run->study->cells[run->cell] : "", run->study->quantities[q], (int)decimals,
           bias, (int)decimals, sd, sqrt(sum.variance / sum.n) / sd, mark, covered, mark,
           100 * deviation, (int)decimals, sum.width / sum.n, sum.n);
    return true;
}

static void say_cell(const struct run *run) {
    size_t failed = 0;
    bool first = true;
    for (size_t i = 0; i < run->replications; i++) failed += run->failed[i];
    for (size_t q = 0; q < run->study->n_quantities; q++)
        if (say(run, q, first)) first = false;
    if (failed) printf("| | *%zu replications failed* | | | | | | |\n", failed);
    fflush(stdout);
}

int study_main(const struct study *study, int argc, char **argv) {
    long long replications = REPLICATIONS, threads = 1, only = 0;
    if ((argc > 1 && !text_to_int(argv[1], 1, 1000000, &replications)) ||
        (argc > 2 && !text_to_int(argv[2], 1, 64, &threads)) ||
        (argc > 3 && !text_to_int(argv[3], 1, (long long)study->n_cells, &only))) {
        fprintf(stderr, "usage: %s [REPLICATIONS [THREADS [CELL]]]\n", argv[0]);
        return 2;
    }
    struct run run = { .study = study, .replications = (size_t)replications };
    struct pool *pool = pool_create((int)threads);
    run.out = calloc(run.replications, study->n_quantities * sizeof *run.out);
    run.failed = calloc(run.replications, sizeof *run.failed);
    if (!pool || !run.out || !run.failed) return 1;
    if (study->events)
        printf("| Cell | Event | %% | Of |\n|---|---|--:|--:|\n");
    else
        printf("| Cell | Interval of | Bias, %s | SD | SE/SD | Covered, %% | Width | Intervals |\n"
               "|---|---|--:|--:|--:|--:|--:|--:|\n",
               study->unit);
    for (run.cell = 0; run.cell < study->n_cells; run.cell++) {
        if (only && run.cell + 1 != (size_t)only) continue;
        pool_run(pool, pool_pieces(run.replications, PIECE), run_piece, &run);
        say_cell(&run);
    }
    pool_destroy(pool);
    free(run.out);
    free(run.failed);
    return 0;
}

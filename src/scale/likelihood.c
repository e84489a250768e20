#include "scale/likelihood.h"

#include "base/arena.h"
#include "num/clones.h"
#include "num/pool.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* ---- patterns ---- */

struct summary {
    uint64_t hash;
    int answered;
};

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

/* by_sum: of the mask and the sum alone. */
static struct summary summarise(const int8_t *codes, size_t n_items, bool by_sum) {
    struct summary s = { 0, 0 };
    uint64_t sum = 0;
    for (size_t i = 0; i < n_items; i++) {
        bool seen = codes[i] != CODE_MISSING;
        s.answered += seen;
        sum += seen ? (uint64_t)codes[i] : 0;
        s.hash = mix(s.hash, by_sum ? seen : (uint8_t)codes[i]);
    }
    s.hash = mix(s.hash, by_sum ? sum : 0);
    return s;
}

static bool same(const int8_t *a, const int8_t *b, size_t n_items, bool by_sum) {
    if (!by_sum) return memcmp(a, b, n_items) == 0;
    int difference = 0;
    for (size_t i = 0; i < n_items; i++) {
        if ((a[i] == CODE_MISSING) != (b[i] == CODE_MISSING)) return false;
        difference += a[i] - b[i];
    }
    return difference == 0;
}

bool answer_patterns_make(const struct responses *responses, enum irt_model model,
                          struct arena *arena, struct answer_patterns *out) {
    size_t n = responses->n_persons, n_items = responses->n_items, places = 16;
    bool by_sum = !model_has_slopes(model);
    if (n >= PATTERN_NONE / 4) return false;
    while (places < 2 * n) places *= 2;
    *out = (struct answer_patterns){ .of = arena_array(arena, n, sizeof *out->of),
                                     .example = arena_array(arena, n, sizeof *out->example) };
    uint32_t *place = arena_array(arena, places, sizeof *place); /* pattern + 1; 0: free */
    if (!out->of || !out->example || !place) return false;
    for (size_t person = 0; person < n; person++) {
        const int8_t *codes = responses->codes + person * n_items;
        struct summary s = summarise(codes, n_items, by_sum);
        out->of[person] = PATTERN_NONE;
        if (s.answered == 0) continue;
        size_t at = (size_t)(s.hash >> 7) & (places - 1);
        while (place[at] && !same(codes, responses->codes + out->example[place[at] - 1] * n_items,
                                  n_items, by_sum))
            at = (at + 1) & (places - 1);
        if (!place[at]) {
            out->example[out->n++] = (uint32_t)person;
            place[at] = (uint32_t)out->n;
        }
        out->of[person] = place[at] - 1;
    }
    return true;
}

/* ---- derivatives ---- */

/* PCM and GPCM: P′ = a P (k − E), P″ = a² P ((k − E)² − V), so I = a² V and J = a³ times the third
 * central moment. */
static void partial_credit_curve(const double *p, int steps, double slope, struct item_curve *out) {
    double mean = 0, second = 0, third = 0;
    for (int k = 1; k <= steps; k++) mean += k * p[k];
    for (int k = 0; k <= steps; k++) {
        double d = k - mean;
        second += p[k] * d * d;
        third += p[k] * d * d * d;
        out->score[k] = slope * d;
    }
    out->information = slope * slope * second;
    out->j = slope * slope * slope * third;
}

static void graded_curve(const double *p, const struct item_parameters *item, double theta,
                         struct item_curve *out) {
    /* First and second derivatives of P(X ≥ k); both are 0 for k = 0 and k = K + 1. */
    double first[CATEGORIES_MAX + 1] = { 0 }, second[CATEGORIES_MAX + 1] = { 0 };
    double a = item->slope;
    for (int k = 1; k <= item->steps; k++) {
        double z = a * (theta - item->location[k - 1]), e = num_exp(-fabs(z));
        double tilt = (e - 1) / (1 + e); /* 1 − 2P for z ≥ 0 */
        first[k] = a * e / ((1 + e) * (1 + e));
        second[k] = a * first[k] * (z < 0 ? -tilt : tilt);
    }
    out->information = out->j = 0;
    for (int k = 0; k <= item->steps; k++) {
        out->score[k] = 0;
        if (p[k] < 1e-290) continue;
        double d1 = first[k] - first[k + 1], d2 = second[k] - second[k + 1];
        out->information += d1 * d1 / p[k];
        out->j += d1 * d2 / p[k];
        out->score[k] = d1 / p[k];
    }
}

void item_curve(enum irt_model model, const struct item_parameters *item, double theta,
                struct item_curve *out) {
    double p[CATEGORIES_MAX];
    model_log_probabilities(model, item, theta, p);
    for (int k = 0; k <= item->steps; k++) p[k] = num_exp(p[k]);
    if (model == MODEL_GRM)
        graded_curve(p, item, theta, out);
    else
        partial_credit_curve(p, item->steps, model_has_slopes(model) ? item->slope : 1, out);
}

struct item_terms item_terms(enum irt_model model, const struct item_parameters *item, double theta,
                             int category) {
    struct item_curve curve;
    item_curve(model, item, theta, &curve);
    return (struct item_terms){ category == CODE_MISSING ? 0 : curve.score[category],
                                curve.information, curve.j };
}

struct peaks information_peaks(const struct scale_model *model, double low, double high) {
    enum { PLACES = 64 };
    struct peaks peaks = { 0 };
    struct item_curve curve;
    double item = 0;
    for (int k = 0; k <= PLACES; k++) {
        double theta = low + (high - low) * k / PLACES, sum = 0;
        for (size_t i = 0; i < model->n_items; i++) {
            item_curve(model->model, &model->items[i], theta, &curve);
            sum += curve.information;
        }
        peaks.test = fmax(peaks.test, sum);
    }
    for (size_t i = 0; i < model->n_items; i++) {
        for (int h = 0; h < model->items[i].steps; h++) {
            item_curve(model->model, &model->items[i], model->items[i].location[h], &curve);
            item = fmax(item, curve.information);
        }
    }
    peaks.test = fmax(peaks.test, item);
    peaks.slope = 2 * sqrt(item);
    return peaks;
}

/* ---- the grid ---- */

/* With a posterior of SD s, nodes h apart give its moments to exp(−2π²s²/h²): 3·10⁻⁶ for h = 1.25
 * s. The narrowest posterior is taken to have all items where they inform most, and a prior of a
 * sixteenth of the latent variance. */
struct theta_grid grid_for(const struct scale_model *model) {
    double low = HUGE_VAL, high = -HUGE_VAL, least = HUGE_VAL;
    for (size_t g = 0; g < model->n_groups; g++) {
        double variance = fmax(model->variance[g], VARIANCE_LEAST), sd = sqrt(variance);
        low = fmin(low, model->mean[g] - 8 * sd);
        high = fmax(high, model->mean[g] + 8 * sd);
        least = fmin(least, variance);
    }
    double step = 1.25 / sqrt(16 / least + information_peaks(model, low, high).test);
    step = fmax(step, (high - low) / (GRID_NODES_MAX - 2));
    size_t nodes = (size_t)((high - low) / step) + 2;
    return (struct theta_grid){ low, step, nodes, nodes + LANES };
}

struct tables {
    const struct theta_grid *grid;
    const struct responses *responses;
    const struct scale_model *model;
    const struct answer_patterns *patterns;
    size_t places; /* OFFSETS * nodes */
    double *log_p; /* [(item * CATEGORIES_MAX + category) * places + place] */
    float *out;
};

enum { PATTERNS_A_PIECE = 32 };

static void fill_tables(void *context, size_t piece) {
    const struct tables *t = context;
    double sum[OFFSETS * GRID_NODES_MAX];
    size_t from, to, n_items = t->responses->n_items;
    pool_piece(t->patterns->n, PATTERNS_A_PIECE, piece, &from, &to);
    for (size_t pattern = from; pattern < to; pattern++) {
        const int8_t *codes = t->responses->codes + t->patterns->example[pattern] * n_items;
        for (size_t k = 0; k < t->places; k++) sum[k] = 0;
        for (size_t i = 0; i < n_items; i++) {
            if (codes[i] == CODE_MISSING) continue;
            const double *row = t->log_p + (i * CATEGORIES_MAX + (size_t)codes[i]) * t->places;
            for (size_t k = 0; k < t->places; k++) sum[k] += row[k];
        }
        double largest = sum[0]; /* NOLINT(clang-analyzer-core.uninitialized.Assign): places > 0 */
        for (size_t k = 1; k < t->places; k++) largest = sum[k] > largest ? sum[k] : largest;
        for (size_t k = 0; k < t->places; k++) sum[k] -= largest;
        num_exp_array(t->places, sum, sum);
        for (size_t k = 0; k < t->places; k++) {
            size_t row = pattern * OFFSETS + k / t->grid->nodes;
            t->out[row * t->grid->row + k % t->grid->nodes] = (float)fmax(sum[k], 1e-30);
        }
    }
}

float *likelihood_tables(const struct responses *responses, const struct scale_model *model,
                         const struct answer_patterns *patterns, const struct theta_grid *grid,
                         struct pool *pool, struct arena *arena) {
    struct tables t = { grid, responses, model, patterns, OFFSETS * grid->nodes, NULL, NULL };
    t.log_p = arena_array(arena, model->n_items * CATEGORIES_MAX * t.places, sizeof *t.log_p);
    t.out = arena_array(arena, patterns->n, OFFSETS * grid->row * sizeof *t.out);
    if (!t.log_p || !t.out) return NULL;
    for (size_t i = 0; i < model->n_items; i++) {
        double *rows = t.log_p + i * CATEGORIES_MAX * t.places, log_p[CATEGORIES_MAX];
        for (size_t place = 0; place < t.places; place++) {
            size_t turn = place / grid->nodes;
            double node = (double)(place % grid->nodes), offset = (double)turn / OFFSETS;
            model_log_probabilities(model->model, &model->items[i],
                                    grid->first + (node + offset) * grid->step, log_p);
            for (int k = 0; k <= model->items[i].steps; k++)
                rows[(size_t)k * t.places + place] = log_p[k];
        }
    }
    pool_run(pool, pool_pieces(patterns->n, PATTERNS_A_PIECE), fill_tables, &t);
    return t.out;
}

/* ---- draws ---- */

double grid_least_sd(const struct theta_grid *grid) { return grid->step / 4; }

struct kernel kernel_for(const struct theta_grid *grid, double sd) {
    double ratio = grid->step / sd, reach = 6 / ratio + 1;
    struct kernel kernel = { .rate = grid->step / (sd * sd),
                             .reach = reach < GRID_NODES_MAX ? (size_t)reach : GRID_NODES_MAX };
    for (size_t k = 0; k < 2 * kernel.reach + LANES; k++) {
        double d = ((double)k - (double)kernel.reach) * ratio;
        kernel.bell[k] = num_exp(-0.5 * d * d);
    }
    return kernel;
}

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef float float_lanes __attribute__((vector_size(LANES * sizeof(float))));

/* The node that the bits choose by weight likelihood × bell × tilt^(k − centre), k from low on;
 * power is tilt^(low − centre). Nodes are summed lane by lane, and are gone through in the same
 * order. */
static inline size_t choose_node(const float *likelihood, const double *bell, size_t blocks,
                                 double tilt, double power, uint64_t bits) {
    lanes weight[2 * GRID_NODES_MAX / LANES + 2], total = { 0 };
    double square = tilt * tilt;
    lanes p = { power, power * tilt, power * square, power * square * tilt };
    lanes step = { square * square, square * square, square * square, square * square };
    size_t b = 0;
    do { /* there is one block at least */
        float_lanes narrow;
        lanes prior;
        memcpy(&narrow, likelihood + b * LANES, sizeof narrow);
        memcpy(&prior, bell + b * LANES, sizeof prior);
        weight[b] = __builtin_convertvector(narrow, lanes) * prior * p;
        total += weight[b];
        p *= step;
    } while (++b < blocks);
    double left = ((double)(bits >> 12) + 0.5) * 0x1p-52 *
                  (total[0] + total[1] + total[2] + total[3]);
    size_t lane = 0, block = 0;
    while (lane < LANES - 1 && left > total[lane]) left -= total[lane++];
    while (block < blocks - 1 && left > weight[block][lane]) left -= weight[block++][lane];
    return block * LANES + lane;
}

VECTOR_CLONES
void draw_on_grid(const struct theta_grid *grid, const struct kernel *kernel, size_t n,
                  const float *const *table, const double *mean, const uint64_t *bits,
                  double *out) {
    double exponent[2 * DRAWS_A_CALL], last = (double)(grid->nodes - 1);
    size_t low[DRAWS_A_CALL], blocks[DRAWS_A_CALL], skipped[DRAWS_A_CALL];
    if (n == 0) return;
    /* Where the window of each lies. Relative to the node next to the mean, the prior is a bell
     * that all share, times a power: exp(δ(k − centre)h/σ²), δ the distance of the mean from that
     * node. */
    for (size_t i = 0; i < n; i++) {
        double first = grid->first + grid->step * (double)(bits[i] % OFFSETS) / OFFSETS;
        double position = (mean[i] - first) / grid->step;
        position = position > 0 ? position < last ? position : last : 0;
        size_t centre = (size_t)(position + 0.5);
        double delta = (position - (double)centre) * grid->step;
        skipped[i] = centre < kernel->reach ? kernel->reach - centre : 0;
        low[i] = centre + skipped[i] - kernel->reach;
        size_t high = centre + kernel->reach < grid->nodes ? centre + kernel->reach
                                                           : grid->nodes - 1;
        blocks[i] = (high - low[i]) / LANES + 1;
        exponent[2 * i] = delta * kernel->rate;
        exponent[2 * i + 1] = -delta * kernel->rate * (double)(centre - low[i]);
    }
    num_exp_array(2 * n, exponent, exponent);
    for (size_t i = 0; i < n; i++) {
        size_t offset = bits[i] % OFFSETS;
        size_t node = low[i] + choose_node(table[i] + offset * grid->row + low[i],
                                           kernel->bell + skipped[i], blocks[i], exponent[2 * i],
                                           exponent[2 * i + 1], bits[i]);
        out[i] = grid->first + grid->step * ((double)node + (double)offset / OFFSETS);
    }
}

double draw_jitter(const struct theta_grid *grid, uint64_t bits) {
    double u = ((double)(bits >> 2 & 0x3FF) + 0.5) / 1024;
    return (u - 0.5) * grid->step / OFFSETS;
}

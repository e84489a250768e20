#include "scale/likelihood.h"

#include "base/arena.h"
#include "base/limits.h"
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

/* A category without width has no probability: this stands for its logarithm. */
#define LOG_LEAST (-1e6)

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
    size_t intervals = (size_t)((high - low) / step) + 1;
    return (struct theta_grid){ low, step, (intervals / LANES + 1) * LANES };
}

/* Likelihoods are made a batch at a time in full, and kept where they are not 0. */
enum { PATTERNS_A_PIECE = 32, PIECES = 32, BATCH = PATTERNS_A_PIECE * PIECES };
#define LOG_DEPTH (-27.63) /* log 1e-12 */

struct batch {
    const struct theta_grid *grid;
    const struct responses *responses;
    const struct scale_model *model;
    const struct answer_patterns *patterns;
    struct likelihood *likelihood;
    size_t places;   /* OFFSETS * nodes */
    size_t *item_at; /* of an item: the row of its category 0 */
    double *log_p;   /* [(item_at[item] + category) * places + place] */
    size_t from, to; /* the patterns at hand */
    float *full;     /* [(pattern − from) * places + place] */
    size_t *kept_at; /* one a pattern at hand: where in one offset's part of kept */
    size_t kept_size;
    float *kept; /* [offset * kept_size + kept_at + k] */
};

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef float float_lanes __attribute__((vector_size(LANES * sizeof(float))));

/* Sums of n rows. */
VECTOR_CLONES
static void add_rows(size_t n, const double *const *row, size_t places, double *out) {
    for (size_t at = 0; at < places; at += LANES) {
        lanes sum = { 0 }, more;
        for (size_t k = 0; k < n; k++) {
            memcpy(&more, row[k] + at, sizeof more);
            sum += more;
        }
        memcpy(out + at, &sum, sizeof sum);
    }
}

/* The blocks in which any of the four grids is above the depth. */
static void find_span(const struct batch *b, const double *sum, double largest,
                      struct likelihood *out) {
    size_t first = b->grid->nodes, last = 0;
    for (size_t o = 0; o < OFFSETS; o++) {
        const double *row = sum + o * b->grid->nodes;
        size_t low = 0, high = b->grid->nodes - 1;
        while (low < high && row[low] < largest + LOG_DEPTH) low++;
        while (high > low && row[high] < largest + LOG_DEPTH) high--;
        first = low < first ? low : first;
        last = high > last ? high : last;
    }
    out->blocks = (uint16_t)((last - first) / LANES + 1);
    size_t most = b->grid->nodes - (size_t)out->blocks * LANES;
    out->first = (uint16_t)(first < most ? first : most);
}

static void fill_full(void *context, size_t piece) {
    const struct batch *b = context;
    double sum[OFFSETS * GRID_NODES_MAX];
    const double *row[ITEMS_MAX];
    size_t from, to, n_items = b->responses->n_items;
    pool_piece(b->to - b->from, PATTERNS_A_PIECE, piece, &from, &to);
    for (size_t i = from; i < to; i++) {
        size_t pattern = b->from + i, n = 0;
        const int8_t *codes = b->responses->codes + b->patterns->example[pattern] * n_items;
        for (size_t item = 0; item < n_items; item++)
            if (codes[item] != CODE_MISSING)
                row[n++] = b->log_p + (b->item_at[item] + (size_t)codes[item]) * b->places;
        add_rows(n, row, b->places, sum);
        double largest = sum[0]; /* NOLINT(clang-analyzer-core.uninitialized.Assign): places > 0 */
        for (size_t k = 1; k < b->places; k++) largest = sum[k] > largest ? sum[k] : largest;
        struct likelihood *own = &b->likelihood[pattern];
        find_span(b, sum, largest, own);
        size_t length = (size_t)own->blocks * LANES;
        for (size_t o = 0; o < OFFSETS; o++) {
            double *inside = sum + o * b->grid->nodes + own->first;
            for (size_t k = 0; k < length; k++) inside[k] -= largest;
            num_exp_array(length, inside, inside);
            float *out = b->full + i * b->places + o * length;
            for (size_t k = 0; k < length; k++)
                out[k] = (float)(inside[k] < 1e-30 ? 1e-30 : inside[k]);
        }
    }
}

static void keep_piece(void *context, size_t piece) {
    const struct batch *b = context;
    size_t from, to;
    pool_piece(b->to - b->from, PATTERNS_A_PIECE, piece, &from, &to);
    for (size_t i = from; i < to; i++) {
        struct likelihood *own = &b->likelihood[b->from + i];
        size_t length = (size_t)own->blocks * LANES;
        own->at = b->kept + b->kept_at[i];
        own->stride = (uint32_t)b->kept_size;
        for (size_t o = 0; o < OFFSETS; o++)
            memcpy(b->kept + o * b->kept_size + b->kept_at[i], b->full + i * b->places + o * length,
                   length * sizeof(float));
    }
}

static bool make_batch(struct batch *b, struct pool *pool, struct arena *arena) {
    size_t pieces = pool_pieces(b->to - b->from, PATTERNS_A_PIECE);
    pool_run(pool, pieces, fill_full, b);
    b->kept_size = 0;
    for (size_t pattern = b->from; pattern < b->to; pattern++) {
        b->kept_at[pattern - b->from] = b->kept_size;
        b->kept_size += (size_t)LANES * b->likelihood[pattern].blocks;
    }
    b->kept = arena_array(arena, OFFSETS * b->kept_size, sizeof *b->kept);
    if (!b->kept) return false;
    pool_run(pool, pieces, keep_piece, b);
    return true;
}

static bool batch_room(struct batch *b, struct arena *arena) {
    const struct scale_model *model = b->model;
    size_t rows = 0;
    b->item_at = arena_array(arena, model->n_items, sizeof *b->item_at);
    if (!b->item_at) return false;
    for (size_t i = 0; i < model->n_items; i++) {
        b->item_at[i] = rows;
        rows += (size_t)model->items[i].steps + 1;
    }
    b->likelihood = arena_array(arena, b->patterns->n, sizeof *b->likelihood);
    b->log_p = arena_array(arena, rows, b->places * sizeof *b->log_p);
    b->full = arena_array(arena, BATCH, b->places * sizeof *b->full);
    b->kept_at = arena_array(arena, BATCH, sizeof *b->kept_at);
    return b->likelihood && b->log_p && b->full && b->kept_at;
}

static void fill_item(void *context, size_t item) {
    const struct batch *b = context;
    const struct item_parameters *own = &b->model->items[item];
    double log_p[CATEGORIES_MAX], *rows = b->log_p + b->item_at[item] * b->places;
    for (size_t place = 0; place < b->places; place++) {
        double node = (double)(place % b->grid->nodes) + (double)(place / b->grid->nodes) / OFFSETS;
        model_log_probabilities(b->model->model, own, b->grid->first + node * b->grid->step, log_p);
        for (int k = 0; k <= own->steps; k++)
            rows[(size_t)k * b->places + place] = fmax(log_p[k], LOG_LEAST);
    }
}

struct likelihood *likelihoods_make(const struct responses *responses,
                                    const struct scale_model *model,
                                    const struct answer_patterns *patterns,
                                    const struct theta_grid *grid, struct pool *pool,
                                    struct arena *arena) {
    struct batch b = { .grid = grid,
                       .responses = responses,
                       .model = model,
                       .patterns = patterns,
                       .places = OFFSETS * grid->nodes };
    if (!batch_room(&b, arena)) return NULL;
    pool_run(pool, model->n_items, fill_item, &b);
    for (; b.from < patterns->n; b.from = b.to) {
        b.to = patterns->n - b.from < BATCH ? patterns->n : b.from + BATCH;
        if (!make_batch(&b, pool, arena)) return NULL;
    }
    return b.likelihood;
}

/* ---- draws ---- */

double grid_least_sd(const struct theta_grid *grid) { return grid->step / 4; }

void kernel_make(const struct theta_grid *grid, double sd, struct kernel *out) {
    double ratio = grid->step / sd, reach = 8 / ratio + 1 + LANES;
    out->rate = grid->step / (sd * sd);
    out->reach = reach < GRID_NODES_MAX ? (size_t)reach : GRID_NODES_MAX;
    size_t n = 2 * (out->reach + LANES);
    for (size_t k = 0; k < n; k++) {
        double d = ((double)k - (double)out->reach) * ratio;
        out->bell[k] = -0.5 * d * d;
    }
    num_exp_array(n, out->bell, out->bell);
}

/* The node that the bits choose by weight likelihood × bell × tilt^(k − centre), of LANES * blocks
 * nodes; power is tilt^(first − centre). Nodes are summed lane by lane, and are gone through in the
 * same order. No branch depends on what is drawn. */
static inline size_t choose_node(const float *likelihood, const double *bell, size_t blocks,
                                 double tilt, double power, uint64_t bits) {
    lanes weight[GRID_NODES_MAX / LANES], total = { 0 };
    double square = tilt * tilt, fourth = square * square;
    lanes p = { power, power * tilt, power * square, power * square * tilt };
    lanes step = { fourth, fourth, fourth, fourth };
    size_t b = 0;
    do { /* there is one block at least */
        float_lanes narrow;
        lanes prior;
        memcpy(&narrow, likelihood + b * LANES, sizeof narrow);
        memcpy(&prior, bell + b * LANES, sizeof prior);
        total += __builtin_convertvector(narrow, lanes) * prior * p;
        weight[b] = total;
        p *= step;
    } while (++b < blocks);
    double two = total[0] + total[1], three = two + total[2];
    double left = ((double)(bits >> 12) + 0.5) * 0x1p-52 * (three + total[3]);
    size_t lane = (size_t)(left > total[0]) + (left > two) + (left > three);
    double before[LANES] = { 0, total[0], two, three };
    left -= before[lane];
    const double *own = (const double *)weight + lane;
    size_t block = 0;
    for (b = 0; b + 1 < blocks; b++) block += left > own[b * LANES];
    return block * LANES + lane;
}

VECTOR_CLONES
void draw_on_grid(const struct theta_grid *grid, size_t n, const struct kernel *const *kernels,
                  const struct likelihood *const *likelihood, const double *mean,
                  const uint64_t *bits, size_t common, double *out) {
    double exponent[2 * DRAWS_A_CALL], first[DRAWS_A_CALL], last = (double)(grid->nodes - 1);
    size_t low[DRAWS_A_CALL], blocks[DRAWS_A_CALL];
    const double *bell[DRAWS_A_CALL];
    const float *row[DRAWS_A_CALL];
    if (n == 0) return;
    /* Which blocks of each lie within reach of its mean, one at least. Relative to the node next to
     * the mean, the prior is a bell that all share, times a power: exp(δ(k − centre)h/σ²), δ the
     * distance of the mean from that node. */
    for (size_t i = 0; i < n; i++) {
        const struct likelihood *own = likelihood[i];
        const struct kernel *kernel = kernels[i];
        size_t offset = common < OFFSETS ? common : bits[i] % OFFSETS;
        first[i] = grid->first + grid->step * (double)offset / OFFSETS;
        double position = (mean[i] - first[i]) / grid->step;
        position = position > 0 ? position < last ? position : last : 0;
        size_t centre = (size_t)(position + 0.5), reach = kernel->reach - LANES;
        double delta = (position - (double)centre) * grid->step;
        size_t from = centre > own->first + reach ? (centre - reach - own->first) / LANES : 0;
        size_t to = centre + reach < own->first ? 0 : (centre + reach - own->first) / LANES;
        from = from < own->blocks ? from : own->blocks - 1u;
        to = to < own->blocks ? to : own->blocks - 1u;
        low[i] = from * LANES;
        blocks[i] = to - from + 1;
        row[i] = own->at + offset * own->stride + from * LANES;
        __builtin_prefetch(row[i]);
        __builtin_prefetch(row[i] + blocks[i] * LANES - 1);
        size_t node = own->first + low[i];
        /* Beyond the reach of the bell (nobody's place), its end stands for it. */
        size_t place = node + kernel->reach > centre ? node + kernel->reach - centre : 0;
        size_t most = 2 * (kernel->reach + LANES) - blocks[i] * LANES;
        bell[i] = kernel->bell + (place < most ? place : most);
        exponent[2 * i] = delta * kernel->rate;
        exponent[2 * i + 1] = delta * kernel->rate * ((double)node - (double)centre);
    }
    num_exp_array(2 * n, exponent, exponent);
    for (size_t i = 0; i < n; i++) {
        size_t node =
            likelihood[i]->first + low[i] +
            choose_node(row[i], bell[i], blocks[i], exponent[2 * i], exponent[2 * i + 1], bits[i]);
        out[i] = first[i] + grid->step * (double)node;
    }
}

double draw_jitter(const struct theta_grid *grid, uint64_t bits) {
    double u = ((double)(bits >> 2 & 0x3FF) + 0.5) / 1024;
    return (u - 0.5) * grid->step / OFFSETS;
}

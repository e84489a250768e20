/* t values of the mean squares: their variances under the model, given each person's other answers
 * (docs/methods/fit.md). */
#include "scale/misfit_internal.h"

#include "num/clones.h"
#include "num/pool.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

enum { ANSWERS_ASKED = 1024, SAMPLE_PIECES = 8 }; /* an item's answers that tell its variance */

/* Sums over the sample: of w², and of w² times the variance of one person's part. */
struct variance_sums {
    double weight_sq, outfit, infit;
};

struct variance_work {
    struct misfit_work *misfit;
    size_t every;                              /* persons 0, every, 2 every … are the sample */
    struct variance_sums *sums[SAMPLE_PIECES]; /* item */
    double *posterior[SAMPLE_PIECES], *others[SAMPLE_PIECES];
    int8_t *codes[SAMPLE_PIECES];
    uint32_t *row[SAMPLE_PIECES];
    uint16_t *item[SAMPLE_PIECES];
};

/* Σ p P, Σ p P square, Σ p P excess. */
struct parts {
    double mass, square, excess;
};

VECTOR_CLONES static void divide(size_t n, const double *a, const double *b, double *out) {
    for (size_t q = 0; q < n; q++) out[q] = a[q] / b[q];
}

VECTOR_CLONES static struct parts take_parts(size_t n, const double *others, const double *p,
                                             const double *square, const double *excess) {
    four_doubles mass = { 0 }, first = { 0 }, second = { 0 }, a, b;
    for (size_t q = 0; q < n; q += 4) {
        memcpy(&a, others + q, sizeof a);
        memcpy(&b, p + q, sizeof b);
        a *= b;
        mass += a;
        memcpy(&b, square + q, sizeof b);
        first += a * b;
        memcpy(&b, excess + q, sizeof b);
        second += a * b;
    }
    return (struct parts){ (mass[0] + mass[1]) + (mass[2] + mass[3]),
                           (first[0] + first[1]) + (first[2] + first[3]),
                           (second[0] + second[1]) + (second[2] + second[3]) };
}

/* Whatever this person would have answered to the item: given the other answers, category k has
 * probability mass_k, and would have made the person's part of the outfit square_k/mass_k. Its mean
 * is 1, that of the infit's excess is 0. */
static void add_item(const struct misfit_tables *t, size_t item, size_t rows, const double *others,
                     double weight_sq, struct variance_sums *sum) {
    struct parts part[CATEGORIES_MAX];
    double total = 0, outfit = 0, infit = 0;
    for (size_t k = 0; k < rows; k++) {
        size_t at = (t->row_at[item] + k) * t->padded;
        part[k] = take_parts(t->padded, others, t->p + at, t->square + at, t->excess + at);
        total += part[k].mass;
    }
    if (!(total > 0) || !isfinite(total)) return;
    for (size_t k = 0; k < rows; k++) {
        if (!(part[k].mass > 0)) continue;
        double share = part[k].mass / total, square = part[k].square / part[k].mass - 1;
        double excess = part[k].excess / part[k].mass;
        outfit += share * square * square;
        infit += share * excess * excess;
    }
    sum->weight_sq += weight_sq;
    sum->outfit += weight_sq * outfit;
    sum->infit += weight_sq * infit;
}

static void sample_piece(void *context, size_t piece) {
    const struct variance_work *work = context;
    const struct misfit_work *misfit = work->misfit;
    const struct misfit_tables *t = &misfit->tables;
    size_t sampled = (misfit->responses->n_persons + work->every - 1) / work->every;
    size_t from = sampled * piece / SAMPLE_PIECES, to = sampled * (piece + 1) / SAMPLE_PIECES;
    double *posterior = work->posterior[piece], *others = work->others[piece];
    int8_t *codes = work->codes[piece];
    uint32_t *row = work->row[piece];
    uint16_t *item = work->item[piece];
    for (size_t k = from; k < to; k++) {
        size_t person = k * work->every, group = person_group(misfit->responses, person);
        double weight = person_weight(misfit, person);
        if (!(weight > 0) || person_codes(misfit, person, codes) == 0) continue;
        size_t answers = misfit_rows(t, misfit->model->n_items, codes, row, item);
        misfit_posterior(t, answers, row, group, posterior);
        for (size_t a = 0; a < answers; a++) {
            size_t i = item[a];
            divide(t->padded, posterior, t->p + row[a] * t->padded, others);
            add_item(t, i, (size_t)misfit->model->items[i].steps + 1, others, weight * weight,
                     &work->sums[piece][i]);
        }
    }
}

/* Wilson and Hilferty's cube root. */
static double cube_root_t(double mean_square, double variance) {
    if (!(variance > 1e-20) || !(mean_square >= 0)) return NAN;
    double q = sqrt(variance), root = mean_square > 0 ? num_exp(num_log(mean_square) / 3) : 0;
    return (root - 1) * 3 / q + q / 3;
}

/* Σ w E[V] over the persons of an item: what the infit's numerator is divided by. */
static double total_variance(const struct misfit_work *work, size_t item) {
    const struct misfit_tables *t = &work->tables;
    const double *variance = t->variance + item * t->padded;
    double sum = 0;
    for (size_t g = 0; g < work->model->n_groups; g++)
        for (size_t k = 0; k <= (size_t)work->model->items[item].steps; k++) {
            size_t row = g * t->n_rows + t->row_at[item] + k;
            for (size_t q = 0; q < t->n_nodes; q++)
                sum += work->sums[0].count[row * t->padded + q] * variance[q];
        }
    return sum;
}

bool misfit_t_values(struct misfit_work *misfit, struct misfit *out) {
    size_t n_items = misfit->model->n_items, padded = misfit->tables.padded;
    struct variance_work work = { .misfit = misfit };
    double answers = 0;
    for (size_t i = 0; i < n_items; i++)
        for (size_t k = 0; k <= (size_t)misfit->model->items[i].steps; k++)
            answers += (double)out->category[i * CATEGORIES_MAX + k].n;
    work.every = (size_t)(answers / (ANSWERS_ASKED * (double)n_items));
    if (work.every < 1) work.every = 1;
    for (size_t i = 0; i < SAMPLE_PIECES; i++) {
        work.sums[i] = arena_array(misfit->scratch, n_items, sizeof *work.sums[i]);
        work.posterior[i] = arena_array(misfit->scratch, padded, sizeof(double));
        work.others[i] = arena_array(misfit->scratch, padded, sizeof(double));
        work.codes[i] = arena_array(misfit->scratch, misfit->tables.width, 1);
        work.row[i] = arena_array(misfit->scratch, misfit->tables.width, sizeof *work.row[i]);
        work.item[i] = arena_array(misfit->scratch, misfit->tables.width, sizeof *work.item[i]);
        if (!work.row[i] || !work.item[i] || !work.sums[i] || !work.posterior[i] ||
            !work.others[i] || !work.codes[i])
            return false;
    }
    pool_run(misfit->pool, SAMPLE_PIECES, sample_piece, &work);
    for (size_t i = 0; i < n_items; i++) {
        struct variance_sums sum = { 0 };
        for (size_t k = 0; k < SAMPLE_PIECES; k++) {
            sum.weight_sq += work.sums[k][i].weight_sq;
            sum.outfit += work.sums[k][i].outfit;
            sum.infit += work.sums[k][i].infit;
        }
        double all_sq = misfit->sums[0].weight_sq[i], n = out->item[i].n;
        double below = total_variance(misfit, i);
        out->item[i].outfit_t =
            cube_root_t(out->item[i].outfit, sum.outfit / sum.weight_sq * all_sq / (n * n));
        out->item[i].infit_t =
            cube_root_t(out->item[i].infit, sum.infit / sum.weight_sq * all_sq / (below * below));
    }
    return true;
}

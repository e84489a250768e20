/* From the sums of the pass to mean squares, RMSD, item-rest correlations and category use. */
#include "scale/misfit_internal.h"

#include <math.h>

static const double *counts(const struct misfit_work *work, size_t group, size_t row) {
    const struct misfit_tables *t = &work->tables;
    return work->sums[0].count + (group * t->n_rows + row) * t->padded;
}

static size_t item_rows(const struct misfit_work *work, size_t item) {
    return (size_t)work->model->items[item].steps + 1;
}

/* ---- mean squares ---- */

static void mean_squares(const struct misfit_work *work, size_t item, struct item_fit *out) {
    const struct misfit_tables *t = &work->tables;
    double n = 0, total = 0, outfit = 0, above = 0, below = 0;
    for (size_t g = 0; g < work->model->n_groups; g++) {
        for (size_t k = 0; k < item_rows(work, item); k++) {
            size_t row = t->row_at[item] + k;
            const double *count = counts(work, g, row), *square = t->square + row * t->padded;
            const double *excess = t->excess + row * t->padded;
            const double *variance = t->variance + item * t->padded;
            double weight = work->sums[0].weight[g * t->n_rows + row];
            n += weight;
            total += (double)k * weight;
            for (size_t q = 0; q < t->n_nodes; q++) {
                outfit += count[q] * square[q];
                above += count[q] * excess[q];
                below += count[q] * variance[q];
            }
        }
    }
    out->n = n;
    out->mean = total / n;
    out->outfit = outfit / n;
    out->infit = below > 0 ? 1 + above / below : NAN;
}

/* ---- item and rest ---- */

static double rest_correlation(const double *rest, size_t width) {
    double n = rest[0], x = rest[width], y = rest[2 * width];
    double xx = rest[3 * width] - x * x / n, yy = rest[4 * width] - y * y / n;
    double xy = rest[5 * width] - x * y / n;
    return n > 0 && xx > 1e-12 * rest[3 * width] && yy > 1e-12 * rest[4 * width]
               ? fmax(-1, fmin(1, xy / sqrt(xx * yy)))
               : NAN;
}

/* Over the persons who answered every item, as the classical coefficient is defined, where they are
 * half of all; else (missing by design) over all, with the mean of what each answered beside the
 * item. */
static void rest_correlations(const struct misfit_work *work, struct misfit *out) {
    const struct misfit_sums *sums = &work->sums[0];
    if (2 * sums->complete_persons < sums->persons)
        for (size_t k = 0; k < REST_SUMS * work->tables.width; k++)
            sums->complete[k] += sums->partial[k];
    for (size_t i = 0; i < work->model->n_items; i++)
        out->item[i].item_rest_correlation =
            rest_correlation(sums->complete + i, work->tables.width);
}

/* ---- RMSD ---- */

/* What is seen of an item at the nodes, over some groups. */
struct curve {
    double n, density[NODES_LIMIT], seen[CATEGORIES_MAX][NODES_LIMIT];
};

static void add_group(const struct misfit_work *work, size_t item, size_t group,
                      struct curve *curve) {
    const struct misfit_tables *t = &work->tables;
    double n = 0;
    for (size_t k = 0; k < item_rows(work, item); k++) {
        size_t row = t->row_at[item] + k;
        const double *count = counts(work, group, row);
        n += work->sums[0].weight[group * t->n_rows + row];
        for (size_t q = 0; q < t->n_nodes; q++) curve->seen[k][q] += count[q];
    }
    const double *prior = t->prior + group * t->padded;
    for (size_t q = 0; q < t->n_nodes; q++) curve->density[q] += n * prior[q];
    curve->n += n;
}

/* The squared difference of the seen and the modelled probabilities, averaged over categories and
 * over the density of those who answered, as far as somebody is there. */
static double rmsd(const struct misfit_work *work, size_t item, size_t from, size_t to, double *n) {
    const struct misfit_tables *t = &work->tables;
    size_t rows = item_rows(work, item);
    struct curve curve = { 0 };
    double sum = 0, mass = 0;
    for (size_t g = from; g < to; g++) add_group(work, item, g, &curve);
    for (size_t q = 0; q < t->n_nodes; q++) {
        double all = 0, square = 0;
        for (size_t k = 0; k < rows; k++) all += curve.seen[k][q];
        if (!(all > 0)) continue;
        for (size_t k = 0; k < rows; k++) {
            double d = curve.seen[k][q] / all - t->p[(t->row_at[item] + k) * t->padded + q];
            square += d * d;
        }
        sum += curve.density[q] * square / (double)rows;
        mass += curve.density[q];
    }
    *n = curve.n;
    return mass > 0 ? sqrt(sum / mass) : NAN;
}

/* ---- categories ---- */

static void category_use(const struct misfit_work *work, size_t item, struct category_use *out) {
    const struct misfit_tables *t = &work->tables;
    for (size_t k = 0; k < item_rows(work, item); k++) {
        size_t row = t->row_at[item] + k;
        double theta = 0;
        for (size_t g = 0; g < work->model->n_groups; g++) {
            const double *count = counts(work, g, row);
            out[k].weighted += work->sums[0].weight[g * t->n_rows + row];
            for (size_t q = 0; q < t->n_nodes; q++) theta += count[q] * t->theta[q];
        }
        const double *number = work->sums[0].number;
        out[k].n = (size_t)(number ? number[row] : out[k].weighted);
        out[k].mean_eap = out[k].n > 0 ? theta / out[k].weighted : NAN;
    }
}

/* A category between two steps is nowhere the most likely one where the upper step lies lower; with
 * a negative slope, where it lies higher. */
static void category_order(const struct item_parameters *own, struct item_fit *item,
                           struct category_use *out) {
    double sign = own->slope < 0 ? -1 : 1;
    for (int k = 0; k <= own->steps; k++) {
        out[k].share = out[k].weighted / item->n;
        out[k].disordered = k > 0 && k < own->steps &&
                            sign * own->location[k - 1] > sign * own->location[k];
        out[k].falling = k > 0 && sign * out[k].mean_eap < sign * out[k - 1].mean_eap;
        item->disordered |= out[k].disordered;
        item->falling |= out[k].falling;
    }
}

void misfit_read(const struct misfit_work *work, struct misfit *out) {
    size_t n_items = work->model->n_items;
    for (size_t i = 0; i < n_items; i++) {
        struct item_fit *item = &out->item[i];
        double n;
        mean_squares(work, i, item);
        category_use(work, i, out->category + i * CATEGORIES_MAX);
        category_order(&work->model->items[i], item, out->category + i * CATEGORIES_MAX);
        item->rmsd = rmsd(work, i, 0, work->model->n_groups, &n);
        for (size_t g = 0; g < work->model->n_groups; g++)
            out->group_rmsd[g * n_items + i] =
                rmsd(work, i, g, g + 1, &out->group_n[g * n_items + i]);
    }
    rest_correlations(work, out);
    out->pair_every = work->pair_every;
    out->lz_n = work->sums[0].lz_n;
    out->lz_careless = work->sums[0].lz_careless;
}

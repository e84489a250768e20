#include "stat/cell.h"

#include "base/arena.h"
#include "num/clones.h"
#include "stat/strata.h"

#include <math.h>
#include <string.h>

bool cell_make(struct cell *cell, size_t n, size_t clusters, size_t draws, struct arena *arena) {
    size_t blocks = (draws + LANES - 1) / LANES, padded = blocks * LANES;
    *cell = (struct cell){ .draws = draws,
                           .blocks = blocks,
                           .n_most = n,
                           .clusters_most = clusters,
                           .y = arena_array(arena, n, blocks * sizeof(lanes)),
                           .w = arena_array(arena, n, sizeof(double)),
                           .cluster = arena_array(arena, n, sizeof(int)),
                           .stratum = arena_array(arena, clusters, sizeof(int)),
                           .weight = arena_array(arena, clusters, sizeof(double)),
                           .sum = arena_array(arena, clusters, (blocks + 1) * sizeof(lanes)),
                           .order = arena_array(arena, clusters, 2 * sizeof(size_t)),
                           .total_sum = arena_array(arena, padded, 4 * sizeof(double)) };
    if (!cell->y || !cell->w || !cell->cluster || !cell->stratum || !cell->weight || !cell->sum ||
        !cell->order || !cell->total_sum)
        return false;
    cell->replicate = cell->sum + clusters * blocks;
    cell->ends = cell->order + clusters;
    cell->mean = cell->total_sum + padded;
    cell->variance = cell->mean + padded;
    cell->error = cell->variance + padded;
    return true;
}

VECTOR_CLONES static void copy_values(struct cell *cell, const struct cell_rows *rows) {
    const size_t *person = rows->person;
    for (size_t b = 0; b < cell->blocks; b++) {
        lanes *y = cell->y + b * cell->n_most;
        const double *from[LANES];
        for (size_t l = 0; l < LANES; l++) {
            size_t draw = b * LANES + l < cell->draws ? b * LANES + l : cell->draws - 1;
            from[l] = rows->values + draw * rows->stride;
        }
        for (size_t i = 0; i < rows->n; i++) {
            size_t p = person[i];
            y[i] = (lanes){ from[0][p], from[1][p], from[2][p], from[3][p] };
        }
    }
}

static void copy_rest(struct cell *cell, const struct cell_rows *rows) {
    cell->n = rows->n;
    cell->clusters = rows->clusters;
    memcpy(cell->cluster, rows->cluster, rows->n * sizeof *cell->cluster);
    for (size_t i = 0; i < rows->n; i++)
        cell->w[i] = rows->weights ? rows->weights[rows->person[i]] : 1;
}

static void add_weights(struct cell *cell) {
    double squares = 0, total = 0;
    memset(cell->weight, 0, cell->clusters * sizeof *cell->weight);
    for (size_t i = 0; i < cell->n; i++) {
        double w = cell->w[i];
        cell->weight[cell->cluster[i]] += w;
        squares += w * w;
    }
    cell->used = 0;
    for (size_t c = 0; c < cell->clusters; c++) {
        total += cell->weight[c];
        if (cell->weight[c] > 0) cell->order[cell->used++] = c;
    }
    cell->total = total;
    cell->squares = squares;
}

/* Σwy of each cluster, one run of its persons at a time. */
static inline void add_clusters(const struct cell *cell, const lanes *y, lanes *sum) {
    lanes run = { 0 };
    int at = -1;
    memset(sum, 0, cell->clusters * sizeof *sum);
    for (size_t i = 0; i < cell->n; i++) {
        if (cell->cluster[i] != at) {
            if (at >= 0) sum[at] = run;
            at = cell->cluster[i];
            run = sum[at];
        }
        run += cell->w[i] * y[i];
    }
    if (at >= 0) sum[at] = run;
}

/* Sums of the clusters and of all and, in a second pass, the deviations from the mean. */
VECTOR_CLONES static void add_values(struct cell *cell) {
    double divisor = cell->total - cell->squares / cell->total;
    bool spread = cell->n > 1 && divisor > 0;
    for (size_t b = 0; b < cell->blocks; b++) {
        const lanes *y = cell->y + b * cell->n_most;
        lanes *sum = cell->sum + b * cell->clusters_most;
        lanes total = { 0 }, squares = { 0 };
        add_clusters(cell, y, sum);
        for (size_t c = 0; c < cell->clusters; c++) total += sum[c];
        lanes mean = total / cell->total;
        for (size_t i = 0; i < cell->n; i++) {
            lanes deviation = y[i] - mean;
            squares += cell->w[i] * deviation * deviation;
        }
        for (size_t l = 0; l < LANES; l++) {
            cell->total_sum[b * LANES + l] = total[l];
            cell->mean[b * LANES + l] = mean[l];
            cell->variance[b * LANES + l] = spread ? squares[l] / divisor : 0;
        }
    }
}

/* Takes those out who lack a value; false when nobody does. */
static bool close_ranks(struct cell *cell) {
    size_t kept = 0, n = cell->n;
    for (size_t i = 0; i < n; i++) {
        bool missing = false;
        for (size_t b = 0; b < cell->blocks; b++) {
            lanes *y = cell->y + b * cell->n_most;
            for (size_t l = 0; l < LANES; l++) missing = missing || isnan(y[i][l]);
            y[kept] = y[i];
        }
        cell->w[kept] = cell->w[i];
        cell->cluster[kept] = cell->cluster[i];
        kept += !missing;
    }
    cell->n = kept;
    return kept < n;
}

static void add_up(struct cell *cell) {
    add_weights(cell);
    if (cell->total > 0) add_values(cell);
}

void cell_fill(struct cell *cell, const struct cell_rows *rows) {
    copy_values(cell, rows);
    copy_rest(cell, rows);
    add_up(cell);
    /* One missing value is seen in its draw's sum. */
    bool missing = false;
    for (size_t d = 0; cell->total > 0 && d < cell->draws; d++)
        missing = missing || isnan(cell->total_sum[d]);
    if (missing && close_ranks(cell)) add_up(cell);
}

/* ---- jackknife ---- */

void cell_stratify(struct cell *cell, bool stratified) {
    size_t n = cell->used, from = 0;
    cell->strata = 0;
    if (!stratified) {
        if (n >= 2) cell->ends[cell->strata++] = n;
        return;
    }
    /* The replicates' room is not in use yet, and larger. */
    struct stratum_place *places = (struct stratum_place *)(void *)cell->replicate;
    for (size_t i = 0; i < n; i++)
        places[i] = (struct stratum_place){ cell->stratum[cell->order[i]], cell->order[i] };
    strata_sort(places, n);
    for (size_t i = 0; i < n; i++) {
        cell->order[i] = places[i].cluster;
        bool last = i + 1 == n || places[i + 1].stratum != places[i].stratum;
        if (last && i + 1 - from >= 2) cell->ends[cell->strata++] = from = i + 1;
    }
    if (cell->strata && from < n) cell->ends[cell->strata - 1] = n;
}

/* One stratum's part for one block, (n − 1)/n Σ (ȳ_(c) − their mean)². The replicate without
 * cluster c takes its sums from the totals, and the stratum's other clusters weigh n/(n − 1) more.
 */
VECTOR_CLONES static void add_stratum(struct cell *cell, size_t block, size_t from, size_t to) {
    const lanes *sum = cell->sum + block * cell->clusters_most;
    const size_t *order = cell->order;
    lanes *replicate = cell->replicate, y = { 0 }, mean = { 0 }, squares = { 0 }, total, error;
    double n = (double)(to - from), grow = n / (n - 1), w = 0;
    for (size_t i = from; i < to; i++) {
        w += cell->weight[order[i]];
        y += sum[order[i]];
    }
    memcpy(&total, cell->total_sum + block * LANES, sizeof total);
    lanes outside = total - y;
    for (size_t i = from; i < to; i++) {
        double rest = cell->total - w + (w - cell->weight[order[i]]) * grow;
        replicate[i] = (outside + (y - sum[order[i]]) * grow) / rest;
        mean += replicate[i];
    }
    mean /= n;
    for (size_t i = from; i < to; i++) {
        lanes deviation = replicate[i] - mean;
        squares += deviation * deviation;
    }
    memcpy(&error, cell->error + block * LANES, sizeof error);
    error += squares / grow;
    memcpy(cell->error + block * LANES, &error, sizeof error);
}

void cell_jackknife(struct cell *cell) {
    memset(cell->error, 0, cell->blocks * LANES * sizeof *cell->error);
    for (size_t b = 0; b < cell->blocks; b++)
        for (size_t h = 0, from = 0; h < cell->strata; from = cell->ends[h++])
            add_stratum(cell, b, from, cell->ends[h]);
}

#include "stat/mean.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/pool.h"
#include "stat/cell.h"

#include <math.h>

static bool fitting(const int *cluster, size_t n, size_t clusters) {
    for (size_t i = 0; i < n; i++)
        if (cluster[i] < 0 || (size_t)cluster[i] >= clusters) return false;
    return true;
}

/* ---- what a filled cell says ---- */

/* Everything but the errors. */
static void describe(const struct cell *cell, struct moments *out) {
    double variance = 0;
    for (size_t d = 0; d < cell->draws; d++) variance += cell->variance[d];
    out->sd = sqrt(variance / (double)cell->draws);
    out->persons = cell->n;
    out->clusters = cell->used;
}

/* All but the error of the mean, which one cluster does not have. */
static void without_error(const struct cell *cell, struct moments *out) {
    out->mean = (struct estimate){ 0, NAN, NAN };
    for (size_t d = 0; d < cell->draws; d++) out->mean.value += cell->mean[d] / (double)cell->draws;
}

static bool jackknife(struct cell *cell, bool stratified, struct moments *out) {
    cell_stratify(cell, stratified);
    if (cell->strata == 0) {
        without_error(cell, out);
        return false;
    }
    cell_jackknife(cell);
    out->mean =
        rubin_combine(cell->draws, cell->mean, cell->error, (double)(cell->used - cell->strata));
    return true;
}

static void model(struct cell *cell, const double *tau2_class, const double *sigma2,
                  struct moments *out) {
    double of_clusters = 0;
    for (size_t i = 0; i < cell->used; i++) {
        double share = cell->weight[cell->order[i]] / cell->total;
        of_clusters += share * share;
    }
    for (size_t d = 0; d < cell->draws; d++)
        cell->error[d] = tau2_class[d] * of_clusters +
                         sigma2[d] * cell->squares / (cell->total * cell->total);
    out->mean = rubin_combine(cell->draws, cell->mean, cell->error, HUGE_VAL);
}

/* ---- one cell ---- */

static bool gather(const struct sample *sample, struct arena *arena, struct cell *cell,
                   struct moments *out, struct error *error) {
    *out = (struct moments){ 0 };
    if (sample->draws == 0 || !fitting(sample->cluster, sample->n, sample->n_clusters))
        return error_plain(error, "stat.cluster");
    size_t *person = arena_array(arena, sample->n + 1, sizeof *person);
    if (!person || !cell_make(cell, sample->n, sample->n_clusters, sample->draws, arena))
        return error_plain(error, "stat.memory");
    for (size_t i = 0; i < sample->n; i++) person[i] = i;
    cell_fill(cell, &(struct cell_rows){ .n = sample->n,
                                         .stride = sample->n,
                                         .values = sample->values,
                                         .weights = sample->weights,
                                         .person = person,
                                         .cluster = sample->cluster,
                                         .clusters = sample->n_clusters });
    if (!(cell->total > 0)) return error_plain(error, "stat.empty");
    for (size_t c = 0; sample->stratum && c < sample->n_clusters; c++)
        cell->stratum[c] = sample->stratum[c];
    describe(cell, out);
    return true;
}

bool mean_jackknife(const struct sample *sample, struct arena *arena, struct moments *out,
                    struct error *error) {
    struct cell cell;
    if (!gather(sample, arena, &cell, out, error)) return false;
    return jackknife(&cell, sample->stratum != NULL, out) || error_plain(error, "stat.one_cluster");
}

bool mean_jk2(const struct sample *sample, struct arena *arena, struct moments *out,
              struct error *error) {
    struct cell cell;
    size_t zones = 0;
    if (!gather(sample, arena, &cell, out, error)) return false;
    if (cell.used < 2) {
        without_error(&cell, out);
        return error_plain(error, "stat.one_cluster");
    }
    for (size_t d = 0; d < cell.draws; d++) {
        const double *weight = cell.weight;
        const lanes *sum = cell.sum + d / LANES * cell.clusters_most;
        zones = 0;
        cell.error[d] = 0;
        for (size_t z = 0; z + 1 < cell.clusters; z += 2) {
            if (weight[z] + weight[z + 1] <= 0) continue;
            double w = cell.total - weight[z] + weight[z + 1];
            double y = cell.total_sum[d] - sum[z][d % LANES] + sum[z + 1][d % LANES];
            double deviation = y / w - cell.mean[d];
            cell.error[d] += deviation * deviation;
            zones++;
        }
    }
    out->mean = rubin_combine(cell.draws, cell.mean, cell.error, (double)zones);
    return true;
}

bool mean_model(const struct sample *sample, const double *tau2_class, const double *sigma2,
                struct arena *arena, struct moments *out, struct error *error) {
    struct cell cell;
    if (!gather(sample, arena, &cell, out, error)) return false;
    model(&cell, tau2_class, sigma2, out);
    return true;
}

/* ---- many cells ---- */

/* A piece of work: groups until there are about so many places. */
enum { PIECE_PLACES = 4096 };

struct batch {
    const struct groups *groups;
    struct moments *out;
    double *draw_mean;
    size_t n_pieces, *piece; /* where each begins, and the end */
    const char **failed;     /* one a piece: an error's id, or NULL */
};

static bool cut_pieces(struct batch *batch, struct arena *arena) {
    const struct groups *groups = batch->groups;
    batch->piece = arena_array(arena, groups->n_groups + 1, sizeof *batch->piece);
    batch->failed = arena_array(arena, groups->n_groups + 1, sizeof *batch->failed);
    if (!batch->piece || !batch->failed) return false;
    for (size_t g = 0; g < groups->n_groups; g++)
        if (g == 0 ||
            groups->first[g] - groups->first[batch->piece[batch->n_pieces - 1]] >= PIECE_PLACES)
            batch->piece[batch->n_pieces++] = g;
    batch->piece[batch->n_pieces] = groups->n_groups;
    return true;
}

static const char *run_group(const struct batch *batch, size_t g, struct cell *cell) {
    const struct groups *groups = batch->groups;
    size_t first = groups->first[g], n = groups->first[g + 1] - first;
    struct moments *out = &batch->out[g];
    if (!fitting(groups->cluster + first, n, groups->n_clusters[g])) return "stat.cluster";
    cell_fill(cell, &(struct cell_rows){ .n = n,
                                         .stride = groups->n,
                                         .values = groups->values,
                                         .weights = groups->weights,
                                         .person = groups->person + first,
                                         .cluster = groups->cluster + first,
                                         .clusters = groups->n_clusters[g] });
    bool empty = !(cell->total > 0);
    for (size_t d = 0; batch->draw_mean && d < groups->draws; d++)
        batch->draw_mean[g * groups->draws + d] = empty ? NAN : cell->mean[d];
    *out = (struct moments){ .mean = { NAN, NAN, NAN }, .sd = NAN };
    if (empty) return NULL;
    for (size_t i = 0; groups->stratum && i < n; i++)
        cell->stratum[groups->cluster[first + i]] = groups->stratum[first + i];
    describe(cell, out);
    if (groups->model && groups->model[g])
        model(cell, groups->tau2_class, groups->sigma2, out);
    else
        jackknife(cell, groups->stratum != NULL, out);
    return NULL;
}

static void run_piece(void *context, size_t piece) {
    struct batch *batch = context;
    const struct groups *groups = batch->groups;
    size_t n = 1, clusters = 1, from = batch->piece[piece], to = batch->piece[piece + 1];
    for (size_t g = from; g < to; g++) {
        size_t size = groups->first[g + 1] - groups->first[g];
        n = size > n ? size : n;
        clusters = groups->n_clusters[g] > clusters ? groups->n_clusters[g] : clusters;
    }
    struct cell cell;
    struct arena *arena = arena_create(ARENA_JOB_MAX);
    if (!arena || !cell_make(&cell, n, clusters, groups->draws, arena))
        batch->failed[piece] = "stat.memory";
    for (size_t g = from; g < to && !batch->failed[piece]; g++)
        batch->failed[piece] = run_group(batch, g, &cell);
    arena_destroy(arena);
}

bool means_by_group(const struct groups *groups, struct pool *pool, struct arena *arena,
                    struct moments *out, double *draw_mean, struct error *error) {
    struct batch batch = { .groups = groups, .out = out, .draw_mean = draw_mean };
    if (groups->draws == 0) return error_plain(error, "stat.cluster");
    if (!cut_pieces(&batch, arena)) return error_plain(error, "stat.memory");
    pool_run(pool, batch.n_pieces, run_piece, &batch);
    for (size_t i = 0; i < batch.n_pieces; i++)
        if (batch.failed[i]) return error_plain(error, batch.failed[i]);
    return true;
}

#include "scale/misfit_internal.h"

#include "base/error.h"

#include <math.h>

enum { PERSONS_A_PIECE = 1024, PERSONS_A_BLOCK = 8192, PERSONS_A_BLOCK_LEAST = 64 };
#define BLOCK_BYTES (2 * MIB)
#define PIECES_BYTES (96 * MIB)
#define PAIR_PRODUCTS 0x1p35 /* beyond so many, Q3 is taken over a part of the persons */

bool rmsd_named(double rmsd, double n, bool in_group) {
    return rmsd > RMSD_NAMED && n >= (in_group ? RMSD_LEAST_IN_GROUP : RMSD_LEAST_ANSWERS);
}

bool pair_named(const struct pair_fit *pair) {
    return pair->q3_adjusted > Q3_NAMED && pair->n >= Q3_LEAST_ANSWERS &&
           pair->q3_adjusted * sqrt(pair->n) > Q3_ERRORS;
}

static bool make_results(size_t n_items, size_t n_groups, struct arena *arena, struct misfit *out) {
    *out = (struct misfit){ 0 };
    out->item = arena_array(arena, n_items, sizeof *out->item);
    out->pair = arena_array(arena, n_items * (n_items - 1) / 2 + 1, sizeof *out->pair);
    out->category = arena_array(arena, n_items, CATEGORIES_MAX * sizeof *out->category);
    out->group_rmsd = arena_array(arena, n_groups, n_items * sizeof(double));
    out->group_n = arena_array(arena, n_groups, n_items * sizeof(double));
    return out->item && out->pair && out->category && out->group_rmsd && out->group_n;
}

static bool any_recode(const struct fit_result *fit) {
    for (size_t i = 0; i < fit->model.n_items; i++)
        for (int k = 0; k <= fit->model.items[i].steps; k++)
            if (fit->recode[i * CATEGORIES_MAX + (size_t)k] != k) return true;
    return false;
}

/* The weights' scale, and how many persons' products of pairs can be afforded. */
static void look_at_persons(struct misfit_work *work) {
    const struct responses *responses = work->responses;
    size_t n_items = responses->n_items;
    double products = 0, weight = 0, persons = 0;
    double most = (double)responses->n_persons * (double)n_items * (double)n_items;
    work->weight_scale = 1;
    work->pair_every = 1;
    if (!responses->weights && most <= PAIR_PRODUCTS) return;
    for (size_t person = 0; person < responses->n_persons; person++) {
        const int8_t *codes = responses->codes + person * n_items;
        double own = responses->weights ? responses->weights[person] : 1, answered = 0;
        for (size_t i = 0; i < n_items; i++) answered += codes[i] != CODE_MISSING;
        if (!(own > 0 && answered > 0)) continue;
        weight += own;
        persons++;
        products += answered * answered;
    }
    work->weight_scale = persons / weight;
    work->pair_every = (size_t)(products / PAIR_PRODUCTS) + 1;
}

/* By the sizes alone, not by the threads. */
static void choose_pieces(struct misfit_work *work) {
    const struct misfit_tables *t = &work->tables;
    size_t persons = work->responses->n_persons, items = work->model->n_items;
    size_t bytes = sizeof(double) *
                   (work->model->n_groups * t->n_rows * (t->padded + 1) + 4 * items * t->width);
    size_t most = PIECES_BYTES / bytes, pieces = persons / PERSONS_A_PIECE;
    if (pieces > most) pieces = most;
    if (pieces > PIECES_LIMIT) pieces = PIECES_LIMIT;
    work->n_pieces = pieces < 1 ? 1 : pieces;
    size_t block = BLOCK_BYTES / t->width;
    if (block > PERSONS_A_BLOCK) block = PERSONS_A_BLOCK;
    work->block_size = block < PERSONS_A_BLOCK_LEAST ? PERSONS_A_BLOCK_LEAST : block;
}

static bool measure(struct misfit_work *work, struct misfit *out) {
    if (!misfit_tables_make(work->model, work->pool, work->scratch, &work->tables)) return false;
    look_at_persons(work);
    choose_pieces(work);
    if (!misfit_pass(work)) return false;
    misfit_read(work, out);
    pairs_read(&work->sums[0].pairs, out);
    return misfit_t_values(work, out);
}

bool scale_misfit(const struct responses *responses, const struct fit_result *fit,
                  struct pool *pool, struct arena *arena, struct misfit *out, struct error *error) {
    struct misfit_work work = { .responses = responses,
                                .fit = fit,
                                .model = &fit->model,
                                .by_sum = !model_has_slopes(fit->model.model),
                                .recode = any_recode(fit),
                                .pool = pool,
                                .scratch = arena_create(ARENA_JOB_MAX) };
    bool ok = work.scratch && make_results(fit->model.n_items, fit->model.n_groups, arena, out) &&
              measure(&work, out);
    arena_destroy(work.scratch);
    return ok ? true : error_plain(error, "scale.memory");
}

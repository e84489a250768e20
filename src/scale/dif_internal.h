/* dif_internal.h - what the files of differential item functioning share; nobody else includes it.
 *
 * Layer: scale. Pure. A split item is a column for each of its groups, missing for everybody else;
 * any item is missing in the groups in which it is not told.
 */
#ifndef LAERKE_SCALE_DIF_INTERNAL_H
#define LAERKE_SCALE_DIF_INTERNAL_H

#include "scale/dif.h"

#include "base/arena.h"
#include "base/error.h"

#define COLUMN_NONE SIZE_MAX

struct dif_work {
    const struct responses *responses;
    const struct dif_options *options;
    struct pool *pool;
    struct arena *arena;
    size_t n_items, n_groups;
    int8_t *codes;   /* person × item; categories that a group lacks are joined */
    bool *told;      /* item × group: two categories or more are used there */
    size_t *n_told;  /* item: groups in which it is told */
    size_t *first;   /* item: its reference group */
    bool *joined;    /* item */
    bool *apart;     /* item: cannot be compared (told in fewer than two groups, or no two categories
                      * that all its groups use); always split */
    double *answers; /* item × group */
    /* The last base: where the next fit begins. */
    bool begun;
    struct item_parameters *known; /* item × group */
    double *mean, *variance;       /* group */
};

/* One fit, with some items split. */
struct dif_fit {
    size_t *column; /* item × group: where the group's answers to the item stand; COLUMN_NONE where
                     * it is not told */
    struct fit_result fit;
    bool converged;
};
static inline size_t dif_column(const struct dif_work *w, const struct dif_fit *f, size_t item,
                                size_t group) {
    return f->column[item * w->n_groups + group];
}

/* dif_columns.c: w filled from what it was given. */
bool dif_prepare(struct dif_work *w, struct error *error);
/* Fits with the items split that split says; the result lives in arena. pool NULL: in the caller.
 */
bool dif_fit(const struct dif_work *w, const bool *split, struct pool *pool, struct arena *arena,
             struct dif_fit *out, struct error *error);
/* Later fits begin at this one. */
void dif_begin_at(struct dif_work *w, const struct dif_fit *base);

/* dif_effect.c: effect, slopes and scores of a contrast, from a fit in which the item is split. */
void dif_effect(const struct dif_work *w, const struct dif_fit *f, size_t item,
                struct dif_contrast *out);

#endif

/* The covariance matrix of all estimates, from that of the working parameters by the delta method.
 */
#include "scale/fit_internal.h"

/* Rows (step 1) or columns (step n) of a full matrix: x to slope, locations, mean, variance.
 * b = c/a: db = (dc − b da)/a. σ² = e^v: dσ² = σ² dv. */
static void transform(const struct calibration *c, const struct fit_result *out, double *matrix,
                      size_t line, size_t step) {
    size_t n = c->n_all;
    for (size_t i = 0; c->slopes && i < c->n_items; i++) {
        if (c->free[c->at[i]] < 0) continue; /* an anchor: all 0 */
        const struct item_parameters *item = &out->model.items[i];
        double *own = matrix + c->at[i] * line;
        for (size_t h = 0; h < (size_t)item->steps; h++)
            for (size_t k = 0; k < n; k++)
                own[(h + 1) * line + k * step] =
                    (own[(h + 1) * line + k * step] - item->location[h] * own[k * step]) /
                    item->slope;
    }
    for (size_t g = 0; g < c->n_groups; g++) {
        double *own = matrix + (c->group_at + 2 * g + 1) * line;
        for (size_t k = 0; k < n; k++) own[k * step] *= out->model.variance[g];
    }
}

bool covariance_make(const struct calibration *c, const double *inverse, struct arena *results,
                     struct fit_result *out) {
    size_t n = c->n_all;
    out->n_covariance = n;
    out->covariance = arena_array(results, n * n, sizeof *out->covariance);
    out->item_at = arena_array(results, c->n_items, sizeof *out->item_at);
    if (!out->covariance || !out->item_at) return false;
    for (size_t i = 0; i < c->n_items; i++) out->item_at[i] = c->at[i];
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            if (c->free[a] >= 0 && c->free[b] >= 0)
                out->covariance[a * n + b] =
                    inverse[(size_t)c->free[a] * c->n_free + (size_t)c->free[b]];
    transform(c, out, out->covariance, n, 1);
    transform(c, out, out->covariance, 1, n);
    return true;
}

#include "stat/regression.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/linear.h"
#include "stat/regression_cr2.h"
#include "stat/strata.h"

#include <math.h>
#include <string.h>

/* The rows in the order of their clusters, columns divided by their root mean square, weights by
 * the largest: so that no unit of measurement decides what counts as 0. */
struct work {
    const struct regression_input *in;
    size_t p, n_wanted;
    struct strata strata;
    size_t *row;   /* of the input, in order */
    size_t *start; /* of a cluster in strata's order */
    double *x, *w, *scale;
    bool weighted;
    double *factor, *m, *q; /* of X′WX: Cholesky's, the inverse M, and M X′W²X M */
    double *a;              /* M c of what is wanted, [wanted * p + column] */
    double *score;          /* what a row's residual is multiplied by, [row * p + column] */
    double *df;             /* of what is wanted */
    double *b, *e, *u;      /* of one draw: coefficients, residuals, sums [cluster * p + column] */
    double *z, *step;
    double *values, *variances; /* [wanted * draws + draw] */
};

static bool make(struct work *k, struct arena *arena) {
    size_t n = k->in->n, p = k->p, wanted = k->n_wanted, clusters = k->in->n_clusters + 1;
    k->row = arena_array(arena, n, sizeof *k->row);
    k->start = arena_array(arena, clusters + 1, sizeof *k->start);
    k->x = arena_array(arena, n, p * sizeof(double));
    k->score = arena_array(arena, n, p * sizeof(double));
    k->w = arena_array(arena, n, 2 * sizeof(double));
    k->scale = arena_array(arena, p, 3 * sizeof(double));
    k->factor = arena_array(arena, p, 3 * p * sizeof(double));
    k->a = arena_array(arena, wanted, p * sizeof(double));
    k->df = arena_array(arena, wanted, sizeof(double));
    k->u = arena_array(arena, clusters, (p + 1) * sizeof(double));
    k->values = arena_array(arena, wanted, 2 * k->in->draws * sizeof(double));
    if (!k->row || !k->start || !k->x || !k->score || !k->w || !k->scale || !k->factor || !k->a ||
        !k->df || !k->u || !k->values)
        return false;
    k->e = k->w + n;
    k->b = k->scale + p;
    k->step = k->b + p;
    k->m = k->factor + p * p;
    k->q = k->m + p * p;
    k->z = k->u + clusters * p;
    k->variances = k->values + wanted * k->in->draws;
    return true;
}

/* Rows into the order of clusters; false: no memory. */
static bool arrange(struct work *k, struct arena *arena) {
    const struct regression_input *in = k->in;
    size_t *rows = arena_array(arena, in->n_clusters + 1, sizeof *rows);
    size_t *at = arena_array(arena, in->n_clusters + 1, sizeof *at);
    if (!rows || !at) return false;
    for (size_t i = 0; i < in->n; i++) rows[in->cluster[i]]++;
    if (!strata_make(in->n_clusters, rows, in->stratum, arena, &k->strata)) return false;
    for (size_t g = 0; g < k->strata.n_clusters; g++) {
        at[k->strata.cluster[g]] = k->start[g];
        k->start[g + 1] = k->start[g] + rows[k->strata.cluster[g]];
    }
    for (size_t i = 0; i < in->n; i++) k->row[at[in->cluster[i]]++] = i;
    return true;
}

static void fill(struct work *k) {
    const struct regression_input *in = k->in;
    size_t n = in->n, p = k->p;
    double largest = in->weights ? 0 : 1;
    for (size_t i = 0; in->weights && i < n; i++) largest = fmax(largest, in->weights[i]);
    for (size_t i = 0; i < n; i++) {
        k->w[i] = in->weights ? in->weights[k->row[i]] / largest : 1;
        k->weighted |= k->w[i] < 1;
        memcpy(k->x + i * p, in->x + k->row[i] * p, p * sizeof *k->x);
    }
    for (size_t c = 0; c < p; c++) {
        double top = 0, sum = 0;
        for (size_t i = 0; i < n; i++) top = fmax(top, fabs(k->x[i * p + c]));
        for (size_t i = 0; i < n && top > 0; i++)
            sum += k->x[i * p + c] / top * (k->x[i * p + c] / top);
        k->scale[c] = top > 0 ? top * sqrt(sum / (double)n) : 1;
        for (size_t i = 0; i < n; i++) k->x[i * p + c] /= k->scale[c];
    }
}

/* Σ w^power x x′, lower triangle. */
static void cross(const struct work *k, bool squared, double *out) {
    size_t p = k->p;
    memset(out, 0, p * p * sizeof *out);
    for (size_t i = 0; i < k->in->n; i++) {
        const double *x = k->x + i * p;
        double w = squared ? k->w[i] * k->w[i] : k->w[i];
        for (size_t c = 0; c < p; c++)
            for (size_t d = 0; d <= c; d++) out[c * p + d] += w * x[c] * x[d];
    }
}

/* q = M B M with B = X′W²X in its lower triangle; b is overwritten. */
static void sandwich(size_t p, const double *m, double *b, double *half, double *q) {
    for (size_t c = 0; c < p; c++)
        for (size_t d = 0; d < c; d++) b[d * p + c] = b[c * p + d];
    for (size_t c = 0; c < p; c++)
        for (size_t d = 0; d < p; d++) {
            half[c * p + d] = 0;
            for (size_t h = 0; h < p; h++) half[c * p + d] += m[c * p + h] * b[h * p + d];
        }
    for (size_t c = 0; c < p; c++)
        for (size_t d = 0; d < p; d++) {
            q[c * p + d] = 0;
            for (size_t h = 0; h < p; h++) q[c * p + d] += half[c * p + h] * m[h * p + d];
        }
}

/* c of what is wanted, in the columns' own scale: a unit vector for a coefficient. */
static double wanted_at(const struct work *k, size_t wanted, size_t column) {
    double c = wanted < k->p ? wanted == column : k->in->contrasts[(wanted - k->p) * k->p + column];
    return c / k->scale[column];
}

/* All that does not depend on the outcome. */
static bool prepare(struct work *k, struct arena *arena, struct error *error) {
    size_t p = k->p, column = 0;
    double *scratch = arena_array(arena, p, (9 * p + 4) * sizeof *scratch);
    if (!scratch) return error_plain(error, "stat.memory");
    cross(k, false, k->factor);
    if (!cholesky(p, k->factor, 1e-12, &column))
        return error_set(error, "stat.collinear", ARG_INT("column", column));
    cholesky_inverse(p, k->factor, k->m);
    cross(k, true, scratch);
    sandwich(p, k->m, scratch, scratch + p * p, k->q);
    for (size_t j = 0; j < k->n_wanted; j++)
        for (size_t c = 0; c < p; c++)
            for (size_t d = 0; d < p; d++) k->a[j * p + c] += k->m[c * p + d] * wanted_at(k, j, d);
    struct clustered_rows rows = { .n = k->in->n,
                                   .p = p,
                                   .n_clusters = k->strata.n_clusters,
                                   .start = k->start,
                                   .x = k->x,
                                   .w = k->w,
                                   .weighted = k->weighted,
                                   .m = k->m,
                                   .q = k->q };
    if (k->in->errors == REGRESSION_CR2) {
        if (!cr2_scores(&rows, arena, k->score)) return error_plain(error, "stat.memory");
        for (size_t j = 0; j < k->n_wanted; j++)
            k->df[j] = cr2_df(&rows, k->score, k->a + j * p, scratch);
        return true;
    }
    for (size_t i = 0; i < k->in->n; i++)
        for (size_t c = 0; c < p; c++) k->score[i * p + c] = k->w[i] * k->x[i * p + c];
    for (size_t j = 0; j < k->n_wanted; j++)
        k->df[j] = (double)(k->strata.n_clusters - k->strata.n_strata);
    return true;
}

/* ---- one draw ---- */

/* b and e, from the residuals once more, which takes the rounding of the normal equations out. */
static void solve(struct work *k, const double *y) {
    size_t p = k->p;
    memset(k->b, 0, p * sizeof *k->b);
    for (size_t i = 0; i < k->in->n; i++) k->e[i] = y[k->row[i]];
    for (int again = 0; again < 2; again++) {
        memset(k->step, 0, p * sizeof *k->step);
        for (size_t i = 0; i < k->in->n; i++)
            for (size_t c = 0; c < p; c++) k->step[c] += k->w[i] * k->x[i * p + c] * k->e[i];
        cholesky_solve(p, k->factor, k->step);
        for (size_t c = 0; c < p; c++) k->b[c] += k->step[c];
        for (size_t i = 0; i < k->in->n; i++)
            for (size_t c = 0; c < p; c++) k->e[i] -= k->x[i * p + c] * k->step[c];
    }
}

static double r_squared(const struct work *k, const double *y) {
    double total = 0, mean = 0, around = 0, rest = 0;
    for (size_t i = 0; i < k->in->n; i++) {
        total += k->w[i];
        mean += k->w[i] * y[k->row[i]];
    }
    mean /= total;
    for (size_t i = 0; i < k->in->n; i++) {
        double d = y[k->row[i]] - mean;
        around += k->w[i] * d * d;
        rest += k->w[i] * k->e[i] * k->e[i];
    }
    /* What rounding leaves of a constant is no variance. */
    return around > 1e-24 * total * mean * mean ? 1 - rest / around : NAN;
}

static double variance_of(struct work *k, size_t wanted) {
    double sum = 0;
    for (size_t g = 0; g < k->strata.n_clusters; g++) {
        k->z[g] = 0;
        for (size_t c = 0; c < k->p; c++) k->z[g] += k->u[g * k->p + c] * k->a[wanted * k->p + c];
        sum += k->z[g] * k->z[g];
    }
    return k->in->errors == REGRESSION_CR2 ? sum : strata_variance(&k->strata, k->z);
}

static double take_draw(struct work *k, size_t draw) {
    size_t p = k->p, draws = k->in->draws;
    const double *y = k->in->y + draw * k->in->n;
    solve(k, y);
    memset(k->u, 0, k->strata.n_clusters * p * sizeof *k->u);
    for (size_t g = 0; g < k->strata.n_clusters; g++)
        for (size_t i = k->start[g]; i < k->start[g + 1]; i++)
            for (size_t c = 0; c < p; c++) k->u[g * p + c] += k->score[i * p + c] * k->e[i];
    for (size_t j = 0; j < k->n_wanted; j++) {
        for (size_t c = 0; c < p; c++) k->values[j * draws + draw] += wanted_at(k, j, c) * k->b[c];
        k->variances[j * draws + draw] = variance_of(k, j);
    }
    return r_squared(k, y);
}

static struct estimate combine(const struct work *k, size_t wanted) {
    size_t at = wanted * k->in->draws;
    double df = k->df[wanted];
    struct estimate e =
        rubin_combine(k->in->draws, k->values + at, k->variances + at, isnan(df) ? 1 : df);
    return isnan(df) ? (struct estimate){ e.value, NAN, NAN } : e;
}

static bool check(const struct regression_input *input, struct error *error) {
    if (input->n == 0) return error_plain(error, "stat.empty");
    if (input->n <= input->n_columns)
        return error_set(error, "stat.too_few_rows", ARG_INT("rows", input->n),
                         ARG_INT("columns", input->n_columns));
    for (size_t i = 0; i < input->n; i++)
        if (input->cluster[i] < 0 || (size_t)input->cluster[i] >= input->n_clusters)
            return error_plain(error, "stat.cluster");
    return true;
}

bool regression_fit(const struct regression_input *input, struct arena *arena,
                    struct regression *out, struct error *error) {
    struct work k = { .in = input,
                      .p = input->n_columns,
                      .n_wanted = input->n_columns + input->n_contrasts };
    if (!check(input, error)) return false;
    struct estimate *estimates = arena_array(arena, k.n_wanted, sizeof *estimates);
    if (!estimates || !make(&k, arena) || !arrange(&k, arena))
        return error_plain(error, "stat.memory");
    if (k.strata.n_strata == 0) return error_plain(error, "stat.one_cluster");
    fill(&k);
    if (!prepare(&k, arena, error)) return false;
    *out = (struct regression){ .coefficient = estimates,
                                .contrast = estimates + k.p,
                                .clusters = k.strata.n_clusters,
                                .strata = k.strata.n_strata };
    for (size_t d = 0; d < input->draws; d++) out->r2 += take_draw(&k, d) / (double)input->draws;
    for (size_t j = 0; j < k.n_wanted; j++) estimates[j] = combine(&k, j);
    return true;
}

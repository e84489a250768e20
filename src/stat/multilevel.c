#include "stat/multilevel.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/linear.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

enum { COLUMNS_MAX = 100 };

/* Sums of one draw, and what one ratio gives. */
struct model {
    const struct multilevel_input *input;
    size_t p, groups;
    double *scale;                   /* columns are divided by their root mean square */
    double *count, *y_mean, *x_mean; /* of a group */
    double *xx, *xy, yy;             /* X′X, X′y, y′y */
    double *a, *b, *inverse;     /* factor of X′V⁻¹X (V in units of σ²), β, the inverse */
    double rss, log_determinant; /* y′V⁻¹y − b′X′V⁻¹y; log |V| + log |X′V⁻¹X| */
};

static bool model_make(const struct multilevel_input *input, struct arena *arena, struct model *m) {
    size_t p = input->n_columns, groups = input->n_groups;
    *m = (struct model){
        .input = input,
        .p = p,
        .scale = arena_array(arena, p, sizeof(double)),
        .count = arena_array(arena, groups, sizeof(double)),
        .y_mean = arena_array(arena, groups, sizeof(double)),
        .x_mean = arena_array(arena, groups, p * sizeof(double)),
        .xx = arena_array(arena, p, p * sizeof(double)),
        .xy = arena_array(arena, p, sizeof(double)),
        .a = arena_array(arena, p, p * sizeof(double)),
        .b = arena_array(arena, p, sizeof(double)),
        .inverse = arena_array(arena, p, p * sizeof(double)),
    };
    if (!m->scale || !m->count || !m->y_mean || !m->x_mean || !m->xx || !m->xy || !m->a || !m->b ||
        !m->inverse)
        return false;
    for (size_t i = 0; i < input->n; i++) {
        const double *x = input->x + i * p;
        m->count[input->group[i]]++;
        for (size_t c = 0; c < p; c++) m->scale[c] += x[c] * x[c];
    }
    for (size_t c = 0; c < p; c++)
        m->scale[c] = m->scale[c] > 0 ? sqrt(m->scale[c] / (double)input->n) : 1;
    for (size_t i = 0; i < input->n; i++) {
        const double *x = input->x + i * p;
        double *mean = m->x_mean + (size_t)input->group[i] * p;
        for (size_t c = 0; c < p; c++) {
            mean[c] += x[c] / m->scale[c] / m->count[input->group[i]];
            for (size_t d = 0; d <= c; d++)
                m->xx[c * p + d] += x[c] / m->scale[c] * (x[d] / m->scale[d]);
        }
    }
    for (size_t g = 0; g < groups; g++) m->groups += m->count[g] > 0;
    return true;
}

static void take_draw(struct model *m, const double *y) {
    size_t p = m->p;
    m->yy = 0;
    for (size_t c = 0; c < p; c++) m->xy[c] = 0;
    for (size_t g = 0; g < m->input->n_groups; g++) m->y_mean[g] = 0;
    for (size_t i = 0; i < m->input->n; i++) {
        const double *x = m->input->x + i * p;
        m->yy += y[i] * y[i];
        m->y_mean[m->input->group[i]] += y[i] / m->count[m->input->group[i]];
        for (size_t c = 0; c < p; c++) m->xy[c] += x[c] / m->scale[c] * y[i];
    }
}

/* β, residual sum and determinants at τ²/σ² = ratio: V⁻¹ takes k = n r/(1 + n r) of the group mean.
 */
static bool solve(struct model *m, double ratio, size_t *column) {
    size_t p = m->p;
    double right[COLUMNS_MAX], square = m->yy;
    memcpy(m->a, m->xx, p * p * sizeof *m->a);
    memcpy(m->b, m->xy, p * sizeof *m->b);
    m->log_determinant = 0;
    for (size_t g = 0; g < m->input->n_groups; g++) {
        const double *x = m->x_mean + g * p;
        double n = m->count[g], taken = n * n * ratio / (1 + n * ratio);
        if (n <= 0) continue;
        m->log_determinant += num_log(1 + n * ratio);
        square -= taken * m->y_mean[g] * m->y_mean[g];
        for (size_t c = 0; c < p; c++) {
            m->b[c] -= taken * m->y_mean[g] * x[c];
            for (size_t d = 0; d <= c; d++) m->a[c * p + d] -= taken * x[c] * x[d];
        }
    }
    memcpy(right, m->b, p * sizeof *right);
    if (!cholesky(p, m->a, 1e-12, column)) return false;
    cholesky_solve(p, m->a, m->b);
    m->rss = square;
    for (size_t c = 0; c < p; c++) {
        m->rss -= m->b[c] * right[c];
        /* The determinant in the columns' own units. */
        m->log_determinant += 2 * num_log(m->a[c * p + c] * m->scale[c]);
    }
    return true;
}

static double quadratic(size_t p, const double *inverse, const double *x) {
    double sum = 0;
    for (size_t c = 0; c < p; c++)
        for (size_t d = 0; d < p; d++) sum += x[c] * inverse[c * p + d] * x[d];
    return sum;
}

/* The restricted likelihood and its derivative by the ratio, which is t/(1 − t): so the border 0
 * and large ratios lie on one scale. */
static bool look(struct model *m, double t, double *loglik, double *slope, size_t *column) {
    double df = (double)(m->input->n - m->p), ratio = t / (1 - t), of_v = 0, of_a = 0, of_rss = 0;
    if (!solve(m, ratio, column)) return false;
    cholesky_inverse(m->p, m->a, m->inverse);
    for (size_t g = 0; g < m->input->n_groups; g++) {
        const double *x = m->x_mean + g * m->p;
        double n = m->count[g], change = n / (1 + n * ratio), residual = m->y_mean[g];
        for (size_t c = 0; c < m->p; c++) residual -= x[c] * m->b[c];
        of_v += change;
        of_a += change * change * quadratic(m->p, m->inverse, x);
        of_rss += change * change * residual * residual;
    }
    *loglik = -0.5 * (m->log_determinant + df * (1 + num_log(2 * PI * m->rss / df)));
    *slope = -0.5 * (of_v - of_a - df * of_rss / m->rss);
    return true;
}

static const double SHARE_MOST = 1 - 1e-6; /* of the ratio's scale, τ²/(τ² + σ²) */

/* Leaves the model at the ratio with the largest restricted likelihood: a scan finds the highest of
 * its places, halving then finds where the slope beside it is 0. On the border the slope points
 * out. */
static bool maximise(struct model *m, double *ratio, double *loglik, size_t *column) {
    enum { SCAN = 40, HALVINGS = 60 };
    const double end = SHARE_MOST, width = end / SCAN;
    double peak = -HUGE_VAL, at = 0, slope;
    for (int k = 0; k <= SCAN; k++) {
        double value;
        if (!look(m, k * width, &value, &slope, column)) return false;
        if (value > peak) {
            peak = value;
            at = k * width;
        }
    }
    if (!look(m, at, loglik, &slope, column)) return false;
    double low = slope > 0 ? at : fmax(at - width, 0),
           high = slope > 0 ? fmin(at + width, end) : at;
    for (int i = 0; i < HALVINGS && high > low; i++) {
        double middle = 0.5 * (low + high);
        if (!look(m, middle, loglik, &slope, column)) return false;
        if (slope > 0)
            low = middle;
        else
            high = middle;
    }
    /* The last halvings end at 0 itself where there is no variance between groups. */
    if (low == 0) high = 0;
    *ratio = high / (1 - high);
    return look(m, high, loglik, &slope, column);
}

/* ---- the intraclass correlation ---- */

/* Its estimate, curvature as a variance, and half-widths of its interval over a normal's. */
struct icc {
    double value, variance, below, above;
};

/* Where between inside, at which the likelihood is over level, and outside it falls to level. */
static double crossing(struct model *m, double inside, double outside, double level) {
    enum { HALVINGS = 50 };
    double value, slope;
    if (!look(m, outside, &value, &slope, NULL) || value >= level) return outside;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (inside + outside);
        if (look(m, middle, &value, &slope, NULL) && value >= level)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

/* The slope by t is that by the ratio over (1 − t)². */
static double slope_at(struct model *m, double t) {
    double value, slope;
    return look(m, t, &value, &slope, NULL) ? slope / ((1 - t) * (1 - t)) : NAN;
}

static struct icc icc_of(struct model *m, double ratio, double loglik) {
    const double fall = 1.920729410347062, z = 1.959963984540054; /* χ²₁(.95)/2 = z²/2 */
    double t = ratio / (1 + ratio), step = 1e-4 * fmin(t, 1 - t);
    struct icc out = { .value = t };
    double curvature = t > 0 ? (slope_at(m, t - step) - slope_at(m, t + step)) / (2 * step) : NAN;
    out.variance = curvature > 0 ? 1 / curvature : NAN;
    out.below = t > 0 ? (t - crossing(m, t, 0, loglik - fall)) / z : 0;
    out.above = (crossing(m, t, SHARE_MOST, loglik - fall) - t) / z;
    return out;
}

static void combine_icc(size_t draws, const struct icc *icc, double *scratch,
                        struct multilevel *out) {
    struct estimate e[3];
    for (int side = 0; side < 3; side++) {
        for (size_t d = 0; d < draws; d++) {
            const struct icc *own = &icc[d];
            scratch[d] = own->value;
            scratch[draws + d] = side == 0   ? own->variance
                                 : side == 1 ? own->below * own->below
                                             : own->above * own->above;
        }
        e[side] = rubin_combine(draws, scratch, scratch + draws, HUGE_VAL);
    }
    out->icc = e[0].value;
    out->icc_se = e[0].se;
    out->icc_low = fmax(e[1].value - estimate_half_width(e[1], 0.95), 0);
    out->icc_high = fmin(e[2].value + estimate_half_width(e[2], 0.95), 1);
}

/* ---- results ---- */

/* One draw's estimates, to be combined. */
struct draw {
    double *fixed, *fixed_variance, *effect, *effect_variance; /* [column or group] */
};

/* The sampling variance of τ²: 2/Σ (τ² + σ²/n)⁻² (Prasad and Rao 1990). */
static double variance_of_tau2(const struct model *m, double ratio, double sigma2) {
    double sum = 0;
    for (size_t g = 0; g < m->input->n_groups; g++) {
        double total = sigma2 * (ratio + 1 / m->count[g]);
        if (m->count[g] > 0) sum += 1 / (total * total);
    }
    return 2 / sum;
}

static void keep_draw(const struct model *m, double ratio, double sigma2, const struct draw *out) {
    size_t p = m->p;
    double of_tau2 = variance_of_tau2(m, ratio, sigma2);
    for (size_t c = 0; c < p; c++) {
        out->fixed[c] = m->b[c] / m->scale[c];
        out->fixed_variance[c] = sigma2 * m->inverse[c * p + c] / (m->scale[c] * m->scale[c]);
    }
    for (size_t g = 0; g < m->input->n_groups; g++) {
        const double *x = m->x_mean + g * p;
        double n = m->count[g], shrink = n * ratio / (1 + n * ratio), fitted = 0;
        if (n <= 0) continue;
        for (size_t c = 0; c < p; c++) fitted += x[c] * m->b[c];
        out->effect[g] = shrink * (m->y_mean[g] - fitted);
        out->effect_variance[g] =
            sigma2 * (ratio * (1 - shrink) + shrink * shrink * quadratic(p, m->inverse, x)) +
            2 * (1 - shrink) * (1 - shrink) * of_tau2 / (sigma2 * (ratio + 1 / n));
    }
}

/* Estimate number i of every draw, stride apart, combined. */
static struct estimate combine(size_t draws, size_t stride, size_t i, const double *values,
                               const double *variances, double df, double *scratch) {
    for (size_t d = 0; d < draws; d++) {
        scratch[d] = values[d * stride + i];
        scratch[draws + d] = variances[d * stride + i];
    }
    return rubin_combine(draws, scratch, scratch + draws, df);
}

static bool check(const struct multilevel_input *input, const struct model *m,
                  struct error *error) {
    if (input->n <= input->n_columns)
        return error_set(error, "stat.too_few_rows", ARG_INT("rows", input->n),
                         ARG_INT("columns", input->n_columns));
    if (m->groups < 2) return error_plain(error, "stat.one_group");
    if (m->groups == input->n) return error_plain(error, "stat.one_row_groups");
    return true;
}

/* Does a column vary within groups, with half of its squares about the mean or more? */
static bool is_within(const struct model *m, size_t column) {
    double within = m->xx[column * m->p + column], total = within, sum = 0;
    for (size_t g = 0; g < m->input->n_groups; g++) {
        double mean = m->x_mean[g * m->p + column];
        within -= m->count[g] * mean * mean;
        sum += m->count[g] * mean;
    }
    total -= sum * sum / (double)m->input->n;
    return within > 1e-9 * m->xx[column * m->p + column] && within >= total / 2;
}

/* Degrees of freedom of a column: between groups or within them (Schluchter and Elashoff 1990). */
static double column_df(const struct model *m, size_t column) {
    double between = 0;
    for (size_t c = 0; c < m->p; c++) between += !is_within(m, c);
    double df = (double)m->groups - between;
    if (is_within(m, column)) df = (double)(m->input->n - m->groups) - ((double)m->p - between);
    return fmax(df, 1);
}

bool multilevel_fit(const struct multilevel_input *input, struct arena *arena,
                    struct multilevel *out, struct error *error) {
    size_t p = input->n_columns, groups = input->n_groups, draws = input->draws, column = 0;
    struct model m;
    *out = (struct multilevel){ .fixed = arena_array(arena, p, sizeof *out->fixed),
                                .effect = arena_array(arena, groups, sizeof(double)),
                                .effect_se = arena_array(arena, groups, sizeof(double)) };
    double *fixed = arena_array(arena, draws, 2 * p * sizeof *fixed);
    double *effect = arena_array(arena, draws, 2 * groups * sizeof *effect);
    double *scratch = arena_array(arena, draws, 2 * sizeof *scratch);
    struct icc *icc = arena_array(arena, draws, sizeof *icc);
    if (p > COLUMNS_MAX || !model_make(input, arena, &m) || !out->fixed || !out->effect ||
        !out->effect_se || !fixed || !effect || !scratch || !icc)
        return error_plain(error, "stat.memory");
    if (!check(input, &m, error)) return false;
    for (size_t d = 0; d < draws; d++) {
        double ratio, loglik;
        take_draw(&m, input->y + d * input->n);
        if (!maximise(&m, &ratio, &loglik, &column))
            return error_set(error, "stat.collinear", ARG_INT("column", column));
        /* What rounding leaves of y′y is no variance. */
        if (!(m.rss > 1e-12 * m.yy)) return error_plain(error, "stat.exact_fit");
        if (ratio / (1 + ratio) >= SHARE_MOST) return error_plain(error, "stat.no_within");
        double sigma2 = m.rss / (double)(input->n - p);
        keep_draw(&m, ratio, sigma2,
                  &(struct draw){ fixed + d * p, fixed + (draws + d) * p, effect + d * groups,
                                  effect + (draws + d) * groups });
        out->sigma2 += sigma2 / (double)draws;
        out->tau2 += ratio * sigma2 / (double)draws;
        out->loglik += loglik / (double)draws;
        icc[d] = icc_of(&m, ratio, loglik);
    }
    combine_icc(draws, icc, scratch, out);
    out->groups = m.groups;
    for (size_t c = 0; c < p; c++)
        out->fixed[c] = combine(draws, p, c, fixed, fixed + draws * p, column_df(&m, c), scratch);
    for (size_t g = 0; g < groups; g++) {
        struct estimate e =
            combine(draws, groups, g, effect, effect + draws * groups, HUGE_VAL, scratch);
        out->effect[g] = m.count[g] > 0 ? e.value : NAN;
        out->effect_se[g] = m.count[g] > 0 ? e.se : NAN;
    }
    return true;
}

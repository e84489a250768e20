#include "stat/gradient.h"

#include "base/arena.h"
#include "base/error.h"
#include "stat/gradient_cuts.h"
#include "stat/ranking.h"
#include "stat/regression.h"
#include "stat/strata.h"

#include <math.h>
#include <string.h>

/* What is added up over rows, x and y about their means over all. Within: about the cluster's
 * means; between: of the cluster's means. */
enum sum {
    W,
    X,
    Y,
    WITHIN_XX,
    WITHIN_XY,
    WITHIN_YY,
    BETWEEN_XX,
    BETWEEN_XY,
    BETWEEN_YY,
    QUARTER_W,
    QUARTER_Y = QUARTER_W + 4,
    RESILIENT = QUARTER_Y + 4,
    SUMS
};

struct work {
    const struct gradient_input *in;
    struct strata strata;
    size_t n, places;
    size_t *rows;      /* of a cluster */
    size_t *start;     /* of a place's rows in rankings */
    int *place;        /* of a row's cluster in strata's order */
    double *w, *x, *y; /* of a row; w by the largest, x and y about their means */
    double x_mean, y_mean, x_floor, y_floor; /* below the floors, a sum of squares is rounding */
    struct ranking background, outcome;
    size_t (*cut)[3];         /* of background, [replicate]: 0 with all, i + 1 without place i */
    size_t *top;              /* of the outcome, its highest quarter; likewise */
    size_t low[3], high[3];   /* between them background's cuts wander, */
    size_t top_low, top_high; /* and the outcome's */
    size_t *wander, *wander_resilient, n_wander, n_wander_resilient; /* rows */
    double *sums;                                                    /* [place * SUMS + sum] */
    double *of_stratum;                                              /* [stratum * SUMS + sum] */
    double all[SUMS];
    double *replicate;          /* [statistic * places + place] */
    double *z;                  /* scratch of the linearised errors of cuts */
    double *values, *variances; /* [statistic * draws + draw] */
    double *linear;             /* variances by linearisation, likewise; NaN: none */
};

/* ---- laying out ---- */

static bool make(struct work *k, struct arena *arena) {
    size_t n = k->n, clusters = k->in->n_clusters + 1, draws = k->in->draws;
    k->rows = arena_array(arena, clusters, sizeof *k->rows);
    k->start = arena_array(arena, clusters + 1, sizeof *k->start);
    k->place = arena_array(arena, n, sizeof *k->place);
    k->w = arena_array(arena, n, 3 * sizeof(double));
    k->cut = arena_array(arena, clusters + 1, sizeof *k->cut);
    k->top = arena_array(arena, clusters + 1, sizeof *k->top);
    k->wander = arena_array(arena, n, 2 * sizeof *k->wander);
    k->sums = arena_array(arena, clusters, 2 * SUMS * sizeof(double));
    k->replicate = arena_array(arena, clusters, GRADIENT_STATISTICS * sizeof(double));
    k->z = arena_array(arena, clusters, CUT_STATISTICS * sizeof(double));
    k->values = arena_array(arena, draws, 3 * GRADIENT_STATISTICS * sizeof(double));
    if (!k->rows || !k->start || !k->place || !k->w || !k->cut || !k->top || !k->wander ||
        !k->sums || !k->replicate || !k->z || !k->values)
        return false;
    k->x = k->w + n;
    k->y = k->x + n;
    k->wander_resilient = k->wander + n;
    k->of_stratum = k->sums + clusters * SUMS;
    k->variances = k->values + draws * GRADIENT_STATISTICS;
    k->linear = k->variances + draws * GRADIENT_STATISTICS;
    return true;
}

/* Takes the weighted mean out of from; the floor is what rounding leaves of a constant. */
static void centre(const struct work *k, const double *from, double *to, double *mean,
                   double *floor_of_squares) {
    double total = 0, squares = 0;
    *mean = 0;
    for (size_t i = 0; i < k->n; i++) {
        total += k->w[i];
        *mean += k->w[i] * from[i];
    }
    *mean /= total;
    for (size_t i = 0; i < k->n; i++) {
        to[i] = from[i] - *mean;
        squares += k->w[i] * to[i] * to[i];
    }
    *floor_of_squares = fmax(1e-24 * total * *mean * *mean, 1e-12 * squares);
}

/* Clusters by strata, rows to their places, background ranked with its cuts. */
static bool lay_out(struct work *k, struct arena *arena) {
    const struct gradient_input *in = k->in;
    double largest = 0;
    for (size_t i = 0; i < k->n; i++) {
        k->rows[in->cluster[i]]++;
        largest = fmax(largest, in->weights ? in->weights[i] : 1);
    }
    int *place = arena_array(arena, in->n_clusters + 1, sizeof *place);
    if (!place || !strata_make(in->n_clusters, k->rows, in->stratum, arena, &k->strata))
        return false;
    k->places = k->strata.n_clusters;
    for (size_t p = 0; p < k->places; p++) {
        place[k->strata.cluster[p]] = (int)p;
        k->start[p + 1] = k->start[p] + k->rows[k->strata.cluster[p]];
    }
    for (size_t i = 0; i < k->n; i++) {
        k->place[i] = place[in->cluster[i]];
        k->w[i] = (in->weights ? in->weights[i] : 1) / largest;
    }
    if (!ranking_make(k->n, k->places, k->start, arena, &k->background) ||
        !ranking_make(k->n, k->places, k->start, arena, &k->outcome))
        return false;
    ranking_fill(&k->background, in->background, k->place, in->by_lot, in->seed, 0);
    centre(k, in->background, k->x, &k->x_mean, &k->x_floor);
    return true;
}

/* ---- quarters ---- */

static void cut_background(struct work *k) {
    for (size_t q = 0; q < 3; q++) k->low[q] = k->n;
    for (size_t r = 0; r <= k->places; r++)
        for (size_t q = 0; q < 3; q++) {
            size_t cut = ranking_cut(&k->background, q + 1, (int)r - 1);
            k->cut[r][q] = cut;
            if (cut < k->low[q]) k->low[q] = cut;
            if (cut > k->high[q]) k->high[q] = cut;
        }
}

static void cut_outcome(struct work *k, size_t draw) {
    ranking_fill(&k->outcome, k->in->y + draw * k->n, k->place, k->in->by_lot, k->in->seed,
                 1 + draw);
    k->top_low = k->n;
    k->top_high = 0;
    for (size_t r = 0; r <= k->places; r++) {
        k->top[r] = ranking_cut(&k->outcome, 3, (int)r - 1);
        if (k->top[r] < k->top_low) k->top_low = k->top[r];
        if (k->top[r] > k->top_high) k->top_high = k->top[r];
    }
}

static size_t quarter_of(const size_t cut[3], size_t position) {
    return (size_t)(position >= cut[0]) + (position >= cut[1]) + (position >= cut[2]);
}

/* Puts the rows that every replicate has in the same quarter into their clusters' sums, and the
 * others on lists. */
static void sort_out(struct work *k) {
    k->n_wander = k->n_wander_resilient = 0;
    for (size_t i = 0; i < k->n; i++) {
        size_t at = k->background.position[i], top = k->outcome.position[i];
        double *sums = k->sums + (size_t)k->place[i] * SUMS;
        size_t quarter = quarter_of(k->high, at);
        if (quarter_of(k->low, at) == quarter) {
            sums[QUARTER_W + quarter] += k->w[i];
            sums[QUARTER_Y + quarter] += k->w[i] * k->y[i];
        } else
            k->wander[k->n_wander++] = i;
        if (at >= k->high[0] || top < k->top_low) continue;
        if (at < k->low[0] && top >= k->top_high)
            sums[RESILIENT] += k->w[i];
        else
            k->wander_resilient[k->n_wander_resilient++] = i;
    }
}

/* ---- sums ---- */

static void add_up(struct work *k) {
    memset(k->sums, 0, k->places * SUMS * sizeof *k->sums);
    for (size_t i = 0; i < k->n; i++) {
        double *s = k->sums + (size_t)k->place[i] * SUMS;
        s[W] += k->w[i];
        s[X] += k->w[i] * k->x[i];
        s[Y] += k->w[i] * k->y[i];
    }
    for (size_t i = 0; i < k->n; i++) {
        double *s = k->sums + (size_t)k->place[i] * SUMS;
        double x = k->x[i] - s[X] / s[W], y = k->y[i] - s[Y] / s[W];
        s[WITHIN_XX] += k->w[i] * x * x;
        s[WITHIN_XY] += k->w[i] * x * y;
        s[WITHIN_YY] += k->w[i] * y * y;
    }
    for (size_t p = 0; p < k->places; p++) {
        double *s = k->sums + p * SUMS;
        s[BETWEEN_XX] = s[X] * s[X] / s[W];
        s[BETWEEN_XY] = s[X] * s[Y] / s[W];
        s[BETWEEN_YY] = s[Y] * s[Y] / s[W];
    }
}

static void add_strata(struct work *k) {
    memset(k->of_stratum, 0, k->strata.n_strata * SUMS * sizeof *k->of_stratum);
    memset(k->all, 0, sizeof k->all);
    for (size_t p = 0; p < k->places; p++)
        for (size_t s = 0; s < SUMS; s++)
            k->of_stratum[k->strata.stratum[p] * SUMS + s] += k->sums[p * SUMS + s];
    for (size_t h = 0; h < k->strata.n_strata; h++)
        for (size_t s = 0; s < SUMS; s++) k->all[s] += k->of_stratum[h * SUMS + s];
}

/* The sums of replicate r: without place r − 1, its stratum's others weighing more. */
static void sums_of(const struct work *k, size_t r, double *out) {
    size_t left_out = r - 1, h = r ? k->strata.stratum[left_out] : 0;
    double growth = r ? strata_growth(&k->strata, left_out) : 1;
    for (size_t s = 0; s < SUMS; s++) {
        double own = k->of_stratum[h * SUMS + s];
        out[s] = r ? k->all[s] - own + growth * (own - k->sums[left_out * SUMS + s]) : k->all[s];
    }
    for (size_t i = 0; i < k->n_wander + k->n_wander_resilient; i++) {
        bool resilient = i >= k->n_wander;
        size_t row = resilient ? k->wander_resilient[i - k->n_wander] : k->wander[i];
        size_t place = (size_t)k->place[row];
        if (r && place == left_out) continue;
        double w = k->w[row] * (k->strata.stratum[place] == h ? growth : 1);
        size_t quarter = quarter_of(k->cut[r], k->background.position[row]);
        if (!resilient) {
            out[QUARTER_W + quarter] += w;
            out[QUARTER_Y + quarter] += w * k->y[row];
        } else if (quarter == 0 && k->outcome.position[row] >= k->top[r])
            out[RESILIENT] += w;
    }
}

/* ---- statistics ---- */

/* a/b, where b is more than rounding. */
static double ratio(double a, double b, double floor_of_b) { return b > floor_of_b ? a / b : NAN; }

static void quarters_from(const struct work *k, const double *s, double *out) {
    const double *w = s + QUARTER_W, *y = s + QUARTER_Y;
    double least = 1e-12 * s[W];
    for (size_t q = 0; q < 4; q++)
        out[GRADIENT_QUARTER_1 + q] = k->y_mean + ratio(y[q], w[q], least);
    out[GRADIENT_GAP] = out[GRADIENT_QUARTER_4] - out[GRADIENT_QUARTER_1];
    out[GRADIENT_RESILIENT] = ratio(s[RESILIENT], w[0], least);
}

/* out[GRADIENT_…] from sums; the deviation from a cluster's mean and the mean itself are
 * orthogonal, so the slopes on both stand by themselves. */
static void statistics_from(const struct work *k, const double *s, double *out) {
    double x = s[X] / s[W], y = s[Y] / s[W], fx = k->x_floor, fy = k->y_floor;
    double b_xx = s[BETWEEN_XX] - s[W] * x * x, b_xy = s[BETWEEN_XY] - s[W] * x * y,
           b_yy = s[BETWEEN_YY] - s[W] * y * y;
    double w_xx = s[WITHIN_XX], w_xy = s[WITHIN_XY], w_yy = s[WITHIN_YY];
    double xx = w_xx + b_xx, xy = w_xy + b_xy, yy = w_yy + b_yy;
    out[GRADIENT_MEAN] = k->y_mean + y;
    out[GRADIENT_SLOPE] = ratio(xy, xx, fx);
    out[GRADIENT_INTERCEPT] = k->y_mean + y - out[GRADIENT_SLOPE] * (k->x_mean + x);
    out[GRADIENT_BACKGROUND_SD] = sqrt(fmax(xx, 0) / s[W]);
    out[GRADIENT_SLOPE_SD] = out[GRADIENT_SLOPE] * out[GRADIENT_BACKGROUND_SD];
    out[GRADIENT_R2] = out[GRADIENT_SLOPE] * ratio(xy, yy, fy);
    out[GRADIENT_SLOPE_WITHIN] = ratio(w_xy, w_xx, fx);
    out[GRADIENT_SLOPE_BETWEEN] = ratio(b_xy, b_xx, fx);
    out[GRADIENT_CONTEXTUAL] = out[GRADIENT_SLOPE_BETWEEN] - out[GRADIENT_SLOPE_WITHIN];
    out[GRADIENT_R2_WITHIN] = out[GRADIENT_SLOPE_WITHIN] * ratio(w_xy, w_yy, fy);
    out[GRADIENT_R2_BETWEEN] = out[GRADIENT_SLOPE_BETWEEN] * ratio(b_xy, b_yy, fy);
    out[GRADIENT_OUTCOME_BETWEEN] = ratio(b_yy, yy, fy);
    out[GRADIENT_BACKGROUND_BETWEEN] = ratio(b_xx, xx, fx);
    quarters_from(k, s, out);
}

static void linearise_cuts(struct work *k, size_t draw) {
    struct cut_rows rows = { .n = k->n,
                             .place = k->place,
                             .w = k->w,
                             .y = k->y,
                             .background = &k->background,
                             .outcome = &k->outcome,
                             .cut = k->cut[0],
                             .top = k->top[0],
                             .strata = &k->strata };
    double variances[CUT_STATISTICS];
    cut_variances(&rows, k->z, variances);
    for (size_t s = 0; s < GRADIENT_STATISTICS; s++) k->linear[s * k->in->draws + draw] = NAN;
    for (size_t q = 0; q < CUT_QUARTERS; q++)
        k->linear[(GRADIENT_QUARTER_1 + q) * k->in->draws + draw] = variances[q];
    k->linear[GRADIENT_GAP * k->in->draws + draw] = variances[CUT_GAP];
    k->linear[GRADIENT_RESILIENT * k->in->draws + draw] = variances[CUT_RESILIENT];
}

static void take_draw(struct work *k, size_t draw) {
    size_t draws = k->in->draws;
    double sums[SUMS] = { 0 }, found[GRADIENT_STATISTICS];
    centre(k, k->in->y + draw * k->n, k->y, &k->y_mean, &k->y_floor);
    cut_outcome(k, draw);
    add_up(k);
    sort_out(k);
    add_strata(k);
    for (size_t r = 0; r <= k->places; r++) {
        sums_of(k, r, sums);
        statistics_from(k, sums, found);
        for (size_t s = 0; s < GRADIENT_STATISTICS; s++)
            if (r)
                k->replicate[s * k->places + r - 1] = found[s];
            else
                k->values[s * draws + draw] = found[s];
    }
    linearise_cuts(k, draw);
    for (size_t s = 0; s < GRADIENT_STATISTICS; s++)
        k->variances[s * draws + draw] = strata_jackknife(&k->strata, k->replicate + s * k->places);
}

/* ---- results ---- */

/* Intercept and slope by linearisation, background about its mean so that its place on the line
 * does not matter; and what cannot be is found here. */
static bool linearise(const struct gradient_input *in, struct arena *arena, struct gradient *out,
                      struct error *error) {
    double *x = arena_array(arena, in->n + 1, 2 * sizeof *x), mean = 0;
    bool constant = true;
    struct regression fit;
    if (!x) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < in->n; i++) {
        mean += in->background[i] / (double)in->n;
        constant &= in->background[i] == in->background[0];
    }
    for (size_t i = 0; i < in->n; i++) {
        x[2 * i] = 1;
        x[2 * i + 1] = constant ? 0 : in->background[i] - mean;
    }
    const double intercept[] = { 1, -mean };
    struct regression_input input = { .n = in->n,
                                      .draws = in->draws,
                                      .y = in->y,
                                      .n_columns = 2,
                                      .x = x,
                                      .weights = in->weights,
                                      .cluster = in->cluster,
                                      .n_clusters = in->n_clusters,
                                      .stratum = in->stratum,
                                      .errors = REGRESSION_LINEARISED,
                                      .n_contrasts = 1,
                                      .contrasts = intercept };
    if (!regression_fit(&input, arena, &fit, error)) return false;
    out->linearised[GRADIENT_INTERCEPT] = fit.contrast[0];
    out->linearised[GRADIENT_SLOPE] = fit.coefficient[1];
    out->clusters = fit.clusters;
    out->strata = fit.strata;
    return true;
}

static struct estimate combine(const struct work *k, size_t statistic, const double *variances) {
    size_t at = statistic * k->in->draws;
    struct estimate e = rubin_combine(k->in->draws, k->values + at, variances + at,
                                      (double)(k->places - k->strata.n_strata));
    if (isnan(e.se)) e.df = NAN;
    return e;
}

bool gradient_fit(const struct gradient_input *input, struct arena *arena, struct gradient *out,
                  struct error *error) {
    struct work k = { .in = input, .n = input->n };
    *out = (struct gradient){ 0 };
    if (!linearise(input, arena, out, error)) return false;
    if (!make(&k, arena) || !lay_out(&k, arena)) return error_plain(error, "stat.memory");
    cut_background(&k);
    for (size_t i = 0; i < k.n; i++)
        out->quarter_n[quarter_of(k.cut[0], k.background.position[i])]++;
    for (size_t d = 0; d < input->draws; d++) take_draw(&k, d);
    for (size_t s = 0; s < GRADIENT_STATISTICS; s++) {
        out->statistic[s] = combine(&k, s, k.variances);
        if (s != GRADIENT_INTERCEPT && s != GRADIENT_SLOPE)
            out->linearised[s] = combine(&k, s, k.linear);
    }
    return true;
}

static const struct {
    const char *name;
    enum estimate_scale scale;
} names[GRADIENT_STATISTICS] = {
    [GRADIENT_MEAN] = { "mean", SCALE_PLAIN },
    [GRADIENT_INTERCEPT] = { "intercept", SCALE_PLAIN },
    [GRADIENT_SLOPE] = { "slope", SCALE_PLAIN },
    [GRADIENT_SLOPE_SD] = { "slope_sd", SCALE_PLAIN },
    [GRADIENT_BACKGROUND_SD] = { "background_sd", SCALE_PLAIN },
    [GRADIENT_R2] = { "r2", SCALE_R2 },
    [GRADIENT_QUARTER_1] = { "quarter_1", SCALE_PLAIN },
    [GRADIENT_QUARTER_2] = { "quarter_2", SCALE_PLAIN },
    [GRADIENT_QUARTER_3] = { "quarter_3", SCALE_PLAIN },
    [GRADIENT_QUARTER_4] = { "quarter_4", SCALE_PLAIN },
    [GRADIENT_GAP] = { "gap", SCALE_PLAIN },
    [GRADIENT_SLOPE_WITHIN] = { "slope_within", SCALE_PLAIN },
    [GRADIENT_SLOPE_BETWEEN] = { "slope_between", SCALE_PLAIN },
    [GRADIENT_CONTEXTUAL] = { "contextual", SCALE_PLAIN },
    [GRADIENT_R2_WITHIN] = { "r2_within", SCALE_R2 },
    [GRADIENT_R2_BETWEEN] = { "r2_between", SCALE_R2 },
    [GRADIENT_OUTCOME_BETWEEN] = { "outcome_between", SCALE_SHARE },
    [GRADIENT_BACKGROUND_BETWEEN] = { "background_between", SCALE_SHARE },
    [GRADIENT_RESILIENT] = { "resilient", SCALE_SHARE },
};

const char *gradient_name(enum gradient_statistic statistic) { return names[statistic].name; }
enum estimate_scale gradient_scale(enum gradient_statistic statistic) {
    return names[statistic].scale;
}

#include "stat/distribution.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/special.h"
#include "stat/percentile.h"
#include "stat/replicates.h"

#include <math.h>
#include <string.h>

enum sum { W, Y, YY, WW, SUMS };

struct work {
    const struct sample *sample;
    enum sampling_error how;
    size_t n_percentiles;
    const double *percentages;
    struct replicates replicates;
    struct percentiles percentiles;
    double centre;                            /* values are added up about it */
    double *of_place, *of_stratum, all[SUMS]; /* [place * SUMS + sum] */
    double *value; /* of the replicates, or of the places for linearisation */
    double *below,
        *above; /* squared sides of percentiles' intervals over t, [percentile * draws + draw] */
    double *values, *variances; /* [statistic * draws + draw]: variance, percentiles */
};

static bool make(struct work *k, struct arena *arena) {
    const struct replicates *r = &k->replicates;
    size_t statistics = 1 + k->n_percentiles, draws = k->sample->draws;
    k->of_place = arena_array(arena, r->n_places, SUMS * sizeof(double));
    k->of_stratum = arena_array(arena, r->n_strata, SUMS * sizeof(double));
    k->value = arena_array(arena, r->n_places, sizeof(double));
    k->values = arena_array(arena, draws, 2 * statistics * sizeof(double));
    k->below = arena_array(arena, draws, (2 * k->n_percentiles + 1) * sizeof(double));
    if (!k->of_place || !k->of_stratum || !k->value || !k->values || !k->below) return false;
    k->variances = k->values + statistics * draws;
    k->above = k->below + k->n_percentiles * draws;
    return k->n_percentiles == 0 || percentiles_make(k->sample->n, r, arena, &k->percentiles);
}

static double weight(const struct work *k, size_t row) {
    return k->sample->weights ? k->sample->weights[row] : 1;
}

static void add_up(struct work *k, const double *y) {
    const struct replicates *r = &k->replicates;
    double total = 0, sum = 0;
    for (size_t i = 0; i < k->sample->n; i++) {
        total += weight(k, i);
        sum += weight(k, i) * y[i];
    }
    k->centre = sum / total;
    memset(k->of_place, 0, r->n_places * SUMS * sizeof *k->of_place);
    memset(k->of_stratum, 0, r->n_strata * SUMS * sizeof *k->of_stratum);
    memset(k->all, 0, sizeof k->all);
    for (size_t i = 0; i < k->sample->n; i++) {
        double *s = k->of_place + (size_t)r->place[i] * SUMS, w = weight(k, i);
        double d = y[i] - k->centre;
        s[W] += w;
        s[Y] += w * d;
        s[YY] += w * d * d;
        s[WW] += w * w;
    }
    for (size_t p = 0; p < r->n_places; p++)
        for (size_t s = 0; s < SUMS; s++) {
            k->of_stratum[r->stratum[p] * SUMS + s] += k->of_place[p * SUMS + s];
            k->all[s] += k->of_place[p * SUMS + s];
        }
}

static void sums_of(const struct work *k, const struct replicate *r, double *out) {
    for (size_t s = 0; s < SUMS; s++) {
        bool squares = s == WW;
        out[s] = k->all[s] + (squares ? r->squares_of_stratum : r->of_stratum) *
                                 k->of_stratum[r->stratum * SUMS + s];
        for (int h = 0; h < 2; h++)
            out[s] += (squares ? r->squares_of[h] : r->of_place[h]) *
                      k->of_place[r->place[h] * SUMS + s];
    }
}

/* Σw(y − ȳ)²/(Σw − Σw²/Σw); none for one row. */
static double variance_of(const double *s) {
    double divisor = s[W] - s[WW] / s[W];
    return divisor > 1e-12 * s[W] ? fmax(s[YY] - s[Y] * s[Y] / s[W], 0) / divisor : NAN;
}

/* ---- one draw ---- */

static void keep(struct work *k, size_t statistic, size_t draw, double value, double variance) {
    k->values[statistic * k->sample->draws + draw] = value;
    k->variances[statistic * k->sample->draws + draw] = variance;
}

/* The sampling variance of Σ w(f − f̄)/Σw over rows, f̄ the mean of f = f_of(y, at). */
static double linear_variance(struct work *k, const double *y, double (*f_of)(double y, double at),
                              double at) {
    const struct replicates *r = &k->replicates;
    double mean = 0;
    for (size_t i = 0; i < k->sample->n; i++) mean += weight(k, i) * f_of(y[i], at) / k->all[W];
    for (size_t p = 0; p < r->n_places; p++) k->value[p] = 0;
    for (size_t i = 0; i < k->sample->n; i++)
        k->value[r->place[i]] += weight(k, i) * (f_of(y[i], at) - mean) / k->all[W];
    return strata_variance(&r->strata, k->value);
}

static double squared(double y, double at) { return (y - at) * (y - at); }
static double up_to(double y, double at) { return y <= at; }

/* The sampling variance of the share up to value. */
static double share_variance(struct work *k, const double *y, double value) {
    const struct replicates *r = &k->replicates;
    if (k->how == SAMPLING_LINEARISED) return linear_variance(k, y, up_to, value);
    for (size_t i = 0; i < r->n_replicates; i++)
        k->value[i] = percentiles_share(&k->percentiles, value, &r->replicate[i]);
    return replicates_variance(r, k->value, percentiles_share(&k->percentiles, value, NULL));
}

/* Woodruff: the limits of the share up to the percentile, read off as percentiles. Returns the
 * squared error that the interval has. */
static double woodruff(struct work *k, const double *y, size_t j, size_t draw, double value) {
    double share = k->percentages[j] / 100, t = student_quantile(0.975, k->replicates.df);
    double half = t * sqrt(share_variance(k, y, value));
    double low = percentiles_at(&k->percentiles, fmax(share - half, 0), NULL);
    double high = percentiles_at(&k->percentiles, fmin(share + half, 1), NULL);
    size_t at = j * k->sample->draws + draw;
    k->below[at] = (value - low) * (value - low) / (t * t);
    k->above[at] = (high - value) * (high - value) / (t * t);
    return (high - low) * (high - low) / (4 * t * t);
}

static double percentile_jackknife(struct work *k, double share, double value) {
    const struct replicates *r = &k->replicates;
    for (size_t i = 0; i < r->n_replicates; i++)
        k->value[i] = percentiles_at(&k->percentiles, share, &r->replicate[i]);
    return replicates_variance(r, k->value, value);
}

static void take_percentile(struct work *k, const double *y, size_t j, size_t draw) {
    double share = k->percentages[j] / 100;
    double value = percentiles_at(&k->percentiles, share, NULL), variance = NAN;
    if (k->replicates.n_replicates) {
        variance = woodruff(k, y, j, draw, value);
        if (k->how != SAMPLING_LINEARISED) variance = percentile_jackknife(k, share, value);
    }
    keep(k, 1 + j, draw, value, variance);
}

static double variance_error(struct work *k, const double *y, double variance) {
    const struct replicates *r = &k->replicates;
    double sums[SUMS];
    if (r->n_replicates == 0) return NAN;
    if (k->how == SAMPLING_LINEARISED) {
        double ratio = k->all[W] / (k->all[W] - k->all[WW] / k->all[W]);
        return ratio * ratio * linear_variance(k, y, squared, k->centre + k->all[Y] / k->all[W]);
    }
    for (size_t i = 0; i < r->n_replicates; i++) {
        sums_of(k, &r->replicate[i], sums);
        k->value[i] = variance_of(sums);
    }
    return replicates_variance(r, k->value, variance);
}

static void take_draw(struct work *k, size_t draw) {
    const double *y = k->sample->values + draw * k->sample->n;
    add_up(k, y);
    double variance = variance_of(k->all);
    keep(k, 0, draw, variance, variance_error(k, y, variance));
    if (k->n_percentiles) percentiles_fill(&k->percentiles, y, k->sample->weights);
    for (size_t j = 0; j < k->n_percentiles; j++) take_percentile(k, y, j, draw);
}

/* The end of an interval from one of its sides. */
static double end_of(const struct work *k, size_t percentile, const double *sides, double sign) {
    size_t draws = k->sample->draws;
    struct estimate e = rubin_combine(draws, k->values + (1 + percentile) * draws,
                                      sides + percentile * draws, k->replicates.df);
    return k->replicates.n_replicates ? e.value + sign * estimate_half_width(e, 0.95) : NAN;
}

static struct estimate combine(const struct work *k, size_t statistic) {
    size_t at = statistic * k->sample->draws;
    struct estimate e =
        rubin_combine(k->sample->draws, k->values + at, k->variances + at, k->replicates.df);
    if (isnan(e.se)) e.df = NAN;
    return e;
}

bool distribution_fit(const struct sample *sample, enum sampling_error how, size_t n_percentiles,
                      const double *percentages, struct arena *arena, struct distribution *out,
                      struct error *error) {
    struct work k = {
        .sample = sample, .how = how, .n_percentiles = n_percentiles, .percentages = percentages
    };
    *out = (struct distribution){
        .percentile = arena_array(arena, n_percentiles + 1, sizeof *out->percentile),
        .percentile_low = arena_array(arena, n_percentiles + 1, 2 * sizeof(double))
    };
    if (!replicates_make(sample, how == SAMPLING_JK2, arena, &k.replicates, error)) return false;
    if (!out->percentile || !out->percentile_low || !make(&k, arena))
        return error_plain(error, "stat.memory");
    out->percentile_high = out->percentile_low + n_percentiles + 1;
    for (size_t d = 0; d < sample->draws; d++) take_draw(&k, d);
    out->sd = combine(&k, 0);
    out->sd.value = sample->n > 1 ? sqrt(out->sd.value) : 0;
    /* Values that are all alike have an SD of 0 without error. */
    out->sd.se = out->sd.value > 0 ? out->sd.se / (2 * out->sd.value) : out->sd.se;
    for (size_t j = 0; j < n_percentiles; j++) {
        out->percentile[j] = combine(&k, 1 + j);
        out->percentile_low[j] = end_of(&k, j, k.below, -1);
        out->percentile_high[j] = end_of(&k, j, k.above, 1);
    }
    return true;
}

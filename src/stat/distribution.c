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
    double *value;              /* of the replicates, or of the places for linearisation */
    double *values, *variances; /* [statistic * draws + draw]: variance, percentiles */
};

static bool make(struct work *k, struct arena *arena) {
    const struct replicates *r = &k->replicates;
    size_t statistics = 1 + k->n_percentiles, draws = k->sample->draws;
    k->of_place = arena_array(arena, r->n_places, SUMS * sizeof(double));
    k->of_stratum = arena_array(arena, r->n_strata, SUMS * sizeof(double));
    k->value = arena_array(arena, r->n_places, sizeof(double));
    k->values = arena_array(arena, draws, 2 * statistics * sizeof(double));
    if (!k->of_place || !k->of_stratum || !k->value || !k->values) return false;
    k->variances = k->values + statistics * draws;
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

static void jackknife(struct work *k, size_t draw) {
    const struct replicates *r = &k->replicates;
    double sums[SUMS];
    double variance = variance_of(k->all);
    for (size_t i = 0; i < r->n_replicates; i++) {
        sums_of(k, &r->replicate[i], sums);
        k->value[i] = variance_of(sums);
    }
    keep(k, 0, draw, variance, replicates_variance(r, k->value, variance));
    for (size_t j = 0; j < k->n_percentiles; j++) {
        double share = k->percentages[j] / 100;
        double all = percentiles_at(&k->percentiles, share, NULL);
        for (size_t i = 0; i < r->n_replicates; i++)
            k->value[i] = percentiles_at(&k->percentiles, share, &r->replicate[i]);
        keep(k, 1 + j, draw, all, replicates_variance(r, k->value, all));
    }
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

/* Woodruff: the limits of the share up to the percentile, read off as percentiles. */
static double woodruff(struct work *k, const double *y, double share, double at) {
    double t = student_quantile(0.975, k->replicates.df);
    double half = t * sqrt(linear_variance(k, y, up_to, at));
    double low = percentiles_at(&k->percentiles, fmax(share - half, 0), NULL);
    double high = percentiles_at(&k->percentiles, fmin(share + half, 1), NULL);
    return (high - low) * (high - low) / (4 * t * t);
}

static void linearise(struct work *k, const double *y, size_t draw) {
    double ratio = k->all[W] / (k->all[W] - k->all[WW] / k->all[W]);
    double mean = k->centre + k->all[Y] / k->all[W];
    keep(k, 0, draw, variance_of(k->all), ratio * ratio * linear_variance(k, y, squared, mean));
    for (size_t j = 0; j < k->n_percentiles; j++) {
        double share = k->percentages[j] / 100;
        double all = percentiles_at(&k->percentiles, share, NULL);
        keep(k, 1 + j, draw, all, woodruff(k, y, share, all));
    }
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
    *out = (struct distribution){ .percentile = arena_array(arena, n_percentiles + 1,
                                                            sizeof *out->percentile) };
    if (!replicates_make(sample, how == SAMPLING_JK2, arena, &k.replicates, error)) return false;
    if (!out->percentile || !make(&k, arena)) return error_plain(error, "stat.memory");
    for (size_t d = 0; d < sample->draws; d++) {
        const double *y = sample->values + d * sample->n;
        add_up(&k, y);
        if (n_percentiles) percentiles_fill(&k.percentiles, y, sample->weights);
        if (how == SAMPLING_LINEARISED && k.replicates.n_replicates)
            linearise(&k, y, d);
        else
            jackknife(&k, d);
    }
    out->sd = combine(&k, 0);
    out->sd.value = sample->n > 1 ? sqrt(out->sd.value) : 0;
    /* Values that are all alike have an SD of 0 without error. */
    out->sd.se = out->sd.value > 0 ? out->sd.se / (2 * out->sd.value) : out->sd.se;
    for (size_t j = 0; j < n_percentiles; j++) out->percentile[j] = combine(&k, 1 + j);
    return true;
}

#include "stat/mean.h"

#include "base/arena.h"
#include "base/error.h"

#include <math.h>
#include <stdlib.h>

/* Sums over a cell's persons, kept by draw and cluster: every error is made from them. */
struct sums {
    size_t clusters;                     /* that have persons */
    size_t *cluster;                     /* which, in the order of their strata */
    double *weight, *sum;                /* [draw * n_clusters + cluster]: Σw, Σwy */
    double *total, *total_sum, *squares; /* one a draw: Σw, Σwy, Σw² */
    double *values, *variances;
};

static bool fitting(const struct sample *sample) {
    for (size_t i = 0; i < sample->n; i++)
        if (sample->cluster[i] < 0 || (size_t)sample->cluster[i] >= sample->n_clusters)
            return false;
    return sample->draws > 0;
}

static bool sums_make(const struct sample *sample, struct arena *arena, struct sums *s) {
    size_t clusters = sample->n_clusters, draws = sample->draws;
    *s = (struct sums){ .cluster = arena_array(arena, clusters, sizeof *s->cluster),
                        .weight = arena_array(arena, clusters, 2 * draws * sizeof(double)),
                        .total = arena_array(arena, draws, 5 * sizeof(double)) };
    if (!s->cluster || !s->weight || !s->total) return false;
    s->sum = s->weight + draws * clusters;
    s->total_sum = s->total + draws;
    s->squares = s->total_sum + draws;
    s->values = s->squares + draws;
    s->variances = s->values + draws;
    return true;
}

/* Adds up one draw and returns its variance, from a second pass over the deviations. */
static double add_up(const struct sample *sample, size_t draw, struct sums *s, size_t *persons) {
    const double *y = sample->values + draw * sample->n;
    double *weight = s->weight + draw * sample->n_clusters;
    double *sum = s->sum + draw * sample->n_clusters;
    double total = 0, total_sum = 0, squares = 0, deviations = 0;
    *persons = 0;
    for (size_t i = 0; i < sample->n; i++) {
        if (isnan(y[i])) continue;
        double w = sample->weights ? sample->weights[i] : 1;
        weight[sample->cluster[i]] += w;
        sum[sample->cluster[i]] += w * y[i];
        squares += w * w;
        ++*persons;
    }
    for (size_t c = 0; c < sample->n_clusters; c++) {
        total += weight[c];
        total_sum += sum[c];
    }
    double mean = total_sum / total, divisor = total - squares / total;
    for (size_t i = 0; i < sample->n; i++) {
        if (isnan(y[i])) continue;
        deviations += (sample->weights ? sample->weights[i] : 1) * (y[i] - mean) * (y[i] - mean);
    }
    s->total[draw] = total;
    s->total_sum[draw] = total_sum;
    s->squares[draw] = squares;
    s->values[draw] = mean;
    return *persons > 1 && divisor > 0 ? deviations / divisor : 0;
}

/* Everything but the errors. */
static bool gather(const struct sample *sample, struct arena *arena, struct sums *s,
                   struct moments *out, struct error *error) {
    *out = (struct moments){ 0 };
    if (!fitting(sample)) return error_plain(error, "stat.cluster");
    if (!sums_make(sample, arena, s)) return error_plain(error, "stat.memory");
    double variance = 0;
    for (size_t draw = 0; draw < sample->draws; draw++) {
        variance += add_up(sample, draw, s, &out->persons);
        if (out->persons == 0) return error_plain(error, "stat.empty");
    }
    for (size_t c = 0; c < sample->n_clusters; c++)
        if (s->weight[c] > 0) s->cluster[s->clusters++] = c;
    out->sd = sqrt(variance / (double)sample->draws);
    out->clusters = s->clusters;
    return true;
}

/* All but the error of the mean, which one cluster does not have. */
static bool one_cluster(const struct sample *sample, const struct sums *s, struct moments *out,
                        struct error *error) {
    out->mean = (struct estimate){ 0, NAN, NAN };
    for (size_t draw = 0; draw < sample->draws; draw++)
        out->mean.value += s->values[draw] / (double)sample->draws;
    return error_plain(error, "stat.one_cluster");
}

/* ---- jackknife ---- */

struct place {
    int stratum;
    size_t cluster;
};

static int by_stratum(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    if (x->stratum != y->stratum) return x->stratum < y->stratum ? -1 : 1;
    return x->cluster < y->cluster ? -1 : x->cluster > y->cluster;
}

/* Orders the clusters by stratum; ends[h] is where stratum h ends. A stratum with one cluster is
 * joined to the next, the last to the one before. Returns their number: 0 when there are fewer than
 * two clusters. */
static size_t stratify(const struct sample *sample, struct sums *s, struct place *places,
                       size_t *ends) {
    size_t n = s->clusters, strata = 0, from = 0;
    for (size_t i = 0; i < n; i++)
        places[i] =
            (struct place){ sample->stratum ? sample->stratum[s->cluster[i]] : 0, s->cluster[i] };
    qsort(places, n, sizeof *places, by_stratum);
    for (size_t i = 0; i < n; i++) {
        s->cluster[i] = places[i].cluster;
        bool last = i + 1 == n || places[i + 1].stratum != places[i].stratum;
        if (last && i + 1 - from >= 2) ends[strata++] = from = i + 1;
    }
    if (strata && from < n) ends[strata - 1] = n;
    return strata;
}

/* One stratum's part, (n − 1)/n Σ (ȳ_(c) − their mean)². The replicate without cluster c takes its
 * sums from the totals, and the stratum's other clusters weigh n/(n − 1) more. */
static double stratum_variance(const struct sums *s, size_t draw, const double *weight,
                               const double *sum, const size_t *cluster, size_t n,
                               double *replicate) {
    double w = 0, y = 0, mean = 0, squares = 0, grow = (double)n / (double)(n - 1);
    for (size_t i = 0; i < n; i++) {
        w += weight[cluster[i]];
        y += sum[cluster[i]];
    }
    for (size_t i = 0; i < n; i++) {
        double rest_w = s->total[draw] - w + (w - weight[cluster[i]]) * grow;
        double rest_y = s->total_sum[draw] - y + (y - sum[cluster[i]]) * grow;
        replicate[i] = rest_y / rest_w;
        mean += replicate[i];
    }
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) squares += (replicate[i] - mean) * (replicate[i] - mean);
    return squares / grow;
}

bool mean_jackknife(const struct sample *sample, struct arena *arena, struct moments *out,
                    struct error *error) {
    struct sums s;
    if (!gather(sample, arena, &s, out, error)) return false;
    struct place *places = arena_array(arena, s.clusters, sizeof *places);
    size_t *ends = arena_array(arena, s.clusters, sizeof *ends);
    double *replicate = arena_array(arena, s.clusters, sizeof *replicate);
    if (!places || !ends || !replicate) return error_plain(error, "stat.memory");
    size_t strata = stratify(sample, &s, places, ends);
    if (strata == 0) return one_cluster(sample, &s, out, error);
    for (size_t draw = 0; draw < sample->draws; draw++) {
        s.variances[draw] = 0;
        for (size_t h = 0, from = 0; h < strata; from = ends[h++])
            s.variances[draw] += stratum_variance(&s, draw, s.weight + draw * sample->n_clusters,
                                                  s.sum + draw * sample->n_clusters,
                                                  s.cluster + from, ends[h] - from, replicate);
    }
    out->mean = rubin_combine(sample->draws, s.values, s.variances, (double)(s.clusters - strata));
    return true;
}

bool mean_jk2(const struct sample *sample, struct arena *arena, struct moments *out,
              struct error *error) {
    struct sums s;
    size_t zones = 0;
    if (!gather(sample, arena, &s, out, error)) return false;
    if (s.clusters < 2) return one_cluster(sample, &s, out, error);
    for (size_t draw = 0; draw < sample->draws; draw++) {
        const double *weight = s.weight + draw * sample->n_clusters;
        const double *sum = s.sum + draw * sample->n_clusters;
        zones = 0;
        for (size_t z = 0; z + 1 < sample->n_clusters; z += 2) {
            if (weight[z] + weight[z + 1] <= 0) continue;
            double w = s.total[draw] - weight[z] + weight[z + 1];
            double y = s.total_sum[draw] - sum[z] + sum[z + 1];
            double d = y / w - s.values[draw];
            s.variances[draw] += d * d;
            zones++;
        }
    }
    out->mean = rubin_combine(sample->draws, s.values, s.variances, (double)zones);
    return true;
}

/* ---- model ---- */

bool mean_model(const struct sample *sample, const double *tau2_class, const double *sigma2,
                struct arena *arena, struct moments *out, struct error *error) {
    struct sums s;
    if (!gather(sample, arena, &s, out, error)) return false;
    for (size_t draw = 0; draw < sample->draws; draw++) {
        const double *weight = s.weight + draw * sample->n_clusters;
        double total = s.total[draw], of_clusters = 0;
        for (size_t i = 0; i < s.clusters; i++) {
            double share = weight[s.cluster[i]] / total;
            of_clusters += share * share;
        }
        s.variances[draw] = tau2_class[draw] * of_clusters +
                            sigma2[draw] * s.squares[draw] / (total * total);
    }
    out->mean = rubin_combine(sample->draws, s.values, s.variances, HUGE_VAL);
    return true;
}

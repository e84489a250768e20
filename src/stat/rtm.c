#include "stat/rtm.h"

#include "base/arena.h"
#include "base/error.h"

#include <math.h>
#include <string.h>

/* Sums over schools, each by its weight in the first wave: Σw, Σwx₁, Σwx₂, Σwx₁², Σwx₁x₂. */
enum { WEIGHT, X1, X2, X1X1, X1X2, SUMS };

struct work {
    const struct change_input *input;
    const int *chosen;
    double *weight[2], *sum[2]; /* a cluster's, by wave */
    size_t n[2];                /* schools: others, chosen */
    double total[2][SUMS];
    double centre;
};

static bool in_both(const struct work *s, size_t c) {
    return s->chosen[c] >= 0 && s->weight[0][c] > 0 && s->weight[1][c] > 0;
}

static void school(const struct work *s, size_t c, double out[SUMS]) {
    double w = s->weight[0][c], x1 = s->sum[0][c] / w, x2 = s->sum[1][c] / s->weight[1][c];
    const double terms[SUMS] = { w, w * x1, w * x2, w * x1 * x1, w * x1 * x2 };
    memcpy(out, terms, sizeof terms);
}

static double rho_of(const double *others) {
    double covariance = others[X1X2] - others[X1] * others[X2] / others[WEIGHT];
    double variance = others[X1X1] - others[X1] * others[X1] / others[WEIGHT];
    return variance > 1e-12 * others[X1X1] ? covariance / variance : NAN;
}

/* all: the schools that the mean is of, beside those that the slope is of and the chosen. */
static double expected_of(const double *others, const double *all, const double *chosen) {
    return (rho_of(others) - 1) * (chosen[X1] / chosen[WEIGHT] - all[X1] / all[WEIGHT]);
}

static void add_up(struct work *s, const double *y) {
    const struct change_input *input = s->input;
    double rows = 0;
    s->centre = 0;
    for (size_t i = 0; i < input->n; i++) {
        if (input->wave[i] != 0 && input->wave[i] != 1) continue;
        s->centre += y[i];
        rows++;
    }
    s->centre /= rows;
    for (int w = 0; w < 2; w++) {
        memset(s->weight[w], 0, input->n_clusters * sizeof *s->weight[w]);
        memset(s->sum[w], 0, input->n_clusters * sizeof *s->sum[w]);
    }
    for (size_t i = 0; i < input->n; i++) {
        int w = input->wave[i];
        if (w != 0 && w != 1) continue;
        double weight = input->weights ? input->weights[i] : 1;
        s->weight[w][input->cluster[i]] += weight;
        s->sum[w][input->cluster[i]] += weight * (y[i] - s->centre);
    }
    memset(s->total, 0, sizeof s->total);
    for (size_t c = 0; c < input->n_clusters; c++) {
        double sums[SUMS];
        if (!in_both(s, c)) continue;
        school(s, c, sums);
        for (int k = 0; k < SUMS; k++) s->total[s->chosen[c] > 0][k] += sums[k];
    }
}

/* (n − 1)/n Σ (replicate − mean)² over all schools. The chosen are given: without one of them, the
 * mean of all is another, theirs is not. */
static double variance_of(const struct work *s) {
    double mean = 0, square = 0, n = (double)(s->n[0] + s->n[1]);
    for (int pass = 0; pass < 2; pass++)
        for (size_t c = 0; c < s->input->n_clusters; c++) {
            double sums[SUMS], others[SUMS], all[SUMS];
            if (!in_both(s, c)) continue;
            school(s, c, sums);
            for (int k = 0; k < SUMS; k++) {
                others[k] = s->total[0][k] - (s->chosen[c] > 0 ? 0 : sums[k]);
                all[k] = s->total[0][k] + s->total[1][k] - sums[k];
            }
            double value = expected_of(others, all, s->total[1]);
            if (pass == 0)
                mean += value / n;
            else
                square += (value - mean) * (value - mean);
        }
    return (n - 1) / n * square;
}

static bool prepare(struct work *s, struct arena *arena, struct error *error) {
    size_t clusters = s->input->n_clusters;
    for (int w = 0; w < 2; w++) {
        s->weight[w] = arena_array(arena, clusters, sizeof(double));
        s->sum[w] = arena_array(arena, clusters, sizeof(double));
        if (!s->weight[w] || !s->sum[w]) return error_plain(error, "stat.memory");
    }
    for (size_t i = 0; i < s->input->n; i++)
        if (s->input->cluster[i] < 0 || (size_t)s->input->cluster[i] >= clusters)
            return error_plain(error, "stat.cluster");
    add_up(s, s->input->values);
    for (size_t c = 0; c < clusters; c++)
        if (in_both(s, c)) s->n[s->chosen[c] > 0]++;
    if (s->n[1] < 1 || s->n[0] < 3) return error_plain(error, "stat.rtm_schools");
    return true;
}

bool rtm_expected(const struct change_input *input, const int *chosen, struct arena *arena,
                  struct rtm *out, struct error *error) {
    struct work s = { .input = input, .chosen = chosen };
    double draws = (double)input->draws;
    double *values = arena_array(arena, input->draws, 2 * sizeof *values);
    *out = (struct rtm){ 0 };
    if (!values) return error_plain(error, "stat.memory");
    if (!prepare(&s, arena, error)) return false;
    for (size_t d = 0; d < input->draws; d++) {
        double all[SUMS];
        add_up(&s, input->values + d * input->n);
        for (int k = 0; k < SUMS; k++) all[k] = s.total[0][k] + s.total[1][k];
        values[d] = expected_of(s.total[0], all, s.total[1]);
        if (isnan(values[d])) return error_plain(error, "stat.rtm_alike");
        values[input->draws + d] = variance_of(&s);
        out->rho += rho_of(s.total[0]) / draws;
        out->chosen_mean += (s.total[1][X1] / s.total[1][WEIGHT] + s.centre) / draws;
        out->mean += (all[X1] / all[WEIGHT] + s.centre) / draws;
    }
    out->others = s.n[0];
    out->chosen = s.n[1];
    out->expected =
        rubin_combine(input->draws, values, values + input->draws, (double)(s.n[0] - 2));
    return true;
}

#include "stat/change_jackknife.h"

#include "base/arena.h"
#include "stat/strata.h"

#include <math.h>

static bool lonely(const size_t count[2]) { return count[0] == 1 || count[1] == 1; }

/* The last stratum becomes part of the one before it. */
static void join_last(struct two_waves *w) {
    size_t last = --w->n_strata;
    w->ends[last - 1] = w->ends[last];
    for (int k = 0; k < 2; k++) w->count[last - 1][k] += w->count[last][k];
}

bool two_waves_make(size_t n_clusters, const unsigned char *present, const int *stratum,
                    struct arena *arena, struct two_waves *out) {
    *out = (struct two_waves){ .order = arena_array(arena, n_clusters, sizeof *out->order),
                               .ends = arena_array(arena, n_clusters, sizeof *out->ends),
                               .count = arena_array(arena, n_clusters, sizeof *out->count),
                               .present = present };
    struct stratum_place *places = arena_array(arena, n_clusters, sizeof *places);
    if (!out->order || !out->ends || !out->count || !places) return false;
    for (size_t c = 0; c < n_clusters; c++)
        if (present[c]) places[out->n_clusters++] = (struct stratum_place){ stratum ? stratum[c] : 0, c };
    strata_sort(places, out->n_clusters);
    for (size_t i = 0; i < out->n_clusters; i++) {
        size_t *count = out->count[out->n_strata];
        out->order[i] = places[i].cluster;
        for (int w = 0; w < 2; w++) count[w] += present[places[i].cluster] >> w & 1;
        bool end = i + 1 == out->n_clusters;
        bool last = end || places[i + 1].stratum != places[i].stratum;
        if (end || (last && !lonely(count))) out->ends[out->n_strata++] = i + 1;
    }
    while (out->n_strata > 1 && lonely(out->count[out->n_strata - 1])) join_last(out);
    return true;
}

void two_waves_square(const struct two_waves *waves, size_t stratum, double *const replicate[2],
                      double *pieces) {
    size_t from = stratum ? waves->ends[stratum - 1] : 0, n = waves->ends[stratum] - from;
    double mean[2] = { 0, 0 }, factor[2] = { 0, 0 };
    for (int w = 0; w < 2; w++) {
        double count = (double)waves->count[stratum][w];
        if (count < 2) continue;
        factor[w] = sqrt((count - 1) / count);
        for (size_t i = 0; i < n; i++)
            if (waves->present[waves->order[from + i]] >> w & 1) mean[w] += replicate[w][i] / count;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char pattern = waves->present[waves->order[from + i]];
        double e = 0;
        for (int w = 0; w < 2; w++)
            if (pattern >> w & 1) e += factor[w] * (replicate[w][i] - mean[w]);
        pieces[4 * stratum + pattern] += e * e;
    }
}

double two_waves_df(const struct two_waves *waves, const double *pieces) {
    double sum = 0, squares = 0, total = 0;
    for (size_t h = 0, i = 0; h < waves->n_strata; h++) {
        double f[4] = { 0 }, lost[4] = { 0 };
        for (int w = 0; w < 2; w++)
            if (waves->count[h][w]) lost[1 << w] = 1 / (double)waves->count[h][w];
        lost[3] = 0.5 * (lost[1] + lost[2]);
        for (; i < waves->ends[h]; i++) {
            unsigned char pattern = waves->present[waves->order[i]];
            f[pattern] += 1 - lost[pattern];
        }
        for (int pattern = 1; pattern < 4; pattern++) {
            double v = pieces[4 * h + (size_t)pattern];
            sum += v;
            squares += v * v / (f[pattern] + 2);
            total += f[pattern];
        }
    }
    if (!(squares > 0)) return total;
    return fmax(1, fmin(total, sum * sum / squares - 2));
}

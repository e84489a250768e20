#include "stat/strata.h"

#include "base/arena.h"

#include <stdlib.h>

static int by_stratum(const void *a, const void *b) {
    const struct stratum_place *x = a, *y = b;
    if (x->stratum != y->stratum) return x->stratum < y->stratum ? -1 : 1;
    return x->cluster < y->cluster ? -1 : x->cluster > y->cluster;
}

void strata_sort(struct stratum_place *places, size_t n) {
    qsort(places, n, sizeof *places, by_stratum);
}

bool strata_make(size_t n_clusters, const size_t *rows, const int *stratum, struct arena *arena,
                 struct strata *out) {
    struct stratum_place *places = arena_array(arena, n_clusters + 1, sizeof *places);
    *out = (struct strata){ .cluster = arena_array(arena, n_clusters + 1, sizeof *out->cluster),
                            .end = arena_array(arena, n_clusters + 1, sizeof *out->end),
                            .stratum = arena_array(arena, n_clusters + 1, sizeof *out->stratum) };
    if (!places || !out->cluster || !out->end || !out->stratum) return false;
    for (size_t c = 0; c < n_clusters; c++)
        if (rows[c]) places[out->n_clusters++] = (struct stratum_place){ stratum ? stratum[c] : 0, c };
    size_t n = out->n_clusters, from = 0;
    strata_sort(places, n);
    for (size_t i = 0; i < n; i++) {
        out->cluster[i] = places[i].cluster;
        bool last = i + 1 == n || places[i + 1].stratum != places[i].stratum;
        if (last && i + 1 - from >= 2) out->end[out->n_strata++] = from = i + 1;
    }
    if (out->n_strata && from < n) out->end[out->n_strata - 1] = n;
    for (size_t i = 0, h = 0; i < n && out->n_strata; i++) {
        h += i == out->end[h];
        out->stratum[i] = h;
    }
    return true;
}

double strata_growth(const struct strata *strata, size_t i) {
    size_t h = strata->stratum[i];
    double n = (double)(strata->end[h] - (h ? strata->end[h - 1] : 0));
    return n / (n - 1);
}

/* Σ (v − v̄)² of the clusters of stratum h. */
static double squares(const struct strata *strata, size_t h, const double *v) {
    size_t from = h ? strata->end[h - 1] : 0, to = strata->end[h];
    double mean = 0, sum = 0;
    for (size_t i = from; i < to; i++) mean += v[i];
    mean /= (double)(to - from);
    for (size_t i = from; i < to; i++) sum += (v[i] - mean) * (v[i] - mean);
    return sum;
}

double strata_jackknife(const struct strata *strata, const double *replicate) {
    double sum = 0;
    for (size_t h = 0; h < strata->n_strata; h++)
        sum += squares(strata, h, replicate) / strata_growth(strata, strata->end[h] - 1);
    return sum;
}

double strata_variance(const struct strata *strata, const double *z) {
    double sum = 0;
    for (size_t h = 0; h < strata->n_strata; h++)
        sum += squares(strata, h, z) * strata_growth(strata, strata->end[h] - 1);
    return sum;
}

#include "stat/dimension.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/eigen.h"
#include "num/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Correlations of k independent normal items in n persons: those of LL′, L lower triangular with
 * standard normals below its diagonal and roots of χ² with n − 1 − i degrees of freedom on it. */
static void random_correlations(size_t n, size_t k, uint64_t seed, size_t replicate, double *l,
                                double *out) {
    for (size_t i = 0; i < k; i++) {
        uint64_t stream = 2 * (replicate * k + i);
        double squares = 0;
        for (size_t j = 0; j < i; j++) l[i * k + j] = random_normal(seed, stream, j);
        l[i * k + i] = sqrt(2 * random_gamma(seed, stream + 1, 0.5 * (double)(n - 1 - i)));
        for (size_t j = 0; j <= i; j++) squares += l[i * k + j] * l[i * k + j];
        for (size_t j = 0; j <= i; j++) l[i * k + j] /= sqrt(squares);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) {
            out[i * k + j] = 0;
            for (size_t m = 0; m <= j; m++) out[i * k + j] += l[i * k + m] * l[j * k + m];
        }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t n, double share) {
    double place = share * (double)(n - 1), below = floor(place);
    size_t at = (size_t)below;
    if (at + 1 >= n) return sorted[n - 1];
    return sorted[at] + (place - below) * (sorted[at + 1] - sorted[at]);
}

bool parallel_room(size_t k, size_t replicates, struct arena *arena, struct parallel *out,
                   double **drawn, struct error *error) {
    *out = (struct parallel){ .k = k, .eigenvalue = arena_array(arena, 3 * k, sizeof(double)) };
    *drawn = arena_array(arena, replicates, k * sizeof **drawn);
    if (!out->eigenvalue || !*drawn) return error_plain(error, "stat.memory");
    out->mean = out->eigenvalue + k;
    out->high = out->mean + k;
    return true;
}

void parallel_compare(struct parallel *out, double *drawn, size_t replicates) {
    bool above = true;
    for (size_t i = 0; i < out->k; i++) {
        double *of_rank = drawn + i * replicates;
        for (size_t r = 0; r < replicates; r++) out->mean[i] += of_rank[r] / (double)replicates;
        qsort(of_rank, replicates, sizeof *of_rank, ascending);
        out->high[i] = percentile(of_rank, replicates, 0.95);
        above = above && out->eigenvalue[i] > out->high[i];
        out->suggested += above;
    }
}

bool parallel_analysis(size_t n, size_t k, const double *correlation, size_t replicates,
                       uint64_t seed, struct arena *arena, struct parallel *out,
                       struct error *error) {
    double *room = arena_array(arena, 2 * k + 1, k * sizeof *room), *drawn;
    if (!room || !parallel_room(k, replicates, arena, out, &drawn, error))
        return error_plain(error, "stat.memory");
    if (n <= k)
        return error_set(error, "stat.few_for_parallel", ARG_INT("persons", n),
                         ARG_INT("items", k));
    memcpy(room, correlation, k * k * sizeof *room);
    eigen_symmetric(k, room, out->eigenvalue, NULL);
    double *random = room + k * k, *values = random + k * k;
    for (size_t replicate = 0; replicate < replicates; replicate++) {
        random_correlations(n, k, seed, replicate, room, random);
        eigen_symmetric(k, random, values, NULL);
        for (size_t i = 0; i < k; i++) drawn[i * replicates + replicate] = values[i];
    }
    parallel_compare(out, drawn, replicates);
    return true;
}

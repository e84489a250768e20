#include "stat/replicates.h"

#include "base/arena.h"
#include "base/error.h"

#include <math.h>

/* One replicate a place: its stratum's others weigh g = n_h/(n_h − 1) more. */
static void leave_one_out(struct replicates *r) {
    for (size_t p = 0; p < r->n_places; p++) {
        double g = strata_growth(&r->strata, p);
        r->stratum[p] = r->strata.stratum[p];
        r->replicate[p] = (struct replicate){ .stratum = r->stratum[p],
                                              .place = { p, p },
                                              .of_stratum = g - 1,
                                              .of_place = { -g, 0 },
                                              .squares_of_stratum = g * g - 1,
                                              .squares_of = { -g * g, 0 } };
    }
    r->n_replicates = r->n_places;
    r->n_strata = r->strata.n_strata;
    r->df = (double)(r->n_places - r->n_strata);
}

/* One replicate a zone that has rows: the first half out, the second doubled. */
static void halve_zones(struct replicates *r) {
    for (size_t p = 0; p + 1 < r->n_places; p += 2) {
        if (r->rows[p] + r->rows[p + 1] == 0) continue;
        r->replicate[r->n_replicates++] = (struct replicate){ .place = { p, p + 1 },
                                                              .of_place = { -1, 1 },
                                                              .squares_of = { -1, 3 } };
    }
    r->df = (double)r->n_replicates;
}

bool replicates_make(const struct sample *sample, bool paired, struct arena *arena,
                     struct replicates *out, struct error *error) {
    size_t n = sample->n, clusters = sample->n_clusters, with_rows = 0;
    *out = (struct replicates){ .paired = paired };
    if (n == 0 || sample->draws == 0) return error_plain(error, "stat.empty");
    out->place = arena_array(arena, n, sizeof *out->place);
    out->rows = arena_array(arena, clusters + 1, sizeof *out->rows);
    out->stratum = arena_array(arena, clusters + 1, sizeof *out->stratum);
    out->replicate = arena_array(arena, clusters + 1, sizeof *out->replicate);
    int *place = arena_array(arena, clusters + 1, sizeof *place);
    size_t *rows = arena_array(arena, clusters + 1, sizeof *rows);
    if (!out->place || !out->rows || !out->stratum || !out->replicate || !place || !rows)
        return error_plain(error, "stat.memory");
    for (size_t i = 0; i < n; i++) {
        if (sample->cluster[i] < 0 || (size_t)sample->cluster[i] >= clusters)
            return error_plain(error, "stat.cluster");
        with_rows += rows[sample->cluster[i]]++ == 0;
    }
    if (!paired && !strata_make(clusters, rows, sample->stratum, arena, &out->strata))
        return error_plain(error, "stat.memory");
    out->n_places = paired ? clusters : out->strata.n_clusters;
    for (size_t p = 0; p < out->n_places; p++) {
        size_t cluster = paired ? p : out->strata.cluster[p];
        place[cluster] = (int)p;
        out->rows[p] = rows[cluster];
    }
    for (size_t i = 0; i < n; i++) out->place[i] = place[sample->cluster[i]];
    out->n_strata = 1;
    out->df = NAN;
    if (with_rows < 2) return true;
    if (paired)
        halve_zones(out);
    else
        leave_one_out(out);
    return true;
}

double replicates_variance(const struct replicates *r, const double *values, double all) {
    if (r->n_replicates == 0) return NAN;
    if (!r->paired) return strata_jackknife(&r->strata, values);
    double sum = 0;
    for (size_t i = 0; i < r->n_replicates; i++) sum += (values[i] - all) * (values[i] - all);
    return sum;
}

/* change.h - the change of a mean or a slope between two waves, with both waves replicated
 * together.
 *
 * Layer: stat. Pure. methods.md §2 (last row), §4. Formulas: docs/methods/change.md.
 *
 * The rows of both waves lie in one table; cluster numbers mean the same in both, so that a school
 * (and a pupil) that took part twice counts once. Error: delete-one-cluster jackknife. With n_hw
 * clusters of stratum h in wave w and θ_w(c) the change when cluster c's rows of wave w are left
 * out and the others of stratum and wave weigh n_hw/(n_hw − 1) more,
 *
 *     e_c = Σ_w √((n_hw − 1)/n_hw) (θ_w(c) − mean_c θ_w(c))      v = Σ_c e_c²
 *
 * which is the sum of the waves' own jackknives where no cluster is in both, and the jackknife of
 * the difference where all are. A stratum with one cluster in a wave is joined to the next.
 *
 *     struct change_input input = { .n = n, .draws = 1, .values = y, .wave = wave,
 *                                   .cluster = school, .n_clusters = schools, .link_se = 3 };
 *     struct change change;
 *     if (!change_mean(&input, arena, &change, &error)) ...
 */
#ifndef LAERKE_STAT_CHANGE_H
#define LAERKE_STAT_CHANGE_H

#include "stat/estimate.h"

#include <stddef.h>

struct arena;
struct error;

struct change_input {
    size_t n, draws;       /* rows; plausible values */
    const double *values;  /* values[draw * n + row], finite where the row is in */
    const double *weights; /* above 0; NULL: 1 */
    const int *wave;       /* 0 the first, 1 the second; another number: the row is not in */
    const int *cluster;    /* 0..n_clusters-1 */
    size_t n_clusters;
    const int *stratum; /* of a cluster; NULL: one stratum */
    const int *person;  /* 0..n_persons-1, below 0 unknown; NULL: nobody is known twice */
    size_t n_persons;
    double link_se; /* of the link between the waves, in the unit of the values; 0: none */
};

struct change {
    struct estimate change; /* of the second wave from the first; error with the link's where one
                             * belongs. df: Welch's over strata (see the page), Rubin's over draws,
                             * the link error taken as known */
    double sampling_se;     /* the error without the link's */
    double from, to;        /* the statistic in each wave */
    size_t rows[2], clusters[2]; /* that went in, by wave */
    size_t clusters_both, persons_both;
    size_t cells; /* same grades: grades that both waves have */
};

/* Change of the mean of everybody in the wave: who the wave's pupils are may have changed too.
 *
 * A pupil of both waves who changed cluster is in two of them; twice the product of the two
 * linearised contributions is added to v (Cameron, Gelbach and Miller 2011,
 * doi:10.1198/jbes.2010.07136: clusters + persons − both).
 *
 * All fail with stat.wave_clusters {wave} (0 or 1: fewer than two clusters), stat.wave_empty
 * {wave}, stat.cluster, stat.person_twice {person, wave}, stat.link_error, stat.memory. The arena
 * holds 16 bytes a cluster and sum. */
bool change_mean(const struct change_input *input, struct arena *arena, struct change *out,
                 struct error *error);

/* The change where the mix of grades had stayed as in the first wave: Σ_g p_g (ȳ_2g − ȳ_1g), p the
 * first wave's shares over the grades that both waves have. grade[row] is 0..n_grades-1. Also fails
 * with stat.no_common_grade. */
bool change_same_grades(const struct change_input *input, const int *grade, size_t n_grades,
                        struct arena *arena, struct change *out, struct error *error);

/* The mean change of the persons that are in both waves, each with the weight of the first. Also
 * fails with stat.no_common_person. */
bool change_same_persons(const struct change_input *input, struct arena *arena, struct change *out,
                         struct error *error);

/* Change of the slope on background[row] (finite where the row is in), fitted in each wave by
 * weighted least squares. A shift of the scale does not touch a slope, so no link error is added.
 * Also fails with stat.wave_constant {wave} where everybody has the same background. */
bool change_slope(const struct change_input *input, const double *background, struct arena *arena,
                  struct change *out, struct error *error);

#endif

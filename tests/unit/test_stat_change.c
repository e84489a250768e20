/* Changes between waves: a jackknife computed from the rows, closed forms. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/random.h"
#include "stat/change.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not within %g of %.12g", value, tolerance, expected);
}

/* ---- a jackknife from the rows ---- */

enum { N = 900, DRAWS = 3, CLUSTERS = 26, GRADES = 4 };

struct data {
    double values[DRAWS * N], weights[N], background[N];
    int wave[N], cluster[N], grade[N], stratum[CLUSTERS];
    struct change_input input;
};

/* Clusters 0–19 in both waves, 20–22 in the first, 23–25 in the second; some rows in neither. */
static struct data *make_data(bool weighted, bool stratified, bool apart) {
    static struct data d;
    for (size_t i = 0; i < N; i++) {
        d.wave[i] = random_bits(1, i, 0) % 19 == 0 ? 7 : (int)(random_bits(1, i, 1) % 2);
        int own = (int)(random_bits(1, i, 2) % 23);
        d.cluster[i] = d.wave[i] == 1 && own >= 20 ? own + 3 : own;
        if (apart) d.cluster[i] = 2 * (own % 13) + (d.wave[i] == 1);
        d.grade[i] = (int)(random_bits(1, i, 3) % (d.wave[i] ? 4 : 3));
        d.weights[i] = 0.5 + 2 * random_uniform(1, i, 4);
        d.background[i] = random_normal(1, i, 5) + 0.1 * d.cluster[i];
        double school = random_normal(2, (uint64_t)d.cluster[i], 0);
        for (size_t k = 0; k < DRAWS; k++)
            d.values[k * N + i] = 500 + 30 * school + 12 * d.wave[i] + 20 * d.grade[i] +
                                  25 * d.background[i] + 80 * random_normal(3, i, k);
    }
    /* Stratum 1 has one cluster of the first wave alone (20): it is joined to 2. */
    for (int c = 0; c < CLUSTERS; c++) d.stratum[c] = c < 9 ? 0 : c == 20 ? 1 : c < 18 ? 2 : 5;
    d.input = (struct change_input){ .n = N,
                                     .draws = DRAWS,
                                     .values = d.values,
                                     .wave = d.wave,
                                     .weights = weighted ? d.weights : NULL,
                                     .cluster = d.cluster,
                                     .n_clusters = CLUSTERS,
                                     .stratum = stratified ? d.stratum : NULL };
    return &d;
}

enum measure { MEAN, SAME_GRADES, SLOPE };

/* The statistic from the rows, each row's weight times factor[wave][cluster]. */
static double naive(const struct data *d, enum measure measure, size_t draw,
                    double factor[2][CLUSTERS]) {
    double w[2][GRADES] = { { 0 } }, wy[2][GRADES] = { { 0 } }, sums[2][5] = { { 0 } };
    for (size_t i = 0; i < N; i++) {
        int wave = d->wave[i], g = measure == SAME_GRADES ? d->grade[i] : 0;
        if (wave > 1) continue;
        double weight = (d->input.weights ? d->weights[i] : 1) * factor[wave][d->cluster[i]];
        double y = d->values[draw * N + i], x = d->background[i];
        w[wave][g] += weight;
        wy[wave][g] += weight * y;
        double terms[5] = { 1, x, y, x * x, x * y };
        for (int k = 0; k < 5; k++) sums[wave][k] += weight * terms[k];
    }
    if (measure == SLOPE) {
        double slope[2];
        for (int v = 0; v < 2; v++)
            slope[v] = (sums[v][4] - sums[v][1] * sums[v][2] / sums[v][0]) /
                       (sums[v][3] - sums[v][1] * sums[v][1] / sums[v][0]);
        return slope[1] - slope[0];
    }
    double weight = 0, sum = 0;
    for (int g = 0; g < GRADES; g++) {
        if (!(w[0][g] > 0) || !(w[1][g] > 0)) continue;
        weight += w[0][g];
        sum += w[0][g] * (wy[1][g] / w[1][g] - wy[0][g] / w[0][g]);
    }
    return sum / weight;
}

/* Σ e² over the strata as joined, each replicate from the rows. */
static double naive_variance(const struct data *d, enum measure measure, size_t draw,
                             const int *joined) {
    double e[CLUSTERS] = { 0 }, variance = 0;
    bool present[2][CLUSTERS] = { { false } };
    for (size_t i = 0; i < N; i++)
        if (d->wave[i] < 2) present[d->wave[i]][d->cluster[i]] = true;
    for (int h = 0; h < 6; h++)
        for (int v = 0; v < 2; v++) {
            double replicate[CLUSTERS], mean = 0, n = 0;
            for (int c = 0; c < CLUSTERS; c++) n += joined[c] == h && present[v][c];
            for (int c = 0; c < CLUSTERS; c++) {
                double factor[2][CLUSTERS];
                if (joined[c] != h || !present[v][c]) continue;
                for (int k = 0; k < CLUSTERS; k++) {
                    factor[1 - v][k] = 1;
                    factor[v][k] = k == c ? 0 : joined[k] == h ? n / (n - 1) : 1;
                }
                replicate[c] = naive(d, measure, draw, factor);
                mean += replicate[c] / n;
            }
            for (int c = 0; c < CLUSTERS; c++)
                if (joined[c] == h && present[v][c])
                    e[c] += sqrt((n - 1) / n) * (replicate[c] - mean);
        }
    for (int c = 0; c < CLUSTERS; c++) variance += e[c] * e[c];
    return variance;
}

static void measured(const struct data *d, enum measure measure, struct arena *arena,
                     struct change *out) {
    const struct change_input *input = &d->input;
    struct error error;
    bool ok = measure == MEAN    ? change_mean(input, arena, out, &error)
              : measure == SLOPE ? change_slope(input, d->background, arena, out, &error)
                                 : change_same_grades(input, d->grade, GRADES, arena, out, &error);
    if (!ok) fail_msg("%s", error.id);
}

static void check_naive(bool weighted, bool stratified, bool apart, enum measure measure) {
    struct arena *arena = arena_create(16 * MIB);
    struct data *d = make_data(weighted, stratified, apart);
    double values[DRAWS], variances[DRAWS], ones[2][CLUSTERS];
    int joined[CLUSTERS] = { 0 };
    struct change change;
    for (int c = 0; c < CLUSTERS; c++) {
        ones[0][c] = ones[1][c] = 1;
        if (stratified) joined[c] = d->stratum[c] == 1 ? 2 : d->stratum[c];
    }
    for (size_t k = 0; k < DRAWS; k++) {
        values[k] = naive(d, measure, k, ones);
        variances[k] = naive_variance(d, measure, k, joined);
    }
    measured(d, measure, arena, &change);
    struct estimate expected = rubin_combine(DRAWS, values, variances, 1);
    assert_near(change.change.value, expected.value, 1e-8);
    assert_near(change.change.se, expected.se, 1e-8);
    assert_near(change.to - change.from, change.change.value, 1e-8);
    arena_destroy(arena);
}

static void test_replicates_are_the_naive_ones(void **state) {
    (void)state;
    for (int version = 0; version < 8; version++)
        for (int measure = MEAN; measure <= SLOPE; measure++)
            check_naive(version & 1, version & 2, (version & 4) && !(version & 2),
                        (enum measure)measure);
}

/* What row i adds to the statistic: w dθ/dw, by a central difference. */
static double naive_influence(struct data *d, enum measure measure, size_t i) {
    const double h = 1e-4;
    double ones[2][CLUSTERS], weight = d->weights[i], theta[2];
    for (int c = 0; c < CLUSTERS; c++) ones[0][c] = ones[1][c] = 1;
    for (int k = 0; k < 2; k++) {
        d->weights[i] = weight * (k ? 1 + h : 1 - h);
        theta[k] = naive(d, measure, 0, ones);
    }
    d->weights[i] = weight;
    return (theta[1] - theta[0]) / (2 * h);
}

/* Persons who moved add 2 n/(n − 1) Σ ψ₁ψ₂ to the variance; those who stayed nothing more. */
static void test_persons_who_moved(void **state) {
    (void)state;
    static int person[N];
    struct arena *arena = arena_create(16 * MIB);
    for (int k = MEAN; k <= SLOPE; k++) {
        enum measure measure = (enum measure)k;
        struct data *d = make_data(true, false, false);
        struct change without, with;
        double sum = 0;
        int persons = 0;
        for (size_t i = 0; i < N; i++) person[i] = -1;
        for (size_t i = 0; i + 1 < N; i++) {
            if (d->wave[i] != 0 || d->wave[i + 1] != 1) continue;
            person[i] = person[i + 1] = persons++;
            /* Much alike, so that there is something to share. */
            d->values[i + 1] = d->values[i] + 0.1 * d->values[i + 1];
            d->background[i + 1] = d->background[i];
            if (persons % 3 == 0) d->cluster[i + 1] = d->cluster[i];
        }
        d->input.draws = 1;
        measured(d, measure, arena, &without);
        d->input.person = person;
        d->input.n_persons = N;
        measured(d, measure, arena, &with);
        for (size_t i = 0; i + 1 < N; i++)
            if (person[i] >= 0 && person[i] == person[i + 1] && d->cluster[i] != d->cluster[i + 1])
                sum += 2 * naive_influence(d, measure, i) * naive_influence(d, measure, i + 1);
        double expected = pow(without.change.se, 2) + sum * persons / (persons - 1.0);
        assert_int_equal(with.persons_both, persons);
        assert_true(sum < 0);
        assert_near(with.change.se, sqrt(expected), 1e-6);
    }
    arena_destroy(arena);
}

/* ---- closed forms ---- */

/* Eight pupils, each in both waves and each a cluster of its own: the change of the mean has the
 * error of a paired difference, s_d/√n with n − 1 degrees of freedom. */
static const double paired[] = { 3, 5, 8, 13, 21, 34, 55, 89, 4, 9, 7, 19, 22, 31, 60, 88 };
static const int paired_wave[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 };
static const int paired_person[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7 };

static double paired_se(void) {
    double mean = 0, squares = 0;
    for (int i = 0; i < 8; i++) mean += (paired[8 + i] - paired[i]) / 8;
    for (int i = 0; i < 8; i++) squares += pow(paired[8 + i] - paired[i] - mean, 2);
    return sqrt(squares / 7 / 8);
}

static void test_pupils_in_both_waves_count_once(void **state) {
    (void)state;
    static const int apart[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    struct arena *arena = arena_create(MIB);
    struct change_input input = { .n = 16,
                                  .draws = 1,
                                  .values = paired,
                                  .wave = paired_wave,
                                  .cluster = paired_person,
                                  .n_clusters = 8 };
    struct change c;
    struct error error;
    assert_true(change_mean(&input, arena, &c, &error));
    assert_near(c.change.value, 1.5, 1e-12);
    assert_near(c.change.se, paired_se(), 1e-12);
    assert_near(c.change.df, 7, 1e-9);
    assert_int_equal(c.clusters_both, 8);
    /* Clusters with new names in the second wave: what joins the waves are the persons. */
    input.cluster = apart;
    input.n_clusters = 16;
    input.person = paired_person;
    input.n_persons = 8;
    assert_true(change_mean(&input, arena, &c, &error));
    assert_near(c.change.se, paired_se(), 1e-12);
    assert_int_equal(c.persons_both, 8);
    assert_int_equal(c.clusters_both, 0);
    assert_true(change_same_persons(&input, arena, &c, &error));
    assert_near(c.change.se, paired_se(), 1e-12);
    /* Without them the waves are independent samples: s₁²/n + s₂²/n, Welch's df, 14 at most. */
    double spread[16], v[2] = { 0, 0 };
    for (int i = 0; i < 16; i++) spread[i] = paired[i] * (i < 8 ? 1 : 4);
    input.person = NULL;
    assert_true(change_mean(&input, arena, &c, &error));
    assert_near(c.change.df, 14, 1e-9);
    input.values = spread;
    assert_true(change_mean(&input, arena, &c, &error));
    for (int w = 0; w < 2; w++) {
        double mean = 0;
        for (int i = 0; i < 8; i++) mean += spread[8 * w + i] / 8;
        for (int i = 0; i < 8; i++) v[w] += pow(spread[8 * w + i] - mean, 2) / 7 / 8;
    }
    assert_near(c.change.se, sqrt(v[0] + v[1]), 1e-12);
    assert_near(c.change.df, pow(v[0] + v[1], 2) / (v[0] * v[0] / 9 + v[1] * v[1] / 9) - 2, 1e-9);
    arena_destroy(arena);
}

/* Those who stayed, among others who did not: the stayers' own paired change, by the first weight.
 */
static void test_same_pupils(void **state) {
    (void)state;
    static const double y[] = { 10, 20, 40, 70, 13, 21, 48, 5, 99 };
    static const double w[] = { 1, 2, 1, 5, 9, 9, 9, 9, 9 };
    static const int wave[] = { 0, 0, 0, 0, 1, 1, 1, 1, 1 };
    static const int person[] = { 4, 1, 2, 0, 4, 1, 2, 3, -1 };
    static const int school[] = { 0, 1, 2, 0, 0, 1, 2, 1, 2 };
    struct arena *arena = arena_create(MIB);
    struct change_input input = { .n = 9,
                                  .draws = 1,
                                  .values = y,
                                  .weights = w,
                                  .wave = wave,
                                  .cluster = school,
                                  .n_clusters = 3,
                                  .person = person,
                                  .n_persons = 5,
                                  .link_se = 2 };
    struct change c;
    struct error error;
    assert_true(change_same_persons(&input, arena, &c, &error));
    assert_near(c.change.value, (3 + 2 * 1 + 8) / 4.0, 1e-12);
    assert_int_equal(c.persons_both, 3);
    assert_int_equal(c.rows[0], 3);
    /* Replicates without a school: (2·1 + 8)/3, (3 + 8)/2, (3 + 2·1)/3. */
    double r[3] = { 10 / 3.0, 11 / 2.0, 5 / 3.0 }, mean = (r[0] + r[1] + r[2]) / 3, v = 0;
    for (int i = 0; i < 3; i++) v += 2 / 3.0 * pow(r[i] - mean, 2);
    assert_near(c.sampling_se, sqrt(v), 1e-12);
    assert_near(c.change.se, sqrt(v + 4), 1e-12);
    assert_near(c.change.df, 2 * pow((v + 4) / v, 2), 1e-9);
    arena_destroy(arena);
}

/* Grades move apart, nothing else does: the raw change is the mix alone. */
static void test_same_grades(void **state) {
    (void)state;
    /* School by school: grade 0 at 100, grade 1 at 200, grade 2 in the second wave alone. */
    static const double y[] = { 100, 100, 200, 100, 100, 200, 100, 200, 200, 300, 102, 202, 202 };
    static const int grade[] = { 0, 0, 1, 0, 0, 1, 0, 1, 1, 2, 0, 1, 1 };
    static const int wave[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1 };
    static const int school[] = { 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1 };
    struct arena *arena = arena_create(MIB);
    struct change_input input = {
        .n = 13, .draws = 1, .values = y, .wave = wave, .cluster = school, .n_clusters = 2
    };
    struct change c;
    struct error error;
    assert_true(change_same_grades(&input, grade, 3, arena, &c, &error));
    assert_near(c.change.value, 1, 1e-9);
    assert_near(c.from, 800 / 6.0, 1e-9);
    assert_near(c.to, 800 / 6.0 + 1, 1e-9);
    assert_int_equal(c.cells, 2);
    /* Replicates 2 and 0: v = ½ (1 + 1) = 1; one degree of freedom. */
    assert_near(c.change.se, 1, 1e-9);
    assert_near(c.change.df, 1, 1e-9);
    arena_destroy(arena);
}

/* ---- what cannot be ---- */

static void assert_fails(const struct change_input *input, const char *id) {
    struct arena *arena = arena_create(MIB);
    struct change c;
    struct error error = { 0 };
    assert_false(change_mean(input, arena, &c, &error));
    if (!error_is(&error, id)) fail_msg("%s, not %s", error.id, id);
    arena_destroy(arena);
}

static void test_changes_that_cannot_be(void **state) {
    (void)state;
    static const double y[] = { 1, 2, 3, 4 }, same[] = { 5, 5, 5, 5 };
    static const int wave[] = { 0, 0, 1, 1 }, first[] = { 0, 0, 0, 0 }, school[] = { 0, 1, 0, 0 };
    static const int two[] = { 0, 1, 0, 1 }, outside[] = { 0, 9, 0, 1 };
    static const int persons[] = { 0, 0, 1, 2 }, others[] = { 0, 1, 2, 3 };
    struct change_input input = {
        .n = 4, .draws = 1, .values = y, .wave = first, .cluster = two, .n_clusters = 2
    };
    assert_fails(&input, "stat.wave_empty");
    input.wave = wave;
    input.cluster = school;
    assert_fails(&input, "stat.wave_clusters");
    input.cluster = outside;
    assert_fails(&input, "stat.cluster");
    input.cluster = two;
    input.link_se = -1;
    assert_fails(&input, "stat.link_error");
    input.link_se = NAN;
    assert_fails(&input, "stat.link_error");
    input.link_se = 0;
    input.person = persons;
    input.n_persons = 4;
    assert_fails(&input, "stat.person_twice");
    struct arena *arena = arena_create(MIB);
    struct change c;
    struct error error;
    input.person = others;
    assert_false(change_same_persons(&input, arena, &c, &error));
    assert_true(error_is(&error, "stat.no_common_person"));
    assert_false(change_slope(&input, same, arena, &c, &error));
    assert_true(error_is(&error, "stat.wave_constant"));
    assert_false(change_same_grades(&input, wave, 2, arena, &c, &error));
    assert_true(error_is(&error, "stat.no_common_grade"));
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replicates_are_the_naive_ones),
        cmocka_unit_test(test_persons_who_moved),
        cmocka_unit_test(test_pupils_in_both_waves_count_once),
        cmocka_unit_test(test_same_pupils),
        cmocka_unit_test(test_same_grades),
        cmocka_unit_test(test_changes_that_cannot_be),
    };
    return cmocka_run_group_tests_name("stat.change", tests, NULL, NULL);
}

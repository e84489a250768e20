/* Changes between waves: a jackknife computed from the rows, closed forms, words. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/random.h"
#include "num/special.h"
#include "stat/change.h"
#include "stat/did.h"
#include "stat/effect.h"
#include "stat/rtm.h"

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

static void check_naive(bool weighted, bool stratified, bool apart, enum measure measure) {
    struct arena *arena = arena_create(16 * MIB);
    struct data *d = make_data(weighted, stratified, apart);
    double values[DRAWS], variances[DRAWS], ones[2][CLUSTERS];
    int joined[CLUSTERS] = { 0 };
    struct change change;
    struct error error;
    for (int c = 0; c < CLUSTERS; c++) {
        ones[0][c] = ones[1][c] = 1;
        if (stratified) joined[c] = d->stratum[c] == 1 ? 2 : d->stratum[c];
    }
    for (size_t k = 0; k < DRAWS; k++) {
        values[k] = naive(d, measure, k, ones);
        variances[k] = naive_variance(d, measure, k, joined);
    }
    bool ok = measure == MEAN ? change_mean(&d->input, arena, &change, &error)
              : measure == SLOPE
                  ? change_slope(&d->input, d->background, arena, &change, &error)
                  : change_same_grades(&d->input, d->grade, GRADES, arena, &change, &error);
    if (!ok) fail_msg("%s", error.id);
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

/* ---- expected regression to the mean ---- */

/* Five schools, one pupil each; two chosen. Others (10, 14), (20, 16), (30, 24): ρ = 100/200 = .5;
 * μ = (60 + 2 + 8)/5 = 14, x̄ = 5, expected (.5 − 1)(5 − 14) = 4.5. */
static const double rtm_y[] = { 10, 20, 30, 2, 8, 14, 16, 24, 9, 13 };
static const int rtm_wave[] = { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 };
static const int rtm_school[] = { 0, 1, 2, 3, 4, 0, 1, 2, 3, 4 };
static const int rtm_chosen[] = { 0, 0, 0, 1, 1 };

/* (ρ − 1)(x̄ − μ) with school i's weight w[i], without school left_out in ρ and μ. */
static double rtm_by_hand(const double *w, int left_out) {
    double n = 0, m1 = 0, m2 = 0, cov = 0, var = 0, c = 0, nc = 0, all = 0, n_all = 0;
    for (int i = 0; i < 5; i++) {
        bool in = i != left_out;
        n += in && i < 3 ? w[i] : 0;
        m1 += in && i < 3 ? w[i] * rtm_y[i] : 0;
        m2 += in && i < 3 ? w[i] * rtm_y[5 + i] : 0;
        all += in ? w[i] * rtm_y[i] : 0;
        n_all += in ? w[i] : 0;
        c += i < 3 ? 0 : w[i] * rtm_y[i];
        nc += i < 3 ? 0 : w[i];
    }
    for (int i = 0; i < 3; i++) {
        if (i == left_out) continue;
        cov += w[i] * (rtm_y[i] - m1 / n) * (rtm_y[5 + i] - m2 / n);
        var += w[i] * pow(rtm_y[i] - m1 / n, 2);
    }
    return (cov / var - 1) * (c / nc - all / n_all);
}

static void test_regression_to_the_mean(void **state) {
    (void)state;
    struct arena *arena = arena_create(MIB);
    struct change_input input = { .n = 10,
                                  .draws = 1,
                                  .values = rtm_y,
                                  .wave = rtm_wave,
                                  .cluster = rtm_school,
                                  .n_clusters = 5 };
    struct rtm rtm;
    struct error error;
    assert_true(rtm_expected(&input, rtm_chosen, arena, &rtm, &error));
    assert_near(rtm.rho, .5, 1e-12);
    assert_near(rtm.mean, 14, 1e-12);
    assert_near(rtm.chosen_mean, 5, 1e-12);
    assert_near(rtm.expected.value, 4.5, 1e-12);
    static const double ones[] = { 1, 1, 1, 1, 1 };
    double mean = 0, v = 0;
    for (int i = 0; i < 5; i++) mean += rtm_by_hand(ones, i) / 5;
    for (int i = 0; i < 5; i++) v += .8 * pow(rtm_by_hand(ones, i) - mean, 2);
    assert_near(rtm.expected.se, sqrt(v), 1e-9);
    assert_near(rtm.expected.df, 1, 1e-9);
    /* Schools weigh as their rows do. */
    double w[] = { 2, 1, 1, 3, 1, 5, 1, 1, 9, 9 };
    input.weights = w;
    assert_true(rtm_expected(&input, rtm_chosen, arena, &rtm, &error));
    assert_near(rtm.expected.value, rtm_by_hand(w, -1), 1e-12);
    /* One chosen school is enough; two others are too few. */
    static const int one[] = { 0, 0, 0, 1, -1 }, few[] = { 0, 0, -1, 1, 1 };
    assert_true(rtm_expected(&input, one, arena, &rtm, &error));
    assert_true(isfinite(rtm.expected.value) && rtm.expected.se > 0);
    assert_false(rtm_expected(&input, few, arena, &rtm, &error));
    assert_true(error_is(&error, "stat.rtm_schools"));
    static const double alike[] = { 5, 5, 5, 2, 8, 14, 16, 24, 9, 13 };
    input.values = alike;
    assert_false(rtm_expected(&input, rtm_chosen, arena, &rtm, &error));
    assert_true(error_is(&error, "stat.rtm_alike"));
    arena_destroy(arena);
}

/* ---- difference-in-differences ---- */

enum { DID_ROWS = 84, DID_SCHOOLS = 12 };
struct did_data {
    double y[2 * DID_ROWS], weights[DID_ROWS];
    int wave[DID_ROWS], school[DID_ROWS], grade[DID_ROWS], treated[DID_SCHOOLS];
    struct change_input input;
};

/* Unequal schools, every third treated; whole numbers, so that R has the same. */
static struct did_data *did_data(void) {
    static struct did_data d;
    int i = 0;
    for (int s = 0; s < DID_SCHOOLS; s++)
        for (int wave = 0; wave < 2; wave++)
            for (int k = 0; k < 2 + (s + 2 * wave) % 4; k++, i++) {
                d.treated[s] = s % 3 == 0;
                d.school[i] = s;
                d.wave[i] = wave;
                d.grade[i] = (i + wave) % 3;
                d.weights[i] = 1 + i % 3 / 2.0;
                d.y[i] = 480 + 7 * (s * 5 % 11) + 6 * wave + 9 * wave * d.treated[s] +
                         4 * (3 + d.grade[i]) + (i * i * 13 + 29 * i) % 83;
                d.y[DID_ROWS + i] = d.y[i] + i * 17 % 9 - 4;
            }
    assert_int_equal(i, DID_ROWS);
    d.input = (struct change_input){ .n = DID_ROWS,
                                     .draws = 1,
                                     .values = d.y,
                                     .wave = d.wave,
                                     .cluster = d.school,
                                     .n_clusters = DID_SCHOOLS,
                                     .link_se = 9 };
    return &d;
}

/* R 4.2, clubSandwich: coef_test(lm(y ~ wave * treated + factor(grade), d, weights = w), vcov =
 * "CR2", cluster = d$school, test = "Satterthwaite")["wave:treated", ], d the rows above. */
static void test_did_is_club_sandwich(void **state) {
    (void)state;
    static const struct {
        bool weighted, grades;
        size_t draw;
        double value, se, df;
    } table[] = {
        { false, false, 0, -12.0714285714, 16.4764409426, 5.9485930205 },
        { true, false, 0, -11.9947261899, 14.5146137565, 5.8954361113 },
        { true, true, 0, -11.6375981397, 14.5814096254, 5.9497215031 },
        { true, true, 1, -12.1507988750, 13.3415251670, 5.9497215031 },
    };
    struct arena *arena = arena_create(16 * MIB);
    struct did_data *d = did_data();
    struct did did;
    struct error error;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        d->input.values = d->y + table[i].draw * DID_ROWS;
        d->input.weights = table[i].weighted ? d->weights : NULL;
        assert_true(did_estimate(&d->input, d->treated, table[i].grades ? d->grade : NULL, 3, arena,
                                 &did, &error));
        assert_near(did.effect.value, table[i].value, 1e-8);
        assert_near(did.effect.se, table[i].se, 1e-8);
        assert_near(did.effect.df, table[i].df, 1e-6);
        assert_int_equal(did.treated, 4);
        assert_int_equal(did.others, 8);
        assert_int_equal(did.grades, table[i].grades ? 2 : 0);
    }
    /* Both as plausible values: Rubin's rules over the last two. */
    double values[] = { table[2].value, table[3].value };
    double variances[] = { pow(table[2].se, 2), pow(table[3].se, 2) };
    struct estimate expected = rubin_combine(2, values, variances, table[2].df);
    d->input.values = d->y;
    d->input.draws = 2;
    assert_true(did_estimate(&d->input, d->treated, d->grade, 3, arena, &did, &error));
    assert_near(did.effect.value, expected.value, 1e-8);
    assert_near(did.effect.se, expected.se, 1e-8);
    assert_near(did.effect.df, expected.df, 1e-6);
    arena_destroy(arena);
}

/* Schools of one size: the two-sample comparison of the schools' changes, √(s₁²/n₁ + s₂²/n₂), with
 * the degrees of freedom of equal variances a school, (1/n₁ + 1/n₂)²/Σ 1/(n²(n − 1)). */
static void test_did_of_equal_schools(void **state) {
    (void)state;
    static const double y[] = { 10, 12, 20, 14, 30, 7, 21, 9, 13, 15, 22, 20, 40, 9, 22, 13 };
    static const int wave[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 };
    static const int school[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7 };
    static const int treated[] = { 1, 1, 1, 0, 0, 0, 0, 0 };
    struct arena *arena = arena_create(MIB);
    struct change_input input = {
        .n = 16, .draws = 1, .values = y, .wave = wave, .cluster = school, .n_clusters = 8
    };
    struct did did;
    struct error error;
    double mean[2] = { 0, 0 }, v[2] = { 0, 0 };
    const double n[2] = { 5, 3 };
    for (int s = 0; s < 8; s++) mean[treated[s]] += (y[8 + s] - y[s]) / n[treated[s]];
    for (int s = 0; s < 8; s++)
        v[treated[s]] += pow(y[8 + s] - y[s] - mean[treated[s]], 2) / (n[treated[s]] - 1) /
                         n[treated[s]];
    assert_true(did_estimate(&input, treated, NULL, 0, arena, &did, &error));
    assert_near(did.effect.value, mean[1] - mean[0], 1e-9);
    assert_near(did.effect.se, sqrt(v[0] + v[1]), 1e-9);
    assert_near(did.effect.df, pow(1 / 5.0 + 1 / 3.0, 2) / (1 / 100.0 + 1 / 18.0), 1e-6);
    /* A single treated school has an effect and no error. */
    static const int one[] = { 1, -1, -1, 0, 0, 0, 0, 0 }, none[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
    assert_true(did_estimate(&input, one, NULL, 0, arena, &did, &error));
    assert_true(isfinite(did.effect.value) && isnan(did.effect.se));
    assert_false(did_estimate(&input, none, NULL, 0, arena, &did, &error));
    assert_true(error_is(&error, "stat.did_cells"));
    /* Grades that follow the wave (a cohort) change nothing; grades that are the effect take it. */
    static const int cohort[] = { 4, 4, 4, 4, 4, 4, 4, 4, 6, 6, 6, 6, 6, 6, 6, 6 };
    static const int effect[] = { 4, 4, 4, 4, 4, 4, 4, 4, 6, 6, 6, 4, 4, 4, 4, 4 };
    assert_true(did_estimate(&input, treated, cohort, 7, arena, &did, &error));
    assert_near(did.effect.value, mean[1] - mean[0], 1e-9);
    assert_near(did.effect.se, sqrt(v[0] + v[1]), 1e-9);
    assert_int_equal(did.grades, 0);
    assert_false(did_estimate(&input, treated, effect, 7, arena, &did, &error));
    assert_true(error_is(&error, "stat.did_grades"));
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

/* ---- words and detectable effects ---- */

static void test_words(void **state) {
    (void)state;
    static const struct {
        double value, se;
        enum effect_verdict verdict, capped;
    } table[] = {
        { 2, 3, EFFECT_NO_EFFECT, EFFECT_NO_EFFECT }, /* −3.9 … 7.9, T = 10 */
        { 4, 1, EFFECT_NO_EFFECT, EFFECT_NO_EFFECT }, /* above 0, and too small to matter */
        { -4, 1, EFFECT_NO_EFFECT, EFFECT_NO_EFFECT },
        { -12, 4, EFFECT_OPPOSITE, EFFECT_OPPOSITE },    /* −19.8 … −4.2 */
        { 12, 4, EFFECT_DOCUMENTED, EFFECT_COMPATIBLE }, /* 4.2 … 19.8 */
        { 10, 4, EFFECT_DOCUMENTED, EFFECT_COMPATIBLE },
        { 9.99, 4, EFFECT_COMPATIBLE, EFFECT_COMPATIBLE }, /* above 0, under T */
        { 12, 8, EFFECT_COMPATIBLE, EFFECT_COMPATIBLE },   /* at T, 0 within */
        { 5, 8, EFFECT_UNDECIDED, EFFECT_UNDECIDED },
        { -12, 8, EFFECT_UNDECIDED, EFFECT_UNDECIDED },
        { 12, 0, EFFECT_DOCUMENTED, EFFECT_COMPATIBLE },
        { NAN, 4, EFFECT_UNDECIDED, EFFECT_UNDECIDED },
        { 12, NAN, EFFECT_UNDECIDED, EFFECT_UNDECIDED },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct estimate e = { table[i].value, table[i].se, HUGE_VAL };
        if (effect_judge(e, 10, false) != table[i].verdict ||
            effect_judge(e, 10, true) != table[i].capped)
            fail_msg("%g ± %g: %s", e.value, e.se, effect_name(effect_judge(e, 10, false)));
    }
    assert_string_equal(effect_name(EFFECT_UNDECIDED), "undecided");
}

/* Bloom 1995: 2.8 standard errors with many degrees of freedom; the others from a table of t
 * (R: qt(.975, df) + qt(.8, df)). */
static void test_detectable(void **state) {
    (void)state;
    static const struct {
        double df, factor;
    } table[] = {
        { HUGE_VAL, 2.80158522 },
        { 20, 2.94592789 },
        { 10, 3.10719668 },
        { 3, 4.16091862 },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_near(effect_detectable((struct estimate){ 9, 2, table[i].df }, .05, .8),
                    2 * table[i].factor, 1e-7);
    assert_true(isnan(effect_detectable((struct estimate){ 9, NAN, 4 }, .05, .8)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replicates_are_the_naive_ones),
        cmocka_unit_test(test_pupils_in_both_waves_count_once),
        cmocka_unit_test(test_same_pupils),
        cmocka_unit_test(test_same_grades),
        cmocka_unit_test(test_regression_to_the_mean),
        cmocka_unit_test(test_did_is_club_sandwich),
        cmocka_unit_test(test_did_of_equal_schools),
        cmocka_unit_test(test_changes_that_cannot_be),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_detectable),
    };
    return cmocka_run_group_tests_name("stat.change", tests, NULL, NULL);
}

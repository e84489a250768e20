#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/random.h"
#include "stat/estimate.h"
#include "stat/mean.h"
#include "stat/verdict.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not within %g of %.12g", value, tolerance, expected);
}

/* ---- Rubin's rules ---- */

/* By hand from the formulas; the last column of each: Johnson and Rust's df, or Rubin's own. */
static void test_rubin(void **state) {
    (void)state;
    static const struct {
        size_t m;
        double values[5], variances[5], complete_df, value, se, df;
    } table[] = {
        { 1, { 7 }, { 4 }, 12, 7, 2, 12 },
        { 2, { 1, 1 }, { 2, 4 }, HUGE_VAL, 1, 1.7320508075688772, HUGE_VAL },
        /* B = 1, U = 1, T = 1 + 4/3; share 4/7; Rubin: 2/(4/7)² = 6.125 */
        { 3, { 1, 2, 3 }, { 1, 1, 1 }, HUGE_VAL, 2, 1.5275252316519468, 6.125 },
        /* with 10 df: 1/((3/7)²/10 + (4/7)²/2) */
        { 3, { 1, 2, 3 }, { 1, 1, 1 }, 10, 2, 1.5275252316519468, 5.5056179775280905 },
        { 5, { 0, 0, 0, 0, 5 }, { 0, 0, 0, 0, 0 }, 30, 1, 2.449489742783178, 4 },
        { 5, { 3, 3, 3, 3, 3 }, { 0, 0, 0, 0, 0 }, HUGE_VAL, 3, 0, HUGE_VAL },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct estimate e = rubin_combine(table[i].m, table[i].values, table[i].variances,
                                          table[i].complete_df);
        assert_near(e.value, table[i].value, 1e-12);
        assert_near(e.se, table[i].se, 1e-12);
        if (isinf(table[i].df)) assert_true(isinf(e.df));
        else assert_near(e.df, table[i].df, 1e-6);
    }
}

/* Points of Student's t, as in any table. */
static void test_half_width(void **state) {
    (void)state;
    static const struct { double df, confidence, factor; } table[] = {
        { 1, .95, 12.7062047 }, { 5, .95, 2.57058184 }, { 5, .99, 4.03214298 },
        { 30, .90, 1.69726089 }, { HUGE_VAL, .95, 1.95996398 }, { HUGE_VAL, .99, 2.5758293 },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_near(estimate_half_width((struct estimate){ 3, 2, table[i].df }, table[i].confidence),
                    2 * table[i].factor, 1e-6);
    assert_true(estimate_half_width((struct estimate){ 3, 0, 4 }, .95) == 0);
}

/* ---- means ---- */

enum { N = 600, DRAWS = 4, CLUSTERS = 23 };
struct data {
    double values[DRAWS * N], weights[N];
    int cluster[N], stratum[CLUSTERS];
    struct sample sample;
};

/* Unequal clusters, cluster 5 without persons, some persons not in the cell. */
static struct data *make_data(bool weighted, bool stratified) {
    static struct data d;
    for (size_t i = 0; i < N; i++) {
        d.cluster[i] = (int)(random_bits(1, i, 0) % (1 + random_bits(1, i, 1) % CLUSTERS));
        if (i < CLUSTERS) d.cluster[i] = (int)i;
        if (d.cluster[i] == 5) d.cluster[i] = 6;
        d.weights[i] = 0.5 + 2 * random_uniform(1, i, 2);
        double effect = random_normal(2, (uint64_t)d.cluster[i], 0);
        for (size_t k = 0; k < DRAWS; k++)
            d.values[k * N + i] = i >= CLUSTERS && random_bits(1, i, 4) % 7 == 0
                                      ? NAN
                                      : 500 + 30 * effect + 90 * random_normal(1, i, 10 + k);
    }
    /* Strata 0, 1, 3, 4; 3 has a single cluster (the middle) and 9 another (the last). */
    for (int c = 0; c < CLUSTERS; c++) d.stratum[c] = c < 9 ? 0 : c < 15 ? 1 : c == 15 ? 3 : 4;
    d.stratum[CLUSTERS - 1] = 9;
    d.sample = (struct sample){ .n = N, .draws = DRAWS, .values = d.values, .cluster = d.cluster,
                                .n_clusters = CLUSTERS, .weights = weighted ? d.weights : NULL,
                                .stratum = stratified ? d.stratum : NULL };
    return &d;
}

/* The mean over everybody, with the weights of each cluster's persons multiplied by its factor. */
static double naive_mean(const struct sample *s, size_t draw, const double *factor) {
    double weight = 0, sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        double y = s->values[draw * s->n + i];
        if (isnan(y)) continue;
        double w = (s->weights ? s->weights[i] : 1) * factor[s->cluster[i]];
        weight += w;
        sum += w * y;
    }
    return sum / weight;
}

/* A jackknife that computes every replicate from the persons. joined: the strata after joining. */
static double naive_jackknife(const struct sample *s, size_t draw, const int *joined) {
    double variance = 0;
    for (int h = 0; h < 10; h++) {
        double replicate[CLUSTERS], mean = 0;
        int n = 0;
        for (int c = 0; c < CLUSTERS; c++) n += joined[c] == h && c != 5;
        for (int c = 0, r = 0; c < CLUSTERS; c++) {
            if (joined[c] != h || c == 5) continue;
            double factor[CLUSTERS];
            for (int k = 0; k < CLUSTERS; k++)
                factor[k] = k == c ? 0 : joined[k] == h ? n / (n - 1.0) : 1;
            replicate[r] = naive_mean(s, draw, factor);
            mean += replicate[r++] / n;
        }
        for (int r = 0; r < n; r++) variance += (n - 1.0) / n * pow(replicate[r] - mean, 2);
    }
    return variance;
}

static void test_jackknife_is_the_naive_one(void **state) {
    (void)state;
    struct arena *arena = arena_create(16 * MIB);
    for (int version = 0; version < 4; version++) {
        struct data *d = make_data(version & 1, version & 2);
        int joined[CLUSTERS] = { 0 };
        for (int c = 0; c < CLUSTERS && version & 2; c++)
            joined[c] = d->stratum[c] == 3 || d->stratum[c] == 9 ? 4 : d->stratum[c];
        double values[DRAWS], variances[DRAWS], ones[CLUSTERS], sd2 = 0;
        for (int c = 0; c < CLUSTERS; c++) ones[c] = 1;
        for (size_t k = 0; k < DRAWS; k++) {
            values[k] = naive_mean(&d->sample, k, ones);
            variances[k] = naive_jackknife(&d->sample, k, joined);
            double w1 = 0, w2 = 0, squares = 0;
            for (size_t i = 0; i < N; i++) {
                double w = version & 1 ? d->weights[i] : 1, y = d->values[k * N + i];
                if (isnan(y)) continue;
                w1 += w;
                w2 += w * w;
                squares += w * pow(y - values[k], 2);
            }
            sd2 += squares / (w1 - w2 / w1) / DRAWS;
        }
        struct estimate expected = rubin_combine(DRAWS, values, variances, version & 2 ? 19 : 21);
        struct moments m;
        struct error error;
        assert_true(mean_jackknife(&d->sample, arena, &m, &error));
        assert_near(m.mean.value, expected.value, 1e-8);
        assert_near(m.mean.se, expected.se, 1e-8);
        assert_near(m.mean.df, expected.df, 1e-8);
        assert_near(m.sd, sqrt(sd2), 1e-8);
        assert_int_equal(m.clusters, CLUSTERS - 1);
    }
    arena_destroy(arena);
}

/* With clusters of one person and no strata the jackknife of a mean is s/√n, exactly. */
static void test_jackknife_of_persons_is_the_textbook_error(void **state) {
    (void)state;
    static const double y[] = { 3, 5, 8, 13, 21, 34 };
    static const int cluster[] = { 0, 1, 2, 3, 4, 5 };
    struct arena *arena = arena_create(MIB);
    struct sample s = { .n = 6, .draws = 1, .values = y, .cluster = cluster, .n_clusters = 6 };
    struct moments m;
    struct error error;
    assert_true(mean_jackknife(&s, arena, &m, &error));
    assert_near(m.mean.value, 14, 1e-12);
    assert_near(m.sd, sqrt(137.6), 1e-12); /* squares 121 + 81 + 36 + 1 + 49 + 400 = 688, by 5 */
    assert_near(m.mean.se, sqrt(137.6 / 6), 1e-12);
    assert_true(m.mean.df == 5);
    arena_destroy(arena);
}

/* Three zones, the last with one half; each replicate by hand. */
static void test_jk2(void **state) {
    (void)state;
    static const double y[] = { 1, 3, 2, 6, 4 }, w[] = { 1, 1, 2, 1, 1 };
    static const int cluster[] = { 0, 1, 2, 3, 5 };
    struct arena *arena = arena_create(MIB);
    struct sample s = { .n = 5, .draws = 1, .values = y, .weights = w, .cluster = cluster,
                        .n_clusters = 6 };
    struct moments m;
    struct error error;
    assert_true(mean_jk2(&s, arena, &m, &error));
    /* mean 18/6; without 1, twice 3: 20/6; without 2 (weight 2), twice 6: 20/5; twice 4: 22/7. */
    double expected = pow(20 / 6.0 - 3, 2) + pow(20 / 5.0 - 3, 2) + pow(22 / 7.0 - 3, 2);
    assert_near(m.mean.value, 3, 1e-12);
    assert_near(m.mean.se, sqrt(expected), 1e-12);
    assert_true(m.mean.df == 3);
    arena_destroy(arena);
}

static void test_model_error(void **state) {
    (void)state;
    /* Two draws; classes of 3 and 1: Σ(n_c/n)² = 10/16. */
    static const double y[] = { 1, 2, 3, 6, NAN, 1, 2, 3, 8, NAN };
    static const double tau2[] = { 0.4, 0.8 }, sigma2[] = { 2, 3 };
    static const int cluster[] = { 0, 0, 0, 2, 1 };
    struct arena *arena = arena_create(MIB);
    struct sample s = { .n = 5, .draws = 2, .values = y, .cluster = cluster, .n_clusters = 3 };
    struct moments m;
    struct error error;
    assert_true(mean_model(&s, tau2, sigma2, arena, &m, &error));
    /* U = ((.25 + .5) + (.5 + .75)) / 2 = 1; B = (.25² · 2) / 1 = .125; T = 1 + 1.5 · .125. */
    assert_near(m.mean.value, 3.25, 1e-12);
    assert_near(m.mean.se, sqrt(1.1875), 1e-12);
    assert_int_equal(m.persons, 4);
    assert_int_equal(m.clusters, 2);
    /* Weights: class shares 6/9 and 3/9, Σw²/W² = 21/81. */
    static const double w[] = { 1, 2, 3, 3, 50 };
    s.weights = w;
    s.draws = 1;
    assert_true(mean_model(&s, tau2, sigma2, arena, &m, &error));
    assert_near(m.mean.se, sqrt(0.4 * 45 / 81 + 2 * 23.0 / 81), 1e-12);
    arena_destroy(arena);
}

static void test_cells_that_cannot_be(void **state) {
    (void)state;
    static const double y[] = { 4, NAN, 4 };
    static const int same[] = { 0, 1, 0 }, outside[] = { 0, 3, 0 };
    static const double one = 1;
    struct arena *arena = arena_create(MIB);
    struct sample s = { .n = 3, .draws = 1, .values = y, .cluster = same, .n_clusters = 2 };
    struct moments m;
    struct error error;
    assert_false(mean_jackknife(&s, arena, &m, &error));
    assert_true(error_is(&error, "stat.one_cluster"));
    assert_true(m.mean.value == 4 && isnan(m.mean.se) && m.persons == 2);
    s.cluster = outside;
    assert_false(mean_model(&s, &one, &one, arena, &m, &error));
    assert_true(error_is(&error, "stat.cluster"));
    s = (struct sample){ .n = 1, .draws = 1, .values = y + 1, .cluster = same, .n_clusters = 1 };
    assert_false(mean_model(&s, &one, &one, arena, &m, &error));
    assert_true(error_is(&error, "stat.empty"));
    s.values = y;
    assert_true(mean_model(&s, &one, &one, arena, &m, &error)); /* one person: no SD, no NaN */
    assert_true(m.sd == 0 && m.mean.value == 4);
    assert_near(m.mean.se, sqrt(2), 1e-12);
    arena_destroy(arena);
}

/* ---- verdicts ---- */

/* Single contrasts: the order of the rules and their bounds. */
static void test_words(void **state) {
    (void)state;
    static const struct { double value, se; enum verdict verdict; } table[] = {
        { 0, 5, VERDICT_NO_DIFFERENCE },     /* −9.8 … 9.8 */
        { 0, 5.2, VERDICT_UNCLEAR },         /* −10.2 … 10.2 */
        { 5, 2, VERDICT_NO_DIFFERENCE },     /* 1.1 … 8.9: significant, and yet no real one */
        { 8, 2, VERDICT_VERY_SMALL },        /* 4.1 … 11.9 */
        { -9.99, 3, VERDICT_VERY_SMALL },    { -10, 3, VERDICT_SMALL },
        { 19.99, 3, VERDICT_SMALL },         { 20, 3, VERDICT_CLEAR },
        { 39.99, 3, VERDICT_CLEAR },         { -40, 3, VERDICT_LARGE },
        { 100, 80, VERDICT_UNCLEAR },        { 15, 0, VERDICT_SMALL },
        { 0, 0, VERDICT_NO_DIFFERENCE },     { NAN, 3, VERDICT_UNCLEAR },
        { 30, NAN, VERDICT_UNCLEAR },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct contrast c = { .difference = { table[i].value, table[i].se, HUGE_VAL } };
        judge(&c, 1, .05);
        if (c.verdict != table[i].verdict)
            fail_msg("%g ± %g: %s", table[i].value, table[i].se, verdict_name(c.verdict));
    }
}

/* Benjamini and Hochberg 1995, §3.2: their fifteen p values, of which four are rejected at .05. */
static void test_false_discovery_rate(void **state) {
    (void)state;
    static const double p[] = { .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                                .0459, .3240, .4262, .5719, .6528, .7590, 1 };
    /* z with these two-sided p values, to seven digits. */
    static const double z[] = { 3.8905919, 3.5400838, 3.1054340, 2.5935164, 2.3244759, 2.2000972,
                                2.1727386, 2.1153515, 1.9963117, 0.9862713, 0.7957111, 0.5652555,
                                0.4498758, 0.3067942, 0 };
    struct contrast c[15];
    for (size_t i = 0; i < 15; i++) /* in an order of their own */
        c[i * 7 % 15] = (struct contrast){ .difference = { 100 * z[i], 100, HUGE_VAL } };
    judge(c, 15, .05);
    double wide = 2.4747396; /* normal quantile for confidence 1 − .05 · 4/15 = .98667 */
    for (size_t i = 0; i < 15; i++) {
        const struct contrast *k = &c[i * 7 % 15];
        assert_int_equal(k->flagged, i < 4);
        /* Unflagged ones with p < .05 stand at the wider interval, so that it includes 0. */
        double factor = p[i] < .05 ? wide : 1.9599640;
        assert_near((k->high - k->low) / 200, factor, 1e-6);
        assert_int_equal(k->low <= 0 && 0 <= k->high, i >= 4);
    }
}

static void test_word_and_interval_always_agree(void **state) {
    (void)state;
    for (uint64_t family = 0; family < 400; family++) {
        struct contrast c[30];
        size_t n = 1 + family % 30;
        for (size_t i = 0; i < n; i++)
            c[i].difference = (struct estimate){ 60 * random_normal(3, family, i),
                                                 1 + 30 * random_uniform(4, family, i),
                                                 2 + 40 * random_uniform(5, family, i) };
        judge(c, n, .05);
        for (size_t i = 0; i < n; i++) {
            bool includes = c[i].low <= 0 && 0 <= c[i].high;
            assert_int_equal(includes, !c[i].flagged);
            bool within = -10 < c[i].low && c[i].high < 10;
            assert_int_equal(c[i].verdict == VERDICT_NO_DIFFERENCE, within);
            assert_int_equal(c[i].verdict == VERDICT_UNCLEAR, !within && includes);
        }
    }
}

static void test_names(void **state) {
    (void)state;
    enum verdict v = VERDICT_LARGE;
    for (int i = VERDICT_NO_DIFFERENCE; i <= VERDICT_LARGE; i++) {
        assert_true(verdict_from_name(verdict_name((enum verdict)i), &v));
        assert_int_equal(v, i);
    }
    assert_false(verdict_from_name("huge", &v));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rubin),
        cmocka_unit_test(test_half_width),
        cmocka_unit_test(test_jackknife_is_the_naive_one),
        cmocka_unit_test(test_jackknife_of_persons_is_the_textbook_error),
        cmocka_unit_test(test_jk2),
        cmocka_unit_test(test_model_error),
        cmocka_unit_test(test_cells_that_cannot_be),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_false_discovery_rate),
        cmocka_unit_test(test_word_and_interval_always_agree),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("stat", tests, NULL, NULL);
}

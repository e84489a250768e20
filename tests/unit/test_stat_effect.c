/* Effects: difference-in-differences, expected regression to the mean, words, detectable effects.
 */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "stat/did.h"
#include "stat/effect.h"
#include "stat/rtm.h"

#include <math.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not within %g of %.12g", value, tolerance, expected);
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
        cmocka_unit_test(test_did_is_club_sandwich),
        cmocka_unit_test(test_did_of_equal_schools),
        cmocka_unit_test(test_regression_to_the_mean),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_detectable),
    };
    return cmocka_run_group_tests_name("stat.effect", tests, NULL, NULL);
}

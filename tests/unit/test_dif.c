/* Differential item functioning: another program's optima, known truth, groups that lack answers.
 */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/discovery.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/dif.h"

#include <math.h>

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(2 * GIB);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void near(const char *what, double found, double expected, double within) {
    if (!(fabs(found - expected) <= within))
        fail_msg("%s: %.9g, expected %.9g", what, found, expected);
}

static struct dif_result compared(const struct responses *r, const struct dif_options *options) {
    struct dif_result dif;
    struct error error = { 0 };
    if (!scale_dif(r, options, NULL, arena, &dif, &error)) fail_msg("%s", error.id);
    return dif;
}

/* ---- by another program ---- */

/* Answers to four items in two groups: counts of the patterns, item 1 varying fastest. */
static struct responses few_patterns(void) {
    static const int count[2][16] = {
        { 74, 90, 42, 71, 22, 33, 24, 88, 9, 14, 11, 36, 2, 16, 11, 57 },
        { 64, 81, 19, 46, 18, 35, 20, 43, 3, 27, 4, 32, 4, 22, 6, 76 },
    };
    struct responses r = { .n_items = 4, .n_groups = 2 };
    int8_t *codes = arena_array(arena, 1100, 4);
    int *groups = arena_array(arena, 1100, sizeof *groups);
    for (int g = 0; g < 2; g++)
        for (int pattern = 0; pattern < 16; pattern++)
            for (int k = 0; k < count[g][pattern]; k++) {
                for (int i = 0; i < 4; i++)
                    codes[r.n_persons * 4 + (size_t)i] = (int8_t)(pattern >> i & 1);
                groups[r.n_persons++] = g;
            }
    r.codes = codes;
    r.groups = groups;
    return r;
}

/* R: the marginal likelihood of the 2 × 16 patterns on 201 nodes over ±8 SD, maximised by
 * optim(method = "BFGS", reltol = 1e-15) begun again where it ended, errors from
 * solve(optimHess()); item by item with a location (2pl: and a slope) of its own in the second
 * group, and without. */
static void test_another_program(void **state) {
    (void)state;
    static const struct {
        double chi2, effect, se, slope, slope_se;
    } rasch[] = { { 4.27699719, -.37098461, .180226, NAN, NAN },
                  { 17.6268249, .68045695, .162554, NAN, NAN },
                  { .00426124561, .010617642, .162654, NAN, NAN },
                  { 6.80035724, -.46008933, .176463, NAN, NAN } },
      two[] = { { 4.38256222, -.47827058, .337876, -.1437629, .283357 },
                { 18.9539827, .71127016, .198062, -.4057578, .416878 },
                { 1.34623401, .078385962, .186034, -.367521, .323434 },
                { 10.2979103, -1.1605547, .510823, 1.049331, .74808 } };
    struct responses r = few_patterns();
    struct dif_options options = dif_defaults();
    options.rounds_most = 1;
    for (int m = 0; m < 2; m++) {
        options.model = m == 0 ? MODEL_RASCH : MODEL_2PL;
        struct dif_result dif = compared(&r, &options);
        for (size_t i = 0; i < 4; i++) {
            const struct dif_item *item = &dif.items[i];
            const struct dif_contrast *contrast = &item->contrasts[0];
            assert_true(item->tested && item->converged);
            near("chi2", item->chi2, m ? two[i].chi2 : rasch[i].chi2, .003);
            assert_int_equal((int)item->df, 1 + m);
            near("effect", contrast->effect, m ? two[i].effect : rasch[i].effect, .0005);
            near("se", contrast->se, m ? two[i].se : rasch[i].se, .001);
            near("p", item->p, m ? num_exp(-item->chi2 / 2) : 2 * normal_cdf(-sqrt(item->chi2)),
                 1e-10);
            if (m == 0) {
                assert_true(isnan(contrast->slope_difference));
                continue;
            }
            near("slope", contrast->slope_difference, two[i].slope, .0005);
            near("slope se", contrast->slope_difference_se, two[i].slope_se, .002);
        }
        near("deviance", m ? dif.deviance : 0, m ? 5482.11599213 : 0, .002);
    }
}

/* ---- known truth ---- */

enum { N_ITEMS = 10, ODD_ITEM = 3 };
static const double odd_shift[] = { 0, .8, -.5 };

/* Three groups with different means and SDs; item 3 stands odd_shift higher in them. */
static struct responses simulated(enum irt_model model, size_t n, uint64_t seed, bool odd) {
    static const double mean[] = { 0, .5, -.4 }, sd[] = { 1, 1.2, .9 };
    bool binary = model == MODEL_RASCH || model == MODEL_2PL;
    struct responses r = { .n_persons = n, .n_items = N_ITEMS, .n_groups = 3 };
    int8_t *codes = arena_array(arena, n, N_ITEMS);
    int *groups = arena_array(arena, n, sizeof *groups);
    for (size_t p = 0; p < n; p++) {
        groups[p] = (int)(p % 3);
        double theta = mean[p % 3] + sd[p % 3] * random_normal(seed, p, 0);
        for (size_t i = 0; i < N_ITEMS; i++) {
            struct item_parameters item = { .steps = binary ? 1 : 3, .slope = 1 };
            double log_p[CATEGORIES_MAX], u = random_uniform(seed + 1, p, i);
            double shift = odd && i == ODD_ITEM ? odd_shift[p % 3] : 0;
            if (model_has_slopes(model)) item.slope = .8 + .2 * (double)(i % 4);
            for (int h = 0; h < item.steps; h++)
                item.location[h] = -1 + .2 * (double)i + (binary ? 0 : .8 * (h - 1)) + shift;
            model_log_probabilities(model, &item, theta, log_p);
            int8_t k = 0;
            while (k < item.steps && (u -= num_exp(log_p[k])) >= 0) k++;
            codes[p * N_ITEMS + i] = k;
        }
    }
    r.codes = codes;
    r.groups = groups;
    return r;
}

static void test_truth(void **state) {
    (void)state;
    for (int m = 0; m < 5; m++) {
        enum irt_model model = (enum irt_model)m;
        struct responses r = simulated(model, 6000, 40 + (uint64_t)m, true);
        struct dif_options options = dif_defaults();
        options.model = model;
        struct dif_result dif = compared(&r, &options);
        double slope = model_has_slopes(model) ? .8 + .2 * (ODD_ITEM % 4) : 1;
        assert_true(dif.settled);
        for (size_t i = 0; i < N_ITEMS; i++) {
            const struct dif_item *item = &dif.items[i];
            double parameters = (model == MODEL_RASCH || model == MODEL_2PL ? 1 : 3) +
                                (model_has_slopes(model) ? 1 : 0);
            near("df", item->df, 2 * parameters, 0);
            for (size_t k = 0; k < 2; k++) {
                const struct dif_contrast *contrast = &item->contrasts[k];
                double expected = i == ODD_ITEM ? slope * odd_shift[k + 1] : 0;
                assert_int_equal(contrast->group, k + 1);
                assert_int_equal((int)contrast->n, 2000);
                near(model_name(model), contrast->effect, expected, 3.5 * contrast->se);
                assert_true(contrast->se > .03 && contrast->se < .15);
                if (i != ODD_ITEM) assert_int_equal(contrast->class, DIF_A);
            }
            assert_int_equal(item->split, i == ODD_ITEM);
        }
        assert_int_equal(dif.items[ODD_ITEM].contrasts[0].class, DIF_C);
        assert_true(dif.items[ODD_ITEM].p_adjusted < 1e-6);
        /* 2,000 persons a group, θ of group 1 at .5: three and a half standard errors */
        near("mean", dif.mean[1], .5, .2);
    }
}

/* With group 1 as the reference the same test, and effects seen from there. */
static void test_reference(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_GPCM, 1500, 3, true);
    struct dif_options options = dif_defaults();
    options.model = MODEL_GPCM;
    options.rounds_most = 1;
    struct dif_result from_0 = compared(&r, &options);
    options.reference = 1;
    struct dif_result from_1 = compared(&r, &options);
    for (size_t i = 0; i < N_ITEMS; i++) {
        const struct dif_contrast *a = &from_0.items[i].contrasts[0],
                                  *b = &from_1.items[i].contrasts[0];
        assert_int_equal(b->group, 0);
        near("chi2", from_1.items[i].chi2, from_0.items[i].chi2, 1e-9);
        near("effect", b->effect, -a->effect, 1e-9);
        near("se", b->se, a->se, 1e-9);
        near("slope", b->slope_difference, -a->slope_difference, 1e-9);
        assert_int_equal(from_1.items[i].contrasts[1].group, 2);
    }
}

/* The test of one item by two calibrations with columns made by hand. */
static void test_two_calibrations(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_PCM, 900, 11, true), by_hand = r;
    struct dif_options options = dif_defaults();
    struct fit_options fit_options = fit_defaults();
    struct fit_result equal, split;
    struct error error = { 0 };
    options.rounds_most = 1;
    struct dif_result dif = compared(&r, &options);
    int8_t *codes = arena_array(arena, r.n_persons, N_ITEMS + 2);
    for (size_t p = 0; p < r.n_persons; p++) {
        memset(codes + p * (N_ITEMS + 2), CODE_MISSING, N_ITEMS + 2);
        for (size_t i = 0; i < N_ITEMS; i++) {
            size_t to = i == 5 && r.groups[p] > 0 ? (size_t)N_ITEMS - 1 + (size_t)r.groups[p] : i;
            codes[p * (N_ITEMS + 2) + to] = r.codes[p * N_ITEMS + i];
        }
    }
    by_hand.codes = codes;
    by_hand.n_items = N_ITEMS + 2;
    assert_true(scale_fit(&r, &fit_options, NULL, arena, &equal, &error));
    assert_true(scale_fit(&by_hand, &fit_options, NULL, arena, &split, &error));
    near("chi2", dif.items[5].chi2, equal.deviance - split.deviance, .002);
    near("df", dif.items[5].df, 6, 0);
}

/* Nothing differs: five hundred items' worth of p are not small too often. */
static void test_nothing_differs(void **state) {
    (void)state;
    int small = 0, n = 0;
    for (uint64_t seed = 100; seed < 120; seed++) {
        struct responses r = simulated(MODEL_RASCH, 450, 2 * seed, false);
        struct dif_options options = dif_defaults();
        options.model = MODEL_RASCH;
        options.rounds_most = 1;
        struct dif_result dif = compared(&r, &options);
        for (size_t i = 0; i < N_ITEMS; i++, n++) small += dif.items[i].p < .05;
    }
    assert_true(small >= 2 && small <= 21); /* binomial(200, .05): .2 % beyond on each side */
}

/* ---- groups that lack answers ---- */

static void test_groups_that_lack_answers(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_PCM, 900, 17, false);
    struct dif_options options = dif_defaults();
    int8_t *codes = (int8_t *)r.codes;
    for (size_t p = 0; p < r.n_persons; p++) {
        int8_t *row = codes + p * N_ITEMS;
        if (r.groups[p] == 0) row[1] = CODE_MISSING;                /* not seen by group 0 */
        if (r.groups[p] != 1) row[2] = CODE_MISSING;                /* seen by group 1 alone */
        if (r.groups[p] == 2 && row[4] == 3) row[4] = 2;            /* a category group 2 lacks */
        if (r.groups[p] == 2 && row[6] != CODE_MISSING) row[6] = 1; /* all alike in group 2 */
    }
    struct dif_result dif = compared(&r, &options);
    assert_true(dif.items[0].tested && !dif.items[0].joined);
    near("df", dif.items[0].df, 6, 0);
    assert_int_equal(dif.items[1].reference, 1);
    near("df without group 0", dif.items[1].df, 3, 0);
    assert_int_equal(dif.items[1].contrasts[0].group, 0);
    assert_int_equal(dif.items[1].contrasts[0].class, DIF_UNTESTED);
    assert_true(isnan(dif.items[1].contrasts[0].effect) && dif.items[1].contrasts[0].n == 0);
    assert_true(isfinite(dif.items[1].contrasts[1].effect));
    assert_false(dif.items[2].tested);
    assert_true(isnan(dif.items[2].p) && isnan(dif.items[2].p_adjusted));
    assert_true(dif.items[4].joined);
    near("df with two steps", dif.items[4].df, 4, 0);
    near("df without group 2", dif.items[6].df, 3, 0);
    assert_true(isnan(dif.items[6].contrasts[1].effect));
}

/* An item that some group answers all alike says nothing of where that group stands: with it as an
 * anchor there, all sound items would seem to differ. */
static void test_untold_is_no_anchor(void **state) {
    (void)state;
    enum { N = 6 }; /* items, the last of them untold */
    struct responses all = simulated(MODEL_PCM, 1500, 47, false), r = all;
    struct dif_options options = dif_defaults();
    int8_t *codes = arena_array(arena, r.n_persons, N);
    for (size_t p = 0; p < r.n_persons; p++) memcpy(codes + p * N, all.codes + p * N_ITEMS, N);
    r.codes = codes;
    r.n_items = N;
    for (int lone = 0; lone < 3; lone++) { /* told in two groups, in one, and in none */
        for (size_t p = 0; p < r.n_persons; p++) {
            int8_t *item = codes + p * N + 5;
            if (r.groups[p] == 2 || (lone > 0 && r.groups[p] == 1)) *item = 0;
            if (r.groups[p] == 0) *item = lone == 2 || *item > 2 ? 3 : 2;
            if (r.groups[p] == 1 && lone == 0) *item = *item > 1 ? 3 : 2;
        }
        struct dif_result dif = compared(&r, &options);
        assert_true(dif.settled);
        for (size_t i = 0; i < 5; i++) assert_int_equal(dif.items[i].class, DIF_A);
        near("mean of group 2", dif.mean[2], -.4, .25);
        assert_int_equal(dif.items[5].tested, lone == 0);
        assert_int_equal(dif.items[5].contrasts[1].class, DIF_UNTESTED);
        if (lone > 0) assert_true(dif.items[5].split && isnan(dif.items[5].p));
    }
}

/* Turned round in the third group: no shift, and found all the same. Of another item group 1 uses
 * other categories than the rest. */
static void test_turned_and_apart(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_GPCM, 1500, 41, false);
    struct dif_options options = dif_defaults();
    int8_t *codes = (int8_t *)r.codes;
    options.model = MODEL_GPCM;
    for (size_t p = 0; p < r.n_persons; p++) {
        int8_t *row = codes + p * N_ITEMS;
        if (r.groups[p] == 2) row[5] = (int8_t)(3 - row[5]);
        row[7] = (int8_t)(row[7] / 2 + (r.groups[p] == 1 ? 2 : 0));
    }
    struct dif_result dif = compared(&r, &options);
    assert_true(dif.items[5].crosses && dif.items[5].split);
    assert_true(dif.items[5].contrasts[1].slope_difference < -1);
    assert_true(dif.items[5].contrasts[1].unsigned_effect > DIF_LARGE);
    assert_true(!dif.items[7].tested && dif.items[7].split && isnan(dif.items[7].p));
    for (size_t i = 0; i < N_ITEMS; i++)
        if (i != 5 && i != 7) assert_true(dif.items[i].class == DIF_A && !dif.items[i].crosses);
}

/* All steps .8 higher: the unsigned effect is the signed one's size. */
static void test_unsigned_effect(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_GRM, 9000, 43, true);
    struct dif_options options = dif_defaults();
    options.model = MODEL_GRM;
    options.rounds_most = 1;
    struct dif_result dif = compared(&r, &options);
    const struct dif_contrast *contrast = &dif.items[ODD_ITEM].contrasts[0];
    near("unsigned", contrast->unsigned_effect, contrast->effect, .06);
}

static void expect_error(const char *id, const struct responses *r, const char *item) {
    struct dif_options options = dif_defaults();
    struct dif_result dif;
    struct error error = { 0 };
    assert_false(scale_dif(r, &options, NULL, arena, &dif, &error));
    assert_string_equal(error.id, id);
    if (item) assert_string_equal(error_value(&error, "item"), item);
}

static void test_bad_input(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_PCM, 300, 23, false), one = r, none = r;
    one.n_groups = 1;
    expect_error("dif.one_group", &one, NULL);
    none.n_persons = 0;
    expect_error("scale.no_answers", &none, NULL);
    none.n_persons = 89; /* the third group has 29 */
    expect_error("dif.small_group", &none, NULL);
    int8_t *codes = (int8_t *)r.codes;
    for (size_t p = 0; p < r.n_persons; p++) codes[p * N_ITEMS + 4] = 2;
    expect_error("scale.one_category", &r, "4");
    for (size_t p = 0; p < r.n_persons; p++) codes[p * N_ITEMS + 4] = CODE_MISSING;
    expect_error("scale.unanswered", &r, "4");
    codes[4] = CATEGORIES_MAX;
    expect_error("scale.category", &r, "4");
}

/* Groups 0 and 1 share the first items, 1 and 2 the last: all are tied. Then 2 is alone. */
static void test_nothing_in_common(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_PCM, 900, 53, false);
    struct dif_options options = dif_defaults();
    struct dif_result dif;
    struct error error = { 0 };
    int8_t *codes = (int8_t *)r.codes;
    for (size_t p = 0; p < r.n_persons; p++)
        for (size_t i = 0; i < N_ITEMS; i++)
            if (r.groups[p] != 1 && (r.groups[p] == 0) != (i < 5))
                codes[p * N_ITEMS + i] = CODE_MISSING;
    assert_true(compared(&r, &options).items[7].tested);
    for (size_t p = 0; p < r.n_persons; p++)
        for (size_t i = 5; i < N_ITEMS; i++)
            if (r.groups[p] == 1) codes[p * N_ITEMS + i] = CODE_MISSING;
    assert_false(scale_dif(&r, &options, NULL, arena, &dif, &error));
    assert_string_equal(error.id, "dif.nothing_common");
    assert_string_equal(error_value(&error, "group"), "2");
}

static void test_threads(void **state) {
    (void)state;
    struct responses r = simulated(MODEL_GRM, 600, 29, true);
    struct dif_options options = dif_defaults();
    struct pool *pool = pool_create(3);
    struct dif_result alone, together;
    struct error error = { 0 };
    options.model = MODEL_GRM;
    options.rounds_most = 2;
    alone = compared(&r, &options);
    assert_true(scale_dif(&r, &options, pool, arena, &together, &error));
    for (size_t i = 0; i < N_ITEMS; i++) {
        assert_true(alone.items[i].p == together.items[i].p);
        assert_true(alone.items[i].contrasts[1].se == together.items[i].contrasts[1].se);
    }
    pool_destroy(pool);
}

/* ---- the family ---- */

static double p_at(const void *context, size_t i) { return ((const double *)context)[i]; }

/* R: p.adjust(c(.001, .02, .03, .5, .012, .9, .03), "BH") */
static void test_benjamini_hochberg(void **state) {
    (void)state;
    static const double p[] = { .001, .02, .03, .5, .012, .9, .03 };
    static const double expected[] = { .007, .042, .042, .5833333333333333, .042, .9, .042 };
    struct family family = { 7, p_at, p };
    for (size_t i = 0; i < 7; i++)
        near("adjusted p", discovery_level(&family, i), expected[i], 1e-14);
    assert_int_equal(discoveries(&family, .05), 5);
    assert_int_equal(discoveries(&family, .041), 1);
    assert_int_equal(discoveries(&family, .006), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_program),     cmocka_unit_test(test_truth),
        cmocka_unit_test(test_reference),           cmocka_unit_test(test_two_calibrations),
        cmocka_unit_test(test_nothing_differs),     cmocka_unit_test(test_groups_that_lack_answers),
        cmocka_unit_test(test_turned_and_apart),    cmocka_unit_test(test_unsigned_effect),
        cmocka_unit_test(test_untold_is_no_anchor), cmocka_unit_test(test_nothing_in_common),
        cmocka_unit_test(test_bad_input),           cmocka_unit_test(test_threads),
        cmocka_unit_test(test_benjamini_hochberg),
    };
    return cmocka_run_group_tests_name("scale.dif", tests, open_arena, close_arena);
}

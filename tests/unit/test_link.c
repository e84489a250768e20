/* Linking: known transforms recovered, an independent program's optima, dropping, link error. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "scale/link.h"

#include <math.h>

enum { N_ITEMS = 6, N_METHODS = 4 };

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(256 * MIB);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static const struct item_parameters later[N_ITEMS] = {
    { .steps = 2, .slope = .8, .location = { -1.2, .1 } },
    { .steps = 2, .slope = 1.1, .location = { -.6, .9 } },
    { .steps = 2, .slope = 1.5, .location = { -.3, .4 } },
    { .steps = 2, .slope = .7, .location = { .2, 1.5 } },
    { .steps = 2, .slope = 1.3, .location = { -1.8, -.7 } },
    { .steps = 2, .slope = .95, .location = { .5, 1.1 } },
};
static const struct item_parameters base[N_ITEMS] = {
    { .steps = 2, .slope = .7, .location = { -.9, .6 } },
    { .steps = 2, .slope = 1.05, .location = { -.4, 1.6 } },
    { .steps = 2, .slope = 1.25, .location = { .25, .85 } },
    { .steps = 2, .slope = .62, .location = { .6, 2.3 } },
    { .steps = 2, .slope = 1.2, .location = { -1.7, -.3 } },
    { .steps = 2, .slope = .8, .location = { 1.1, 1.6 } },
};

static struct link_options options_of(enum irt_model model, enum link_method method) {
    return (struct link_options){ .model = model, .method = method, .mean = .2, .sd = 1.1 };
}

static struct link_result linked(const struct item_parameters *from,
                                 const struct item_parameters *to, size_t n,
                                 const struct link_options *options) {
    struct link_result link;
    struct error error = { 0 };
    if (!scale_link(from, to, n, options, arena, &link, &error)) fail_msg("%s", error.id);
    return link;
}

static void near(const char *what, double found, double expected, double within) {
    if (!(fabs(found - expected) <= within))
        fail_msg("%s: %.12g, expected %.12g", what, found, expected);
}

/* b* = A b + B, a* = a/A: every method finds A and B again, and no drift. */
static void test_known_transform(void **state) {
    (void)state;
    static const enum irt_model models[] = { MODEL_RASCH, MODEL_PCM, MODEL_2PL, MODEL_GPCM,
                                             MODEL_GRM };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        for (int method = 0; method < N_METHODS; method++) {
            bool slopes = model_has_slopes(models[m]);
            double slope = slopes ? 1.37 : 1, intercept = -.82;
            struct item_parameters from[N_ITEMS], to[N_ITEMS];
            for (size_t i = 0; i < N_ITEMS; i++) {
                from[i] = later[i];
                if (!slopes) from[i].slope = 1;
                if (models[m] == MODEL_RASCH || models[m] == MODEL_2PL || i == 2) from[i].steps = 1;
                to[i] = from[i];
                to[i].slope = from[i].slope / slope;
                for (int h = 0; h < from[i].steps; h++)
                    to[i].location[h] = slope * from[i].location[h] + intercept;
            }
            struct link_options options = options_of(models[m], (enum link_method)method);
            struct link_result link = linked(from, to, N_ITEMS, &options);
            near("slope", link.slope, slope, 1e-8);
            near("intercept", link.intercept, intercept, 1e-8);
            near("link error", link.link_error, 0, 1e-8);
            near("jackknife", link.intercept_jackknife_se, 0, 1e-8);
            assert_int_equal(link.n_used, N_ITEMS);
        }
}

/* R's optim (Nelder-Mead, reltol 1e-16, begun twice) over the criterion of link.h, z <- seq(-4, 4,
 * length.out = 81), w <- dnorm(z)/sum(dnorm(z)), theta = .2 + 1.1 z; for pcm optimize() over B with
 * A = 1. */
static void test_curves_against_another_optimiser(void **state) {
    (void)state;
    static const struct {
        enum irt_model model;
        int steps;
        double haebara[2], stocking_lord[2];
    } table[] = {
        { MODEL_GPCM, 2, { 1.153773065, .459816230 }, { 1.1491426663, .4557064546 } },
        { MODEL_GRM, 2, { 1.161421407, .459546757 }, { 1.1499838005, .4515422484 } },
        { MODEL_PCM, 2, { 1, .4511737343 }, { 1, .4588526191 } },
        { MODEL_2PL, 1, { 1.174493807, .455113106 }, { 1.1576569619, .4318680061 } },
    };
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        struct item_parameters from[N_ITEMS], to[N_ITEMS];
        for (size_t i = 0; i < N_ITEMS; i++) {
            from[i] = later[i];
            to[i] = base[i];
            from[i].steps = to[i].steps = table[t].steps;
            if (table[t].model == MODEL_PCM) from[i].slope = to[i].slope = 1;
        }
        struct link_options options = options_of(table[t].model, LINK_HAEBARA);
        struct link_result link = linked(from, to, N_ITEMS, &options);
        near("Haebara A", link.slope, table[t].haebara[0], 1e-6);
        near("Haebara B", link.intercept, table[t].haebara[1], 1e-6);
        options.method = LINK_STOCKING_LORD;
        link = linked(from, to, N_ITEMS, &options);
        near("Stocking-Lord A", link.slope, table[t].stocking_lord[0], 1e-6);
        near("Stocking-Lord B", link.intercept, table[t].stocking_lord[1], 1e-6);
    }
}

/* By hand, from and to: Σa 6.35 and 5.62, Σb .1 and 5.6, Σb² 10.35 and 17.075. */
static void test_moments(void **state) {
    (void)state;
    struct link_options options = options_of(MODEL_GPCM, LINK_MEAN_MEAN);
    struct link_result link = linked(later, base, N_ITEMS, &options);
    near("mean-mean A", link.slope, 6.35 / 5.62, 1e-12);
    near("mean-mean B", link.intercept, 5.6 / 12 - 6.35 / 5.62 * .1 / 12, 1e-12);
    options.method = LINK_MEAN_SIGMA;
    link = linked(later, base, N_ITEMS, &options);
    double slope = sqrt((17.075 - 5.6 * 5.6 / 12) / (10.35 - .1 * .1 / 12));
    near("mean-sigma A", link.slope, slope, 1e-12);
    near("mean-sigma B", link.intercept, 5.6 / 12 - slope * .1 / 12, 1e-12);
}

/* Shifts .1 .2 .3 .4 .5 and one of 1.4: the median is .35, so the last stands 1.05 off. */
static void test_dropping(void **state) {
    (void)state;
    static const double shift[] = { .1, .2, .3, .4, .5, 1.4 };
    struct item_parameters from[N_ITEMS], to[N_ITEMS];
    for (size_t i = 0; i < N_ITEMS; i++) {
        from[i] = to[i] = later[i];
        from[i].slope = to[i].slope = 1;
        for (int h = 0; h < to[i].steps; h++) to[i].location[h] += shift[i];
    }
    struct link_options options = options_of(MODEL_PCM, LINK_MEAN_MEAN);
    struct link_result link = linked(from, to, N_ITEMS, &options);
    assert_int_equal(link.dropped, LINK_NONE_DROPPED);
    assert_int_equal(link.farthest, 5);
    near("off the median", link.farthest_off, 1.05, 1e-12);
    near("shift of all", link.intercept, 2.9 / 6, 1e-12);
    options.drop = true;
    link = linked(from, to, N_ITEMS, &options);
    assert_int_equal(link.dropped, 5);
    assert_int_equal(link.n_used, 5);
    near("shift of the others", link.intercept, .3, 1e-12);
    near("link error", link.link_error, sqrt(.025 / 5), 1e-12); /* the SD of .1 … .5 is √.025 */
    near("jackknife of a mean", link.intercept_jackknife_se, sqrt(.025 / 5), 1e-12);
    near("drift of the dropped one", link.drift[5], 1.1, 1e-12);
    to[5].location[0] -= .7; /* .35 off by its mean: it stays */
    to[5].location[1] -= .7;
    assert_int_equal(linked(from, to, N_ITEMS, &options).dropped, LINK_NONE_DROPPED);
}

/* In logits: an item with slope 2 that stands .3 SD off is .6 logit off, one with slope 1 is not.
 */
static void test_dropping_counts_logits(void **state) {
    (void)state;
    struct item_parameters from[7], to[7];
    for (size_t i = 0; i < 7; i++)
        from[i] = to[i] = (struct item_parameters){ .steps = 1,
                                                    .slope = i == 3 ? 2 : 1,
                                                    .location = { (double)i - 3 } };
    to[3].location[0] += .3;
    struct link_options options = options_of(MODEL_2PL, LINK_MEAN_MEAN);
    options.drop = true;
    assert_int_equal(linked(from, to, 7, &options).dropped, 3);
    from[3].slope = to[3].slope = 1;
    assert_int_equal(linked(from, to, 7, &options).dropped, LINK_NONE_DROPPED);
}

static void test_trend_and_pooling(void **state) {
    (void)state;
    assert_true(link_holds_trend(5, 20));
    assert_true(link_holds_trend(3, 3));
    assert_false(link_holds_trend(4, 5));
    assert_false(link_holds_trend(0, 0));
    const double sd[] = { .3, .5, NAN };
    const size_t m[] = { 5, 9, 1 };
    near("pooled", link_pooled_drift(sd, m, 3), sqrt((4 * .09 + 8 * .25) / 12), 1e-14);
    assert_true(isnan(link_pooled_drift(sd + 2, m + 2, 1)));
    near("error", link_error_of(.3, 9), .1, 1e-14);
}

static void expect_error(const char *id, const struct item_parameters *from,
                         const struct item_parameters *to, size_t n,
                         const struct link_options *options) {
    struct link_result link;
    struct error error = { 0 };
    assert_false(scale_link(from, to, n, options, arena, &link, &error));
    assert_string_equal(error.id, id);
}

static void test_bad_input(void **state) {
    (void)state;
    struct link_options options = options_of(MODEL_GPCM, LINK_MEAN_SIGMA);
    struct item_parameters one = { .steps = 1, .slope = 1, .location = { .3 } }, against = one;
    expect_error("link.no_items", NULL, NULL, 0, &options);
    expect_error("link.spread", &one, &one, 1, &options);
    options.method = LINK_MEAN_MEAN;
    against.slope = -1;
    expect_error("link.slope", &one, &against, 1, &options);
    struct link_result link = linked(&one, &one, 1, &options);
    assert_true(isnan(link.link_error) && isnan(link.intercept_jackknife_se));
    options.method = LINK_STOCKING_LORD;
    link = linked(&one, &against, 1, &options); /* no slope fits; an answer all the same */
    assert_true(link.slope > 0 && isfinite(link.intercept));
}

static void test_names(void **state) {
    (void)state;
    enum link_method method;
    for (int i = 0; i < N_METHODS; i++) {
        assert_true(link_method_from_name(link_method_name((enum link_method)i), &method));
        assert_int_equal(method, i);
    }
    assert_false(link_method_from_name("mean", &method));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_transform),
        cmocka_unit_test(test_curves_against_another_optimiser),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_dropping),
        cmocka_unit_test(test_dropping_counts_logits),
        cmocka_unit_test(test_trend_and_pooling),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("scale.link", tests, open_arena, close_arena);
}

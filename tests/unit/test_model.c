/* Expected values: mpmath at 60 digits from the models' definitions. */
#include "check.h"

#include "scale/model.h"

#include <math.h>

struct row {
    enum irt_model model;
    double slope, theta;
    int steps;
    double location[3], expected[4];
};

static const struct row table[] = {
    { MODEL_RASCH, 1.0, 0.7, 1, { -0.3 }, { -1.3132616875182228, -0.31326168751822286 } },
    { MODEL_PCM,
      1.0,
      -1.25,
      3,
      { -2.0, 0.5, 1.75 },
      { -1.253675436833157, -0.5036754368331572, -2.253675436833157, -5.2536754368331575 } },
    { MODEL_PCM, 1.0, 400.0, 3, { -2.0, 0.5, 1.75 }, { -1199.75, -797.75, -398.25, 0.0 } },
    { MODEL_PCM,
      1.0,
      -30.0,
      3,
      { 1.0, -1.0, 0.2 },
      { -3.442477108470793e-14, -31.000000000000036, -60.000000000000036, -90.20000000000003 } },
    { MODEL_2PL, 1.7, 0.4, 1, { 1.1 }, { -0.26560613014301154, -1.4556061301430117 } },
    { MODEL_GPCM,
      2.5,
      0.4,
      3,
      { -2.0, 0.5, 0.45 },
      { -6.903638555192333, -0.9036385551923332, -1.1536385551923332, -1.278638555192333 } },
    { MODEL_GRM,
      1.3,
      -0.6,
      3,
      { -1.0, 0.5, 2.0 },
      { -0.986573094164618, -0.8345976589260076, -1.83150523412198, -3.4134806693605904 } },
    { MODEL_GRM,
      1.3,
      -60.0,
      3,
      { -1.0, 0.5, 2.0 },
      { -4.893428398410088e-34, -76.85347066127656, -78.80347066127656, -80.60000000000001 } },
    { MODEL_GRM,
      1.3,
      60.0,
      3,
      { -1.0, 0.5, 2.0 },
      { -79.3, -77.50347066127657, -75.55347066127656, -1.7955440515519513e-33 } },
    { MODEL_GRM,
      2.0,
      0.3,
      3,
      { 0.2, 0.2001, 0.9 },
      { -0.7981388693815918, -9.913460966663767, -1.1447317996468547, -1.4632824673380311 } },
};

static void test_log_probabilities(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct item_parameters item = { .steps = table[i].steps, .slope = table[i].slope };
        double out[CATEGORIES_MAX], total = 0;
        memcpy(item.location, table[i].location, sizeof table[i].location);
        model_log_probabilities(table[i].model, &item, table[i].theta, out);
        for (int k = 0; k <= item.steps; k++) {
            double expected = table[i].expected[k];
            if (!(fabs(out[k] - expected) <= 1e-13 * fmax(1, fabs(expected))))
                fail_msg("row %zu category %d: %.17g, expected %.17g", i, k, out[k], expected);
            total += exp(out[k]);
        }
        assert_true(fabs(total - 1) < 1e-14);
    }
}

/* rasch and pcm have no slope, whatever the field holds. */
static void test_slope_is_ignored_where_there_is_none(void **state) {
    (void)state;
    struct item_parameters item = { .steps = 1, .slope = 7, .location = { 1 } };
    double out[CATEGORIES_MAX];
    model_log_probabilities(MODEL_RASCH, &item, 1, out);
    assert_true(fabs(out[0] - log(0.5)) < 1e-15);
}

static void test_names(void **state) {
    (void)state;
    static const char *const names[] = { "rasch", "pcm", "2pl", "gpcm", "grm" };
    for (int i = 0; i < 5; i++) {
        enum irt_model model;
        assert_true(model_from_name(names[i], &model));
        assert_int_equal(model, i);
        assert_string_equal(model_name(model), names[i]);
        assert_int_equal(model_has_slopes(model), i >= 2);
    }
    enum irt_model model;
    assert_false(model_from_name("PCM ", &model));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_probabilities),
        cmocka_unit_test(test_slope_is_ignored_where_there_is_none),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

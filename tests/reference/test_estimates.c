/* Means and their errors against R's (../shared/data/reference/statistics.json). */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "stat/mean.h"

#include <jansson.h>
#include <math.h>

enum { ROWS_MAX = 10000, CLUSTERS_MAX = 1000, DRAWS_MAX = 5 };

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10f is not within %g of %.10f", value, tolerance, expected);
}

static json_t *statistics(void) {
    json_error_t problem;
    json_t *root = json_load_file(shared_data("reference/statistics.json"), 0, &problem);
    assert_non_null(root);
    return root;
}

static double number_at(const json_t *root, const char *a, const char *b, const char *c) {
    const json_t *value = json_object_get(json_object_get(json_object_get(root, a), b), c);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static bool cell_number(struct csv *csv, const char *column, double *out) {
    return text_to_double(csv_cell(csv, csv_column(csv, column)), out);
}

/* The number of a code, numbered as met. */
static int code_number(const char *code, char codes[CLUSTERS_MAX][16], size_t *n) {
    for (size_t i = 0; i < *n; i++)
        if (strcmp(codes[i], code) == 0) return (int)i;
    assert_true(*n < CLUSTERS_MAX && strlen(code) < 16);
    memcpy(codes[*n], code, strlen(code) + 1);
    return (int)(*n)++;
}

/* Danish reading by school: the weighted mean of those whose background is known, and its
 * delete-one-school jackknife. */
static void check_reading(const char *file, const char *name) {
    static double values[ROWS_MAX], weights[ROWS_MAX];
    static int cluster[ROWS_MAX];
    static char codes[CLUSTERS_MAX][16];
    struct arena *arena = arena_create(GIB);
    struct csv *csv;
    struct error error;
    size_t n = 0, schools = 0;
    double background;
    assert_true(csv_open(&csv, shared_data(file), arena, &error));
    while (csv_next(csv, &error)) {
        if (!cell_number(csv, "read", &values[n]) || !cell_number(csv, "escs", &background) ||
            !cell_number(csv, "stu_wgt", &weights[n]))
            continue;
        cluster[n++] = code_number(csv_cell(csv, csv_column(csv, "school_id")), codes, &schools);
    }
    struct sample sample = { .n = n, .draws = 1, .values = values, .weights = weights,
                             .cluster = cluster, .n_clusters = schools };
    struct moments m;
    json_t *root = statistics();
    assert_true(mean_jackknife(&sample, arena, &m, &error));
    assert_int_equal(n, json_integer_value(json_object_get(json_object_get(root, name), "n")));
    assert_near(m.mean.value, number_at(root, name, "estimate", "mean"), 1e-8);
    assert_near(m.mean.se, number_at(root, name, "se_jackknife", "mean"), 1e-8);
    json_decref(root);
    arena_destroy(arena);
}

static void test_danish_reading(void **state) {
    (void)state;
    check_reading("pisa2000_dnk_pupils.csv", "dnk2000_read_on_escs");
    check_reading("pisa2003_dnk_pupils.csv", "dnk2003_read_on_escs");
}

/* TIMSS mathematics by gender: five plausible values, JK2 with every one of them. */
static void check_timss(const char *gender) {
    static double values[DRAWS_MAX * ROWS_MAX], weights[ROWS_MAX], packed[DRAWS_MAX * ROWS_MAX];
    static int cluster[ROWS_MAX];
    struct arena *arena = arena_create(GIB);
    struct csv *csv;
    struct error error;
    size_t n = 0, clusters = 0;
    assert_true(csv_open(&csv, shared_data("timss2011_aut_pupils.csv"), arena, &error));
    while (csv_next(csv, &error)) {
        double zone, half;
        if (strcmp(csv_cell(csv, csv_column(csv, "gender")), gender) != 0) continue;
        for (size_t d = 0; d < DRAWS_MAX; d++) {
            char column[16];
            snprintf(column, sizeof column, "ASMMAT0%d", (int)d + 1);
            assert_true(cell_number(csv, column, &values[d * ROWS_MAX + n]));
        }
        assert_true(cell_number(csv, "weight", &weights[n]));
        assert_true(cell_number(csv, "jkzone", &zone) && cell_number(csv, "jkrep", &half));
        cluster[n] = 2 * (int)zone + (half > 0);
        if (clusters < 2 * (size_t)zone + 2) clusters = 2 * (size_t)zone + 2;
        n++;
    }
    for (size_t d = 0; d < DRAWS_MAX; d++)
        memcpy(packed + d * n, values + d * ROWS_MAX, n * sizeof *packed);
    struct sample sample = { .n = n, .draws = DRAWS_MAX, .values = packed, .weights = weights,
                             .cluster = cluster, .n_clusters = clusters };
    struct moments m;
    json_t *root = statistics();
    assert_true(mean_jk2(&sample, arena, &m, &error));
    assert_near((double)n, number_at(root, "timss_maths_by_gender", "n", gender), 0);
    assert_near(m.mean.value, number_at(root, "timss_maths_by_gender", "mean", gender), 1e-8);
    assert_near(m.mean.se, number_at(root, "timss_maths_by_gender", "se", gender), 1e-8);
    json_decref(root);
    arena_destroy(arena);
}

static void test_timss_by_gender(void **state) {
    (void)state;
    check_timss("F");
    check_timss("M");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_danish_reading),
        cmocka_unit_test(test_timss_by_gender),
    };
    return cmocka_run_group_tests_name("reference.estimates", tests, NULL, NULL);
}

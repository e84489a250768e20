/* Regressions in clusters against R's values (../shared/data/reference/statistics.json). */
#include "reference.h"

#include "base/limits.h"
#include "stat/regression.h"

enum { ROWS_MAX = 10000, CLUSTERS_MAX = 1000 };

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10f is not within %g of %.10f", value, tolerance, expected);
}

/* Rows of a file that have all of its numbers, by cluster. */
static struct table {
    size_t n, clusters;
    double y[ROWS_MAX], b[ROWS_MAX], w[ROWS_MAX], x[3 * ROWS_MAX];
    int cluster[ROWS_MAX];
    char code[CLUSTERS_MAX][16];
} t;

static int code_number(const char *code) {
    for (size_t i = 0; i < t.clusters; i++)
        if (strcmp(t.code[i], code) == 0) return (int)i;
    assert_true(t.clusters < CLUSTERS_MAX && strlen(code) < 16);
    memcpy(t.code[t.clusters], code, strlen(code) + 1);
    return (int)t.clusters++;
}

static void load(const char *file, const char *y, const char *b, const char *w, const char *cluster,
                 struct arena *arena) {
    struct csv *csv;
    struct error error;
    t.n = t.clusters = 0;
    assert_true(csv_open(&csv, shared_data(file), arena, &error));
    while (csv_next(csv, &error)) {
        assert_true(t.n < ROWS_MAX);
        t.w[t.n] = 1;
        if (!text_to_double(csv_cell(csv, csv_column(csv, y)), &t.y[t.n]) ||
            !text_to_double(csv_cell(csv, csv_column(csv, b)), &t.b[t.n]) ||
            (w && !text_to_double(csv_cell(csv, csv_column(csv, w)), &t.w[t.n])))
            continue;
        t.cluster[t.n++] = code_number(csv_cell(csv, csv_column(csv, cluster)));
    }
    assert_false(csv_failed(csv));
}

static struct regression fit(size_t columns, enum regression_errors errors, struct arena *arena) {
    struct regression_input input = { .n = t.n,
                                      .draws = 1,
                                      .y = t.y,
                                      .n_columns = columns,
                                      .x = t.x,
                                      .weights = t.w,
                                      .cluster = t.cluster,
                                      .n_clusters = t.clusters,
                                      .errors = errors };
    struct regression r;
    struct error error;
    if (!regression_fit(&input, arena, &r, &error)) fail_msg("%s", error.id);
    return r;
}

/* London: exam on intake within and between schools, CR2 with Satterthwaite's degrees. */
static void test_london(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    static double sum[CLUSTERS_MAX], count[CLUSTERS_MAX];
    load("exam_london.csv", "normexam", "standLRT", NULL, "school", arena);
    for (size_t i = 0; i < t.n; i++) {
        sum[t.cluster[i]] += t.b[i];
        count[t.cluster[i]]++;
    }
    for (size_t i = 0; i < t.n; i++) {
        double mean = sum[t.cluster[i]] / count[t.cluster[i]];
        t.x[3 * i] = 1;
        t.x[3 * i + 1] = t.b[i] - mean;
        t.x[3 * i + 2] = mean;
    }
    struct regression r = fit(3, REGRESSION_CR2, arena);
    json_t *root = reference_load("statistics.json");
    json_t *expected =
        json_object_get(json_object_get(root, "exam_london"), "ols_within_between_cr2");
    json_t *w = json_object_get(expected, "w"), *b = json_object_get(expected, "b");
    assert_near(r.coefficient[1].value, reference_number(w, "estimate"), 1e-6);
    assert_near(r.coefficient[1].se, reference_number(w, "se_cr2"), 1e-6);
    assert_near(r.coefficient[2].value, reference_number(b, "estimate"), 1e-6);
    assert_near(r.coefficient[2].se, reference_number(b, "se_cr2"), 1e-6);
    assert_near(r.coefficient[2].df, reference_number(b, "df"), 1e-4);
    json_decref(root);
    arena_destroy(arena);
}

/* Danish reading on social background: survey's linearised errors. */
static void check_reading(const char *file, const char *name) {
    struct arena *arena = arena_create(GIB);
    load(file, "read", "escs", "stu_wgt", "school_id", arena);
    for (size_t i = 0; i < t.n; i++) {
        t.x[2 * i] = 1;
        t.x[2 * i + 1] = t.b[i];
    }
    struct regression r = fit(2, REGRESSION_LINEARISED, arena);
    json_t *root = reference_load("statistics.json"), *own = json_object_get(root, name);
    json_t *estimate = json_object_get(own, "estimate"),
           *se = json_object_get(own, "se_linearised");
    assert_near(r.coefficient[1].value, reference_number(estimate, "slope"), 1e-8);
    assert_near(r.r2, reference_number(estimate, "r2"), 1e-8);
    assert_near(r.coefficient[0].se, reference_number(se, "intercept"), 1e-8);
    assert_near(r.coefficient[1].se, reference_number(se, "slope"), 1e-8);
    assert_true(r.coefficient[1].df == reference_number(own, "clusters") - 1);
    json_decref(root);
    arena_destroy(arena);
}

static void test_danish_reading(void **state) {
    (void)state;
    check_reading("pisa2000_dnk_pupils.csv", "dnk2000_read_on_escs");
    check_reading("pisa2003_dnk_pupils.csv", "dnk2003_read_on_escs");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_london),
        cmocka_unit_test(test_danish_reading),
    };
    return cmocka_run_group_tests_name("reference.regression", tests, NULL, NULL);
}

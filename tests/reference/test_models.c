/* Multilevel models against lme4, reliability against psych and lavaan (../shared/data/reference). */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "stat/multilevel.h"
#include "stat/reliability.h"

#include <jansson.h>
#include <math.h>

enum { ROWS_MAX = 10000, SCHOOLS = 65 };

static void assert_near(double value, double expected, double tolerance, const char *what) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s: %.9f is not within %g of %.9f", what, value, tolerance, expected);
}

static json_t *load(const char *name) {
    char path[256];
    json_error_t problem;
    snprintf(path, sizeof path, "reference/%s.json", name);
    json_t *root = json_load_file(shared_data(path), 0, &problem);
    assert_non_null(root);
    return root;
}

static double number(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

/* ---- London: examination result on intake, pupils in schools ---- */

struct london {
    size_t n;
    double result[ROWS_MAX], intake[ROWS_MAX], x[3 * ROWS_MAX];
    int school[ROWS_MAX];
};

static struct london *read_london(struct arena *arena) {
    struct london *l = arena_alloc(arena, sizeof *l);
    struct csv *csv;
    struct error error;
    long long school;
    assert_non_null(l);
    assert_true(csv_open(&csv, shared_data("exam_london.csv"), arena, &error));
    while (csv_next(csv, &error)) {
        assert_true(text_to_double(csv_cell(csv, csv_column(csv, "normexam")), &l->result[l->n]));
        assert_true(text_to_double(csv_cell(csv, csv_column(csv, "standLRT")), &l->intake[l->n]));
        assert_true(text_to_int(csv_cell(csv, csv_column(csv, "school")), 1, SCHOOLS, &school));
        l->school[l->n++] = (int)school - 1;
    }
    return l;
}

static void check_model(struct london *l, size_t columns, const char *name, struct arena *arena) {
    json_t *root = load("statistics");
    const json_t *expected = json_object_get(json_object_get(root, "exam_london"), name);
    struct multilevel_input input = { .n = l->n, .draws = 1, .y = l->result, .n_columns = columns,
                                      .x = l->x, .group = l->school, .n_groups = SCHOOLS };
    struct multilevel m;
    struct error error;
    assert_true(multilevel_fit(&input, arena, &m, &error));
    assert_int_equal(m.groups, SCHOOLS);
    assert_near(m.tau2, number(expected, "tau2"), 1e-3 * m.tau2, name);
    assert_near(m.sigma2, number(expected, "sigma2"), 1e-4 * m.sigma2, name);
    assert_near(m.icc, number(expected, "icc"), 1e-4, name);
    assert_near(m.loglik, number(expected, "loglik_reml"), 1e-4, name);
    for (size_t c = 0; c < columns; c++) {
        const json_t *fixed = json_array_get(json_object_get(expected, "fixed"), c);
        assert_near(m.fixed[c].value, number(fixed, "estimate"), 1e-5, name);
        assert_near(m.fixed[c].se, number(fixed, "se"), 1e-3 * m.fixed[c].se, name);
    }
    json_decref(root);
}

static void test_london(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    struct london *l = read_london(arena);
    double mean[SCHOOLS] = { 0 }, count[SCHOOLS] = { 0 };
    assert_int_equal(l->n, 4059);
    for (size_t i = 0; i < l->n; i++) {
        l->x[i] = 1;
        mean[l->school[i]] += l->intake[i];
        count[l->school[i]]++;
    }
    check_model(l, 1, "null", arena);
    for (size_t i = 0; i < l->n; i++) {
        l->x[2 * i] = 1;
        l->x[2 * i + 1] = l->intake[i];
    }
    check_model(l, 2, "lrt", arena);
    for (size_t i = 0; i < l->n; i++) {
        double between = mean[l->school[i]] / count[l->school[i]];
        l->x[3 * i] = 1;
        l->x[3 * i + 1] = l->intake[i] - between;
        l->x[3 * i + 2] = between;
    }
    check_model(l, 3, "within_between", arena);
    arena_destroy(arena);
}

/* ---- reliability ---- */

static void check_reliability(const char *name, const char *file, long long lowest) {
    struct arena *arena = arena_create(GIB);
    json_t *root = load(name);
    const json_t *items = json_object_get(root, "items"), *expected = json_object_get(root, "classical");
    const json_t *item_rest = json_object_get(expected, "item_rest");
    size_t n_items = json_array_size(items), n = 0;
    int8_t *codes = arena_array(arena, ROWS_MAX, n_items);
    struct csv *csv;
    struct error error;
    assert_true(csv_open(&csv, shared_data(file), arena, &error));
    while (csv_next(csv, &error)) {
        for (size_t i = 0; i < n_items; i++) {
            long long code = lowest - 1;
            const char *item = json_string_value(json_array_get(items, i));
            const char *cell = csv_cell(csv, csv_column(csv, item));
            if (*cell) assert_true(text_to_int(cell, lowest, 100, &code));
            codes[n * n_items + i] = (int8_t)(code - lowest);
        }
        n++;
    }
    struct reliability r;
    assert_true(reliability_classical(codes, n, n_items, arena, &r, &error));
    assert_near((double)r.n, number(expected, "n_listwise"), 0, name);
    assert_near(r.alpha.value, number(expected, "alpha"), 1e-8, name);
    assert_near(r.lambda2, number(expected, "lambda2"), 1e-8, name);
    assert_near(r.omega.value, number(expected, "omega_cov_ml"), 1e-5, name);
    assert_false(r.heywood);
    for (size_t i = 0; i < n_items; i++)
        assert_near(r.item_rest[i], json_number_value(json_array_get(item_rest, i)), 1e-8, name);
    json_decref(root);
    arena_destroy(arena);
}

static void test_reliability(void **state) {
    (void)state;
    static const struct { const char *name, *file; long long lowest; } table[] = {
        { "timss_like", "timss2011_aut_pupils.csv", 0 },
        { "timss_engaged", "timss2011_aut_pupils.csv", 0 },
        { "timss_confident", "timss2011_aut_pupils.csv", 0 },
        { "dnk_parents_quality", "pisa2009_dnk_parents.csv", 0 },
        { "dnk_parents_involved", "pisa2009_dnk_parents.csv", 0 },
        { "science", "science.csv", 1 },
        { "verbagg", "verbagg.csv", 0 },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_reliability(table[i].name, table[i].file, table[i].lowest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_london),
        cmocka_unit_test(test_reliability),
    };
    return cmocka_run_group_tests_name("reference.models", tests, NULL, NULL);
}

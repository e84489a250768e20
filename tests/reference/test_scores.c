/* Scores against TAM's (../shared/data/reference), given its item parameters. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "num/pool.h"
#include "scale/latent.h"
#include "scale/score.h"

#include <jansson.h>
#include <math.h>

static void assert_near(double value, double expected, double tolerance, const char *what) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s: %.6f is not within %g of %.6f", what, value, tolerance, expected);
}

/* One reference: its items and steps, and the rows of its CSV with at least one answer. */
struct reference {
    json_t *root, *fit;
    struct scale_model model;
    double mean, variance;
    struct responses responses;
    const char **class_of, **gender; /* TIMSS: cells of the columns class and gender */
    struct person_score *scores;
};

static void read_model(struct reference *r, struct arena *arena) {
    json_t *steps = json_object_get(r->fit, "steps"), *locations;
    const char *name;
    size_t i = 0;
    r->variance = json_number_value(json_object_get(r->fit, "variance"));
    r->model = (struct scale_model){
        .model = MODEL_PCM, .n_items = json_object_size(steps), .n_groups = 1,
        .items = arena_array(arena, json_object_size(steps), sizeof *r->model.items),
        .mean = &r->mean, .variance = &r->variance };
    json_object_foreach(steps, name, locations) {
        struct item_parameters *item = &r->model.items[i++];
        item->slope = 1;
        item->steps = json_is_array(locations) ? (int)json_array_size(locations) : 1;
        for (int h = 0; h < item->steps; h++)
            item->location[h] = json_number_value(
                json_is_array(locations) ? json_array_get(locations, (size_t)h) : locations);
    }
}

static void read_rows(struct reference *r, const char *path, long long lowest, bool all,
                      struct arena *arena) {
    enum { ROWS_MAX = 10000 };
    struct csv *csv;
    struct error error;
    assert_true(csv_open(&csv, path, arena, &error));
    size_t n_items = r->model.n_items, n = 0;
    int *column = arena_array(arena, n_items, sizeof *column);
    int8_t *codes = arena_array(arena, ROWS_MAX, n_items);
    r->class_of = arena_array(arena, ROWS_MAX, sizeof *r->class_of);
    r->gender = arena_array(arena, ROWS_MAX, sizeof *r->gender);
    const char *name;
    json_t *value;
    size_t i = 0;
    json_object_foreach(json_object_get(r->fit, "steps"), name, value) {
        column[i] = csv_column(csv, name);
        assert_true(column[i++] >= 0);
    }
    while (csv_next(csv, &error)) {
        bool any = all;
        assert_true(n < ROWS_MAX);
        for (i = 0; i < n_items; i++) {
            const char *cell = csv_cell(csv, column[i]);
            long long code = CODE_MISSING + lowest;
            if (*cell) assert_true(text_to_int(cell, lowest, 15 + lowest, &code));
            codes[n * n_items + i] = (int8_t)(code - lowest);
            any = any || *cell;
        }
        r->class_of[n] = arena_copy(arena, csv_cell(csv, csv_column(csv, "class")));
        r->gender[n] = arena_copy(arena, csv_cell(csv, csv_column(csv, "gender")));
        n += any;
    }
    assert_false(csv_failed(csv));
    r->responses = (struct responses){ .n_persons = n, .n_items = n_items, .codes = codes,
                                       .n_groups = 1 };
}

static void open_reference(struct reference *r, const char *name, const char *fit, const char *csv,
                           long long lowest, struct arena *arena) {
    char path[256];
    json_error_t problem;
    struct error error;
    *r = (struct reference){ 0 };
    snprintf(path, sizeof path, "reference/%s.json", name);
    r->root = json_load_file(shared_data(path), 0, &problem);
    assert_non_null(r->root);
    r->fit = json_object_get(r->root, fit);
    read_model(r, arena);
    read_rows(r, shared_data(csv), lowest, strcmp(fit, "rasch") == 0, arena);
    assert_int_equal(r->responses.n_persons, json_integer_value(json_object_get(r->root, "n")));
    struct pool *pool = pool_create(2);
    r->scores = arena_array(arena, r->responses.n_persons, sizeof *r->scores);
    assert_true(scale_score(&r->responses, &r->model, pool, arena, r->scores, &error));
    pool_destroy(pool);
}

static double field(const json_t *object, const char *name) {
    return json_number_value(json_object_get(object, name));
}

static const struct {
    const char *name, *fit, *csv;
    long long lowest;
} references[] = {
    { "timss_like", "pcm", "timss2011_aut_pupils.csv", 0 },
    { "timss_engaged", "pcm", "timss2011_aut_pupils.csv", 0 },
    { "timss_confident", "pcm", "timss2011_aut_pupils.csv", 0 },
    { "timss_maths", "rasch", "timss2011_aut_pupils.csv", 0 },
    { "dnk_parents_quality", "pcm", "pisa2009_dnk_parents.csv", 0 },
    { "dnk_parents_involved", "pcm", "pisa2009_dnk_parents.csv", 0 },
    { "science", "pcm", "science.csv", 1 },
    { "verbagg", "pcm", "verbagg.csv", 0 },
};

static void test_scores_of_the_first_rows(void **state) {
    (void)state;
    for (size_t t = 0; t < sizeof references / sizeof *references; t++) {
        struct arena *arena = arena_create(GIB);
        struct reference r;
        const char *name = references[t].name;
        open_reference(&r, name, references[t].fit, references[t].csv, references[t].lowest, arena);
        json_t *first = json_object_get(r.fit, "first");
        assert_int_equal(json_array_size(first), 20);
        for (size_t i = 0; i < 20; i++) {
            const json_t *row = json_array_get(first, i);
            assert_near(r.scores[i].wle, field(row, "wle"), 0.005, name);
            assert_near(r.scores[i].wle_se, field(row, "wle_se"), 0.005, name);
            assert_near(r.scores[i].eap, field(row, "eap"), 0.005, name);
            assert_near(r.scores[i].eap_sd, field(row, "eap_sd"), 0.005, name);
        }
        double eap, wle;
        scale_reliability(r.scores, NULL, r.responses.n_persons, &eap, &wle);
        assert_near(eap, field(r.fit, "reliability_eap"), 0.002, name);
        assert_near(wle, field(r.fit, "reliability_wle"), 0.002, name);
        json_decref(r.root);
        arena_destroy(arena);
    }
}

static void test_class_means_of_timss_mathematics(void **state) {
    (void)state;
    struct arena *arena = arena_create(GIB);
    struct reference r;
    open_reference(&r, "timss_maths", "rasch", "timss2011_aut_pupils.csv", 0, arena);
    json_t *classes = json_object_get(r.root, "class_means"), *class;
    size_t index;
    assert_int_equal(json_array_size(classes), 276);
    json_array_foreach(classes, index, class) {
        char code[32];
        double sum = 0, n = 0;
        snprintf(code, sizeof code, "%lld", (long long)json_integer_value(json_object_get(class, "class")));
        for (size_t i = 0; i < r.responses.n_persons; i++) {
            if (strcmp(r.class_of[i], code) != 0 || r.scores[i].n_items == 0) continue;
            sum += r.scores[i].wle;
            n++;
        }
        assert_true(n == field(class, "n"));
        assert_near(sum / n, field(class, "wle"), 0.005, code);
    }
    json_decref(r.root);
    arena_destroy(arena);
}

/* The gap between boys and girls in liking mathematics, a scale with a ceiling, in points of the latent SD.
 * The likelihood's maximum with a mean and a variance for each gender (EM on a dense grid) is 36.97; mean
 * WLE gives 23.6 and draws without conditioning 26.0 (methods.md §2). */
static double mean_gap(const struct reference *r, const double *values, size_t draws) {
    double gap = 0;
    for (size_t d = 0; d < draws; d++) {
        double sum[2] = { 0 }, n[2] = { 0 };
        for (size_t i = 0; i < r->responses.n_persons; i++) {
            int boy = *r->gender[i] == 'M';
            sum[boy] += values[d * r->responses.n_persons + i];
            n[boy]++;
        }
        gap += 100 * (sum[1] / n[1] - sum[0] / n[0]) / sqrt(r->variance) / (double)draws;
    }
    return gap;
}

static void test_a_gap_under_a_ceiling(void **state) {
    (void)state;
    enum { DRAWS = 20 };
    struct arena *arena = arena_create(GIB);
    struct reference r;
    struct error error;
    open_reference(&r, "timss_like", "pcm", "timss2011_aut_pupils.csv", 0, arena);
    size_t n = r.responses.n_persons;
    double *values = arena_array(arena, n, DRAWS * sizeof *values);
    for (size_t i = 0; i < n; i++) values[i] = r.scores[i].wle;
    assert_near(mean_gap(&r, values, 1), 23.6, 0.1, "WLE");
    assert_true(scale_plausible(&r.responses, &r.model, DRAWS, 1, NULL, arena, values, &error));
    assert_near(mean_gap(&r, values, DRAWS), 26.0, 1.5, "without conditioning");
    double *x = arena_array(arena, n, 2 * sizeof *x);
    int *boy = arena_array(arena, n, sizeof *boy);
    for (size_t i = 0; i < n; i++) {
        boy[i] = *r.gender[i] == 'M';
        x[2 * i] = 1;
        x[2 * i + 1] = boy[i];
    }
    struct latent_input input = { .responses = &r.responses, .model = &r.model, .n_columns = 2,
                                  .x = x, .variance_of = boy, .n_variances = 2, .draws = DRAWS,
                                  .seed = 1 };
    struct latent_result latent;
    assert_true(latent_draw(&input, NULL, arena, &latent, &error));
    assert_near(100 * latent.beta[1] / sqrt(r.variance), 36.97, 1, "latent regression");
    assert_near(mean_gap(&r, latent.pv, DRAWS), 36.97, 1.5, "plausible values");
    assert_near(latent.sigma2_group[0], 3.86, 0.2, "girls' variance"); /* EM: 3.864 and 5.791 */
    assert_near(latent.sigma2_group[1], 5.79, 0.3, "boys' variance");
    json_decref(r.root);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores_of_the_first_rows),
        cmocka_unit_test(test_class_means_of_timss_mathematics),
        cmocka_unit_test(test_a_gap_under_a_ceiling),
    };
    return cmocka_run_group_tests_name("reference.scores", tests, NULL, NULL);
}

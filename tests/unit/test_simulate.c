/* The plan and the truth of a simulation, against what it promises (simulate.h, truth.h). */
#include "check.h"

#include "base/arena.h"
#include "instrument/instrument.h"
#include "simulate/truth.h"

#include <math.h>

static struct arena *arena;
static struct error error;
static struct instrument *pupil;

static int setup(void **state) {
    (void)state;
    struct error_list faults;
    arena = arena_create(GIB);
    error_list_init(&faults, arena, 1);
    return instrument_read_file(&pupil, "pupil", arena, &faults) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void near(double found, double expected, double tolerance) {
    if (fabs(found - expected) > tolerance)
        fail_msg("%g is not within %g of %g", found, tolerance, expected);
}

static void test_share_out(void **state) {
    (void)state;
    static const struct { size_t total, n; double weights[4]; size_t parts[4]; } rows[] = {
        { 10, 3, { 1, 1, 1 }, { 4, 3, 3 } },
        { 7, 2, { 1, 3 }, { 2, 5 } },
        { 0, 2, { 1, 1 }, { 0, 0 } },
        { 1, 4, { 1, 2, 4, 2 }, { 0, 0, 1, 0 } },
        { 100, 3, { 47, 16, 36.5 }, { 47, 16, 37 } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t parts[4];
        share_out(rows[i].total, rows[i].weights, rows[i].n, parts);
        for (size_t p = 0; p < rows[i].n; p++) assert_int_equal(parts[p], rows[i].parts[p]);
    }
}

static struct plan plan_of(size_t pupils, size_t schools, uint64_t seed) {
    struct simulation simulation = { .pupils = pupils, .schools = schools, .seed = seed };
    struct plan plan;
    if (!plan_make(&simulation, arena, &plan, &error)) fail_msg("%s", error.id);
    return plan;
}

static void test_sizes(void **state) {
    (void)state;
    static const struct { size_t pupils, schools, expected_schools, municipalities; const char *fault; } rows[] = {
        { 80000, 0, 242, 13, NULL }, { 2000, 0, 12, 4, NULL }, { 400, 0, 12, 4, NULL }, { 100, 0, 5, 1, NULL },
        { 80000, 100, 100, 13, NULL }, { 20, 1, 1, 1, NULL }, { 19, 0, 0, 0, "simulate.too_many_schools" },
        { 1000, 51, 0, 0, "simulate.too_many_schools" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct simulation simulation = { .pupils = rows[i].pupils, .schools = rows[i].schools, .seed = i };
        struct plan plan;
        error = (struct error){ 0 };
        bool ok = plan_make(&simulation, arena, &plan, &error);
        assert_true(ok == (rows[i].fault == NULL));
        if (!ok) assert_string_equal(error.id, rows[i].fault);
        if (!ok) continue;
        assert_int_equal(plan.n_schools, rows[i].expected_schools);
        assert_int_equal(plan.n_municipalities, rows[i].municipalities);
        assert_int_equal(plan.n_pupils, rows[i].pupils);
        assert_string_equal(plan.municipalities[0].code, "horsens");
    }
}

/* Every pupil sits in one class of one school; classes are as large as classes are. */
static void test_plan(void **state) {
    (void)state;
    struct plan plan = plan_of(80000, 0, 2026);
    size_t pupils = 0, grades[GRADE_MAX + 1] = { 0 };
    for (size_t c = 0; c < plan.n_classes; c++) {
        const struct plan_class *class = &plan.classes[c];
        const struct plan_school *school = &plan.schools[class->school];
        assert_int_equal(class->first_pupil, pupils);
        assert_true(class->n_pupils >= 1 && class->n_pupils <= 28);
        assert_true(class->grade >= school->grade_from && class->grade <= school->grade_to);
        assert_true(c >= school->first_class && c < school->first_class + school->n_classes);
        for (size_t i = 0; i < class->n_pupils; i++) assert_int_equal(plan.pupils[pupils + i].class_index, c);
        pupils += class->n_pupils;
        grades[class->grade] += class->n_pupils;
    }
    assert_int_equal(pupils, 80000);
    near(80000.0 / (double)plan.n_classes, 20, 1);
    for (int g = 0; g <= GRADE_MAX; g++) assert_true(grades[g] > 500);
    assert_true(plan.n_guardians > 80000 && plan.n_guardians < 160000);
    assert_true(plan.n_staff > 8000 && plan.n_staff < 12000);
    for (size_t s = 0; s < plan.n_schools; s++)
        assert_true(plan.schools[s].response >= .80 && plan.schools[s].response <= .97);
}

/* Moments of the truth: pupils' SD, school and class variance, gaps and correlations. */
static void test_truth(void **state) {
    (void)state;
    struct plan plan = plan_of(80000, 0, 2026);
    struct truth truth;
    assert_true(truth_make(&plan, pupil, arena, &truth, &error));
    size_t efficacy = (size_t)instrument_scale(pupil, "efficacy"), n = truth.n_scales;
    size_t enjoyment = (size_t)instrument_scale(pupil, "enjoyment"), support = (size_t)instrument_scale(pupil, "support");
    double girls = 0, boys = 0, n_girls = 0, n_boys = 0, xy = 0, xx = 0, yy = 0, own = 0;
    for (size_t row = 0; row < truth.n_asked; row++) {
        const double *z = truth.z + row * n, *expected = truth.expected + row * n;
        char gender = plan.pupils[truth.asked[row]].gender;
        girls += gender == 'f' ? z[efficacy] : 0;
        n_girls += gender == 'f';
        boys += gender == 'm' ? z[efficacy] : 0;
        n_boys += gender == 'm';
        double x = z[enjoyment] - expected[enjoyment], y = z[support] - expected[support];
        xy += x * y, xx += x * x, yy += y * y;
        own += (z[efficacy] - expected[efficacy]) * (z[efficacy] - expected[efficacy]);
    }
    near(girls / n_girls - boys / n_boys, -.20, .03);
    near(sqrt(own / (double)truth.n_asked), .9473, .01);
    near(xy / sqrt(xx * yy), .75 * .75, .01);
    /* Class and school parts, over scales, from the expected θ of neighbours of one gender and grade. */
    double between = 0, pairs = 0;
    for (size_t row = 1; row < truth.n_asked; row++) {
        const struct plan_pupil *a = &plan.pupils[truth.asked[row - 1]], *b = &plan.pupils[truth.asked[row]];
        if (a->class_index == b->class_index || a->gender != b->gender) continue;
        const struct plan_class *left = &plan.classes[a->class_index], *right = &plan.classes[b->class_index];
        if (left->school != right->school || left->grade != right->grade) continue;
        for (size_t s = 0; s < n; s++) {
            double d = truth.expected[row * n + s] - truth.expected[(row - 1) * n + s];
            between += d * d / 2;
            pairs++;
        }
    }
    near(sqrt(between / pairs), .25, .015); /* two classes of a school and grade differ by classes alone */
    double sum[2] = { 0 }, count = 0;
    for (size_t s = 0; s < plan.n_schools; s++) {
        /* Schools differ by schools, and the means of their classes: take it from pupils of grade 5. */
        double mean = 0, pupils = 0, classes = 0;
        for (size_t row = 0; row < truth.n_asked; row++) {
            const struct plan_class *class = &plan.classes[plan.pupils[truth.asked[row]].class_index];
            if (class->school != s || class->grade != 5 || plan.pupils[truth.asked[row]].gender != 'm') continue;
            mean += truth.expected[row * n + support];
            pupils++;
        }
        for (size_t c = plan.schools[s].first_class; c < plan.schools[s].first_class + plan.schools[s].n_classes; c++)
            classes += plan.classes[c].grade == 5;
        if (pupils == 0 || classes > 1) continue; /* one class: variance .20² + .25² */
        sum[0] += mean / pupils, sum[1] += mean / pupils * (mean / pupils), count++;
    }
    near(sqrt(sum[1] / count - sum[0] / count * (sum[0] / count)), sqrt(.20 * .20 + .25 * .25), .06);
}

static void test_answers(void **state) {
    (void)state;
    struct plan plan = plan_of(20000, 0, 7);
    struct truth truth;
    struct drawn drawn;
    assert_true(truth_make(&plan, pupil, arena, &truth, &error));
    assert_true(draw_answers(&plan, pupil, &truth, arena, &drawn, &error));
    near((double)drawn.n / (double)truth.n_asked, .885, .03);
    size_t skipped = 0, seen = 0;
    for (size_t i = 0; i < drawn.n * pupil->n_items; i++) {
        seen += drawn.codes[i] != ANSWER_NOT_SEEN;
        skipped += drawn.codes[i] == ANSWER_SKIPPED;
        assert_true(drawn.codes[i] < 5 || drawn.codes[i] >= ANSWER_SKIPPED);
    }
    near((double)skipped / (double)seen, .025, .001);
    /* The raw score follows the truth as a scale of six items can: correlation near √reliability. */
    const struct scale *scale = &pupil->scales[instrument_scale(pupil, "support")];
    double xy = 0, xx = 0, yy = 0, x1 = 0, y1 = 0, n = 0;
    for (size_t i = 0; i < drawn.n; i++) {
        double raw = 0;
        bool whole = true;
        for (size_t k = 0; k < scale->n_items; k++) {
            uint8_t code = drawn.codes[i * pupil->n_items + scale->items[k]];
            whole &= code < 5;
            raw += code;
        }
        if (!whole) continue;
        double z = truth.z[drawn.rows[i] * truth.n_scales + (size_t)(scale - pupil->scales)];
        x1 += raw, y1 += z, xx += raw * raw, yy += z * z, xy += raw * z, n++;
    }
    double r = (xy - x1 * y1 / n) / sqrt((xx - x1 * x1 / n) * (yy - y1 * y1 / n));
    assert_true(r > .85 && r < .97);
}

static void test_seed(void **state) {
    (void)state;
    struct drawn drawn[3];
    static const uint64_t seeds[] = { 1, 1, 2 };
    for (int i = 0; i < 3; i++) {
        struct plan plan = plan_of(2000, 0, seeds[i]);
        struct truth truth;
        assert_true(truth_make(&plan, pupil, arena, &truth, &error));
        assert_true(draw_answers(&plan, pupil, &truth, arena, &drawn[i], &error));
    }
    size_t bytes = drawn[0].n * pupil->n_items;
    assert_int_equal(drawn[0].n, drawn[1].n);
    assert_memory_equal(drawn[0].codes, drawn[1].codes, bytes);
    assert_true(drawn[2].n != drawn[0].n || memcmp(drawn[0].codes, drawn[2].codes, bytes) != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share_out), cmocka_unit_test(test_sizes), cmocka_unit_test(test_plan),
        cmocka_unit_test(test_truth),     cmocka_unit_test(test_answers), cmocka_unit_test(test_seed),
    };
    return cmocka_run_group_tests_name("simulate", tests, setup, teardown);
}

/* Aggregation, references, suppression and freezing over a made-up programme: two municipalities of six
 * schools with two classes each, grades 4 and 5, against naive computations. */
#include "check.h"

#include "base/arena.h"
#include "base/text.h"
#include "publish/frozen.h"
#include "publish/reference.h"
#include "publish/release.h"

#include <jansson.h>
#include <math.h>

enum { MUNICIPALITIES = 2, SCHOOLS = 12, CLASSES = 24, UNITS = 1 + MUNICIPALITIES + SCHOOLS + CLASSES };

struct world {
    struct arena *arena;
    struct panel panel;
    struct survey survey;
    struct scale scale;
    struct instrument instrument;
    struct measure measure;
    struct unit_cell cells[UNITS];
};

static double uniform(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static size_t school_unit(size_t s) { return 1 + MUNICIPALITIES + s; }
static size_t class_unit(size_t c) { return 1 + MUNICIPALITIES + SCHOOLS + c; }

static void make_units(struct world *w) {
    struct unit *unit = arena_array(w->arena, UNITS, sizeof *unit);
    static const char *const names[] = { "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L",
                                         "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "X", "Y" };
    unit[0] = (struct unit){ .id = 1, .kind = UNIT_PROGRAMME, .parent = -1, .code = "", .name = "P",
                             .grade = -1, .active = true };
    for (size_t m = 0; m < MUNICIPALITIES; m++)
        unit[1 + m] = (struct unit){ .id = 2 + (int)m, .kind = UNIT_MUNICIPALITY, .parent = 0,
                                     .code = names[m], .name = names[m], .grade = -1, .active = true };
    for (size_t s = 0; s < SCHOOLS; s++)
        unit[school_unit(s)] = (struct unit){ .id = 10 + (int)s, .kind = UNIT_SCHOOL,
                                              .parent = (long)(1 + s / 6), .code = names[s],
                                              .name = names[s], .grade = -1, .active = true };
    for (size_t c = 0; c < CLASSES; c++)
        unit[class_unit(c)] = (struct unit){ .id = 100 + (int)c, .kind = UNIT_CLASS,
                                             .parent = (long)school_unit(c / 2), .code = names[c],
                                             .name = names[c], .grade = 4 + (int)(c % 2),
                                             .active = true };
    w->panel.units = (struct units){ .n = UNITS, .unit = unit };
}

/* Classes of 9 to 20 pupils; the last class of the first school has only five. */
static size_t class_size(size_t c) { return c == 1 ? 5 : 9 + c * 5 % 12; }

static void make_survey(struct world *w) {
    size_t n = 0;
    for (size_t c = 0; c < CLASSES; c++) n += class_size(c);
    struct survey *s = &w->survey;
    s->answers.n = n;
    s->answers.rows = arena_array(w->arena, n, sizeof *s->answers.rows);
    s->unit_of = arena_array(w->arena, n, sizeof(int));
    s->class_of = arena_array(w->arena, n, sizeof(int));
    s->school_of = arena_array(w->arena, n, sizeof(int));
    s->municipality_of = arena_array(w->arena, n, sizeof(int));
    s->invited = arena_array(w->arena, UNITS, sizeof(size_t));
    s->answered = arena_array(w->arena, UNITS, sizeof(size_t));
    w->panel.takes_part = arena_array(w->arena, UNITS, sizeof(bool));
    size_t at = 0;
    for (size_t c = 0; c < CLASSES; c++)
        for (size_t i = 0; i < class_size(c); i++, at++) {
            s->answers.rows[at] = (struct respondent_row){ .grade = (int8_t)(4 + c % 2), .answered = true };
            s->unit_of[at] = s->class_of[at] = (int)class_unit(c);
            s->school_of[at] = (int)school_unit(c / 2);
            s->municipality_of[at] = (int)(1 + c / 12);
            for (long u = s->unit_of[at]; u >= 0; u = w->panel.units.unit[u].parent) {
                s->invited[u]++;
                s->answered[u]++;
                w->panel.takes_part[u] = true;
            }
        }
}

static void make_measure(struct world *w) {
    struct measure *m = &w->measure;
    uint64_t seed = 5;
    m->calibrated = true;
    m->n = w->survey.answers.n;
    m->row = arena_array(w->arena, m->n, sizeof(size_t));
    m->valid = arena_array(w->arena, m->n, sizeof(bool));
    m->pv = arena_array(w->arena, m->n * PLAUSIBLE_VALUES, sizeof(double));
    m->unit_mean = arena_array(w->arena, UNITS, sizeof(double));
    m->unit_sd = arena_array(w->arena, UNITS, sizeof(double));
    m->tau2_class = arena_array(w->arena, PLAUSIBLE_VALUES, sizeof(double));
    m->tau2_school = arena_array(w->arena, PLAUSIBLE_VALUES, sizeof(double));
    m->sigma2 = arena_array(w->arena, PLAUSIBLE_VALUES, sizeof(double));
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) {
        m->tau2_class[d] = 400;
        m->tau2_school[d] = 100;
        m->sigma2[d] = 9000;
    }
    for (size_t u = 0; u < UNITS; u++) {
        m->unit_mean[u] = w->panel.units.unit[u].kind == UNIT_CLASS ? 480 + 2. * (double)u : NAN;
        m->unit_sd[u] = 18;
    }
    for (size_t p = 0; p < m->n; p++) {
        m->row[p] = p;
        m->valid[p] = p % 17 != 3;
        double ability = 500 + 20 * (w->survey.school_of[p] % 3) + 150 * (uniform(&seed) - .5);
        for (size_t d = 0; d < PLAUSIBLE_VALUES; d++)
            m->pv[d * m->n + p] = ability + 60 * (uniform(&seed) - .5);
    }
}

static struct world *world_create(void) {
    struct arena *arena = arena_create((size_t)64 << 20);
    struct world *w = arena_alloc(arena, sizeof *w);
    w->arena = arena;
    make_units(w);
    static const char *languages[] = { "da" };
    static const char *name[] = { "Ro" };
    w->instrument = (struct instrument){ .code = "i", .respondent = RESPONDENT_PUPIL, .n_languages = 1,
                                         .languages = languages };
    w->scale = (struct scale){ .code = "order", .name = { name }, .n_items = 0 };
    w->survey.instrument = &w->instrument;
    make_survey(w);
    make_measure(w);
    w->panel.n_surveys = 1;
    w->panel.surveys = &w->survey;
    struct error error;
    assert_true(aggregate_scale(&w->survey, &w->panel.units, &w->measure, NULL, arena, w->cells, &error));
    return w;
}

static bool within(const struct world *w, size_t person, size_t unit) {
    for (long u = w->survey.unit_of[person]; u >= 0; u = w->panel.units.unit[u].parent)
        if ((size_t)u == unit) return w->measure.valid[person];
    return false;
}

/* Mean of one draw over a unit's persons of one grade (−1: all), leaving out one school (−1: none). */
static double naive_mean(const struct world *w, size_t draw, size_t unit, int grade, int without) {
    double sum = 0, n = 0;
    for (size_t p = 0; p < w->measure.n; p++) {
        if (!within(w, p, unit) || w->survey.school_of[p] == without) continue;
        if (grade >= 0 && w->survey.answers.rows[p].grade != grade) continue;
        sum += w->measure.pv[draw * w->measure.n + p];
        n++;
    }
    return sum / n;
}

static double naive_grade_share(const struct world *w, size_t unit, int grade) {
    double n = 0, all = 0;
    for (size_t p = 0; p < w->measure.n; p++) {
        if (!within(w, p, unit)) continue;
        all++;
        n += w->survey.answers.rows[p].grade == grade;
    }
    return n / all;
}

static void test_means_and_counts(void **state) {
    (void)state;
    struct world *w = world_create();
    for (size_t u = 0; u < UNITS; u++) {
        double mean = 0;
        size_t n = 0;
        for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) mean += naive_mean(w, d, u, -1, -1) / PLAUSIBLE_VALUES;
        for (size_t p = 0; p < w->measure.n; p++) n += within(w, p, u);
        assert_int_equal(w->cells[u].n, n);
        assert_int_equal(w->cells[u].invited, w->survey.invited[u]);
        assert_true(fabs(w->cells[u].raw_mean - mean) < 1e-9);
        if (w->panel.units.unit[u].kind == UNIT_CLASS) {
            assert_true(w->cells[u].mean.value == w->measure.unit_mean[u]);
            assert_true(w->cells[u].mean.se == w->measure.unit_sd[u]);
            assert_true(fabs(w->cells[u].high - w->cells[u].low - 2 * 1.959963985 * 18) < 1e-6);
        }
    }
    arena_destroy(w->arena);
}

/* A school of two classes: τ² Σ(n_c/n)² + σ²/n, and what the spread of the plausible values adds. */
static void test_school_error_is_the_model_error(void **state) {
    (void)state;
    struct world *w = world_create();
    size_t school = school_unit(4);
    double n = (double)w->cells[school].n, shares = 0, mean = 0, between = 0;
    for (size_t c = 8; c < 10; c++) {
        double n_c = (double)w->cells[class_unit(c)].n;
        shares += n_c / n * (n_c / n);
    }
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) mean += naive_mean(w, d, school, -1, -1) / PLAUSIBLE_VALUES;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) {
        double deviation = naive_mean(w, d, school, -1, -1) - mean;
        between += deviation * deviation / (PLAUSIBLE_VALUES - 1);
    }
    /* Plausible values have been drawn to the others' by added/(within + τ²_school). */
    double within = 400 * shares + 9000 / n, added = (1 + 1. / PLAUSIBLE_VALUES) * between;
    double expected = sqrt(within + added - 2 * added / (within + 100) * within);
    assert_true(added / (within + 100) < .5);
    assert_true(fabs(w->cells[school].mean.se - expected) < 1e-9);
    arena_destroy(w->arena);
}

/* The reference is the programme's mean of each grade in the unit's mix; its variance is a jackknife
 * over schools, made here by really leaving each out. */
static void test_reference_is_standardised(void **state) {
    (void)state;
    struct world *w = world_create();
    struct standards standards;
    struct error error;
    assert_true(standards_make(&w->survey, &w->panel.units, &w->measure, w->arena, &standards, &error));
    size_t school = school_unit(3);
    double share[GRADE_SLOTS] = { 0 }, variance = 0;
    share[5] = naive_grade_share(w, school, 4);
    share[6] = naive_grade_share(w, school, 5);
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) {
        double whole = share[5] * naive_mean(w, d, 0, 4, -1) + share[6] * naive_mean(w, d, 0, 5, -1);
        assert_true(fabs(standard_mean(&standards.programme, d, share) - whole) < 1e-9);
        for (size_t s = 0; s < SCHOOLS; s++) {
            int out = (int)school_unit(s);
            double rest = share[5] * naive_mean(w, d, 0, 4, out) + share[6] * naive_mean(w, d, 0, 5, out);
            variance += (SCHOOLS - 1.) / SCHOOLS * (rest - whole) * (rest - whole) / PLAUSIBLE_VALUES;
        }
    }
    assert_true(fabs(standard_variance(&standards.programme, share) - variance) < 1e-9 * variance);
    double reference = 0;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++)
        reference += standard_mean(&standards.programme, d, share) / PLAUSIBLE_VALUES;
    const struct unit_cell *cell = &w->cells[school];
    assert_true(cell->compared[REFERENCE_PROGRAMME]);
    assert_true(cell->compared[REFERENCE_MUNICIPALITY]);
    assert_true(fabs(cell->reference[REFERENCE_PROGRAMME] - reference) < 1e-9);
    assert_true(fabs(cell->contrast[REFERENCE_PROGRAMME].difference.value -
                     (cell->mean.value - reference)) < 1e-9);
    /* The programme is compared with nothing, a municipality not with itself. */
    assert_false(w->cells[0].compared[REFERENCE_PROGRAMME]);
    assert_false(w->cells[1].compared[REFERENCE_MUNICIPALITY]);
    assert_true(w->cells[1].compared[REFERENCE_PROGRAMME]);
    arena_destroy(w->arena);
}

static struct release make_release(struct world *w, struct released_scale *scale) {
    *scale = (struct released_scale){ .survey = &w->survey, .scale = &w->scale, .calibrated = true,
                                      .cells = w->cells };
    return (struct release){ .panel = &w->panel, .minimum = 7, .n_scales = 1, .scales = scale };
}

static void test_small_class_takes_its_sibling_along(void **state) {
    (void)state;
    struct world *w = world_create();
    struct released_scale scale;
    struct release release = make_release(w, &scale);
    struct error error;
    assert_true(release_suppress(&release, w->arena, &error));
    for (size_t u = 0; u < UNITS; u++) {
        bool expected = u != class_unit(0) && u != class_unit(1);
        if (w->cells[u].shown != expected) fail_msg("unit %zu: shown is %d", u, w->cells[u].shown);
    }
    /* Nothing below the lowest kind is shown. */
    w->scale.lowest_unit = "school";
    assert_true(release_suppress(&release, w->arena, &error));
    for (size_t c = 0; c < CLASSES; c++) assert_false(w->cells[class_unit(c)].shown);
    assert_true(w->cells[school_unit(0)].shown);
    arena_destroy(w->arena);
}

/* A school where all answered alike is hidden, and another of its municipality with it. */
static void test_unanimous_item_takes_a_sibling_along(void **state) {
    (void)state;
    struct world *w = world_create();
    static const struct item items[] = { { .id = "a", .n_categories = 2 } };
    static const size_t of_scale[] = { 0 };
    w->instrument.items = items;
    w->scale.use = USE_SHARES;
    w->scale.n_items = 1;
    w->scale.items = of_scale;
    struct released_scale scale;
    struct release release = make_release(w, &scale);
    struct released_item item = { .counts = arena_array(w->arena, UNITS * 2, sizeof(size_t)) };
    scale.items = &item;
    for (size_t u = 0; u < UNITS; u++) {
        enum unit_kind kind = w->panel.units.unit[u].kind;
        item.counts[2 * u] = kind == UNIT_SCHOOL ? 30 + u : kind == UNIT_CLASS ? 0 : 300;
        item.counts[2 * u + 1] = kind == UNIT_CLASS || u == school_unit(2) ? 0 : 10;
    }
    struct error error;
    assert_true(release_suppress(&release, w->arena, &error));
    size_t hidden = 0;
    for (size_t s = 0; s < 6; s++) hidden += !item.shown[school_unit(s)];
    assert_false(item.shown[school_unit(2)]);
    assert_int_equal(hidden, 2);
    for (size_t s = 6; s < SCHOOLS; s++) assert_true(item.shown[school_unit(s)]);
    assert_true(item.shown[0] && item.shown[1] && item.shown[2]);
    arena_destroy(w->arena);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Twelve schools: the quartiles of type 7 stand at 2.75 and 8.25 of the sorted means; one kind of too
 * few units has no band. */
static void test_band_is_the_middle_half(void **state) {
    (void)state;
    struct world *w = world_create();
    struct released_scale scale;
    struct release release = make_release(w, &scale);
    struct error error;
    double mean[SCHOOLS];
    assert_true(release_suppress(&release, w->arena, &error));
    for (size_t s = 0; s < SCHOOLS; s++) mean[s] = w->cells[school_unit(s)].mean.value;
    qsort(mean, SCHOOLS, sizeof *mean, ascending);
    assert_true(fabs(scale.bands[UNIT_SCHOOL].low - (.25 * mean[2] + .75 * mean[3])) < 1e-9);
    assert_true(fabs(scale.bands[UNIT_SCHOOL].high - (.75 * mean[8] + .25 * mean[9])) < 1e-9);
    assert_true(scale.bands[UNIT_MUNICIPALITY].low == 0 && scale.bands[UNIT_MUNICIPALITY].high == 0);
    arena_destroy(w->arena);
}

/* What is frozen is what was found, and a hidden cell holds no number. */
static void test_frozen(void **state) {
    (void)state;
    struct world *w = world_create();
    struct released_scale scale;
    struct release release = make_release(w, &scale);
    struct error error;
    assert_true(release_suppress(&release, w->arena, &error));
    for (size_t u = 0; u < UNITS; u++) {
        struct text json = text_new(w->arena, 1 << 20);
        struct frozen *frozen;
        assert_true(release_freeze(&release, u, "0123456789abcdef", "P", w->arena, &json, &error));
        assert_true(frozen_read(text_string(&json), json.length, w->arena, &frozen, &error));
        const struct unit_cell *cell = &w->cells[u];
        const struct frozen_part *part = &frozen->scales[0].parts[0];
        assert_int_equal(part->shown, cell->shown);
        if (cell->shown) {
            assert_int_equal(part->mean, (int)lround(cell->mean.value));
            assert_int_equal(part->low, (int)lround(cell->low));
            assert_int_equal(part->high, (int)lround(cell->high));
            assert_int_equal(part->n, cell->n);
            assert_int_equal(part->sd > 0, cell->n >= 30);
            continue;
        }
        json_t *root = json_loads(text_string(&json), 0, NULL);
        json_t *hidden = json_array_get(
            json_object_get(json_array_get(json_object_get(root, "scales"), 0), "parts"), 0);
        const char *key;
        json_t *value;
        json_object_foreach(hidden, key, value) assert_false(json_is_number(value));
        assert_int_equal(json_array_size(json_object_get(
                             json_array_get(json_object_get(root, "scales"), 0), "comparisons")), 0);
        json_decref(root);
    }
    arena_destroy(w->arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means_and_counts),
        cmocka_unit_test(test_school_error_is_the_model_error),
        cmocka_unit_test(test_reference_is_standardised),
        cmocka_unit_test(test_small_class_takes_its_sibling_along),
        cmocka_unit_test(test_unanimous_item_takes_a_sibling_along),
        cmocka_unit_test(test_band_is_the_middle_half),
        cmocka_unit_test(test_frozen),
    };
    return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}

#include "programme.h"

#include "base/arena.h"
#include "num/special.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_GRADE = 4, CATEGORIES = SIM_STEPS + 1 };

static const double MUNICIPALITY_SD = .1, GRADE_EFFECT = .1, GIRLS_EFFECT = -.25;

/* ---- units ---- */

static size_t add_unit(struct programme *p, enum unit_kind kind, size_t parent, int grade) {
    size_t u = p->units.n++;
    p->units.unit[u] = (struct unit){ .id = (int64_t)u + 1,
                                      .kind = kind,
                                      .parent = kind == UNIT_PROGRAMME ? -1 : (long)parent,
                                      .code = "",
                                      .name = "",
                                      .grade = grade,
                                      .active = true };
    return u;
}

static int classes_of_school(const struct design *design, int school) {
    return design->unequal && school % 4 == 0 ? 2 * design->classes : design->classes;
}

static bool make_units(const struct design *design, struct arena *arena, struct programme *p) {
    size_t most = 1;
    for (int m = 0; m < MUNICIPALITIES_MAX && design->schools[m]; m++)
        most += 1 + (size_t)design->schools[m] * (1 + 2 * (size_t)design->classes);
    p->units.unit = arena_array(arena, most, sizeof *p->units.unit);
    if (!p->units.unit) return false;
    size_t programme = add_unit(p, UNIT_PROGRAMME, 0, -1);
    for (int m = 0; m < MUNICIPALITIES_MAX && design->schools[m]; m++) {
        size_t municipality = add_unit(p, UNIT_MUNICIPALITY, programme, -1);
        for (int s = 0; s < design->schools[m]; s++) {
            size_t school = add_unit(p, UNIT_SCHOOL, municipality, -1);
            for (int c = 0; c < classes_of_school(design, s); c++)
                add_unit(p, UNIT_CLASS, school, FIRST_GRADE + c % SIM_GRADES);
        }
    }
    return true;
}

/* Units stand in the order of the tree: the first child follows its parent. */
static bool is_first(const struct programme *p, size_t unit) {
    return unit > 0 && p->units.unit[unit].parent + 1 == (long)unit;
}

bool programme_is_null(const struct programme *p, size_t unit) {
    enum unit_kind kind = p->units.unit[unit].kind;
    if (kind == UNIT_CLASS) return is_first(p, unit) && is_first(p, unit - 1);
    return kind == UNIT_SCHOOL && is_first(p, unit);
}

static void draw_effects(const struct design *design, struct source *source, struct programme *p) {
    const double sd[UNIT_KINDS] = { [UNIT_MUNICIPALITY] = design->null_units ? 0 : MUNICIPALITY_SD,
                                    [UNIT_SCHOOL] = sqrt(design->icc / 2),
                                    [UNIT_CLASS] = sqrt(design->icc / 2) };
    for (size_t u = 0; u < p->units.n; u++) {
        p->effect[u] = sd[p->units.unit[u].kind] * draw_normal(source);
        if (design->null_units && programme_is_null(p, u)) p->effect[u] = 0;
    }
}

/* ---- pupils ---- */

static size_t class_size(const struct design *design, struct source *source) {
    if (!design->unequal) return (size_t)design->pupils;
    return (size_t)lround(design->pupils * (.2 + 1.6 * draw_uniform(source)));
}

static void place_pupil(const struct design *design, struct programme *p, size_t class,
                        char gender) {
    size_t i = p->n++;
    const struct unit *unit = &p->units.unit[class];
    p->survey.answers.rows[i] = (struct respondent_row){
        .unit = unit->id, .grade = (int8_t)unit->grade, .gender = gender, .answered = true
    };
    p->survey.unit_of[i] = p->survey.class_of[i] = (int)class;
    p->survey.school_of[i] = (int)unit->parent;
    p->survey.municipality_of[i] = (int)p->units.unit[unit->parent].parent;
    p->fixed[i] = GRADE_EFFECT * (unit->grade - FIRST_GRADE);
    if (gender == 'f' && !design->null_units) p->fixed[i] += GIRLS_EFFECT;
    for (long u = (long)class; u >= 0; u = p->units.unit[u].parent) {
        p->survey.invited[u]++;
        p->survey.answered[u]++;
    }
}

bool programme_make(const struct design *design, struct source *source, struct arena *arena,
                    struct programme *p) {
    *p = (struct programme){ 0 };
    if (!make_units(design, arena, p)) return false;
    size_t most = p->units.n * 2 * (size_t)design->pupils;
    struct survey *s = &p->survey;
    s->answers.rows = arena_array(arena, most, sizeof *s->answers.rows);
    s->unit_of = arena_array(arena, most, sizeof(int));
    s->class_of = arena_array(arena, most, sizeof(int));
    s->school_of = arena_array(arena, most, sizeof(int));
    s->municipality_of = arena_array(arena, most, sizeof(int));
    s->invited = arena_array(arena, p->units.n, sizeof(size_t));
    s->answered = arena_array(arena, p->units.n, sizeof(size_t));
    p->fixed = arena_array(arena, most, sizeof(double));
    p->theta = arena_array(arena, most, sizeof(double));
    p->effect = arena_array(arena, p->units.n, sizeof(double));
    p->cells = arena_array(arena, p->units.n, sizeof *p->cells);
    p->pupils = arena_array(arena, p->units.n, SIM_GRADES * sizeof *p->pupils);
    s->answers.vectors = arena_array(arena, most, (size_t)design->items);
    if (!s->answers.rows || !s->unit_of || !s->class_of || !s->school_of || !s->municipality_of ||
        !s->invited || !s->answered || !p->fixed || !p->theta || !p->effect || !p->cells ||
        !p->pupils || !s->answers.vectors)
        return false;
    for (size_t u = 0; u < p->units.n; u++) {
        if (p->units.unit[u].kind != UNIT_CLASS) continue;
        size_t n = class_size(design, source);
        for (size_t i = 0; i < n; i++)
            place_pupil(design, p, u, draw_uniform(source) < .5 ? 'f' : 'm');
    }
    s->answers.n = p->n;
    s->answers.n_items = (size_t)design->items;
    return true;
}

/* ---- answers ---- */

/* Items are drawn anew each time: middles spread by .5, steps about 1.1 apart. */
static void draw_items(const struct design *design, struct source *source, struct programme *p) {
    for (int i = 0; i < design->items; i++) {
        double middle = design->middle + .5 * draw_normal(source);
        p->item[i] = (struct item_parameters){ .steps = SIM_STEPS, .slope = 1 };
        for (int h = 0; h < SIM_STEPS; h++)
            p->item[i].location[h] = middle + 1.1 * (h - 1) + .2 * draw_normal(source);
    }
}

static void draw_pupils(const struct design *design, struct source *source, const double *common,
                        struct programme *p) {
    double within = sqrt(1 - design->icc - MUNICIPALITY_SD * MUNICIPALITY_SD);
    for (size_t i = 0; i < p->n; i++) {
        double deviation = draw_shape(source, design->shape);
        if (common) deviation = sqrt(.5) * (deviation + common[i]);
        p->theta[i] = p->fixed[i] + within * deviation;
        for (long u = p->survey.unit_of[i]; u >= 0; u = p->units.unit[u].parent)
            p->theta[i] += p->effect[u];
    }
}

static void draw_answers(const struct design *design, struct source *source, struct programme *p) {
    size_t items = (size_t)design->items;
    for (size_t i = 0; i < p->n; i++) {
        bool silent = draw_uniform(source) < design->silent;
        for (size_t k = 0; k < items; k++) {
            bool missing = silent || draw_uniform(source) < design->missing;
            int8_t answer = draw_answer(source, MODEL_PCM, &p->item[k], p->theta[i]);
            p->survey.answers.vectors[i * items + k] = missing ? ANSWER_SKIPPED : (uint8_t)answer;
        }
    }
}

/* ---- measuring ---- */

/* 500 and 100 points of a base wave: the pupils that were measured. */
static void define_points(const struct design *design, struct programme *p) {
    double n = (double)p->measure.n, squares = 0;
    p->mean = 0;
    p->sd = 1;
    if (design->linked) return;
    for (size_t i = 0; i < p->measure.n; i++) p->mean += p->theta[p->measure.row[i]] / n;
    for (size_t i = 0; i < p->measure.n; i++) {
        double d = p->theta[p->measure.row[i]] - p->mean;
        squares += d * d;
    }
    p->sd = sqrt(squares / n);
}

static void count_pupils(struct programme *p) {
    memset(p->pupils, 0, p->units.n * SIM_GRADES * sizeof *p->pupils);
    for (size_t i = 0; i < p->measure.n; i++) {
        size_t row = p->measure.row[i];
        size_t grade = (size_t)(p->survey.answers.rows[row].grade - FIRST_GRADE);
        for (long u = p->survey.unit_of[row]; p->measure.valid[i] && u >= 0;
             u = p->units.unit[u].parent) {
            struct pupils *pupils = &p->pupils[(size_t)u * SIM_GRADES + grade];
            pupils->n += 1;
            pupils->fixed += p->fixed[row];
            pupils->municipality += p->effect[p->survey.municipality_of[row]];
        }
    }
}

/* An instrument of one scale. Its code seeds the plausible values, so it differs by replication. */
static bool make_instrument(const struct design *design, struct source *source, struct arena *arena,
                            struct programme *p, struct base_scale *base) {
    size_t n = (size_t)design->items;
    struct item *items = arena_array(arena, n, sizeof *items);
    size_t *index = arena_array(arena, n, sizeof *index);
    char code[64];
    snprintf(code, sizeof code, "%.17g", draw_uniform(source));
    base->items = arena_array(arena, n, sizeof *base->items);
    base->parameters = arena_array(arena, n, sizeof *base->parameters);
    p->instrument.code = arena_copy(arena, code);
    if (!items || !index || !base->items || !base->parameters || !p->instrument.code) return false;
    for (size_t i = 0; i < n; i++) {
        snprintf(code, sizeof code, "i%zu", i);
        items[i] = (struct item){ .id = arena_copy(arena, code), .n_categories = CATEGORIES };
        if (!items[i].id) return false;
        index[i] = i;
        base->items[i] = items[i].id;
        base->parameters[i] = p->item[i];
    }
    p->instrument.items = items;
    p->instrument.n_items = n;
    p->scale = (struct scale){ .code = "s", .n_items = n, .items = index };
    p->survey.instrument = &p->instrument;
    base->n_items = n;
    base->mean = 0;
    base->sd = 1;
    base->wave = design->linked ? 1 : 0;
    return true;
}

bool programme_measure(const struct design *design, struct source *source, const double *common,
                       struct arena *arena, struct programme *p) {
    struct base_scale base = { 0 };
    struct error error;
    draw_items(design, source, p);
    draw_effects(design, source, p);
    draw_pupils(design, source, common, p);
    draw_answers(design, source, p);
    memset(p->cells, 0, p->units.n * sizeof *p->cells);
    if (!make_instrument(design, source, arena, p, &base) ||
        !measure_scale(&p->survey, &p->units, &p->scale, base.wave + 1, &base, NULL, arena,
                       &p->measure, &error) ||
        !p->measure.calibrated)
        return false;
    define_points(design, p);
    count_pupils(p);
    return aggregate_scale(&p->survey, &p->units, &p->measure, NULL, arena, p->cells, &error);
}

/* ---- truth ---- */

/* Effects of a unit and those above it. */
static double effects_above(const struct programme *p, size_t unit) {
    double sum = 0;
    for (long u = (long)unit; u >= 0; u = p->units.unit[u].parent) sum += p->effect[u];
    return sum;
}

static struct pupils of_grade(const struct programme *p, size_t unit, int grade) {
    return p->pupils[unit * SIM_GRADES + (size_t)grade];
}

/* Of the programme the municipalities stand fixed, as they are its strata. */
static double true_mean(const struct programme *p, size_t unit, struct pupils pupils) {
    if (pupils.n == 0) return 0;
    double effects = unit == 0 ? p->effect[0] + pupils.municipality / pupils.n
                               : effects_above(p, unit);
    return pupils.fixed / pupils.n + effects;
}

double programme_truth(const struct programme *p, size_t unit) {
    struct pupils all = { 0 };
    for (int g = 0; g < SIM_GRADES; g++) {
        struct pupils some = of_grade(p, unit, g);
        all.n += some.n;
        all.fixed += some.fixed;
        all.municipality += some.municipality;
    }
    return points_from_theta(true_mean(p, unit, all), p->mean, p->sd);
}

double programme_true_difference(const struct programme *p, size_t unit, enum reference which) {
    size_t reference = 0;
    double standard = 0, n = 0;
    if (which == REFERENCE_MUNICIPALITY) {
        reference = unit;
        while (p->units.unit[reference].kind != UNIT_MUNICIPALITY)
            reference = (size_t)p->units.unit[reference].parent;
    }
    for (int g = 0; g < SIM_GRADES; g++) {
        double own = of_grade(p, unit, g).n;
        standard += own * true_mean(p, reference, of_grade(p, reference, g));
        n += own;
    }
    return programme_truth(p, unit) - points_from_theta(standard / n, p->mean, p->sd);
}

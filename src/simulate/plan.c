#include "simulate/plan.h"

#include "base/arena.h"
#include "num/random.h"
#include "num/special.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRAMME_PUPILS = 80000, PROGRAMME_SCHOOLS = 242, SCHOOLS_MIN = 12, PUPILS_A_SCHOOL_MIN = 20,
       CLASS_MAX = 28, GRADES = GRADE_MAX + 1, LETTERS = 26 };
static const double CLASS_USUAL = 21;

/* The thirteen municipalities and how many of the 242 school sites each has here (by its size). A
 * small simulation takes the first ones. */
static const struct { const char *code, *name; double schools; } MUNICIPALITIES[] = {
    { "horsens", "Horsens", 26 },           { "roskilde", "Roskilde", 24 },
    { "svendborg", "Svendborg", 18 },       { "kolding", "Kolding", 30 },
    { "thisted", "Thisted", 19 },           { "holbaek", "Holbæk", 23 },
    { "haderslev", "Haderslev", 18 },       { "hedensted", "Hedensted", 19 },
    { "fredericia", "Fredericia", 14 },     { "vesthimmerland", "Vesthimmerland", 18 },
    { "frederikssund", "Frederikssund", 14 }, { "nordfyn", "Nordfyn", 11 },
    { "billund", "Billund", 8 },
};
enum { N_MUNICIPALITIES = sizeof MUNICIPALITIES / sizeof *MUNICIPALITIES, SCHOOLS_A_MUNICIPALITY_MIN = 3 };

void share_out(size_t total, const double *weights, size_t n, size_t *parts) {
    double sum = 0;
    size_t given = 0;
    for (size_t i = 0; i < n; i++) sum += weights[i];
    for (size_t i = 0; i < n; i++) {
        parts[i] = (size_t)((double)total * weights[i] / sum);
        given += parts[i];
    }
    while (given < total) {
        size_t best = 0;
        double most = -1;
        for (size_t i = 0; i < n; i++) {
            double rest = (double)total * weights[i] / sum - (double)parts[i];
            if (rest > most) {
                most = rest;
                best = i;
            }
        }
        parts[best]++;
        given++;
    }
}

static bool choose_sizes(const struct simulation *simulation, struct plan *plan, struct error *error) {
    size_t pupils = simulation->pupils, most = pupils / PUPILS_A_SCHOOL_MIN;
    size_t schools = simulation->schools;
    if (schools == 0) {
        schools = pupils * PROGRAMME_SCHOOLS / PROGRAMME_PUPILS;
        if (schools < SCHOOLS_MIN) schools = SCHOOLS_MIN;
        if (schools > most) schools = most;
    }
    if (schools == 0 || schools > most || schools > SIMULATION_SCHOOLS_MAX)
        return error_set(error, "simulate.too_many_schools", ARG_INT("pupils", pupils),
                         ARG_INT("most", most < SIMULATION_SCHOOLS_MAX ? most : SIMULATION_SCHOOLS_MAX));
    plan->n_pupils = pupils;
    plan->n_schools = schools;
    plan->n_municipalities = schools / SCHOOLS_A_MUNICIPALITY_MIN;
    if (plan->n_municipalities == 0) plan->n_municipalities = 1;
    if (plan->n_municipalities > N_MUNICIPALITIES) plan->n_municipalities = N_MUNICIPALITIES;
    return true;
}

bool simulation_possible(const struct simulation *simulation, struct error *error) {
    struct plan plan;
    return choose_sizes(simulation, &plan, error);
}

static void plan_municipalities(struct plan *plan) {
    double weights[N_MUNICIPALITIES] = { 0 };
    size_t schools[N_MUNICIPALITIES] = { 0 }, school = 0;
    for (size_t m = 0; m < plan->n_municipalities; m++) weights[m] = MUNICIPALITIES[m].schools;
    share_out(plan->n_schools, weights, plan->n_municipalities, schools);
    for (size_t m = 0; m < plan->n_municipalities; m++) {
        plan->municipalities[m] = (struct plan_municipality){ .code = MUNICIPALITIES[m].code,
                                                              .name = MUNICIPALITIES[m].name,
                                                              .schools = schools[m] };
        for (size_t number = 1; number <= schools[m]; number++, school++)
            plan->schools[school] = (struct plan_school){ .municipality = m, .number = number };
    }
}

/* Most schools have grades 0–9, some end with 6, a few begin with 7 and have the 10th too; a few in the
 * country are so small that their classes are not shown. The first of each municipality has all grades. */
static void plan_schools(struct plan *plan, double *weights) {
    for (size_t s = 0; s < plan->n_schools; s++) {
        struct plan_school *school = &plan->schools[s];
        uint64_t of = stream(STREAM_SCHOOL, s);
        double kind = school->number == 1 ? 0 : random_uniform(plan->seed, of, 0);
        school->grade_from = kind > .90 ? 7 : 0;
        school->grade_to = kind > .90 ? 10 : kind > .66 ? 6 : 9;
        double size = kind > .66 && kind <= .70 ? .15 : 1;
        school->response = .80 + .17 * random_uniform(plan->seed, of, 1);
        weights[s] = size * (kind > .90 ? 7 : school->grade_to + 1) *
                     num_exp(.4 * random_normal(plan->seed, of, 2));
    }
}

/* Pupils over the school's grades and classes; classes == NULL only counts. */
static size_t plan_classes(struct plan *plan, size_t s, struct plan_class *classes, size_t first_pupil) {
    const struct plan_school *school = &plan->schools[s];
    double weights[GRADES] = { 0 };
    size_t grades = (size_t)school->grade_to - (size_t)school->grade_from + 1, pupils[GRADES] = { 0 }, n = 0;
    for (size_t g = 0; g < grades; g++)
        weights[g] = num_exp(.12 * random_normal(plan->seed, stream(STREAM_GRADE, s), g));
    share_out(school->n_pupils, weights, grades, pupils);
    for (size_t g = 0; g < grades; g++) {
        size_t rooms = (size_t)((double)pupils[g] / CLASS_USUAL + .5);
        if (rooms == 0 && pupils[g] > 0) rooms = 1;
        while (rooms > 0 && (pupils[g] + rooms - 1) / rooms > CLASS_MAX) rooms++;
        if (rooms > LETTERS) rooms = LETTERS;
        for (size_t r = 0; r < rooms; r++, n++) {
            size_t size = pupils[g] / rooms + (size_t)(r < pupils[g] % rooms);
            if (classes)
                classes[n] = (struct plan_class){ .school = s, .grade = school->grade_from + (int)g,
                                                  .letter = (char)('A' + r),
                                                  .first_pupil = first_pupil, .n_pupils = size };
            first_pupil += size;
        }
    }
    return n;
}

static void plan_staff(struct plan *plan, struct plan_school *school) {
    size_t young = 0;
    for (size_t c = 0; c < school->n_classes; c++)
        young += plan->classes[school->first_class + c].grade <= 3 ? 1 : 0;
    school->n_teachers = (17 * school->n_classes + 9) / 10;
    school->n_pedagogues = young + 1;
    school->n_leaders = school->n_pupils > 500 ? 3 : school->n_pupils > 200 ? 2 : 1;
    school->first_staff = plan->n_staff;
    plan->n_staff += school->n_teachers + school->n_pedagogues + school->n_leaders;
}

static void plan_pupils(struct plan *plan) {
    for (size_t c = 0; c < plan->n_classes; c++) {
        const struct plan_class *class = &plan->classes[c];
        for (size_t i = class->first_pupil; i < class->first_pupil + class->n_pupils; i++) {
            double gender = random_uniform(plan->seed, stream(STREAM_PUPIL, i), 0);
            bool one = random_uniform(plan->seed, stream(STREAM_PUPIL, i), 1) < .12;
            plan->pupils[i] = (struct plan_pupil){ .class_index = (uint32_t)c,
                                                   .gender = gender < .003 ? 'x' : gender < .49 ? 'f' : 'm',
                                                   .guardians = one ? 1 : 2 };
            plan->n_guardians += plan->pupils[i].guardians;
        }
    }
}

bool plan_make(const struct simulation *simulation, struct arena *arena, struct plan *plan,
               struct error *error) {
    *plan = (struct plan){ .seed = simulation->seed };
    if (!choose_sizes(simulation, plan, error)) return false;
    plan->municipalities = arena_array(arena, plan->n_municipalities, sizeof *plan->municipalities);
    plan->schools = arena_array(arena, plan->n_schools, sizeof *plan->schools);
    plan->pupils = arena_array(arena, plan->n_pupils, sizeof *plan->pupils);
    double *weights = arena_array(arena, plan->n_schools, sizeof *weights);
    size_t *pupils = arena_array(arena, plan->n_schools, sizeof *pupils);
    if (!plan->municipalities || !plan->schools || !plan->pupils || !weights || !pupils)
        return error_plain(error, "simulate.memory");
    plan_municipalities(plan);
    plan_schools(plan, weights);
    share_out(plan->n_pupils, weights, plan->n_schools, pupils);
    for (size_t s = 0; s < plan->n_schools; s++) {
        plan->schools[s].n_pupils = pupils[s];
        plan->schools[s].first_class = plan->n_classes;
        plan->schools[s].n_classes = plan_classes(plan, s, NULL, 0);
        plan->n_classes += plan->schools[s].n_classes;
    }
    plan->classes = arena_array(arena, plan->n_classes, sizeof *plan->classes);
    if (!plan->classes) return error_plain(error, "simulate.memory");
    size_t first_pupil = 0;
    for (size_t s = 0; s < plan->n_schools; s++) {
        plan_classes(plan, s, plan->classes + plan->schools[s].first_class, first_pupil);
        first_pupil += plan->schools[s].n_pupils;
        plan_staff(plan, &plan->schools[s]);
    }
    plan_pupils(plan);
    return true;
}

/* Positive, and within what a JSON number holds exactly. */
static int64_t subject(const struct plan *plan, size_t index) {
    return (int64_t)(random_bits(plan->seed, stream(STREAM_SUBJECT, index), 0) >> 11) + 1;
}

int64_t plan_pupil_subject(const struct plan *plan, size_t pupil) { return subject(plan, pupil); }

int64_t plan_staff_subject(const struct plan *plan, size_t staff) {
    return subject(plan, plan->n_pupils + staff);
}

int64_t plan_guardian_subject(const struct plan *plan, size_t guardian) {
    return subject(plan, plan->n_pupils + plan->n_staff + guardian);
}

#include "simulate/truth.h"

#include "base/arena.h"
#include "num/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Invented, in the direction and size that surveys of the kind find. */
static const struct scale_truth SCALES[] = {
    { "enjoyment", -.07, .05, .75, 1.6, .6, false },  { "peers", -.03, -.06, .65, 1.4, .8, false },
    { "safety", .00, -.16, .65, 1.5, .9, false },     { "bullying", -.06, .04, -.50, 1.3, -2.0, false },
    { "support", -.06, .03, .75, 1.5, .7, false },    { "order", -.04, -.05, .60, 1.3, .4, false },
    { "feedback", -.05, .00, .70, 1.4, .4, false },   { "challenge", .02, .10, -.20, .9, -.1, true },
    { "motivation", -.09, .10, .75, 1.4, .5, false }, { "efficacy", -.05, -.20, .60, 1.6, .5, false },
    { "voice", -.03, .00, .60, 1.5, -.2, false },
};
static const struct scale_truth OTHER = { "", 0, 0, .5, 1.4, .5, false };

/* √(.05² + .1936²) = .20 between schools. */
static const double MUNICIPALITY_SD = .05, SCHOOL_SD = .1936, CLASS_SD = .25, PERSON_SD = .9473;
static const double MIDDLE_GRADE = 6.5;

static const struct scale_truth *truth_of(const char *code) {
    for (size_t i = 0; i < sizeof SCALES / sizeof *SCALES; i++)
        if (strcmp(SCALES[i].code, code) == 0) return &SCALES[i];
    return &OTHER;
}

/* One unit's (or person's) part on every scale: counter 0 is its general factor. */
static void effects(const struct plan *plan, enum stream_kind kind, size_t index, double sd,
                    const struct truth *truth, double *out) {
    uint64_t of = stream(kind, index);
    double general = random_normal(plan->seed, of, 0);
    for (size_t s = 0; s < truth->n_scales; s++) {
        double a = truth->scales[s]->general;
        out[s] = sd * (a * general + sqrt(1 - a * a) * random_normal(plan->seed, of, s + 1));
    }
}

struct levels {
    double municipality[SCALES_MAX], school[SCALES_MAX], class[SCALES_MAX], person[SCALES_MAX];
};

/* The pupils of one class, from row on; returns the row after the last. */
static size_t class_truth(const struct plan *plan, size_t c, struct levels *levels, struct truth *truth,
                          size_t row) {
    const struct plan_class *class = &plan->classes[c];
    size_t n = truth->n_scales;
    effects(plan, STREAM_CLASS_EFFECT, c, CLASS_SD, truth, levels->class);
    for (size_t i = class->first_pupil; i < class->first_pupil + class->n_pupils; i++, row++) {
        char gender = plan->pupils[i].gender;
        double girl = gender == 'f' ? .5 : gender == 'm' ? -.5 : 0;
        effects(plan, STREAM_PERSON_EFFECT, i, PERSON_SD, truth, levels->person);
        truth->asked[row] = (uint32_t)i;
        for (size_t s = 0; s < n; s++) {
            double z = truth->scales[s]->grade * (class->grade - MIDDLE_GRADE) + truth->scales[s]->girls * girl +
                       levels->municipality[s] + levels->school[s] + levels->class[s];
            truth->expected[row * n + s] = z;
            truth->z[row * n + s] = z + levels->person[s];
        }
    }
    return row;
}

static bool is_asked(const struct instrument *instrument, const struct plan_class *class) {
    return class->grade >= instrument->grade_from && class->grade <= instrument->grade_to;
}

static bool allocate(const struct plan *plan, const struct instrument *instrument, struct arena *arena,
                     struct truth *truth) {
    for (size_t c = 0; c < plan->n_classes; c++)
        if (is_asked(instrument, &plan->classes[c])) truth->n_asked += plan->classes[c].n_pupils;
    truth->n_scales = instrument->n_scales;
    truth->asked = arena_array(arena, truth->n_asked, sizeof *truth->asked);
    truth->answered = arena_array(arena, truth->n_asked, sizeof *truth->answered);
    truth->z = arena_array(arena, truth->n_asked, truth->n_scales * sizeof *truth->z);
    truth->expected = arena_array(arena, truth->n_asked, truth->n_scales * sizeof *truth->expected);
    truth->scales = arena_array(arena, truth->n_scales, sizeof *truth->scales);
    return truth->asked && truth->answered && truth->scales && truth->z && truth->expected;
}

bool truth_make(const struct plan *plan, const struct instrument *instrument, struct arena *arena,
                struct truth *truth, struct error *error) {
    struct levels levels;
    *truth = (struct truth){ 0 };
    if (!allocate(plan, instrument, arena, truth))
        return error_plain(error, "simulate.memory");
    for (size_t s = 0; s < truth->n_scales; s++)
        truth->scales[s] = truth_of(instrument->scales[s].code);
    size_t row = 0;
    for (size_t s = 0; s < plan->n_schools; s++) {
        const struct plan_school *school = &plan->schools[s];
        effects(plan, STREAM_MUNICIPALITY_EFFECT, school->municipality, MUNICIPALITY_SD, truth,
                levels.municipality);
        effects(plan, STREAM_SCHOOL_EFFECT, s, SCHOOL_SD, truth, levels.school);
        for (size_t c = school->first_class; c < school->first_class + school->n_classes; c++)
            if (is_asked(instrument, &plan->classes[c]))
                row = class_truth(plan, c, &levels, truth, row);
    }
    return true;
}

/* Sums over the rows of a unit, one scale. */
struct sums {
    size_t asked, answered;
    double expected, answers;
};

static void add_row(struct sums *sums, const struct truth *truth, size_t row, size_t scale) {
    sums->asked++;
    sums->expected += truth->expected[row * truth->n_scales + scale];
    if (!truth->answered[row]) return;
    sums->answered++;
    sums->answers += truth->z[row * truth->n_scales + scale];
}

static void add_sums(struct sums *to, const struct sums *from) {
    to->asked += from->asked;
    to->answered += from->answered;
    to->expected += from->expected;
    to->answers += from->answers;
}

struct writing {
    const struct plan *plan;
    const struct truth *truth;
    FILE *file;
    size_t scale;
    const char *code;
    double mean, sd;
};

static void write_line(const struct writing *writing, const char *unit, const char *kind,
                       const struct sums *sums) {
    if (sums->asked == 0) return;
    fprintf(writing->file, "%s,%s,%s,%zu,%zu,%.2f,", unit, kind, writing->code, sums->asked, sums->answered,
            500 + 100 * (sums->expected / (double)sums->asked - writing->mean) / writing->sd);
    if (sums->answered)
        fprintf(writing->file, "%.2f",
                500 + 100 * (sums->answers / (double)sums->answered - writing->mean) / writing->sd);
    fputc('\n', writing->file);
}

static struct sums write_school(const struct writing *writing, size_t s, size_t *row) {
    const struct plan_school *school = &writing->plan->schools[s];
    const char *municipality = writing->plan->municipalities[school->municipality].code;
    struct sums school_sums = { 0 };
    char unit[PATH_CODES_MAX];
    for (size_t c = school->first_class; c < school->first_class + school->n_classes; c++) {
        const struct plan_class *class = &writing->plan->classes[c];
        struct sums sums = { 0 };
        while (*row < writing->truth->n_asked &&
               writing->plan->pupils[writing->truth->asked[*row]].class_index == c)
            add_row(&sums, writing->truth, (*row)++, writing->scale);
        snprintf(unit, sizeof unit, "%s/S%03zu/%d%c", municipality, s + 1, class->grade, class->letter);
        write_line(writing, unit, "class", &sums);
        add_sums(&school_sums, &sums);
    }
    snprintf(unit, sizeof unit, "%s/S%03zu", municipality, s + 1);
    write_line(writing, unit, "school", &school_sums);
    return school_sums;
}

/* Mean and SD of the true θ of everybody who was asked: 500 and 100. */
static void set_origin(struct writing *writing) {
    const struct truth *truth = writing->truth;
    double sum = 0, squares = 0, n = (double)truth->n_asked;
    for (size_t row = 0; row < truth->n_asked; row++) sum += truth->z[row * truth->n_scales + writing->scale];
    writing->mean = sum / n;
    for (size_t row = 0; row < truth->n_asked; row++) {
        double d = truth->z[row * truth->n_scales + writing->scale] - writing->mean;
        squares += d * d;
    }
    writing->sd = sqrt(squares / n);
}

static void write_scale(struct writing *writing) {
    const struct plan *plan = writing->plan;
    struct sums programme = { 0 }, municipality = { 0 };
    size_t row = 0;
    set_origin(writing);
    for (size_t s = 0; s < plan->n_schools; s++) {
        struct sums school = write_school(writing, s, &row);
        add_sums(&municipality, &school);
        size_t m = plan->schools[s].municipality;
        if (s + 1 < plan->n_schools && plan->schools[s + 1].municipality == m) continue;
        write_line(writing, plan->municipalities[m].code, "municipality", &municipality);
        add_sums(&programme, &municipality);
        municipality = (struct sums){ 0 };
    }
    write_line(writing, "", "programme", &programme);
}

bool truth_write(const struct plan *plan, const struct instrument *instrument, const struct truth *truth,
                 const char *path, struct error *error) {
    struct writing writing = { .plan = plan, .truth = truth, .file = fopen(path, "w") };
    if (!writing.file) return error_set(error, "simulate.write", ARG_TEXT("file", path));
    fputs("unit,kind,scale,asked,answered,points,points_answered\n", writing.file);
    for (size_t s = 0; s < truth->n_scales; s++) {
        writing.scale = s;
        writing.code = instrument->scales[s].code;
        if (truth->n_asked) write_scale(&writing);
    }
    bool ok = !ferror(writing.file);
    if (fclose(writing.file) != 0) ok = false;
    return ok || error_set(error, "simulate.write", ARG_TEXT("file", path));
}

#include "publish/reference.h"

#include "base/arena.h"

/* Sums of one school by grade, and of each draw. */
struct school_sums {
    int unit, municipality;
    double n[GRADE_SLOTS];
    double sum[PLAUSIBLE_VALUES][GRADE_SLOTS];
};

static bool sum_schools(const struct survey *survey, const struct units *units,
                        const struct measure *measure, struct arena *arena,
                        struct school_sums **schools, size_t *n_schools, struct error *error) {
    int *number = arena_array(arena, units->n + 1, sizeof *number);
    if (!number) return error_plain(error, "publish.memory");
    *n_schools = 0;
    for (size_t u = 0; u < units->n; u++)
        if (units->unit[u].kind == UNIT_SCHOOL) number[u] = (int)(*n_schools)++;
    *schools = arena_array(arena, *n_schools + 1, sizeof **schools);
    if (!*schools) return error_plain(error, "publish.memory");
    for (size_t p = 0; p < measure->n; p++) {
        int school = survey->school_of[measure->row[p]];
        if (school < 0 || !measure->valid[p]) continue;
        struct school_sums *sums = &(*schools)[number[school]];
        size_t g = (size_t)(survey->answers.rows[measure->row[p]].grade + 1);
        sums->unit = school;
        sums->municipality = survey->municipality_of[measure->row[p]];
        sums->n[g] += 1;
        for (size_t d = 0; d < PLAUSIBLE_VALUES; d++)
            sums->sum[d][g] += measure->pv[d * measure->n + p];
    }
    return true;
}

/* Is a school with answers part of the reference? municipality −1: of the programme. */
static bool belongs(const struct school_sums *school, int municipality) {
    double n = 0;
    for (size_t g = 0; g < GRADE_SLOTS; g++) n += school->n[g];
    return n > 0 && (municipality < 0 || school->municipality == municipality);
}

/* Deviations of the grades' means when one school is left out, of one draw. A grade that only this school
 * has does not move. */
static void leave_out(const struct standard *standard, const double total[GRADE_SLOTS],
                      const struct school_sums *school, size_t draw, double out[GRADE_SLOTS]) {
    for (size_t g = 0; g < GRADE_SLOTS; g++) {
        double rest = standard->n[g] - school->n[g];
        out[g] = rest > 0 ? (total[g] - school->sum[draw][g]) / rest - standard->mean[draw][g] : 0;
    }
}

/* Delete-one-school jackknife of the vector of grades' means, averaged over the plausible values. */
static size_t make_standard(const struct school_sums *schools, size_t n_schools, int municipality,
                            struct standard *out) {
    double total[PLAUSIBLE_VALUES][GRADE_SLOTS] = { { 0 } };
    size_t used = 0;
    for (size_t s = 0; s < n_schools; s++) {
        if (!belongs(&schools[s], municipality)) continue;
        used++;
        for (size_t g = 0; g < GRADE_SLOTS; g++) out->n[g] += schools[s].n[g];
        for (size_t d = 0; d < PLAUSIBLE_VALUES; d++)
            for (size_t g = 0; g < GRADE_SLOTS; g++) total[d][g] += schools[s].sum[d][g];
    }
    out->usable = used >= REFERENCE_SCHOOLS_MIN;
    if (!out->usable) return used;
    out->df = (double)(used - 1);
    double factor = (double)(used - 1) / (double)used / PLAUSIBLE_VALUES;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) {
        for (size_t g = 0; g < GRADE_SLOTS; g++)
            out->mean[d][g] = out->n[g] > 0 ? total[d][g] / out->n[g] : 0;
        for (size_t s = 0; s < n_schools; s++) {
            if (!belongs(&schools[s], municipality)) continue;
            double deviation[GRADE_SLOTS];
            leave_out(out, total[d], &schools[s], d, deviation);
            for (size_t g = 0; g < GRADE_SLOTS; g++)
                for (size_t h = 0; h < GRADE_SLOTS; h++)
                    out->covariance[g][h] += factor * deviation[g] * deviation[h];
        }
    }
    return used;
}

bool standards_make(const struct survey *survey, const struct units *units,
                    const struct measure *measure, struct arena *arena, struct standards *out,
                    struct error *error) {
    *out = (struct standards){ 0 };
    struct school_sums *schools = NULL;
    size_t n_schools = 0;
    if (!sum_schools(survey, units, measure, arena, &schools, &n_schools, error)) return false;
    out->municipality = arena_array(arena, units->n + 1, sizeof *out->municipality);
    if (!out->municipality) return error_plain(error, "publish.memory");
    make_standard(schools, n_schools, -1, &out->programme);
    for (size_t u = 0; u < units->n; u++)
        if (units->unit[u].kind == UNIT_MUNICIPALITY)
            make_standard(schools, n_schools, (int)u, &out->municipality[u]);
    return true;
}

double standard_mean(const struct standard *standard, size_t draw,
                     const double share[GRADE_SLOTS]) {
    double sum = 0;
    for (size_t g = 0; g < GRADE_SLOTS; g++) sum += share[g] * standard->mean[draw][g];
    return sum;
}

double standard_variance(const struct standard *standard, const double share[GRADE_SLOTS]) {
    double sum = 0;
    for (size_t g = 0; g < GRADE_SLOTS; g++)
        for (size_t h = 0; h < GRADE_SLOTS; h++)
            sum += share[g] * share[h] * standard->covariance[g][h];
    return sum;
}

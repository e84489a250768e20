#include "publish/aggregate.h"

#include "base/arena.h"
#include "publish/reference.h"
#include "stat/mean.h"

#include <math.h>

/* Below these numbers of clusters a jackknife has too few replicates (methods.md §2). */
enum { JACKKNIFE_CLASSES = 10, JACKKNIFE_SCHOOLS = 10 };

/* Persons that count, gathered by unit: those of unit u stand at person[first[u]] … first[u + 1]. */
struct gathered {
    size_t *first, *person;
};

static bool gather(const struct survey *survey, const struct units *units,
                   const struct measure *measure, struct arena *arena, struct gathered *out,
                   struct error *error) {
    out->first = arena_array(arena, units->n + 2, sizeof *out->first);
    if (!out->first) return error_plain(error, "publish.memory");
    for (size_t p = 0; p < measure->n; p++)
        for (long u = survey->unit_of[measure->row[p]]; measure->valid[p] && u >= 0;
             u = units->unit[u].parent)
            out->first[u + 2]++;
    for (size_t u = 2; u < units->n + 2; u++) out->first[u] += out->first[u - 1];
    out->person = arena_array(arena, out->first[units->n + 1] + 1, sizeof *out->person);
    if (!out->person) return error_plain(error, "publish.memory");
    /* first[u + 1] runs through unit u's places and ends as the first of the next. */
    for (size_t p = 0; p < measure->n; p++)
        for (long u = survey->unit_of[measure->row[p]]; measure->valid[p] && u >= 0;
             u = units->unit[u].parent)
            out->person[out->first[u + 1]++] = p;
    return true;
}

/* The persons of one unit, with the clusters that its error needs. */
struct cut {
    struct sample sample;
    double *values;
    int *cluster, *stratum;
};

/* Gives the clusters (units' indexes, −1 none) of the persons numbers from 0, in the units' order.
 * Persons without one are a cluster of their own. */
static size_t number_cut(const int *cluster_of, const struct measure *measure,
                         const size_t *persons, size_t n, int *number, size_t n_units,
                         struct cut *cut, int *unit_of_cluster) {
    size_t clusters = 0;
    for (size_t i = 0; i < n; i++) {
        int unit = cluster_of[measure->row[persons[i]]];
        int *slot = unit < 0 ? &number[n_units] : &number[unit];
        if (*slot < 0) {
            unit_of_cluster[clusters] = unit;
            *slot = (int)clusters++;
        }
        cut->cluster[i] = *slot;
    }
    for (size_t i = 0; i < n; i++) {
        int unit = cluster_of[measure->row[persons[i]]];
        number[unit < 0 ? (size_t)n_units : (size_t)unit] = -1;
    }
    return clusters;
}

/* Buffers as large as the largest unit, used again for each. */
struct work {
    struct cut cut;
    int *number;          /* one a unit and one more, −1 between uses */
    int *unit_of_cluster;
    double *draw_mean;    /* one a plausible value */
};

static bool work_init(struct work *work, size_t n_units, size_t n, struct arena *arena,
                      struct error *error) {
    *work = (struct work){ 0 };
    work->cut.values = arena_array(arena, PLAUSIBLE_VALUES * n + 1, sizeof(double));
    work->cut.cluster = arena_array(arena, n + 1, sizeof(int));
    work->cut.stratum = arena_array(arena, n + 1, sizeof(int));
    work->number = arena_array(arena, n_units + 1, sizeof(int));
    work->unit_of_cluster = arena_array(arena, n + 1, sizeof(int));
    work->draw_mean = arena_array(arena, PLAUSIBLE_VALUES, sizeof(double));
    if (!work->cut.values || !work->cut.cluster || !work->cut.stratum || !work->number ||
        !work->unit_of_cluster || !work->draw_mean)
        return error_plain(error, "publish.memory");
    for (size_t u = 0; u <= n_units; u++) work->number[u] = -1;
    return true;
}

static void cut_values(struct work *work, const struct measure *measure, const size_t *persons,
                       size_t n) {
    struct cut *cut = &work->cut;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            cut->values[d * n + i] = measure->pv[d * measure->n + persons[i]];
            sum += cut->values[d * n + i];
        }
        work->draw_mean[d] = sum / (double)n;
    }
    cut->sample = (struct sample){ .n = n, .draws = PLAUSIBLE_VALUES, .values = cut->values,
                                   .cluster = cut->cluster };
}

/* Σ (n_c/n)² over the clusters of the cut. */
static double concentration(const struct cut *cut, int *count) {
    double sum = 0, n = (double)cut->sample.n;
    for (size_t c = 0; c < cut->sample.n_clusters; c++) count[c] = 0;
    for (size_t i = 0; i < cut->sample.n; i++) count[cut->cluster[i]]++;
    for (size_t c = 0; c < cut->sample.n_clusters; c++) sum += count[c] / n * (count[c] / n);
    return sum;
}

/* Number of schools of a unit's persons, and the cut clustered by them. */
static size_t cluster_by(struct work *work, const int *cluster_of, const struct measure *measure,
                         const size_t *persons, size_t n, size_t n_units) {
    work->cut.sample.n_clusters = number_cut(cluster_of, measure, persons, n, work->number, n_units,
                                             &work->cut, work->unit_of_cluster);
    return work->cut.sample.n_clusters;
}

/* τ²_school Σ(n_s/n)² added to what the classes and pupils give: for units of few schools. */
static bool model_with_schools(const struct survey *survey, const struct units *units,
                               const struct measure *measure, const size_t *persons, size_t n,
                               struct work *work, struct arena *arena, struct moments *out,
                               struct error *error) {
    cluster_by(work, survey->school_of, measure, persons, n, units->n);
    double schools = concentration(&work->cut, work->unit_of_cluster), tau2 = 0;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) tau2 += measure->tau2_school[d];
    cluster_by(work, survey->class_of, measure, persons, n, units->n);
    if (!mean_model(&work->cut.sample, measure->tau2_class, measure->sigma2, arena, out, error))
        return false;
    out->mean.se = sqrt(out->mean.se * out->mean.se + tau2 / PLAUSIBLE_VALUES * schools);
    return true;
}

/* The error that methods.md §2 asks for at each kind of unit. */
static bool unit_moments(const struct survey *survey, const struct units *units, size_t unit,
                         const struct measure *measure, const size_t *persons, size_t n,
                         struct work *work, struct arena *arena, struct moments *out,
                         struct error *error) {
    enum unit_kind kind = units->unit[unit].kind;
    if (kind == UNIT_SCHOOL || kind == UNIT_CLASS || kind == UNIT_TEAM) {
        size_t classes = cluster_by(work, survey->class_of, measure, persons, n, units->n);
        if (kind == UNIT_SCHOOL && classes >= JACKKNIFE_CLASSES)
            return mean_jackknife(&work->cut.sample, arena, out, error);
        return mean_model(&work->cut.sample, measure->tau2_class, measure->sigma2, arena, out,
                          error);
    }
    size_t schools = cluster_by(work, survey->school_of, measure, persons, n, units->n);
    if (schools < JACKKNIFE_SCHOOLS)
        return model_with_schools(survey, units, measure, persons, n, work, arena, out, error);
    if (kind == UNIT_PROGRAMME) {
        for (size_t c = 0; c < schools; c++) {
            long u = work->unit_of_cluster[c];
            while (u >= 0 && units->unit[u].kind != UNIT_MUNICIPALITY) u = units->unit[u].parent;
            work->cut.stratum[c] = (int)(u + 1);
        }
        work->cut.sample.stratum = work->cut.stratum;
    }
    return mean_jackknife(&work->cut.sample, arena, out, error);
}

static void fill_cell(const struct measure *measure, enum unit_kind kind, size_t unit,
                      const struct moments *moments, struct unit_cell *cell) {
    cell->mean = moments->mean;
    cell->raw_mean = moments->mean.value;
    cell->sd = moments->sd;
    if (kind == UNIT_CLASS && !isnan(measure->unit_mean[unit])) {
        /* The posterior of the class: shrunken, with the uncertainty of the variance components. */
        cell->mean = (struct estimate){ measure->unit_mean[unit], measure->unit_sd[unit], HUGE_VAL };
    }
    double half = estimate_half_width(cell->mean, .95);
    cell->low = cell->mean.value - half;
    cell->high = cell->mean.value + half;
}

/* d and its error against one reference, of which the unit is the share ω, grade by grade. What the others
 * give is the reference's variance less the unit's own part of it: Var(ū − R) = (1 − ω)² Var(ū) +
 * (Var(R) − ω² Var(ū)). Degrees of freedom by Satterthwaite, since either part may lead. */
static void compare(const struct standard *standard, const double grade_share[GRADE_SLOTS],
                    const double grade_n[GRADE_SLOTS], const double *draw_mean, bool shrunken,
                    enum reference which, struct unit_cell *cell) {
    double reference = 0, between = 0, square = 0, overlap = 0, difference = 0;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) {
        double r = standard_mean(standard, d, grade_share);
        double value = shrunken ? -r : draw_mean[d] - r;
        reference += r / PLAUSIBLE_VALUES;
        difference += value / PLAUSIBLE_VALUES;
        square += value * value;
    }
    between = (square - PLAUSIBLE_VALUES * difference * difference) / (PLAUSIBLE_VALUES - 1);
    for (size_t g = 0; g < GRADE_SLOTS; g++)
        if (standard->n[g] > 0) overlap += grade_share[g] * grade_n[g] / standard->n[g];
    if (overlap > .95) return; /* the unit is the reference */
    double own = cell->mean.se * cell->mean.se;
    double others = fmax(0, standard_variance(standard, grade_share) - overlap * overlap * own);
    own *= (1 - overlap) * (1 - overlap);
    double variance = own + others;
    /* What the imputations add is in own already; for a shrunken mean only the reference's is new. */
    if (shrunken) variance += (1 + 1. / PLAUSIBLE_VALUES) * fmax(0, between);
    double df = variance * variance / (own * own / cell->mean.df + others * others / standard->df);
    cell->compared[which] = true;
    cell->reference[which] = reference;
    cell->contrast[which].difference =
        (struct estimate){ cell->mean.value - reference, sqrt(variance), df };
}

static void compare_unit(const struct survey *survey, const struct units *units, size_t unit,
                         const struct measure *measure, const struct standards *standards,
                         const size_t *persons, size_t n, const double *draw_mean,
                         struct unit_cell *cell) {
    double share[GRADE_SLOTS] = { 0 }, count[GRADE_SLOTS] = { 0 };
    for (size_t i = 0; i < n; i++)
        count[survey->answers.rows[measure->row[persons[i]]].grade + 1] += 1;
    for (size_t g = 0; g < GRADE_SLOTS; g++) share[g] = count[g] / (double)n;
    enum unit_kind kind = units->unit[unit].kind;
    bool shrunken = kind == UNIT_CLASS && !isnan(measure->unit_mean[unit]);
    if (kind == UNIT_PROGRAMME) return;
    if (standards->programme.usable)
        compare(&standards->programme, share, count, draw_mean, shrunken, REFERENCE_PROGRAMME, cell);
    long above = (long)unit;
    while (above >= 0 && units->unit[above].kind != UNIT_MUNICIPALITY)
        above = units->unit[above].parent;
    if (above >= 0 && above != (long)unit && standards->municipality[above].usable)
        compare(&standards->municipality[above], share, count, draw_mean, shrunken,
                REFERENCE_MUNICIPALITY, cell);
}

bool aggregate_scale(const struct survey *survey, const struct units *units,
                     const struct measure *measure, struct arena *arena, struct unit_cell *cells,
                     struct error *error) {
    struct gathered gathered;
    struct work work;
    struct standards standards;
    for (size_t u = 0; u < units->n; u++) cells[u].invited = survey->invited[u];
    if (!measure->calibrated) return true;
    if (!gather(survey, units, measure, arena, &gathered, error) ||
        !work_init(&work, units->n, measure->n, arena, error) ||
        !standards_make(survey, units, measure, arena, &standards, error))
        return false;
    for (size_t u = 0; u < units->n; u++) {
        const size_t *persons = gathered.person + gathered.first[u];
        size_t n = gathered.first[u + 1] - gathered.first[u];
        cells[u].n = n;
        if (n < 2) continue;
        struct moments moments;
        struct arena *scratch = arena_create(ARENA_JOB_MAX);
        if (!scratch) return error_plain(error, "publish.memory");
        cut_values(&work, measure, persons, n);
        bool ok = unit_moments(survey, units, u, measure, persons, n, &work, scratch, &moments,
                               error);
        arena_destroy(scratch);
        if (!ok) return false;
        fill_cell(measure, units->unit[u].kind, u, &moments, &cells[u]);
        compare_unit(survey, units, u, measure, &standards, persons, n, work.draw_mean, &cells[u]);
    }
    return true;
}

bool aggregate_item(const struct survey *survey, const struct units *units, size_t item,
                    struct arena *arena, size_t **counts, struct error *error) {
    size_t categories = survey->instrument->items[item].n_categories;
    *counts = arena_array(arena, units->n * categories, sizeof **counts);
    if (!*counts) return error_plain(error, "publish.memory");
    for (size_t r = 0; r < survey->answers.n; r++) {
        uint8_t answer = survey->answers.vectors[r * survey->answers.n_items + item];
        if (answer >= categories) continue;
        for (long u = survey->unit_of[r]; u >= 0; u = units->unit[u].parent)
            (*counts)[(size_t)u * categories + answer]++;
    }
    return true;
}

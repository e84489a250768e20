#include "publish/aggregate.h"

#include "base/arena.h"
#include "publish/reference.h"
#include "stat/mean.h"

#include <math.h>

/* Below these numbers of clusters a jackknife has too few replicates (docs/methods/simulation.md). */
enum { JACKKNIFE_CLASSES = 30, JACKKNIFE_SCHOOLS = 10 };

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

/* Every unit's persons in clusters, as means_by_group() wants them. */
struct clustered {
    int *cluster, *stratum;  /* of a place */
    size_t *n_clusters;      /* of a unit */
    bool *model;             /* of a unit: too few clusters to leave one out */
    double *schools;         /* of a unit: Σ (n_s/n)² where schools are few, else 0 */
    int *number;             /* one a unit and one more, −1 between uses */
    size_t *size;            /* persons of a cluster of the unit at hand */
};

static bool clustered_init(struct clustered *c, size_t n_units, size_t places, struct arena *arena,
                           struct error *error) {
    *c = (struct clustered){ .cluster = arena_array(arena, places + 1, sizeof(int)),
                             .stratum = arena_array(arena, places + 1, sizeof(int)),
                             .n_clusters = arena_array(arena, n_units + 1, sizeof(size_t)),
                             .model = arena_array(arena, n_units + 1, sizeof(bool)),
                             .schools = arena_array(arena, n_units + 1, sizeof(double)),
                             .number = arena_array(arena, n_units + 1, sizeof(int)),
                             .size = arena_array(arena, n_units + 1, sizeof(size_t)) };
    if (!c->cluster || !c->stratum || !c->n_clusters || !c->model || !c->schools || !c->number || !c->size)
        return error_plain(error, "publish.memory");
    for (size_t u = 0; u <= n_units; u++) c->number[u] = -1;
    return true;
}

/* Numbers the clusters (units' indexes, −1 none) of a unit's persons from 0, as they are met. Persons
 * without one are a cluster of their own. */
static size_t number_clusters(const int *cluster_of, const struct measure *measure, size_t n_units,
                              const size_t *persons, size_t n, struct clustered *c, int *cluster) {
    size_t clusters = 0;
    for (size_t i = 0; i < n; i++) {
        int unit = cluster_of[measure->row[persons[i]]];
        int *slot = &c->number[unit < 0 ? n_units : (size_t)unit];
        if (*slot < 0) {
            c->size[clusters] = 0;
            *slot = (int)clusters++;
        }
        cluster[i] = *slot;
        c->size[*slot]++;
    }
    for (size_t i = 0; i < n; i++) {
        int unit = cluster_of[measure->row[persons[i]]];
        c->number[unit < 0 ? n_units : (size_t)unit] = -1;
    }
    return clusters;
}

/* The programme's schools lie in municipalities. */
static void stratify(const struct survey *survey, const struct units *units,
                     const struct measure *measure, const size_t *persons, size_t n, int *stratum) {
    for (size_t i = 0; i < n; i++) {
        long u = survey->school_of[measure->row[persons[i]]];
        while (u >= 0 && units->unit[u].kind != UNIT_MUNICIPALITY) u = units->unit[u].parent;
        stratum[i] = (int)(u + 1);
    }
}

/* The clusters that methods.md §2 asks for at each kind of unit, and whether they are too few. */
static void cluster_unit(const struct survey *survey, const struct units *units, size_t unit,
                         const struct measure *measure, const size_t *persons, size_t first, size_t n,
                         struct clustered *c) {
    enum unit_kind kind = units->unit[unit].kind;
    int *cluster = c->cluster + first;
    bool by_class = kind == UNIT_SCHOOL || kind == UNIT_CLASS || kind == UNIT_TEAM;
    if (!by_class) {
        size_t schools = number_clusters(survey->school_of, measure, units->n, persons, n, c, cluster);
        c->n_clusters[unit] = schools;
        if (schools >= JACKKNIFE_SCHOOLS) {
            if (kind == UNIT_PROGRAMME)
                stratify(survey, units, measure, persons, n, c->stratum + first);
            return;
        }
        for (size_t s = 0; s < schools; s++) {
            double share = (double)c->size[s] / (double)n;
            c->schools[unit] += share * share;
        }
    }
    c->n_clusters[unit] = number_clusters(survey->class_of, measure, units->n, persons, n, c, cluster);
    c->model[unit] = kind != UNIT_SCHOOL || c->n_clusters[unit] < JACKKNIFE_CLASSES;
}

/* τ²_school Σ(n_s/n)² added to what the classes and pupils give: for units of few schools. */
static void add_schools(const struct measure *measure, double schools, struct moments *moments) {
    double tau2 = 0;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) tau2 += measure->tau2_school[d];
    moments->mean.se =
        sqrt(moments->mean.se * moments->mean.se + tau2 / PLAUSIBLE_VALUES * schools);
}

/* Plausible values draw a school's mean towards the others' by the share b = B/V of its distance: B is the
 * draws' variance, V = U + τ²_school what was uncertain before the answers, U the classes' and pupils' part.
 * Rubin's rules know nothing of it and count U + B where the error is U + B − 2bU, on average over schools
 * (Meng 1994, doi:10.1214/ss/1177010269; docs/methods/estimates.md). */
static void count_shrinkage(const struct measure *measure, const double *draw_mean,
                            struct moments *moments) {
    double tau2 = 0, between = 0;
    for (size_t d = 0; d < PLAUSIBLE_VALUES; d++) {
        double deviation = draw_mean[d] - moments->mean.value;
        tau2 += measure->tau2_school[d] / PLAUSIBLE_VALUES;
        between += deviation * deviation / (PLAUSIBLE_VALUES - 1);
    }
    if (!(tau2 > 0)) return;
    double added = (1 + 1. / PLAUSIBLE_VALUES) * between;
    double within = moments->mean.se * moments->mean.se - added;
    added -= 2 * fmin(added / (within + tau2), .5) * within;
    double share = fabs(added) / (within + added);
    moments->mean.se = sqrt(within + added);
    moments->mean.df = share > 0 ? (PLAUSIBLE_VALUES - 1) / (share * share) : HUGE_VAL;
}

/* Moments of every unit, and its mean in each draw. */
static bool all_moments(const struct survey *survey, const struct units *units,
                        const struct measure *measure, const struct gathered *gathered,
                        struct pool *pool, struct arena *arena, struct moments *moments,
                        double *draw_mean, struct error *error) {
    struct clustered c;
    if (!clustered_init(&c, units->n, gathered->first[units->n], arena, error)) return false;
    for (size_t u = 0; u < units->n; u++) {
        size_t first = gathered->first[u], n = gathered->first[u + 1] - first;
        cluster_unit(survey, units, u, measure, gathered->person + first, first, n, &c);
    }
    struct groups groups = { .n = measure->n, .draws = PLAUSIBLE_VALUES, .values = measure->pv,
                             .n_groups = units->n, .first = gathered->first,
                             .person = gathered->person, .cluster = c.cluster,
                             .n_clusters = c.n_clusters, .stratum = c.stratum, .model = c.model,
                             .tau2_class = measure->tau2_class, .sigma2 = measure->sigma2 };
    if (!means_by_group(&groups, pool, arena, moments, draw_mean, error)) return false;
    for (size_t u = 0; u < units->n; u++) {
        if (c.schools[u] > 0) add_schools(measure, c.schools[u], &moments[u]);
        if (units->unit[u].kind == UNIT_SCHOOL && c.model[u])
            count_shrinkage(measure, draw_mean + u * PLAUSIBLE_VALUES, &moments[u]);
    }
    return true;
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
                     const struct measure *measure, struct pool *pool, struct arena *arena,
                     struct unit_cell *cells, struct error *error) {
    struct gathered gathered;
    struct standards standards;
    struct moments *moments = arena_array(arena, units->n + 1, sizeof *moments);
    double *draw_mean = arena_array(arena, units->n + 1, PLAUSIBLE_VALUES * sizeof *draw_mean);
    if (!moments || !draw_mean) return error_plain(error, "publish.memory");
    for (size_t u = 0; u < units->n; u++) cells[u].invited = survey->invited[u];
    if (!measure->calibrated) return true;
    if (!gather(survey, units, measure, arena, &gathered, error) ||
        !all_moments(survey, units, measure, &gathered, pool, arena, moments, draw_mean, error) ||
        !standards_make(survey, units, measure, arena, &standards, error))
        return false;
    for (size_t u = 0; u < units->n; u++) {
        const size_t *persons = gathered.person + gathered.first[u];
        size_t n = gathered.first[u + 1] - gathered.first[u];
        cells[u].n = n;
        if (n < 2) continue;
        fill_cell(measure, units->unit[u].kind, u, &moments[u], &cells[u]);
        compare_unit(survey, units, u, measure, &standards, persons, n,
                     draw_mean + u * PLAUSIBLE_VALUES, &cells[u]);
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

/* study_publish.c - what the intervals of published means and comparisons cover.
 *
 *     build-bench/bench/study_publish [REPLICATIONS [THREADS [CELL]]]
 *
 * Each replication is a wave of one scale (programme.h) through measure_scale() and
 * aggregate_scale(): calibration, link, plausible values, errors and comparisons as published.
 * Tables: docs/methods/simulation.md.
 */
#include "programme.h"

#include <math.h>

/* A class that is truly so many points from its municipality's mean of its grade: 1.4 SD. */
enum { FAR_OUT = 45 };

static const struct design ordinary = {
    .schools = { 10, 4 }, .classes = 3, .pupils = 20, .icc = .10, .items = 6
};

enum cell {
    ORDINARY,
    LOW_ICC,
    HIGH_ICC,
    NO_ICC,
    MISSING,
    CLASSES_OF_8,
    CLASSES_OF_25,
    UNEQUAL,
    SKEWED,
    CEILING,
    THREE_ITEMS,
    FEW_SCHOOLS,
    TWO_SCHOOLS,
    TEN_CLASSES,
    TEN_UNEQUAL,
    LINKED,
    LINKED_CEILING,
    ALL,
    CELLS
};
static const char *const cells[CELLS] = {
    [ORDINARY] = "ordinary",
    [LOW_ICC] = "shares of schools and classes .05 in all",
    [HIGH_ICC] = "shares .15",
    [NO_ICC] = "no differences between schools and classes",
    [MISSING] = "20 % of the answers missing, 10 % of pupils silent",
    [CLASSES_OF_8] = "classes of 8",
    [CLASSES_OF_25] = "classes of 25",
    [UNEQUAL] = "classes of 4 to 36, schools of 3 or 6",
    [SKEWED] = "skewed ability (skewness 1)",
    [CEILING] = "ceiling: two thirds of answers at the top",
    [THREE_ITEMS] = "three items",
    [FEW_SCHOOLS] = "a programme of 6 schools",
    [TWO_SCHOOLS] = "a programme of 2 schools",
    [TEN_CLASSES] = "schools of 10 classes of 12",
    [TEN_UNEQUAL] = "the same, of 2 to 22",
    [LINKED] = "second wave, linked to known items",
    [LINKED_CEILING] = "the same with a ceiling",
    [ALL] = "skewed down, ceiling, 20 % missing, unequal classes of 8",
};

static struct design design_of(enum cell cell) {
    struct design d = ordinary;
    switch (cell) {
    case LOW_ICC: d.icc = .05; break;
    case HIGH_ICC: d.icc = .15; break;
    case NO_ICC: d.icc = 0; break;
    case MISSING: d.missing = .2, d.silent = .1; break;
    case CLASSES_OF_8: d.pupils = 8; break;
    case CLASSES_OF_25: d.pupils = 25; break;
    case UNEQUAL: d.unequal = true; break;
    case SKEWED: d.shape = SHAPE_SKEWED; break;
    case CEILING: d.middle = -2; break;
    case THREE_ITEMS: d.items = 3; break;
    case FEW_SCHOOLS: d.schools[0] = 6, d.schools[1] = 0; break;
    case TWO_SCHOOLS: d.schools[0] = 2, d.schools[1] = 0; break;
    case TEN_UNEQUAL: d.unequal = true; /* FALLTHROUGH */
    case TEN_CLASSES: d.schools[0] = 10, d.schools[1] = 0, d.classes = 10, d.pupils = 12; break;
    case LINKED_CEILING: d.middle = -2; /* FALLTHROUGH */
    case LINKED: d.linked = true; break;
    case ALL:
        d.shape = SHAPE_SKEWED_DOWN, d.middle = -2, d.missing = .2, d.unequal = true, d.pupils = 8;
        break;
    default: break;
    }
    return d;
}

enum {
    CLASS,
    CLASS_OUT,
    SCHOOL_MODEL,
    SCHOOL_JACKKNIFE,
    MUNICIPALITY_MODEL,
    MUNICIPALITY_JACKKNIFE,
    PROGRAMME_MODEL,
    PROGRAMME_JACKKNIFE,
    CLASS_PROGRAMME,
    CLASS_MUNICIPALITY,
    SCHOOL_PROGRAMME,
    SCHOOL_MUNICIPALITY,
    MUNICIPALITY_PROGRAMME,
    QUANTITIES
};
static const char *const quantities[QUANTITIES] = {
    [CLASS] = "class (average over classes)",
    [CLASS_OUT] = "class 45 points or more from its municipality",
    [SCHOOL_MODEL] = "school, model",
    [SCHOOL_JACKKNIFE] = "school, jackknife",
    [MUNICIPALITY_MODEL] = "municipality, model",
    [MUNICIPALITY_JACKKNIFE] = "municipality, jackknife",
    [PROGRAMME_MODEL] = "programme, model",
    [PROGRAMME_JACKKNIFE] = "programme, jackknife",
    [CLASS_PROGRAMME] = "class less programme",
    [CLASS_MUNICIPALITY] = "class less municipality",
    [SCHOOL_PROGRAMME] = "school less programme",
    [SCHOOL_MUNICIPALITY] = "school less municipality",
    [MUNICIPALITY_PROGRAMME] = "municipality less programme",
};

static size_t children(const struct units *units, size_t unit) {
    size_t n = 0;
    for (size_t u = 0; u < units->n; u++) n += units->unit[u].parent == (long)unit;
    return n;
}

static size_t schools_below(const struct units *units, size_t unit) {
    size_t n = 0;
    for (size_t u = 0; u < units->n; u++) {
        if (units->unit[u].kind != UNIT_SCHOOL) continue;
        n += unit == 0 || units->unit[u].parent == (long)unit;
    }
    return n;
}

/* Which of the errors in aggregate.c a unit's mean has. */
static int mean_of(const struct units *units, size_t unit) {
    switch (units->unit[unit].kind) {
    case UNIT_CLASS: return CLASS;
    case UNIT_SCHOOL: return children(units, unit) >= 10 ? SCHOOL_JACKKNIFE : SCHOOL_MODEL;
    case UNIT_MUNICIPALITY:
        return schools_below(units, unit) >= 10 ? MUNICIPALITY_JACKKNIFE : MUNICIPALITY_MODEL;
    default: return schools_below(units, unit) >= 10 ? PROGRAMME_JACKKNIFE : PROGRAMME_MODEL;
    }
}

static int difference_of(enum unit_kind kind, int reference) {
    bool programme = reference == REFERENCE_PROGRAMME;
    if (kind == UNIT_CLASS) return programme ? CLASS_PROGRAMME : CLASS_MUNICIPALITY;
    if (kind == UNIT_SCHOOL) return programme ? SCHOOL_PROGRAMME : SCHOOL_MUNICIPALITY;
    return MUNICIPALITY_PROGRAMME;
}

static bool replicate(size_t cell, struct source *source, struct arena *arena,
                      struct quantity *out) {
    struct design design = design_of((enum cell)cell);
    struct programme p;
    if (!programme_make(&design, source, arena, &p) ||
        !programme_measure(&design, source, NULL, arena, &p))
        return false;
    for (size_t u = 0; u < p.units.n; u++) {
        const struct unit_cell *c = &p.cells[u];
        if (c->n < 7) continue; /* never shown */
        quantity_add_interval(&out[mean_of(&p.units, u)], c->mean, c->low, c->high,
                              programme_truth(&p, u));
        if (p.units.unit[u].kind == UNIT_CLASS &&
            fabs(programme_true_difference(&p, u, REFERENCE_MUNICIPALITY)) >= FAR_OUT)
            quantity_add_interval(&out[CLASS_OUT], c->mean, c->low, c->high,
                                  programme_truth(&p, u));
        for (int r = 0; r < REFERENCES; r++)
            if (c->compared[r])
                quantity_add(&out[difference_of(p.units.unit[u].kind, r)],
                             c->contrast[r].difference,
                             programme_true_difference(&p, u, (enum reference)r));
    }
    return true;
}

int main(int argc, char **argv) {
    const struct study study = { .unit = "points",
                                 .quantities = quantities,
                                 .n_quantities = QUANTITIES,
                                 .cells = cells,
                                 .n_cells = CELLS,
                                 .decimals = 1,
                                 .replicate = replicate };
    return study_main(&study, argc, argv);
}

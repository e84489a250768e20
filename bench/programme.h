/* programme.h - a simulated programme whose wave goes through publish's own measuring and
 * aggregation: what a reader would be shown, beside the truth.
 *
 *     θ = grade + gender + municipality + school + class + pupil
 *
 * with municipality, school, class and pupil of variances that sum to 1, in logits; points are 500
 * + 100 θ. What is shown for a unit is of pupils like these, taught here: its pupils' grades and
 * genders stand fixed; of a class, its municipality, school and class do, of a school its
 * municipality and school, of a municipality that alone.
 */
#ifndef LAERKE_BENCH_PROGRAMME_H
#define LAERKE_BENCH_PROGRAMME_H

#include "publish/aggregate.h"
#include "simulation.h"

enum { SIM_GRADES = 2, MUNICIPALITIES_MAX = 4, SIM_ITEMS_MAX = 8, SIM_STEPS = 3 };

struct design {
    int schools[MUNICIPALITIES_MAX]; /* in each municipality; 0: no more */
    int classes, pupils;             /* a school, a class (on average) */
    bool unequal;                    /* classes from a fifth to 1.8 of the size, and a quarter of
                                        the schools with twice as many classes */
    double icc;                      /* share of schools and classes, half each */
    int items;
    double missing;   /* share of the answers, at random */
    double silent;    /* share of the pupils that answer nothing */
    enum shape shape; /* of the pupils within classes */
    double middle;    /* of the items' steps: −2.2 puts most answers at the top */
    bool linked;      /* to a base wave whose items are known; else it is its own base */
    bool null_units;  /* the first school of each municipality and its first class do not differ
                         from the programme's mean, nor do genders and municipalities */
};

/* Sums over pupils: their number, grade + gender, and their municipalities' effects. */
struct pupils {
    double n, fixed, municipality;
};

/* One scale's wave. */
struct programme {
    struct units units;
    struct survey survey;
    struct scale scale;
    struct instrument instrument;
    size_t n;              /* pupils */
    double *fixed, *theta; /* a pupil: grade + gender; all */
    double *effect;        /* a unit: its own, without those above */
    struct pupils *pupils; /* of a unit and grade: those that count */
    struct item_parameters item[SIM_ITEMS_MAX];
    double mean, sd; /* 500 and 100 points */
    struct measure measure;
    struct unit_cell *cells;
};

/* Units and pupils without answers. common[pupil] (may be NULL) of variance 1 is shared with other
 * scales: half of a pupil's variance within classes. */
bool programme_make(const struct design *design, struct source *source, struct arena *arena,
                    struct programme *out);

/* Items are drawn and answered, the wave measured and aggregated. */
bool programme_measure(const struct design *design, struct source *source, const double *common,
                       struct arena *arena, struct programme *p);

/* A school or class whose differences from both references are 0 with design.null_units. */
bool programme_is_null(const struct programme *p, size_t unit);

/* What unit's mean estimates, and its difference from a reference, in points of this wave. */
double programme_truth(const struct programme *p, size_t unit);
double programme_true_difference(const struct programme *p, size_t unit, enum reference which);

#endif

/* simulation.h - studies of what intervals cover: replications with known truth, counted and
 * printed.
 *
 * A study has cells; a cell is replicated many times. A replication simulates, estimates as the
 * product does and adds each estimate with its truth to the quantity it belongs to. Every random
 * number is a hash of cell, replication and counter, so a table is the same at any number of
 * threads.
 *
 *     static bool replicate(const void *cell, struct source *random, struct quantity *out) {
 *         ...
 *         quantity_add(&out[MEAN], estimate, truth);
 *         return true;
 *     }
 */
#ifndef LAERKE_BENCH_SIMULATION_H
#define LAERKE_BENCH_SIMULATION_H

#include "scale/model.h"
#include "stat/estimate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* ---- random numbers of one replication ---- */

struct source {
    uint64_t seed, stream, counter;
};
double draw_normal(struct source *source);
double draw_uniform(struct source *source);

/* Mean 0 and SD 1: normal; χ² with 8 degrees of freedom (skewness 1), also turned around. */
enum shape { SHAPE_NORMAL, SHAPE_SKEWED, SHAPE_SKEWED_DOWN };
double draw_shape(struct source *source, enum shape shape);

/* The category that a person at theta answers with. */
int8_t draw_answer(struct source *source, enum irt_model model, const struct item_parameters *item,
                   double theta);

/* ---- what is counted ---- */

/* Estimates of one kind in one replication (the classes of a programme, say). */
struct quantity {
    double n, error, square, variance, covered, width;
};
void quantity_add(struct quantity *quantity, struct estimate estimate, double truth);
/* With an interval of its own (widened, of another confidence). */
void quantity_add_interval(struct quantity *quantity, struct estimate estimate, double low,
                           double high, double truth);

/* For a study of events: did it happen? */
void quantity_add_event(struct quantity *quantity, bool happened);

struct study {
    bool events;      /* the table gives how often, instead of the columns of intervals */
    const char *unit; /* of bias and SD, in the tables' heading */
    const char *const *quantities; /* names; one that no replication adds to is not printed */
    size_t n_quantities;
    const char *const *cells; /* names */
    size_t n_cells;
    int decimals; /* of bias and SD */
    /* Adds to out (n_quantities of them, zeroed). arena is the replication's own. False: the
     * replication failed and is counted as such. */
    bool (*replicate)(size_t cell, struct source *source, struct arena *arena,
                      struct quantity *out);
};

/* Runs every cell (or those whose number, from 1, is in ONLY) and prints a Markdown table. Command
 * line: [REPLICATIONS [THREADS [ONLY]]]. Returns the program's exit status. */
int study_main(const struct study *study, int argc, char **argv);

#endif

/* latent_effects.h - the second half of the latent regression's Gibbs step: given θ, draws β, the
 * effects of schools and classes, and the variances.
 *
 * Layer: scale, for latent.c. Pure. It sees θ only through sums: Σθ of each part, and X′θ and θ′θ
 * of each variance group.
 *
 *   1. (β, schools, classes) jointly from their normal, given the variances: β with both kinds of
 *      effects integrated out (generalised least squares), schools given β with the classes
 *      integrated out, classes given both. Drawn one by one instead, the intercept and the effects
 *      would creep.
 *   2. the variances of classes and of schools, each with a common factor of its effects (parameter
 *      expansion: Gelman 2006, doi:10.1214/06-BA117A; the prior stands in the code).
 *   3. the residual variance of each variance group.
 */
#ifndef LAERKE_SCALE_LATENT_EFFECTS_H
#define LAERKE_SCALE_LATENT_EFFECTS_H

#include "scale/model.h"

struct arena;

/* Persons of one cell and one variance group; those of a cell stand together. */
struct part {
    size_t cell, variance;
    double n, sum; /* persons, Σθ */
};

/* Persons of one class within one school; class or school -1: none. Ordered by school. */
struct cell {
    int school, class;
    size_t first_part, parts;
    double n;
    double effect;    /* school + class */
    double fixed;     /* mean of x′β */
    double precision; /* Σ 1/σ² over its persons */
    double residual;  /* Σ (θ − x′β)/σ² */
    double shrink;    /* 1 / (1 + τ²_class precision) */
};

/* A class or a school: its effect, and its mean of x′β + school + class with what is known of its
 * variance given the other parameters (Rao and Blackwell). */
struct cluster {
    double n, mean, variance;
};

/* One level's effects: effect = factor × raw, τ² = factor² × raw variance. */
struct level {
    double tau2, factor;
    size_t n;
    double *effect, *precision, *residual; /* Σ 1/σ², Σ (θ − the rest)/σ² of each */
};

struct effects {
    size_t p, n_parts, n_cells, n_classes, n_schools, n_variances;
    struct part *parts;
    struct cell *cells;
    double *x_sum;        /* [part * p + column] */
    double *xx, *xt, *tt; /* of a variance group: X′X (lower), X′θ, θ′θ */
    double *squares;      /* of a variance group: residuals */
    double *beta;
    double *sigma2, sigma2_least;           /* sigma2: one a variance group */
    double *count;                          /* persons of a variance group */
    double prior_sd;                        /* the model's latent SD */
    struct level class_level, school_level; /* one effect a cell with a class; one a school */
    struct cluster *class, *school;
    double *a, *b, *g;  /* p × p, p, p: scratch */
    double *x_weighted; /* [cell * p + column]: Σ x/σ² */
};

/* parts, n_parts, cells, n_cells and n_variances are there; makes room for the rest. False when
 * memory is out. */
bool effects_make(struct effects *effects, size_t p, size_t n_classes, size_t n_schools,
                  struct arena *arena);

/* The state before the first pass: everybody at the model's mean, with its variance. */
void effects_start(struct effects *effects, const struct scale_model *model, double sigma2_least);

/* One step. False when the normal equations are not positive definite; *column is then at fault. */
bool effects_draw(struct effects *effects, uint64_t seed, uint64_t iteration, size_t *column);

/* The residual variance over everybody. */
double effects_sigma2(const struct effects *effects);

#endif

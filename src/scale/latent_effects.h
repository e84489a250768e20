/* latent_effects.h - the second half of the latent regression's Gibbs step: given θ, draws β, the
 * effects of schools and classes, and the variances.
 *
 * Layer: scale, for latent.c. Pure. It sees θ only through sums: Σθ of each cell, X′θ and θ′θ.
 *
 *   1. (β, schools, classes) jointly from their normal, given the variances: β with both kinds of effects
 *      integrated out (generalised least squares), schools given β with the classes integrated out,
 *      classes given both. Drawn one by one instead, the intercept and the effects would creep.
 *   2. the variances of classes and of schools, each with a common factor of its effects (parameter
 *      expansion: Gelman 2006, doi:10.1214/06-BA117A; half-Cauchy prior on τ).
 *   3. σ².
 */
#ifndef LAERKE_SCALE_LATENT_EFFECTS_H
#define LAERKE_SCALE_LATENT_EFFECTS_H

#include "scale/model.h"

struct arena;

/* Persons of one class within one school; class or school -1: none. Ordered by school. */
struct cell {
    int school, class;
    double n;
    double sum;            /* Σθ */
    double effect;         /* school + class */
    double fixed;          /* mean of x′β */
    double weight, shrink; /* 1 / (τ²_class + σ²/n), and τ²_class times it */
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
    double *effect, *count, *residual; /* n persons and Σ(θ − the rest) of each */
};

struct effects {
    size_t p, n_cells, n_classes, n_schools;
    struct cell *cells;
    double *x_sum;         /* [cell * p + column] */
    double *xx, *xt, tt;   /* X′X (lower), X′θ, θ′θ */
    double *beta;
    double sigma2, sigma2_least;
    double prior_sd;       /* the model's latent SD */
    struct level class_level, school_level; /* one effect a cell with a class; one a school */
    struct cluster *class, *school;
    double *a, *b, *g;     /* p × p, p, p: scratch */
};

/* cells, n_cells are there; makes room for the rest. False when memory is out. */
bool effects_make(struct effects *effects, size_t p, size_t n_classes, size_t n_schools,
                  struct arena *arena);

/* The state before the first pass: everybody at the model's mean, with its variance. */
void effects_start(struct effects *effects, const struct scale_model *model, double sigma2_least);

/* One step. False when the normal equations are not positive definite; *column is then at fault. */
bool effects_draw(struct effects *effects, uint64_t seed, uint64_t iteration, size_t *column);

#endif

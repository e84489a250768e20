/* misfit.h - where answers and a calibrated model disagree: items, pairs of items, categories,
 * persons.
 *
 * Layer: scale. Pure. Every statistic is an expectation over the posterior of θ given a person's
 * answers and group, never a plugged-in estimate but for lz (formulas and sources:
 * docs/methods/fit.md). Weights are scaled to mean 1 over the persons that count, as in fit.h. The
 * same bits at any number of threads. No room that grows with persons × items is taken.
 *
 *     struct misfit misfit;
 *     if (!scale_misfit(&responses, &fit, pool, arena, &misfit, error)) return false;
 *     for (size_t b = 1; b < n_items; b++)
 *         for (size_t a = 0; a < b; a++)
 *             if (pair_named(&misfit.pair[pair_at(a, b)])) name(a, b);
 *
 * What is not defined (the rest of a scale of one item, a correlation of two items that nobody met
 * together) is NaN. Errors: scale.memory.
 */
#ifndef LAERKE_SCALE_MISFIT_H
#define LAERKE_SCALE_MISFIT_H

#include "scale/fit.h"

#define RMSD_NAMED 0.12      /* OECD's bound for an item that does not fit */
#define Q3_NAMED 0.2         /* of Q3 less its mean */
#define LZ_CARELESS (-2.326) /* below which 1 % would be, if lz were standard normal */

enum {
    LZ_LEAST_ANSWERS = 5,      /* fewer answers do not show a pattern */
    RMSD_LEAST_ANSWERS = 200,  /* fewer can make an RMSD of RMSD_NAMED by chance, */
    RMSD_LEAST_IN_GROUP = 400, /* in a group, whose answers the parameters do not follow, so many */
    Q3_LEAST_ANSWERS = 100,
    Q3_ERRORS = 3 /* a Q3 to be named is so many standard errors away from the mean */
};

struct item_fit {
    double n, mean; /* answers (weighted) and mean category */
    double outfit, infit;
    double outfit_t, infit_t;     /* as if the parameters were known: too near to 0 where they are
                                   * estimated, by far for the models with slopes */
    double item_rest_correlation; /* over complete persons where they are half of all, else with the
                                   * mean of each one's other answers */
    double rmsd;
    bool disordered; /* a step's location lies above the next one's */
    bool falling;    /* those in some category have a lower mean EAP than those in the one below */
};

struct pair_fit {
    double n; /* persons who answered both (weighted) */
    double q3, q3_adjusted;
};

struct category_use {
    size_t n;        /* answers, not weighted */
    double weighted; /* answers, weighted */
    double share;
    double mean_eap;          /* of those who chose it; NaN where nobody did */
    bool disordered, falling; /* as in item_fit: which category it is */
};

struct misfit {
    struct item_fit *item;         /* one an item */
    struct pair_fit *pair;         /* by pair_at(); n_items (n_items − 1)/2 */
    struct category_use *category; /* item * CATEGORIES_MAX + category of the model */
    double *group_rmsd, *group_n;  /* group * n_items + item; n weighted */
    double q3_mean;                /* over the pairs that have one; NaN: none has */
    size_t pair_every;             /* Q3 over every so many persons: 1 but for very many items */
    size_t lz_n;                   /* persons with LZ_LEAST_ANSWERS answers or more */
    size_t lz_careless;            /* of these, with lz below LZ_CARELESS */
};

/* The place of the pair of items a < b. */
static inline size_t pair_at(size_t a, size_t b) { return b * (b - 1) / 2 + a; }

/* Whether an item of n answers, or a pair of items, is to be named. */
bool rmsd_named(double rmsd, double n, bool in_group);
bool pair_named(const struct pair_fit *pair);

/* responses: those that fit was made from (categories as declared; fit->recode is applied here). */
bool scale_misfit(const struct responses *responses, const struct fit_result *fit,
                  struct pool *pool, struct arena *arena, struct misfit *out, struct error *error);

#endif

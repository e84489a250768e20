/* truth.h - the true θ of every pupil who is asked, and what follows for units.
 *
 * Layer: simulate (inner header). In units of the scale's latent SD,
 *
 *     z = grade + gender + municipality + school + class + person
 *
 * with SD .20 between schools (municipalities included), .25 between classes and the rest between
 * persons; each part shares a general factor over scales, so that scales are correlated as real
 * ones are.
 */
#ifndef LAERKE_SIMULATE_TRUTH_H
#define LAERKE_SIMULATE_TRUTH_H

#include "instrument/instrument.h"
#include "simulate/plan.h"

/* What is true of a scale, in SDs of its θ: the step of one grade, girls above boys, the share of the
 * general factor; its SD in logits; how far below the mean of θ its items lie; whether the category in
 * the middle is the usual one (too easy … fitting … too hard). */
struct scale_truth {
    const char *code;
    double grade, girls, general, logit, easy;
    bool middle;
};

struct truth {
    size_t n_asked, n_scales;
    uint32_t *asked;     /* pupils, in order */
    double *z;           /* z[row * n_scales + scale] */
    double *expected;    /* the same without the person's own part */
    bool *answered;      /* one a row; filled in by draw_answers */
    const struct scale_truth **scales; /* one a scale */
};

bool truth_make(const struct plan *plan, const struct instrument *instrument, struct arena *arena,
                struct truth *truth, struct error *error);

/* Draws what everybody who answers answers: rows (of truth) and their codes, n_items each. */
struct drawn {
    size_t n;
    size_t *rows;
    uint8_t *codes;
};
bool draw_answers(const struct plan *plan, const struct instrument *instrument, struct truth *truth,
                  struct arena *arena, struct drawn *drawn, struct error *error);

/* Writes truth.csv (see simulate.h). */
bool truth_write(const struct plan *plan, const struct instrument *instrument, const struct truth *truth,
                 const char *path, struct error *error);

#endif

/* likelihood.h - the likelihood of answers over a grid of θ, and draws from its product with a
 * normal.
 *
 * Layer: scale, for its own files. Pure. Persons with the same likelihood share one table: for
 * rasch and pcm those with the same missing mask and sum score (the sum is sufficient), else those
 * with the same answers.
 *
 * The grid is as coarse as the trapezoidal rule allows, so that a draw visits few nodes; tables
 * stand at OFFSETS interleaved places, one of which is chosen by chance for each draw. So draws lie
 * on a grid OFFSETS times finer, at no cost.
 */
#ifndef LAERKE_SCALE_LIKELIHOOD_H
#define LAERKE_SCALE_LIKELIHOOD_H

#include "scale/model.h"

struct arena;
struct pool;

#define PATTERN_NONE UINT32_MAX

struct answer_patterns {
    size_t n;
    uint32_t *of;      /* pattern of a person; PATTERN_NONE without an answer */
    uint32_t *example; /* a person with the pattern */
};

/* False when memory is out. Numbered by first appearance. */
bool answer_patterns_make(const struct responses *responses, enum irt_model model,
                          struct arena *arena, struct answer_patterns *out);

/* An item at θ: Fisher's information I = Σ P′²/P, J = Σ P′P″/P (Warm 1989, doi:10.1007/BF02294627)
 * and the derivative of log P of each category. */
struct item_curve {
    double information, j, score[CATEGORIES_MAX];
};
void item_curve(enum irt_model model, const struct item_parameters *item, double theta,
                struct item_curve *out);

/* The same of one answer. Category CODE_MISSING: only I and J. */
struct item_terms {
    double score, information, j;
};
struct item_terms item_terms(enum irt_model model, const struct item_parameters *item, double theta,
                             int category);

/* The test's largest information between low and high, and the slope of a logistic curve that is as
 * steep as the steepest item: twice the root of its largest information. */
struct peaks {
    double test, slope;
};
struct peaks information_peaks(const struct scale_model *model, double low, double high);

enum { OFFSETS = 4, GRID_NODES_MAX = 512, LANES = 4 };

/* A latent variance below this counts as this, so that the grid has a width. */
#define VARIANCE_LEAST 1e-4

/* Node k at offset o stands at first + (k + o / OFFSETS) step. nodes is a multiple of LANES. */
struct theta_grid {
    double first, step;
    size_t nodes;
};

/* Eight SDs around the means of the model's groups, with a step that suits the test's information.
 */
struct theta_grid grid_for(const struct scale_model *model);

/* A pattern's likelihood over its largest value, where that is above 1e-12: 0 elsewhere. Node first
 * + k at offset o is at[o * stride + k], k < LANES * blocks. One offset's parts of neighbouring
 * patterns stand together. */
struct likelihood {
    const float *at;
    uint32_t stride;
    uint16_t first, blocks;
};

/* One a pattern; NULL when memory is out. */
struct likelihood *likelihoods_make(const struct responses *responses,
                                    const struct scale_model *model,
                                    const struct answer_patterns *patterns,
                                    const struct theta_grid *grid, struct pool *pool,
                                    struct arena *arena);

/* What draws with one prior SD share. sd is at least grid_least_sd(). */
struct kernel {
    double rate;  /* h/σ² */
    size_t reach; /* nodes to each side: eight SDs, and up to a block more */
    double bell[2 * (GRID_NODES_MAX + LANES)]; /* exp(−(k − reach)²h²/2σ²) */
};
double grid_least_sd(const struct theta_grid *grid);
void kernel_make(const struct theta_grid *grid, double sd, struct kernel *out);

/* n ≤ DRAWS_A_CALL draws, each from p(θ) ∝ L(θ) N(θ; mean, sd²) on the grid, by 64 random bits;
 * likelihood is that of the person's pattern, kernel that of his group. A mean outside the grid
 * counts as its end. All on the grid of the common offset, whose moments are those of the posterior
 * like any other's and which is read in order; or, with OFFSETS for it, each on one that the bits
 * choose, so that the draws are spread over all. draw_jitter() is then what smooths a draw of the
 * same bits within its place on the finer grid. */
enum { DRAWS_A_CALL = 64 };
void draw_on_grid(const struct theta_grid *grid, size_t n, const struct kernel *const *kernel,
                  const struct likelihood *const *likelihood, const double *mean,
                  const uint64_t *bits, size_t common, double *out);
double draw_jitter(const struct theta_grid *grid, uint64_t bits);

#endif

/* From a start to the top: on a sample first, on a grid that is fine and wide enough, then on all.
 */
#include "scale/fit_internal.h"

#include <math.h>

#define GRID_TOLERANCE 0.0005 /* of the deviance, for refining and for widening each */
#define SAMPLE_ERRORS 3.0     /* standard errors of the sample's answer that are added to it */
#define SAMPLE_TOLERANCE 0.3
#define GRID_WIDEST 6.0
#define GRID_STEP_WIDER 1.5
#define LOG_VARIANCE_RUNAWAY 6.0 /* an SD of 20 logits */
enum {
    GRID_SIDE = 20,
    NODES_HOPE = 300, /* the most for a climb that has not converged on less */
    SAMPLE_PATTERNS = 4000,
    SAMPLE_LEAST = 20
};

/* ---- grids ---- */

/* Nodes on each side of the middle one, and the z of the outermost. */
struct extent {
    size_t side;
    double widest;
};

static struct extent finer(struct extent e) {
    return (struct extent){ (3 * e.side + 1) / 2, e.widest };
}

static struct extent a_little_finer(struct extent e) {
    return (struct extent){ (5 * e.side + 3) / 4, e.widest };
}

/* More nodes at the same places: between, not at, the old ones the error of the step would show as
 * well. */
static struct extent wider(struct extent e) {
    double step = e.widest / (double)e.side;
    size_t side = e.side + (size_t)(GRID_STEP_WIDER / step) + 1;
    return (struct extent){ side, step * (double)side };
}

static bool grid_of(struct calibration *c, struct extent e) {
    return grid_make(c, 2 * e.side + 1, e.widest);
}

/* By how much the deviance moves on another grid; the calibration is left as it is, sums and all.
 */
static bool change_on(const struct calibration *c, const double *x, struct extent e,
                      double *change) {
    struct calibration other = *c;
    if (!grid_of(&other, e)) return false;
    sums_make(&other, x);
    *change = -2 * (other.loglik - c->loglik);
    return true;
}

/* The same of all patterns, judged by the sample: as large as it may well be. */
static bool change_by_sample(const struct calibration *c, const double *x, struct extent e,
                             double *change) {
    struct calibration here = *c, other = *c;
    size_t n = (c->patterns.n + c->stride - 1) / c->stride;
    here.said = arena_array(c->arena, n, sizeof(double));
    other.said = arena_array(c->arena, n, sizeof(double));
    if (!here.said || !other.said || !grid_of(&other, e)) return false;
    sums_make(&here, x);
    sums_make(&other, x);
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) {
        double own = 2 * (here.said[k] - other.said[k]);
        sum += own;
        squares += own * own;
    }
    *change = fabs(sum) + SAMPLE_ERRORS * sqrt(squares);
    return true;
}

/* A variance past all sense: answers that fall into one order, say, which any larger one fits
 * better. */
static bool runaway(const struct calibration *c, const double *x) {
    for (size_t g = 0; g < c->n_groups; g++)
        if (x[c->group_at + 2 * g + 1] > LOG_VARIANCE_RUNAWAY) return true;
    return false;
}

/* Climbs; then asks whether the deviance moves on a finer and on a wider grid, and climbs again on
 * what it moved for. False: no memory. */
static bool climb_and_refine(struct calibration *c, const struct fit_options *options,
                             struct extent extent, struct ascent *ascent) {
    for (;;) {
        double finer_by, wider_by;
        if (!grid_of(c, extent) || !ascent_run(c, options, ascent)) return false;
        struct extent fine = finer(extent), wide = wider(extent), both = wider(fine);
        if (2 * both.side + 1 > (ascent->converged ? NODES_MAX : NODES_HOPE)) break;
        if (!ascent->converged && (ascent->lost || runaway(c, ascent->x)))
            break; /* no grid holds that */
        if (!change_on(c, ascent->x, fine, &finer_by) || !change_on(c, ascent->x, wide, &wider_by))
            return false;
        bool fine_moves = !(fabs(finer_by) < GRID_TOLERANCE);
        bool wide_moves = !(fabs(wider_by) < GRID_TOLERANCE);
        if (!fine_moves && !wide_moves) break; /* converged, or not for want of a finer grid */
        extent = fine_moves && wide_moves ? both : fine_moves ? fine : wide;
    }
    return ascent_finish(c, options, ascent);
}

/* ---- a sample ---- */

/* Every stride-th pattern: what its answers give. False: no memory; *few: some category has too few
 * answers. */
static bool count_sample(struct calibration *c, size_t stride, bool *few) {
    const struct patterns *patterns = &c->patterns;
    double *count = arena_array(c->arena, c->n_items * CATEGORIES_MAX, sizeof *count), sampled = 0;
    size_t *number = arena_array(c->arena, c->n_items * CATEGORIES_MAX, sizeof *number);
    c->at_least = arena_array(c->arena, c->n_items * STEPS_MAX, sizeof *c->at_least);
    if (!count || !number || !c->at_least) return false;
    c->stride = stride;
    for (size_t p = 0, mask = 0; p < patterns->n; p += stride) {
        while (patterns->first[mask + 1] <= p) mask++;
        sampled += patterns->weight[p];
        for (size_t at = patterns->item_first[mask]; at < patterns->item_first[mask + 1]; at++) {
            size_t place = patterns->item[at] * CATEGORIES_MAX;
            place += c->by_category ? patterns->category[at]
                                    : (size_t)patterns->code[p * c->n_items + patterns->item[at]];
            count[place] += patterns->weight[p];
            number[place]++;
        }
    }
    c->inflate = (double)patterns->persons / sampled;
    for (size_t i = 0; i < c->n_items; i++) {
        double above = 0;
        for (size_t k = (size_t)c->steps[i] + 1; k-- > 0;) {
            above += c->inflate * count[i * CATEGORIES_MAX + k];
            if (k > 0) c->at_least[i * STEPS_MAX + k - 1] = above;
            if (number[i * CATEGORIES_MAX + k] < SAMPLE_LEAST) *few = true;
        }
    }
    return true;
}

static void look_at_all(struct calibration *c) {
    c->stride = 1;
    c->inflate = 1;
    c->at_least = c->patterns.at_least;
}

/* A sample of the patterns for coming near (with slopes they are nearly as many as the persons): or
 * all where they are few or the sample lacks some category. */
static bool choose_sample(struct calibration *c) {
    size_t stride = c->patterns.n / SAMPLE_PATTERNS;
    bool few = false;
    if (!c->slopes || stride < 2) return true;
    if (!count_sample(c, stride, &few)) return false;
    if (few) look_at_all(c);
    return true;
}

/* As near as the sample's own error asks for, on a grid that should be fine enough for all: what is
 * left to ask of all of them is mostly answered with yes. */
static bool climb_on_sample(struct calibration *c, const struct fit_options *options,
                            struct extent *extent, struct ascent *ascent) {
    struct fit_options rough = *options;
    rough.tolerance = fmax(options->tolerance, SAMPLE_TOLERANCE);
    for (;;) {
        double change = 0;
        if (!grid_of(c, *extent) || !ascent_run(c, &rough, ascent)) return false;
        struct extent fine = finer(*extent);
        if (options->nodes > 0 || !ascent->converged || 2 * fine.side + 1 > NODES_HOPE) break;
        if (!change_by_sample(c, ascent->x, fine, &change)) return false;
        if (change < GRID_TOLERANCE) break;
        *extent = a_little_finer(*extent);
    }
    bool ok = !ascent->converged || ascent_finish(c, options, ascent);
    look_at_all(c);
    return ok;
}

bool climb(struct calibration *c, const struct fit_options *options, struct ascent *ascent) {
    struct extent extent = { GRID_SIDE, GRID_WIDEST };
    if (!options->start && !choose_sample(c)) return false;
    if (c->stride > 1 && !climb_on_sample(c, options, &extent, ascent)) return false;
    if (options->nodes == 0) return climb_and_refine(c, options, extent, ascent);
    return grid_make(c, (size_t)options->nodes, GRID_WIDEST) && ascent_run(c, options, ascent) &&
           ascent_finish(c, options, ascent);
}

/* The way up: EM by squared extrapolation (SQUAREM; Varadhan and Roland 2008,
 * doi:10.1111/j.1467-9469.2007.00585.x), then Newton steps with the observed information. */
#include "scale/fit_internal.h"

#include "num/linear.h"
#include <math.h>
#include <string.h>

enum { HALVINGS = 6, SECANTS = 8, CYCLES_FIRST = 1, CYCLES_AGAIN = 3, FAILURES_MAX = 8 };
#define STEP_MAX 2.0       /* a longer step is shortened */
#define NEWTON_FROM 0.5    /* change in one EM cycle from which Newton is tried */
#define SLOW 0.25          /* a step that is not that much shorter asks for a new factor */
#define GRADIENT_SHARE 0.1 /* of the tolerance, a person */
#define LOG_VARIANCE_MIN (-13.815510557964274) /* log 1e−6 */
#define LOG_VARIANCE_MAX 9.2103403719761836    /* log 1e4 */

bool ascent_make(const struct calibration *c, struct ascent *ascent) {
    ascent->x = arena_array(c->arena, c->n_all, sizeof(double));
    ascent->gradient = arena_array(c->arena, c->n_all, sizeof(double));
    ascent->factor = arena_array(c->arena, c->n_free * c->n_free, sizeof(double));
    return ascent->x && ascent->gradient && ascent->factor;
}

struct climb {
    const struct fit_options *options;
    struct calibration *c;
    struct ascent *a;
    double *from, *once, *twice, *step; /* n_all each */
    struct secants {
        size_t n; /* the last SECANTS of them stand at number % SECANTS */
        double *step, *change, product[SECANTS], share[SECANTS];
        double *last_x, *last_gradient;
    } secants;
};

static bool climb_make(struct climb *climb, struct arena *scratch) {
    size_t n = climb->c->n_all;
    climb->from = arena_array(scratch, n, sizeof(double));
    climb->once = arena_array(scratch, n, sizeof(double));
    climb->twice = arena_array(scratch, n, sizeof(double));
    climb->step = arena_array(scratch, n, sizeof(double));
    struct secants *secants = &climb->secants;
    secants->step = arena_array(scratch, SECANTS * climb->c->n_free, sizeof(double));
    secants->change = arena_array(scratch, SECANTS * climb->c->n_free, sizeof(double));
    secants->last_x = arena_array(scratch, n, sizeof(double));
    secants->last_gradient = arena_array(scratch, n, sizeof(double));
    return climb->from && climb->once && climb->twice && climb->step && secants->step &&
           secants->change && secants->last_x && secants->last_gradient;
}

static void hold_variances(const struct calibration *c, double *x) {
    for (size_t g = 0; g < c->n_groups; g++) {
        double *v = &x[c->group_at + 2 * g + 1];
        if (c->free[c->group_at + 2 * g + 1] < 0) continue;
        if (!(*v > LOG_VARIANCE_MIN)) *v = LOG_VARIANCE_MIN; /* NaN from log of 0 as well */
        if (*v > LOG_VARIANCE_MAX) *v = LOG_VARIANCE_MAX;
    }
}

/* A variance at its least that would fall further. */
static bool pinned(const struct calibration *c, const struct ascent *a, size_t place) {
    return place >= c->group_at && (place - c->group_at) % 2 == 1 &&
           a->x[place] <= LOG_VARIANCE_MIN && a->gradient[place] <= 0;
}

static void evaluate(struct climb *climb, const double *x) {
    if (x != climb->a->x) memcpy(climb->a->x, x, climb->c->n_all * sizeof *x);
    sums_make(climb->c, climb->a->x);
    int done = ++climb->a->iterations;
    if (climb->options->progress) /* nobody knows how many are to come; a dozen or two, mostly */
        climb->options->progress(climb->options->progress_context, done / (done + 10.0));
}

static double largest_change(size_t n, const double *a, const double *b) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

/* One EM cycle: two steps, and as far along their curve as it pays. Returns the first step's
 * length. */
static double cycle(struct climb *climb) {
    struct calibration *c = climb->c;
    memcpy(climb->from, climb->a->x, c->n_all * sizeof(double));
    sums_maximise(c, climb->from, climb->once);
    hold_variances(c, climb->once);
    evaluate(climb, climb->once);
    double reached = objective(c), length = 0, bend = 0;
    sums_maximise(c, climb->once, climb->twice);
    hold_variances(c, climb->twice);
    for (size_t i = 0; i < c->n_all; i++) {
        double first = climb->once[i] - climb->from[i];
        double second = climb->twice[i] - climb->once[i] - first;
        length += first * first;
        bend += second * second;
    }
    double alpha = bend > 0 ? sqrt(length / bend) : 1;
    alpha = alpha < 1 ? 1 : alpha > 16 ? 16 : alpha;
    for (size_t i = 0; i < c->n_all; i++) {
        double first = climb->once[i] - climb->from[i];
        double second = climb->twice[i] - climb->once[i] - first;
        climb->step[i] = climb->from[i] + 2 * alpha * first + alpha * alpha * second;
    }
    hold_variances(c, climb->step);
    evaluate(climb, climb->step);
    if (!(objective(c) >= reached)) evaluate(climb, climb->twice);
    return largest_change(c->n_all, climb->from, climb->once);
}

/* A pinned variance takes no part: its row is a unit row, its gradient 0. */
static void hold_pinned(const struct climb *climb, double *gradient, double *matrix) {
    const struct calibration *c = climb->c;
    for (size_t place = c->group_at; place < c->n_all; place++) {
        if (c->free[place] < 0 || !pinned(c, climb->a, place)) continue;
        size_t row = (size_t)c->free[place];
        if (gradient) gradient[place] = 0;
        for (size_t k = 0; matrix && k < c->n_free; k++)
            matrix[row * c->n_free + k] = matrix[k * c->n_free + row] = k == row ? 1 : 0;
    }
}

enum outcome { FAILED, DONE, NO_MEMORY };

/* The factor of the information at x, where the sums are; FAILED when it is not positive definite.
 */
static enum outcome factorise(struct climb *climb) {
    struct calibration *c = climb->c;
    struct ascent *a = climb->a;
    size_t at = 0;
    sums_gradient(c, a->x, a->gradient);
    if (!information_make(c, a->x, a->factor)) return NO_MEMORY;
    hold_pinned(climb, NULL, a->factor);
    a->unidentified = SIZE_MAX;
    climb->secants.n = 0;
    climb->a->has_factor = cholesky(c->n_free, a->factor, 1e-11, &at);
    for (size_t place = 0; !climb->a->has_factor && place < c->n_all; place++)
        if (c->free[place] == (int)at) a->unidentified = place;
    return climb->a->has_factor ? DONE : FAILED;
}

static double largest_gradient(const struct climb *climb) {
    const struct calibration *c = climb->c;
    double largest = 0;
    for (size_t i = 0; i < c->n_all; i++) {
        double size = fabs(climb->a->gradient[i]);
        if (c->free[i] >= 0 && !(size <= largest)) largest = size; /* NaN is largest */
    }
    return largest;
}

static void gradient_here(struct climb *climb) {
    sums_gradient(climb->c, climb->a->x, climb->a->gradient);
    hold_pinned(climb, climb->a->gradient, NULL);
}

static double dot(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* What the step since the last time tells of the information: how the gradient changed along it. */
static void add_secant(struct climb *climb) {
    const struct calibration *c = climb->c;
    struct secants *secants = &climb->secants;
    size_t at = secants->n % SECANTS, n = c->n_free;
    double *step = secants->step + at * n, *change = secants->change + at * n;
    for (size_t i = 0; i < c->n_all; i++) {
        if (c->free[i] < 0) continue;
        step[c->free[i]] = climb->a->x[i] - secants->last_x[i];
        change[c->free[i]] = secants->last_gradient[i] - climb->a->gradient[i];
    }
    secants->product[at] = dot(n, step, change);
    if (secants->product[at] > 0) secants->n++;
}

/* The Newton step along the factor at hand, as corrected by the last secants (L-BFGS; Liu and
 * Nocedal 1989, doi:10.1007/BF01589116), and its decrement: its length in standard errors. */
static double aim(struct climb *climb, double *direction) {
    const struct calibration *c = climb->c;
    struct secants *secants = &climb->secants;
    size_t n = c->n_free, oldest = secants->n > SECANTS ? secants->n - SECANTS : 0;
    double square = 0;
    for (size_t i = 0; i < c->n_all; i++)
        if (c->free[i] >= 0) direction[c->free[i]] = climb->a->gradient[i];
    for (size_t k = secants->n; k-- > oldest;) {
        size_t at = k % SECANTS;
        double share = dot(n, secants->step + at * n, direction) / secants->product[at];
        secants->share[at] = share;
        nodes_add_scaled(n, -share, secants->change + at * n, direction);
    }
    cholesky_solve(n, climb->a->factor, direction);
    for (size_t k = oldest; k < secants->n; k++) {
        size_t at = k % SECANTS;
        double back = dot(n, secants->change + at * n, direction) / secants->product[at];
        nodes_add_scaled(n, secants->share[at] - back, secants->step + at * n, direction);
    }
    for (size_t i = 0; i < c->n_all; i++)
        if (c->free[i] >= 0) square += climb->a->gradient[i] * direction[c->free[i]];
    return sqrt(fmax(square, 0));
}

/* Takes the step, halved until the likelihood does not fall; FAILED back where it began. */
static enum outcome step_along(struct climb *climb, const double *direction) {
    struct calibration *c = climb->c;
    struct ascent *a = climb->a;
    double before = objective(c), largest = 0;
    for (size_t i = 0; i < c->n_free; i++) largest = fmax(largest, fabs(direction[i]));
    double length = largest > STEP_MAX ? STEP_MAX / largest : 1;
    memcpy(climb->from, a->x, c->n_all * sizeof(double));
    for (int i = 0; i < HALVINGS; i++, length /= 2) {
        for (size_t k = 0; k < c->n_all; k++)
            climb->step[k] = climb->from[k] + (c->free[k] < 0 ? 0 : length * direction[c->free[k]]);
        hold_variances(c, climb->step);
        evaluate(climb, climb->step);
        if (objective(c) >= before - 1e-11 * fabs(before)) return DONE;
    }
    evaluate(climb, climb->from);
    return FAILED;
}

/* A step that is short in standard errors, and a gradient that is small a person. */
static bool arrived(const struct climb *climb, double decrement) {
    double tolerance = climb->options->tolerance, persons = (double)climb->c->patterns.persons;
    return decrement < tolerance && largest_gradient(climb) < GRADIENT_SHARE * tolerance * persons;
}

/* Newton steps until they arrive or fail. An old factor leads for as long as it shortens them well.
 */
static enum outcome newton(struct climb *climb, int limit) {
    struct ascent *a = climb->a;
    const size_t bytes = climb->c->n_all * sizeof(double);
    double *direction = climb->twice, last = HUGE_VAL;
    bool stepped = false;
    while (a->iterations < limit && !slope_lost(climb->c, a->x)) {
        if (!a->has_factor) {
            enum outcome outcome = factorise(climb);
            if (outcome != DONE) return outcome;
            last = HUGE_VAL;
        }
        gradient_here(climb);
        if (stepped) add_secant(climb);
        double decrement = aim(climb, direction);
        a->converged = arrived(climb, decrement);
        if (a->converged) return DONE;
        bool slow = !(decrement < SLOW * last);
        last = decrement;
        stepped = !slow;
        if (slow) {
            a->has_factor = false; /* and this step is not taken */
            continue;
        }
        memcpy(climb->secants.last_x, a->x, bytes);
        memcpy(climb->secants.last_gradient, a->gradient, bytes);
        if (step_along(climb, direction) == FAILED) return FAILED;
    }
    return FAILED;
}

/* EM cycles until they are short, Newton from there; back to EM where Newton fails, but not for
 * ever: on a grid that is too coarse the two do not agree on where the top is. */
static enum outcome ascend(struct climb *climb) {
    struct ascent *a = climb->a;
    int limit = a->iterations + climb->options->max_iterations; /* of each climb */
    int cycles = a->has_factor || climb->options->start ? 0 : CYCLES_FIRST;
    for (int failures = 0; failures < FAILURES_MAX && a->iterations < limit; failures++) {
        while (cycles > 0 && a->iterations < limit && !slope_lost(climb->c, a->x))
            if (cycle(climb) < NEWTON_FROM) cycles--;
        a->lost = slope_lost(climb->c, a->x);
        if (a->lost) return FAILED;
        enum outcome outcome = newton(climb, limit);
        if (outcome != FAILED) return outcome;
        a->has_factor = false;
        cycles = CYCLES_AGAIN;
    }
    return FAILED;
}

static bool with_climb(struct calibration *c, const struct fit_options *options,
                       struct ascent *ascent, enum outcome (*work)(struct climb *climb)) {
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    struct climb climb = { .options = options, .c = c, .a = ascent };
    bool ok = scratch && climb_make(&climb, scratch) && work(&climb) != NO_MEMORY;
    arena_destroy(scratch);
    return ok;
}

static enum outcome run(struct climb *climb) {
    climb->a->converged = climb->a->lost = false;
    evaluate(climb, climb->a->x);
    return ascend(climb);
}

bool ascent_run(struct calibration *c, const struct fit_options *options, struct ascent *ascent) {
    return with_climb(c, options, ascent, run);
}

bool ascent_finish(struct calibration *c, const struct fit_options *options,
                   struct ascent *ascent) {
    bool ok = with_climb(c, options, ascent, factorise);
    if (!ascent->has_factor) ascent->converged = false;
    return ok;
}

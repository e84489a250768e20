#include "scale/warm.h"

#include "base/arena.h"
#include "base/limits.h"
#include "num/clones.h"
#include "num/pool.h"
#include "scale/likelihood.h"

#include <math.h>
#include <string.h>

enum { HALF = 4, WINDOW = 2 * HALF, NODES_MAX = 1024, TABLE_MAX = 32 * 1024 * 1024 };
typedef double lanes __attribute__((vector_size(HALF * sizeof(double))));

/* ---- the equation itself ---- */

struct test_terms {
    double equation; /* S + J/2I: the estimate is where it is 0 */
    double information;
};

static struct test_terms test_terms(const struct scale_model *model, const int8_t *codes,
                                    double theta) {
    double score = 0, information = 0, j = 0;
    for (size_t i = 0; i < model->n_items; i++) {
        if (codes[i] == CODE_MISSING) continue;
        struct item_terms t = item_terms(model->model, &model->items[i], theta, codes[i]);
        score += t.score;
        information += t.information;
        j += t.j;
    }
    /* Far out the information underflows; there the sign of the score is all that is left of it. */
    double bias = information > 0 ? j / (2 * information) : 0;
    return (struct test_terms){ score + bias, information };
}

/* The equation is positive far to the left and negative far to the right (the correction tends to
 * ±a/2 where the score tends to 0), so that a bracket is found by doubling; Fisher's scoring within
 * it, halving where a step would leave it. */
static double solve(const struct warm *warm, const int8_t *codes, double *se) {
    enum { DOUBLINGS_MAX = 12, STEPS_LIMIT = 200 };
    const struct scale_model *model = warm->model;
    double low = warm->centre - warm->spread, high = warm->centre + warm->spread;
    for (int i = 0; i < DOUBLINGS_MAX && test_terms(model, codes, low).equation < 0; i++)
        low -= warm->spread * (double)(1 << i);
    for (int i = 0; i < DOUBLINGS_MAX && test_terms(model, codes, high).equation > 0; i++)
        high += warm->spread * (double)(1 << i);
    double theta = 0.5 * (low + high);
    struct test_terms t = test_terms(model, codes, theta);
    for (int i = 0; i < STEPS_LIMIT && high - low > 1e-10; i++) {
        if (t.equation > 0)
            low = theta;
        else
            high = theta;
        double step = t.information > 0 ? t.equation / t.information : HUGE_VAL;
        double next = theta + step;
        /* Every eighth step halves, so that slow scoring ends too. */
        if (!(next > low && next < high) || i % 8 == 7) next = 0.5 * (low + high);
        double moved = fabs(next - theta);
        theta = next;
        t = test_terms(model, codes, theta);
        if (moved < 1e-10) break;
    }
    *se = 1 / sqrt(fmax(t.information, 1e-12));
    return theta;
}

/* ---- tables ---- */

static double slope_of(const struct scale_model *model, size_t item) {
    return model_has_slopes(model->model) ? fabs(model->items[item].slope) : 1;
}

/* Nodes 0.2 over the steepest slope apart, from well below the lowest step to well above the
 * highest. */
static void choose_nodes(struct warm *w, size_t rows) {
    const struct scale_model *model = w->model;
    double low = HUGE_VAL, high = -HUGE_VAL, least = HUGE_VAL;
    for (size_t i = 0; i < model->n_items; i++) {
        double slope = slope_of(model, i);
        for (int h = 0; h < model->items[i].steps; h++) {
            low = fmin(low, model->items[i].location[h]);
            high = fmax(high, model->items[i].location[h]);
            least = fmin(least, slope);
        }
    }
    bool any = low <= high;
    w->centre = any ? 0.5 * (low + high) : 0;
    w->spread = any ? 0.5 * (high - low) + 3 : 3;
    if (!any) return;
    double margin = 5 / fmin(fmax(least, 0.4), 2),
           slope = information_peaks(model, low, high).slope;
    w->step = 0.2 / fmax(slope, 0.1);
    w->low = low - margin;
    double nodes = ceil((high - low + 2 * margin) / w->step) + 1;
    if (nodes > NODES_MAX || nodes * (double)(rows * sizeof(double)) > TABLE_MAX) return;
    w->nodes = (size_t)nodes < WINDOW ? WINDOW : (size_t)nodes;
}

static void fill_item(void *context, size_t item) {
    struct warm *w = context;
    const struct item_parameters *own = &w->model->items[item];
    double *rows = w->rows + w->item_at[item] * w->nodes;
    struct item_curve curve;
    for (size_t node = 0; node < w->nodes; node++) {
        item_curve(w->model->model, own, w->low + w->step * (double)node, &curve);
        rows[node] = curve.information;
        rows[w->nodes + node] = curve.j;
        for (int k = 0; k <= own->steps; k++)
            rows[(size_t)(2 + k) * w->nodes + node] = curve.score[k];
    }
}

/* Where to begin, by the share that the sum of slope × category has of its most: with s0 and s1 the
 * scores of those who answer lowest and highest throughout, its expectation at θ is −s0/(s1 − s0)
 * in the partial credit models, and near it in the graded one. */
static void choose_starts(struct warm *w) {
    double share[NODES_MAX];
    for (size_t node = 0; node < w->nodes; node++) {
        double lowest = 0, highest = 0;
        for (size_t i = 0; i < w->model->n_items; i++) {
            const double *rows = w->rows + (w->item_at[i] + 2) * w->nodes + node;
            lowest += rows[0];
            highest += rows[(size_t)w->model->items[i].steps * w->nodes];
        }
        share[node] = highest > lowest ? -lowest / (highest - lowest) : 0.5;
    }
    size_t node = 0;
    for (int k = 0; k <= WARM_STARTS; k++) {
        while (node + 1 < w->nodes && share[node] < (double)k / WARM_STARTS) node++;
        w->start[k] = (double)node;
    }
    for (size_t i = 0; i < w->model->n_items; i++) w->weight[i] = slope_of(w->model, i);
}

bool warm_make(const struct scale_model *model, struct pool *pool, struct arena *arena,
               struct warm *out) {
    size_t rows = 0;
    *out = (struct warm){ .model = model };
    out->item_at = arena_array(arena, model->n_items, sizeof *out->item_at);
    out->weight = arena_array(arena, model->n_items, sizeof *out->weight);
    if (!out->item_at || !out->weight) return false;
    for (size_t i = 0; i < model->n_items; i++) {
        out->item_at[i] = rows;
        rows += (size_t)model->items[i].steps + 3;
    }
    choose_nodes(out, rows);
    if (out->nodes == 0) return true;
    out->rows = arena_array(arena, rows, out->nodes * sizeof *out->rows);
    if (!out->rows) return false;
    pool_run(pool, model->n_items, fill_item, out);
    choose_starts(out);
    return true;
}

/* ---- the root ---- */

/* I, J and S of the answers at the nodes at … at + 7. */
struct window {
    double information[WINDOW], j[WINDOW], score[WINDOW];
};

struct answers {
    size_t n;
    const double *item[ITEMS_MAX];  /* rows of I and J */
    const double *score[ITEMS_MAX]; /* row of S */
};

static inline void add_row(const double *row, lanes *a, lanes *b) {
    lanes more;
    memcpy(&more, row, sizeof more);
    *a += more;
    memcpy(&more, row + HALF, sizeof more);
    *b += more;
}

VECTOR_CLONES
static void look(const struct answers *answers, size_t nodes, size_t at, struct window *out) {
    lanes i0 = { 0 }, i1 = { 0 }, j0 = { 0 }, j1 = { 0 }, s0 = { 0 }, s1 = { 0 };
    for (size_t k = 0; k < answers->n; k++) {
        add_row(answers->item[k] + at, &i0, &i1);
        add_row(answers->item[k] + nodes + at, &j0, &j1);
        add_row(answers->score[k] + at, &s0, &s1);
    }
    memcpy(out->information, &i0, sizeof i0);
    memcpy(out->information + HALF, &i1, sizeof i1);
    memcpy(out->j, &j0, sizeof j0);
    memcpy(out->j + HALF, &j1, sizeof j1);
    memcpy(out->score, &s0, sizeof s0);
    memcpy(out->score + HALF, &s1, sizeof s1);
}

/* Newton's form of the polynomial through eight values at 0 … 7: in place. */
static void differences(double *f) {
    for (int order = 1; order < WINDOW; order++)
        for (int k = WINDOW - 1; k >= order; k--) f[k] = (f[k] - f[k - 1]) * (1.0 / order);
}

static double polynomial(const double *f, double x, double *derivative) {
    double value = f[WINDOW - 1], slope = 0;
    for (int k = WINDOW - 2; k >= 0; k--) {
        slope = slope * (x - k) + value;
        value = value * (x - k) + f[k];
    }
    *derivative = slope;
    return value;
}

/* The last difference times this is near what the last term adds around the middle, and far above
 * what the next one, which is left out, would. */
#define LAST_TERM 12.0

/* The root near x, in nodes; false when the polynomial does not tell it to 1e-7. */
static bool root(struct window *window, double *f, double *x, double step, double *information) {
    double slope;
    differences(f);
    for (int turn = 0; turn < 3; turn++) {
        double value = polynomial(f, *x, &slope);
        if (!(slope < 0)) return false;
        *x -= value / slope;
    }
    if (!(*x > 1.5 && *x < 5.5) || !(fabs(f[WINDOW - 1]) * LAST_TERM * step < -1e-7 * slope))
        return false;
    differences(window->information);
    *information = polynomial(window->information, *x, &slope);
    return fabs(window->information[WINDOW - 1]) * LAST_TERM < 1e-7 * *information;
}

/* S + J/2I at the window's nodes, and how many of them lie left of the root. */
static size_t equation(const struct window *window, double *f) {
    size_t left = 0;
    for (size_t k = 0; k < WINDOW; k++) {
        f[k] = window->score[k] + window->j[k] / (2 * window->information[k]);
        left += f[k] > 0;
    }
    return left;
}

/* By the tables; false where they do not reach or do not suffice. */
static bool find(const struct warm *w, const struct answers *answers, double start, double *theta,
                 double *se) {
    enum { WINDOWS_LIMIT = 12 };
    double last = (double)(w->nodes - WINDOW), at = start - HALF;
    for (int turn = 0; turn < WINDOWS_LIMIT; turn++) {
        struct window window;
        double f[WINDOW], information;
        at = at > 0 ? at < last ? floor(at + 0.5) : last : 0;
        look(answers, w->nodes, (size_t)at, &window);
        size_t left = equation(&window, f);
        if (left >= 3 && left <= 5) {
            double x = (double)left - f[left] / (f[left] - f[left - 1]);
            if (!root(&window, f, &x, w->step, &information)) return false;
            *theta = w->low + w->step * (at + x);
            *se = 1 / sqrt(information);
            return true;
        }
        /* A step of Fisher's scoring from the end that is nearer. */
        size_t end = left < 3 ? 0 : WINDOW - 1;
        double move = f[end] / (window.information[end] * w->step) + (double)end - HALF;
        if (left > 0 && left < WINDOW) move = (double)left - HALF;
        if (!isfinite(move) || (at <= 0 && move < 0) || (at >= last && move > 0)) return false;
        double most = (double)w->nodes / 8;
        at += fmin(fmax(move, -most), most);
    }
    return false;
}

double warm_estimate(const struct warm *w, const int8_t *codes, double *se) {
    struct answers answers; /* by far the most of it is not needed: not set to 0 */
    double sum = 0.25, most = 0.5, theta;
    if (w->nodes == 0) return solve(w, codes, se);
    answers.n = 0;
    for (size_t i = 0; i < w->model->n_items; i++) {
        if (codes[i] == CODE_MISSING) continue;
        const double *rows = w->rows + w->item_at[i] * w->nodes;
        answers.item[answers.n] = rows;
        answers.score[answers.n++] = rows + (2 + (size_t)codes[i]) * w->nodes;
        sum += w->weight[i] * codes[i];
        most += w->weight[i] * w->model->items[i].steps;
    }
    double place = sum / most * WARM_STARTS;
    size_t below = (size_t)place;
    double start = w->start[below] +
                   (place - (double)below) * (w->start[below + 1] - w->start[below]);
    return find(w, &answers, start, &theta, se) ? theta : solve(w, codes, se);
}

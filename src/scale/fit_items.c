/* Item fit by posterior expectations over θ (docs/methods/calibration.md). */
#include "scale/fit_internal.h"

#include "num/pool.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* ---- expected answers in every category at the nodes ---- */

/* Persons in the order of their patterns. */
static bool order_persons(const struct calibration *c, size_t n_persons, struct arena *arena,
                          size_t **first, uint32_t **person) {
    const struct patterns *patterns = &c->patterns;
    *first = arena_array(arena, patterns->n + 2, sizeof **first);
    *person = arena_array(arena, patterns->persons, sizeof **person);
    if (!*first || !*person) return false;
    size_t *next = *first + 1;
    for (size_t p = 0; p < n_persons; p++)
        if (patterns->of_person[p] >= 0) next[patterns->of_person[p] + 1]++;
    for (size_t k = 0; k < patterns->n; k++) next[k + 1] += next[k];
    for (size_t p = 0; p < n_persons; p++)
        if (patterns->of_person[p] >= 0) (*person)[next[patterns->of_person[p]]++] = (uint32_t)p;
    return true;
}

struct fit_work {
    const struct calibration *c;
    const size_t *first; /* pattern: its first place in person[] */
    const uint32_t *person;
    size_t *row_at; /* item: its first row, all categories */
    size_t n_rows;
    double *piece_rows; /* piece × group × rows × node */
};

static void add_pattern(const struct fit_work *work, size_t mask, size_t pattern, double factor,
                        const double *posterior, struct span span, double *rows) {
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, first = patterns->item_first[mask];
    for (size_t at = first; at < patterns->item_first[mask + 1]; at++) {
        size_t item = patterns->item[at];
        double count[CATEGORIES_MAX] = { 0 };
        for (size_t j = work->first[pattern]; j < work->first[pattern + 1]; j++) {
            size_t person = work->person[j];
            count[patterns->codes[person * c->n_items + item]] += patterns->person_weight[person];
        }
        for (int k = 0; k <= c->steps[item]; k++) {
            if (count[k] == 0) continue;
            double *row = rows + (work->row_at[item] + (size_t)k) * padded;
            nodes_add_scaled((size_t)(span.to - span.from), factor * count[k],
                             posterior + span.from, row + span.from);
        }
    }
}

static void rows_piece(void *context, size_t piece) {
    const struct fit_work *work = context;
    const struct calibration *c = work->c;
    const struct patterns *patterns = &c->patterns;
    size_t padded = c->grid.padded, size = work->n_rows * padded;
    double *rows = work->piece_rows + piece * c->n_groups * size;
    double base[NODES_MAX + NODE_LANES], posterior[NODES_MAX + NODE_LANES];
    for (size_t mask = c->piece_first[piece]; mask < c->piece_first[piece + 1]; mask++) {
        mask_base(c, mask, base);
        for (size_t p = patterns->first[mask]; p < patterns->first[mask + 1]; p++) {
            struct span span;
            double taken, total = pattern_posterior(c, mask, p, base, posterior, &taken, &span);
            add_pattern(work, mask, p, 1 / total, posterior, span,
                        rows + (size_t)patterns->group[mask] * size);
        }
    }
}

/* Expected answers: group × row(item, category) × node. The slope models have them from the E-step;
 * for rasch and pcm, where only sum scores were kept, the persons are gone through once. */
static const double *category_rows(struct fit_work *work, struct calibration *c, size_t n_persons,
                                   struct arena *scratch) {
    work->c = c;
    work->row_at = arena_array(scratch, c->n_items, sizeof *work->row_at);
    if (!work->row_at) return NULL;
    for (size_t i = 0; i < c->n_items; i++) {
        work->row_at[i] = work->n_rows;
        work->n_rows += (size_t)c->steps[i] + 1;
    }
    if (c->slopes) return c->expected;
    size_t *first, size = c->n_groups * work->n_rows * c->grid.padded;
    uint32_t *person;
    if (!order_persons(c, n_persons, scratch, &first, &person)) return NULL;
    work->first = first;
    work->person = person;
    work->piece_rows = arena_array(scratch, c->n_pieces * size, sizeof(double));
    if (!work->piece_rows) return NULL;
    pool_run(c->pool, c->n_pieces, rows_piece, work);
    for (size_t i = 1; i < c->n_pieces; i++)
        for (size_t k = 0; k < size; k++) work->piece_rows[k] += work->piece_rows[i * size + k];
    return work->piece_rows;
}

/* ---- mean squares ---- */

struct squares {
    double n, outfit, above, below; /* infit is above / below */
};

static void add_squares(const struct scale_model *model, size_t item, double theta,
                        const double *rows, size_t padded, struct squares *sum) {
    const struct item_parameters *own = &model->items[item];
    double p[CATEGORIES_MAX], mean = 0, variance = 0;
    model_log_probabilities(model->model, own, theta, p);
    for (int k = 0; k <= own->steps; k++) mean += k * (p[k] = num_exp(p[k]));
    for (int k = 0; k <= own->steps; k++) variance += p[k] * (k - mean) * (k - mean);
    if (!(variance > 0)) return; /* so far out that nobody is there */
    for (int k = 0; k <= own->steps; k++) {
        double n = rows[(size_t)k * padded], square = (k - mean) * (k - mean);
        sum->n += n;
        sum->outfit += n * square / variance;
        sum->above += n * square;
        sum->below += n * variance;
    }
}

static void mean_squares(const struct calibration *c, const struct scale_model *model,
                         const struct fit_work *work, const double *rows, struct item_fit *out) {
    size_t padded = c->grid.padded;
    for (size_t i = 0; i < c->n_items; i++) {
        struct squares sum = { 0 };
        for (size_t g = 0; g < c->n_groups; g++)
            for (size_t q = 0; q < c->grid.n; q++)
                add_squares(model, i, c->grid.theta[g * padded + q],
                            rows + (g * work->n_rows + work->row_at[i]) * padded + q, padded, &sum);
        out[i].outfit = sum.outfit / sum.n;
        out[i].infit = sum.above / sum.below;
    }
}

/* ---- item and rest ---- */

struct moments {
    double n, x, y, xx, yy, xy;
};

static void add_person(const int8_t *row, size_t n_items, bool complete_only, double weight,
                       struct moments *moments) {
    size_t answered = 0;
    int total = 0;
    for (size_t i = 0; i < n_items; i++) {
        if (row[i] == CODE_MISSING) continue;
        answered++;
        total += row[i];
    }
    if (answered < 2 || (complete_only && answered < n_items)) return;
    for (size_t i = 0; i < n_items; i++) {
        if (row[i] == CODE_MISSING) continue;
        double x = row[i], y = (double)(total - row[i]) / (double)(answered - 1);
        struct moments *m = &moments[i];
        m->n += weight;
        m->x += weight * x;
        m->y += weight * y;
        m->xx += weight * x * x;
        m->yy += weight * y * y;
        m->xy += weight * x * y;
    }
}

static double correlation(const struct moments *m) {
    double xx = m->xx - m->x * m->x / m->n, yy = m->yy - m->y * m->y / m->n;
    double xy = m->xy - m->x * m->y / m->n;
    return xx > 1e-12 * m->xx && yy > 1e-12 * m->yy ? xy / sqrt(xx * yy) : NAN;
}

static size_t count_complete(const struct calibration *c, size_t n_persons) {
    size_t complete = 0;
    for (size_t p = 0; p < n_persons; p++) {
        const int8_t *row = c->patterns.codes + p * c->n_items;
        complete += c->patterns.of_person[p] >= 0 && !memchr(row, CODE_MISSING & 0xff, c->n_items);
    }
    return complete;
}

/* Over the persons who answered every item, as the classical coefficient is defined, where they are
 * half of all; else (missing by design) over all, with the mean of what each answered beside the
 * item. */
static bool rest_correlations(const struct calibration *c, size_t n_persons, struct arena *scratch,
                              struct item_fit *out) {
    struct moments *moments = arena_array(scratch, c->n_items, sizeof *moments);
    if (!moments) return false;
    bool complete_only = 2 * count_complete(c, n_persons) >= c->patterns.persons;
    for (size_t p = 0; p < n_persons; p++)
        if (c->patterns.of_person[p] >= 0)
            add_person(c->patterns.codes + p * c->n_items, c->n_items, complete_only,
                       c->patterns.person_weight[p], moments);
    for (size_t i = 0; i < c->n_items; i++) out[i].item_rest_correlation = correlation(&moments[i]);
    return true;
}

bool item_fit_make(struct calibration *c, const struct scale_model *model, size_t n_persons,
                   struct item_fit *out) {
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    struct fit_work work = { 0 };
    const double *rows = scratch ? category_rows(&work, c, n_persons, scratch) : NULL;
    bool ok = rows && rest_correlations(c, n_persons, scratch, out);
    if (ok) mean_squares(c, model, &work, rows, out);
    for (size_t i = 0; ok && i < c->n_items; i++) {
        double total = 0;
        for (int h = 0; h < c->steps[i]; h++)
            total += c->patterns.at_least[i * STEPS_MAX + (size_t)h];
        out[i].n = c->patterns.answers[i];
        out[i].mean = total / out[i].n;
    }
    arena_destroy(scratch);
    return ok;
}

#include "scale/score.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/likelihood.h"

#include <math.h>

/* ---- Warm's weighted likelihood estimate ---- */

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
static double weighted_likelihood(const struct scale_model *model, const int8_t *codes,
                                  double centre, double spread, double *se) {
    enum { DOUBLINGS_MAX = 12, STEPS_LIMIT = 200 };
    double low = centre - spread, high = centre + spread;
    for (int i = 0; i < DOUBLINGS_MAX && test_terms(model, codes, low).equation < 0; i++)
        low -= spread * (double)(1 << i);
    for (int i = 0; i < DOUBLINGS_MAX && test_terms(model, codes, high).equation > 0; i++)
        high += spread * (double)(1 << i);
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

/* ---- scores by pattern ---- */

struct scoring {
    const struct responses *responses;
    const struct scale_model *model;
    const struct answer_patterns *patterns;
    struct theta_grid grid;
    const float *tables;
    const double *prior;        /* [group * places + place] */
    double centre, spread;      /* where the steps are */
    struct person_score *score; /* [group * patterns + pattern] */
};

static double place_theta(const struct theta_grid *grid, size_t place) {
    size_t node = place % grid->row, offset = place / grid->row;
    return grid->first + grid->step * ((double)node + (double)offset / OFFSETS);
}

static void expected(const struct scoring *s, size_t pattern, size_t group,
                     struct person_score *out) {
    size_t places = OFFSETS * s->grid.row;
    const float *likelihood = s->tables + pattern * places;
    const double *prior = s->prior + group * places;
    double total = 0, first = 0, second = 0;
    for (size_t k = 0; k < places; k++) {
        double p = prior[k] * (double)likelihood[k], theta = place_theta(&s->grid, k);
        total += p;
        first += p * theta;
        second += p * theta * theta;
    }
    out->eap = first / total;
    out->eap_sd = sqrt(fmax(second / total - out->eap * out->eap, 0));
}

enum { PATTERNS_A_PIECE = 32 };

static void score_patterns(void *context, size_t piece) {
    struct scoring *s = context;
    size_t from, to, n_items = s->responses->n_items;
    pool_piece(s->patterns->n, PATTERNS_A_PIECE, piece, &from, &to);
    for (size_t pattern = from; pattern < to; pattern++) {
        const int8_t *codes = s->responses->codes + s->patterns->example[pattern] * n_items;
        struct person_score *score = &s->score[pattern];
        for (size_t i = 0; i < n_items; i++) score->n_items += codes[i] != CODE_MISSING;
        score->wle = weighted_likelihood(s->model, codes, s->centre, s->spread, &score->wle_se);
        for (size_t g = s->model->n_groups; g-- > 0;) {
            struct person_score *of_group = &s->score[g * s->patterns->n + pattern];
            *of_group = *score;
            expected(s, pattern, g, of_group);
        }
    }
}

static bool prepare(struct scoring *s, struct arena *arena) {
    const struct scale_model *model = s->model;
    size_t places = OFFSETS * s->grid.row;
    double *prior = arena_array(arena, model->n_groups, places * sizeof *prior);
    s->score = arena_array(arena, model->n_groups, s->patterns->n * sizeof *s->score);
    if (!prior || !s->score) return false;
    for (size_t g = 0; g < model->n_groups; g++) {
        double variance = fmax(model->variance[g], VARIANCE_LEAST);
        for (size_t k = 0; k < places; k++) {
            double d = place_theta(&s->grid, k) - model->mean[g];
            prior[g * places + k] = num_exp(-0.5 * d * d / variance);
        }
    }
    s->prior = prior;
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (size_t i = 0; i < model->n_items; i++)
        for (int h = 0; h < model->items[i].steps; h++) {
            low = fmin(low, model->items[i].location[h]);
            high = fmax(high, model->items[i].location[h]);
        }
    s->centre = low <= high ? 0.5 * (low + high) : 0;
    s->spread = low <= high ? 0.5 * (high - low) + 3 : 3;
    return true;
}

static size_t group_of(const struct responses *responses, size_t person) {
    return responses->groups ? (size_t)responses->groups[person] : 0;
}

bool scale_score(const struct responses *responses, const struct scale_model *model,
                 struct pool *pool, struct arena *arena, struct person_score *scores,
                 struct error *error) {
    struct answer_patterns patterns;
    struct scoring s = { responses, model, &patterns, grid_for(model), NULL, NULL, 0, 0, NULL };
    if (!answer_patterns_make(responses, model->model, arena, &patterns) || !prepare(&s, arena) ||
        !(s.tables = likelihood_tables(responses, model, &patterns, &s.grid, pool, arena)))
        return error_plain(error, "score.memory");
    pool_run(pool, pool_pieces(patterns.n, PATTERNS_A_PIECE), score_patterns, &s);
    for (size_t person = 0; person < responses->n_persons; person++) {
        uint32_t pattern = patterns.of[person];
        if (pattern == PATTERN_NONE) {
            scores[person] = (struct person_score){ 0, NAN, NAN, NAN, NAN, NAN };
            continue;
        }
        scores[person] = s.score[group_of(responses, person) * patterns.n + pattern];
        /* The raw sum is not shared by a pattern's persons where slopes differ by item. */
        const int8_t *codes = responses->codes + person * responses->n_items;
        double raw = 0;
        for (size_t i = 0; i < responses->n_items; i++)
            raw += codes[i] == CODE_MISSING ? 0 : codes[i];
        scores[person].raw = raw;
    }
    return true;
}

void scale_reliability(const struct person_score *scores, const double *weights, size_t n_persons,
                       double *eap, double *wle) {
    double sum = 0, eap_mean = 0, wle_mean = 0, eap_error = 0, wle_error = 0;
    for (size_t i = 0; i < n_persons; i++) {
        if (scores[i].n_items == 0) continue;
        double w = weights ? weights[i] : 1;
        sum += w;
        eap_mean += w * scores[i].eap;
        wle_mean += w * scores[i].wle;
        eap_error += w * scores[i].eap_sd * scores[i].eap_sd;
        wle_error += w * scores[i].wle_se * scores[i].wle_se;
    }
    *eap = *wle = 0;
    if (sum <= 0) return;
    eap_mean /= sum;
    wle_mean /= sum;
    double eap_variance = 0, wle_variance = 0;
    for (size_t i = 0; i < n_persons; i++) {
        if (scores[i].n_items == 0) continue;
        double w = weights ? weights[i] : 1;
        double a = scores[i].eap - eap_mean, b = scores[i].wle - wle_mean;
        eap_variance += w * a * a;
        wle_variance += w * b * b;
    }
    if (eap_variance + eap_error > 0) *eap = eap_variance / (eap_variance + eap_error);
    if (wle_variance > 0) *wle = 1 - wle_error / wle_variance;
}

/* ---- plausible values without conditioning ---- */

struct drawing {
    const struct responses *responses;
    const struct scale_model *model;
    const struct answer_patterns *patterns;
    const struct theta_grid *grid;
    const float *tables;
    const struct kernel *kernel; /* one a group */
    size_t draws;
    uint64_t seed;
    double *pv;
};

enum { PERSONS_A_PIECE = 1024 };

static void draw_persons(void *context, size_t piece) {
    const struct drawing *d = context;
    size_t from, to, n = d->responses->n_persons;
    pool_piece(n, PERSONS_A_PIECE, piece, &from, &to);
    const float *table[DRAWS_A_CALL];
    double mean[DRAWS_A_CALL], theta[DRAWS_A_CALL];
    uint64_t bits[DRAWS_A_CALL];
    for (size_t person = from; person < to; person++) {
        uint32_t pattern = d->patterns->of[person];
        size_t group = group_of(d->responses, person);
        for (size_t draw = 0, many; draw < d->draws; draw += many) {
            many = d->draws - draw < DRAWS_A_CALL ? d->draws - draw : DRAWS_A_CALL;
            for (size_t k = 0; k < many; k++) {
                table[k] = pattern == PATTERN_NONE ? NULL
                                                   : d->tables + pattern * OFFSETS * d->grid->row;
                mean[k] = d->model->mean[group];
                bits[k] = random_bits(d->seed, person, draw + k);
            }
            if (pattern != PATTERN_NONE)
                draw_on_grid(d->grid, &d->kernel[group], many, table, mean, bits, theta);
            for (size_t k = 0; k < many; k++)
                d->pv[(draw + k) * n + person] =
                    pattern == PATTERN_NONE ? NAN : theta[k] + draw_jitter(d->grid, bits[k]);
        }
    }
}

bool scale_plausible(const struct responses *responses, const struct scale_model *model, int draws,
                     uint64_t seed, struct pool *pool, struct arena *arena, double *pv,
                     struct error *error) {
    struct answer_patterns patterns;
    struct theta_grid grid = grid_for(model);
    struct kernel *kernel = arena_array(arena, model->n_groups, sizeof *kernel);
    float *tables = NULL;
    if (!kernel || !answer_patterns_make(responses, model->model, arena, &patterns) ||
        !(tables = likelihood_tables(responses, model, &patterns, &grid, pool, arena)))
        return error_plain(error, "score.memory");
    for (size_t g = 0; g < model->n_groups; g++)
        kernel[g] = kernel_for(&grid, sqrt(fmax(model->variance[g], VARIANCE_LEAST)));
    struct drawing d = {
        responses, model, &patterns, &grid, tables, kernel, (size_t)draws, seed, pv
    };
    pool_run(pool, pool_pieces(responses->n_persons, PERSONS_A_PIECE), draw_persons, &d);
    return true;
}

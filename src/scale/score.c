#include "scale/score.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/pool.h"
#include "scale/posterior.h"
#include "scale/warm.h"

#include <math.h>

/* Nothing is kept for a person, so nothing is gained by finding those who answered alike. */
enum { PERSONS_A_PIECE = 256 };

static size_t group_of(const struct responses *responses, size_t person) {
    return responses->groups ? (size_t)responses->groups[person] : 0;
}

/* ---- scores ---- */

struct scoring {
    const struct responses *responses;
    struct posterior_tables tables;
    struct warm warm;
    struct person_score *scores;
};

static void count_answers(const int8_t *codes, size_t n_items, struct person_score *out) {
    int sum = 0;
    *out = (struct person_score){ .n_items = 0 };
    for (size_t i = 0; i < n_items; i++) {
        bool seen = codes[i] != CODE_MISSING;
        out->n_items += seen;
        sum += seen ? codes[i] : 0;
    }
    out->raw = sum;
}

static void score_persons(void *context, size_t piece) {
    const struct scoring *s = context;
    size_t from, to, n_items = s->responses->n_items;
    struct posterior posterior;
    pool_piece(s->responses->n_persons, PERSONS_A_PIECE, piece, &from, &to);
    for (size_t person = from; person < to; person++) {
        const int8_t *codes = s->responses->codes + person * n_items;
        struct person_score *score = &s->scores[person];
        count_answers(codes, n_items, score);
        if (score->n_items == 0) {
            *score = (struct person_score){ 0, NAN, NAN, NAN, NAN, NAN };
            continue;
        }
        score->wle = warm_estimate(&s->warm, codes, &score->wle_se);
        posterior_make(&s->tables, codes, group_of(s->responses, person), &posterior);
        posterior_moments(&s->tables, &posterior, &score->eap, &score->eap_sd);
    }
}

bool scale_score(const struct responses *responses, const struct scale_model *model,
                 struct pool *pool, struct arena *arena, struct person_score *scores,
                 struct error *error) {
    struct scoring s = { .responses = responses, .scores = scores };
    if (!posterior_tables_make(model, pool, arena, &s.tables) ||
        !warm_make(model, pool, arena, &s.warm))
        return error_plain(error, "score.memory");
    pool_run(pool, pool_pieces(responses->n_persons, PERSONS_A_PIECE), score_persons, &s);
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
    struct posterior_tables tables;
    size_t draws;
    uint64_t seed;
    double *pv;
};

static bool answered(const int8_t *codes, size_t n_items) {
    for (size_t i = 0; i < n_items; i++)
        if (codes[i] != CODE_MISSING) return true;
    return false;
}

static void draw_persons(void *context, size_t piece) {
    const struct drawing *d = context;
    size_t from, to, n = d->responses->n_persons, n_items = d->responses->n_items;
    struct posterior posterior;
    pool_piece(n, PERSONS_A_PIECE, piece, &from, &to);
    for (size_t person = from; person < to; person++) {
        const int8_t *codes = d->responses->codes + person * n_items;
        if (!answered(codes, n_items)) {
            for (size_t k = 0; k < d->draws; k++) d->pv[k * n + person] = NAN;
            continue;
        }
        posterior_make(&d->tables, codes, group_of(d->responses, person), &posterior);
        posterior_draws(&d->tables, &posterior, d->seed, person, d->draws, d->pv + person, n);
    }
}

bool scale_plausible(const struct responses *responses, const struct scale_model *model, int draws,
                     uint64_t seed, struct pool *pool, struct arena *arena, double *pv,
                     struct error *error) {
    struct drawing d = { .responses = responses, .draws = (size_t)draws, .seed = seed, .pv = pv };
    if (!posterior_tables_make(model, pool, arena, &d.tables))
        return error_plain(error, "score.memory");
    pool_run(pool, pool_pieces(responses->n_persons, PERSONS_A_PIECE), draw_persons, &d);
    return true;
}

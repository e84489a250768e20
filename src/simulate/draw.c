#include "simulate/truth.h"

#include "base/arena.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/model.h"

#include <stdlib.h>

static const double SKIPPED = .025, STOPPED = .012;

/* Steps stand around the item, evenly for frequencies; each has a little of its own. The middle of
 * three-way shares (too easy … fitting … too hard) is wide, so its inner steps stand apart. */
static const double STEPS_EVEN[] = { -1.05, -.40, .35, 1.10 }, STEPS_MIDDLE[] = { -1.9, -1.1, 1.1, 1.9 };
enum { EVEN_STEPS = 4 };

static double step_at(bool middle, int step, int steps) {
    if (steps == EVEN_STEPS) return (middle ? STEPS_MIDDLE : STEPS_EVEN)[step];
    return steps > 1 ? 2.1 * step / (steps - 1) - 1.05 : 0;
}

/* Parameters of every item, in logits: a partial credit model. */
static void make_items(const struct plan *plan, const struct instrument *instrument,
                       const struct truth *truth, struct item_parameters *items, size_t *scale_of) {
    for (size_t s = 0; s < instrument->n_scales; s++) {
        const struct scale *scale = &instrument->scales[s];
        const struct scale_truth *true_of = truth->scales[s];
        for (size_t i = 0; i < scale->n_items; i++) {
            struct item_parameters *item = &items[scale->items[i]];
            uint64_t of = stream(STREAM_ITEM, scale->items[i]);
            double sd = true_of->logit, at = -true_of->easy + .35 * random_normal(plan->seed, of, 0);
            scale_of[scale->items[i]] = s;
            item->steps = (int)instrument->items[scale->items[i]].n_categories - 1;
            item->slope = 1;
            for (int k = 0; k < item->steps; k++)
                item->location[k] = sd * (at + step_at(true_of->middle, k, item->steps) +
                                          .12 * random_normal(plan->seed, of, (uint64_t)k + 1));
        }
    }
}

static uint8_t draw_category(const struct item_parameters *item, double theta, double uniform) {
    double log_p[CATEGORIES_MAX], below = 0;
    model_log_probabilities(MODEL_PCM, item, theta, log_p);
    for (int k = 0; k < item->steps; k++) {
        below += num_exp(log_p[k]);
        if (uniform < below) return (uint8_t)k;
    }
    return (uint8_t)item->steps;
}

/* One pupil's answers. Some items are skipped; a few pupils stop halfway. */
static void draw_person(const struct plan *plan, const struct instrument *instrument,
                        const struct truth *truth, size_t row, const struct item_parameters *items,
                        const size_t *scale_of, uint8_t *codes) {
    uint64_t of = stream(STREAM_ANSWER, truth->asked[row]);
    size_t n = instrument->n_items, seen = n;
    if (random_uniform(plan->seed, of, 0) < STOPPED)
        seen = (size_t)((double)n * (.2 + .8 * random_uniform(plan->seed, of, 1)));
    for (size_t i = 0; i < n; i++) {
        size_t s = scale_of[i];
        double theta = truth->scales[s]->logit * truth->z[row * truth->n_scales + s];
        if (i >= seen)
            codes[i] = ANSWER_NOT_SEEN;
        else if (random_uniform(plan->seed, of, 2 * i + 2) < SKIPPED)
            codes[i] = ANSWER_SKIPPED;
        else
            codes[i] = draw_category(&items[i], theta, random_uniform(plan->seed, of, 2 * i + 3));
    }
}

/* Who answers: by the rate of the school, which the classes vary around. */
static bool answers(const struct plan *plan, const struct truth *truth, size_t row) {
    size_t pupil = truth->asked[row], class = plan->pupils[pupil].class_index;
    double rate = plan->schools[plan->classes[class].school].response +
                  .03 * random_normal(plan->seed, stream(STREAM_RESPONSE, plan->n_pupils + class), 0);
    return random_uniform(plan->seed, stream(STREAM_RESPONSE, pupil), 0) < rate;
}

bool draw_answers(const struct plan *plan, const struct instrument *instrument, struct truth *truth,
                  struct arena *arena, struct drawn *drawn, struct error *error) {
    struct item_parameters *items = arena_array(arena, instrument->n_items, sizeof *items);
    size_t *scale_of = arena_array(arena, instrument->n_items, sizeof *scale_of);
    *drawn = (struct drawn){ .rows = arena_array(arena, truth->n_asked, sizeof *drawn->rows),
                             .codes = arena_array(arena, truth->n_asked, instrument->n_items) };
    if (!items || !scale_of || !drawn->rows || !drawn->codes) return error_plain(error, "simulate.memory");
    make_items(plan, instrument, truth, items, scale_of);
    for (size_t row = 0; row < truth->n_asked; row++) {
        truth->answered[row] = answers(plan, truth, row);
        if (!truth->answered[row]) continue;
        draw_person(plan, instrument, truth, row, items, scale_of,
                    drawn->codes + drawn->n * instrument->n_items);
        drawn->rows[drawn->n++] = row;
    }
    return true;
}

/* study_verdicts.c - how often words for differences are wrong: a unit's family of 20 contrasts,
 * ten scales with two references, judged together.
 *
 *     build-bench/bench/study_verdicts [REPLICATIONS [THREADS [CELL]]]
 *
 * The scales of a pupil correlate (half of the variance within classes is common to them), effects
 * of schools and classes do not. One school and one class of each municipality do not differ from
 * either reference; what is flagged there is false. Tables: docs/methods/simulation.md.
 */
#include "programme.h"

#include "base/arena.h"

#include <math.h>

enum { SCALES = 10, FAMILY = SCALES * REFERENCES };

static const struct design designs[] = {
    { .schools = { 6, 6 }, .classes = 2, .pupils = 16, .icc = .10, .items = 5, .null_units = true },
    { .schools = { 6, 6 },
      .classes = 2,
      .pupils = 16,
      .icc = .10,
      .items = 5,
      .missing = .2,
      .shape = SHAPE_SKEWED_DOWN,
      .middle = -2,
      .null_units = true },
};
static const char *const cells[] = { "ordinary", "skewed down, ceiling, 20 % missing" };
enum { CELLS = sizeof cells / sizeof *cells };

enum {
    SCHOOL_ONE,
    SCHOOL_ANY,
    CLASS_ONE,
    CLASS_ANY,
    FALSE_COVERAGE,
    WRONG_SIDE,
    NO_DIFFERENCE,
    QUANTITIES
};
static const char *const quantities[QUANTITIES] = {
    [SCHOOL_ONE] = "a null contrast of a school has p < .05",
    [SCHOOL_ANY] = "a null school has a real difference among its 20 contrasts",
    [CLASS_ONE] = "a null contrast of a class has p < .05",
    [CLASS_ANY] = "a null class has one among its 20",
    [FALSE_COVERAGE] = "share of a unit's flagged intervals that miss the truth (none flagged: 0)",
    [WRONG_SIDE] = "share of them on the wrong side of 0",
    [NO_DIFFERENCE] = "\"no real difference\" where it is 10 points or more",
};

struct family {
    size_t n;
    struct contrast contrast[FAMILY];
    double truth[FAMILY];
};

static void gather(const struct programme *p, size_t unit, struct family *family) {
    for (int r = 0; r < REFERENCES; r++) {
        if (!p->cells[unit].compared[r]) continue;
        family->truth[family->n] = programme_true_difference(p, unit, (enum reference)r);
        family->contrast[family->n++] = p->cells[unit].contrast[r];
    }
}

static void count_null(const struct family *f, enum unit_kind kind, struct quantity *out) {
    bool any = false;
    for (size_t i = 0; i < f->n; i++) {
        struct estimate d = f->contrast[i].difference;
        any = any || f->contrast[i].flagged;
        quantity_add_event(&out[kind == UNIT_SCHOOL ? SCHOOL_ONE : CLASS_ONE],
                           fabs(d.value) > estimate_half_width(d, .95));
    }
    quantity_add_event(&out[kind == UNIT_SCHOOL ? SCHOOL_ANY : CLASS_ANY], any);
}

static void count_words(const struct family *f, struct quantity *out) {
    double flagged = 0, missed = 0, wrong = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct contrast *c = &f->contrast[i];
        bool outside = f->truth[i] < c->low || f->truth[i] > c->high;
        flagged += c->flagged;
        missed += c->flagged && outside;
        wrong += c->flagged && f->truth[i] * c->difference.value < 0;
        if (c->verdict == VERDICT_NO_DIFFERENCE)
            quantity_add_event(&out[NO_DIFFERENCE], fabs(f->truth[i]) >= 10);
    }
    out[FALSE_COVERAGE].n += 1;
    out[FALSE_COVERAGE].covered += flagged > 0 ? missed / flagged : 0;
    out[WRONG_SIDE].n += 1;
    out[WRONG_SIDE].covered += flagged > 0 ? wrong / flagged : 0;
}

static bool replicate(size_t cell, struct source *source, struct arena *arena,
                      struct quantity *out) {
    const struct design *design = &designs[cell];
    struct programme p;
    if (!programme_make(design, source, arena, &p)) return false;
    struct family *family = arena_array(arena, p.units.n, sizeof *family);
    double *common = arena_array(arena, p.n, sizeof *common);
    if (!family || !common) return false;
    for (size_t i = 0; i < p.n; i++) common[i] = draw_shape(source, design->shape);
    for (int s = 0; s < SCALES; s++) {
        if (!programme_measure(design, source, common, arena, &p)) return false;
        for (size_t u = 0; u < p.units.n; u++) gather(&p, u, &family[u]);
    }
    for (size_t u = 1; u < p.units.n; u++) {
        judge(family[u].contrast, family[u].n, .05);
        if (programme_is_null(&p, u)) count_null(&family[u], p.units.unit[u].kind, out);
        count_words(&family[u], out);
    }
    return true;
}

int main(int argc, char **argv) {
    const struct study study = { .events = true,
                                 .quantities = quantities,
                                 .n_quantities = QUANTITIES,
                                 .cells = cells,
                                 .n_cells = CELLS,
                                 .replicate = replicate };
    return study_main(&study, argc, argv);
}

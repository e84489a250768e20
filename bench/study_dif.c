/* study_dif.c - how often items are said to work differently that do not, and that do, and what the
 * intervals of effects cover.
 *
 *     build-bench/bench/study_dif [REPLICATIONS [THREADS [CELL]]]
 *
 * Two groups of the same size (or three), eight items whose locations and slopes are drawn anew
 * each time; in some cells item 0 stands higher in the last group. Tables: docs/methods/linking.md.
 */
#include "simulation.h"

#include "base/arena.h"
#include "base/error.h"
#include "scale/dif.h"

#include <math.h>

enum { ITEMS = 8 };
#define Z 1.959963984540054

static const struct design {
    enum irt_model model;
    size_t persons, groups;
    double shift;   /* of item 0 in the last group, in logits */
    double impact;  /* mean of the last group; that of the others is 0 */
    double sd;      /* of the last group; that of the others is 1 */
    double missing; /* share of the answers */
    int rounds;     /* at most */
} designs[] = {
    { MODEL_RASCH, 500, 2, 0, 0, 1, 0, 1 },    { MODEL_PCM, 500, 2, 0, 0, 1, 0, 1 },
    { MODEL_PCM, 500, 2, 0, .5, 1.3, 0, 1 },   { MODEL_PCM, 500, 2, 0, .5, 1.3, .2, 1 },
    { MODEL_PCM, 600, 3, 0, .5, 1, 0, 1 },     { MODEL_2PL, 1000, 2, 0, .5, 1.3, 0, 1 },
    { MODEL_GPCM, 500, 2, 0, .5, 1.3, 0, 1 },  { MODEL_GRM, 500, 2, 0, .5, 1.3, 0, 1 },
    { MODEL_PCM, 500, 2, 0, .5, 1.3, 0, 5 },   { MODEL_PCM, 1000, 2, .3, .5, 1.3, 0, 5 },
    { MODEL_PCM, 1000, 2, .6, .5, 1.3, 0, 5 }, { MODEL_PCM, 1000, 2, 1, .5, 1.3, 0, 1 },
    { MODEL_PCM, 1000, 2, 1, .5, 1.3, 0, 5 },  { MODEL_GPCM, 1000, 2, 1, .5, 1.3, 0, 5 },
};
static const char *const cells[] = {
    "rasch, 500 persons",
    "pcm, 500, four categories",
    "pcm, 500, means .5 apart, SDs 1 and 1.3",
    "the same, 20 % missing",
    "pcm, 600 in three groups, one .5 higher",
    "2pl, 1,000, means .5 apart, SDs 1 and 1.3",
    "gpcm, 500, likewise",
    "grm, 500, likewise",
    "pcm, 500, likewise, with purification",
    "pcm, 1,000, likewise, one item by .3",
    "… by .6",
    "… by 1, without purification",
    "… by 1",
    "gpcm, 1,000, likewise, one item by 1",
};
enum { CELLS = sizeof cells / sizeof *cells };

enum { TEST, ANY, INTERVAL, B, C, ODD_TEST, ODD_INTERVAL, ODD_B, ODD_C, QUANTITIES };
static const char *const quantities[QUANTITIES] = {
    [TEST] = "p < .05",
    [ANY] = "an adjusted p < .05 among the items without DIF",
    [INTERVAL] = "95 % interval of the effect holds it",
    [B] = "class B",
    [C] = "class C",
    [ODD_TEST] = "of the item with DIF: p < .05",
    [ODD_INTERVAL] = "interval holds the effect",
    [ODD_B] = "class B",
    [ODD_C] = "class C",
};

static void draw_items(const struct design *d, struct source *source,
                       struct item_parameters *items) {
    bool binary = d->model == MODEL_RASCH || d->model == MODEL_2PL;
    for (int i = 0; i < ITEMS; i++) {
        items[i] = (struct item_parameters){ .steps = binary ? 1 : 3, .slope = 1 };
        if (model_has_slopes(d->model)) items[i].slope = .7 + .9 * draw_uniform(source);
        double middle = -1 + 2 * draw_uniform(source);
        for (int h = 0; h < items[i].steps; h++)
            items[i].location[h] = middle + (binary ? 0 : h - 1);
    }
}

static void draw_persons(const struct design *d, struct source *source,
                         const struct item_parameters *items, int8_t *codes, int *groups) {
    for (size_t p = 0; p < d->persons; p++) {
        groups[p] = (int)(p % d->groups);
        bool last = p % d->groups == d->groups - 1;
        double theta = draw_normal(source);
        if (last) theta = d->impact + d->sd * theta;
        for (size_t i = 0; i < ITEMS; i++) {
            struct item_parameters item = items[i];
            for (int h = 0; last && i == 0 && h < item.steps; h++)
                item.location[h] += d->shift / item.slope;
            bool missing = draw_uniform(source) < d->missing;
            int8_t answer = draw_answer(source, d->model, &item, theta);
            codes[p * ITEMS + i] = missing ? CODE_MISSING : answer;
        }
    }
}

static bool replicate(size_t number, struct source *source, struct arena *arena,
                      struct quantity *out) {
    const struct design *d = &designs[number];
    struct item_parameters items[ITEMS];
    struct dif_options options = dif_defaults();
    struct dif_result dif;
    struct error error = { 0 };
    bool any = false;
    int8_t *codes = arena_array(arena, d->persons, ITEMS);
    int *groups = arena_array(arena, d->persons, sizeof *groups);
    if (!codes || !groups) return false;
    draw_items(d, source, items);
    draw_persons(d, source, items, codes, groups);
    struct responses responses = { .n_persons = d->persons,
                                   .n_items = ITEMS,
                                   .codes = codes,
                                   .groups = groups,
                                   .n_groups = d->groups };
    options.model = d->model;
    options.rounds_most = d->rounds;
    if (!scale_dif(&responses, &options, NULL, arena, &dif, &error)) return false;
    for (int i = 0; i < ITEMS; i++) {
        const struct dif_item *item = &dif.items[i];
        const struct dif_contrast *contrast = &item->contrasts[d->groups - 2];
        bool odd = i == 0 && d->shift != 0;
        if (!item->tested || !item->converged) continue;
        quantity_add_event(&out[odd ? ODD_TEST : TEST], item->p < .05);
        quantity_add_event(&out[odd ? ODD_INTERVAL : INTERVAL],
                           fabs(contrast->effect - (odd ? d->shift : 0)) <= Z * contrast->se);
        quantity_add_event(&out[odd ? ODD_B : B], item->class == DIF_B);
        quantity_add_event(&out[odd ? ODD_C : C], item->class == DIF_C);
        any = any || (!odd && item->p_adjusted < .05);
    }
    quantity_add_event(&out[ANY], any);
    return true;
}

int main(int argc, char **argv) {
    static const struct study study = { .events = true,
                                        .quantities = quantities,
                                        .n_quantities = QUANTITIES,
                                        .cells = cells,
                                        .n_cells = CELLS,
                                        .replicate = replicate };
    return study_main(&study, argc, argv);
}

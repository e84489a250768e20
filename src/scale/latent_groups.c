#include "scale/latent.h"

#include "base/arena.h"

/* Numbers the combinations of what id says so far and one factor, in the order in which they are
 * met. */
static bool add_factor(int *id, size_t n_persons, const int *factor, size_t *n_ids,
                       struct arena *arena) {
    int highest = 0;
    if (n_persons == 0) return true;
    for (size_t p = 0; p < n_persons; p++) highest = factor[p] > highest ? factor[p] : highest;
    size_t levels = (size_t)highest + 2, n = 0;
    if (levels > LATENT_COMBINATIONS_MAX || levels * *n_ids > LATENT_COMBINATIONS_MAX) return true;
    int *number = arena_array(arena, *n_ids * levels, sizeof *number); /* + 1; 0: not met */
    if (!number) return false;
    for (size_t p = 0; p < n_persons; p++) {
        int *own = &number[(size_t)id[p] * levels + (size_t)(factor[p] + 1)];
        if (*own == 0) *own = (int)++n;
        id[p] = *own - 1;
    }
    *n_ids = n;
    return true;
}

static bool answered(const struct responses *responses, size_t person) {
    const int8_t *codes = responses->codes + person * responses->n_items;
    for (size_t i = 0; i < responses->n_items; i++)
        if (codes[i] != CODE_MISSING) return true;
    return false;
}

bool latent_variance_groups(const struct responses *responses, const int *const *factors,
                            size_t n_factors, size_t least, struct arena *arena, const int **of,
                            size_t *n) {
    size_t n_persons = responses->n_persons, n_ids = 1;
    int *id = arena_array(arena, n_persons, sizeof *id);
    *of = NULL;
    *n = 0;
    if (!id) return false;
    for (size_t f = 0; f < n_factors; f++)
        if (!add_factor(id, n_persons, factors[f], &n_ids, arena)) return false;
    size_t *count = arena_array(arena, n_ids, sizeof *count);
    int *group = arena_array(arena, n_ids, sizeof *group);
    if (!count || !group) return false;
    for (size_t p = 0; p < n_persons; p++) count[id[p]] += answered(responses, p);
    for (size_t k = 0; k < n_ids; k++) group[k] = count[k] >= least ? (int)(*n)++ : -1;
    for (size_t p = 0; p < n_persons; p++) id[p] = group[id[p]];
    if (*n < 2)
        *n = 0;
    else
        *of = id;
    return true;
}

#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "disclose/disclose.h"

enum { CELLS = 8 };

/* A tree as parents and answers, and what may be shown of it with a minimum of 7. */
struct row {
    const char *what;
    size_t n_cells;
    long parent[CELLS];
    size_t n[CELLS];
    bool shown[CELLS];
};

static const struct row table[] = {
    { "all large enough", 4, { -1, 0, 0, 0 }, { 60, 20, 20, 20 }, { 1, 1, 1, 1 } },
    { "seven is enough, six is not, and the next smallest hides it", 4, { -1, 0, 0, 0 },
      { 35, 6, 7, 22 }, { 1, 0, 0, 1 } },
    { "two hidden under seven together take a third", 5, { -1, 0, 0, 0, 0 }, { 45, 3, 3, 19, 20 },
      { 1, 0, 0, 0, 1 } },
    { "two hidden with seven or more protect each other", 5, { -1, 0, 0, 0, 0 },
      { 47, 4, 4, 19, 20 }, { 1, 0, 0, 1, 1 } },
    { "an empty child needs no protection", 4, { -1, 0, 0, 0 }, { 40, 0, 20, 20 }, { 1, 0, 1, 1 } },
    { "the parent too small: nothing shown", 3, { -1, 0, 0 }, { 6, 3, 3 }, { 0, 0, 0 } },
    { "only child hidden by its size cannot be protected by a sibling", 2, { -1, 0 }, { 9, 6 },
      { 1, 0 } },
    { "hidden to protect a sibling: its own children are hidden too", 8,
      { -1, 0, 0, 0, 2, 2, 3, 3 }, { 66, 6, 20, 40, 10, 10, 20, 20 },
      { 1, 0, 0, 1, 0, 0, 1, 1 } },
    { "of equals the first is hidden", 4, { -1, 0, 0, 0 }, { 46, 6, 20, 20 }, { 1, 0, 0, 1 } },
};

static void test_table(void **state) {
    (void)state;
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct arena *arena = arena_create(1 << 20);
        struct error error;
        struct cell cells[CELLS] = { 0 };
        for (size_t i = 0; i < table[r].n_cells; i++)
            cells[i] = (struct cell){ .parent = table[r].parent[i], .n = table[r].n[i] };
        assert_true(disclose_suppress(cells, table[r].n_cells, 7, arena, &error));
        for (size_t i = 0; i < table[r].n_cells; i++)
            if (cells[i].shown != table[r].shown[i])
                fail_msg("%s: cell %zu is %s", table[r].what, i, cells[i].shown ? "shown" : "hidden");
        arena_destroy(arena);
    }
}

/* Property over many random trees: no shown parent less its shown children leaves one unit, or fewer
 * persons than the minimum, unless nothing more could be hidden. */
static void test_no_remainder_is_small(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int run = 0; run < 2000; run++) {
        struct arena *arena = arena_create(1 << 20);
        struct error error;
        struct cell cells[40];
        size_t n = 1 + (size_t)run % 39;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            cells[i].parent = i == 0 ? CELL_NO_PARENT : (long)((seed >> 33) % i);
            cells[i].n = (seed >> 21) % 25;
        }
        for (size_t i = n; i-- > 1;) cells[cells[i].parent].n += cells[i].n;
        assert_true(disclose_suppress(cells, n, 7, arena, &error));
        for (size_t p = 0; p < n; p++) {
            size_t hidden = 0, persons = 0, shown = 0;
            for (size_t i = 1; i < n; i++) {
                if (cells[i].parent != (long)p) continue;
                if (cells[i].shown) {
                    shown++;
                    assert_true(cells[p].shown);
                } else if (cells[i].n) {
                    hidden++;
                    persons += cells[i].n;
                }
            }
            if (cells[p].shown && hidden && shown) assert_true(hidden > 1 && persons >= 7);
            if (cells[p].shown) assert_true(cells[p].n >= 7);
        }
        arena_destroy(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_no_remainder_is_small),
    };
    return cmocka_run_group_tests_name("disclose", tests, NULL, NULL);
}

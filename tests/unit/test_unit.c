#include "check.h"

#include "base/arena.h"
#include "base/map.h"
#include "roster/unit.h"
#include "store/store.h"

#include <unistd.h>

static struct error error;
static struct arena *arena;
static struct store *study;
static struct units units;
static char path[] = "/tmp/laerke-unit-XXXXXX", url[64];

static void add(int64_t id, const char *kind, int64_t parent, const char *code) {
    struct statement *s;
    assert_true(store_prepare(study, &s,
                              "INSERT INTO unit(id, kind, parent, code, name, grade)"
                              " VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                              &error));
    bind_int(s, 1, id);
    bind_text(s, 2, kind);
    if (parent) bind_int(s, 3, parent);
    bind_text(s, 4, code);
    if (strcmp(kind, "class") == 0) bind_int(s, 5, 3);
    if (!statement_run(s, &error)) fail_msg("%s", error.id);
}

static int set_up(void **state) {
    static const struct {
        int64_t id;
        const char *kind;
        int64_t parent;
        const char *code;
    } rows[] = {
        { 1, "programme", 0, "" },
        { 10, "municipality", 1, "ærø" },
        { 11, "municipality", 1, "aabenraa" },
        { 12, "municipality", 1, "horsens" },
        { 20, "school", 12, "751234" },
        { 21, "institution", 12, "9" },
        { 22, "school", 21, "751235" },
        { 30, "class", 20, "10.a" },
        { 31, "class", 20, "2.a" },
        { 32, "class", 22, "2.a" },
        { 33, "class", 22, "4/5" },
        { 34, "class", 22, "40" },
        { 35, "school", 10, "horsens" },
        { 36, "class", 35, "2.a" },
    };
    (void)state;
    arena = arena_create(1 << 24);
    int file = mkstemp(path);
    if (file < 0) return -1;
    close(file);
    snprintf(url, sizeof url, "sqlite:%s", path);
    if (!store_open(&study, url, STORE_STUDY, &error)) return -1;
    if (!store_migrate(study, NULL, &error)) return -1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        add(rows[i].id, rows[i].kind, rows[i].parent, rows[i].code);
    return !units_read(study, arena, &units, &error);
}

static int tear_down(void **state) {
    (void)state;
    store_close(study);
    arena_destroy(arena);
    return unlink(path);
}

static void test_order(void **state) {
    static const int64_t order[] = { 1, 12, 21, 22, 32, 33, 34, 20, 31, 30, 10, 35, 36, 11 };
    (void)state;
    assert_int_equal(units.n, sizeof order / sizeof *order);
    for (size_t i = 0; i < units.n; i++) {
        assert_int_equal(units.unit[i].id, order[i]);
        assert_true(units.unit[i].parent < (long)i);
        assert_int_equal(units_by_id(&units, order[i]), i);
        assert_int_equal(units.unit[i].grade, units.unit[i].kind == UNIT_CLASS ? 3 : -1);
        assert_true(units.unit[i].active);
    }
    assert_int_equal(units.unit[0].parent, -1);
    assert_int_equal(units_by_id(&units, 999), -1);
}

static void test_find(void **state) {
    static const struct {
        const char *path;
        int64_t id;
        const char *fault;
    } table[] = {
        { "", 1, NULL },
        { "horsens", 12, NULL },
        { "horsens/751234", 20, NULL },
        { "horsens/751234/2.a", 31, NULL },
        { "751234/2.a", 31, NULL },
        { "751234", 20, NULL },
        { "horsens/9/751235/2.a", 32, NULL },
        { "horsens/751235/2.a", 32, NULL },
        { "751235/4/5", 33, NULL },
        { "4/5", 33, NULL },
        { "10.a", 30, NULL },
        { "ærø", 10, NULL },
        { "ærø/horsens/2.a", 36, NULL },
        { "36", 36, NULL },
        { "20", 20, NULL },
        { "40", 34, NULL },
        { "2.a", 0, "unit.ambiguous" },
        { "horsens/2.a", 0, "unit.ambiguous" },
        { "9/2.a", 32, NULL },
        { "5", 0, "unit.unknown" },
        { "horsen", 0, "unit.unknown" },
        { "/horsens", 0, "unit.unknown" },
        { "horsens/", 0, "unit.unknown" },
        { "751234/751235", 0, "unit.unknown" },
        { "2.a/751234", 0, "unit.unknown" },
        { "-1", 0, "unit.unknown" },
        { "2.A", 0, "unit.unknown" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        long index = -9;
        error = (struct error){ 0 };
        bool found = units_find(&units, table[i].path, &index, &error);
        if (found != !table[i].fault) fail_msg("%s: %s", table[i].path, error.id);
        if (found && units.unit[index].id != table[i].id)
            fail_msg("%s: %d", table[i].path, (int)units.unit[index].id);
        if (!found) assert_string_equal(error.id, table[i].fault);
    }
}

static void test_broken_trees(void **state) {
    static const char *const faults[] = {
        "UPDATE unit SET parent = 22 WHERE id = 12",
        "UPDATE unit SET parent = NULL WHERE id = 12",
        "UPDATE unit SET kind = 'castle' WHERE id = 12",
        "UPDATE unit SET kind = 'school' WHERE id = 1",
    };
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct units broken;
        assert_true(store_begin(study, &error));
        assert_true(store_exec(study, faults[i], &error));
        error = (struct error){ 0 };
        assert_false(units_read(study, arena, &broken, &error));
        assert_string_equal(error.id, "unit.broken");
        store_rollback(study);
    }
}

static void test_map(void **state) {
    (void)state;
    struct map map = map_new(arena);
    assert_true(map_get(&map, "x", 1) == MAP_NEW);
    for (int64_t i = 0; i < 50000; i++) {
        size_t *place = map_put(&map, &i, sizeof i);
        assert_non_null(place);
        assert_true(*place == MAP_NEW);
        *place = (size_t)i * 3;
    }
    for (int64_t i = 0; i < 50000; i++) {
        assert_true(map_get(&map, &i, sizeof i) == (size_t)i * 3);
        assert_true(*map_put(&map, &i, sizeof i) == (size_t)i * 3);
    }
    assert_int_equal(map.count, 50000);
    assert_true(map_get(&map, "x", 1) == MAP_NEW);
    assert_true(map_get(&map, "", 0) == MAP_NEW);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_broken_trees),
        cmocka_unit_test(test_map),
    };
    return cmocka_run_group_tests_name("unit", tests, set_up, tear_down);
}

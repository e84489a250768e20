/* The web without a server: forms, paths, the table of routes, the cache. */
#include "check.h"

#include "base/arena.h"
#include "web/cache.h"
#include "web/request.h"
#include "web/route.h"

static void test_fields(void **state) {
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        const char *name, *value; /* of one that is looked up; value NULL: absent */
    } cases[] = {
        { "a=1&b=2", true, "b", "2" },
        { "", true, "a", NULL },
        { "&&a=1&", true, "a", "1" },
        { "a", true, "a", "" },
        { "a=1&a=2", true, "a", "1" },
        { "a=b=c", true, "a", "b=c" },
        { "a=x+y", true, "a", "x y" },
        { "a=%C3%A6%c3%b8", true, "a", "æø" },
        { "%61=1", true, "a", "1" },
        { "a=%", false, NULL, NULL },
        { "a=%4", false, NULL, NULL },
        { "a=%zz", false, NULL, NULL },
        { "a=%00", false, NULL, NULL },
        { "a=%ff", false, NULL, NULL },
        { "a=\xC3", false, NULL, NULL },
        { "1&2&3&4&5&6&7&8&9&a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w", true, "w", "" },
        { "1&2&3&4&5&6&7&8&9&a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x", false, NULL, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[128];
        struct fields fields;
        snprintf(bytes, sizeof bytes, "%s", cases[i].in);
        if (fields_read(bytes, &fields) != cases[i].ok) fail_msg("%s", cases[i].in);
        if (!cases[i].ok) continue;
        const char *value = field_value(&fields, cases[i].name);
        if (!cases[i].value)
            assert_null(value);
        else
            assert_string_equal(value, cases[i].value);
    }
}

static void test_local_path(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "/", "/" },
        { "/unit/7?wave=2", "/unit/7?wave=2" },
        { NULL, "/" },
        { "", "/" },
        { "unit/7", "/" },
        { "//elsewhere.example/", "/" },
        { "/\\elsewhere.example/", "/" },
        { "/a\\b", "/" },
        { "https://elsewhere.example/", "/" },
        { "/a\r\nSet-Cookie: x=1", "/" },
        { "/a b", "/" },
        { "/\t/elsewhere.example", "/" },
        { "/æ", "/" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(local_path(cases[i].in), cases[i].out);
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    assert_string_equal(local_path(longest), "/");
}

static void test_routes(void **state) {
    (void)state;
    static const struct {
        enum method method;
        const char *path, *pattern;
        int64_t id;
        const char *rest;
    } cases[] = {
        { METHOD_GET, "/", "/", 0, NULL },
        { METHOD_GET, "/login", "/login", 0, NULL },
        { METHOD_POST, "/login", "/login", 0, NULL },
        { METHOD_GET, "/login/", "(none)", 0, NULL },
        { METHOD_GET, "", "(none)", 0, NULL },
        { METHOD_GET, "/logout", "(method)", 0, NULL },
        { METHOD_POST, "/", "(method)", 0, NULL },
        { METHOD_OTHER, "/", "(method)", 0, NULL },
        { METHOD_GET, "/unit/7", "/unit/{id}", 7, NULL },
        { METHOD_GET, "/unit/7/profile.pdf", "/unit/{id}/profile.pdf", 7, NULL },
        { METHOD_GET, "/unit/7/profile.json", "/unit/{id}/profile.json", 7, NULL },
        { METHOD_GET, "/unit/9223372036854775807", "/unit/{id}", INT64_MAX, NULL },
        { METHOD_GET, "/unit/9223372036854775808", "(none)", 0, NULL },
        { METHOD_GET, "/unit/0", "(none)", 0, NULL },
        { METHOD_GET, "/unit/-1", "(none)", 0, NULL },
        { METHOD_GET, "/unit/07", "(none)", 0, NULL },
        { METHOD_GET, "/unit/7x", "(none)", 0, NULL },
        { METHOD_GET, "/unit/", "(none)", 0, NULL },
        { METHOD_GET, "/unit/7/", "(none)", 0, NULL },
        { METHOD_GET, "/unit/7/profile", "(none)", 0, NULL },
        { METHOD_GET, "/static/style.css", "/static/{file}", 0, "style.css" },
        { METHOD_GET, "/static/", "(none)", 0, NULL },
        { METHOD_GET, "/static/../a", "(none)", 0, NULL },
        { METHOD_GET, "/nowhere", "(none)", 0, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = { .method = cases[i].method, .path = cases[i].path };
        route_find(&request);
        assert_string_equal(request.route->pattern, cases[i].pattern);
        if (strchr(cases[i].pattern, '{')) assert_int_equal(request.id, cases[i].id);
        if (cases[i].rest) assert_string_equal(request.rest, cases[i].rest);
    }
}

/* What changes something is never reachable by a link, and what a link reaches changes nothing. */
static void test_routes_table(void **state) {
    (void)state;
    for (const struct route *route = routes; route->pattern; route++) {
        assert_true(route->method == METHOD_GET || route->method == METHOD_POST);
        if (strstr(route->pattern, "/unit/")) assert_int_equal(route->who, SEES_UNIT);
        if (route->speed == AT_ONCE) assert_int_equal(route->who, ANYBODY);
    }
}

static const char *get(struct cache *cache, const char *key, struct arena *arena) {
    size_t length;
    const char *bytes = cache_get(cache, key, arena, &length);
    if (bytes) assert_int_equal(length, strlen(bytes));
    return bytes;
}

static void test_cache(void **state) {
    (void)state;
    enum { PIECE = 10000, MAX = 64 * 1024 };
    static char piece[PIECE + 1], large[MAX];
    struct arena *arena = arena_create(1 << 20);
    struct cache *cache = cache_create(MAX);
    assert_null(get(cache, "a", arena));
    cache_put(cache, "a", "one", 3);
    assert_string_equal(get(cache, "a", arena), "one");
    cache_put(cache, "a", "two", 3); /* what is there stays */
    assert_string_equal(get(cache, "a", arena), "one");
    cache_put(cache, "large", large, sizeof large); /* would push out all else */
    assert_null(get(cache, "large", arena));
    memset(piece, 'x', PIECE);
    for (int i = 0; i < 50; i++) {
        char key[32];
        snprintf(key, sizeof key, "piece %d", i);
        cache_put(cache, key, piece, PIECE);
        assert_non_null(get(cache, "a", arena)); /* used, and so never the oldest */
        assert_true(cache_state(cache).bytes <= MAX);
    }
    assert_null(get(cache, "piece 0", arena));
    assert_non_null(get(cache, "piece 49", arena));
    assert_int_equal(cache_state(cache).entries, 7);
    const char *held = get(cache, "piece 49", arena); /* outlives the cache, until the arena ends */
    cache_destroy(cache);
    assert_string_equal(held, piece);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),       cmocka_unit_test(test_local_path),
        cmocka_unit_test(test_routes),       cmocka_unit_test(test_routes_table),
        cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}

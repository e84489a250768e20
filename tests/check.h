/* check.h - what every C test includes: cmocka, and where the shared data is.
 *
 *     static void test_x(void **state) { (void)state; assert_int_equal(1, 1); }
 *     int main(void) {
 *         const struct CMUnitTest tests[] = { cmocka_unit_test(test_x) };
 *         return cmocka_run_group_tests_name("base.text", tests, NULL, NULL);
 *     }
 */
#ifndef LAERKE_TESTS_CHECK_H
#define LAERKE_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The path of a file in ../shared/data (static buffer), or a skipped test where it is absent. In CI
 * absence is a failure: there the data must be. */
static inline const char *shared_data(const char *name) {
    static char path[4096];
    const char *shared = getenv("LAERKE_SHARED");
    snprintf(path, sizeof path, "%s/data/%s", shared ? shared : "../shared", name);
    FILE *file = fopen(path, "rb");
    if (file) {
        fclose(file);
        return path;
    }
    if (getenv("CI")) fail_msg("%s is absent, and this is CI", path);
    print_message("skipped: %s is absent\n", path);
    skip();
    return NULL;
}

#endif

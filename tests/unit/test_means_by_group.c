/* Means of many groups at once: the bits of one at a time, and the jackknife of a naive recomputation. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/pool.h"
#include "num/random.h"
#include "stat/mean.h"

#include <math.h>

enum { N = 1200, DRAWS_MOST = 11, CLASSES = 60, SCHOOLS = 7, GROUPS = CLASSES + SCHOOLS + 3, PLACES = 3 * N + 1 };

static double values[DRAWS_MOST * N], weights[N], tau2[DRAWS_MOST], sigma2[DRAWS_MOST];
static size_t first[GROUPS + 1], person[PLACES], n_clusters[GROUPS];
static int cluster[PLACES], stratum[PLACES];
static bool model[GROUPS];

static size_t class_of(size_t p) { return random_bits(1, p, 0) % CLASSES; }

/* Classes with each pupil a cluster, schools with classes as clusters (every third by the model), all persons
 * by schools in strata of schools, a group of nobody, and one of a single person. One person in eleven has no
 * values. */
static struct groups make(size_t draws, bool weighted, bool stratified) {
    size_t at = 0, g = 0;
    for (size_t p = 0; p < N; p++) {
        weights[p] = weighted ? 0.2 + random_uniform(2, p, 0) : 1;
        for (size_t d = 0; d < draws; d++)
            values[d * N + p] = p % 11 == 3 ? NAN : 500 + 90 * random_normal(3, p, d) + (double)class_of(p);
    }
    for (size_t c = 0; c < CLASSES; c++) {
        first[g] = at;
        for (size_t p = 0; p < N; p++)
            if (class_of(p) == c) {
                cluster[at] = (int)(at - first[g]);
                person[at++] = p;
            }
        n_clusters[g] = at - first[g];
        g++;
    }
    for (size_t s = 0; s < SCHOOLS; s++) {
        first[g] = at;
        model[g] = s % 3 == 1;
        n_clusters[g++] = (CLASSES + SCHOOLS - 1) / SCHOOLS;
        for (size_t p = 0; p < N; p++)
            if (class_of(p) % SCHOOLS == s) {
                cluster[at] = (int)(class_of(p) / SCHOOLS);
                person[at++] = p;
            }
    }
    first[g] = at;
    n_clusters[g++] = SCHOOLS;
    for (size_t p = 0; p < N; p++) {
        cluster[at] = (int)(class_of(p) % SCHOOLS);
        stratum[at] = cluster[at] / 3; /* the last holds one school only */
        person[at++] = p;
    }
    first[g] = at;
    n_clusters[g++] = 0;
    first[g] = at;
    n_clusters[g++] = 2;
    cluster[at] = stratum[at] = 0;
    person[at++] = 0;
    first[g] = at;
    for (size_t d = 0; d < draws; d++) {
        tau2[d] = 200 + (double)d;
        sigma2[d] = 8000 - (double)d;
    }
    return (struct groups){ .n = N, .draws = draws, .values = values, .weights = weighted ? weights : NULL,
                            .n_groups = GROUPS, .first = first, .person = person, .cluster = cluster,
                            .n_clusters = n_clusters, .stratum = stratified ? stratum : NULL,
                            .model = model, .tau2_class = tau2, .sigma2 = sigma2 };
}

/* One group's persons laid out as a sample of their own. */
static struct sample alone(const struct groups *groups, size_t g, double *y, double *w, int *of_cluster) {
    size_t from = groups->first[g], n = groups->first[g + 1] - from;
    for (size_t i = 0; i < n; i++) {
        for (size_t d = 0; d < groups->draws; d++)
            y[d * n + i] = values[d * N + groups->person[from + i]];
        w[i] = weights[groups->person[from + i]];
        if (groups->stratum) of_cluster[groups->cluster[from + i]] = groups->stratum[from + i];
    }
    return (struct sample){ .n = n, .draws = groups->draws, .values = y,
                            .weights = groups->weights ? w : NULL, .cluster = groups->cluster + from,
                            .n_clusters = groups->n_clusters[g],
                            .stratum = groups->stratum ? of_cluster : NULL };
}

static void same(double a, double b) {
    if (!(a == b || (isnan(a) && isnan(b)))) fail_msg("%.17g is not %.17g", a, b);
}

static void test_the_bits_of_one_at_a_time(void **state) {
    (void)state;
    static double y[DRAWS_MOST * N], w[N], draw_mean[GROUPS * DRAWS_MOST];
    static int of_cluster[N];
    struct moments out[GROUPS], again[GROUPS], one;
    struct error error;
    for (int version = 0; version < 12; version++) {
        size_t draws = version < 4 ? 1 : version < 8 ? 4 : DRAWS_MOST;
        struct arena *arena = arena_create(64 * MIB);
        struct groups groups = make(draws, version & 1, version & 2);
        assert_true(means_by_group(&groups, NULL, arena, out, draw_mean, &error));
        for (size_t g = 0; g < GROUPS; g++) {
            struct sample s = alone(&groups, g, y, w, of_cluster);
            bool ok = model[g] ? mean_model(&s, tau2, sigma2, arena, &one, &error)
                               : mean_jackknife(&s, arena, &one, &error);
            assert_int_equal(out[g].persons, one.persons);
            if (one.persons == 0) {
                assert_true(!ok && isnan(out[g].mean.value) && isnan(out[g].sd) && isnan(draw_mean[g * draws]));
                continue;
            }
            same(out[g].mean.value, one.mean.value);
            same(out[g].mean.se, one.mean.se);
            same(out[g].mean.df, one.mean.df);
            same(out[g].sd, one.sd);
            assert_int_equal(out[g].clusters, one.clusters);
            assert_true(ok == !isnan(out[g].mean.se));
            double mean = 0;
            for (size_t d = 0; d < draws; d++) mean += draw_mean[g * draws + d] / (double)draws;
            assert_true(fabs(mean - one.mean.value) < 1e-10);
        }
        for (int threads = 1; threads <= 3; threads++) {
            struct pool *pool = pool_create(threads);
            assert_true(means_by_group(&groups, pool, arena, again, NULL, &error));
            for (size_t g = 0; g < GROUPS; g++) same(again[g].mean.se, out[g].mean.se);
            pool_destroy(pool);
        }
        arena_destroy(arena);
    }
}

/* Weighted mean of a group in one draw, without one cluster; −1: of all. */
static double mean_without(const struct groups *groups, size_t g, size_t draw, int out) {
    double weight = 0, sum = 0;
    for (size_t i = groups->first[g]; i < groups->first[g + 1]; i++) {
        double y = values[draw * N + groups->person[i]];
        if (isnan(y) || groups->cluster[i] == out) continue;
        weight += weights[groups->person[i]];
        sum += weights[groups->person[i]] * y;
    }
    return sum / weight;
}

static void test_the_naive_jackknife(void **state) {
    (void)state;
    struct arena *arena = arena_create(64 * MIB);
    struct groups groups = make(DRAWS_MOST, true, false);
    struct moments out[GROUPS];
    struct error error;
    size_t compared = 0;
    assert_true(means_by_group(&groups, NULL, arena, out, NULL, &error));
    for (size_t g = 0; g < CLASSES + SCHOOLS + 1; g++) {
        if (model[g]) continue;
        double of_draw[DRAWS_MOST], within = 0, mean = 0, between = 0;
        for (size_t d = 0; d < DRAWS_MOST; d++) {
            double replicate[N], centre = 0, squares = 0;
            size_t used = 0;
            for (size_t c = 0; c < n_clusters[g]; c++) {
                bool there = false;
                for (size_t i = first[g]; i < first[g + 1]; i++)
                    there = there || (cluster[i] == (int)c && !isnan(values[person[i]]));
                if (there) replicate[used++] = mean_without(&groups, g, d, (int)c);
            }
            for (size_t r = 0; r < used; r++) centre += replicate[r] / (double)used;
            for (size_t r = 0; r < used; r++) squares += pow(replicate[r] - centre, 2);
            within += squares * (double)(used - 1) / (double)used / DRAWS_MOST;
            of_draw[d] = mean_without(&groups, g, d, -1);
            mean += of_draw[d] / DRAWS_MOST;
        }
        for (size_t d = 0; d < DRAWS_MOST; d++) between += pow(of_draw[d] - mean, 2) / (DRAWS_MOST - 1);
        double se = sqrt(within + (1 + 1.0 / DRAWS_MOST) * between);
        assert_true(fabs(out[g].mean.value - mean) < 1e-8);
        if (!(fabs(out[g].mean.se - se) < 1e-8)) fail_msg("group %zu: %.12g, naive %.12g", g, out[g].mean.se, se);
        compared++;
    }
    assert_true(compared > CLASSES);
    arena_destroy(arena);
}

static void test_a_cluster_out_of_range(void **state) {
    (void)state;
    struct arena *arena = arena_create(64 * MIB);
    struct groups groups = make(2, false, false);
    struct moments out[GROUPS];
    struct error error;
    n_clusters[3] = 1;
    assert_false(means_by_group(&groups, NULL, arena, out, NULL, &error));
    assert_true(error_is(&error, "stat.cluster"));
    groups.n_groups = 0;
    assert_true(means_by_group(&groups, NULL, arena, out, NULL, &error));
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bits_of_one_at_a_time),
        cmocka_unit_test(test_the_naive_jackknife),
        cmocka_unit_test(test_a_cluster_out_of_range),
    };
    return cmocka_run_group_tests_name("stat.means_by_group", tests, NULL, NULL);
}

/* Fit of items, pairs, categories and persons: against closed forms, a plain computation from the
 * definitions, simulation under a true model, and strange answers. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/misfit.h"

#include <math.h>

enum { N_MODELS = 5, GROUPS = 2, ITEMS_MOST = 40 };

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(2 * GIB);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* ---- a true model, and answers drawn from it ---- */

struct truth {
    struct fit_result fit; /* not estimated: the truth itself */
    struct item_parameters items[ITEMS_MOST];
    double mean[GROUPS], variance[GROUPS];
    int8_t recode[ITEMS_MOST * CATEGORIES_MAX];
};

static struct truth *truth_make(enum irt_model model, size_t n_items, size_t n_groups) {
    struct truth *t = arena_array(arena, 1, sizeof *t);
    bool binary = model == MODEL_RASCH || model == MODEL_2PL;
    assert_true(t && n_items <= ITEMS_MOST);
    for (size_t i = 0; i < n_items; i++) {
        struct item_parameters *item = &t->items[i];
        item->steps = binary ? 1 : 2 + (int)(i % 2);
        item->slope = model_has_slopes(model) ? 0.8 + 0.25 * (double)(i % 5) : 1;
        double middle = -1.2 + 2.4 * (double)i / (double)n_items;
        for (int h = 0; h < item->steps; h++)
            item->location[h] = middle + 0.9 * (h - 0.5 * (item->steps - 1));
        for (int k = 0; k < CATEGORIES_MAX; k++)
            t->recode[i * CATEGORIES_MAX + (size_t)k] = (int8_t)k;
    }
    t->mean[1] = 0.6;
    t->variance[0] = 1;
    t->variance[1] = 1.5;
    t->fit =
        (struct fit_result){ .model = { model, n_items, t->items, n_groups, t->mean, t->variance },
                             .recode = t->recode };
    return t;
}

static int8_t draw(const struct truth *t, size_t item, double theta, double u) {
    double p[CATEGORIES_MAX], sum = 0;
    int k = 0;
    model_log_probabilities(t->fit.model.model, &t->items[item], theta, p);
    for (; k < t->items[item].steps; k++) {
        sum += num_exp(p[k]);
        if (u < sum) break;
    }
    return (int8_t)k;
}

static struct responses simulate(const struct truth *t, size_t n, double missing, uint64_t seed) {
    size_t n_items = t->fit.model.n_items, n_groups = t->fit.model.n_groups;
    int8_t *codes = arena_array(arena, n, n_items);
    int *groups = arena_array(arena, n, sizeof *groups);
    assert_true(codes && groups);
    for (size_t p = 0; p < n; p++) {
        size_t g = p % n_groups;
        double theta = t->mean[g] + sqrt(t->variance[g]) * random_normal(seed, p, 0);
        groups[p] = (int)g;
        for (size_t i = 0; i < n_items; i++) {
            bool absent = random_uniform(seed, p, 2 + 2 * i) < missing;
            codes[p * n_items + i] = absent ? (int8_t)CODE_MISSING
                                            : draw(t, i, theta, random_uniform(seed, p, 1 + 2 * i));
        }
    }
    return (struct responses){
        .n_persons = n, .n_items = n_items, .codes = codes, .groups = groups, .n_groups = n_groups
    };
}

static struct misfit misfit_of(const struct responses *responses, const struct fit_result *fit) {
    struct misfit misfit;
    struct error error = { 0 };
    if (!scale_misfit(responses, fit, NULL, arena, &misfit, &error)) fail_msg("%s", error.id);
    return misfit;
}

static void near(const char *what, size_t at, double found, double expected, double within) {
    if (!(fabs(found - expected) <= within) && !(isnan(found) && isnan(expected)))
        fail_msg("%s %zu: %.9f, expected %.9f", what, at, found, expected);
}

/* ---- closed forms ---- */

/* Where θ is known, t is Wright and Masters' (1982): for a right answer with probability p, z² is
 * q/p or p/q, E z⁴ = q²/p + p²/q, and V² Var z² the infit's. */
static void test_known_theta(void **state) {
    (void)state;
    enum { N = 200, RIGHT_0 = 150, RIGHT_1 = 90 };
    struct truth *t = truth_make(MODEL_RASCH, 2, 1);
    int8_t codes[2 * N];
    t->items[0].location[0] = -1;
    t->items[1].location[0] = 0.5;
    t->variance[0] = 1e-9; /* counts as 10⁻⁴: θ is 0 ± 0.01 */
    for (size_t p = 0; p < N; p++) {
        codes[2 * p] = p < RIGHT_0;
        codes[2 * p + 1] = p % 20 < 9;
    }
    struct responses r = { .n_persons = N, .n_items = 2, .codes = codes, .n_groups = 1 };
    struct misfit m = misfit_of(&r, &t->fit);
    const double right[] = { RIGHT_0, RIGHT_1 };
    for (size_t i = 0; i < 2; i++) {
        double p = 1 / (1 + exp(t->items[i].location[0])), q = 1 - p, share = right[i] / N;
        double outfit = share * q / p + (1 - share) * p / q;
        double infit = (share * q * q + (1 - share) * p * p) / (p * q);
        double fourth = q * q / p + p * p / q; /* C/W² */
        double u = sqrt((fourth - 1) / N), v = sqrt(p * p * q * q * (fourth - 1) / N) / (p * q);
        near("outfit", i, m.item[i].outfit, outfit, 1e-3);
        near("infit", i, m.item[i].infit, infit, 1e-3);
        near("outfit_t", i, m.item[i].outfit_t, (cbrt(outfit) - 1) * 3 / u + u / 3, 0.02);
        near("infit_t", i, m.item[i].infit_t, (cbrt(infit) - 1) * 3 / v + v / 3, 0.02);
        near("rmsd", i, m.item[i].rmsd, fabs(share - p), 1e-3);
        near("eap", i, m.category[i * CATEGORIES_MAX].mean_eap, 0, 1e-3);
    }
    /* The residuals are the answers less a constant: Q3 is the answers' own correlation. */
    double both = 0;
    for (size_t p = 0; p < N; p++) both += codes[2 * p] * codes[2 * p + 1];
    double x = right[0] / N, y = right[1] / N;
    near("q3", 0, m.pair[0].q3, (both / N - x * y) / sqrt(x * (1 - x) * y * (1 - y)), 1e-3);
    assert_true(m.pair[0].q3_adjusted == 0);
}

/* ---- a plain computation from the definitions ---- */

enum { PLAIN_NODES = 161 };

struct plain {
    double residual[ITEMS_MOST], eap, lz;
    bool has[ITEMS_MOST];
    int answered;
    double weight, sum;
};

static void plain_person(const struct truth *t, const struct responses *r, size_t person,
                         struct plain *out) {
    double node[PLAIN_NODES], total = 0, log_p[CATEGORIES_MAX], theta = 0;
    double expected[ITEMS_MOST] = { 0 }, excess = 0, variance = 0;
    size_t g = (size_t)r->groups[person], n_items = r->n_items;
    const int8_t *codes = r->codes + person * n_items;
    *out = (struct plain){ .weight = r->weights ? r->weights[person] : 1 };
    for (int q = 0; q < PLAIN_NODES; q++) {
        double z = -7 + 14.0 * q / (PLAIN_NODES - 1), log_l = -z * z / 2;
        double at = t->mean[g] + sqrt(t->variance[g]) * z, e[ITEMS_MOST] = { 0 };
        for (size_t i = 0; i < n_items; i++) {
            if (codes[i] == CODE_MISSING) continue;
            model_log_probabilities(t->fit.model.model, &t->items[i], at, log_p);
            log_l += log_p[codes[i]];
            for (int k = 0; k <= t->items[i].steps; k++) e[i] += k * exp(log_p[k]);
        }
        node[q] = exp(log_l);
        total += node[q];
        theta += node[q] * at;
        for (size_t i = 0; i < n_items; i++) expected[i] += node[q] * e[i];
    }
    out->eap = theta / total;
    for (size_t i = 0; i < n_items; i++) {
        if (codes[i] == CODE_MISSING) continue;
        out->has[i] = true;
        out->answered++;
        out->sum += codes[i];
        out->residual[i] = codes[i] - expected[i] / total;
        model_log_probabilities(t->fit.model.model, &t->items[i], out->eap, log_p);
        double mean = 0, square = 0;
        for (int k = 0; k <= t->items[i].steps; k++) {
            mean += exp(log_p[k]) * log_p[k];
            square += exp(log_p[k]) * log_p[k] * log_p[k];
        }
        excess += log_p[codes[i]] - mean;
        variance += square - mean * mean;
    }
    out->lz = excess / sqrt(variance);
}

struct correlated {
    double n, x, y, xx, yy, xy;
};

static void add(struct correlated *c, double w, double x, double y) {
    c->n += w;
    c->x += w * x;
    c->y += w * y;
    c->xx += w * x * x;
    c->yy += w * y * y;
    c->xy += w * x * y;
}

static double correlation(const struct correlated *c) {
    return (c->xy - c->x * c->y / c->n) /
           sqrt((c->xx - c->x * c->x / c->n) * (c->yy - c->y * c->y / c->n));
}

static void check_plain(const struct truth *t, const struct responses *r) {
    size_t n_items = r->n_items, careless = 0, doubtful = 0, judged = 0;
    double scale = 0, counted = 0, mean = 0;
    struct plain *person = arena_array(arena, r->n_persons, sizeof *person);
    struct misfit m = misfit_of(r, &t->fit);
    for (size_t p = 0; p < r->n_persons; p++) {
        plain_person(t, r, p, &person[p]);
        if (person[p].answered == 0 || !(person[p].weight > 0)) continue;
        scale += person[p].weight;
        counted++;
        judged += person[p].answered >= LZ_LEAST_ANSWERS;
        if (person[p].answered < LZ_LEAST_ANSWERS) continue;
        doubtful += fabs(person[p].lz - LZ_CARELESS) < 1e-3; /* its terms are read off a table */
        careless += person[p].lz < LZ_CARELESS - 1e-3;
    }
    scale /= counted;
    assert_int_equal(m.lz_n, judged);
    assert_in_range(m.lz_careless, careless, careless + doubtful);
    assert_true(doubtful < 3);
    for (size_t b = 1; b < n_items; b++)
        for (size_t a = 0; a < b; a++) {
            struct correlated c = { 0 };
            for (size_t p = 0; p < r->n_persons; p++)
                if (person[p].has[a] && person[p].has[b])
                    add(&c, person[p].weight / scale, person[p].residual[a], person[p].residual[b]);
            near("pair n", pair_at(a, b), m.pair[pair_at(a, b)].n, c.n, 1e-8);
            near("q3", pair_at(a, b), m.pair[pair_at(a, b)].q3, correlation(&c), 2e-6);
            mean += correlation(&c);
        }
    near("q3_mean", 0, m.q3_mean, mean / (double)(n_items * (n_items - 1) / 2), 2e-6);
    for (size_t i = 0; i < n_items; i++) {
        struct correlated rest = { 0 };
        double n[CATEGORIES_MAX] = { 0 }, eap[CATEGORIES_MAX] = { 0 };
        size_t number[CATEGORIES_MAX] = { 0 }, complete = 0;
        for (size_t p = 0; p < r->n_persons; p++)
            complete += person[p].weight > 0 && person[p].answered == (int)n_items;
        bool complete_only = 2 * (double)complete >= counted;
        for (size_t p = 0; p < r->n_persons; p++) {
            if (!person[p].has[i] || !(person[p].weight > 0)) continue;
            int8_t code = r->codes[p * n_items + i];
            n[code] += person[p].weight / scale;
            eap[code] += person[p].weight / scale * person[p].eap;
            number[code]++;
            if (person[p].answered < 2 || (complete_only && person[p].answered < (int)n_items))
                continue;
            add(&rest, person[p].weight, code, (person[p].sum - code) / (person[p].answered - 1));
        }
        near("rest", i, m.item[i].item_rest_correlation, correlation(&rest), 1e-9);
        for (size_t k = 0; k <= (size_t)t->items[i].steps; k++) {
            const struct category_use *use = &m.category[i * CATEGORIES_MAX + k];
            assert_int_equal(use->n, number[k]);
            near("weighted", i, use->weighted, n[k], 1e-8);
            near("share", i, use->share, n[k] / m.item[i].n, 1e-12);
            near("mean_eap", i, use->mean_eap, eap[k] / n[k], 2e-6);
        }
    }
}

/* Masks that are complete, nearly so, and sparse (which are summed by list); weights, some of them
 * 0; more persons than one block and one piece. */
static void test_plain(void **state) {
    (void)state;
    static const double missing[] = { 0, 0.04, 0.8 };
    for (int m = 0; m < N_MODELS; m++)
        for (size_t k = 0; k < 3; k++) {
            size_t n = m == MODEL_PCM ? 2100 : 300;
            struct truth *t = truth_make((enum irt_model)m, m == MODEL_GRM ? 8 : 11, GROUPS);
            struct responses r = simulate(t, n, missing[k], 17 + k);
            double *weights = arena_array(arena, n, sizeof *weights);
            for (size_t p = 0; p < n; p++) weights[p] = (double)(p % 4) / 2;
            check_plain(t, &r);
            r.weights = weights;
            check_plain(t, &r);
        }
}

/* Expected counts behind RMSD and the mean squares, by group, from a plain sum. */
static void test_group_rmsd(void **state) {
    (void)state;
    enum { N = 300, Q = 401 };
    struct truth *t = truth_make(MODEL_2PL, 6, GROUPS);
    struct responses r = simulate(t, N, 0.1, 3);
    struct misfit m = misfit_of(&r, &t->fit);
    for (size_t item = 0; item < 6; item++)
        for (int g = 0; g < GROUPS; g++) {
            static double seen[2][Q];
            double sum = 0, mass = 0, n = 0, log_p[CATEGORIES_MAX];
            memset(seen, 0, sizeof seen);
            for (size_t p = 0; p < N; p++) {
                double node[Q], total = 0;
                int8_t code = r.codes[p * 6 + item];
                if (r.groups[p] != g || code == CODE_MISSING) continue;
                for (int q = 0; q < Q; q++) {
                    double z = -7 + 14.0 * q / (Q - 1), log_l = -z * z / 2;
                    for (size_t i = 0; i < 6; i++) {
                        if (r.codes[p * 6 + i] == CODE_MISSING) continue;
                        model_log_probabilities(MODEL_2PL, &t->items[i],
                                                t->mean[g] + sqrt(t->variance[g]) * z, log_p);
                        log_l += log_p[r.codes[p * 6 + i]];
                    }
                    total += node[q] = exp(log_l);
                }
                for (int q = 0; q < Q; q++) seen[code][q] += node[q] / total;
                n++;
            }
            for (int q = 0; q < Q; q++) {
                double z = -7 + 14.0 * q / (Q - 1);
                if (!(seen[0][q] + seen[1][q] > 0)) continue;
                model_log_probabilities(MODEL_2PL, &t->items[item],
                                        t->mean[g] + sqrt(t->variance[g]) * z, log_p);
                double d = seen[1][q] / (seen[0][q] + seen[1][q]) - exp(log_p[1]);
                sum += exp(-z * z / 2) * d * d; /* the other category's is the same */
                mass += exp(-z * z / 2);
            }
            near("group n", item, m.group_n[(size_t)g * 6 + item], n, 1e-9);
            near("group rmsd", item, m.group_rmsd[(size_t)g * 6 + item], sqrt(sum / mass), 2e-4);
        }
}

/* ---- under a true model ---- */

struct spread {
    double n, sum, squares;
};

static void spread_add(struct spread *s, double value) {
    s->n++;
    s->sum += value;
    s->squares += value * value;
}

static void spread_check(const char *what, int model, const struct spread *s) {
    double mean = s->sum / s->n, sd = sqrt(s->squares / s->n - mean * mean);
    if (!(fabs(mean) < 0.08 && fabs(sd - 1) < 0.06))
        fail_msg("%s, model %d: mean %.3f, SD %.3f of %.0f", what, model, mean, sd, s->n);
}

/* 200 samples of 500 persons and 10 items: over 2,000 values, 0.022 and 0.016 would be the standard
 * errors of mean and SD, were they independent. */
static void test_true_model(void **state) {
    (void)state;
    enum { SAMPLES = 200, N = 500, I = 10 };
    for (int model = 0; model < N_MODELS; model++) {
        struct truth *t = truth_make((enum irt_model)model, I, 1);
        struct spread outfit = { 0 }, infit = { 0 };
        double rmsd = 0, q3 = 0, careless = 0;
        for (uint64_t k = 0; k < SAMPLES; k++) {
            struct responses r = simulate(t, N, 0.1, 1000 + k);
            struct misfit m = misfit_of(&r, &t->fit);
            for (size_t i = 0; i < I; i++) {
                spread_add(&outfit, m.item[i].outfit_t);
                spread_add(&infit, m.item[i].infit_t);
                rmsd = fmax(rmsd, m.item[i].rmsd);
            }
            for (size_t a = 0; a < I * (I - 1) / 2; a++) q3 = fmax(q3, m.pair[a].q3_adjusted);
            careless += (double)m.lz_careless / (double)m.lz_n / SAMPLES;
        }
        spread_check("outfit_t", model, &outfit);
        spread_check("infit_t", model, &infit);
        assert_true(rmsd < RMSD_NAMED && q3 < 0.3); /* the largest of 2,000 and of 9,000 */
        assert_true(careless > 0.004 && careless < 0.01);
    }
}

/* ---- what is to be seen is seen ---- */

/* Item 9 has the answers of item 8; item 0 is answered at random; a tenth of the persons answer
 * everything at random. */
static void test_misfit_seen(void **state) {
    (void)state;
    enum { N = 2000, I = 10 };
    for (int model = 0; model < N_MODELS; model++) {
        struct truth *t = truth_make((enum irt_model)model, I, 1);
        for (size_t i = 8; i < I; i++) t->items[i] = t->items[7];
        struct responses r = simulate(t, N, 0, 77);
        struct misfit clean = misfit_of(&r, &t->fit);
        int8_t *codes = arena_array(arena, N, I);
        memcpy(codes, r.codes, N * I);
        for (size_t p = 0; p < N; p++)
            for (size_t i = 0; i < I; i++)
                if (i == 0 || p % 10 == 0)
                    codes[p * I + i] = (int8_t)(random_uniform(78, p, i) * (t->items[i].steps + 1));
        for (size_t p = 0; p < N; p++) codes[p * I + 9] = codes[p * I + 8];
        r.codes = codes;
        struct misfit m = misfit_of(&r, &t->fit);
        assert_true(m.item[0].rmsd > RMSD_NAMED && m.item[0].infit > 1.1 && m.item[0].infit_t > 5);
        assert_true(clean.item[0].rmsd < 0.06 && fabs(clean.item[0].infit_t) < 4);
        for (size_t k = 0; k < I * (I - 1) / 2; k++)
            assert_int_equal(m.pair[k].q3_adjusted > Q3_NAMED, k == pair_at(8, 9));
        assert_true(m.lz_careless > 2 * clean.lz_careless && clean.lz_careless < N / 50);
    }
}

/* Steps out of order; and a category whose persons stand lower than those below it. */
static void test_order(void **state) {
    (void)state;
    enum { N = 3000, I = 5 };
    struct truth *t = truth_make(MODEL_GPCM, I, 1);
    t->items[0] = (struct item_parameters){ .steps = 2, .slope = 1, .location = { 0.8, -0.8 } };
    t->items[1] = (struct item_parameters){ .steps = 2, .slope = -1, .location = { 0.5, -0.5 } };
    struct responses r = simulate(t, N, 0, 5);
    struct misfit m = misfit_of(&r, &t->fit);
    assert_true(m.item[0].disordered && !m.item[0].falling);
    assert_true(m.category[1].disordered && !m.category[0].disordered && !m.category[2].disordered);
    assert_true(!m.item[1].disordered &&
                !m.item[1].falling); /* with a negative slope all is turned */
    int8_t *codes = arena_array(arena, N, I);
    memcpy(codes, r.codes, N * I);
    for (size_t p = 0; p < N; p++)
        if (codes[p * I + 2] > 0) codes[p * I + 2] = (int8_t)(3 - codes[p * I + 2]); /* 1 ↔ 2 */
    r.codes = codes;
    t->items[2].steps = 2;
    m = misfit_of(&r, &t->fit);
    assert_true(m.item[2].falling && m.category[2 * CATEGORIES_MAX + 2].falling);
    assert_false(m.category[2 * CATEGORIES_MAX + 1].falling || m.item[3].falling);
}

/* ---- weights, threads, strange answers ---- */

/* A weight of 2 is a person twice, but for the spread of the weights, which t knows. */
static void test_weights(void **state) {
    (void)state;
    enum { N = 300, I = 6 };
    struct truth *t = truth_make(MODEL_PCM, I, GROUPS);
    struct responses r = simulate(t, N, 0.1, 9), twice = r;
    double weight[N];
    int8_t codes[2 * N * I];
    int groups[2 * N];
    size_t n = 0;
    for (size_t p = 0; p < N; p++) {
        weight[p] = p % 3 == 0 ? 2 : 1;
        for (int k = 0; k < weight[p]; k++, n++) {
            memcpy(codes + n * I, r.codes + p * I, I);
            groups[n] = r.groups[p];
        }
    }
    r.weights = weight;
    twice.codes = codes;
    twice.groups = groups;
    twice.n_persons = n;
    struct misfit a = misfit_of(&r, &t->fit), b = misfit_of(&twice, &t->fit);
    for (size_t i = 0; i < I; i++) {
        near("outfit", i, a.item[i].outfit, b.item[i].outfit, 1e-9);
        near("rmsd", i, a.item[i].rmsd, b.item[i].rmsd, 1e-9);
        near("rest", i, a.item[i].item_rest_correlation, b.item[i].item_rest_correlation, 0.1);
        assert_true(fabs(a.item[i].infit_t) < fabs(b.item[i].infit_t) + 0.5);
    }
    for (size_t k = 0; k < I * (I - 1) / 2; k++) near("q3", k, a.pair[k].q3, b.pair[k].q3, 1e-9);
}

static void test_threads(void **state) {
    (void)state;
    enum { N = 5000, I = 9 };
    for (int model = 0; model < N_MODELS; model++) {
        struct truth *t = truth_make((enum irt_model)model, I, GROUPS);
        struct responses r = simulate(t, N, 0.1, 21);
        struct misfit one = misfit_of(&r, &t->fit), many;
        for (int threads = 2; threads <= 3; threads++) {
            struct pool *pool = pool_create(threads);
            assert_true(scale_misfit(&r, &t->fit, pool, arena, &many, NULL));
            pool_destroy(pool);
            assert_memory_equal(one.item, many.item, I * sizeof *one.item);
            assert_memory_equal(one.pair, many.pair, I * (I - 1) / 2 * sizeof *one.pair);
            assert_memory_equal(one.category, many.category,
                                I * CATEGORIES_MAX * sizeof *one.category);
            assert_memory_equal(one.group_rmsd, many.group_rmsd, GROUPS * I * sizeof(double));
            assert_true(one.lz_careless == many.lz_careless && one.q3_mean == many.q3_mean);
        }
    }
}

static void finite_or_undefined(const struct misfit *m, size_t n_items) {
    for (size_t i = 0; i < n_items; i++) {
        const struct item_fit *item = &m->item[i];
        assert_true(isfinite(item->n) && isfinite(item->outfit) && isfinite(item->infit) &&
                    isfinite(item->rmsd));
        assert_false(isinf(item->outfit_t) || isinf(item->infit_t) ||
                     isinf(item->item_rest_correlation));
        for (size_t k = 0; k < CATEGORIES_MAX; k++)
            assert_true(!isinf(m->category[i * CATEGORIES_MAX + k].mean_eap));
    }
}

/* One item, one person, all alike, two persons who share no item, a group of one: what is defined
 * is finite, what is not is NaN. */
static void test_strange(void **state) {
    (void)state;
    for (int model = 0; model < N_MODELS; model++) {
        struct truth *t = truth_make((enum irt_model)model, 1, 1);
        struct responses r = simulate(t, 50, 0, 2);
        struct misfit m = misfit_of(&r, &t->fit);
        finite_or_undefined(&m, 1);
        assert_true(isnan(m.item[0].item_rest_correlation) && isnan(m.q3_mean) && m.lz_n == 0);

        t = truth_make((enum irt_model)model, 6, 1);
        r = simulate(t, 1, 0, 2);
        m = misfit_of(&r, &t->fit);
        finite_or_undefined(&m, 6);
        assert_true(isnan(m.pair[0].q3) && isnan(m.q3_mean) && m.lz_n == 1);

        int8_t alike[6 * 20];
        memset(alike, 1, sizeof alike);
        r.codes = alike;
        r.groups = NULL;
        r.n_persons = 20;
        m = misfit_of(&r, &t->fit);
        finite_or_undefined(&m, 6);
        assert_true(isnan(m.pair[0].q3) && isnan(m.item[0].item_rest_correlation));
        assert_true(isnan(m.category[0].mean_eap) && !m.item[0].falling);

        int8_t apart[12];
        memset(apart, CODE_MISSING, sizeof apart);
        for (size_t i = 0; i < 3; i++) apart[i] = apart[9 + i] = 1;
        r.codes = apart;
        r.n_persons = 2;
        m = misfit_of(&r, &t->fit);
        assert_true(m.pair[pair_at(0, 3)].n == 0 && isnan(m.pair[pair_at(0, 3)].q3));

        t = truth_make((enum irt_model)model, 6, GROUPS);
        r = simulate(t, 40, 0.2, 8);
        int groups[40] = { 0 };
        groups[7] = 1;
        r.groups = groups;
        m = misfit_of(&r, &t->fit);
        finite_or_undefined(&m, 6);
        for (size_t i = 0; i < 6; i++) /* alone, and seen there or not */
            assert_true(m.group_n[6 + i] == 0 ? isnan(m.group_rmsd[6 + i])
                                              : m.group_rmsd[6 + i] < 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_theta), cmocka_unit_test(test_plain),
        cmocka_unit_test(test_group_rmsd),  cmocka_unit_test(test_true_model),
        cmocka_unit_test(test_misfit_seen), cmocka_unit_test(test_order),
        cmocka_unit_test(test_weights),     cmocka_unit_test(test_threads),
        cmocka_unit_test(test_strange),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}

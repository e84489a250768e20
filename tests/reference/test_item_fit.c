/* Fit of items, pairs, categories and persons, against the formulas of docs/methods/fit.md worked
 * out in R (base functions alone) from the same real answers and the parameters of items.csv:
 *
 *   # X: answers from 0, NA missing; grp: group of a person; mu, s2: of the groups; a, b: of an
 * item q <- seq(min(mu - 8*sqrt(s2)), max(mu + 8*sqrt(s2)), length.out=1201) pcm <- function(b) { e
 * <- exp(cbind(0, t(apply(sapply(b, function(b) q - b), 1, cumsum)))) e/rowSums(e) } grm <-
 * function(a, b) { S <- cbind(1, sapply(b, function(b) plogis(a*(q - b))), 0) S[, -ncol(S)] - S[,
 * -1] } # P: list of the items' matrices, node x category post <- sapply(1:nrow(X), function(p) { l
 * <- dnorm(q, mu[grp[p]], sqrt(s2[grp[p]]), log=TRUE) for (i in which(!is.na(X[p,]))) l <- l +
 * log(P[[i]][, X[p,i]+1]) w <- exp(l - max(l)); w/sum(w) }) eap <- colSums(post*q) E <- sapply(P,
 * function(m) drop(m %*% (1:ncol(m) - 1))) V <- sapply(1:ncol(X), function(i)
 * rowSums(P[[i]]*outer(-E[,i], 1:ncol(P[[i]]) - 1, "+")^2)) item <- function(i) { x <- X[,i]; w <-
 * post; m <- P[[i]]; n <- length(x); K <- ncol(m) d2 <- outer(-E[,i], x, "+")^2; below <-
 * sum(w*V[,i]); vo <- vi <- 0 outfit <- sum(w*d2/V[,i])/n; infit <- sum(w*d2)/below for (j in 1:n)
 * { o <- w[,j]/m[, x[j]+1]; mass <- colSums(o*m) part <- function(f) sapply(1:K, function(k)
 * sum(o*m[,k]*f((k-1-E[,i])^2))/mass[k]) vo <- vo + sum(mass*(part(function(s) s/V[,i]) -
 * 1)^2)/sum(mass) vi <- vi + sum(mass*part(function(s) s - V[,i])^2)/sum(mass) } t <- function(m,
 * v) (m^(1/3) - 1)*3/sqrt(v) + sqrt(v)/3 obs <- sapply(1:K - 1, function(k) rowSums(w[, x == k]));
 * obs <- obs/rowSums(obs) f <- rowSums(sapply(seq_along(mu), function(g) dnorm(q, mu[g],
 * sqrt(s2[g]))*sum(grp == g))) c(outfit, infit, t(outfit, vo/n^2), t(infit, vi/below^2),
 *       sqrt(sum(f*rowSums((obs - m)^2)/K)/sum(f))) }
 *   q3 <- cor(X - t(t(E) %*% post)); mean(q3[lower.tri(q3)])
 *   tapply(eap, X[,1], mean)
 *   # lz: log P at the EAP by approx(q, log(P[[i]][,k]), eap[p]); sum(lz < -2.326)
 */
#include "reference.h"

#include "base/limits.h"
#include "num/pool.h"
#include "scale/misfit.h"

struct measured {
    struct arena *arena;
    struct responses responses;
    struct fit_result fit;
    struct misfit misfit;
};

static void measure(struct measured *m, enum irt_model model) {
    struct fit_options options = fit_defaults();
    struct error error = { 0 };
    struct pool *pool = pool_create(2);
    options.model = model;
    if (!scale_fit(&m->responses, &options, pool, m->arena, &m->fit, &error) ||
        !scale_misfit(&m->responses, &m->fit, pool, m->arena, &m->misfit, &error))
        fail_msg("%s", error.id);
    pool_destroy(pool);
}

static void near(const char *what, const char *item, double found, double expected, double within) {
    if (!(fabs(found - expected) <= within))
        fail_msg("%s %s: %.9f, expected %.9f", what, item, found, expected);
}

struct expected_item {
    const char *name;
    double outfit, infit, outfit_t, infit_t, rmsd;
};

static void check_item(const struct item_fit *found, const struct expected_item *expected) {
    near("outfit", expected->name, found->outfit, expected->outfit, 1e-5);
    near("infit", expected->name, found->infit, expected->infit, 1e-5);
    near("outfit_t", expected->name, found->outfit_t, expected->outfit_t, 1e-4);
    near("infit_t", expected->name, found->infit_t, expected->infit_t, 1e-4);
    near("rmsd", expected->name, found->rmsd, expected->rmsd, 5e-5);
}

static void test_science(void **state) {
    (void)state;
    static const char *const names[] = { "Comfort", "Work", "Future", "Benefit" };
    static const struct expected_item items[] = {
        { "Comfort", 0.977634602, 0.98649416, -0.2253622042, -0.123428470, 0.02030389875 },
        { "Work", 1.012933706, 1.01293754, 0.2177730221, 0.220218433, 0.02241997765 },
        { "Future", 1.001911741, 1.00702835, 0.0542014495, 0.151109006, 0.00936942676 },
        { "Benefit", 1.010226988, 1.00701003, 0.1812667478, 0.130595415, 0.03037923072 },
    };
    static const double q3[] = { -0.2018950948, -0.2496958432, -0.201020682,
                                 0.0861609172,  -0.239111429,  -0.311312975 };
    static const double eap[] = { -1.615466258, -0.622157625, -0.127354376, 0.695085945 };
    struct measured m = { .arena = arena_create(1 * GIB) };
    m.responses = reference_answers("science.csv", 4, names, 1, m.arena);
    measure(&m, MODEL_GRM);
    for (size_t i = 0; i < 4; i++) check_item(&m.misfit.item[i], &items[i]);
    near("q3_mean", "", m.misfit.q3_mean, -0.186145851, 1e-5);
    for (size_t k = 0; k < 6; k++) {
        near("q3", "", m.misfit.pair[k].q3, q3[k], 2e-5);
        near("q3_adjusted", "", m.misfit.pair[k].q3_adjusted, q3[k] + 0.186145851, 2e-5);
        assert_true(m.misfit.pair[k].n == 392);
    }
    for (size_t k = 0; k < 4; k++) near("eap", "", m.misfit.category[k].mean_eap, eap[k], 5e-5);
    assert_int_equal(m.misfit.lz_n, 0); /* four answers show no pattern */
    assert_false(m.misfit.item[0].disordered || m.misfit.item[0].falling);
    arena_destroy(m.arena);
}

enum { VERBAGG_ITEMS = 24 };

static const char *const verbagg[VERBAGG_ITEMS] = {
    "S1WantCurse", "S1WantScold", "S1WantShout", "S2WantCurse", "S2WantScold", "S2WantShout",
    "S3WantCurse", "S3WantScold", "S3WantShout", "S4wantCurse", "S4WantScold", "S4WantShout",
    "S1DoCurse",   "S1DoScold",   "S1DoShout",   "S2DoCurse",   "S2DoScold",   "S2DoShout",
    "S3DoCurse",   "S3DoScold",   "S3DoShout",   "S4DoCurse",   "S4DoScold",   "S4DoShout",
};

/* Two groups, F and M. */
static void read_verbagg(struct measured *m) {
    struct csv *csv;
    struct error error = { 0 };
    m->responses = reference_answers("verbagg.csv", VERBAGG_ITEMS, verbagg, 0, m->arena);
    int *groups = arena_array(m->arena, m->responses.n_persons, sizeof *groups);
    assert_true(groups && csv_open(&csv, shared_data("verbagg.csv"), m->arena, &error));
    for (size_t p = 0; csv_next(csv, &error); p++)
        groups[p] = strcmp(csv_cell(csv, csv_column(csv, "Gender")), "M") == 0;
    m->responses.groups = groups;
    m->responses.n_groups = 2;
}

static void test_verbagg(void **state) {
    (void)state;
    static const struct {
        size_t item;
        struct expected_item expected;
    } items[] = {
        { 0, { "S1WantCurse", 1.106259908, 1.047582048, 1.404838412, 0.828718799, 0.0353768063 } },
        { 6, { "S3WantCurse", 1.155273083, 1.112524005, 2.165845736, 1.799378649, 0.0431225075 } },
        { 11, { "S4WantShout", 1.288803198, 1.075290612, 2.139819399, 0.904808255, 0.0471105449 } },
        { 13, { "S1DoScold", 0.851455558, 0.879618576, -2.120585178, -2.121997445, 0.0535737946 } },
        { 20, { "S3DoShout", 1.297718526, 0.947162693, 1.091397963, -0.227570263, 0.0202955573 } },
    };
    static const double eap[] = { -0.5905473427, -0.0418797877, 0.5846630661 };
    struct measured m = { .arena = arena_create(1 * GIB) };
    read_verbagg(&m);
    measure(&m, MODEL_PCM);
    for (size_t k = 0; k < sizeof items / sizeof *items; k++)
        check_item(&m.misfit.item[items[k].item], &items[k].expected);
    near("q3_mean", "", m.misfit.q3_mean, -0.0369561238, 1e-5);
    near("q3", "1 2", m.misfit.pair[pair_at(0, 1)].q3, 0.2982643518, 1e-5);
    near("q3", "1 4", m.misfit.pair[pair_at(0, 3)].q3, 0.270552217, 1e-5);
    near("q3", "3 4", m.misfit.pair[pair_at(2, 3)].q3, -0.1762251297, 1e-5);
    double largest = -1;
    for (size_t k = 0; k < pair_at(VERBAGG_ITEMS - 2, VERBAGG_ITEMS - 1) + 1; k++)
        largest = fmax(largest, m.misfit.pair[k].q3_adjusted);
    near("largest", "q3_adjusted", largest, 0.412098582, 1e-5);
    for (size_t k = 0; k < 3; k++) near("eap", "", m.misfit.category[k].mean_eap, eap[k], 1e-5);
    assert_int_equal(m.misfit.lz_n, 316);
    assert_int_equal(m.misfit.lz_careless, 13);
    for (size_t i = 0; i < VERBAGG_ITEMS; i++) /* S2DoShout: b = 1.68, 1.61 */
        assert_int_equal(m.misfit.item[i].disordered, i == 17);
    arena_destroy(m.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_science),
        cmocka_unit_test(test_verbagg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Grids, and the tables of log probabilities and their derivatives at the nodes. */
#include "scale/fit_internal.h"

#include "num/clones.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

/* ---- the grid ---- */

bool grid_make(struct calibration *c, size_t nodes, double widest) {
    struct grid *grid = &c->grid;
    size_t padded = (nodes + NODE_LANES - 1) / NODE_LANES * NODE_LANES;
    *grid = (struct grid){ .n = nodes, .padded = padded, .widest = widest };
    grid->z = arena_array(c->arena, padded, sizeof(double));
    grid->log_weight = arena_array(c->arena, padded, sizeof(double));
    grid->theta = arena_array(c->arena, c->n_groups * padded, sizeof(double));
    c->table = arena_array(c->arena, c->n_groups * c->n_table * padded, sizeof(double));
    c->slope = arena_array(c->arena, c->n_groups * c->n_slope * padded, sizeof(double));
    c->expected = arena_array(c->arena, c->n_groups * c->n_table * padded, sizeof(double));
    c->mass = arena_array(c->arena, c->n_groups * padded, sizeof(double));
    c->all = arena_array(c->arena, c->n_groups * padded, sizeof(double));
    c->tilt = arena_array(c->arena, c->width, sizeof(double));
    if (!c->all || !c->tilt || !grid->z || !grid->log_weight || !grid->theta || !c->table ||
        !c->slope || !c->expected || !c->mass)
        return false;
    double total = 0, middle = 0.5 * (double)(nodes - 1);
    for (size_t q = 0; q < nodes; q++) {
        grid->z[q] = widest * ((double)q - middle) / middle; /* symmetric to the bit */
        grid->log_weight[q] = -0.5 * grid->z[q] * grid->z[q];
        total += num_exp(grid->log_weight[q]);
    }
    for (size_t q = 0; q < nodes; q++) grid->log_weight[q] -= num_log(total);
    for (size_t q = nodes; q < padded; q++) {
        grid->z[q] = grid->z[nodes - 1];
        grid->log_weight[q] = grid->log_weight[nodes - 1] - 1e4;
    }
    return sums_prepare(c);
}

static void group_nodes(struct calibration *c, const double *x, size_t group) {
    double mean = x[c->group_at + 2 * group], sd = num_exp(0.5 * x[c->group_at + 2 * group + 1]);
    double *theta = c->grid.theta + group * c->grid.padded;
    for (size_t q = 0; q < c->grid.padded; q++) theta[q] = mean + sd * c->grid.z[q];
}

/* ---- one item of an exponential family ---- */

/* T = −D(θ) = −log Σ_k exp s_k with s_k = Σ_{h≤k} (aθ − c_h). With P*_h = P(X ≥ h): dT/dc_h = P*_h,
 * dT/da = −θ E X = −θ Σ P*_h. All nodes at once: the rows of D hold first s_k, then exp s_k. */
static void family_rows(const struct calibration *c, size_t item, const double *parameters,
                        const double *theta, double *table, double *slope) {
    size_t padded = c->grid.padded, steps = (size_t)c->steps[item];
    double a = c->slopes ? parameters[0] : 1, largest[NODES_MAX + NODE_LANES];
    double *reached = slope + (c->slopes ? padded : 0);
    for (size_t q = 0; q < padded; q++) {
        double sum = 0;
        largest[q] = 0;
        for (size_t h = 0; h < steps; h++) {
            reached[h * padded + q] = sum += a * theta[q] - parameters[c->slopes + h];
            if (sum > largest[q]) largest[q] = sum;
        }
        table[q] = -largest[q];
    }
    num_exp_array(padded, table, table);
    for (size_t h = 0; h < steps; h++) {
        double *row = reached + h * padded;
        for (size_t q = 0; q < padded; q++) row[q] -= largest[q];
        num_exp_array(padded, row, row);
    }
    for (size_t q = 0; q < padded; q++) {
        double total = table[q], above = 0, mean = 0;
        for (size_t h = 0; h < steps; h++) total += reached[h * padded + q];
        for (size_t h = steps; h-- > 0;) {
            above += reached[h * padded + q];
            reached[h * padded + q] = above / total;
            mean += above / total;
        }
        table[q] = -(largest[q] + num_log(total));
        if (c->slopes) slope[q] = -theta[q] * mean;
    }
}

/* ---- one item of grm at one node ---- */

/* What the tables hold of one item at one θ: log P_k, and d log P_k / d (a, c_1 … c_K). */
struct node {
    double log_p[CATEGORIES_MAX];
    double d[CATEGORIES_MAX][ITEM_PARAMETERS_MAX];
};

/* F(1 − F) at a logit, over P: by logarithms, since both can be tiny. */
static double density_ratio(double logit, double log_p) {
    if (isinf(logit)) return 0;
    return num_exp(-num_log1p_exp(logit) - num_log1p_exp(-logit) - log_p);
}

/* grm: P_k = F(y_k) − F(y_{k+1}), y_k = aθ − c_k. With f = F(1 − F):
 * d/dc_k = −f(y_k)/P_k, d/dc_{k+1} = f(y_{k+1})/P_k, d/da = θ (f(y_k) − f(y_{k+1}))/P_k. */
static void node_differences(int steps, const double *parameters, double theta, struct node *out) {
    struct item_parameters item = { .steps = steps, .slope = 1 };
    for (int h = 0; h < steps; h++) item.location[h] = parameters[1 + h] - parameters[0] * theta;
    model_log_probabilities(MODEL_GRM, &item, 0, out->log_p);
    for (int k = 0; k <= steps; k++) {
        double above = k > 0 ? density_ratio(-item.location[k - 1], out->log_p[k]) : 0;
        double below = k < steps ? density_ratio(-item.location[k], out->log_p[k]) : 0;
        memset(out->d[k], 0, sizeof out->d[k]);
        out->d[k][0] = theta * (above - below);
        if (k > 0) out->d[k][k] = -above;
        if (k < steps) out->d[k][k + 1] = below;
    }
}

/* ---- tables ---- */

static void difference_rows(const struct calibration *c, size_t item, const double *parameters,
                            const double *theta, double *table, double *slope) {
    size_t padded = c->grid.padded, rows = table_size(c, item), size = item_size(c, item);
    struct node node;
    for (size_t q = 0; q < padded; q++) {
        node_differences(c->steps[item], parameters, theta[q], &node);
        for (size_t k = 0; k < rows; k++) {
            table[k * padded + q] = node.log_p[k];
            for (size_t h = 0; h < size; h++) slope[(k * size + h) * padded + q] = node.d[k][h];
        }
    }
}

void item_tables_fill(struct calibration *c, const double *x, size_t item) {
    for (size_t g = 0; g < c->n_groups; g++)
        (c->by_category ? difference_rows : family_rows)(
            c, item, x + c->at[item], c->grid.theta + g * c->grid.padded,
            table_row(c, c->table, g, c->table_at[item]), slope_row(c, g, c->slope_at[item]));
}

void tables_fill(struct calibration *c, const double *x) {
    size_t padded = c->grid.padded;
    for (size_t g = 0; g < c->n_groups; g++) group_nodes(c, x, g);
    for (size_t i = 0; i < c->n_items; i++) {
        item_tables_fill(c, x, i);
        c->scale[i] = c->slopes ? x[c->at[i]] : 1;
    }
    for (size_t g = 0; !c->by_category && g < c->n_groups; g++) {
        double *all = c->all + g * padded;
        memcpy(all, c->grid.log_weight, padded * sizeof *all);
        for (size_t i = 0; i < c->n_items; i++)
            nodes_add(padded, table_row(c, c->table, g, c->table_at[i]), all);
    }
}

/* ---- information of one item ---- */

/* Σ_q n(q) Cov([X ≥ h], [X ≥ l]) = Σ n (P*_max − P*_h P*_l), steps². */
static void reached_covariance(size_t padded, size_t steps, const double *reached, const double *n,
                               double *out) {
    for (size_t h = 0; h < steps; h++) {
        double own = lane_dot(padded, n, reached + h * padded);
        for (size_t l = 0; l <= h; l++)
            out[h * steps + l] = out[l * steps + h] =
                own - lane_dot3(padded, n, reached + h * padded, reached + l * padded);
    }
}

/* With C_hl = Cov([X ≥ h], [X ≥ l]): C for the intercepts, −θ Σ_l C_hl with the slope, whose own is
 * θ² ΣΣ C_hl. */
static void family_fisher(const struct calibration *c, size_t group, size_t item, const double *n,
                          double *out) {
    size_t padded = c->grid.padded, size = item_size(c, item), steps = (size_t)c->steps[item];
    const double *theta = c->grid.theta + group * padded;
    const double *reached = slope_row(c, group, c->slope_at[item] + c->slopes);
    double block[STEPS_MAX * STEPS_MAX], weight[NODES_MAX + NODE_LANES];
    reached_covariance(padded, steps, reached, n, block);
    for (size_t h = 0; h < steps; h++)
        for (size_t l = 0; l < steps; l++)
            out[(h + c->slopes) * size + l + c->slopes] += block[h * steps + l];
    if (!c->slopes) return;
    nodes_times(padded, n, theta, weight);
    reached_covariance(padded, steps, reached, weight, block);
    for (size_t h = 0; h < steps; h++) {
        double sum = 0;
        for (size_t l = 0; l < steps; l++) sum += block[h * steps + l];
        out[h + 1] -= sum;
        out[(h + 1) * size] -= sum;
    }
    nodes_times(padded, weight, theta, weight);
    reached_covariance(padded, steps, reached, weight, block);
    for (size_t k = 0; k < steps * steps; k++) out[0] += block[k];
}

void item_fisher(const struct calibration *c, size_t group, size_t item, const double *n,
                 double *out) {
    if (!c->by_category) {
        family_fisher(c, group, item, n, out);
        return;
    }
    size_t padded = c->grid.padded, size = item_size(c, item);
    const double *table = table_row(c, c->table, group, c->table_at[item]);
    const double *slope = slope_row(c, group, c->slope_at[item]);
    for (size_t k = 0; k < table_size(c, item); k++) {
        for (size_t q = 0; q < c->grid.n; q++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): n has every node
             */
            double weight = n[q] * num_exp(table[k * padded + q]);
            for (size_t h = 0; h < size; h++) {
                double own = weight * slope[(k * size + h) * padded + q];
                for (size_t l = 0; l < size; l++)
                    out[h * size + l] += own * slope[(k * size + l) * padded + q];
            }
        }
    }
}

/* −∂² log P_k of grm for one answer at one node. P_k = F(y_k) − F(y_{k+1}); with s = ±f/P and
 * f′ = f (1 − 2F), each logit j adds s_j (1 − 2F_j) to the curvature along it, less the square of
 * the gradient; dy/d(a, c_h) = (θ, −1 at h). */
static void add_curvature_differences(int steps, int k, const double *parameters, double theta,
                                      const struct node *node, double weight, size_t size,
                                      double *out) {
    for (size_t h = 0; h < size; h++)
        for (size_t l = 0; l < size; l++)
            out[h * size + l] += weight * node->d[k][h] * node->d[k][l];
    for (int side = 0; side < 2; side++) {
        int j = k + side; /* the logit y_j, 1 ≤ j ≤ K */
        if (j < 1 || j > steps) continue;
        double logit = parameters[0] * theta - parameters[j];
        double s = -node->d[k][j]; /* +f(y_k)/P_k, −f(y_{k+1})/P_k */
        double bend = weight * s * (1 - 2 / (1 + num_exp(-logit)));
        size_t at = (size_t)j;
        out[0] -= bend * theta * theta;
        out[at * size] += bend * theta;
        out[at] += bend * theta;
        out[at * size + at] -= bend;
    }
}

static void curvature_differences(const struct calibration *c, size_t group, size_t item,
                                  const double *x, double *out) {
    size_t padded = c->grid.padded, rows = table_size(c, item), size = item_size(c, item);
    const double *expected = table_row(c, c->expected, group, c->table_at[item]);
    const double *theta = c->grid.theta + group * padded;
    struct node node;
    for (size_t q = 0; q < c->grid.n; q++) {
        node_differences(c->steps[item], x + c->at[item], theta[q], &node);
        for (size_t k = 0; k < rows; k++)
            add_curvature_differences(c->steps[item], (int)k, x + c->at[item], theta[q], &node,
                                      expected[k * padded + q], size, out);
    }
}

void item_curvature(const struct calibration *c, size_t group, size_t item, const double *x,
                    double *out) {
    if (c->by_category)
        curvature_differences(c, group, item, x, out);
    else /* an exponential family: the curvature does not depend on the answer */
        item_fisher(c, group, item, table_row(c, c->expected, group, c->table_at[item]), out);
}

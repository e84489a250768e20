#include "scale/model.h"

#include "num/special.h"

#include <math.h>
#include <string.h>

static const char *const names[] = { "rasch", "pcm", "2pl", "gpcm", "grm" };
enum { N_MODELS = sizeof names / sizeof *names };

const char *model_name(enum irt_model model) { return names[model]; }

bool model_from_name(const char *name, enum irt_model *out) {
    for (int i = 0; i < N_MODELS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum irt_model)i;
            return true;
        }
    }
    return false;
}

bool model_has_slopes(enum irt_model model) {
    return model == MODEL_2PL || model == MODEL_GPCM || model == MODEL_GRM;
}

/* Sums of steps, less their logarithmic normaliser (taken from the largest, against overflow). */
static void divide_by_total(const struct item_parameters *item, double slope, double theta,
                            double *out) {
    double largest = 0, total = 0;
    out[0] = 0;
    for (int k = 1; k <= item->steps; k++) {
        out[k] = out[k - 1] + slope * (theta - item->location[k - 1]);
        if (out[k] > largest) largest = out[k];
    }
    for (int k = 0; k <= item->steps; k++) total += num_exp(out[k] - largest);
    double norm = largest + num_log(total);
    for (int k = 0; k <= item->steps; k++) out[k] -= norm;
}

/* log (F(x) − F(y)) for x > y, F the logistic function: with s = log(1 + e^·),
 * F(x) − F(y) = e^{−s(−x)} e^{−s(y)} (1 − e^{y−x}). */
static double log_between(double x, double y) {
    double gap = y - x; /* < 0 */
    double inner = -gap < 1e-300 ? -HUGE_VAL
                   : gap > -1e-3 ? num_log(-gap * (1 + gap * (0.5 + gap * (1.0 / 6 + gap / 24))))
                                 : num_log(1 - num_exp(gap));
    return -num_log1p_exp(-x) - num_log1p_exp(y) + inner;
}

static void differences(const struct item_parameters *item, double theta, double *out) {
    double above = HUGE_VAL; /* logit of P(X ≥ k), which falls with k */
    for (int k = 0; k <= item->steps; k++) {
        double next = k < item->steps ? item->slope * (theta - item->location[k]) : -HUGE_VAL;
        out[k] = isinf(above)  ? -num_log1p_exp(next)
                 : isinf(next) ? -num_log1p_exp(-above)
                               : log_between(above, next);
        above = next;
    }
    if (item->steps == 0) out[0] = 0;
}

void model_log_probabilities(enum irt_model model, const struct item_parameters *item, double theta,
                             double out[CATEGORIES_MAX]) {
    if (model == MODEL_GRM)
        differences(item, theta, out);
    else
        divide_by_total(item, model_has_slopes(model) ? item->slope : 1, theta, out);
}

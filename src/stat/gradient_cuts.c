#include "stat/gradient_cuts.h"

#include <math.h>
#include <string.h>

/* In ranks: a row below a cut at share p of all moves it by p − 1 rows, one above by p. What a
 * quarter's sum gains when its end moves by one row is the mean, among the rows around the cut, of
 * what a row adds. So no density is estimated. */

/* What each row adds to a sum, by its position in an order: w (f − mean)/Σw of the quarter. */
typedef double summand(const struct cut_rows *rows, size_t row, double mean, double total);

static double of_outcome(const struct cut_rows *rows, size_t row, double mean, double total) {
    return rows->w[row] * (rows->y[row] - mean) / total;
}
static double of_top(const struct cut_rows *rows, size_t row, double mean, double total) {
    return rows->w[row] * ((rows->outcome->position[row] >= rows->top) - mean) / total;
}
static double of_lowest(const struct cut_rows *rows, size_t row, double mean, double total) {
    (void)mean;
    return rows->background->position[row] < rows->cut[0] ? rows->w[row] / total : 0;
}

/* The mean of f over the rows whose positions are within reach of the cut. Where all below it
 * within reach have one value, cuts stand between values and do not move: 0. */
static double around(const struct cut_rows *rows, const struct ranking *order, size_t cut,
                     summand *f, double mean, double total) {
    size_t reach = (size_t)(2 * sqrt((double)rows->n));
    if (reach > rows->n / 8) reach = rows->n / 8;
    size_t from = cut > reach ? cut - reach : 0, to = cut + reach < rows->n ? cut + reach : rows->n;
    double sum = 0;
    if (cut == 0 || cut == rows->n ||
        (!order->by_lot && order->value[from] == order->value[cut - 1]))
        return 0;
    for (size_t at = from; at < to; at++) sum += f(rows, order->row[at], mean, total);
    return to > from ? sum / (double)(to - from) : 0;
}

/* Adds slope × (p − [below the cut]) of every row to its cluster. */
static void move_cut(const struct cut_rows *rows, const struct ranking *order, size_t cut,
                     double slope, double *z) {
    double p = (double)cut / (double)rows->n;
    if (slope == 0) return;
    for (size_t i = 0; i < rows->n; i++)
        z[rows->place[i]] += slope * (p - (order->position[i] < cut));
}

/* z of a mean of f over quarter q; false where the quarter has no rows. */
static bool quarter_mean(const struct cut_rows *rows, size_t q, summand *f, double *z) {
    size_t from = q ? rows->cut[q - 1] : 0, to = q < 3 ? rows->cut[q] : rows->n;
    const size_t *row = rows->background->row;
    double total = 0, mean = 0;
    for (size_t at = from; at < to; at++) {
        total += rows->w[row[at]];
        mean += f(rows, row[at], 0, 1);
    }
    if (!(total > 0)) return false;
    mean /= total;
    for (size_t at = from; at < to; at++) z[rows->place[row[at]]] += f(rows, row[at], mean, total);
    if (q > 0)
        move_cut(rows, rows->background, from,
                 -around(rows, rows->background, from, f, mean, total), z);
    if (q < 3)
        move_cut(rows, rows->background, to, around(rows, rows->background, to, f, mean, total), z);
    if (f == of_top) /* the outcome's cut takes rows from the highest quarter as it rises */
        move_cut(rows, rows->outcome, rows->top,
                 -around(rows, rows->outcome, rows->top, of_lowest, 0, total), z);
    return true;
}

void cut_variances(const struct cut_rows *rows, double *z, double *variances) {
    size_t places = rows->strata->n_clusters;
    memset(z, 0, CUT_STATISTICS * places * sizeof *z);
    for (size_t s = 0; s < CUT_STATISTICS; s++) variances[s] = NAN;
    for (size_t q = 0; q < CUT_QUARTERS; q++)
        if (quarter_mean(rows, q, of_outcome, z + q * places))
            variances[q] = strata_variance(rows->strata, z + q * places);
    double *gap = z + CUT_GAP * places;
    for (size_t p = 0; p < places; p++) gap[p] = z[3 * places + p] - z[p];
    if (!isnan(variances[0]) && !isnan(variances[3]))
        variances[CUT_GAP] = strata_variance(rows->strata, gap);
    if (quarter_mean(rows, 0, of_top, z + CUT_RESILIENT * places))
        variances[CUT_RESILIENT] = strata_variance(rows->strata, z + CUT_RESILIENT * places);
}

#include "num/chi_square.h"

#include "num/special.h"

#include <math.h>

/* x^a e^{−x}/Γ(a) */
static double front(double a, double x) { return num_exp(a * num_log(x) - x - log_gamma(a)); }

static double series(double a, double x) {
    double term = 1 / a, sum = term;
    for (int i = 1; i < 100000 && term > sum * 1e-17; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum * front(a, x);
}

/* Lentz's way with the continued fraction. */
static double fraction(double a, double x) {
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (int i = 1; i < 100000; i++) {
        double numerator = -i * (i - a);
        b += 2;
        d = numerator * d + b;
        c = b + numerator / c;
        if (fabs(d) < 1e-300) d = 1e-300;
        if (fabs(c) < 1e-300) c = 1e-300;
        d = 1 / d;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-16) break;
    }
    return h * front(a, x);
}

double incomplete_gamma(double a, double x) {
    if (!(a > 0) || isnan(x)) return NAN;
    if (x <= 0) return 0;
    return x < a + 1 ? series(a, x) : 1 - fraction(a, x);
}

double incomplete_gamma_upper(double a, double x) {
    if (!(a > 0) || isnan(x)) return NAN;
    if (x <= 0) return 1;
    return x < a + 1 ? 1 - series(a, x) : fraction(a, x);
}

double chi_square_cdf(double x, double df) { return incomplete_gamma(0.5 * df, 0.5 * x); }

double chi_square_upper(double x, double df) { return incomplete_gamma_upper(0.5 * df, 0.5 * x); }

double chi_square_noncentral_cdf(double x, double df, double noncentrality) {
    if (!(df > 0) || !(noncentrality >= 0) || isnan(x)) return NAN;
    if (x <= 0) return 0;
    double half = 0.5 * noncentrality, y = 0.5 * x, centre = floor(half);
    if (half == 0) return chi_square_cdf(x, df);
    /* Central ones at neighbouring degrees differ by one term: P(a + 1, y) = P(a, y) − y^a
     * e^{−y}/Γ(a
     * + 1). */
    double poisson = num_exp(centre * num_log(half) - half - log_gamma(centre + 1));
    double a = 0.5 * df + centre, central = incomplete_gamma(a, y), step = front(a, y) / a;
    double sum = 0, p = poisson, value = central, term = step;
    for (double j = centre; p * value > 1e-18; j++) {
        sum += p * value;
        value -= term;
        if (value < 0) break;
        term *= y / (0.5 * df + j + 1);
        p *= half / (j + 1);
    }
    p = poisson;
    value = central;
    term = step;
    for (double j = centre; j > 0 && p > 1e-18; j--) {
        term *= (0.5 * df + j) / y;
        value += term;
        p *= j / half;
        sum += p * value;
    }
    return sum < 1 ? sum : 1;
}

double chi_square_noncentrality(double x, double df, double p) {
    if (!(chi_square_cdf(x, df) > p)) return 0;
    double low = 0, high = x + 10;
    while (chi_square_noncentral_cdf(x, df, high) > p && high < 1e15) high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-13 * high; i++) {
        double middle = 0.5 * (low + high);
        if (chi_square_noncentral_cdf(x, df, middle) > p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

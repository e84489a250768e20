#include "num/special.h"

#include "num/clones.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts: the high one ends in 20 zero bits, so that k · LN2_HIGH is exact. */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define LOG2_E 0x1.71547652b82fep0
#define ROUND_MAGIC 0x1.8p52 /* adding it rounds to a whole number, kept in the low bits */
#define PI 3.14159265358979323846
#define HALF_LOG_2PI 0.91893853320467274178
#define SQRT_2 1.41421356237309504880
#define SQRT_2PI 2.50662827463100050242

static inline uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = k ln 2 + r, |r| ≤ ln 2 / 2; exp r by its Taylor series to r¹³/13! (the rest is under 5e-18).
 * No branch, so that a loop over it becomes vector instructions. 2ᵏ is applied in two halves, which
 * reach into subnormals and infinity. */
static inline double exp_inline(double x) {
    double clamped = x < -800 ? -800 : x > 800 ? 800 : x;
    double shifted = clamped * LOG2_E + ROUND_MAGIC;
    double k = shifted - ROUND_MAGIC;
    double r = (clamped - k * LN2_HIGH) - k * LN2_LOW;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = 1 + (r + r * r * p);
    double half = k * 0.5 + ROUND_MAGIC;
    double rest = (k - (half - ROUND_MAGIC)) + ROUND_MAGIC;
    double scale_1 = from_bits((bits_of(half) + 1023) << 52);
    double scale_2 = from_bits((bits_of(rest) + 1023) << 52);
    return p * scale_1 * scale_2;
}

double num_exp(double x) { return exp_inline(x); }

VECTOR_CLONES void num_exp_array(size_t n, const double *x, double *out) {
    for (size_t i = 0; i < n; i++) out[i] = exp_inline(x[i]);
}

double num_log(double x) {
    if (!(x > 0)) return x == 0 ? -HUGE_VAL : NAN;
    if (x == HUGE_VAL) return x;
    double shift = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        shift = -54;
    }
    /* x = 2ᵏ m with m in [√½, √2): the offset below carries into the exponent at √2. */
    uint64_t bits = bits_of(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    double k = (double)((int)(bits >> 52) - 1023) + shift;
    double f = from_bits((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1;
    /* ln(1 + f) = 2 artanh s, s = f/(2 + f), arranged as f − (f²/2 − s (f²/2 + R)) so that the
     * large terms are exact; R = 2 (s²/3 + s⁴/5 + …). */
    double s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    double rest = 2.0 / 25;
    rest = rest * z + 2.0 / 23;
    rest = rest * z + 2.0 / 21;
    rest = rest * z + 2.0 / 19;
    rest = rest * z + 2.0 / 17;
    rest = rest * z + 2.0 / 15;
    rest = rest * z + 2.0 / 13;
    rest = rest * z + 2.0 / 11;
    rest = rest * z + 2.0 / 9;
    rest = rest * z + 2.0 / 7;
    rest = rest * z + 2.0 / 5;
    rest = rest * z + 2.0 / 3;
    rest *= z;
    return k * LN2_HIGH - ((half - (s * (half + rest) + k * LN2_LOW)) - f);
}

/* log(1 + y), y > −1: what rounding 1 + y lost is added to first order. */
static double log_1p(double y) {
    double u = 1 + y;
    return num_log(u) + (y - (u - 1)) / u;
}

double num_log1p_exp(double x) {
    if (isnan(x)) return x;
    return (x > 0 ? x : 0) + log_1p(num_exp(-fabs(x)));
}

/* P(Z > z) for z ≥ 0.7: the trapezoidal rule for erfc(x) = (2/π) e^{−x²} ∫ e^{−x²t²}/(1 + t²) dt
 * with its exact correction for the pole (Chiarella and Reichel 1968, doi:10.2307/2004766), step ½.
 */
static double upper_tail(double z) {
    /* e^{−h²k²} for h = ½, k = 1 … 12 */
    static const double weight[12] = {
        0.77880078307140487,    0.36787944117144233,    0.10539922456186434,
        0.018315638888734179,   0.0019304541362277093,  1.2340980408667956e-4,
        4.7851173921290088e-6,  1.1253517471925911e-7,  1.6052280551856116e-9,
        1.3887943864964021e-11, 7.2877240958197011e-14, 2.3195228302435691e-16,
    };
    if (z > 39) return 0;
    double square = 0.5 * z * z, sum = 1 / (2 * square);
    for (int k = 11; k >= 0; k--) sum += weight[k] / (0.25 * (k + 1) * (k + 1) + square);
    /* e^{−z²/2} with z² to full precision: near holds z to sixteenths, its square is exact. */
    double near = (z * 16 + ROUND_MAGIC - ROUND_MAGIC) / 16;
    double density = num_exp(-0.5 * near * near) * num_exp(-0.5 * (z - near) * (z + near));
    double tail = 0.5 * z / (SQRT_2 * PI) * density * sum;
    /* The pole counts within π/h; beyond, the formula without it is exact already. */
    return z < 2 * SQRT_2 * PI ? tail - 1 / (num_exp(2 * SQRT_2 * PI * z) - 1) : tail;
}

double normal_cdf(double x) {
    if (isnan(x)) return x;
    double z = fabs(x);
    if (z >= 0.7) {
        double tail = upper_tail(z);
        return x < 0 ? tail : 1 - tail;
    }
    /* ½ + φ(x)(x + x³/3 + x⁵/15 + …) */
    double term = x, sum = x;
    for (int k = 3; k < 40; k += 2) {
        term *= x * x / k;
        sum += term;
    }
    return 0.5 + sum * num_exp(-0.5 * x * x) / SQRT_2PI;
}

static double polynomial(const double c[8], double x) {
    double sum = c[7];
    for (int i = 6; i >= 0; i--) sum = sum * x + c[i];
    return sum;
}

/* Wichura (1988), algorithm AS 241, doi:10.2307/2347330: about 16 digits. */
double normal_quantile(double p) {
    static const double centre_above[8] = { 3.3871328727963666080e0, 1.3314166789178437745e2,
                                            1.9715909503065514427e3, 1.3731693765509461125e4,
                                            4.5921953931549871457e4, 6.7265770927008700853e4,
                                            3.3430575583588128105e4, 2.5090809287301226727e3 };
    static const double centre_below[8] = { 1,
                                            4.2313330701600911252e1,
                                            6.8718700749205790830e2,
                                            5.3941960214247511077e3,
                                            2.1213794301586595867e4,
                                            3.9307895800092710610e4,
                                            2.8729085735721942674e4,
                                            5.2264952788528545610e3 };
    static const double middle_above[8] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
                                            5.76949722146069140550e0,  3.64784832476320460504e0,
                                            1.27045825245236838258e0,  2.41780725177450611770e-1,
                                            2.27238449892691845833e-2, 7.74545014278341407640e-4 };
    static const double middle_below[8] = { 1,
                                            2.05319162663775882187e0,
                                            1.67638483018380384940e0,
                                            6.89767334985100004550e-1,
                                            1.48103976427480074590e-1,
                                            1.51986665636164571966e-2,
                                            5.47593808499534494600e-4,
                                            1.05075007164441684324e-9 };
    static const double tail_above[8] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
                                          1.78482653991729133580e0,  2.96560571828504891230e-1,
                                          2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                          2.71155556874348757815e-5, 2.01033439929228813265e-7 };
    static const double tail_below[8] = { 1,
                                          5.99832206555887937690e-1,
                                          1.36929880922735805310e-1,
                                          1.48753612908506148525e-2,
                                          7.86869131145613259100e-4,
                                          1.84631831751005468180e-5,
                                          1.42151175831644588870e-7,
                                          2.04426310338993978564e-15 };
    if (!(p > 0 && p < 1)) return p == 0 ? -HUGE_VAL : p == 1 ? HUGE_VAL : NAN;
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return q * polynomial(centre_above, r) / polynomial(centre_below, r);
    }
    double r = sqrt(-num_log(q < 0 ? p : 1 - p));
    double x = r <= 5 ? polynomial(middle_above, r - 1.6) / polynomial(middle_below, r - 1.6)
                      : polynomial(tail_above, r - 5) / polynomial(tail_below, r - 5);
    return q < 0 ? -x : x;
}

/* Stirling's series for log Γ(x) − (x − ½) log x + x − ½ log 2π, x ≥ 16. */
static double stirling(double x) {
    static const double series[] = { 1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                     1.0 / 1188, -691.0 / 360360, 1.0 / 156 };
    double z = 1 / (x * x), sum = 0;
    for (int i = 6; i >= 0; i--) sum = sum * z + series[i];
    return sum / x;
}

/* Below 16 by log Γ(x) = log Γ(x + n) − log x(x + 1)…(x + n − 1). */
double log_gamma(double x) {
    if (!(x > 0)) return NAN;
    double product = 1;
    while (x < 16) product *= x++;
    return (x - 0.5) * num_log(x) - x + HALF_LOG_2PI + stirling(x) - num_log(product);
}

/* log Γ(a + b) − log Γ(a): for large a without the difference of two large numbers. */
static double log_gamma_rise(double a, double b) {
    if (a < 16) return log_gamma(a + b) - log_gamma(a);
    return (a - 0.5) * log_1p(b / a) + b * num_log(a + b) - b + (stirling(a + b) - stirling(a));
}

/* The continued fraction of the incomplete beta function by modified Lentz (DLMF 8.17.22). */
static double beta_fraction(double a, double b, double x) {
    enum { TERMS_MAX = 100000 };
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + even * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + even / c;
        if (fabs(c) < tiny) c = tiny;
        h *= d * c;
        d = 1 + odd * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + odd / c;
        if (fabs(c) < tiny) c = tiny;
        double step = d * c;
        h *= step;
        if (fabs(step - 1) < 2e-16) break;
    }
    return h;
}

/* I_x(a, b) given both x and 1 − x, so that neither is lost to rounding. */
static double beta_both(double a, double b, double x, double y) {
    if (x <= 0) return 0;
    if (y <= 0) return 1;
    double beta = a > b ? log_gamma_rise(a, b) - log_gamma(b) : log_gamma_rise(b, a) - log_gamma(a);
    double log_x = x < 0.5 ? num_log(x) : log_1p(-y), log_y = y < 0.5 ? num_log(y) : log_1p(-x);
    double front = num_exp(beta + a * log_x + b * log_y);
    if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, y) / b;
}

double incomplete_beta(double a, double b, double x) {
    if (!(a > 0 && b > 0) || isnan(x)) return NAN;
    return beta_both(a, b, x, 1 - x);
}

/* P(T > t) for t ≥ 0. */
static double student_tail(double t, double df) {
    double total = df + t * t;
    return 0.5 * beta_both(0.5 * df, 0.5, df / total, t * t / total);
}

double student_cdf(double t, double df) {
    if (isnan(t) || !(df > 0)) return NAN;
    if (df > 1e14) return normal_cdf(t);
    if (isinf(t)) return t < 0 ? 0 : 1;
    double tail = student_tail(fabs(t), df);
    return t < 0 ? tail : 1 - tail;
}

static double student_density(double t, double df) {
    return num_exp(log_gamma_rise(0.5 * df, 0.5) - 0.5 * num_log(df * PI) -
                   0.5 * (df + 1) * log_1p(t * t / df));
}

/* Newton on the upper tail within a bracket that always holds the root. */
double student_quantile(double p, double df) {
    if (!(p > 0 && p < 1) || !(df > 0)) return p == 0 ? -HUGE_VAL : p == 1 ? HUGE_VAL : NAN;
    if (df > 1e14) return normal_quantile(p);
    if (p == 0.5) return 0;
    double tail = p < 0.5 ? p : 1 - p, low = 0, high = 1;
    while (student_tail(high, df) > tail && high < 1e150) {
        low = high;
        high *= 2;
    }
    double t = 0.5 * (low + high);
    for (int i = 0; i < 200; i++) {
        double miss = student_tail(t, df) - tail;
        if (miss > 0)
            low = t;
        else
            high = t;
        double next = t + miss / student_density(t, df);
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (fabs(next - t) <= 1e-15 * t) {
            t = next;
            break;
        }
        t = next;
    }
    return p < 0.5 ? -t : t;
}

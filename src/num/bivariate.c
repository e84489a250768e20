#include "num/bivariate.h"

#include "num/special.h"

#include <math.h>

#define PI 3.14159265358979323846
#define SQRT_2PI 2.50662827463100050242

/* Gauss-Legendre with 20 nodes: the ten positive ones and their weights. */
enum { HALF_NODES = 10 };
static const double node[HALF_NODES] = {
    0.076526521133497333755, 0.227785851141645078080, 0.373706088715419560673,
    0.510867001950827098004, 0.636053680726515025453, 0.746331906460150792614,
    0.839116971822218823395, 0.912234428251325905868, 0.963971927277913791268,
    0.993128599185094924786,
};
static const double weight[HALF_NODES] = {
    0.152753387130725850698, 0.149172986472603746788, 0.142096109318382051329,
    0.131688638449176626898, 0.118194531961518417312, 0.101930119817240435037,
    0.083276741576704748725, 0.062672048334109063570, 0.040601429800386941331,
    0.017614007139152118312,
};

double bivariate_normal_density(double h, double k, double r) {
    if (isinf(h) || isinf(k)) return 0;
    double rest = (1 - r) * (1 + r);
    return num_exp(-0.5 * ((h - k) * (h - k) + 2 * (1 - r) * h * k) / rest) / (2 * PI * sqrt(rest));
}

/* What correlation adds to Φ(h)Φ(k), |r| not near 1: 1/(2π) ∫ exp(−(h² + k² − 2hk sin t)/(2 cos²
 * t)) dt over t from 0 to asin r, with u = tan(t/2) as variable, which needs no function of the C
 * library. */
static double from_zero(double h, double k, double r) {
    double end = r / (1 + sqrt((1 - r) * (1 + r))), sum = 0;
    for (int i = 0; i < HALF_NODES; i++)
        for (int side = -1; side <= 1; side += 2) {
            double u = 0.5 * end * (1 + side * node[i]), more = 1 + u * u;
            double cosine = (1 - u * u) / more;
            double inner = (2 * u / more * h * k - 0.5 * (h * h + k * k)) / (cosine * cosine);
            sum += weight[i] * num_exp(inner) / more;
        }
    return sum * end / (2 * PI);
}

/* What is missing from P(X ≤ min(h, k)), r > 0: with x = √(1 − r²) as variable, 1/(2π) ∫
 * exp(−b²/(2x²)) g(x) dx from 0 to √(1 − r²), b = |h − k|, g(x) = exp(−hk/(1 + √(1 − x²)))/√(1 −
 * x²). g's terms e^{−hk/2}(1 + c x² + c d x⁴) are integrated by parts, the rest by
 * Gauss-Legendre. */
static double from_one(double h, double k, double r) {
    double square = (1 - r) * (1 + r), a = sqrt(square), b2 = (h - k) * (h - k), b = fabs(h - k);
    double hk = h * k, c = (4 - hk) / 8, d = (12 - hk) / 16;
    if (b2 / square + hk > 1400) return 0;
    double front = num_exp(-0.5 * hk), end = num_exp(-0.5 * (b2 / square + hk));
    /* M0 = ∫ exp(−b²/(2x²)) dx, and M2, M4 with x², x⁴ in front of dx. */
    double m0 = a * end - (b > 0 ? b * SQRT_2PI * normal_cdf(-b / a) * front : 0);
    double m2 = (a * square * end - b2 * m0) / 3;
    double m4 = (a * square * square * end - b2 * m2) / 5;
    double sum = 0;
    for (int i = 0; i < HALF_NODES; i++)
        for (int side = -1; side <= 1; side += 2) {
            double x = 0.5 * a * (1 + side * node[i]), x2 = x * x, root = sqrt(1 - x2);
            double inner = -0.5 * (b2 / x2 + hk);
            if (inner < -700) continue;
            double rest = num_exp(-hk * (1 - root) / (2 * (1 + root))) / root -
                          (1 + c * x2 * (1 + d * x2));
            sum += weight[i] * num_exp(inner) * rest;
        }
    return (m0 + c * (m2 + d * m4) + 0.5 * a * sum) / (2 * PI);
}

double bivariate_normal_cdf(double h, double k, double r) {
    double result;
    if (isnan(h) || isnan(k) || !(fabs(r) <= 1)) return NAN;
    if (isinf(h) || isinf(k)) {
        if (h == -HUGE_VAL || k == -HUGE_VAL) return 0;
        return normal_cdf(h < k ? h : k);
    }
    if (fabs(r) < 0.925) {
        result = normal_cdf(h) * normal_cdf(k) + from_zero(h, k, r);
    } else if (r > 0) {
        result = normal_cdf(h < k ? h : k) - (r < 1 ? from_one(h, k, r) : 0);
    } else {
        /* X ≤ h less what has Y > k, that is −Y < −k: correlation −r. */
        result = h > -k ? normal_cdf(h) - normal_cdf(-k) : 0;
        if (r > -1) result += from_one(h, -k, -r);
    }
    return result < 0 ? 0 : result;
}

/* Sums over nodes and over codes: eight lanes, added up in a fixed order. */
#include "scale/fit_internal.h"

#include "num/clones.h"

#include <string.h>

enum { HALF = NODE_LANES / 2 };
typedef uint64_t words __attribute__((vector_size(HALF * sizeof(uint64_t))));
typedef double lanes
    __attribute__((vector_size(HALF * sizeof(double)), aligned(sizeof(double)), may_alias));

static double lanes_total(const double lane[NODE_LANES]) {
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

VECTOR_CLONES double lane_sum(size_t n, const double *a) {
    double lane[NODE_LANES] = { 0 };
    for (size_t q = 0; q < n; q += NODE_LANES)
        for (size_t l = 0; l < NODE_LANES; l++) lane[l] += a[q + l];
    return lanes_total(lane);
}

VECTOR_CLONES double lane_dot(size_t n, const double *a, const double *b) {
    double lane[NODE_LANES] = { 0 };
    for (size_t q = 0; q < n; q += NODE_LANES)
        for (size_t l = 0; l < NODE_LANES; l++) lane[l] += a[q + l] * b[q + l];
    return lanes_total(lane);
}

VECTOR_CLONES double lane_dot3(size_t n, const double *a, const double *b, const double *d) {
    double lane[NODE_LANES] = { 0 };
    for (size_t q = 0; q < n; q += NODE_LANES)
        for (size_t l = 0; l < NODE_LANES; l++) lane[l] += a[q + l] * b[q + l] * d[q + l];
    return lanes_total(lane);
}

VECTOR_CLONES void nodes_add(size_t n, const double *a, double *out) {
    for (size_t q = 0; q < n; q++) out[q] += a[q];
}

VECTOR_CLONES void nodes_add_to(size_t n, const double *a, size_t rows, double *const *out) {
    for (size_t r = 0; r < rows; r++) {
        double *row = out[r];
        for (size_t q = 0; q < n; q++) row[q] += a[q];
    }
}

VECTOR_CLONES void lane_dots(size_t n, const double *a, size_t rows, const double *b, size_t step,
                             double *out) {
    for (size_t r = 0; r < rows; r++, b += step) {
        double lane[NODE_LANES] = { 0 };
        for (size_t q = 0; q < n; q += NODE_LANES)
            for (size_t l = 0; l < NODE_LANES; l++) lane[l] += a[q + l] * b[q + l];
        out[r] = lanes_total(lane);
    }
}

VECTOR_CLONES void nodes_times(size_t n, const double *a, const double *b, double *out) {
    for (size_t q = 0; q < n; q++) out[q] = a[q] * b[q];
}

VECTOR_CLONES void nodes_add_scaled(size_t n, double factor, const double *a, double *out) {
    for (size_t q = 0; q < n; q++) out[q] += factor * a[q];
}

/* p(q) = weight(q) first ratio^q; returns Σ p, and Σ p θ as *moment. */
VECTOR_CLONES double nodes_tilt(size_t n, double first, double ratio, const double *weight,
                                const double *theta, double *out, double *moment) {
    double two = ratio * ratio, four = two * two, eight = four * four;
    lanes low = { first, first * ratio, first * two, first * (two * ratio) }, high = low * four;
    lanes total = { 0 }, times = { 0 };
    for (size_t q = 0; q < n; q += NODE_LANES) {
        const lanes *w = (const lanes *)(weight + q), *at = (const lanes *)(theta + q);
        lanes *p = (lanes *)(out + q), p_low = w[0] * low, p_high = w[1] * high;
        p[0] = p_low;
        p[1] = p_high;
        total += p_low + p_high;
        times += p_low * at[0] + p_high * at[1];
        low *= eight;
        high *= eight;
    }
    *moment = (times[0] + times[2]) + (times[1] + times[3]);
    return (total[0] + total[2]) + (total[1] + total[3]);
}

/* ---- codes ---- */

/* Eight bytes become eight doubles in few instructions: a byte below the exponent of 2^52 is 2^52
 * and the byte. (Codes are never negative here; the machine is little-endian, as x86-64 and arm64.)
 */
#define MAGIC_BITS 0x4330000000000000u
#define MAGIC 0x1p52

static inline __attribute__((always_inline)) void codes_read(const int8_t *code, lanes out[2]) {
    uint64_t word;
    memcpy(&word, code, sizeof word);
    words all = { word, word, word, word };
    words low = (all >> (words){ 0, 8, 16, 24 } & 0xff) | MAGIC_BITS;
    words high = (all >> (words){ 32, 40, 48, 56 } & 0xff) | MAGIC_BITS;
    out[0] = (lanes)low - MAGIC;
    out[1] = (lanes)high - MAGIC;
}

VECTOR_CLONES double codes_dot(size_t width, const double *a, const int8_t *code) {
    lanes sum[2] = { { 0 }, { 0 } }, x[2];
    for (size_t i = 0; i < width; i += CODE_LANES) {
        const lanes *own = (const lanes *)(a + i);
        codes_read(code + i, x);
        sum[0] += own[0] * x[0];
        sum[1] += own[1] * x[1];
    }
    sum[0] += sum[1];
    return (sum[0][0] + sum[0][2]) + (sum[0][1] + sum[0][3]);
}

VECTOR_CLONES void codes_add_scaled(size_t width, double factor, const int8_t *code, double *out) {
    lanes x[2];
    for (size_t i = 0; i < width; i += CODE_LANES) {
        lanes *own = (lanes *)(out + i);
        codes_read(code + i, x);
        own[0] += factor * x[0];
        own[1] += factor * x[1];
    }
}

VECTOR_CLONES void codes_scaled(size_t width, double factor, const int8_t *code, double *out) {
    lanes x[2];
    for (size_t i = 0; i < width; i += CODE_LANES) {
        lanes *own = (lanes *)(out + i);
        codes_read(code + i, x);
        own[0] = factor * x[0];
        own[1] = factor * x[1];
    }
}

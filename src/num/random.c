#include "num/random.h"

#include "num/clones.h"
#include "num/special.h"

#include <math.h>

/* Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, doi:10.1145/2063384.2063405): the seed is its
 * key, (counter, stream) its 128-bit counter, the first 64 of its 128 bits the number. */
static inline uint64_t philox(uint64_t seed, uint64_t stream, uint64_t counter) {
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
    uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return (uint64_t)c1 << 32 | c0;
}

uint64_t random_bits(uint64_t seed, uint64_t stream, uint64_t counter) {
    return philox(seed, stream, counter);
}

VECTOR_CLONES
void random_bits_array(uint64_t seed, size_t n, const uint32_t *stream, uint64_t counter,
                       uint64_t *out) {
    for (size_t i = 0; i < n; i++) out[i] = philox(seed, stream[i], counter);
}

double random_uniform(uint64_t seed, uint64_t stream, uint64_t counter) {
    /* 52 bits and a half: exact, and never 0 or 1. */
    return ((double)(random_bits(seed, stream, counter) >> 12) + 0.5) * 0x1p-52;
}

double random_normal(uint64_t seed, uint64_t stream, uint64_t counter) {
    return normal_quantile(random_uniform(seed, stream, counter));
}

double random_gamma(uint64_t seed, uint64_t stream, double shape) {
    enum { TRIES_MAX = 1000 }; /* each is accepted with more than .95 */
    uint64_t counter = 0;
    double boost = 1;
    if (shape < 1) { /* G(a) = G(a + 1) U^(1/a) */
        boost = num_exp(num_log(random_uniform(seed, stream, counter++)) / shape);
        shape += 1;
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (int i = 0; i < TRIES_MAX; i++) {
        double x = random_normal(seed, stream, counter++);
        double u = random_uniform(seed, stream, counter++);
        double v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (num_log(u) < 0.5 * x * x + d - d * v + d * num_log(v)) return boost * d * v;
    }
    return boost * d;
}

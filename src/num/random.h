/* random.h - random numbers that depend on where they are used, not on when.
 *
 * Layer: num. Pure, no state. Each number is a hash of (seed, stream, counter): any thread may draw
 * any number in any order and the results are the same bits. stream names a use (a person, an
 * iteration), counter numbers the draws within it.
 *
 *     double z = random_normal(seed, person, iteration);
 */
#ifndef LAERKE_NUM_RANDOM_H
#define LAERKE_NUM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

uint64_t random_bits(uint64_t seed, uint64_t stream, uint64_t counter);

/* The same of n streams, several at a time. */
void random_bits_array(uint64_t seed, size_t n, const uint32_t *stream, uint64_t counter,
                       uint64_t *out);

/* Uniform in the open interval (0, 1). */
double random_uniform(uint64_t seed, uint64_t stream, uint64_t counter);

/* Standard normal, by the inverse of its distribution function (one number a draw). */
double random_normal(uint64_t seed, uint64_t stream, uint64_t counter);

/* Gamma(shape, scale 1) by Marsaglia and Tsang (2000), doi:10.1145/358407.358414; shape > 0. Uses
 * the counters from 0 up of its stream. */
double random_gamma(uint64_t seed, uint64_t stream, double shape);

#endif

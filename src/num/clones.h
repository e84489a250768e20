/* clones.h - loops compiled twice: for every x86-64 processor, and for those with AVX2.
 *
 * Layer: num. The choice is made when the program starts. Both give the same bits: wider vectors
 * change no element's arithmetic, nothing is contracted (-ffp-contract=off), and sums keep their
 * order. For functions whose time is a loop over independent elements. (Clang 14 cannot link such
 * functions across files; there they are compiled once.)
 */
#ifndef LAERKE_NUM_CLONES_H
#define LAERKE_NUM_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define VECTOR_CLONES
#endif

#endif

/* special.h - special functions with the same bits on every x86-64 processor.
 *
 * Layer: num. Pure. Own exp and log, because the C library's differ between processors (FMA
 * variants); built with -ffp-contract=off. Relative errors are stated with each function and
 * tested.
 */
#ifndef LAERKE_NUM_SPECIAL_H
#define LAERKE_NUM_SPECIAL_H

#include <stddef.h>

/* Within 1 ulp-ish (relative error < 3e-16). num_exp: 0 below -745, HUGE_VAL above 709.78. num_log:
 * -HUGE_VAL at 0, NaN below. */
double num_exp(double x);
double num_log(double x);
double num_log1p_exp(double x); /* log(1 + exp(x)) without overflow */

/* num_exp of n numbers, the same bits, several at a time. out may be x. */
void num_exp_array(size_t n, const double *x, double *out);

double normal_cdf(double x);             /* relative error < 2e-15, in the lower tail too */
double normal_quantile(double p);        /* 0 < p < 1; |relative error| < 1e-13 */
double student_cdf(double t, double df); /* df > 0; df may be HUGE_VAL (normal); < 1e-11 */
double student_quantile(double p, double df);
double log_gamma(double x);                           /* x > 0; error < 4e-15 max(10, |result|) */
double incomplete_beta(double a, double b, double x); /* regularised; relative error < 1e-11 */

#endif

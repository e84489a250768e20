/* chi_square.h - the chi-square distribution, central and not. Layer: num. Pure. */
#ifndef LAERKE_NUM_CHI_SQUARE_H
#define LAERKE_NUM_CHI_SQUARE_H

/* Regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 − P, a > 0, x ≥ 0; relative error
 * < 1e-11. Series below x = a + 1, continued fraction above (Abramowitz and Stegun 6.5.29,
 * 6.5.31). */
double incomplete_gamma(double a, double x);
double incomplete_gamma_upper(double a, double x);

/* P(χ² ≤ x) and P(χ² > x) with df > 0 degrees of freedom. */
double chi_square_cdf(double x, double df);
double chi_square_upper(double x, double df);

/* P(χ² ≤ x) with noncentrality ≥ 0: the Poisson mixture of central ones, summed from its largest
 * term both ways; absolute error < 1e-11. */
double chi_square_noncentral_cdf(double x, double df, double noncentrality);

/* The noncentrality at which P(χ² ≤ x) = p, by halving; 0 where even 0 gives less than p. */
double chi_square_noncentrality(double x, double df, double p);

#endif

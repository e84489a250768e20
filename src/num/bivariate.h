/* bivariate.h - the bivariate normal distribution. Layer: num. Pure. */
#ifndef LAERKE_NUM_BIVARIATE_H
#define LAERKE_NUM_BIVARIATE_H

/* P(X ≤ h, Y ≤ k) of standard normal X and Y with correlation r; absolute error < 1e-14. h and k
 * may be ±HUGE_VAL. Plackett's integral over the correlation (1954, doi:10.1093/biomet/41.3-4.351)
 * by Gauss-Legendre with 20 nodes, near |r| = 1 from there with the leading terms integrated
 * exactly (Drezner and Wesolowsky 1990, doi:10.1080/00949659008811236; Genz 2004,
 * doi:10.1023/B:STCO.0000035304.20635.31). */
double bivariate_normal_cdf(double h, double k, double r);

/* Its density at (h, k), |r| < 1: also its derivative by r. */
double bivariate_normal_density(double h, double k, double r);

#endif

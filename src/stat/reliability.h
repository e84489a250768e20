/* reliability.h - reliability of a sum score by classical test theory.
 *
 * Layer: stat. Pure. Listwise: persons who answered every item.
 */
#ifndef LAERKE_STAT_RELIABILITY_H
#define LAERKE_STAT_RELIABILITY_H

#include "stat/estimate.h"
#include "stat/factor.h"

#include <stdint.h>

/* Standard errors do not assume normal answers (asymptotically distribution-free): from each
 * person's influence on the coefficient (alpha: Maydeu-Olivares, Coffman and Hartmann 2007,
 * doi:10.1037/1082-989X.12.2.157; omega: through the loadings and error variances, as a robust
 * sandwich). Degrees of freedom are 2n/(kurtosis of the influences − 1). NaN where the coefficient
 * is NaN or the factor not identified. */
struct reliability {
    size_t n;              /* persons who answered every item */
    struct estimate alpha; /* Cronbach 1951, doi:10.1007/BF02310555; NaN when the sum is constant */
    double lambda2;        /* Guttman 1945, doi:10.1007/BF02288892: never below alpha */
    struct estimate omega; /* McDonald 1999: one factor by maximum likelihood on the covariances;
                              NaN below three items */
    bool heywood; /* an item's error variance stands at its bound, .005 of the item's: omega is
                     rough */
    struct factor_fit fit; /* of that factor; all NaN below three items */
    double
        *item_rest; /* one an item: correlation with the sum of the others; NaN where undefined */
    double *correlation; /* Pearson, items × items */
};

/* codes[person * n_items + item], below 0: missing. Errors: stat.few_items (under two),
 * stat.unanswered {item}, stat.few_persons {persons} (under three complete), stat.constant_item
 * {item}, stat.factor, stat.memory. */
bool reliability_classical(const int8_t *codes, size_t n_persons, size_t n_items,
                           struct arena *arena, struct reliability *out, struct error *error);

/* An interval for a coefficient of reliability, by Student's t on log(1 − coefficient) (Bonett
 * 2002, doi:10.3102/10769986027004335); NaN where the standard error is. */
void reliability_interval(struct estimate coefficient, double confidence, double *low,
                          double *high);

#endif

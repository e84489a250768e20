/* regression_cr2.h - the adjustment of residuals by clusters, within regression.c. Layer: stat. */
#ifndef LAERKE_STAT_REGRESSION_CR2_H
#define LAERKE_STAT_REGRESSION_CR2_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Rows in the order of their clusters. */
struct clustered_rows {
    size_t n, p, n_clusters;
    const size_t *start; /* of a cluster, and the end of the last */
    const double *x, *w; /* [row * p + column]; [row] */
    bool weighted;       /* w differ */
    const double *m, *q; /* (X′WX)⁻¹, and M X′W²X M; p × p, full */
};

/* score[row * p + column] becomes A_g W_g X_g. False: no memory, or a number that is not finite. */
bool cr2_scores(const struct clustered_rows *rows, struct arena *arena, double *score);

/* Satterthwaite's degrees of freedom of a′Σ u_g u_g′a, a = M c, scores from above; NaN where too
 * little of the expected variance is left. scratch: 9 p² + 4 p. */
double cr2_df(const struct clustered_rows *rows, const double *score, const double *a,
              double *scratch);

#endif

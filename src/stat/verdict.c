#include "stat/verdict.h"

#include "num/discovery.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    double below; /* |difference| in points */
} words[] = {
    [VERDICT_NO_DIFFERENCE] = { "no_difference", 0 },
    [VERDICT_UNCLEAR] = { "unclear", 0 },
    [VERDICT_VERY_SMALL] = { "very_small", 10 },
    [VERDICT_SMALL] = { "small", 20 },
    [VERDICT_CLEAR] = { "clear", 40 },
    [VERDICT_LARGE] = { "large", HUGE_VAL },
};
enum { WORDS = sizeof words / sizeof *words };

/* A difference whose interval lies within ± this is no real one. */
#define NO_DIFFERENCE_POINTS 10

static bool usable(struct estimate d) { return isfinite(d.value) && isfinite(d.se) && d.df > 0; }

static double p_value(struct estimate d) {
    if (!usable(d)) return 1;
    if (d.se == 0) return d.value == 0;
    return 2 * student_cdf(-fabs(d.value) / d.se, d.df);
}

/* p stands in low until the intervals do. */
static double p_of(const void *contrasts, size_t i) {
    return ((const struct contrast *)contrasts)[i].low;
}

static enum verdict word_for(const struct contrast *c) {
    if (!usable(c->difference)) return VERDICT_UNCLEAR;
    if (-NO_DIFFERENCE_POINTS < c->low && c->high < NO_DIFFERENCE_POINTS)
        return VERDICT_NO_DIFFERENCE;
    if (c->low <= 0 && 0 <= c->high) return VERDICT_UNCLEAR;
    enum verdict word = VERDICT_VERY_SMALL;
    while (fabs(c->difference.value) >= words[word].below) word++;
    return word;
}

void judge(struct contrast *contrasts, size_t n, double q) {
    for (size_t i = 0; i < n; i++) contrasts[i].low = p_value(contrasts[i].difference);
    size_t flagged = discoveries(&(struct family){ n, p_of, contrasts }, q);
    double wide = q * (double)(flagged ? flagged : 1) / (double)n;
    for (size_t i = 0; i < n; i++) {
        struct contrast *c = &contrasts[i];
        double p = c->low, level = q;
        c->flagged = flagged && p <= wide;
        if (c->flagged || p < q) level = wide;
        double half = usable(c->difference) ? estimate_half_width(c->difference, 1 - level) : NAN;
        c->low = c->difference.value - half;
        c->high = c->difference.value + half;
        c->verdict = word_for(c);
    }
}

const char *verdict_name(enum verdict verdict) { return words[verdict].name; }

bool verdict_from_name(const char *name, enum verdict *out) {
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(words[i].name, name) != 0) continue;
        *out = (enum verdict)i;
        return true;
    }
    return false;
}

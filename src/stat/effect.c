#include "stat/effect.h"

#include "num/special.h"

#include <math.h>

static const char *const names[] = {
    [EFFECT_NO_EFFECT] = "no_effect",   [EFFECT_OPPOSITE] = "opposite",
    [EFFECT_DOCUMENTED] = "documented", [EFFECT_COMPATIBLE] = "compatible",
    [EFFECT_UNDECIDED] = "undecided",
};

static bool usable(struct estimate e) {
    return isfinite(e.value) && isfinite(e.se) && e.se >= 0 && e.df > 0;
}

enum effect_verdict effect_judge(struct estimate effect, double threshold, bool capped) {
    if (!usable(effect)) return EFFECT_UNDECIDED;
    double half = estimate_half_width(effect, 0.95), d = effect.value;
    double low = d - half, high = d + half;
    if (-threshold < low && high < threshold) return EFFECT_NO_EFFECT;
    if (high < 0) return EFFECT_OPPOSITE;
    if (low > 0 && d >= threshold) return capped ? EFFECT_COMPATIBLE : EFFECT_DOCUMENTED;
    return low > 0 || d >= threshold ? EFFECT_COMPATIBLE : EFFECT_UNDECIDED;
}

const char *effect_name(enum effect_verdict verdict) { return names[verdict]; }

double effect_detectable(struct estimate effect, double alpha, double power) {
    if (!usable(effect)) return NAN;
    return (student_quantile(1 - alpha / 2, effect.df) + student_quantile(power, effect.df)) *
           effect.se;
}

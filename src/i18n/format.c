#include "i18n/i18n.h"

#include "i18n/language.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char minus[] = "\u2212";

/* 1.005 × 100 is a hair under 100.5 in binary; the reader sees 1.005 and expects 1.01. */
static double scaled_up(double value, int decimals) {
    double scaled = fabs(value) * pow(10, decimals);
    return floor(scaled * (1 + 4 * DBL_EPSILON) + 0.5);
}

const char *i18n_number(const struct language *language, double value, int decimals,
                        char out[NUMBER_MAX]) {
    if (!isfinite(value)) {
        snprintf(out, NUMBER_MAX, "–");
        return out;
    }
    if (decimals < 0) decimals = 0;
    if (decimals > 9) decimals = 9;
    while (decimals > 0 && fabs(value) * pow(10, decimals) >= 1e15) decimals--;
    if (fabs(value) >= 1e15) { /* no result is; digits past these would be invented */
        snprintf(out, NUMBER_MAX, "%s%.6e", value < 0 ? minus : "", fabs(value));
        return out;
    }
    char digits[32];
    double scaled = scaled_up(value, decimals);
    int n = snprintf(digits, sizeof digits, "%0*.0f", decimals + 1, scaled);
    int whole = n - decimals;
    size_t used = 0;
    if (value < 0 && scaled > 0) used += (size_t)snprintf(out, NUMBER_MAX, "%s", minus);
    for (int i = 0; i < whole; i++) {
        out[used++] = digits[i];
        if (i + 1 < whole && (whole - i - 1) % 3 == 0) out[used++] = language->group[0];
    }
    if (decimals > 0) out[used++] = language->decimal[0];
    memcpy(out + used, digits + whole, (size_t)decimals + 1);
    return out;
}

const char *i18n_percent(const struct language *language, double fraction, char out[NUMBER_MAX]) {
    i18n_number(language, 100 * fraction, 0, out);
    size_t used = strlen(out);
    snprintf(out + used, NUMBER_MAX - used, "%s", language->percent);
    return out;
}

static int digits_to_int(const char *s, int n) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') return -1;
        value = 10 * value + s[i] - '0';
    }
    return value;
}

const char *i18n_date(const struct language *language, const char *iso, bool long_form,
                      char out[NUMBER_MAX]) {
    bool shaped = strlen(iso) >= 10 && iso[4] == '-' && iso[7] == '-';
    int year = shaped ? digits_to_int(iso, 4) : -1, month = shaped ? digits_to_int(iso + 5, 2) : -1,
        day = shaped ? digits_to_int(iso + 8, 2) : -1;
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) {
        text_cut(out, NUMBER_MAX, iso); /* not a date: shown as it is */
        return out;
    }
    const char *name = language->months[month - 1];
    if (long_form)
        snprintf(out, NUMBER_MAX, "%d%s %s %d", day, language->dotted_date ? "." : "", name, year);
    else if (language->dotted_date)
        snprintf(out, NUMBER_MAX, "%02d.%02d.%04d", day, month, year);
    else /* 03/04 is April in London and March in Boston: a name cannot be mistaken */
        snprintf(out, NUMBER_MAX, "%d %.3s %d", day, name, year);
    return out;
}

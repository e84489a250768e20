#include "num/discovery.h"

static size_t rank_of(const struct family *family, double p) {
    size_t rank = 0;
    for (size_t j = 0; j < family->n; j++) rank += family->p(family->context, j) <= p;
    return rank;
}

size_t discoveries(const struct family *family, double q) {
    size_t largest = 0;
    for (size_t i = 0; i < family->n; i++) {
        double p = family->p(family->context, i);
        size_t rank = rank_of(family, p);
        if (p <= q * (double)rank / (double)family->n && rank > largest) largest = rank;
    }
    return largest;
}

double discovery_level(const struct family *family, size_t i) {
    double own = family->p(family->context, i), least = 1;
    for (size_t j = 0; j < family->n; j++) {
        double p = family->p(family->context, j);
        if (p < own) continue;
        double level = p * (double)family->n / (double)rank_of(family, p);
        if (level < least) least = level;
    }
    return least;
}

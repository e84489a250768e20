#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static unsigned char lower(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Optimal string alignment (Damerau–Levenshtein without moves over moves), three rows at a time. */
size_t edit_distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    if (n > NEAREST_WORD_MAX || m > NEAREST_WORD_MAX) return SIZE_MAX;
    size_t rows[3][NEAREST_WORD_MAX + 1];
    for (size_t j = 0; j <= m; j++) rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t replaced = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

const char *nearest(const char *word, const char *const *words) {
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (; *words; words++) {
        size_t distance = edit_distance(word, *words);
        size_t length = strlen(*words);
        if (distance < best_distance && 3 * distance <= (length < 3 ? 3 : length)) {
            best = *words;
            best_distance = distance;
        }
    }
    return best;
}

#include "cli/internal.h"

#include "base/text.h"

#include <string.h>

enum { WORD_MAX = 64 };

/* Damerau-Levenshtein distance (a swap of neighbours counts one), or WORD_MAX for long words. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][WORD_MAX + 1], n = strlen(b), length = strlen(a);
    if (n > WORD_MAX || length > WORD_MAX) return WORD_MAX;
    for (size_t j = 0; j <= n; j++) rows[0][j] = j;
    for (size_t i = 1; i <= length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && two_above[j - 2] + 1 < best)
                best = two_above[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[length % 3][n];
}

/* Nearer than a third of the word, or the name begins with it. */
static bool near(const char *typed, const char *name, size_t *best) {
    size_t d = distance(typed, name), length = strlen(typed);
    if (length > 2 && strncmp(typed, name, length) == 0) d = 1;
    if (d >= *best || 3 * d > length + 1) return false;
    *best = d;
    return true;
}

const char *nearest_command(struct arena *arena, int argc, char **argv) {
    struct text typed = text_new(arena, WORD_MAX);
    const char *found = NULL;
    size_t best = WORD_MAX;
    for (int n = 0; n < argc && n < WORDS_MAX && argv[n][0] != '-'; n++) {
        if (n > 0) text_add_char(&typed, ' ');
        text_add(&typed, argv[n]);
        for (const struct command *const *c = commands; *c; c++)
            if (near(text_string(&typed), (*c)->words, &best)) found = (*c)->words;
    }
    return found;
}

const char *nearest_option(const struct command *command, const char *name) {
    const struct option *tables[] = { command->options, general_options };
    const char *found = NULL;
    size_t best = WORD_MAX;
    for (size_t t = 0; t < 2; t++)
        for (const struct option *o = tables[t]; o && o->name; o++)
            if (near(name, o->name, &best)) found = o->name;
    return found;
}

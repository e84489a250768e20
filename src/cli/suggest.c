#include "cli/internal.h"

#include "base/nearest.h"
#include "base/text.h"

#include <string.h>

enum { WORD_MAX = 64 };

/* Nearer than a third of the word, or the name begins with it. */
static bool near(const char *typed, const char *name, size_t *best) {
    size_t d = edit_distance(typed, name), length = strlen(typed);
    if (length > 2 && strncmp(typed, name, length) == 0) d = 1;
    if (d >= *best || 3 * d > length + 1) return false;
    *best = d;
    return true;
}

const char *nearest_command(struct arena *arena, int argc, char **argv) {
    struct text typed = text_new(arena, WORD_MAX);
    const char *found = NULL;
    for (int n = 0; n < argc && n < WORDS_MAX && argv[n][0] != '-'; n++) {
        size_t best = WORD_MAX; /* what is near to more of the words is nearer */
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

#include "cli/cli.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void draw(const struct progress *progress, const char *what) {
    /* ESC [K clears what a longer line before left behind. */
    fprintf(stderr, progress->terminal ? "\r%s … %s\033[K" : "%s … %s", progress->label, what);
}

void progress_begin(struct progress *progress, struct cli *cli, const char *label_msgid) {
    *progress = (struct progress){ .cli = cli, .label = i18n_text(cli->language, label_msgid),
                                   .started = now(), .terminal = isatty(STDERR_FILENO) };
    if (progress->terminal) draw(progress, "");
}

void progress_set(struct progress *progress, double fraction) {
    if (!progress->terminal) return;
    double at = now();
    if (at - progress->drawn < 0.1) return;
    progress->drawn = at;
    char percent[NUMBER_MAX];
    draw(progress, i18n_percent(progress->cli->language, fraction < 0 ? 0 : fraction > 1 ? 1 : fraction,
                                percent));
}

void progress_end(struct progress *progress, const char *outcome) {
    char seconds[NUMBER_MAX];
    const struct language *language = progress->cli->language;
    draw(progress, outcome ? outcome : i18n_text(language, N_("done")));
    fprintf(stderr, " (%s s)\n", i18n_number(language, now() - progress->started, 1, seconds));
}

#include "cli/steps.h"

#include <string.h>

void steps_report(void *context, const char *step_msgid, double fraction) {
    struct steps *steps = context;
    if (!steps->step || strcmp(steps->step, step_msgid) != 0) {
        if (steps->step) progress_end(&steps->progress, NULL);
        steps->step = step_msgid;
        progress_begin(&steps->progress, steps->cli, step_msgid);
    }
    progress_set(&steps->progress, fraction);
}

void steps_end(struct steps *steps, bool ok) {
    if (steps->step) progress_end(&steps->progress, ok ? NULL : i18n_text(steps->cli->language, N_("stopped")));
    steps->step = NULL;
}

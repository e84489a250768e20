/* steps.h - one progress line for each step of a long job. Inside cli. */
#ifndef LAERKE_CLI_STEPS_H
#define LAERKE_CLI_STEPS_H

#include "cli/cli.h"

struct steps {
    struct cli *cli;
    const char *step; /* NULL: none has begun */
    struct progress progress;
};

/* What jobs call with their step and how far it is; context is the struct steps. */
void steps_report(void *context, const char *step_msgid, double fraction);

/* Ends the last line: well, or "stopped". */
void steps_end(struct steps *steps, bool ok);

#endif

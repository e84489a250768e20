/* publish_steps.h - publishing with a progress line a step, for `publish` and `demo`. Inside cli. */
#ifndef LAERKE_CLI_PUBLISH_STEPS_H
#define LAERKE_CLI_PUBLISH_STEPS_H

#include "cli/cli.h"
#include "publish/publish.h"

bool publish_with_progress(struct cli *cli, struct programme *programme, int wave, int threads,
                           struct publish_summary *summary, struct error *error);

#endif

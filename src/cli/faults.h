/* faults.h - faults of a questionnaire, as a list for scripts or as sentences. Layer: cli. */
#ifndef LAERKE_CLI_FAULTS_H
#define LAERKE_CLI_FAULTS_H

#include "base/text.h"
#include "cli/cli.h"

#include <jansson.h>

/* File, line, id and sentence of each. */
json_t *faults_json(struct cli *cli, const struct error_list *faults);
/* Says all of them, as JSON too where that was asked for; returns EXIT_FAILED. */
int report_faults(struct cli *cli, const struct error_list *faults);

/* An instrument by a file's name, else the one loaded under that code (version 0: the newest) in the
 * programme, else one that comes with the program. offered (may be NULL): the languages that
 * respondents may be given; of a file all. False: said. */
struct instrument;
struct offered;
bool instrument_named(struct cli *cli, const char *name, int version, struct instrument **out,
                      struct offered *offered);

#endif

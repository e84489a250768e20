/* irt_fit.h - the parts of laerke irt fit: reading and checking, writing, the words about it.
 *
 * Layer: cli.
 */
#ifndef LAERKE_CLI_IRT_FIT_H
#define LAERKE_CLI_IRT_FIT_H

#include "cli/irt_data.h"
#include "scale/misfit.h"

#include <jansson.h>

/* All that the command puts together. */
struct fitting {
    struct cli *cli;
    int threads;
    const char *dir;
    struct irt_data data;
    struct irt_column *group, *weight; /* NULL: none */
    struct responses responses;
    struct fit_options options;
    struct fit_result fit;
    struct misfit misfit;
    double seconds;
};

static inline const char *fitting_group(const struct fitting *f, size_t group) {
    return f->group ? f->group->labels[group] : "all";
}
static inline int8_t fitting_category(const struct irt_item *item, int code) {
    return item->recode ? item->recode[code - item->low] : (int8_t)(code - item->low);
}

static inline bool fitting_group_misfit(const struct fitting *f, size_t group, size_t item) {
    size_t at = group * f->data.n_items + item;
    return rmsd_named(f->misfit.group_rmsd[at], f->misfit.group_n[at], true);
}

/* irt_fit_data.c: the answers as the calibration takes them, from the file and options that
 * arguments name; groups are those of --group, or of --by. */
bool fitting_read(struct fitting *f, const struct arguments *arguments, struct error *error);
/* Puts names where the calibration, which knows none, has numbers. */
void fitting_name(const struct fitting *f, struct error *error);

/* irt_fit_files.c: the content of model.json, NULL when memory is out; and the folder. */
json_t *fitting_json(const struct fitting *f);
bool fitting_write(struct fitting *f, const json_t *json, struct error *error);
/* The codes of a category of the model: "2", or "2..3" where some were joined. */
enum { CODES_TEXT = 32 };
const char *fitting_codes(const struct fitting *f, size_t item, int category, char out[CODES_TEXT]);

/* irt_fit_words.c: on standard error, how it went and what to look at. */
void fitting_say(const struct fitting *f);

#endif

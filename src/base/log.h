/* log.h - structured log lines without personal data.
 *
 * Layer: base. The one module here with a global: where lines go. Modules log events and counts,
 * never names, codes or answers. A line is `time level event key=value …`.
 *
 *     log_event(LOG_INFO, "publish.done", ARG_INT("wave", 1), ARG_INT("ms", 5120));
 */
#ifndef LAERKE_BASE_LOG_H
#define LAERKE_BASE_LOG_H

#include "base/error.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below the level are dropped; the default is LOG_WARN, on standard error. */
void log_set_level(enum log_level level);

#define log_event(level, event, ...)                                                               \
    log_event_args((level), (event), (const struct arg[]){ __VA_ARGS__ },                          \
                   sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
void log_event_args(enum log_level level, const char *event, const struct arg *args, size_t n_args);

#endif

#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static atomic_int lowest = LOG_WARN;

void log_set_level(enum log_level level) { atomic_store(&lowest, (int)level); }

/* Line breaks in a value would let it pose as a line of its own. */
static int put_value(char *out, size_t room, const char *value) {
    size_t n = 0;
    for (; value[n] && n + 1 < room; n++)
        out[n] = (unsigned char)value[n] < ' ' || value[n] == '"' ? ' ' : value[n];
    if (room) out[n] = '\0';
    return (int)n;
}

void log_event_args(enum log_level level, const char *event, const struct arg *args, size_t n_args) {
    static const char *const names[] = { "debug", "info", "warn", "error" };
    if ((int)level < atomic_load(&lowest)) return;
    char line[1024];
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t n = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ", &utc);
    n += (size_t)snprintf(line + n, sizeof line - n, " %s %.64s", names[level], event);
    for (size_t i = 0; i < n_args && n + 64 < sizeof line; i++) {
        n += (size_t)snprintf(line + n, sizeof line - n, " %.24s=", args[i].name);
        if (args[i].text) {
            line[n++] = '"';
            n += (size_t)put_value(line + n, sizeof line - n - 2, args[i].text);
            line[n++] = '"';
            line[n] = '\0';
        } else {
            n += (size_t)snprintf(line + n, sizeof line - n, "%lld", args[i].number);
        }
    }
    fprintf(stderr, "%s\n", line); /* the log is the one door to standard error below cli and web */
}

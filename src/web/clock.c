#include "web/clock.h"

#include "access/access.h"
#include "base/arena.h"
#include "base/log.h"
#include "collect/opening.h"
#include "collect/wave.h"
#include "store/programme.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TICK_SECONDS = 60, DATE_ROOM = 11 };

struct clock {
    const struct programme *programme;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool running, stopping;
};

/* The date so many days ago. */
static void date_before(int days, char out[DATE_ROOM]) {
    time_t now = time(NULL) - (time_t)days * 24 * 3600;
    struct tm local;
    localtime_r(&now, &local);
    strftime(out, DATE_ROOM, "%Y-%m-%d", &local);
}

static void say(const char *event, int wave, bool done, const struct error *error) {
    if (done) log_event(LOG_INFO, event, ARG_INT("wave", wave));
    else log_event(LOG_ERROR, event, ARG_INT("wave", wave), ARG_TEXT("error", error->id));
}

static void look_at(struct programme *programme, const struct wave *wave) {
    char today[DATE_ROOM], last[DATE_ROOM];
    struct error error = { 0 };
    struct wave_door door;
    size_t n;
    date_before(0, today);
    date_before(GRACE_DAYS, last);
    if (strcmp(wave->state, "planned") == 0 && strcmp(wave->opens, today) <= 0 &&
        strcmp(wave->closes, today) >= 0)
        say("web.wave_opened", wave->number,
            wave_door_of(programme, &door, &error) && wave_open(&door, wave->number, &n, &error), &error);
    if (strcmp(wave->state, "open") == 0 && strcmp(wave->closes, last) < 0)
        say("web.wave_closed", wave->number,
            wave_door_of(programme, &door, &error) && wave_close(&door, wave->number, &error), &error);
}

static void tick(const struct programme *programme) {
    struct programme own;
    struct error error = { 0 };
    struct wave *waves;
    size_t n;
    struct arena *arena = arena_create(ARENA_REQUEST_MAX);
    if (!arena || !access_connect(programme, &own, &error)) {
        arena_destroy(arena);
        return; /* the next minute tries again */
    }
    if (wave_list(own.study, arena, &waves, &n, &error))
        for (size_t i = 0; i < n; i++) look_at(&own, &waves[i]);
    programme_close(&own);
    arena_destroy(arena);
}

static void *work(void *data) {
    struct clock *clock = data;
    pthread_mutex_lock(&clock->lock);
    while (!clock->stopping) {
        struct timespec until;
        pthread_mutex_unlock(&clock->lock);
        tick(clock->programme);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += TICK_SECONDS;
        pthread_mutex_lock(&clock->lock);
        while (!clock->stopping &&
               pthread_cond_timedwait(&clock->changed, &clock->lock, &until) == 0)
            continue;
    }
    pthread_mutex_unlock(&clock->lock);
    return NULL;
}

bool clock_start(const struct programme *programme, struct clock **out, struct error *error) {
    struct clock *clock = calloc(1, sizeof *clock);
    pthread_condattr_t monotonic;
    if (!clock) return error_plain(error, "web.memory");
    clock->programme = programme;
    pthread_mutex_init(&clock->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&clock->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    clock->running = pthread_create(&clock->thread, NULL, work, clock) == 0;
    if (clock->running) {
        *out = clock;
        return true;
    }
    clock_stop(clock);
    return error_plain(error, "web.threads");
}

void clock_stop(struct clock *clock) {
    if (!clock) return;
    pthread_mutex_lock(&clock->lock);
    clock->stopping = true;
    pthread_cond_signal(&clock->changed);
    pthread_mutex_unlock(&clock->lock);
    if (clock->running) pthread_join(clock->thread, NULL);
    pthread_cond_destroy(&clock->changed);
    pthread_mutex_destroy(&clock->lock);
    free(clock);
}

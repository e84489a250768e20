#include "web/delay.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum { WAITING_MAX = 1000 };

struct delay {
    void (*finish)(struct request *request);
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool running, stopping;
    size_t n;
    struct {
        int64_t due; /* milliseconds */
        struct request *request;
    } waiting[WAITING_MAX];
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes one that is due (or any, when stopping); NULL and *next the time of the first otherwise. */
static struct request *take(struct delay *delay, int64_t *next) {
    int64_t now = now_ms();
    *next = now + 3600 * 1000;
    for (size_t i = 0; i < delay->n; i++) {
        if (delay->waiting[i].due <= now || delay->stopping) {
            struct request *request = delay->waiting[i].request;
            delay->waiting[i] = delay->waiting[--delay->n];
            return request;
        }
        if (delay->waiting[i].due < *next) *next = delay->waiting[i].due;
    }
    return NULL;
}

static void *work(void *data) {
    struct delay *delay = data;
    pthread_mutex_lock(&delay->lock);
    while (!delay->stopping || delay->n) {
        int64_t next;
        struct request *request = take(delay, &next);
        if (request) {
            pthread_mutex_unlock(&delay->lock);
            delay->finish(request);
            pthread_mutex_lock(&delay->lock);
            continue;
        }
        struct timespec until = { .tv_sec = next / 1000, .tv_nsec = next % 1000 * 1000000 };
        if (!delay->stopping) pthread_cond_timedwait(&delay->changed, &delay->lock, &until);
    }
    pthread_mutex_unlock(&delay->lock);
    return NULL;
}

bool delay_start(void (*finish)(struct request *request), struct delay **out, struct error *error) {
    struct delay *delay = calloc(1, sizeof *delay);
    pthread_condattr_t monotonic;
    if (!delay) return error_plain(error, "web.memory");
    delay->finish = finish;
    pthread_mutex_init(&delay->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&delay->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    delay->running = pthread_create(&delay->thread, NULL, work, delay) == 0;
    if (delay->running) {
        *out = delay;
        return true;
    }
    delay_stop(delay);
    return error_plain(error, "web.threads");
}

bool delay_add(struct delay *delay, struct request *request, int milliseconds) {
    pthread_mutex_lock(&delay->lock);
    bool room = delay->n < WAITING_MAX && !delay->stopping;
    if (room) {
        delay->waiting[delay->n].due = now_ms() + milliseconds;
        delay->waiting[delay->n++].request = request;
        pthread_cond_signal(&delay->changed);
    }
    pthread_mutex_unlock(&delay->lock);
    return room;
}

void delay_stop(struct delay *delay) {
    if (!delay) return;
    pthread_mutex_lock(&delay->lock);
    delay->stopping = true;
    pthread_cond_signal(&delay->changed);
    pthread_mutex_unlock(&delay->lock);
    if (delay->running) pthread_join(delay->thread, NULL);
    pthread_cond_destroy(&delay->changed);
    pthread_mutex_destroy(&delay->lock);
    free(delay);
}

#include "web/lane.h"

#include "access/access.h"
#include "base/log.h"
#include "store/programme.h"
#include "web/request.h"

#include <pthread.h>
#include <stdlib.h>

struct worker {
    struct lane *lane;
    pthread_t thread;
    struct programme programme;
    bool connected;
};

struct lane {
    struct lane_options options;
    pthread_mutex_t lock;
    pthread_cond_t added;
    bool stopping;
    struct request **ring; /* options.waiting places */
    size_t first, n_waiting, n_workers;
    struct worker workers[];
};

static struct request *take(struct lane *lane) {
    struct request *request = NULL;
    pthread_mutex_lock(&lane->lock);
    while (lane->n_waiting == 0 && !lane->stopping) pthread_cond_wait(&lane->added, &lane->lock);
    if (lane->n_waiting) {
        request = lane->ring[lane->first];
        lane->first = (lane->first + 1) % lane->options.waiting;
        lane->n_waiting--;
    }
    pthread_mutex_unlock(&lane->lock);
    return request;
}

/* A database that was away (restarted, say) is met anew by the next request. */
static bool connect_again(struct worker *worker) {
    struct error error = { 0 };
    if (worker->connected) return true;
    worker->connected =
        access_connect(worker->lane->options.programme, &worker->programme, &error);
    if (!worker->connected)
        log_event(LOG_ERROR, "web.no_store", ARG_TEXT("error", error.id));
    return worker->connected;
}

static void *work(void *data) {
    struct worker *worker = data;
    const struct lane_options *options = &worker->lane->options;
    for (struct request *request; (request = take(worker->lane));) {
        if (connect_again(worker)) {
            request->programme = &worker->programme;
            options->answer(request);
            request->programme = NULL;
            if (request->store_failed) {
                programme_close(&worker->programme);
                worker->connected = false;
            }
        } else {
            options->unavailable(request);
        }
        options->finish(request);
    }
    return NULL;
}

/* The first connections are made here, so that a start against a missing database fails at once. */
static bool start_workers(struct lane *lane, struct error *error) {
    for (size_t i = 0; i < lane->options.threads; i++) {
        struct worker *worker = &lane->workers[i];
        worker->lane = lane;
        worker->connected = access_connect(lane->options.programme, &worker->programme, error);
        if (!worker->connected) return false;
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
            programme_close(&worker->programme);
            return error_plain(error, "web.threads");
        }
        lane->n_workers++;
    }
    return true;
}

bool lane_start(const struct lane_options *options, struct lane **out, struct error *error) {
    struct lane *lane = calloc(1, sizeof *lane + options->threads * sizeof *lane->workers);
    if (!lane) return error_plain(error, "web.memory");
    lane->options = *options;
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->added, NULL);
    lane->ring = calloc(options->waiting, sizeof(struct request *));
    bool done = lane->ring ? start_workers(lane, error) : error_plain(error, "web.memory");
    if (done)
        *out = lane;
    else
        lane_stop(lane);
    return done;
}

bool lane_add(struct lane *lane, struct request *request) {
    pthread_mutex_lock(&lane->lock);
    bool room = !lane->stopping && lane->n_waiting < lane->options.waiting;
    if (room) {
        lane->ring[(lane->first + lane->n_waiting) % lane->options.waiting] = request;
        lane->n_waiting++;
        pthread_cond_signal(&lane->added);
    }
    pthread_mutex_unlock(&lane->lock);
    return room;
}

void lane_stop(struct lane *lane) {
    if (!lane) return;
    pthread_mutex_lock(&lane->lock);
    lane->stopping = true;
    pthread_cond_broadcast(&lane->added);
    pthread_mutex_unlock(&lane->lock);
    for (size_t i = 0; i < lane->n_workers; i++) {
        pthread_join(lane->workers[i].thread, NULL);
        if (lane->workers[i].connected) programme_close(&lane->workers[i].programme);
    }
    pthread_cond_destroy(&lane->added);
    pthread_mutex_destroy(&lane->lock);
    free(lane->ring);
    free(lane);
}

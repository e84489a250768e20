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

/* What waits, up to a batch; 0 when the lane ends. */
static size_t take(struct lane *lane, struct request *batch[LANE_BATCH_MAX]) {
    size_t n = 0;
    pthread_mutex_lock(&lane->lock);
    while (lane->n_waiting == 0 && !lane->stopping) pthread_cond_wait(&lane->added, &lane->lock);
    for (; lane->n_waiting && n < lane->options.batch; lane->n_waiting--) {
        batch[n++] = lane->ring[lane->first];
        lane->first = (lane->first + 1) % lane->options.waiting;
    }
    pthread_mutex_unlock(&lane->lock);
    return n;
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

/* A failed store is left at once: the next batch meets it anew. */
static void leave_failed(struct worker *worker, struct request *const *batch, size_t n) {
    bool failed = false;
    for (size_t i = 0; i < n; i++) {
        batch[i]->programme = NULL;
        failed = failed || batch[i]->store_failed;
    }
    if (!failed) return;
    programme_close(&worker->programme);
    worker->connected = false;
}

static void *work(void *data) {
    struct worker *worker = data;
    const struct lane_options *options = &worker->lane->options;
    struct request *batch[LANE_BATCH_MAX];
    for (size_t n; (n = take(worker->lane, batch)) > 0;) {
        bool connected = connect_again(worker);
        for (size_t i = 0; i < n; i++) {
            if (connected) batch[i]->programme = &worker->programme;
            else options->unavailable(batch[i]);
        }
        if (connected) {
            options->answer(batch, n);
            leave_failed(worker, batch, n);
        }
        for (size_t i = 0; i < n; i++) options->finish(batch[i]);
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

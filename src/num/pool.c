#include "num/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS_MAX = 64 };

struct pool {
    int threads;
    pthread_t worker[THREADS_MAX];
    pthread_mutex_t mutex;
    pthread_cond_t start, done;
    /* The job at hand; guarded by mutex but for next, which hands out pieces. */
    void (*work)(void *context, size_t piece);
    void *context;
    size_t pieces;
    atomic_size_t next;
    unsigned long turn; /* number of jobs so far: a worker takes part once in each */
    int busy;
    int stop;
};

static void take_pieces(struct pool *pool) {
    for (;;) {
        size_t piece = atomic_fetch_add(&pool->next, 1);
        if (piece >= pool->pieces) return;
        pool->work(pool->context, piece);
    }
}

static void *worker_main(void *data) {
    struct pool *pool = data;
    unsigned long seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->stop && pool->turn == seen) pthread_cond_wait(&pool->start, &pool->mutex);
        if (pool->stop) break;
        seen = pool->turn;
        pthread_mutex_unlock(&pool->mutex);
        take_pieces(pool);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->busy == 0) pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

struct pool *pool_create(int threads) {
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    if (threads < 1) threads = 1;
    pool->threads = 1; /* the caller works too */
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->start, NULL);
    pthread_cond_init(&pool->done, NULL);
    atomic_init(&pool->next, 0);
    for (int i = 0; i < threads - 1; i++) {
        if (pthread_create(&pool->worker[i], NULL, worker_main, pool) != 0) {
            pool_destroy(pool);
            return NULL;
        }
        pool->threads++;
    }
    return pool;
}

void pool_destroy(struct pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    pool->stop = 1;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->threads - 1; i++) pthread_join(pool->worker[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->start);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

int pool_threads(const struct pool *pool) { return pool ? pool->threads : 1; }

size_t pool_pieces(size_t n, size_t size) { return n / size + (n % size != 0); }

void pool_piece(size_t n, size_t size, size_t i, size_t *from, size_t *to) {
    *from = i * size;
    *to = n - *from < size ? n : *from + size;
}

void pool_run(struct pool *pool, size_t pieces, void (*work)(void *context, size_t piece),
              void *context) {
    if (!pool || pool->threads == 1 || pieces < 2) {
        for (size_t i = 0; i < pieces; i++) work(context, i);
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->work = work;
    pool->context = context;
    pool->pieces = pieces;
    atomic_store(&pool->next, 0);
    pool->busy = pool->threads - 1;
    pool->turn++;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->mutex);
    take_pieces(pool);
    pthread_mutex_lock(&pool->mutex);
    while (pool->busy) pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

#include "web/guesses.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum { SLOTS = 4096, FREE_TRIES = 3, LONGEST = 16000 };

struct guesses {
    pthread_mutex_t lock;
    int64_t window; /* number of the window that counts */
    unsigned now, before;
    struct {
        uint32_t browser;
        unsigned char tries;
    } slot[SLOTS]; /* by the browser's hash; who comes later takes a place over */
};

struct guesses *guesses_create(void) {
    struct guesses *guesses = calloc(1, sizeof *guesses);
    if (guesses) pthread_mutex_init(&guesses->lock, NULL);
    return guesses;
}

void guesses_destroy(struct guesses *guesses) {
    if (!guesses) return;
    pthread_mutex_destroy(&guesses->lock);
    free(guesses);
}

static uint32_t hash(const char *text) {
    uint32_t h = 2166136261u; /* FNV-1a: it only spreads */
    for (; text && *text; text++) h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

/* Turns the page when a window is over; a new window forgets who guessed. */
static void turn(struct guesses *guesses) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    int64_t window = time.tv_sec / GUESS_WINDOW;
    if (window == guesses->window) return;
    guesses->before = window == guesses->window + 1 ? guesses->now : 0;
    guesses->now = 0;
    guesses->window = window;
    for (int i = 0; i < SLOTS; i++) guesses->slot[i].tries = 0;
}

int guesses_add(struct guesses *guesses, const char *browser, bool *alarm) {
    uint32_t h = hash(browser);
    pthread_mutex_lock(&guesses->lock);
    turn(guesses);
    *alarm = ++guesses->now == GUESS_CAP;
    unsigned char *tries = &guesses->slot[h % SLOTS].tries;
    if (guesses->slot[h % SLOTS].browser != h) *tries = 0;
    guesses->slot[h % SLOTS].browser = h;
    if (*tries < FREE_TRIES + 6) ++*tries;
    int delay = *tries <= FREE_TRIES ? 0 : 1000 << (*tries - FREE_TRIES - 1);
    pthread_mutex_unlock(&guesses->lock);
    return delay < LONGEST ? delay : LONGEST;
}

bool guesses_many(struct guesses *guesses) {
    pthread_mutex_lock(&guesses->lock);
    turn(guesses);
    bool many = guesses->now >= GUESS_CAP || guesses->before >= GUESS_CAP;
    pthread_mutex_unlock(&guesses->lock);
    return many;
}

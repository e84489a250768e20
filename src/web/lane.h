/* lane.h - worker threads that answer requests, each with store connections of its own.
 *
 * Layer: web, for its own files. A polling thread suspends the connection, adds the request to a lane
 * and goes on; a worker answers it and calls the lane's finish. There are three lanes: quick ones (reads
 * of the store, painted pages) never wait behind slow ones (password hashes, PDFs), and answers that
 * people give go through one that takes all that wait into one transaction.
 */
#ifndef LAERKE_WEB_LANE_H
#define LAERKE_WEB_LANE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct lane;
struct programme;
struct request;

enum { LANE_BATCH_MAX = 256 };
struct lane_options {
    const struct programme *programme;
    size_t threads, waiting; /* at most so many requests wait */
    size_t batch;            /* at most so many are answered together; 1 to LANE_BATCH_MAX */
    void (*answer)(struct request **requests, size_t n); /* in a worker, request->programme set */
    void (*unavailable)(struct request *request); /* the stores cannot be reached */
    void (*finish)(struct request *request);
};

bool lane_start(const struct lane_options *options, struct lane **out, struct error *error);
/* False when too many wait, or the lane is ending. */
bool lane_add(struct lane *lane, struct request *request);
/* Answers what waits, ends the threads and closes their connections. NULL is allowed. */
void lane_stop(struct lane *lane);

#endif

/* pool.h - threads with fixed pieces of work, so that the bits do not depend on their number.
 *
 * Layer: num. Pure but for its threads. Work is cut into pieces by its size alone, never by the
 * number of threads; each piece writes to its own place, and the caller adds the pieces up in
 * order.
 *
 *     size_t pieces = pool_pieces(n, 4096);
 *     pool_run(pool, pieces, work, &context);      // work(context, piece) for each, in any order
 *     for (size_t i = 0; i < pieces; i++) sum += context.partial[i];
 */
#ifndef LAERKE_NUM_POOL_H
#define LAERKE_NUM_POOL_H

#include <stddef.h>

struct pool;

/* threads >= 1 (1 runs in the caller). NULL when threads cannot be made. */
struct pool *pool_create(int threads);
void pool_destroy(struct pool *pool);
int pool_threads(const struct pool *pool);

/* Number of pieces of about size elements, and the elements [*from, *to) of piece i. */
size_t pool_pieces(size_t n, size_t size);
void pool_piece(size_t n, size_t size, size_t i, size_t *from, size_t *to);

/* Runs work(context, i) for every i < pieces and waits. pool NULL: in the caller. */
void pool_run(struct pool *pool, size_t pieces, void (*work)(void *context, size_t piece),
              void *context);

#endif

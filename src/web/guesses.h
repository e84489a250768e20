/* guesses.h - who guesses codes, and how often all together do.
 *
 * Layer: web, for its own files. In memory, of this node: nothing here decides whether a right code is
 * let in. A browser is its visit cookie; one that keeps no cookie counts as one with all others that keep
 * none. May be used by all threads at once.
 */
#ifndef LAERKE_WEB_GUESSES_H
#define LAERKE_WEB_GUESSES_H

#include <stdbool.h>

struct guesses;
enum { GUESS_WINDOW = 600, GUESS_CAP = 200 }; /* seconds; wrong codes of all in it */

struct guesses *guesses_create(void); /* NULL: no memory */
void guesses_destroy(struct guesses *guesses);

/* A wrong code by the browser (NULL: unknown): the milliseconds that its reply is to wait: none for
 * the first three, then 1, 2, 4 … 16 seconds. *alarm: with this one the cap of all is passed. */
int guesses_add(struct guesses *guesses, const char *browser, bool *alarm);

/* Whether the cap of all is passed in this window or was in the last. */
bool guesses_many(struct guesses *guesses);

#endif

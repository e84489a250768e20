/* clock.h - what happens by itself on a date: waves open on their first day, and close when the days of grace
 * after their last are over.
 *
 * Layer: web, for its own files. A thread with connections of its own; several nodes may do the same at
 * once, since a wave's state is checked where it is changed.
 */
#ifndef LAERKE_WEB_CLOCK_H
#define LAERKE_WEB_CLOCK_H

#include <stdbool.h>

struct clock;
struct error;
struct programme;

bool clock_start(const struct programme *programme, struct clock **out, struct error *error);
/* NULL is allowed. */
void clock_stop(struct clock *clock);

#endif

/* delay.h - replies that wait: made already, sent later. Layer: web, for its own files. */
#ifndef LAERKE_WEB_DELAY_H
#define LAERKE_WEB_DELAY_H

#include "base/error.h"

#include <stdbool.h>

struct delay;
struct request;

/* finish is called for each request when its time has come, in a thread of the delay's own. */
bool delay_start(void (*finish)(struct request *request), struct delay **out, struct error *error);
/* False when too many wait: the caller finishes it at once. */
bool delay_add(struct delay *delay, struct request *request, int milliseconds);
/* Finishes all that wait. NULL is allowed. */
void delay_stop(struct delay *delay);

#endif

/* route.h - the one table of routes, and the gate that every request passes.
 *
 * Layer: web, for its own files. To add a page: a file page_NAME.c with a handler, declared in page.h,
 * and a row in routes[] (route.c). The row says who may; the gate sees to it before the handler runs.
 */
#ifndef LAERKE_WEB_ROUTE_H
#define LAERKE_WEB_ROUTE_H

#include "web/request.h"

enum who {
    ANYBODY,
    GRANTED, /* a POST that carries a grant of ours (collect/code.h), which no other site can know */
    SIGNED_IN,
    SEES_UNIT /* the access matrix gives the account sight of /unit/{id} */
};

enum speed {
    AT_ONCE, /* in the polling thread: no store, no session */
    QUICK,   /* a worker: reads, painted pages */
    SLOW,    /* a worker of the other lane: password hashes, PDFs */
    UPLOAD,  /* there too, and the form may be as long as UPLOAD_MAX */
    SAVES    /* the one that keeps answers; it knows no session, and what is sent carries its own right */
};

struct route {
    enum method method;
    const char *pattern; /* "/unit/{id}/profile.pdf", "/static/{file}" */
    enum who who;
    enum speed speed;
    bool (*handler)(struct request *request, struct error *error); /* false: error page 500 */
};

/* Every POST but a GRANTED one needs a CSRF token in the field "csrf": there is no column to forget. Ended by one without
 * a pattern. */
extern const struct route routes[];

/* Finds the request's route (by path and method) and fills in id or rest. Where there is none, the
 * route is that of the error page, and status is 404 or 405. */
void route_find(struct request *request);

/* Passes the gate and runs the handler: reply is filled in whatever happens. */
void route_answer(struct request *request);

#endif

/* server.h - the web door: HTTP server, one table of routes, one file a page.
 *
 * Layer: web (above all but cli).
 */
#ifndef LAERKE_WEB_SERVER_H
#define LAERKE_WEB_SERVER_H

#include "base/error.h"

#include <stdbool.h>

struct programme;

struct web_options {
    const char *address; /* "127.0.0.1" */
    int port;            /* 0: any free one */
    int threads;         /* 0: one a processor */
    bool demo;           /* the front page says how to log in as each role */
};

struct web;
/* Starts serving in threads of its own and returns. *port gets the port in use. */
bool web_start(const struct programme *programme, const struct web_options *options,
               struct web **out, int *port, struct error *error);
/* Lets running requests end, then frees everything. */
void web_stop(struct web *web);

#endif

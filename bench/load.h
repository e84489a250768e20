/* load.h - a small HTTP client for generators of load: one kept connection, one request at a time. */
#ifndef LAERKE_BENCH_LOAD_H
#define LAERKE_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>

enum { LOAD_REPLY_MAX = 1024 * 1024 };

struct client {
    int socket, port;
    char cookie[2048];
    char *reply; /* the body of the last one, ended by NUL */
    size_t length;
    int status;
    char location[256];
};

bool client_start(struct client *client, int port);
void client_stop(struct client *client);
/* method and path; body NULL: none (else urlencoded). Connects anew where the server has closed. False: no
 * reply came. Cookies that are set are kept. */
bool client_ask(struct client *client, const char *method, const char *path, const char *body);

/* The value of a field in the last reply: between before and the next quotation mark. */
bool client_find(const struct client *client, const char *before, char *out, size_t size);

#endif

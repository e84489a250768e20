/* request.h - one request on its way through the web, and the reply that is made to it.
 *
 * Layer: web, for its own files. Nothing here knows the HTTP library: server.c fills a request in and
 * sends its reply, everything between (gate, pages) is plain data in, plain data out. All of it lives
 * in the request's arena. A request belongs to one thread at a time: the polling thread that reads it,
 * then the worker that answers it, then the polling thread that sends the reply.
 */
#ifndef LAERKE_WEB_REQUEST_H
#define LAERKE_WEB_REQUEST_H

#include "access/access.h"
#include "base/error.h"
#include "i18n/i18n.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct programme;
struct route;
struct site;
struct tree;

enum method { METHOD_GET, METHOD_POST, METHOD_OTHER };

enum {
    FORM_MAX = 16 * 1024,    /* bytes of a form */
    UPLOAD_MAX = 2 * 1024 * 1024, /* of one with a recording: 1 MB as base64, its marks escaped */
    FIELDS_MAX = 32,         /* fields of a form or a query */
    REPLY_HEADERS_MAX = 8,   /* beside those that every reply has */
    TOKEN_HEX_MAX = 2 * TOKEN_BYTES + 1
};

/* A field of a form or a query, a header: name and value, valid UTF-8. */
struct field {
    const char *name, *value;
};
struct fields {
    size_t n;
    struct field field[FIELDS_MAX];
};
/* The first value of that name, or NULL. */
const char *field_value(const struct fields *fields, const char *name);

struct reply {
    int status;
    const char *type; /* of the body */
    const void *body;
    size_t length;
    bool file; /* the same for everybody: may be kept by the browser; else never stored */
    bool scripted; /* our own scripts run in it: questionnaires, recordings */
    bool microphone; /* it may ask for the microphone: recordings */
    bool last; /* the connection is closed after it */
    size_t n_headers;
    struct field headers[REPLY_HEADERS_MAX];
};

struct request {
    /* from the polling thread */
    struct arena *arena;
    struct site *site;
    void *connection; /* the HTTP library's */
    enum method method;
    const char *path;
    struct fields query, form;
    const char *cookie_session, *cookie_visit, *cookie_language; /* NULL: none */
    const char *cookie_answer, *cookie_answer_language;           /* of who answers a questionnaire */
    int64_t kiosk;        /* the number of a tablet that a class shares, which a cookie says; 0: none */
    const char *accept_language, *if_none_match, *range;
    bool secure;          /* came by TLS, ours or that of the proxy in front */
    char *body;           /* of a POST, until it is read into form */
    size_t body_length;
    bool too_large, dispatched;
    bool large;           /* counted among the few whose body may be */
    bool store_failed;    /* the worker makes new connections */
    int delay;            /* milliseconds that the reply waits */
    int64_t started;      /* monotonic microseconds */

    /* from the route and the gate */
    const struct route *route;
    int64_t id;           /* of /unit/{id} */
    const char *rest;     /* of /static/{file} */
    struct programme *programme; /* the worker's own connections */
    const struct language *language;
    bool signed_in;
    struct session session;
    char csrf[TOKEN_HEX_MAX];
    const struct tree *tree;
    long unit;            /* index in the tree; -1: none */
    enum sight sight;
    bool narrow;          /* the page is one column */

    struct reply reply;
};

/* Reads an urlencoded form (or query) into fields; bytes are changed in place. False when it is
 * malformed, has too many fields or is not UTF-8. */
bool fields_read(char *bytes, struct fields *out);

/* A path of this site that a form may send the browser back to; "/" for anything else. */
const char *local_path(const char *path);

/* Token to and from hexadecimal (libsodium). */
void token_to_hex(const unsigned char token[TOKEN_BYTES], char hex[TOKEN_HEX_MAX]);
bool token_from_hex(const char *hex, unsigned char token[TOKEN_BYTES]);

/* Replies. Texts live in the arena or for ever. */
void reply_body(struct request *request, int status, const char *type, const void *body,
                size_t length);
void reply_text(struct request *request, int status, const char *text);
void reply_redirect(struct request *request, const char *path);
/* The value is copied; one that is NULL is left out. */
void reply_header(struct request *request, const char *name, const char *value);
/* seconds 0: until the browser closes; -1: forget it now. */
void reply_cookie(struct request *request, const char *name, const char *value, int seconds);

/* The query "?wave=N": 0 when absent, -1 when it is no number. */
int request_wave(const struct request *request);

#endif

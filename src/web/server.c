/* The HTTP server: libmicrohttpd's polling threads read requests and send replies; workers (lane.h)
 * answer them while the connection is suspended. The one file that knows the library. */
#include "web/server.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "web/cache.h"
#include "web/clock.h"
#include "web/delay.h"
#include "web/forms.h"
#include "web/guesses.h"
#include "web/lane.h"
#include "web/page.h"
#include "web/route.h"
#include "web/site.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 4000,
    CONNECTION_SECONDS = 15,        /* without a byte moving */
    CONNECTION_MEMORY = 32 * 1024,  /* request line and headers */
    UPLOADS_MAX = 4,                /* bodies longer than FORM_MAX at a time */
    BODY_DISCARD_MAX = 1024 * 1024, /* of a body without a length, before the line is cut */
    WAITING_QUICK = 2000,
    WAITING_SLOW = 200,
    WAITING_SAVES = 4000,
    SLOW_THREADS = 2, /* hashes and PDFs: never more than a small machine has */
    STOP_SECONDS = 10,
    THREADS_MAX = 64
};
#define CACHE_BYTES (128 * MIB)

struct web {
    struct site site;
    struct MHD_Daemon *daemon;
    struct lane *quick, *slow, *saves;
    struct clock *clock;
    int socket;
    atomic_int uploads; /* requests with a body longer than FORM_MAX */
    atomic_int running; /* requests between their first byte and their last */
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Nothing from elsewhere is loaded, nothing is framed, and no script runs: but our own, in
 * questionnaires. */
#define POLICY                                                                                     \
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; "  \
    "frame-ancestors 'none'; base-uri 'none'"
#define POLICY_OF_SCRIPTS                                                                          \
    POLICY "; script-src 'self'; connect-src 'self'; worker-src 'self'; media-src 'self'"

/* What every reply carries beside its policy; pages behind a login stay in no cache. */
static const struct field security_headers[] = {
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "same-origin" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};

static enum MHD_Result send_reply(struct web *web, struct MHD_Connection *connection,
                                  struct request *request) {
    const struct reply *reply = &request->reply;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->length, (void *)(uintptr_t)reply->body, MHD_RESPMEM_PERSISTENT);
    if (!response) return MHD_NO;
    for (size_t i = 0; i < sizeof security_headers / sizeof *security_headers; i++)
        MHD_add_response_header(response, security_headers[i].name, security_headers[i].value);
    MHD_add_response_header(response, "Content-Security-Policy",
                            reply->scripted ? POLICY_OF_SCRIPTS : POLICY);
    MHD_add_response_header(response, "Permissions-Policy",
                            reply->microphone ? "camera=(), geolocation=(), microphone=(self)"
                                              : "camera=(), geolocation=(), microphone=()");
    if (reply->type) MHD_add_response_header(response, "Content-Type", reply->type);
    if (!reply->file) MHD_add_response_header(response, "Cache-Control", "no-store");
    for (size_t i = 0; i < reply->n_headers; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    if (reply->last || atomic_load(&web->site.stopping))
        MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static const char *copy_valid(struct arena *arena, const char *text) {
    return text && text_is_utf8(text, strlen(text)) ? arena_copy(arena, text) : NULL;
}

static enum MHD_Result add_query(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value) {
    struct request *request = context;
    (void)kind;
    name = copy_valid(request->arena, name);
    value = copy_valid(request->arena, value ? value : "");
    if (name && value && request->query.n < FIELDS_MAX)
        request->query.field[request->query.n++] = (struct field){ name, value };
    return MHD_YES;
}

/* A long body, where the route takes one: from somebody with a session, and few at a time. */
static void allow_upload(struct web *web, struct request *request, long long bytes) {
    request->too_large = true;
    if (request->route->speed != UPLOAD || !request->cookie_session || bytes > UPLOAD_MAX) return;
    request->large = true;
    request->too_large = atomic_fetch_add(&web->uploads, 1) >= UPLOADS_MAX;
}

static size_t body_room(const struct request *request) {
    return request->large ? UPLOAD_MAX : FORM_MAX;
}

/* A copy of all that pages may ask about: workers never touch the library. NULL: no memory. */
static struct request *read_request(struct web *web, struct MHD_Connection *connection,
                                    const char *method, const char *url) {
    struct arena *arena = arena_create(ARENA_REQUEST_MAX);
    struct request *request = arena ? arena_alloc(arena, sizeof *request) : NULL;
    if (!request) {
        arena_destroy(arena);
        return NULL;
    }
    request->arena = arena;
    request->site = &web->site;
    request->connection = connection;
    request->started = now_us();
    request->unit = -1;
    request->method = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? METHOD_GET
                      : strcmp(method, "POST") == 0                             ? METHOD_POST
                                                                                : METHOD_OTHER;
    request->path = copy_valid(arena, url);
    if (!request->path) request->path = "";
    const char *(*look)(struct MHD_Connection *, enum MHD_ValueKind, const char *) =
        MHD_lookup_connection_value;
    request->cookie_session =
        copy_valid(arena, look(connection, MHD_COOKIE_KIND, "laerke_session"));
    request->cookie_visit = copy_valid(arena, look(connection, MHD_COOKIE_KIND, "laerke_visit"));
    request->cookie_language =
        copy_valid(arena, look(connection, MHD_COOKIE_KIND, "laerke_language"));
    request->cookie_answer = copy_valid(arena, look(connection, MHD_COOKIE_KIND, "laerke_answer"));
    request->cookie_answer_language = copy_valid(arena, look(connection, MHD_COOKIE_KIND, "laerke_answer_language"));
    const char *kiosk = look(connection, MHD_COOKIE_KIND, "laerke_kiosk");
    long long number;
    if (kiosk && text_to_int(kiosk, 1, INT64_MAX, &number)) request->kiosk = number;
    request->accept_language = copy_valid(arena, look(connection, MHD_HEADER_KIND, "Accept-Language"));
    request->if_none_match = copy_valid(arena, look(connection, MHD_HEADER_KIND, "If-None-Match"));
    request->range = copy_valid(arena, look(connection, MHD_HEADER_KIND, "Range"));
    /* A proxy in front says how the browser came. Who forges it harms only the own cookies. */
    const char *proto = look(connection, MHD_HEADER_KIND, "X-Forwarded-Proto");
    request->secure = proto && strcasecmp(proto, "https") == 0;
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_query, request);
    const char *length = look(connection, MHD_HEADER_KIND, "Content-Length");
    long long bytes = 0;
    route_find(request);
    request->too_large = length && !text_to_int(length, 0, INT64_MAX, &bytes);
    if (bytes > FORM_MAX) allow_upload(web, request, bytes);
    return request;
}

/* Keeps a POST's body up to its room; what is longer is read past, so that the reply can be heard.
 */
static enum MHD_Result take_body(struct request *request, const char *bytes, size_t *length) {
    size_t n = *length;
    *length = 0;
    if (request->body_length + n > body_room(request) + BODY_DISCARD_MAX) return MHD_NO;
    if (!request->body) request->body = arena_alloc(request->arena, body_room(request) + 1);
    if (!request->body) return MHD_NO;
    if (request->body_length + n <= body_room(request))
        memcpy(request->body + request->body_length, bytes, n);
    else
        request->too_large = true;
    request->body_length += n;
    return MHD_YES;
}

static void answer_each(struct request **requests, size_t n) {
    for (size_t i = 0; i < n; i++) route_answer(requests[i]);
}

static void answer_unavailable(struct request *request) { page_error_plain(request, 503); }

static void resume(struct request *request) { MHD_resume_connection(request->connection); }

/* By the lanes: now, or after the delay that the reply has to wait. */
static void finish(struct request *request) {
    if (request->delay <= 0 || !delay_add(request->site->delay, request, request->delay))
        resume(request);
}

/* A request that is whole: answered here, or by a worker while the connection is suspended. */
static enum MHD_Result dispatch(struct web *web, struct MHD_Connection *connection,
                                struct request *request) {
    request->dispatched = true;
    bool readable = true;
    if (request->method == METHOD_POST && !request->too_large && request->body) {
        request->body[request->body_length] = '\0';
        readable = memchr(request->body, '\0', request->body_length) == NULL &&
                   fields_read(request->body, &request->form);
    }
    if (request->too_large || !readable) {
        request->reply.last = true;
        page_error_plain(request, request->too_large ? 413 : 400);
    } else if (request->route->speed == AT_ONCE) {
        route_answer(request);
    } else {
        struct lane *lane = request->route->speed == SLOW || request->route->speed == UPLOAD
                                ? web->slow
                            : request->route->speed == SAVES ? web->saves
                                                             : web->quick;
        MHD_suspend_connection(connection);
        if (!lane_add(lane, request)) {
            page_error_plain(request, 503);
            MHD_resume_connection(connection);
        }
        return MHD_YES;
    }
    return send_reply(web, connection, request);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_length, void **state) {
    struct web *web = context;
    struct request *request = *state;
    (void)version;
    if (!request) {
        request = *state = read_request(web, connection, method, url);
        if (!request) return MHD_NO;
        atomic_fetch_add(&web->running, 1);
        /* Refused before the body is sent; the connection ends, since the body may still come. */
        return request->too_large ? dispatch(web, connection, request) : MHD_YES;
    }
    if (*body_length) return take_body(request, body, body_length);
    return request->dispatched ? send_reply(web, connection, request)
                               : dispatch(web, connection, request);
}

/* One line a request: what was asked for by its route, never by whom or about whom. */
static void completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code) {
    struct web *web = context;
    struct request *request = *state;
    (void)connection;
    if (!request) return;
    *state = NULL;
    log_event(LOG_INFO, "web.request",
              ARG_TEXT("method", request->method == METHOD_GET    ? "GET"
                                 : request->method == METHOD_POST ? "POST"
                                                                  : "other"),
              ARG_TEXT("route", request->route->pattern), ARG_INT("status", request->reply.status),
              ARG_INT("bytes", request->reply.length), ARG_INT("us", now_us() - request->started),
              ARG_INT("whole", code == MHD_REQUEST_TERMINATED_COMPLETED_OK));
    if (request->large) atomic_fetch_sub(&web->uploads, 1);
    arena_destroy(request->arena);
    atomic_fetch_sub(&web->running, 1);
}

/* A listening socket: of our own, so that a port that is taken is told from all else that may fail.
 */
static int listen_at(const struct web_options *options, int *port, struct error *error) {
    struct sockaddr_in6 address6 = { .sin6_family = AF_INET6,
                                     .sin6_port = htons((uint16_t)options->port) };
    struct sockaddr_in address4 = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)options->port) };
    bool six = inet_pton(AF_INET6, options->address, &address6.sin6_addr) == 1;
    if (!six && inet_pton(AF_INET, options->address, &address4.sin_addr) != 1) {
        error_set(error, "web.address", ARG_TEXT("address", options->address));
        return -1;
    }
    struct sockaddr *address = six ? (struct sockaddr *)&address6 : (struct sockaddr *)&address4;
    socklen_t size = six ? sizeof address6 : sizeof address4;
    int on = 1,
        fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, address, size) != 0 || listen(fd, 511) != 0 ||
        getsockname(fd, address, &size) != 0) {
        if (errno == EADDRINUSE)
            error_set(error, "web.port_taken", ARG_TEXT("address", options->address),
                      ARG_INT("port", options->port));
        else
            error_set(error, "web.listen", ARG_TEXT("address", options->address),
                      ARG_INT("port", options->port), ARG_TEXT("reason", strerror(errno)));
        if (fd >= 0) close(fd);
        return -1;
    }
    *port = ntohs(six ? address6.sin6_port : address4.sin_port);
    return fd;
}

/* Like the library's own, but "%00" stays as it is: a decoded NUL would end the path early and so
 * make two addresses of one page. */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}

static bool start_daemon(struct web *web, unsigned threads, struct error *error) {
    /* A pool of one is no pool to the library. */
    struct MHD_OptionItem pool[] = { { threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
                                       (intptr_t)threads, NULL },
                                     { MHD_OPTION_END, 0, NULL } };
    web->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, web,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)web->socket, MHD_OPTION_NOTIFY_COMPLETED, completed,
        web, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)CONNECTION_SECONDS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
    return web->daemon || error_plain(error, "web.threads");
}

static bool start_lanes(struct web *web, unsigned threads, struct error *error) {
    struct lane_options options = {
        .programme = web->site.programme,
        .threads = threads,
        .waiting = WAITING_QUICK,
        .batch = 1,
        .answer = answer_each,
        .unavailable = answer_unavailable,
        .finish = finish,
    };
    if (!lane_start(&options, &web->quick, error)) return false;
    options.threads = SLOW_THREADS;
    options.waiting = WAITING_SLOW;
    if (!lane_start(&options, &web->slow, error)) return false;
    options.threads = 1; /* the stores have one writer; a commit serves all who wait */
    options.waiting = WAITING_SAVES;
    options.batch = LANE_BATCH_MAX;
    options.answer = page_save_batch;
    return lane_start(&options, &web->saves, error);
}

bool web_start(const struct programme *programme, const struct web_options *options,
               struct web **out, int *port, struct error *error) {
    struct web *web = calloc(1, sizeof *web);
    if (!web) return error_plain(error, "web.memory");
    web->socket = -1;
    web->site.programme = programme;
    web->site.options = *options;
    web->site.cache = cache_create(CACHE_BYTES);
    web->site.trees = trees_create();
    web->site.forms = forms_create();
    web->site.guesses = guesses_create();
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long threads = options->threads > 0 ? options->threads : processors > 0 ? processors : 1;
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    bool done = web->site.cache && web->site.trees && web->site.forms && web->site.guesses &&
                        sodium_init() >= 0
                    ? programme_key(programme, "web", web->site.key, error) &&
                          collect_keys_read(programme, &web->site.collect, error)
                    : error_plain(error, "web.memory");
    if (done) web->socket = listen_at(options, port, error);
    if (done && web->socket >= 0 && delay_start(resume, &web->site.delay, error) &&
        start_lanes(web, (unsigned)threads, error) && start_daemon(web, (unsigned)threads, error) &&
        clock_start(programme, &web->clock, error)) {
        *out = web;
        return true;
    }
    web_stop(web);
    return false;
}

void web_stop(struct web *web) {
    if (!web) return;
    atomic_store(&web->site.stopping, true);
    if (web->daemon) MHD_quiesce_daemon(web->daemon);
    for (int i = 0; i < STOP_SECONDS * 100 && atomic_load(&web->running); i++)
        nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000000 }, NULL);
    clock_stop(web->clock);
    /* After the lanes no connection is suspended any more, which is what the library asks for. */
    lane_stop(web->quick);
    lane_stop(web->slow);
    lane_stop(web->saves);
    delay_stop(web->site.delay);
    if (web->daemon) MHD_stop_daemon(web->daemon);
    if (web->socket >= 0) close(web->socket);
    cache_destroy(web->site.cache);
    forms_destroy(web->site.forms);
    guesses_destroy(web->site.guesses);
    trees_destroy(web->site.trees);
    sodium_memzero(&web->site.key, sizeof web->site.key);
    sodium_memzero(&web->site.collect, sizeof web->site.collect);
    free(web);
}

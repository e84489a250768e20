#include "web/route.h"

#include "base/log.h"
#include "base/text.h"
#include "web/page.h"
#include "web/site.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

const struct route routes[] = {
    { METHOD_GET, "/", ANYBODY, QUICK, page_front },
    { METHOD_GET, "/login", ANYBODY, QUICK, page_login },
    { METHOD_POST, "/login", ANYBODY, SLOW, page_login_post },
    { METHOD_POST, "/logout", SIGNED_IN, QUICK, page_logout_post },
    { METHOD_POST, "/language", ANYBODY, QUICK, page_language_post },
    { METHOD_GET, "/unit/{id}", SEES_UNIT, QUICK, page_unit },
    { METHOD_GET, "/unit/{id}/profile.pdf", SEES_UNIT, SLOW, page_unit_pdf },
    { METHOD_GET, "/unit/{id}/profile.json", SEES_UNIT, QUICK, page_unit_json },
    { METHOD_GET, "/unit/{id}/response", SEES_UNIT, QUICK, page_response },
    { METHOD_GET, "/unit/{id}/lesson", SEES_UNIT, QUICK, page_lesson },
    { METHOD_GET, "/unit/{id}/lesson.pdf", SEES_UNIT, SLOW, page_lesson_pdf },
    { METHOD_GET, "/unit/{id}/lesson/show", SEES_UNIT, QUICK, page_lesson_show },
    { METHOD_POST, "/unit/{id}/lesson/code", SEES_UNIT, QUICK, page_lesson_code_post },
    { METHOD_GET, "/recordings", SIGNED_IN, QUICK, page_recordings },
    { METHOD_POST, "/recordings", SIGNED_IN, UPLOAD, page_recordings_post },
    { METHOD_GET, "/help/points", ANYBODY, QUICK, page_points },
    { METHOD_GET, "/a", ANYBODY, QUICK, page_code },
    { METHOD_POST, "/a", ANYBODY, QUICK, page_code_post },
    { METHOD_GET, "/a/form", ANYBODY, QUICK, page_form },
    { METHOD_POST, "/a/take", GRANTED, QUICK, page_take_post },
    { METHOD_POST, "/a/save", GRANTED, SAVES, NULL },
    { METHOD_GET, "/a/sound/{file}", ANYBODY, QUICK, page_sound },
    { METHOD_GET, "/a/worker.js", ANYBODY, AT_ONCE, page_worker },
    { METHOD_GET, "/forms", ANYBODY, QUICK, page_forms },
    { METHOD_GET, "/forms/{id}", ANYBODY, QUICK, page_form_preview },
    { METHOD_GET, "/static/{file}", ANYBODY, AT_ONCE, page_static },
    { METHOD_GET, "/health", ANYBODY, AT_ONCE, page_health },
    { METHOD_GET, "/ready", ANYBODY, QUICK, page_ready },
    { .pattern = NULL },
};

static bool not_found(struct request *request, struct error *error) {
    (void)error;
    return page_error(request, 404, NULL);
}
static bool not_allowed(struct request *request, struct error *error) {
    (void)error;
    reply_header(request, "Allow", "GET, HEAD, POST");
    return page_error(request, 405, NULL);
}
static const struct route nowhere = { METHOD_GET, "(none)", ANYBODY, QUICK, not_found };
static const struct route wrong_method = { METHOD_GET, "(method)", ANYBODY, QUICK, not_allowed };

/* Holds a path against a pattern; {id} takes a positive whole number, {file} a name without slashes. */
static bool match(const char *pattern, const char *path, int64_t *id, const char **rest) {
    for (; *pattern && *pattern != '{'; pattern++, path++)
        if (*pattern != *path) return false;
    if (*pattern == '\0') return *path == '\0';
    size_t n = strcspn(path, "/");
    if (strncmp(pattern, "{file}", 6) == 0) {
        *rest = path;
        return n > 0 && path[n] == '\0';
    }
    char digits[24];
    long long number;
    if (n == 0 || n >= sizeof digits || path[0] == '0') return false;
    memcpy(digits, path, n);
    digits[n] = '\0';
    if (!text_to_int(digits, 1, INT64_MAX, &number)) return false;
    *id = number;
    return match(pattern + strlen("{id}"), path + n, id, rest);
}

void route_find(struct request *request) {
    request->route = &nowhere;
    for (const struct route *route = routes; route->pattern; route++) {
        if (!match(route->pattern, request->path, &request->id, &request->rest)) continue;
        if (route->method == request->method) {
            request->route = route;
            return;
        }
        request->route = &wrong_method;
    }
}

/* The language: as chosen here, else the account's, else the first known one that the browser asks
 * for; Danish otherwise. */
static const struct language *choose_language(const struct request *request) {
    if (request->cookie_language) return language_get(request->cookie_language);
    if (request->signed_in && request->session.account.language[0])
        return language_get(request->session.account.language);
    for (const char *at = request->accept_language; at && *at;) {
        char tag[3] = { 0 };
        at += strspn(at, " ,");
        if (strcspn(at, " ,;-") == 2) memcpy(tag, at, 2);
        for (size_t i = 0; tag[0] && i < language_count(); i++)
            if (strcmp(language_tag(language_at(i)), tag) == 0) return language_at(i);
        at += strcspn(at, ",");
    }
    return language_get(NULL);
}

/* The token that this browser's forms carry: the session's secret, or for visitors a MAC over a cookie
 * of theirs, so that nothing has to be stored for them. */
static void make_csrf(struct request *request) {
    unsigned char visit[TOKEN_BYTES], token[TOKEN_BYTES];
    if (request->signed_in) {
        token_to_hex(request->session.csrf, request->csrf);
        return;
    }
    if (!token_from_hex(request->cookie_visit, visit)) {
        char hex[TOKEN_HEX_MAX];
        randombytes_buf(visit, sizeof visit);
        token_to_hex(visit, hex);
        reply_cookie(request, "laerke_visit", hex, 0);
    }
    _Static_assert((int)crypto_auth_BYTES == (int)TOKEN_BYTES, "a MAC is as long as a token");
    crypto_auth(token, visit, sizeof visit, request->site->key);
    token_to_hex(token, request->csrf);
}

static bool csrf_fits(const struct request *request) {
    const char *given = field_value(&request->form, "csrf");
    return given && strlen(given) == TOKEN_HEX_MAX - 1 &&
           sodium_memcmp(given, request->csrf, TOKEN_HEX_MAX - 1) == 0;
}

/* "/login?next=…": back to here after the login. Only paths that a route matched, so nothing needs
 * escaping but the query's own marks. */
static bool to_login(struct request *request) {
    struct text to = text_new(request->arena, 512);
    text_addf(&to, "/login?next=%s", request->path);
    int wave = request_wave(request);
    if (wave > 0) text_addf(&to, "%%3Fwave%%3D%d", wave);
    reply_redirect(request, text_ok(&to) ? text_string(&to) : "/login");
    return true;
}

/* Finds the session, the language, the form and the unit. False: an error page of the server's. */
static bool prepare(struct request *request, struct error *error) {
    unsigned char token[TOKEN_BYTES];
    if (token_from_hex(request->cookie_session, token)) {
        request->signed_in = session_get(request->programme, token, &request->session, error);
        if (!request->signed_in && error->id[0]) return false;
    }
    request->language = choose_language(request);
    make_csrf(request);
    request->unit = -1;
    request->tree =
        tree_get(request->site->trees, request->programme->study, request->arena, error);
    if (!request->tree) return false;
    if (request->id) request->unit = units_by_id(&request->tree->units, request->id);
    return true;
}

/* What the row of the route asks for. True: the handler may run; else the reply is made. */
static bool may_pass(struct request *request) {
    const struct route *route = request->route;
    if (request->method == METHOD_POST && route->method == METHOD_POST && route->who != GRANTED &&
        !csrf_fits(request)) {
        page_error(request, 403,
                   N_("The form was too old, or came from another site. Go back, load the page "
                      "again, and try once more."));
        return false;
    }
    if (route->who == ANYBODY || route->who == GRANTED) return true;
    if (!request->signed_in) {
        if (route->method == METHOD_GET)
            to_login(request);
        else
            page_error(request, 403, NULL);
        return false;
    }
    if (route->who == SIGNED_IN) return true;
    if (request->unit < 0) {
        page_error(request, 404, NULL);
        return false;
    }
    request->sight =
        access_sight(&request->session.account, &request->tree->units, request->unit);
    if (request->sight == SIGHT_NONE) page_error(request, 403, NULL);
    return request->sight != SIGHT_NONE;
}

void route_answer(struct request *request) {
    struct error error = { 0 };
    bool done = request->route->speed == AT_ONCE
                    ? request->route->handler(request, &error)
                    : prepare(request, &error) &&
                          (!may_pass(request) || request->route->handler(request, &error));
    if (done) return;
    /* The page names no internals; the log has the error's id. */
    log_event(LOG_ERROR, "web.failed", ARG_TEXT("route", request->route->pattern),
              ARG_TEXT("error", error.id));
    request->store_failed = strncmp(error.id, "store.", 6) == 0;
    request->reply.n_headers = 0;
    page_error_plain(request, request->store_failed ? 503 : 500);
}

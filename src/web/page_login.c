/* /login, /logout and /language: what a visitor may change. */
#include "base/arena.h"
#include "base/text.h"
#include "store/programme.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <sodium.h>
#include <string.h>

enum { LANGUAGE_SECONDS = 365 * 24 * 3600 };

struct login_form_view login_form(const struct request *request, const char *next,
                                  const char *login, const char *problem) {
    return (struct login_form_view){
        .csrf = request->csrf, .next = local_path(next), .login = login, .problem = problem
    };
}

static bool send_login(struct request *request, int status, const char *next, const char *login,
                       const char *problem, struct error *error) {
    struct login_form_view form = login_form(request, next, login, problem);
    struct login_view view = { .form = &form };
    struct text main = text_new(request->arena, 64 * KIB);
    request->narrow = true;
    render_login(&main, request->language, &view);
    return page_send(request, status, i18n_text(request->language, N_("Log in")), &main, error);
}

bool page_login(struct request *request, struct error *error) {
    const char *next = field_value(&request->query, "next");
    if (request->signed_in) {
        reply_redirect(request, local_path(next));
        return true;
    }
    return send_login(request, 200, next, "", NULL, error);
}

/* A new session, whatever token the browser came with; one that it had ends. */
static bool begin_session(struct request *request, struct session *session, const char *next,
                          struct error *error) {
    char hex[TOKEN_HEX_MAX];
    if (request->signed_in && !session_end(request->programme, request->session.token, error))
        return false;
    token_to_hex(session->token, hex);
    reply_redirect(request, local_path(next));
    reply_cookie(request, "laerke_session", hex, 0);
    reply_cookie(request, "laerke_visit", "", -1);
    sodium_memzero(hex, sizeof hex);
    return true;
}

bool page_login_post(struct request *request, struct error *error) {
    const char *login = field_value(&request->form, "login"),
               *password = field_value(&request->form, "password"),
               *next = arena_copy(request->arena, local_path(field_value(&request->form, "next")));
    struct session session = { 0 };
    bool begun = session_begin(request->programme, login ? login : "", password ? password : "",
                               &session, error);
    if (begun) begun = begin_session(request, &session, next, error);
    /* The form with its password: not left in memory until something else happens to lie there. */
    sodium_memzero(request->body, request->body_length);
    sodium_memzero(session.token, sizeof session.token);
    if (begun) return true;
    bool wrong = error_is(error, "access.wrong_login"), slow = error_is(error, "access.slow_down");
    if (!wrong && !slow) return false;
    struct text problem = text_new(request->arena, 1024);
    i18n_error(request->language, &problem, error);
    if (slow) reply_header(request, "Retry-After", error_value(error, "seconds"));
    return send_login(request, slow ? 429 : 403, next, "", text_string(&problem), error);
}

bool page_logout_post(struct request *request, struct error *error) {
    if (!session_end(request->programme, request->session.token, error)) return false;
    reply_redirect(request, "/");
    reply_cookie(request, "laerke_session", "", -1);
    /* Also what the browser keeps of pages: the next person at it must not go back to them. */
    reply_header(request, "Clear-Site-Data", "\"cache\"");
    return true;
}

bool page_language_post(struct request *request, struct error *error) {
    const char *tag = field_value(&request->form, "language");
    (void)error;
    reply_redirect(request, local_path(field_value(&request->form, "next")));
    for (size_t i = 0; tag && i < language_count(); i++)
        if (strcmp(language_tag(language_at(i)), tag) == 0)
            reply_cookie(request, "laerke_language", language_tag(language_at(i)), LANGUAGE_SECONDS);
    return true;
}

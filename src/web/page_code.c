/* /a: a code is typed, or comes from a QR in the address's fragment (which no server and no log sees). */
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "collect/give.h"
#include "collect/opening.h"
#include "store/programme.h"
#include "web/answering.h"
#include "web/guesses.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { COOKIE_SECONDS = 12 * 3600, KIOSK_SECONDS = 30 * 24 * 3600 };
#define PAGE_MAX (64 * KIB)

/* Languages that some questionnaire is in; the frame of the page is in them too. */
static const char *const tags[] = { "da", "en", "ar", "tr" };
static const char *const names[] = { "Dansk", "English", "العربية", "Türkçe" };
enum { TAGS = sizeof tags / sizeof *tags };

const char *answering_language_name(const char *tag) {
    for (size_t i = 0; i < TAGS; i++)
        if (strcmp(tags[i], tag) == 0) return names[i];
    return tag;
}

struct form_languages_view *answering_languages(struct request *request, const char *path,
                                                const char *const *offered, size_t n_offered,
                                                const char *current) {
    struct form_languages_view *view = arena_alloc(request->arena, sizeof *view);
    struct form_languages_language *rows = arena_array(request->arena, TAGS, sizeof *rows);
    if (!view || !rows) return NULL;
    view->languages = rows;
    for (size_t i = 0; i < TAGS; i++) {
        bool there = offered == NULL;
        for (size_t k = 0; k < n_offered; k++) there = there || strcmp(offered[k], tags[i]) == 0;
        if (!there) continue;
        struct text href = text_new(request->arena, 64);
        text_addf(&href, "%s?lang=%s", path, tags[i]);
        rows[view->n_languages++] = (struct form_languages_language){
            .tag = tags[i], .name = names[i], .href = text_string(&href),
            .current = strcmp(tags[i], current) == 0 };
    }
    if (view->n_languages < 2) view->n_languages = 0; /* nothing to choose */
    return view;
}

const struct language *answering_language(const struct request *request) {
    const char *given = field_value(&request->query, "lang");
    if (!given) given = field_value(&request->form, "lang");
    if (!given) given = request->cookie_answer_language;
    const struct language *language = language_of_forms(given);
    return language ? language : request->language;
}

static bool send_code(struct request *request, int status, const char *problem) {
    const struct language *language = answering_language(request);
    struct form_code_view view = {
        .lang = language_tag(language), .dir = language_right_to_left(language) ? "rtl" : "ltr",
        .style = static_href("form.css"), .script = static_href("code.js"),
        .icon = static_href("lark.svg"), .csrf = request->csrf, .problem = problem,
        .programme = request->programme->settings.name,
        .ask_school = guesses_many(request->site->guesses), .kiosk = request->kiosk != 0
    };
    if (!request->kiosk) view.languages = answering_languages(request, "/a", NULL, 0, view.lang);
    struct text page = text_new(request->arena, PAGE_MAX);
    render_form_code(&page, language, &view);
    return answering_send(request, status, &page);
}

/* "?kiosk=1" makes a tablet one that a class shares, "?kiosk=0" gives it back. Such a tablet forgets at this
 * page whose form it had open last. */
static void keep_kiosk(struct request *request) {
    const char *wanted = field_value(&request->query, "kiosk");
    char number[24];
    if (wanted && strcmp(wanted, "0") == 0) {
        request->kiosk = 0;
        reply_cookie(request, "laerke_kiosk", "", -1);
    } else if (wanted) {
        while (request->kiosk <= 0) {
            randombytes_buf(&request->kiosk, sizeof request->kiosk);
            request->kiosk &= INT64_MAX;
        }
        snprintf(number, sizeof number, "%lld", (long long)request->kiosk);
        reply_cookie(request, "laerke_kiosk", number, KIOSK_SECONDS);
    }
    if (request->kiosk && request->cookie_answer) reply_cookie(request, "laerke_answer", "", -1);
}

bool page_code(struct request *request, struct error *error) {
    (void)error;
    keep_kiosk(request);
    return send_code(request, 200, NULL);
}

/* Where too many have guessed, a code alone is not enough: the school's name has to be its own. */
static bool school_fits(struct request *request, int64_t assignment, bool *fits,
                        struct error *error) {
    const char *typed = field_value(&request->form, "school");
    struct statement *s;
    *fits = false;
    if (!typed || !*typed) return true;
    if (!store_prepare(request->programme->study, &s,
                       "SELECT u.name, p.name FROM assignment a JOIN unit u ON u.id = a.unit "
                       "LEFT JOIN unit p ON p.id = u.parent WHERE a.id = ?1", error))
        return false;
    bind_int(s, 1, assignment);
    if (statement_step(s, error))
        for (int i = 0; i < 2; i++) {
            const char *name = column_text(s, i);
            *fits = *fits || (name && strcasecmp(typed, name) == 0);
        }
    return statement_end(s, error);
}

/* A wrong code: the reply waits the longer, the more often this browser guessed; and the operator
 * hears of it when all of them together guess often. A right code is never made to wait. */
static bool refuse(struct request *request, const char *problem) {
    bool alarm;
    request->delay = guesses_add(request->site->guesses, request->cookie_visit, &alarm);
    if (alarm) log_event(LOG_WARN, "web.guessing", ARG_INT("window", GUESS_WINDOW));
    return send_code(request, 403, i18n_text(answering_language(request), problem));
}

bool page_code_post(struct request *request, struct error *error) {
    const char *typed = field_value(&request->form, "code");
    char code[CODE_TEXT];
    struct code_owner owner;
    bool fits = true;
    /* A slip of the finger is no guess: the check character tells it without asking anybody. */
    if (!typed || !code_read(typed, code))
        return send_code(request, 403,
                         i18n_text(answering_language(request),
                                   N_("The code is not quite right. Look at it once more: a letter or "
                                      "a digit is missing, or another one.")));
    bool found = code_find(request->programme->study, &request->site->collect, code, &owner, error);
    if (!found && error->id[0]) return false;
    if (found && guesses_many(request->site->guesses) &&
        !school_fits(request, owner.assignment, &fits, error))
        return false;
    if (!found || !fits)
        return refuse(request, fits ? N_("There is no such code. Look at it once more.")
                                    : N_("The code and the school do not belong together. Look at both once more."));
    if (!owner.current)
        return send_code(request, 403,
                         i18n_text(answering_language(request),
                                   N_("This code has been replaced by a new one. Ask whoever gave it to you.")));
    return answering_begin(request, owner.assignment, error);
}

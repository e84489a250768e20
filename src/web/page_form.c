/* /a/form: the questionnaire of who has a grant. /a/take: going on with it in another browser. */
#include "base/arena.h"
#include "base/text.h"
#include "collect/opening.h"
#include "store/programme.h"
#include "templates.h"
#include "web/answering.h"
#include "web/form_view.h"
#include "web/forms.h"
#include "web/page.h"
#include "web/site.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { COOKIE_SECONDS = 12 * 3600, DATE_ROOM = 11 };
#define PAGE_MAX (1 * MIB)

static void today(char out[DATE_ROOM]) {
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(out, DATE_ROOM, "%Y-%m-%d", &local);
}

/* A language that was chosen stays chosen for as long as the grant. */
bool answering_send(struct request *request, int status, const struct text *page) {
    if (!text_ok(page)) return false;
    request->reply.scripted = true;
    if (language_of_forms(field_value(&request->query, "lang")))
        reply_cookie(request, "laerke_answer_language", language_tag(answering_language(request)),
                     COOKIE_SECONDS);
    reply_body(request, status, "text/html; charset=utf-8", text_string(page),
               strlen(text_string(page)));
    return true;
}

bool answering_message(struct request *request, int status, const char *title, const char *message,
                       const char *grant) {
    const struct language *language = answering_language(request);
    struct form_elsewhere_view view = { .lang = language_tag(language),
                                        .dir = language_right_to_left(language) ? "rtl" : "ltr",
                                        .style = static_href("form.css"),
                                        .icon = static_href("lark.svg"),
                                        .title = i18n_text(language, title),
                                        .message = i18n_text(language, message),
                                        .grant = grant,
                                        .kiosk = request->kiosk != 0 };
    struct text page = text_new(request->arena, 32 * KIB);
    render_form_elsewhere(&page, language, &view);
    return answering_send(request, status, &page);
}

/* The browser's own grant, if it has one. */
static bool own_grant(const struct request *request, struct grant *out) {
    return grant_read(&request->site->collect, request->cookie_answer, out) &&
           out->expires > (int64_t)time(NULL);
}

static void give_grant(struct request *request, const struct grant *grant, char text[GRANT_TEXT]) {
    grant_write(&request->site->collect, grant, text);
    reply_cookie(request, "laerke_answer", text, COOKIE_SECONDS);
}

static void to_form(struct request *request, const struct grant *grant) {
    char text[GRANT_TEXT];
    struct text path = text_new(request->arena, 64);
    text_addf(&path, "/a/form?lang=%s", language_tag(answering_language(request)));
    reply_redirect(request, text_string(&path));
    give_grant(request, grant, text);
}

bool answering_begin(struct request *request, int64_t assignment, struct error *error) {
    struct grant before;
    struct opening opening;
    char date[DATE_ROOM];
    today(date);
    /* A shared tablet is one device to all who use it, though it keeps nobody's grant. */
    int64_t device = request->kiosk                ? request->kiosk
                     : own_grant(request, &before) ? before.device
                                                   : 0;
    if (!form_open(request->programme, assignment, device, date, request->arena, &opening, error))
        return false;
    if (opening.n == 0) return error_plain(error, "code.unknown");
    to_form(request, &opening.forms[0].grant);
    return true;
}

static const char *shared_name(struct request *request, const struct opening_form *form) {
    struct text key = text_new(request->arena, 64);
    text_addf(&key, "%lld.%d", (long long)form->grant.assignment, (int)form->grant.generation);
    return text_string(&key);
}

/* "0 1 4": the pages that have been saved, whole or only begun. */
static const char *page_numbers(struct request *request, const struct opening_form *form,
                                bool whole) {
    struct text list = text_new(request->arena, PAGES_A_FORM * 4);
    for (size_t i = 0; form && i < form->pages_kept; i++)
        if (form->pages[i].whole == whole)
            text_addf(&list, "%s%d", *text_string(&list) ? " " : "", form->pages[i].number);
    return text_string(&list);
}

/* Every code that the server has of a form, in the order of the items; NULL: none, or no memory. */
static const uint8_t *known_answers(struct request *request, const struct instrument *instrument,
                                    const struct opening_form *form) {
    uint8_t *answers = form && form->pages_kept ? arena_alloc(request->arena, instrument->n_items)
                                                : NULL;
    if (!answers) return NULL;
    memset(answers, ANSWER_NOT_SEEN, instrument->n_items);
    for (size_t p = 0; p < form->pages_kept; p++) {
        const struct opening_page *kept = &form->pages[p];
        if ((size_t)kept->number >= instrument->n_pages || !kept->codes) continue;
        const struct page *page = &instrument->pages[kept->number];
        for (size_t i = 0; i < page->n_items && i < kept->n_codes; i++)
            answers[page->items[i]] = kept->codes[i];
    }
    return answers;
}

bool answering_form(struct request *request, const struct instrument *instrument,
                    const struct opening_form *form, const char *path, struct error *error) {
    struct reader reader = { .instrument = instrument,
                             .name = form ? form->name : "",
                             .grant = form ? &form->grant : NULL,
                             .answers = known_answers(request, instrument, form) };
    char grant[GRANT_TEXT] = "";
    struct offered offered = { instrument->n_languages,
                               instrument->languages }; /* a preview: all */
    if (form && !languages_offered(request->programme->study, form->grant.instrument, instrument,
                                   request->arena, &offered, error))
        return false;
    reader.tag = form_tag(&offered, language_tag(answering_language(request)));
    reader.language = language_of_forms(reader.tag);
    if (!reader.language) reader.language = request->language;
    if (!recordings_read(request->programme->study, reader.tag, request->arena, &reader.recordings,
                         error))
        return false;
    if (form) grant_write(&request->site->collect, &form->grant, grant);
    struct form_view view = { .lang = reader.tag,
                              .dir = language_right_to_left(reader.language) ? "rtl" : "ltr",
                              .style = static_href("form.css"),
                              .script = static_href("form.js"),
                              .icon = static_href("lark.svg"),
                              .title = form_text(&reader, instrument->title, request->arena),
                              .about = form ? form->name : "",
                              .notice = form_text(&reader, instrument->notice, request->arena),
                              .thanks = form_text(&reader, instrument->thanks, request->arena),
                              .grant = grant,
                              .key = form ? shared_name(request, form) : "",
                              .page_of = i18n_text(reader.language, N_("Page {n} of {all}")),
                              .whole = page_numbers(request, form, true),
                              .part = page_numbers(request, form, false),
                              .revision = form ? form->revision : 0,
                              .class_teacher = form &&
                                               instrument->respondent == RESPONDENT_CLASS_TEACHER,
                              .single = instrument->layout == LAYOUT_SINGLE,
                              .preview = form == NULL,
                              .kiosk = form && request->kiosk };
    if (!view.kiosk)
        view.languages = answering_languages(request, path, offered.tags, offered.n, reader.tag);
    view.pages = form_pages(&reader, request->arena, &view.n_pages);
    struct text page = text_new(request->arena, PAGE_MAX);
    render_form(&page, reader.language, &view);
    return answering_send(request, 200, &page) || error_plain(error, "web.memory");
}

/* Why there is nothing to answer. */
static bool send_state(struct request *request, const struct opening_form *form) {
    char grant[GRANT_TEXT];
    switch (form->state) {
    case SAVE_DONE:
        return answering_message(request, 200, N_("Thank you"),
                                 N_("These answers have been sent already."), "");
    case SAVE_WITHDRAWN:
        return answering_message(request, 200, N_("You do not take part"),
                                 N_("Nothing that you answered is kept."), "");
    case SAVE_ELSEWHERE:
        grant_write(&request->site->collect, &form->grant, grant);
        return answering_message(
            request, 200, N_("Begun on another device"),
            N_("These questions have been begun on another device or in another "
               "browser. You can go on here; then they cannot be answered there "
               "any more."),
            arena_copy(request->arena, grant));
    default:
        return answering_message(
            request, 200, N_("Not open"),
            form->state == SAVE_CLOSED
                ? N_("The time for answering is over.")
                : N_("The questions cannot be answered today. The dates stand in your letter."),
            "");
    }
}

/* A class teacher says about whom ("?about="); everybody else has one form. */
static const struct opening_form *choose(const struct request *request,
                                         const struct opening *opening, const struct grant *grant) {
    const char *about = field_value(&request->query, "about");
    long long assignment = grant->assignment;
    if (opening->respondent == RESPONDENT_CLASS_TEACHER &&
        !(about && text_to_int(about, 1, INT64_MAX, &assignment)))
        return NULL;
    for (size_t i = 0; i < opening->n; i++)
        if (opening->forms[i].grant.assignment == assignment) return &opening->forms[i];
    return NULL;
}

bool page_form(struct request *request, struct error *error) {
    struct grant grant;
    struct opening opening;
    char date[DATE_ROOM];
    today(date);
    if (!own_grant(request, &grant)) {
        reply_redirect(request, "/a");
        return true;
    }
    if (!form_open(request->programme, grant.assignment, grant.device, date, request->arena,
                   &opening, error))
        return false;
    const struct opening_form *form = choose(request, &opening, &grant);
    if (opening.n == 0 || opening.forms[0].grant.generation != grant.generation) {
        reply_redirect(request, "/a");
        return true;
    }
    const struct instrument *instrument =
        form_get(request->site->forms, request->programme->study, opening.instrument, error);
    if (!instrument) return false;
    bool class = opening.respondent == RESPONDENT_CLASS_TEACHER;
    if (class && opening.open && (!form || form->state == SAVE_DONE))
        return answering_class(request, instrument, &opening, error);
    if (!form) form = &opening.forms[0];
    if (form->state != SAVE_KEPT || !opening.open) return send_state(request, form);
    return answering_form(request, instrument, form, "/a/form", error);
}

/* Every form behind the code that another browser has: a class teacher's pupils. */
static bool take_all(struct request *request, const struct grant *grant, struct error *error) {
    struct opening opening;
    char date[DATE_ROOM];
    today(date);
    if (!form_open(request->programme, grant->assignment, grant->device, date, request->arena,
                   &opening, error))
        return false;
    for (size_t i = 0; i < opening.n; i++)
        if (opening.forms[i].state == SAVE_ELSEWHERE &&
            !assignment_take(request->programme->study, &opening.forms[i].grant, error))
            return false;
    return true;
}

bool page_take_post(struct request *request, struct error *error) {
    struct grant grant;
    if (!grant_read(&request->site->collect, field_value(&request->form, "grant"), &grant) ||
        grant.expires <= (int64_t)time(NULL)) {
        reply_redirect(request, "/a");
        return true;
    }
    if (!(field_value(&request->form, "all")
              ? take_all(request, &grant, error)
              : assignment_take(request->programme->study, &grant, error)))
        return false;
    to_form(request, &grant);
    return true;
}

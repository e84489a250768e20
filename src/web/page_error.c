/* What surrounds every page, and the pages that say what went wrong and what to do. */
#include "base/arena.h"
#include "base/text.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <string.h>

enum { PATH_MAX_STEPS = 8, LANGUAGES_SHOWN = 8 };
#define PAGE_MAX (8 * MIB)

/* From the programme to the unit of the page; links where the account may go. */
static size_t make_path(const struct request *request, struct layout_step steps[PATH_MAX_STEPS]) {
    const struct units *units = request->tree ? &request->tree->units : NULL;
    long chain[PATH_MAX_STEPS];
    size_t n = 0;
    /* Of a unit that the account may not see, not even its place is shown. */
    if (!units || request->sight == SIGHT_NONE) return 0;
    for (long at = request->unit; at >= 0 && n < PATH_MAX_STEPS; at = units->unit[at].parent)
        chain[n++] = at;
    for (size_t i = 0; i < n; i++) {
        long at = chain[n - 1 - i];
        bool seen = access_sight(&request->session.account, units, at) != SIGHT_NONE;
        struct text href = text_new(request->arena, 64);
        if (seen) text_addf(&href, "/unit/%lld", (long long)units->unit[at].id);
        steps[i] = (struct layout_step){ .name = units->unit[at].name,
                                         .href = text_string(&href),
                                         .current = at == request->unit };
    }
    return n;
}

static size_t make_languages(const struct request *request,
                             struct layout_language languages[LANGUAGES_SHOWN]) {
    size_t n = 0;
    for (size_t i = 0; i < language_count() && n < LANGUAGES_SHOWN; i++) {
        const struct language *language = language_at(i);
        /* Its own name, in itself: who cannot read this page can read that. */
        languages[n++] = (struct layout_language){ .tag = language_tag(language),
                                                   .name = i18n_context(language, "own name", "English"),
                                                   .current = language == request->language };
    }
    return n;
}

/* Where a change of language leads back to: here, or to the front page from the reply to a form. */
static const char *here(const struct request *request) {
    struct text text = text_new(request->arena, 256);
    int wave = request_wave(request);
    if (request->method != METHOD_GET) return "/";
    text_add(&text, request->path);
    if (wave > 0) text_addf(&text, "?wave=%d", wave);
    return local_path(text_string(&text));
}

bool page_send(struct request *request, int status, const char *title, const struct text *main,
               struct error *error) {
    struct layout_step steps[PATH_MAX_STEPS];
    struct layout_language languages[LANGUAGES_SHOWN];
    struct layout_view view = {
        .lang = language_tag(request->language),
        .title = title,
        .style = static_href("style.css"),
        .icon = static_href("lark.svg"),
        .path = steps,
        .n_path = make_path(request, steps),
        .account = request->signed_in ? request->session.account.name : NULL,
        .csrf = request->csrf,
        .here = here(request),
        .languages = languages,
        .n_languages = make_languages(request, languages),
        .narrow = request->narrow,
        .main = text_string(main),
    };
    struct text page = text_new(request->arena, PAGE_MAX);
    render_layout(&page, request->language, &view);
    if (!text_ok(main) || !text_ok(&page)) return error_plain(error, "web.memory");
    reply_body(request, status, "text/html; charset=utf-8", text_string(&page), page.length);
    return true;
}

static const struct {
    int status;
    const char *title, *message;
} problems[] = {
    { 400, N_("That could not be understood"),
      N_("Your browser sent something that Lærke does not understand. Go to the front page and try "
         "again.") },
    { 403, N_("You may not see this"),
      N_("Your account has no access to this page. If it should, ask whoever looks after "
         "Lærke at your school or municipality.") },
    { 404, N_("There is no such page"),
      N_("The address may be mistyped or old. Go to the front page and find your way from there.") },
    { 405, N_("That is not possible here"),
      N_("This address is for something else. Go to the front page and find your way from there.") },
    { 413, N_("That was too much"),
      N_("The form held more than Lærke takes. Go back and try again with less.") },
    { 500, N_("Something went wrong"),
      N_("The fault is ours, not yours, and it is in the server’s log. Try again in a while.") },
    { 503, N_("Lærke is busy"),
      N_("Too many came at once, or the database does not answer. Try again in a minute.") },
};

static size_t problem_of(int status) {
    size_t i = 0;
    while (i + 1 < sizeof problems / sizeof *problems && problems[i].status != status) i++;
    return i;
}

bool page_error(struct request *request, int status, const char *message) {
    struct error ignored = { 0 };
    size_t problem = problem_of(status);
    const struct language *language = request->language;
    struct error_view view = {
        .status = status,
        .title = i18n_text(language, problems[problem].title),
        .message = i18n_text(language, message ? message : problems[problem].message),
        .href = "/",
        .link = i18n_text(language, request->signed_in ? N_("To your profiles") : N_("To the front page")),
    };
    request->narrow = true;
    struct text main = text_new(request->arena, PAGE_MAX);
    render_error(&main, language, &view);
    if (!page_send(request, status, view.title, &main, &ignored)) page_error_plain(request, 500);
    return true;
}

void page_error_plain(struct request *request, int status) {
    /* Both languages: there may be none chosen yet, nor memory to translate. */
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        { 400, "400: Det kunne ikke forstås. Gå til forsiden, og prøv igen.\n"
               "That could not be understood. Go to the front page and try again.\n" },
        { 413, "413: Det var for meget. Gå tilbage, og prøv igen med mindre.\n"
               "That was too much. Go back and try again with less.\n" },
        { 503, "503: Lærke har travlt. Prøv igen om et minut.\n"
               "Lærke is busy. Try again in a minute.\n" },
        { 500, "500: Noget gik galt hos os. Prøv igen om lidt.\n"
               "Something went wrong on our side. Try again in a while.\n" },
    };
    size_t i = 0;
    while (i + 1 < sizeof texts / sizeof *texts && texts[i].status != status) i++;
    if (status == 503) reply_header(request, "Retry-After", "30");
    reply_text(request, status, texts[i].text);
}

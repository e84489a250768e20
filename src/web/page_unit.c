/* /unit/{id}: a unit's quality profile as a page, as a PDF and as JSON. */
#include "base/arena.h"
#include "base/markup.h"
#include "base/text.h"
#include "document/document.h"
#include "paint/paint.h"
#include "profile/profile.h"
#include "publish/frozen.h"
#include "web/cache.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <stdio.h>
#include <string.h>

enum { WAVES_SHOWN = 12 };
#define PAGE_MAX (8 * MIB)

/* What an account sees of a unit's results: the one place where anything is left out, before page, PDF
 * or JSON is made. A single class's scales about teaching belong to its team. */
static void keep_sight(struct frozen *frozen, enum sight sight) {
    size_t kept = 0;
    if (sight == SIGHT_ALL) return;
    for (size_t i = 0; i < frozen->n_scales; i++)
        if (!frozen->scales[i].teaching) frozen->scales[kept++] = frozen->scales[i];
    frozen->n_scales = kept;
}

static bool sees(const struct request *request, int64_t unit) {
    const struct units *units = &request->tree->units;
    return access_sight(&request->session.account, units, units_by_id(units, unit)) != SIGHT_NONE;
}

/* Links go only to units below that this account may open. */
static void keep_children(struct frozen *frozen, const struct request *request) {
    size_t kept = 0;
    for (size_t i = 0; i < frozen->n_children; i++)
        if (sees(request, frozen->children[i].id)) frozen->children[kept++] = frozen->children[i];
    frozen->n_children = kept;
}

/* The units below that this account may open, as one number of a painted page's key. */
static uint64_t children_seen(const struct request *request) {
    const struct units *units = &request->tree->units;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < units->n; i++) {
        if (units->unit[i].parent != request->unit) continue;
        if (access_sight(&request->session.account, units, (long)i) != SIGHT_NONE)
            hash = (hash ^ (uint64_t)units->unit[i].id) * 1099511628211u;
    }
    return hash;
}

/* Everything that the content of a page or a PDF depends on. */
static bool content_key(const struct request *request, const char *kind, int wave,
                        char key[CACHE_KEY_MAX], struct error *error) {
    int64_t publication;
    int found;
    if (!frozen_newest(request->programme->study, wave, &publication, &found, error)) return false;
    snprintf(key, CACHE_KEY_MAX, "%s %lld %lld %s %d %016llx", kind, (long long)publication,
             (long long)request->id, language_tag(request->language), (int)request->sight,
             (unsigned long long)children_seen(request));
    return true;
}

bool profile_read(struct request *request, int64_t unit, enum sight sight, int wave,
                  struct frozen **out, struct error *error) {
    if (!frozen_get(request->programme->study, wave, unit, request->arena, out, NULL, NULL, error))
        return false;
    keep_sight(*out, sight);
    return true;
}

/* No results (yet) are a page of their own, not a failure. */
static bool no_results(struct request *request, const struct error *error) {
    bool none = error_is(error, "publish.none") || error_is(error, "publish.none_at_all") ||
                error_is(error, "publish.no_unit");
    return none &&
           page_error(request, 404,
                      N_("There are no results here yet. They come when the survey has closed and "
                         "its results are published, if enough have answered."));
}

struct document *profile_document(struct request *request, struct frozen *frozen,
                                  enum sight sight) {
    struct profile_options options = {
        .language = request->language,
        .hide_teaching = sight == SIGHT_WITHOUT_TEACHING,
        .link_children = frozen->n_children > 0,
        .base_path = "/unit/",
    };
    struct document *document = profile_build(frozen, &options, request->arena);
    return document && document_ok(document) ? document : NULL;
}

/* The contents of <main>, painted now or before. */
static bool painted(struct request *request, int wave, const char **html, size_t *length,
                    struct error *error) {
    char key[CACHE_KEY_MAX];
    struct frozen *frozen;
    if (!content_key(request, "html", wave, key, error)) return false;
    *html = cache_get(request->site->cache, key, request->arena, length);
    if (*html) return true;
    if (!profile_read(request, request->id, request->sight, wave, &frozen, error)) return false;
    keep_children(frozen, request);
    struct document *document = profile_document(request, frozen, request->sight);
    struct text text = text_new(request->arena, PAGE_MAX);
    if (document) paint_html(document, &text);
    if (!document || !text_ok(&text)) return error_plain(error, "web.memory");
    cache_put(request->site->cache, key, text_string(&text), text.length);
    *html = text_string(&text);
    *length = text.length;
    return true;
}

/* "/unit/7/profile.pdf?wave=2": wave 0 is the newest, which needs no query. */
static const char *unit_href(struct request *request, const char *rest, int wave) {
    struct text text = text_new(request->arena, 128);
    text_addf(&text, "/unit/%lld%s", (long long)request->id, rest);
    if (wave) text_addf(&text, "?wave=%d", wave);
    return text_string(&text);
}

/* The other waves, where there is more than one. */
static bool add_waves(struct request *request, int wave, struct unit_view *view,
                      struct error *error) {
    int *waves;
    size_t n;
    if (!frozen_waves(request->programme->study, request->arena, &waves, &n, error)) return false;
    if (n < 2) return true;
    if (n > WAVES_SHOWN) n = WAVES_SHOWN;
    struct unit_wave *rows = arena_array(request->arena, n, sizeof *rows);
    if (!rows) return error_plain(error, "web.memory");
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct unit_wave){ .href = unit_href(request, "", i ? waves[i] : 0),
                                      .number = waves[i],
                                      .current = wave ? waves[i] == wave : i == 0 };
    view->waves = rows;
    view->n_waves = n;
    return true;
}

/* "3A, Søndervangskolen": the unit with the one above it. */
static const char *unit_title(const struct request *request) {
    const struct unit *unit = &request->tree->units.unit[request->unit];
    struct text text = text_new(request->arena, 2 * NAME_MAX_BYTES + 8);
    text_add(&text, unit->name);
    if (unit->kind == UNIT_CLASS && unit->parent >= 0)
        text_addf(&text, ", %s", request->tree->units.unit[unit->parent].name);
    return text_string(&text);
}

bool page_unit(struct request *request, struct error *error) {
    int wave = request_wave(request);
    struct unit_view view = { 0 };
    size_t length;
    if (wave < 0) return page_error(request, 404, NULL);
    if (!painted(request, wave, &view.profile, &length, error)) return no_results(request, error);
    if (!add_waves(request, wave, &view, error)) return false;
    view.pdf = unit_href(request, "/profile.pdf", wave);
    view.json = unit_href(request, "/profile.json", wave);
    view.response = unit_href(request, "/response", 0);
    bool open;
    if (!lesson_open(request, &open, error)) return false;
    view.lesson = lesson_href(request, request->unit, open);
    struct text main = text_new(request->arena, PAGE_MAX);
    render_unit(&main, request->language, &view);
    return page_send(request, 200, unit_title(request), &main, error);
}

bool page_unit_json(struct request *request, struct error *error) {
    int wave = request_wave(request);
    struct frozen *frozen;
    struct text text = text_new(request->arena, PAGE_MAX);
    if (wave < 0) return page_error(request, 404, NULL);
    if (!profile_read(request, request->id, request->sight, wave, &frozen, error))
        return no_results(request, error);
    if (!frozen_write(frozen, &text) || !text_ok(&text)) return error_plain(error, "web.memory");
    reply_body(request, 200, "application/json", text_string(&text), text.length);
    return true;
}

/* A name for the file where it is saved; browsers that know only ASCII get a plain one. */
static void name_pdf(struct request *request) {
    struct text text = text_new(request->arena, 2048);
    text_add(&text, "inline; filename=\"profil.pdf\"; filename*=UTF-8''");
    markup_add_url_part(&text, unit_title(request));
    text_add(&text, ".pdf");
    reply_header(request, "Content-Disposition", text_ok(&text) ? text_string(&text) : NULL);
}

bool page_unit_pdf(struct request *request, struct error *error) {
    int wave = request_wave(request);
    char key[CACHE_KEY_MAX];
    struct frozen *frozen;
    struct pdf pdf;
    if (wave < 0) return page_error(request, 404, NULL);
    if (!content_key(request, "pdf", wave, key, error)) return no_results(request, error);
    size_t length;
    const void *bytes = cache_get(request->site->cache, key, request->arena, &length);
    if (!bytes) {
        if (!profile_read(request, request->id, request->sight, wave, &frozen, error))
            return no_results(request, error);
        frozen->n_children = 0;
        struct document *document = profile_document(request, frozen, request->sight);
        if (!document) return error_plain(error, "web.memory");
        if (!paint_pdf(document, request->arena, &pdf, error)) return false;
        cache_put(request->site->cache, key, pdf.bytes, pdf.length);
        bytes = pdf.bytes;
        length = pdf.length;
    }
    reply_body(request, 200, "application/pdf", bytes, length);
    name_pdf(request);
    return true;
}

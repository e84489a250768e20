/* /unit/{id}: a unit's quality profile as a page, as a PDF and as JSON. */
#include "base/arena.h"
#include "base/text.h"
#include "document/document.h"
#include "paint/paint.h"
#include "profile/profile.h"
#include "publish/frozen.h"
#include "web/cache.h"
#include "web/page.h"
#include "web/site.h"
#include "web/templates.h"

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

static bool get_frozen(struct request *request, int wave, struct frozen **out, const char **json,
                       size_t *length, struct error *error) {
    if (!frozen_get(request->programme->study, wave, request->id, request->arena, out, json, length,
                    error))
        return false;
    keep_sight(*out, request->sight);
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

static struct document *build(struct request *request, struct frozen *frozen) {
    struct profile_options options = {
        .language = request->language,
        .hide_teaching = request->sight == SIGHT_WITHOUT_TEACHING,
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
    if (!get_frozen(request, wave, &frozen, NULL, NULL, error)) return false;
    keep_children(frozen, request);
    struct document *document = build(request, frozen);
    struct text text = text_new(request->arena, PAGE_MAX);
    if (document) paint_html(document, &text);
    if (!document || !text_ok(&text)) return error_plain(error, "web.memory");
    cache_put(request->site->cache, key, text_string(&text), text.length);
    *html = text_string(&text);
    *length = text.length;
    return true;
}

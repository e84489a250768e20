/* /recordings: the programme's office reads the questions aloud. /a/sound/{file}: who answers hears
 * them. */
#include "base/arena.h"
#include "base/text.h"
#include "collect/recording.h"
#include "instrument/instrument.h"
#include "store/programme.h"
#include "templates.h"
#include "web/answering.h"
#include "web/form_view.h"
#include "web/forms.h"
#include "web/page.h"
#include "web/site.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAGE_MAX (1 * MIB)
enum { RANGE_ROOM = 80 };

bool is_office(const struct request *request) {
    for (size_t i = 0; i < request->session.account.n_memberships; i++)
        if (request->session.account.memberships[i].role == ROLE_PROGRAMME) return true;
    return false;
}

struct booth {
    struct request *request;
    const struct instrument *instrument; /* NULL: there is none yet */
    struct reader reader;
    struct recordings recordings;
    struct recordings_view view;
    struct recordings_sentence *sentences;
    size_t room;
};

static const char *href_of(struct request *request, int64_t form, const char *tag) {
    struct text href = text_new(request->arena, 96);
    text_addf(&href, "/recordings?form=%lld&of=%s", (long long)form, tag);
    return text_string(&href);
}

/* The newest version of each form that has pages; the first, or that of "?form=", is the chosen
 * one. */
static bool choose_form(struct booth *booth, struct error *error) {
    struct request *request = booth->request;
    struct instrument_row *rows;
    const char *wanted = field_value(&request->query, "form");
    long long id = 0;
    int64_t chosen = 0;
    size_t n;
    if (wanted && !text_to_int(wanted, 1, INT64_MAX, &id)) id = 0;
    if (!instrument_list(request->programme->study, request->arena, &rows, &n, error)) return false;
    struct recordings_form *forms = arena_array(request->arena, n + 1, sizeof *forms);
    if (!forms) return error_plain(error, "web.memory");
    booth->view.forms = forms;
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && strcmp(rows[i].code, rows[i + 1].code) == 0) continue;
        const struct instrument *instrument =
            form_get(request->site->forms, request->programme->study, rows[i].id, error);
        if (!instrument) return false;
        if (instrument->n_pages == 0) continue;
        if (!booth->instrument || rows[i].id == id) {
            booth->instrument = instrument;
            for (size_t k = 0; k < booth->view.n_forms; k++) forms[k].current = false;
        }
        forms[booth->view.n_forms++] = (struct recordings_form){
            .title =
                instrument_text(instrument, instrument->title, language_tag(request->language)),
            .href = href_of(request, rows[i].id, instrument->languages[0]),
            .current = booth->instrument == instrument
        };
        if (booth->instrument == instrument) chosen = rows[i].id;
    }
    if (!booth->instrument) return true;
    const struct offered all = { booth->instrument->n_languages, booth->instrument->languages };
    const char *tag = field_value(&request->query, "of");
    booth->reader = (struct reader){ .instrument = booth->instrument, .name = "" };
    booth->reader.tag = form_tag(&all, tag ? tag : "");
    booth->reader.language = language_of_forms(booth->reader.tag);
    if (!booth->reader.language) booth->reader.language = request->language;
    struct recordings_language *languages = arena_array(request->arena, all.n, sizeof *languages);
    if (!languages) return error_plain(error, "web.memory");
    for (size_t i = 0; i < all.n; i++)
        languages[i] =
            (struct recordings_language){ .tag = all.tags[i],
                                          .name = answering_language_name(all.tags[i]),
                                          .href = href_of(request, chosen, all.tags[i]),
                                          .current = strcmp(all.tags[i], booth->reader.tag) == 0 };
    booth->view.languages = languages;
    booth->view.n_languages = all.n;
    return true;
}

/* Once each, in the order in which they are met. */
static void add_sentence(struct booth *booth, const char *key, const char *shown, bool question) {
    struct recordings_view *view = &booth->view;
    if (!*key || view->n_sentences == booth->room) return;
    for (size_t i = 0; i < view->n_sentences; i++)
        if (strcmp(booth->sentences[i].key, key) == 0) return;
    const char *sound = recording_of(&booth->recordings, key);
    booth->sentences[view->n_sentences++] = (struct recordings_sentence){
        .key = key, .shown = shown, .sound = sound ? sound : "", .question = question
    };
    view->recorded += sound != NULL;
}

static void add_texts(struct booth *booth, struct texts texts, bool question) {
    add_sentence(booth, instrument_text(booth->instrument, texts, booth->reader.tag),
                 form_text(&booth->reader, texts, booth->request->arena), question);
}

static void add_item(struct booth *booth, const struct item *item) {
    const char *dont_know = form_dont_know(&booth->reader),
               *not_applicable = form_not_applicable(&booth->reader);
    add_texts(booth, item->text, true);
    for (size_t c = 0; c < item->n_categories; c++)
        add_texts(booth, item->categories[c].label, false);
    if (item->dont_know) add_sentence(booth, dont_know, dont_know, false);
    if (item->not_applicable) add_sentence(booth, not_applicable, not_applicable, false);
}

static bool add_sentences(struct booth *booth, struct error *error) {
    const struct instrument *instrument = booth->instrument;
    booth->room = instrument->n_items;
    for (size_t i = 0; i < instrument->n_items; i++)
        booth->room += instrument->items[i].n_categories + 2;
    booth->sentences = arena_array(booth->request->arena, booth->room, sizeof *booth->sentences);
    if (!booth->sentences) return error_plain(error, "web.memory");
    for (size_t i = 0; i < instrument->n_items; i++) add_item(booth, &instrument->items[i]);
    booth->view.sentences = booth->sentences;
    booth->view.sentences_in_all = (long long)booth->view.n_sentences;
    booth->view.language = booth->reader.tag;
    return true;
}

bool page_recordings(struct request *request, struct error *error) {
    struct booth booth = { .request = request };
    if (!is_office(request)) return page_error(request, 403, NULL);
    booth.view.script = static_href("recordings.js");
    booth.view.style = static_href("recordings.css");
    booth.view.csrf = request->csrf;
    if (!choose_form(&booth, error)) return false;
    if (booth.instrument && (!recordings_read(request->programme->study, booth.reader.tag,
                                              request->arena, &booth.recordings, error) ||
                             !add_sentences(&booth, error)))
        return false;
    struct text main = text_new(request->arena, PAGE_MAX);
    render_recordings(&main, request->language, &booth.view);
    request->reply.scripted = true;
    request->reply.microphone = true;
    return page_send(request, 200, i18n_text(request->language, N_("Reading the questions aloud")),
                     &main, error);
}

static void reply_sound(struct request *request, int status, const char *word, const char *value) {
    struct text json = text_new(request->arena, 256);
    text_addf(&json, "{\"%s\":\"%s\"}", word, value);
    reply_body(request, status, "application/json", text_string(&json), strlen(text_string(&json)));
}

bool page_recordings_post(struct request *request, struct error *error) {
    const char *language = field_value(&request->form, "language"),
               *text = field_value(&request->form, "text"),
               *sound = field_value(&request->form, "sound");
    char sha256[SHA256_HEX];
    size_t n = 0;
    if (!is_office(request)) return page_error(request, 403, NULL);
    unsigned char *bytes = arena_alloc(request->arena, RECORDING_MAX + 1);
    if (!bytes) return error_plain(error, "web.memory");
    if (!text || !sound || !language_of_forms(language) ||
        sodium_base642bin(bytes, RECORDING_MAX + 1, sound, strlen(sound), NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
        reply_sound(request, 400, "error", "recording.kind");
        return true;
    }
    if (recording_keep(request->programme, language, text, bytes, n, (int64_t)time(NULL), sha256,
                       error))
        reply_sound(request, 200, "sound", sha256);
    else if (strncmp(error->id, "store.", 6) == 0 || error_is(error, "recording.file"))
        return false;
    else
        reply_sound(request, 422, "error", error->id);
    return true;
}

/* Safari asks for parts of a sound and plays nothing else: "bytes=0-1", "bytes=2-". What is asked
 * for in another way gets all of it, as HTTP allows. */
static bool read_range(struct arena *arena, const char *range, size_t n, size_t *first,
                       size_t *last) {
    char *copy = range && strncmp(range, "bytes=", 6) == 0 ? arena_copy(arena, range + 6) : NULL;
    char *dash = copy ? strchr(copy, '-') : NULL;
    long long from, to = (long long)n - 1;
    if (!dash) return false;
    *dash = '\0';
    if (!text_to_int(copy, 0, (long long)n - 1, &from)) return false;
    if (dash[1] && !text_to_int(dash + 1, from, INT64_MAX, &to)) return false;
    *first = (size_t)from;
    *last = to < (long long)n ? (size_t)to : n - 1;
    return true;
}

bool page_sound(struct request *request, struct error *error) {
    const void *bytes;
    const char *type;
    size_t n, first, last;
    if (!recording_sound(request->programme, request->rest, request->arena, &bytes, &n, &type,
                         error))
        return false;
    if (!bytes) {
        reply_text(request, 404, "404\n");
        return true;
    }
    request->reply.file = true;
    reply_header(request, "Accept-Ranges", "bytes");
    reply_header(request, "Cache-Control", "public, max-age=31536000, immutable");
    if (read_range(request->arena, request->range, n, &first, &last)) {
        char text[RANGE_ROOM];
        snprintf(text, sizeof text, "bytes %zu-%zu/%zu", first, last, n);
        reply_header(request, "Content-Range", text);
        reply_body(request, 206, type, (const char *)bytes + first, last - first + 1);
    } else {
        reply_body(request, 200, type, bytes, n);
    }
    return true;
}

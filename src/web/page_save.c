/* /a/save: answers come in. All that wait are kept in one transaction; each is acknowledged after it. */
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "collect/pages.h"
#include "instrument/instrument.h"
#include "store/programme.h"
#include "web/forms.h"
#include "web/lane.h"
#include "web/page.h"
#include "web/site.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

static const char *const outcomes[] = {
    [SAVE_KEPT] = "kept",         [SAVE_ELSEWHERE] = "elsewhere", [SAVE_DONE] = "done",
    [SAVE_REPLACED] = "replaced", [SAVE_CLOSED] = "closed",       [SAVE_WITHDRAWN] = "withdrawn",
    [SAVE_FAILED] = "failed",
};

/* What a browser does next follows from the word alone; no sentence is sent. */
static void reply_outcome(struct request *request, int status, const char *outcome) {
    struct text json = text_new(request->arena, 64);
    text_addf(&json, "{\"outcome\":\"%s\"}", outcome);
    reply_body(request, status, "application/json", text_string(&json), strlen(text_string(&json)));
}

static bool read_texts(struct request *request, struct page_save *save) {
    struct text_save *texts = arena_array(request->arena, FIELDS_MAX, sizeof *texts);
    if (!texts) return false;
    for (size_t i = 0; i < request->form.n; i++) {
        const struct field *field = &request->form.field[i];
        if (strncmp(field->name, "text.", 5) != 0) continue;
        texts[save->n_texts++] = (struct text_save){ field->name + 5, field->value };
    }
    save->texts = texts;
    return true;
}

static bool read_codes(struct request *request, struct page_save *save) {
    const char *hex = field_value(&request->form, "codes");
    size_t room = hex ? strlen(hex) / 2 : 0;
    if (room > ITEMS_MAX) return false;
    uint8_t *codes = arena_array(request->arena, room + 1, 1);
    if (!codes || (hex && sodium_hex2bin(codes, room + 1, hex, strlen(hex), NULL, &save->n_codes, NULL) != 0))
        return false;
    save->codes = codes;
    return !hex || save->n_codes * 2 == strlen(hex);
}

/* From the fields of a form to a save; false: something is no field of ours. */
static bool read_save(struct request *request, struct page_save *save) {
    static const char *const acts[] = { "save", "submit", "decline" };
    const char *act = field_value(&request->form, "act"), *page = field_value(&request->form, "page"),
               *revision = field_value(&request->form, "revision");
    long long number = -1, count = 0;
    size_t a = 0;
    while (a < 3 && (!act || strcmp(acts[a], act) != 0)) a++;
    if (a == 3 || !grant_read(&request->site->collect, field_value(&request->form, "grant"), &save->grant))
        return false;
    if (page && !text_to_int(page, 0, PAGES_A_FORM, &number)) return false;
    if (revision && !text_to_int(revision, 0, INT64_MAX, &count)) return false;
    save->act = (enum save_act)a;
    save->page = (int)number;
    save->revision = count;
    return read_codes(request, save) && read_texts(request, save);
}

/* Reads and checks; replies at once where there is nothing to keep. */
static bool take(struct request *request, struct page_save *save, struct error *error) {
    *save = (struct page_save){ .page = -1 };
    if (!read_save(request, save)) {
        reply_outcome(request, 400, "refused");
        return false;
    }
    if (save->grant.expires <= (int64_t)time(NULL)) {
        reply_outcome(request, 200, outcomes[SAVE_CLOSED]);
        return false;
    }
    save->instrument =
        form_get(request->site->forms, request->programme->study, save->grant.instrument, error);
    if (!save->instrument) {
        request->store_failed = strncmp(error->id, "store.", 6) == 0;
        reply_outcome(request, 503, outcomes[SAVE_FAILED]);
        return false;
    }
    if (page_save_check(save, error)) return true;
    log_event(LOG_WARN, "web.refused", ARG_TEXT("error", error->id));
    reply_outcome(request, 422, error_is(error, "pages.cpr") ? "cpr" : "refused");
    return false;
}

void page_save_batch(struct request **requests, size_t n) {
    struct page_save saves[LANE_BATCH_MAX];
    struct request *owner[LANE_BATCH_MAX];
    size_t n_saves = 0;
    for (size_t i = 0; i < n; i++) {
        struct error error = { 0 };
        if (take(requests[i], &saves[n_saves], &error)) owner[n_saves++] = requests[i];
    }
    if (n_saves == 0) return;
    struct error error = { 0 };
    bool done = pages_save(owner[0]->programme->study, saves, n_saves, (int64_t)time(NULL),
                           owner[0]->arena, &error);
    if (!done || error.id[0]) log_event(LOG_ERROR, "web.not_saved", ARG_TEXT("error", error.id));
    for (size_t i = 0; i < n_saves; i++) {
        bool kept = done && saves[i].outcome != SAVE_FAILED;
        owner[i]->store_failed = !kept;
        reply_outcome(owner[i], kept ? 200 : 503, outcomes[kept ? saves[i].outcome : SAVE_FAILED]);
    }
}

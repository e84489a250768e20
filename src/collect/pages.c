#include "collect/pages.h"
#include "collect/fold.h"
#include "collect/seats.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "instrument/instrument.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* ---- may it come in? ---- */

static bool code_fits(const struct item *item, uint8_t code) {
    if (code < item->n_categories || code == ANSWER_NOT_SEEN || code == ANSWER_SKIPPED) return true;
    if (item->kind == ITEM_TEXT) return code == 0;
    return (code == ANSWER_DONT_KNOW && item->dont_know) ||
           (code == ANSWER_NOT_APPLICABLE && item->not_applicable);
}

static const struct item *text_item(const struct page_save *save, const char *id) {
    const struct page *page = &save->instrument->pages[save->page];
    for (size_t i = 0; i < page->n_items; i++) {
        const struct item *item = &save->instrument->items[page->items[i]];
        if (item->kind == ITEM_TEXT && strcmp(item->id, id) == 0) return item;
    }
    return NULL;
}

static bool check_texts(const struct page_save *save, struct error *error) {
    for (size_t i = 0; i < save->n_texts; i++) {
        const struct text_save *text = &save->texts[i];
        const struct item *item = text_item(save, text->item);
        size_t length = strlen(text->text);
        if (!item || !text_is_utf8(text->text, length))
            return error_set(error, "pages.text", ARG_TEXT("item", item ? item->id : "?"));
        if (text_length(text->text) > (size_t)item->limit)
            return error_set(error, "pages.too_long", ARG_TEXT("item", item->id),
                             ARG_INT("limit", item->limit));
        if (text_has_cpr(text->text)) return error_plain(error, "pages.cpr");
    }
    return true;
}

bool page_save_check(const struct page_save *save, struct error *error) {
    const struct instrument *instrument = save->instrument;
    if (save->page == -1 && save->act != ACT_SAVE) return true;
    if (save->page < 0 || (size_t)save->page >= instrument->n_pages)
        return error_plain(error, "pages.page");
    const struct page *page = &instrument->pages[save->page];
    if (save->n_codes != page->n_items) return error_plain(error, "pages.items");
    for (size_t i = 0; i < page->n_items; i++) {
        const struct item *item = &instrument->items[page->items[i]];
        if (!code_fits(item, save->codes[i]))
            return error_set(error, "pages.code", ARG_TEXT("item", item->id));
    }
    return check_texts(save, error);
}

/* ---- one save, within a transaction ---- */

/* Tells what stands in the way, and takes the form for this browser where nobody has it. */
static bool enter(struct store *study, struct seat *seat, struct page_save *save, int64_t now,
                  struct error *error) {
    struct statement *s;
    bool known = seat->found && seat->wave == save->grant.wave &&
                 seat->generation == save->grant.generation;
    save->outcome = !known                                                 ? SAVE_REPLACED
                    : seat->state != SAVE_KEPT                             ? seat->state
                    : !seat->fresh && seat->device != save->grant.device ? SAVE_ELSEWHERE
                                                                           : SAVE_KEPT;
    if (save->outcome != SAVE_KEPT || !seat->fresh) return true;
    seat->fresh = false;
    seat->device = save->grant.device;
    if (!store_prepare(study, &s,
                       "UPDATE assignment SET device = ?2, started_at = COALESCE(started_at, ?3) "
                       "WHERE id = ?1",
                       error))
        return false;
    bind_int(s, 1, seat->assignment);
    bind_int(s, 2, seat->device);
    bind_int(s, 3, now);
    return statement_run(s, error);
}

/* What was not seen, or by a class teacher not answered, says nothing of an item: a class teacher
 * goes through the pupils question by question, and another browser shows nothing of what was given
 * in the first. There the other of the two answers stands, be it the older or the newer one; where
 * both say something, the newer. save->codes and revision become what is to be kept; codes has room
 * for the page. */
static bool merge_page(struct store *study, const struct page_save *save, uint8_t *codes,
                       int64_t *revision, struct error *error) {
    bool gaps_alone = save->instrument->respondent != RESPONDENT_CLASS_TEACHER;
    struct statement *s;
    memcpy(codes, save->codes, save->n_codes);
    *revision = save->revision;
    if (!store_prepare(
            study, &s,
            "SELECT codes, revision FROM answer_page WHERE assignment = ?1 AND page = ?2", error))
        return false;
    bind_int(s, 1, save->grant.assignment);
    bind_int(s, 2, save->page);
    if (statement_step(s, error)) {
        size_t n = 0;
        const uint8_t *before = column_blob(s, 0, &n);
        bool newest = save->revision > column_int(s, 1);
        if (!newest) *revision = column_int(s, 1);
        for (size_t i = 0; i < save->n_codes && n == save->n_codes; i++) {
            uint8_t first = newest ? save->codes[i] : before[i],
                    second = newest ? before[i] : save->codes[i];
            bool says = first != ANSWER_NOT_SEEN && (gaps_alone || first != ANSWER_SKIPPED);
            codes[i] = says || second == ANSWER_NOT_SEEN ? first : second;
        }
    }
    return statement_end(s, error);
}

/* A page without gaps replaces what is older in one statement. */
static bool keep_page(struct store *study, const struct page_save *save, int64_t now,
                      struct error *error) {
    uint8_t codes[ITEMS_MAX];
    int64_t revision = save->revision;
    struct statement *s;
    bool merges = save->instrument->respondent == RESPONDENT_CLASS_TEACHER ||
                  memchr(save->codes, ANSWER_NOT_SEEN, save->n_codes);
    if (merges && !merge_page(study, save, codes, &revision, error)) return false;
    if (!store_prepare(
            study, &s,
            "INSERT INTO answer_page (assignment, page, revision, codes, saved_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (assignment, page) DO UPDATE SET "
            "revision = excluded.revision, codes = excluded.codes, "
            "saved_at = excluded.saved_at WHERE excluded.revision > answer_page.revision "
            "OR (excluded.revision = answer_page.revision AND excluded.codes <> answer_page.codes "
            "AND ?6 = 1)",
            error))
        return false;
    bind_int(s, 1, save->grant.assignment);
    bind_int(s, 2, save->page);
    bind_int(s, 3, revision);
    bind_blob(s, 4, merges ? codes : save->codes, save->n_codes);
    bind_int(s, 5, now);
    bind_int(s, 6, merges);
    return statement_run(s, error);
}

static bool keep_text(struct store *study, int64_t assignment, const struct text_save *text,
                      struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       *text->text ? "INSERT INTO answer_text (assignment, item, text) "
                                     "VALUES (?1, ?2, ?3) ON CONFLICT (assignment, item) "
                                     "DO UPDATE SET text = excluded.text"
                                   : "DELETE FROM answer_text WHERE assignment = ?1 AND item = ?2",
                       error))
        return false;
    bind_int(s, 1, assignment);
    bind_text(s, 2, text->item);
    if (*text->text) bind_text(s, 3, text->text);
    return statement_run(s, error);
}

static bool decline(struct store *study, int64_t assignment, struct error *error) {
    return pages_delete(study, "DELETE FROM answer_page WHERE assignment = ?1", assignment,
                        error) &&
           pages_delete(study, "DELETE FROM answer_text WHERE assignment = ?1", assignment,
                        error) &&
           pages_delete(study, "DELETE FROM answer WHERE assignment = ?1", assignment, error) &&
           assignment_set_state(study, assignment, "declined", error);
}

static bool save_one(struct store *study, struct seat *seat, struct page_save *save, int64_t now,
                     struct error *error) {
    if (!enter(study, seat, save, now, error)) return false;
    if (save->outcome != SAVE_KEPT) return true;
    if (save->act == ACT_DECLINE) {
        seat->state = SAVE_WITHDRAWN;
        return decline(study, seat->assignment, error);
    }
    if (save->page >= 0 && !keep_page(study, save, now, error)) return false;
    for (size_t i = 0; i < save->n_texts; i++)
        if (!keep_text(study, seat->assignment, &save->texts[i], error)) return false;
    if (save->act != ACT_SUBMIT) return true;
    seat->state = SAVE_DONE;
    return pages_fold(study, seat->assignment, save->instrument, save->grant.grade, now, "submitted", error);
}

/* ---- many saves ---- */

static int by_assignment(const void *left, const void *right) {
    const struct page_save *const *a = left, *const *b = right;
    if ((*a)->grant.assignment != (*b)->grant.assignment)
        return (*a)->grant.assignment < (*b)->grant.assignment ? -1 : 1;
    return *a < *b ? -1 : *a > *b; /* as they came */
}

static bool save_seated(struct store *study, struct page_save **order, size_t n, int64_t now,
                        struct arena *arena, struct error *error) {
    struct seat *seats;
    if (!seats_read(study, order, n, arena, &seats, error)) return false;
    for (size_t i = 0, seat = 0; i < n; i++) {
        if (i > 0 && order[i]->grant.assignment != order[i - 1]->grant.assignment) seat++;
        if (!save_one(study, &seats[seat], order[i], now, error)) return false;
    }
    return true;
}

static bool save_group(struct store *study, struct page_save **order, size_t n, int64_t now,
                       struct arena *arena, struct error *error) {
    if (!store_begin(study, error)) return false;
    if (save_seated(study, order, n, now, arena, error) && store_commit(study, error)) return true;
    store_rollback(study);
    return false;
}

bool pages_save(struct store *study, struct page_save *saves, size_t n, int64_t now,
                struct arena *arena, struct error *error) {
    struct page_save **order = arena_array(arena, n, sizeof(struct page_save *));
    if (!order) return error_plain(error, "pages.memory");
    for (size_t i = 0; i < n; i++) order[i] = &saves[i];
    qsort(order, n, sizeof *order, by_assignment);
    if (save_group(study, order, n, now, arena, error)) return true;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        bool kept = n > 1 && save_group(study, &order[i], 1, now, arena, error);
        if (!kept) order[i]->outcome = SAVE_FAILED;
        any = any || kept;
    }
    return any;
}

bool assignment_take(struct store *study, const struct grant *grant, struct error *error) {
    struct statement *s;
    if (!store_begin(study, error)) return false;
    bool ok = store_prepare(
        study, &s, "UPDATE assignment SET device = ?2 WHERE id = ?1 AND generation = ?3", error);
    if (ok) {
        bind_int(s, 1, grant->assignment);
        bind_int(s, 2, grant->device);
        bind_int(s, 3, grant->generation);
        ok = statement_run(s, error) && store_commit(study, error);
    }
    if (!ok) store_rollback(study);
    return ok;
}

/* Vectors of answers: written, and made of pages as a form is handed in and as a wave closes. */
#include "collect/fold.h"

#include "base/arena.h"
#include "base/error.h"
#include "collect/pages.h"
#include "instrument/instrument.h"
#include "store/store.h"

#include <string.h>

bool pages_delete(struct store *study, const char *sql, int64_t assignment, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, sql, error)) return false;
    bind_int(s, 1, assignment);
    return statement_run(s, error);
}

bool assignment_set_state(struct store *study, int64_t assignment, const char *state,
                          struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "UPDATE assignment SET state = ?2, revision = revision + 1 WHERE id = ?1",
                       error))
        return false;
    bind_int(s, 1, assignment);
    bind_text(s, 2, state);
    return statement_run(s, error);
}

/* Puts the items of a page into the vector. A page of another length is of no instrument of ours.
 */
static void place_page(const struct instrument *instrument, int64_t number, const uint8_t *codes,
                       size_t n, uint8_t *vector) {
    if (number < 0 || (size_t)number >= instrument->n_pages) return;
    const struct page *page = &instrument->pages[number];
    for (size_t i = 0; i < page->n_items && n == page->n_items; i++)
        vector[page->items[i]] = codes[i];
}

/* What the person was not to be shown counts as not seen, whatever a browser sent: an answer that
 * was given before an earlier one was changed, say. */
static void hide_unasked(const struct instrument *instrument, int grade, uint8_t *vector) {
    for (size_t p = 0; p < instrument->n_pages; p++) {
        const struct page *page = &instrument->pages[p];
        bool shown = condition_holds(&page->condition, vector, grade);
        for (size_t i = 0; i < page->n_items; i++)
            if (!shown ||
                !condition_holds(&instrument->items[page->items[i]].condition, vector, grade))
                vector[page->items[i]] = ANSWER_NOT_SEEN;
    }
}

bool answer_write(struct store *study, int64_t assignment, const uint8_t *vector, size_t n,
                  int64_t now, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "INSERT INTO answer (assignment, vector, saved_at) VALUES (?1, ?2, ?3) "
                       "ON CONFLICT (assignment) DO UPDATE SET vector = excluded.vector, "
                       "saved_at = excluded.saved_at",
                       error))
        return false;
    bind_int(s, 1, assignment);
    bind_blob(s, 2, vector, n);
    bind_int(s, 3, now);
    return statement_run(s, error);
}

bool pages_fold(struct store *study, int64_t assignment, const struct instrument *instrument,
                int grade, int64_t now, const char *state, struct error *error) {
    uint8_t vector[ITEMS_MAX];
    struct statement *s;
    memset(vector, ANSWER_NOT_SEEN, instrument->n_items);
    if (!store_prepare(study, &s,
                       "SELECT page, codes FROM answer_page WHERE assignment = ?1 ORDER BY page",
                       error))
        return false;
    bind_int(s, 1, assignment);
    while (statement_step(s, error)) {
        size_t n = 0;
        const uint8_t *codes = column_blob(s, 1, &n);
        place_page(instrument, column_int(s, 0), codes, n, vector);
    }
    if (!statement_end(s, error)) return false;
    hide_unasked(instrument, grade, vector);
    return answer_write(study, assignment, vector, instrument->n_items, now, error) &&
           pages_delete(study, "DELETE FROM answer_page WHERE assignment = ?1", assignment,
                        error) &&
           assignment_set_state(study, assignment, state, error);
}

/* ---- as a wave closes ---- */

struct draft {
    int64_t assignment, instrument;
    int grade;
};

static bool count_drafts(struct store *study, int wave, size_t *n, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT COUNT(*) FROM assignment a WHERE a.wave = ?1 AND a.state = 'open' "
                       "AND EXISTS (SELECT 1 FROM answer_page p WHERE p.assignment = a.id)",
                       error))
        return false;
    bind_int(s, 1, wave);
    if (statement_step(s, error)) *n = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

static bool read_drafts(struct store *study, int wave, struct draft *drafts, size_t n,
                        struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT a.id, a.instrument, MAX(e.grade) FROM assignment a "
                       "LEFT JOIN enrolment e ON e.wave = a.wave AND e.subject = a.subject "
                       "WHERE a.wave = ?1 AND a.state = 'open' "
                       "AND EXISTS (SELECT 1 FROM answer_page p WHERE p.assignment = a.id) "
                       "GROUP BY a.id, a.instrument ORDER BY a.instrument, a.id",
                       error))
        return false;
    bind_int(s, 1, wave);
    for (size_t i = 0; i < n && statement_step(s, error); i++)
        drafts[i] = (struct draft){ column_int(s, 0), column_int(s, 1),
                                    column_is_null(s, 2) ? -1 : (int)column_int(s, 2) };
    return statement_end(s, error);
}

bool pages_fold_wave(struct store *study, int wave, int64_t now, struct arena *arena,
                     struct error *error) {
    size_t n = 0;
    struct instrument *instrument = NULL;
    if (!count_drafts(study, wave, &n, error)) return false;
    struct draft *drafts = arena_array(arena, n + 1, sizeof *drafts);
    if (!drafts) return error_plain(error, "pages.memory");
    if (!read_drafts(study, wave, drafts, n, error)) return false;
    for (size_t i = 0; i < n; i++) {
        bool same = i > 0 && drafts[i].instrument == drafts[i - 1].instrument;
        if (!same && !instrument_by_id(study, drafts[i].instrument, arena, &instrument, error))
            return false;
        if (!pages_fold(study, drafts[i].assignment, instrument, drafts[i].grade, now, "partial",
                        error))
            return false;
    }
    return true;
}

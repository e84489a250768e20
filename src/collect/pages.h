/* pages.h - answers as people give them: a page at a time, durable, never twice.
 *
 * Layer: collect. A page of a form is kept under (assignment, page) with the revision that the
 * browser counts; the newest revision wins, however often and in whatever order they arrive. When
 * the form is handed in, or when the wave closes, an assignment's pages are folded into its answer
 * vector. Nothing is acknowledged before pages_save() has returned true.
 *
 *     struct page_save saves[] = { { .grant = grant, .instrument = form, .page = 2, .revision = 1,
 *                                    .codes = codes, .n_codes = 6 } };
 *     if (pages_save(study, saves, 1, now, arena, &error) && saves[0].outcome == SAVE_KEPT) …
 */
#ifndef LAERKE_COLLECT_PAGES_H
#define LAERKE_COLLECT_PAGES_H

#include "collect/code.h"

struct arena;
struct error;
struct instrument;
struct store;

enum save_outcome {
    SAVE_KEPT,      /* durable (an older revision than the one at hand counts as kept too) */
    SAVE_ELSEWHERE, /* somebody went on with this form in another browser */
    SAVE_DONE,      /* the form was handed in before */
    SAVE_REPLACED,  /* the code was replaced by a new one */
    SAVE_CLOSED,    /* the wave is closed */
    SAVE_WITHDRAWN, /* the person has said that they do not take part */
    SAVE_FAILED     /* the database did not take this one; send it again */
};

struct text_save {
    const char *item, *text; /* "" takes an earlier text away */
};

enum save_act {
    ACT_SAVE,   /* keep the page */
    ACT_SUBMIT, /* keep the page, then hand the form in */
    ACT_DECLINE /* "deltager ikke": forget every answer of this form */
};
struct page_save {
    struct grant grant;
    const struct instrument *instrument;
    enum save_act act;
    int page; /* −1 with ACT_SUBMIT or ACT_DECLINE: no page comes along */
    int64_t revision;
    const uint8_t *codes; /* one an item of the page */
    size_t n_codes;
    const struct text_save *texts;
    size_t n_texts;
    enum save_outcome outcome; /* out */
};

/* Holds a save against its instrument: the page is there, has so many items, and each code is one
 * of the item's categories, skipped, or a choice that the item offers; what the person was not to
 * be shown is set to ANSWER_NOT_SEEN by the fold, not here. Texts belong to text items of the page,
 * are UTF-8, within the item's limit, and hold nothing that looks like a CPR number. Errors:
 * pages.page, pages.items, pages.code {item}, pages.text {item}, pages.too_long {item, limit},
 * pages.cpr. */
bool page_save_check(const struct page_save *save, struct error *error);

/* All of them in one transaction, in the order of assignments (so that two nodes cannot wait for
 * each other); where that fails, each in one of its own. Sets every outcome. False only where the
 * database could not be used at all: nothing is then acknowledged. Checked saves alone. */
bool pages_save(struct store *study, struct page_save *saves, size_t n, int64_t now,
                struct arena *arena, struct error *error);

/* Goes on with a form in the grant's browser; whichever had it before has lost it. In a transaction
 * of its own. A grant of an earlier generation takes nothing. */
bool assignment_take(struct store *study, const struct grant *grant, struct error *error);

/* Folds what is left in pages of a wave's open forms into vectors, as the wave closes, within the
 * caller's transaction: those with an answer become "partial". */
bool pages_fold_wave(struct store *study, int wave, int64_t now, struct arena *arena,
                     struct error *error);

#endif

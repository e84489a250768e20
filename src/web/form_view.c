#include "web/form_view.h"

#include "base/arena.h"
#include "base/text.h"
#include "i18n/i18n.h"
#include "templates.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_ROOM = 16 * 1024, NUMBER_ROOM = 16 };

static const char NAME[] = "{name}";

const char *form_text(const struct reader *reader, struct texts texts, struct arena *arena) {
    const char *from = instrument_text(reader->instrument, texts, reader->tag);
    if (!strstr(from, NAME)) return from;
    const char *name = *reader->name ? reader->name
                       : reader->instrument->respondent == RESPONDENT_PARENT
                           ? i18n_text(reader->language, N_("your child"))
                           : i18n_text(reader->language, N_("the pupil"));
    struct text text = text_new(arena, TEXT_ROOM);
    for (const char *at; (at = strstr(from, NAME)) != NULL; from = at + strlen(NAME)) {
        text_add_bytes(&text, from, (size_t)(at - from));
        text_add(&text, name);
    }
    text_add(&text, from);
    return text_ok(&text) ? text_string(&text) : "";
}

const char *form_tag(const struct offered *offered, const char *wanted) {
    for (size_t i = 0; i < offered->n; i++)
        if (strcmp(offered->tags[i], wanted) == 0) return wanted;
    return offered->tags[0];
}

/* What was answered in another browser is not shown here, but decides which later pages are. */
static bool is_held(const struct reader *reader, const struct condition *condition) {
    return reader->answers && condition->n_codes > 0 &&
           memchr(condition->codes, reader->answers[condition->item], condition->n_codes);
}

/* "1,3", and the item's number; both empty where any answer will do. */
static void add_condition(const struct condition *condition, struct arena *arena, const char **item,
                          const char **codes) {
    *item = *codes = "";
    if (condition->n_codes == 0) return;
    struct text number = text_new(arena, NUMBER_ROOM), list = text_new(arena, TEXT_ROOM);
    text_addf(&number, "%zu", condition->item);
    for (size_t i = 0; i < condition->n_codes; i++)
        text_addf(&list, "%s%d", i ? "," : "", condition->codes[i]);
    *item = text_string(&number);
    *codes = text_string(&list);
}

/* By the words as they stand in the instrument: with {name}, not with anybody's. */
static const char *sound_named(const struct reader *reader, const char *words) {
    const char *sound = recording_of(&reader->recordings, words);
    return sound ? sound : "";
}
static const char *sound_of(const struct reader *reader, struct texts texts) {
    return sound_named(reader, instrument_text(reader->instrument, texts, reader->tag));
}

const char *form_dont_know(const struct reader *reader) {
    return i18n_text(reader->language, N_("Don't know"));
}
const char *form_not_applicable(const struct reader *reader) {
    return i18n_text(reader->language, N_("Does not apply"));
}

/* The categories in the order of display, then "don't know" and "not applicable". */
bool form_options(const struct reader *reader, const struct item *item, struct arena *arena,
                  struct form_item_view *view) {
    size_t n = item->n_categories;
    struct form_item_option *options = arena_array(arena, n + 2, sizeof *options);
    if (!options) return false;
    view->faces = false;
    for (size_t i = 0; i < n; i++) {
        size_t code = reader->instrument->most_first ? n - 1 - i : i;
        const struct category *category = &item->categories[code];
        options[i] = (struct form_item_option){ .code = (long long)code,
                                                .label = form_text(reader, category->label, arena),
                                                .sound = sound_of(reader, category->label),
                                                .smile = category->symbol == SYMBOL_SMILE,
                                                .neutral = category->symbol == SYMBOL_NEUTRAL,
                                                .frown = category->symbol == SYMBOL_FROWN };
        view->faces = view->faces || category->symbol != SYMBOL_NONE;
    }
    if (item->dont_know)
        options[n++] =
            (struct form_item_option){ .code = ANSWER_DONT_KNOW,
                                       .aside = true,
                                       .label = form_dont_know(reader),
                                       .sound = sound_named(reader, form_dont_know(reader)) };
    if (item->not_applicable)
        options[n++] =
            (struct form_item_option){ .code = ANSWER_NOT_APPLICABLE,
                                       .aside = true,
                                       .label = form_not_applicable(reader),
                                       .sound = sound_named(reader, form_not_applicable(reader)) };
    view->options = options;
    view->n_options = n;
    return true;
}

static bool grade_fits(const struct condition *condition, const struct grant *grant) {
    return !grant || condition->grade_from < 0 ||
           (grant->grade >= condition->grade_from && grant->grade <= condition->grade_to);
}

static void fill_item(const struct reader *reader, size_t number, size_t at, struct arena *arena,
                      struct form_item_view *view) {
    const struct item *item = &reader->instrument->items[number];
    *view =
        (struct form_item_view){ .item = (long long)number,
                                 .at = (long long)at,
                                 .id = item->id,
                                 .question = form_text(reader, item->text, arena),
                                 .sound = sound_of(reader, item->text),
                                 .is_text = item->kind == ITEM_TEXT,
                                 .limit = item->limit,
                                 .required = item->required,
                                 .speak = i18n_text(reader->language, N_("Hear the question")) };
    add_condition(&item->condition, arena, &view->if_item, &view->if_codes);
    view->held = is_held(reader, &item->condition);
    if (item->kind == ITEM_CHOICE) form_options(reader, item, arena, view);
}

static bool asked_here(const struct page *page, const struct grant *grant) {
    if (!grant || page->once == ONCE_FORM) return true;
    return (grant->first & (page->once == ONCE_PERSON ? 1 : 2)) != 0;
}

static void fill_page(const struct reader *reader, size_t number, struct arena *arena,
                      struct form_page_view *view) {
    const struct page *page = &reader->instrument->pages[number];
    const char *title = form_text(reader, page->title, arena);
    struct form_item_view *items = arena_array(arena, page->n_items, sizeof *items);
    *view = (struct form_page_view){
        .number = (long long)number,
        .n_codes = (long long)page->n_items,
        .title = *title ? title : form_text(reader, reader->instrument->title, arena),
        .intro = form_text(reader, page->intro, arena),
        .outro = form_text(reader, page->outro, arena),
        .items = items
    };
    add_condition(&page->condition, arena, &view->if_item, &view->if_codes);
    view->held = is_held(reader, &page->condition);
    for (size_t i = 0; items && i < page->n_items; i++)
        if (grade_fits(&reader->instrument->items[page->items[i]].condition, reader->grant))
            fill_item(reader, page->items[i], i, arena, &items[view->n_items++]);
}

struct form_page_view *form_pages(const struct reader *reader, struct arena *arena, size_t *n) {
    const struct instrument *instrument = reader->instrument;
    struct form_page_view *pages = arena_array(arena, instrument->n_pages + 1, sizeof *pages);
    *n = 0;
    for (size_t p = 0; pages && p < instrument->n_pages; p++) {
        const struct page *page = &instrument->pages[p];
        if (!asked_here(page, reader->grant) || !grade_fits(&page->condition, reader->grant))
            continue;
        fill_page(reader, p, arena, &pages[*n]);
        *n += pages[*n].n_items > 0;
    }
    return pages;
}

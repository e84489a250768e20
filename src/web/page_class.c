/* A class teacher's pages behind a code: the class, and one question for every pupil of it. */
#include "base/arena.h"
#include "base/text.h"
#include "collect/opening.h"
#include "templates.h"
#include "web/answering.h"
#include "web/form_view.h"
#include "web/page.h"
#include "web/site.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MAX (1 * MIB)

struct board {
    struct request *request;
    const struct opening *opening;
    struct reader reader;
    struct form_class_view view;
};

static const char *href_of(struct request *request, const char *key, long long value,
                           const char *tag) {
    struct text href = text_new(request->arena, 96);
    text_addf(&href, "/a/form?%s=%lld&lang=%s", key, value, tag);
    return text_string(&href);
}

/* As a class list stands: by first name. */
static int by_name(const void *left, const void *right) {
    const struct form_class_pupil *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static bool add_pupils(struct board *board) {
    const struct opening *opening = board->opening;
    struct form_class_pupil *pupils =
        arena_array(board->request->arena, opening->n + 1, sizeof *pupils);
    if (!pupils) return false;
    for (size_t i = 0; i < opening->n; i++) {
        const struct opening_form *form = &opening->forms[i];
        char grant[GRANT_TEXT];
        struct text key = text_new(board->request->arena, 64);
        grant_write(&board->request->site->collect, &form->grant, grant);
        text_addf(&key, "%lld.%d", (long long)form->grant.assignment, (int)form->grant.generation);
        pupils[i] = (struct form_class_pupil){
            .name = form->full_name,
            .grant = arena_copy(board->request->arena, grant),
            .key = text_string(&key),
            .kept = (long long)form->pages_kept,
            .href = href_of(board->request, "about", form->grant.assignment, board->reader.tag),
            .revision = form->revision,
            .done = form->state == SAVE_DONE,
            .open = form->state == SAVE_KEPT,
            .elsewhere = form->state == SAVE_ELSEWHERE
        };
        if (pupils[i].elsewhere) board->view.take = pupils[i].grant;
    }
    qsort(pupils, opening->n, sizeof *pupils, by_name);
    board->view.pupils = pupils;
    board->view.n_pupils = opening->n;
    return true;
}

/* Whether anybody of the class is asked the item. */
static bool asked(const struct board *board, const struct item *item) {
    for (size_t i = 0; i < board->opening->n; i++) {
        int grade = board->opening->forms[i].grant.grade;
        if (item->condition.grade_from < 0 ||
            (grade >= item->condition.grade_from && grade <= item->condition.grade_to))
            return true;
    }
    return false;
}

static bool add_questions(struct board *board) {
    const struct instrument *instrument = board->reader.instrument;
    struct arena *arena = board->request->arena;
    struct form_class_question *questions =
        arena_array(arena, instrument->n_items + 1, sizeof *questions);
    if (!questions) return false;
    board->view.questions = questions;
    for (size_t p = 0; p < instrument->n_pages; p++)
        for (size_t i = 0; i < instrument->pages[p].n_items; i++) {
            size_t number = instrument->pages[p].items[i];
            const struct item *item = &instrument->items[number];
            if (item->kind != ITEM_CHOICE || !asked(board, item)) continue;
            questions[board->view.n_questions++] = (struct form_class_question){
                .text = form_text(&board->reader, item->text, arena),
                .heading = i == 0 ? form_text(&board->reader, instrument->pages[p].title, arena)
                                  : "",
                .href =
                    href_of(board->request, "question", (long long)number + 1, board->reader.tag)
            };
        }
    return true;
}

/* The options of the chosen question, with the digits that choose them. */
static bool add_options(struct board *board, const struct item *item) {
    struct form_item_view shown;
    struct form_class_option *options;
    if (!form_options(&board->reader, item, board->request->arena, &shown)) return false;
    options = arena_array(board->request->arena, shown.n_options, sizeof *options);
    if (!options) return false;
    for (size_t i = 0; i < shown.n_options; i++)
        options[i] = (struct form_class_option){ .code = shown.options[i].code,
                                                 .number = (long long)i + 1,
                                                 .label = shown.options[i].label,
                                                 .aside = shown.options[i].aside };
    board->view.options = options;
    board->view.n_options = shown.n_options;
    return true;
}

/* The question of "?question=N" (its item's number and one); false where there is none. */
static bool choose(struct board *board, size_t number) {
    const struct instrument *instrument = board->reader.instrument;
    struct form_class_view *view = &board->view;
    const char *own = href_of(board->request, "question", (long long)number + 1, board->reader.tag);
    for (size_t q = 0; q < view->n_questions; q++) {
        if (strcmp(view->questions[q].href, own) != 0) continue;
        view->question = view->questions[q].text;
        view->before = q > 0 ? view->questions[q - 1].href : "";
        view->after = q + 1 < view->n_questions ? view->questions[q + 1].href : "";
    }
    for (size_t p = 0; view->question && p < instrument->n_pages; p++)
        for (size_t i = 0; i < instrument->pages[p].n_items; i++) {
            if (instrument->pages[p].items[i] != number) continue;
            view->page = (long long)p;
            view->id = instrument->items[number].id;
            view->at = (long long)i;
            view->n_codes = (long long)instrument->pages[p].n_items;
            view->page_title =
                form_text(&board->reader, instrument->pages[p].title, board->request->arena);
            view->page_intro =
                form_text(&board->reader, instrument->pages[p].intro, board->request->arena);
        }
    return view->question && add_options(board, &instrument->items[number]);
}

bool answering_class(struct request *request, const struct instrument *instrument,
                     const struct opening *opening, struct error *error) {
    struct board board = { .request = request,
                           .opening = opening,
                           .reader = { .instrument = instrument, .name = "" } };
    const char *question = field_value(&request->query, "question");
    long long number;
    struct offered offered;
    if (!languages_offered(request->programme->study, opening->instrument, instrument,
                           request->arena, &offered, error))
        return false;
    board.reader.tag = form_tag(&offered, language_tag(answering_language(request)));
    board.reader.language = answering_language(request);
    struct form_class_view *view = &board.view;
    view->lang = board.reader.tag;
    view->dir = language_right_to_left(board.reader.language) ? "rtl" : "ltr";
    view->style = static_href("form.css");
    view->script = static_href("class.js");
    view->icon = static_href("lark.svg");
    view->title = form_text(&board.reader, instrument->title, request->arena);
    view->notice = form_text(&board.reader, instrument->notice, request->arena);
    view->unit = opening->unit;
    view->languages =
        answering_languages(request, "/a/form", offered.tags, offered.n, board.reader.tag);
    if (!add_pupils(&board) || !add_questions(&board)) return error_plain(error, "web.memory");
    if (question && text_to_int(question, 1, (long long)instrument->n_items, &number))
        choose(&board, (size_t)number - 1);
    struct text page = text_new(request->arena, PAGE_MAX);
    render_form_class(&page, board.reader.language, view);
    return answering_send(request, 200, &page) || error_plain(error, "web.memory");
}

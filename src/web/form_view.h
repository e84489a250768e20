/* form_view.h - from a compiled questionnaire to what its page shows. Layer: web, for its own
 * files. */
#ifndef LAERKE_WEB_FORM_VIEW_H
#define LAERKE_WEB_FORM_VIEW_H

#include "collect/code.h"
#include "collect/recording.h"
#include "instrument/approval.h"
#include "instrument/instrument.h"

struct arena;
struct language;
struct form_page_view;

/* Who reads it. */
struct reader {
    const struct instrument *instrument;
    const struct language *language; /* of the frame around the questions */
    const char *tag;                 /* of the questions: one of the instrument's languages */
    const char *name;                /* stands for {name}; "" in a preview: "your child" */
    const struct grant *grant;       /* NULL: a preview, which shows every page */
    const uint8_t *answers;          /* one code an item, as the server has them; NULL: none */
    struct recordings recordings;    /* of tag; none: nothing is read aloud but by the browser */
};

/* A text of the instrument with {name} filled in. */
const char *form_text(const struct reader *reader, struct texts texts, struct arena *arena);

/* What the two answers beside the scale are called. */
const char *form_dont_know(const struct reader *reader);
const char *form_not_applicable(const struct reader *reader);

/* The language that is wanted where it is offered, else the first. */
const char *form_tag(const struct offered *offered, const char *wanted);

/* The options of an item as they are displayed, into view; false: no memory. */
struct form_item_view;
bool form_options(const struct reader *reader, const struct item *item, struct arena *arena,
                  struct form_item_view *view);

/* The pages that this reader may come to see (grades, and what is asked once, are decided here;
 * conditions on answers by the page's script). NULL: no memory. */
struct form_page_view *form_pages(const struct reader *reader, struct arena *arena, size_t *n);

#endif

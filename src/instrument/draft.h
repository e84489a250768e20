/* draft.h - a questionnaire on its way from another program's file to our JSON.
 *
 * Layer: instrument (inner header). A reader of a format fills a draft: languages first, then sets
 * of categories, pages and items in reading order. The draft knows what ours cannot hold and says
 * so.
 */
#ifndef LAERKE_INSTRUMENT_DRAFT_H
#define LAERKE_INSTRUMENT_DRAFT_H

#include "instrument/convert.h"

#include <jansson.h>

enum { DRAFT_LANGUAGES = 16, DRAFT_SETS = 1024 };

/* A text by language; NULL or "": not there. */
struct words {
    const char *in[DRAFT_LANGUAGES];
};

/* Categories of one name in the file, and what the file calls each ("Y", "1"). */
struct draft_set {
    const char *name;
    size_t n;
    const char *codes[CATEGORIES_MAX];
    int values[CATEGORIES_MAX];
    json_t *categories; /* as it stands under category_sets */
};

struct draft {
    struct arena *arena;
    const char *path; /* for messages; a reader of several sheets changes it */
    struct error_list *left;
    json_t *root, *items, *pages, *page, *sets, *scales; /* page: the one that is being filled */
    size_t n_languages, n_sets;
    const char *languages[DRAFT_LANGUAGES];
    struct draft_set *set;
    const char **codes; /* of the items, as in the file; ended by NULL */
    const struct draft_set **set_of;
    size_t n_items, page_first; /* the first item of the page that is being filled */
    int page_line;
    bool ours;     /* we wrote the file: the order of categories is that of the scale */
    bool pageless; /* no form that anybody fills in: items of a test */
};

bool draft_begin(struct draft *draft, const char *path, struct arena *arena,
                 struct error_list *left);
void draft_end(struct draft *draft); /* releases the JSON */

/* Names something that is not carried over. Ids: instrument.left_… */
#define leave(draft, line, id, ...)                                                                \
    leave_args((draft), (line), (id), (const struct arg[]){ __VA_ARGS__ },                         \
               sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
void leave_args(struct draft *draft, int line, const char *id, const struct arg *args, size_t n);
/* The usual one: “{what}” of {whom} is left out. */
void leave_thing(struct draft *draft, int line, const char *what, const char *whom);
/* A text that quotes something that we do not know ("${age}"): it stays as it is written. */
void leave_quote(struct draft *draft, int line, const char *text);

/* Index of a language, added when it is new; −1: too many, or no language code. */
int draft_language(struct draft *draft, const char *tag);

/* A code as ours may be written: other letters become "_", which is named. */
const char *draft_code(struct draft *draft, int line, const char *code);

/* A text in every language, or NULL when it is in none. Where a language is missing, another's
 * words stand there, which is named. */
json_t *draft_text(struct draft *draft, int line, const char *what, const struct words *words);
void draft_put_text(struct draft *draft, json_t *object, const char *key, int line,
                    const struct words *words);

/* A set of n categories. Values are the codes where these are whole numbers, else 0, 1, 2 …, which
 * is named. NULL when it is not 2 to 16 (named). labels may be NULL: values alone. symbols: NULL,
 * or a word each. */
const struct draft_set *draft_set(struct draft *draft, int line, const char *name, size_t n,
                                  const char *const *codes, const struct words *labels,
                                  const char *const *symbols);
const struct draft_set *draft_find_set(const struct draft *draft, const char *name);

/* A new page; an earlier one without items is taken out (named when it says something). NULL words:
 * no title. */
void draft_page(struct draft *draft, int line, const struct words *title);

/* No page is being filled any more. */
void draft_end_page(struct draft *draft);

/* A new item on the page (a page is made where there is none): the object, to which more may be
 * set; NULL: left out (named), because its code stands already or there are too many. set NULL:
 * free text. */
json_t *draft_item(struct draft *draft, int line, const char *code, const struct words *text,
                   const struct draft_set *set);

/* The most characters of a free text; more than we take are named and cut. */
void draft_limit(struct draft *draft, int line, json_t *item, long long limit);

/* "if" from an earlier item and codes of its categories, into a page or an item; false: there is no
 * such item, or it has no such category. */
struct draft_if {
    const char *item;
    size_t n;
    const char *codes[CATEGORIES_MAX];
};
bool draft_condition(struct draft *draft, json_t *whom, const struct draft_if *condition);

/* A page like the one that is being filled, with its conditions: what comes next stands on it.
 * Named. */
void draft_break(struct draft *draft, int line, const char *code);

/* Text of HTML: without tags, entities decoded, blanks joined, a line a paragraph. Tags but those
 * of paragraphs and plain spans are named. */
const char *draft_plain(struct draft *draft, int line, const char *html);

/* Whether an item stands on the page that is being filled: what depends on it begins a page of its
 * own. */
bool draft_same_page(const struct draft *draft, const char *code);

/* Pages without items go, scales are made where the file has none (named), the JSON is written.
 * NULL: memory. */
const char *draft_finish(struct draft *draft);

/* Readers, by format. */
bool xlsform_read(struct draft *draft, const struct import *import, struct error *error);
bool surveyjs_read(struct draft *draft, const struct import *import, struct error *error);
bool limesurvey_read(struct draft *draft, const struct import *import, struct error *error);

#endif

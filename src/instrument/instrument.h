/* instrument.h - questionnaires: items, response categories, scales, forms, languages.
 *
 * Layer: instrument (above store, i18n, exchange). The JSON format is documented in docs/instrument.md;
 * an instrument version is immutable once a wave that uses it opens.
 *
 *     struct instrument *i;
 *     if (!instrument_parse(&i, path, bytes, length, arena, &faults)) ...   // faults names every line
 *     instrument_text(i->scales[0].name, "da")
 */
#ifndef LAERKE_INSTRUMENT_INSTRUMENT_H
#define LAERKE_INSTRUMENT_INSTRUMENT_H

#include "base/error.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct store;

/* A text in each of the instrument's languages, in the order of instrument.languages. */
struct texts {
    const char **in;
};

/* Who is asked: pupil_young | pupil | class_teacher | parent | teacher | pedagogue | leader. */
enum respondent {
    RESPONDENT_PUPIL_YOUNG, RESPONDENT_PUPIL, RESPONDENT_CLASS_TEACHER, RESPONDENT_PARENT,
    RESPONDENT_TEACHER, RESPONDENT_PEDAGOGUE, RESPONDENT_LEADER, RESPONDENT_COUNT
};
const char *respondent_name(enum respondent respondent);
bool respondent_from_name(const char *name, enum respondent *out);

/* What stands beside a category's words: nothing, or one of three faces. */
enum symbol { SYMBOL_NONE, SYMBOL_FROWN, SYMBOL_NEUTRAL, SYMBOL_SMILE };
struct category {
    int value;              /* what a CSV of answers holds; unique within the item */
    struct texts label;     /* may be absent (in NULL) for items of imported tests */
    enum symbol symbol;
};

/* Who is shown an item or a page: those of some grades, and those who gave one of some answers to an
 * item of an earlier page. Whoever is not shown something has ANSWER_NOT_SEEN there. */
struct condition {
    int grade_from, grade_to; /* of the subject; -1 both: any grade, and none */
    size_t item, n_codes;     /* n_codes 0: no earlier answer is asked for */
    const uint8_t *codes;
};

enum item_kind { ITEM_CHOICE, ITEM_TEXT };
struct item {
    const char *id;         /* stable over waves */
    struct texts text;      /* may be absent, as above; {name}: the subject's first name */
    enum item_kind kind;
    size_t n_categories;    /* 0 for a text */
    const struct category *categories; /* in the order of the scale, lowest first: index = code */
    bool reversed;          /* the scale counts it from the other end */
    bool dont_know, not_applicable; /* these two may be chosen as well */
    bool required;          /* the page asks once more before it goes on without an answer */
    int limit;              /* of a text, in characters */
    struct condition condition;
};

/* How a scale is reported. */
enum scale_use {
    USE_SCALE,     /* points on the 500-point scale */
    USE_SHARES,    /* shares only, never a mean: bullying, challenge */
    USE_BACKGROUND /* nothing of its own is published: what other results are held against */
};
struct scale {
    const char *code;
    struct texts name, meaning; /* name: the code where the file has none */
    struct texts above, below; /* "oplever mere støtte fra deres lærere": what a unit above (below)
                                * the reference says; may be absent */
    char goal;                 /* 'L', 'S', 'T', or 0 */
    bool teaching;             /* about teaching: a single class's belongs to its team */
    enum scale_use use;
    const char *lowest_unit;   /* kind below which it is never shown: "class", "school", … */
    size_t n_items;
    const size_t *items;       /* indexes into instrument.items */
};

/* Reading order of the form: pages of items. */
enum once {
    ONCE_FORM,   /* in every form that somebody is given */
    ONCE_SCHOOL, /* in the first of somebody's forms for a school (a parent of two pupils there) */
    ONCE_PERSON  /* in the first of all of somebody's forms */
};
struct page {
    struct texts title, intro, outro; /* outro stands below the questions: where to get help */
    enum once once;
    struct condition condition;
    size_t n_items;
    const size_t *items;
};

enum layout {
    LAYOUT_PAGE,  /* a page of questions at a time */
    LAYOUT_SINGLE /* a question at a time, with big faces */
};

struct instrument {
    const char *code;
    int version;
    enum respondent respondent;
    int grade_from, grade_to;  /* pupils of these grades get it; -1 both: all, and those without grade */
    struct texts title;
    struct texts notice, thanks; /* before the first page and after the last; may be absent */
    enum layout layout;
    bool most_first;           /* options are displayed from the highest category down */
    size_t n_languages;
    const char **languages;
    size_t n_items, n_scales, n_pages;
    const struct item *items;
    const struct scale *scales;
    const struct page *pages;
};

/* Parses and checks. Every fault goes to faults with file and line; NULL and false when there is one.
 * instrument_read_file takes a file's name, or the name of an instrument that comes with the program
 * ("pupil" is instruments/pupil.json) where there is no such file. */
bool instrument_parse(struct instrument **out, const char *path, const char *bytes, size_t length,
                      struct arena *arena, struct error_list *faults);
bool instrument_read_file(struct instrument **out, const char *path, struct arena *arena,
                          struct error_list *faults);

/* The text in a language, else in the instrument's first, else "". */
const char *instrument_text(const struct instrument *instrument, struct texts texts,
                            const char *language);
/* Index of an item or scale by id or code; -1 when there is none. */
long instrument_item(const struct instrument *instrument, const char *id);
long instrument_scale(const struct instrument *instrument, const char *code);

/* Whether the one who answers is shown a page, or an item of it: vector holds what was answered on
 * earlier pages, grade is the subject's (-1: none). */
bool condition_holds(const struct condition *condition, const uint8_t *vector, int grade);

/* One byte an item in an answer vector: the category's index (of a text: 0, something is written), or
 * one of these. */
enum {
    ANSWER_NOT_SEEN = 255, ANSWER_SKIPPED = 254, ANSWER_DONT_KNOW = 253, ANSWER_NOT_APPLICABLE = 252
};

/* Loads a file (as instrument_read_file finds it) into the study store as the next version of its
 * code, in a transaction of its own. *id is its row. Where the newest version has the same bytes,
 * nothing changes, *existed is true, and *id and *version are that version's. */
bool instrument_load(struct store *study, const char *path, struct arena *arena, int64_t *id,
                     int *version, bool *existed, struct error_list *faults);
/* The newest version of a code (version 0), or that version. Error instrument.unknown. */
bool instrument_get(struct store *study, const char *code, int version, struct arena *arena,
                    int64_t *id, struct instrument **out, struct error *error);
bool instrument_by_id(struct store *study, int64_t id, struct arena *arena, struct instrument **out,
                      struct error *error);

/* What is loaded, by code and version. */
struct instrument_row {
    int64_t id;
    const char *code, *respondent, *sha256;
    int version;
};
bool instrument_list(struct store *study, struct arena *arena, struct instrument_row **out, size_t *n,
                     struct error *error);

#endif

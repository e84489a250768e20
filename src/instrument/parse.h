/* parse.h - from a tree of JSON to a struct instrument, with every fault named.
 *
 * Layer: instrument (inner header). parse.c has the words that all parts use, parse_parts.c reads the
 * parts, parse_form.c the form, check.c holds the parts against each other. Each function goes on after a fault, so that one
 * run names them all; the instrument is thrown away when there was one.
 */
#ifndef LAERKE_INSTRUMENT_PARSE_H
#define LAERKE_INSTRUMENT_PARSE_H

#include "instrument/instrument.h"
#include "instrument/tree.h"

#include <limits.h>

struct arena;

/* A named set of categories, or the one that items take by default. */
struct category_set {
    const char *name;
    size_t n;
    const struct category *categories;
    bool labelled;
    bool faulty; /* already named; whoever uses it is not */
};

struct parse {
    const char *path;
    struct arena *arena;
    struct error_list *faults;
    struct instrument *instrument;
    const struct tree *root;
    size_t n_sets;
    struct category_set *sets;
    const char **set_names;          /* ended by NULL, for nearest() */
    struct category_set default_set; /* n = 0: none */
    const char **item_ids;           /* ended by NULL */
    struct item *items;
    const struct tree **item_trees;
    struct scale *scales;
    struct page *pages;
    bool shown;                      /* has pages: people fill it in, so texts are needed */
    bool no_memory;
};

/* Adds a fault at a tree's line. Ids are marked for the check of the build. */
#define fault(parse, tree, id, ...)                                                                \
    fault_args((parse), (tree)->line, (id), (const struct arg[]){ __VA_ARGS__ },                   \
               sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
void fault_plain(struct parse *parse, const struct tree *tree, const char *id);
void fault_args(struct parse *parse, int line, const char *id, const struct arg *args, size_t n);

/* A zeroed array of the arena; NULL sets no_memory. */
void *parse_array(struct parse *parse, size_t count, size_t size);

/* Names every key that is not in keys (ended by NULL). */
void check_keys(struct parse *parse, const struct tree *object, const char *const *keys);

/* Members of a type: NULL (or the fallback) when absent; a wrong type is a fault, and so is absence
 * where it is needed. */
enum need { OPTIONAL, NEEDED };
const struct tree *get_list(struct parse *parse, const struct tree *object, const char *key,
                            enum need need, size_t max);
const char *get_string(struct parse *parse, const struct tree *object, const char *key, enum need need);
bool get_flag(struct parse *parse, const struct tree *object, const char *key);
/* Index of the member's word in words (ended by NULL); fallback when absent or unknown. */
size_t get_word(struct parse *parse, const struct tree *object, const char *key, enum need need,
                const char *const *words, size_t fallback);
/* A code: letters, digits, '.', '_' and '-', at most CODE_MAX - 1. "" is never returned. */
const char *get_code(struct parse *parse, const struct tree *object, const char *key);
const char *code_of(struct parse *parse, const struct tree *value, const char *key);
bool is_object(struct parse *parse, const struct tree *tree, const char *what);

/* A text in every language: an object by language, or one string where there is one language. */
struct texts get_texts(struct parse *parse, const struct tree *object, const char *key, enum need need);

/* "grades": [from, to] of an object; -1 both where it has none. */
void get_grades(struct parse *parse, const struct tree *object, int *from, int *to);
/* A list of item ids as indexes; an unknown one, or one that stands twice, is a fault. */
size_t item_list(struct parse *parse, const struct tree *list, const size_t **out);

#define NO_CONDITION ((struct condition){ .grade_from = -1, .grade_to = -1 })

/* The parts. */
void parse_head(struct parse *parse);
void parse_sets(struct parse *parse);
void parse_items(struct parse *parse);
void parse_scales(struct parse *parse);
void parse_pages(struct parse *parse);

/* Duplicates, items that stand nowhere, texts that people need. */
void check_items(struct parse *parse);
void check_scales(struct parse *parse);
void check_pages(struct parse *parse);
void check_conditions(struct parse *parse); /* each asks for an item of an earlier page */

#endif

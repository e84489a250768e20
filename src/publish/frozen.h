/* frozen.h - one unit's frozen results: the only thing that pages, PDFs and exports are made from.
 *
 * Layer: publish. frozen_write() and frozen_read() are each other's inverse; the JSON is the one that
 * `laerke profile --format json` prints (docs/results.md). Means, bounds and SDs are whole points,
 * standard errors have one decimal. A part that is not shown holds no number at all.
 */
#ifndef LAERKE_PUBLISH_FROZEN_H
#define LAERKE_PUBLISH_FROZEN_H

#include "base/error.h"
#include "stat/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct store;
struct text;

enum { FROZEN_LANGUAGES = 8 };

/* A text in some languages; tag NULL ends it. */
struct frozen_text {
    const char *tag[FROZEN_LANGUAGES + 1];
    const char *text[FROZEN_LANGUAGES + 1];
};
/* In that language, else in the first, else "". */
const char *frozen_text(const struct frozen_text *text, const char *language);

struct frozen_unit {
    int64_t id, parent;     /* parent 0: none */
    const char *kind, *code, *name;
    int grade;              /* -1: none */
};

/* An item as respondents met it: its question and its answers, lowest category first. */
struct frozen_item {
    const char *item;
    struct frozen_text text;
    size_t n_labels;
    struct frozen_text *labels;
};

/* How one item was answered: whole per cents that sum to 100, one a label; none when not shown. */
struct frozen_answers {
    const char *item;
    bool shown;
    int n;
    size_t n_shares;
    int *shares;
};

/* One cell: a scale × a part ("all", "grade:4", …) of the unit. */
struct frozen_part {
    const char *part;
    bool shown;
    const char *why;        /* when not shown: "too_few", "not_measured" */
    int n, invited;
    int mean, low, high;    /* 95 % interval */
    int raw_mean;           /* of a class: before shrinking; elsewhere the mean */
    int sd;                 /* 0: not given (under 30 answers) */
    double se;
    size_t n_categories;    /* item answers: 0, or one an item of the scale, in its order */
    struct frozen_answers *categories;
};

struct frozen_comparison {
    const char *with;       /* "programme", "municipality" */
    const char *part;       /* "all" */
    int reference;          /* its mean, standardised to the unit's grades */
    int difference, low, high;
    enum verdict verdict;
};

/* How the wave stands on the metric of the scale's base wave. */
struct frozen_link {
    int base;               /* wave; 0: this wave is the base, and no link is written */
    bool trend;             /* false: too few items in common, so the scale begins anew */
    int items;              /* that link the two */
    const char *dropped;    /* the item that drifted and is left out, or NULL */
    double error;           /* link error in points, one decimal; 0 where it is not known */
};

struct frozen_scale {
    const char *scale, *instrument, *respondent;
    char goal;              /* 'L', 'S', 'T' or 0 */
    bool teaching;          /* a class's belongs to its team */
    struct frozen_text name, meaning, above, below;
    bool shares_only;       /* no points: its parts have categories, and no mean, se, low, high or sd */
    size_t n_items;
    struct frozen_item *items; /* n_items of them where answers are shown, else NULL */
    double reliability;     /* EAP reliability in the wave, two decimals */
    struct frozen_link link;
    int axis_low, axis_high; /* 400–600; 350–650 for classes */
    int band_low, band_high; /* the middle half of the programme's units of this kind; 0 0: none */
    size_t n_parts, n_comparisons;
    struct frozen_part *parts;
    struct frozen_comparison *comparisons;
};

struct frozen_response {
    const char *respondent;
    bool shown;             /* false under the minimum: then no numbers */
    int invited, n;
};

struct frozen {
    struct frozen_unit unit;
    size_t n_path, n_children;
    struct frozen_unit *path;      /* from the programme to the parent */
    struct frozen_unit *children;  /* in their own order, never by result */
    int wave;
    const char *wave_name, *opens, *closes;
    const char *publication;       /* first 16 hex digits of the inputs' hash */
    const char *programme;         /* its name */
    int minimum_group;
    size_t n_responses, n_scales;
    struct frozen_response *responses;
    struct frozen_scale *scales;
};

/* Canonical JSON (docs/results.md). False when out is full, a text is not UTF-8, a number is not finite,
 * or a comparison stands beside a part that is not shown: its reference plus its difference is the hidden
 * mean. */
bool frozen_write(const struct frozen *frozen, struct text *out);
/* Error frozen.broken {what}. */
bool frozen_read(const char *json, size_t length, struct arena *arena, struct frozen **out,
                 struct error *error);

/* The publication that people see: of the wave (0: of the newest published one) the newest. Errors:
 * publish.none {wave}, publish.none_at_all. Cheap: a key for what was made from a publication before. */
bool frozen_newest(struct store *study, int wave, int64_t *publication, int *found_wave,
                   struct error *error);

/* The newest publication's blob of a unit (wave 0: of the newest published wave), as it is stored and
 * as it is read. Errors: publish.none {wave}, publish.none_at_all, publish.no_unit {wave}. json and length may be NULL. */
bool frozen_get(struct store *study, int wave, int64_t unit, struct arena *arena,
                struct frozen **out, const char **json, size_t *length, struct error *error);

/* Waves that have a publication, newest first. */
bool frozen_waves(struct store *study, struct arena *arena, int **waves, size_t *n,
                  struct error *error);

#endif

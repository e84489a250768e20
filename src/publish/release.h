/* release.h - all scales of a wave, aggregated: what suppression and freezing work on. Inside publish.
 */
#ifndef LAERKE_PUBLISH_RELEASE_H
#define LAERKE_PUBLISH_RELEASE_H

#include "publish/aggregate.h"

struct text;

/* Answers to one item: counts, and where they may be shown. */
struct released_item {
    size_t item;          /* of the instrument */
    size_t *counts;       /* counts[unit * n_categories + category] */
    bool *shown;          /* one a unit */
};

/* The middle half of the shown means of one kind of unit; 0 0 where there are too few of them. */
struct band {
    double low, high;
};

/* One scale of the wave, in the order of instruments and scales. */
struct released_scale {
    const struct survey *survey;
    const struct scale *scale;
    bool calibrated, failed;
    double mean, sd, reliability; /* as in the score table */
    struct measure_link link;
    double link_error;            /* points; NaN where there is none */
    size_t n_parameters;          /* items that are calibrated */
    size_t *parameter_item;
    struct item_parameters *parameters;
    size_t n_persons, blob_length;
    unsigned char *blob;          /* float32, little-endian: WLE and plausible values of each person */
    struct unit_cell *cells;      /* one a unit */
    struct band bands[UNIT_KINDS];
    struct released_item *items;  /* scale->n_items of them for shares, else NULL */
};

struct release {
    const struct panel *panel;
    int minimum;
    size_t n_scales;
    struct released_scale *scales;
};

enum { SHARES_MIN = 30, SD_MIN = 30 };

/* A scale is never shown for units of a kind below its lowest one. Shares stop above the class: a class's
 * come in merged groups of categories, which is another kind of cell. */
bool release_reaches(const struct scale *scale, enum unit_kind kind);

/* Link errors of all scales: √(σ²/m), σ the drift of items pooled over the wave's scales of the same
 * format, which is that of one respondent with as many categories. */
bool release_link(struct release *release, struct arena *arena, struct error *error);

/* Fills in every cell's and item's shown and the bands, and judges each unit's contrasts. */
bool release_suppress(struct release *release, struct arena *arena, struct error *error);

/* One unit's frozen results as canonical JSON. */
bool release_freeze(const struct release *release, size_t unit, const char *publication,
                    const char *programme, struct arena *arena, struct text *out,
                    struct error *error);

/* Answers to shares-only scales: counts of every item. */
bool release_count(const struct panel *panel, struct released_scale *scale, struct arena *arena,
                   struct error *error);

#endif

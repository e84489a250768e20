/* document.h - headings, paragraphs, findings, charts and tables as plain data; no drawing.
 *
 * Layer: document (above base). Pure. Profiles (and later reports) build a struct document in the
 * reader's language; painters turn the same one into HTML + SVG and into PDF. Texts are final: numbers
 * are already written as the language does. Nothing here knows colours, fonts or sizes.
 *
 * All of it lives in one arena; add_…() returns NULL when it is full and document_ok() tells at the end.
 */
#ifndef LAERKE_DOCUMENT_DOCUMENT_H
#define LAERKE_DOCUMENT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* How a statement stands to its reference: a shape (▲ – ▼), a colour and a word in every painter. */
enum tone { TONE_NEUTRAL, TONE_ABOVE, TONE_BELOW };

/* A run of text; strong ones are the finding in a sentence. href NULL: plain. */
struct run {
    const char *text;
    bool strong;
    const char *href; /* "#anchor" or a path of the site; PDF keeps anchors only */
    struct run *next;
};

/* A card on the first screen: the finding before the number. */
struct finding {
    enum tone tone;
    const char *tag;     /* "Tydeligt over programmet" */
    const char *number;  /* "534" */
    const char *detail;  /* "mellem 523 og 545" */
    struct run *sentence;
    const char *link_text, *href;
};

/* One row of a dot chart: a name, a dot on an interval, on the reference's band. Below the chart stands
 * its name, what it is about, and its statement: the chart in words, and on a phone the chart itself. */
struct dot_row {
    const char *name;
    const char *anchor;       /* id for links, or NULL */
    const char *meaning;      /* what the scale is about, or NULL */
    bool shown;
    const char *why;          /* when not shown: the one sentence; then nothing below is set */
    double value, low, high;
    bool has_band;
    double band_low, band_high;
    bool has_mark;
    double mark;              /* a thin upright stroke: what the row is compared with (the programme's
                               * mean at the unit's grades) */
    bool has_earlier;
    double earlier;           /* hollow dot */
    enum tone tone;
    const char *value_text;   /* "534" */
    const char *word;         /* "tydeligt over" */
    const char *sentence;     /* the same as whole sentences, plain (alternatives, reading aloud) */
    struct run *statement;    /* the same with the finding strong */
};

struct dot_chart {
    const char *title, *description;    /* the finding; how to read it */
    double axis_low, axis_high, axis_step, reference; /* reference: the line at 500 */
    const char *reference_text;                       /* stands at that line; or NULL */
    const char *key_own, *key_earlier, *key_band, *key_mark; /* NULL: not in the key */
    size_t n_rows;
    struct dot_row *rows;
};

/* Shares of answers as one stacked bar a row; at most SHARE_CATEGORIES_MAX categories. */
enum { SHARE_CATEGORIES_MAX = 6 };
struct share_row {
    const char *name;
    const char *anchor;       /* id for links, or NULL */
    const char *meaning;      /* what it is about, or NULL */
    bool shown;
    const char *why;
    const double *shares;     /* fractions, n_categories of the chart, sum 1 */
    const char *const *texts; /* "64 %", n_categories */
    const char *sentence;     /* the row in words */
};
struct share_chart {
    const char *title, *description;
    size_t n_categories, n_rows;
    const char *const *categories;
    struct share_row *rows;
};

struct table {
    const char *caption;
    size_t n_columns, n_rows;
    const char *const *header;      /* n_columns */
    const char *const *cells;       /* n_rows * n_columns; the first column heads the row */
    const bool *numeric;            /* a column of numbers stands to the right */
};

struct link {
    const char *text, *href, *note; /* note may be NULL */
};

enum block_kind {
    BLOCK_HEADING,    /* level 2 or 3, text, anchor */
    BLOCK_LEAD,       /* grey introduction under a heading */
    BLOCK_PARAGRAPH,
    BLOCK_FINDINGS,   /* list of cards */
    BLOCK_DOTS,       /* chart, with its table folded below it */
    BLOCK_SHARES,     /* chart, with its table folded below it */
    BLOCK_TABLE,
    BLOCK_LINKS,      /* navigation to units below; not in a PDF */
    BLOCK_EXPLAIN,    /* "Hvad betyder tallet?": a folded explanation on the web, a box in a PDF */
    BLOCK_NEXT        /* the one next step, at the end */
};

struct block {
    enum block_kind kind;
    int level;
    const char *anchor;        /* or NULL */
    bool folded;               /* DOTS and SHARES: on the web under its title until it is opened; left out
                                * of a PDF */
    struct run *runs;          /* HEADING, LEAD, PARAGRAPH, EXPLAIN and NEXT (the body) */
    const char *title;         /* EXPLAIN and NEXT; LINKS: what the list is called aloud */
    size_t n_points;           /* EXPLAIN and NEXT: a list below the body, numbered in NEXT */
    struct run **points;
    size_t n_findings;
    struct finding *findings;
    struct dot_chart *dots;
    struct share_chart *shares;
    struct table *table;       /* TABLE, and the data of DOTS and SHARES */
    const char *table_label;   /* "Vis som tabel" */
    size_t n_links;
    struct link *links;
    const char *button, *href; /* NEXT; NULL: no button */
    struct block *next;
};

struct document {
    struct arena *arena;
    const char *language;      /* "da" */
    const char *title;         /* h1 */
    const char *subtitle;      /* "Kvalitetsprofil · Kortlægning 2026": small above the h1, and behind it
                                * in the window's title and the PDF's metadata */
    struct run *summary;       /* the line under h1 */
    const char *footer;        /* data are for development … */
    struct block *first, *last;
    bool failed;
};

struct document *document_create(struct arena *arena, const char *language, const char *title);

/* True when everything asked for so far was in the arena. A NULL document is not ok. */
bool document_ok(const struct document *document);

/* count zeroed elements of size bytes in the document's arena; NULL marks the document as failed. */
void *document_array(struct document *document, size_t count, size_t size);

/* A run list from a pattern in which **…** is strong: "skolen ligger **tydeligt over**". A mark without
 * its partner is text, and a backslash makes the next character plain. What comes from outside (names) is never a pattern: see document_escape(). */
struct run *document_runs(struct document *document, const char *marked);

/* text as it must stand in a pattern to come out of document_runs() unchanged: \ before * and \. */
const char *document_escape(struct document *document, const char *text);

struct block *add_block(struct document *document, enum block_kind kind);
struct block *add_heading(struct document *document, int level, const char *text,
                          const char *anchor);
struct block *add_paragraph(struct document *document, enum block_kind kind, const char *marked);

/* The text of runs without marks (for titles and alternatives). */
const char *runs_text(struct document *document, const struct run *runs);

#endif

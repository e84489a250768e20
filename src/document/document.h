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

/* One row of a dot chart: a name, a dot on an interval, on the reference's band. */
struct dot_row {
    const char *name;
    const char *anchor;       /* id for links, or NULL */
    bool shown;
    const char *why;          /* when not shown: the one sentence */
    double value, low, high;
    bool has_band;
    double band_low, band_high;
    bool has_earlier;
    double earlier;           /* hollow dot */
    enum tone tone;
    const char *value_text;   /* "534" */
    const char *word;         /* "tydeligt over" */
    const char *sentence;     /* the same as a whole sentence, for phones, PDFs and readers aloud */
};

struct dot_chart {
    const char *title, *description;    /* the finding; how to read it */
    double axis_low, axis_high, axis_step, reference; /* reference: the line at 500 */
    const char *key_own, *key_earlier, *key_band;     /* NULL: not in the key */
    size_t n_rows;
    struct dot_row *rows;
};

/* Shares of answers as one stacked bar a row; at most six categories. */
struct share_row {
    const char *name;
    bool shown;
    const char *why;
    const double *shares;     /* fractions, n_categories of the chart, sum 1 */
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
    struct run *runs;          /* HEADING, LEAD, PARAGRAPH, EXPLAIN and NEXT (the body) */
    const char *title;         /* EXPLAIN and NEXT */
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
    const char *subtitle;      /* under it in the window's title and the PDF's metadata */
    struct run *summary;       /* the line under h1 */
    const char *footer;        /* data are for development … */
    struct block *first, *last;
    bool failed;
};

struct document *document_create(struct arena *arena, const char *language, const char *title);
bool document_ok(const struct document *document);

/* A run list from a pattern in which **…** is strong: "skolen ligger **tydeligt over**". */
struct run *document_runs(struct document *document, const char *marked);

struct block *add_block(struct document *document, enum block_kind kind);
struct block *add_heading(struct document *document, int level, const char *text,
                          const char *anchor);
struct block *add_paragraph(struct document *document, enum block_kind kind, const char *marked);

/* The text of runs without marks (for titles and alternatives). */
const char *runs_text(struct document *document, const struct run *runs);

#endif

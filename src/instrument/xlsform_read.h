/* xlsform_read.h - the sheets of an XLSForm while they are read. Layer: instrument (inner header).
 *
 * xlsform_table.c finds cells by their columns' names, xlsform_survey.c reads the rows of the sheet
 * survey, xlsform_read.c the other sheets and the whole.
 */
#ifndef LAERKE_INSTRUMENT_XLSFORM_READ_H
#define LAERKE_INSTRUMENT_XLSFORM_READ_H

#include "exchange/book.h"
#include "instrument/xlsform.h"

enum { XLS_DEPTH_MAX = 16 };

/* What a column's header says: "label::Dansk (da)" is the column label, language 0. */
struct column {
    const char *base;
    int language; /* −1: none */
};

struct table {
    const struct sheet *sheet;
    size_t n;
    struct column *column;
};

struct group {
    const struct sheet_row *row;
    struct relevant relevant;
    bool conditional;
};

struct xls {
    struct draft *draft;
    struct book *book;
    struct table survey, choices, settings, scales;
    struct group group[XLS_DEPTH_MAX];
    size_t depth, too_deep;
    const char *plain_language;   /* of columns without one */
    const struct sheet_row *note; /* seen after a question, not yet put anywhere */
    json_t **item;
    long *place;
    bool all_placed;
};

/* The header of a sheet; languages are added in the order that their columns stand in. */
void xls_read_header(struct xls *x, struct table *table, const char *name);
size_t xls_rows(const struct table *table);

/* The language of columns without one. */
const char *xls_plain_tag(struct xls *x);

/* A cell by its column's name without language; "" when there is none. The second: whether it says
 * yes. */
const char *xls_get(struct table *table, const struct sheet_row *row, const char *name);
bool xls_yes(struct table *table, const struct sheet_row *row, const char *name);

/* The text of a column in every language. */
struct words xls_words(struct xls *x, struct table *table, const struct sheet_row *row,
                       const char *name);

/* Whether a word is one of names (ended by NULL). */
bool xls_among(const char *word, const char *const *names);

/* Names the cells of a row that stand in columns other than names. */
void xls_name_rest(struct xls *x, const struct table *table, const struct sheet_row *row,
                   const char *const *names);

/* The rows of the sheet survey. */
void xls_read_survey(struct xls *x);

#endif

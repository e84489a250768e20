/* book.h - a workbook as sheets of text: an .xlsx file, or a folder of CSV files.
 *
 * Layer: exchange (above base). Only what a person typed is taken from a workbook: the text of each
 * cell (of a formula its last result), never its looks, links or macros. A folder is a workbook
 * whose sheets are the files NAME.csv in it.
 *
 *     struct book book;
 *     if (!book_read(&book, "form.xlsx", arena, error)) return false;
 *     const struct sheet *survey = book_sheet(&book, "survey");
 *     sheet_cell(&survey->rows[1], 0)
 *
 * Errors: book.open, book.not_xlsx, book.too_large (a file in it over BOOK_PART_MAX, or more rows
 * or columns than below), book.write, book.memory; xml.*, csv.*.
 */
#ifndef LAERKE_EXCHANGE_BOOK_H
#define LAERKE_EXCHANGE_BOOK_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum {
    BOOK_SHEETS_MAX = 64,
    BOOK_ROWS_MAX = 20000,
    BOOK_COLUMNS_MAX = 512,
    BOOK_PART_MAX = 16 * 1024 * 1024
};

struct sheet_row {
    int line; /* of the sheet or the file, from 1 */
    size_t n;
    const char **cells; /* "" or NULL: empty */
};
struct sheet {
    const char *name, *path; /* path: for messages, "form.xlsx (survey)" or "form/survey.csv" */
    size_t n, capacity;
    struct sheet_row *rows; /* those that hold something; the first is the header */
};
struct book {
    size_t n;
    struct sheet sheets[BOOK_SHEETS_MAX];
};

/* path: a file, or a folder. */
bool book_read(struct book *out, const char *path, struct arena *arena, struct error *error);

/* To path: a folder (made when it is not there) unless the name ends in .xlsx. */
bool book_write(const struct book *book, const char *path, struct error *error);

/* NULL when there is no such sheet. */
const struct sheet *book_sheet(const struct book *book, const char *name);
/* "" where the row has no such cell. */
const char *sheet_cell(const struct sheet_row *row, size_t column);

/* Building one: a sheet, a row of n cells that the caller fills. NULL: no memory, or too many. */
struct sheet *book_add(struct book *book, const char *name);
const char **book_add_row(struct sheet *sheet, size_t n, struct arena *arena);

/* The two kinds; for this folder alone. */
bool xlsx_read(struct book *out, const char *path, struct arena *arena, struct error *error);
bool xlsx_write(const struct book *book, const char *path, struct error *error);

#endif

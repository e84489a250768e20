/* csv.h - reading and writing plain CSV, whoever made it.
 *
 * Layer: exchange (above base). The reader finds separator (; , or tab; the most frequent in the
 * header, or what a first line "sep=;" says) and encoding (UTF-8 with or without BOM, else
 * Windows-1252) by itself, takes quoted fields with line breaks and doubled quotes, CRLF, LF or CR,
 * and hands out every cell as valid UTF-8. It holds the file mapped, not copied, and names the line
 * of everything it refuses: a ragged line, an open quote, a NUL or control byte (a PDF or a
 * spreadsheet renamed to .csv), an empty file, a line over CSV_LINE_MAX, two columns of one name,
 * UTF-16, and UTF-8 that is broken here and there (which is not taken for Windows-1252).
 *
 *     struct csv *csv;
 *     if (!csv_open(&csv, path, arena, error)) return false;
 *     int name = csv_column(csv, "name");                  // -1 when absent
 *     while (csv_next(csv, error)) use(csv_cell(csv, name), csv_line(csv));
 *     if (csv_failed(csv)) return false;
 *
 * Errors, with file, line and what to do: csv.missing, csv.open, csv.empty, csv.binary, csv.utf16,
 * csv.encoding, csv.quote, csv.after_quote, csv.ragged, csv.long_line, csv.columns,
 * csv.duplicate_column, csv.memory.
 */
#ifndef LAERKE_EXCHANGE_CSV_H
#define LAERKE_EXCHANGE_CSV_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CSV_COLUMNS_MAX = 4096, CSV_LINE_MAX = 1024 * 1024 };

struct csv;
struct arena;

/* Opens path ("-" is standard input) and reads the header line. The reader lives in arena. */
bool csv_open(struct csv **out, const char *path, struct arena *arena, struct error *error);

/* The same over bytes in memory (which must outlive the reader); path is for messages. */
bool csv_open_bytes(struct csv **out, const char *path, const char *bytes, size_t length,
                    struct arena *arena, struct error *error);

size_t csv_columns(const struct csv *csv);
const char *csv_column_name(const struct csv *csv, size_t column);
int csv_column(const struct csv *csv, const char *name); /* exact, then ASCII case-insensitive */

/* The next record; false at the end or on failure. A ragged line is a failure that csv_next may be
 * called again after (so that all bad lines can be named); the others end the reading. Blank lines
 * are passed over. */
bool csv_next(struct csv *csv, struct error *error);
bool csv_failed(const struct csv *csv); /* the last csv_next failed rather than ended */

/* Cuts what is left into n parts at most, of about equal size, that different threads may read: each
 * a reader that hands out its lines as this one would. One part where a quoted field may hold a line
 * end, or lines do not end in \n. parts has n places; returns their number, 0 when memory is out. */
size_t csv_split(const struct csv *csv, size_t n, struct csv **parts, struct arena *arena);

/* A part has that many records, or fewer. */
size_t csv_records_most(const struct csv *part);

/* Cell of the current record, trimmed of blanks, "" for column -1. Valid until csv_next. */
const char *csv_cell(const struct csv *csv, int column);
size_t csv_line(const struct csv *csv); /* line of the file where the record starts, from 1 */

/* Share of the file read, 0 to 1, for progress. */
double csv_progress(const struct csv *csv);

/* Writes one field, quoted where needed; a field that a spreadsheet would take for a formula
 * (= + - @ first, and not a number) gets an apostrophe before it. */
void csv_write_field(FILE *out, const char *field);

#endif

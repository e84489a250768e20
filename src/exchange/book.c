#include "exchange/book.h"

#include "base/arena.h"
#include "base/text.h"
#include "exchange/csv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4096 };

const struct sheet *book_sheet(const struct book *book, const char *name) {
    for (size_t i = 0; i < book->n; i++)
        if (strcmp(book->sheets[i].name, name) == 0) return &book->sheets[i];
    return NULL;
}

const char *sheet_cell(const struct sheet_row *row, size_t column) {
    return column < row->n && row->cells[column] ? row->cells[column] : "";
}

struct sheet *book_add(struct book *book, const char *name) {
    if (book->n == BOOK_SHEETS_MAX) return NULL;
    struct sheet *sheet = &book->sheets[book->n++];
    *sheet = (struct sheet){ .name = name, .path = name };
    return sheet;
}

const char **book_add_row(struct sheet *sheet, size_t n, struct arena *arena) {
    if (!sheet || sheet->n == BOOK_ROWS_MAX || n > BOOK_COLUMNS_MAX) return NULL;
    if (sheet->n == sheet->capacity) {
        size_t capacity = sheet->capacity ? 2 * sheet->capacity : 64;
        struct sheet_row *rows = arena_grow(arena, sheet->rows, sheet->n, capacity, sizeof *rows);
        if (!rows) return NULL;
        sheet->rows = rows;
        sheet->capacity = capacity;
    }
    struct sheet_row *row = &sheet->rows[sheet->n];
    *row = (struct sheet_row){ .line = (int)sheet->n + 1,
                               .n = n,
                               .cells = arena_array(arena, n + 1, sizeof *row->cells) };
    if (!row->cells) return NULL;
    sheet->n++;
    return row->cells;
}

/* What csv_write_field put before a text that a spreadsheet would take for a formula. */
static const char *without_apostrophe(const char *cell) {
    return cell[0] == '\'' && cell[1] && strchr("=+-@", cell[1]) ? cell + 1 : cell;
}

static bool too_large(const char *path, struct error *error) {
    return error_set(error, "book.too_large", ARG_TEXT("file", path),
                     ARG_INT("rows", BOOK_ROWS_MAX), ARG_INT("columns", BOOK_COLUMNS_MAX));
}

static bool no_memory(const char *path, struct error *error) {
    return error_set(error, "book.memory", ARG_TEXT("file", path));
}

static bool read_csv(struct sheet *sheet, struct arena *arena, struct error *error) {
    struct csv *csv;
    if (!csv_open(&csv, sheet->path, arena, error)) return false;
    size_t n = csv_columns(csv);
    if (n > BOOK_COLUMNS_MAX) return too_large(sheet->path, error);
    const char **cells = book_add_row(sheet, n, arena);
    for (size_t c = 0; cells && c < n; c++) cells[c] = arena_copy(arena, csv_column_name(csv, c));
    while (cells && csv_next(csv, error)) {
        if (sheet->n == BOOK_ROWS_MAX) return too_large(sheet->path, error);
        cells = book_add_row(sheet, n, arena);
        for (size_t c = 0; cells && c < n; c++)
            if (!(cells[c] = arena_copy(arena, without_apostrophe(csv_cell(csv, (int)c)))))
                cells = NULL;
        if (cells) sheet->rows[sheet->n - 1].line = (int)csv_line(csv);
    }
    if (!cells) return no_memory(sheet->path, error);
    return !csv_failed(csv);
}

/* "survey" of "survey.csv"; NULL for other names. */
static char *sheet_name(const char *file, struct arena *arena) {
    size_t length = strlen(file);
    return length > 4 && strcmp(file + length - 4, ".csv") == 0
               ? arena_copy_bytes(arena, file, length - 4)
               : NULL;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct sheet *)a)->name, ((const struct sheet *)b)->name);
}

static bool list_folder(struct book *book, const char *path, DIR *folder, struct arena *arena) {
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *name = sheet_name(entry->d_name, arena);
        if (!name) continue;
        struct text file = text_new(arena, PATH_ROOM);
        text_addf(&file, "%s/%s", path, entry->d_name);
        struct sheet *sheet = book_add(book, name);
        if (!sheet || !text_ok(&file)) return false;
        sheet->path = text_string(&file);
    }
    qsort(book->sheets, book->n, sizeof *book->sheets, by_name);
    return true;
}

static bool read_folder(struct book *book, const char *path, struct arena *arena,
                        struct error *error) {
    DIR *folder = opendir(path);
    if (!folder) return error_set(error, "book.open", ARG_TEXT("file", path));
    bool ok = list_folder(book, path, folder, arena);
    closedir(folder);
    if (!ok) return too_large(path, error);
    for (size_t i = 0; i < book->n; i++)
        if (!read_csv(&book->sheets[i], arena, error)) return false;
    return true;
}

bool book_read(struct book *out, const char *path, struct arena *arena, struct error *error) {
    struct stat status;
    out->n = 0;
    if (stat(path, &status) != 0) return error_set(error, "book.open", ARG_TEXT("file", path));
    return S_ISDIR(status.st_mode) ? read_folder(out, path, arena, error)
                                   : xlsx_read(out, path, arena, error);
}

static bool write_csv(const struct sheet *sheet, const char *folder, struct error *error) {
    char path[PATH_ROOM];
    int length = snprintf(path, sizeof path, "%s/%s.csv", folder, sheet->name);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "wb") : NULL;
    if (!file) return error_set(error, "book.write", ARG_TEXT("file", folder));
    fputs("\xEF\xBB\xBF", file); /* so that a spreadsheet takes it for UTF-8 */
    for (size_t r = 0; r < sheet->n; r++) {
        for (size_t c = 0; c < sheet->rows[0].n; c++) {
            if (c) fputc(',', file);
            csv_write_field(file, sheet_cell(&sheet->rows[r], c));
        }
        fputs("\r\n", file);
    }
    bool ok = !ferror(file);
    ok = fclose(file) == 0 && ok;
    return ok || error_set(error, "book.write", ARG_TEXT("file", path));
}

bool book_write(const struct book *book, const char *path, struct error *error) {
    size_t length = strlen(path);
    if (length > 5 && strcmp(path + length - 5, ".xlsx") == 0) return xlsx_write(book, path, error);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return error_set(error, "book.write", ARG_TEXT("file", path));
    for (size_t i = 0; i < book->n; i++)
        if (!write_csv(&book->sheets[i], path, error)) return false;
    return true;
}

/* Cells of an XLSForm's sheets by their columns' names and languages. */
#include "base/arena.h"
#include "base/text.h"
#include "instrument/xlsform_read.h"

#include <string.h>

const char *xls_plain_tag(struct xls *x) { return x->plain_language ? x->plain_language : "da"; }

void xls_read_header(struct xls *x, struct table *table, const char *name) {
    table->sheet = book_sheet(x->book, name);
    const struct sheet_row *head = table->sheet && table->sheet->n ? &table->sheet->rows[0] : NULL;
    table->n = head ? head->n : 0;
    table->column = arena_array(x->draft->arena, table->n + 1, sizeof *table->column);
    if (!table->column) table->n = 0;
    for (size_t c = 0; c < table->n; c++) {
        const char *text = sheet_cell(head, c),
                   *start = strncmp(text, "laerke::", 8) == 0 ? text + 8 : text;
        const char *at = strstr(start, "::");
        struct column *column = &table->column[c];
        column->base = at ? arena_copy_bytes(x->draft->arena, text, (size_t)(at - text)) : text;
        column->language = -1;
        if (!at) continue;
        const char *language = at + 2 + strspn(at + 2, " "),
                   *tag = xlsform_tag(language, x->draft->arena);
        column->language = tag ? draft_language(x->draft, tag) : -1;
        if (column->language >= 0) continue;
        column->base = text; /* a column that nobody knows: its cells are named */
    }
}

size_t xls_rows(const struct table *table) { return table->sheet ? table->sheet->n : 0; }

const char *xls_get(struct table *table, const struct sheet_row *row, const char *name) {
    for (size_t c = 0; c < table->n; c++) {
        if (strcmp(table->column[c].base, name) != 0 || table->column[c].language >= 0) continue;
        return sheet_cell(row, c);
    }
    return "";
}

bool xls_yes(struct table *table, const struct sheet_row *row, const char *name) {
    static const char *const words[] = { "yes", "true", "true()", "TRUE", "Yes", "YES", "1" };
    const char *cell = xls_get(table, row, name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(cell, words[i]) == 0) return true;
    return false;
}

/* −1 where the columns that name a language leave none for those that do not. */
static int plain_language(struct xls *x) {
    for (size_t i = 0; i < x->draft->n_languages; i++)
        if (strcmp(x->draft->languages[i], xls_plain_tag(x)) == 0) return (int)i;
    return -1;
}

struct words xls_words(struct xls *x, struct table *table, const struct sheet_row *row,
                       const char *name) {
    struct words words = { 0 };
    for (size_t c = 0; c < table->n; c++) {
        struct column *column = &table->column[c];
        if (strcmp(column->base, name) != 0) continue;
        int l = column->language >= 0 ? column->language : plain_language(x);
        const char *text = sheet_cell(row, c);
        if (l < 0 && *text)
            leave(x->draft, row->line, ERROR_ID("instrument.left_cell"), ARG_TEXT("column", name),
                  ARG_TEXT("cell", text));
        if (l < 0 || !*text) continue;
        text = xlsform_exchange(text, "${" XLSFORM_NAME "}", "{name}", x->draft->arena);
        if (strstr(text, "${")) leave_quote(x->draft, row->line, text);
        words.in[l] = text;
    }
    return words;
}

bool xls_among(const char *base, const char *const *names) {
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], base) == 0) return true;
    return false;
}

void xls_name_rest(struct xls *x, const struct table *table, const struct sheet_row *row,
                   const char *const *names) {
    for (size_t c = 0; c < table->n; c++)
        if (*sheet_cell(row, c) && !xls_among(table->column[c].base, names))
            leave(x->draft, row->line, ERROR_ID("instrument.left_cell"),
                  ARG_TEXT("column", sheet_cell(&table->sheet->rows[0], c)),
                  ARG_TEXT("cell", sheet_cell(row, c)));
}

#include "exchange/book.h"

#include <stdio.h>
#include <string.h>
#include <xlsxwriter.h>

/* Widths that a text column and a column of codes are readable in, in characters. */
enum { WIDE = 40, NARROW = 14 };

/* Everything is written as text, also numbers: "0012" and "1" stay what they are. */
static void write_sheet(lxw_workbook *workbook, lxw_format *head, const struct sheet *sheet) {
    lxw_worksheet *worksheet = workbook_add_worksheet(workbook, sheet->name);
    if (!worksheet || sheet->n == 0) return;
    for (size_t c = 0; c < sheet->rows[0].n; c++) {
        bool wide = strstr(sheet_cell(&sheet->rows[0], c), "::") &&
                    !strstr(sheet_cell(&sheet->rows[0], c), "laerke::");
        worksheet_set_column(worksheet, (lxw_col_t)c, (lxw_col_t)c, wide ? WIDE : NARROW, NULL);
    }
    worksheet_freeze_panes(worksheet, 1, 0);
    for (size_t r = 0; r < sheet->n; r++)
        for (size_t c = 0; c < sheet->rows[r].n; c++)
            if (*sheet_cell(&sheet->rows[r], c))
                worksheet_write_string(worksheet, (lxw_row_t)r, (lxw_col_t)c,
                                       sheet_cell(&sheet->rows[r], c), r == 0 ? head : NULL);
}

bool xlsx_write(const struct book *book, const char *path, struct error *error) {
    lxw_workbook_options options = { .constant_memory = LXW_TRUE };
    lxw_workbook *workbook = workbook_new_opt(path, &options);
    if (!workbook) return error_set(error, "book.write", ARG_TEXT("file", path));
    lxw_doc_properties properties = { .created =
                                          1 }; /* no clock: the same questionnaire, the same file */
    workbook_set_properties(workbook, &properties);
    lxw_format *head = workbook_add_format(workbook);
    format_set_bold(head);
    for (size_t i = 0; i < book->n; i++) write_sheet(workbook, head, &book->sheets[i]);
    return workbook_close(workbook) == LXW_NO_ERROR ||
           error_set(error, "book.write", ARG_TEXT("file", path));
}

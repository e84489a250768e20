/* A class's codes: slips to cut out, and the list that the teacher keeps. */
#include "paint/letter_parts.h"

#include "base/arena.h"
#include "base/text.h"

#define LEFT (15 * MM)
#define WIDTH (PDF_WIDTH - 2 * LEFT)

static const char *title_of(struct print *print, const struct slips_page *class) {
    struct text text = text_new(print->sheet->arena, 2048);
    text_addf(&text, "%s · %s", class->unit, class->school);
    print->sheet->full |= !text_ok(&text);
    return text_string(&text);
}

/* ---- slips ---- */

enum { COLUMNS = 2, ROWS = SLIPS_A_PAGE / COLUMNS };
#define SLIPS_TOP (32 * MM)
#define SLIP_WIDTH (WIDTH / COLUMNS)
#define SLIP_HEIGHT (36.5 * MM)
#define SLIP_QR (25 * MM)

static void place_slip(struct print *print, const struct slips_page *class, const struct slip *slip,
                       double x, double y) {
    struct pdf_sheet *sheet = print->sheet;
    const char *typed = print_typed(print, "/a");
    double text_left = x + 5 * MM, width = SLIP_WIDTH - 10 * MM;
    if (*typed) width -= SLIP_QR + 3 * MM;
    struct pdf_node *node = print_node(print, NULL, PDF_P);
    struct pdf_text *name = sheet_string(sheet, STYLE_CHART_TITLE, slip->name, width, 1);
    sheet_put(sheet, node, name, text_left, y + 4 * MM);
    sheet_put(sheet, node, sheet_string(sheet, STYLE_SMALL, title_of(print, class), width, 1),
              text_left, y + 4 * MM + 16);
    sheet_put(sheet, node, sheet_string(sheet, STYLE_STRIP_CODE, slip->code, width, 1), text_left,
              y + 15 * MM);
    if (*typed)
        sheet_put(sheet, node, sheet_string(sheet, STYLE_LETTER, typed, width, 2), text_left,
                  y + 25 * MM);
    print_qr(print, slip->code, x + SLIP_WIDTH - 5 * MM - SLIP_QR, y + (SLIP_HEIGHT - SLIP_QR) / 2,
             SLIP_QR);
}

/* Dotted, right through the page: one cut a line. */
static void place_cuts(struct print *print, size_t rows) {
    struct pdf_sheet *sheet = print->sheet;
    double bottom = SLIPS_TOP + SLIP_HEIGHT * (double)rows;
    for (size_t i = 0; i <= rows; i++) {
        double y = SLIPS_TOP + SLIP_HEIGHT * (double)i;
        sheet_line(sheet, NULL, LEFT, y, LEFT + WIDTH, y, .6, SOFT_INK, true);
    }
    for (int i = 0; i <= COLUMNS; i++)
        sheet_line(sheet, NULL, LEFT + SLIP_WIDTH * i, SLIPS_TOP, LEFT + SLIP_WIDTH * i, bottom, .6,
                   SOFT_INK, true);
}

void place_slips(struct print *print, const struct slips_page *class) {
    for (size_t from = 0; from < class->n || from == 0; from += SLIPS_A_PAGE) {
        size_t n = class->n - from < SLIPS_A_PAGE ? class->n - from : SLIPS_A_PAGE;
        if (from) sheet_turn(print->sheet);
        print_head(print, title_of(print, class));
        const char *heading =
            from ? NULL : i18n_text(print->language, N_("Codes for the pupils, to cut out"));
        if (heading)
            print_text(print, -1, PDF_H2, STYLE_LETTER, heading, WIDTH, 20 * MM, 22.5 * MM);
        for (size_t i = 0; i < n; i++) {
            size_t row = i / COLUMNS, column = i % COLUMNS;
            place_slip(print, class, &class->slips[from + i], LEFT + SLIP_WIDTH * (double)column,
                       SLIPS_TOP + SLIP_HEIGHT * (double)row);
        }
        if (n) place_cuts(print, (n + COLUMNS - 1) / COLUMNS);
    }
}

/* ---- the list ---- */

#define LIST_LEFT (20 * MM)
#define LIST_WIDTH (PDF_WIDTH - 2 * LIST_LEFT)
#define LIST_CODE (LIST_LEFT + 90 * MM)
#define LIST_DONE (PDF_WIDTH - LIST_LEFT - 12)
#define LIST_ROW 18.0

static double place_words(struct print *print, const struct slips_page *class) {
    const char *typed = print_typed(print, "/a");
    const struct arg args[] = { ARG_TEXT("address", typed), ARG_TEXT("unit", class->unit) };
    double y = 30 * MM;
    y = print_text(print, -1, PDF_H2, STYLE_H2,
                   print_say(print, print->language, N_("The codes of {unit}"), args, 2),
                   LIST_WIDTH, LIST_LEFT, y) +
        5;
    y = print_text(
            print, -1, PDF_P, STYLE_LETTER_SMALL,
            i18n_text(
                print->language,
                N_("For the teacher. Look after this list as you look after keys: with a code, "
                   "somebody else could answer as the pupil until the pupil is done. Destroy "
                   "it when the class has finished.")),
            LIST_WIDTH, LIST_LEFT, y) +
        3;
    return print_text(
               print, -1, PDF_P, STYLE_LETTER_SMALL,
               *typed
                   ? print_say(
                         print, print->language,
                         N_("The pupils open {address} and write their code, or scan the square "
                            "on their slip. A code that is lost is replaced on the class's page "
                            "in Lærke."),
                         args, 2)
                   : i18n_text(
                         print->language,
                         N_("The pupils open the address that the school has been told, and write "
                            "their code. A code that is lost is replaced on the class's page in "
                            "Lærke.")),
               LIST_WIDTH, LIST_LEFT, y) +
           12;
}

static void place_cell(struct print *print, struct pdf_node *row, enum pdf_role role,
                       enum pdf_style style, const char *string, double width, double x, double y) {
    struct pdf_node *cell = print_node(print, row, role);
    if (cell && *string)
        sheet_put_at(print->sheet, cell, sheet_string(print->sheet, style, string, width, 1), -1, x,
                     y);
}

static void place_header(struct print *print, struct pdf_node *table, double y) {
    struct pdf_node *row = table ? print_node(print, table, PDF_TR) : NULL;
    const char *labels[] = { i18n_text(print->language, N_("Name")),
                             i18n_text(print->language, N_("Code")),
                             i18n_text(print->language, N_("Done")) };
    double at[] = { LIST_LEFT, LIST_CODE, LIST_DONE - 14 };
    for (size_t i = 0; i < 3; i++) {
        struct pdf_text *text = sheet_string(print->sheet, STYLE_HEAD, labels[i], 120, 1);
        sheet_put_at(print->sheet, row ? print_node(print, row, PDF_TH_COLUMN) : NULL, text, -1,
                     at[i], y + LIST_ROW / 2);
    }
    sheet_line(print->sheet, NULL, LIST_LEFT, y + LIST_ROW, LIST_LEFT + LIST_WIDTH, y + LIST_ROW,
               .8, INK, false);
}

static void place_row(struct print *print, struct pdf_node *table, const struct slip *slip,
                      double y) {
    struct pdf_node *row = print_node(print, table, PDF_TR);
    double centre = y + LIST_ROW / 2;
    if (!row) return;
    place_cell(print, row, PDF_TH_ROW, STYLE_NAME, slip->name, 88 * MM, LIST_LEFT, centre);
    place_cell(print, row, PDF_TD, STYLE_VALUE, slip->code, 50 * MM, LIST_CODE, centre);
    place_cell(print, row, PDF_TD, STYLE_CELL, "", 10, LIST_DONE, centre);
    sheet_box(print->sheet, NULL, LIST_DONE, centre - 5, 10, 10, 2, NONE, GREY);
    sheet_line(print->sheet, NULL, LIST_LEFT, y + LIST_ROW, LIST_LEFT + LIST_WIDTH, y + LIST_ROW,
               .5, HAIRLINE, false);
}

void place_list(struct print *print, const struct slips_page *class) {
    struct pdf_node *table = NULL;
    for (size_t from = 0; from < class->n || from == 0; from += LIST_ROWS_A_PAGE) {
        if (from) sheet_turn(print->sheet);
        print_head(print, title_of(print, class));
        double y = from ? 30 * MM : place_words(print, class);
        if (!table) table = print_node(print, NULL, PDF_TABLE);
        if (!table) return;
        place_header(print, from ? NULL : table, y);
        for (size_t i = from; i < class->n && i < from + LIST_ROWS_A_PAGE; i++)
            place_row(print, table, &class->slips[i], y + LIST_ROW * (double)(i - from + 1));
    }
}

/* Tables: columns as wide as they need, rows never broken, the header repeated on each page. */
#include "paint/pdf_flow.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

#define UNBROKEN 1e4 /* wider than any page */
#define MANY_COLUMNS 8
#define CELL_LINES 24     /* a longer text ends in "…": a row must fit on a page */
#define HEADER_WIDTH 66.0 /* a header longer than this wraps before it widens its column */

struct grid {
    const struct table *table;
    bool small;      /* a chart's numbers, or many columns: smaller type */
    double gap, pad; /* between columns; above and below a row's texts */
    struct pdf_text *caption, **header, **cells;
    double *widths, *narrowest, header_height, *heights;
};

static bool is_numeric(const struct table *table, size_t column) {
    return table->numeric && table->numeric[column];
}

static enum pdf_style cell_style(const struct grid *grid, size_t column) {
    if (grid->small) return column == 0 ? STYLE_SMALL_NAME : STYLE_SMALL_CELL;
    return column == 0 ? STYLE_NAME : STYLE_CELL;
}

static double room_of(const struct grid *grid) {
    return PDF_COLUMN - grid->gap * (double)(grid->table->n_columns - 1);
}

/* "+11 (−3 til +25)" may break before its bracket and nowhere else; a text may break as it likes.
 */
static const char *keep_number(struct pdf_flow *flow, const char *string) {
    if (!string || !(strchr("+-(", *string) || (*string >= '0' && *string <= '9') ||
                     strncmp(string, "\u2212", 3) == 0))
        return string;
    struct text kept = text_new(flow->sheet->arena, 1 << 16);
    for (const char *at = string; *at; at++) {
        if (*at == ' ' && at[1] != '(')
            text_add(&kept, "\u00A0");
        else
            text_add_char(&kept, *at);
    }
    return text_ok(&kept) ? text_string(&kept) : string;
}

static const char *cell_string(struct pdf_flow *flow, const struct table *t, size_t i) {
    return is_numeric(t, i % t->n_columns) ? keep_number(flow, t->cells[i]) : t->cells[i];
}

/* Sets every cell in one line, and notes what each column would like and can do with. */
static void set_cells(struct pdf_flow *flow, struct grid *grid) {
    const struct table *t = grid->table;
    for (size_t c = 0; c < t->n_columns; c++) {
        grid->header[c] = sheet_string(flow->sheet, grid->small ? STYLE_SMALL_HEAD : STYLE_HEAD,
                                       t->header[c], UNBROKEN, 0);
        grid->narrowest[c] = ceil(text_narrowest(grid->header[c])) + 1;
        grid->widths[c] = fmax(fmin(text_wide(grid->header[c]), HEADER_WIDTH), grid->narrowest[c]);
    }
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
        size_t c = i % t->n_columns;
        grid->cells[i] =
            sheet_string(flow->sheet, cell_style(grid, c), cell_string(flow, t, i), UNBROKEN, 0);
        grid->widths[c] = fmax(grid->widths[c], text_wide(grid->cells[i]));
    }
}

/* How narrow the columns may be: as their widest word. */
static void note_narrowest(struct grid *grid) {
    const struct table *t = grid->table;
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
        size_t c = i % t->n_columns;
        grid->narrowest[c] = fmax(grid->narrowest[c], ceil(text_narrowest(grid->cells[i])) + 1);
    }
}

static double sum(const double *values, size_t n) {
    double total = 0;
    for (size_t i = 0; i < n; i++) total += values[i];
    return total;
}

/* Where not even the words fit, the widest columns are cut to one level, found by halving. */
static void cut_columns(struct grid *grid, double room) {
    size_t n = grid->table->n_columns;
    double low = 0, high = room;
    for (int i = 0; i < 40; i++) {
        double level = (low + high) / 2, total = 0;
        for (size_t c = 0; c < n; c++) total += fmin(grid->narrowest[c], level);
        if (total > room)
            high = level;
        else
            low = level;
    }
    for (size_t c = 0; c < n; c++) grid->widths[c] = fmin(grid->narrowest[c], fmax(low, 8));
}

/* Widens the columns to the page's, or narrows all towards their widest words. */
static void fit_columns(struct grid *grid) {
    size_t n = grid->table->n_columns;
    double room = room_of(grid);
    for (size_t c = 0; c < n; c++) grid->widths[c] = ceil(grid->widths[c]) + 1;
    double likes = sum(grid->widths, n);
    if (likes <= room) {
        double extra = (room - likes) / (double)(n + 1); /* the first column takes two shares */
        for (size_t c = 0; c < n; c++) grid->widths[c] += c ? extra : 2 * extra;
        return;
    }
    note_narrowest(grid);
    double needs = sum(grid->narrowest, n);
    if (needs > room) {
        cut_columns(grid, room);
        return;
    }
    double share = (room - needs) / (likes - needs);
    for (size_t c = 0; c < n; c++)
        grid->widths[c] = grid->narrowest[c] + share * (grid->widths[c] - grid->narrowest[c]);
}

static struct pdf_text *wrap(struct pdf_flow *flow, struct pdf_text *text, const char *string,
                             double width) {
    if (!text || text_wide(text) <= width) return text;
    return sheet_string(flow->sheet, text->style, string, width, CELL_LINES);
}

static void wrap_cells(struct pdf_flow *flow, struct grid *grid) {
    const struct table *t = grid->table;
    for (size_t c = 0; c < t->n_columns; c++) {
        grid->header[c] = wrap(flow, grid->header[c], t->header[c], grid->widths[c]);
        grid->header_height =
            fmax(grid->header_height, text_height(grid->header[c]) + 2 * grid->pad);
    }
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
        size_t row = i / t->n_columns, c = i % t->n_columns;
        grid->cells[i] = wrap(flow, grid->cells[i], cell_string(flow, t, i), grid->widths[c]);
        grid->heights[row] = fmax(grid->heights[row], text_height(grid->cells[i]) + 2 * grid->pad);
    }
}

bool measure_table(struct pdf_flow *flow, struct pdf_piece *piece) {
    const struct table *t = piece->block->table;
    struct grid *grid = piece->data = flow_alloc(flow, 1, sizeof *grid);
    if (!grid) return false;
    grid->table = t;
    grid->small = piece->block->kind != BLOCK_TABLE || t->n_columns >= MANY_COLUMNS;
    grid->gap = grid->small ? 6 : 9;
    grid->pad = grid->small ? 2.6 : 3.4;
    grid->header = flow_alloc(flow, t->n_columns, sizeof(struct pdf_text *));
    grid->cells = flow_alloc(flow, t->n_rows * t->n_columns, sizeof(struct pdf_text *));
    grid->widths = flow_alloc(flow, t->n_columns, sizeof(double));
    grid->narrowest = flow_alloc(flow, t->n_columns, sizeof(double));
    grid->heights = flow_alloc(flow, t->n_rows, sizeof(double));
    if (!grid->header || !grid->cells || !grid->widths || !grid->narrowest || !grid->heights)
        return !flow->sheet->full;
    if (t->caption && *t->caption)
        grid->caption = sheet_string(flow->sheet, grid->small ? STYLE_LABEL : STYLE_CHART_TITLE,
                                     t->caption, PDF_COLUMN, 4);
    set_cells(flow, grid);
    fit_columns(grid);
    wrap_cells(flow, grid);
    piece->before = 16;
    piece->height = text_height(grid->caption) + 4 + grid->header_height;
    piece->least = piece->height;
    for (size_t r = 0; r < t->n_rows; r++) {
        piece->height += grid->heights[r];
        if (r < 2) piece->least += grid->heights[r];
    }
    if (piece->height < (PDF_BOTTOM - PDF_TOP) / 2) piece->least = piece->height;
    return !flow->sheet->full;
}

/* One row of texts; nodes for all of them, or none (a header that is repeated). */
static void place_cells(struct pdf_flow *flow, const struct grid *grid, struct pdf_text **cells,
                        struct pdf_node *row, bool header) {
    double x = PDF_LEFT;
    for (size_t c = 0; c < grid->table->n_columns; c++) {
        enum pdf_role role = header ? PDF_TH_COLUMN : c == 0 ? PDF_TH_ROW : PDF_TD;
        struct pdf_node *cell = row ? flow_node(flow, row, role) : NULL;
        double y = flow->y + grid->pad + text_height(cells[c]) / 2, width = grid->widths[c];
        if (is_numeric(grid->table, c))
            sheet_put_at(flow->sheet, cell, cells[c], 1, x + width, y);
        else
            sheet_put_at(flow->sheet, cell, cells[c], -1, x, y);
        x += width + grid->gap;
    }
}

static void place_header(struct pdf_flow *flow, const struct grid *grid, struct pdf_node *row) {
    place_cells(flow, grid, grid->header, row, true);
    flow->y += grid->header_height;
    sheet_line(flow->sheet, NULL, PDF_LEFT, flow->y, PDF_RIGHT, flow->y, .9, SOFT_INK, false);
    flow->top = false;
}

void place_table(struct pdf_flow *flow, struct pdf_piece *piece) {
    const struct grid *grid = piece->data;
    const struct table *t = grid->table;
    struct pdf_node *node = flow_node(flow, NULL, PDF_TABLE);
    if (grid->caption) {
        sheet_put(flow->sheet, flow_node(flow, node, PDF_CAPTION), grid->caption, PDF_LEFT,
                  flow->y);
        flow->y += text_height(grid->caption) + 4;
        flow->top = false;
    }
    place_header(flow, grid, flow_node(flow, node, PDF_TR));
    for (size_t r = 0; r < t->n_rows; r++) {
        if (flow_room(flow, grid->heights[r])) place_header(flow, grid, NULL);
        place_cells(flow, grid, grid->cells + r * t->n_columns, flow_node(flow, node, PDF_TR),
                    false);
        flow->y += grid->heights[r];
        sheet_line(flow->sheet, NULL, PDF_LEFT, flow->y, PDF_RIGHT, flow->y, .5, HAIRLINE, false);
    }
}

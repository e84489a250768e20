/* geometry.h - where things stand in a chart, once for every painter.
 *
 * Layer: document. Pure. Units are points of a drawing of the given width (a web page's SVG is 960 wide,
 * a PDF's column about 480); type gets smaller with the width, but never under what can be read. y runs
 * downwards. Texts are placed at their baseline.
 */
#ifndef LAERKE_DOCUMENT_GEOMETRY_H
#define LAERKE_DOCUMENT_GEOMETRY_H

#include "document/document.h"

#include <stdbool.h>
#include <stddef.h>

/* Columns of a dot chart: names to the left, the plot, then value (its right edge at value_x), mark
 * (its centre at mark_x) and word. Tick labels stand above the plot, reference_text below it. */
struct dot_geometry {
    double width, height;
    double text_size, small_size; /* names, values and words; the axis */
    double name_width;            /* names wrap within it, to two lines at most */
    double plot_left, plot_right, plot_top, plot_bottom;
    double axis_baseline, foot_baseline;
    double row_height, first_row; /* centre of the first row */
    double value_x, mark_x, word_x;
    double band_height, interval_width, dot_radius, mark_height;
    size_t n_ticks;
    double ticks[16];             /* in the axis's units */
};
struct dot_geometry dot_geometry(const struct dot_chart *chart, double width);

/* The plot of one row alone, for narrow pages: no names, ticks or words; its centre at first_row. */
struct dot_geometry strip_geometry(const struct dot_chart *chart, double width);

/* Centre of a row. */
double dot_y(const struct dot_geometry *geometry, size_t row);

/* x of a value; values past the axis stand at its end and *clipped (may be NULL) is -1 or 1, else 0. */
double dot_x(const struct dot_geometry *geometry, const struct dot_chart *chart, double value,
             int *clipped);

/* Columns of a share chart: names to the left, one bar a row; the categories' names stand above as a
 * key (the painters lay it out, in the order of the categories). */
struct share_geometry {
    double width, height;
    double text_size, small_size;
    double name_width, bar_left, bar_right, bar_height;
    double row_height, first_row;
};
struct share_geometry share_geometry(const struct share_chart *chart, double width);
double share_y(const struct share_geometry *geometry, size_t row);

/* Left and right edge of a category's part of a row's bar. has_room: its text fits within it. */
struct share_part {
    double left, right;
    bool has_room;
};
struct share_part share_part(const struct share_geometry *geometry, const struct share_chart *chart,
                             size_t row, size_t category);

/* The shape of a tone (▲ ▼ –) around (0, 0), size wide: n corners. */
struct shape {
    size_t n;
    double x[4], y[4];
};
struct shape tone_shape(enum tone tone, double size);

/* About how wide a text is in Inter at a size (for painters that cannot measure: SVG). */
double text_width(const char *text, double size, bool strong);

/* Breaks a text at blanks and after hyphens into at most LINES_MAX lines of about the given width;
 * what does not fit ends in "…". Returns the number of lines. */
enum { LINES_MAX = 2, LINE_BYTES = 256 };
size_t text_lines(const char *text, double size, bool strong, double width,
                  char out[LINES_MAX][LINE_BYTES]);

#endif

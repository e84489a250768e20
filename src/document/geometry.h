/* geometry.h - where things stand in a chart, once for every painter.
 *
 * Layer: document. Pure. Units are points of a drawing of the given width; painters scale it.
 */
#ifndef LAERKE_DOCUMENT_GEOMETRY_H
#define LAERKE_DOCUMENT_GEOMETRY_H

#include "document/document.h"

/* Columns of a dot chart: names to the left, the plot, then value and word. */
struct dot_geometry {
    double width, height;
    double plot_left, plot_right, plot_top, plot_bottom;
    double row_height, first_row; /* centre of the first row */
    double value_x, mark_x, word_x;
    size_t n_ticks;
    double ticks[16];             /* in the axis's units */
};
struct dot_geometry dot_geometry(const struct dot_chart *chart, double width);

/* x of a value; values past the axis stand at its end and *clipped is -1 or 1. */
double dot_x(const struct dot_geometry *geometry, const struct dot_chart *chart, double value,
             int *clipped);

#endif

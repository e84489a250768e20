/* pdf_structure.h - a sheet's structure tree, links and bookmarks as objects of a PDF.
 *
 * Layer: paint. A part of the finishing pass (pdf_finish.h).
 */
#ifndef LAERKE_PAINT_PDF_STRUCTURE_H
#define LAERKE_PAINT_PDF_STRUCTURE_H

#include "paint/pdf_sheet.h"

#include <qpdf/qpdf-c.h>

struct structure {
    qpdf_data qpdf;
    struct pdf_sheet *sheet;
    qpdf_oh *pages; /* sheet->n_pages */
};

/* /StructTreeRoot with its elements and its parent tree; adds the links' annotations to their
 * pages. */
qpdf_oh structure_tree(struct structure *s);

/* /Outlines from the headings; 0 when there is none. */
qpdf_oh structure_outlines(struct structure *s);

#endif

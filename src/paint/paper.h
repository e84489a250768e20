/* paper.h - a questionnaire on paper: A4, large circles, a field for the code.
 *
 * Layer: paint. For those who cannot or will not answer on a screen. A question is never parted by
 * the end of a page; its options stand side by side where their words are short, else one below the
 * other. The code's field is on the first page and again at the top of each, so that loose sheets
 * are found together. In a language that is read from right to left everything stands mirrored. The
 * same input gives the same bytes; tagged (docs/pdf.md).
 *
 *     struct paper paper = { .language = "da", .title = "…", .n_pages = 1, .pages = pages, .code =
 * 9 }; if (paint_paper(&paper, arena, &pdf, error)) fwrite(pdf.bytes, 1, pdf.length, file);
 */
#ifndef LAERKE_PAINT_PAPER_H
#define LAERKE_PAINT_PAPER_H

#include "paint/paint.h"

enum paper_face { PAPER_NO_FACE, PAPER_FROWN, PAPER_NEUTRAL, PAPER_SMILE };
struct paper_option {
    const char *label;
    enum paper_face face;
};

/* Who is to answer: pupils of some grades (−1: of any), and those who gave one of some answers. */
struct paper_only {
    int grade_from, grade_to;
    int number;          /* of the question on the paper, from 1; 0: whatever was answered */
    const char *answers; /* "Yes / Sometimes" */
};

/* Texts are final; "" where there is none. */
struct paper_item {
    const char *question;
    struct paper_only only;
    size_t n_options; /* 0: lines to write on; at most 32 */
    const struct paper_option *options;
};
struct paper_page {
    const char *title, *intro, *outro;
    struct paper_only only;
    size_t n_items;
    const struct paper_item *items;
};
struct paper {
    const char *language; /* a tag that forms have words in: "da", "ar" */
    const char *title, *notice;
    bool large; /* for the youngest: larger letters and circles */
    int code;   /* characters of the code: so many boxes, in groups of four */
    size_t n_pages;
    const struct paper_page *pages;
};

/* Errors pdf.memory, pdf.too_long, pdf.fonts, pdf.failed. */
bool paint_paper(const struct paper *paper, struct arena *arena, struct pdf *out,
                 struct error *error);

#endif

/* letter.h - what is printed about codes: letters for envelopes, slips to cut out, a teacher's
 * list.
 *
 * Layer: paint. One PDF of many sections, each on pages of its own; tagged, and the same bytes for
 * the same input (docs/pdf.md). Texts are in the frame's language; a letter has a short text in
 * every other language of the questionnaire beside. A letter is one page, whatever stands in it: an
 * address that has too many lines, or a name too long for its line, is cut with "…".
 *
 * The page is made for envelopes with a window at the left (M65, C5): receiver and address stand 20
 * mm from the left edge, 43 to 70 mm from the top, and nothing else stands within 15 to 125 and 38
 * to 82 mm. The code stands over 40 mm below that, where no window
 * reaches however the sheet slips.
 *
 *     struct print_section sections[] = { { .kind = PRINT_LETTER, .letter = { … } } };
 *     if (paint_codes(&frame, sections, 1, arena, &pdf, error)) fwrite(pdf.bytes, 1, pdf.length,
 * file);
 */
#ifndef LAERKE_PAINT_LETTER_H
#define LAERKE_PAINT_LETTER_H

#include "paint/paint.h"

/* What is the same in all of a print. */
struct print_frame {
    const char *language;  /* "da" */
    const char *programme; /* its name */
    const char *address;   /* "https://laerke.example.dk"; "" : no QR, and no address is named */
    const char *contact;   /* to whom one objects: a mail address or a telephone number; "" : the
                              municipality */
    const char *opens, *closes; /* yyyy-mm-dd */
    const char *results;        /* yyyy-mm-dd, or "" where it is not known yet */
    int minimum_group;
};

enum letter_to { LETTER_PARENT, LETTER_CLASS_TEACHER, LETTER_STAFF, LETTER_KINDS };

struct letter_page {
    enum letter_to to;
    const char *receiver,
        *address; /* address: lines parted by line breaks or ", "; "": the school hands it out */
    const char *child;            /* first name of the child that a parent is asked about */
    const char *unit, *school;    /* "4.b" ("" for staff), "Søndervangskolen" */
    const char *code;             /* "K7QM-4XW9-HPR" */
    const char *const *languages; /* of the questionnaire */
    size_t n_languages;
};

struct slip {
    const char *name, *code; /* "K7QM-4XW9-H" */
};
struct slips_page {
    const char *unit, *school;
    const struct slip *slips;
    size_t n;
};

enum print_kind { PRINT_LETTER, PRINT_SLIPS, PRINT_LIST };
struct print_section {
    enum print_kind kind;
    struct letter_page letter;
    struct slips_page class; /* of slips and of the list */
};

enum { PRINT_PAGES_MAX = 2500, SLIPS_A_PAGE = 14, LIST_ROWS_A_PAGE = 28 };

/* So many pages a section has. */
size_t print_pages(const struct print_section *section);

/* Errors pdf.memory, pdf.too_long (over PRINT_PAGES_MAX pages: about 100 KB of memory each while it
 * is made), pdf.fonts, pdf.failed. */
bool paint_codes(const struct print_frame *frame, const struct print_section *sections, size_t n,
                 struct arena *arena, struct pdf *out, struct error *error);

#endif

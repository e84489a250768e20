/* letter_parts.h - what letters, slips and lists are made of. Layer: paint, for its own files. */
#ifndef LAERKE_PAINT_LETTER_PARTS_H
#define LAERKE_PAINT_LETTER_PARTS_H

#include "i18n/i18n.h"
#include "paint/letter.h"
#include "paint/pdf_sheet.h"

#define MM 2.834646

/* Texts that stay the same from one letter to the next are set once: a place in the letter keeps
 * what it showed last. */
enum { PRINT_PLACES = 48 };
struct kept_text {
    const char *string;
    struct pdf_text *text;
};

struct print {
    const struct print_frame *frame;
    const struct language *language;
    struct pdf_sheet *sheet;
    struct kept_text kept[PRINT_PLACES];
    bool begun; /* a section was placed: the programme's name, the only h1, stands on the first page
                 */
};

void place_letter(struct print *print, const struct letter_page *letter);
void place_slips(struct print *print, const struct slips_page *class);
void place_list(struct print *print, const struct slips_page *class);

/* A node below the document; NULL (and a full sheet) when memory is out. */
struct pdf_node *print_node(struct print *print, struct pdf_node *parent, enum pdf_role role);

/* Puts a text with its node's role at x, y and returns where it ends. place < 0: never kept. */
double print_text(struct print *print, int place, enum pdf_role role, enum pdf_style style,
                  const char *string, double width, double x, double y);

/* The same into a node that there is. */
double print_into(struct print *print, int place, struct pdf_node *node, enum pdf_style style,
                  const char *string, double width, double x, double y);

/* A sentence in a language, in the sheet's arena. */
const char *print_say(struct print *print, const struct language *language, const char *msgid,
                      const struct arg *args, size_t n);

/* The page's head: the programme's name, and right of it what the page is about. */
void print_head(struct print *print, const char *about);

/* The QR that opens the code, or nothing where the programme has no address. */
void print_qr(struct print *print, const char *code, double x, double y, double size);

/* "laerke.example.dk/a": as one types it. "" without an address. */
const char *print_typed(struct print *print, const char *path);

/* A short text about the letter in another language of the questionnaire. NULL: we have none in it.
 */
const struct language *letter_language(const char *tag);
const char *letter_short(struct print *print, const struct language *language,
                         const struct letter_page *letter);
const char *letter_language_name(const struct language *language);

#endif

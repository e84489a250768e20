/* qr.h - a text as a QR code (ISO/IEC 18004), for paper and for screens.
 *
 * Layer: paint (libqrencode). Error correction M: a fold or a stain of 15 % does no harm.
 *
 *     struct qr qr;
 *     if (qr_make("https://laerke.example.dk/a#K7QM4XW9HPR", arena, &qr)) qr_svg(&qr, "…", &html);
 *
 * Around it belongs a quiet zone of four modules, which whoever places it leaves free.
 */
#ifndef LAERKE_PAINT_QR_H
#define LAERKE_PAINT_QR_H

#include <stdbool.h>

struct arena;
struct text;

struct qr {
    int size;                     /* modules a side */
    const unsigned char *modules; /* size × size, row by row: 1 dark, 0 light */
};

/* False: the text is too long for any QR (over 2,331 bytes), or memory is out. */
bool qr_make(const char *string, struct arena *arena, struct qr *out);

static inline bool qr_dark(const struct qr *qr, int row, int column) {
    return qr->modules[row * qr->size + column] != 0;
}

/* An <svg> with its quiet zone, black on white whatever stands around it; label is read aloud. */
void qr_svg(const struct qr *qr, const char *label, struct text *out);

#endif

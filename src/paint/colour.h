/* colour.h - the one palette of charts, on the web and in PDFs. Layer: paint.
 *
 * Blue is the own unit above, rust is below, ink is what cannot be told apart; all pass 4.5:1 on white,
 * and are told apart by the colour-blind. The same values stand in web/static/style.css.
 */
#ifndef LAERKE_PAINT_COLOUR_H
#define LAERKE_PAINT_COLOUR_H

#include "document/document.h"

#include <stddef.h>

#define COLOUR_INK "#17262b"
#define COLOUR_GREY "#5b6b70"
#define COLOUR_ABOVE "#0b5a82"
#define COLOUR_BELOW "#b4530f"
#define COLOUR_BAND "#e3e8e5"
#define COLOUR_MARK "#7c8a8e"
#define COLOUR_REFERENCE "#aab5b4"
#define COLOUR_LINE "#d9dfdd"
#define COLOUR_HAIR "#eef1ef"

static inline const char *colour_of(enum tone tone) {
    return tone == TONE_ABOVE ? COLOUR_ABOVE : tone == TONE_BELOW ? COLOUR_BELOW : COLOUR_INK;
}

/* Shares run from light to dark in one hue, lowest category first, so that their order is seen without
 * colour; the text on each passes 4.5:1. The ramps of 2 to 6 categories pick from these steps. */
static inline size_t share_step(size_t category, size_t n) {
    static const unsigned char steps[7][6] = {
        { 0 }, { 3 }, { 1, 4 }, { 0, 2, 4 }, { 0, 1, 3, 5 }, { 0, 1, 2, 3, 5 }, { 0, 1, 2, 3, 4, 5 },
    };
    return n <= 6 && category < n ? steps[n][category] : 0;
}
static inline const char *share_fill(size_t category, size_t n) {
    static const char *const fills[] = { "#dde7eb", "#c3d8e2", "#93bbcf", "#2f7aa1", "#0b5a82", "#083f5c" };
    return fills[share_step(category, n)];
}
static inline const char *share_ink(size_t category, size_t n) {
    return share_step(category, n) < 3 ? COLOUR_INK : "#ffffff";
}

#endif

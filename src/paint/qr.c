#include "paint/qr.h"

#include "base/arena.h"
#include "base/markup.h"
#include "base/text.h"

#include <qrencode.h>

enum { QUIET = 4 };

bool qr_make(const char *string, struct arena *arena, struct qr *out) {
    QRcode *code = QRcode_encodeString(string, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code) return false;
    size_t n = (size_t)code->width * (size_t)code->width;
    unsigned char *modules = arena_alloc(arena, n);
    for (size_t i = 0; modules && i < n; i++) modules[i] = code->data[i] & 1;
    *out = (struct qr){ .size = code->width, .modules = modules };
    QRcode_free(code);
    return modules != NULL;
}

void qr_svg(const struct qr *qr, const char *label, struct text *out) {
    int side = qr->size + 2 * QUIET;
    text_addf(out, "<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", side,
              side);
    markup_add(out, label);
    text_addf(out, "\"><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/><path fill=\"#000\" d=\"", side,
              side, side);
    for (int row = 0; row < qr->size; row++)
        for (int from = 0, to; from < qr->size; from = to) {
            bool dark = qr_dark(qr, row, from);
            for (to = from + 1; to < qr->size && qr_dark(qr, row, to) == dark;) to++;
            if (dark)
                text_addf(out, "M%d %dh%dv1h-%dz", from + QUIET, row + QUIET, to - from, to - from);
        }
    text_add(out, "\"/></svg>");
}

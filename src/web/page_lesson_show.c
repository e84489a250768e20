/* /unit/{id}/lesson/show: what stands on the wall while a class answers: where to go, in large
 * letters, and, where the teacher wants it ("?codes=1"), everybody's code. */
#include "base/arena.h"
#include "base/text.h"
#include "paint/qr.h"
#include "store/programme.h"
#include "templates.h"
#include "web/lesson.h"
#include "web/page.h"
#include "web/site.h"

#include <string.h>

#define PAGE_MAX (4 * MIB)

/* A square for an address of the programme's; "" where it has none, or memory is out. */
static const char *square(struct request *request, const char *fragment) {
    const char *address = request->programme->settings.address;
    struct text to = text_new(request->arena, 512), svg = text_new(request->arena, 64 * KIB);
    struct qr qr;
    if (!*address) return "";
    text_addf(&to, "%s/a%s", address, *fragment ? "#" : "");
    for (const char *c = fragment; *c; c++)
        if (*c != '-') text_add_char(&to, *c);
    if (!text_ok(&to) || !qr_make(text_string(&to), request->arena, &qr)) return "";
    qr_svg(&qr, i18n_text(request->language, N_("QR code to the page where the code is written")),
           &svg);
    return text_ok(&svg) ? text_string(&svg) : "";
}

static bool add_codes(struct request *request, const struct lesson *lesson,
                      struct lesson_show_view *view) {
    struct lesson_show_pupil *pupils = arena_array(request->arena, lesson->n + 1, sizeof *pupils);
    if (!pupils) return false;
    view->pupils = pupils;
    for (size_t i = 0; i < lesson->n; i++) {
        if (!*lesson->pupils[i].code) continue;
        const char *code = pupil_code(request, &lesson->pupils[i]);
        pupils[view->n_pupils++] =
            (struct lesson_show_pupil){ .name = pupil_name(request, &lesson->pupils[i]),
                                        .code = code,
                                        .qr = square(request, code) };
    }
    return true;
}

bool page_lesson_show(struct request *request, struct error *error) {
    struct lesson lesson;
    const char *codes = field_value(&request->query, "codes"),
               *address = request->programme->settings.address, *host = strstr(address, "://");
    enum lesson_door door = lesson_enter(request, true, &lesson, error);
    if (door != DOOR_OPEN) return door == DOOR_ANSWERED;
    struct text shown = text_new(request->arena, 512);
    if (host) text_addf(&shown, "%s/a", host + 3);
    struct lesson_show_view view = { .unit = request->tree->units.unit[request->unit].name,
                                     .address = text_string(&shown),
                                     .back = lesson_path(request, ""),
                                     .other =
                                         lesson_path(request, codes ? "/show" : "/show?codes=1"),
                                     .codes = codes != NULL,
                                     .qr = codes ? "" : square(request, "") };
    if (codes && !add_codes(request, &lesson, &view)) return error_plain(error, "web.memory");
    struct text main = text_new(request->arena, PAGE_MAX);
    render_lesson_show(&main, request->language, &view);
    return page_send(request, 200, view.unit, &main, error);
}

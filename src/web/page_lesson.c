/* /unit/{id}/lesson: a class while its wave is open. Its team sees who has begun and who is done,
 * prints the codes and gives a pupil a new one; a leader sees counts alone. */
#include "base/arena.h"
#include "base/text.h"
#include "collect/lesson.h"
#include "paint/letter.h"
#include "store/programme.h"
#include "templates.h"
#include "web/lesson.h"
#include "web/page.h"
#include "web/site.h"

#include <string.h>

#define PAGE_MAX (1 * MIB)

bool lesson_open(struct request *request, bool *open, struct error *error) {
    struct statement *s;
    *open = false;
    if (!store_prepare(request->programme->study, &s,
                       "SELECT COUNT(*) FROM wave WHERE state = 'open'", error))
        return false;
    if (statement_step(s, error)) *open = column_int(s, 0) > 0;
    return statement_end(s, error);
}

const char *lesson_href(struct request *request, long unit, bool open) {
    const struct units *units = &request->tree->units;
    if (!open || unit < 0 || units->unit[unit].kind != UNIT_CLASS ||
        access_sight(&request->session.account, units, unit) != SIGHT_ALL)
        return "";
    struct text href = text_new(request->arena, 64);
    text_addf(&href, "/unit/%lld/lesson", (long long)units->unit[unit].id);
    return text_string(&href);
}

const char *lesson_path(struct request *request, const char *rest) {
    struct text href = text_new(request->arena, 96);
    text_addf(&href, "/unit/%lld/lesson%s", (long long)request->id, rest);
    return text_string(&href);
}

const char *pupil_name(struct request *request, const struct lesson_pupil *pupil) {
    struct text name = text_new(request->arena, 2 * NAME_MAX_BYTES + 2);
    text_addf(&name, "%s%s%s", pupil->given, *pupil->given && *pupil->family ? " " : "",
              pupil->family);
    return text_string(&name);
}

const char *pupil_code(struct request *request, const struct lesson_pupil *pupil) {
    char shown[CODE_SHOWN] = "";
    if (*pupil->code) code_print(pupil->code, shown);
    const char *copy = arena_copy(request->arena, shown);
    return copy ? copy : "";
}

enum lesson_door lesson_enter(struct request *request, bool named, struct lesson *out,
                              struct error *error) {
    const struct unit *unit = &request->tree->units.unit[request->unit];
    if (unit->kind != UNIT_CLASS) {
        page_error(request, 404, NULL);
        return DOOR_ANSWERED;
    }
    if (named && request->sight != SIGHT_ALL) {
        page_error(request, 403, NULL);
        return DOOR_ANSWERED;
    }
    if (!lesson_read(request->programme, &request->site->collect, request->id,
                     request->sight == SIGHT_ALL, request->arena, out, error))
        return DOOR_BROKEN;
    if (out->wave.number) return DOOR_OPEN;
    page_error(request, 404,
               N_("No survey is open now. When one is, the class's codes and who has answered "
                  "stand here."));
    return DOOR_ANSWERED;
}

/* ---- the list ---- */

struct list {
    struct request *request;
    const struct lesson *lesson;
    struct lesson_view view;
};

static const char *state_words(const struct list *list, const struct lesson_pupil *pupil) {
    static const char *const words[] = { [LESSON_ABSENT] = N_("Has no questionnaire"),
                                         [LESSON_NOT_BEGUN] = N_("Not begun"),
                                         [LESSON_BEGUN] = N_("Begun"),
                                         [LESSON_DONE] = N_("Done") };
    return i18n_text(list->request->language, words[pupil->state]);
}

/* "?new=ID": who has just been given a code. */
static void show_new(struct list *list, const struct lesson_pupil *pupil) {
    const char *wanted = field_value(&list->request->query, "new");
    long long assignment;
    if (!wanted || !text_to_int(wanted, 1, INT64_MAX, &assignment) || !*pupil->code ||
        pupil->assignment != assignment)
        return;
    list->view.new_name = pupil_name(list->request, pupil);
    list->view.new_code = pupil_code(list->request, pupil);
}

static bool add_pupils(struct list *list) {
    const struct lesson *lesson = list->lesson;
    struct lesson_row *rows = arena_array(list->request->arena, lesson->n + 1, sizeof *rows);
    if (!rows) return false;
    for (size_t i = 0; i < lesson->n; i++) {
        const struct lesson_pupil *pupil = &lesson->pupils[i];
        rows[i] = (struct lesson_row){ .name = pupil_name(list->request, pupil),
                                       .state = state_words(list, pupil),
                                       .done = pupil->state == LESSON_DONE,
                                       .begun = pupil->state == LESSON_BEGUN,
                                       .absent = pupil->state == LESSON_ABSENT,
                                       .elsewhere = pupil->elsewhere,
                                       .renewable = *pupil->code != '\0',
                                       .assignment = pupil->assignment };
        list->view.absent += pupil->state == LESSON_ABSENT;
        show_new(list, pupil);
    }
    list->view.rows = rows;
    list->view.n_rows = lesson->n;
    return true;
}

static const char *kiosk_address(struct request *request) {
    const char *address = request->programme->settings.address, *host = strstr(address, "://");
    struct text text = text_new(request->arena, 256);
    text_addf(&text, "%s/a?kiosk=1", host ? host + 3 : "");
    return text_string(&text);
}

bool page_lesson(struct request *request, struct error *error) {
    struct lesson lesson;
    char opens[NUMBER_MAX], until[NUMBER_MAX];
    enum lesson_door door = lesson_enter(request, false, &lesson, error);
    if (door != DOOR_OPEN) return door == DOOR_ANSWERED;
    struct list list = { .request = request, .lesson = &lesson };
    struct lesson_view *view = &list.view;
    view->unit = request->tree->units.unit[request->unit].name;
    view->wave = lesson.wave.name;
    view->opens = i18n_date(request->language, lesson.wave.opens, true, opens);
    view->until = i18n_date(request->language, lesson.wave.closes, true, until);
    view->today = lesson.today;
    view->named = request->sight == SIGHT_ALL;
    view->asked = (long long)lesson.asked;
    view->begun = (long long)lesson.begun;
    view->done = (long long)lesson.done;
    view->waiting = (long long)(lesson.asked - lesson.begun - lesson.done);
    view->pdf = lesson_path(request, ".pdf");
    view->show = lesson_path(request, "/show");
    view->codes = lesson_path(request, "/show?codes=1");
    view->action = lesson_path(request, "/code");
    view->kiosk = kiosk_address(request);
    view->csrf = request->csrf;
    if (view->named && !add_pupils(&list)) return error_plain(error, "web.memory");
    struct text main = text_new(request->arena, PAGE_MAX);
    render_lesson(&main, request->language, view);
    return page_send(request, 200, view->unit, &main, error);
}

/* ---- a new code ---- */

bool page_lesson_code_post(struct request *request, struct error *error) {
    struct lesson lesson;
    char code[CODE_TEXT];
    const char *typed = field_value(&request->form, "pupil");
    long long assignment = 0;
    enum lesson_door door = lesson_enter(request, true, &lesson, error);
    if (door != DOOR_OPEN) return door == DOOR_ANSWERED;
    if (typed && !text_to_int(typed, 1, INT64_MAX, &assignment)) assignment = 0;
    if (!lesson_renew(request->programme->study, &request->site->collect, &lesson, assignment,
                      request->id, request->session.account.id, code, error))
        return error_is(error, "code.unknown") &&
               page_error(request, 404,
                          N_("The pupil is not in this class, or is done already. Load the class's "
                             "page again."));
    struct text to = text_new(request->arena, 96);
    text_addf(&to, "/unit/%lld/lesson?new=%lld", (long long)request->id, assignment);
    reply_redirect(request, text_string(&to));
    return true;
}

/* ---- paper ---- */

static size_t add_slips(struct request *request, const struct lesson *lesson, struct slip *slips) {
    size_t n = 0;
    for (size_t i = 0; i < lesson->n; i++)
        if (*lesson->pupils[i].code)
            slips[n++] = (struct slip){ pupil_name(request, &lesson->pupils[i]),
                                        pupil_code(request, &lesson->pupils[i]) };
    return n;
}

bool page_lesson_pdf(struct request *request, struct error *error) {
    struct lesson lesson;
    struct pdf pdf;
    const struct units *units = &request->tree->units;
    const struct unit *unit = &units->unit[request->unit];
    const struct settings *settings = &request->programme->settings;
    enum lesson_door door = lesson_enter(request, true, &lesson, error);
    if (door != DOOR_OPEN) return door == DOOR_ANSWERED;
    struct slip *slips = arena_array(request->arena, lesson.n + 1, sizeof *slips);
    if (!slips) return error_plain(error, "web.memory");
    struct print_section list = {
        .kind = PRINT_LIST,
        .class = { .unit = unit->name,
                   .school = unit->parent > 0 ? units->unit[unit->parent].name : "",
                   .slips = slips,
                   .n = add_slips(request, &lesson, slips) }
    };
    struct print_section sections[2] = { list, list };
    sections[1].kind = PRINT_SLIPS;
    struct print_frame frame = { .language = language_tag(request->language),
                                 .programme = settings->name,
                                 .address = settings->address,
                                 .contact = settings->contact,
                                 .opens = lesson.wave.opens,
                                 .closes = lesson.wave.closes,
                                 .results = "",
                                 .minimum_group = settings->minimum_group };
    if (!paint_codes(&frame, sections, 2, request->arena, &pdf, error)) return false;
    reply_body(request, 200, "application/pdf", pdf.bytes, pdf.length);
    reply_header(request, "Content-Disposition", "inline; filename=\"koder.pdf\"");
    return true;
}

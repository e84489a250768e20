/* /forms: anybody may read every question before it is answered. */
#include "base/arena.h"
#include "base/text.h"
#include "instrument/instrument.h"
#include "store/programme.h"
#include "web/answering.h"
#include "web/forms.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <string.h>

bool page_form_preview(struct request *request, struct error *error) {
    const struct instrument *instrument =
        form_get(request->site->forms, request->programme->study, request->id, error);
    if (!instrument) return error_is(error, "instrument.unknown") && page_error(request, 404, NULL);
    struct text path = text_new(request->arena, 64);
    text_addf(&path, "/forms/%lld", (long long)request->id);
    return answering_form(request, instrument, NULL, text_string(&path), error);
}

static const char *respondent_title(enum respondent respondent) {
    static const char *const titles[RESPONDENT_COUNT] = {
        [RESPONDENT_PUPIL_YOUNG] = N_("Pupils, grades 0–3"), [RESPONDENT_PUPIL] = N_("Pupils, grades 4–10"),
        [RESPONDENT_CLASS_TEACHER] = N_("Class teachers"),   [RESPONDENT_PARENT] = N_("Parents"),
        [RESPONDENT_TEACHER] = N_("Teachers"),               [RESPONDENT_PEDAGOGUE] = N_("Pedagogues"),
        [RESPONDENT_LEADER] = N_("School leaders"),
    };
    return titles[respondent];
}

/* The newest version of each. */
bool page_forms(struct request *request, struct error *error) {
    struct instrument_row *rows;
    size_t n;
    if (!instrument_list(request->programme->study, request->arena, &rows, &n, error)) return false;
    struct forms_form *forms = arena_array(request->arena, n + 1, sizeof *forms);
    struct forms_view view = { .forms = forms };
    if (!forms) return error_plain(error, "web.memory");
    for (size_t i = 0; i < n; i++) {
        enum respondent respondent = RESPONDENT_PUPIL;
        if (i + 1 < n && strcmp(rows[i].code, rows[i + 1].code) == 0) continue;
        const struct instrument *instrument =
            form_get(request->site->forms, request->programme->study, rows[i].id, error);
        if (!instrument) return false;
        if (instrument->n_pages == 0) continue;
        respondent_from_name(rows[i].respondent, &respondent);
        struct text href = text_new(request->arena, 64);
        text_addf(&href, "/forms/%lld", (long long)rows[i].id);
        forms[view.n_forms++] = (struct forms_form){
            .href = text_string(&href), .who = i18n_text(request->language, respondent_title(respondent)),
            .title = instrument_text(instrument, instrument->title, language_tag(request->language)),
            .items = (long long)instrument->n_items
        };
    }
    struct text main = text_new(request->arena, 64 * KIB);
    request->narrow = true;
    render_forms(&main, request->language, &view);
    return page_send(request, 200, i18n_text(request->language, N_("All questions")), &main, error);
}

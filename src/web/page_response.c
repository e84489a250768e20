/* /unit/{id}/response: how far the collection is, for who may see the unit. */
#include "base/arena.h"
#include "base/text.h"
#include "collect/response.h"
#include "collect/wave.h"
#include "store/programme.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <string.h>

#define PAGE_MAX (1 * MIB)

struct following {
    struct request *request;
    struct wave wave;
    struct response response;
    bool below[RESPONDENT_COUNT]; /* anybody is asked at one of the units right below */
    struct response_view view;
};

static const char *const group_names[RESPONDENT_COUNT] = {
    [RESPONDENT_PUPIL_YOUNG] = N_("Pupils, grades 0–3"), [RESPONDENT_PUPIL] = N_("Pupils, grades 4–10"),
    [RESPONDENT_CLASS_TEACHER] = N_("Assessments by class teachers"), [RESPONDENT_PARENT] = N_("Parents"),
    [RESPONDENT_TEACHER] = N_("Teachers"),               [RESPONDENT_PEDAGOGUE] = N_("Pedagogues"),
    [RESPONDENT_LEADER] = N_("School leaders"),
};

/* The newest wave that is open, else the newest that was. */
static bool find_wave(struct request *request, struct wave *out, bool *found, struct error *error) {
    struct wave *waves;
    size_t n;
    *found = false;
    if (!wave_list(request->programme->study, request->arena, &waves, &n, error)) return false;
    for (size_t i = 0; i < n; i++) {
        bool open = strcmp(waves[i].state, "open") == 0;
        if (strcmp(waves[i].state, "planned") == 0 || (*found && !open)) continue;
        *out = waves[i];
        *found = true;
    }
    return true;
}

static const char *percent(struct following *f, const struct response_count *count) {
    char text[NUMBER_MAX];
    if (count->asked == 0) return "–";
    return arena_copy(f->request->arena, i18n_percent(f->request->language,
                                                      (double)count->done / (double)count->asked, text));
}

static bool add_groups(struct following *f) {
    const struct response_count *of = f->response.of[f->request->unit];
    struct response_group *groups = arena_array(f->request->arena, RESPONDENT_COUNT, sizeof *groups);
    if (!groups) return false;
    f->view.groups = groups;
    for (size_t r = 0; r < RESPONDENT_COUNT; r++) {
        if (of[r].asked == 0) continue;
        const char *who = i18n_text(f->request->language, group_names[r]);
        groups[f->view.n_groups++] = (struct response_group){
            .who = who, .done = (long long)of[r].done, .asked = (long long)of[r].asked,
            .missing = (long long)(of[r].asked - of[r].done - of[r].declined),
            .begun = (long long)of[r].begun, .percent = percent(f, &of[r]),
            .share = (long long)(100 * of[r].done / of[r].asked) };
    }
    return true;
}

static bool add_cells(struct following *f, size_t unit, struct response_unit *row) {
    struct response_cell *cells = arena_array(f->request->arena, RESPONDENT_COUNT, sizeof *cells);
    if (!cells) return false;
    row->cells = cells;
    for (size_t r = 0; r < RESPONDENT_COUNT; r++) {
        if (!f->below[r]) continue;
        const struct response_count *count = &f->response.of[unit][r];
        struct text detail = text_new(f->request->arena, 128);
        i18n_say(f->request->language, &detail, N_("{done} of {asked} have answered"),
                 ARG_INT("done", count->done), ARG_INT("asked", count->asked));
        cells[row->n_cells++] = (struct response_cell){ .percent = percent(f, count),
                                                        .detail = count->asked ? text_string(&detail) : "" };
    }
    return true;
}

static bool is_shown(const struct following *f, size_t unit) {
    const struct units *units = &f->request->tree->units;
    return units->unit[unit].parent == f->request->unit && units->unit[unit].active &&
           access_sight(&f->request->session.account, units, (long)unit) != SIGHT_NONE;
}

/* The columns of the table: who is asked anywhere in it. */
static bool add_heads(struct following *f) {
    struct response_head *heads = arena_array(f->request->arena, RESPONDENT_COUNT, sizeof *heads);
    if (!heads) return false;
    f->view.heads = heads;
    for (size_t r = 0; r < RESPONDENT_COUNT; r++) {
        for (size_t u = 0; u < f->response.n_units; u++)
            f->below[r] = f->below[r] || (is_shown(f, u) && f->response.of[u][r].asked > 0);
        if (f->below[r])
            heads[f->view.n_heads++] =
                (struct response_head){ .who = i18n_text(f->request->language, group_names[r]) };
    }
    return true;
}

/* The units right below that this account may see, in the tree's order: never by how many answered. */
static bool add_units(struct following *f) {
    const struct units *units = &f->request->tree->units;
    struct response_unit *rows = arena_array(f->request->arena, units->n, sizeof *rows);
    if (!rows || !add_heads(f)) return false;
    f->view.units = rows;
    for (size_t u = 0; u < units->n; u++) {
        if (!is_shown(f, u)) continue;
        struct response_unit *row = &rows[f->view.n_units++];
        struct text href = text_new(f->request->arena, 64);
        text_addf(&href, "/unit/%lld/response", (long long)units->unit[u].id);
        row->name = units->unit[u].name;
        row->href = text_string(&href);
        if (!add_cells(f, u, row)) return false;
    }
    return true;
}

/* For the school, and in its words. */
static void add_reminder(struct following *f) {
    const struct unit *unit = &f->request->tree->units.unit[f->request->unit];
    if (unit->kind != UNIT_SCHOOL || !f->view.open) return;
    struct text text = text_new(f->request->arena, 2048);
    i18n_say(f->request->language, &text,
             N_("The survey at {unit} is open until {until}. Have you not answered yet? Your code stands in the letter you "
                "got. It takes about ten minutes, it is voluntary, and nobody at the school can see what "
                "you answer. The more who answer, the better we can see what to do for the children."),
             ARG_TEXT("unit", unit->name), ARG_TEXT("until", f->view.until));
    f->view.aula_title = i18n_text(f->request->language, N_("Remember the survey"));
    f->view.aula = text_string(&text);
}

bool page_response(struct request *request, struct error *error) {
    struct following f = { .request = request };
    char until[NUMBER_MAX];
    bool found;
    if (!find_wave(request, &f.wave, &found, error)) return false;
    if (!found)
        return page_error(request, 404, N_("No survey has been opened yet."));
    if (!response_read(request->programme->study, &request->tree->units, f.wave.number, request->arena,
                       &f.response, error))
        return false;
    f.view.unit = request->tree->units.unit[request->unit].name;
    f.view.wave = f.wave.name;
    f.view.open = strcmp(f.wave.state, "open") == 0;
    f.view.until = arena_copy(request->arena, i18n_date(request->language, f.wave.closes, false, until));
    if (!add_groups(&f) || !add_units(&f)) return error_plain(error, "web.memory");
    add_reminder(&f);
    struct text main = text_new(request->arena, PAGE_MAX);
    render_response(&main, request->language, &f.view);
    if (f.view.open) reply_header(request, "Refresh", "60");
    return page_send(request, 200, i18n_text(request->language, N_("Who has answered")), &main, error);
}

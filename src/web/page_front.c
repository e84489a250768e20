/* /: the own units of who is signed in; what Lærke is, and the login, for everybody else. */
#include "base/arena.h"
#include "base/text.h"
#include "publish/frozen.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <string.h>

/* The password of every account of a simulated programme (simulate.h). */
#define DEMO_PASSWORD "laerke-demo"
enum { UNITS_SHOWN = 64 };
#define PAGE_MAX (1 * MIB)

static const char *unit_kind_title(enum unit_kind kind) {
    static const char *const titles[UNIT_KINDS] = {
        [UNIT_PROGRAMME] = N_("Programme"),     [UNIT_MUNICIPALITY] = N_("Municipality"),
        [UNIT_INSTITUTION] = N_("Institution"), [UNIT_SCHOOL] = N_("School"),
        [UNIT_CLASS] = N_("Class"),             [UNIT_TEAM] = N_("Team"),
    };
    return titles[kind];
}

/* The units where the account has a role, and what it sees directly above them; in the tree's order. */
static size_t own_units(const struct request *request, long own[UNITS_SHOWN]) {
    const struct units *units = &request->tree->units;
    const struct account *account = &request->session.account;
    size_t n = 0;
    for (size_t m = 0; m < account->n_memberships; m++) {
        long unit = units_by_id(units, account->memberships[m].unit);
        long pair[] = { unit, unit < 0 ? -1 : units->unit[unit].parent };
        for (size_t i = 0; i < 2 && n < UNITS_SHOWN; i++) {
            if (access_sight(account, units, pair[i]) == SIGHT_NONE) continue;
            size_t at = 0;
            while (at < n && own[at] < pair[i]) at++;
            if (at < n && own[at] == pair[i]) continue;
            memmove(own + at + 1, own + at, (n - at) * sizeof *own);
            own[at] = pair[i];
            n++;
        }
    }
    return n;
}

/* "Søndervangskolen, Horsens" */
static const char *units_above(const struct request *request, long unit) {
    const struct units *units = &request->tree->units;
    struct text text = text_new(request->arena, 2048);
    for (long at = units->unit[unit].parent; at > 0; at = units->unit[at].parent)
        text_addf(&text, "%s%s", text.length ? ", " : "", units->unit[at].name);
    return text_string(&text);
}

/* "412 of 455 pupils have answered", of the newest results; empty where there are none. */
static bool add_response(struct request *request, int64_t unit, struct front_unit *row,
                         struct error *error) {
    struct frozen *frozen;
    if (!frozen_get(request->programme->study, 0, unit, request->arena, &frozen, NULL, NULL, error))
        return strncmp(error->id, "publish.", 8) == 0;
    row->wave = frozen->wave_name;
    for (size_t i = 0; i < frozen->n_responses; i++) {
        const struct frozen_response *response = &frozen->responses[i];
        if (!response->shown || strcmp(response->respondent, "pupil") != 0) continue;
        struct text text = text_new(request->arena, 512);
        i18n_say(request->language, &text, N_("{n} of {all} pupils have answered"),
                 ARG_INT("n", response->n), ARG_INT("all", response->invited));
        row->response = text_string(&text);
    }
    if (!row->response) row->response = i18n_text(request->language, N_("results are ready"));
    return true;
}

static bool own_front(struct request *request, struct error *error) {
    const struct units *units = &request->tree->units;
    long own[UNITS_SHOWN];
    struct front_view view = { .name = request->session.account.name,
                               .n_units = own_units(request, own) };
    struct front_unit *rows = arena_array(request->arena, UNITS_SHOWN, sizeof *rows);
    if (!rows) return error_plain(error, "web.memory");
    for (size_t i = 0; i < view.n_units; i++) {
        const struct unit *unit = &units->unit[own[i]];
        struct text href = text_new(request->arena, 64);
        text_addf(&href, "/unit/%lld", (long long)unit->id);
        rows[i] = (struct front_unit){ .href = text_string(&href),
                                       .name = unit->name,
                                       .above = units_above(request, own[i]),
                                       .kind = i18n_text(request->language,
                                                         unit_kind_title(unit->kind)) };
        if (!add_response(request, unit->id, &rows[i], error)) return false;
    }
    view.units = rows;
    struct text main = text_new(request->arena, PAGE_MAX);
    render_front(&main, request->language, &view);
    return page_send(request, 200, i18n_text(request->language, N_("Your profiles")), &main, error);
}

static const char *const demo_sees[ROLE_COUNT] = {
    [ROLE_TEACHER] = N_("Sees the own class and the school."),
    [ROLE_PEDAGOGUE] = N_("Sees the own class and the school."),
    [ROLE_LEADER] = N_("Sees the school, and its classes without what belongs to their teams."),
    [ROLE_MUNICIPALITY] = N_("Sees the municipality and its schools."),
    [ROLE_PROGRAMME] = N_("Sees the programme and its municipalities."),
};

/* One account of each role, where the programme is a simulated one. */
static bool add_demo(struct request *request, struct welcome_view *view, struct error *error) {
    const struct units *units = &request->tree->units;
    struct account *accounts;
    size_t n;
    struct welcome_account *rows = arena_array(request->arena, ROLE_COUNT, sizeof *rows);
    if (!rows) return error_plain(error, "web.memory");
    if (!account_list(request->programme, request->arena, &accounts, &n, error)) return false;
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        for (size_t i = 0; i < n; i++) {
            const struct membership *membership = &accounts[i].memberships[0];
            if (accounts[i].ended || !accounts[i].n_memberships || membership->role != role) continue;
            long unit = units_by_id(units, membership->unit);
            struct text place = text_new(request->arena, 2048);
            const char *above = unit < 0 ? "" : units_above(request, unit);
            text_addf(&place, "%s%s%s", unit < 0 ? "" : units->unit[unit].name, *above ? ", " : "",
                      above);
            rows[view->n_demo++] = (struct welcome_account){
                .role = i18n_text(request->language, role_title((enum role)role)),
                .unit = text_string(&place),
                .login = accounts[i].login,
                .sees = i18n_text(request->language, demo_sees[role]),
            };
            break;
        }
    }
    view->demo = rows;
    view->password = DEMO_PASSWORD;
    return true;
}

bool page_front(struct request *request, struct error *error) {
    if (request->signed_in) return own_front(request, error);
    struct login_form_view form = login_form(request, "/", "", NULL);
    struct welcome_view view = { .programme = request->site->programme->settings.name,
                                 .form = &form,
                                 .csrf = request->csrf };
    if (request->site->options.demo && !add_demo(request, &view, error)) return false;
    struct text main = text_new(request->arena, PAGE_MAX);
    render_welcome(&main, request->language, &view);
    return page_send(request, 200, request->site->programme->settings.name, &main, error);
}

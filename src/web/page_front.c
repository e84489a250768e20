/* /: the own units of who is signed in; what Lærke is, and the login, for everybody else. */
#include "base/arena.h"
#include "base/text.h"
#include "document/document.h"
#include "publish/frozen.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

#include <string.h>

/* The password of every account of a simulated programme (simulate.h). */
#define DEMO_PASSWORD "laerke-demo"
enum { UNITS_SHOWN = 64, RESULTS_SHOWN = 12, FINDINGS_SHOWN = 3 };
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

/* The unit above, where that says more: a class's school, a school's municipality. */
static const char *unit_above(const struct request *request, long unit) {
    const struct units *units = &request->tree->units;
    long above = units->unit[unit].parent;
    return above > 0 ? units->unit[above].name : "";
}

/* "412 of 455 pupils have answered" */
static const char *say_response(struct request *request, const struct frozen *frozen) {
    for (size_t i = 0; i < frozen->n_responses; i++) {
        const struct frozen_response *response = &frozen->responses[i];
        if (!response->shown || strcmp(response->respondent, "pupil") != 0) continue;
        struct text text = text_new(request->arena, 512);
        i18n_say(request->language, &text, N_("{n} of {all} pupils have answered"),
                 ARG_INT("n", response->n), ARG_INT("all", response->invited));
        return text_string(&text);
    }
    return i18n_text(request->language, N_("results are ready"));
}

/* The cards of the profile's first screen, in few words. */
static void add_findings(struct request *request, struct document *document,
                         struct front_unit *row) {
    static const struct {
        const char *tone, *mark;
    } tones[] = {
        [TONE_NEUTRAL] = { "neutral", "–" }, [TONE_ABOVE] = { "above", "▲" }, [TONE_BELOW] = { "below", "▼" }
    };
    const struct block *block = document->first;
    while (block && block->kind != BLOCK_FINDINGS) block = block->next;
    size_t n = block ? block->n_findings : 0;
    if (n > FINDINGS_SHOWN) n = FINDINGS_SHOWN;
    struct front_finding *findings = arena_array(request->arena, n, sizeof *findings);
    for (size_t i = 0; findings && i < n; i++) {
        const struct finding *finding = &block->findings[i];
        findings[i] = (struct front_finding){ .tone = tones[finding->tone].tone,
                                              .mark = tones[finding->tone].mark,
                                              .tag = finding->tag,
                                              .sentence = runs_text(document, finding->sentence) };
    }
    row->findings = findings;
    row->n_findings = findings ? n : 0;
}

/* What the newest results say of a unit; nothing where there are none. */
static bool add_results(struct request *request, long unit, struct front_unit *row,
                        struct error *error) {
    struct frozen *frozen;
    struct document *document;
    enum sight sight = access_sight(&request->session.account, &request->tree->units, unit);
    if (!profile_read(request, request->tree->units.unit[unit].id, sight, 0, &frozen, error))
        return strncmp(error->id, "publish.", 8) == 0;
    row->wave = frozen->wave_name;
    row->response = say_response(request, frozen);
    document = profile_document(request, frozen, sight);
    if (!document) return error_plain(error, "web.memory");
    add_findings(request, document, row);
    return true;
}

static bool own_front(struct request *request, struct error *error) {
    const struct units *units = &request->tree->units;
    long own[UNITS_SHOWN];
    struct front_view view = { .name = request->session.account.name,
                               .office = is_office(request),
                               .n_units = own_units(request, own) };
    struct front_unit *rows = arena_array(request->arena, UNITS_SHOWN, sizeof *rows);
    bool open;
    if (!rows) return error_plain(error, "web.memory");
    if (!lesson_open(request, &open, error)) return false;
    for (size_t i = 0; i < view.n_units; i++) {
        const struct unit *unit = &units->unit[own[i]];
        struct text href = text_new(request->arena, 64);
        text_addf(&href, "/unit/%lld", (long long)unit->id);
        rows[i] = (struct front_unit){ .href = text_string(&href),
                                       .name = unit->name,
                                       .above = unit_above(request, own[i]),
                                       .kind = i18n_text(request->language,
                                                         unit_kind_title(unit->kind)),
                                       .lesson = lesson_href(request, own[i], open) };
        if (i < RESULTS_SHOWN && !add_results(request, own[i], &rows[i], error)) return false;
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
            if (unit >= 0) text_add(&place, units->unit[unit].name);
            if (unit >= 0 && units->unit[unit].kind == UNIT_CLASS)
                text_addf(&place, ", %s", unit_above(request, unit));
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

#include "profile/builder.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

/* "**412 af 455 elever** svarede (91 %), 38 af 40 lærere (95 %)." */
static void add_summary(const struct builder *b) {
    const struct frozen *f = b->frozen;
    struct text out = text_new(b->document->arena, 8192);
    size_t said = 0;
    for (size_t i = 0; i < f->n_responses; i++) {
        const struct frozen_response *r = &f->responses[i];
        if (!r->shown || r->invited <= 0) continue;
        if (said) text_add(&out, ", ");
        text_add(&out, SAY(b,
                           said++ ? N_("**{n} of {invited} {respondents}** ({percent})")
                                  : N_("**{n} of {invited} {respondents}** answered ({percent})"),
                           ARG_INT("n", r->n), ARG_INT("invited", r->invited),
                           ARG_TEXT("respondents", respondent_plural(b, r->respondent)),
                           ARG_TEXT("percent", percent(b, (int)(100.0 * r->n / r->invited + .5)))));
    }
    if (said)
        text_add(&out, ".");
    else
        text_add(&out, plain(b, N_("Too few have answered for results to be shown.")));
    b->document->summary = document_runs(b->document, text_string(&out));
}

/* "Kvalitetsprofil · Søndervangskolen · Kortlægning 2026": a class and a school say what they are
 * part of. */
static void add_subtitle(const struct builder *b) {
    const struct frozen *f = b->frozen;
    const char *within = f->n_path >= 2 ? f->path[f->n_path - 1].name : NULL;
    b->document->subtitle =
        within ? SAY(b, N_("Quality profile · {within} · {wave}"), ARG_TEXT("within", within),
                     ARG_TEXT("wave", f->wave_name))
               : SAY(b, N_("Quality profile · {wave}"), ARG_TEXT("wave", f->wave_name));
}

static bool is_class(const struct builder *b) { return strcmp(b->frozen->unit.kind, "class") == 0; }

static bool any_shown(struct selection scales) {
    for (size_t i = 0; i < scales.n; i++)
        if (part_all(scales.scales[i])->shown) return true;
    return false;
}

static bool any_not_measured(struct selection scales) {
    for (size_t i = 0; i < scales.n; i++)
        if (part_not_measured(part_all(scales.scales[i]))) return true;
    return false;
}

/* The respondents that answered about this unit, in the order of the scales. */
static size_t list_respondents(const struct builder *b, const char *out[], size_t max) {
    size_t n = 0;
    for (size_t i = 0; i < b->frozen->n_scales; i++) {
        const char *respondent = b->frozen->scales[i].respondent;
        size_t known = 0;
        while (known < n && strcmp(out[known], respondent) != 0) known++;
        if (known == n && n < max) out[n++] = respondent;
    }
    return n;
}

static void add_lead(const struct builder *b) {
    struct text out = text_new(b->document->arena, 8192);
    text_add(&out, plain(b, N_("Every dot is a best guess, and the line through it says how sure "
                               "it is. The scales stand in "
                               "the order of the questionnaire.")));
    if (is_class(b))
        text_add(&out, plain(b, N_(" A class is few pupils, so its numbers are drawn towards the "
                                   "school’s; the raw means "
                                   "stand in the table.")));
    if (b->options->hide_teaching)
        text_add(&out, plain(b, N_(" The scales about teaching belong to the class’s team; you see "
                                   "them when the team "
                                   "shares them.")));
    add_paragraph(b->document, BLOCK_LEAD, text_string(&out));
}

/* One respondent group: its scales as points, then as shares, then question by question. */
static void add_group(const struct builder *b, const char *respondent, bool first) {
    struct selection points = select_scales(b, respondent, false),
                     shares = select_scales(b, respondent, true);
    if (points.n == 0 && shares.n == 0) return;
    bool own = is_class(b) && strncmp(respondent, "pupil", 5) == 0;
    add_heading(b->document, 2,
                own ? plain(b, N_("What the class answered")) : respondent_heading(b, respondent),
                first ? "scales" : NULL);
    if (!any_shown(points) && !has_answers(shares) && any_not_measured(points)) {
        add_paragraph(b->document, BLOCK_PARAGRAPH,
                      plain(b, N_("Nothing could be measured from these answers: on each scale, too few "
                                  "questions were answered, or the answers do not differ.")));
        return;
    }
    if (!any_shown(points) && !has_answers(shares)) {
        add_paragraph(b->document, BLOCK_PARAGRAPH,
                      SAY(b,
                          N_("Too few answers to show. Groups with fewer than {minimum} answers "
                             "are not shown, so that "
                             "nobody can be recognised."),
                          ARG_INT("minimum", b->frozen->minimum_group)));
        return;
    }
    if (points.n) {
        add_lead(b);
        add_points(b, points);
        if (first && is_class(b)) add_meaning_of_numbers(b);
    }
    /* A class's answers are not published yet: nothing is said of them rather than that they are
     * few. */
    if (shares.n && (!is_class(b) || has_answers(shares))) {
        add_heading(b->document, 3, plain(b, N_("How many answer what")), NULL);
        add_paragraph(b->document, BLOCK_LEAD,
                      plain(b, N_("A mean would hide what matters here, so the answers are shown "
                                  "as they were given.")));
        add_shares(b, shares);
    }
    if (has_answers(points)) {
        add_heading(b->document, 3, plain(b, N_("Question by question")),
                    first ? "questions" : NULL);
        add_paragraph(
            b->document, BLOCK_LEAD,
            plain(b, N_("The answers behind each scale. Open one that you want to talk about.")));
        add_folded_answers(b, points);
    }
}

static void add_children(const struct builder *b) {
    static const struct {
        const char *kind, *heading;
    } headings[] = {
        { "municipality", N_("The municipalities") },
        { "institution", N_("The institutions") },
        { "school", N_("The schools") },
        { "class", N_("The classes") },
        { NULL, N_("Below") },
    };
    const struct frozen *f = b->frozen;
    if (!b->options->link_children || f->n_children == 0) return;
    size_t i = 0;
    while (headings[i].kind && strcmp(headings[i].kind, f->children[0].kind) != 0) i++;
    add_heading(b->document, 2, plain(b, headings[i].heading), "units");
    struct block *block = add_block(b->document, BLOCK_LINKS);
    struct link *links = document_array(b->document, f->n_children, sizeof *links);
    if (!block || !links) return;
    for (size_t k = 0; k < f->n_children; k++) {
        struct text href = text_new(b->document->arena, 4096);
        text_addf(&href, "%s%lld", b->options->base_path ? b->options->base_path : "",
                  (long long)f->children[k].id);
        links[k] = (struct link){ .text = f->children[k].name, .href = text_string(&href) };
    }
    block->title = plain(b, headings[i].heading);
    block->n_links = f->n_children;
    block->links = links;
}

/* Of a class, what is more than chance stands after what it answered. */
static void add_chance(const struct builder *b) {
    const struct frozen *f = b->frozen;
    add_heading(b->document, 2, plain(b, N_("Is it more than chance?")), "findings");
    if (f->n_responses && f->responses[0].shown)
        add_paragraph(
            b->document, BLOCK_LEAD,
            SAY(b,
                N_("In a class of {n}, much is chance: another {n} pupils could have sat there."),
                ARG_INT("n", f->responses[0].invited)));
    add_findings(b);
}

struct document *profile_build(const struct frozen *frozen, const struct profile_options *options,
                               struct arena *arena) {
    struct builder b = { .document = document_create(arena, language_tag(options->language),
                                                     frozen->unit.name),
                         .frozen = frozen,
                         .options = options,
                         .language = options->language,
                         .tag = language_tag(options->language) };
    if (!b.document) return NULL;
    enum { GROUPS_MAX = 16 };
    const char *groups[GROUPS_MAX];
    size_t n = list_respondents(&b, groups, GROUPS_MAX);
    struct selection all = select_scales(&b, NULL, false);
    bool found = any_shown(all) || has_answers(select_scales(&b, NULL, true));
    add_subtitle(&b);
    add_summary(&b);
    /* A class first reads what it answered, and then what of it is more than chance. */
    if (found && !is_class(&b)) {
        add_findings(&b);
        add_meaning_of_numbers(&b);
    }
    for (size_t i = 0; i < n; i++) add_group(&b, groups[i], i == 0);
    if (found && is_class(&b)) add_chance(&b);
    add_children(&b);
    if (found) add_next_step(&b);
    add_footer(&b);
    return document_ok(b.document) ? b.document : NULL;
}

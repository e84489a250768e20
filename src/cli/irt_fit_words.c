/* laerke irt fit: on standard error, how it went, and what to look at where something does not fit.
 */
#include "cli/irt_fit.h"

#include "base/text.h"

enum { LISTED = 5 }; /* so many of a kind are named; the files have all */

/* The largest of what is to be named, falling. */
struct findings {
    size_t n;
    struct finding {
        size_t a, b; /* items, or item and category */
        double value;
    } top[LISTED];
};

static void find(struct findings *findings, size_t a, size_t b, double value) {
    size_t at = findings->n < LISTED ? findings->n : LISTED;
    findings->n++;
    while (at > 0 && value > findings->top[at - 1].value) {
        if (at < LISTED) findings->top[at] = findings->top[at - 1];
        at--;
    }
    if (at < LISTED) findings->top[at] = (struct finding){ a, b, value };
}

static size_t listed(const struct findings *findings) {
    return findings->n < LISTED ? findings->n : LISTED;
}

/* "a, b and 3 more". */
static void add_rest(const struct fitting *f, const struct findings *findings, struct text *list) {
    if (findings->n > LISTED)
        i18n_say(f->cli->language, list, N_(" and {n} more"), ARG_INT("n", findings->n - LISTED));
}

static void add_number(const struct fitting *f, double value, struct text *list) {
    char number[NUMBER_MAX];
    text_addf(list, " (%s)", i18n_number(f->cli->language, value, 2, number));
}

static void say_list(const struct fitting *f, const char *msgid, const struct findings *findings,
                     struct text *list) {
    add_rest(f, findings, list);
    cli_say(f->cli, msgid, ARG_TEXT("list", text_string(list)));
}

static void say_rmsd(const struct fitting *f) {
    struct findings findings = { 0 };
    struct text list = text_new(f->cli->arena, 64 * KIB);
    for (size_t i = 0; i < f->data.n_items; i++)
        if (rmsd_named(f->misfit.item[i].rmsd, f->misfit.item[i].n, false))
            find(&findings, i, 0, f->misfit.item[i].rmsd);
    if (findings.n == 0) return;
    for (size_t k = 0; k < listed(&findings); k++) {
        text_addf(&list, "%s%s", k ? ", " : "", f->data.items[findings.top[k].a].name);
        add_number(f, findings.top[k].value, &list);
    }
    say_list(f,
             N_("Answers do not follow the model (RMSD above 0.12): {list}. Look at the wording, "
                "and at whether the item belongs to the scale."),
             &findings, &list);
}

/* Where all groups together hide it. */
static void say_group_rmsd(const struct fitting *f) {
    struct findings findings = { 0 };
    struct text list = text_new(f->cli->arena, 64 * KIB);
    for (size_t g = 0; f->fit.model.n_groups > 1 && g < f->fit.model.n_groups; g++)
        for (size_t i = 0; i < f->data.n_items; i++)
            if (fitting_group_misfit(f, g, i))
                find(&findings, i, g, f->misfit.group_rmsd[g * f->data.n_items + i]);
    if (findings.n == 0) return;
    for (size_t k = 0; k < listed(&findings); k++) {
        const struct finding *own = &findings.top[k];
        text_addf(&list, "%s%s, %s", k ? "; " : "", f->data.items[own->a].name,
                  fitting_group(f, own->b));
        add_number(f, own->value, &list);
    }
    say_list(f,
             N_("Answers in a group do not follow the common parameters (RMSD above 0.12): {list}. "
                "Does the item mean the same there? See groups_fit.csv."),
             &findings, &list);
}

static void say_pairs(const struct fitting *f) {
    struct findings findings = { 0 };
    struct text list = text_new(f->cli->arena, 64 * KIB);
    for (size_t b = 1; b < f->data.n_items; b++)
        for (size_t a = 0; a < b; a++) {
            const struct pair_fit *pair = &f->misfit.pair[pair_at(a, b)];
            if (pair_named(pair)) find(&findings, a, b, pair->q3_adjusted);
        }
    if (findings.n == 0) return;
    for (size_t k = 0; k < listed(&findings); k++) {
        text_addf(&list, "%s%s + %s", k ? ", " : "", f->data.items[findings.top[k].a].name,
                  f->data.items[findings.top[k].b].name);
        add_number(f, findings.top[k].value, &list);
    }
    say_list(f,
             N_("Answered more alike than the scale explains (Q3 less its mean above 0.2): {list}. "
                "Do they ask the same thing twice? Then the reliability is overstated."),
             &findings, &list);
}

static void say_disordered(const struct fitting *f) {
    struct findings findings = { 0 };
    struct text list = text_new(f->cli->arena, 64 * KIB);
    for (size_t i = 0; i < f->data.n_items; i++)
        if (f->misfit.item[i].disordered) find(&findings, i, 0, 0);
    if (findings.n == 0) return;
    for (size_t k = 0; k < listed(&findings); k++)
        text_addf(&list, "%s%s", k ? ", " : "", f->data.items[findings.top[k].a].name);
    say_list(f,
             N_("Steps out of order: {list}. Some category in between is nowhere the most likely "
                "answer, usually because few choose it; see categories.csv. That does not make the "
                "scores wrong."),
             &findings, &list);
}

static void say_falling(const struct fitting *f) {
    struct findings findings = { 0 };
    struct text list = text_new(f->cli->arena, 64 * KIB);
    char codes[CODES_TEXT];
    for (size_t i = 0; i < f->data.n_items; i++)
        for (size_t k = 0; k < CATEGORIES_MAX; k++)
            if (f->misfit.category[i * CATEGORIES_MAX + k].falling) find(&findings, i, k, 0);
    if (findings.n == 0) return;
    for (size_t k = 0; k < listed(&findings); k++) {
        const struct finding *own = &findings.top[k];
        text_addf(&list, "%s%s = %s", k ? ", " : "", f->data.items[own->a].name,
                  fitting_codes(f, own->a, (int)own->b, codes));
    }
    say_list(
        f,
        N_("Answers that do not rise with the scale: {list}. Those who chose these stand lower "
           "than those who chose the answer just below; check the coding and the wording."),
        &findings, &list);
}

/* Twice as many as would be by chance. */
static void say_persons(const struct fitting *f) {
    char share[NUMBER_MAX];
    const struct misfit *misfit = &f->misfit;
    if (misfit->lz_n == 0 || misfit->lz_careless * 50 <= misfit->lz_n) return;
    cli_say(f->cli,
            i18n_plural(f->cli->language,
                        "{n} person ({share} %) has a pattern of answers that the model can hardly "
                        "explain; chance alone makes about 1 %. It may be a careless one, or the "
                        "scale measures more than one thing.",
                        "{n} persons ({share} %) have patterns of answers that the model can "
                        "hardly explain; chance alone makes about 1 %. They may have answered "
                        "carelessly, or the scale measures more than one thing.",
                        (long long)misfit->lz_careless),
            ARG_INT("n", misfit->lz_careless),
            ARG_TEXT("share", i18n_number(f->cli->language,
                                          100 * (double)misfit->lz_careless / (double)misfit->lz_n,
                                          1, share)));
}

void fitting_say(const struct fitting *f) {
    char variance[NUMBER_MAX], reliability[NUMBER_MAX], deviance[NUMBER_MAX];
    const struct language *language = f->cli->language;
    for (size_t i = 0; i < f->data.n_items; i++)
        if (f->fit.collapsed[i])
            cli_say(f->cli,
                    N_("Item {item}: nobody chose some of its categories; they are joined with the "
                       "one below."),
                    ARG_TEXT("item", f->data.items[i].name));
    for (size_t i = 0; i < f->data.n_items; i++)
        if (f->fit.prior[i])
            cli_say(f->cli,
                    N_("Item {item}: no finite slope fits best, so its slope was held by a weak "
                       "prior. Does it repeat another item?"),
                    ARG_TEXT("item", f->data.items[i].name));
    if (!f->fit.converged)
        cli_say(f->cli,
                N_("The estimates have not converged after {n} iterations; do not use them."),
                ARG_INT("n", f->fit.iterations));
    say_rmsd(f);
    say_group_rmsd(f);
    say_pairs(f);
    say_disordered(f);
    say_falling(f);
    say_persons(f);
    cli_say(f->cli,
            N_("{persons} persons, {items} items: deviance {deviance}, variance {variance}, "
               "reliability {reliability} (EAP). Written to {dir}."),
            ARG_INT("persons", f->fit.persons), ARG_INT("items", f->data.n_items),
            ARG_TEXT("deviance", i18n_number(language, f->fit.deviance, 2, deviance)),
            ARG_TEXT("variance", i18n_number(language, f->fit.model.variance[0], 3, variance)),
            ARG_TEXT("reliability", i18n_number(language, f->fit.reliability_eap, 3, reliability)),
            ARG_TEXT("dir", f->dir));
}

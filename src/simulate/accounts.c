#include "simulate/fill.h"

#include "access/access.h"
#include "i18n/i18n.h"

#include <stdio.h>

const struct simulated_login simulated_logins[] = {
    { "programme", N_("the programme's office") },
    { "horsens-kommune", N_("the municipality of Horsens") },
    { "leder", N_("the leader of a school in Horsens") },
    { "laerer", N_("a teacher at that school") },
    { "paedagog", N_("a pedagogue at that school") },
    { NULL, NULL },
};

/* The first class of the school from that grade on; its first class where there is none. */
static int64_t class_from(const struct plan *plan, const struct plan_school *school, int grade) {
    for (size_t c = school->first_class; c < school->first_class + school->n_classes; c++)
        if (plan->classes[c].grade >= grade) return plan->classes[c].unit;
    return plan->classes[school->first_class].unit;
}

bool fill_accounts(struct programme *programme, const struct plan *plan, struct error *error) {
    /* The first municipality is Horsens, and its first school has all grades, in every simulation. */
    const struct plan_school *school = &plan->schools[0];
    const struct { const char *login, *name; struct membership membership; } accounts[] = {
        { "programme", "Programkontoret", { ROLE_PROGRAMME, plan->programme } },
        { "horsens-kommune", "Horsens Kommune", { ROLE_MUNICIPALITY, plan->municipalities[0].unit } },
        { "leder", "Leder 1", { ROLE_LEADER, school->unit } },
        { "laerer", "Lærer 1", { ROLE_TEACHER, class_from(plan, school, 5) } },
        { "paedagog", "Pædagog 1", { ROLE_PEDAGOGUE, class_from(plan, school, 4) } },
    };
    char made[PASSWORD_MADE_MAX];
    int64_t id;
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
        if (!account_add(programme, accounts[i].login, accounts[i].name, SIMULATED_PASSWORD,
                         &accounts[i].membership, 1, made, &id, error))
            return false;
    return true;
}

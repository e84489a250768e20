/* Roles, and the access matrix: the one place that says who sees which unit. */
#include "access/access.h"
#include "i18n/i18n.h"

#include <string.h>

static const struct {
    const char *name, *title;
} roles[ROLE_COUNT] = {
    [ROLE_TEACHER] = { "teacher", N_("Teacher") },
    [ROLE_PEDAGOGUE] = { "pedagogue", N_("Pedagogue") },
    [ROLE_LEADER] = { "leader", N_("School leader") },
    [ROLE_MUNICIPALITY] = { "municipality", N_("Municipality") },
    [ROLE_PROGRAMME] = { "programme", N_("Programme office") },
};

const char *role_name(enum role role) { return roles[role].name; }
const char *role_title(enum role role) { return roles[role].title; }

bool role_from_name(const char *name, enum role *out) {
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (strcmp(roles[i].name, name) != 0) continue;
        *out = (enum role)i;
        return true;
    }
    return false;
}

/* Where the seen unit stands from the member's: it itself, somewhere below it, or directly above. */
enum place { ITSELF, BELOW, ABOVE };

/* A role at a unit of one kind sees units of another kind at a place. What has no row is not seen. */
static const struct {
    enum role role;
    enum unit_kind member;
    enum place place;
    enum unit_kind seen;
    enum sight sight;
} matrix[] = {
    { ROLE_TEACHER, UNIT_CLASS, ITSELF, UNIT_CLASS, SIGHT_ALL },
    { ROLE_TEACHER, UNIT_CLASS, ABOVE, UNIT_SCHOOL, SIGHT_ALL },
    { ROLE_TEACHER, UNIT_SCHOOL, ITSELF, UNIT_SCHOOL, SIGHT_ALL },
    { ROLE_PEDAGOGUE, UNIT_CLASS, ITSELF, UNIT_CLASS, SIGHT_ALL },
    { ROLE_PEDAGOGUE, UNIT_CLASS, ABOVE, UNIT_SCHOOL, SIGHT_ALL },
    { ROLE_PEDAGOGUE, UNIT_SCHOOL, ITSELF, UNIT_SCHOOL, SIGHT_ALL },
    { ROLE_LEADER, UNIT_INSTITUTION, ITSELF, UNIT_INSTITUTION, SIGHT_ALL },
    { ROLE_LEADER, UNIT_INSTITUTION, BELOW, UNIT_SCHOOL, SIGHT_ALL },
    { ROLE_LEADER, UNIT_INSTITUTION, BELOW, UNIT_CLASS, SIGHT_WITHOUT_TEACHING },
    { ROLE_LEADER, UNIT_SCHOOL, ITSELF, UNIT_SCHOOL, SIGHT_ALL },
    { ROLE_LEADER, UNIT_SCHOOL, BELOW, UNIT_CLASS, SIGHT_WITHOUT_TEACHING },
    { ROLE_MUNICIPALITY, UNIT_MUNICIPALITY, ITSELF, UNIT_MUNICIPALITY, SIGHT_ALL },
    { ROLE_MUNICIPALITY, UNIT_MUNICIPALITY, BELOW, UNIT_INSTITUTION, SIGHT_ALL },
    { ROLE_MUNICIPALITY, UNIT_MUNICIPALITY, BELOW, UNIT_SCHOOL, SIGHT_ALL },
    { ROLE_PROGRAMME, UNIT_PROGRAMME, ITSELF, UNIT_PROGRAMME, SIGHT_ALL },
    { ROLE_PROGRAMME, UNIT_PROGRAMME, BELOW, UNIT_MUNICIPALITY, SIGHT_ALL },
};
enum { MATRIX_ROWS = sizeof matrix / sizeof *matrix };

bool access_role_fits(enum role role, enum unit_kind kind) {
    for (size_t i = 0; i < MATRIX_ROWS; i++)
        if (matrix[i].role == role && matrix[i].member == kind) return true;
    return false;
}

/* How the seen unit stands to the member's unit, and what kind the latter is. */
static bool placed(const struct units *units, long seen, int64_t member, enum place *place,
                   enum unit_kind *member_kind) {
    for (long at = seen; at >= 0; at = units->unit[at].parent) {
        if (units->unit[at].id != member) continue;
        *place = at == seen ? ITSELF : BELOW;
        *member_kind = units->unit[at].kind;
        return true;
    }
    long at = units_by_id(units, member);
    if (at < 0 || units->unit[at].parent != seen) return false;
    *place = ABOVE;
    *member_kind = units->unit[at].kind;
    return true;
}

enum sight access_sight(const struct account *account, const struct units *units, long unit) {
    enum sight best = SIGHT_NONE;
    if (!account || account->ended || unit < 0 || (size_t)unit >= units->n) return best;
    for (size_t m = 0; m < account->n_memberships; m++) {
        const struct membership *membership = &account->memberships[m];
        enum place place;
        enum unit_kind kind;
        if (!placed(units, unit, membership->unit, &place, &kind)) continue;
        for (size_t i = 0; i < MATRIX_ROWS; i++)
            if (matrix[i].role == membership->role && matrix[i].member == kind &&
                matrix[i].place == place && matrix[i].seen == units->unit[unit].kind &&
                matrix[i].sight > best)
                best = matrix[i].sight;
    }
    return best;
}

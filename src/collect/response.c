#include "collect/response.h"

#include "base/arena.h"
#include "store/store.h"

#include <string.h>

static void add(struct response_count *to, const struct response_count *more) {
    to->asked += more->asked;
    to->done += more->done;
    to->begun += more->begun;
    to->declined += more->declined;
}

static bool read_own(struct store *study, const struct units *units, int wave, struct response *out,
                     struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT a.unit, i.respondent, COUNT(*), "
                       "SUM(CASE WHEN a.state IN ('submitted', 'partial') THEN 1 ELSE 0 END), "
                       "SUM(CASE WHEN a.state = 'open' AND a.started_at IS NOT NULL THEN 1 ELSE 0 END), "
                       "SUM(CASE WHEN a.state = 'declined' THEN 1 ELSE 0 END) "
                       "FROM assignment a JOIN instrument i ON i.id = a.instrument "
                       "WHERE a.wave = ?1 GROUP BY a.unit, i.respondent", error))
        return false;
    bind_int(s, 1, wave);
    while (statement_step(s, error)) {
        long unit = units_by_id(units, column_int(s, 0));
        enum respondent respondent = RESPONDENT_PUPIL;
        if (unit < 0 || !respondent_from_name(column_text(s, 1), &respondent)) continue;
        const struct response_count count = {
            (size_t)column_int(s, 2), (size_t)column_int(s, 3), (size_t)column_int(s, 4), (size_t)column_int(s, 5)
        };
        add(&out->of[unit][respondent], &count);
    }
    return statement_end(s, error);
}

bool response_read(struct store *study, const struct units *units, int wave, struct arena *arena,
                   struct response *out, struct error *error) {
    *out = (struct response){ .n_units = units->n,
                              .of = arena_array(arena, units->n, sizeof *out->of) };
    if (!out->of) return error_plain(error, "wave.memory");
    if (!read_own(study, units, wave, out, error)) return false;
    /* Children stand behind their parents. */
    for (size_t u = units->n; u-- > 1;)
        for (size_t r = 0; r < RESPONDENT_COUNT && units->unit[u].parent >= 0; r++)
            add(&out->of[units->unit[u].parent][r], &out->of[u][r]);
    return true;
}

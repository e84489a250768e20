#include "collect/seats.h"

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

#include <string.h>

enum { TOGETHER = 32 };

static enum save_outcome state_of(const char *state, const char *wave) {
    if (strcmp(state, "submitted") == 0) return SAVE_DONE;
    if (strcmp(state, "declined") == 0) return SAVE_WITHDRAWN;
    return strcmp(state, "open") == 0 && strcmp(wave, "open") == 0 ? SAVE_KEPT : SAVE_CLOSED;
}

/* Up to TOGETHER of them; places that are left over ask for the last one again. */
static bool read_some(struct store *study, struct seat *seats, size_t n, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT a.id, a.wave, a.generation, a.device, a.state, w.state "
                       "FROM assignment a JOIN wave w ON w.number = a.wave WHERE a.id IN ("
                       "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
                       "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, "
                       "?32) ORDER BY a.id",
                       error))
        return false;
    for (size_t i = 0; i < TOGETHER; i++) bind_int(s, (int)i + 1, seats[i < n ? i : n - 1].assignment);
    for (size_t at = 0; statement_step(s, error);) {
        while (at < n && seats[at].assignment < column_int(s, 0)) at++;
        if (at == n || seats[at].assignment != column_int(s, 0)) continue;
        seats[at].found = true;
        seats[at].wave = (int)column_int(s, 1);
        seats[at].generation = (int)column_int(s, 2);
        seats[at].fresh = column_is_null(s, 3);
        seats[at].device = column_int(s, 3);
        seats[at].state = state_of(column_text(s, 4), column_text(s, 5));
    }
    return statement_end(s, error);
}

bool seats_read(struct store *study, struct page_save *const *order, size_t n, struct arena *arena,
                struct seat **out, struct error *error) {
    size_t n_seats = 0;
    struct seat *seats = *out = arena_array(arena, n + 1, sizeof *seats);
    if (!seats) return error_plain(error, "pages.memory");
    for (size_t i = 0; i < n; i++)
        if (i == 0 || order[i]->grant.assignment != order[i - 1]->grant.assignment)
            seats[n_seats++].assignment = order[i]->grant.assignment;
    for (size_t at = 0; at < n_seats; at += TOGETHER)
        if (!read_some(study, seats + at, n_seats - at < TOGETHER ? n_seats - at : TOGETHER, error))
            return false;
    return true;
}

/* approval.h - the languages of a questionnaire that respondents are offered.
 *
 * Layer: instrument (above store). A translation that nobody has read may ask something else than
 * was meant, so each language but the first waits for a named reviewer. What is approved is one
 * version: the next begins without any.
 *
 *     struct offered offered;
 *     if (!languages_offered(study, id, instrument, arena, &offered, error)) return false;
 */
#ifndef LAERKE_INSTRUMENT_APPROVAL_H
#define LAERKE_INSTRUMENT_APPROVAL_H

#include "instrument/instrument.h"

/* Tags in the instrument's own order; the first is always there. */
struct offered {
    size_t n;
    const char **tags;
};

/* Those that respondents may choose. id: the instrument's row. */
bool languages_offered(struct store *study, int64_t id, const struct instrument *instrument,
                       struct arena *arena, struct offered *out, struct error *error);

/* Approves a language of a version (0: the newest) in the reviewer's name; *approved gets the
 * version. Approving again keeps the first approval. Errors: instrument.unknown, .not_in_language,
 * .first_language, .reviewer (1 to 127 bytes, no control characters), store.*. */
bool language_approve(struct store *study, const char *code, int version, const char *language,
                      const char *reviewer, int64_t now, struct arena *arena, int *approved,
                      struct error *error);

/* Who approved which language, by instrument and time. */
struct approval {
    int64_t instrument, approved_at;
    const char *language, *reviewer;
};
bool approvals_list(struct store *study, struct arena *arena, struct approval **out, size_t *n,
                    struct error *error);

#endif

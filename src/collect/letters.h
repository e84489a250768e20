/* letters.h - who gets which code: what is printed, one letter a code.
 *
 * Layer: collect. Reads both stores. A letter holds what its receiver may know: a parent's never another
 * parent's name or address, and an address that is protected is left out (the letter goes by the
 * school or by digital post).
 */
#ifndef LAERKE_COLLECT_LETTERS_H
#define LAERKE_COLLECT_LETTERS_H

#include "collect/code.h"
#include "instrument/instrument.h"

struct arena;
struct error;
struct programme;
struct store;

struct letter {
    int64_t unit;              /* class or school */
    enum respondent respondent;
    const char *given, *family; /* of the receiver */
    const char *child;         /* first name of the pupil that a parent answers about; "" else */
    const char *address;       /* "" where there is none, or it is protected */
    char code[CODE_TEXT];
    const char *const *languages; /* that the questionnaire is offered in */
    size_t n_languages;
    bool done;                 /* handed in, or declined: there is nothing to answer any more */
};

/* The letters of a wave in the order of units (by id), respondents and names. Error wave.unknown. */
bool letters_read(struct programme *programme, const struct collect_keys *keys, int wave,
                  struct arena *arena, struct letter **out, size_t *n, struct error *error);

/* How many of a unit's pupils nobody is asked about as a parent, since the roster knows of nobody who holds
 * custody; units without such pupils are left out. */
struct unheld {
    int64_t unit;
    size_t pupils;
};
bool letters_unheld(struct store *study, int wave, struct arena *arena, struct unheld **out, size_t *n,
                    struct error *error);

#endif

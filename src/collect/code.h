/* code.h - the codes that people are given on paper, and what a browser is given for one.
 *
 * Layer: collect. Pure but for libsodium: no store, no clock.
 *
 * A code is 8 characters and a check character for pupils, 10 and one for adults, of the 32 letters
 * and digits that cannot be taken for each other (no I, O, 0, 1). It is derived from the
 * assignment and its generation by a MAC under keys/code, so that a letter can be printed again and
 * the database holds no code: only a tag of it, under keys/tag, finds the assignment. Forty bits
 * among a programme's 300,000 codes: one guess in 3.6 million meets somebody's.
 *
 * The check character is a sum over GF(32) with a weight of its own at each place: it finds every
 * single wrong character and every two that changed places.
 *
 *     char code[CODE_TEXT];
 *     code_derive(keys, assignment, generation, CODE_ADULT, code);        "K7QM4XW9HPR"
 *     code_print(code, shown);                                            "K7QM-4XW9-HPR"
 *     if (!code_read(typed, code)) ...                                    a slip of the finger
 */
#ifndef LAERKE_COLLECT_CODE_H
#define LAERKE_COLLECT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct programme;

enum {
    CODE_PUPIL = 8,
    CODE_ADULT = 10, /* characters without the check character */
    CODE_TEXT = CODE_ADULT + 2,
    CODE_SHOWN = CODE_TEXT + 3,
    CODE_TAG_BYTES = 16,
    COLLECT_KEY_BYTES = 32
};

/* keys/code, keys/tag and keys/grant of the programme folder. */
struct collect_keys {
    unsigned char code[COLLECT_KEY_BYTES], tag[COLLECT_KEY_BYTES], grant[COLLECT_KEY_BYTES];
};
bool collect_keys_read(const struct programme *programme, struct collect_keys *out,
                       struct error *error);

/* The code of an assignment's generation; length is CODE_PUPIL or CODE_ADULT. */
void code_derive(const struct collect_keys *keys, int64_t assignment, int generation, size_t length,
                 char out[CODE_TEXT]);

/* What somebody typed, as a code: small letters, blanks and hyphens are fine. False: too long, too
 * short, a character that no code has, or a check character that does not fit. */
bool code_read(const char *typed, char out[CODE_TEXT]);

/* In groups of four, to be read aloud: "K7QM-4XW9-HPR". */
void code_print(const char *code, char out[CODE_SHOWN]);

void code_tag(const struct collect_keys *keys, const char *code, unsigned char out[CODE_TAG_BYTES]);

/* What a browser holds after a right code: it may save pages of these assignments until the wave's
 * grace ends, and nothing else. All that a page is checked against without asking the database. */
struct grant {
    int64_t assignment, instrument;
    int64_t device;  /* chosen by chance when the code was entered; > 0 */
    int64_t expires; /* seconds since 1970 */
    int32_t wave, generation;
    int32_t page;  /* the one page that may be saved; −1: all of the form */
    int32_t grade; /* of the subject; −1: none */
    int32_t first; /* bits: 1 the person's first form, 2 their first for the school */
};
enum { GRANT_BYTES = 4 * 8 + 5 * 4 + 32, GRANT_TEXT = 2 * GRANT_BYTES + 1 };

/* As text for a cookie or a page; and back: false when it is no grant of ours. Time is the caller's
 * business. */
void grant_write(const struct collect_keys *keys, const struct grant *grant, char out[GRANT_TEXT]);
bool grant_read(const struct collect_keys *keys, const char *text, struct grant *out);

#endif

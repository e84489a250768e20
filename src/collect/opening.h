/* opening.h - what somebody finds behind a code: the form, or forms, that are theirs.
 *
 * Layer: collect. Reads both stores: the first name that stands in the questions is the identity
 * store's.
 */
#ifndef LAERKE_COLLECT_OPENING_H
#define LAERKE_COLLECT_OPENING_H

#include "collect/pages.h"
#include "instrument/instrument.h"

struct arena;
struct error;
struct programme;

/* Late answers that waited in a browser are taken for so many days after a wave's last day, if
 * nobody closes it before. */
enum { GRACE_DAYS = 7, FORMS_A_CODE_MAX = 60 };

/* A page that has been saved; whole: with an answer, or a pass, to each of its items. What was
 * answered is not told: teachers hold the pupils' codes. */
struct opening_page {
    int number;
    bool whole;
    const uint8_t *codes; /* for the conditions of later pages alone: never to be shown */
    size_t n_codes;
};

/* One form: a class teacher has one for each pupil of the class, everybody else one. */
struct opening_form {
    struct grant grant;
    const char *name;      /* the first name of whom it is about; "" where that is who answers */
    const char *full_name; /* the whole name, for a class teacher, who has two of one first name */
    enum save_outcome
        state; /* SAVE_KEPT: go on; SAVE_ELSEWHERE: another browser has it; SAVE_DONE … */
    const struct opening_page *pages; /* what has been saved, in the pages' order */
    size_t pages_kept;
    int64_t revision; /* the newest of them; 0 for none */
};

struct opening {
    int64_t instrument;
    enum respondent respondent;
    int wave;
    const char *wave_closes; /* yyyy-mm-dd */
    const char *unit;        /* "4A" */
    bool open;               /* the wave takes answers today */
    size_t n;
    struct opening_form *forms;
};

/* The forms behind an assignment's code. device is the browser that asks (0: choose one by chance);
 * today is yyyy-mm-dd. Fails with code.unknown for no such assignment. */
bool form_open(struct programme *programme, int64_t assignment, int64_t device, const char *today,
               struct arena *arena, struct opening *out, struct error *error);

#endif

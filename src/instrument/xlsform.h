/* xlsform.h - what reading and writing XLSForms share. Layer: instrument (inner header). */
#ifndef LAERKE_INSTRUMENT_XLSFORM_H
#define LAERKE_INSTRUMENT_XLSFORM_H

#include "instrument/draft.h"

/* Hidden questions that stand for what the program knows of the pupil: the name in texts, the grade
 * in conditions. */
#define XLSFORM_NAME "laerke_name"
#define XLSFORM_GRADE "laerke_grade"

/* A "relevant": an earlier answer, grades, or both. */
struct relevant {
    struct draft_if answer;   /* n 0: none */
    int grade_from, grade_to; /* −1: any */
};

/* ${item} = '1' or ${item} = '2', selected(${item}, '1'), ${laerke_grade} >= 2, joined by "and";
 * false for all else. */
bool xlsform_relevant(const char *expression, struct arena *arena, struct relevant *out);

/* "Dansk (da)" for "da". */
const char *xlsform_language(const char *tag, struct arena *arena);
/* "da" of "Dansk (da)", "Dansk", "Danish" or "da"; NULL when nobody knows. */
const char *xlsform_tag(const char *language, struct arena *arena);

/* from → to in a text, in the arena. */
const char *xlsform_exchange(const char *text, const char *from, const char *to,
                             struct arena *arena);

#endif

/* lesson.h - a class while its wave is open: which pupils, how far they are, and new codes for
 * them.
 *
 * Layer: collect. Reads both stores. For the team around the class and nobody else: the caller asks
 * the access matrix first. What a pupil answered, and whether they said that they do not take part,
 * is not here.
 *
 *     struct lesson lesson;
 *     if (lesson_read(programme, &keys, unit, true, arena, &lesson, &error) && lesson.wave) …
 */
#ifndef LAERKE_COLLECT_LESSON_H
#define LAERKE_COLLECT_LESSON_H

#include "collect/wave.h"

enum lesson_state {
    LESSON_ABSENT, /* in the class, but without a form: came after the wave was opened, or is not
                      asked */
    LESSON_NOT_BEGUN,
    LESSON_BEGUN,
    LESSON_DONE /* handed in, or does not take part: the two look the same from here */
};

struct lesson_pupil {
    int64_t assignment;         /* 0: none */
    const char *given, *family; /* "" where names were not asked for */
    enum lesson_state state;
    bool elsewhere; /* moved here: the answers count in the class that the wave found them in */
    char code[CODE_TEXT]; /* "" where names were not asked for, and when there is nothing to answer
                           */
};

struct lesson {
    struct wave
        wave;   /* the newest that is open; number 0: none is, and nothing else is filled in */
    bool today; /* it takes answers today */
    size_t n, asked, begun, done; /* asked: all but those who are absent */
    struct lesson_pupil *pupils;  /* by name */
};

/* The class's pupils: those whom the open wave found in it, and those whom the roster has there
 * now. named: with names and codes; otherwise the identity store is not opened. */
bool lesson_read(struct programme *programme, const struct collect_keys *keys, int64_t unit,
                 bool named, struct arena *arena, struct lesson *out, struct error *error);

/* A new code for one of the class's pupils, noted in the wave's log by whom (an account) and for
 * which unit, not for which pupil. Error code.unknown where the assignment is none of the lesson's,
 * or there is nothing left to answer in it. */
bool lesson_renew(struct store *study, const struct collect_keys *keys, const struct lesson *lesson,
                  int64_t assignment, int64_t unit, int64_t account, char out[CODE_TEXT],
                  struct error *error);

#endif

/* limits.h - the maxima that more than one module relies on. Layer: base. */
#ifndef LAERKE_BASE_LIMITS_H
#define LAERKE_BASE_LIMITS_H

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#define ARENA_REQUEST_MAX (64 * MIB) /* one web request */
#define ARENA_JOB_MAX (8 * GIB)      /* one command or job */

enum {
    CODE_MAX = 64,        /* a unit's, item's or scale's code, in bytes */
    NAME_MAX_BYTES = 200, /* a unit's or person's name, in bytes */
    PATH_CODES_MAX = 512, /* a path of unit codes */
    GRADE_MAX = 10,       /* 0. klasse to 10. klasse */
    ITEMS_MAX = 1024,     /* items in one instrument */
    PAGES_A_FORM = 256,
    CATEGORIES_MAX = 16,  /* categories of one item */
    SCALES_MAX = 64,      /* scales in one instrument */
    LANG_MAX = 8
};

#endif

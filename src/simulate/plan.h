/* plan.h - who and what a simulated programme consists of, before anything is written.
 *
 * Layer: simulate (inner header). Units stand in order: the classes of a school and the pupils of a
 * class are neighbours. Every random number is of a stream of its own (stream()), so that a change to
 * one part of the simulation leaves the others as they were.
 */
#ifndef LAERKE_SIMULATE_PLAN_H
#define LAERKE_SIMULATE_PLAN_H

#include "base/limits.h"
#include "simulate/simulate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum stream_kind {
    STREAM_SCHOOL = 1, STREAM_GRADE, STREAM_PUPIL, STREAM_SUBJECT, STREAM_STAFF, STREAM_MUNICIPALITY_EFFECT,
    STREAM_SCHOOL_EFFECT, STREAM_CLASS_EFFECT, STREAM_PERSON_EFFECT, STREAM_ITEM, STREAM_RESPONSE,
    STREAM_ANSWER
};
static inline uint64_t stream(enum stream_kind kind, size_t index) {
    return (uint64_t)kind << 48 | (uint64_t)index;
}

struct plan_municipality {
    const char *code, *name;
    size_t schools;
    int64_t unit;
};
struct plan_school {
    size_t municipality, number; /* number: within it, from 1 */
    int grade_from, grade_to;
    size_t n_pupils, first_class, n_classes;
    size_t n_teachers, n_pedagogues, n_leaders, first_staff; /* staff: teachers, pedagogues, leaders */
    double response; /* share of those asked who answer */
    int64_t unit;
};
struct plan_class {
    size_t school;
    int grade;
    char letter;
    size_t first_pupil, n_pupils;
    int64_t unit;
};
struct plan_pupil {
    uint32_t class_index;
    char gender;        /* 'f', 'm' or 'x' */
    uint8_t guardians;  /* 1 or 2 */
};

struct plan {
    uint64_t seed;
    size_t n_municipalities, n_schools, n_classes, n_pupils, n_guardians, n_staff;
    struct plan_municipality *municipalities;
    struct plan_school *schools;
    struct plan_class *classes;
    struct plan_pupil *pupils;
    int64_t programme;
};

bool plan_make(const struct simulation *simulation, struct arena *arena, struct plan *plan,
               struct error *error);

/* Pseudonyms: pupils first, then staff. */
int64_t plan_pupil_subject(const struct plan *plan, size_t pupil);
int64_t plan_staff_subject(const struct plan *plan, size_t staff);
int64_t plan_guardian_subject(const struct plan *plan, size_t guardian);

/* Share total over n weights by largest remainder: the parts add up to total. */
void share_out(size_t total, const double *weights, size_t n, size_t *parts);

#endif

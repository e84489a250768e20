/* simulate.h - programmes with known truth.
 *
 * Layer: simulate. Everything follows from the seed: units (thirteen municipalities by their names),
 * pupils, guardians, staff, and answers to the pupil 4–10 form drawn from a partial credit model with
 * true school and class effects. People's names are numbers ("Elev 12345"): nobody is invented.
 */
#ifndef LAERKE_SIMULATE_SIMULATE_H
#define LAERKE_SIMULATE_SIMULATE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct programme;

enum { SIMULATION_PUPILS_MAX = 1000000, SIMULATION_SCHOOLS_MAX = 2000 };
struct simulation {
    size_t pupils;  /* in all grades; 80,000 is the programme's size */
    size_t schools; /* 0: as many as the programme's size gives for so many pupils */
    uint64_t seed;
    void (*progress)(void *context, const char *step_msgid, double fraction); /* may be NULL */
    void *context;
};

/* Whether so many pupils and schools can be: error simulate.too_many_schools {most}. To be asked before
 * a folder is made. */
bool simulation_possible(const struct simulation *simulation, struct error *error);

/* Fills an empty programme with a roster, accounts for each role (password "laerke-demo"), and one
 * closed wave with answers. out/truth.csv has the truth: one line a unit × scale with
 *
 *     unit,kind,scale,asked,answered,points,points_answered
 *
 * points is the expected θ of pupils like the unit's, taught there (grade, gender, municipality, school
 * and class effects), points_answered the mean of the θ of those who answered, both on the scale where
 * all pupils who were asked have mean 500 and SD 100.
 *
 * Everything follows from pupils, schools and seed: the same truth, the same answers, the same
 * pseudonyms. Errors: simulate.not_empty, simulate.too_many_schools {most}, simulate.memory,
 * simulate.write {file}, and those of the modules it fills. */
bool simulate_programme(struct programme *programme, const struct simulation *simulation,
                        struct arena *arena, struct error *error);

/* The accounts that it makes. */
struct simulated_login {
    const char *login, *role_msgid; /* who that is, for people */
};
#define SIMULATED_PASSWORD "laerke-demo"
extern const struct simulated_login simulated_logins[]; /* ended by NULL */

#endif

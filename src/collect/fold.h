/* fold.h - what saving pages, importing answers and closing a wave share. Layer: collect (inner header). */
#ifndef LAERKE_COLLECT_FOLD_H
#define LAERKE_COLLECT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct instrument;
struct store;

/* Runs sql, a DELETE with the assignment as ?1. */
bool pages_delete(struct store *study, const char *sql, int64_t assignment, struct error *error);
bool assignment_set_state(struct store *study, int64_t assignment, const char *state,
                          struct error *error);

/* Keeps n answers of the assignment, in place of those it had. */
bool answer_write(struct store *study, int64_t assignment, const uint8_t *vector, size_t n,
                  int64_t now, struct error *error);

/* The assignment's pages become its vector, and it gets the state. */
bool pages_fold(struct store *study, int64_t assignment, const struct instrument *instrument,
                int grade, int64_t now, const char *state, struct error *error);

#endif

/* code_sections.h - from letters as they were read to what is printed. Layer: cli, for its own
 * files. */
#ifndef LAERKE_CLI_CODE_SECTIONS_H
#define LAERKE_CLI_CODE_SECTIONS_H

#include "collect/letters.h"
#include "paint/letter.h"
#include "roster/unit.h"

struct arena;

/* A letter for every adult, slips and a list for every class of pupils, in the letters' order.
 * Null: no memory. */
struct print_section *code_sections(const struct units *units, const struct letter *letters,
                                    size_t n, struct arena *arena, size_t *n_sections);

#endif

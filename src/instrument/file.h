/* file.h - the bytes of an instrument, wherever they lie. Layer: instrument (inner header). */
#ifndef LAERKE_INSTRUMENT_FILE_H
#define LAERKE_INSTRUMENT_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A file, else one that came with the program; see instrument_read_file. */
bool instrument_bytes(const char *path, struct arena *arena, const char **bytes, size_t *length,
                      struct error *error);

#endif

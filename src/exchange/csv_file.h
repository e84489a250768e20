/* csv_file.h - the bytes of a file, mapped or read. Layer: exchange; for this folder alone. */
#ifndef LAERKE_EXCHANGE_CSV_FILE_H
#define LAERKE_EXCHANGE_CSV_FILE_H

#include "base/error.h"

#include <stddef.h>

struct arena;

/* The whole file at path ("-" is standard input), released with arena. A regular file is mapped: if
 * another program cuts it short meanwhile, this process ends, and its transaction with it. */
bool file_bytes(const char *path, struct arena *arena, const char **bytes, size_t *length,
                struct error *error);

#endif

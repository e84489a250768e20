/* embedded.h - files that travel inside the binary: migrations, catalogues, fonts, style, forms.
 *
 * Layer: base. Pure. The table is made at build time by tools/embed.py from the lists in the
 * meson.build files; names are paths in the source tree ("sql/study/001_study.sql").
 */
#ifndef LAERKE_BASE_EMBEDDED_H
#define LAERKE_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name;
    const unsigned char *bytes; /* followed by a NUL that length does not count */
    size_t length;
};

/* Sorted by name, ended by one without a name. */
extern const struct embedded embedded_files[];

/* The file of that name, or NULL. */
const struct embedded *embedded_find(const char *name);

/* The first file whose name begins with prefix, or NULL; the others follow it in the table. */
const struct embedded *embedded_first(const char *prefix);

#endif

/* settings.h - programme.ini as it is written and read. Layer: store; for the module itself alone.
 */
#ifndef LAERKE_STORE_SETTINGS_H
#define LAERKE_STORE_SETTINGS_H

#include "store/programme.h"

/* What programme.ini says where it says nothing. */
void settings_default(struct settings *settings);

/* Reads path. Errors: programme.absent, programme.syntax, programme.long_line, programme.unknown,
 * programme.twice, programme.value, programme.minimum_group, programme.lacking with {file} {line}.
 */
bool settings_read(struct settings *settings, const char *path, struct error *error);

/* Writes a new file, readable for its owner alone (a URL may hold a password), and syncs it.
 * Refuses values that the file could not give back: programme.name {file} {key}. */
bool settings_write(const struct settings *settings, const char *path, struct error *error);

#endif

/* programme.h - a programme folder: programme.ini, its two stores, keys/, files/, out/.
 *
 * Layer: store. What `laerke init DIR` makes and every other command opens.
 *
 * programme.ini:
 *     [programme]  name = …        languages = da en       contact = … (to whom people object)
 *     [database]   study = sqlite:study.db | postgresql://…   identity = sqlite:identity.db | …
 *     [publish]    minimum_group = 7      (never under 5)
 *     [web]        address = https://…    (what stands in letters and in their QR codes)
 * Relative SQLite paths are relative to the folder. An unknown section or key is an error that
 * names its line, so that a typo is never a silent default.
 */
#ifndef LAERKE_STORE_PROGRAMME_H
#define LAERKE_STORE_PROGRAMME_H

#include "base/limits.h"
#include "store/store.h"

struct settings {
    char name[NAME_MAX_BYTES];
    char languages[64]; /* space-separated, the first is the default */
    char study_url[512], identity_url[512];
    char contact[NAME_MAX_BYTES]; /* "": none */
    char address[128];            /* "https://laerke.example.dk", without a slash at its end; "": none */
    int minimum_group;
};

struct programme {
    char dir[4096];
    struct settings settings;
    struct store *study;    /* open after programme_open */
    struct store *identity; /* NULL until programme_open_identity */
};

/* Makes the folder (which must be absent or empty), programme.ini, keys/ (0700), files/, out/, and
 * migrates both stores. NULL urls mean SQLite files in the folder. */
bool programme_init(const char *dir, const char *name, const char *study_url,
                    const char *identity_url, struct error *error);

/* Reads programme.ini and opens the study store (checking its migrations unless migrate). */
bool programme_open(struct programme *programme, const char *dir, struct error *error);

/* Opens both stores and applies missing migrations. */
bool programme_migrate(const char *dir, int *applied, struct error *error);

/* Opens the identity store too. Called by roster, access, collect and simulate (which makes its
 * people) alone (checked at build). */
bool programme_open_identity(struct programme *programme, struct error *error);

/* A second connection to a store, for another thread. The caller closes it. */
bool programme_connect(const struct programme *programme, enum store_kind kind, struct store **out,
                       struct error *error);

void programme_close(struct programme *programme);

/* The 32 random bytes of keys/NAME, made with mode 0600 at first use (two processes at once get the
 * same). name is a literal. */
enum { KEY_BYTES = 32 };
bool programme_key(const struct programme *programme, const char *name,
                   unsigned char key[KEY_BYTES], struct error *error);

#endif

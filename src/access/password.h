/* password.h - Argon2id and the making of passwords. Layer: access, for its own files alone. */
#ifndef LAERKE_ACCESS_PASSWORD_H
#define LAERKE_ACCESS_PASSWORD_H

#include "access/access.h"

enum { PASSWORD_HASH_MAX = 128 };

/* libsodium, ready for use; cheap after the first call. */
bool crypto_ready(struct error *error);

/* The Argon2id string of a password. Waits while two others are being hashed. */
bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX], struct error *error);

/* True when the hash is the password's. hash NULL: false, after the same time. */
bool password_fits(const char *password, const char *hash);

/* Sixteen letters and digits that are not mistaken for each other, in fours: 78 bits. */
void password_make(char made[PASSWORD_MADE_MAX]);

#endif

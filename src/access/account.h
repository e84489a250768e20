/* account.h - what account.c and session.c share. Layer: access, for its own files alone. */
#ifndef LAERKE_ACCESS_ACCOUNT_H
#define LAERKE_ACCESS_ACCOUNT_H

#include "access/access.h"

/* The login as it is stored: lower-case letters. False when it cannot be one. */
bool login_normal(const char *login, char out[LOGIN_MAX]);

/* Fills in the memberships in force now. */
struct store;
bool memberships_read(struct store *identity, struct account *account, struct error *error);

#endif

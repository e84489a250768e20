/* error_texts.h - the English sentence of every error id, gathered from the modules' errors.def at
 * build time. Layer: i18n; for i18n_error() alone. */
#ifndef LAERKE_I18N_ERROR_TEXTS_H
#define LAERKE_I18N_ERROR_TEXTS_H

#include <stddef.h>

struct error_text {
    const char *id, *msgid;
};
extern const struct error_text error_texts[]; /* sorted by id, ended by NULL */

#endif

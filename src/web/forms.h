/* forms.h - compiled questionnaires in memory, so that no page of answers asks the store for one.
 *
 * Layer: web, for its own files. An instrument never changes, so one that was read once is kept for as
 * long as the server runs. May be used by all threads at once.
 */
#ifndef LAERKE_WEB_FORMS_H
#define LAERKE_WEB_FORMS_H

#include <stdint.h>

struct error;
struct form_keeper;
struct instrument;
struct store;

struct form_keeper *forms_create(void); /* NULL: no memory */
void forms_destroy(struct form_keeper *keeper);

/* NULL: error is set (instrument.unknown, store.*, web.memory). */
const struct instrument *form_get(struct form_keeper *keeper, struct store *study, int64_t id,
                                  struct error *error);

#endif

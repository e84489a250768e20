/* lesson.h - what the pages of a class whose wave is open share. Layer: web, for its own files. */
#ifndef LAERKE_WEB_LESSON_H
#define LAERKE_WEB_LESSON_H

#include "collect/lesson.h"
#include "web/request.h"

/* A class and an open wave are needed, and with named sight of the whole class: else the reply is
 * made. */
enum lesson_door { DOOR_OPEN, DOOR_ANSWERED, DOOR_BROKEN };
enum lesson_door lesson_enter(struct request *request, bool named, struct lesson *out,
                              struct error *error);

/* "/unit/7/lesson" and what stands behind it. */
const char *lesson_path(struct request *request, const char *rest);

const char *pupil_name(struct request *request, const struct lesson_pupil *pupil);
/* In groups; "" where there is none. */
const char *pupil_code(struct request *request, const struct lesson_pupil *pupil);

#endif

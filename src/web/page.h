/* page.h - the pages: one handler a route, and what they share.
 *
 * Layer: web, for its own files.
 */
#ifndef LAERKE_WEB_PAGE_H
#define LAERKE_WEB_PAGE_H

#include "web/request.h"

struct text;

bool page_front(struct request *request, struct error *error);
bool page_login(struct request *request, struct error *error);
bool page_login_post(struct request *request, struct error *error);
bool page_logout_post(struct request *request, struct error *error);
bool page_language_post(struct request *request, struct error *error);
bool page_unit(struct request *request, struct error *error);
bool page_unit_pdf(struct request *request, struct error *error);
bool page_unit_json(struct request *request, struct error *error);
bool page_response(struct request *request, struct error *error);
bool page_lesson(struct request *request, struct error *error);
bool page_lesson_pdf(struct request *request, struct error *error);
bool page_lesson_show(struct request *request, struct error *error);
bool page_lesson_code_post(struct request *request, struct error *error);
bool page_points(struct request *request, struct error *error);
bool page_code(struct request *request, struct error *error);
bool page_code_post(struct request *request, struct error *error);
bool page_form(struct request *request, struct error *error);
bool page_take_post(struct request *request, struct error *error);
bool page_forms(struct request *request, struct error *error);
bool page_form_preview(struct request *request, struct error *error);
/* Signed in with a role at the programme itself. */
bool is_office(const struct request *request);

bool page_recordings(struct request *request, struct error *error);
bool page_recordings_post(struct request *request, struct error *error);
bool page_sound(struct request *request, struct error *error);
bool page_worker(struct request *request, struct error *error);
bool page_static(struct request *request, struct error *error);
bool page_health(struct request *request, struct error *error);
bool page_ready(struct request *request, struct error *error);

/* Answers of many at once, in the lane that keeps them: every request gets its reply. */
void page_save_batch(struct request **requests, size_t n);

/* An error page: what happened and what to do. message NULL: the status's own words. */
bool page_error(struct request *request, int status, const char *message);

/* The same without templates, stores or memory: for when those are what failed. */
void page_error_plain(struct request *request, int status);

/* Sends a page: the layout (head, path, account, footer) around the contents of <main>. */
bool page_send(struct request *request, int status, const char *title, const struct text *main,
               struct error *error);

/* What an account with that sight sees of a unit's results, and the profile made from it. wave 0: the
 * newest. Errors as frozen_get(). */
struct document;
struct frozen;
bool profile_read(struct request *request, int64_t unit, enum sight sight, int wave,
                  struct frozen **out, struct error *error);
struct document *profile_document(struct request *request, struct frozen *frozen, enum sight sight);

/* "/unit/7/lesson" where a wave is open and the account has sight of the whole class; else "". */
const char *lesson_href(struct request *request, long unit, bool open);
bool lesson_open(struct request *request, bool *open, struct error *error);

/* The form of the login page, which stands on the front page too. problem NULL: first try. */
struct login_form_view;
struct login_form_view login_form(const struct request *request, const char *next,
                                  const char *login, const char *problem);

/* "/static/style.css?v=…": changes with the file, so that browsers may keep it for a year. */
const char *static_href(const char *file);

#endif

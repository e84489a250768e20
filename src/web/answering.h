/* answering.h - what the pages of respondents share. Layer: web, for its own files. */
#ifndef LAERKE_WEB_ANSWERING_H
#define LAERKE_WEB_ANSWERING_H

#include "web/request.h"

struct form_languages_view;
struct text;

/* The language that was asked for ("?lang=ar"), also one that pages of results are not in. */
const struct language *answering_language(const struct request *request);

/* The choice of languages, as links to path; offered NULL: all. NULL: no memory. */
struct form_languages_view *answering_languages(struct request *request, const char *path,
                                                const char *const *offered, size_t n_offered,
                                                const char *current);

/* A language's own name for itself, where a questionnaire may be in it; else its tag. */
const char *answering_language_name(const char *tag);

/* Sends a whole page of the questionnaires' look. */
bool answering_send(struct request *request, int status, const struct text *page);

/* A right code: the browser gets a grant and goes on to the form. */
bool answering_begin(struct request *request, int64_t assignment, struct error *error);

/* The questionnaire itself; form NULL: a preview. path is where a change of language leads. */
struct instrument;
struct opening_form;
bool answering_form(struct request *request, const struct instrument *instrument,
                    const struct opening_form *form, const char *path, struct error *error);

/* A class teacher's: the class, or with "?question=N" one question for all of it. */
struct opening;
bool answering_class(struct request *request, const struct instrument *instrument,
                     const struct opening *opening, struct error *error);

/* A page with a message and a way back; grant: one that may be taken over, or "". */
bool answering_message(struct request *request, int status, const char *title, const char *message,
                       const char *grant);

#endif

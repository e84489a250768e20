/* builder.h - what the files that build a profile share. Layer: profile; not for others.
 *
 * Sentences come from phrases.c alone: one table of verdicts, one of units, one of respondents. A
 * failed allocation marks the document, and the functions go on with "".
 */
#ifndef LAERKE_PROFILE_BUILDER_H
#define LAERKE_PROFILE_BUILDER_H

#include "document/document.h"
#include "i18n/i18n.h"
#include "profile/profile.h"
#include "publish/frozen.h"

#include <stdbool.h>
#include <stddef.h>

struct builder {
    struct document *document;
    const struct frozen *frozen;
    const struct profile_options *options;
    const struct language *language;
    const char *tag; /* of the language */
};

/* ---- phrases.c ---- */

/* A translated sentence with its arguments, in the document's arena. */
#define SAY(builder, msgid, ...)                                                                   \
    say((builder), (msgid), (const struct arg[]){ __VA_ARGS__ },                                   \
        sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
const char *say(const struct builder *builder, const char *msgid, const struct arg *args,
                size_t n_args);
const char *plain(const struct builder *builder, const char *msgid);

/* "tydeligt over"; the tone is neutral for what is not flagged. */
const char *verdict_word(const struct builder *builder, const struct frozen_comparison *comparison);
enum tone verdict_tone(const struct frozen_comparison *comparison);
bool verdict_flagged(enum verdict verdict);
/* "Tydeligt over programmet", "Kan ikke skelnes fra programmet" */
const char *verdict_tag(const struct builder *builder, const struct frozen_comparison *comparison);

/* The finding alone, as a pattern: "Eleverne **oplever mere støtte** end elever på samme klassetrin
 * i programmet." For a flagged comparison. */
const char *verdict_finding(const struct builder *builder, const struct frozen_scale *scale,
                            const struct frozen_comparison *comparison);
/* Number, interval, and a sentence for every comparison of the part "all", as a pattern. */
const char *scale_statement(const struct builder *builder, const struct frozen_scale *scale,
                            const struct frozen_part *part);

const char *unit_the(const struct builder *builder, const char *kind);      /* "skolen" */
const char *unit_plural(const struct builder *builder, const char *kind);   /* "skoler" */
const char *reference_the(const struct builder *builder, const char *with); /* "programmet" */
const char *respondent_plural(const struct builder *builder, const char *respondent); /* "elever" */
const char *respondent_the(const struct builder *builder, const char *respondent); /* "eleverne" */
const char *respondent_heading(const struct builder *builder, const char *respondent);
const char *count_word(const struct builder *builder, size_t n); /* "fem"; digits past twelve */

/* With the first letter in upper or lower case; an abbreviation ("IRT") keeps its capitals. */
const char *upper_first(const struct builder *builder, const char *text);
const char *lower_first(const struct builder *builder, const char *text);
/* "a", "a og b", "a, b og c" */
const char *list_of(const struct builder *builder, const char *const *items, size_t n);
const char *whole(const struct builder *builder, int number);        /* "1.234", "−12" */
const char *signed_whole(const struct builder *builder, int number); /* "+12", "−12", "0" */
const char *percent(const struct builder *builder, int whole_percent);

/* ---- scales.c ---- */

/* The scales that this reader sees, in their own order: points or shares of one respondent group.
 */
struct selection {
    size_t n;
    const struct frozen_scale *const *scales;
};
struct selection select_scales(const struct builder *builder, const char *respondent,
                               bool shares_only);
/* NULL: all respondents. */

/* The unit as a whole; a hidden part where the results have none. Never NULL. */
const struct frozen_part *part_all(const struct frozen_scale *scale);
/* Hidden since the scale could not be measured, and not since few answered. */
bool part_not_measured(const struct frozen_part *part);
/* With the programme; else the first there is; NULL when there is none. */
const struct frozen_comparison *main_comparison(const struct frozen_scale *scale);
const char *scale_name(const struct builder *builder, const struct frozen_scale *scale);
const char *scale_anchor(const struct builder *builder, const struct frozen_scale *scale);

/* The dot chart of one respondent group. */
void add_points(const struct builder *builder, struct selection scales);

/* ---- answers.c ---- */

/* Charts of answers: of the scales that are shares alone, open; of the others, folded. */
void add_shares(const struct builder *builder, struct selection scales);
void add_folded_answers(const struct builder *builder, struct selection scales);
bool has_answers(struct selection scales);

/* "78–91 %", the answer most often given and the pattern of its sentence; false when nothing is
 * shown. */
struct most_given {
    const char *number, *label, *sentence;
};
bool most_given(const struct builder *builder, const struct frozen_scale *scale,
                struct most_given *out);

/* ---- findings.c ---- */
void add_findings(const struct builder *builder);

/* ---- words.c ---- */
void add_meaning_of_numbers(const struct builder *builder);
void add_next_step(const struct builder *builder);
void add_footer(const struct builder *builder);

#endif

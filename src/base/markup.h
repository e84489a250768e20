/* markup.h - text and addresses inside HTML and SVG.
 *
 * Layer: base. Pure. Used by painters and by the code that tools/templates.py makes; safe in text and in
 * quoted attribute values alike.
 */
#ifndef LAERKE_BASE_MARKUP_H
#define LAERKE_BASE_MARKUP_H

#include "base/text.h"

/* Appends string with & < > " ' as entities; NULL appends nothing. */
void markup_add(struct text *out, const char *string);

/* Appends a piece of an address percent-encoded: all but letters, digits and - . _ ~ */
void markup_add_url_part(struct text *out, const char *string);

/* Appends a whole address, escaped; "#" in place of one whose scheme could run something ("javascript:"). */
void markup_add_url(struct text *out, const char *url);

#endif

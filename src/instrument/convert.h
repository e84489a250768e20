/* convert.h - questionnaires of other programs, to and from ours.
 *
 * Layer: instrument (above exchange). docs/instrument.md has a table a format: what is carried
 * over, and how. Everything else that a file says is named in left, one error a place, and never
 * dropped without a word. What comes out is the JSON of docs/instrument.md, checked by the same
 * parser as a file of one's own.
 *
 *     struct import import = { .path = "form.xlsx", .respondent = "parent", .format =
 * FORMAT_BY_NAME }; if (!instrument_import(&import, arena, &left, &faults)) ...       // faults:
 * why there is none fputs(import.json, stdout);
 */
#ifndef LAERKE_INSTRUMENT_CONVERT_H
#define LAERKE_INSTRUMENT_CONVERT_H

#include "instrument/instrument.h"

struct book;

enum format { FORMAT_BY_NAME, FORMAT_XLSFORM, FORMAT_SURVEYJS, FORMAT_LIMESURVEY };
bool format_from_name(const char *name, enum format *out);

struct import {
    const char *path;              /* xlsform: an .xlsx, or a folder of CSV files */
    enum format format;            /* by name: .xlsx and folders, .json, .lss */
    const char *respondent;        /* NULL: what the file says of it (ours do) */
    const char *json;              /* out: ends in a line end */
    struct instrument *instrument; /* out */
};

/* False with faults: what cannot be read, or is no questionnaire of ours after all that. */
bool instrument_import(struct import *import, struct arena *arena, struct error_list *left,
                       struct error_list *faults);

/* The XLSForm of an instrument: sheets survey, choices, settings and laerke_scales. Reading them
 * gives the same instrument again. Fails with instrument.memory alone. */
bool xlsform_write(const struct instrument *instrument, struct book *out, struct arena *arena,
                   struct error *error);

#endif

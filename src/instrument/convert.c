#include "instrument/convert.h"

#include "base/arena.h"
#include "base/text.h"
#include "instrument/draft.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool format_from_name(const char *name, enum format *out) {
    static const char *const names[] = { "", "xlsform", "surveyjs", "limesurvey" };
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum format)i;
            return true;
        }
    return false;
}

/* .json is SurveyJS, .lss LimeSurvey; a workbook or a folder an XLSForm. */
static enum format format_of(const struct import *import) {
    const char *ending = strrchr(import->path, '.');
    struct stat status;
    if (import->format != FORMAT_BY_NAME) return import->format;
    if (stat(import->path, &status) == 0 && S_ISDIR(status.st_mode)) return FORMAT_XLSFORM;
    if (ending && strcasecmp(ending, ".json") == 0) return FORMAT_SURVEYJS;
    if (ending && strcasecmp(ending, ".lss") == 0) return FORMAT_LIMESURVEY;
    return FORMAT_XLSFORM;
}

static bool read_into(struct draft *draft, const struct import *import, struct error *error) {
    switch (format_of(import)) {
    case FORMAT_SURVEYJS: return surveyjs_read(draft, import, error);
    case FORMAT_LIMESURVEY: return limesurvey_read(draft, import, error);
    default: return xlsform_read(draft, import, error);
    }
}

/* What is wrong with the JSON that came out is named by its lines: it is there to be mended. */
static bool checked(struct import *import, struct arena *arena, struct error_list *faults) {
    struct text name = text_new(arena, 4096);
    text_addf(&name, "%s → JSON", import->path);
    return instrument_parse(&import->instrument, text_string(&name), import->json,
                            strlen(import->json), arena, faults);
}

bool instrument_import(struct import *import, struct arena *arena, struct error_list *left,
                       struct error_list *faults) {
    struct draft draft;
    struct error error = { 0 };
    import->json = NULL;
    import->instrument = NULL;
    bool ok = draft_begin(&draft, import->path, arena, left)
                  ? read_into(&draft, import, &error)
                  : error_set(&error, "instrument.memory", ARG_TEXT("file", import->path));
    if (ok && !json_object_get(draft.root, "respondent"))
        ok = error_set(&error, "instrument.no_respondent", ARG_TEXT("file", import->path));
    if (ok && !(import->json = draft_finish(&draft)))
        ok = error_set(&error, "instrument.memory", ARG_TEXT("file", import->path));
    draft_end(&draft);
    if (!ok) error_list_add(faults, &error);
    return ok && checked(import, arena, faults);
}

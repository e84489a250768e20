#include "instrument/draft.h"
bool limesurvey_read(struct draft *draft, const struct import *import, struct error *error) {
    (void)draft;
    return error_set(error, "instrument.memory", ARG_TEXT("file", import->path));
}

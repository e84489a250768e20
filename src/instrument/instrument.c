#include "instrument/instrument.h"

#include "base/arena.h"
#include "base/embedded.h"
#include "base/text.h"
#include "instrument/file.h"
#include "instrument/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The largest questionnaire with 16 languages stays under a megabyte. */
#define INSTRUMENT_FILE_MAX (8 * MIB)

bool instrument_parse(struct instrument **out, const char *path, const char *bytes, size_t length,
                      struct arena *arena, struct error_list *faults) {
    struct error error;
    *out = NULL;
    size_t before = faults->total;
    static const char bom[] = "\xEF\xBB\xBF";
    if (length >= 3 && memcmp(bytes, bom, 3) == 0) {
        bytes += 3;
        length -= 3;
    }
    struct parse parse = { .path = path, .arena = arena, .faults = faults };
    parse.root = tree_read(path, bytes, length, arena, &error);
    if (!parse.root) {
        error_list_add(faults, &error);
        return false;
    }
    parse.instrument = parse_array(&parse, 1, sizeof *parse.instrument);
    if (parse.instrument && is_object(&parse, parse.root, path)) {
        parse_head(&parse);
        parse_sets(&parse);
        parse_items(&parse);
        parse_scales(&parse);
        parse_pages(&parse);
        check_items(&parse);
        check_scales(&parse);
        check_pages(&parse);
        check_conditions(&parse);
    }
    if (parse.no_memory) {
        error_set(&error, "instrument.memory", ARG_TEXT("file", path));
        error_list_add(faults, &error);
    }
    if (faults->total > before) return false;
    *out = parse.instrument;
    return true;
}

static bool read_all(FILE *file, const char *path, struct arena *arena, const char **bytes,
                     size_t *length, struct error *error) {
    struct text text = text_new(arena, INSTRUMENT_FILE_MAX);
    char buffer[16 * 1024];
    size_t n;
    while (text_ok(&text) && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
        text_add_bytes(&text, buffer, n);
    if (ferror(file)) return error_set(error, "instrument.open", ARG_TEXT("file", path));
    if (!text_ok(&text))
        return error_set(error, "instrument.too_large", ARG_TEXT("file", path),
                         ARG_INT("limit", INSTRUMENT_FILE_MAX / MIB));
    *bytes = text_string(&text);
    *length = text.length;
    return true;
}

/* "pupil" → the file instruments/pupil.json that came with the program. */
static const struct embedded *own_instrument(const char *name) {
    char path[128];
    int n = snprintf(path, sizeof path, "instruments/%s.json", name);
    return n > 0 && (size_t)n < sizeof path ? embedded_find(path) : NULL;
}

bool instrument_bytes(const char *path, struct arena *arena, const char **bytes, size_t *length,
                      struct error *error) {
    FILE *file = fopen(path, "rb");
    if (file) {
        bool ok = read_all(file, path, arena, bytes, length, error);
        fclose(file);
        return ok;
    }
    const struct embedded *own = errno == ENOENT ? own_instrument(path) : NULL;
    if (!own) return error_set(error, "instrument.open", ARG_TEXT("file", path));
    *bytes = (const char *)own->bytes;
    *length = own->length;
    return true;
}

bool instrument_read_file(struct instrument **out, const char *path, struct arena *arena,
                          struct error_list *faults) {
    struct error error;
    const char *bytes = NULL;
    size_t length = 0;
    *out = NULL;
    if (instrument_bytes(path, arena, &bytes, &length, &error))
        return instrument_parse(out, path, bytes, length, arena, faults);
    error_list_add(faults, &error);
    return false;
}

const char *instrument_text(const struct instrument *instrument, struct texts texts,
                            const char *language) {
    if (!texts.in || instrument->n_languages == 0) return "";
    for (size_t i = 0; i < instrument->n_languages; i++)
        if (strcmp(instrument->languages[i], language) == 0) return texts.in[i];
    return texts.in[0];
}

long instrument_item(const struct instrument *instrument, const char *id) {
    for (size_t i = 0; i < instrument->n_items; i++)
        if (strcmp(instrument->items[i].id, id) == 0) return (long)i;
    return -1;
}

long instrument_scale(const struct instrument *instrument, const char *code) {
    for (size_t i = 0; i < instrument->n_scales; i++)
        if (strcmp(instrument->scales[i].code, code) == 0) return (long)i;
    return -1;
}

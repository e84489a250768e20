/* Reads the files of a roster: units, then pupils, guardians and staff. Every bad line is named. */
#include "roster/record.h"

#include "base/arena.h"
#include "base/text.h"
#include "exchange/csv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static void read_source(struct import *import, size_t file, void (*read)(struct record *, void *),
                        void *context) {
    struct source *source = &import->sources[file];
    struct error error;
    size_t rows = 0;
    for (;;) {
        struct record r = { .import = import, .source = source, .good = true };
        error = (struct error){ 0 };
        if (csv_next(source->csv, &error)) {
            r.origin = (struct origin){ (uint32_t)file, (uint32_t)csv_line(source->csv) };
            record_check(&r);
            read(&r, context);
        } else if (csv_failed(source->csv)) {
            error_list_add(import->faults, &error);
            if (!error_is(&error, "csv.ragged")) return;
        } else {
            break;
        }
        if ((++rows & 0xFFF) == 0 && import->options->progress)
            import->options->progress(import->options->context,
                                      0.4 * ((double)file + csv_progress(source->csv)) /
                                          (double)import->n_sources);
    }
    if (rows == 0) {
        error_set(&error, "roster.no_rows", ARG_TEXT("file", source->path));
        error_list_add(import->faults, &error);
    }
}

static bool open_source(struct import *import, const char *path) {
    struct source *source = &import->sources[import->n_sources];
    struct error error = { 0 };
    source->path = path;
    if (!csv_open(&source->csv, path, import->arena, &error))
        return import_fault(import, &error, NULL);
    source->dropped = arena_array(import->arena, csv_columns(source->csv), sizeof *source->dropped);
    if (!source->dropped) return import_memory(import);
    import->n_sources++;
    return true;
}

/* A file without a line of names has its first person there. */
static bool check_names(struct import *import, size_t file) {
    const struct source *source = &import->sources[file];
    for (size_t i = 0; i < csv_columns(source->csv); i++) {
        struct error error;
        char number[24];
        if (source->dropped[i] || !text_has_cpr(csv_column_name(source->csv, i))) continue;
        snprintf(number, sizeof number, "%zu", i + 1);
        error_set(&error, "roster.cpr", ARG_TEXT("column", number));
        return import_fault(import, &error, &(struct origin){ (uint32_t)file, 1 });
    }
    return true;
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The tables of a folder, in order of their names. */
static bool open_folder(struct import *import, const char *folder) {
    const char *paths[ROSTER_FILES_MAX];
    size_t n = 0;
    struct error error;
    bool sound = true;
    DIR *dir = opendir(folder);
    if (!dir) {
        error_set(&error, "roster.folder", ARG_TEXT("path", folder),
                  ARG_TEXT("why", strerror(errno)));
        return import_fault(import, &error, NULL);
    }
    for (struct dirent *entry; sound && (entry = readdir(dir));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || dot == entry->d_name ||
            (strcasecmp(dot, ".csv") != 0 && strcasecmp(dot, ".tsv") != 0))
            continue;
        struct text path = text_new(import->arena, 8192);
        text_addf(&path, "%s/%s", folder, entry->d_name);
        if (!text_ok(&path))
            sound = import_memory(import);
        else if (n < ROSTER_FILES_MAX)
            paths[n++] = text_string(&path);
        else {
            error_set(&error, "roster.many_files", ARG_TEXT("path", folder),
                      ARG_INT("max", ROSTER_FILES_MAX));
            sound = import_fault(import, &error, NULL);
        }
    }
    closedir(dir);
    if (sound && n == 0) {
        error_set(&error, "roster.no_files", ARG_TEXT("path", folder));
        return import_fault(import, &error, NULL);
    }
    qsort(paths, n, sizeof *paths, compare_paths);
    for (size_t i = 0; sound && i < n; i++) open_source(import, paths[i]);
    return sound && import->faults->total == 0;
}

/* A column to be dropped that stands in no file is a slip that must be told: what it meant to keep
 * out would be read. */
static void drop_columns(struct import *import) {
    for (size_t i = 0; i < import->options->n_drop; i++) {
        size_t n = 0;
        for (size_t f = 0; f < import->n_sources; f++)
            n += source_drop(&import->sources[f], import->options->drop[i]);
        if (n > 0) continue;
        struct error error;
        error_set(&error, "roster.no_column", ARG_TEXT("column", import->options->drop[i]));
        import_fault(import, &error, NULL);
    }
}

static void name_ignored(struct import *import) {
    struct text names = text_new(import->arena, 8192);
    size_t n = 0;
    for (size_t i = 0; i < import->n_sources; i++) source_ignored(&import->sources[i], &names, &n);
    if (n > 8) text_addf(&names, ", … (%zu)", n);
    import->summary->ignored = n ? text_string(&names) : NULL;
}

/* The grade of a class that the files do not name outright. */
static void grade_classes(struct import *import) {
    for (size_t i = 0; i < import->tree.n; i++) {
        struct tree_unit *unit = &import->tree.unit[i];
        if (unit->kind != UNIT_CLASS || unit->new_grade != GRADE_KEEP ||
            unit->pupil_grade == GRADE_KEEP)
            continue;
        unit->new_grade = unit->mixed ? GRADE_NONE : unit->pupil_grade;
    }
}

bool import_read(struct import *import, const char *path) {
    static void (*const readers[FILE_KINDS])(struct record *, void *) = {
        [FILE_UNITS] = read_unit,
        [FILE_PUPILS] = read_pupil,
        [FILE_GUARDIANS] = read_guardian,
        [FILE_STAFF] = read_staff,
    };
    struct stat stat_of;
    struct unit_lines lines = { 0 };
    bool folder = stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
    import->sources = arena_array(import->arena, ROSTER_FILES_MAX, sizeof *import->sources);
    if (!import->sources) return import_memory(import);
    if (!(folder ? open_folder(import, path) : open_source(import, path))) return false;
    drop_columns(import);
    for (size_t i = 0; i < import->n_sources; i++) {
        struct error error = { 0 };
        if (check_names(import, i) && !source_recognise(&import->sources[i], &error))
            import_fault(import, &error, NULL);
    }
    if (import->faults->total) return false;
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        for (size_t i = 0; i < import->n_sources; i++)
            if (import->sources[i].kind == (enum file_kind)kind)
                read_source(import, i, readers[kind], &lines);
        if (kind == FILE_UNITS) place_units(import, &lines);
    }
    grade_classes(import);
    name_ignored(import);
    return import->faults->total == 0;
}

#include "store/programme.h"

#include "store/settings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INI "programme.ini"
/* A folder in the making has this in its name; what a killed init left is not in the way of the
 * next. */
#define MAKING ".laerke-making-"

static bool make_error(struct error *error, const char *path) {
    return error_set(error, "programme.make", ARG_TEXT("path", path),
                     ARG_TEXT("why", strerror(errno)));
}

static bool join(char *out, size_t size, const char *dir, const char *name, struct error *error) {
    int n = snprintf(out, size, "%s/%s", dir, name);
    return (n >= 0 && (size_t)n < size) ||
           error_set(error, "programme.long_path", ARG_TEXT("path", dir));
}

/* ---- opening -------------------------------------------------------------------------------- */

/* A relative SQLite path is relative to the folder. A SQLite file is made with the programme alone:
 * later it is a lost database or a slip in its name, and an empty one in its place would hide that. */
static bool open_store(const char *dir, const char *url, enum store_kind kind, bool making,
                       struct store **out, struct error *error) {
    static const char scheme[] = "sqlite:";
    char full[8192];
    const char *path = url + strlen(scheme);
    *out = NULL;
    bool file = strncmp(url, scheme, strlen(scheme)) == 0;
    if (file && *path != '/') {
        snprintf(full, sizeof full, "%s%s/%s", scheme, dir, path);
        url = full;
    }
    path = url + strlen(scheme);
    if (file && !making && access(path, F_OK) != 0 && errno == ENOENT)
        return error_set(error, "programme.lost", ARG_TEXT("file", path));
    return store_open(out, url, kind, error);
}

static const char *url_of(const struct settings *settings, enum store_kind kind) {
    return kind == STORE_IDENTITY ? settings->identity_url : settings->study_url;
}

static bool read_settings(struct programme *programme, const char *dir, struct error *error) {
    char path[sizeof programme->dir + sizeof "/" INI];
    *programme = (struct programme){ 0 };
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') length--;
    if (length >= sizeof programme->dir)
        return error_set(error, "programme.long_path", ARG_TEXT("path", dir));
    memcpy(programme->dir, dir, length);
    return join(path, sizeof path, programme->dir, INI, error) &&
           settings_read(&programme->settings, path, error);
}

bool programme_connect(const struct programme *programme, enum store_kind kind, struct store **out,
                       struct error *error) {
    return open_store(programme->dir, url_of(&programme->settings, kind), kind, false, out, error);
}

bool programme_open(struct programme *programme, const char *dir, struct error *error) {
    if (read_settings(programme, dir, error) &&
        programme_connect(programme, STORE_STUDY, &programme->study, error) &&
        store_check(programme->study, error))
        return true;
    programme_close(programme);
    return false;
}

bool programme_open_identity(struct programme *programme, struct error *error) {
    if (programme->identity) return true;
    if (!programme_connect(programme, STORE_IDENTITY, &programme->identity, error)) return false;
    if (store_check(programme->identity, error)) return true;
    store_close(programme->identity);
    programme->identity = NULL;
    return false;
}

void programme_close(struct programme *programme) {
    store_close(programme->study);
    store_close(programme->identity);
    programme->study = programme->identity = NULL;
}

static bool migrate_stores(const char *dir, const struct settings *settings, bool making,
                           int *applied, struct error *error) {
    *applied = 0;
    for (int kind = STORE_IDENTITY; kind <= STORE_STUDY; kind++) {
        struct store *store;
        int n = 0;
        if (!open_store(dir, url_of(settings, (enum store_kind)kind), (enum store_kind)kind,
                        making, &store, error))
            return false;
        bool done = store_migrate(store, &n, error);
        store_close(store);
        if (!done) return false;
        *applied += n;
    }
    return true;
}

bool programme_migrate(const char *dir, int *applied, struct error *error) {
    struct programme programme;
    int n;
    if (!read_settings(&programme, dir, error) ||
        !migrate_stores(programme.dir, &programme.settings, false, &n, error))
        return false;
    if (applied) *applied = n;
    return true;
}

/* ---- making --------------------------------------------------------------------------------- */

/* Removes a folder in the making: files, and folders of files, no deeper. */
static void remove_folder(const char *dir) {
    DIR *d = opendir(dir);
    char path[8192];
    for (struct dirent *entry; d && (entry = readdir(d));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (join(path, sizeof path, dir, entry->d_name, NULL) && unlink(path) != 0) rmdir(path);
    }
    if (d) closedir(d);
    rmdir(dir);
}

enum place { PLACE_ABSENT, PLACE_EMPTY, PLACE_TAKEN };

/* Is there something at dir? Leftovers of a killed init are removed on the way. */
static enum place look_at(const char *dir) {
    DIR *d = opendir(dir);
    if (!d) return errno == ENOENT ? PLACE_ABSENT : PLACE_TAKEN;
    enum place place = PLACE_EMPTY;
    char path[8192];
    for (struct dirent *entry; (entry = readdir(d));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (strncmp(entry->d_name, MAKING, strlen(MAKING)) != 0)
            place = PLACE_TAKEN;
        else if (join(path, sizeof path, dir, entry->d_name, NULL))
            remove_folder(path);
    }
    closedir(d);
    return place;
}

static bool add_programme_unit(const char *dir, const struct settings *settings,
                               struct error *error) {
    struct store *study;
    struct statement *s;
    if (!open_store(dir, settings->study_url, STORE_STUDY, true, &study, error)) return false;
    bool done = store_prepare(study, &s,
                              "INSERT INTO unit(kind, parent, code, name)"
                              " VALUES ('programme', NULL, '', ?1) ON CONFLICT DO NOTHING",
                              error);
    if (done) {
        bind_text(s, 1, settings->name);
        done = statement_run(s, error);
    }
    store_close(study);
    return done;
}

/* Everything of a programme, in the folder dir (which is there, and empty). */
static bool fill(const char *dir, const struct settings *settings, struct error *error) {
    static const char *const folders[] = { "keys", "files", "out" };
    char path[sizeof(((struct programme *)0)->dir) + 64];
    int applied;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!join(path, sizeof path, dir, folders[i], error)) return false;
        if (mkdir(path, 0700) != 0) return make_error(error, path);
    }
    return join(path, sizeof path, dir, INI, error) && settings_write(settings, path, error) &&
           migrate_stores(dir, settings, true, &applied, error) &&
           add_programme_unit(dir, settings, error);
}

/* Moves what stands in from into the folder to, programme.ini last: it is what makes it a
 * programme. */
static bool move_up(const char *from, const char *to, struct error *error) {
    static const char *const names[] = { "keys", "files", "out", "identity.db", "study.db", INI };
    char old[8192], new[8192];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!join(old, sizeof old, from, names[i], error) ||
            !join(new, sizeof new, to, names[i], error))
            return false;
        if (rename(old, new) != 0 && errno != ENOENT) {
            make_error(error, new);
            while (i-- > 0)
                if (join(old, sizeof old, from, names[i], NULL) &&
                    join(new, sizeof new, to, names[i], NULL))
                    rename(new, old);
            return false;
        }
    }
    rmdir(from);
    return true;
}

/* The folder is made beside its place and renamed to it. Where the place is a folder already (a
 * mount, the current folder) it is made inside, and moved up. */
static bool make(const char *dir, enum place place, const struct settings *settings,
                 struct error *error) {
    char making[sizeof(((struct programme *)0)->dir) + 32];
    if (place == PLACE_EMPTY) {
        snprintf(making, sizeof making, "%s/" MAKING "XXXXXX", dir);
    } else {
        const char *slash = strrchr(dir, '/');
        int parent = slash ? (int)(slash - dir + 1) : 0;
        snprintf(making, sizeof making, "%.*s" MAKING "XXXXXX", parent, dir);
    }
    if (!mkdtemp(making)) return make_error(error, dir);
    bool done = fill(making, settings, error);
    if (done && place == PLACE_EMPTY)
        done = move_up(making, dir, error);
    else if (done && rename(making, dir) != 0)
        done = make_error(error, dir);
    if (!done) {
        char inner[sizeof making + 8];
        static const char *const folders[] = { "keys", "files", "out" };
        for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
            if (join(inner, sizeof inner, making, folders[i], NULL)) rmdir(inner);
        remove_folder(making);
    }
    return done;
}

bool programme_init(const char *dir, const char *name, const char *study_url,
                    const char *identity_url, struct error *error) {
    struct programme programme = { 0 };
    struct settings *settings = &programme.settings;
    settings_default(settings);
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') length--;
    if (length == 0)
        return error_set(error, "programme.make", ARG_TEXT("path", "“”"),
                         ARG_TEXT("why", strerror(ENOENT)));
    if (length >= sizeof programme.dir - 64)
        return error_set(error, "programme.long_path", ARG_TEXT("path", dir));
    memcpy(programme.dir, dir, length);
    if (strlen(name) >= sizeof settings->name ||
        (study_url && strlen(study_url) >= sizeof settings->study_url) ||
        (identity_url && strlen(identity_url) >= sizeof settings->identity_url))
        return error_set(error, "programme.too_long", ARG_TEXT("path", dir));
    snprintf(settings->name, sizeof settings->name, "%s", name);
    if (study_url) snprintf(settings->study_url, sizeof settings->study_url, "%s", study_url);
    if (identity_url)
        snprintf(settings->identity_url, sizeof settings->identity_url, "%s", identity_url);
    enum place place = look_at(programme.dir);
    if (place == PLACE_TAKEN)
        return error_set(error, "programme.taken", ARG_TEXT("path", programme.dir));
    return make(programme.dir, place, settings, error);
}

#include "store/settings.h"

#include "base/text.h"

#include <ini.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* inih's own maximum, with the line break and the NUL. */
enum { LINE_MAX_BYTES = 200 };

void settings_default(struct settings *settings) {
    *settings = (struct settings){ .languages = "da en",
                                   .study_url = "sqlite:study.db",
                                   .identity_url = "sqlite:identity.db",
                                   .minimum_group = 7 };
}

/* ---- the keys ------------------------------------------------------------------------------- */

/* Each returns NULL, or the id of what is wrong with the value. */
typedef const char *parse(void *field, size_t size, const char *value);

static const char *parse_text(void *field, size_t size, const char *value) {
    size_t length = strlen(value);
    if (length == 0 || length >= size || !text_is_utf8(value, length))
        return ERROR_ID("programme.value");
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ') return ERROR_ID("programme.value");
    memcpy(field, value, length + 1);
    return NULL;
}

/* "da en": words of two or three small letters with one blank between. */
static const char *parse_languages(void *field, size_t size, const char *value) {
    for (const char *at = value;;) {
        size_t letters = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        if (letters < 2 || letters > 3) return ERROR_ID("programme.value");
        at += letters;
        if (*at == '\0') return parse_text(field, size, value);
        if (*at++ != ' ') return ERROR_ID("programme.value");
    }
}

static const char *parse_minimum_group(void *field, size_t size, const char *value) {
    (void)size;
    long long number;
    if (!text_to_int(value, 0, 1000, &number)) return ERROR_ID("programme.value");
    if (number < 5) return ERROR_ID("programme.minimum_group");
    *(int *)field = (int)number;
    return NULL;
}

/* "https://laerke.example.dk": a scheme, a host, perhaps a port and a path; a slash at the end is
 * taken away, since paths are put behind it. */
static const char *parse_address(void *field, size_t size, const char *value) {
    const char *host = strstr(value, "://");
    size_t length = strlen(value);
    bool web = strncmp(value, "https://", 8) == 0 || strncmp(value, "http://", 7) == 0;
    if (!web || host[3] == '\0' || host[3] == '/' || strpbrk(value, " #?\"<>"))
        return ERROR_ID("programme.value");
    const char *fault = parse_text(field, size, value);
    if (!fault && value[length - 1] == '/') ((char *)field)[length - 1] = '\0';
    return fault;
}

static const struct key {
    const char *section, *name;
    parse *parse;
    size_t offset, size;
    bool required;
} keys[] = {
#define KEY(section, name, parse, field, required)                                                 \
    {                                                                                              \
        section, name, parse, offsetof(struct settings, field),                                    \
            sizeof(((struct settings *)0)->field), required                                        \
    }
    KEY("programme", "name", parse_text, name, true),
    KEY("programme", "languages", parse_languages, languages, false),
    KEY("programme", "contact", parse_text, contact, false),
    KEY("database", "study", parse_text, study_url, false),
    KEY("database", "identity", parse_text, identity_url, false),
    KEY("publish", "minimum_group", parse_minimum_group, minimum_group, false),
    KEY("web", "address", parse_address, address, false),
};
enum { N_KEYS = sizeof keys / sizeof *keys };

/* ---- reading -------------------------------------------------------------------------------- */

struct reading {
    FILE *file;
    const char *path;
    struct settings *settings;
    struct error *error;
    int line;
    bool failed, long_line, seen[N_KEYS];
};

/* A line for inih, counted, since its handler is not told the number. */
static char *read_line(char *line, int size, void *context) {
    struct reading *r = context;
    if (r->failed || !fgets(line, size, r->file)) return NULL;
    r->line++;
    size_t length = strlen(line);
    if (length + 1 == (size_t)size && line[length - 1] != '\n') {
        r->failed = r->long_line = true;
        error_set(r->error, "programme.long_line", ARG_TEXT("file", r->path),
                  ARG_INT("line", r->line), ARG_INT("max", size - 3));
        return NULL;
    }
    return line;
}

static int set_key(void *context, const char *section, const char *name, const char *value) {
    struct reading *r = context;
    if (r->failed) return 0;
    const char *fault = ERROR_ID("programme.unknown");
    for (size_t i = 0; i < N_KEYS; i++) {
        const struct key *key = &keys[i];
        if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0) continue;
        fault = r->seen[i] ? ERROR_ID("programme.twice")
                           : key->parse((char *)r->settings + key->offset, key->size, value);
        r->seen[i] = true;
    }
    if (!fault) return 1;
    const struct arg args[] = { ARG_TEXT("file", r->path), ARG_INT("line", r->line),
                                ARG_TEXT("section", section), ARG_TEXT("key", name) };
    error_set_args(r->error, fault, args, sizeof args / sizeof *args);
    r->failed = true;
    return 0;
}

bool settings_read(struct settings *settings, const char *path, struct error *error) {
    settings_default(settings);
    struct reading r = { .path = path, .settings = settings, .error = error };
    r.file = fopen(path, "re");
    if (!r.file)
        return error_set(error, "programme.absent", ARG_TEXT("file", path),
                         ARG_TEXT("why", strerror(errno)));
    int bad_line = ini_parse_stream(read_line, &r, set_key, &r);
    int why = ferror(r.file) ? errno : 0; /* a folder opens as a file does, but cannot be read */
    fclose(r.file);
    if (why)
        return error_set(error, "programme.absent", ARG_TEXT("file", path),
                         ARG_TEXT("why", strerror(why)));
    /* A broken section line makes the keys below it unknown: the first fault is the one to tell. */
    if (r.failed && (bad_line <= 0 || bad_line >= r.line)) return false;
    if (bad_line)
        return error_set(error, "programme.syntax", ARG_TEXT("file", path),
                         ARG_INT("line", bad_line));
    for (size_t i = 0; i < N_KEYS; i++)
        if (keys[i].required && !r.seen[i])
            return error_set(error, "programme.lacking", ARG_TEXT("file", path),
                             ARG_TEXT("section", keys[i].section), ARG_TEXT("key", keys[i].name));
    return true;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool print(const struct settings *s, FILE *file) {
    return fprintf(
               file,
               "; A programme of Lærke. An unknown section or key is an error, so a slip shows.\n"
               "[programme]\n"
               "name = %s\n"
               "; The first is the one that pages open in.\n"
               "languages = %s\n"
               "; Whom people write to who object to taking part; it stands in the letters.\n"
               "; contact = a mail address or a telephone number\n"
               "\n"
               "; sqlite:FILE in this folder, or postgresql://USER:PASSWORD@HOST/DATABASE\n"
               "[database]\n"
               "study = %s\n"
               "identity = %s\n"
               "\n"
               "; A result of fewer answers is shown to nobody; never under 5.\n"
               "[publish]\n"
               "minimum_group = %d\n"
               "\n"
               "; Where people answer: it stands in the letters and in their QR codes.\n"
               "[web]\n"
               "; address = https://laerke.example.dk\n",
               s->name, s->languages, s->study_url, s->identity_url, s->minimum_group) > 0;
}

/* Would the file give the value back? inih trims it and takes " ;" for a comment. */
static bool writable(const char *key, const char *value, struct error *error) {
    size_t length = strlen(value);
    char copy[NAME_MAX_BYTES > 512 ? NAME_MAX_BYTES : 512];
    bool fits = length + strlen(key) + strlen(" = ") + 3 <= LINE_MAX_BYTES &&
                !parse_text(copy, sizeof copy, value) && value[0] != ' ' && value[0] != ';' &&
                value[length - 1] != ' ' && !strstr(value, " ;");
    return fits || error_set(error, "programme.name", ARG_TEXT("value", value), ARG_TEXT("key", key));
}

bool settings_write(const struct settings *settings, const char *path, struct error *error) {
    if (!writable("name", settings->name, error) ||
        !writable("study", settings->study_url, error) ||
        !writable("identity", settings->identity_url, error))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool done = file && print(settings, file) && fflush(file) == 0 && fsync(fd) == 0;
    int why = errno;
    if (file && fclose(file) != 0)
        done = false;
    else if (!file && fd >= 0)
        close(fd);
    return done || error_set(error, "programme.make", ARG_TEXT("path", path),
                             ARG_TEXT("why", strerror(why)));
}

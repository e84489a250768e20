#include "collect/recording.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "store/programme.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_ONCE = 64, PATH_ROOM = 4096 + 128 };

/* What it is, by its first bytes: nobody's word is taken for it. */
static const char *media_type(const unsigned char *bytes, size_t n) {
    static const unsigned char webm[] = { 0x1a, 0x45, 0xdf, 0xa3 };
    if (n >= 12 && memcmp(bytes, webm, sizeof webm) == 0) return "audio/webm";
    return n >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0 ? "audio/mp4" : NULL;
}

static int by_text(const void *left, const void *right) {
    const struct recording *a = left, *b = right;
    return strcmp(a->text, b->text);
}

bool recordings_read(struct store *study, const char *language, struct arena *arena,
                     struct recordings *out, struct error *error) {
    struct statement *s;
    size_t room = 0;
    *out = (struct recordings){ .n = 0 };
    if (!store_prepare(study, &s, "SELECT text, sha256 FROM recording WHERE language = ?1", error))
        return false;
    bind_text(s, 1, language);
    while (statement_step(s, error)) {
        if (out->n == room) {
            out->all = arena_grow(arena, out->all, room, room + AT_ONCE, sizeof *out->all);
            room += AT_ONCE;
        }
        if (!out->all) break;
        out->all[out->n++] = (struct recording){ arena_copy(arena, column_text(s, 0)),
                                                 arena_copy(arena, column_text(s, 1)) };
    }
    if (!statement_end(s, error)) return false;
    if (room > 0 && !out->all) return error_plain(error, "recording.memory");
    for (size_t i = 0; i < out->n; i++)
        if (!out->all[i].text || !out->all[i].sha256) return error_plain(error, "recording.memory");
    if (out->n > 1) qsort(out->all, out->n, sizeof *out->all, by_text);
    return true;
}

const char *recording_of(const struct recordings *recordings, const char *text) {
    struct recording wanted = { .text = text };
    if (recordings->n == 0) return NULL;
    const struct recording *found =
        bsearch(&wanted, recordings->all, recordings->n, sizeof wanted, by_text);
    return found ? found->sha256 : NULL;
}

/* ---- files ---- */

static void path_of(const struct programme *programme, const char *sha256, const char *tail,
                    char out[PATH_ROOM]) {
    snprintf(out, PATH_ROOM, "%s/files/sound-%s%s", programme->dir, sha256, tail);
}

static bool file_error(struct error *error) {
    return error_set(error, "recording.file", ARG_TEXT("reason", strerror(errno)));
}

static bool write_all(int fd, const unsigned char *bytes, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
    return fsync(fd) == 0;
}

/* Under a name of its own until it is whole. */
static bool write_file(const struct programme *programme, const char *sha256, const void *bytes,
                       size_t n, struct error *error) {
    char path[PATH_ROOM], part[PATH_ROOM], tail[32];
    snprintf(tail, sizeof tail, ".%08x", randombytes_random());
    path_of(programme, sha256, "", path);
    path_of(programme, sha256, tail, part);
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) return file_error(error);
    bool done = write_all(fd, bytes, n);
    if (!done) file_error(error);
    if (close(fd) != 0 && done) done = file_error(error);
    if (done && rename(part, path) != 0) done = file_error(error);
    if (!done) unlink(part);
    return done;
}

bool recording_keep(struct programme *programme, const char *language, const char *text,
                    const void *bytes, size_t n, int64_t now, char sha256[SHA256_HEX],
                    struct error *error) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    struct statement *s;
    size_t length = strlen(text);
    if (n > RECORDING_MAX) return error_plain(error, "recording.size");
    if (!media_type(bytes, n)) return error_plain(error, "recording.kind");
    if (length == 0 || length > RECORDING_TEXT_MAX || !text_is_utf8(text, length))
        return error_plain(error, "recording.text");
    crypto_hash_sha256(hash, bytes, n);
    sodium_bin2hex(sha256, SHA256_HEX, hash, sizeof hash);
    if (!write_file(programme, sha256, bytes, n, error) || !store_begin(programme->study, error))
        return false;
    bool done = store_prepare(programme->study, &s,
                              "INSERT INTO recording (language, text, sha256, recorded_at) "
                              "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (language, text) DO UPDATE SET "
                              "sha256 = excluded.sha256, recorded_at = excluded.recorded_at",
                              error);
    if (done) {
        bind_text(s, 1, language);
        bind_text(s, 2, text);
        bind_text(s, 3, sha256);
        bind_int(s, 4, now);
        done = statement_run(s, error) && store_commit(programme->study, error);
    }
    if (!done) store_rollback(programme->study);
    return done;
}

static bool is_name(const char *sha256) {
    return strlen(sha256) == SHA256_HEX - 1 && strspn(sha256, "0123456789abcdef") == SHA256_HEX - 1;
}

bool recording_sound(const struct programme *programme, const char *sha256, struct arena *arena,
                     const void **bytes, size_t *n, const char **type, struct error *error) {
    char path[PATH_ROOM];
    struct stat about;
    *bytes = NULL;
    *n = 0;
    if (!is_name(sha256)) return true;
    path_of(programme, sha256, "", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || file_error(error);
    bool done = fstat(fd, &about) == 0 || file_error(error);
    unsigned char *all = NULL;
    if (done && about.st_size > 0 && about.st_size <= RECORDING_MAX) {
        all = arena_alloc(arena, (size_t)about.st_size);
        done = all || error_plain(error, "recording.memory");
    }
    while (done && all && *n < (size_t)about.st_size) {
        ssize_t got = read(fd, all + *n, (size_t)about.st_size - *n);
        if (got <= 0) done = file_error(error);
        if (got > 0) *n += (size_t)got;
    }
    close(fd);
    *type = done && all ? media_type(all, *n) : NULL;
    if (*type) *bytes = all;
    return done;
}

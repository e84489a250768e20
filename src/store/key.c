#include "store/programme.h"

#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool key_error(struct error *error, const char *path, const char *why) {
    return error_set(error, "programme.key", ARG_TEXT("path", path), ARG_TEXT("why", why));
}

/* Makes the key under a name of its own and links it to its place: of two programs that do so at
 * once, one link succeeds, and both then read that one. */
static bool make_key(const char *path, struct error *error) {
    char making[sizeof(((struct programme *)0)->dir) + 96];
    unsigned char key[KEY_BYTES];
    snprintf(making, sizeof making, "%s.XXXXXX", path);
    int fd = mkstemp(making); /* mode 0600 */
    if (fd < 0) return key_error(error, path, strerror(errno));
    randombytes_buf(key, sizeof key);
    bool done = write(fd, key, sizeof key) == KEY_BYTES && fsync(fd) == 0;
    int why = errno;
    close(fd);
    sodium_memzero(key, sizeof key);
    if (done && link(making, path) != 0 && errno != EEXIST) {
        done = false;
        why = errno;
    }
    unlink(making);
    return done || key_error(error, path, strerror(why));
}

static bool read_key(int fd, const char *path, unsigned char key[KEY_BYTES], struct error *error) {
    struct stat stat;
    unsigned char more;
    if (fstat(fd, &stat) != 0) return key_error(error, path, strerror(errno));
    if (stat.st_mode & 077) return error_set(error, "programme.key_mode", ARG_TEXT("path", path));
    if (read(fd, key, KEY_BYTES) != KEY_BYTES || read(fd, &more, 1) != 0)
        return error_set(error, "programme.key_length", ARG_TEXT("path", path),
                         ARG_INT("bytes", KEY_BYTES));
    return true;
}

bool programme_key(const struct programme *programme, const char *name,
                   unsigned char key[KEY_BYTES], struct error *error) {
    char path[sizeof programme->dir + 80];
    if (sodium_init() < 0) return key_error(error, name, "libsodium");
    snprintf(path, sizeof path, "%s/keys/%.64s", programme->dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        if (!make_key(path, error)) return false;
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) return key_error(error, path, strerror(errno));
    bool done = read_key(fd, path, key, error);
    close(fd);
    return done;
}

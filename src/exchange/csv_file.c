#include "exchange/csv_file.h"

#include "base/arena.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct mapping {
    void *bytes;
    size_t length;
};

static void unmap(void *data) {
    struct mapping *mapping = data;
    munmap(mapping->bytes, mapping->length);
}

static bool failed(const char *path, struct error *error) {
    if (errno == ENOENT) return error_set(error, "csv.missing", ARG_TEXT("file", path));
    return error_set(error, "csv.open", ARG_TEXT("file", path), ARG_TEXT("reason", strerror(errno)));
}

static bool map_file(int file, const char *path, size_t size, struct arena *arena,
                     const char **bytes, struct error *error) {
    struct mapping *mapping = arena_alloc(arena, sizeof *mapping);
    if (!mapping) return error_set(error, "csv.memory", ARG_TEXT("file", path));
    mapping->bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (mapping->bytes == MAP_FAILED) return failed(path, error);
    mapping->length = size;
    if (arena_defer(arena, unmap, mapping) != 0)
        return error_set(error, "csv.memory", ARG_TEXT("file", path));
    posix_madvise(mapping->bytes, size, POSIX_MADV_SEQUENTIAL);
    *bytes = mapping->bytes;
    return true;
}

/* A pipe cannot be mapped; it is read to its end. */
static bool read_pipe(int file, const char *path, struct arena *arena, const char **bytes,
                      size_t *length, struct error *error) {
    char *held = NULL;
    size_t capacity = 0, used = 0;
    for (;;) {
        if (used == capacity) {
            size_t more = capacity ? 2 * capacity : MIB;
            char *grown = arena_grow(arena, held, used, more, 1);
            if (!grown) return error_set(error, "csv.memory", ARG_TEXT("file", path));
            held = grown;
            capacity = more;
        }
        ssize_t n = read(file, held + used, capacity - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(path, error);
        if (n == 0) break;
        used += (size_t)n;
    }
    *bytes = held;
    *length = used;
    return true;
}

bool file_bytes(const char *path, struct arena *arena, const char **bytes, size_t *length,
                struct error *error) {
    bool standard_input = strcmp(path, "-") == 0;
    int file = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return failed(path, error);
    struct stat status;
    bool ok;
    if (fstat(file, &status) != 0) {
        ok = failed(path, error);
    } else if (S_ISREG(status.st_mode) && status.st_size > 0 && !standard_input) {
        *length = (size_t)status.st_size;
        ok = map_file(file, path, *length, arena, bytes, error);
    } else {
        ok = read_pipe(file, path, arena, bytes, length, error);
    }
    if (!standard_input) close(file);
    return ok;
}

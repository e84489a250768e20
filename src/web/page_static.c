/* /static/{file}: style sheets, fonts and pictures, out of the binary. */
#include "base/embedded.h"
#include "base/text.h"
#include "web/page.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define FOLDER "src/web/static/"

static const struct {
    const char *ending, *type;
} types[] = {
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".woff2", "font/woff2" },
    { ".png", "image/png" },
    { ".ico", "image/x-icon" },
    { ".txt", "text/plain; charset=utf-8" },
};

/* What is known of each file once, at its first use: the binary does not change while it runs. */
enum { FILES_MAX = 32, TAG_MAX = 17, HREF_MAX = 96 };
static struct known {
    const struct embedded *file;
    const char *type;
    char tag[TAG_MAX + 2]; /* in quotes, as the ETag header has it */
    char href[HREF_MAX];
} known[FILES_MAX];
static size_t n_known;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *type_of(const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t n = strlen(types[i].ending);
        if (length > n && strcmp(name + length - n, types[i].ending) == 0) return types[i].type;
    }
    return NULL;
}

static void learn(void) {
    const struct embedded *file = embedded_first(FOLDER);
    for (; file && file->name && strncmp(file->name, FOLDER, strlen(FOLDER)) == 0; file++) {
        const char *name = file->name + strlen(FOLDER), *type = type_of(name);
        if (!type || n_known == FILES_MAX) continue;
        struct known *k = &known[n_known++];
        unsigned char hash[crypto_hash_sha256_BYTES];
        char hex[TAG_MAX];
        crypto_hash_sha256(hash, file->bytes, file->length);
        sodium_bin2hex(hex, sizeof hex, hash, (TAG_MAX - 1) / 2);
        k->file = file;
        k->type = type;
        snprintf(k->tag, sizeof k->tag, "\"%s\"", hex);
        snprintf(k->href, sizeof k->href, "/static/%.60s?v=%s", name, hex);
    }
}

static const struct known *find(const char *name) {
    pthread_once(&once, learn);
    for (size_t i = 0; i < n_known; i++)
        if (strcmp(known[i].file->name + strlen(FOLDER), name) == 0) return &known[i];
    return NULL;
}

const char *static_href(const char *file) {
    const struct known *k = find(file);
    return k ? k->href : "";
}

bool page_static(struct request *request, struct error *error) {
    (void)error;
    const struct known *k = find(request->rest);
    if (!k) {
        reply_text(request, 404, "404\n");
        return true;
    }
    const char *version = field_value(&request->query, "v");
    bool exact = version && strlen(version) == TAG_MAX - 1 &&
                 strncmp(version, k->tag + 1, TAG_MAX - 1) == 0;
    request->reply.file = true;
    request->reply.scripted = strncmp(k->type, "text/javascript", 15) ==
                              0; /* a worker obeys its own */
    reply_header(request, "ETag", k->tag);
    /* A script that another one imports has no version in its address: it is asked for again, so
     * that the two are always of one age. */
    reply_header(request, "Cache-Control",
                 exact                     ? "public, max-age=31536000, immutable"
                 : request->reply.scripted ? "no-cache"
                                           : "public, max-age=3600");
    if (request->if_none_match && strstr(request->if_none_match, k->tag))
        reply_body(request, 304, NULL, "", 0);
    else
        reply_body(request, 200, k->type, k->file->bytes, k->file->length);
    return true;
}

/* The service worker, from the path whose pages are its business; never kept, so that a new version
 * is met at the next visit. */
bool page_worker(struct request *request, struct error *error) {
    request->rest = "worker.js";
    if (!page_static(request, error)) return false;
    request->reply.n_headers = 0;
    reply_header(request, "Cache-Control", "no-cache");
    return true;
}

/* answer_load.c - respondents by the hundred: codes in, pages of answers, forms handed in.
 *
 *     build-bench/bench/answer_load PORT CODES.csv [FORMS [CONNECTIONS [LEDGER]]]
 *
 * CODES.csv is what "laerke code print" writes. Loopback alone, CONNECTIONS (64) at once, at most FORMS
 * (all) questionnaires. A form is read as a browser reads it (code page, code, form), answered page by page
 * by chance, and handed in; a class teacher's code opens a class, each pupil of which is a form. Prints a line
 * for each kind of request, and exits 1 when any was answered otherwise than a browser would hope for.
 * LEDGER gets a line for every page that was acknowledged ("assignment page revision codes"), written after
 * the acknowledgement: what a crash must not lose.
 */
#include "load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CODES_MAX = 400000, CONNECTIONS_MAX = 512, PAGES_MAX = 64, SAMPLES_MAX = 4000000 };
enum kind { CODE_PAGE, CODE, FORM, PAGE, HAND_IN, KINDS };
static const char *const kind_names[KINDS] = { "code page", "code", "form", "page of answers", "handing in" };

struct samples {
    float *ms;
    atomic_size_t n;
};

static char codes[CODES_MAX][16];
static size_t n_codes;
static atomic_size_t next_code, forms, refused;
static struct samples samples[KINDS];
static int port;
static FILE *ledger;
static pthread_mutex_t ledger_lock = PTHREAD_MUTEX_INITIALIZER;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool ask(struct client *client, enum kind kind, const char *method, const char *path,
                const char *body, int wanted) {
    double from = now();
    bool ok = client_ask(client, method, path, body) && client->status == wanted;
    size_t at = atomic_fetch_add(&samples[kind].n, 1);
    if (at < SAMPLES_MAX) samples[kind].ms[at] = (float)(1e3 * (now() - from));
    if (!ok) atomic_fetch_add(&refused, 1);
    return ok;
}

/* What a form's document says of its pages: number and items of each; options of the items are drawn
 * below the fewest that any has. */
struct paper {
    char grant[512], key[64];
    size_t n;
    int number[PAGES_MAX], items[PAGES_MAX];
};

static bool read_paper(const struct client *client, struct paper *paper) {
    paper->n = 0;
    if (!client_find(client, "data-grant=\"", paper->grant, sizeof paper->grant) ||
        !client_find(client, "data-key=\"", paper->key, sizeof paper->key))
        return false;
    for (const char *at = client->reply; (at = strstr(at, "<section class=\"page\" data-page=\"")) && paper->n < PAGES_MAX;) {
        at += strlen("<section class=\"page\" data-page=\"");
        const char *items = strstr(at, "data-n=\"");
        if (!items) break;
        paper->number[paper->n] = (int)strtol(at, NULL, 10);
        paper->items[paper->n++] = (int)strtol(items + 8, NULL, 10);
    }
    return paper->n > 0;
}

static void note(const struct paper *paper, int page, long long revision, const char *hex) {
    if (!ledger) return;
    pthread_mutex_lock(&ledger_lock);
    fprintf(ledger, "%lld %d %lld %s\n", strtoll(paper->key, NULL, 10), page, revision, hex);
    fflush(ledger);
    pthread_mutex_unlock(&ledger_lock);
}

static bool answer(struct client *client, const struct paper *paper, unsigned *chance) {
    char body[4096], hex[256];
    for (size_t p = 0; p < paper->n; p++) {
        long long revision = (long long)(1e6 * now());
        for (int i = 0; i < paper->items[p]; i++)
            snprintf(hex + 2 * i, 3, "%02x", (unsigned)rand_r(chance) % 2);
        snprintf(body, sizeof body, "grant=%s&act=save&page=%d&revision=%lld&codes=%s", paper->grant,
                 paper->number[p], revision, hex);
        if (!ask(client, PAGE, "POST", "/a/save", body, 200)) return false;
        if (!strstr(client->reply, "\"kept\"")) {
            atomic_fetch_add(&refused, 1);
            return false;
        }
        note(paper, paper->number[p], revision, hex);
    }
    snprintf(body, sizeof body, "grant=%s&act=submit", paper->grant);
    if (!ask(client, HAND_IN, "POST", "/a/save", body, 200)) return false;
    atomic_fetch_add(&forms, 1);
    return true;
}

static bool answer_class(struct client *client, unsigned *chance) {
    static const char mark[] = "href=\"/a/form?about=";
    char (*paths)[96] = calloc(64, sizeof *paths);
    size_t n = 0;
    if (!paths) return false;
    for (const char *at = client->reply; (at = strstr(at, mark)) && n < 64; at++)
        snprintf(paths[n++], sizeof *paths, "/a/form?about=%lld&lang=da", strtoll(at + strlen(mark), NULL, 10));
    bool ok = n > 0;
    for (size_t i = 0; ok && i < n; i++) {
        struct paper paper;
        ok = ask(client, FORM, "GET", paths[i], NULL, 200) && read_paper(client, &paper) &&
             answer(client, &paper, chance);
    }
    free(paths);
    return ok;
}

static bool one_code(struct client *client, const char *code, unsigned *chance) {
    char csrf[128], body[256], path[256];
    struct paper paper;
    client->cookie[0] = '\0';
    if (!ask(client, CODE_PAGE, "GET", "/a?lang=da", NULL, 200) ||
        !client_find(client, "name=\"csrf\" value=\"", csrf, sizeof csrf))
        return false;
    snprintf(body, sizeof body, "csrf=%s&lang=da&code=%s", csrf, code);
    if (!ask(client, CODE, "POST", "/a", body, 303)) return false;
    snprintf(path, sizeof path, "%s", client->location);
    if (!ask(client, FORM, "GET", path, NULL, 200)) return false;
    if (strstr(client->reply, "class=\"class\"")) return answer_class(client, chance);
    return read_paper(client, &paper) && answer(client, &paper, chance);
}

static void *respondent(void *data) {
    unsigned chance = (unsigned)(uintptr_t)data;
    struct client client;
    if (!client_start(&client, port)) return NULL;
    for (size_t at; (at = atomic_fetch_add(&next_code, 1)) < n_codes;)
        if (!one_code(&client, codes[at], &chance) && ledger) break; /* the server was killed */
    client_stop(&client);
    return NULL;
}

static bool read_codes(const char *path) {
    char line[1024];
    FILE *file = fopen(path, "r");
    if (!file) return false;
    while (n_codes < CODES_MAX && fgets(line, sizeof line, file)) {
        char *comma = strrchr(line, ',');
        if (!comma || n_codes == 0 ? !comma || strncmp(comma, ",code", 5) == 0 : false) continue;
        comma[strcspn(comma, "\r\n")] = '\0';
        snprintf(codes[n_codes++], sizeof *codes, "%s", comma + 1);
    }
    fclose(file);
    return n_codes > 0;
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    pthread_t threads[CONNECTIONS_MAX];
    size_t connections = argc > 4 ? (size_t)strtol(argv[4], NULL, 10) : 64;
    if (argc < 3 || !read_codes(argv[2]) || connections < 1 || connections > CONNECTIONS_MAX) {
        fputs("answer_load PORT CODES.csv [FORMS [CONNECTIONS [LEDGER]]]\n", stderr);
        return 2;
    }
    port = (int)strtol(argv[1], NULL, 10);
    size_t most = argc > 3 ? (size_t)strtol(argv[3], NULL, 10) : 0;
    if (most > 0 && most < n_codes) n_codes = most;
    if (argc > 5) ledger = fopen(argv[5], "a");
    for (int k = 0; k < KINDS; k++) samples[k].ms = calloc(SAMPLES_MAX, sizeof(float));
    double from = now();
    for (size_t i = 0; i < connections; i++) pthread_create(&threads[i], NULL, respondent, (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    double seconds = now() - from;
    size_t requests = 0;
    printf("| %zu connections, %.1f s | requests | a second | median | 99 %% within |\n|---|---|---|---|---|\n", connections, seconds);
    for (int k = 0; k < KINDS; k++) {
        size_t n = atomic_load(&samples[k].n);
        if (n > SAMPLES_MAX) n = SAMPLES_MAX;
        requests += n;
        if (n == 0) continue;
        qsort(samples[k].ms, n, sizeof(float), ascending);
        printf("| %s | %zu | %.0f | %.1f ms | %.1f ms |\n", kind_names[k], n, (double)n / seconds,
               (double)samples[k].ms[n / 2], (double)samples[k].ms[n * 99 / 100]);
    }
    printf("| questionnaires handed in | %zu | %.0f | | |\n", atomic_load(&forms), (double)atomic_load(&forms) / seconds);
    printf("| refused or lost | %zu | | | |\n", atomic_load(&refused));
    if (ledger) fclose(ledger);
    return atomic_load(&refused) ? 1 : 0;
}

/* Sentences read aloud: by their words, the sound once in a file; the same on SQLite and on PostgreSQL. */
#include "postgres.h"

#include "base/arena.h"
#include "base/error.h"
#include "collect/recording.h"
#include "store/programme.h"

#include <string.h>
#include <sys/stat.h>

static const int on_sqlite = 0, on_postgres = 1;
static char folder[64];
static struct arena *arena;
static struct error error;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if (!(call)) fail_msg("%s: %s", #call, error.id);                                          \
    } while (0)
#define FAILS(id_, call)                                                                           \
    do {                                                                                           \
        error = (struct error){ 0 };                                                               \
        assert_false(call);                                                                        \
        assert_string_equal(error.id, id_);                                                        \
    } while (0)

static const unsigned char webm[] = "\x1a\x45\xdf\xa3 and the rest", mp4[] = "\0\0\0\x20" "ftypM4A and more";

static struct programme open_programme(void **state) {
    struct programme programme = { .identity = NULL };
    char url[1024];
    snprintf(programme.dir, sizeof programme.dir, "%s", folder);
    if (*(const int *)*state == on_sqlite) snprintf(url, sizeof url, "sqlite:%s/study.db", folder);
    else snprintf(url, sizeof url, "%s", postgres_url());
    OK(store_open(&programme.study, url, STORE_STUDY, &error));
    OK(store_migrate(programme.study, NULL, &error));
    return programme;
}

static const char *recorded(struct programme *programme, const char *language, const char *text) {
    struct recordings all;
    OK(recordings_read(programme->study, language, arena, &all, &error));
    return recording_of(&all, text);
}

static void test_keep(void **state) {
    struct programme programme = open_programme(state);
    char first[SHA256_HEX], second[SHA256_HEX];
    const void *bytes;
    const char *type;
    size_t n;
    assert_null(recorded(&programme, "da", "Altid"));
    OK(recording_keep(&programme, "da", "Altid", webm, sizeof webm, 1, first, &error));
    OK(recording_keep(&programme, "da", "Er {name} glad?", webm, sizeof webm, 2, second, &error));
    assert_string_equal(first, second); /* one file */
    assert_string_equal(recorded(&programme, "da", "Altid"), first);
    assert_string_equal(recorded(&programme, "da", "Er {name} glad?"), first);
    assert_null(recorded(&programme, "da", "altid"));
    assert_null(recorded(&programme, "en", "Altid"));
    OK(recording_keep(&programme, "da", "Altid", mp4, sizeof mp4, 3, second, &error));
    assert_string_equal(recorded(&programme, "da", "Altid"), second);
    assert_string_equal(recorded(&programme, "da", "Er {name} glad?"), first);
    OK(recording_sound(&programme, first, arena, &bytes, &n, &type, &error));
    assert_int_equal(n, sizeof webm);
    assert_memory_equal(bytes, webm, n);
    assert_string_equal(type, "audio/webm");
    OK(recording_sound(&programme, second, arena, &bytes, &n, &type, &error));
    assert_string_equal(type, "audio/mp4");
    store_close(programme.study);
}

static void test_refused(void **state) {
    struct programme programme = open_programme(state);
    char sha256[SHA256_HEX];
    const void *bytes;
    const char *type;
    size_t n;
    unsigned char *large = arena_alloc(arena, RECORDING_MAX + 1);
    assert_non_null(large);
    memcpy(large, webm, sizeof webm);
    FAILS("recording.size", recording_keep(&programme, "da", "x", large, RECORDING_MAX + 1, 1, sha256, &error));
    FAILS("recording.kind", recording_keep(&programme, "da", "x", "<html>, say so", 14, 1, sha256, &error));
    FAILS("recording.kind", recording_keep(&programme, "da", "x", "", 0, 1, sha256, &error));
    FAILS("recording.text", recording_keep(&programme, "da", "", webm, sizeof webm, 1, sha256, &error));
    FAILS("recording.text", recording_keep(&programme, "da", "\xff", webm, sizeof webm, 1, sha256, &error));
    error = (struct error){ 0 };
    static const char *const names[] = { "", "..", "../study.db", "0123",
                                         "0000000000000000000000000000000000000000000000000000000000000000",
                                         "ZZZZ000000000000000000000000000000000000000000000000000000000000" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        OK(recording_sound(&programme, names[i], arena, &bytes, &n, &type, &error));
        assert_null(bytes);
    }
    snprintf(programme.dir, sizeof programme.dir, "%s/nowhere", folder);
    FAILS("recording.file", recording_keep(&programme, "da", "x", webm, sizeof webm, 1, sha256, &error));
    assert_null(recorded(&programme, "da", "x"));
    store_close(programme.study);
}

#define BOTH(test)                                                                                 \
    { #test ".sqlite", test, NULL, NULL, (void *)(uintptr_t)&on_sqlite },                          \
        { #test ".postgres", test, NULL, NULL, (void *)(uintptr_t)&on_postgres }

int main(void) {
    const struct CMUnitTest tests[] = { BOTH(test_keep), BOTH(test_refused) };
    char path[96], command[128];
    snprintf(folder, sizeof folder, "/tmp/laerke-recordings-XXXXXX");
    arena = arena_create(64 * MIB);
    if (!mkdtemp(folder) || !arena) return 1;
    snprintf(path, sizeof path, "%s/files", folder);
    if (mkdir(path, 0700) != 0) return 1;
    postgres_start();
    int failed = cmocka_run_group_tests_name("unit.recordings", tests, NULL, NULL);
    postgres_stop();
    arena_destroy(arena);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}

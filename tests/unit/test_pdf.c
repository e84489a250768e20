/* paint_pdf: the pages come out, whole and the same each time. tests/cli/test_pdf.py looks inside:
 * it runs this program with LAERKE_PDF_OUT=FOLDER, which leaves the documents there, and
 * tools/pdfcheck.py on each. */
#include "check.h"
#include "invented.h"

#include "base/limits.h"
#include "paint/paint.h"

#include <pthread.h>

#define HOSTILE                                                                                        \
    "/Span << /MCID 0 >> BDC EMC ) Tj ]TJ \\( <&> **x** \xE2\x80\xAE"                                  \
    "evil \xF0\x9F\x98\x80 \xD7\xA9 \x01\x1F fi ffl "                                                  \
    "Rødgrødmedflødeskolelærerforeningsbestyrelsesmedlemskabskortsnummerskiltfabrikationsvirksomh" \
    "ed"

static const struct invented invented[] = {
    { .name = "short",
      .language = "da",
      .title = "Søndervangskolen",
      .rows = 9,
      .findings = true,
      .shares = true,
      .next = true },
    { .name = "english", .language = "en", .title = "Søndervangskolen", .rows = 9, .hidden = true },
    { .name = "long",
      .language = "da",
      .title = "Programmet",
      .rows = 40,
      .table_rows = 60,
      .paragraphs = 17,
      .findings = true,
      .hidden = true,
      .shares = true,
      .next = true },
    { .name = "empty", .language = "da", .title = "Tom", .rows = 0 },
    { .name = "hostile",
      .language = "da",
      .title = HOSTILE,
      .rows = 7,
      .table_rows = 3,
      .paragraphs = 2,
      .findings = true,
      .shares = true,
      .next = true,
      .text = HOSTILE },
};
#if defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum { N = sizeof invented / sizeof *invented };

static struct pdf make(struct arena *arena, size_t i) {
    struct error error = { 0 };
    struct pdf pdf;
    struct document *d = invented_document(arena, &invented[i]);
    assert_true(document_ok(d));
    if (!paint_pdf(d, arena, &pdf, &error)) fail_msg("%s: %s", invented[i].name, error.id);
    return pdf;
}

static void write_out(const struct pdf *pdf, const char *name) {
    const char *folder = getenv("LAERKE_PDF_OUT");
    if (!folder) return;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.pdf", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(pdf->bytes, 1, pdf->length, file), pdf->length);
    fclose(file);
}

static void test_documents(void **state) {
    (void)state;
    for (size_t i = 0; i < N; i++) {
        struct arena *arena = arena_create(ARENA_REQUEST_MAX);
        struct pdf pdf = make(arena, i);
        assert_true(pdf.length > 1000);
        assert_memory_equal(pdf.bytes, "%PDF-1.7", 8);
        write_out(&pdf, invented[i].name);
        arena_destroy(arena);
    }
}

static void *make_many(void *out) {
    for (size_t i = 0; i < N; i++) {
        struct arena *arena = arena_create(ARENA_REQUEST_MAX);
        struct pdf pdf = make(arena, i), *copy = (struct pdf *)out + i;
        copy->length = pdf.length;
        copy->bytes = malloc(pdf.length);
        memcpy(copy->bytes, pdf.bytes, pdf.length);
        arena_destroy(arena);
    }
    return NULL;
}

/* Twice in this thread, and in two threads at once. */
static void test_same_bytes(void **state) {
    (void)state;
    struct pdf all[4][N];
    pthread_t threads[2];
    for (size_t t = 0; t < 2; t++) make_many(all[t]);
    for (size_t t = 0; t < 2; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, make_many, all[2 + t]), 0);
    for (size_t t = 0; t < 2; t++) pthread_join(threads[t], NULL);
    for (size_t t = 1; t < 4; t++)
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(all[t][i].length, all[0][i].length);
            assert_memory_equal(all[t][i].bytes, all[0][i].bytes, all[0][i].length);
        }
    for (size_t t = 0; t < 4; t++)
        for (size_t i = 0; i < N; i++) free(all[t][i].bytes);
}

static size_t resident_pages(void) {
    unsigned long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &all, &resident), 2);
    fclose(file);
    return resident;
}

static void *make_one(void *unused) {
    (void)unused;
    struct arena *arena = arena_create(ARENA_REQUEST_MAX);
    make(arena, 1);
    arena_destroy(arena);
    return NULL;
}

/* What a thread needs goes with it. (The address sanitizer keeps what is freed for a while.) */
static void test_no_growth(void **state) {
    (void)state;
    if (SANITIZED) skip();
    size_t after[3];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < 12; i++) {
            pthread_t thread;
            assert_int_equal(pthread_create(&thread, NULL, make_one, NULL), 0);
            pthread_join(thread, NULL);
        }
        after[round] = resident_pages();
    }
    print_message("resident pages: %zu, %zu, %zu\n", after[0], after[1], after[2]);
    assert_true(after[2] < after[1] + 256); /* a megabyte */
}

/* A document that no PDF should be made of ends in an error that says so. */
static void test_limits(void **state) {
    (void)state;
    static const struct invented endless = { .language = "da",
                                             .title = "Uden ende",
                                             .table_rows = 40000 };
    struct arena *arena = arena_create(1024 * MIB);
    struct document *d = invented_document(arena, &endless);
    struct error error = { 0 };
    struct pdf pdf;
    assert_true(document_ok(d));
    assert_false(paint_pdf(d, arena, &pdf, &error));
    assert_string_equal(error.id, "pdf.too_long");
    assert_null(pdf.bytes);
    arena_destroy(arena);
    arena = arena_create(200 * KIB);
    d = invented_document(arena, &invented[0]);
    assert_true(document_ok(d));
    assert_false(paint_pdf(d, arena, &pdf, &error));
    assert_string_equal(error.id, "pdf.memory");
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_no_growth),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests_name("paint.pdf", tests, NULL, NULL);
}

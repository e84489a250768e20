#include "check.h"

#include "base/arena.h"
#include "base/limits.h"
#include "exchange/csv.h"

#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN_MAX = 4000 };

/* The whole file as text: cells in <>, records ended by |, a failure as (id line). */
static const char *shown(const char *bytes, size_t length) {
    static char out[SHOWN_MAX];
    size_t used = 0;
    struct arena *arena = arena_create(64 * MIB);
    struct csv *csv;
    struct error error = { 0 };
    out[0] = '\0';
    if (!csv_open_bytes(&csv, "f.csv", bytes, length, arena, &error)) {
        const char *line = error_value(&error, "line");
        snprintf(out, SHOWN_MAX, "(%s%s%s)", error.id, line ? " " : "", line ? line : "");
        arena_destroy(arena);
        return out;
    }
    for (size_t i = 0; i < csv_columns(csv); i++)
        used += (size_t)snprintf(out + used, SHOWN_MAX - used, "<%s>", csv_column_name(csv, i));
    used += (size_t)snprintf(out + used, SHOWN_MAX - used, "|");
    for (int tries = 0; tries < 100; tries++) {
        if (csv_next(csv, &error)) {
            for (size_t i = 0; i < csv_columns(csv); i++)
                used += (size_t)snprintf(out + used, SHOWN_MAX - used, "<%s>", csv_cell(csv, (int)i));
            used += (size_t)snprintf(out + used, SHOWN_MAX - used, "%zu|", csv_line(csv));
        } else if (csv_failed(csv)) {
            used += (size_t)snprintf(out + used, SHOWN_MAX - used, "(%s %s)", error.id, error_value(&error, "line"));
            if (!error_is(&error, "csv.ragged")) {
                assert_false(csv_next(csv, &error));
                assert_true(csv_failed(csv));
                break;
            }
        } else {
            assert_false(csv_next(csv, &error));
            assert_false(csv_failed(csv));
            break;
        }
    }
    arena_destroy(arena);
    return out;
}

static void test_files(void **state) {
    (void)state;
    static const struct { const char *file, *shown; } table[] = {
        /* separators */
        { "a;b\n1;2\n", "<a><b>|<1><2>2|" },
        { "a,b\n1,2", "<a><b>|<1><2>2|" },
        { "a\tb\n1\t2\n", "<a><b>|<1><2>2|" },
        { "a;b,c\n1;2", "<a><b,c>|<1><2>2|" },
        { "\"a,b,c\";d\n1;2", "<a,b,c><d>|<1><2>2|" },
        { "sep=;\na;b,c,d\n1;2\n", "<a><b,c,d>|<1><2>3|" },
        { "a\n1\n2\n", "<a>|<1>2|<2>3|" },
        { "a\tb\n\t2\n1\t\n\t\n", "<a><b>|<><2>2|<1><>3|<><>4|" },
        /* line ends */
        { "a;b\r\n1;2\r\n3;4", "<a><b>|<1><2>2|<3><4>3|" },
        { "a;b\r1;2\r\r3;4\r", "<a><b>|<1><2>2|<3><4>4|" },
        { "\n\n a;b\n\n  \n1;2\n\n", "<a><b>|<1><2>6|" },
        { "a;b\n1;", "<a><b>|<1><>2|" },
        { "a;b\n;\n", "<a><b>|<><>2|" },
        /* quotes */
        { "a;b\n\"x;y\";\"he \"\"said\"\"\"\n", "<a><b>|<x;y><he \"said\">2|" },
        { "a;b\n\"1\r\n2\";3\n4;5", "<a><b>|<1\n2><3>2|<4><5>4|" },
        { "a;b\n 5\" pipe ; \"x\" \n", "<a><b>|<5\" pipe><x>2|" },
        { "a;b\n\"\";\"\"\n", "<a><b>|<><>2|" },
        { "a;b\n1;\"2\n3;4\n", "<a><b>|(csv.quote 2)" },
        { "a;b\n1;2\n\"3\"x;4\n", "<a><b>|<1><2>2|(csv.after_quote 3)" },
        { "\"a;b\n", "(csv.quote 1)" },
        /* blanks */
        { "a;b\n  x y  ;\t1\t\n\u00A0x\u00A0;\" y \"", "<a><b>|<x y><1>2|<x><y>3|" },
        /* ragged: all are named, and reading goes on */
        { "a;b\n1\n1;2\n1;2;3\n1;2\n", "<a><b>|(csv.ragged 2)<1><2>3|(csv.ragged 4)<1><2>5|" },
        /* encodings */
        { "\xEF\xBB\xBFnavn;by\nS\xC3\xB8ren;\xC3\x85rhus", "<navn><by>|<Søren><Århus>2|" },
        { "navn;by\nS\xC3\xB8ren;\xC3\x85rhus", "<navn><by>|<Søren><Århus>2|" },
        { "navn;by\nS\xF8ren;\xC5rhus\n\x80\x93;\"\xE6\"", "<navn><by>|<Søren><Århus>2|<€“><æ>3|" },
        { "navn;by\nS\xC3\xB8ren;\xC3\x85rhus\nS\xF8ren;x", "<navn><by>|<Søren><Århus>2|(csv.encoding 3)" },
        { "\xEF\xBB\xBFnavn\nS\xF8ren", "<navn>|(csv.encoding 2)" },
        { "navn\nS\x81ren", "<navn>|(csv.encoding 2)" },
        { "navn\nb\xC3", "<navn>|<bÃ>2|" },
        /* headers */
        { "a;a\n1;2\n", "(csv.duplicate_column)" },
        { "a;;\n1;2;3\n", "<a><><>|<1><2><3>2|" },
        { "a;A\n1;2\n", "<a><A>|<1><2>2|" },
        /* not CSV */
        { "%PDF-1.7\n1 0 obj\n", "(csv.binary 1)" },
        { "PK\3\4abc", "(csv.binary 1)" },
        { "a;b\n1;\1\n", "<a><b>|(csv.binary 2)" },
        { "a;b\n\"\n\177\";2\n", "<a><b>|(csv.binary 3)" },
        { "\xFF\xFE" "a", "(csv.utf16)" },
        { "", "(csv.empty)" },
        { " \n\r\n", "(csv.empty)" },
        { "\xEF\xBB\xBF", "(csv.empty)" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(shown(table[i].file, strlen(table[i].file)), table[i].shown);
    assert_string_equal(shown("a;b\n1;\0002\n", 9), "<a><b>|(csv.binary 2)");
    assert_string_equal(shown("sep=\0\na;b\n1;2\n", 14), "(csv.binary 1)");
}

/* Bytes behind the end are never looked at: every prefix, in memory of just that size (ASan sees). */
static void test_every_prefix(void **state) {
    (void)state;
    static const char file[] = "\xEF\xBB\xBFsep=;\r\na;\"b\"\"\";c\r\n\"1\r\n\";S\xC3\xB8r; \xE2\x82\xAC \r\n;;\n";
    for (size_t length = 0; length < sizeof file; length++) {
        char *bytes = malloc(length ? length : 1);
        memcpy(bytes, file, length);
        shown(bytes, length);
        free(bytes);
    }
}

static void test_long_lines(void **state) {
    (void)state;
    static const struct { const char *before; char filler; const char *shown; } table[] = {
        { "a;b\n1;", 'x', "<a><b>|(csv.long_line 2)" },
        { "a;b\n1;\"", 'x', "<a><b>|(csv.quote 2)" },
        { "", 'x', "(csv.long_line 1)" },
        { "a;b\n1;", '\xE6', "<a><b>|(csv.long_line 2)" },
        { "a;b\n1", ';', "<a><b>|(csv.long_line 2)" },
        { "", ';', "(csv.long_line 1)" },
    };
    size_t length = 2 * CSV_LINE_MAX;
    char *bytes = malloc(length);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        memset(bytes, table[i].filler, length);
        memcpy(bytes, table[i].before, strlen(table[i].before));
        assert_string_equal(shown(bytes, length), table[i].shown);
    }
    memset(bytes, ';', CSV_COLUMNS_MAX);
    assert_string_equal(shown(bytes, CSV_COLUMNS_MAX), "(csv.columns)");
    free(bytes);
}

static void write_file(const char *path, const char *bytes) {
    FILE *file = fopen(path, "wb");
    fputs(bytes, file);
    fclose(file);
}

static void test_paths(void **state) {
    (void)state;
    char folder[] = "/tmp/laerke-csv-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f.csv", folder);
    struct arena *arena = arena_create(64 * MIB);
    struct csv *csv;
    struct error error;
    assert_false(csv_open(&csv, path, arena, &error));
    assert_string_equal(error.id, "csv.missing");
    assert_false(csv_open(&csv, folder, arena, &error));
    assert_string_equal(error.id, "csv.open");
    write_file(path, "");
    assert_false(csv_open(&csv, path, arena, &error));
    assert_string_equal(error.id, "csv.empty");
    assert_string_equal(error_value(&error, "file"), path);
    write_file(path, "navn;Alder\nÅse;9\n");
    assert_true(csv_open(&csv, path, arena, &error));
    assert_int_equal(csv_column(csv, "NAVN"), 0);
    assert_int_equal(csv_column(csv, "alder"), 1);
    assert_int_equal(csv_column(csv, "x"), -1);
    assert_true(csv_next(csv, &error));
    assert_string_equal(csv_cell(csv, -1), "");
    assert_true(csv_progress(csv) == 1.0);
    /* a file of two gigabytes in one line is refused at once (it is sparse: no disk is used) */
    assert_int_equal(truncate(path, 2LL << 30), 0);
    assert_true(csv_open(&csv, path, arena, &error));
    assert_true(csv_next(csv, &error));
    assert_false(csv_next(csv, &error));
    assert_string_equal(error.id, "csv.binary");
    arena_destroy(arena);
    unlink(path);
    rmdir(folder);
}

static void test_written_fields(void **state) {
    (void)state;
    static const struct { const char *field, *written; } table[] = {
        { "abc", "abc" }, { "", "" }, { "a;b", "\"a;b\"" }, { "a,b", "\"a,b\"" }, { "a\"b", "\"a\"\"b\"" },
        { "a\nb", "\"a\nb\"" }, { "=1+1", "'=1+1" }, { "-1.5", "-1.5" }, { "-1,5", "\"-1,5\"" }, { "+45", "+45" },
        { "-x", "'-x" }, { "@a;b", "\"'@a;b\"" }, { "\tx", "\"'\tx\"" }, { " a", "\" a\"" }, { "5-1", "5-1" },
        { "-1+2", "'-1+2" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *bytes;
        size_t length;
        FILE *out = open_memstream(&bytes, &length);
        csv_write_field(out, table[i].field);
        fclose(out);
        assert_string_equal(bytes, table[i].written);
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_long_lines),   cmocka_unit_test(test_paths),
        cmocka_unit_test(test_written_fields),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}

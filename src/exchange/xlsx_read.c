/* An .xlsx file is a zip of XML parts: xl/workbook.xml names the sheets, its .rels file says in
 * which part each lies, xl/sharedStrings.xml holds the texts that cells refer to by number
 * (ECMA-376, part 1, §18). */
#include "base/arena.h"
#include "base/text.h"
#include "exchange/book.h"
#include "exchange/xml.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { PART_NAME = 512 };

struct xlsx {
    const char *path;
    struct arena *arena;
    struct error *error;
    zip_t *zip;
    size_t n_strings;
    const char **strings;
};

static bool fail(struct xlsx *x, const char *id) {
    return error_set(x->error, id, ARG_TEXT("file", x->path), ARG_INT("rows", BOOK_ROWS_MAX),
                     ARG_INT("columns", BOOK_COLUMNS_MAX));
}

/* A part's bytes, counted as they come: what the zip says about its size is not trusted. */
static bool part_bytes(struct xlsx *x, const char *name, const char **bytes, size_t *length) {
    zip_file_t *file = zip_fopen(x->zip, name, 0);
    if (!file) return fail(x, ERROR_ID("book.not_xlsx"));
    struct text text = text_new(x->arena, BOOK_PART_MAX);
    char buffer[16 * 1024];
    zip_int64_t n;
    while (text_ok(&text) && (n = zip_fread(file, buffer, sizeof buffer)) > 0)
        text_add_bytes(&text, buffer, (size_t)n);
    bool whole = text_ok(&text) && n == 0;
    zip_fclose(file);
    if (!whole)
        return fail(x, text_ok(&text) ? ERROR_ID("book.not_xlsx") : ERROR_ID("book.too_large"));
    *bytes = text_string(&text);
    *length = text.length;
    return true;
}

static const xmlNode *part_root(struct xlsx *x, const char *name) {
    const char *bytes;
    size_t length;
    if (!part_bytes(x, name, &bytes, &length)) return NULL;
    xmlDoc *doc = xml_open(x->path, bytes, length, x->arena, x->error);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (doc && !root) fail(x, ERROR_ID("book.not_xlsx"));
    return root;
}

/* <t>, or runs <r><t>; <rPh> is how a Japanese word is read, no part of it. "_x000D_" is a carriage
 * return. */
static const char *string_of(struct xlsx *x, const xmlNode *node) {
    struct text text = text_new(x->arena, BOOK_PART_MAX);
    for (const xmlNode *part = xml_child(node, NULL); part; part = xml_next(part, NULL)) {
        if (strcmp((const char *)part->name, "t") == 0) text_add(&text, xml_text(part, x->arena));
        if (strcmp((const char *)part->name, "r") == 0)
            text_add(&text, xml_text(xml_child(part, "t"), x->arena));
    }
    char *string = arena_copy(x->arena, text_string(&text));
    static const char escape[] = "_x000D_";
    for (char *at = string; at && (at = strstr(at, escape)) != NULL;)
        memmove(at, at + strlen(escape), strlen(at + strlen(escape)) + 1);
    return string ? string : "";
}

static bool read_strings(struct xlsx *x) {
    if (zip_name_locate(x->zip, "xl/sharedStrings.xml", 0) < 0) return true;
    const xmlNode *root = part_root(x, "xl/sharedStrings.xml");
    if (!root) return false;
    size_t n = 0;
    for (const xmlNode *si = xml_child(root, "si"); si; si = xml_next(si, "si")) n++;
    x->strings = arena_array(x->arena, n + 1, sizeof *x->strings);
    if (!x->strings) return fail(x, ERROR_ID("book.memory"));
    for (const xmlNode *si = xml_child(root, "si"); si; si = xml_next(si, "si"))
        x->strings[x->n_strings++] = string_of(x, si);
    return true;
}

/* "AB12" → 27; the cell behind the one before where there is no reference. */
static size_t column_of(const char *reference, size_t usual) {
    size_t column = 0;
    if (!reference || !(*reference >= 'A' && *reference <= 'Z')) return usual;
    for (; *reference >= 'A' && *reference <= 'Z' && column < 100000; reference++)
        column = column * 26 + (size_t)(*reference - 'A' + 1);
    return column - 1;
}

static const char *cell_text(struct xlsx *x, const xmlNode *cell) {
    const char *type = xml_attribute(cell, "t", x->arena);
    if (type && strcmp(type, "inlineStr") == 0) {
        const xmlNode *is = xml_child(cell, "is");
        return is ? string_of(x, is) : "";
    }
    const char *value = xml_text(xml_child(cell, "v"), x->arena);
    long long index;
    if (type && strcmp(type, "s") == 0)
        return text_to_int(value, 0, (long long)x->n_strings - 1, &index) ? x->strings[index] : "";
    if (type && strcmp(type, "b") == 0) return *value == '1' ? "true" : "false";
    if (type) return value;
    double number; /* "1.0", as some programs write 1 */
    if (text_to_double(value, &number) && number > -1e9 && number < 1e9 &&
        number == (double)(long)number) {
        struct text text = text_new(x->arena, 32);
        text_addf(&text, "%ld", (long)number);
        return text_string(&text);
    }
    return value;
}

static const char *trimmed(struct arena *arena, const char *text) {
    size_t skip = strspn(text, " \t\r\n"), length = strlen(text);
    while (length > skip && strchr(" \t\r\n", text[length - 1])) length--;
    const char *copy = arena_copy_bytes(arena, text + skip, length - skip);
    return copy ? copy : "";
}

/* One row into cells; *n is the number up to the last that holds something. */
static bool read_row(struct xlsx *x, const xmlNode *row, const char *cells[BOOK_COLUMNS_MAX],
                     size_t *n) {
    size_t next = 0;
    *n = 0;
    for (const xmlNode *c = xml_child(row, "c"); c; c = xml_next(c, "c")) {
        size_t column = column_of(xml_attribute(c, "r", x->arena), next);
        const char *text = trimmed(x->arena, cell_text(x, c));
        next = column + 1;
        if (!*text) continue;
        if (column >= BOOK_COLUMNS_MAX) return fail(x, ERROR_ID("book.too_large"));
        for (; *n < column; (*n)++) cells[*n] = "";
        cells[column] = text;
        if (*n <= column) *n = column + 1;
    }
    return true;
}

static bool read_sheet(struct xlsx *x, struct sheet *sheet, const char *part) {
    const xmlNode *root = part_root(x, part);
    if (!root) return false;
    int line = 0;
    const char *found[BOOK_COLUMNS_MAX];
    for (const xmlNode *row = xml_child(xml_child(root, "sheetData"), "row"); row;
         row = xml_next(row, "row")) {
        size_t n;
        long long number = 0;
        const char *reference = xml_attribute(row, "r", x->arena);
        line = reference && text_to_int(reference, 1, 10000000, &number) ? (int)number : line + 1;
        if (!read_row(x, row, found, &n)) return false;
        if (n == 0) continue;
        const char **cells = book_add_row(sheet, n, x->arena);
        if (!cells)
            return fail(x, sheet->n == BOOK_ROWS_MAX ? ERROR_ID("book.too_large")
                                                     : ERROR_ID("book.memory"));
        memcpy(cells, found, n * sizeof *cells);
        sheet->rows[sheet->n - 1].line = line;
    }
    return true;
}

/* The part that a relation of the workbook leads to: "worksheets/sheet1.xml", or "/xl/…". */
static bool part_of(struct xlsx *x, const xmlNode *relations, const char *id,
                    char part[PART_NAME]) {
    for (const xmlNode *r = xml_child(relations, "Relationship"); r;
         r = xml_next(r, "Relationship")) {
        const char *own = xml_attribute(r, "Id", x->arena),
                   *target = xml_attribute(r, "Target", x->arena);
        if (!own || !target || strcmp(own, id) != 0) continue;
        struct text name = text_new(x->arena, PART_NAME);
        text_addf(&name, "%s%s", *target == '/' ? "" : "xl/", *target == '/' ? target + 1 : target);
        return text_ok(&name) && text_cut(part, PART_NAME, text_string(&name));
    }
    return false;
}

static bool read_book(struct xlsx *x, struct book *out) {
    const xmlNode *relations = part_root(x, "xl/_rels/workbook.xml.rels");
    const xmlNode *workbook = relations ? part_root(x, "xl/workbook.xml") : NULL;
    if (!workbook || !read_strings(x)) return false;
    const xmlNode *list = xml_child(workbook, "sheets");
    for (const xmlNode *s = xml_child(list, "sheet"); s; s = xml_next(s, "sheet")) {
        char part[PART_NAME];
        const char *name = xml_attribute(s, "name", x->arena);
        const char *id = xml_attribute(s, "id", x->arena); /* r:id */
        if (!name || !id || !part_of(x, relations, id, part))
            return fail(x, ERROR_ID("book.not_xlsx"));
        struct text shown = text_new(x->arena, PART_NAME);
        text_addf(&shown, "%s (%s)", x->path, name);
        struct sheet *sheet = book_add(out, name);
        if (!sheet) return fail(x, ERROR_ID("book.too_large"));
        sheet->path = text_string(&shown);
        if (!read_sheet(x, sheet, part)) return false;
    }
    return out->n > 0 || fail(x, ERROR_ID("book.not_xlsx"));
}

bool xlsx_read(struct book *out, const char *path, struct arena *arena, struct error *error) {
    struct xlsx x = { .path = path, .arena = arena, .error = error };
    x.zip = zip_open(path, ZIP_RDONLY, NULL);
    if (!x.zip) return fail(&x, ERROR_ID("book.not_xlsx"));
    bool ok = read_book(&x, out);
    zip_discard(x.zip);
    return ok;
}

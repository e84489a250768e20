#include "exchange/csv.h"

#include "base/text.h"

#include <string.h>

/* "-1.5", and "-1,5" as Danish spreadsheets write it. */
static bool is_number(const char *field) {
    char point[64];
    double value;
    if (!text_cut(point, sizeof point, field)) return false;
    char *comma = strchr(point, ',');
    if (comma) *comma = '.';
    return text_to_double(point, &value);
}

void csv_write_field(FILE *out, const char *field) {
    bool formula = *field && strchr("=+-@\t\r", *field) && !is_number(field);
    size_t length = strlen(field);
    bool blank_ends = length > 0 && (field[0] == ' ' || field[length - 1] == ' ');
    bool quoted = blank_ends || strpbrk(field, ";,\t\"\r\n");
    if (quoted) fputc('"', out);
    if (formula) fputc('\'', out);
    for (const char *s = field; *s; s++) {
        if (*s == '"') fputc('"', out);
        fputc(*s, out);
    }
    if (quoted) fputc('"', out);
}

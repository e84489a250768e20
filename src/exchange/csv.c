#include "exchange/csv.h"

#include "base/arena.h"
#include "base/text.h"
#include "exchange/csv_file.h"

#include <stdint.h>
#include <string.h>

enum { DETECT_MAX = 16 * 1024 * 1024 };

enum encoding { ASCII_SO_FAR, UTF8, WINDOWS_1252 };
enum byte_class { PLAIN, SEPARATOR, LINE_END, CONTROL, HIGH };

struct csv {
    const char *path;
    const unsigned char *begin, *at, *end;
    enum encoding encoding;
    unsigned char classes[256];
    char separator;
    char *buffer;       /* the current record, its cells ended by NUL */
    const char **cells; /* one a column, into buffer */
    const char **names;
    size_t columns, line, next_line, found;
    size_t most; /* of a part: records, or more */
    bool failed, over;
    struct error fatal; /* what ended the reading; id "" for nothing */
};

/* --- failures --------------------------------------------------------------------------------- */

/* The only failure that reading goes on after. */
static bool ragged(struct csv *csv, struct error *error) {
    csv->failed = true;
    for (size_t i = csv->found; i < csv->columns; i++) csv->cells[i] = "";
    return error_set(error, "csv.ragged", ARG_TEXT("file", csv->path), ARG_INT("line", csv->line),
                     ARG_INT("expected", csv->columns), ARG_INT("found", csv->found));
}

static bool fatal(struct csv *csv, struct error *error) {
    csv->failed = csv->over = true;
    if (error) *error = csv->fatal;
    return false;
}

static bool fatal_line(struct csv *csv, const char *id, size_t line) {
    return error_set(&csv->fatal, id, ARG_TEXT("file", csv->path), ARG_INT("line", line));
}

static bool long_line(struct csv *csv) {
    return error_set(&csv->fatal, "csv.long_line", ARG_TEXT("file", csv->path),
                     ARG_INT("line", csv->line), ARG_INT("max", CSV_LINE_MAX));
}

/* --- letters ---------------------------------------------------------------------------------- */

/* Windows-1252 between 0x80 and 0x9F; 0 where it has no letter. Above, it is Latin-1. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static size_t sequence_length(const unsigned char *at, const unsigned char *end) {
    size_t n = *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
    return (size_t)(end - at) >= n && text_is_utf8((const char *)at, n) ? n : 0;
}

/* Decides at the first byte above ASCII, by all that follow: text that is mostly UTF-8 and broken
 * somewhere is a fault to be told, not Windows-1252 (which would turn every æ into Ã¦). */
static enum encoding detect(const unsigned char *at, const unsigned char *end) {
    size_t sequences = 0, strays = 0;
    if (end - at > DETECT_MAX) end = at + DETECT_MAX;
    while (at < end) {
        uint64_t word;
        if (end - at >= 8 && (memcpy(&word, at, 8), (word & 0x8080808080808080u) == 0)) {
            at += 8;
            continue;
        }
        size_t n = *at < 0x80 ? 1 : sequence_length(at, end);
        sequences += n > 1;
        strays += n == 0;
        at += n ? n : 1;
    }
    return strays > sequences ? WINDOWS_1252 : UTF8;
}

/* Copies the letter above ASCII at *at; false when it is none in the file's encoding. */
static bool copy_high(struct csv *csv, const unsigned char **at, char **out) {
    if (csv->encoding == ASCII_SO_FAR) csv->encoding = detect(*at, csv->end);
    if (csv->encoding == UTF8) {
        size_t n = sequence_length(*at, csv->end);
        memcpy(*out, *at, n);
        *out += n;
        *at += n;
        return n > 0;
    }
    uint32_t letter = **at < 0xA0 ? windows_1252[**at - 0x80] : **at;
    *out += letter ? text_encode(letter, *out) : 0;
    (*at)++;
    return letter != 0;
}

/* --- records ---------------------------------------------------------------------------------- */

static void set_classes(struct csv *csv) {
    for (int byte = 0; byte < 256; byte++)
        csv->classes[byte] = byte >= 0x80 ? HIGH : byte < ' ' || byte == 0x7F ? CONTROL : PLAIN;
    csv->classes['\t'] = PLAIN;
    csv->classes['\n'] = csv->classes['\r'] = LINE_END;
    csv->classes[(unsigned char)csv->separator] = SEPARATOR;
}

static const unsigned char *after_line_end(struct csv *csv, const unsigned char *at) {
    csv->next_line++;
    return at + (at[0] == '\r' && at + 1 < csv->end && at[1] == '\n' ? 2 : 1);
}

/* Copies the inside of a quoted field; *at is behind the opening quote and gets behind the closing. */
static bool copy_quoted(struct csv *csv, const unsigned char **at, const unsigned char *limit, char **out) {
    size_t opened = csv->next_line;
    while (*at < limit) {
        unsigned char byte = **at;
        if (byte == '"') {
            if (*at + 1 == csv->end || (*at)[1] != '"') {
                (*at)++;
                return true;
            }
            *(*out)++ = '"';
            *at += 2;
        } else if (csv->classes[byte] == HIGH) {
            if (!copy_high(csv, at, out)) return fatal_line(csv, ERROR_ID("csv.encoding"), csv->next_line);
        } else if (csv->classes[byte] == CONTROL) {
            return fatal_line(csv, ERROR_ID("csv.binary"), csv->next_line);
        } else if (csv->classes[byte] == LINE_END) {
            *(*out)++ = '\n';
            *at = after_line_end(csv, *at);
        } else {
            *(*out)++ = (char)byte;
            (*at)++;
        }
    }
    return fatal_line(csv, ERROR_ID("csv.quote"), opened); /* at the end, or too far from its beginning */
}

/* Copies up to the next separator or line end. */
static bool copy_plain(struct csv *csv, const unsigned char **at, const unsigned char *limit, char **out) {
    const unsigned char *in = *at;
    char *to = *out;
    while (in < limit) {
        unsigned char class = csv->classes[*in];
        if (class == PLAIN) {
            *to++ = (char)*in++;
        } else if (class == HIGH) {
            if (!copy_high(csv, &in, &to)) return fatal_line(csv, ERROR_ID("csv.encoding"), csv->next_line);
        } else if (class == CONTROL) {
            return fatal_line(csv, ERROR_ID("csv.binary"), csv->next_line);
        } else {
            break;
        }
    }
    *at = in;
    *out = to;
    return in < limit || limit == csv->end || long_line(csv);
}

static bool is_blank(struct csv *csv, unsigned char byte) {
    return byte == ' ' || (byte == '\t' && csv->separator != '\t');
}

/* Blanks and no-break spaces go from both ends; returns where the cell begins. */
static char *trim(char *cell, char **end) {
    for (;;) {
        if (*end > cell && ((*end)[-1] == ' ' || (*end)[-1] == '\t' || (*end)[-1] == '\n'))
            *end -= 1;
        else if (*end > cell + 1 && memcmp(*end - 2, "\u00A0", 2) == 0)
            *end -= 2;
        else
            break;
    }
    while (cell < *end) {
        if (*cell == ' ' || *cell == '\t' || *cell == '\n')
            cell++;
        else if (*end > cell + 1 && memcmp(cell, "\u00A0", 2) == 0)
            cell += 2;
        else
            break;
    }
    return cell;
}

/* Most cells of a table of answers are one plain byte or none: no quote, nothing to trim. */
static bool copy_short(struct csv *csv, const unsigned char *limit, char **out) {
    const unsigned char *at = csv->at;
    if (limit - at < 2) return false;
    unsigned char class = csv->classes[at[0]], next = csv->classes[at[1]];
    bool empty = class == SEPARATOR || class == LINE_END;
    if (!empty && (class != PLAIN || at[0] <= ' ' || at[0] == '"' || (next != SEPARATOR && next != LINE_END)))
        return false;
    if (csv->found < csv->columns) csv->cells[csv->found] = *out;
    csv->found++;
    if (!empty) *(*out)++ = (char)*csv->at++;
    *(*out)++ = '\0';
    return true;
}

static bool copy_cell(struct csv *csv, const unsigned char *limit, char **out) {
    if (copy_short(csv, limit, out)) return true;
    char *cell = *out;
    const unsigned char *at = csv->at;
    while (at < limit && is_blank(csv, *at)) at++;
    if (at < limit && *at == '"') {
        at++;
        if (!copy_quoted(csv, &at, limit, out)) return false;
        while (at < limit && is_blank(csv, *at)) at++;
        if (at < limit && csv->classes[*at] != SEPARATOR && csv->classes[*at] != LINE_END)
            return fatal_line(csv, ERROR_ID("csv.after_quote"), csv->next_line);
    } else if (!copy_plain(csv, &at, limit, out)) {
        return false;
    }
    csv->at = at;
    cell = trim(cell, out);
    *(*out)++ = '\0';
    if (csv->found < csv->columns) csv->cells[csv->found] = cell;
    csv->found++;
    return true;
}

/* Reads one record into buffer and cells; false at a fatal failure. */
static bool read_record(struct csv *csv) {
    const unsigned char *limit =
        csv->end - csv->at > CSV_LINE_MAX ? csv->at + CSV_LINE_MAX : csv->end;
    char *out = csv->buffer;
    csv->line = csv->next_line;
    csv->found = 0;
    for (;;) {
        if (!copy_cell(csv, limit, &out)) return false;
        if (csv->at == csv->end) return true;
        if (csv->at == limit) return long_line(csv);
        if (csv->classes[*csv->at] == LINE_END) {
            csv->at = after_line_end(csv, csv->at);
            return true;
        }
        csv->at++; /* the separator; a last cell may be empty at the end of the file */
        if (csv->at == limit && limit != csv->end) return long_line(csv);
    }
}

static void pass_blank_lines(struct csv *csv) {
    for (;;) {
        const unsigned char *at = csv->at;
        while (at < csv->end && is_blank(csv, *at)) at++;
        if (at == csv->end) {
            csv->at = at;
            return;
        }
        if (csv->classes[*at] != LINE_END) return;
        csv->at = after_line_end(csv, at);
    }
}

bool csv_next(struct csv *csv, struct error *error) {
    csv->failed = false;
    if (csv->over) return csv->fatal.id[0] ? fatal(csv, error) : false;
    pass_blank_lines(csv);
    if (csv->at == csv->end) {
        csv->over = true;
        return false;
    }
    if (!read_record(csv)) return fatal(csv, error);
    return csv->found == csv->columns || ragged(csv, error);
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool is_other_format(const unsigned char *bytes, size_t length) {
    static const char *const beginnings[] = { "%PDF-", "PK\3\4", "\xD0\xCF\x11\xE0", "{\\rtf", "\x1F\x8B" };
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t n = strlen(beginnings[i]);
        if (length >= n && memcmp(bytes, beginnings[i], n) == 0) return true;
    }
    return false;
}

static bool begins_with(const struct csv *csv, const char *bytes, size_t n) {
    return (size_t)(csv->end - csv->at) >= n && memcmp(csv->at, bytes, n) == 0;
}

/* Byte order marks, and files that are no text at all. */
static bool look_at_beginning(struct csv *csv) {
    if (begins_with(csv, "\xFF\xFE", 2) || begins_with(csv, "\xFE\xFF", 2))
        return error_set(&csv->fatal, "csv.utf16", ARG_TEXT("file", csv->path));
    if (is_other_format(csv->at, (size_t)(csv->end - csv->at))) return fatal_line(csv, ERROR_ID("csv.binary"), 1);
    if (begins_with(csv, "\xEF\xBB\xBF", 3)) {
        csv->at += 3;
        csv->encoding = UTF8;
    }
    return true;
}

/* The most frequent of ; , and tab in the header; what "sep=" names where it stands first. */
static void find_separator(struct csv *csv) {
    static const char candidates[] = ";,\t";
    size_t counts[3] = { 0 };
    if (begins_with(csv, "sep=", 4) && csv->end - csv->at > 5 && csv->at[4] && strchr(candidates, csv->at[4]) &&
        csv->classes[csv->at[5]] == LINE_END) {
        csv->separator = (char)csv->at[4];
        csv->at = after_line_end(csv, csv->at + 5);
        return;
    }
    bool quoted = false;
    for (const unsigned char *at = csv->at; at < csv->end && at < csv->at + CSV_LINE_MAX; at++) {
        if (*at == '"') quoted = !quoted;
        if (quoted) continue;
        if (*at == '\n' || *at == '\r') break;
        for (size_t i = 0; i < 3; i++) counts[i] += *at == (unsigned char)candidates[i];
    }
    size_t best = 0;
    for (size_t i = 1; i < 3; i++)
        if (counts[i] > counts[best]) best = i;
    csv->separator = counts[best] ? candidates[best] : ',';
}

static bool keep_names(struct csv *csv, struct arena *arena) {
    for (size_t i = 0; i < csv->columns; i++) {
        csv->names[i] = arena_copy(arena, csv->cells[i]);
        if (!csv->names[i]) return error_set(&csv->fatal, "csv.memory", ARG_TEXT("file", csv->path));
        for (size_t j = 0; j < i && *csv->names[i]; j++)
            if (strcmp(csv->names[i], csv->names[j]) == 0)
                return error_set(&csv->fatal, "csv.duplicate_column", ARG_TEXT("file", csv->path),
                                 ARG_TEXT("column", csv->names[i]));
    }
    return true;
}

static bool read_header(struct csv *csv, struct arena *arena) {
    set_classes(csv);
    pass_blank_lines(csv);
    if (csv->at == csv->end) return error_set(&csv->fatal, "csv.empty", ARG_TEXT("file", csv->path));
    find_separator(csv);
    set_classes(csv);
    csv->columns = CSV_COLUMNS_MAX;
    if (!read_record(csv)) return false;
    if (csv->found > CSV_COLUMNS_MAX)
        return error_set(&csv->fatal, "csv.columns", ARG_TEXT("file", csv->path),
                         ARG_INT("max", CSV_COLUMNS_MAX));
    csv->columns = csv->found;
    return keep_names(csv, arena);
}

bool csv_open_bytes(struct csv **out, const char *path, const char *bytes, size_t length,
                    struct arena *arena, struct error *error) {
    size_t longest = length < CSV_LINE_MAX ? length : CSV_LINE_MAX;
    struct csv *csv = arena_alloc(arena, sizeof *csv);
    /* A byte becomes at most three (the euro sign), and every cell gets a NUL. */
    char *buffer = arena_alloc(arena, 3 * longest + 2);
    const char **cells = arena_array(arena, CSV_COLUMNS_MAX, sizeof *cells);
    const char **names = arena_array(arena, CSV_COLUMNS_MAX, sizeof *names);
    char *kept = arena_copy(arena, path);
    if (!csv || !buffer || !cells || !names || !kept)
        return error_set(error, "csv.memory", ARG_TEXT("file", path));
    *csv = (struct csv){ .path = kept, .begin = (const unsigned char *)bytes, .buffer = buffer,
                         .cells = cells, .names = names, .next_line = 1, .separator = ',' };
    csv->at = csv->begin;
    csv->end = csv->begin + length;
    if (length == 0)
        error_set(&csv->fatal, "csv.empty", ARG_TEXT("file", path));
    else if (look_at_beginning(csv) && read_header(csv, arena))
        *out = csv;
    return csv->fatal.id[0] ? fatal(csv, error) : true;
}

bool csv_open(struct csv **out, const char *path, struct arena *arena, struct error *error) {
    const char *bytes;
    size_t length;
    return file_bytes(path, arena, &bytes, &length, error) &&
           csv_open_bytes(out, path, bytes, length, arena, error);
}

/* --- parts ------------------------------------------------------------------------------------ */

/* In steps that fit into a byte, so that many bytes are compared at once. */
static size_t count_byte(const unsigned char *at, const unsigned char *end, unsigned char byte) {
    size_t n = 0;
    while (at < end) {
        size_t step = end - at < 255 ? (size_t)(end - at) : 255;
        unsigned char found = 0;
        for (size_t i = 0; i < step; i++) found = (unsigned char)(found + (at[i] == byte));
        n += found;
        at += step;
    }
    return n;
}

/* The first byte above ASCII, or end. */
static const unsigned char *first_high(const unsigned char *at, const unsigned char *end) {
    uint64_t word;
    while (end - at >= 8 && (memcpy(&word, at, 8), (word & 0x8080808080808080u) == 0)) at += 8;
    while (at < end && *at < 0x80) at++;
    return at;
}

/* A copy that reads [at, end), whose first line has the number line. */
static struct csv *part_of(const struct csv *csv, const unsigned char *at, const unsigned char *end, size_t line,
                           struct arena *arena) {
    size_t longest = end - at < CSV_LINE_MAX ? (size_t)(end - at) : CSV_LINE_MAX;
    struct csv *part = arena_alloc(arena, sizeof *part);
    char *buffer = arena_alloc(arena, 3 * longest + 2);
    const char **cells = arena_array(arena, csv->columns + 1, sizeof *cells);
    if (!part || !buffer || !cells) return NULL;
    *part = *csv;
    part->begin = part->at = at;
    part->end = end;
    part->buffer = buffer;
    part->cells = cells;
    part->next_line = line;
    part->most = count_byte(at, end, '\n') + 1;
    return part;
}

size_t csv_split(const struct csv *csv, size_t n, struct csv **parts, struct arena *arena) {
    size_t left = (size_t)(csv->end - csv->at), line = csv->next_line, made = 0;
    struct csv whole = *csv;
    if (left == 0 || memchr(csv->at, '"', left) || memchr(csv->at, '\r', left)) n = 1;
    const unsigned char *high = first_high(csv->at, csv->end);
    if (n > 1 && csv->encoding == ASCII_SO_FAR && high < csv->end) whole.encoding = detect(high, csv->end);
    const unsigned char *at = csv->at;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *end = csv->at + left / n * (i + 1);
        if (end < at) continue; /* a line that was longer than a part */
        end = i + 1 < n ? memchr(end, '\n', (size_t)(csv->end - end)) : NULL;
        end = end ? end + 1 : csv->end;
        if (at == end && made > 0) continue;
        parts[made] = part_of(&whole, at, end, line, arena);
        if (!parts[made]) return 0;
        line += parts[made++]->most - 1;
        at = end;
    }
    if (n == 1) parts[0]->most += count_byte(csv->at, csv->end, '\r');
    return made;
}

size_t csv_records_most(const struct csv *part) { return part->most; }

/* --- looking ---------------------------------------------------------------------------------- */

size_t csv_columns(const struct csv *csv) { return csv->columns; }

const char *csv_column_name(const struct csv *csv, size_t column) {
    return column < csv->columns ? csv->names[column] : "";
}

static bool same_but_case(const char *a, const char *b) {
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y) return false;
    }
    return *a == *b;
}

int csv_column(const struct csv *csv, const char *name) {
    for (size_t i = 0; i < csv->columns; i++)
        if (strcmp(csv->names[i], name) == 0) return (int)i;
    for (size_t i = 0; i < csv->columns; i++)
        if (same_but_case(csv->names[i], name)) return (int)i;
    return -1;
}

bool csv_failed(const struct csv *csv) { return csv->failed; }

const char *csv_cell(const struct csv *csv, int column) {
    return column >= 0 && (size_t)column < csv->columns ? csv->cells[column] : "";
}

size_t csv_line(const struct csv *csv) { return csv->line; }

double csv_progress(const struct csv *csv) {
    return csv->end > csv->begin ? (double)(csv->at - csv->begin) / (double)(csv->end - csv->begin) : 1;
}

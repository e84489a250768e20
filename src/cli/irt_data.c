#include "cli/irt_data.h"

#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "num/pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CODE_LEAST = -1000,
    CODE_MOST = 1000,
    THREADS_MOST = 64,
    LABELS_FIRST = 64,
    ROWS_FIRST = 4096
};

int irt_threads(struct cli *cli, const struct arguments *arguments) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long long threads = processors < 1 ? 1 : processors > THREADS_MOST ? THREADS_MOST : processors;
    return option_int(cli, arguments, "--threads", 1, THREADS_MOST, &threads) ? (int)threads : 0;
}

static bool is_missing(const char *cell) {
    return *cell == '\0' || strcmp(cell, "NA") == 0 || strcmp(cell, "NaN") == 0 ||
           strcmp(cell, "nan") == 0;
}

/* ---- which columns ---- */

static bool matches(const char *name, const char *pattern) {
    size_t length = strlen(pattern);
    if (length && pattern[length - 1] == '*') return strncmp(name, pattern, length - 1) == 0;
    return strcmp(name, pattern) == 0;
}

/* The next part of a list at commas, trimmed of blanks; NULL at the end. */
static const char *next_part(struct arena *arena, const char **at) {
    while (**at == ' ' || **at == ',') (*at)++;
    if (**at == '\0') return NULL;
    size_t length = strcspn(*at, ",");
    const char *start = *at;
    *at += length;
    while (length && start[length - 1] == ' ') length--;
    return arena_copy_bytes(arena, start, length);
}

static bool add_item(struct irt_item *items, size_t *n, const char *name, struct error *error) {
    for (size_t i = 0; i < *n; i++)
        if (strcmp(items[i].name, name) == 0) return true;
    if (*n == ITEMS_MAX) return error_set(error, "irt.too_many_items", ARG_INT("most", ITEMS_MAX));
    items[(*n)++] = (struct irt_item){ name, CODE_UNKNOWN, CODE_UNKNOWN, NULL };
    return true;
}

static bool add_pattern(const struct csv *csv, const char *path, const char *pattern,
                        struct irt_item *items, size_t *n, struct error *error) {
    size_t length = strlen(pattern);
    if (pattern[length - 1] != '*') {
        int column = csv_column(csv, pattern);
        if (column < 0)
            return error_set(error, "irt.no_column", ARG_TEXT("file", path),
                             ARG_TEXT("column", pattern));
        return add_item(items, n, csv_column_name(csv, (size_t)column), error);
    }
    bool found = false;
    for (size_t i = 0; i < csv_columns(csv); i++) {
        if (!matches(csv_column_name(csv, i), pattern)) continue;
        found = true;
        if (!add_item(items, n, csv_column_name(csv, i), error)) return false;
    }
    if (found) return true;
    char prefix[ERROR_VALUE_MAX];
    snprintf(prefix, sizeof prefix, "%.*s", (int)(length - 1), pattern);
    return error_set(error, "irt.no_match", ARG_TEXT("file", path), ARG_TEXT("prefix", prefix));
}

bool irt_items(struct cli *cli, const char *path, const char *list, struct irt_item **items,
               size_t *n_items, struct error *error) {
    struct csv *csv;
    const char *part;
    *n_items = 0;
    *items = arena_array(cli->arena, ITEMS_MAX, sizeof **items);
    if (!*items) return error_plain(error, "irt.memory");
    if (!csv_open(&csv, path, cli->arena, error)) return false;
    while ((part = next_part(cli->arena, &list)))
        if (!add_pattern(csv, path, part, *items, n_items, error)) return false;
    return *n_items > 0 || error_plain(error, "irt.no_items");
}

static bool set_range(const char *item, int low, int high, struct irt_item *items, size_t n_items,
                      struct error *error) {
    bool found = false;
    for (size_t i = 0; i < n_items; i++) {
        if (!matches(items[i].name, item)) continue;
        items[i].low = low;
        items[i].high = high;
        found = true;
    }
    return found || error_set(error, "irt.categories_item", ARG_TEXT("item", item));
}

bool irt_categories(struct cli *cli, const char *list, struct irt_item *items, size_t n_items,
                    struct error *error) {
    const char *part;
    while ((part = next_part(cli->arena, &list))) {
        const char *equals = strrchr(part, '='), *dots = equals ? strstr(equals, "..") : NULL;
        long long low, high;
        if (!dots ||
            !text_to_int(arena_copy_bytes(cli->arena, equals + 1, (size_t)(dots - equals - 1)),
                         CODE_LEAST, CODE_MOST, &low) ||
            !text_to_int(dots + 2, low + 1, low + CATEGORIES_MAX - 1, &high))
            return error_set(error, "irt.categories", ARG_TEXT("text", part),
                             ARG_INT("most", CATEGORIES_MAX));
        const char *item = arena_copy_bytes(cli->arena, part, (size_t)(equals - part));
        if (!set_range(item, (int)low, (int)high, items, n_items, error)) return false;
    }
    return true;
}

/* ---- labels ---- */

struct label_table {
    struct irt_column *column;
    size_t capacity, slots; /* slots: a power of two */
    uint32_t *slot;         /* label + 1 */
};

static size_t hash_text(const char *text) {
    size_t hash = 1469598103934665603u;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash ^ hash >> 29;
}

static void place_label(struct label_table *table, size_t label) {
    size_t at = hash_text(table->column->labels[label]) & (table->slots - 1);
    while (table->slot[at]) at = (at + 1) & (table->slots - 1);
    table->slot[at] = (uint32_t)label + 1;
}

static bool grow_labels(struct arena *arena, struct label_table *table) {
    size_t capacity = table->capacity ? 2 * table->capacity : LABELS_FIRST;
    struct irt_column *column = table->column;
    const char **labels =
        arena_grow(arena, column->labels, column->n_labels, capacity, sizeof *labels);
    table->slots = 4 * capacity;
    table->slot = arena_array(arena, table->slots, sizeof *table->slot);
    if (!labels || !table->slot) return false;
    column->labels = labels;
    table->capacity = capacity;
    for (size_t i = 0; i < column->n_labels; i++) place_label(table, i);
    return true;
}

static bool number_label(struct arena *arena, struct label_table *table, const char *text,
                         int *out) {
    struct irt_column *column = table->column;
    if (column->n_labels == table->capacity && !grow_labels(arena, table)) return false;
    size_t at = hash_text(text) & (table->slots - 1);
    for (; table->slot[at]; at = (at + 1) & (table->slots - 1)) {
        *out = (int)table->slot[at] - 1;
        if (strcmp(column->labels[*out], text) == 0) return true;
    }
    const char *copy = arena_copy(arena, text);
    if (!copy) return false;
    *out = (int)column->n_labels;
    column->labels[column->n_labels++] = copy;
    table->slot[at] = (uint32_t)*out + 1;
    return true;
}

struct sorted_label {
    const char *text;
    int was;
};

static int compare_labels(const void *a, const void *b) {
    return strcmp(((const struct sorted_label *)a)->text, ((const struct sorted_label *)b)->text);
}

bool irt_sort_labels(struct cli *cli, struct irt_column *column, size_t n_rows) {
    struct sorted_label *sorted = arena_array(cli->arena, column->n_labels + 1, sizeof *sorted);
    int *now = arena_array(cli->arena, column->n_labels + 1, sizeof *now);
    if (!sorted || !now) return false;
    for (size_t i = 0; i < column->n_labels; i++)
        sorted[i] = (struct sorted_label){ column->labels[i], (int)i };
    qsort(sorted, column->n_labels, sizeof *sorted, compare_labels);
    for (size_t i = 0; i < column->n_labels; i++) {
        column->labels[i] = sorted[i].text;
        now[sorted[i].was] = (int)i;
    }
    for (size_t row = 0; row < n_rows; row++)
        if (column->label[row] != LABEL_NONE) column->label[row] = now[column->label[row]];
    return true;
}

/* ---- rows ---- */

struct reading {
    struct cli *cli;
    struct csv *csv;
    struct irt_data *data;
    int *item_column, *column;
};

/* What one thread reads: lines that follow each other, into rows from first on. */
struct part {
    const struct reading *r;
    struct csv *csv;
    struct arena *arena;        /* for its labels */
    struct irt_column *columns; /* value and label are those of the data from row first on */
    struct label_table *tables;
    size_t first, rows;
    struct progress *progress; /* of the first part, NULL in the others */
    struct error error;
    bool ok;
};
enum { PARTS_MOST = 64 };

static bool find_columns(struct reading *r, const char *const *columns, struct error *error) {
    struct irt_data *data = r->data;
    for (size_t i = 0; i < data->n_items + data->n_columns; i++) {
        bool item = i < data->n_items;
        const char *name = item ? data->items[i].name : columns[i - data->n_items];
        int at = csv_column(r->csv, name);
        if (at < 0)
            return error_set(error, "irt.no_column", ARG_TEXT("file", data->path),
                             ARG_TEXT("column", name));
        if (item)
            r->item_column[i] = at;
        else
            r->column[i - data->n_items] = at;
    }
    for (size_t i = 0; i < data->n_columns; i++)
        data->columns[i] = (struct irt_column){ .name = columns[i], .numeric = true };
    return true;
}

static bool read_item(struct part *p, size_t item, int16_t *code) {
    const struct reading *r = p->r;
    const char *cell = csv_cell(p->csv, r->item_column[item]);
    const struct irt_item *own = &r->data->items[item];
    long long value;
    *code = CODE_UNKNOWN;
    if (cell[0] >= '0' && cell[0] <= '9' && cell[1] == '\0')
        value = cell[0] - '0';
    else if (is_missing(cell))
        return true;
    else if (!text_to_int(cell, CODE_LEAST, CODE_MOST, &value)) {
        double real; /* other programs write 2.0 for 2 */
        if (!text_to_double(cell, &real) || real != floor(real) || fabs(real) > CODE_MOST)
            return error_set(&p->error, "irt.value", ARG_TEXT("file", r->data->path),
                             ARG_INT("line", csv_line(p->csv)), ARG_TEXT("column", own->name),
                             ARG_TEXT("value", cell));
        value = (long long)real;
    }
    if (own->low != CODE_UNKNOWN && (value < own->low || value > own->high))
        return error_set(&p->error, "irt.outside", ARG_TEXT("file", r->data->path),
                         ARG_INT("line", csv_line(p->csv)), ARG_TEXT("column", own->name),
                         ARG_INT("value", value), ARG_INT("low", own->low),
                         ARG_INT("high", own->high));
    *code = (int16_t)value;
    return true;
}

static bool read_column(struct part *p, size_t i) {
    struct irt_column *column = &p->columns[i];
    const char *cell = csv_cell(p->csv, p->r->column[i]);
    column->value[p->rows] = NAN;
    column->label[p->rows] = LABEL_NONE;
    if (is_missing(cell)) return true;
    if (!text_to_double(cell, &column->value[p->rows])) {
        column->value[p->rows] = NAN;
        column->numeric = false;
    }
    return number_label(p->arena, &p->tables[i], cell, &column->label[p->rows]);
}

static bool read_part(struct part *p) {
    const struct irt_data *data = p->r->data;
    while (csv_next(p->csv, &p->error)) {
        int16_t *row = data->codes + (p->first + p->rows) * data->n_items;
        for (size_t i = 0; i < data->n_items; i++)
            if (!read_item(p, i, &row[i])) return false;
        for (size_t i = 0; i < data->n_columns; i++)
            if (!read_column(p, i)) return error_plain(&p->error, "irt.memory");
        if (p->rows++ % ROWS_FIRST == 0 && p->progress)
            progress_set(p->progress, csv_progress(p->csv));
    }
    return !csv_failed(p->csv);
}

static void run_part(void *context, size_t piece) {
    struct part *p = (struct part *)context + piece;
    p->ok = read_part(p);
}

static bool part_room(struct part *p) {
    const struct irt_data *data = p->r->data;
    size_t n = data->n_columns;
    p->arena = arena_create(ARENA_JOB_MAX);
    if (!p->arena) return false;
    p->columns = arena_array(p->arena, n + 1, sizeof *p->columns);
    p->tables = arena_array(p->arena, n + 1, sizeof *p->tables);
    if (!p->columns || !p->tables) return false;
    for (size_t i = 0; i < n; i++) {
        p->columns[i] = data->columns[i];
        p->columns[i].value += p->first;
        p->columns[i].label += p->first;
        p->tables[i].column = &p->columns[i];
    }
    return true;
}

/* Rows for all that may come. */
static bool make_rows(struct reading *r, size_t most) {
    struct irt_data *data = r->data;
    struct arena *arena = r->cli->arena;
    data->codes = arena_array(arena, most, data->n_items * sizeof *data->codes);
    if (!data->codes) return false;
    for (size_t i = 0; i < data->n_columns; i++) {
        struct irt_column *column = &data->columns[i];
        column->value = arena_array(arena, most, sizeof *column->value);
        column->label = arena_array(arena, most, sizeof *column->label);
        if (!column->value || !column->label) return false;
    }
    return true;
}

/* A part's labels get the numbers that they have in the whole file: those of the parts before it go
 * first, as they were met first. */
static bool join_labels(struct reading *r, const struct part *p, size_t i,
                        struct label_table *table) {
    const struct irt_column *from = &p->columns[i];
    int *number = arena_array(p->arena, from->n_labels + 1, sizeof *number);
    if (!number) return false;
    for (size_t k = 0; k < from->n_labels; k++)
        if (!number_label(r->cli->arena, table, from->labels[k], &number[k])) return false;
    for (size_t row = 0; row < p->rows; row++)
        if (from->label[row] != LABEL_NONE) from->label[row] = number[from->label[row]];
    table->column->numeric = table->column->numeric && from->numeric;
    return true;
}

/* Appends a part's rows to those that are there: they move up where lines before them were blank.
 */
static bool join_part(struct reading *r, const struct part *p, struct label_table *tables) {
    struct irt_data *data = r->data;
    size_t to = data->n_rows;
    for (size_t i = 0; i < data->n_columns; i++) {
        struct irt_column *column = &data->columns[i];
        if (!join_labels(r, p, i, &tables[i])) return false;
        memmove(column->value + to, column->value + p->first, p->rows * sizeof *column->value);
        memmove(column->label + to, column->label + p->first, p->rows * sizeof *column->label);
    }
    if (to < p->first)
        memmove(data->codes + to * data->n_items, data->codes + p->first * data->n_items,
                p->rows * data->n_items * sizeof *data->codes);
    data->n_rows += p->rows;
    return true;
}

static bool read_parts(struct reading *r, struct part *parts, size_t n, struct pool *pool,
                       struct error *error) {
    struct label_table *tables = arena_array(r->cli->arena, r->data->n_columns + 1, sizeof *tables);
    if (!tables) return error_plain(error, "irt.memory");
    for (size_t i = 0; i < r->data->n_columns; i++) tables[i].column = &r->data->columns[i];
    for (size_t k = 0; k < n; k++)
        if (!part_room(&parts[k])) return error_plain(error, "irt.memory");
    pool_run(pool, n, run_part, parts);
    for (size_t k = 0; k < n; k++) {
        if (!parts[k].ok) {
            *error = parts[k].error;
            return false;
        }
        if (!join_part(r, &parts[k], tables)) return error_plain(error, "irt.memory");
    }
    return true;
}

static bool read_rows(struct reading *r, struct pool *pool, struct progress *progress,
                      struct error *error) {
    struct csv *csv[PARTS_MOST];
    struct part parts[PARTS_MOST];
    int threads = pool_threads(pool);
    size_t most = 0, n = csv_split(r->csv, threads < PARTS_MOST ? (size_t)threads : PARTS_MOST, csv,
                                   r->cli->arena);
    for (size_t k = 0; k < n; k++) {
        parts[k] = (struct part){ .r = r, .csv = csv[k], .first = most };
        most += csv_records_most(csv[k]);
    }
    if (n == 0 || !make_rows(r, most)) return error_plain(error, "irt.memory");
    parts[0].progress = progress;
    bool ok = read_parts(r, parts, n, pool, error);
    for (size_t k = 0; k < n; k++) arena_destroy(parts[k].arena);
    return ok;
}

bool irt_data_read(struct cli *cli, const char *path, struct irt_item *items, size_t n_items,
                   const char *const *columns, size_t n_columns, int threads, struct irt_data *out,
                   struct error *error) {
    struct reading r = { .cli = cli, .data = out };
    struct progress progress;
    *out = (struct irt_data){
        .path = path, .items = items, .n_items = n_items, .n_columns = n_columns
    };
    out->columns = arena_array(cli->arena, n_columns + 1, sizeof *out->columns);
    r.item_column = arena_array(cli->arena, n_items + 1, sizeof *r.item_column);
    r.column = arena_array(cli->arena, n_columns + 1, sizeof *r.column);
    if (!out->columns || !r.item_column || !r.column) return error_plain(error, "irt.memory");
    if (!csv_open(&r.csv, path, cli->arena, error) || !find_columns(&r, columns, error))
        return false;
    progress_begin(&progress, cli, N_("Reading answers"));
    struct pool *pool = pool_create(threads);
    bool ok = read_rows(&r, pool, &progress, error);
    pool_destroy(pool);
    progress_end(&progress, ok ? NULL : i18n_text(cli->language, N_("failed")));
    return ok;
}

/* The folder of a calibration, read back; and files that appear whole. */
#include "cli/irt_data.h"

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "num/pool.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- output ---- */

static bool write_error(struct error *error, const char *path) {
    return error_set(error, "irt.write", ARG_TEXT("file", path),
                     ARG_TEXT("reason", strerror(errno)));
}

static const char *joined(struct cli *cli, const char *dir, const char *name, const char *suffix) {
    struct text path = text_new(cli->arena, 4096);
    text_addf(&path, "%s%s%s%s", dir ? dir : "", dir ? "/" : "", name, suffix);
    return text_ok(&path) ? text_string(&path) : NULL;
}

bool irt_output_open(struct cli *cli, struct irt_output *out, const char *dir, const char *name,
                     struct error *error) {
    if (dir && mkdir(dir, 0777) != 0 && errno != EEXIST) return write_error(error, dir);
    out->path = joined(cli, dir, name, "");
    out->part = joined(cli, dir, name, ".part");
    if (!out->path || !out->part) return error_plain(error, "irt.memory");
    out->file = fopen(out->part, "wb");
    return out->file ? true : write_error(error, out->path);
}

bool irt_output_close(struct irt_output *out, struct error *error) {
    bool ok = !ferror(out->file);
    if (fclose(out->file) != 0) ok = false;
    if (ok && rename(out->part, out->path) == 0) return true;
    write_error(error, out->path);
    unlink(out->part);
    return false;
}

size_t irt_number(char *out, double value) {
    out[0] = ',';
    return isfinite(value) ? 1 + decimal_write(out + 1, value) : 1;
}

void irt_output_number(struct irt_output *out, double value) {
    char text[1 + DECIMAL_MAX];
    fwrite(text, 1, irt_number(text, value), out->file);
}

enum { BLOCK_BYTES = 256 * 1024, BLOCKS = 16 };

struct blocks {
    const struct irt_rows *rows;
    size_t first, rows_a_block, block_max;
    char *bytes;
    size_t length[BLOCKS];
};

static void format_block(void *context, size_t block) {
    struct blocks *b = context;
    size_t from = b->first + block * b->rows_a_block, to = from + b->rows_a_block;
    char *start = b->bytes + block * b->block_max, *at = start;
    if (to > b->rows->n) to = b->rows->n;
    for (size_t row = from; row < to; row++) at += b->rows->format(b->rows->context, row, at);
    b->length[block] = (size_t)(at - start);
}

bool irt_output_rows(struct cli *cli, struct irt_output *out, struct pool *pool,
                     const struct irt_rows *rows, struct error *error) {
    struct blocks b = { .rows = rows };
    b.rows_a_block = rows->row_max < BLOCK_BYTES ? BLOCK_BYTES / rows->row_max : 1;
    b.block_max = b.rows_a_block * rows->row_max;
    b.bytes = arena_array(cli->arena, BLOCKS, b.block_max);
    if (!b.bytes) return error_plain(error, "irt.memory");
    for (; b.first < rows->n; b.first += BLOCKS * b.rows_a_block) {
        size_t blocks = pool_pieces(rows->n - b.first, b.rows_a_block);
        if (blocks > BLOCKS) blocks = BLOCKS;
        pool_run(pool, blocks, format_block, &b);
        for (size_t k = 0; k < blocks; k++)
            fwrite(b.bytes + k * b.block_max, 1, b.length[k], out->file);
    }
    return true;
}

/* ---- items.csv ---- */

static size_t find_item(const struct irt_item *items, size_t n_items, const char *name) {
    for (size_t i = 0; i < n_items; i++)
        if (strcmp(items[i].name, name) == 0) return i;
    return n_items;
}

static bool read_step(const struct csv *csv, const int column[4], struct item_parameters *item) {
    long long step;
    double slope, location;
    if (!text_to_int(csv_cell(csv, column[1]), 1, STEPS_MAX, &step) || step != item->steps + 1 ||
        !text_to_double(csv_cell(csv, column[2]), &slope) ||
        !text_to_double(csv_cell(csv, column[3]), &location))
        return false;
    item->slope = slope;
    item->location[item->steps++] = location;
    return true;
}

bool irt_parameters_read(struct cli *cli, const char *path, const struct irt_item *items,
                         size_t n_items, struct item_parameters *out, struct error *error) {
    static const char *const names[] = { "item", "step", "slope", "location" };
    struct csv *csv;
    int column[4];
    if (!csv_open(&csv, path, cli->arena, error)) return false;
    for (int i = 0; i < 4; i++) {
        column[i] = csv_column(csv, names[i]);
        if (column[i] < 0)
            return error_set(error, "irt.no_column", ARG_TEXT("file", path),
                             ARG_TEXT("column", names[i]));
    }
    while (csv_next(csv, error)) {
        size_t item = find_item(items, n_items, csv_cell(csv, column[0]));
        if (item == n_items) continue;
        if (!read_step(csv, column, &out[item]))
            return error_set(error, "irt.anchor_row", ARG_TEXT("file", path),
                             ARG_INT("line", csv_line(csv)));
    }
    return !csv_failed(csv);
}

/* ---- model.json ---- */

static bool folder_error(struct error *error, const char *path, const char *why) {
    return error_set(error, "irt.folder", ARG_TEXT("file", path), ARG_TEXT("why", why));
}

static bool read_coding(const json_t *row, struct irt_coding *out) {
    const char *name = json_string_value(json_object_get(row, "item"));
    const json_t *low = json_object_get(row, "low"), *high = json_object_get(row, "high");
    const json_t *recode = json_object_get(row, "recode");
    if (!name || !json_is_integer(low) || !json_is_integer(high) || !json_is_array(recode))
        return false;
    json_int_t first = json_integer_value(low), last = json_integer_value(high);
    if (first < INT16_MIN || last > INT16_MAX || last <= first || last - first >= CATEGORIES_MAX ||
        json_array_size(recode) != (size_t)(last - first + 1))
        return false;
    *out = (struct irt_coding){ .item = name, .low = (int)first, .high = (int)last };
    for (size_t k = 0; k < json_array_size(recode); k++) {
        json_int_t category = json_integer_value(json_array_get(recode, k));
        if (category < 0 || category > STEPS_MAX) return false;
        out->recode[k] = (int8_t)category;
    }
    return true;
}

static bool read_groups(struct cli *cli, const json_t *groups, struct irt_folder *out) {
    size_t n = json_array_size(groups);
    out->model.n_groups = n;
    out->model.mean = arena_array(cli->arena, n, sizeof(double));
    out->model.variance = arena_array(cli->arena, n, sizeof(double));
    out->groups = arena_array(cli->arena, n, sizeof *out->groups);
    out->group_n = arena_array(cli->arena, n, sizeof *out->group_n);
    if (n == 0 || !out->model.mean || !out->model.variance || !out->groups || !out->group_n)
        return false;
    for (size_t g = 0; g < n; g++) {
        const json_t *group = json_array_get(groups, g);
        const json_t *mean = json_object_get(group, "mean"),
                     *variance = json_object_get(group, "variance");
        out->groups[g] = json_string_value(json_object_get(group, "name"));
        if (!out->groups[g] || !json_is_number(mean) || !json_is_number(variance)) return false;
        out->group_n[g] = json_number_value(json_object_get(group, "n"));
        if (!(out->group_n[g] > 0)) out->group_n[g] = 1;
        out->model.mean[g] = json_number_value(mean);
        out->model.variance[g] = json_number_value(variance);
        if (!isfinite(out->model.mean[g]) || !(out->model.variance[g] > 0)) return false;
    }
    return true;
}

static const char *parse_model(struct cli *cli, const json_t *json, struct irt_folder *out) {
    const char *model = json_string_value(json_object_get(json, "model"));
    const json_t *coding = json_object_get(json, "categories");
    size_t n = json_array_size(coding);
    if (!model || !model_from_name(model, &out->model.model)) return "model";
    if (n == 0 || n > ITEMS_MAX) return "categories";
    out->coding = arena_array(cli->arena, n, sizeof *out->coding);
    out->model.items = arena_array(cli->arena, n, sizeof *out->model.items);
    if (!out->coding || !out->model.items) return "categories";
    out->model.n_items = n;
    for (size_t i = 0; i < n; i++)
        if (!read_coding(json_array_get(coding, i), &out->coding[i])) return "categories";
    out->group_column = json_string_value(json_object_get(json, "group_column"));
    return read_groups(cli, json_object_get(json, "groups"), out) ? NULL : "groups";
}

static void release_json(void *json) { json_decref(json); }

/* Every item has parameters, and steps for every category that answers are recoded to. */
static const char *check_parameters(const struct irt_folder *folder) {
    for (size_t i = 0; i < folder->model.n_items; i++) {
        const struct irt_coding *coding = &folder->coding[i];
        for (int k = 0; k <= coding->high - coding->low; k++)
            if (coding->recode[k] > folder->model.items[i].steps) return coding->item;
    }
    return NULL;
}

bool irt_folder_read(struct cli *cli, const char *dir, struct irt_folder *out,
                     struct error *error) {
    const char *path = joined(cli, dir, "model.json", ""),
               *items_path = joined(cli, dir, "items.csv", "");
    *out = (struct irt_folder){ 0 };
    if (!path || !items_path) return error_plain(error, "irt.memory");
    if (access(path, R_OK) != 0)
        return error_set(error, "irt.read", ARG_TEXT("file", path),
                         ARG_TEXT("reason", strerror(errno)));
    json_error_t fault;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &fault);
    if (!json) return folder_error(error, path, fault.text);
    if (arena_defer(cli->arena, release_json, json) != 0) return error_plain(error, "irt.memory");
    const char *why = parse_model(cli, json, out);
    if (why) return folder_error(error, path, why);
    struct irt_item *items = arena_array(cli->arena, out->model.n_items, sizeof *items);
    if (!items) return error_plain(error, "irt.memory");
    for (size_t i = 0; i < out->model.n_items; i++) items[i].name = out->coding[i].item;
    if (!irt_parameters_read(cli, items_path, items, out->model.n_items, out->model.items, error))
        return false;
    why = check_parameters(out);
    return why ? folder_error(error, items_path, why) : true;
}

/* ---- anchors ---- */

/* The folder that a file stands in: "." for a bare name. */
static const char *folder_of(struct cli *cli, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy_bytes(cli->arena, path, (size_t)(slash - path)) : ".";
}

bool irt_anchors_read(struct cli *cli, const char *path, struct irt_item *items, size_t n_items,
                      struct item_parameters *out, struct error *error) {
    const char *dir = folder_of(cli, path),
               *model = dir ? joined(cli, dir, "model.json", "") : NULL;
    struct irt_folder folder;
    if (!model) return error_plain(error, "irt.memory");
    if (!irt_parameters_read(cli, path, items, n_items, out, error)) return false;
    if (access(model, F_OK) != 0) return true;
    if (!irt_folder_read(cli, dir, &folder, error)) return false;
    for (size_t k = 0; k < folder.model.n_items; k++) {
        const struct irt_coding *coding = &folder.coding[k];
        size_t i = find_item(items, n_items, coding->item);
        if (i == n_items || out[i].steps == 0 || items[i].low != CODE_UNKNOWN) continue;
        items[i].low = coding->low;
        items[i].high = coding->high;
        items[i].recode = coding->recode;
    }
    return true;
}

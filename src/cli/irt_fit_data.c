/* laerke irt fit: from a CSV and options to what is calibrated. */
#include "cli/irt_fit.h"

#include "base/limits.h"
#include "base/text.h"

/* Items without declared categories begin at the lowest code that is seen in any item. */
static bool find_ranges(struct fitting *f, struct error *error) {
    struct irt_data *data = &f->data;
    int lowest = INT16_MAX;
    for (size_t at = 0; at < data->n_rows * data->n_items; at++)
        if (data->codes[at] != CODE_UNKNOWN && data->codes[at] < lowest) lowest = data->codes[at];
    for (size_t i = 0; i < data->n_items; i++)
        if (data->items[i].recode && data->items[i].low < lowest) lowest = data->items[i].low;
    for (size_t i = 0; i < data->n_items; i++) {
        struct irt_item *item = &data->items[i];
        if (item->low != CODE_UNKNOWN) continue;
        item->low = item->high = lowest;
        for (size_t row = 0; row < data->n_rows; row++)
            if (data->codes[row * data->n_items + i] > item->high)
                item->high = data->codes[row * data->n_items + i];
        if (item->high - item->low >= CATEGORIES_MAX)
            return error_set(error, "irt.span", ARG_TEXT("item", item->name),
                             ARG_INT("low", item->low), ARG_INT("high", item->high),
                             ARG_INT("most", CATEGORIES_MAX));
        if (item->high == item->low) item->high++; /* one category: named by the calibration */
    }
    return true;
}

/* A row without a group takes no part. */
static bool make_codes(struct fitting *f, struct error *error) {
    const struct irt_data *data = &f->data;
    struct arena *arena = f->cli->arena;
    int8_t *codes = arena_array(arena, data->n_rows + 1, data->n_items);
    int8_t *highest = arena_array(arena, data->n_items, sizeof *highest);
    int *groups = arena_array(arena, data->n_rows + 1, sizeof *groups);
    long long without = 0;
    if (!codes || !highest || !groups) return error_plain(error, "irt.memory");
    for (size_t i = 0; i < data->n_items; i++) {
        const struct irt_item *item = &data->items[i];
        highest[i] = item->recode ? item->recode[item->high - item->low]
                                  : (int8_t)(item->high - item->low);
    }
    for (size_t row = 0; row < data->n_rows; row++) {
        bool out = f->group && f->group->label[row] == LABEL_NONE;
        without += out;
        groups[row] = f->group && !out ? f->group->label[row] : 0;
        for (size_t i = 0; i < data->n_items; i++) {
            int16_t code = data->codes[row * data->n_items + i];
            codes[row * data->n_items + i] = out || code == CODE_UNKNOWN
                                                 ? (int8_t)CODE_MISSING
                                                 : fitting_category(&data->items[i], code);
        }
    }
    if (without)
        cli_say(f->cli,
                i18n_plural(f->cli->language, "{n} row has no group in {column} and is left out.",
                            "{n} rows have no group in {column} and are left out.",
                            (long long)without),
                ARG_INT("n", without), ARG_TEXT("column", f->group->name));
    f->responses = (struct responses){ .n_persons = data->n_rows,
                                       .n_items = data->n_items,
                                       .codes = codes,
                                       .groups = f->group ? groups : NULL,
                                       .n_groups = f->group ? f->group->n_labels : 1 };
    f->options.highest = highest;
    return true;
}

static bool check_weights(struct fitting *f, struct error *error) {
    if (!f->weight) return true;
    for (size_t row = 0; row < f->data.n_rows; row++)
        if (!(f->weight->value[row] >= 0))
            return error_set(error, "irt.weight", ARG_TEXT("file", f->data.path),
                             ARG_INT("row", row + 1), ARG_TEXT("column", f->weight->name));
    f->responses.weights = f->weight->value;
    return true;
}

static bool read_anchors(struct fitting *f, const char *path, struct irt_item *items,
                         size_t n_items, struct error *error) {
    if (!path) return true;
    struct item_parameters *anchors = arena_array(f->cli->arena, n_items, sizeof *anchors);
    if (!anchors) return error_plain(error, "irt.memory");
    f->options.anchors = anchors;
    return irt_anchors_read(f->cli, path, items, n_items, anchors, error);
}

bool fitting_read(struct fitting *f, const struct arguments *arguments, struct error *error) {
    const char *group = option_text(arguments, "--group"),
               *weight = option_text(arguments, "--weight");
    const char *categories = option_text(arguments, "--categories"), *columns[2];
    struct irt_item *items;
    size_t n_items, n = 0;
    const char *path = arguments_at(arguments, 0);
    if (!group) group = option_text(arguments, "--by");
    if (group) columns[n++] = group;
    if (weight) columns[n++] = weight;
    if (!irt_items(f->cli, path, option_text(arguments, "--items"), &items, &n_items, error))
        return false;
    if (categories && !irt_categories(f->cli, categories, items, n_items, error)) return false;
    if (!read_anchors(f, option_text(arguments, "--anchor"), items, n_items, error)) return false;
    if (!irt_data_read(f->cli, path, items, n_items, columns, n, f->threads, &f->data, error))
        return false;
    f->group = group ? &f->data.columns[0] : NULL;
    f->weight = weight ? &f->data.columns[n - 1] : NULL;
    if (f->group && f->group->n_labels == 0)
        return error_set(error, "irt.no_group", ARG_TEXT("column", group));
    if (f->group && !irt_sort_labels(f->cli, f->group, f->data.n_rows))
        return error_plain(error, "irt.memory");
    return find_ranges(f, error) && make_codes(f, error) && check_weights(f, error);
}

void fitting_name(const struct fitting *f, struct error *error) {
    const char *item = error_value(error, "item"), *group = error_value(error, "group");
    long long index;
    if (item && text_to_int(item, 0, (long long)f->data.n_items - 1, &index))
        error_replace(error, ARG_TEXT("item", f->data.items[index].name));
    if (group && f->group && text_to_int(group, 0, (long long)f->group->n_labels - 1, &index))
        error_replace(error, ARG_TEXT("group", f->group->labels[index]));
}

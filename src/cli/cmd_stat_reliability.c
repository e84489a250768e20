#include "cli/stat_data.h"

#include "stat/reliability.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

/* Codes from 0 up: each item less its lowest, which changes no coefficient. */
static bool codes_from_zero(struct cli *cli, const struct irt_data *data, int8_t **out,
                            struct error *error) {
    size_t n_items = data->n_items;
    int8_t *codes = arena_array(cli->arena, data->n_rows + 1, n_items);
    if (!codes) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < n_items; i++) {
        int low = INT16_MAX, high = CODE_UNKNOWN;
        for (size_t row = 0; row < data->n_rows; row++) {
            int16_t code = data->codes[row * n_items + i];
            if (code == CODE_UNKNOWN) continue;
            low = code < low ? code : low;
            high = code > high ? code : high;
        }
        if (high - low > INT8_MAX)
            return error_set(error, "irt.span", ARG_TEXT("item", data->items[i].name), ARG_INT("low", low),
                             ARG_INT("high", high), ARG_INT("most", INT8_MAX + 1));
        for (size_t row = 0; row < data->n_rows; row++) {
            int16_t code = data->codes[row * n_items + i];
            codes[row * n_items + i] = (int8_t)(code == CODE_UNKNOWN ? -1 : code - low);
        }
    }
    *out = codes;
    return true;
}

static int say_json(struct cli *cli, const struct irt_data *data, const struct reliability *r) {
    json_t *items = json_array();
    for (size_t i = 0; i < data->n_items; i++) {
        json_t *row = json_pack("{s:s}", "item", data->items[i].name);
        stat_json_number(row, "item_rest_correlation", r->item_rest[i]);
        json_array_append_new(items, row);
    }
    json_t *json = json_pack("{s:I}", "n", (json_int_t)r->n);
    stat_json_number(json, "alpha", r->alpha);
    stat_json_number(json, "lambda2", r->lambda2);
    stat_json_number(json, "omega", r->omega);
    json_object_set_new(json, "heywood", json_boolean(r->heywood));
    json_object_set_new(json, "items", items);
    return cli_print_json(cli, json);
}

static int say_lines(const struct irt_data *data, const struct reliability *r) {
    static const char *const names[] = { "alpha", "lambda2", "omega" };
    const double values[] = { r->alpha, r->lambda2, r->omega };
    printf("statistic,value\nn,%zu\n", r->n);
    for (size_t i = 0; i < 3; i++) {
        fputs(names[i], stdout);
        stat_print_number(values[i]);
        putchar('\n');
    }
    for (size_t i = 0; i < data->n_items; i++) {
        printf("item_rest_correlation.%s", data->items[i].name);
        stat_print_number(r->item_rest[i]);
        putchar('\n');
    }
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    const char *path = arguments_at(arguments, 0), *list = option_text(arguments, "--items");
    struct error error = { 0 };
    struct irt_item *items;
    struct irt_data data;
    struct reliability result;
    size_t n_items;
    int8_t *codes = NULL;
    if (!list) return cli_usage(cli, N_("An option is missing: {detail}"), "--items");
    if (!irt_items(cli, path, list, &items, &n_items, &error) ||
        !irt_data_read(cli, path, items, n_items, NULL, 0, &data, &error) ||
        !codes_from_zero(cli, &data, &codes, &error))
        return cli_fail(cli, &error);
    if (!reliability_classical(codes, data.n_rows, n_items, cli->arena, &result, &error)) {
        const char *item = error_value(&error, "item");
        long long index;
        if (item && text_to_int(item, 0, (long long)n_items - 1, &index))
            error_replace(&error, ARG_TEXT("item", items[index].name));
        return cli_fail(cli, &error);
    }
    if (result.heywood)
        cli_say_plain(cli, N_("An item's error variance stands at its lower bound, so omega is rough."));
    return cli->json ? say_json(cli, &data, &result) : say_lines(&data, &result);
}

static const struct option options[] = {
    { "--items", "LIST", N_("the items, at commas, or the beginning of their names and a star ('like*')"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_stat_reliability = {
    .words = "stat reliability", .summary = N_("Alpha, Guttman's lambda-2, omega, and how each item goes with the rest"),
    .arguments = "DATA.csv --items LIST", .options = options, .min_positional = 1, .max_positional = 1,
    .run = run,
};

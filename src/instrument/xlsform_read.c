/* An XLSForm (xlsform.org) → a draft. Everything that a sheet says is either taken or named with
 * its row. */
#include "instrument/xlsform_read.h"
#include "base/arena.h"
#include "base/text.h"

#include <string.h>

/* Words apart by blanks, as a JSON list. */
static json_t *list_json(struct xls *x, const char *cell, bool numbers) {
    json_t *list = json_array();
    char *rest = NULL, *copy = arena_copy(x->draft->arena, cell);
    for (char *word = copy ? strtok_r(copy, " ,;", &rest) : NULL; word;
         word = strtok_r(NULL, " ,;", &rest)) {
        long long number;
        bool whole = numbers && text_to_int(word, -1000000, 1000000, &number);
        json_array_append_new(list, whole ? json_integer(number) : json_string(word));
    }
    return list;
}

static const struct sheet_row *settings_row(const struct xls *x) {
    return xls_rows(&x->settings) > 1 ? &x->settings.sheet->rows[1] : NULL;
}

/* Languages come first: in the order that ours says, else the default one and then as columns
 * stand. */
static void read_languages(struct xls *x) {
    const struct sheet *sheet = book_sheet(x->book, "settings");
    const struct sheet_row *row = sheet && sheet->n > 1 ? &sheet->rows[1] : NULL;
    for (size_t c = 0; row && c < sheet->rows[0].n; c++) {
        const char *head = sheet_cell(&sheet->rows[0], c), *cell = sheet_cell(row, c);
        if (strcmp(head, "laerke::languages") == 0) {
            size_t i;
            json_t *tag, *list = list_json(x, cell, false);
            json_array_foreach(list, i, tag) draft_language(x->draft, json_string_value(tag));
            json_decref(list);
        }
        if (strcmp(head, "default_language") == 0 && *cell)
            x->plain_language = xlsform_tag(cell, x->draft->arena);
    }
    if (x->plain_language) draft_language(x->draft, x->plain_language);
}

static void put_word(struct xls *x, const struct sheet_row *row, const char *column,
                     const char *key) {
    const char *cell = xls_get(&x->settings, row, column);
    if (*cell) json_object_set_new(x->draft->root, key, json_string(cell));
}

static void read_settings(struct xls *x, const char *code, const char *respondent) {
    static const char *const names[] = { "form_title",         "form_id",
                                         "default_language",   "style",
                                         "laerke::languages",  "laerke::respondent",
                                         "laerke::grades",     "laerke::layout",
                                         "laerke::most_first", "laerke::pages",
                                         "laerke::title",      "laerke::notice",
                                         "laerke::thanks",     NULL };
    const struct sheet_row *row = settings_row(x);
    json_t *root = x->draft->root;
    x->draft->path = x->settings.sheet ? x->settings.sheet->path : x->draft->path;
    const char *id = row ? xls_get(&x->settings, row, "form_id") : "",
               *style = row ? xls_get(&x->settings, row, "style") : "";
    json_object_set_new(root, "code", json_string(draft_code(x->draft, 2, *id ? id : code)));
    if (row) put_word(x, row, "laerke::respondent", "respondent");
    if (respondent) json_object_set_new(root, "respondent", json_string(respondent));
    if (!row) return;
    xls_name_rest(x, &x->settings, row, names);
    if (*style && strcmp(style, "pages") != 0) leave_thing(x->draft, row->line, style, "style");
    const char *grades = xls_get(&x->settings, row, "laerke::grades"),
               *pages = xls_get(&x->settings, row, "laerke::pages");
    if (*grades) json_object_set_new(root, "grades", list_json(x, grades, true));
    put_word(x, row, "laerke::layout", "layout");
    if (xls_yes(&x->settings, row, "laerke::most_first"))
        json_object_set_new(root, "most_first", json_true());
    x->draft->pageless = strcmp(pages, "no") == 0;
    struct words title = xls_words(x, &x->settings, row, "laerke::title"), plain = { 0 },
                 notice = xls_words(x, &x->settings, row, "laerke::notice"),
                 thanks = xls_words(x, &x->settings, row, "laerke::thanks");
    plain.in[0] = xls_get(&x->settings, row, "form_title");
    draft_put_text(x->draft, root, "title", row->line, &title);
    if (!json_object_get(root, "title") && !x->draft->pageless)
        draft_put_text(x->draft, root, "title", row->line, &plain);
    draft_put_text(x->draft, root, "notice", row->line, &notice);
    draft_put_text(x->draft, root, "thanks", row->line, &thanks);
}

static void read_scales(struct xls *x) {
    static const char *const names[] = { "code",        "use",   "goal", "teaching",
                                         "lowest_unit", "items", "name", "meaning",
                                         "above",       "below", NULL };
    static const char *const texts[] = { "name", "meaning", "above", "below" };
    static const char *const words[] = { "use", "goal", "lowest_unit" };
    for (size_t r = 1; r < xls_rows(&x->scales); r++) {
        const struct sheet_row *row = &x->scales.sheet->rows[r];
        x->draft->path = x->scales.sheet->path;
        json_t *scale = json_pack("{s:s}", "code", xls_get(&x->scales, row, "code"));
        for (size_t t = 0; t < 4; t++) {
            struct words in = xls_words(x, &x->scales, row, texts[t]);
            draft_put_text(x->draft, scale, texts[t], row->line, &in);
        }
        for (size_t t = 0; t < 3; t++) {
            const char *cell = xls_get(&x->scales, row, words[t]);
            if (*cell) json_object_set_new(scale, words[t], json_string(cell));
        }
        if (xls_yes(&x->scales, row, "teaching"))
            json_object_set_new(scale, "teaching", json_true());
        json_object_set_new(scale, "items", list_json(x, xls_get(&x->scales, row, "items"), false));
        xls_name_rest(x, &x->scales, row, names);
        json_array_append_new(x->draft->scales, scale);
    }
}

/* Items in the order of answers' bytes, where every question says its place. */
static void put_in_place(struct xls *x) {
    size_t n = x->draft->n_items;
    json_t *list = json_array();
    for (long p = 1; x->all_placed && p <= ITEMS_MAX; p++)
        for (size_t i = 0; i < n; i++)
            if (x->place[i] == p) json_array_append(list, x->item[i]);
    if (json_array_size(list) == n) {
        json_decref(x->draft->items);
        x->draft->items = list;
        return;
    }
    json_decref(list);
}

static void name_rest_of_book(struct xls *x, const char *path) {
    static const char *const names[] = { "survey", "choices", "settings", "laerke_scales", NULL };
    for (size_t s = 0; s < x->book->n; s++)
        if (!xls_among(x->book->sheets[s].name, names) && x->book->sheets[s].n) {
            x->draft->path = x->book->sheets[s].path;
            leave_thing(x->draft, 1, x->book->sheets[s].name, path);
        }
    for (size_t r = 1; r < xls_rows(&x->choices); r++) {
        const struct sheet_row *row = &x->choices.sheet->rows[r];
        const char *list = xls_get(&x->choices, row, "list_name");
        if (!*list) list = xls_get(&x->choices, row, "list name");
        x->draft->path = x->choices.sheet->path;
        if (!draft_find_set(x->draft, list) && json_object_get(x->draft->sets, list) == NULL)
            leave_thing(x->draft, row->line, list, "choices");
    }
}

bool xlsform_read(struct draft *draft, const struct import *import, struct error *error) {
    struct arena *arena = draft->arena;
    struct xls x = { .draft = draft,
                     .all_placed = true,
                     .book = arena_alloc(arena, sizeof *x.book),
                     .item = arena_array(arena, ITEMS_MAX + 1, sizeof *x.item),
                     .place = arena_array(arena, ITEMS_MAX + 1, sizeof *x.place) };
    if (!x.book || !x.item || !x.place)
        return error_set(error, "instrument.memory", ARG_TEXT("file", import->path));
    if (!book_read(x.book, import->path, arena, error)) return false;
    const struct sheet *survey = book_sheet(x.book, "survey");
    if (!survey || survey->n < 2)
        return error_set(error, "instrument.no_survey", ARG_TEXT("file", import->path));
    read_languages(&x);
    xls_read_header(&x, &x.survey, "survey");
    xls_read_header(&x, &x.choices, "choices");
    xls_read_header(&x, &x.settings, "settings");
    xls_read_header(&x, &x.scales, "laerke_scales");
    draft->ours = x.scales.sheet != NULL;
    draft->path = survey->path;
    if (draft->n_languages == 0) {
        leave_args(draft, 1, ERROR_ID("instrument.left_language"), NULL, 0);
        draft_language(draft, xls_plain_tag(&x));
    }
    xls_read_survey(&x);
    const char *name = strrchr(import->path, '/');
    char *code = arena_copy(arena, name && name[1] ? name + 1 : import->path);
    if (strrchr(code, '.')) *strrchr(code, '.') = '\0';
    read_settings(&x, code, import->respondent);
    read_scales(&x);
    put_in_place(&x);
    name_rest_of_book(&x, import->path);
    draft->path = import->path;
    return true;
}

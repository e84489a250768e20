/* An XLSForm (xlsform.org) → a draft. Everything that a sheet says is either taken or named with
 * its row. */
#include "base/arena.h"
#include "base/text.h"
#include "exchange/book.h"
#include "instrument/xlsform.h"

#include <string.h>

enum { TEXT_ROOM = 64 * 1024, DEPTH_MAX = 16 };

/* What a column's header says: "label::Dansk (da)" is the column label, language 0. */
struct column {
    const char *base;
    int language; /* −1: none */
    bool taken;   /* some row's cell of it was used; the others are named */
};

struct table {
    const struct sheet *sheet;
    size_t n;
    struct column *column;
};

struct group {
    const struct sheet_row *row;
    struct relevant relevant;
    bool conditional;
};

struct xls {
    struct draft *draft;
    struct book *book;
    struct table survey, choices, settings, scales;
    struct group group[DEPTH_MAX];
    size_t depth, too_deep;
    const char *plain_language;   /* of columns without one */
    const struct sheet_row *note; /* seen after a question, not yet put anywhere */
    json_t **item;
    long *place;
    bool all_placed;
};

static const char *plain_tag(struct xls *x) { return x->plain_language ? x->plain_language : "da"; }

/* The languages of headers are added in the order they stand in. */
static void read_header(struct xls *x, struct table *table, const char *name) {
    table->sheet = book_sheet(x->book, name);
    const struct sheet_row *head = table->sheet && table->sheet->n ? &table->sheet->rows[0] : NULL;
    table->n = head ? head->n : 0;
    table->column = arena_array(x->draft->arena, table->n + 1, sizeof *table->column);
    for (size_t c = 0; table->column && c < table->n; c++) {
        const char *text = sheet_cell(head, c),
                   *start = strncmp(text, "laerke::", 8) == 0 ? text + 8 : text;
        const char *at = strstr(start, "::");
        struct column *column = &table->column[c];
        column->base = at ? arena_copy_bytes(x->draft->arena, text, (size_t)(at - text)) : text;
        column->language = -1;
        if (!at) continue;
        const char *language = at + 2 + strspn(at + 2, " "),
                   *tag = xlsform_tag(language, x->draft->arena);
        column->language = tag ? draft_language(x->draft, tag) : -1;
        if (column->language >= 0) continue;
        column->base = text; /* a column that nobody knows: its cells are named */
    }
}

static size_t rows(const struct table *table) { return table->sheet ? table->sheet->n : 0; }

/* A cell by its column's name without language; "" when there is none. */
static const char *get(struct table *table, const struct sheet_row *row, const char *name) {
    for (size_t c = 0; c < table->n; c++) {
        if (strcmp(table->column[c].base, name) != 0 || table->column[c].language >= 0) continue;
        table->column[c].taken = true;
        return sheet_cell(row, c);
    }
    return "";
}

static bool get_yes(struct table *table, const struct sheet_row *row, const char *name) {
    static const char *const words[] = { "yes", "true", "true()", "TRUE", "Yes", "YES", "1" };
    const char *cell = get(table, row, name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(cell, words[i]) == 0) return true;
    return false;
}

/* The text of a column in every language. */
static struct words get_words(struct xls *x, struct table *table, const struct sheet_row *row,
                              const char *name) {
    struct words words = { 0 };
    for (size_t c = 0; c < table->n; c++) {
        struct column *column = &table->column[c];
        if (strcmp(column->base, name) != 0) continue;
        column->taken = true;
        int l = column->language >= 0 ? column->language : draft_language(x->draft, plain_tag(x));
        const char *text = sheet_cell(row, c);
        if (l < 0 || !*text) continue;
        text = xlsform_exchange(text, "${" XLSFORM_NAME "}", "{name}", x->draft->arena);
        if (strstr(text, "${")) leave_quote(x->draft, row->line, text);
        words.in[l] = text;
    }
    return words;
}

static bool known(const char *base, const char *const *names) {
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], base) == 0) return true;
    return false;
}

/* Names the cells of a row that stand in columns other than names. */
static void name_rest(struct xls *x, const struct table *table, const struct sheet_row *row,
                      const char *const *names) {
    for (size_t c = 0; c < table->n; c++)
        if (*sheet_cell(row, c) && !known(table->column[c].base, names))
            leave(x->draft, row->line, ERROR_ID("instrument.left_cell"),
                  ARG_TEXT("column", sheet_cell(&table->sheet->rows[0], c)),
                  ARG_TEXT("cell", sheet_cell(row, c)));
}

/* "select_one LIST" → true and LIST. */
static const char *list_of(const char *type) {
    static const char *const starts[] = { "select_one ", "select one from ", "select one ",
                                          "select1 " };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(type, starts[i], strlen(starts[i])) == 0)
            return type + strlen(starts[i]) + strspn(type + strlen(starts[i]), " ");
    return NULL;
}

static const struct draft_set *read_set(struct xls *x, const char *list) {
    static const char *const names[] = { "list_name", "list name",      "name", "value",
                                         "label",     "laerke::symbol", NULL };
    const struct draft_set *set = draft_find_set(x->draft, list);
    size_t n = 0;
    int line = 1;
    const char *codes[CATEGORIES_MAX + 1], *symbols[CATEGORIES_MAX + 1];
    struct words labels[CATEGORIES_MAX + 1];
    if (set) return set;
    const char *survey = x->draft->path;
    if (x->choices.sheet) x->draft->path = x->choices.sheet->path;
    for (size_t r = 1; r < rows(&x->choices); r++) {
        const struct sheet_row *row = &x->choices.sheet->rows[r];
        const char *name = get(&x->choices, row, "list_name");
        if (!*name) name = get(&x->choices, row, "list name");
        if (strcmp(name, list) != 0) continue;
        if (n == 0) line = row->line;
        if (n <= CATEGORIES_MAX) {
            codes[n] = get(&x->choices, row, "name");
            if (!*codes[n]) codes[n] = get(&x->choices, row, "value");
            labels[n] = get_words(x, &x->choices, row, "label");
            symbols[n] = get(&x->choices, row, "laerke::symbol");
            name_rest(x, &x->choices, row, names);
        }
        n++;
    }
    set = draft_set(x->draft, line, list, n, codes, labels, symbols);
    x->draft->path = survey;
    return set;
}

/* Puts a condition on a page or an item. */
static void put_relevant(struct xls *x, int line, json_t *whom, const struct relevant *relevant,
                         const char *expression) {
    if (relevant->grade_from >= 0)
        json_object_set_new(whom, "grades",
                            json_pack("[i, i]", relevant->grade_from, relevant->grade_to));
    if (relevant->answer.n && !draft_condition(x->draft, whom, &relevant->answer))
        leave_thing(x->draft, line, expression, "relevant");
}

/* A page, under the conditions of the groups around it; of several the innermost is taken. */
static void begin_page(struct xls *x, const struct sheet_row *row, bool titled) {
    struct words title = titled ? get_words(x, &x->survey, row, "label") : (struct words){ 0 };
    size_t conditions = 0;
    draft_page(x->draft, row->line, &title);
    for (size_t g = x->depth; g-- > 0;) {
        const struct group *group = &x->group[g];
        const char *expression = get(&x->survey, group->row, "relevant");
        if (!group->conditional) continue;
        if (conditions++)
            leave_thing(x->draft, group->row->line, expression, "relevant");
        else
            put_relevant(x, group->row->line, x->draft->page, &group->relevant, expression);
    }
    if (!titled) return;
    const char *once = get(&x->survey, row, "laerke::once");
    if (*once) json_object_set_new(x->draft->page, "once", json_string(once));
}

static void put_note(struct xls *x, const char *key) {
    struct words words = get_words(x, &x->survey, x->note, "label");
    if (json_object_get(x->draft->page, key))
        leave_thing(x->draft, x->note->line, get(&x->survey, x->note, "name"), key);
    else
        draft_put_text(x->draft, x->draft->page, key, x->note->line, &words);
    x->note = NULL;
}

/* A note that waits is the end of its page. */
static void end_page(struct xls *x) {
    if (x->note && x->draft->page) put_note(x, "outro");
    draft_end_page(x->draft);
}

static void name_break(struct xls *x, const struct sheet_row *row) {
    leave(x->draft, row->line, ERROR_ID("instrument.left_break"),
          ARG_TEXT("item", get(&x->survey, row, "name")));
}

/* The page that a question of this row stands on; "depends" is what its condition asks for. */
static void page_for(struct xls *x, const struct sheet_row *row, const char *depends) {
    if (!x->draft->page) {
        begin_page(x, row, false);
    } else if (x->note || (depends && draft_same_page(x->draft, depends))) {
        const struct sheet_row *note = x->note;
        x->note = NULL;
        name_break(x, row);
        begin_page(x, row, false);
        if ((x->note = note) != NULL) put_note(x, "intro");
    }
}

static void read_note(struct xls *x, const struct sheet_row *row) {
    static const char *const names[] = { "type", "name", "label", NULL };
    name_rest(x, &x->survey, row, names);
    if (!x->draft->page) begin_page(x, row, false);
    if (x->note) put_note(x, "outro");
    x->note = row;
    if (json_array_size(json_object_get(x->draft->page, "items")) == 0) put_note(x, "intro");
}

static void read_group(struct xls *x, const struct sheet_row *row) {
    static const char *const names[] = { "type",       "name",         "label", "relevant",
                                         "appearance", "laerke::once", NULL };
    const char *expression = get(&x->survey, row, "relevant"),
               *appearance = get(&x->survey, row, "appearance");
    end_page(x);
    name_rest(x, &x->survey, row, names);
    if (*appearance && strcmp(appearance, "field-list") != 0)
        leave_thing(x->draft, row->line, appearance, "appearance");
    if (x->depth == DEPTH_MAX) {
        x->too_deep++;
        leave_thing(x->draft, row->line, "begin_group", "survey");
        return;
    }
    struct group *group = &x->group[x->depth++];
    *group = (struct group){ .row = row };
    group->conditional = *expression &&
                         xlsform_relevant(expression, x->draft->arena, &group->relevant);
    if (*expression && !group->conditional)
        leave_thing(x->draft, row->line, expression, "relevant");
    begin_page(x, row, true);
}

static void end_group(struct xls *x) {
    end_page(x);
    if (x->too_deep)
        x->too_deep--;
    else if (x->depth)
        x->depth--;
}

/* "string-length(.) <= 200" */
static bool read_limit(struct xls *x, const struct sheet_row *row, json_t *item) {
    const char *constraint = get(&x->survey, row, "constraint");
    static const char start[] = "string-length(.)";
    long long limit;
    if (!*constraint) return true;
    if (strncmp(constraint, start, strlen(start)) != 0) return false;
    const char *at = constraint + strlen(start) + strspn(constraint + strlen(start), " ");
    int strict = strncmp(at, "<=", 2) != 0;
    if (*at != '<') return false;
    at += strict ? 1 : 2;
    if (!text_to_int(at + strspn(at, " "), 1, 1000000, &limit)) return false;
    draft_limit(x->draft, row->line, item, limit - strict);
    return true;
}

static void put_flag(struct xls *x, const struct sheet_row *row, json_t *item, const char *column,
                     const char *key) {
    if (get_yes(&x->survey, row, column)) json_object_set_new(item, key, json_true());
}

static void read_question(struct xls *x, const struct sheet_row *row, const struct draft_set *set) {
    static const char *const names[] = { "type",
                                         "name",
                                         "label",
                                         "required",
                                         "relevant",
                                         "appearance",
                                         "constraint",
                                         "laerke::place",
                                         "laerke::reversed",
                                         "laerke::dont_know",
                                         "laerke::not_applicable",
                                         NULL };
    const char *expression = get(&x->survey, row, "relevant"),
               *appearance = get(&x->survey, row, "appearance");
    struct relevant relevant = { .grade_from = -1, .grade_to = -1 };
    bool conditional = *expression && xlsform_relevant(expression, x->draft->arena, &relevant);
    name_rest(x, &x->survey, row, names);
    page_for(x, row, conditional && relevant.answer.n ? relevant.answer.item : NULL);
    struct words label = get_words(x, &x->survey, row, "label");
    size_t at = x->draft->n_items;
    json_t *item = draft_item(x->draft, row->line, get(&x->survey, row, "name"), &label, set);
    if (!item) return;
    if (conditional) put_relevant(x, row->line, item, &relevant, expression);
    if (*expression && !conditional) leave_thing(x->draft, row->line, expression, "relevant");
    if (set ? *get(&x->survey, row, "constraint") : !read_limit(x, row, item))
        leave_thing(x->draft, row->line, get(&x->survey, row, "constraint"), "constraint");
    if (*appearance && (set || strcmp(appearance, "multiline") != 0))
        leave_thing(x->draft, row->line, appearance, "appearance");
    put_flag(x, row, item, "required", "required");
    put_flag(x, row, item, "laerke::reversed", "reversed");
    put_flag(x, row, item, "laerke::dont_know", "dont_know");
    put_flag(x, row, item, "laerke::not_applicable", "not_applicable");
    long long place = 0;
    x->all_placed = text_to_int(get(&x->survey, row, "laerke::place"), 1, ITEMS_MAX, &place) &&
                    x->all_placed;
    x->item[at] = item;
    x->place[at] = (long)place;
}

static void read_row(struct xls *x, const struct sheet_row *row) {
    const char *type = get(&x->survey, row, "type"), *list = list_of(type),
               *name = get(&x->survey, row, "name");
    if (list) {
        char *own = arena_copy(x->draft->arena, list);
        char *behind = strchr(own, ' ');
        if (behind) {
            leave_thing(x->draft, row->line, behind + 1, type);
            *behind = '\0';
        }
        const struct draft_set *set = read_set(x, own);
        if (set)
            read_question(x, row, set);
        else
            leave(x->draft, row->line, ERROR_ID("instrument.left_question"), ARG_TEXT("item", name),
                  ARG_TEXT("type", type));
    } else if (strcmp(type, "text") == 0) {
        read_question(x, row, NULL);
    } else if (strcmp(type, "note") == 0) {
        read_note(x, row);
    } else if (strcmp(type, "begin_group") == 0 || strcmp(type, "begin group") == 0) {
        read_group(x, row);
    } else if (strcmp(type, "end_group") == 0 || strcmp(type, "end group") == 0) {
        end_group(x);
    } else if (strcmp(name, XLSFORM_NAME) != 0 && strcmp(name, XLSFORM_GRADE) != 0) {
        leave(x->draft, row->line, ERROR_ID("instrument.left_question"), ARG_TEXT("item", name),
              ARG_TEXT("type", type));
    }
}

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
    return rows(&x->settings) > 1 ? &x->settings.sheet->rows[1] : NULL;
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
    const char *cell = get(&x->settings, row, column);
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
    const char *id = row ? get(&x->settings, row, "form_id") : "",
               *style = row ? get(&x->settings, row, "style") : "";
    json_object_set_new(root, "code", json_string(draft_code(x->draft, 2, *id ? id : code)));
    if (row) put_word(x, row, "laerke::respondent", "respondent");
    if (respondent) json_object_set_new(root, "respondent", json_string(respondent));
    if (!row) return;
    name_rest(x, &x->settings, row, names);
    if (*style && strcmp(style, "pages") != 0) leave_thing(x->draft, row->line, style, "style");
    const char *grades = get(&x->settings, row, "laerke::grades"),
               *pages = get(&x->settings, row, "laerke::pages");
    if (*grades) json_object_set_new(root, "grades", list_json(x, grades, true));
    put_word(x, row, "laerke::layout", "layout");
    if (get_yes(&x->settings, row, "laerke::most_first"))
        json_object_set_new(root, "most_first", json_true());
    x->draft->pageless = strcmp(pages, "no") == 0;
    struct words title = get_words(x, &x->settings, row, "laerke::title"), plain = { 0 },
                 notice = get_words(x, &x->settings, row, "laerke::notice"),
                 thanks = get_words(x, &x->settings, row, "laerke::thanks");
    plain.in[0] = get(&x->settings, row, "form_title");
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
    for (size_t r = 1; r < rows(&x->scales); r++) {
        const struct sheet_row *row = &x->scales.sheet->rows[r];
        x->draft->path = x->scales.sheet->path;
        json_t *scale = json_pack("{s:s}", "code", get(&x->scales, row, "code"));
        for (size_t t = 0; t < 4; t++) {
            struct words in = get_words(x, &x->scales, row, texts[t]);
            draft_put_text(x->draft, scale, texts[t], row->line, &in);
        }
        for (size_t t = 0; t < 3; t++) {
            const char *cell = get(&x->scales, row, words[t]);
            if (*cell) json_object_set_new(scale, words[t], json_string(cell));
        }
        if (get_yes(&x->scales, row, "teaching"))
            json_object_set_new(scale, "teaching", json_true());
        json_object_set_new(scale, "items", list_json(x, get(&x->scales, row, "items"), false));
        name_rest(x, &x->scales, row, names);
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
        if (!known(x->book->sheets[s].name, names) && x->book->sheets[s].n) {
            x->draft->path = x->book->sheets[s].path;
            leave_thing(x->draft, 1, x->book->sheets[s].name, path);
        }
    for (size_t r = 1; r < rows(&x->choices); r++) {
        const struct sheet_row *row = &x->choices.sheet->rows[r];
        const char *list = get(&x->choices, row, "list_name");
        if (!*list) list = get(&x->choices, row, "list name");
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
    read_header(&x, &x.survey, "survey");
    read_header(&x, &x.choices, "choices");
    read_header(&x, &x.settings, "settings");
    read_header(&x, &x.scales, "laerke_scales");
    draft->ours = x.scales.sheet != NULL;
    draft->path = survey->path;
    if (draft->n_languages == 0) {
        leave_args(draft, 1, ERROR_ID("instrument.left_language"), NULL, 0);
        draft_language(draft, plain_tag(&x));
    }
    for (size_t r = 1; r < survey->n; r++) read_row(&x, &survey->rows[r]);
    end_page(&x);
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

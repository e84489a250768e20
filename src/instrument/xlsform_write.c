/* An instrument as an XLSForm: a group a page, a list a set of categories, what XLSForm lacks in
 * laerke:: columns. */
#include "base/arena.h"
#include "base/text.h"
#include "exchange/book.h"
#include "instrument/convert.h"
#include "instrument/xlsform.h"

#include <string.h>

enum { CELL_ROOM = 64 * 1024 };

/* Columns of the survey sheet: those before the labels, then a label a language, then the rest. */
enum { TYPE, NAME, LABELS };
enum {
    REQUIRED,
    RELEVANT,
    APPEARANCE,
    CONSTRAINT,
    PLACE,
    REVERSED,
    DONT_KNOW,
    NOT_APPLICABLE,
    ONCE,
    REST
};
static const char *const rest[REST] = { "required",          "relevant",
                                        "appearance",        "constraint",
                                        "laerke::place",     "laerke::reversed",
                                        "laerke::dont_know", "laerke::not_applicable",
                                        "laerke::once" };

struct writer {
    const struct instrument *instrument;
    struct arena *arena;
    struct sheet *survey, *choices, *settings, *scales;
    const struct item **lists; /* the first item of each set of categories */
    size_t n_lists;
    bool full;
};

static const char *cell(struct writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *cell(struct writer *w, const char *format, ...) {
    struct text text = text_new(w->arena, CELL_ROOM);
    va_list arguments;
    va_start(arguments, format);
    text_addv(&text, format, arguments);
    va_end(arguments);
    w->full = w->full || !text_ok(&text);
    return text_string(&text);
}

static const char **row(struct writer *w, struct sheet *sheet, size_t n) {
    const char **cells = book_add_row(sheet, n, w->arena);
    w->full = w->full || !cells;
    return cells;
}

/* One cell a language; {name} becomes the question that stands for it. */
static void put_texts(struct writer *w, const char **cells, struct texts texts) {
    for (size_t i = 0; cells && texts.in && i < w->instrument->n_languages; i++)
        cells[i] = xlsform_exchange(texts.in[i], "{name}", "${" XLSFORM_NAME "}", w->arena);
}

static void put_headings(struct writer *w, const char **cells, const char *column) {
    for (size_t i = 0; cells && i < w->instrument->n_languages; i++)
        cells[i] =
            cell(w, "%s::%s", column, xlsform_language(w->instrument->languages[i], w->arena));
}

static const char **survey_row(struct writer *w, const char *type, const char *name,
                               struct texts label) {
    const char **cells = row(w, w->survey, LABELS + w->instrument->n_languages + REST);
    if (!cells) return NULL;
    cells[TYPE] = type;
    cells[NAME] = name;
    put_texts(w, cells + LABELS, label);
    return cells + LABELS + w->instrument->n_languages;
}

static bool same_texts(const struct writer *w, struct texts a, struct texts b) {
    if (!a.in || !b.in) return a.in == b.in;
    for (size_t i = 0; i < w->instrument->n_languages; i++)
        if (strcmp(a.in[i], b.in[i]) != 0) return false;
    return true;
}

static bool same_categories(const struct writer *w, const struct item *a, const struct item *b) {
    if (a->n_categories != b->n_categories) return false;
    for (size_t i = 0; i < a->n_categories; i++)
        if (a->categories[i].value != b->categories[i].value ||
            a->categories[i].symbol != b->categories[i].symbol ||
            !same_texts(w, a->categories[i].label, b->categories[i].label))
            return false;
    return true;
}

static size_t list_of(struct writer *w, const struct item *item) {
    size_t i = 0;
    while (i < w->n_lists && !same_categories(w, w->lists[i], item)) i++;
    if (i == w->n_lists) w->lists[w->n_lists++] = item;
    return i + 1;
}

/* (${q} = '1' or ${q} = '2') and ${laerke_grade} >= 2 and ${laerke_grade} <= 3 */
static const char *relevant(struct writer *w, const struct condition *condition) {
    const struct item *item = &w->instrument->items[condition->item];
    struct text text = text_new(w->arena, CELL_ROOM);
    bool both = condition->n_codes > 1 && condition->grade_from >= 0;
    if (both) text_add(&text, "(");
    for (size_t i = 0; i < condition->n_codes; i++)
        text_addf(&text, "%s${%s} = '%d'", i ? " or " : "", item->id,
                  item->categories[condition->codes[i]].value);
    if (both) text_add(&text, ")");
    if (condition->grade_from >= 0)
        text_addf(&text, "%s${%s} >= %d and ${%s} <= %d", condition->n_codes ? " and " : "",
                  XLSFORM_GRADE, condition->grade_from, XLSFORM_GRADE, condition->grade_to);
    return text_string(&text);
}

static void write_item(struct writer *w, size_t number) {
    const struct item *item = &w->instrument->items[number];
    bool choice = item->kind == ITEM_CHOICE;
    const char **cells = survey_row(
        w, choice ? cell(w, "select_one set%zu", list_of(w, item)) : "text", item->id, item->text);
    if (!cells) return;
    cells[REQUIRED] = item->required ? "yes" : "";
    cells[RELEVANT] = relevant(w, &item->condition);
    cells[APPEARANCE] = choice ? "" : "multiline";
    cells[CONSTRAINT] = choice ? "" : cell(w, "string-length(.) <= %d", item->limit);
    cells[PLACE] = cell(w, "%zu", number + 1);
    cells[REVERSED] = item->reversed ? "yes" : "";
    cells[DONT_KNOW] = item->dont_know ? "yes" : "";
    cells[NOT_APPLICABLE] = item->not_applicable ? "yes" : "";
}

static void write_page(struct writer *w, size_t number) {
    static const char *const once[] = { "", "school", "person" };
    const struct page *page = &w->instrument->pages[number];
    const char **cells = survey_row(w, "begin_group", cell(w, "page%zu", number + 1), page->title);
    if (!cells) return;
    cells[APPEARANCE] = "field-list";
    cells[RELEVANT] = relevant(w, &page->condition);
    cells[ONCE] = once[page->once];
    if (page->intro.in) survey_row(w, "note", cell(w, "page%zu_intro", number + 1), page->intro);
    for (size_t i = 0; i < page->n_items; i++) write_item(w, page->items[i]);
    if (page->outro.in) survey_row(w, "note", cell(w, "page%zu_outro", number + 1), page->outro);
    survey_row(w, "end_group", "", (struct texts){ NULL });
}

static void write_survey(struct writer *w) {
    const struct texts none = { NULL };
    const char **cells = survey_row(w, "type", "name", none);
    if (!cells) return;
    put_headings(w, cells - w->instrument->n_languages, "label");
    memcpy(cells, rest, sizeof rest);
    survey_row(w, "hidden", XLSFORM_NAME, none);
    survey_row(w, "hidden", XLSFORM_GRADE, none);
    for (size_t p = 0; p < w->instrument->n_pages; p++) write_page(w, p);
    for (size_t i = 0; w->instrument->n_pages == 0 && i < w->instrument->n_items; i++)
        write_item(w, i);
}

static void write_choices(struct writer *w) {
    static const char *const symbols[] = { "", "frown", "neutral", "smile" };
    enum { LIST, VALUE, LABEL };
    size_t n = w->instrument->n_languages;
    const char **cells = row(w, w->choices, LABEL + n + 1);
    if (!cells) return;
    cells[LIST] = "list_name";
    cells[VALUE] = "name";
    put_headings(w, cells + LABEL, "label");
    cells[LABEL + n] = "laerke::symbol";
    for (size_t l = 0; l < w->n_lists; l++)
        for (size_t c = 0; c < w->lists[l]->n_categories; c++) {
            const struct category *category = &w->lists[l]->categories[c];
            if (!(cells = row(w, w->choices, LABEL + n + 1))) return;
            cells[LIST] = cell(w, "set%zu", l + 1);
            cells[VALUE] = cell(w, "%d", category->value);
            put_texts(w, cells + LABEL, category->label);
            cells[LABEL + n] = symbols[category->symbol];
        }
}

static const char *joined(struct writer *w, const char *const *words, size_t n) {
    struct text text = text_new(w->arena, CELL_ROOM);
    for (size_t i = 0; i < n; i++) text_addf(&text, i ? " %s" : "%s", words[i]);
    w->full = w->full || !text_ok(&text);
    return text_string(&text);
}

static void write_settings(struct writer *w) {
    static const char *const names[] = { "form_title",         "form_id",
                                         "default_language",   "style",
                                         "laerke::languages",  "laerke::respondent",
                                         "laerke::grades",     "laerke::layout",
                                         "laerke::most_first", "laerke::pages" };
    enum { FIXED = sizeof names / sizeof *names };
    const struct instrument *i = w->instrument;
    size_t n = i->n_languages;
    const char **head = row(w, w->settings, FIXED + 3 * n),
               **cells = row(w, w->settings, FIXED + 3 * n);
    if (!head || !cells) return;
    memcpy(head, names, sizeof names);
    const char *values[FIXED] = { i->title.in ? i->title.in[0] : i->code,
                                  i->code,
                                  xlsform_language(i->languages[0], w->arena),
                                  "pages",
                                  joined(w, i->languages, n),
                                  respondent_name(i->respondent),
                                  i->grade_from >= 0 ? cell(w, "%d %d", i->grade_from, i->grade_to)
                                                     : "",
                                  i->layout == LAYOUT_SINGLE ? "single" : "",
                                  i->most_first ? "yes" : "",
                                  i->n_pages ? "" : "no" };
    memcpy(cells, values, sizeof values);
    const struct {
        const char *column;
        struct texts texts;
    } texts[] = { { "laerke::title", i->title },
                  { "laerke::notice", i->notice },
                  { "laerke::thanks", i->thanks } };
    for (size_t t = 0; t < 3; t++) {
        put_headings(w, head + FIXED + t * n, texts[t].column);
        put_texts(w, cells + FIXED + t * n, texts[t].texts);
    }
}

static const char *item_ids(struct writer *w, const struct scale *scale) {
    const char **ids = arena_array(w->arena, scale->n_items + 1, sizeof *ids);
    for (size_t i = 0; ids && i < scale->n_items; i++)
        ids[i] = w->instrument->items[scale->items[i]].id;
    w->full = w->full || !ids;
    return ids ? joined(w, ids, scale->n_items) : "";
}

static void write_scales(struct writer *w) {
    static const char *const uses[] = { "scale", "shares", "background" };
    static const char *const names[] = {
        "code", "use", "goal", "teaching", "lowest_unit", "items"
    };
    enum { FIXED = sizeof names / sizeof *names };
    size_t n = w->instrument->n_languages;
    const char **cells = row(w, w->scales, FIXED + 4 * n);
    if (!cells) return;
    memcpy(cells, names, sizeof names);
    static const char *const columns[] = { "name", "meaning", "above", "below" };
    for (size_t t = 0; t < 4; t++) put_headings(w, cells + FIXED + t * n, columns[t]);
    for (size_t s = 0; s < w->instrument->n_scales; s++) {
        const struct scale *scale = &w->instrument->scales[s];
        if (!(cells = row(w, w->scales, FIXED + 4 * n))) return;
        const char *values[FIXED] = { scale->code,
                                      uses[scale->use],
                                      scale->goal ? cell(w, "%c", scale->goal) : "",
                                      scale->teaching ? "yes" : "",
                                      scale->lowest_unit,
                                      item_ids(w, scale) };
        memcpy(cells, values, sizeof values);
        const struct texts texts[] = { scale->name, scale->meaning, scale->above, scale->below };
        for (size_t t = 0; t < 4; t++) put_texts(w, cells + FIXED + t * n, texts[t]);
    }
}

bool xlsform_write(const struct instrument *instrument, struct book *out, struct arena *arena,
                   struct error *error) {
    struct writer w = { .instrument = instrument, .arena = arena };
    out->n = 0;
    w.survey = book_add(out, "survey");
    w.choices = book_add(out, "choices");
    w.settings = book_add(out, "settings");
    w.scales = book_add(out, "laerke_scales");
    w.lists = arena_array(arena, instrument->n_items + 1, sizeof *w.lists);
    if (w.lists) {
        write_survey(&w);
        write_choices(&w);
        write_settings(&w);
        write_scales(&w);
    }
    return (w.lists && !w.full) ||
           error_set(error, "instrument.memory", ARG_TEXT("file", instrument->code));
}

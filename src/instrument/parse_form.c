/* The form as people fill it in: pages, and who is shown what. */
#include "instrument/parse.h"

#include <string.h>

enum { PAGES_MAX = PAGES_A_FORM };

/* The code of a category's value in an item; -1 when the item has none. */
static int code_of_value(const struct item *item, json_int_t value) {
    for (size_t c = 0; c < item->n_categories; c++)
        if (item->categories[c].value == value) return (int)c;
    return -1;
}

/* "is": [values], as codes. */
static void parse_codes(struct parse *parse, const struct tree *tree, struct condition *out) {
    const struct item *item = &parse->items[out->item];
    const struct tree *list = get_list(parse, tree, "is", NEEDED, CATEGORIES_MAX);
    uint8_t *codes = parse_array(parse, list ? list->n : 1, sizeof *codes);
    if (!list || !codes) return;
    for (size_t i = 0; i < list->n; i++) {
        const json_t *value = list->child[i].json;
        int code = json_is_integer(value) ? code_of_value(item, json_integer_value(value)) : -1;
        if (code < 0)
            fault(parse, &list->child[i], ERROR_ID("instrument.if_value"),
                  ARG_TEXT("item", item->id));
        else
            codes[out->n_codes++] = (uint8_t)code;
    }
    out->codes = codes;
}

static void parse_condition(struct parse *parse, const struct tree *object, struct condition *out) {
    static const char *const keys[] = { "item", "is", NULL };
    *out = NO_CONDITION;
    get_grades(parse, object, &out->grade_from, &out->grade_to);
    const struct tree *tree = tree_member(object, "if");
    if (!tree || !is_object(parse, tree, "if")) return;
    check_keys(parse, tree, keys);
    const char *id = get_code(parse, tree, "item");
    if (!id) return;
    long found = instrument_item(parse->instrument, id);
    if (found < 0) {
        fault(parse, tree, ERROR_ID("instrument.unknown_item"), ARG_TEXT("item", id));
        return;
    }
    out->item = (size_t)found;
    parse_codes(parse, tree, out);
}

static void parse_page(struct parse *parse, const struct tree *tree, struct page *page) {
    static const char *const keys[] = { "title",  "intro", "outro", "once",
                                        "grades", "if",    "items", NULL };
    static const char *const words[] = { "form", "school", "person", NULL };
    check_keys(parse, tree, keys);
    page->title = get_texts(parse, tree, "title", OPTIONAL);
    page->intro = get_texts(parse, tree, "intro", OPTIONAL);
    page->outro = get_texts(parse, tree, "outro", OPTIONAL);
    page->once = (enum once)get_word(parse, tree, "once", OPTIONAL, words, ONCE_FORM);
    parse_condition(parse, tree, &page->condition);
    const struct tree *items = get_list(parse, tree, "items", NEEDED, ITEMS_MAX);
    if (items) page->n_items = item_list(parse, items, &page->items);
}

void parse_pages(struct parse *parse) {
    const struct tree *list = get_list(parse, parse->root, "pages", OPTIONAL, PAGES_MAX);
    size_t n = list ? list->n : 0;
    parse->pages = parse_array(parse, n, sizeof *parse->pages);
    if (!parse->pages) return;
    for (size_t i = 0; i < n; i++) {
        parse->pages[i].condition = NO_CONDITION;
        if (is_object(parse, &list->child[i], "pages"))
            parse_page(parse, &list->child[i], &parse->pages[i]);
    }
    parse->instrument->pages = parse->pages;
    parse->instrument->n_pages = n;
    for (size_t i = 0; i < parse->instrument->n_items; i++)
        if (json_is_object(parse->item_trees[i]->json))
            parse_condition(parse, parse->item_trees[i], &parse->items[i].condition);
}

bool condition_holds(const struct condition *condition, const uint8_t *vector, int grade) {
    if (condition->grade_from >= 0 &&
        (grade < condition->grade_from || grade > condition->grade_to))
        return false;
    for (size_t i = 0; i < condition->n_codes; i++)
        if (vector[condition->item] == condition->codes[i]) return true;
    return condition->n_codes == 0;
}

/* The page that asks for the item; n_pages when none does. */
static size_t page_of(const struct instrument *instrument, size_t item) {
    size_t page = 0;
    for (; page < instrument->n_pages; page++)
        for (size_t i = 0; i < instrument->pages[page].n_items; i++)
            if (instrument->pages[page].items[i] == item) return page;
    return page;
}

static void check_condition(struct parse *parse, const struct tree *tree,
                            const struct condition *condition, size_t page) {
    const struct instrument *instrument = parse->instrument;
    if (condition->n_codes && page_of(instrument, condition->item) >= page)
        fault(parse, tree, ERROR_ID("instrument.if_later"),
              ARG_TEXT("item", parse->items[condition->item].id));
}

void check_conditions(struct parse *parse) {
    const struct instrument *instrument = parse->instrument;
    const struct tree *pages = tree_member(parse->root, "pages");
    for (size_t p = 0; p < instrument->n_pages; p++) {
        const struct page *page = &instrument->pages[p];
        check_condition(parse, &pages->child[p], &page->condition, p);
        for (size_t i = 0; i < page->n_items; i++)
            check_condition(parse, parse->item_trees[page->items[i]],
                            &instrument->items[page->items[i]].condition, p);
    }
}

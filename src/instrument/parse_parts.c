#include "instrument/parse.h"

#include "base/arena.h"
#include "base/nearest.h"

#include <string.h>

enum { LANGUAGES_MAX = 16, SETS_MAX = 64, VALUE_LIMIT = 99999 };
enum { TEXT_LIMIT_USUAL = 500, TEXT_LIMIT_MAX = 4000 };

static const char *const RESPONDENTS[] = { "pupil_young", "pupil",     "class_teacher", "parent",
                                           "teacher",     "pedagogue", "leader",        NULL };

static bool is_language(const char *tag) {
    size_t length = strlen(tag);
    if (length < 2 || length >= LANG_MAX) return false;
    for (size_t i = 0; i < length; i++)
        if (!(tag[i] >= 'a' && tag[i] <= 'z') && !(i > 1 && (tag[i] == '-' || (tag[i] >= 'A' && tag[i] <= 'Z'))))
            return false;
    return true;
}

/* Without "languages" the one language is Danish. */
static void parse_languages(struct parse *parse) {
    struct instrument *instrument = parse->instrument;
    const struct tree *list = get_list(parse, parse->root, "languages", OPTIONAL, LANGUAGES_MAX);
    instrument->languages = parse_array(parse, list ? list->n : 1, sizeof *instrument->languages);
    if (!instrument->languages) return;
    if (!list) instrument->languages[instrument->n_languages++] = "da";
    for (size_t i = 0; list && i < list->n; i++) {
        const char *tag = json_string_value(list->child[i].json);
        bool twice = false;
        for (size_t l = 0; tag && l < instrument->n_languages; l++)
            twice |= strcmp(instrument->languages[l], tag) == 0;
        if (!tag || !is_language(tag))
            fault(parse, &list->child[i], ERROR_ID("instrument.bad_language"),
                  ARG_TEXT("language", tag ? tag : "?"));
        else if (twice)
            fault(parse, &list->child[i], ERROR_ID("instrument.language_twice"),
                  ARG_TEXT("language", tag));
        else
            instrument->languages[instrument->n_languages++] = tag;
    }
}

void get_grades(struct parse *parse, const struct tree *object, int *out_from, int *out_to) {
    *out_from = *out_to = -1;
    const struct tree *grades = tree_member(object, "grades");
    if (!grades) return;
    long long from = -1, to = -1;
    bool pair = json_is_array(grades->json) && grades->n == 2 &&
                json_is_integer(grades->child[0].json) && json_is_integer(grades->child[1].json);
    if (pair) {
        from = json_integer_value(grades->child[0].json);
        to = json_integer_value(grades->child[1].json);
    }
    if (!pair || from < 0 || from > to || to > GRADE_MAX) {
        fault(parse, grades, ERROR_ID("instrument.bad_grades"), ARG_INT("limit", GRADE_MAX));
        return;
    }
    *out_from = (int)from;
    *out_to = (int)to;
}

void parse_head(struct parse *parse) {
    static const char *const keys[] = { "code",       "respondent", "grades",        "languages",
                                        "title",      "notice",     "thanks",        "layout",
                                        "most_first", "category_sets", "categories", "scales",
                                        "items",      "pages",      NULL };
    static const char *const layouts[] = { "page", "single", NULL };
    struct instrument *instrument = parse->instrument;
    const struct tree *root = parse->root;
    check_keys(parse, root, keys);
    instrument->code = get_code(parse, root, "code");
    instrument->respondent =
        (enum respondent)get_word(parse, root, "respondent", NEEDED, RESPONDENTS, RESPONDENT_PUPIL);
    parse->shown = tree_member(root, "pages") != NULL;
    parse_languages(parse);
    get_grades(parse, root, &instrument->grade_from, &instrument->grade_to);
    instrument->title = get_texts(parse, root, "title", parse->shown ? NEEDED : OPTIONAL);
    instrument->notice = get_texts(parse, root, "notice", OPTIONAL);
    instrument->thanks = get_texts(parse, root, "thanks", OPTIONAL);
    instrument->layout = (enum layout)get_word(parse, root, "layout", OPTIONAL, layouts, LAYOUT_PAGE);
    instrument->most_first = get_flag(parse, root, "most_first");
}

const char *respondent_name(enum respondent respondent) { return RESPONDENTS[respondent]; }

bool respondent_from_name(const char *name, enum respondent *out) {
    for (size_t i = 0; RESPONDENTS[i]; i++) {
        if (strcmp(RESPONDENTS[i], name) != 0) continue;
        *out = (enum respondent)i;
        return true;
    }
    return false;
}

/* One of a list: a whole number, or {"value": …, "label": …} (value: the index where left out). */
static void parse_category(struct parse *parse, const struct tree *tree, size_t index,
                           struct category *out) {
    static const char *const keys[] = { "value", "label", "symbol", NULL };
    static const char *const symbols[] = { "none", "frown", "neutral", "smile", NULL };
    const struct tree *value = tree;
    if (json_is_object(tree->json)) {
        check_keys(parse, tree, keys);
        out->label = get_texts(parse, tree, "label", NEEDED);
        out->symbol = (enum symbol)get_word(parse, tree, "symbol", OPTIONAL, symbols, SYMBOL_NONE);
        value = tree_member(tree, "value");
    }
    out->value = (int)index;
    if (!value) return;
    json_int_t number = json_integer_value(value->json);
    if (!json_is_integer(value->json) || number < -VALUE_LIMIT || number > VALUE_LIMIT)
        fault(parse, value, ERROR_ID("instrument.bad_value"), ARG_INT("limit", VALUE_LIMIT));
    else
        out->value = (int)number;
}

/* A number of categories (values 0, 1, …), or a list of them, lowest first. */
static struct category_set parse_categories(struct parse *parse, const struct tree *tree) {
    struct category_set set = { .faulty = true };
    size_t faults = parse->faults->total;
    bool list = json_is_array(tree->json);
    json_int_t n = list ? (json_int_t)tree->n : json_integer_value(tree->json);
    if (!list && !json_is_integer(tree->json)) {
        fault_plain(parse, tree, ERROR_ID("instrument.bad_categories"));
        return set;
    }
    if (n < 2 || n > CATEGORIES_MAX) {
        fault(parse, tree, ERROR_ID("instrument.category_count"), ARG_INT("found", n),
              ARG_INT("limit", CATEGORIES_MAX));
        return set;
    }
    struct category *categories = parse_array(parse, (size_t)n, sizeof *categories);
    if (!categories) return set;
    set = (struct category_set){ .n = (size_t)n, .categories = categories, .labelled = true };
    for (size_t i = 0; i < set.n; i++) {
        categories[i].value = (int)i;
        if (list) parse_category(parse, &tree->child[i], i, &categories[i]);
        set.labelled &= categories[i].label.in != NULL;
        for (size_t j = 0; j < i; j++)
            if (categories[j].value == categories[i].value)
                fault(parse, &tree->child[i], ERROR_ID("instrument.value_twice"),
                      ARG_INT("value", categories[i].value));
    }
    set.faulty = parse->faults->total > faults;
    return set;
}

/* What stands under "categories": the name of a set, or categories of their own. */
static struct category_set categories_of(struct parse *parse, const struct tree *tree) {
    const char *name = json_string_value(tree->json);
    if (!name) return parse_categories(parse, tree);
    for (size_t i = 0; i < parse->n_sets; i++)
        if (strcmp(parse->sets[i].name, name) == 0) return parse->sets[i];
    const char *near = nearest(name, parse->set_names);
    if (near)
        fault(parse, tree, ERROR_ID("instrument.unknown_set_near"), ARG_TEXT("set", name),
              ARG_TEXT("near", near));
    else
        fault(parse, tree, ERROR_ID("instrument.unknown_set"), ARG_TEXT("set", name));
    return (struct category_set){ .faulty = true };
}

void parse_sets(struct parse *parse) {
    static const char *const none[] = { NULL };
    const struct tree *sets = tree_member(parse->root, "category_sets");
    parse->set_names = (const char **)none;
    if (sets && is_object(parse, sets, "category_sets")) {
        if (sets->n > SETS_MAX)
            fault(parse, sets, ERROR_ID("instrument.too_many"), ARG_TEXT("key", "category_sets"),
                  ARG_INT("found", sets->n), ARG_INT("limit", SETS_MAX));
        parse->sets = parse_array(parse, sets->n, sizeof *parse->sets);
        const char **names = parse_array(parse, sets->n + 1, sizeof *names);
        if (!parse->sets || !names) return;
        for (size_t i = 0; i < sets->n; i++) {
            parse->sets[i] = parse_categories(parse, &sets->child[i]);
            parse->sets[i].name = names[i] = sets->child[i].key;
        }
        parse->set_names = names;
        parse->n_sets = sets->n;
    }
    const struct tree *usual = tree_member(parse->root, "categories");
    if (usual) parse->default_set = categories_of(parse, usual);
}

/* What an item that is an object says of itself; categories get their place. */
static const struct tree *parse_item_object(struct parse *parse, const struct tree *tree,
                                            struct item *item) {
    static const char *const keys[] = { "id",       "text",  "kind",      "categories",
                                        "reversed", "limit", "dont_know", "not_applicable",
                                        "required", "if",    "grades",    NULL };
    static const char *const kinds[] = { "choice", "text", NULL };
    check_keys(parse, tree, keys);
    item->id = get_code(parse, tree, "id");
    item->text = get_texts(parse, tree, "text", OPTIONAL);
    item->kind = (enum item_kind)get_word(parse, tree, "kind", OPTIONAL, kinds, ITEM_CHOICE);
    item->reversed = get_flag(parse, tree, "reversed");
    item->dont_know = get_flag(parse, tree, "dont_know");
    item->not_applicable = get_flag(parse, tree, "not_applicable");
    item->required = get_flag(parse, tree, "required");
    const struct tree *limit = tree_member(tree, "limit");
    item->limit = TEXT_LIMIT_USUAL;
    if (limit && (!json_is_integer(limit->json) || json_integer_value(limit->json) < 1 ||
                  json_integer_value(limit->json) > TEXT_LIMIT_MAX))
        fault(parse, limit, ERROR_ID("instrument.bad_limit"), ARG_INT("limit", TEXT_LIMIT_MAX));
    else if (limit)
        item->limit = (int)json_integer_value(limit->json);
    return tree_member(tree, "categories");
}

/* Categories of its own, or those of the instrument. */
static void give_categories(struct parse *parse, const struct tree *tree,
                            const struct tree *categories, struct item *item) {
    struct category_set set = categories ? categories_of(parse, categories) : parse->default_set;
    const char *id = item->id ? item->id : "?";
    if (set.n == 0 && !set.faulty)
        fault(parse, tree, ERROR_ID("instrument.no_categories"), ARG_TEXT("item", id));
    item->n_categories = set.n;
    item->categories = set.categories;
    if (parse->shown && set.n && !set.labelled && !set.faulty)
        fault(parse, tree, ERROR_ID("instrument.item_without_labels"), ARG_TEXT("item", id));
}

/* "id" alone, or an object. */
static void parse_item(struct parse *parse, const struct tree *tree, struct item *item) {
    const struct tree *categories = NULL;
    item->condition = NO_CONDITION;
    if (json_is_string(tree->json))
        item->id = code_of(parse, tree, "id");
    else if (is_object(parse, tree, "items"))
        categories = parse_item_object(parse, tree, item);
    else
        return;
    if (item->kind == ITEM_CHOICE)
        give_categories(parse, tree, categories, item);
    else if (categories)
        fault(parse, categories, ERROR_ID("instrument.text_with_categories"),
              ARG_TEXT("item", item->id ? item->id : "?"));
    if (parse->shown && !item->text.in)
        fault(parse, tree, ERROR_ID("instrument.item_without_text"),
              ARG_TEXT("item", item->id ? item->id : "?"));
}

void parse_items(struct parse *parse) {
    const struct tree *list = get_list(parse, parse->root, "items", NEEDED, ITEMS_MAX);
    size_t n = list ? list->n : 0;
    parse->items = parse_array(parse, n, sizeof *parse->items);
    parse->item_ids = parse_array(parse, n + 1, sizeof *parse->item_ids);
    parse->item_trees = parse_array(parse, n, sizeof *parse->item_trees);
    if (parse->no_memory) return;
    for (size_t i = 0; i < n; i++) {
        parse_item(parse, &list->child[i], &parse->items[i]);
        parse->item_trees[i] = &list->child[i];
        /* An item without a readable id keeps its place; "" is no id that anybody can name. */
        if (!parse->items[i].id) parse->items[i].id = "";
        parse->item_ids[i] = parse->items[i].id;
    }
    parse->instrument->items = parse->items;
    parse->instrument->n_items = n;
}

size_t item_list(struct parse *parse, const struct tree *list, const size_t **out) {
    size_t *items = parse_array(parse, list->n, sizeof *items), n = 0;
    if (!items) return 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *id = code_of(parse, &list->child[i], "items");
        if (!id) continue;
        long found = instrument_item(parse->instrument, id);
        const char *near = found < 0 ? nearest(id, parse->item_ids) : NULL;
        bool twice = false;
        for (size_t j = 0; j < n; j++) twice |= found >= 0 && items[j] == (size_t)found;
        if (twice)
            fault(parse, &list->child[i], ERROR_ID("instrument.item_twice"), ARG_TEXT("item", id));
        else if (found >= 0)
            items[n++] = (size_t)found;
        else if (near)
            fault(parse, &list->child[i], ERROR_ID("instrument.unknown_item_near"),
                  ARG_TEXT("item", id), ARG_TEXT("near", near));
        else
            fault(parse, &list->child[i], ERROR_ID("instrument.unknown_item"), ARG_TEXT("item", id));
    }
    *out = items;
    return n;
}

/* Every item of the instrument, for the one scale that names none. */
static size_t all_items(struct parse *parse, const size_t **out) {
    size_t n = parse->instrument->n_items, *items = parse_array(parse, n, sizeof *items);
    if (!items) return 0;
    for (size_t i = 0; i < n; i++) items[i] = i;
    *out = items;
    return n;
}

/* The code in every language. */
static struct texts same_text(struct parse *parse, const char *text) {
    size_t n = parse->instrument->n_languages;
    const char **in = parse_array(parse, n, sizeof *in);
    for (size_t i = 0; in && i < n; i++) in[i] = text;
    return (struct texts){ in };
}

static void parse_scale(struct parse *parse, const struct tree *tree, bool single,
                        struct scale *scale) {
    static const char *const keys[] = { "code",     "name", "meaning",     "above", "below", "goal",
                                        "teaching", "use",  "lowest_unit", "items", NULL };
    static const char *const goals[] = { "L", "S", "T", NULL };
    static const char *const uses[] = { "scale", "shares", "background", NULL };
    static const char *const kinds[] = { "class", "school", "institution", "municipality", "programme",
                                         NULL };
    enum { NO_GOAL = 3 };
    enum need need = parse->shown ? NEEDED : OPTIONAL;
    if (!is_object(parse, tree, "scales")) return;
    check_keys(parse, tree, keys);
    scale->code = get_code(parse, tree, "code");
    if (!scale->code) scale->code = "";
    scale->use = (enum scale_use)get_word(parse, tree, "use", OPTIONAL, uses, USE_SCALE);
    scale->name = get_texts(parse, tree, "name", need);
    if (!scale->name.in) scale->name = same_text(parse, scale->code);
    scale->meaning = get_texts(parse, tree, "meaning", need);
    if (scale->use != USE_SCALE) need = OPTIONAL; /* only points are above or below */
    scale->above = get_texts(parse, tree, "above", need);
    scale->below = get_texts(parse, tree, "below", need);
    size_t goal = get_word(parse, tree, "goal", OPTIONAL, goals, NO_GOAL);
    scale->goal = goal == NO_GOAL ? '\0' : goals[goal][0];
    scale->teaching = get_flag(parse, tree, "teaching");
    scale->lowest_unit = kinds[get_word(parse, tree, "lowest_unit", OPTIONAL, kinds, 0)];
    const struct tree *items =
        get_list(parse, tree, "items", single ? OPTIONAL : NEEDED, ITEMS_MAX);
    if (items)
        scale->n_items = item_list(parse, items, &scale->items);
    else if (single)
        scale->n_items = all_items(parse, &scale->items);
}

void parse_scales(struct parse *parse) {
    const struct tree *list = get_list(parse, parse->root, "scales", NEEDED, SCALES_MAX);
    size_t n = list ? list->n : 0;
    parse->scales = parse_array(parse, n, sizeof *parse->scales);
    if (!parse->scales) return;
    for (size_t i = 0; i < n; i++) parse_scale(parse, &list->child[i], n == 1, &parse->scales[i]);
    parse->instrument->scales = parse->scales;
    parse->instrument->n_scales = n;
}

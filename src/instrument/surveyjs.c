/* SurveyJS's JSON (surveyjs.io, "Form Library") → a draft: a documented subset of question types.
 * Every key that is not taken is named with its line. */
#include "base/arena.h"
#include "base/text.h"
#include "instrument/draft.h"
#include "instrument/file.h"
#include "instrument/tree.h"
#include "instrument/xlsform.h"

#include <string.h>

enum { DEPTH_MAX = 24, EXPRESSION_ROOM = 8 * 1024, RATING_MAX = 100 };

struct survey {
    struct draft *draft;
    int first; /* the language of "default" and of plain strings */
};

/* Keys that hold texts; those of a language object are its languages. */
static const char *const TEXTS[] = { "title",
                                     "description",
                                     "text",
                                     "html",
                                     "labelTrue",
                                     "labelFalse",
                                     "completedHtml",
                                     "minRateDescription",
                                     "maxRateDescription",
                                     NULL };

static bool among(const char *word, const char *const *words) {
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0) return true;
    return false;
}

static const char *string_of(const struct tree *object, const char *key) {
    const struct tree *member = tree_member(object, key);
    const char *string = member ? json_string_value(member->json) : NULL;
    return string ? string : "";
}

static bool is_true(const struct tree *object, const char *key) {
    const struct tree *member = tree_member(object, key);
    return member && json_is_true(member->json);
}

static void find_languages(struct draft *draft, const struct tree *tree, const char *key,
                           int depth) {
    bool texts = key && among(key, TEXTS) && json_is_object(tree->json);
    for (size_t i = 0; i < tree->n && depth < DEPTH_MAX; i++) {
        const struct tree *child = &tree->child[i];
        if (texts && strcmp(child->key, "default") != 0)
            draft_language(draft, child->key);
        else
            find_languages(draft, child, child->key, depth + 1);
    }
}

/* The survey's own language comes first: what "locale" says, else English where Danish is named as
 * another. */
static void read_languages(struct survey *s, const struct tree *root) {
    struct draft others = { .arena = s->draft->arena };
    const char *locale = string_of(root, "locale");
    bool danish = false;
    find_languages(&others, root, NULL, 0);
    for (size_t i = 0; i < others.n_languages; i++)
        danish = danish || strcmp(others.languages[i], "da") == 0;
    if (!*locale && !danish) leave_args(s->draft, 1, ERROR_ID("instrument.left_language"), NULL, 0);
    s->first = draft_language(s->draft, *locale ? locale : danish ? "en" : "da");
    if (s->first < 0) s->first = draft_language(s->draft, "da");
    for (size_t i = 0; i < others.n_languages; i++) draft_language(s->draft, others.languages[i]);
}

/* A string, a number, or an object by language. */
static struct words words_of(struct survey *s, const struct tree *value) {
    struct words words = { 0 };
    if (!value) return words;
    if (json_is_string(value->json))
        words.in[s->first] = draft_plain(s->draft, value->line, json_string_value(value->json));
    for (size_t i = 0; json_is_object(value->json) && i < value->n; i++) {
        const struct tree *child = &value->child[i];
        const char *text = json_string_value(child->json);
        int l = strcmp(child->key, "default") == 0 ? s->first
                                                   : draft_language(s->draft, child->key);
        if (text && l >= 0)
            words.in[l] = draft_plain(s->draft, child->line, text);
        else
            leave_thing(s->draft, child->line, child->key, value->key ? value->key : "");
    }
    return words;
}

/* A value as its code: "a", "1", "true". */
static const char *code_of_value(struct survey *s, const struct tree *value) {
    struct text text = text_new(s->draft->arena, 256);
    if (json_is_string(value->json))
        text_add(&text, json_string_value(value->json));
    else if (json_is_integer(value->json))
        text_addf(&text, "%lld", (long long)json_integer_value(value->json));
    else if (json_is_boolean(value->json))
        text_add(&text, json_is_true(value->json) ? "true" : "false");
    return text_string(&text);
}

static void name_rest(struct survey *s, const struct tree *object, const char *name,
                      const char *const *known) {
    for (size_t i = 0; json_is_object(object->json) && i < object->n; i++)
        if (!among(object->child[i].key, known))
            leave_thing(s->draft, object->child[i].line, object->child[i].key, name);
}

/* An element of choices, columns, rows or rateValues: a value alone, or {"value": …, "text": …}. */
static void choice(struct survey *s, const struct tree *tree, const char **code,
                   struct words *label) {
    static const char *const known[] = { "value", "text", NULL };
    const struct tree *value = json_is_object(tree->json) ? tree_member(tree, "value") : tree;
    *code = value ? code_of_value(s, value) : "";
    *label = words_of(s, tree_member(tree, "text"));
    for (size_t i = 0; i < s->draft->n_languages; i++)
        if (!tree_member(tree, "text")) label->in[i] = *code;
    name_rest(s, tree, *code, known);
}

static const struct draft_set *choices_set(struct survey *s, const struct tree *list,
                                           const char *name, int line) {
    const char *codes[CATEGORIES_MAX];
    struct words labels[CATEGORIES_MAX];
    size_t n = list ? list->n : 0;
    for (size_t i = 0; i < n && i < CATEGORIES_MAX; i++)
        choice(s, &list->child[i], &codes[i], &labels[i]);
    return draft_set(s->draft, line, name, n, codes, labels, NULL);
}

static long whole(const struct tree *object, const char *key, long usual) {
    const struct tree *member = tree_member(object, key);
    return member && json_is_integer(member->json) ? (long)json_integer_value(member->json) : usual;
}

/* 1 to 5, the ends with their descriptions: "1 (never)". */
static const struct draft_set *rating_set(struct survey *s, const struct tree *q,
                                          const char *name) {
    long low = whole(q, "rateMin", 1), step = whole(q, "rateStep", 1);
    long high = tree_member(q, "rateMax") ? whole(q, "rateMax", 5)
                                          : low + whole(q, "rateCount", 5) - 1;
    struct words labels[CATEGORIES_MAX] = { 0 },
                 ends[2] = { words_of(s, tree_member(q, "minRateDescription")),
                             words_of(s, tree_member(q, "maxRateDescription")) };
    const char *codes[CATEGORIES_MAX];
    size_t n = 0;
    if (tree_member(q, "rateValues"))
        return choices_set(s, tree_member(q, "rateValues"), name, q->line);
    for (long v = low; step > 0 && v <= high && n < RATING_MAX; v += step, n++) {
        if (n >= CATEGORIES_MAX) continue;
        struct text code = text_new(s->draft->arena, 32);
        text_addf(&code, "%ld", v);
        codes[n] = text_string(&code);
        for (size_t l = 0; l < s->draft->n_languages; l++) {
            const char *end = v == low ? ends[0].in[l] : v + step > high ? ends[1].in[l] : NULL;
            struct text label = text_new(s->draft->arena, 4096);
            text_addf(&label, end ? "%s (%s)" : "%s", codes[n], end);
            labels[n].in[l] = text_string(&label);
        }
    }
    return draft_set(s->draft, q->line, name, n, codes, labels, NULL);
}

static const struct draft_set *boolean_set(struct survey *s, const struct tree *q,
                                           const char *name) {
    static const char *const usual[][3] = { { "da", "Nej", "Ja" }, { "en", "No", "Yes" } };
    const char *codes[] = { "false", "true" };
    struct words labels[] = { words_of(s, tree_member(q, "labelFalse")),
                              words_of(s, tree_member(q, "labelTrue")) };
    for (size_t l = 0; l < s->draft->n_languages; l++)
        for (size_t u = 0; u < 2; u++)
            for (size_t c = 0; c < 2; c++)
                if (!labels[c].in[l] && strcmp(usual[u][0], s->draft->languages[l]) == 0)
                    labels[c].in[l] = usual[u][1 + c];
    return draft_set(s->draft, q->line, name, 2, codes, labels, NULL);
}

/* "{q} = 1" in the words of an XLSForm. */
static bool condition_of(struct survey *s, const struct tree *object, struct relevant *out,
                         const char **expression) {
    struct text text = text_new(s->draft->arena, EXPRESSION_ROOM);
    *out = (struct relevant){ .grade_from = -1, .grade_to = -1 };
    *expression = string_of(object, "visibleIf");
    if (!**expression) return true;
    for (const char *at = *expression; *at; at++) {
        if (*at == '{') text_add_char(&text, '$');
        text_add_char(&text, *at);
    }
    return text_ok(&text) && xlsform_relevant(text_string(&text), s->draft->arena, out) &&
           out->grade_from < 0;
}

/* On a page or an item; what cannot be held is named. */
static void put_condition(struct survey *s, json_t *whom, const struct tree *object,
                          bool understood, const struct relevant *relevant,
                          const char *expression) {
    if (*expression && (!understood || !draft_condition(s->draft, whom, &relevant->answer)))
        leave_thing(s->draft, object->line, expression, "visibleIf");
}

static void page_condition(struct survey *s, const struct tree *object) {
    struct relevant relevant;
    const char *expression;
    bool understood = condition_of(s, object, &relevant, &expression);
    put_condition(s, s->draft->page, object, understood, &relevant, expression);
}

/* One item, or one of a matrix's rows. */
static void ask(struct survey *s, const struct tree *q, const char *code, const struct words *text,
                const struct draft_set *set) {
    struct relevant relevant;
    const char *expression;
    bool understood = condition_of(s, q, &relevant, &expression);
    if (understood && relevant.answer.n && draft_same_page(s->draft, relevant.answer.item))
        draft_break(s->draft, q->line, code);
    json_t *item = draft_item(s->draft, q->line, code, text, set);
    if (!item) return;
    put_condition(s, item, q, understood, &relevant, expression);
    if (is_true(q, "isRequired") || is_true(q, "isAllRowRequired"))
        json_object_set_new(item, "required", json_true());
    if (is_true(q, "showDontKnowItem")) json_object_set_new(item, "dont_know", json_true());
    if (whole(q, "maxLength", 0) > 0 && !set)
        draft_limit(s->draft, q->line, item, whole(q, "maxLength", 0));
}

static struct words title_of(struct survey *s, const struct tree *q) {
    struct words words = words_of(s, tree_member(q, "title"));
    if (!tree_member(q, "title")) words.in[s->first] = string_of(q, "name");
    return words;
}

static void read_matrix(struct survey *s, const struct tree *q, const char *name) {
    static const char *const known[] = { "type",       "name",      "title",
                                         "columns",    "rows",      "isAllRowRequired",
                                         "isRequired", "visibleIf", NULL };
    const struct tree *rows = tree_member(q, "rows");
    const struct draft_set *set = choices_set(s, tree_member(q, "columns"), name, q->line);
    struct words stem = title_of(s, q);
    name_rest(s, q, name, known);
    for (size_t r = 0; set && rows && r < rows->n; r++) {
        const char *code;
        struct words row, text = { 0 };
        struct text id = text_new(s->draft->arena, 256);
        choice(s, &rows->child[r], &code, &row);
        text_addf(&id, "%s.%s", name, code);
        for (size_t l = 0; l < s->draft->n_languages; l++) {
            struct text both = text_new(s->draft->arena, 16 * 1024);
            if (!row.in[l]) continue;
            text_addf(&both, tree_member(q, "title") && stem.in[l] ? "%s %s" : "%s%s",
                      tree_member(q, "title") && stem.in[l] ? stem.in[l] : "", row.in[l]);
            text.in[l] = text_string(&both);
        }
        ask(s, q, text_string(&id), &text, set);
    }
}

static void read_elements(struct survey *s, const struct tree *list, int depth);

/* A panel stands on a page of its own, and so does what follows it. */
static void read_panel(struct survey *s, const struct tree *q, int depth) {
    static const char *const known[] = { "type",     "name",      "title", "description",
                                         "elements", "visibleIf", NULL };
    json_t *outer = json_incref(s->draft->page);
    struct words title = words_of(s, tree_member(q, "title")),
                 intro = words_of(s, tree_member(q, "description"));
    name_rest(s, q, string_of(q, "name"), known);
    draft_page(s->draft, q->line, &title);
    draft_put_text(s->draft, s->draft->page, "intro", q->line, &intro);
    if (json_object_get(outer, "if"))
        json_object_set(s->draft->page, "if", json_object_get(outer, "if"));
    if (!json_object_get(outer, "if"))
        page_condition(s, q);
    else if (tree_member(q, "visibleIf"))
        leave_thing(s->draft, q->line, string_of(q, "visibleIf"), "visibleIf");
    read_elements(s, tree_member(q, "elements"), depth + 1);
    draft_page(s->draft, q->line, NULL);
    if (json_object_get(outer, "if"))
        json_object_set(s->draft->page, "if", json_object_get(outer, "if"));
    json_decref(outer);
}

/* Before the first question a text is the page's intro. */
static void read_html(struct survey *s, const struct tree *q) {
    static const char *const known[] = { "type", "name", "html", NULL };
    json_t *page = s->draft->page;
    struct words words = words_of(s, tree_member(q, "html"));
    name_rest(s, q, string_of(q, "name"), known);
    if (json_array_size(json_object_get(page, "items")) || json_object_get(page, "intro"))
        leave_thing(s->draft, q->line, string_of(q, "name"), "html");
    else
        draft_put_text(s->draft, page, "intro", q->line, &words);
}

static void read_question(struct survey *s, const struct tree *q, int depth) {
    static const char *const choices[] = {
        "type", "name", "title", "choices", "isRequired", "visibleIf", "showDontKnowItem", NULL
    };
    static const char *const ratings[] = { "type",
                                           "name",
                                           "title",
                                           "isRequired",
                                           "visibleIf",
                                           "rateMin",
                                           "rateMax",
                                           "rateStep",
                                           "rateCount",
                                           "rateValues",
                                           "minRateDescription",
                                           "maxRateDescription",
                                           NULL };
    static const char *const booleans[] = { "type",      "name",      "title",      "isRequired",
                                            "visibleIf", "labelTrue", "labelFalse", NULL };
    static const char *const plain[] = { "type",      "name",      "title", "isRequired",
                                         "visibleIf", "maxLength", NULL };
    const char *type = string_of(q, "type"), *name = string_of(q, "name");
    const struct draft_set *set = NULL;
    const char *const *known = plain;
    if (strcmp(type, "matrix") == 0) {
        read_matrix(s, q, name);
        return;
    }
    if (strcmp(type, "panel") == 0) {
        read_panel(s, q, depth);
        return;
    }
    if (strcmp(type, "html") == 0) {
        read_html(s, q);
        return;
    }
    bool text = strcmp(type, "text") == 0 || strcmp(type, "comment") == 0;
    if (strcmp(type, "radiogroup") == 0 || strcmp(type, "dropdown") == 0)
        set = choices_set(s, tree_member(q, "choices"), name, q->line), known = choices;
    else if (strcmp(type, "rating") == 0)
        set = rating_set(s, q, name), known = ratings;
    else if (strcmp(type, "boolean") == 0)
        set = boolean_set(s, q, name), known = booleans;
    const char *input = string_of(q, "inputType");
    if ((!set && !text) || *input) {
        leave(s->draft, q->line, ERROR_ID("instrument.left_question"), ARG_TEXT("item", name),
              ARG_TEXT("type", *input ? input : type));
        return;
    }
    name_rest(s, q, name, known);
    struct words title = title_of(s, q);
    ask(s, q, name, &title, set);
}

static void read_elements(struct survey *s, const struct tree *list, int depth) {
    for (size_t i = 0; list && json_is_array(list->json) && i < list->n; i++)
        if (json_is_object(list->child[i].json) && depth < DEPTH_MAX)
            read_question(s, &list->child[i], depth);
        else
            leave_thing(s->draft, list->child[i].line, "…", "elements");
}

static void read_page(struct survey *s, const struct tree *page) {
    static const char *const known[] = { "name",      "title",     "description", "elements",
                                         "questions", "visibleIf", NULL };
    struct words title = words_of(s, tree_member(page, "title")),
                 intro = words_of(s, tree_member(page, "description"));
    name_rest(s, page, string_of(page, "name"), known);
    draft_page(s->draft, page->line, &title);
    draft_put_text(s->draft, s->draft->page, "intro", page->line, &intro);
    page_condition(s, page);
    read_elements(s, tree_member(page, "elements"), 0);
    read_elements(s, tree_member(page, "questions"), 0);
}

static void read_root(struct survey *s, const struct tree *root, const struct import *import) {
    static const char *const known[] = { "title", "description", "completedHtml", "locale",
                                         "pages", "elements",    "questions",     NULL };
    const struct tree *pages = tree_member(root, "pages");
    const char *name = strrchr(import->path, '/');
    char *code = arena_copy(s->draft->arena, name ? name + 1 : import->path);
    if (code && strrchr(code, '.')) *strrchr(code, '.') = '\0';
    json_object_set_new(s->draft->root, "code",
                        json_string(draft_code(s->draft, 1, code ? code : "")));
    if (import->respondent)
        json_object_set_new(s->draft->root, "respondent", json_string(import->respondent));
    struct words title = words_of(s, tree_member(root, "title")),
                 notice = words_of(s, tree_member(root, "description")),
                 thanks = words_of(s, tree_member(root, "completedHtml"));
    draft_put_text(s->draft, s->draft->root, "title", root->line, &title);
    draft_put_text(s->draft, s->draft->root, "notice", root->line, &notice);
    draft_put_text(s->draft, s->draft->root, "thanks", root->line, &thanks);
    name_rest(s, root, "survey", known);
    for (size_t p = 0; pages && json_is_array(pages->json) && p < pages->n; p++)
        read_page(s, &pages->child[p]);
    if (!pages) draft_page(s->draft, root->line, NULL);
    read_elements(s, tree_member(root, "elements"), 0);
    read_elements(s, tree_member(root, "questions"), 0);
}

bool surveyjs_read(struct draft *draft, const struct import *import, struct error *error) {
    struct survey s = { .draft = draft };
    const char *bytes;
    size_t length;
    if (!instrument_bytes(import->path, draft->arena, &bytes, &length, error)) return false;
    struct tree *root = tree_read(import->path, bytes, length, draft->arena, error);
    if (!root) return false;
    if (!json_is_object(root->json) ||
        (!tree_member(root, "pages") && !tree_member(root, "elements") &&
         !tree_member(root, "questions")))
        return error_set(error, "instrument.no_surveyjs", ARG_TEXT("file", import->path));
    read_languages(&s, root);
    read_root(&s, root, import);
    return true;
}

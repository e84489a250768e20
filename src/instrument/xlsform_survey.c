/* The rows of the sheet survey: groups, notes and questions. */
#include "base/arena.h"
#include "base/text.h"
#include "instrument/xlsform_read.h"

#include <string.h>

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
    for (size_t r = 1; r < xls_rows(&x->choices); r++) {
        const struct sheet_row *row = &x->choices.sheet->rows[r];
        const char *name = xls_get(&x->choices, row, "list_name");
        if (!*name) name = xls_get(&x->choices, row, "list name");
        if (strcmp(name, list) != 0) continue;
        if (n == 0) line = row->line;
        if (n <= CATEGORIES_MAX) {
            codes[n] = xls_get(&x->choices, row, "name");
            if (!*codes[n]) codes[n] = xls_get(&x->choices, row, "value");
            labels[n] = xls_words(x, &x->choices, row, "label");
            symbols[n] = xls_get(&x->choices, row, "laerke::symbol");
            xls_name_rest(x, &x->choices, row, names);
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
    struct words title = titled ? xls_words(x, &x->survey, row, "label") : (struct words){ 0 };
    size_t conditions = 0;
    draft_page(x->draft, row->line, &title);
    for (size_t g = x->depth; g-- > 0;) {
        const struct group *group = &x->group[g];
        const char *expression = xls_get(&x->survey, group->row, "relevant");
        if (!group->conditional) continue;
        if (conditions++)
            leave_thing(x->draft, group->row->line, expression, "relevant");
        else
            put_relevant(x, group->row->line, x->draft->page, &group->relevant, expression);
    }
    if (!titled) return;
    const char *once = xls_get(&x->survey, row, "laerke::once");
    if (*once) json_object_set_new(x->draft->page, "once", json_string(once));
}

static void put_note(struct xls *x, const char *key) {
    struct words words = xls_words(x, &x->survey, x->note, "label");
    if (json_object_get(x->draft->page, key))
        leave_thing(x->draft, x->note->line, xls_get(&x->survey, x->note, "name"), key);
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
          ARG_TEXT("item", xls_get(&x->survey, row, "name")));
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
    xls_name_rest(x, &x->survey, row, names);
    if (!x->draft->page) begin_page(x, row, false);
    if (x->note) put_note(x, "outro");
    x->note = row;
    if (json_array_size(json_object_get(x->draft->page, "items")) == 0) put_note(x, "intro");
}

static void read_group(struct xls *x, const struct sheet_row *row) {
    static const char *const names[] = { "type",       "name",         "label", "relevant",
                                         "appearance", "laerke::once", NULL };
    const char *expression = xls_get(&x->survey, row, "relevant"),
               *appearance = xls_get(&x->survey, row, "appearance");
    end_page(x);
    xls_name_rest(x, &x->survey, row, names);
    if (*appearance && strcmp(appearance, "field-list") != 0)
        leave_thing(x->draft, row->line, appearance, "appearance");
    if (x->depth == XLS_DEPTH_MAX) {
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
    const char *constraint = xls_get(&x->survey, row, "constraint");
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
    if (xls_yes(&x->survey, row, column)) json_object_set_new(item, key, json_true());
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
    const char *expression = xls_get(&x->survey, row, "relevant"),
               *appearance = xls_get(&x->survey, row, "appearance");
    struct relevant relevant = { .grade_from = -1, .grade_to = -1 };
    bool conditional = *expression && xlsform_relevant(expression, x->draft->arena, &relevant);
    xls_name_rest(x, &x->survey, row, names);
    page_for(x, row, conditional && relevant.answer.n ? relevant.answer.item : NULL);
    struct words label = xls_words(x, &x->survey, row, "label");
    size_t at = x->draft->n_items;
    json_t *item = draft_item(x->draft, row->line, xls_get(&x->survey, row, "name"), &label, set);
    if (!item) return;
    if (conditional) put_relevant(x, row->line, item, &relevant, expression);
    if (*expression && !conditional) leave_thing(x->draft, row->line, expression, "relevant");
    if (set ? *xls_get(&x->survey, row, "constraint") : !read_limit(x, row, item))
        leave_thing(x->draft, row->line, xls_get(&x->survey, row, "constraint"), "constraint");
    if (*appearance && (set || strcmp(appearance, "multiline") != 0))
        leave_thing(x->draft, row->line, appearance, "appearance");
    put_flag(x, row, item, "required", "required");
    put_flag(x, row, item, "laerke::reversed", "reversed");
    put_flag(x, row, item, "laerke::dont_know", "dont_know");
    put_flag(x, row, item, "laerke::not_applicable", "not_applicable");
    long long place = 0;
    x->all_placed = text_to_int(xls_get(&x->survey, row, "laerke::place"), 1, ITEMS_MAX, &place) &&
                    x->all_placed;
    x->item[at] = item;
    x->place[at] = (long)place;
}

static void read_row(struct xls *x, const struct sheet_row *row) {
    const char *type = xls_get(&x->survey, row, "type"), *list = list_of(type),
               *name = xls_get(&x->survey, row, "name");
    if (list) {
        char *own = arena_copy(x->draft->arena, list);
        char *behind = own ? strchr(own, ' ') : NULL;
        if (behind) {
            leave_thing(x->draft, row->line, behind + 1, type);
            *behind = '\0';
        }
        const struct draft_set *set = own ? read_set(x, own) : NULL;
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

void xls_read_survey(struct xls *x) {
    for (size_t r = 1; r < xls_rows(&x->survey); r++) read_row(x, &x->survey.sheet->rows[r]);
    end_page(x);
}

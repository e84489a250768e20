/* A LimeSurvey structure file (.lss) → a draft: a documented subset of question types. The file is
 * a dump of tables: <questions><rows><row><qid>…; texts lie in the l10ns tables (since version 4),
 * or in the rows themselves, one a language (before). */
#include "base/arena.h"
#include "base/text.h"
#include "exchange/xml.h"
#include "instrument/draft.h"
#include "instrument/file.h"
#include "instrument/xlsform.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { EXPRESSION_ROOM = 8 * 1024, ID_ROOM = 128 };

struct lime {
    struct draft *draft;
    const xmlNode *root;
    struct arena *arena;
};

/* A row with the number it is sorted by. */
struct sorted {
    const xmlNode *row;
    long order;
    size_t at;
};

static const xmlNode *first_row(const struct lime *l, const char *table) {
    return xml_child(xml_child(xml_child(l->root, table), "rows"), "row");
}

static const char *field(const struct lime *l, const xmlNode *row, const char *name) {
    return row ? xml_text(xml_child(row, name), l->arena) : "";
}

static bool is(const struct lime *l, const xmlNode *row, const char *name, const char *value) {
    return strcmp(field(l, row, name), value) == 0;
}

static bool among(const char *word, const char *const *words) {
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0) return true;
    return false;
}

static int by_order(const void *a, const void *b) {
    const struct sorted *x = a, *y = b;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static int language_of(const struct lime *l, const char *tag) {
    for (size_t i = 0; i < l->draft->n_languages; i++)
        if (strcmp(l->draft->languages[i], tag) == 0) return (int)i;
    return -1;
}

/* The rows of a table whose column key is value, in order, one for all languages of an older file.
 */
static size_t rows_of(struct lime *l, const char *table, const char *key, const char *value,
                      const char *order, const char *unique, struct sorted **out) {
    size_t n = 0, at = 0, all = 0;
    for (const xmlNode *row = first_row(l, table); row; row = xml_next(row, "row"))
        all += !key || is(l, row, key, value);
    *out = arena_array(l->arena, all + 1, sizeof **out);
    for (const xmlNode *row = first_row(l, table); *out && row; row = xml_next(row, "row"), at++) {
        bool again = false;
        if (key && !is(l, row, key, value)) continue;
        for (size_t i = 0; i < n && !again; i++)
            again = is(l, (*out)[i].row, unique, field(l, row, unique));
        if (!again)
            (*out)[n++] = (struct sorted){ row, strtol(field(l, row, order), NULL, 10), at };
    }
    if (n) qsort(*out, n, sizeof **out, by_order);
    return n;
}

/* The texts of something: from its l10ns table, else from the rows of its own table with the same
 * id. */
static struct words texts_of(struct lime *l, const char *table, const char *own_table,
                             const char *key, const char *id, const char *column) {
    struct words words = { 0 };
    for (int pass = 0; pass < 2; pass++)
        for (const xmlNode *row = first_row(l, pass ? own_table : table); row;
             row = xml_next(row, "row")) {
            int language = language_of(l, field(l, row, "language"));
            if (language < 0 || !is(l, row, key, id) || words.in[language]) continue;
            const char *text = draft_plain(l->draft, xml_line(row), field(l, row, column));
            words.in[language] = *text ? text : NULL;
        }
    return words;
}

static void read_languages(struct lime *l) {
    const xmlNode *survey = first_row(l, "surveys");
    char *rest = NULL, *more = arena_copy(l->arena, field(l, survey, "additional_languages"));
    draft_language(l->draft, field(l, survey, "language"));
    for (char *tag = more ? strtok_r(more, " ", &rest) : NULL; tag;
         tag = strtok_r(NULL, " ", &rest))
        if (draft_language(l->draft, tag) < 0)
            leave_thing(l->draft, xml_line(survey), tag, "additional_languages");
    if (l->draft->n_languages) return;
    leave_args(l->draft, xml_line(survey), ERROR_ID("instrument.left_language"), NULL, 0);
    draft_language(l->draft, "da");
}

static void add_line(struct lime *l, struct words *to, const struct words *from) {
    for (size_t i = 0; i < l->draft->n_languages; i++) {
        struct text text = text_new(l->arena, 64 * 1024);
        if (!from->in[i]) continue;
        text_addf(&text, "%s%s%s", to->in[i] ? to->in[i] : "", to->in[i] ? "\n" : "", from->in[i]);
        to->in[i] = text_string(&text);
    }
}

static struct words survey_texts(struct lime *l, const char *column) {
    struct words words = { 0 };
    for (const xmlNode *row = first_row(l, "surveys_languagesettings"); row;
         row = xml_next(row, "row")) {
        int language = language_of(l, field(l, row, "surveyls_language"));
        const char *text = draft_plain(l->draft, xml_line(row), field(l, row, column));
        if (language >= 0 && *text) words.in[language] = text;
    }
    return words;
}

static void read_head(struct lime *l, const struct import *import) {
    json_t *root = l->draft->root;
    int line = xml_line(first_row(l, "surveys_languagesettings"));
    struct text code = text_new(l->arena, ID_ROOM);
    text_addf(&code, "survey%s", field(l, first_row(l, "surveys"), "sid"));
    json_object_set_new(root, "code", json_string(draft_code(l->draft, 1, text_string(&code))));
    if (import->respondent)
        json_object_set_new(root, "respondent", json_string(import->respondent));
    struct words title = survey_texts(l, "surveyls_title"),
                 notice = survey_texts(l, "surveyls_description"),
                 welcome = survey_texts(l, "surveyls_welcometext"),
                 thanks = survey_texts(l, "surveyls_endtext"),
                 policy = survey_texts(l, "surveyls_policy_notice");
    add_line(l, &notice, &welcome);
    add_line(l, &notice, &policy);
    draft_put_text(l->draft, root, "title", line, &title);
    draft_put_text(l->draft, root, "notice", line, &notice);
    draft_put_text(l->draft, root, "thanks", line, &thanks);
    leave_thing(l->draft, xml_line(first_row(l, "surveys")), "surveys",
                "settings, e-mails, themes");
}

/* "((Q1.NAOK == \"A1\"))" in the words of an XLSForm: a name becomes ${name}. "1" and "" hold
 * always. */
static bool relevance_of(struct lime *l, const char *relevance, struct relevant *out) {
    static const char *const words[] = { "and", "or", NULL };
    struct text text = text_new(l->arena, EXPRESSION_ROOM);
    *out = (struct relevant){ .grade_from = -1, .grade_to = -1 };
    if (!*relevance || strcmp(relevance, "1") == 0) return true;
    for (const char *at = relevance; *at;) {
        if (isalpha((unsigned char)*at)) {
            char word[ID_ROOM];
            size_t n = 0;
            for (; (isalnum((unsigned char)*at) || *at == '_' || *at == '.') && n < ID_ROOM - 1;
                 at++)
                word[n++] = *at;
            word[n] = '\0';
            if (strchr(word, '.')) *strchr(word, '.') = '\0'; /* .NAOK */
            text_addf(&text, among(word, words) ? " %s " : "${%s}", word);
        } else if (*at == '"' || *at == '\'') {
            const char *end = strchr(at + 1, *at);
            if (!end) return false;
            text_add_bytes(&text, at, (size_t)(end + 1 - at));
            at = end + 1;
        } else if (strncmp(at, "&&", 2) == 0 || strncmp(at, "||", 2) == 0) {
            text_add(&text, *at == '&' ? " and " : " or ");
            at += 2;
        } else {
            text_add_char(&text, *at++);
        }
    }
    return text_ok(&text) && xlsform_relevant(text_string(&text), l->arena, out) &&
           out->grade_from < 0;
}

static void put_relevance(struct lime *l, json_t *whom, const xmlNode *row, const char *column) {
    struct relevant relevant;
    const char *expression = field(l, row, column);
    bool understood = relevance_of(l, expression, &relevant);
    if (understood && relevant.answer.n == 0) return;
    if (!understood || !draft_condition(l->draft, whom, &relevant.answer))
        leave_thing(l->draft, xml_line(row), expression, column);
}

/* Attributes that say something: all but those left empty or off. maximum_chars is taken. */
static void read_attributes(struct lime *l, const xmlNode *question, json_t *item) {
    static const char *const nothing[] = { "", "0", "N", "default", "inherit", NULL };
    for (const xmlNode *row = first_row(l, "question_attributes"); row;
         row = xml_next(row, "row")) {
        const char *name = field(l, row, "attribute"), *value = field(l, row, "value");
        long long limit;
        if (!is(l, row, "qid", field(l, question, "qid")) || among(value, nothing)) continue;
        if (item && strcmp(name, "maximum_chars") == 0 && text_to_int(value, 1, 1000000, &limit))
            draft_limit(l->draft, xml_line(row), item, limit);
        else
            leave_thing(l->draft, xml_line(row), name, value);
    }
}

/* Categories that a type brings with it. */
struct own_set {
    const char *type;
    size_t n;
    const char *codes[10];
    const char *da[10], *en[10];
};
static const struct own_set OWN[] = {
    { "Y", 2, { "N", "Y" }, { "Nej", "Ja" }, { "No", "Yes" } },
    { "C", 3, { "N", "U", "Y" }, { "Nej", "Ved ikke", "Ja" }, { "No", "Uncertain", "Yes" } },
    { "E",
      3,
      { "D", "S", "I" },
      { "Falder", "Uændret", "Stiger" },
      { "Decrease", "Same", "Increase" } },
    { "G", 2, { "F", "M" }, { "Kvinde", "Mand" }, { "Female", "Male" } },
    { "5", 5, { "1", "2", "3", "4", "5" }, { NULL }, { NULL } },
    { "A", 5, { "1", "2", "3", "4", "5" }, { NULL }, { NULL } },
    { "B", 10, { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10" }, { NULL }, { NULL } },
};

static const struct own_set *own_set_of(const char *type) {
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
        if (strcmp(OWN[i].type, type) == 0) return &OWN[i];
    return NULL;
}

static const struct draft_set *own_categories(struct lime *l, const xmlNode *row,
                                              const struct own_set *own) {
    struct words labels[10] = { 0 };
    for (size_t c = 0; c < own->n; c++)
        for (size_t i = 0; i < l->draft->n_languages; i++) {
            const char *tag = l->draft->languages[i];
            labels[c].in[i] = !own->da[0]              ? own->codes[c]
                              : strcmp(tag, "da") == 0 ? own->da[c]
                              : strcmp(tag, "en") == 0 ? own->en[c]
                                                       : NULL;
        }
    return draft_set(l->draft, xml_line(row), field(l, row, "title"), own->n, own->codes, labels,
                     NULL);
}

static const struct draft_set *categories(struct lime *l, const xmlNode *question,
                                          const char *type) {
    const struct own_set *own = own_set_of(type);
    struct sorted *answers;
    const char *codes[CATEGORIES_MAX];
    struct words labels[CATEGORIES_MAX];
    if (own) return own_categories(l, question, own);
    size_t n =
        rows_of(l, "answers", "qid", field(l, question, "qid"), "sortorder", "code", &answers);
    for (size_t i = 0; i < n && i < CATEGORIES_MAX; i++) {
        const xmlNode *row = answers[i].row;
        codes[i] = field(l, row, "code");
        labels[i] = (struct words){ 0 };
        if (*field(l, row, "aid"))
            labels[i] =
                texts_of(l, "answer_l10ns", "answer_l10ns", "aid", field(l, row, "aid"), "answer");
        for (const xmlNode *old = first_row(l, "answers"); old; old = xml_next(old, "row")) {
            int language = language_of(l, field(l, old, "language"));
            if (language >= 0 && !labels[i].in[language] &&
                is(l, old, "qid", field(l, question, "qid")) && is(l, old, "code", codes[i]))
                labels[i].in[language] =
                    draft_plain(l->draft, xml_line(old), field(l, old, "answer"));
        }
    }
    return draft_set(l->draft, xml_line(question), field(l, question, "title"), n, codes, labels,
                     NULL);
}

static void ask(struct lime *l, const xmlNode *question, const char *code, const struct words *text,
                const struct draft_set *set) {
    struct relevant relevant;
    bool understood = relevance_of(l, field(l, question, "relevance"), &relevant);
    if (understood && relevant.answer.n && draft_same_page(l->draft, relevant.answer.item))
        draft_break(l->draft, xml_line(question), code);
    json_t *item = draft_item(l->draft, xml_line(question), code, text, set);
    if (!item) return;
    put_relevance(l, item, question, "relevance");
    if (is(l, question, "mandatory", "Y") || is(l, question, "mandatory", "S"))
        json_object_set_new(item, "required", json_true());
    if (!set) read_attributes(l, question, item);
}

/* A row an item: what is asked, and of what. */
static void ask_rows(struct lime *l, const xmlNode *question, const struct words *stem,
                     const struct draft_set *set) {
    struct sorted *rows;
    const char *id = field(l, question, "qid");
    size_t n = rows_of(l, "subquestions", "parent_qid", id, "question_order", "qid", &rows);
    for (size_t i = 0; i < n; i++) {
        struct text code = text_new(l->arena, ID_ROOM);
        struct words text = *stem, row = texts_of(l, "question_l10ns", "subquestions", "qid",
                                                  field(l, rows[i].row, "qid"), "question");
        text_addf(&code, "%s_%s", field(l, question, "title"), field(l, rows[i].row, "title"));
        add_line(l, &text, &row);
        ask(l, question, text_string(&code), &text, set);
    }
}

/* A text between questions: the page's intro while nothing has been asked on it. */
static void read_text_row(struct lime *l, const xmlNode *question, const struct words *text) {
    json_t *page = l->draft->page;
    if (json_object_get(page, "intro") || json_array_size(json_object_get(page, "items")))
        leave_thing(l->draft, xml_line(question), field(l, question, "title"), "text display");
    else
        draft_put_text(l->draft, page, "intro", xml_line(question), text);
}

static void read_question(struct lime *l, const xmlNode *question) {
    static const char *const one[] = { "L", "!", "Y", "G", "5", NULL };
    static const char *const rows[] = { "F", "A", "B", "C", "E", NULL };
    static const char *const free_text[] = { "S", "T", "U", NULL };
    const char *type = field(l, question, "type"), *title = field(l, question, "title"),
               *id = field(l, question, "qid");
    struct words text = texts_of(l, "question_l10ns", "questions", "qid", id, "question"),
                 help = texts_of(l, "question_l10ns", "questions", "qid", id, "help");
    if (strcmp(type, "X") == 0) {
        read_text_row(l, question, &text);
        return;
    }
    bool choice = among(type, one), matrix = among(type, rows);
    const struct draft_set *set = choice || matrix ? categories(l, question, type) : NULL;
    if (!set && !among(type, free_text)) {
        leave(l->draft, xml_line(question), ERROR_ID("instrument.left_question"),
              ARG_TEXT("item", title), ARG_TEXT("type", type));
        return;
    }
    for (size_t i = 0; i < l->draft->n_languages; i++)
        if (help.in[i]) leave_thing(l->draft, xml_line(question), help.in[i], "help");
    if (is(l, question, "other", "Y")) leave_thing(l->draft, xml_line(question), "other", title);
    if (*field(l, question, "preg"))
        leave_thing(l->draft, xml_line(question), field(l, question, "preg"), "preg");
    if (set) read_attributes(l, question, NULL);
    if (matrix)
        ask_rows(l, question, &text, set);
    else
        ask(l, question, title, &text, set);
}

static void read_groups(struct lime *l) {
    struct sorted *groups, *questions;
    size_t n = rows_of(l, "groups", NULL, NULL, "group_order", "gid", &groups);
    for (size_t g = 0; g < n; g++) {
        const char *id = field(l, groups[g].row, "gid");
        struct words title = texts_of(l, "group_l10ns", "groups", "gid", id, "group_name"),
                     intro = texts_of(l, "group_l10ns", "groups", "gid", id, "description");
        draft_page(l->draft, xml_line(groups[g].row), &title);
        draft_put_text(l->draft, l->draft->page, "intro", xml_line(groups[g].row), &intro);
        put_relevance(l, l->draft->page, groups[g].row, "grelevance");
        if (*field(l, groups[g].row, "randomization_group"))
            leave_thing(l->draft, xml_line(groups[g].row),
                        field(l, groups[g].row, "randomization_group"), "randomization_group");
        size_t m = rows_of(l, "questions", "gid", id, "question_order", "qid", &questions);
        for (size_t q = 0; q < m; q++) read_question(l, questions[q].row);
    }
}

/* Tables that hold something and are read nowhere. conditions are repeated in each question's
 * relevance. */
static void name_tables(struct lime *l) {
    static const char *const known[] = { "groups",       "group_l10ns",
                                         "questions",    "question_l10ns",
                                         "subquestions", "answers",
                                         "answer_l10ns", "question_attributes",
                                         "surveys",      "surveys_languagesettings",
                                         "conditions",   NULL };
    for (const xmlNode *table = xml_child(l->root, NULL); table; table = xml_next(table, NULL))
        if (!among((const char *)table->name, known) && xml_child(xml_child(table, "rows"), "row"))
            leave_thing(l->draft, xml_line(table), (const char *)table->name, "document");
}

bool limesurvey_read(struct draft *draft, const struct import *import, struct error *error) {
    const char *bytes;
    size_t length;
    if (!instrument_bytes(import->path, draft->arena, &bytes, &length, error)) return false;
    xmlDoc *doc = xml_open(import->path, bytes, length, draft->arena, error);
    if (!doc) return false;
    struct lime l = { .draft = draft, .root = xmlDocGetRootElement(doc), .arena = draft->arena };
    if (!l.root ||
        strcmp(xml_text(xml_child(l.root, "LimeSurveyDocType"), l.arena), "Survey") != 0 ||
        !first_row(&l, "questions"))
        return error_set(error, "instrument.no_limesurvey", ARG_TEXT("file", import->path));
    read_languages(&l);
    read_head(&l, import);
    read_groups(&l);
    name_tables(&l);
    return true;
}

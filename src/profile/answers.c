/* How the questions were answered: shares, never a mean. Items with the same answers to choose from
 * share a chart. */
#include "profile/builder.h"

#include "base/text.h"

#include <string.h>

static const struct frozen_answers *answers_to(const struct frozen_part *part, const char *item) {
    for (size_t i = 0; i < part->n_categories; i++)
        if (strcmp(part->categories[i].item, item) == 0) return &part->categories[i];
    return NULL;
}

/* Whether an item has answers in this part, and as many shares as it has answers to choose from. */
static bool is_shown(const struct frozen_part *part, const struct frozen_item *item) {
    const struct frozen_answers *a = answers_to(part, item->item);
    return part->shown && a && a->shown && a->n_shares == item->n_labels &&
           item->n_labels <= SHARE_CATEGORIES_MAX && item->n_labels > 0;
}

static bool scale_has_answers(const struct frozen_scale *scale) {
    const struct frozen_part *part = part_all(scale);
    for (size_t i = 0; scale->items && i < scale->n_items; i++)
        if (is_shown(part, &scale->items[i])) return true;
    return false;
}

bool has_answers(struct selection scales) {
    for (size_t i = 0; i < scales.n; i++)
        if (scale_has_answers(scales.scales[i])) return true;
    return false;
}

static bool same_labels(const struct builder *b, const struct frozen_item *x,
                        const struct frozen_item *y) {
    if (x->n_labels != y->n_labels) return false;
    for (size_t k = 0; k < x->n_labels; k++)
        if (strcmp(frozen_text(&x->labels[k], b->tag), frozen_text(&y->labels[k], b->tag)) != 0)
            return false;
    return true;
}

/* The answer given most often over the items like the first shown one, and the span of its shares.
 */
struct span {
    const struct frozen_item *like;
    size_t category, n;
    int low, high;
};

static struct span find_span(const struct builder *b, const struct frozen_scale *scale) {
    const struct frozen_part *part = part_all(scale);
    struct span s = { 0 };
    long sums[SHARE_CATEGORIES_MAX] = { 0 };
    for (size_t i = 0; scale->items && i < scale->n_items; i++) {
        const struct frozen_item *item = &scale->items[i];
        if (!is_shown(part, item)) continue;
        if (!s.like) s.like = item;
        if (!same_labels(b, s.like, item)) continue;
        s.n++;
        for (size_t k = 0; k < item->n_labels; k++)
            sums[k] += answers_to(part, item->item)->shares[k];
    }
    if (!s.like) return s;
    for (size_t k = 1; k < s.like->n_labels; k++)
        if (sums[k] > sums[s.category]) s.category = k;
    s.low = 101;
    for (size_t i = 0; i < scale->n_items; i++) {
        const struct frozen_item *item = &scale->items[i];
        if (!is_shown(part, item) || !same_labels(b, s.like, item)) continue;
        int share = answers_to(part, item->item)->shares[s.category];
        if (share < s.low) s.low = share;
        if (share > s.high) s.high = share;
    }
    return s;
}

static const char *span_text(const struct builder *b, const struct span *s) {
    if (s->low == s->high) return percent(b, s->low);
    return SAY(b, N_("{low} to {high}"), ARG_TEXT("low", whole(b, s->low)),
               ARG_TEXT("high", percent(b, s->high)));
}

bool most_given(const struct builder *b, const struct frozen_scale *scale, struct most_given *out) {
    struct span s = find_span(b, scale);
    if (!s.like) return false;
    out->number = span_text(b, &s);
    out->label = frozen_text(&s.like->labels[s.category], b->tag);
    const struct arg args[] = {
        ARG_TEXT("number", out->number),
        ARG_TEXT("label", document_escape(b->document, out->label)),
        ARG_TEXT("the", respondent_the(b, scale->respondent)),
        ARG_TEXT("n", count_word(b, s.n)),
    };
    out->sentence = say(b,
                        s.n == 1
                            ? N_("{number} of {the} answer **“{label}”**.")
                            : N_("{number} of {the} answer **“{label}”** to the {n} questions."),
                        args, sizeof args / sizeof *args);
    return true;
}

static const char *chart_title(const struct builder *b, const struct frozen_scale *scale) {
    struct most_given most;
    const char *name = scale_name(b, scale);
    if (!most_given(b, scale, &most)) return name;
    return SAY(b, N_("{Scale}: {number} answer “{label}”"), ARG_TEXT("Scale", name),
               ARG_TEXT("number", most.number), ARG_TEXT("label", most.label));
}

static void fill_row(const struct builder *b, const struct frozen_part *part,
                     const struct frozen_item *item, struct share_row *row) {
    const char *question = frozen_text(&item->text, b->tag);
    *row = (struct share_row){ .name = *question ? question : item->item,
                               .shown = is_shown(part, item) };
    if (!row->shown) {
        row->why = plain(b, N_("Too few answers to show"));
        return;
    }
    const struct frozen_answers *a = answers_to(part, item->item);
    double *shares = document_array(b->document, a->n_shares, sizeof *shares);
    const char **texts = document_array(b->document, a->n_shares, sizeof *texts);
    const char **words = document_array(b->document, a->n_shares, sizeof *words);
    if (!shares || !texts || !words) {
        row->shown = false;
        row->why = "";
        return;
    }
    for (size_t k = 0; k < a->n_shares; k++) {
        shares[k] = a->shares[k] / 100.0;
        texts[k] = percent(b, a->shares[k]);
        words[k] = SAY(b, "{label} {share}",
                       ARG_TEXT("label", frozen_text(&item->labels[k], b->tag)),
                       ARG_TEXT("share", texts[k]));
    }
    row->shares = shares;
    row->texts = texts;
    row->sentence = list_of(b, words, a->n_shares);
}

static struct table *make_table(const struct builder *b, const struct share_chart *chart) {
    size_t columns = chart->n_categories + 1;
    struct table *table = document_array(b->document, 1, sizeof *table);
    const char **header = document_array(b->document, columns, sizeof *header);
    bool *numeric = document_array(b->document, columns, sizeof *numeric);
    const char **cells = document_array(b->document, columns * chart->n_rows, sizeof *cells);
    if (!table || !header || !numeric || !cells) return NULL;
    header[0] = plain(b, N_("Question"));
    for (size_t k = 1; k < columns; k++) {
        header[k] = chart->categories[k - 1];
        numeric[k] = true;
    }
    for (size_t i = 0; i < chart->n_rows; i++) {
        const struct share_row *row = &chart->rows[i];
        cells[i * columns] = row->name;
        for (size_t k = 1; k < columns; k++)
            cells[i * columns + k] = row->shown ? row->texts[k - 1] : k == 1 ? row->why : "–";
    }
    *table = (struct table){ .caption = chart->title,
                             .n_columns = columns,
                             .n_rows = chart->n_rows,
                             .header = header,
                             .cells = cells,
                             .numeric = numeric };
    return table;
}

/* The items of a scale that can be answered like the one at first; taken marks them. */
static struct share_chart *make_chart(const struct builder *b, const struct frozen_scale *scale,
                                      size_t first, bool *taken) {
    const struct frozen_item *like = &scale->items[first];
    struct share_chart *chart = document_array(b->document, 1, sizeof *chart);
    struct share_row *rows = document_array(b->document, scale->n_items, sizeof *rows);
    const char **categories = document_array(b->document, like->n_labels, sizeof *categories);
    if (!chart || !rows || !categories) return NULL;
    for (size_t k = 0; k < like->n_labels; k++)
        categories[k] = frozen_text(&like->labels[k], b->tag);
    *chart = (struct share_chart){ .n_categories = like->n_labels,
                                   .categories = categories,
                                   .rows = rows };
    for (size_t i = first; i < scale->n_items; i++) {
        if (taken[i] || !same_labels(b, like, &scale->items[i])) continue;
        taken[i] = true;
        fill_row(b, part_all(scale), &scale->items[i], &rows[chart->n_rows++]);
    }
    chart->title = chart_title(b, scale);
    chart->description = SAY(b,
                             N_("One bar a question, {n} in all, divided by answer: {labels}. All "
                                "numbers stand in the table below."),
                             ARG_INT("n", chart->n_rows),
                             ARG_TEXT("labels", list_of(b, categories, like->n_labels)));
    return chart;
}

static void add_answers(const struct builder *b, const struct frozen_scale *scale, bool folded) {
    bool *taken = document_array(b->document, scale->n_items, sizeof *taken);
    for (size_t i = 0; taken && i < scale->n_items; i++) {
        if (taken[i] || scale->items[i].n_labels == 0 ||
            scale->items[i].n_labels > SHARE_CATEGORIES_MAX)
            continue;
        struct share_chart *chart = make_chart(b, scale, i, taken);
        struct block *block = chart ? add_block(b->document, BLOCK_SHARES) : NULL;
        if (!block) return;
        block->shares = chart;
        block->folded = folded;
        block->table = make_table(b, chart);
        block->table_label = plain(b, N_("Show as a table"));
    }
}

void add_shares(const struct builder *b, struct selection scales) {
    for (size_t i = 0; i < scales.n; i++) {
        const struct frozen_scale *scale = scales.scales[i];
        if (scale_has_answers(scale)) {
            add_answers(b, scale, false);
        } else {
            add_paragraph(
                b->document, BLOCK_PARAGRAPH,
                SAY(b, N_("**{Scale}:** too few answers to show."),
                    ARG_TEXT("Scale", document_escape(b->document, scale_name(b, scale)))));
        }
    }
}

void add_folded_answers(const struct builder *b, struct selection scales) {
    for (size_t i = 0; i < scales.n; i++)
        if (scale_has_answers(scales.scales[i])) add_answers(b, scales.scales[i], true);
}

/* The dot chart of a respondent group: every scale in its own order, and its table. */
#include "profile/builder.h"

#include "base/text.h"

#include <string.h>

enum { NAMED_MAX = 3, REFERENCES_MAX = 4, COLUMNS_MAX = 6 + 3 * REFERENCES_MAX };

struct selection select_scales(const struct builder *b, const char *respondent, bool shares_only) {
    const struct frozen *f = b->frozen;
    const struct frozen_scale **scales =
        document_array(b->document, f->n_scales + 1, sizeof *scales);
    struct selection out = { .scales = scales };
    for (size_t i = 0; scales && i < f->n_scales; i++) {
        const struct frozen_scale *s = &f->scales[i];
        if (s->shares_only != shares_only || (s->teaching && b->options->hide_teaching)) continue;
        if (respondent && strcmp(s->respondent, respondent) != 0) continue;
        scales[out.n++] = s;
    }
    return out;
}

bool part_not_measured(const struct frozen_part *part) {
    return part->why && strcmp(part->why, "not_measured") == 0;
}

const struct frozen_part *part_all(const struct frozen_scale *scale) {
    static const struct frozen_part hidden = { .part = "all", .shown = false };
    for (size_t i = 0; i < scale->n_parts; i++)
        if (strcmp(scale->parts[i].part, "all") == 0) return &scale->parts[i];
    return &hidden;
}

const struct frozen_comparison *main_comparison(const struct frozen_scale *scale) {
    const struct frozen_comparison *first = NULL;
    for (size_t i = 0; i < scale->n_comparisons; i++) {
        const struct frozen_comparison *c = &scale->comparisons[i];
        if (strcmp(c->part, "all") != 0) continue;
        if (strcmp(c->with, "programme") == 0) return c;
        if (!first) first = c;
    }
    return first;
}

static const struct frozen_comparison *comparison_with(const struct frozen_scale *scale,
                                                       const char *with) {
    for (size_t i = 0; i < scale->n_comparisons; i++) {
        const struct frozen_comparison *c = &scale->comparisons[i];
        if (strcmp(c->part, "all") == 0 && strcmp(c->with, with) == 0) return c;
    }
    return NULL;
}

const char *scale_name(const struct builder *b, const struct frozen_scale *scale) {
    const char *name = frozen_text(&scale->name, b->tag);
    return *name ? name : scale->scale;
}

const char *scale_anchor(const struct builder *b, const struct frozen_scale *scale) {
    return SAY(b, "{instrument}-{scale}", ARG_TEXT("instrument", scale->instrument),
               ARG_TEXT("scale", scale->scale));
}

/* ---- the title: what is found ---- */

struct tally {
    size_t n, above, below, rest;
    const char *names_above[NAMED_MAX], *names_below[NAMED_MAX];
    const char *with;
    int lowest, highest;
};

static struct tally count_scales(const struct builder *b, struct selection scales) {
    struct tally t = { 0 };
    for (size_t i = 0; i < scales.n; i++) {
        const struct frozen_part *part = part_all(scales.scales[i]);
        if (!part->shown) continue;
        if (t.n == 0 || part->mean < t.lowest) t.lowest = part->mean;
        if (t.n == 0 || part->mean > t.highest) t.highest = part->mean;
        t.n++;
        const struct frozen_comparison *c = main_comparison(scales.scales[i]);
        if (!c) continue;
        if (!t.with) t.with = c->with;
        enum tone tone = verdict_tone(c);
        size_t *n = tone == TONE_ABOVE ? &t.above : tone == TONE_BELOW ? &t.below : &t.rest;
        const char **names = tone == TONE_ABOVE ? t.names_above : t.names_below;
        if (tone != TONE_NEUTRAL && *n < NAMED_MAX)
            names[*n] = lower_first(b, scale_name(b, scales.scales[i]));
        (*n)++;
    }
    return t;
}

/* "på lærernes støtte og klassefællesskab", or "på seks af ni skalaer" when they are many. Where a
 * name holds an "og" itself, each gets its own "på": "på skoleglæde og på ro og struktur". */
static const char *which(const struct builder *b, const struct tally *t, size_t n,
                         const char *const *names) {
    if (n > NAMED_MAX)
        return SAY(b, N_("on {n} of {all} scales"), ARG_TEXT("n", count_word(b, n)),
                   ARG_TEXT("all", count_word(b, t->n)));
    const char *each[NAMED_MAX];
    bool mistakable = false;
    for (size_t i = 0; i < n; i++) {
        mistakable = mistakable || (n > 1 && strstr(names[i], plain(b, N_(" and "))));
        each[i] = SAY(b, N_("on {scale}"), ARG_TEXT("scale", names[i]));
    }
    if (mistakable) return list_of(b, each, n);
    return SAY(b, N_("on {scale}"), ARG_TEXT("scale", list_of(b, names, n)));
}

static const char *chart_title(const struct builder *b, const struct tally *t) {
    const char *unit = upper_first(b, unit_the(b, b->frozen->unit.kind));
    const char *with = t->with ? reference_the(b, t->with) : "";
    const struct arg args[] = {
        ARG_TEXT("Unit", unit),
        ARG_TEXT("with", with),
        ARG_TEXT("all", count_word(b, t->n)),
        ARG_TEXT("on_above", which(b, t, t->above, t->names_above)),
        ARG_TEXT("on_below", which(b, t, t->below, t->names_below)),
        ARG_TEXT("low", whole(b, t->lowest)),
        ARG_TEXT("high", whole(b, t->highest)),
    };
    size_t n = sizeof args / sizeof *args;
    if (!t->with && t->n == 1) return say(b, N_("{Unit} is at {low} points"), args, n);
    if (!t->with && t->lowest == t->highest)
        return say(b, N_("{Unit} is at {low} points on all {all} scales"), args, n);
    if (!t->with)
        return say(b, N_("{Unit} lies between {low} and {high} points on the {all} scales"), args,
                   n);
    if (t->above && t->below)
        return say(b, N_("Above {with} {on_above}, below {on_below}"), args, n);
    if (t->above) return say(b, N_("Above {with} {on_above}"), args, n);
    if (t->below) return say(b, N_("Below {with} {on_below}"), args, n);
    if (t->n == 1) return say(b, N_("{Unit} does not stand out from {with}"), args, n);
    return say(b, N_("{Unit} does not stand out from {with} on any of the {all} scales"), args, n);
}

/* ---- the rows ---- */

static const char *why_hidden(const struct builder *b, const struct frozen_part *part) {
    return part_not_measured(part) ? plain(b, N_("Could not be measured"))
                                   : plain(b, N_("Too few answers to show"));
}

static void fill_row(const struct builder *b, const struct frozen_scale *s, struct dot_row *row) {
    const struct frozen_part *part = part_all(s);
    const char *meaning = frozen_text(&s->meaning, b->tag);
    *row = (struct dot_row){ .name = scale_name(b, s),
                             .anchor = scale_anchor(b, s),
                             .meaning = *meaning ? meaning : NULL,
                             .shown = part->shown };
    if (!part->shown) {
        row->why = why_hidden(b, part);
        return;
    }
    row->value = part->mean;
    row->low = part->low;
    row->high = part->high;
    row->value_text = whole(b, part->mean);
    row->has_band = s->band_low < s->band_high;
    row->band_low = s->band_low;
    row->band_high = s->band_high;
    const struct frozen_comparison *c = main_comparison(s);
    if (c) {
        row->has_mark = true;
        row->mark = c->reference;
        row->tone = verdict_tone(c);
        row->word = verdict_word(b, c);
    }
    row->statement = document_runs(b->document, scale_statement(b, s, part));
    row->sentence = runs_text(b->document, row->statement);
}

static const char *how_to_read(const struct builder *b, const struct dot_chart *chart,
                               const struct tally *t) {
    const char *kind = b->frozen->unit.kind;
    struct text out = text_new(b->document->arena, 4096);
    text_add(&out, SAY(b,
                       N_("One row a scale, {n} in all, from {low} to {high} points. The dot is "
                          "the mean of {unit}, "
                          "the line through it the 95 % interval."),
                       ARG_INT("n", chart->n_rows), ARG_TEXT("unit", unit_the(b, kind)),
                       ARG_TEXT("low", whole(b, (int)chart->axis_low)),
                       ARG_TEXT("high", whole(b, (int)chart->axis_high))));
    if (t->with)
        text_add(&out, SAY(b, N_(" The upright stroke is {with}."),
                           ARG_TEXT("with", reference_the(b, t->with))));
    if (chart->key_band)
        text_add(&out, SAY(b, N_(" The grey field is the middle half of the programme’s {units}."),
                           ARG_TEXT("units", unit_plural(b, kind))));
    text_add(&out, plain(b, N_(" All numbers stand in the table below.")));
    return text_string(&out);
}

static void fill_keys(const struct builder *b, struct dot_chart *chart, const struct tally *t) {
    const char *kind = b->frozen->unit.kind;
    bool band = false;
    for (size_t i = 0; i < chart->n_rows; i++) band = band || chart->rows[i].has_band;
    chart->key_own = SAY(b, N_("{Unit}, with its 95 % interval"),
                         ARG_TEXT("Unit", upper_first(b, unit_the(b, kind))));
    if (band)
        chart->key_band = SAY(b, N_("The middle half of the programme’s {units}"),
                              ARG_TEXT("units", unit_plural(b, kind)));
    if (t->with)
        chart->key_mark = SAY(b, N_("{With}, the same grades"),
                              ARG_TEXT("With", upper_first(b, reference_the(b, t->with))));
}

/* ---- the table ---- */

struct columns {
    size_t n;
    const char *header[COLUMNS_MAX];
    bool numeric[COLUMNS_MAX];
    const char *with[REFERENCES_MAX];
    size_t n_with;
    bool raw, sd;
};

static void add_column(struct columns *c, const char *header, bool numeric) {
    c->header[c->n] = header;
    c->numeric[c->n++] = numeric;
}

static struct columns choose_columns(const struct builder *b, struct selection scales) {
    struct columns c = { .raw = strcmp(b->frozen->unit.kind, "class") == 0 };
    for (size_t i = 0; i < scales.n; i++) {
        const struct frozen_scale *s = scales.scales[i];
        c.sd = c.sd || (part_all(s)->shown && part_all(s)->sd > 0);
        for (size_t k = 0; k < s->n_comparisons; k++) {
            size_t known = 0;
            while (known < c.n_with && strcmp(c.with[known], s->comparisons[k].with) != 0) known++;
            if (known == c.n_with && c.n_with < REFERENCES_MAX)
                c.with[c.n_with++] = s->comparisons[k].with;
        }
    }
    add_column(&c, plain(b, N_("Scale")), false);
    add_column(&c, plain(b, N_("Points")), true);
    add_column(&c, plain(b, N_("95 % interval")), true);
    if (c.raw) add_column(&c, plain(b, N_("Raw mean")), true);
    if (c.sd) add_column(&c, plain(b, N_("Spread (SD)")), true);
    add_column(&c, plain(b, N_("Answers")), true);
    for (size_t i = 0; i < c.n_with; i++) {
        const char *with = upper_first(b, reference_the(b, c.with[i]));
        add_column(&c, with, true);
        add_column(&c, plain(b, N_("Difference")), true);
        add_column(&c, plain(b, N_("In words")), false);
    }
    return c;
}

static const char *interval(const struct builder *b, int low, int high) {
    return SAY(b, N_("{low} to {high}"), ARG_TEXT("low", whole(b, low)),
               ARG_TEXT("high", whole(b, high)));
}

static void fill_cells(const struct builder *b, const struct frozen_scale *s,
                       const struct columns *c, const char **cells) {
    const struct frozen_part *part = part_all(s);
    size_t n = 0;
    cells[n++] = scale_name(b, s);
    if (!part->shown) {
        cells[n++] = why_hidden(b, part);
        while (n < c->n) cells[n++] = "–";
        return;
    }
    cells[n++] = whole(b, part->mean);
    cells[n++] = interval(b, part->low, part->high);
    if (c->raw) cells[n++] = whole(b, part->raw_mean);
    if (c->sd) cells[n++] = part->sd ? whole(b, part->sd) : "–";
    cells[n++] =
        SAY(b, N_("{n} of {invited}"), ARG_INT("n", part->n), ARG_INT("invited", part->invited));
    for (size_t i = 0; i < c->n_with; i++) {
        const struct frozen_comparison *k = comparison_with(s, c->with[i]);
        cells[n++] = k ? whole(b, k->reference) : "–";
        cells[n++] = k ? SAY(b, N_("{d} ({low} to {high})"),
                             ARG_TEXT("d", signed_whole(b, k->difference)),
                             ARG_TEXT("low", signed_whole(b, k->low)),
                             ARG_TEXT("high", signed_whole(b, k->high)))
                       : "–";
        cells[n++] = k ? verdict_word(b, k) : "–";
    }
}

static struct table *make_table(const struct builder *b, struct selection scales,
                                const char *caption) {
    struct columns c = choose_columns(b, scales);
    struct table *table = document_array(b->document, 1, sizeof *table);
    const char **header = document_array(b->document, c.n, sizeof *header);
    bool *numeric = document_array(b->document, c.n, sizeof *numeric);
    const char **cells = document_array(b->document, c.n * scales.n, sizeof *cells);
    if (!table || !header || !numeric || !cells) return NULL;
    memcpy(header, c.header, c.n * sizeof *header);
    memcpy(numeric, c.numeric, c.n * sizeof *numeric);
    for (size_t i = 0; i < scales.n; i++) fill_cells(b, scales.scales[i], &c, cells + i * c.n);
    *table = (struct table){ .caption = caption,
                             .n_columns = c.n,
                             .n_rows = scales.n,
                             .header = header,
                             .cells = cells,
                             .numeric = numeric };
    return table;
}

void add_points(const struct builder *b, struct selection scales) {
    struct tally t = count_scales(b, scales);
    struct block *block = add_block(b->document, BLOCK_DOTS);
    struct dot_chart *chart = document_array(b->document, 1, sizeof *chart);
    struct dot_row *rows = document_array(b->document, scales.n, sizeof *rows);
    if (!block || !chart || !rows) return;
    *chart = (struct dot_chart){
        .title = t.n ? chart_title(b, &t) : why_hidden(b, part_all(scales.scales[0])),
        .axis_low = scales.scales[0]->axis_low,
        .axis_high = scales.scales[0]->axis_high,
        .axis_step = 50,
        .reference = 500,
        .reference_text = plain(b, N_("500: the mean of the first survey")),
        .n_rows = scales.n,
        .rows = rows,
    };
    for (size_t i = 0; i < scales.n; i++) fill_row(b, scales.scales[i], &rows[i]);
    fill_keys(b, chart, &t);
    chart->description = how_to_read(b, chart, &t);
    block->dots = chart;
    block->table = make_table(b, scales, chart->title);
    block->table_label = plain(b, N_("Show as a table"));
}

/* invented.h - documents with invented numbers, for the painters' tests. */
#ifndef LAERKE_TESTS_INVENTED_H
#define LAERKE_TESTS_INVENTED_H

#include "base/arena.h"
#include "document/document.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What is asked of a document. */
struct invented {
    const char *name, *language, *title;
    size_t rows, table_rows, paragraphs; /* of the chart; of a table of its own; of running text */
    bool findings, hidden, shares, next;
    const char *text; /* stands wherever a text may stand, or NULL */
};

static const char *invented_text(const struct invented *what, const char *usual) {
    return what->text ? what->text : usual;
}

static struct dot_row *invented_rows(struct document *d, const struct invented *what) {
    static const char *const names[] = { "Skoleglæde",
                                         "Klassefællesskab",
                                         "Tryghed",
                                         "Lærernes støtte",
                                         "Ro og struktur",
                                         "Feedback og mål",
                                         "Motivation og indsats",
                                         "Faglig selvtillid",
                                         "Medbestemmelse" };
    static const char *const words[] = { "kan ikke skelnes", "tydeligt over", "lidt under" };
    struct dot_row *rows = document_array(d, what->rows, sizeof *rows);
    for (size_t i = 0; rows && i < what->rows; i++) {
        char text[256];
        double value = 471 + (double)(i * 37 % 83);
        enum tone tone = (enum tone)(i % 3);
        snprintf(text, sizeof text, "%.0f", value);
        rows[i] = (struct dot_row){
            .name = invented_text(what, names[i % 9]),
            .meaning = invented_text(what, "glæde, at høre til"),
            .shown = !(what->hidden && i % 4 == 1),
            .value = value,
            .low = value - 12,
            .high = value + 11,
            .has_band = true,
            .band_low = 484,
            .band_high = 517,
            .has_mark = i % 2,
            .mark = 503,
            .has_earlier = i % 3 == 0,
            .earlier = value - 9,
            .tone = tone,
            .value_text = arena_copy(d->arena, text),
            .word = invented_text(what, words[tone]),
            .sentence = invented_text(
                what, "Eleverne svarer omtrent som i programmet (mellem 500 og 520)."),
            .statement = document_runs(
                d, what->text ? document_escape(d, what->text)
                              : "Eleverne ligger på **512 point** (mellem 500 og 520). Det "
                                "**kan ikke skelnes** fra programmet, som ligger på 505."),
        };
        snprintf(text, sizeof text, "skala-%zu", i);
        rows[i].anchor = arena_copy(d->arena, text);
        if (!rows[i].shown)
            rows[i] = (struct dot_row){ .name = rows[i].name,
                                        .anchor = rows[i].anchor,
                                        .why = "For få svar til at vise." };
    }
    return rows;
}

static struct table *invented_table(struct document *d, const struct invented *what, size_t n) {
    static const char *const header[] = { "Skala",      "Point", "Interval",
                                          "Programmet", "Svar",  "Forskel" };
    static const char *const cells[] = {
        "Motivation og indsats", "512", "500–524", "505", "412 af 455", "kan ikke skelnes"
    };
    static const bool numeric[] = { false, true, true, true, true, false };
    struct table *table = document_array(d, 1, sizeof *table);
    const char **all = document_array(d, n * 6 + 1, sizeof *all);
    if (!table || !all) return NULL;
    for (size_t i = 0; i < n * 6; i++) all[i] = invented_text(what, cells[i % 6]);
    *table = (struct table){ .caption = invented_text(what, "Elevernes svar i tal"),
                             .n_columns = 6,
                             .n_rows = n,
                             .header = header,
                             .cells = all,
                             .numeric = numeric };
    return table;
}

static void invented_findings(struct document *d, const struct invented *what) {
    struct block *b = add_block(d, BLOCK_FINDINGS);
    struct finding *f = document_array(d, 3, sizeof *f);
    if (!b || !f) return;
    f[0] = (struct finding){ TONE_ABOVE,
                             invented_text(what, "Tydeligt over programmet"),
                             "534",
                             invented_text(what, "mellem 523 og 545"),
                             document_runs(d, "Eleverne oplever **mere støtte fra deres lærere** "
                                              "end eleverne i programmet som helhed."),
                             "Lærernes støtte",
                             "#skala-3" };
    f[1] = (struct finding){
        TONE_BELOW,
        "Tydeligt under programmet",
        "471",
        "mellem 459 og 483",
        document_runs(d, "Eleverne oplever **mindre ro og struktur** i timerne end eleverne i "
                         "programmet som helhed. Forskellen er størst på mellemtrinnet."),
        "Ro og struktur",
        "#skala-4"
    };
    f[2] = (struct finding){
        TONE_NEUTRAL,
        "Kan ikke skelnes fra programmet",
        "5",
        "af 9 skalaer",
        document_runs(d, "På fem af de ni skalaer ligger skolen så tæt på programmet, at "
                         "**forskellen kan være tilfældig**. Det er et normalt fund."),
        invented_text(what, "Se alle skalaer"),
        "#ingen-steder"
    };
    b->n_findings = 3;
    b->findings = f;
}

static void invented_shares(struct document *d, const struct invented *what) {
    static const char *const categories[] = { "Altid", "Ofte", "Nogle gange", "Sjældent",
                                              "Aldrig" };
    static const double shares[] = { .31, .38, .2, .08, .03 };
    static const char *const texts[] = { "31 %", "38 %", "20 %", "8 %", "3 %" };
    struct block *b = add_block(d, BLOCK_SHARES);
    struct share_chart *chart = document_array(d, 1, sizeof *chart);
    struct share_row *rows = document_array(d, 5, sizeof *rows);
    if (!b || !chart || !rows) return;
    for (size_t i = 0; i < 5; i++)
        rows[i] = (struct share_row){
            .name = invented_text(what, "Lærerne lægger mærke til, hvordan jeg har det"),
            .shown = i != 2,
            .why = "For få svar til at vise.",
            .shares = shares,
            .texts = texts,
            .sentence = invented_text(what, "Syv af ti svarer altid eller ofte.")
        };
    *chart = (struct share_chart){ .title = invented_text(what, "Det svarede eleverne"),
                                   .description = "Hver bjælke er alle svar på ét spørgsmål.",
                                   .n_categories = 5,
                                   .n_rows = 5,
                                   .categories = categories,
                                   .rows = rows };
    b->shares = chart;
    b->table = invented_table(d, what, 5);
}

static void invented_chart(struct document *d, const struct invented *what) {
    struct block *b = add_block(d, BLOCK_DOTS);
    struct dot_chart *chart = document_array(d, 1, sizeof *chart);
    if (!b || !chart) return;
    *chart = (struct dot_chart){
        .title = invented_text(what, "Fem af ni skalaer kan ikke skelnes fra programmet"),
        .description = invented_text(
            what, "Prikken er skolens gennemsnit, stregen det interval, som det sikkert ligger i."),
        .axis_low = 400,
        .axis_high = 600,
        .axis_step = 50,
        .reference = 500,
        .reference_text = "programmets gennemsnit i 2015",
        .key_own = "Skolen, med 95 %-interval",
        .key_earlier = "Skolen i 2015",
        .key_band = "Halvdelen af programmets skoler",
        .key_mark = "Programmet, samme klassetrin",
        .n_rows = what->rows,
        .rows = invented_rows(d, what)
    };
    b->dots = chart;
    b->table = invented_table(d, what, what->rows);
    b->table_label = "Vis som tabel";
}

/* "Se figuren eller vejledningen.": a link within the document, and one that paper cannot follow. */
static void invented_links(struct document *d) {
    struct block *b = add_block(d, BLOCK_PARAGRAPH);
    struct run *r = document_array(d, 5, sizeof *r);
    if (!b || !r) return;
    r[0] = (struct run){ .text = "Se ", .next = &r[1] };
    r[1] = (struct run){ .text = "figuren", .href = "#svar", .next = &r[2] };
    r[2] = (struct run){ .text = " eller ", .next = &r[3] };
    r[3] = (struct run){ .text = "vejledningen", .href = "/help", .next = &r[4] };
    r[4] = (struct run){ .text = "." };
    b->runs = r;
}

static void invented_end(struct document *d, const struct invented *what) {
    invented_links(d);
    struct block *explain =
        add_paragraph(d, BLOCK_EXPLAIN,
                      "500 er programmets gennemsnit ved den første "
                      "kortlægning. To tredjedele af alle elever ligger mellem **400 og 600**. Et "
                      "interval viser, hvor "
                      "meget tallet kunne være flyttet, hvis andre elever havde svaret.");
    if (explain) explain->title = invented_text(what, "Hvad betyder tallet?");
    struct block *next =
        what->next ? add_paragraph(d, BLOCK_NEXT,
                                   "Vælg ét fund, stil ét spørgsmål, aftal én handling og ét "
                                   "tegn at se efter. En halv time med teamet.")
                   : NULL;
    if (!next) return;
    next->title = invented_text(what, "Fra tal til handling");
    next->points = document_array(d, 3, sizeof *next->points);
    if (!next->points) return;
    next->n_points = 3;
    next->points[0] = document_runs(d, "Hvilket fund genkender I fra hverdagen?");
    next->points[1] = document_runs(d, "Hvad gør I allerede, som virker?");
    next->points[2] = document_runs(d, "Hvad vil I se efter om **tre uger**?");
}

static inline struct document *invented_document(struct arena *arena, const struct invented *what) {
    struct document *d = document_create(arena, what->language, what->title);
    if (!d) return NULL;
    d->subtitle = "Kvalitetsprofil · Kortlægning 2017";
    d->summary =
        document_runs(d, "**412 af 455 elever** svarede (91 %), forældre til **52 % af børnene** "
                         "og **38 af 40 medarbejdere**.");
    d->footer = "Tallene er til udvikling, aldrig til kontrol. Under syv svar vises ingen tal.";
    if (what->findings) invented_findings(d, what);
    for (size_t i = 0; i < what->paragraphs; i++) {
        add_heading(d, i % 5 == 0 ? 2 : 3, invented_text(what, "Et afsnit med løbende tekst"),
                    NULL);
        add_paragraph(d, BLOCK_PARAGRAPH,
                      "Data er til udvikling. Hver lærer og hver pædagog skal kunne "
                      "svare på **fire spørgsmål**: hvad vil vi have, at eleverne ved og kan; "
                      "hvordan ser vi, om de "
                      "har lært det; hvad gør vi for dem, der har svært ved det, og for dem, der "
                      "er foran; og hvordan "
                      "bliver vi bedre til det, vi gør?");
    }
    add_heading(d, 2, invented_text(what, "Elevernes svar, 4.–9. klasse"), "svar");
    add_paragraph(d, BLOCK_LEAD,
                  "500 er programmets gennemsnit ved den første kortlægning. To tredjedele "
                  "af alle elever ligger mellem 400 og 600.");
    invented_chart(d, what);
    if (what->shares) {
        add_heading(d, 3, "Spørgsmål for spørgsmål", NULL);
        invented_shares(d, what);
    }
    if (what->table_rows) {
        add_heading(d, 2, "Klasserne", NULL);
        struct block *b = add_block(d, BLOCK_TABLE);
        if (b) b->table = invented_table(d, what, what->table_rows);
    }
    invented_end(d, what);
    return d;
}

#endif

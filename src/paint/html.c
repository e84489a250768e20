#include "paint/paint.h"

#include "base/embedded.h"
#include "base/markup.h"
#include "base/text.h"
#include "paint/svg.h"

#include <string.h>

/* What a page in the making needs to know: charts are numbered. */
struct page {
    const struct document *document;
    struct text *out;
    size_t charts;
};

static void runs(struct text *out, const struct run *run) {
    for (; run; run = run->next) {
        if (run->href) {
            text_add(out, "<a href=\"");
            markup_add_url(out, run->href);
            text_add(out, "\">");
        }
        if (run->strong) text_add(out, "<strong>");
        markup_add(out, run->text);
        if (run->strong) text_add(out, "</strong>");
        if (run->href) text_add(out, "</a>");
    }
}

/* <name class="…" id="…">; class and id may be NULL. */
static void tag(struct text *out, const char *name, const char *class, const char *id) {
    text_addf(out, "<%s", name);
    if (class) text_addf(out, " class=\"%s\"", class);
    if (id) {
        text_add(out, " id=\"");
        markup_add(out, id);
        text_add(out, "\"");
    }
    text_add(out, ">");
}

static void element(struct text *out, const char *name, const char *class, const char *text) {
    tag(out, name, class, NULL);
    markup_add(out, text);
    text_addf(out, "</%s>", name);
}

static void paragraph(struct text *out, const char *class, const struct run *run) {
    if (!run) return;
    tag(out, "p", class, NULL);
    runs(out, run);
    text_add(out, "</p>");
}

static const char *tone_class(enum tone tone) {
    return tone == TONE_ABOVE ? "above" : tone == TONE_BELOW ? "below" : "neutral";
}

static void anchor(struct text *out, const char *class, const char *href, const char *text) {
    text_add(out, "<a");
    if (class) text_addf(out, " class=\"%s\"", class);
    text_add(out, " href=\"");
    markup_add_url(out, href);
    text_add(out, "\">");
    markup_add(out, text);
    text_add(out, "</a>");
}

static void heading(struct page *page, const struct block *block) {
    struct text *out = page->out;
    const char *name = block->level == 2 ? "h2" : "h3";
    tag(out, name, NULL, block->anchor);
    runs(out, block->runs);
    text_addf(out, "</%s>", name);
}

static void finding(struct text *out, const struct finding *f) {
    text_addf(out, "<li class=\"finding %s\"><p class=\"tag\">", tone_class(f->tone));
    svg_mark(out, f->tone);
    markup_add(out, f->tag);
    text_add(out, "</p>");
    paragraph(out, "found", f->sentence);
    text_add(out, "<p class=\"number\">");
    if (f->number) element(out, "b", NULL, f->number);
    if (f->detail) {
        text_add(out, " ");
        element(out, "span", NULL, f->detail);
    }
    text_add(out, "</p>");
    if (f->href && f->link_text) {
        text_add(out, "<p class=\"more\">");
        anchor(out, NULL, f->href, f->link_text);
        text_add(out, "</p>");
    }
    text_add(out, "</li>");
}

static void findings(struct page *page, const struct block *block) {
    tag(page->out, "ul", block->n_findings == 4 ? "findings pairs" : "findings", block->anchor);
    for (size_t i = 0; i < block->n_findings; i++) finding(page->out, &block->findings[i]);
    text_add(page->out, "</ul>");
}

static void table(struct text *out, const struct table *t) {
    text_add(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"");
    markup_add(out, t->caption);
    text_add(out, "\"><table>");
    element(out, "caption", NULL, t->caption);
    text_add(out, "<thead><tr>");
    for (size_t c = 0; c < t->n_columns; c++) {
        text_addf(out, "<th scope=\"col\"%s>", t->numeric[c] ? " class=\"numeric\"" : "");
        markup_add(out, t->header[c]);
        text_add(out, "</th>");
    }
    text_add(out, "</tr></thead><tbody>");
    for (size_t r = 0; r < t->n_rows; r++) {
        text_add(out, "<tr>");
        for (size_t c = 0; c < t->n_columns; c++) {
            const char *name = c ? "td" : "th";
            text_addf(out, "<%s%s%s>", name, c ? "" : " scope=\"row\"",
                      t->numeric[c] ? " class=\"numeric\"" : "");
            markup_add(out, t->cells[r * t->n_columns + c]);
            text_addf(out, "</%s>", name);
        }
        text_add(out, "</tr>");
    }
    text_add(out, "</tbody></table></div>");
}

static void folded_table(struct text *out, const struct block *block) {
    if (!block->table) return;
    text_add(out, "<details class=\"as-table\">");
    element(out, "summary", NULL, block->table_label);
    table(out, block->table);
    text_add(out, "</details>");
}

/* A scale in words; on a narrow page also its number and its strip, which together are the chart.
 */
static void dot_statement(struct text *out, const struct dot_chart *chart,
                          const struct dot_row *row) {
    text_addf(out, "<li class=\"row %s\"", tone_class(row->tone));
    if (row->anchor) {
        text_add(out, " id=\"");
        markup_add(out, row->anchor);
        text_add(out, "\"");
    }
    text_add(out, "><div class=\"row-head\">");
    element(out, "h4", NULL, row->name);
    if (row->shown) element(out, "b", "row-number", row->value_text);
    text_add(out, "</div>");
    if (!row->shown) {
        if (row->meaning) element(out, "p", "meaning", row->meaning);
        element(out, "p", "why", row->why);
        text_add(out, "</li>");
        return;
    }
    svg_strip(out, chart, row);
    if (row->word) {
        text_add(out, "<p class=\"row-word\">");
        svg_mark(out, row->tone);
        element(out, "span", NULL, row->word);
        text_add(out, "</p>");
    }
    if (row->meaning) element(out, "p", "meaning", row->meaning);
    paragraph(out, "statement", row->statement);
    text_add(out, "</li>");
}

/* A chart's card with its title: open, or folded under it. */
static void begin_chart(struct text *out, const struct block *block, const char *class,
                        const char *title) {
    if (block->folded) {
        text_add(out, "<details class=\"fold\">");
        element(out, "summary", NULL, title);
    }
    tag(out, "figure", class, block->anchor);
    if (!block->folded) element(out, "h3", NULL, title);
}

static void end_chart(struct text *out, const struct block *block) {
    folded_table(out, block);
    text_add(out, block->folded ? "</figure></details>" : "</figure>");
}

static void dots(struct page *page, const struct block *block) {
    struct text *out = page->out;
    const struct dot_chart *chart = block->dots;
    begin_chart(out, block, "card chart dots", chart->title);
    svg_dot_key(out, chart);
    svg_dots(out, chart, ++page->charts);
    text_add(out, "<ul class=\"rows\">");
    for (size_t i = 0; i < chart->n_rows; i++) dot_statement(out, chart, &chart->rows[i]);
    text_add(out, "</ul>");
    end_chart(out, block);
}

static void share_statement(struct text *out, const struct share_chart *chart, size_t i) {
    const struct share_row *row = &chart->rows[i];
    tag(out, "li", "row neutral", row->anchor);
    element(out, "h4", NULL, row->name);
    if (row->shown)
        svg_share_strip(out, chart, i);
    else
        element(out, "p", "why", row->why);
    if (row->meaning) element(out, "p", "meaning", row->meaning);
    if (row->shown && row->sentence) element(out, "p", "statement", row->sentence);
    text_add(out, "</li>");
}

static void shares(struct page *page, const struct block *block) {
    struct text *out = page->out;
    const struct share_chart *chart = block->shares;
    begin_chart(out, block, "card chart shares", chart->title);
    svg_share_key(out, chart);
    svg_shares(out, chart, ++page->charts);
    text_add(out, "<ul class=\"rows\">");
    for (size_t i = 0; i < chart->n_rows; i++) share_statement(out, chart, i);
    text_add(out, "</ul>");
    end_chart(out, block);
}

static void links(struct page *page, const struct block *block) {
    struct text *out = page->out;
    text_add(out, "<nav class=\"card units\"");
    if (block->title) {
        text_add(out, " aria-label=\"");
        markup_add(out, block->title);
        text_add(out, "\"");
    }
    text_add(out, "><ul>");
    for (size_t i = 0; i < block->n_links; i++) {
        const struct link *link = &block->links[i];
        text_add(out, "<li>");
        anchor(out, NULL, link->href, link->text);
        if (link->note) {
            text_add(out, " ");
            element(out, "span", NULL, link->note);
        }
        text_add(out, "</li>");
    }
    text_add(out, "</ul></nav>");
}

static void points(struct text *out, const struct block *block, const char *list) {
    if (block->n_points == 0) return;
    text_addf(out, "<%s>", list);
    for (size_t i = 0; i < block->n_points; i++) {
        text_add(out, "<li>");
        runs(out, block->points[i]);
        text_add(out, "</li>");
    }
    text_addf(out, "</%s>", list);
}

static void explain(struct page *page, const struct block *block) {
    struct text *out = page->out;
    tag(out, "details", "explain", block->anchor);
    element(out, "summary", NULL, block->title);
    paragraph(out, NULL, block->runs);
    points(out, block, "ul");
    text_add(out, "</details>");
}

static void next_step(struct page *page, const struct block *block) {
    struct text *out = page->out;
    tag(out, "section", "next", block->anchor);
    element(out, "h2", NULL, block->title);
    paragraph(out, NULL, block->runs);
    points(out, block, "ol");
    if (block->button && block->href) anchor(out, "button", block->href, block->button);
    text_add(out, "</section>");
}

static void lead(struct page *page, const struct block *block) {
    paragraph(page->out, "lead", block->runs);
}
static void plain(struct page *page, const struct block *block) {
    paragraph(page->out, NULL, block->runs);
}
static void open_table(struct page *page, const struct block *block) {
    tag(page->out, "div", "card", block->anchor);
    table(page->out, block->table);
    text_add(page->out, "</div>");
}

void paint_html(const struct document *document, struct text *out) {
    static void (*const painters[])(struct page *, const struct block *) = {
        [BLOCK_HEADING] = heading,   [BLOCK_LEAD] = lead,   [BLOCK_PARAGRAPH] = plain,
        [BLOCK_FINDINGS] = findings, [BLOCK_DOTS] = dots,   [BLOCK_SHARES] = shares,
        [BLOCK_TABLE] = open_table,  [BLOCK_LINKS] = links, [BLOCK_EXPLAIN] = explain,
        [BLOCK_NEXT] = next_step,
    };
    struct page page = { .document = document, .out = out };
    text_add(out, "<header class=\"title\">");
    if (document->subtitle) element(out, "p", "eyebrow", document->subtitle);
    element(out, "h1", NULL, document->title);
    paragraph(out, "summary", document->summary);
    text_add(out, "</header>");
    for (const struct block *block = document->first; block; block = block->next)
        painters[block->kind](&page, block);
    if (document->footer) element(out, "p", "colophon", document->footer);
}

static void base64(struct text *out, const unsigned char *bytes, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned v = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                     (left > 2 ? bytes[i + 2] : 0u);
        char four[4] = { digits[v >> 18], digits[v >> 12 & 63],
                         left > 1 ? digits[v >> 6 & 63] : '=', left > 2 ? digits[v & 63] : '=' };
        text_add_bytes(out, four, 4);
    }
}

/* url(/static/NAME), at its name: as data, so that the page needs nothing beside it. Returns its
 * end. */
static const char *embed_font(struct text *out, const char *name) {
    size_t length = strcspn(name, ")");
    struct text path = text_new(out->arena, 256);
    text_addf(&path, "src/web/static/%.*s", (int)length, name);
    const struct embedded *file = embedded_find(text_string(&path));
    text_add(out, "url(data:font/woff2;base64,");
    if (file) base64(out, file->bytes, file->length);
    return name + length;
}

/* The style sheet without its comments. */
static void embed_style(struct text *out) {
    static const char url[] = "url(/static/";
    const struct embedded *style = embedded_find("src/web/static/style.css");
    for (const char *at = style ? (const char *)style->bytes : ""; *at;) {
        if (at[0] == '/' && at[1] == '*') {
            const char *end = strstr(at, "*/");
            at = end ? end + 2 : "";
        } else if (strncmp(at, url, sizeof url - 1) == 0) {
            at = embed_font(out, at + sizeof url - 1);
        } else {
            size_t plain = 1 + strcspn(at + 1, "/u");
            text_add_bytes(out, at, plain);
            at += plain;
        }
    }
}

void paint_html_page(const struct document *document, struct text *out) {
    text_add(out, "<!DOCTYPE html>\n<html lang=\"");
    markup_add(out, document->language);
    text_add(out, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                  "content=\"width=device-width, initial-scale=1\"><title>");
    markup_add(out, document->title);
    if (document->subtitle) {
        text_add(out, " · ");
        markup_add(out, document->subtitle);
    }
    text_add(out, "</title><style>");
    embed_style(out);
    text_add(out, "</style></head><body><main>");
    paint_html(document, out);
    text_add(out, "</main></body></html>\n");
}

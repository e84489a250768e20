#include "document/geometry.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

/* Type of a chart: 16 points on a page 960 wide, never under 9. */
static double size_for(double width) { return fmin(16, fmax(9, width / 60)); }

static void set_ticks(struct dot_geometry *g, const struct dot_chart *chart) {
    double step = chart->axis_step > 0 ? chart->axis_step : chart->axis_high - chart->axis_low;
    for (double v = chart->axis_low; v <= chart->axis_high + 1e-9 && step > 0; v += step) {
        if (g->n_ticks == sizeof g->ticks / sizeof *g->ticks) break;
        g->ticks[g->n_ticks++] = v;
    }
}

struct dot_geometry dot_geometry(const struct dot_chart *chart, double width) {
    double size = size_for(width);
    struct dot_geometry g = {
        .width = width,
        .text_size = size,
        .small_size = fmax(8, size * .8125),
        .name_width = width * .245,
        .plot_left = width * .26,
        .plot_right = width * .725,
        .row_height = size * 2.625,
        .value_x = width * .785,
        .mark_x = width * .785 + size * 1.05,
        .word_x = width * .785 + size * 1.75,
        .band_height = size * 1.375,
        .interval_width = size * .1875,
        .dot_radius = size * .375,
        .mark_height = size * 1.375,
    };
    g.axis_baseline = g.small_size;
    g.plot_top = g.axis_baseline + g.small_size * .6;
    g.first_row = g.plot_top + g.row_height / 2;
    g.plot_bottom = g.plot_top + g.row_height * (double)chart->n_rows;
    bool foot = chart->reference_text != NULL;
    g.foot_baseline = g.plot_bottom + g.small_size * 1.3;
    g.height = foot ? g.foot_baseline + g.small_size * .5 : g.plot_bottom + 2;
    set_ticks(&g, chart);
    return g;
}

struct dot_geometry strip_geometry(const struct dot_chart *chart, double width) {
    struct dot_geometry g = {
        .width = width,
        .height = 24,
        .text_size = 16,
        .small_size = 13,
        .plot_left = 8,
        .plot_right = width - 8,
        .plot_bottom = 24,
        .row_height = 24,
        .first_row = 12,
        .band_height = 18,
        .interval_width = 3,
        .dot_radius = 6,
        .mark_height = 18,
    };
    set_ticks(&g, chart);
    return g;
}

double dot_y(const struct dot_geometry *geometry, size_t row) {
    return geometry->first_row + geometry->row_height * (double)row;
}

double dot_x(const struct dot_geometry *geometry, const struct dot_chart *chart, double value,
             int *clipped) {
    double low = chart->axis_low, high = chart->axis_high;
    int side = value < low ? -1 : value > high ? 1 : 0;
    if (clipped) *clipped = side;
    double share = side < 0 ? 0 : side > 0 ? 1 : high > low ? (value - low) / (high - low) : .5;
    return geometry->plot_left + (geometry->plot_right - geometry->plot_left) * share;
}

struct share_geometry share_geometry(const struct share_chart *chart, double width) {
    double size = size_for(width);
    struct share_geometry g = {
        .width = width,
        .text_size = size,
        .small_size = fmax(8, size * .875),
        .name_width = width * .385,
        .bar_left = width * .41,
        .bar_right = width,
        .bar_height = size * 1.75,
        .row_height = size * 3,
    };
    g.first_row = g.row_height / 2;
    g.height = g.row_height * (double)chart->n_rows;
    return g;
}

double share_y(const struct share_geometry *geometry, size_t row) {
    return geometry->first_row + geometry->row_height * (double)row;
}

struct share_part share_part(const struct share_geometry *geometry, const struct share_chart *chart,
                             size_t row, size_t category) {
    const struct share_row *r = &chart->rows[row];
    double before = 0, all = 0;
    for (size_t i = 0; i < chart->n_categories; i++) {
        if (i < category) before += r->shares[i];
        all += r->shares[i];
    }
    /* Whole per cents need not add up to a hundred; the bar is full all the same. */
    double unit = all > 0 ? (geometry->bar_right - geometry->bar_left) / all : 0;
    struct share_part part = { .left = geometry->bar_left + before * unit };
    part.right = part.left + r->shares[category] * unit;
    double need = text_width(r->texts[category], geometry->small_size, true) +
                  geometry->small_size * .5;
    part.has_room = part.right - part.left >= need;
    return part;
}

struct shape tone_shape(enum tone tone, double size) {
    double half = size / 2, rise = size * .44, bar = size * .14;
    if (tone == TONE_ABOVE) return (struct shape){ 3, { -half, 0, half }, { rise, -rise, rise } };
    if (tone == TONE_BELOW) return (struct shape){ 3, { -half, half, 0 }, { -rise, -rise, rise } };
    return (struct shape){ 4, { -half, half, half, -half }, { -bar, -bar, bar, bar } };
}

/* Advance widths of Inter's regular style in thousandths of the size, for groups of letters of
 * about the same width; a semi-bold text is 3 % wider. */
static double advance(uint32_t c) {
    static const struct {
        const char *letters;
        double width;
    } groups[] = {
        { " ijlI.:!,;'|", 275 }, { "/\\f()[]{}tr\"", 365 },
        { "_-1^`*?sxzJk", 525 }, { "BK+<=>~AVDCHUG", 710 },
        { "NOQw%", 780 },        { "mM", 890 },
        { "@W", 960 },
    };
    if (c == 0xE6 || c == 0xC6) return .95;      /* æ Æ */
    if (c == 0x2026 || c == 0xD8) return .8;     /* … Ø */
    if (c == 0x25B2 || c == 0x25BC) return 1.01; /* ▲ ▼ */
    if (c == 0x2013) return .5;                  /* – */
    if (c < 0x80)
        for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
            if (strchr(groups[i].letters, (int)c)) return groups[i].width / 1000;
    return c < 0x3000 ? .6 : 1;
}

double text_width(const char *text, double size, bool strong) {
    double width = 0;
    for (const char *at = text; *at;) width += advance(text_next(&at));
    return width * size * (strong ? 1.03 : 1);
}

/* Copies the first length bytes of text to a line. */
static void put_line(char line[LINE_BYTES], const char *text, size_t length) {
    if (length >= LINE_BYTES) length = LINE_BYTES - 1;
    while (length && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
    memcpy(line, text, length);
    line[length] = '\0';
}

/* Cuts a line that is too wide at a whole character and ends it in "…". */
static void cut_line(char line[LINE_BYTES], double size, bool strong, double width) {
    static const char mark[] = "…";
    if (text_width(line, size, strong) <= width) return;
    size_t length = strlen(line);
    double limit = width - text_width(mark, size, strong);
    while (length &&
           (text_width(line, size, strong) > limit || length > LINE_BYTES - sizeof mark)) {
        do length--;
        while (length && ((unsigned char)line[length] & 0xC0) == 0x80);
        line[length] = '\0';
    }
    while (length && line[length - 1] == ' ') length--;
    memcpy(line + length, mark, sizeof mark);
}

size_t text_lines(const char *text, double size, bool strong, double width,
                  char out[LINES_MAX][LINE_BYTES]) {
    size_t n = 0;
    while (*text && n < LINES_MAX - 1) {
        put_line(out[n], text, strlen(text));
        if (strlen(text) < LINE_BYTES && text_width(out[n], size, strong) <= width) return n + 1;
        /* The last place to break that keeps the line within its width. */
        size_t best = 0;
        for (size_t i = 1; i < LINE_BYTES && text[i]; i++) {
            if (text[i] != ' ' && text[i - 1] != '-') continue;
            put_line(out[n], text, i);
            if (text_width(out[n], size, strong) > width) break;
            best = i;
        }
        if (best == 0) break;
        put_line(out[n++], text, best);
        text += best;
        while (*text == ' ') text++;
    }
    if (*text == '\0') return n;
    put_line(out[n], text, strlen(text));
    cut_line(out[n], size, strong, width);
    return n + 1;
}

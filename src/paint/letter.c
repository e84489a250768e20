/* Letters, slips and lists, one section after the other. */
#include "paint/letter_parts.h"

#include "base/arena.h"
#include "base/text.h"
#include "paint/pdf_finish.h"
#include "paint/qr.h"

#include <string.h>

size_t print_pages(const struct print_section *section) {
    size_t n = section->class.n;
    switch (section->kind) {
    case PRINT_SLIPS: return n ? (n + SLIPS_A_PAGE - 1) / SLIPS_A_PAGE : 1;
    case PRINT_LIST: return n ? (n + LIST_ROWS_A_PAGE - 1) / LIST_ROWS_A_PAGE : 1;
    default: return 1;
    }
}

struct pdf_node *print_node(struct print *print, struct pdf_node *parent, enum pdf_role role) {
    struct pdf_sheet *sheet = print->sheet;
    struct pdf_node *node = pdf_node_add(sheet->arena, parent ? parent : sheet->root, role);
    sheet->full |= !node;
    return node;
}

double print_into(struct print *print, int place, struct pdf_node *node, enum pdf_style style,
                  const char *string, double width, double x, double y) {
    struct kept_text *kept = place >= 0 ? &print->kept[place] : NULL;
    struct pdf_text *text;
    if (kept && kept->text && strcmp(kept->string, string) == 0) {
        text = kept->text;
    } else {
        text = sheet_string(print->sheet, style, string, width, 0);
        if (kept) *kept = (struct kept_text){ string, text };
    }
    sheet_put(print->sheet, node, text, x, y);
    return y + text_height(text);
}

double print_text(struct print *print, int place, enum pdf_role role, enum pdf_style style,
                  const char *string, double width, double x, double y) {
    struct pdf_node *node = print_node(print, NULL, role);
    if (node && (role == PDF_H1 || role == PDF_H2 || role == PDF_H3)) node->title = string;
    return print_into(print, place, node, style, string, width, x, y);
}

const char *print_say(struct print *print, const struct language *language, const char *msgid,
                      const struct arg *args, size_t n) {
    struct text text = text_new(print->sheet->arena, 8192);
    i18n_fill(language, &text, i18n_text(language, msgid), args, n);
    print->sheet->full |= !text_ok(&text);
    return text_string(&text);
}

void print_head(struct print *print, const char *about) {
    struct pdf_sheet *sheet = print->sheet;
    double left = 20 * MM, top = 16 * MM;
    struct pdf_node *node = print->begun ? NULL : print_node(print, NULL, PDF_H1);
    if (node) node->title = print->frame->programme;
    sheet_put(sheet, node, sheet_string(sheet, STYLE_BRAND, print->frame->programme, 85 * MM, 1),
              left, top);
    struct pdf_text *text = sheet_string(sheet, STYLE_TAG, about, 80 * MM, 1);
    sheet_put_at(sheet, NULL, text, 1, PDF_WIDTH - 20 * MM, top + 7);
    print->begun = true;
}

void print_qr(struct print *print, const char *code, double x, double y, double size) {
    struct pdf_sheet *sheet = print->sheet;
    if (!*print->frame->address) return;
    struct text address = text_new(sheet->arena, 1024);
    text_addf(&address, "%s/a#", print->frame->address);
    for (const char *c = code; *c; c++)
        if (*c != '-') text_add_char(&address, *c);
    struct qr *qr = arena_alloc(sheet->arena, sizeof *qr);
    if (!qr || !text_ok(&address) || !qr_make(text_string(&address), sheet->arena, qr)) {
        sheet->full = true;
        return;
    }
    struct pdf_node *node = print_node(print, NULL, PDF_FIGURE);
    const struct arg args[] = { ARG_TEXT("code", code) };
    if (node)
        node->alternative = print_say(print, print->language,
                                      N_("QR code that opens the questions with the code {code}"),
                                      args, 1);
    sheet_qr(sheet, node, qr, x, y, size);
}

const char *print_typed(struct print *print, const char *path) {
    const char *address = print->frame->address, *host = strstr(address, "://");
    struct text text = text_new(print->sheet->arena, 1024);
    if (!*address) return "";
    text_addf(&text, "%s%s", host ? host + 3 : address, path);
    print->sheet->full |= !text_ok(&text);
    return text_string(&text);
}

static void place(struct print *print, const struct print_section *section) {
    if (print->begun) sheet_turn(print->sheet);
    switch (section->kind) {
    case PRINT_LETTER: place_letter(print, &section->letter); break;
    case PRINT_SLIPS: place_slips(print, &section->class); break;
    default: place_list(print, &section->class); break;
    }
}

static bool paint(struct print *print, const struct print_section *sections, size_t n,
                  struct pdf *out, struct error *error) {
    struct pdf_sheet *sheet = print->sheet;
    struct document named = { .language = print->frame->language,
                              .title = print->frame->programme,
                              .subtitle = i18n_text(print->language, N_("Codes")) };
    for (size_t i = 0; i < n && !sheet->full && !sheet->too_long; i++) place(print, &sections[i]);
    if (sheet->too_long) return error_set(error, "pdf.too_long", ARG_INT("max", PRINT_PAGES_MAX));
    pdf_tree_tidy(sheet->root);
    if (sheet->full) return error_plain(error, "pdf.memory");
    return pdf_write(sheet, &named, out, error);
}

bool paint_codes(const struct print_frame *frame, const struct print_section *sections, size_t n,
                 struct arena *arena, struct pdf *out, struct error *error) {
    struct pdf_sheet sheet;
    struct print *print = arena_alloc(arena, sizeof *print);
    *out = (struct pdf){ 0 };
    if (!print) return error_plain(error, "pdf.memory");
    *print = (struct print){ .frame = frame,
                             .language = language_get(frame->language),
                             .sheet = &sheet };
    bool ok = sheet_open(&sheet, arena, frame->language);
    sheet.pages_max = PRINT_PAGES_MAX;
    ok = ok ? paint(print, sections, n, out, error) : error_plain(error, "pdf.fonts");
    sheet_close(&sheet);
    return ok;
}

#include "paint/pdf_finish.h"

#include "base/arena.h"
#include "base/text.h"
#include "paint/pdf_structure.h"

#include <qpdf/qpdf-c.h>

#include <stdlib.h>
#include <string.h>

/* "/Span << /MCID 7 >> BDC", as cairo writes it, at the beginning of a line (text cannot hold a
 * line break: cairo writes those as octal). Returns its length without the line break, or 0. */
static size_t is_mark(const char *at, const char *end) {
    static const char *const names[] = { "/Span << /MCID ", "/NonStruct << /MCID " };
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(names[i]);
        if ((size_t)(end - at) < length || memcmp(at, names[i], length) != 0) continue;
        const char *line = memchr(at, '\n', (size_t)(end - at));
        return line ? (size_t)(line - at) : 0;
    }
    return 0;
}

/* The page's content with the sheet's marks in place of cairo's: groups of operations on the same
 * node, in the same order. False when the two do not tell the same story. */
static bool rewrite_marks(const struct pdf_page *page, const char *content, size_t length,
                          struct text *out) {
    const struct pdf_op *op = page->first;
    const char *end = content + length;
    size_t number = 0;
    for (const char *at = content; at < end;) {
        size_t mark = is_mark(at, end);
        if (mark) {
            if (!op) return false;
            if (op->node)
                text_addf(out, "/%s <</MCID %zu>> BDC", pdf_role_name(op->node->role), number++);
            else
                text_add(out, "/Artifact BMC");
            if ((op->node != NULL) != (at[1] == 'S')) return false;
            for (const struct pdf_node *node = op->node; op && op->node == node;) op = op->next;
            at += mark;
        }
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t rest = line ? (size_t)(line - at) + 1 : (size_t)(end - at);
        text_add_bytes(out, at, rest);
        at += rest;
    }
    return op == NULL && text_ok(out);
}

static bool finish_page(struct structure *s, size_t i) {
    qpdf_oh page = s->pages[i];
    unsigned char *content = NULL;
    size_t length = 0;
    if (qpdf_oh_get_page_content_data(s->qpdf, page, &content, &length) & QPDF_ERRORS) return false;
    struct text text = text_new(s->sheet->arena, (size_t)64 << 20);
    bool ok = rewrite_marks(&s->sheet->pages[i], (const char *)content, length, &text);
    free(content);
    s->sheet->full |= !text_ok(&text);
    if (!ok) return false;
    qpdf_oh stream = qpdf_oh_get_key(s->qpdf, page, "/Contents");
    qpdf_oh none = qpdf_oh_new_null(s->qpdf);
    qpdf_oh_replace_stream_data(s->qpdf, stream, (const unsigned char *)text_string(&text),
                                text.length, none, none);
    qpdf_oh_replace_key(s->qpdf, page, "/StructParents",
                        qpdf_oh_new_integer(s->qpdf, (long long)i));
    qpdf_oh_replace_key(s->qpdf, page, "/Tabs", qpdf_oh_new_name(s->qpdf, "/S"));
    qpdf_oh_remove_key(s->qpdf, page, "/Group"); /* nothing is transparent */
    return true;
}

const char *pdf_title(const struct pdf_sheet *sheet, const struct document *document) {
    struct text title = text_new(sheet->arena, 1 << 16);
    text_add(&title, document->title ? document->title : "");
    if (document->subtitle && *document->subtitle) text_addf(&title, " – %s", document->subtitle);
    return text_string(&title);
}

static void add_xml(struct text *out, const char *string) {
    for (const char *at = string; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '&')
            text_add(out, "&amp;");
        else if (c == '<')
            text_add(out, "&lt;");
        else if (c == '>')
            text_add(out, "&gt;");
        else
            text_add_char(out, c < 0x20 ? ' ' : *at);
    }
}

static void set_metadata(struct structure *s, qpdf_oh root, const char *title,
                         const char *language) {
    struct text xmp = text_new(s->sheet->arena, 1 << 18);
    text_add(&xmp, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                   "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                   "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                   "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
                   " xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\""
                   " xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">\n"
                   "<pdfuaid:part>1</pdfuaid:part>\n<pdf:Producer>Lærke</pdf:Producer>\n"
                   "<dc:language><rdf:Bag><rdf:li>");
    add_xml(&xmp, language);
    text_add(&xmp, "</rdf:li></rdf:Bag></dc:language>\n"
                   "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
    add_xml(&xmp, title);
    text_add(&xmp, "</rdf:li></rdf:Alt></dc:title>\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
                   "<?xpacket end=\"r\"?>\n");
    s->sheet->full |= !text_ok(&xmp);
    qpdf_oh stream = qpdf_oh_new_stream(s->qpdf), none = qpdf_oh_new_null(s->qpdf);
    qpdf_oh_replace_stream_data(s->qpdf, stream, (const unsigned char *)text_string(&xmp),
                                xmp.length, none, none);
    qpdf_oh dict = qpdf_oh_get_dict(s->qpdf, stream);
    qpdf_oh_replace_key(s->qpdf, dict, "/Type", qpdf_oh_new_name(s->qpdf, "/Metadata"));
    qpdf_oh_replace_key(s->qpdf, dict, "/Subtype", qpdf_oh_new_name(s->qpdf, "/XML"));
    qpdf_oh_replace_key(s->qpdf, root, "/Metadata", stream);
}

/* No dates and no random names: the same document is the same bytes. */
static void set_information(struct structure *s, const char *title) {
    qpdf_oh info = qpdf_oh_new_dictionary(s->qpdf);
    qpdf_oh_replace_key(s->qpdf, info, "/Title", qpdf_oh_new_unicode_string(s->qpdf, title));
    qpdf_oh_replace_key(s->qpdf, info, "/Producer", qpdf_oh_new_unicode_string(s->qpdf, "Lærke"));
    qpdf_oh_replace_key(s->qpdf, qpdf_get_trailer(s->qpdf), "/Info",
                        qpdf_make_indirect_object(s->qpdf, info));
}

static void set_catalogue(struct structure *s, const struct document *document) {
    qpdf_oh root = qpdf_get_root(s->qpdf);
    const char *title = pdf_title(s->sheet, document);
    qpdf_oh_replace_key(s->qpdf, root, "/StructTreeRoot", structure_tree(s));
    qpdf_oh outlines = structure_outlines(s);
    if (outlines) qpdf_oh_replace_key(s->qpdf, root, "/Outlines", outlines);
    qpdf_oh_replace_key(s->qpdf, root, "/Lang",
                        qpdf_oh_new_unicode_string(s->qpdf, document->language));
    qpdf_oh_replace_key(s->qpdf, root, "/MarkInfo", qpdf_oh_parse(s->qpdf, "<< /Marked true >>"));
    qpdf_oh_replace_key(s->qpdf, root, "/ViewerPreferences",
                        qpdf_oh_parse(s->qpdf, "<< /DisplayDocTitle true >>"));
    set_metadata(s, root, title, document->language);
    set_information(s, title);
}

static bool write_out(struct structure *s, struct pdf *out) {
    if (qpdf_init_write_memory(s->qpdf) & QPDF_ERRORS) return false;
    qpdf_set_object_stream_mode(s->qpdf, qpdf_o_generate);
    qpdf_set_compress_streams(s->qpdf, QPDF_TRUE);
    qpdf_set_deterministic_ID(s->qpdf, QPDF_TRUE);
    qpdf_force_pdf_version(s->qpdf, "1.7");
    if (qpdf_write(s->qpdf) & QPDF_ERRORS) return false;
    out->length = qpdf_get_buffer_length(s->qpdf);
    out->bytes =
        (unsigned char *)arena_copy_bytes(s->sheet->arena, qpdf_get_buffer(s->qpdf), out->length);
    out->pages = s->sheet->n_pages;
    s->sheet->full |= !out->bytes;
    return out->bytes != NULL;
}

static bool finish(struct structure *s, const struct document *document, struct pdf *out) {
    s->pages = arena_array(s->sheet->arena, s->sheet->n_pages, sizeof *s->pages);
    s->sheet->full |= !s->pages;
    if (!s->pages || qpdf_get_num_pages(s->qpdf) != (int)s->sheet->n_pages) return false;
    for (size_t i = 0; i < s->sheet->n_pages; i++) {
        s->pages[i] = qpdf_get_page_n(s->qpdf, i);
        if (!finish_page(s, i)) return false;
    }
    set_catalogue(s, document);
    return !s->sheet->full && !qpdf_has_error(s->qpdf) && write_out(s, out);
}

bool pdf_finish(struct pdf_sheet *sheet, const struct document *document,
                const unsigned char *bytes, size_t length, struct pdf *out) {
    struct structure s = { .qpdf = qpdf_init(), .sheet = sheet };
    qpdf_silence_errors(s.qpdf);
    qpdf_set_suppress_warnings(s.qpdf, QPDF_TRUE);
    bool ok =
        !(qpdf_read_memory(s.qpdf, "document", (const char *)bytes, length, NULL) & QPDF_ERRORS) &&
        finish(&s, document, out);
    qpdf_cleanup(&s.qpdf);
    return ok;
}

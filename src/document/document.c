#include "document/document.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

enum { TEXT_MAX = 1 << 20 };

struct document *document_create(struct arena *arena, const char *language, const char *title) {
    struct document *document = arena_alloc(arena, sizeof *document);
    if (!document) return NULL;
    document->arena = arena;
    document->language = language;
    document->title = title;
    return document;
}

bool document_ok(const struct document *document) { return document && !document->failed; }

void *document_array(struct document *document, size_t count, size_t size) {
    void *elements = arena_array(document->arena, count, size);
    if (!elements) document->failed = true;
    return elements;
}

/* A finished text, or "" with the document marked as failed. */
static const char *finish(struct document *document, struct text *text) {
    if (!text_ok(text)) document->failed = true;
    return text_string(text);
}

/* Is there a closing mark in what follows? */
static bool closes(const char *at) {
    for (; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (at[0] == '*' && at[1] == '*')
            return true;
    }
    return false;
}

static struct run **add_run(struct document *document, struct run **end, struct text *text,
                            bool strong) {
    if (text->length == 0) return end;
    struct run *run = document_array(document, 1, sizeof *run);
    if (!run) return end;
    run->text = finish(document, text);
    run->strong = strong;
    *text = text_new(document->arena, TEXT_MAX);
    *end = run;
    return &run->next;
}

struct run *document_runs(struct document *document, const char *marked) {
    struct run *first = NULL, **end = &first;
    struct text text = text_new(document->arena, TEXT_MAX);
    bool strong = false;
    for (const char *at = marked; *at; at++) {
        if (*at == '\\' && at[1]) {
            text_add_char(&text, *++at);
        } else if (at[0] == '*' && at[1] == '*' && (strong || closes(at + 2))) {
            end = add_run(document, end, &text, strong);
            strong = !strong;
            at++;
        } else {
            text_add_char(&text, *at);
        }
    }
    add_run(document, end, &text, strong);
    return first;
}

const char *document_escape(struct document *document, const char *text) {
    if (!strpbrk(text, "*\\")) return text;
    struct text out = text_new(document->arena, TEXT_MAX);
    for (; *text; text++) {
        if (*text == '*' || *text == '\\') text_add_char(&out, '\\');
        text_add_char(&out, *text);
    }
    return finish(document, &out);
}

struct block *add_block(struct document *document, enum block_kind kind) {
    struct block *block = document_array(document, 1, sizeof *block);
    if (!block) return NULL;
    block->kind = kind;
    if (document->last)
        document->last->next = block;
    else
        document->first = block;
    document->last = block;
    return block;
}

struct block *add_heading(struct document *document, int level, const char *text,
                          const char *anchor) {
    struct block *block = add_block(document, BLOCK_HEADING);
    struct run *run = document_array(document, 1, sizeof *run);
    if (!block || !run) return NULL;
    run->text = text;
    block->level = level;
    block->anchor = anchor;
    block->runs = run;
    return block;
}

struct block *add_paragraph(struct document *document, enum block_kind kind, const char *marked) {
    struct block *block = add_block(document, kind);
    if (block) block->runs = document_runs(document, marked);
    return block;
}

const char *runs_text(struct document *document, const struct run *runs) {
    struct text text = text_new(document->arena, TEXT_MAX);
    for (; runs; runs = runs->next) text_add(&text, runs->text);
    return finish(document, &text);
}

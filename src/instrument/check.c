#include "instrument/parse.h"

#include <string.h>

void check_items(struct parse *parse) {
    const struct instrument *instrument = parse->instrument;
    for (size_t i = 0; i < instrument->n_items; i++) {
        const char *id = instrument->items[i].id;
        size_t first = 0;
        while (strcmp(instrument->items[first].id, id) != 0) first++;
        if (*id && first < i)
            fault(parse, parse->item_trees[i], ERROR_ID("instrument.duplicate_item"),
                  ARG_TEXT("item", id), ARG_INT("first", parse->item_trees[first]->line));
    }
}

/* Names the items that stand in none of the lists; a second item of one id was named already. */
static void check_standing(struct parse *parse, const bool *stands, const char *id) {
    for (size_t i = 0; i < parse->instrument->n_items; i++)
        if (!stands[i] && *parse->items[i].id &&
            instrument_item(parse->instrument, parse->items[i].id) == (long)i)
            fault_args(parse, parse->item_trees[i]->line, id,
                       &ARG_TEXT("item", parse->items[i].id), 1);
}

void check_scales(struct parse *parse) {
    const struct instrument *instrument = parse->instrument;
    bool *stands = parse_array(parse, instrument->n_items, sizeof *stands);
    if (!stands || instrument->n_scales == 0) return;
    const struct tree *list = tree_member(parse->root, "scales");
    for (size_t s = 0; s < instrument->n_scales; s++) {
        const struct scale *scale = &instrument->scales[s];
        if (!scale->code) continue; /* not even an object: named already */
        for (size_t i = 0; i < scale->n_items; i++) stands[scale->items[i]] = true;
        for (size_t t = 0; t < s; t++)
            if (*scale->code && instrument->scales[t].code &&
                strcmp(instrument->scales[t].code, scale->code) == 0)
                fault(parse, &list->child[s], ERROR_ID("instrument.duplicate_scale"),
                      ARG_TEXT("scale", scale->code), ARG_INT("first", list->child[t].line));
    }
    check_standing(parse, stands, ERROR_ID("instrument.item_without_scale"));
}

void check_pages(struct parse *parse) {
    const struct instrument *instrument = parse->instrument;
    size_t *page_of = parse_array(parse, instrument->n_items, sizeof *page_of);
    bool *stands = parse_array(parse, instrument->n_items, sizeof *stands);
    if (!page_of || !stands || instrument->n_pages == 0) return;
    const struct tree *list = tree_member(parse->root, "pages");
    for (size_t p = 0; p < instrument->n_pages; p++) {
        for (size_t i = 0; i < instrument->pages[p].n_items; i++) {
            size_t item = instrument->pages[p].items[i];
            if (stands[item])
                fault(parse, &list->child[p], ERROR_ID("instrument.item_on_two_pages"),
                      ARG_TEXT("item", parse->items[item].id),
                      ARG_INT("first", list->child[page_of[item]].line));
            stands[item] = true;
            page_of[item] = p;
        }
    }
    check_standing(parse, stands, ERROR_ID("instrument.item_without_page"));
}

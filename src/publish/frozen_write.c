/* The results of a unit as canonical JSON: keys in one fixed order, no blanks, whole numbers
 * without a point, so that the same results are the same bytes. */
#include "publish/frozen.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

const char *frozen_text(const struct frozen_text *text, const char *language) {
    for (size_t i = 0; i < FROZEN_LANGUAGES && text->tag[i]; i++)
        if (strcmp(text->tag[i], language) == 0) return text->text[i] ? text->text[i] : "";
    return text->tag[0] && text->text[0] ? text->text[0] : "";
}

/* A JSON text being written: a comma stands before every member or element but the first. */
static void comma(struct text *out) {
    char last = out->length ? out->bytes[out->length - 1] : '[';
    if (last != '{' && last != '[' && last != ':') text_add_char(out, ',');
}

static void add_string(struct text *out, const char *string) {
    if (!text_is_utf8(string, strlen(string))) out->failed = true;
    text_add_char(out, '"');
    for (const char *at = string; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\')
            text_addf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            text_addf(out, "\\u%04x", c);
        else
            text_add_char(out, (char)c);
    }
    text_add_char(out, '"');
}

static void key(struct text *out, const char *name) {
    comma(out);
    text_addf(out, "\"%s\":", name);
}

static void put_text(struct text *out, const char *name, const char *value) {
    key(out, name);
    if (value)
        add_string(out, value);
    else
        text_add(out, "null");
}

static void put_int(struct text *out, const char *name, long long value) {
    key(out, name);
    text_addf(out, "%lld", value);
}

/* What is not known stands as null rather than as a number that means so. */
static void put_int_or_null(struct text *out, const char *name, long long value, bool known) {
    key(out, name);
    if (known)
        text_addf(out, "%lld", value);
    else
        text_add(out, "null");
}

static void put_bool(struct text *out, const char *name, bool value) {
    key(out, name);
    text_add(out, value ? "true" : "false");
}

static void put_real(struct text *out, const char *name, double value, int decimals) {
    key(out, name);
    if (!isfinite(value)) out->failed = true;
    text_addf(out, "%.*f", decimals, isfinite(value) ? value : 0);
}

static void put_pair(struct text *out, const char *name, int low, int high, bool known) {
    key(out, name);
    if (known)
        text_addf(out, "[%d,%d]", low, high);
    else
        text_add(out, "null");
}

static void begin(struct text *out, char bracket) {
    comma(out);
    text_add_char(out, bracket);
}

static void add_texts(struct text *out, const struct frozen_text *texts) {
    begin(out, '{');
    for (size_t i = 0; i < FROZEN_LANGUAGES && texts->tag[i]; i++)
        put_text(out, texts->tag[i], texts->text[i] ? texts->text[i] : "");
    text_add_char(out, '}');
}

static void put_texts(struct text *out, const char *name, const struct frozen_text *texts) {
    key(out, name);
    add_texts(out, texts);
}

static void add_unit(struct text *out, const struct frozen_unit *unit) {
    begin(out, '{');
    put_int(out, "id", unit->id);
    put_text(out, "kind", unit->kind);
    put_text(out, "code", unit->code);
    put_text(out, "name", unit->name);
    put_int_or_null(out, "parent", unit->parent, unit->parent != 0);
    put_int_or_null(out, "grade", unit->grade, unit->grade >= 0);
    text_add_char(out, '}');
}

static void put_units(struct text *out, const char *name, const struct frozen_unit *units,
                      size_t n) {
    key(out, name);
    text_add_char(out, '[');
    for (size_t i = 0; i < n; i++) add_unit(out, &units[i]);
    text_add_char(out, ']');
}

static void put_responses(struct text *out, const struct frozen *frozen) {
    key(out, "responses");
    text_add_char(out, '[');
    for (size_t i = 0; i < frozen->n_responses; i++) {
        const struct frozen_response *r = &frozen->responses[i];
        begin(out, '{');
        put_text(out, "respondent", r->respondent);
        put_bool(out, "shown", r->shown);
        if (r->shown) {
            put_int(out, "invited", r->invited);
            put_int(out, "n", r->n);
        }
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

static void put_items(struct text *out, const struct frozen_scale *scale) {
    put_int(out, "n_items", (long long)scale->n_items);
    if (!scale->items) return;
    key(out, "items");
    text_add_char(out, '[');
    for (size_t i = 0; i < scale->n_items; i++) {
        const struct frozen_item *item = &scale->items[i];
        begin(out, '{');
        put_text(out, "item", item->item);
        put_texts(out, "text", &item->text);
        key(out, "labels");
        text_add_char(out, '[');
        for (size_t k = 0; k < item->n_labels; k++) add_texts(out, &item->labels[k]);
        text_add(out, "]}");
    }
    text_add_char(out, ']');
}

static void put_answers(struct text *out, const struct frozen_part *part) {
    key(out, "categories");
    text_add_char(out, '[');
    for (size_t i = 0; i < part->n_categories; i++) {
        const struct frozen_answers *a = &part->categories[i];
        begin(out, '{');
        put_text(out, "item", a->item);
        put_bool(out, "shown", a->shown);
        if (a->shown) {
            put_int(out, "n", a->n);
            key(out, "shares");
            text_add_char(out, '[');
            for (size_t k = 0; k < a->n_shares; k++) text_addf(out, k ? ",%d" : "%d", a->shares[k]);
            text_add_char(out, ']');
        }
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

/* A part that is not shown has no number at all: whatever the structure holds, none is written. */
static void add_part(struct text *out, const struct frozen_scale *scale,
                     const struct frozen_part *part) {
    begin(out, '{');
    put_text(out, "part", part->part);
    put_bool(out, "shown", part->shown);
    put_text(out, "why", part->shown ? NULL : part->why);
    if (part->shown) {
        put_int(out, "n", part->n);
        put_int(out, "invited", part->invited);
        if (!scale->shares_only) {
            put_int(out, "mean", part->mean);
            put_real(out, "se", part->se, 1);
            put_int(out, "low", part->low);
            put_int(out, "high", part->high);
            put_int(out, "raw_mean", part->raw_mean);
            put_int_or_null(out, "sd", part->sd, part->sd > 0);
        }
        put_answers(out, part);
    }
    text_add_char(out, '}');
}

static bool part_is_shown(const struct frozen_scale *scale, const char *name) {
    for (size_t i = 0; i < scale->n_parts; i++)
        if (strcmp(scale->parts[i].part, name) == 0) return scale->parts[i].shown;
    return false;
}

static void put_comparisons(struct text *out, const struct frozen_scale *scale) {
    key(out, "comparisons");
    text_add_char(out, '[');
    for (size_t i = 0; i < scale->n_comparisons; i++) {
        const struct frozen_comparison *c = &scale->comparisons[i];
        /* A difference and its reference give the hidden mean away. */
        if (!part_is_shown(scale, c->part)) out->failed = true;
        begin(out, '{');
        put_text(out, "with", c->with);
        put_text(out, "part", c->part);
        put_int(out, "reference", c->reference);
        put_int(out, "difference", c->difference);
        put_int(out, "low", c->low);
        put_int(out, "high", c->high);
        put_text(out, "verdict", verdict_name(c->verdict));
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

static void put_link(struct text *out, const struct frozen_link *link) {
    if (link->base == 0) return;
    key(out, "link");
    text_add_char(out, '{');
    put_int(out, "base", link->base);
    put_bool(out, "trend", link->trend);
    put_int(out, "items", link->items);
    put_text(out, "dropped", link->dropped);
    if (link->error > 0)
        put_real(out, "error", link->error, 1);
    else
        put_text(out, "error", NULL);
    text_add_char(out, '}');
}

static void add_scale(struct text *out, const struct frozen_scale *scale) {
    const char goal[2] = { scale->goal, '\0' };
    begin(out, '{');
    put_text(out, "scale", scale->scale);
    put_text(out, "instrument", scale->instrument);
    put_text(out, "respondent", scale->respondent);
    put_text(out, "goal", scale->goal ? goal : NULL);
    put_bool(out, "teaching", scale->teaching);
    put_texts(out, "name", &scale->name);
    put_texts(out, "meaning", &scale->meaning);
    put_texts(out, "above", &scale->above);
    put_texts(out, "below", &scale->below);
    put_bool(out, "shares_only", scale->shares_only);
    put_items(out, scale);
    put_real(out, "reliability", scale->reliability, 2);
    put_link(out, &scale->link);
    put_pair(out, "axis", scale->axis_low, scale->axis_high, true);
    put_pair(out, "band", scale->band_low, scale->band_high, scale->band_low || scale->band_high);
    key(out, "parts");
    text_add_char(out, '[');
    for (size_t i = 0; i < scale->n_parts; i++) add_part(out, scale, &scale->parts[i]);
    text_add_char(out, ']');
    put_comparisons(out, scale);
    text_add_char(out, '}');
}

bool frozen_write(const struct frozen *frozen, struct text *out) {
    text_add(out, "{\"unit\":");
    add_unit(out, &frozen->unit);
    put_units(out, "path", frozen->path, frozen->n_path);
    put_units(out, "children", frozen->children, frozen->n_children);
    put_int(out, "wave", frozen->wave);
    put_text(out, "wave_name", frozen->wave_name);
    put_text(out, "opens", frozen->opens);
    put_text(out, "closes", frozen->closes);
    put_text(out, "publication", frozen->publication);
    put_text(out, "programme", frozen->programme);
    put_int(out, "minimum_group", frozen->minimum_group);
    put_responses(out, frozen);
    key(out, "scales");
    text_add_char(out, '[');
    for (size_t i = 0; i < frozen->n_scales; i++) add_scale(out, &frozen->scales[i]);
    text_add(out, "]}");
    return text_ok(out);
}

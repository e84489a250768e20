/* libFuzzer: any bytes as an instrument. What passes the check keeps the promises of instrument.h. */
#include "base/arena.h"
#include "instrument/instrument.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool promise) {
    if (!promise) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_create(256 * MIB);
    struct instrument *form;
    struct error_list faults;
    error_list_init(&faults, arena, 20);
    bool ok = instrument_parse(&form, "fuzz.json", (const char *)data, size, arena, &faults);
    hold(ok == (faults.total == 0) && ok == (form != NULL));
    for (size_t i = 0; i < faults.count; i++) hold(error_value(&faults.items[i], "file") != NULL);
    if (ok) {
        hold(form->n_items && form->n_scales && form->n_languages);
        for (size_t i = 0; i < form->n_items; i++) {
            hold(instrument_item(form, form->items[i].id) == (long)i);
            hold(form->items[i].n_categories >= 2 && form->items[i].n_categories <= CATEGORIES_MAX);
            hold(!form->n_pages || *instrument_text(form, form->items[i].text, "da"));
        }
        for (size_t s = 0; s < form->n_scales; s++) {
            hold(*instrument_text(form, form->scales[s].name, "en") && form->scales[s].n_items);
            for (size_t i = 0; i < form->scales[s].n_items; i++) hold(form->scales[s].items[i] < form->n_items);
        }
    }
    arena_destroy(arena);
    return 0;
}

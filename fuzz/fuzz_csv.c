/* libFuzzer: any bytes as a CSV file. Every cell that comes out must be valid UTF-8. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_create(64 * MIB);
    struct csv *csv;
    struct error error;
    if (csv_open_bytes(&csv, "fuzz.csv", (const char *)data, size, arena, &error)) {
        for (size_t calls = 0; calls <= size; calls++) {
            if (!csv_next(csv, &error) && !(csv_failed(csv) && error_is(&error, "csv.ragged"))) break;
            for (size_t i = 0; i < csv_columns(csv); i++) {
                const char *cell = csv_cell(csv, (int)i);
                if (!text_is_utf8(cell, strlen(cell))) abort();
            }
        }
    }
    arena_destroy(arena);
    return 0;
}

#include "collect/fold.h"
#include "collect/wave.h"

#include "base/arena.h"
#include "instrument/instrument.h"
#include "store/store.h"

#include <string.h>
#include <time.h>

/* One who was asked. */
struct slot {
    int64_t subject, assignment;
    size_t row;  /* of the sheet, from 1; 0: none */
    bool stored; /* an answer is there already */
};

struct saving {
    struct store *study;
    int wave;
    int64_t instrument;
    size_t n_items;
    const struct answer_sheet *sheet;
    struct arena *arena;
    struct import_summary *summary;
    struct error_list *faults;
    size_t n;
    struct slot *slots; /* by subject */
    uint8_t *vectors;   /* vectors[slot * n_items + item] */
    void (*progress)(void *, double);
    void *context;
};

static bool count_asked(struct saving *saving, struct error *error) {
    struct statement *s;
    if (!store_prepare(saving->study, &s,
                       "SELECT COUNT(*) FROM assignment WHERE wave = ?1 AND instrument = ?2", error))
        return false;
    bind_int(s, 1, saving->wave);
    bind_int(s, 2, saving->instrument);
    if (statement_step(s, error)) saving->n = (size_t)column_int(s, 0);
    return statement_end(s, error);
}

/* Everybody who was asked, with the answers they have. */
static bool read_slots(struct saving *saving, struct error *error) {
    struct statement *s;
    if (!count_asked(saving, error)) return false;
    saving->slots = arena_array(saving->arena, saving->n, sizeof *saving->slots);
    saving->vectors = arena_array(saving->arena, saving->n, saving->n_items);
    if (!saving->slots || !saving->vectors) return error_plain(error, "answers.memory");
    memset(saving->vectors, ANSWER_NOT_SEEN, saving->n * saving->n_items);
    if (!store_prepare(saving->study, &s,
                       "SELECT a.subject, a.id, w.vector FROM assignment a "
                       "LEFT JOIN answer w ON w.assignment = a.id "
                       "WHERE a.wave = ?1 AND a.instrument = ?2 ORDER BY a.subject", error))
        return false;
    bind_int(s, 1, saving->wave);
    bind_int(s, 2, saving->instrument);
    for (size_t i = 0; i < saving->n && statement_step(s, error); i++) {
        saving->slots[i] = (struct slot){ .subject = column_int(s, 0), .assignment = column_int(s, 1),
                                          .stored = !column_is_null(s, 2) };
        size_t length = 0;
        const void *vector = saving->slots[i].stored ? column_blob(s, 2, &length) : NULL;
        if (vector && length == saving->n_items)
            memcpy(saving->vectors + i * saving->n_items, vector, length);
    }
    return statement_end(s, error);
}

static struct slot *find(const struct saving *saving, int64_t subject) {
    size_t low = 0, high = saving->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (saving->slots[middle].subject < subject)
            low = middle + 1;
        else
            high = middle;
    }
    return low < saving->n && saving->slots[low].subject == subject ? &saving->slots[low] : NULL;
}

static void add_fault(struct saving *saving, struct error *fault, size_t row) {
    error_add(fault, ARG_TEXT("file", saving->sheet->path));
    error_add(fault, ARG_INT("line", saving->sheet->lines[row]));
    error_add(fault, ARG_TEXT("subject", saving->sheet->keys[row]));
    error_list_add(saving->faults, fault);
}

/* Gives each row of the sheet its slot; who was not asked, or stands twice, is a fault. */
static bool place_rows(struct saving *saving) {
    const struct answer_sheet *sheet = saving->sheet;
    size_t before = saving->faults->total;
    for (size_t row = 0; row < sheet->n_rows; row++) {
        struct slot *slot = find(saving, sheet->subjects[row]);
        struct error fault;
        if (slot && slot->row == 0) {
            slot->row = row + 1;
            continue;
        }
        if (slot)
            error_set(&fault, "answers.subject_twice", ARG_INT("first", sheet->lines[slot->row - 1]));
        else
            error_plain(&fault, "answers.not_asked");
        add_fault(saving, &fault, row);
    }
    return saving->faults->total == before;
}

/* Puts a row into its slot's vector: true when that changed it. */
static bool merge(struct saving *saving, size_t slot, bool *any) {
    const struct answer_sheet *sheet = saving->sheet;
    const uint8_t *codes = sheet->codes + (saving->slots[slot].row - 1) * sheet->n_columns;
    uint8_t *vector = saving->vectors + slot * saving->n_items;
    bool changed = false;
    for (size_t c = 0; c < sheet->n_columns; c++) {
        saving->summary->answers += codes[c] < CATEGORIES_MAX;
        changed |= vector[sheet->items[c]] != codes[c];
        vector[sheet->items[c]] = codes[c];
    }
    *any = false;
    for (size_t i = 0; i < saving->n_items; i++) *any |= vector[i] < CATEGORIES_MAX;
    return changed;
}

static bool write_slot(struct saving *saving, size_t slot, bool any, int64_t now, struct error *error) {
    int64_t assignment = saving->slots[slot].assignment;
    return answer_write(saving->study, assignment, saving->vectors + slot * saving->n_items,
                        saving->n_items, now, error) &&
           assignment_set_state(saving->study, assignment, any ? "submitted" : "open", error);
}

static bool write_all(struct saving *saving, struct error *error) {
    int64_t now = (int64_t)time(NULL);
    for (size_t i = 0; i < saving->n; i++) {
        bool any;
        if (saving->slots[i].row == 0) continue;
        saving->summary->rows++;
        if (!merge(saving, i, &any)) {
            saving->summary->unchanged++;
            continue;
        }
        saving->summary->changed++;
        if (!write_slot(saving, i, any, now, error)) return false;
        if (saving->progress && i % 1024 == 0)
            saving->progress(saving->context, (double)i / (double)saving->n);
    }
    return true;
}

/* Within the transaction. False with an error, or with faults and no error. */
static bool save(struct saving *saving, struct error *error) {
    struct wave wave;
    if (!wave_get(saving->study, saving->wave, &wave, error)) return false;
    if (strcmp(wave.state, "open") != 0)
        return error_set(error, "wave.not_open", ARG_INT("wave", saving->wave));
    return read_slots(saving, error) && place_rows(saving) && write_all(saving, error) &&
           store_commit(saving->study, error);
}

bool answers_save(struct store *study, int wave, int64_t instrument, size_t n_items,
                  const struct answer_sheet *sheet, void (*progress)(void *, double), void *context,
                  struct arena *arena, struct import_summary *summary, struct error_list *faults) {
    *summary = (struct import_summary){ 0 };
    struct saving saving = { .study = study, .wave = wave, .instrument = instrument,
                             .n_items = n_items, .sheet = sheet, .arena = arena, .summary = summary,
                             .faults = faults, .progress = progress, .context = context };
    struct error error = { 0 };
    if (store_begin(study, &error)) {
        if (save(&saving, &error)) return true;
        store_rollback(study);
    }
    if (*error.id) error_list_add(faults, &error);
    return false;
}

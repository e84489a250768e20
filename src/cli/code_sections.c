/* What is printed about codes: who gets a letter, and who a slip. */
#include "cli/code_sections.h"

#include "base/arena.h"
#include "base/text.h"

static bool is_pupil(const struct letter *letter) {
    return letter->respondent == RESPONDENT_PUPIL || letter->respondent == RESPONDENT_PUPIL_YOUNG;
}

static const char *full_name(const struct letter *letter, struct arena *arena) {
    struct text text = text_new(arena, 2 * NAME_MAX_BYTES + 2);
    text_addf(&text, "%s%s%s", letter->given, *letter->given && *letter->family ? " " : "",
              letter->family);
    return text_string(&text);
}

static const char *shown_code(const struct letter *letter, struct arena *arena) {
    char shown[CODE_SHOWN];
    code_print(letter->code, shown);
    const char *copy = arena_copy(arena, shown);
    return copy ? copy : "";
}

/* "4.b" and its school; staff belong to a school. */
static void name_units(const struct units *units, int64_t id, const char **unit,
                       const char **school) {
    const struct unit *own = &units->unit[units_by_id(units, id)];
    *unit = own->kind == UNIT_CLASS ? own->name : "";
    *school = own->kind == UNIT_CLASS && own->parent > 0 ? units->unit[own->parent].name
                                                         : own->name;
}

static struct print_section letter_section(const struct units *units, const struct letter *letter,
                                           struct arena *arena) {
    struct print_section section = { .kind = PRINT_LETTER };
    struct letter_page *page = &section.letter;
    page->to = letter->respondent == RESPONDENT_PARENT          ? LETTER_PARENT
               : letter->respondent == RESPONDENT_CLASS_TEACHER ? LETTER_CLASS_TEACHER
                                                                : LETTER_STAFF;
    page->receiver = full_name(letter, arena);
    /* Staff get theirs at the school, whatever address the roster has. */
    page->address = letter->respondent == RESPONDENT_PARENT ? letter->address : "";
    page->child = letter->child;
    page->code = shown_code(letter, arena);
    page->languages = letter->languages;
    page->n_languages = letter->n_languages;
    name_units(units, letter->unit, &page->unit, &page->school);
    return section;
}

/* The pupils of one class, who stand side by side. Returns how many. */
static size_t class_section(const struct units *units, const struct letter *letters, size_t n,
                            struct arena *arena, struct print_section *out) {
    struct slips_page *class = &out->class;
    size_t count = 1;
    while (count < n && is_pupil(&letters[count]) && letters[count].unit == letters[0].unit)
        count++;
    struct slip *slips = arena_array(arena, count, sizeof *slips);
    for (size_t i = 0; slips && i < count; i++)
        slips[i] = (struct slip){ full_name(&letters[i], arena), shown_code(&letters[i], arena) };
    *class = (struct slips_page){ .slips = slips, .n = slips ? count : 0 };
    name_units(units, letters[0].unit, &class->unit, &class->school);
    return count;
}

struct print_section *code_sections(const struct units *units, const struct letter *letters,
                                    size_t n, struct arena *arena, size_t *n_sections) {
    struct print_section *sections = arena_array(arena, 2 * n + 1, sizeof *sections);
    size_t made = 0;
    for (size_t i = 0; sections && i < n;) {
        if (!is_pupil(&letters[i])) {
            sections[made++] = letter_section(units, &letters[i++], arena);
            continue;
        }
        struct print_section *list = &sections[made++], *slips = &sections[made++];
        i += class_section(units, &letters[i], n - i, arena, list);
        *slips = *list;
        list->kind = PRINT_LIST;
        slips->kind = PRINT_SLIPS;
    }
    *n_sections = made;
    return sections;
}

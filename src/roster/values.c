/* What the cells of a roster may say, in Danish and English. */
#include "roster/import.h"

#include "base/text.h"

#include <string.h>

struct word {
    const char *word;
    int value;
};

/* Compares without regard to case: ASCII, and the Danish letters in their two bytes. */
static bool same_word(const char *a, const char *b) {
    for (; *a && *b; a++, b++) {
        unsigned char x = (unsigned char)*a, y = (unsigned char)*b;
        if (x >= 'A' && x <= 'Z') x = (unsigned char)(x + 32);
        if (x >= 0x80 && x <= 0x9E && y >= 0xA0) x = (unsigned char)(x + 32); /* Æ Ø Å after 0xC3 */
        if (x != y) return false;
    }
    return *a == *b;
}

static bool look_up(const struct word *words, size_t n, const char *cell, int *value) {
    for (size_t i = 0; i < n; i++) {
        if (!same_word(cell, words[i].word)) continue;
        *value = words[i].value;
        return true;
    }
    return false;
}
#define LOOK_UP(words, cell, value)                                                                \
    look_up((words), sizeof(words) / sizeof *(words), (cell), (value))

bool read_gender(const char *cell, int8_t *out) {
    static const struct word words[] = {
        { "", GENDER_NONE }, { "na", GENDER_NONE }, { "f", 'f' },     { "k", 'f' },
        { "w", 'f' },        { "pige", 'f' },       { "girl", 'f' },  { "kvinde", 'f' },
        { "female", 'f' },   { "woman", 'f' },      { "m", 'm' },     { "d", 'm' },
        { "dreng", 'm' },    { "boy", 'm' },        { "mand", 'm' },  { "male", 'm' },
        { "man", 'm' },      { "x", 'x' },          { "andet", 'x' }, { "other", 'x' },
    };
    int value;
    if (!LOOK_UP(words, cell, &value)) return false;
    *out = (int8_t)value;
    return true;
}

bool read_flag(const char *cell, int8_t *out) {
    static const struct word words[] = {
        { "", 0 },      { "0", 0 },     { "nej", 0 },  { "n", 0 },    { "no", 0 },
        { "false", 0 }, { "falsk", 0 }, { "1", 1 },    { "ja", 1 },   { "j", 1 },
        { "yes", 1 },   { "y", 1 },     { "true", 1 }, { "sand", 1 }, { "x", 1 },
    };
    int value;
    if (!LOOK_UP(words, cell, &value)) return false;
    *out = (int8_t)value;
    return true;
}

bool read_unit_kind(const char *cell, enum unit_kind *out) {
    static const struct word words[] = {
        { "municipality", UNIT_MUNICIPALITY },
        { "kommune", UNIT_MUNICIPALITY },
        { "institution", UNIT_INSTITUTION },
        { "school", UNIT_SCHOOL },
        { "skole", UNIT_SCHOOL },
        { "matrikel", UNIT_SCHOOL },
        { "class", UNIT_CLASS },
        { "klasse", UNIT_CLASS },
        { "team", UNIT_TEAM },
    };
    int value;
    if (!LOOK_UP(words, cell, &value)) return false;
    *out = (enum unit_kind)value;
    return true;
}

static const char *const roles[STAFF_ROLES] = {
    [STAFF_TEACHER] = "teacher",
    [STAFF_PEDAGOGUE] = "pedagogue",
    [STAFF_LEADER] = "leader",
    [STAFF_CLASS_TEACHER] = "class_teacher",
};

const char *staff_role_name(enum staff_role role) { return roles[role]; }

bool read_staff_role(const char *cell, enum staff_role *out) {
    static const struct word words[] = {
        { "teacher", STAFF_TEACHER },
        { "lærer", STAFF_TEACHER },
        { "laerer", STAFF_TEACHER },
        { "pedagogue", STAFF_PEDAGOGUE },
        { "pædagog", STAFF_PEDAGOGUE },
        { "paedagog", STAFF_PEDAGOGUE },
        { "leader", STAFF_LEADER },
        { "leder", STAFF_LEADER },
        { "skoleleder", STAFF_LEADER },
        { "principal", STAFF_LEADER },
        { "class_teacher", STAFF_CLASS_TEACHER },
        { "class teacher", STAFF_CLASS_TEACHER },
        { "klasselærer", STAFF_CLASS_TEACHER },
        { "klasselaerer", STAFF_CLASS_TEACHER },
    };
    int value;
    if (!LOOK_UP(words, cell, &value)) return false;
    *out = (enum staff_role)value;
    return true;
}

const char *person_kind_name(enum person_kind kind) {
    static const char *const kinds[PERSON_KINDS] = { "pupil", "guardian", "staff" };
    return kinds[kind];
}

bool read_grade(const char *cell, int *out) {
    long long grade;
    *out = GRADE_NONE;
    if (same_word(cell, "") || same_word(cell, "na")) return true;
    /* "4", "4." and "4. klasse" */
    char digits[4] = "";
    size_t n = strspn(cell, "0123456789");
    if (n == 0 || n > 2) return false;
    memcpy(digits, cell, n);
    const char *rest = cell + n;
    if (*rest == '.') rest++;
    while (*rest == ' ') rest++;
    if (*rest && !same_word(rest, "klasse") && !same_word(rest, "grade")) return false;
    if (!text_to_int(digits, 0, GRADE_MAX, &grade)) return false;
    *out = (int)grade;
    return true;
}

int class_grade(const char *name) {
    size_t n = strspn(name, "0123456789");
    if (n == 0 || n > 2) return GRADE_NONE;
    int grade = n == 1 ? name[0] - '0' : (name[0] - '0') * 10 + name[1] - '0';
    const char *rest = name + n;
    rest += strspn(rest, ". -");
    /* A letter must follow: "4" or "102" may be any number a school gives its classes. */
    bool letter = (*rest >= 'A' && *rest <= 'Z') || (*rest >= 'a' && *rest <= 'z') ||
                  (unsigned char)*rest >= 0x80;
    return letter && grade <= GRADE_MAX ? grade : GRADE_NONE;
}

#include "roster/column.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "exchange/csv.h"

#include <string.h>

enum { U = 1 << FILE_UNITS, P = 1 << FILE_PUPILS, G = 1 << FILE_GUARDIANS, S = 1 << FILE_STAFF };
enum {
    CODE_BYTES = CODE_MAX - 1,
    NAME_BYTES = NAME_MAX_BYTES - 1,
    EMAIL_BYTES = 254,
    ADDRESS_BYTES = 500
};

/* Names as fold() leaves them, each between blanks. A name may mean different things in different
 * files (the parent of a unit, the parent of a child). */
static const struct {
    enum field field;
    int files;
    size_t max;
    const char *names;
} fields[] = {
    { FIELD_KIND, U, CODE_BYTES, " kind type enhedstype art " },
    { FIELD_CODE, U, CODE_BYTES, " code kode enhed unit enhedskode id " },
    { FIELD_PARENT, U, PATH_CODES_MAX - 1,
      " parent overordnet overenhed parentunit forældreenhed " },
    { FIELD_NAME, U | P | G | S, NAME_BYTES, " name navn fullname fuldenavn enhedsnavn " },
    { FIELD_MUNICIPALITY, P | S, CODE_BYTES,
      " municipality kommune kommunekode kommunenr kommunenummer municipalitycode " },
    { FIELD_MUNICIPALITY_NAME, P | S, NAME_BYTES, " municipalityname kommunenavn " },
    { FIELD_INSTITUTION, P | S, CODE_BYTES,
      " institution institutionskode institutionsnr institutionsnummer institutioncode " },
    { FIELD_INSTITUTION_NAME, P | S, NAME_BYTES, " institutionname institutionsnavn " },
    { FIELD_SCHOOL, P | S, CODE_BYTES,
      " school skole skolekode skolenr skolenummer schoolcode schoolid skoleid matrikel " },
    { FIELD_SCHOOL_NAME, P | S, NAME_BYTES, " schoolname skolenavn skolensnavn " },
    { FIELD_CLASS, P | S, CODE_BYTES, " class klasse klassekode classcode classid klasseid " },
    { FIELD_CLASS_NAME, P | S, NAME_BYTES, " classname klassenavn " },
    { FIELD_PUPIL, P, CODE_BYTES,
      " pupil elev elevid elevkode elevnr elevnummer pupilid student studentid uniid unilogin "
      "id " },
    { FIELD_PUPIL, G, CODE_BYTES,
      " child barn barnid childid pupil elev elevid elevkode elevnr elevnummer pupilid " },
    { FIELD_GUARDIAN, G, CODE_BYTES,
      " guardian guardianid forælder foraelder forælderid foraelderid parent parentid person "
      "personid værge vaerge voksen " },
    { FIELD_STAFF, S, CODE_BYTES,
      " staff staffid medarbejder medarbejderid medarbejdernr ansat employee employeeid person "
      "personid uniid unilogin id " },
    { FIELD_ROLE, S, CODE_BYTES, " role rolle stilling " },
    { FIELD_GIVEN, P | G | S, NAME_BYTES, " givenname firstname fornavn fornavne " },
    { FIELD_FAMILY, P | G | S, NAME_BYTES, " familyname lastname surname efternavn " },
    { FIELD_GENDER, P, CODE_BYTES, " gender sex køn koen " },
    { FIELD_GRADE, U | P, CODE_BYTES, " grade klassetrin trin årgang aargang " },
    { FIELD_EMAIL, G | S, EMAIL_BYTES, " email mail epost mailadresse emailadresse " },
    { FIELD_ADDRESS, G, ADDRESS_BYTES, " address adresse postaladdress postadresse " },
    { FIELD_CUSTODY, G, CODE_BYTES, " custody forældremyndighed foraeldremyndighed myndighed " },
    { FIELD_PROTECTED, G, CODE_BYTES,
      " protected protectedaddress beskyttet adressebeskyttelse adressebeskyttet beskyttetadresse "
      "navneogadressebeskyttelse navneogadressebeskyttet " },
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

size_t field_max(enum field field) {
    for (size_t i = 0; i < N_FIELDS; i++)
        if (fields[i].field == field) return fields[i].max;
    return 0;
}

/* " klassetrin " for "Klasse-trin": small letters and digits, between blanks. */
static void fold(const char *name, char *out, size_t size) {
    size_t n = 0;
    out[n++] = ' ';
    for (uint32_t c; (c = text_next(&name)) && n + 6 < size;) {
        if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7)) c += 32;
        if (c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) continue;
        n += text_encode(c, out + n);
    }
    out[n++] = ' ';
    out[n] = '\0';
}

static int field_of(const char *folded, int file) {
    for (size_t i = 0; i < N_FIELDS; i++)
        if ((fields[i].files & file) && strlen(folded) > 2 && strstr(fields[i].names, folded))
            return (int)fields[i].field;
    return -1;
}

/* Fills the columns as a file of that kind has them; *twice gets a column whose field another has.
 */
static void map_columns(struct source *source, enum file_kind kind, int *twice) {
    char folded[512];
    *twice = -1;
    for (int f = 0; f < FIELD_COUNT; f++) source->column[f] = -1;
    for (size_t i = 0; i < csv_columns(source->csv); i++) {
        if (source->dropped[i]) continue;
        fold(csv_column_name(source->csv, i), folded, sizeof folded);
        int field = field_of(folded, 1 << kind);
        if (field < 0) continue;
        if (source->column[field] >= 0)
            *twice = (int)i;
        else
            source->column[field] = (int)i;
    }
}

static bool has(const struct source *source, enum field field) {
    return source->column[field] >= 0;
}

static bool complete(const struct source *s, enum file_kind kind) {
    switch (kind) {
    case FILE_UNITS: return has(s, FIELD_KIND) && has(s, FIELD_CODE);
    case FILE_PUPILS: return has(s, FIELD_PUPIL) && (has(s, FIELD_CLASS) || has(s, FIELD_SCHOOL));
    case FILE_GUARDIANS: return has(s, FIELD_PUPIL) && has(s, FIELD_GUARDIAN);
    case FILE_STAFF: return has(s, FIELD_STAFF) && has(s, FIELD_ROLE);
    case FILE_KINDS: break;
    }
    return false;
}

bool source_recognise(struct source *source, struct error *error) {
    /* A guardians file has a column of pupils too, so the kinds with more of their own come first.
     */
    static const enum file_kind order[] = { FILE_UNITS, FILE_GUARDIANS, FILE_STAFF, FILE_PUPILS };
    for (size_t i = 0; i < FILE_KINDS; i++) {
        int twice;
        map_columns(source, order[i], &twice);
        if (!complete(source, order[i])) continue;
        source->kind = order[i];
        return twice < 0 ||
               error_set(error, "roster.two_columns", ARG_TEXT("file", source->path),
                         ARG_TEXT("column", csv_column_name(source->csv, (size_t)twice)));
    }
    return error_set(error, "roster.unknown_file", ARG_TEXT("file", source->path));
}

size_t source_drop(struct source *source, const char *name) {
    char wanted[512], folded[512];
    size_t n = 0;
    fold(name, wanted, sizeof wanted);
    for (size_t i = 0; i < csv_columns(source->csv); i++) {
        fold(csv_column_name(source->csv, i), folded, sizeof folded);
        if (strcmp(wanted, folded) != 0) continue;
        source->dropped[i] = true;
        n++;
    }
    return n;
}

void source_ignored(const struct source *source, struct text *out, size_t *n) {
    enum { NAMED = 8 };
    for (size_t i = 0; i < csv_columns(source->csv); i++) {
        bool known = source->dropped[i];
        for (int f = 0; f < FIELD_COUNT; f++) known = known || source->column[f] == (int)i;
        if (known) continue;
        if (++*n <= NAMED)
            text_addf(out, "%s%.60s", *n > 1 ? ", " : "", csv_column_name(source->csv, i));
    }
}

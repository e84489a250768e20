/* Results come as text; a bytea as hexadecimal digits. */
#include "store/postgres.h"

#include <stdlib.h>

bool postgres_is_null(struct statement *statement, int index) {
    const PGresult *row = postgres_of(statement)->row;
    return index < 0 || index >= PQnfields(row) || PQgetisnull(row, 0, index);
}

double postgres_real(struct statement *statement, int index) {
    return postgres_is_null(statement, index)
               ? 0.0
               : strtod(PQgetvalue(postgres_of(statement)->row, 0, index), NULL);
}

int64_t postgres_whole(struct statement *statement, int index) {
    if (postgres_is_null(statement, index)) return 0;
    const char *value = PQgetvalue(postgres_of(statement)->row, 0, index);
    switch (PQftype(postgres_of(statement)->row, index)) {
    case TYPE_BOOL: return *value == 't';
    case TYPE_FLOAT4:
    case TYPE_FLOAT8: {
        double number = strtod(value, NULL);
        return number >= 9.2233720368547748e18    ? INT64_MAX
               : number <= -9.2233720368547748e18 ? INT64_MIN
                                                  : (int64_t)number;
    }
    default: return strtoll(value, NULL, 10);
    }
}

const char *postgres_text(struct statement *statement, int index) {
    return postgres_is_null(statement, index) ? NULL
                                              : PQgetvalue(postgres_of(statement)->row, 0, index);
}

static unsigned nibble(char c) { return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) & 15u; }

/* A bytea arrives as \x0a1b…, and is decoded in place, once. */
const void *postgres_blob(struct statement *statement, int index, size_t *length) {
    struct postgres_statement *s = postgres_of(statement);
    if (postgres_is_null(statement, index)) return NULL;
    char *value = PQgetvalue(s->row, 0, index);
    *length = (size_t)PQgetlength(s->row, 0, index);
    if (PQftype(s->row, index) != TYPE_BYTEA) return value;
    if (index >= s->n_decoded) {
        int n = PQnfields(s->row);
        size_t *decoded = realloc(s->decoded, (size_t)n * sizeof *decoded);
        if (!decoded) return NULL;
        for (int i = s->n_decoded; i < n; i++) decoded[i] = 0;
        s->decoded = decoded;
        s->n_decoded = n;
    }
    if (s->decoded[index] == 0) {
        size_t bytes = (*length - 2) / 2;
        for (size_t i = 0; i < bytes; i++)
            value[i] = (char)(nibble(value[2 + 2 * i]) << 4 | nibble(value[3 + 2 * i]));
        s->decoded[index] = bytes + 1;
    }
    *length = s->decoded[index] - 1;
    return value;
}

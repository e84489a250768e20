#include "collect/code.h"

#include "store/programme.h"

#include <sodium.h>
#include <string.h>

static const char ALPHABET[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
enum { BITS = 5, LETTERS = 1 << BITS, GROUP = 4 };

bool collect_keys_read(const struct programme *programme, struct collect_keys *out,
                       struct error *error) {
    _Static_assert((int)COLLECT_KEY_BYTES == (int)KEY_BYTES, "keys are as long as the folder's");
    return programme_key(programme, "code", out->code, error) &&
           programme_key(programme, "tag", out->tag, error) &&
           programme_key(programme, "grant", out->grant, error);
}

/* ---- the check character ---- */

/* Times x in GF(2⁵) = GF(2)[x]/(x⁵ + x² + 1). */
static unsigned times_x(unsigned a) {
    a <<= 1;
    return a & LETTERS ? a ^ (LETTERS | 5) : a;
}

/* Σ value · xⁱ by Horner's rule. The weights x¹, x² … are different and none is 0 as long as there
 * are fewer places than 31, so a single fault and a swap of any two places change the sum. */
static unsigned check_sum(const unsigned char *value, size_t n) {
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) sum = times_x(sum ^ value[i]);
    return sum;
}

static size_t spell(const unsigned char *value, size_t n, char *out) {
    for (size_t i = 0; i < n; i++) out[i] = ALPHABET[value[i]];
    out[n] = ALPHABET[check_sum(value, n)];
    out[n + 1] = '\0';
    return n + 1;
}

/* ---- codes ---- */

static void put(unsigned char *at, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) at[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *at, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) value |= (uint64_t)at[i] << (8 * i);
    return value;
}

void code_derive(const struct collect_keys *keys, int64_t assignment, int generation, size_t length,
                 char out[CODE_TEXT]) {
    unsigned char message[8 + 4 + 1], mac[32], value[CODE_ADULT];
    put(message, (uint64_t)assignment, 8);
    put(message + 8, (uint64_t)generation, 4);
    message[12] = (unsigned char)length;
    crypto_generichash(mac, sizeof mac, message, sizeof message, keys->code, sizeof keys->code);
    for (size_t i = 0; i < length; i++) value[i] = mac[i] % LETTERS;
    spell(value, length, out);
    sodium_memzero(mac, sizeof mac);
}

bool code_read(const char *typed, char out[CODE_TEXT]) {
    unsigned char value[CODE_TEXT];
    size_t n = 0;
    for (const char *at = typed; *at; at++) {
        if (*at == ' ' || *at == '-' || *at == '\t' || *at == '\n' || *at == '\r') continue;
        char letter = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
        const char *found = strchr(ALPHABET, letter);
        if (!found || n == CODE_ADULT + 1) return false;
        value[n++] = (unsigned char)(found - ALPHABET);
    }
    if (n != CODE_PUPIL + 1 && n != CODE_ADULT + 1) return false;
    spell(value, n - 1, out);
    return out[n - 1] == ALPHABET[value[n - 1]];
}

void code_print(const char *code, char out[CODE_SHOWN]) {
    size_t n = 0;
    for (size_t i = 0; code[i]; i++) {
        if (i && i % GROUP == 0 && code[i + 1]) out[n++] = '-';
        out[n++] = code[i];
    }
    out[n] = '\0';
}

void code_tag(const struct collect_keys *keys, const char *code,
              unsigned char out[CODE_TAG_BYTES]) {
    crypto_generichash(out, CODE_TAG_BYTES, (const unsigned char *)code, strlen(code), keys->tag,
                       sizeof keys->tag);
}

/* ---- grants ---- */

enum { GRANT_PLAIN = GRANT_BYTES - 32 };

static void seal(const struct collect_keys *keys, const unsigned char *plain, unsigned char *mac) {
    crypto_generichash(mac, 32, plain, GRANT_PLAIN, keys->grant, sizeof keys->grant);
}

void grant_write(const struct collect_keys *keys, const struct grant *grant, char out[GRANT_TEXT]) {
    unsigned char bytes[GRANT_BYTES];
    const int64_t longs[] = { grant->assignment, grant->instrument, grant->device, grant->expires };
    const int32_t shorts[] = { grant->wave, grant->generation, grant->page, grant->grade,
                               grant->first };
    for (size_t i = 0; i < 4; i++) put(bytes + 8 * i, (uint64_t)longs[i], 8);
    for (size_t i = 0; i < 5; i++) put(bytes + 32 + 4 * i, (uint32_t)shorts[i], 4);
    seal(keys, bytes, bytes + GRANT_PLAIN);
    sodium_bin2hex(out, GRANT_TEXT, bytes, sizeof bytes);
}

bool grant_read(const struct collect_keys *keys, const char *text, struct grant *out) {
    unsigned char bytes[GRANT_BYTES], mac[32];
    size_t n = 0;
    if (!text || strlen(text) != GRANT_TEXT - 1 ||
        sodium_hex2bin(bytes, sizeof bytes, text, GRANT_TEXT - 1, NULL, &n, NULL) != 0 ||
        n != sizeof bytes)
        return false;
    seal(keys, bytes, mac);
    if (sodium_memcmp(mac, bytes + GRANT_PLAIN, sizeof mac) != 0) return false;
    *out = (struct grant){ .assignment = (int64_t)get(bytes, 8),
                           .instrument = (int64_t)get(bytes + 8, 8),
                           .device = (int64_t)get(bytes + 16, 8),
                           .expires = (int64_t)get(bytes + 24, 8),
                           .wave = (int32_t)get(bytes + 32, 4),
                           .generation = (int32_t)get(bytes + 36, 4),
                           .page = (int32_t)get(bytes + 40, 4),
                           .grade = (int32_t)get(bytes + 44, 4),
                           .first = (int32_t)get(bytes + 48, 4) };
    return true;
}

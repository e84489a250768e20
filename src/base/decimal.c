#include "base/decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 10 };
__extension__ typedef unsigned __int128 wide;

static const uint64_t power_of_ten[] = {
    1,           10,           100,           1000,           10000,
    100000,      1000000,      10000000,      100000000,      1000000000,
    10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000
};

/* value × 10^power, rounded to a whole number: exact, as 53 bits times 47 fit into 128. value =
 * fraction 2^−shift. */
static uint64_t scaled(uint64_t fraction, int shift, int power) {
    wide product = (wide)fraction * power_of_ten[power];
    wide rest = product & (((wide)1 << shift) - 1), half = (wide)1 << (shift - 1);
    uint64_t whole = (uint64_t)(product >> shift);
    return whole + (rest > half || (rest == half && (whole & 1)));
}

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* Ten digits, and where the point is: behind the first `before` of them. */
static size_t write_digits(char *out, uint64_t digits, int before) {
    char text[DIGITS];
    size_t n = DIGITS, length = 0;
    for (size_t k = DIGITS; k > 0; digits /= 100)
        memcpy(text + (k -= 2), pairs + 2 * (digits % 100), 2);
    while (n > 1 && n > (before > 0 ? (size_t)before : 0) && text[n - 1] == '0') n--;
    if (before <= 0) {
        out[length++] = '0';
        out[length++] = '.';
        for (int k = before; k < 0; k++) out[length++] = '0';
        memcpy(out + length, text, n);
        return length + n;
    }
    memcpy(out, text, (size_t)before);
    length = (size_t)before;
    if (n == length) return length;
    out[length] = '.';
    memcpy(out + length + 1, text + length, n - length);
    return n + 1;
}

/* Where the C library writes an exponent, or more than ten digits before the point. */
static size_t write_rare(char *out, double value) {
    char text[DECIMAL_MAX + 16];
    int n = snprintf(text, sizeof text, "%.*g", DIGITS, value);
    size_t length = n > 0 && n <= DECIMAL_MAX ? (size_t)n : 0;
    for (size_t k = 0; k < length; k++) out[k] = text[k] == ',' ? '.' : text[k];
    return length;
}

size_t decimal_write(char out[DECIMAL_MAX], double value) {
    double size = fabs(value);
    if (!(size >= 1e-4 && size < 9e9)) return write_rare(out, value);
    uint64_t bits;
    memcpy(&bits, &size, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    uint64_t fraction = (bits & 0xfffffffffffffu) | 1ull << 52, digits;
    /* log10 2 = 0.30103: the power of ten at or one below that of the number. */
    int before = (int)floor(exponent * 0.30103) + 1;
    digits = scaled(fraction, 52 - exponent, DIGITS - before);
    if (digits >= power_of_ten[DIGITS]) {
        before++;
        digits = scaled(fraction, 52 - exponent, DIGITS - before);
    }
    size_t sign = value < 0;
    if (sign) out[0] = '-';
    return sign + write_digits(out + sign, digits, before);
}

size_t decimal_write_count(char out[DECIMAL_MAX], size_t value) {
    char text[DECIMAL_MAX];
    size_t n = 0;
    do text[DECIMAL_MAX - ++n] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    memcpy(out, text + DECIMAL_MAX - n, n);
    return n;
}

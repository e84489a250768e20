/* decimal.h - numbers as text, for files of many of them.
 *
 * Layer: base. Pure.
 */
#ifndef LAERKE_BASE_DECIMAL_H
#define LAERKE_BASE_DECIMAL_H

#include <stddef.h>

enum { DECIMAL_MAX = 24 }; /* bytes of the longest, and more */

/* What printf("%.10g") writes of a finite number, with a point whatever the locale, correctly
 * rounded (half to even), in a tenth of its time. No NUL; returns the number of bytes. */
size_t decimal_write(char out[DECIMAL_MAX], double value);

/* A whole number from 0 up. */
size_t decimal_write_count(char out[DECIMAL_MAX], size_t value);

#endif
